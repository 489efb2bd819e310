package process

import "slices"

// offers are the acts on a task, in the order their buttons stand, each with the question whether the machine would take it now if whatever it
// needs besides – a reason, people, fields – came with it. They ask what the acts themselves ask, so that a button that is shown works.
var offers = []struct {
	act EventKind
	may func(*machine) bool
}{
	{EventClaim, (*machine).offersClaim},
	{EventApprove, func(m *machine) bool { return m.offersAnswer(Approved) }},
	{EventReject, func(m *machine) bool { return m.offersAnswer(Rejected) }},
	{EventReturn, func(m *machine) bool { return m.offersAnswer(Returned) }},
	{EventComplete, func(m *machine) bool { return m.offersAnswer("") }},
	{EventRelease, (*machine).offersRelease},
	{EventTransfer, (*machine).offersTransfer},
	{EventAdd, (*machine).offersAdd},
	{EventRemove, (*machine).offersRemove},
	{EventTakeBack, func(m *machine) bool { _, refusal := m.mayTakeBack(); return refusal == nil }},
	{EventStopClock, func(m *machine) bool { return m.offersClock(false) }},
	{EventStartClock, func(m *machine) bool { return m.offersClock(true) }},
	{EventAssign, func(m *machine) bool { _, _, refusal := m.actedOn(); return refusal == nil && m.ev.Admin }},
}

// Offered are the acts on a task, open or closed, that somebody may do now. Who may claim a task is offered that first, and what follows afterwards.
func Offered(in Input, task, by string, admin bool) []EventKind {
	acts := []EventKind{}
	if in.State.Status != Running || in.State.Held != nil {
		return acts
	}
	m := newMachine(in, Event{By: by, Admin: admin, Task: task, Comment: "given"})
	for _, o := range offers {
		if o.may(m) {
			acts = append(acts, o.act)
		}
	}
	return acts
}

// mine is the open seat of the task and its step, where the event's person may act on it; ok is false for everybody else, and for whoever must claim it first.
func (m *machine) mine() (o *Open, seat *Seat, s *Step, ok bool) {
	o, seat, refusal := m.actedOn()
	if refusal != nil || m.mayAct(seat) != nil || m.offersClaim() {
		return nil, nil, nil, false
	}
	return o, seat, m.p.Step(o.Step), true
}

func (m *machine) offersClaim() bool {
	o, seat, refusal := m.actedOn()
	return refusal == nil && seat.Claim && seat.Assignee == "" && contains(m.holders(seat), m.ev.By) && m.mayFill(o, seat) == nil
}

// offersAnswer is about an approval's outcome, or with none about finishing a task.
func (m *machine) offersAnswer(outcome string) bool {
	o, seat, s, ok := m.mine()
	if !ok || m.mayAnswer(o, seat) != nil || isApproval(s) != (outcome != "") {
		return false
	}
	return outcome == "" || s.Ways[outcome] != nil && (seat.Added == nil || outcome != Returned)
}

func (m *machine) offersRelease() bool {
	_, seat, refusal := m.actedOn()
	return refusal == nil && seat.Claim && seat.Assignee != "" && (seat.Assignee == m.ev.By || m.ev.Admin)
}

func (m *machine) offersTransfer() bool {
	o, seat, refusal := m.actedOn()
	return refusal == nil && m.mayHandOver(o, seat) == nil
}

func (m *machine) offersAdd() bool {
	_, seat, s, ok := m.mine()
	return ok && m.mayAdd(s, seat) == nil
}

// offersRemove: the task itself, or somebody asked at its step by name, hasn't been answered and may be taken out.
func (m *machine) offersRemove() bool {
	o, seat := m.seatOf(m.ev.Task)
	return o != nil && (m.removable(seat) == nil || slices.ContainsFunc(o.everyone(), func(s *Seat) bool {
		return s.Assignee != "" && m.removable(o.of(s.Assignee)) == nil
	}))
}

func (m *machine) offersClock(stands bool) bool {
	_, seat, s, ok := m.mine()
	return ok && (seat.Stop != nil) == stands && (stands || len(s.Time.Stops) > 0)
}
