package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// asks is whom the open task of a step asks outside.
func (c *trial) asks(step string) Outside {
	c.t.Helper()
	o := c.in.State.Outsider(c.task(step))
	require.NotNil(c.t, o)
	return *o
}

const askTwice = "  - id: both\n    parallel:\n" +
	"      - {id: a, steps: [{id: ask, approve: Ask, by: {outside: record.contact, email: record.region, stands_in: {user: xu.lei}}, show: [name], due: 2 working days}]}\n" +
	"      - {id: b, steps: [{id: work, task: Work, by: {user: chen.bo}, edit: {name: optional, contact: optional, region: optional}}]}\n"

// Where somebody outside is written to elsewhere, or somebody else is named, the seat asks anew: the old task is over, so that the link to it is, and a letter goes
// to where they are written to now. Who stands in has the new task, with the old limit. Other changes change nothing.
func TestASeatOutsideAsksAnewWhenSomebodyElseIsNamed(t *testing.T) {
	t.Parallel()
	for change, want := range map[string]Outside{
		"Wang Qiang":  {Name: "Wang Qiang", Email: "new@example.com"},
		"Zhao Ming":   {Name: "Zhao Ming", Email: "new@example.com"},
		"nobody here": {Name: "nobody here"},
	} {
		c := dealt(t, askTwice, Fields{"contact": "Wang Qiang", "region": "old@example.com"})
		old, due := c.task("ask"), c.in.State.Open[0].Seats[0].Due
		fields := Fields{"contact": change, "region": "new@example.com"}
		if want.Email == "" {
			fields["region"] = nil
		}
		c.must(c.act("chen.bo", EventComplete, "work", filling(fields)))
		require.NotEqual(t, old, c.task("ask"))
		require.Equal(t, want, c.asks("ask"))
		require.Equal(t, due, c.openSeat().Due, "the limit stands")
		require.Equal(t, []string{"acts for " + want.Name + ", who has no account (named by the chain)"}, c.why("en"))
		refused(t, c.try(Event{Kind: EventApprove, By: wang, Task: old}), CodeTaskClosed)
		letters := 0
		for _, e := range c.tells {
			if e.Task == c.task("ask") && e.About == "opened" && contains(e.To, want.ID()) {
				letters++
			}
		}
		require.Equal(t, map[bool]int{true: 1, false: 0}[want.Email != ""], letters, change)
		require.Zero(t, c.told(wang, "changed"), "one letter says all")
		var entry Entry
		for _, e := range c.entries("voided") {
			entry = e
		}
		require.Equal(t, [2]string{old, "somebody else is asked, or they are written to elsewhere"}, [2]string{entry.Task, entry.Reason})
		c.must(c.act(want.ID(), EventApprove, "ask"))
		require.Equal(t, Ended, c.in.State.Status)
	}

	c := dealt(t, askTwice, Fields{"contact": "Wang Qiang", "region": "old@example.com"})
	old := c.task("ask")
	c.must(c.act("chen.bo", EventComplete, "work", filling(Fields{"contact": nil})))
	require.Equal(t, old, c.task("ask"), "that nobody is named any more takes nothing away from who was asked")
	c.in.Record.Fields["contact"] = "Wang  Qiang "
	c.must(c.try(Event{Kind: EventTick}))
	require.Equal(t, old, c.task("ask"), "the same, written otherwise")
}

// What changes in the record by somebody's hand reaches the seat with the next event of the case, which the change brings; not while the case stands still, but then.
func TestASeatOutsideAsksAnewWhenTheRecordWasChangedElsewhere(t *testing.T) {
	t.Parallel()
	c := outsider(t, askOutside, nil)
	old := c.task("ask")
	c.must(c.try(Event{Kind: EventSuspend, By: "admin", Admin: true, Comment: "wait"}))
	c.in.Record.Fields["contact"] = "Zhao Ming <zhao@example.com>"
	c.must(c.try(Event{Kind: EventTick}))
	require.Equal(t, old, c.task("ask"))
	c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "go on"}))
	require.NotEqual(t, old, c.task("ask"))
	require.Equal(t, Outside{Name: "Zhao Ming", Email: "zhao@example.com"}, c.asks("ask"))
	require.Equal(t, []int{1, 1}, []int{c.told(wang, "opened"), c.told("outside:Zhao Ming", "opened")}, "nobody is written to about what isn't asked of them any more")

	c.must(c.act("outside:Zhao Ming", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)
}

// A seat that is filled again, since who stood in has left, asks whom the record names now.
func TestASeatOutsideThatIsFilledAgainAsksWhomTheRecordNames(t *testing.T) {
	t.Parallel()
	c := outsider(t, "  - {id: ask, approve: Ask, by: {outside: record.contact, stands_in: {role: finance}}, show: [name], not_same_as: [none], if_none: {to: {user: chen.bo}}}\n"+
		"  - {id: none, task: None, by: {user: chen.bo}}\n", nil)
	old := c.task("ask")
	c.in.Record.Fields["contact"] = "Zhao Ming <zhao@example.com>"
	for _, id := range c.company.Members("role:finance") {
		c.company.leave(id)
	}
	c.must(c.try(Event{Kind: EventPeople, By: "admin"}))
	require.NotEqual(t, old, c.task("ask"))
	require.Equal(t, "Zhao Ming", c.asks("ask").Name)
	require.Contains(t, c.why("en")[0], "acts for Zhao Ming")
}

// An answer stays whose it was, and somebody who is asked at the step already isn't asked twice. Whom separation of duties keeps out isn't asked at all.
func TestASeatOutsideDoesNotAskAnewWhoMayNotBeAsked(t *testing.T) {
	t.Parallel()
	two := "  - {id: ask, approve: Ask, mode: all, show: [name], by: [{outside: record.contact, stands_in: {user: xu.lei}}, {outside: record.note, stands_in: {user: he.jing}}]}\n"
	c := outsider(t, two, Fields{"note": "Zhao Ming <zhao@example.com>"})
	c.must(c.act(wang, EventApprove, "ask"))
	task := c.task("ask")
	c.in.Record.Fields["contact"] = "Else <else@example.com>"
	c.in.Record.Fields["note"] = "Wang Qiang <wang@example.com>"
	c.must(c.try(Event{Kind: EventTick}))
	require.Equal(t, task, c.task("ask"))
	require.Equal(t, "Zhao Ming", c.asks("ask").Name)

	c = outsider(t, "  - {id: first, approve: First, by: {outside: record.contact, stands_in: {user: xu.lei}}, show: [name]}\n"+
		"  - {id: ask, approve: Ask, show: [name], by: {outside: record.note, stands_in: {user: he.jing}}, not_same_as: [first]}\n", Fields{"note": "Zhao Ming <zhao@example.com>"})
	c.must(c.act(wang, EventApprove, "first"))
	c.in.Record.Fields["note"] = "Wang Qiang <wang@example.com>"
	c.must(c.try(Event{Kind: EventTick}))
	require.Equal(t, []string{"ask:admin"}, c.open())
	require.Nil(t, c.openSeat().Outside)
}
