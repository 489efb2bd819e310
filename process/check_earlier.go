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
		for _, id := range s.Who.NotSameAs {
			if !c.mayComeBefore(f, id, s) {
				c.warn(&node{line: s.At.Line, column: s.At.Column}, "`not_same_as` 写的步骤 `%s` 总在这一步之后，不起作用；请写在后面那一步上", "the step `%s` under `not_same_as` always comes after this one, so it keeps nobody out: say it at the later of the two", id)
			}
		}
	}
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
