package process

import "slices"

// goBackAndReturn goes back to a step with `resume: back`: when that is done again the chain comes straight back to the step that returned it. What lies
// between is skipped then, so it stands: it isn't undone.
func (m *machine) goBackAndReturn(scope int, from, target *Step, items []string) {
	at := m.scopeOf(scope, target)
	back := Back{To: target.ID, From: from.ID, Item: m.item(scope), Who: m.ev.By}
	pending := slices.DeleteFunc(slices.Clone(m.st.Backs), func(b Back) bool {
		return !m.waitsIn(b, at) || b.To == back.To && b.Item == back.Item
	})
	m.jump(scope, entry{step: target, items: items, again: true})
	m.st.Backs = append(m.st.Backs, append(pending, back)...)
	if m.p.listWith(target).Path != m.scope(at).List {
		m.st.Format = max(m.st.Format, FormatScoped) // an older software knows no way back out of a group
	}
}

// waitsIn says whether a straight way back begins at a step of this run of a list.
func (m *machine) waitsIn(b Back, scope int) bool {
	sc, to := m.scope(scope), m.p.Step(b.To)
	return to != nil && m.p.listWith(to).Path == sc.List && inItem(b.Item, sc.Item)
}

// dropBacks forgets the straight ways back that begin in a run of a list: the chain has gone elsewhere.
func (m *machine) dropBacks(scope int) {
	m.dropBacksBut(scope, func(Back) bool { return false })
}

func (m *machine) dropBacksBut(scope int, stays func(Back) bool) {
	m.st.Backs = slices.DeleteFunc(m.st.Backs, func(b Back) bool { return m.waitsIn(b, scope) && !stays(b) })
}

// dropBacksBelow forgets those that begin below it.
func (m *machine) dropBacksBelow(scope int) {
	sc := *m.scope(scope)
	m.st.Backs = slices.DeleteFunc(m.st.Backs, func(b Back) bool {
		to := m.p.Step(b.To)
		return to == nil || m.p.listWith(to).Path != sc.List && m.p.listWith(to).within(sc.List) && inItem(b.Item, sc.Item)
	})
}

// straightBack goes from a step that is done again straight to the one that returned the case, where there is such a way.
func (m *machine) straightBack(scope int, s *Step) bool {
	for i := len(m.st.Backs) - 1; i >= 0; i-- {
		b := m.st.Backs[i]
		if b.To != s.ID || !m.waitsIn(b, scope) {
			continue
		}
		m.st.Backs = slices.Delete(m.st.Backs, i, i+1)
		from := m.p.Step(b.From)
		switch {
		case b.Behind:
			m.next(scope, from)
		default:
			m.rejoin(entry{scope: m.closeUp(scope, from), step: from, who: b.Who})
		}
		return true
	}
	return false
}

// closeUp ends the lists between a scope and the one that leads to a step, which it gives, as if they had come to their ends: what is left of them is skipped,
// and stands.
func (m *machine) closeUp(scope int, to *Step) int {
	outer := m.scopeOf(scope, to)
	if scope == outer {
		return outer
	}
	for ; scope != outer; scope = m.scope(scope).Parent {
		ended := *m.scope(scope)
		m.scope(ended.Parent).Last = ended.Last
		s := m.p.Step(m.scope(ended.Parent).At)
		if g, ok := s.Do.(group); ok && holdsList(g, ended.List) {
			if _, stage := s.Do.(Stage); stage {
				m.log(Entry{Event: "decided", Step: s.ID, Item: ended.Item, Outcome: Done})
			}
			m.mark(ended.Parent, s, "done")
		}
	}
	m.leave(outer)
	return outer
}

// rejoin leads into the lists between a scope and a step. At a parallel or an each its branches have ended, so they begin afresh: what they had done is not
// skipped but done again, so it is undone first. What is entered so keeps its place, since what was passed in it before stands.
func (m *machine) rejoin(to entry) {
	scope := to.scope
	for _, l := range m.between(scope, to.step) {
		h := l.holder
		m.scope(scope).At = h.ID
		if g, ok := h.Do.(group); ok && holdsList(g, l.Path) {
			switch h.Do.(type) {
			case Parallel, Each:
				m.giveUpInside(scope, h)
				m.queue = append(m.queue, entry{scope: scope, step: h})
				return
			}
			m.arrive(scope, h)
			if m.st.Entered[keyOf(h.ID, m.item(scope))] == 0 {
				m.entered(scope, h)
			}
			m.anchors(anchorOpened, scope, h)
			if _, stage := h.Do.(Stage); stage && !m.openGroup(scope, h) {
				m.giveUpInside(scope, h) // the case is held, and enters it at its beginning when it goes on
				return
			}
		}
		scope = m.newScope(scope, l)
	}
	to.scope = scope
	m.queue = append(m.queue, to)
}

// giveUpInside gives up a group and what is in it, and nothing behind it: what was done again on the way back stays.
func (m *machine) giveUpInside(scope int, h *Step) {
	past := m.since(scope, h, nil)
	m.giveUpOf(func(step, item string, seq int) bool {
		return past(step, item, seq) && (step == h.ID || m.p.listWith(m.p.Step(step)).heldBy(h))
	}, h, nil, false)
}

// between are the lists from just below a scope down to a step's own, from outside in.
func (m *machine) between(scope int, s *Step) []*List {
	var out []*List
	for l := m.p.listWith(s); l.Path != m.scope(scope).List; l = l.enclosing() {
		out = append(out, l)
	}
	slices.Reverse(out)
	return out
}

// seatReturner gives a seat that several may fill to the one of them who returned the case from here.
func (m *machine) seatReturner(seats []Seat) []Seat {
	who := m.coming.who
	for i := range seats {
		seat := &seats[i]
		if who == "" || seat.Assignee != "" || seat.Vacant || !contains(m.holders(seat), who) {
			continue
		}
		seat.Assignee, seat.Why = who, Text{ZH: "由其退回，修改后交还", EN: "returned it, and gets it back"}
		return seats
	}
	return seats
}
