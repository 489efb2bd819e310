package process

// load reads the steps and the limit of a stage. Nobody holds a stage, so its ladder can only tell; `holder` is whoever has an open task inside.
func (k Stage) load(c *chainLoader, s *Step, title *node) keys {
	if title.kind == nodeList {
		c.problem(title, "`stage:` 后面写标题；步骤写在 `steps:` 下面", "after `stage:` stands the title; its steps stand under `steps:`")
	} else {
		s.Title = c.title(title)
	}
	k.Steps = &List{Path: s.list.Path + "." + s.ID + ".steps", holder: s}
	s.Do = k
	known := c.timesOf(s, stageActs)
	known["steps"] = func(v *node) {
		k.Steps = c.steps(v, k.Steps.Path, s)
		s.Do = k
	}
	return c.holdsSteps(s, known)
}

// holdsSteps makes sure that a group has its `steps`.
func (c *chainLoader) holdsSteps(s *Step, known keys) keys {
	given := false
	read := known["steps"]
	known["steps"] = func(v *node) {
		given = true
		read(v)
	}
	c.after(func() {
		if !given {
			c.problemAt(s.At.Line, s.At.Column, "`%s` 没有步骤（`steps`）", "the `%s` has no `steps`", s.Kind)
		}
	})
	return known
}
