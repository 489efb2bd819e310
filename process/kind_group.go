package process

// group is a Kind whose steps run in scopes below the step. When one of them comes to its end, joined says whether the step is done.
type group interface {
	Kind
	joined(left int) bool
	// lists are the lists of steps it holds.
	lists() []*List
}

// childDone goes on after a scope below a step has come to its end.
func (m *machine) childDone(scope int) {
	s := m.p.Step(m.scope(scope).At)
	g, ok := s.Do.(group)
	if !ok { // the steps of an outcome
		m.next(scope, s)
		return
	}
	if !g.joined(m.children(scope)) {
		return
	}
	m.leave(scope)
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

// openGroup makes a group known as open, with its limit where it has one.
func (m *machine) openGroup(scope int, s *Step) {
	item := m.item(scope)
	m.st.Open = append(m.st.Open, Open{Scope: scope, Step: s.ID, Item: item, Round: m.stepRun(s.ID, item).Round, At: m.at})
	m.log(Entry{Event: "opened", Step: s.ID, Item: item})
}
