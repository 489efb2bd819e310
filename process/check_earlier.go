package process

import "slices"

// checkEarlier finds steps that ask whoever did another one, or keep them out, where the other one never comes first: nobody would be found, or kept out.
func (c *chainLoader) checkEarlier() {
	f := c.flow(everyLeg)
	for _, s := range c.p.all() {
		if s.Who == nil {
			continue
		}
		for _, b := range s.Who.Seats {
			if b.Kind == ByActorOf && !c.mayComeBefore(f, b.Of, s) {
				c.warn(&node{line: b.At.Line, column: b.At.Column}, "到这一步时，步骤 `%s` 还没有办过：找不到人", "when this step opens, nobody has done the step `%s` yet: nobody would be found", b.Of)
			}
		}
		c.checkOutsideEarlier(s)
		for _, id := range s.Who.NotSameAs {
			if !c.mayComeBefore(f, id, s) {
				c.warn(&node{line: s.At.Line, column: s.At.Column}, "`not_same_as` 写的步骤 `%s` 总在这一步之后，不起作用；请写在后面那一步上", "the step `%s` under `not_same_as` always comes after this one, so it keeps nobody out: say it at the later of the two", id)
			}
		}
	}
}

// checkOutsideEarlier finds steps that ask whoever did one that somebody outside may have done, who can't be given a task, and those that ask somebody outside
// whom they keep out themselves.
func (c *chainLoader) checkOutsideEarlier(s *Step) {
	for _, b := range s.Who.Seats {
		at := &node{line: b.At.Line, column: b.At.Column}
		if b.Kind == ByActorOf && s.Who.IfNone.Do == "hold" && len(outsideSeats(c.p.byID[b.Of])) > 0 {
			c.warn(at, "步骤 `%s` 可能由外部人员本人答复，他们没有账号：那时这里找不到人。请写 `if_none`，或另写办理人",
				"somebody outside may answer the step `%s` themselves, and has no account: nobody is found here then. Say `if_none`, or name somebody else", b.Of)
		}
		if b.Kind != ByOutside {
			continue
		}
		for _, id := range s.Who.NotSameAs {
			if slices.ContainsFunc(outsideSeats(c.p.byID[id]), func(other By) bool { return other.Cel != nil && b.Cel != nil && other.Cel.Source == b.Cel.Source }) {
				c.warn(at, "这里问的外部人员和步骤 `%s` 相同，而 `not_same_as` 不许同一人：会找不到人", "this asks the same person outside as the step `%s`, whom `not_same_as` keeps out: nobody would be found", id)
			}
		}
	}
}

// outsideSeats are those entries of a step that ask somebody outside.
func outsideSeats(s *Step) []By {
	if s == nil || s.Who == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.Who.Seats), func(b By) bool { return b.Kind != ByOutside })
}

// mayComeBefore says whether a step may be done before another one opens: a way leads from it to the other, or they stand beside each other.
func (c *chainLoader) mayComeBefore(f *flow, id string, s *Step) bool {
	earlier := c.p.byID[id]
	if earlier == nil || earlier == s {
		return true // said elsewhere
	}
	around := holders(earlier)
	return f.reach(earlier)[s] || slices.ContainsFunc(holders(s), func(h *Step) bool { return slices.Contains(around, h) })
}

// holders are the groups that a step stands in.
func holders(s *Step) []*Step {
	var out []*Step
	for l := s.list; l != nil && l.holder != nil; l = l.holder.list {
		out = append(out, l.holder)
	}
	return out
}
