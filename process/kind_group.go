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
	again, left := m.askedAgain(scope, s), m.children(scope)
	switch {
	case again && left > 0, !again && !g.joined(left):
		return
	case left > 0:
		m.closeOthers(scope)
	}
	switch {
	case m.askInside(scope, s, nil):
	case again: // it has gone on once already
		m.forgetRounds(scope)
		m.stepRun(s.ID, m.item(scope)).Status = "done"
		m.next(scope, s)
	default:
		m.leave(scope)
		if _, stage := s.Do.(Stage); stage {
			m.log(Entry{Event: "decided", Step: s.ID, Item: m.item(scope), Outcome: Done})
		}
		m.pass(scope, s, Done)
	}
}

// closeOthers ends the branches below a scope of which another one was the first. What was approved in them isn't what the chain goes on with, so that no change
// has it asked again.
func (m *machine) closeOthers(scope int) {
	for _, sc := range slices.Clone(m.st.Scopes) {
		if sc.Parent != scope {
			continue
		}
		m.dropBacks(sc.ID)
		m.leave(sc.ID)
		m.dropScope(sc.ID)
		for i := range m.st.Steps {
			run := &m.st.Steps[i]
			if s := m.p.Step(run.Step); m.approvalOver(run) && len(s.Form.Reapprove) > 0 && inItem(run.Item, sc.Item) && m.p.listWith(s).within(sc.List) {
				run.Status = "left"
			}
		}
	}
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
