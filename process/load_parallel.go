package process

import "slices"

var parallelTitle = Text{ZH: "同时进行", EN: "At the same time"}

// load reads the branches. Where `join` isn't given every branch must end.
func (k Parallel) load(c *chainLoader, s *Step, branches *node) keys {
	s.Title = parallelTitle
	k.Join = JoinAll
	s.Do = k
	if branches.kind != nodeList || len(branches.items) < 2 {
		c.problem(branches, "`parallel` 至少要两个分支：[{id, title, steps}, …]", "`parallel` needs two branches or more: [{id, title, steps}, …]")
		branches = &node{kind: nodeList}
	}
	for _, n := range branches.items {
		b := c.parallelBranch(s, n)
		if b.ID != "" && slices.ContainsFunc(k.Branches, func(o Branch) bool { return o.ID == b.ID }) {
			c.problem(n.get("id"), "分支 `%s` 写了两次", "the branch `%s` is given twice", b.ID)
		}
		k.Branches = append(k.Branches, b)
		s.Do = k
	}
	return keys{"join": func(v *node) {
		if join := c.oneOf(v, []string{JoinAll, JoinFirst}); join != "" {
			k.Join = join
			s.Do = k
		}
	}}
}

func (c *chainLoader) parallelBranch(s *Step, v *node) Branch {
	b := Branch{At: c.position(v)}
	if v.kind == nodeMap {
		if id := v.get("id"); id == nil {
			c.problem(v, "分支没有写 `id`", "the branch has no `id`")
		} else {
			b.ID, _ = c.identifier(id)
		}
	}
	b.Title = Same(b.ID)
	path := s.list.Path + "." + s.ID + ".branches." + b.ID + ".steps"
	ok := c.object(v, Text{ZH: "分支", EN: "a branch"}, keys{
		"id":    func(*node) {},
		"title": func(v *node) { b.Title = c.title(v) },
		"steps": func(v *node) { b.Steps = c.steps(v, path, s) },
	})
	if b.Steps == nil {
		b.Steps = &List{Path: path, holder: s}
		if ok {
			c.problem(v, "分支没有步骤（`steps`）", "the branch has no `steps`")
		}
	}
	return b
}
