package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// decodeFresh reads back what is kept beside the state.
func (l *life) decodeFresh() []Fresh {
	var list []Fresh
	if err := json.Unmarshal([]byte(raw(l.in.Fresh)), &list); err != nil {
		l.fail("what can be taken back can't be read: %v", err)
	}
	return list
}

// opens lets one who has a task open it.
func (l *life) opens(task, by string) {
	fresh, err := Look(l.in, task, by)
	if refusal, ok := errors.AsType[*Refusal](err); ok && (refusal.Code == CodeNotYourTask || refusal.Code == CodeTaskClosed) {
		return
	}
	if err != nil {
		l.fail("opening a task: %v", err)
	}
	l.in.Fresh = fresh
}

// stepBack is the law of taking back what has led on: an event that closed a round, taken back at once, leaves the case as it was, without that vote. When one
// of those who were asked because of it has opened their task, or anything was done to it, it is refused.
func (l *life) stepBack(before Input, ev Event) {
	if len(l.in.Fresh) == 0 || l.turnBack(before, ev) {
		return
	}
	f := l.in.Fresh[len(l.in.Fresh)-1]
	seat := f.Round.seat(ev.Task)
	if len(ev.Fields) > 0 || seat == nil || seat.Vote == nil || seat.Vote.By == "" || seat.Vote.At != l.in.State.LastAt || f.Round.ledOn(l.in.Process.Step(f.Round.Step), seat) ||
		l.machine().decidedWithout(takenBack{o: &f.Round, seat: seat, kept: -1}) {
		return
	}
	if slices.ContainsFunc(f.Round.Seats, func(s Seat) bool { return l.machine().namesGone(s.Candidates) }) {
		return // it asks afresh, without who has left
	}
	back := Event{Kind: EventTakeBack, By: seat.Vote.By, Task: ev.Task, At: l.now}
	res, err := Apply(l.in, back)
	if p, _ := l.company.Person(back.By); err != nil && (!p.Active || len(f.Read) > 0) {
		return
	}
	if err != nil {
		l.fail("what nobody has opened can't be taken back: %v", err)
	}
	l.asItWas(before, res, ev.Task)
	l.seen["step back"] = true
	for _, at := range f.Led.Open {
		m := l.machine()
		o := &m.st.Open[slices.IndexFunc(m.st.Open, at.holds)]
		for j := range o.Seats {
			if l.lookedAt(&o.Seats[j], back) {
				break
			}
		}
	}
}

// asItWas: but for the vote of one task, the case stands as if only time had passed.
func (l *life) asItWas(before Input, taken Result, without string) {
	tick, err := Apply(before, Event{Kind: EventTick, At: l.now})
	if err != nil {
		l.fail("%v", err)
	}
	if was, is := l.where(tick.State, without), l.where(taken.State, without); was != is {
		l.fail("taken back, the case isn't where it was:\n%s\n\n%s", was, is)
	}
}

// turnBack is the same law of an answer that leaves its round open: who was asked because of it is asked later again, and for whom nobody waited is waited for.
func (l *life) turnBack(before Input, ev Event) bool {
	m := l.machine()
	o, seat := m.seatOf(ev.Task)
	if o == nil || seat.Vote == nil || seat.Vote.At != l.in.State.LastAt || m.st.Status != Running || m.st.Held != nil ||
		!slices.Contains([]EventKind{EventApprove, EventReject, EventComplete}, ev.Kind) {
		return false
	}
	if len(ev.Fields) > 0 || o.unheard(seat) || hasTwo(before, ev.Task) {
		return true
	}
	back := Event{Kind: EventTakeBack, By: ev.By, Task: ev.Task, At: l.now}
	res, err := Apply(l.in, back)
	if err != nil {
		l.fail("an answer that nobody has looked beyond can't be taken back: %v", err)
	}
	l.asItWas(before, res, ev.Task)
	asked, heard := o.ledTo(m.p.Step(o.Step), seat)
	for _, task := range slices.Concat(asked, heard) {
		l.seen["turn back"] = true
		l.lookedAt(o.seat(task), back)
	}
	return true
}

// hasTwo says whether somebody has two tasks of a round, as who asks others first at a seat that is open to several; they aren't asked twice again.
func hasTwo(in Input, task string) bool {
	o, _ := newMachine(in, Event{}).seatOf(task)
	seen := map[string]bool{"": false}
	return o != nil && slices.ContainsFunc(o.everyone(), func(s *Seat) bool {
		again := seen[s.Assignee]
		seen[s.Assignee] = s.Assignee != ""
		return again
	})
}

// lookedAt: when somebody else than who takes it back has opened this task, it can't be taken back any more. False: nobody has it.
func (l *life) lookedAt(seat *Seat, back Event) bool {
	holders := l.machine().holders(seat)
	if len(holders) == 0 {
		return false
	}
	in, who := l.in, holders[0]
	fresh, err := Look(in, seat.Task, who)
	if err != nil {
		l.fail("%s can't open their own task: %v", who, err)
	}
	kept := raw(l.in.Fresh)
	in.Fresh = fresh
	_, err = Apply(in, back)
	if (err == nil) != (who == back.By) {
		l.fail("%s has opened what came next, and taking back says %v", who, err)
	}
	if raw(l.in.Fresh) != kept {
		l.fail("looking has changed what was kept")
	}
	return true
}

// readAs takes over who has opened what from the same round of another version.
func (f *Fresh) readAs(other Fresh) {
	if len(other.Read) > 0 {
		f.Read = other.Read
	}
	if f.Turns == nil || other.Turns == nil {
		return
	}
	for i := range f.Turns.Asked {
		if a := other.Turns.asked(f.Turns.Asked[i].Task); a != nil {
			f.Turns.Asked[i].Read = a.Read
		}
	}
}

// where says where a case stands, but for the ids of what is asked again, and the vote of one task.
func (l *life) where(st State, without string) string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, sc := range st.Scopes {
		say("scope %+v", sc)
	}
	for _, r := range st.Steps {
		say("step %+v", r)
	}
	for i := range st.Open {
		o := &st.Open[i]
		say("open %s %s %d due %v", o.Step, o.Item, o.Round, o.Due)
		for _, s := range o.Turn {
			say("  %s@%s later %s %v", o.Step, o.Item, s.Assignee, s.Candidates)
		}
		for j := range o.Seats {
			s := &o.Seats[j]
			vote := s.Vote
			if s.Task == without {
				vote = nil
			}
			who := s.Assignee
			if vote == nil { // by answering, one takes what several may
				who = ""
			}
			say("  %s@%s seat %s %v %s due %v", o.Step, o.Item, who, s.Candidates, raw(vote), s.Due)
		}
	}
	for _, b := range st.Backs {
		say("back %+v", b)
	}
	for _, r := range st.Rounds {
		say("round %s %s", r.Open.Step, r.Open.Item)
	}
	for key, n := range st.Entered {
		say("entered %s %d", key, n)
	}
	for _, c := range st.Clocks {
		if c.Stop == nil { // one that stands still is counted on when it goes on
			say("clock %s %v %v", c.ID, c.Done, c.Due)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// opens lets one who has the task of a step open it.
func (c *trial) opens(by, step string) {
	c.t.Helper()
	c.opensTask(by, c.task(step, by))
}

func (c *trial) opensTask(by, task string) {
	c.t.Helper()
	fresh, err := Look(c.in, task, by)
	c.must(err)
	c.in.Fresh = fresh
}
