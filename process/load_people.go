package process

import (
	"maps"
	"slices"
)

// people are the keys of every step that asks somebody.
func (c *chainLoader) people(s *Step) keys {
	s.Who = &Who{IfNone: Nobody{Do: "hold"}, IfInitiator: Nobody{Do: "ask"}}
	var mode, by, everyone *node
	c.after(func() {
		c.everyone(s, everyone)
		c.checkSeats(s, by, mode)
	})
	known := keys{
		"by":           func(v *node) { by, s.Who.Seats = v, c.seatsOf(s, v) },
		"mode":         func(v *node) { mode = v; c.mode(s, v) },
		"everyone":     func(v *node) { everyone = v },
		"if_none":      func(v *node) { s.Who.IfNone = c.nobody(v, "hold", "skip", "reject") },
		"if_initiator": func(v *node) { s.Who.IfInitiator = c.nobody(v, "ask", "skip") },
		"not_same_as":  func(v *node) { s.Who.NotSameAs = c.otherSteps(s, v) },
		"same_again": func(v *node) {
			s.Who.SameAgain = c.oneOf(v, []string{SameAsk, SameSkipIfApproved, SameSkipIfAdjacent, SameKeepLast})
			c.after(func() { c.onlyApprovals(s, v) })
		},
	}
	maps.Copy(known, c.form(s))
	maps.Copy(known, c.backKeys(s))
	maps.Copy(known, c.times(s))
	return known
}

// everyone beside `by` means each of its sets, as if it stood in their entries.
func (c *chainLoader) everyone(s *Step, v *node) {
	if v == nil || !c.yes(v) {
		return
	}
	found := false
	for i := range s.Who.Seats {
		if b := &s.Who.Seats[i]; slices.Contains(setKinds, b.Kind) {
			b.Every, found = true, true
		}
	}
	if !found && len(s.Who.Seats) > 0 {
		c.problem(v, "`everyone` 只用于角色、部门、小组和岗位", "`everyone` goes with a role, a department, a group or a position")
	}
}

// nobody reads what a step does when it finds nobody, or only the initiator: a word, or {to: …}.
func (c *chainLoader) nobody(n *node, words ...string) Nobody {
	if n.kind != nodeMap {
		word, ok := c.string(n)
		if ok && !slices.Contains(words, word) {
			c.unknown(n, append(words, "{to: …}"), Text{ZH: "不能这样写", EN: "not possible here:"})
		}
		return Nobody{Do: word}
	}
	out := Nobody{Do: "to"}
	c.object(n, Text{ZH: "这里", EN: "this"}, keys{"to": func(v *node) { out.To = c.oneSeat(v, false) }})
	if out.To == nil && n.get("to") == nil {
		c.problem(n, "应写成 {to: …}", "this is written as {to: …}")
	}
	return out
}

// otherSteps reads ids of steps that ask people.
func (c *chainLoader) otherSteps(s *Step, n *node) []string {
	list := c.words(n)
	c.after(func() {
		for _, w := range list {
			if w.name == string(ByInitiator) && c.p.byID[w.name] == nil {
				c.problem(w.at, "这里写步骤，不写人；不让发起人自己办，请写 `if_initiator: skip` 或 `if_initiator: {to: …}`",
					"steps stand here, not people; that the initiator isn't asked is written `if_initiator: skip` or `if_initiator: {to: …}`")
				continue
			}
			c.asks(w.at, w.name)
			if w.name == s.ID {
				c.problem(w.at, "步骤 `%s` 指的是它自己", "the step `%s` names itself", s.ID)
			}
		}
	})
	return names(list)
}

// asks checks that an id is that of a step which asks people.
func (c *chainLoader) asks(n *node, id string) {
	switch s := c.p.byID[id]; {
	case c.lost[id]:
	case s == nil:
		c.unknown(n, c.stepIDs(), Text{ZH: "没有这个步骤", EN: "no such step:"})
	case s.Who == nil:
		c.problem(n, "步骤 `%s` 不由人处理", "nobody is asked at the step `%s`", id)
	}
}

// stepIDs are the ids that the owner gave, for suggestions.
func (c *chainLoader) stepIDs() []string {
	return slices.Compact(slices.Sorted(slices.Values(c.written)))
}

// onlyApprovals: only who has agreed can agree again.
func (c *chainLoader) onlyApprovals(s *Step, v *node) {
	if _, ok := s.Do.(Approve); !ok {
		c.problem(v, "`same_again` 只用于审批步骤", "`same_again` goes with `approve` only")
	}
}
