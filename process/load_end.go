package process

func (k End) load(c *chainLoader, s *Step, outcome *node) keys {
	s.Title = Text{ZH: "结束", EN: "End"}
	if name, ok := c.identifier(outcome); ok {
		k.Outcome = name
		s.Title = Text{ZH: "结束：" + name, EN: "End: " + name}
	}
	s.Do = k
	return nil
}
