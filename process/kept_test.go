package process

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// toDo are the people in whose boxes the open tasks stand, a line for each task.
func (c *trial) toDo() [][]string {
	out := [][]string{}
	for i := range c.in.State.Open {
		o := &c.in.State.Open[i]
		for j := range o.Seats {
			if seat := &o.Seats[j]; seat.Vote == nil {
				m := newMachine(c.in, Event{})
				kept := Kept(c.in, seat.Task)
				out = append(out, slices.DeleteFunc(m.holders(seat), func(id string) bool { return contains(kept, id) }))
			}
		}
	}
	return out
}

// keptByTasks is whom the tasks, as they were last written, keep out.
func (c *trial) keptByTasks(task string) (kept []string) {
	for _, e := range c.effects {
		switch e := e.(type) {
		case OpenTask:
			if e.Task.ID == task {
				kept = e.Task.Excluded
			}
		case ChangeTask:
			if e.Task.ID == task {
				kept = e.Task.Excluded
			}
		}
	}
	return kept
}

func TestWhoHasAnsweredIsNotAskedForTheSeatOfSomebodyElse(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: [{role: finance}, {role: finance}], mode: all}\n", nil)
	all := []string{"guo.yan", "he.jing"}
	require.Equal(t, [][]string{all, all}, c.toDo())
	other := c.in.State.Open[0].Seats[1].Task
	c.must(c.try(Event{Kind: EventApprove, By: "he.jing", Task: c.in.State.Open[0].Seats[0].Task}))
	require.Equal(t, [][]string{{"guo.yan"}}, c.toDo())
	require.Equal(t, []string{"he.jing"}, c.keptByTasks(other), "it leaves their box")
	refused(t, c.try(Event{Kind: EventApprove, By: "he.jing", Task: other}), CodeNotYourTask)

	c.must(c.try(Event{Kind: EventTakeBack, By: "he.jing", Task: "c1.1"}))
	require.Equal(t, [][]string{all, all}, c.toDo())
	require.Empty(t, c.keptByTasks(other), "and is there again")
}

func TestWhoHasASeatByNameDoesNotFillAnother(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"all", "first", "in_turn", "{votes: {need: 2}}"} {
		c := dealt(t, "  - {id: ask, approve: Ask, by: [{role: finance}, {user: he.jing}], mode: "+mode+"}\n", nil)
		require.Equal(t, []string{"guo.yan"}, c.toDo()[0], mode)
		refused(t, c.try(Event{Kind: EventApprove, By: "he.jing", Task: c.in.State.Open[0].Seats[0].Task}), CodeNotYourTask)
		if mode != "in_turn" {
			require.Equal(t, 1, c.told("he.jing", "opened"), "told of their own")
		}
	}
	c := dealt(t, "  - {id: ask, approve: Ask, by: [{role: finance}, {role: finance}], mode: all}\n", nil)
	first, second := c.in.State.Open[0].Seats[0].Task, c.in.State.Open[0].Seats[1].Task
	c.must(c.try(Event{Kind: EventTransfer, By: "he.jing", Task: first, To: "guo.yan", Comment: "x"}))
	refused(t, c.try(Event{Kind: EventApprove, By: "guo.yan", Task: second}), CodeNotYourTask)
	c.must(c.try(Event{Kind: EventApprove, By: "guo.yan", Task: first}))
	c.must(c.try(Event{Kind: EventApprove, By: "he.jing", Task: second}))
	require.Empty(t, c.in.State.Open)
}

func TestOfSeveralToClaimOnePersonTakesOne(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: work, task: Work, by: [{department: quality}, {department: quality}], claim: true, mode: all}\n  - {id: next, task: Next, by: initiator}\n", nil)
	first, second := c.in.State.Open[0].Seats[0].Task, c.in.State.Open[0].Seats[1].Task
	c.must(c.try(Event{Kind: EventClaim, By: "xu.lei", Task: first}))
	refused(t, c.try(Event{Kind: EventClaim, By: "xu.lei", Task: second}), CodeNotYourTask)
	require.NotContains(t, Offered(c.in, second, "xu.lei", false), EventClaim)
	c.must(c.try(Event{Kind: EventComplete, By: "xu.lei", Task: first}))
	refused(t, c.try(Event{Kind: EventClaim, By: "xu.lei", Task: second}), CodeNotYourTask)
	refused(t, c.try(Event{Kind: EventComplete, By: "xu.lei", Task: second}), CodeNotYourTask)
	c.must(c.try(Event{Kind: EventComplete, By: "zhao.qiang", Task: second}))
	require.Equal(t, []string{"next:li.na"}, c.open())
}

func TestWhereEverybodyHasASeatAlreadyAnyoneAnswersTheLast(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: [{role: finance}, {role: finance}, {role: finance}], mode: all}\n  - {id: next, task: Next, by: initiator}\n", nil)
	for i, by := range []string{"guo.yan", "he.jing", "he.jing"} {
		c.must(c.try(Event{Kind: EventApprove, By: by, Task: c.in.State.Open[0].Seats[i].Task}))
	}
	require.Equal(t, []string{"next:li.na"}, c.open())
}
