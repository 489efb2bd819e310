package process

import "fmt"

var chooseTitle = Text{ZH: "按条件选择", EN: "Choose by condition"}

func (k Choose) load(c *chainLoader, s *Step, branches *node) keys {
	s.Title = chooseTitle
	if branches.kind != nodeList || len(branches.items) == 0 {
		c.problem(branches, "`choose` 应写成 [{when: 条件, steps: […]}, {otherwise: true, steps: […]}]", "`choose` is written as [{when: …, steps: […]}, {otherwise: true, steps: […]}]")
		return keys{}
	}
	for i, n := range branches.items {
		if n.kind == nodeMap && n.get("otherwise") != nil && i < len(branches.items)-1 {
			c.problem(n, "`otherwise` 应是最后一个分支：后面的永远走不到", "`otherwise` is the last branch: those behind it are never taken")
		}
		k.Branches = append(k.Branches, c.chooseBranch(s, n, i+1))
		s.Do = k
	}
	c.after(func() {
		c.checkCovered(s, branches)
		c.checkTaken(s)
	})
	return keys{}
}

// chooseBranch reads {when, steps} or {otherwise: true, steps}; n is its place from 1. In a branch with `steps: []` there is nothing to do.
func (c *chainLoader) chooseBranch(s *Step, v *node, n int) Branch {
	b := Branch{At: c.position(v)}
	path := fmt.Sprintf("%s.%s.when.%d.steps", s.list.Path, s.ID, n)
	ok := c.object(v, Text{ZH: "分支", EN: "a branch"}, keys{
		"when":      func(v *node) { b.When = c.condition(v) },
		"otherwise": func(v *node) { b.Otherwise = c.yes(v) },
		"steps": func(v *node) {
			if b.Steps = (&List{Path: path, holder: s}); v.kind != nodeList || len(v.items) > 0 {
				b.Steps = c.steps(v, path, s)
			}
		},
	})
	if b.Steps == nil {
		b.Steps = &List{Path: path, holder: s}
		if ok {
			c.problem(v, "分支没有步骤（`steps`）", "the branch has no `steps`")
		}
	}
	if ok && (v.get("when") == nil) == (v.get("otherwise") == nil) {
		c.problem(v, "每个分支写 `when` 或 `otherwise: true` 之一", "each branch has either `when` or `otherwise: true`")
	}
	return b
}
