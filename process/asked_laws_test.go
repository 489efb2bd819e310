package process

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// strangeCompany draws people who manage each other in any way, circles included, some of them inactive, some away.
func strangeCompany(t *rapid.T) (*company, away, []string) {
	c := &company{people: map[string]Person{}, departments: map[string]Department{}, members: map[Principal][]string{}}
	n := rapid.IntRange(3, 9).Draw(t, "people")
	var ids []string
	for i := range n {
		ids = append(ids, fmt.Sprintf("p%d", i))
	}
	someone := rapid.SampledFrom(append([]string{""}, ids...))
	for _, d := range []string{"a", "b", "c"} {
		c.departments[d] = Department{ID: d, Head: someone.Draw(t, "head"), InCharge: someone.Draw(t, "in charge"), Parent: rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "parent")}
	}
	gone := away{}
	for _, id := range ids {
		var roles []Principal
		if rapid.Bool().Draw(t, "role") {
			roles = append(roles, "role:x")
		}
		c.add(id, rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "department"), someone.Draw(t, "manager"), roles...)
		if rapid.IntRange(0, 3).Draw(t, "away") == 0 {
			gone[id] = someone.Draw(t, "substitute")
		}
	}
	for _, id := range ids {
		if rapid.IntRange(0, 3).Draw(t, "inactive") == 0 {
			c.leave(id)
		}
	}
	c.add("admin", "top", "", "role:administrator")
	return c, gone, ids
}

// soundSeats holds of every open case: each seat is filled by somebody who is active, there and not kept out, or can be filled by such a person, or waits
// for an administrator; nobody has two seats of a step.
func soundSeats(t *rapid.T, in Input) {
	m := &machine{in: in, p: in.Process, st: in.State, at: in.State.LastAt}
	for _, o := range in.State.Open {
		seen := map[string]bool{}
		for _, seat := range o.Seats {
			if seat.Vote != nil {
				seen[seat.Assignee] = true
				continue
			}
			if seat.Vacant {
				require.Equal(t, []Principal{Administrators}, seat.Candidates)
				require.Empty(t, seat.Assignee)
				continue
			}
			able := m.eligible(found{person: seat.Assignee, candidates: seat.Candidates}, seat.Excluded)
			require.NotEmpty(t, able, "a seat that nobody can fill: %+v", seat)
			if seat.Assignee == "" {
				continue
			}
			require.False(t, m.away(seat.Assignee), "%s is away", seat.Assignee)
			require.False(t, seen[seat.Assignee], "%s has two seats", seat.Assignee)
			seen[seat.Assignee] = true
			require.NotEmpty(t, seat.Why.ZH)
			require.NotEmpty(t, seat.Why.EN)
			require.NotEqual(t, seat.Assignee, seat.For)
		}
	}
}

func TestSeatsAreSoundInAnyCompany(t *testing.T) {
	forms := []string{
		"initiator", "{manager_of: initiator}", "{manager_of: buyer}", "{managers_of: initiator, up_to: top}", "{managers_of: buyer, up_to: {role: x}, order: down}",
		"{managers_of: initiator, up_to: {level: 2}}", "{head_of: a}", "{in_charge_of: b}", "{role: x}", "{role: x, everyone: true}", "{department: c}",
		"{department: c, everyone: true}", "{user: p1}", "{field: team}", "{field: owner}", "{cel: record.team}", "{actor_of: first}",
	}
	nobody := []string{"hold", "skip", "reject", "{to: {role: x}}", "{to: {manager_of: initiator}}"}
	initiator := []string{"ask", "skip", "{to: {manager_of: initiator}}"}
	again := []string{"ask", "skip_if_approved", "keep_last"}
	var chains []*trial // each form with each other of its distance and with different rules; loaded once, since that is slow
	for i, form := range forms {
		duties := []string{"", ", not_same_as: [first]"}[i%2]
		chains = append(chains, dealing(t, fmt.Sprintf("  - {id: first, task: First, by: [initiator, {user: p2}], mode: all, if_none: skip}\n"+
			"  - {id: ask, approve: Ask, by: [%s, %s], mode: all, if_none: %s, if_initiator: %s, same_again: %s%s}\n",
			form, forms[(i*i+3)%len(forms)], nobody[i%5], initiator[i%3], again[i%2], duties), nil))
	}
	checkLaw(t, func(rt *rapid.T) {
		c := *rapid.SampledFrom(chains).Draw(rt, "chain")
		company, gone, ids := strangeCompany(rt)
		c.company, c.in.Directory, c.in.Absences = company, company, gone
		someone := rapid.SampledFrom(ids)
		starter := someone.Draw(rt, "initiator")
		first := company.people[starter]
		first.Active = true // whoever starts a case is there
		company.people[starter] = first
		c.in.Record.Owner = starter
		c.in.Record.Fields = Fields{"name": "n", "owner": starter, "buyer": someone.Draw(rt, "buyer"), "team": []any{someone.Draw(rt, "one"), someone.Draw(rt, "two")}}
		c.start(starter)
		soundSeats(rt, c.in)
		for range 4 {
			if c.in.State.Status != Running {
				return
			}
			o := c.in.State.Open[0]
			seat := o.Seats[slices.IndexFunc(o.Seats, func(s Seat) bool { return s.Vote == nil })]
			switch rapid.IntRange(0, 2).Draw(rt, "next") {
			case 0:
				company.leave(someone.Draw(rt, "leaver"))
			case 1:
				gone[someone.Draw(rt, "absent")] = rapid.SampledFrom(append([]string{""}, ids...)).Draw(rt, "stand-in")
			default:
				who := (&machine{in: c.in, p: c.in.Process, st: c.in.State, at: c.now}).eligible(found{person: seat.Assignee, candidates: seat.Candidates}, seat.Excluded)
				if len(who) > 0 {
					kind := map[string]EventKind{"first": EventComplete, "ask": EventApprove}[o.Step]
					require.NoError(rt, c.try(Event{Kind: kind, By: who[0], Task: seat.Task, Admin: true, Comment: "for the law"}))
				}
			}
			if c.in.State.Status == Running {
				require.NoError(rt, c.try(Event{Kind: EventPeople}))
			}
			soundSeats(rt, c.in)
			sameThroughJSON(rt, c.in.State)
		}
	})
}

func sameThroughJSON(t *rapid.T, st State) {
	text, err := json.Marshal(st)
	require.NoError(t, err)
	var again State
	require.NoError(t, json.Unmarshal(text, &again))
	twice, err := json.Marshal(again)
	require.NoError(t, err)
	require.Equal(t, string(text), string(twice))
}

// TestARowOfManagers compares with the row that one climbs by hand, one manager at a time.
func TestARowOfManagers(t *testing.T) {
	checkLaw(t, func(rt *rapid.T) {
		c, _, ids := strangeCompany(rt)
		d := people{c}
		who := rapid.SampledFrom(ids).Draw(rt, "who")
		top, _ := d.row(who, UpTo{})
		require.NotContains(rt, top, who)
		for i, id := range top {
			require.True(rt, d.active(id))
			require.NotContains(rt, top[:i], id)
		}
		if len(top) > 0 {
			require.Equal(rt, d.managerOf(who), top[0], "the first of the row is the manager")
		}
		level := rapid.IntRange(1, 5).Draw(rt, "level")
		some, _ := d.row(who, UpTo{Level: level})
		require.Equal(rt, top[:min(level, len(top))], some)
		upToRole, reached := d.row(who, UpTo{Role: "x"})
		holder := slices.IndexFunc(top, func(id string) bool { return contains(c.members["role:x"], id) })
		require.Equal(rt, holder >= 0, reached)
		if reached {
			require.Equal(rt, top[:holder+1], upToRole)
		} else {
			require.Equal(rt, top, upToRole)
		}
	})
}

// seatsBy counts the seats of an open step by whose they are, answered or not, those who count without one included.
func seatsBy(o *Open) map[string]int {
	seats := map[string]int{}
	for _, s := range o.taken() {
		who := s.Assignee
		if who == "" && s.Vote != nil {
			who = s.Vote.By
		}
		if who != "" {
			seats[who]++
		}
	}
	return seats
}

// TestTheLadderIsSoundInAnyCompany: time alone gives nobody a second seat of a step, and hands nothing up to somebody who had it.
func TestTheLadderIsSoundInAnyCompany(t *testing.T) {
	by := []string{"{user: p0}", "{user: p1}", "{role: x}", "{managers_of: initiator, up_to: top}", "{department: c}", "{role: x, everyone: true}", "{manager_of: initiator}"}
	rungs := []string{
		"{at: due, hand_up: true}", "{at: due, transfer: {role: x}}, {after: 2 hours, hand_up: true}", "{at: due, transfer: {manager_of: holder}}",
		"{at: due, add: {role: x}}, {after: 2 hours, hand_up: true}", "{at: due, add: {user: p1}}, {after: 1 hour, transfer: {user: p2}}",
	}
	modes := []string{"all", "in_turn", "{votes: {need: 2}}", "first"}
	var chains []*trial
	for i, one := range by {
		for j, other := range by {
			n := i*len(by) + j
			chains = append(chains, dealing(t, fmt.Sprintf("  - {id: ask, approve: Ask, by: [%s, %s, {user: p2}], mode: %s, if_none: skip, due: 4 hours, late: [%s]}\n",
				one, other, modes[n%len(modes)], rungs[n%len(rungs)]), nil))
		}
	}
	seen := map[string]int{}
	checkLaw(t, func(rt *rapid.T) {
		c := *rapid.SampledFrom(chains).Draw(rt, "chain")
		company, gone, ids := strangeCompany(rt)
		c.company, c.in.Directory, c.in.Absences = company, company, gone
		someone := rapid.SampledFrom(ids)
		starter := someone.Draw(rt, "initiator")
		first := company.people[starter]
		first.Active = true
		company.people[starter] = first
		c.start(starter)
		had := map[string][]string{}
		for range 8 {
			if c.in.State.Status != Running || c.in.State.Held != nil || len(c.in.State.Open) == 0 {
				break
			}
			o := c.in.State.Open[0]
			seat := rapid.SampledFrom(o.Seats).Draw(rt, "seat")
			who := seat.Assignee
			if who == "" {
				who = someone.Draw(rt, "one of them")
			}
			before := seatsBy(&o)
			c.effects = nil
			timed := rapid.IntRange(0, 3).Draw(rt, "next")
			switch timed {
			case 0:
				_ = c.try(Event{Kind: EventApprove, By: who, Task: seat.Task})
			case 1:
				_ = c.try(Event{Kind: EventTransfer, By: who, Task: seat.Task, To: someone.Draw(rt, "to"), Comment: "yours"})
			default:
				c.now = c.now.Add(rapid.SampledFrom([]time.Duration{time.Hour, 3 * time.Hour, 30 * time.Hour}).Draw(rt, "passes"))
				require.NoError(rt, c.try(Event{Kind: EventTick}))
			}
			for _, e := range c.effects {
				e, is := e.(Log)
				if !is || e.Entry.Task == "" {
					continue
				}
				to, _ := e.Entry.Data["to"].(string)
				switch e.Entry.Event {
				case "opened", "added":
					to = e.Entry.For
				case "handed_up":
					require.NotContains(rt, had[e.Entry.Task], to, "handed up to somebody who had it")
					seen["up"]++
				case "transferred":
					had[e.Entry.Task] = append(had[e.Entry.Task], e.Entry.By)
				case "late":
					seen[e.Entry.Reason]++
				}
				had[e.Entry.Task] = append(had[e.Entry.Task], to)
			}
			if timed < 2 || len(c.in.State.Open) == 0 {
				continue
			}
			for who, n := range seatsBy(&c.in.State.Open[0]) {
				require.LessOrEqual(rt, n, max(1, before[who]), "%s has two seats", who)
			}
		}
	})
	for _, what := range []string{"up", "nobody stands above", "nobody to transfer to"} {
		require.Positive(t, seen[what], what)
	}
}
