package process

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// reading is the reference for a step at which people were added: it reads the seats and tries every way in which the open answers could be
// given. A seat agrees when it did and all who were asked after it do; of a group in `first` whoever answers first speaks for all.
type reading struct {
	ballot
	seats []Seat // asked and waiting
	base  int
}

func (r reading) after(task string) (groups [][]Seat) {
	byGroup := map[int]int{}
	for _, s := range r.seats {
		if s.Added != nil && s.Added.Where == AddedAfter && s.Added.Seat == task && task != "" {
			i, ok := byGroup[s.Added.Group]
			if !ok {
				i = len(groups)
				byGroup[s.Added.Group] = i
				groups = append(groups, nil)
			}
			groups[i] = append(groups[i], s)
		}
	}
	return groups
}

// possible are the answers that seats asked together can still come to, as a set of agrees (1) and refuses (2).
func (r reading) possible(group []Seat) int {
	if group[0].Added != nil && group[0].Added.Mode == ModeFirst {
		all := 0
		for _, s := range group {
			p := r.possibleOf(s)
			if p != 3 {
				return p
			}
			all |= p
		}
		return all
	}
	agrees, refuses := true, false
	for _, s := range group {
		p := r.possibleOf(s)
		if p == 2 {
			return 2
		}
		agrees = agrees && p&1 != 0
		refuses = refuses || p&2 != 0
	}
	return bit(agrees, 1) | bit(refuses, 2)
}

func bit(yes bool, b int) int {
	if yes {
		return b
	}
	return 0
}

func (r reading) possibleOf(s Seat) int {
	switch {
	case s.Vote == nil:
		return 3
	case s.Vote.Outcome != Approved:
		return 2
	}
	all := 1
	for _, g := range r.after(s.Task) {
		switch p := r.possible(g); p {
		case 2:
			return 2
		case 3:
			all = 3
		}
	}
	return all
}

// settled says whether the step must be closed now, and how.
func (r reading) settled() (string, bool) {
	var voices []int
	grouped := map[int][]Seat{}
	for _, s := range r.seats {
		switch {
		case s.Added == nil || s.Added.Where == AddedBeside && s.Added.Mode != ModeFirst:
			voices = append(voices, r.possibleOf(s))
		case s.Added.Where == AddedBeside:
			grouped[s.Added.Group] = append(grouped[s.Added.Group], s)
		}
	}
	for _, g := range grouped {
		voices = append(voices, r.possible(g))
	}
	open := 0
	outcomes := map[string]bool{}
	for _, v := range voices {
		if v == 3 {
			open++
		} else if r.mode == ModeFirst {
			return map[int]string{1: Approved, 2: Rejected}[v], true
		}
	}
	if open > 0 && (r.mode == ModeFirst || r.mode == ModeAllOpinions) {
		return "", false
	}
	for way := range 1 << open {
		yes, no, k := 0, 0, 0
		for _, v := range voices {
			if v == 3 {
				v = 1 + way>>k&1
				k++
			}
			yes, no = yes+bit(v == 1, 1), no+bit(v == 2, 1)
		}
		outcomes[r.count(yes, no)] = true
	}
	for o := range outcomes {
		return o, len(outcomes) == 1
	}
	return "", false
}

func (r reading) count(yes, no int) string {
	enough := func(n int) bool { return r.den == 0 && n >= r.num || r.den > 0 && n*r.den >= r.num*r.base }
	switch {
	case r.mode != ModeVotes && no > 0, r.mode == ModeVotes && !enough(yes) && enough(no):
		return Rejected
	case r.mode != ModeVotes || enough(yes):
		return Approved
	}
	return r.tie
}

// round is a random walk of one step: votes, people added and removed, decisions taken back, by whoever may and whoever may not.
type round struct {
	*trial
	rt   *rapid.T
	b    ballot
	base int
	done map[string]int
}

// TestARoundStaysRightWhoeverIsAddedRemovedOrTakesBack checks after every event of a random walk: the step closes exactly when the reference says
// so; the open tasks are those of the open seats; nobody is asked twice; somebody can act; and by agreeing it comes to an end.
func TestARoundStaysRightWhoeverIsAddedRemovedOrTakesBack(t *testing.T) {
	done := map[string]int{}
	checkLaw(t, func(rt *rapid.T) {
		b := drawBallot(rt)
		for i := range b.weights {
			b.weights[i], b.veto[i] = 1, false
		}
		b.num = min(b.num, len(b.weights))
		b.den = min(b.den, len(b.weights))
		c := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chainOf(b.yaml()))
		for i := range 30 {
			c.company.add(fmt.Sprintf("p%d", i), "top", "")
		}
		r := &round{trial: c, rt: rt, b: b, base: len(b.weights), done: done}
		c.start("li.na")
		for i := 0; i < 25 && r.going(); i++ {
			r.event()
			r.check()
		}
		for i := 0; r.going(); i++ {
			if i > 60 {
				rt.Fatalf("%s never ends: %v", b.yaml(), c.open())
			}
			r.agree()
			r.check()
		}
	})
	for _, what := range []string{"add_approverbefore", "add_approverafter", "add_approverbeside", "remove_approver", "take_back", "closed by approve", "closed by reject", "closed by remove_approver"} {
		t.Logf("%s: %d", what, done[what])
		require.NotZero(t, done[what], what)
	}
}

func (r *round) going() bool { return r.in.State.Status == Running && r.in.State.Held == nil }

func (r *round) step() *Open { return &r.in.State.Open[0] }

func (r *round) event() {
	o := r.step()
	what := rapid.SampledFrom([]EventKind{EventApprove, EventApprove, EventApprove, EventReject, EventAdd, EventAdd, EventAdd, EventAdd, EventRemove, EventTakeBack}).Draw(r.rt, "what")
	seats := slices.DeleteFunc(slices.Clone(o.Seats), func(s Seat) bool { return (s.Vote == nil) == (what == EventTakeBack) })
	if len(seats) == 0 {
		return
	}
	seat := rapid.SampledFrom(seats).Draw(r.rt, "seat")
	if seat.Vacant {
		r.attempt(Event{Kind: EventAssign, By: "admin", Admin: true, Comment: "x", Task: seat.Task, To: r.person()})
		return
	}
	ev := Event{Kind: what, By: seat.Assignee, Task: seat.Task, Comment: "x"}
	switch what {
	case EventAdd:
		ev.Where = rapid.SampledFrom([]string{AddedBefore, AddedAfter, AddedBeside}).Draw(r.rt, "where")
		ev.Mode = rapid.SampledFrom([]string{ModeFirst, ModeAll, ModeInTurn}).Draw(r.rt, "among")
		for range rapid.IntRange(1, 3).Draw(r.rt, "n") {
			ev.People = append(ev.People, r.person())
		}
	case EventRemove:
		ev.By, ev.Admin = "admin", true
		ev.People = []string{rapid.SampledFrom(append(slices.Clone(o.Seats), o.Turn...)).Draw(r.rt, "whom").Assignee}
	}
	r.attempt(ev)
}

func (r *round) person() string {
	return fmt.Sprintf("p%d", rapid.IntRange(0, 29).Draw(r.rt, "who"))
}

// attempt lets an event happen or be refused. A step that closes had to.
func (r *round) attempt(ev Event) {
	before := slices.Concat(r.step().Seats, r.step().Turn)
	err := r.try(ev)
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		return
	case err != nil:
		r.rt.Fatalf("%v: %v", ev, err)
	}
	r.done[string(ev.Kind)+ev.Where]++
	if r.in.State.Status == Ended {
		r.closed(before, ev)
		return
	}
	if r.going() && len(r.step().Seats) == 1 && r.step().Base <= 1 && r.step().Seats[0].Vacant && r.b.mode == ModeVotes {
		r.base = 1 // the last voter was removed
		r.done["nobody left"]++
	}
}

// closed checks that an event had to close the step, with the outcome it has.
func (r *round) closed(seats []Seat, ev Event) {
	outcome := map[EventKind]string{EventApprove: Approved, EventReject: Rejected}[ev.Kind]
	seats = slices.DeleteFunc(seats, func(s Seat) bool { return ev.Kind == EventRemove && contains(ev.People, s.Assignee) })
	for i := range seats {
		if seats[i].Task == ev.Task && outcome != "" {
			seats[i].Vote = &Vote{Outcome: outcome}
		}
	}
	want, settled := reading{ballot: r.b, seats: seats, base: r.base}.settled()
	if !settled || want != r.in.State.Outcome {
		r.rt.Fatalf("%s: closed as %s by %v; the reference says %q, settled %v", r.b.yaml(), r.in.State.Outcome, ev, want, settled)
	}
	r.done["closed by "+string(ev.Kind)]++
}

// agree lets the first who can act agree.
func (r *round) agree() {
	for _, s := range r.step().Seats {
		if s.Vote == nil && len(r.in.State.WaitsFor(s.Task)) == 0 {
			n := len(r.all)
			r.attempt(Event{Kind: EventApprove, By: "admin", Admin: true, Comment: "x", Task: s.Task})
			if len(r.all) == n {
				r.rt.Fatalf("%s: %s can't act", r.b.yaml(), s.Assignee)
			}
			return
		}
	}
	r.rt.Fatalf("%s: nobody can act: %v, later %v", r.b.yaml(), r.open(), r.step().Turn)
}

func (r *round) check() {
	identical(r.rt, r.in.State)
	open := map[string]bool{}
	opened, closed := map[string]bool{}, map[string]bool{}
	for _, e := range r.all {
		switch e.Event {
		case "opened":
			opened[e.Task] = true
		case "decided", "voided", "removed":
			closed[e.Task] = true
		}
	}
	if !r.going() {
		return
	}
	o, asked := r.step(), map[string]bool{}
	for _, s := range append(append([]Seat(nil), o.Seats...), o.Turn...) {
		if s.Vote == nil && s.Assignee != "" && asked[s.Assignee] {
			r.rt.Fatalf("%s is asked twice", s.Assignee)
		}
		asked[s.Assignee] = true
	}
	for _, s := range o.Seats {
		if s.Vote == nil {
			open[s.Task] = true
		}
	}
	for task := range opened {
		if open[task] == closed[task] {
			r.rt.Fatalf("%s: the task %s is open %v and closed %v", r.b.yaml(), task, open[task], closed[task])
		}
	}
	ref := reading{ballot: r.b, seats: append(append([]Seat(nil), o.Seats...), o.Turn...), base: r.base}
	if outcome, settled := ref.settled(); settled {
		r.rt.Fatalf("%s: still open, though certainly %s: %v", r.b.yaml(), outcome, r.open())
	}
}
