package process

import "maps"

func (Work) load(c *chainLoader, s *Step, title *node) keys {
	s.Title = c.title(title)
	s.Ways = map[string]*Way{Done: {At: s.At}}
	known := c.people(s)
	declared := false
	maps.Copy(known, keys{
		"claim": func(v *node) { s.Who.Claim = c.yes(v) },
		"outcomes": func(v *node) {
			declared, s.Ways = true, map[string]*Way{}
			c.ways(s, v, "outcomes", nil)
		},
		"then": func(v *node) {
			c.after(func() {
				if declared {
					c.problem(v, "有 `outcomes` 的步骤不用 `then`：请写在每个结果里", "a task with `outcomes` has no `then`: say it at each outcome")
				}
			})
			if w := c.way(s, v, "then"); w != nil && !declared {
				s.Ways[Done] = w
			}
		},
	})
	return known
}
