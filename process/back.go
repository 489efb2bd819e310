package process

import (
	"slices"
	"strings"
)

// wayChosen is the way of an outcome: for a return that names a place with `to`, the way there, as far as `return_to` allows it. Whatever else
// `on.returned` says (what it sets, how often) holds for every place.
func (m *machine) wayChosen(scope int, s *Step, outcome string) (*Way, *Refusal) {
	way, to := s.Ways[outcome], m.ev.To
	if to == "" || to == way.Go || to == toInitiator && way.Go == ResubmitStep {
		return way, nil
	}
	if outcome != Returned {
		return nil, notThere(CodeFieldInvalid, "只有退回时才能选择位置", "only a return goes to a place of one's choice")
	}
	target, refusal := m.placeOf(scope, s, to)
	if refusal != nil {
		return nil, refusal
	}
	chosen := *way
	chosen.Go, chosen.End, chosen.Steps, chosen.Only = target.ID, "", nil, false
	return &chosen, nil
}

func notThere(code Code, zh, en string) *Refusal {
	return fieldsRefused(code, []FieldError{{Field: "to", Message: Text{ZH: zh, EN: en}}})
}

// placeOf finds the step that a return names: the initiator's, the previous one, or any that was passed.
func (m *machine) placeOf(scope int, s *Step, to string) (*Step, *Refusal) {
	allowed := func(place string) bool {
		return slices.Contains(s.Form.ReturnTo, place) || slices.Contains(s.Form.ReturnTo, toAny)
	}
	previous := m.previous(scope, s)
	switch {
	case (to == toInitiator || to == ResubmitStep) && allowed(toInitiator):
		if m.p.Resubmit == nil {
			return nil, notThere(CodeStepNotPassed, "流程没有“修改后重新提交”，不能退回给发起人", "this chain has no form to submit again, so nothing can be returned to the initiator")
		}
		return m.p.Resubmit, nil
	case to == toPrevious && allowed(toPrevious):
		if previous == nil {
			return nil, notThere(CodeStepNotPassed, "前面没有可以退回的步骤", "no step was passed before this one")
		}
		return previous, nil
	case previous != nil && to == previous.ID && allowed(toPrevious):
		return previous, nil
	case allowed(toAny):
		for _, passed := range m.placesBefore(scope, s) {
			if passed.ID == to {
				return passed, nil
			}
		}
		return nil, notThere(CodeStepNotPassed, "步骤“"+to+"”还没有经过，或从这里回不去", "the step "+to+" hasn't been passed, or can't be reached from here")
	}
	return nil, notThere(CodeFieldInvalid, "此步骤只能退回到流程规定的位置", "this step goes back only where the chain says")
}

// previous is the step that was passed last before this one; nil when there is none.
func (m *machine) previous(scope int, s *Step) *Step {
	if passed := m.passedBefore(scope, s); len(passed) > 0 {
		return passed[0]
	}
	return nil
}

// passedBefore are the steps of the same and the enclosing lists that a return may go to, the last passed first: those that ask somebody, or hold steps at which
// somebody was asked, and that were done before this one was entered. A step that the case has gone back past counts no more.
func (m *machine) passedBefore(scope int, s *Step) []*Step { return m.passedSteps(scope, s, false) }

// placesBefore are those, and the steps inside: of a stage, of the branch that was chosen, of an outcome. What runs beside other branches is entered as a whole.
func (m *machine) placesBefore(scope int, s *Step) []*Step { return m.passedSteps(scope, s, true) }

func (m *machine) passedSteps(scope int, s *Step, inside bool) []*Step {
	now, at := m.st.Entered[keyOf(s.ID, m.item(scope))], map[string]int{}
	var out []*Step
	var from *List
	var look func(list *List, item string, since int)
	look = func(list *List, item string, since int) {
		for _, step := range list.Steps {
			run, entered := m.stepRun(step.ID, item), m.st.Entered[keyOf(step.ID, item)]
			if run == nil || run.Status != "done" || entered <= since || entered >= now {
				continue
			}
			if step.Who != nil || m.askedInside(step, item, entered) {
				at[step.ID] = entered
				out = append(out, step)
			}
			for _, l := range m.takenLists(step, item) {
				if inside && l != from {
					look(l, item, entered)
				}
			}
		}
	}
	for ; scope != 0; scope = m.scope(scope).Parent {
		look(m.listOf(scope), m.item(scope), 0)
		from = m.listOf(scope)
	}
	slices.SortFunc(out, func(a, b *Step) int { return at[b.ID] - at[a.ID] })
	return out
}

// askedInside says whether somebody has done a step that a group holds, since it was entered; what has become void since was done, too.
func (m *machine) askedInside(s *Step, item string, entered int) bool {
	if _, holds := s.Do.(group); !holds {
		return false
	}
	return slices.ContainsFunc(m.st.Steps, func(run StepRun) bool {
		inner := m.p.Step(run.Step)
		return inner != nil && inner.Who != nil && (run.Status == "done" || run.Status == "voided") && inItem(run.Item, item) && m.p.listWith(inner).heldBy(s) &&
			m.st.Entered[keyOf(run.Step, run.Item)] > entered
	})
}

// takenLists are the lists below a step that the case went through, of those of which one runs at a time: the steps of a stage, of a branch that was chosen, of
// an outcome. Of several branches or outcomes it is the one of the last time: a step that a straight way led to keeps its place, so an earlier one may stand beside it.
func (m *machine) takenLists(s *Step, item string) []*List {
	var chosen []*List
	switch g := s.Do.(type) {
	case Stage:
		chosen = g.lists()
	case Choose:
		chosen = g.lists()
	}
	var out []*List
	for _, lists := range [][]*List{chosen, s.outcomeLists()} {
		if len(lists) > 0 {
			out = append(out, slices.MaxFunc(lists, func(a, b *List) int { return m.lastEntered(a, item) - m.lastEntered(b, item) }))
		}
	}
	return out
}

// outcomeLists are the steps that the outcomes of a step lead into.
func (s *Step) outcomeLists() []*List {
	var out []*List
	for _, w := range s.ways() {
		if w.way.Steps != nil {
			out = append(out, w.way.Steps)
		}
	}
	return out
}

// lastEntered is the place of the step in a list that was entered last; 0: none was.
func (m *machine) lastEntered(l *List, item string) int {
	last := 0
	for _, s := range l.Steps {
		last = max(last, m.st.Entered[keyOf(s.ID, item)])
	}
	return last
}

// listOf is the list that a scope runs.
func (m *machine) listOf(scope int) *List {
	if s := m.p.Step(m.scope(scope).At); s != nil {
		return m.p.listWith(s)
	}
	return m.p.Steps
}

// listWith is the list a step stands in; the step for revising counts as one of the chain itself.
func (p *Process) listWith(s *Step) *List {
	if s.list == nil {
		return p.Steps
	}
	return s.list
}

// scopeOf is the run of a step's list that a scope lies in; where there is none, of the list around that.
func (m *machine) scopeOf(scope int, target *Step) int {
	for list := m.p.listWith(target); !list.within(m.scope(scope).List); {
		scope = m.scope(scope).Parent
	}
	return scope
}

// entered notes the order in which steps are entered. A step that a straight way back enters again keeps its place; so does an `each` that is entered again for
// chosen items, as what it did for the others still stands, and lies behind it when all of it is gone back to; and so does what is run again where something is
// void, since it stands before the step behind which the chain goes on then.
func (m *machine) entered(scope int, s *Step) {
	key := keyOf(s.ID, m.item(scope))
	if (m.coming.again || m.coming.items != nil || m.onceMore(scope)) && m.st.Entered[key] > 0 {
		return
	}
	if m.st.Entered == nil {
		m.st.Entered = map[string]int{}
	}
	m.st.Entries++
	m.st.Entered[key] = m.st.Entries
}

// goTo goes where a way leads. After a return that is going back; a `go` of any other outcome is the chain's own way on, also where it
// leads to an earlier step, and undoes nothing.
func (m *machine) goTo(scope int, s *Step, way *Way, outcome string) {
	target := m.p.Step(way.Go)
	if _, asks := s.Do.(Approve); !asks || outcome != Returned && outcome != Returned+".then" {
		m.jump(scope, entry{step: target, items: m.itemsOf(way)})
		return
	}
	if s.Form.Resume == "back" {
		m.goBackAndReturn(scope, s, target, m.itemsOf(way))
		return
	}
	m.goBack(scope, target, m.itemsOf(way))
}

// goBack goes back to a step, from where everything runs again.
func (m *machine) goBack(scope int, target *Step, items []string) {
	m.giveUp(scope, target, items)
	m.jump(scope, entry{step: target, items: items})
}

// giveUp undoes what was passed since a step was last entered; it counts no more.
func (m *machine) giveUp(scope int, target *Step, items []string) {
	to := m.scopeOf(scope, target)
	m.giveUpOf(m.since(to, target, items), target, items, m.onceMore(to))
}

// onceMore says whether a run of a list is open again only because of what is void in it, while the chain waits behind a later step.
func (m *machine) onceMore(scope int) bool {
	for id := m.scope(scope).Parent; id != 0; id = m.scope(id).Parent {
		around := m.scope(id)
		if slices.ContainsFunc(m.st.Backs, func(b Back) bool { return b.Behind && b.To == around.At && b.Item == around.Item }) {
			return true
		}
	}
	return false
}

// giveUpOf undoes the part of the case that `past` says. In their places: what of it is done again comes where it was.
func (m *machine) giveUpOf(past func(step, item string, seq int) bool, target *Step, items []string, inPlaces bool) {
	m.undo(func(p Passed) bool { return past(p.Step, p.Item, p.Seq) })
	for i := range m.st.Steps {
		run := &m.st.Steps[i]
		key := keyOf(run.Step, run.Item)
		if !past(run.Step, run.Item, m.st.Entered[key]) {
			continue
		}
		if !inPlaces && (items == nil || run.Step != target.ID) {
			delete(m.st.Entered, key)
		}
		if run.Status == "done" || run.Status == "voided" {
			run.Status = "left"
		}
	}
}

// since says what was passed since a step was last entered: in its run of the list and below it; with items, inside the step only theirs.
// All of the chain lies behind the step for revising. Nothing lies behind a step that was never entered: going there is going on.
func (m *machine) since(scope int, target *Step, items []string) func(step, item string, seq int) bool {
	at := *m.scope(scope)
	from := m.st.Entered[keyOf(target.ID, at.Item)]
	if target.ID == ResubmitStep {
		from = 1
	}
	return func(step, item string, seq int) bool {
		s := m.p.Step(step)
		if s == nil || from == 0 || seq < from || !inItem(item, at.Item) || !m.p.listWith(s).within(at.List) {
			return false
		}
		if items == nil || !m.p.listWith(s).heldBy(target) {
			return true
		}
		return slices.ContainsFunc(items, func(key string) bool { return inItem(item, itemPath(at.Item, key)) })
	}
}

// within says whether a list is the one with this path or lies inside it.
func (l *List) within(path string) bool {
	for ; l != nil; l = l.enclosing() {
		if l.Path == path {
			return true
		}
	}
	return false
}

// heldBy says whether a list lies inside a step.
func (l *List) heldBy(s *Step) bool {
	for ; l != nil && l.holder != nil; l = l.enclosing() {
		if l.holder == s {
			return true
		}
	}
	return false
}

// inItem says whether an item is another one or lies inside it; everything lies inside "".
func inItem(item, outer string) bool {
	return outer == "" || item == outer || strings.HasPrefix(item, outer+"/")
}
