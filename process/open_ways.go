package process

import "slices"

// OpenWay is a way out of an open task: an answer that somebody may give now, and what follows from it.
type OpenWay struct {
	Act     EventKind // approve, reject, return, complete
	Outcome string
	Title   Text     // what the chain calls the outcome; empty: its own word
	Comment bool     // it needs words
	Require []string // fields that must be filled in for it
	End     string   // the case ends with this outcome; empty: it goes on, or others are still to answer
	Goes    *Step    // where it leads, when the chain says; nil: to what comes next
	Back    bool     // the case was there before
	To      string   // return: what to send as `to`; empty: where the chain says
	Who     string   // return: whoever gets it, as far as that is known
	Resume  string   // return: again, or back to whoever returned it
	Items   []string // which of these go back must be said
	Sign    bool     // it needs a signature
	Picks   *Picks   // whom it picks for a later step; nil: nobody
}

// answerActs are the acts that answer a task, in the order their buttons stand.
var answerActs = []struct {
	act     EventKind
	outcome string
}{{EventApprove, Approved}, {EventReject, Rejected}, {EventReturn, Returned}, {EventComplete, ""}}

// OpenWays are the ways out of a task that somebody may go now, each with what follows, so that a button can say its consequence. They are
// those of [Offered]: where an act isn't offered none of its ways is there.
func OpenWays(in Input, task, by string, admin bool) []OpenWay {
	out := []OpenWay{}
	offered := Offered(in, task, by, admin)
	m := newMachine(in, Event{By: by, Admin: admin, Task: task})
	o, seat, refusal := m.actedOn()
	if refusal != nil {
		return out
	}
	s := m.p.Step(o.Step)
	for _, a := range answerActs {
		switch {
		case !slices.Contains(offered, a.act):
		case a.act == EventComplete:
			for _, outcome := range m.outcomesOf(s) {
				out = append(out, m.openWay(o, seat, s, a.act, outcome))
			}
		case a.act == EventReturn:
			out = append(out, m.returns(o, seat, s)...)
		default:
			out = append(out, m.openWay(o, seat, s, a.act, a.outcome))
		}
	}
	return out
}

// outcomesOf are the outcomes of a task, those that go on first.
func (m *machine) outcomesOf(s *Step) []string {
	var names []string
	for name, way := range s.Ways {
		if way != nil {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return []string{Done}
	}
	slices.SortFunc(names, func(a, b string) int {
		return s.Ways[a].At.Line*1000 + s.Ways[a].At.Column - s.Ways[b].At.Line*1000 - s.Ways[b].At.Column
	})
	return names
}

// openWay is an answer as the chain has it.
func (m *machine) openWay(o *Open, seat *Seat, s *Step, act EventKind, outcome string) OpenWay {
	w := OpenWay{Act: act, Outcome: outcome, Comment: slices.Contains(s.Form.CommentRequired, outcome), Sign: signs(s, seat, outcome)}
	if agrees(outcome) {
		w.Picks = m.picksOf(o.Scope, s, s.Ways[outcome])
	}
	way := m.taken(o, s, outcome)
	if way == nil {
		return w
	}
	w.Title, w.Require = s.Ways[outcome].Title, way.Require
	if act == EventComplete || act == EventReturn || m.closesAlone(o, seat, s, outcome) {
		w.End = way.End
		m.leads(&w, o, way)
	}
	return w
}

// closesAlone says whether this one answer closes the step, whatever others have still to say.
func (m *machine) closesAlone(o *Open, seat *Seat, s *Step, outcome string) bool {
	if seat.Added != nil {
		return false
	}
	alone := len(o.everyone()) == 1
	refuses := outcome == Rejected && s.Who != nil && slices.Contains([]string{ModeFirst, ModeAll, ModeInTurn}, s.Who.Mode)
	return alone || refuses || outcome == Approved && s.Who != nil && s.Who.Mode == ModeFirst
}

// leads fills in where a way goes to.
func (m *machine) leads(w *OpenWay, o *Open, way *Way) {
	target := m.p.Step(way.Go)
	if way.Go == ResubmitStep {
		target = m.p.Resubmit
	}
	if target == nil {
		return
	}
	w.Goes = target
	w.Back = target.ID == ResubmitStep || m.stepRun(target.ID, m.item(o.Scope)) != nil
	if w.Act == EventReturn {
		w.Who = m.whoseWas(o.Scope, target)
	}
	if each, ok := target.Do.(Each); ok && way.Only {
		if list, err := each.Over.Value(m.env(o.Scope)); err == nil {
			w.Items = each.keys(list)
		}
	}
}

// whoseWas is who gets a step back: the initiator, or who decided it last.
func (m *machine) whoseWas(scope int, s *Step) string {
	if s.ID == ResubmitStep {
		return m.st.Initiator
	}
	return ofItem(m.st.Actors, s.ID, m.item(scope))
}

// returns are the places that a task may be returned to: where the chain says, and those of `return_to` that are there.
func (m *machine) returns(o *Open, seat *Seat, s *Step) []OpenWay {
	resume := s.Form.Resume
	if resume == "" {
		resume = "again"
	}
	first := m.openWay(o, seat, s, EventReturn, Returned)
	first.Resume = resume
	out := []OpenWay{first}
	add := func(to string, target *Step) {
		if target != nil && !slices.ContainsFunc(out, func(w OpenWay) bool { return w.Goes == target }) {
			w := OpenWay{Act: EventReturn, Outcome: Returned, Comment: first.Comment, Goes: target, Back: true, To: to, Who: m.whoseWas(o.Scope, target), Resume: resume}
			out = append(out, w)
		}
	}
	for _, place := range s.Form.ReturnTo {
		switch place {
		case toInitiator:
			add(toInitiator, m.p.Resubmit)
		case toPrevious:
			add(toPrevious, m.previous(o.Scope, s))
		case toAny:
			add(toInitiator, m.p.Resubmit)
			for _, passed := range m.placesBefore(o.Scope, s) {
				add(passed.ID, passed)
			}
		}
	}
	return out
}
