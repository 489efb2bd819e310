package process

import (
	"slices"
	"time"
)

// leaveRound goes on after a decided round. Where its branch thereby comes to its end and only waits for others, nothing was opened and nothing
// applied: the round is kept, so that a vote can still be taken back.
func (m *machine) leaveRound(closed Open, s *Step, way *Way, outcome string) {
	var around []Scope
	for id := closed.Scope; id != 0; id = m.scope(id).Parent {
		around = append(around, *m.scope(id))
	}
	effects, queued, open := len(m.effects), len(m.queue), len(m.st.Open)
	m.follow(closed.Scope, s, way, outcome)
	if m.st.Status != Running || m.st.Held != nil || len(m.effects) > effects || len(m.queue) > queued || len(m.st.Open) < open {
		return // a step was entered, something applied, or a stage around it closed
	}
	var gone []Scope
	for _, sc := range around {
		if !slices.ContainsFunc(m.st.Scopes, func(other Scope) bool { return other.ID == sc.ID }) {
			gone = append([]Scope{sc}, gone...)
		}
	}
	if len(gone) > 0 && (way == nil || way.AtMost == 0) {
		m.st.Rounds = append(m.st.Rounds, Round{Open: closed, Scopes: gone})
	}
}

// forgetRounds lets go of the kept rounds below a scope: what they waited for has come, or is left.
func (m *machine) forgetRounds(scope int) {
	m.st.Rounds = slices.DeleteFunc(m.st.Rounds, func(r Round) bool { return m.within(r.Scopes[0].Parent, scope) })
	if len(m.st.Rounds) == 0 {
		m.st.Rounds = nil
	}
}

// takeBack takes one's own answer back while nothing that followed from it was opened or applied: the same round is open again without it.
func (m *machine) takeBack() *Refusal {
	kept, refusal := m.mayTakeBack()
	if refusal != nil {
		return refusal
	}
	o, _ := m.seatOf(m.ev.Task)
	if kept >= 0 {
		o = m.reopenRound(kept)
	}
	m.unvote(o, m.p.Step(o.Step), kept >= 0)
	return nil
}

// mayTakeBack says whether the event's person may take an answer back, and gives the place of its round among those kept; -1: it is open still.
func (m *machine) mayTakeBack() (kept int, no *Refusal) {
	if refusal := m.standing(); refusal != nil {
		return 0, refusal
	}
	kept = -1
	o, seat := m.seatOf(m.ev.Task)
	if o == nil {
		kept = slices.IndexFunc(m.st.Rounds, func(r Round) bool { return r.Open.seat(m.ev.Task) != nil })
		if kept < 0 {
			return 0, Refuse(CodeTaskClosed, "下一步已经开始，不能再收回", "what comes next has begun: it can't be taken back any more")
		}
		o = &m.st.Rounds[kept].Open
		seat = o.seat(m.ev.Task)
	}
	switch {
	case seat.Vote == nil:
		return 0, Refuse(CodeUnknownOutcome, "还没有办理，没有可以收回的", "nothing was decided here yet, so there is nothing to take back")
	case seat.Vote.By != m.ev.By || m.ev.By == "":
		return 0, Refuse(CodeNotYourTask, "只能收回自己的审批", "only one's own decision can be taken back")
	case o.ledOn(m.p.Step(o.Step), seat):
		r := Refuse(CodeTaskClosed, "后面的人已经被询问，不能再收回", "others were asked because of it: it can't be taken back any more")
		r.Decided = seat.Vote.decided()
		return 0, r
	}
	return kept, nil
}

// ledOn says whether something followed from a seat's answer in its round: without it somebody who was asked behind it wouldn't have been, or whoever waited for
// an opinion would wait again.
func (o *Open) ledOn(s *Step, seat *Seat) bool {
	without := *o
	without.cloneSeats()
	without.seat(seat.Task).Vote = nil
	behind := false
	for i := range o.Seats {
		other, now := &o.Seats[i], &without.Seats[i]
		then := Open{Seats: without.Seats[:i+1]}
		switch {
		case other == seat:
			behind = true
		case behind && !then.due(s, now), len(o.askedFirst(other)) == 0 && len(without.askedFirst(now)) > 0:
			return true
		}
	}
	return seat.opinion() && o.seat(seat.Added.Seat) == nil
}

// reopenRound opens a kept round again, with the scopes that ended with it.
func (m *machine) reopenRound(kept int) *Open {
	r := m.st.Rounds[kept]
	m.st.Rounds = slices.Delete(m.st.Rounds, kept, kept+1)
	if len(m.st.Rounds) == 0 {
		m.st.Rounds = nil
	}
	m.st.Scopes = append(m.st.Scopes, r.Scopes...)
	for _, sc := range r.Scopes {
		m.stepRun(sc.At, sc.Item).Status = "open"
	}
	r.Open.cloneSeats()
	m.st.Open = append(m.st.Open, r.Open)
	delete(m.st.Outcomes, r.Open.Step)
	delete(m.st.Outcomes, keyOf(r.Open.Step, r.Open.Item))
	return &m.st.Open[len(m.st.Open)-1]
}

// unvote takes an answer out of a round. Its seat, and those that were void because of it, get new tasks; their limits stand.
func (m *machine) unvote(o *Open, s *Step, closed bool) {
	seat := o.seat(m.ev.Task)
	m.log(Entry{Event: "taken_back", Step: s.ID, Item: o.Item, Task: seat.Task, By: m.ev.By, Outcome: seat.Vote.Outcome, Comment: m.ev.Comment})
	seat.Vote = nil
	m.forgetActor(o)
	for i := range o.Seats {
		if other := &o.Seats[i]; other == seat || closed && other.Vote == nil {
			m.reopen(o, s, other)
		}
	}
	if !closed {
		m.showAdded(o, s, seat)
	}
}

// reopen gives a seat a new task in place of the one that was closed.
func (m *machine) reopen(o *Open, s *Step, seat *Seat) {
	m.newTask(o, seat)
	if stop := seat.Stop; stop != nil && stop.Until != nil && !stop.Until.After(m.at) { // it has gone on by itself meanwhile
		now := m.at
		m.at = *stop.Until
		m.runOn(armed{open: o, seat: seat, timer: &seat.Timer})
		m.at = now
	}
	seat.Alarms = slices.DeleteFunc(seat.Alarms, func(a Alarm) bool { return !a.At.After(m.at) })
	m.effect(OpenTask{Task: m.task(s, o, seat)})
	m.log(Entry{Event: "opened", Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Data: openedData(seat)})
	if seat.Assignee != m.ev.By {
		m.tell(m.holders(seat), Tell{About: "opened", Task: seat.Task, Step: s.ID, Text: s.Title})
	}
}

// newTask gives a seat another task's id. Who was added at the seat stays with it.
func (m *machine) newTask(o *Open, seat *Seat) {
	old := seat.Task
	seat.Task = m.newTaskID()
	for _, other := range o.everyone() {
		if other.Added != nil && other.Added.Seat == old {
			added := *other.Added
			added.Seat = seat.Task
			other.Added = &added
		}
	}
}

// showAdded lets the open tasks of those who were added at a seat say so, after it has got a new task.
func (m *machine) showAdded(o *Open, s *Step, at *Seat) {
	for i := range o.Seats {
		if seat := &o.Seats[i]; seat.Vote == nil && seat.Added != nil && seat.Added.Seat == at.Task {
			m.effect(ChangeTask{Task: m.task(s, o, seat)})
		}
	}
}

// forgetActor makes the latest of the answers left the last decision of a step.
func (m *machine) forgetActor(o *Open) {
	if last := o.last(); last != nil && last.By != "" {
		m.setActor(o.Step, o.Item, last.By)
		return
	}
	if m.st.Actors[o.Step] == m.ev.By {
		delete(m.st.Actors, o.Step)
	}
	delete(m.st.Actors, keyOf(o.Step, o.Item))
}

// last is the latest answer of a round that was no mere opinion; nil when there is none.
func (o *Open) last() *Vote {
	var last *Vote
	for i := range o.Seats {
		if seat := &o.Seats[i]; seat.Vote != nil && !seat.opinion() && (last == nil || seat.Vote.At.After(last.At)) {
			last = seat.Vote
		}
	}
	return last
}

// voteOf is the answer that closed a task, as far as the state remembers it: its own, or for one that was void the last of its round.
func (m *machine) voteOf(task string) *Vote {
	if _, seat := m.seatOf(task); seat != nil {
		return seat.Vote
	}
	for i := range m.st.Rounds {
		o := &m.st.Rounds[i].Open
		switch seat := o.seat(task); {
		case seat == nil:
		case seat.Vote != nil:
			return seat.Vote
		default:
			return o.last()
		}
	}
	return nil
}

func (v *Vote) decided() *Decided {
	return &Decided{By: v.By, At: v.At.Format(time.RFC3339), Outcome: v.Outcome}
}
