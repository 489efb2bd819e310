package process

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// runaway is a chain that turns without anybody: the one who is asked has gone, and the system agrees in their place.
const runaway = `
  - {id: begin, task: Begin, by: initiator}
  - {id: turn, approve: Turn, by: {field: buyer}, if_none: skip, on: {approved: {go: turn}}}
`

// costly is a condition that costs more than an expression may, on a record with as many lines as there may be.
func costly(t *testing.T) (*trial, func() error) {
	one := "any of (record.ps.a" + strings.Repeat("*1", 40) + " > 9)"
	condition := one + strings.Repeat(" || "+one, 15)
	record := strings.Replace(thing, "  owner:", "  ps: {type: lines, of: {a: {type: number}}}\n  owner:", 1)
	c := begin(t, Fields{"name": "one", "owner": "li.na"}, record, chainOf("\n  - {id: begin, task: Begin, by: initiator}\n  - {id: costly, approve: Look, by: {user: sun.wei}, if: '"+condition+"'}\n"))
	c.start("li.na")
	var lines []map[string]any
	for range maxLines {
		lines = append(lines, map[string]any{"a": 1.0})
	}
	c.in.Record.Fields["ps"] = lines
	return c, func() error { return c.act("li.na", EventComplete, "begin") }
}

func TestARunawayIsStoppedAndNamesItsStep(t *testing.T) {
	t.Parallel()
	c := smallCase(t, runaway)
	begun := time.Now()
	err := c.act("li.na", EventComplete, "begin")
	var stuck *Stuck
	require.True(t, errors.As(err, &stuck), "%v", err)
	require.Contains(t, stuck.Reason.EN, "`turn`")
	require.Contains(t, stuck.Reason.ZH, "turn")
	require.Less(t, time.Since(begun), 5*time.Second, "see BenchmarkRunaway")
	require.Equal(t, []string{"begin:li.na"}, c.open(), "nothing has changed")

	res := Hold(c.in, c.now, stuck.Reason)
	require.Equal(t, stuck.Reason, res.State.Held.Reason)
}

func TestAnExpressionThatCostsTooMuchHoldsTheCaseAtItsStep(t *testing.T) {
	t.Parallel()
	c, act := costly(t)
	c.must(act())
	require.Equal(t, "costly", c.in.State.Held.Step)
	require.Contains(t, c.in.State.Held.Reason.EN, "costs too much")
	for _, e := range c.effects {
		if e, ok := e.(OpenTask); ok {
			require.Equal(t, "costly", e.Task.Step)
		}
	}
}

// TestAThousandLoopsStaySmall turns cases a thousand times: by returns, by outcomes that go back, through items, with people added and with effects
// that are undone. What the state keeps doesn't grow with it.
func TestAThousandLoopsStaySmall(t *testing.T) {
	t.Parallel()
	record := strings.Replace(thing, "  owner:", "  parts: {type: text, many: true}\n  owner:", 1)
	for name, steps := range map[string]string{
		"returns": `
  - {id: work, approve: Work, by: {user: xu.lei}, same_again: skip_if_approved}
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: he.jing}], mode: all, return_to: [any], not_same_as: [work]}
`,
		"straight back": `
  - {id: work, approve: Work, by: {user: xu.lei}}
  - {id: ask, approve: Ask, by: {user: sun.wei}, resume: back, on: {returned: {go: work}}}
`,
		"going back": `
  - {id: work, task: Work, by: {user: xu.lei}}
  - {id: ask, task: Ask, by: {user: sun.wei}, outcomes: {again: {go: work}, well: {}}}
`,
		"items, with an undo": `
  - id: parts
    each: record.parts
    as: part
    steps:
      - {id: work, approve: Work, by: [{user: xu.lei}, {user: chen.bo}], mode: all_opinions}
      - {id: set, notify: Ordered, to: initiator, undo: [{notify: Cancelled, to: initiator}]}
  - {id: size, set: {size: 5}, undo: restore}
  - {id: ask, approve: Ask, by: {user: sun.wei}, on: {returned: {go: parts, at_most: 900, then: {go: parts}}}}
`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := begin(t, Fields{"name": "one", "owner": "li.na", "parts": []any{"bolt", "nut", "gear"}}, record, chainOf(steps))
			c.start("li.na")
			small := 0
			for round := range 1000 {
				c.all, c.tells = nil, nil
				c.turn(round)
				if size := len(raw(c.in.State)); round == 10 {
					small = size
				} else if round > 10 {
					require.Less(t, size, small+500, "round %d", round)
				}
			}
			require.Equal(t, Running, c.in.State.Status)
			require.Less(t, len(raw(c.in.State)), maxState)
		})
	}
}

// turn goes once through a chain and back: everybody agrees, having added somebody who agrees too, until the last step sends the case back.
func (c *trial) turn(round int) {
	c.t.Helper()
	for !strings.HasPrefix(c.open()[0], "ask:") {
		seat := c.openSeat()
		kind := EventApprove
		if c.in.Process.Step(c.in.State.Open[0].Step).Kind == "task" {
			kind = EventComplete
		} else if seat.Added == nil && round%3 == 0 {
			who := fmt.Sprintf("%s.%s.%d", "guest", seat.Assignee, round%2)
			c.company.people[who] = Person{ID: who, Name: Same(who), Active: true}
			c.must(c.try(Event{Kind: EventAdd, By: seat.Assignee, Task: seat.Task, People: []string{who}, Where: AddedAfter, Comment: "you too"}))
		}
		c.must(c.try(Event{Kind: kind, By: seat.Assignee, Task: seat.Task}))
	}
	seat := c.openSeat()
	if c.in.Process.Step("ask").Kind == "task" {
		c.must(c.try(Event{Kind: EventComplete, By: seat.Assignee, Task: seat.Task, Outcome: "again"}))
		return
	}
	to := ""
	if c.in.Process.Step("ask").Form.ReturnTo != nil {
		to = "work"
	}
	c.must(c.try(Event{Kind: EventReturn, By: seat.Assignee, Task: seat.Task, To: to, Comment: "again"}))
}

// openSeat is the first seat that waits for an answer.
func (c *trial) openSeat() *Seat {
	for i := range c.in.State.Open {
		o := &c.in.State.Open[i]
		for j := range o.Seats {
			if o.Seats[j].Vote == nil {
				return &o.Seats[j]
			}
		}
	}
	c.t.Fatal("nobody is asked")
	return nil
}
