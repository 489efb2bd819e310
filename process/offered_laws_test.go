package process

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// lacking are the refusals of an act that only lacks something: people, fields, items.
var lacking = []Code{CodeFieldRequired, CodeFieldInvalid, CodeFieldNotWritable, CodeStepNotPassed}

// takes says whether the machine takes an act, or would if what it lacks came with it.
func (l *life) takes(ev Event) bool {
	ev.At = l.now
	_, err := Apply(l.in, ev)
	refusal, no := errors.AsType[*Refusal](err)
	return !no || slices.Contains(lacking, refusal.Code)
}

// taken tries an act on a task in every form that it may take.
func (l *life) taken(act EventKind, task, by string, admin bool) bool {
	ev := Event{Kind: act, By: by, Admin: admin, Task: task, Comment: "because", Sign: "sha256:00", To: "p1", People: []string{"p1"}}
	o, seat := l.machine().seatOf(task)
	switch {
	case act == EventComplete && seat != nil && len(l.in.Process.Step(o.Step).outcomes()) > 0:
		ev.Outcome = l.in.Process.Step(o.Step).outcomes()[0]
	case act == EventStopClock && seat != nil && seat.Stop == nil && len(l.in.Process.Step(o.Step).Time.Stops) > 0:
		ev.Reason = l.in.Process.Step(o.Step).Time.Stops[0].Reason
	case act == EventStopClock:
		return false
	case act == EventStartClock:
		return seat != nil && seat.Stop != nil && l.takes(ev)
	case act == EventReturn:
		ev.To = ""
	case act == EventRemove:
		return l.takesOut(ev, o)
	}
	return l.takes(ev)
}

func (l *life) takesOut(ev Event, o *Open) bool {
	if ev.People = nil; o == nil || l.takes(ev) {
		return o != nil
	}
	return slices.ContainsFunc(o.everyone(), func(s *Seat) bool {
		ev.People = []string{s.Assignee}
		return s.Assignee != "" && l.takes(ev)
	})
}

// checkOffered is the law at one moment for one person and one task, open or closed.
func (l *life) checkOffered(seen map[EventKind]int) {
	tasks := append(slices.Sorted(maps.Keys(l.tasks)), slices.Sorted(maps.Keys(l.shut))...)
	if len(tasks) == 0 {
		return
	}
	task, by, admin := tasks[l.rt.dice(len(tasks))], l.person(), false
	if l.chance(30) {
		by, admin = "admin", true
	}
	if p, known := l.company.Person(by); known && !p.Active {
		return // they can't even sign in
	}
	if l.wakeAt != nil && !l.wakeAt.After(l.now) {
		return // a moment is due, which every act runs first: another calendar has made it due at once
	}
	offered := Offered(l.in, task, by, admin)
	claims := slices.Contains(offered, EventClaim)
	for _, o := range offers {
		switch taken, shown := l.taken(o.act, task, by, admin), slices.Contains(offered, o.act); {
		case o.act == EventClaim && !claims && l.in.State.Status == Running && l.in.State.Held == nil: // who has it already may repeat the claim, and it changes nothing
		case taken && !shown && claims: // first things first
		case taken != shown:
			l.fail("%s on %s by %s (administrator: %v): offered %v, taken %v", o.act, task, by, admin, shown, taken)
		case shown:
			seen[o.act]++
		}
	}
}

// A button that is shown works, and what works has a button, whatever chain, people and events.
func TestWhatIsOfferedIsTakenAndNothingElse(t *testing.T) {
	seen := map[EventKind]int{}
	never := func() (acts []EventKind) {
		for _, o := range offers {
			if seen[o.act] == 0 {
				acts = append(acts, o.act)
			}
		}
		return acts
	}
	for round := range 20 { // a rare act may not be drawn among the first lives
		checkRound(t, round, anyOffers(seen))
		if len(never()) == 0 {
			break
		}
	}
	require.Empty(t, never(), "they were never offered, so nothing is known of them")
}

// anyOffers lives one life, and looks at what is offered after every event.
func anyOffers(seen map[EventKind]int) func(*rapid.T) {
	return func(r *rapid.T) {
		rt := drawn(r)
		l := live(rt, []string{"stop in a stage", hardest[rt.dice(len(hardest))], situations[rt.dice(len(situations))]})
		l.happen(may{ev: Event{Kind: EventStart, By: "p0"}})
		for range 30 {
			if l.in.State.Status == Ended {
				break
			}
			l.happen(l.next())
			for range 5 {
				l.checkOffered(seen)
			}
		}
	}
}
