package process

func (k Decide) load(c *chainLoader, s *Step, table *node) keys {
	s.Title = Text{ZH: "查决策表", EN: "Ask a decision table"}
	k.Table = c.table(table, s.ID)
	if k.Table == nil {
		k.Table = &Table{}
	} else if table.kind != nodeMap || table.get("title") != nil {
		s.Title = k.Table.Title
	}
	s.Do = k
	return keys{"then": func(v *node) { s.Then = c.way(s, v, "then") }}
}
