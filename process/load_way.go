package process

import (
	"slices"
)

// ways reads `on` and `outcomes`: by outcome, what follows. With allowed, no other outcome exists.
func (c *chainLoader) ways(s *Step, n *node, key string, allowed []string) {
	if n.kind != nodeMap || len(n.pairs) == 0 {
		c.problem(n, "`%s` 应写成 {结果: …}", "`%s` is written as {outcome: …}", key)
		return
	}
	for _, p := range n.pairs {
		name := p.key.text
		switch {
		case allowed != nil && !slices.Contains(allowed, name):
			c.unknown(p.key, allowed, Text{ZH: "审批没有这个结果", EN: "an approval has no outcome"})
			continue
		case allowed == nil && (len(name) > maxID || !idPattern.MatchString(name)):
			c.problem(p.key, "`%s` 不能作结果的名称", "`%s` can't be the name of an outcome", clip(name))
			continue
		}
		s.Ways[name] = c.outcome(s, name, p.value, allowed != nil)
	}
}

// outcome reads what follows one outcome; `no` takes the button of an approval away.
func (c *chainLoader) outcome(s *Step, name string, v *node, removable bool) *Way {
	if removable && (v.kind == nodeText && v.text == "no" || v.kind == nodeBool && !v.truth) {
		return nil
	}
	w := c.way(s, v, "on."+name)
	if w == nil {
		return &Way{At: c.position(v)}
	}
	if removable && name != Approved && len(v.pairs) > 0 {
		c.goesOn(v, name, w)
	}
	if name == Rejected && removable {
		c.after(func() {
			t := c.p.byID[w.Go]
			if t != nil && (w.Go == ResubmitStep || t.At.Line < s.At.Line || c.comesBack(s, w)) {
				c.warn(v, "拒绝后又回到前面，其实是退回：请考虑用 `returned`", "a rejection that goes back is a return: is `returned` meant?")
			}
		})
	}
	return w
}

// goesOn warns of a refusal whose way says something, but not where it leads: it is followed as if the step had been approved. `{}` says so on purpose.
func (c *chainLoader) goesOn(v *node, name string, w *Way) {
	switch {
	case w.leaves() || w.Steps != nil || w.Else != nil:
	case name == Rejected:
		c.warn(v, "没有写拒绝后去哪里：流程会像同意一样继续往下走；要结束请加上 `end: rejected`",
			"this doesn't say where a rejection leads: the chain goes on as if it were approved; to end the case, add `end: rejected`")
	default:
		c.warn(v, "没有写退回到哪里：流程会像同意一样继续往下走；要退回请加上 `go: resubmit` 或 `go: 步骤`",
			"this doesn't say where a return leads: the chain goes on as if it were approved; to send it back, add `go: resubmit`, or `go:` with a step")
	}
}

// way reads {end|go|steps, require, set, at_most, then}; the path names the list of its steps.
func (c *chainLoader) way(s *Step, n *node, path string) *Way {
	w := &Way{At: c.position(n)}
	var went []*node
	known := keys{
		"end": func(v *node) {
			went = append(went, v)
			w.End, _ = c.identifier(v)
		},
		"go": func(v *node) {
			went = append(went, v)
			c.goTo(s, w, v)
		},
		"steps": func(v *node) {
			went = append(went, v)
			w.Steps = c.steps(v, s.list.Path+"."+s.ID+"."+path+".steps", s)
		},
		"title":   func(v *node) { w.Title = c.title(v) },
		"require": func(v *node) { w.Require = c.formFields(s, v) },
		"set":     func(v *node) { w.Set = c.assignsIn(s, v) },
		"only":    func(v *node) { c.onlyChosen(s, w, v) },
		"at_most": func(v *node) { w.AtMost = c.count(v, 1, 1000) },
		"then":    func(v *node) { w.Else = c.way(s, v, path+".then") },
	}
	if !c.object(n, Text{ZH: "结果", EN: "what follows"}, known) {
		return nil
	}
	if len(went) > 1 {
		c.problem(went[1], "`end`、`go` 和 `steps` 只能写一个", "only one of `end`, `go` and `steps` can follow")
	}
	switch most, then := n.get("at_most"), n.get("then"); {
	case most != nil && then == nil:
		c.problem(most, "`at_most` 用完之后怎么办？请写 `then`", "what follows when `at_most` is used up? Say `then`")
	case most == nil && then != nil:
		c.problem(then, "`then` 要和 `at_most` 一起用", "`then` goes with `at_most`")
	}
	return w
}

// goTo reads the target of `go`: a step of the same or an enclosing list, or `resubmit`.
func (c *chainLoader) goTo(s *Step, w *Way, v *node) {
	id, ok := c.string(v)
	if !ok {
		return
	}
	w.Go = id
	c.after(func() {
		target := c.p.byID[id]
		switch {
		case c.lost[id]:
		case id == ResubmitStep && target == nil:
			c.problem(v, "流程没有 `resubmit`，不能 `go: resubmit`", "the process has no `resubmit`, so nothing can go there")
		case target == nil:
			c.unknown(v, c.stepIDs(), Text{ZH: "没有这个步骤", EN: "no such step:"})
		case id != ResubmitStep && !encloses(target.list, s.list):
			c.problem(v, "步骤 `%s` 不在同一列表或外层列表里，不能直接去", "`go` reaches steps of the same or an enclosing list; `%s` is in another", id)
		case id != ResubmitStep && c.isAhead(target, s) && !target.Aside:
			c.warn(v, "`%s` 从上面也会走到；是这个意思，还是应写 `aside: true`？",
				"`%s` is also entered from above; is that meant, or should it be `aside: true`?", id)
		}
	})
}

// encloses says whether a list is another one or holds it.
func encloses(outer, inner *List) bool {
	for l := inner; l != nil; l = l.enclosing() {
		if l == outer {
			return true
		}
	}
	return false
}

// isAhead says whether a step of the same or an enclosing list stands below the place where another one is.
func (c *chainLoader) isAhead(target, s *Step) bool {
	for s != nil && s.list != nil {
		if s.list == target.list {
			return target.index > s.index
		}
		s = s.list.holder
	}
	return false
}

// onlyChosen reads `only: chosen`: an `each` is entered again for the items that the act names.
func (c *chainLoader) onlyChosen(s *Step, w *Way, v *node) {
	w.Only = c.oneOf(v, []string{"chosen"}) != ""
	c.after(func() {
		target := c.p.byID[w.Go]
		if _, each := doOf(target).(Each); !each && !c.lost[w.Go] {
			w.Only = false
			c.problem(v, "`only: chosen` 要和去 `each` 步骤的 `go` 一起用", "`only: chosen` goes with a `go` to an `each`")
		}
		if s.Who == nil {
			c.problem(v, "只有人能选择退回哪些项", "only people can choose what goes back")
		}
	})
}

func doOf(s *Step) Kind {
	if s == nil {
		return nil
	}
	return s.Do
}
