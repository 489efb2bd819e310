package process

import (
	"slices"
	"strings"
)

// addLater remembers people for a step that the case hasn't reached yet. They are asked beside its own, from the time it opens.
func (m *machine) addLater(o *Open) *Refusal {
	target := m.p.Step(m.ev.Step)
	if target == nil {
		return invalid("step", "没有步骤“"+m.ev.Step+"”", "there is no step "+m.ev.Step)
	}
	if !isApproval(target) {
		return invalid("step", "只有审批可以加签", "approvers are added to approvals only")
	}
	scope, ahead := m.ahead(o.Scope, target)
	if !ahead {
		return invalid("step", "步骤“"+target.Title.In("zh")+"”已经到过，不能再加签", "the step "+target.Title.In("en")+" was reached already: nobody can be added there")
	}
	if m.ev.Where != "" && m.ev.Where != AddedBeside {
		return invalid("where", "对还没到的步骤只能一起加签（beside）", "at a step not reached yet people are asked beside the others")
	}
	later := Later{Step: target.ID, Item: m.item(scope), By: m.ev.By, People: m.ev.People, Mode: m.ev.Mode}
	if refusal := m.addable(target, scope, m.rememberedSeats(later)); refusal != nil {
		return refusal
	}
	m.st.Later = append(m.st.Later, later)
	data := map[string]any{"people": m.ev.People, "where": AddedBeside}
	m.log(Entry{Event: "added", Step: target.ID, Item: later.Item, Task: m.ev.Task, By: m.ev.By, Comment: m.ev.Comment, Data: data})
	return nil
}

// ahead says whether a step isn't open and still lies before the case, seen from a scope: it was never reached, or stands further down in a list
// around the scope. The scope it gives is that of the innermost list around both.
func (m *machine) ahead(scope int, target *Step) (int, bool) {
	around, top := scope, target
	for ; around != 0; around = m.scope(around).Parent {
		if top = target.within(m.scope(around).List); top != nil {
			break
		}
	}
	if top == nil {
		return 0, false
	}
	item := m.item(around)
	if slices.ContainsFunc(m.st.Open, func(o Open) bool { return o.Step == target.ID && inside(o.Item, item) }) {
		return around, false
	}
	reached := slices.ContainsFunc(m.st.Steps, func(r StepRun) bool { return r.Step == target.ID && inside(r.Item, item) })
	at := m.p.Step(m.scope(around).At)
	return around, !reached || !top.Aside && at.list == top.list && top.index > at.index
}

// within is the step of a list that a step is, or stands below; nil when it is elsewhere.
func (s *Step) within(list string) *Step {
	for s != nil && s.list != nil {
		if s.list.Path == list {
			return s
		}
		s = s.list.holder
	}
	return nil
}

// rememberedSeats are the people remembered for the same step already.
func (m *machine) rememberedSeats(l Later) []*Seat {
	var out []*Seat
	for _, other := range m.st.Later {
		if other.Step != l.Step || !inside(l.Item, other.Item) && !inside(other.Item, l.Item) {
			continue
		}
		for _, id := range other.People {
			out = append(out, &Seat{Assignee: id})
		}
	}
	return out
}

// inside says whether an item is another one, or lies below it.
func inside(item, outer string) bool {
	return outer == "" || item == outer || strings.HasPrefix(item, outer+"/")
}

// addedEarlier are the seats of people who were added to a step before it opened. Whoever is asked anyway, has left or is kept from it isn't asked
// because of that.
func (m *machine) addedEarlier(scope int, s *Step, there []Seat) []Seat {
	var out []Seat
	for n, later := range m.st.Later {
		if later.Step != s.ID || !inside(m.item(scope), later.Item) {
			continue
		}
		excluded := m.keptOut(scope, s)
		ids := slices.DeleteFunc(slices.Clone(later.People), func(id string) bool {
			return !(people{m.in.Directory}).active(id) || contains(excluded, id)
		})
		for _, seat := range m.addedSeats(scope, s, ids, Added{By: later.By, Where: AddedBeside, Mode: later.Mode, Group: n + 1}) {
			if !slices.ContainsFunc(slices.Concat(there, out), func(s Seat) bool { return m.sits(&s, seat.Assignee) }) {
				out = append(out, seat)
			}
		}
	}
	return out
}
