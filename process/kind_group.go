package process

import "slices"

// group is a Kind whose steps run in scopes below the step. When one of them comes to its end, joined says whether the step is done.
type group interface {
	Kind
	joined(left int) bool
	// lists are the lists of steps it holds.
	lists() []*List
}

// holdsList says whether a list is one of a group's, and not one of an outcome's.
func holdsList(g group, path string) bool {
	return slices.ContainsFunc(g.lists(), func(l *List) bool { return l.Path == path })
}

// childDone goes on after a scope below a step, a run of the list of that path, has come to its end.
func (m *machine) childDone(scope int, list string) {
	s := m.p.Step(m.scope(scope).At)
	g, ok := s.Do.(group)
	if !ok || !holdsList(g, list) { // the steps of an outcome
		m.next(scope, s)
		return
	}
	if !g.joined(m.children(scope)) {
		return
	}
	m.leave(scope)
	if _, stage := s.Do.(Stage); stage {
		m.log(Entry{Event: "decided", Step: s.ID, Item: m.item(scope), Outcome: Done})
	}
	m.pass(scope, s, Done)
}

func (m *machine) children(scope int) int {
	n := 0
	for _, sc := range m.st.Scopes {
		if sc.Parent == scope {
			n++
		}
	}
	return n
}

// openGroup makes a group known as open, with its limit where it has one; false when the case is held instead.
func (m *machine) openGroup(scope int, s *Step) bool {
	item := m.item(scope)
	o := Open{Scope: scope, Step: s.ID, Item: item, Round: m.stepRun(s.ID, item).Round, At: m.at}
	if !m.limitOpen(&o) {
		return false
	}
	m.st.Open = append(m.st.Open, o)
	m.log(Entry{Event: "opened", Step: s.ID, Item: item, Data: dueData(s, &o.Timer)})
	return true
}
