package process

var setTitle = Text{ZH: "更新记录", EN: "Change the record"}

func (k Set) load(c *chainLoader, s *Step, fields *node) keys {
	s.Title = setTitle
	k.Fields = c.assignsIn(s, fields)
	s.Do = k
	return keys{"then": func(v *node) { s.Then = c.way(s, v, "then") }}
}
