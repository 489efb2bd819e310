package process

import "slices"

// kept are those of the people whom a seat is open to who have another seat of the step, answered or not: one person is one seat, so they don't fill this one too.
// Where everybody has a seat already nobody is kept out, or nobody could answer.
func (m *machine) kept(o *Open, seat *Seat) []string {
	if !m.mayKeep(o, seat) {
		return nil
	}
	holders := m.holders(seat)
	kept := slices.DeleteFunc(slices.Clone(holders), func(id string) bool { return !m.hasSeat(o, seat, id) })
	if len(kept) == len(holders) {
		return nil
	}
	return kept
}

// mayKeep says whether a seat is open to a set of people, of whom one may have another seat of the step, or count without one.
func (m *machine) mayKeep(o *Open, seat *Seat) bool {
	return seat.Assignee == "" && !seat.Vacant && seat.Vote == nil && len(o.Seats)+len(o.Turn)+len(o.Counted) > 1
}

// allKept are all who may not fill a seat: those, and whom separation of duties keeps from the step.
func (m *machine) allKept(o *Open, seat *Seat) []string {
	kept := m.kept(o, seat)
	if len(kept) == 0 {
		return seat.Excluded
	}
	return append(slices.Clone(seat.Excluded), kept...)
}

// mayFill refuses to fill a seat to whoever has another one of the step.
func (m *machine) mayFill(o *Open, seat *Seat) *Refusal {
	if !contains(m.kept(o, seat), m.ev.By) {
		return nil
	}
	if o.counted(m.ev.By) {
		return Refuse(CodeNotYourTask, "您先前的同意已计入此步骤的表决，这一票由其他人投", "your earlier approval counts in this vote already: this seat is for somebody else")
	}
	if slices.ContainsFunc(o.Seats, func(other Seat) bool { return other.Vote != nil && other.Vote.By == m.ev.By }) {
		return Refuse(CodeNotYourTask, "您已在此步骤表态，这一票由其他人投", "you have answered at this step already: this seat is for somebody else")
	}
	return Refuse(CodeNotYourTask, "您在此步骤已有自己的任务，这一个由其他人办理", "you have a task of your own at this step: this one is for somebody else")
}

// Kept are the people who may not fill an open seat, though it is open to a set in which they are.
func Kept(in Input, task string) []string {
	m := newMachine(in, Event{})
	if o, seat := m.seatOfTask(task); seat != nil {
		return m.allKept(o, seat)
	}
	return nil
}
