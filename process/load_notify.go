package process

func (k Notify) load(c *chainLoader, s *Step, title *node) keys {
	s.Title = c.title(title)
	c.after(func() {
		if n, ok := s.Do.(Notify); ok && len(n.To) == 0 {
			c.problemAt(s.At.Line, s.At.Column, "`notify` 没有写通知谁（`to`）", "`notify` doesn't say whom (`to`)")
		}
	})
	return keys{
		"to": func(v *node) {
			k.To = c.seats(v, false)
			s.Do = k
		},
		"message": func(v *node) {
			k.Message = c.templates(v)
			s.Do = k
		},
		"then": func(v *node) { s.Then = c.way(s, v, "then") },
	}
}
