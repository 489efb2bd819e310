package process

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

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
