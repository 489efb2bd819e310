package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const missed = `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: he.jing}], mode: all, due: 2 working days,
     late: [{at: 50%, tell: [holder]}, {at: due, tell: [holder]}, {after: 1 working day, tell: [{user: guo.yan}]}]}
  - {id: next, approve: Next, by: {user: zhou.min}}
`

const missedClock = `clocks: [{id: asking, title: Asking, from: start, to: done(ask), within: 2 working days, late: [{at: due, tell: [{user: xu.lei}]}]}]
`

// What a limit had come to is over; what fell due while its round was closed comes at the next moment, once; what is to come, comes.
func TestWhatARoundMissedWhileItWasClosedComesOnce(t *testing.T) {
	t.Parallel()
	for name, closed := range map[string]bool{"closed": true, "answered": false} {
		c := timed(t, nil, missedClock, missed)
		c.pass("2026-11-24 15:00")
		require.Equal(t, 1, c.told("sun.wei", "late"), "half of it is over")
		sun := c.task("ask", "sun.wei")
		c.must(c.act("sun.wei", EventApprove, "ask"))
		if closed {
			c.must(c.act("he.jing", EventApprove, "ask"))
		}
		c.pass("2026-11-26 10:00")
		require.Equal(t, 1, c.told("sun.wei", "late"), name)
		before := c.told("xu.lei", "late")
		c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sun}))
		require.Equal(t, "2026-11-25 18:00", c.due("ask"), name)
		require.Equal(t, c.now, c.wakeAt.In(c.now.Location()), "at once")
		c.must(c.try(Event{Kind: EventTick}))
		require.Equal(t, 2, c.told("sun.wei", "late"), name)
		require.Equal(t, 1, c.told("xu.lei", "late"), "the clock of the case")
		require.Equal(t, closed, before == 0, name)
		c.pass("2026-11-30 09:00")
		require.Equal(t, map[bool]int{true: 1, false: 2}[closed], c.told("guo.yan", "late"), "of his task, and of the one that was open all the time")
		require.Equal(t, 2, c.told("sun.wei", "late"), name)
	}
}

// A stage that was over with a decision has missed something, too.
func TestWhatAStageMissedWhileItWasOverComesOnce(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "", `
  - id: part
    stage: Part
    due: 2 working days
    late: [{at: due, tell: [{user: xu.lei}]}]
    steps: [{id: ask, approve: Ask, by: {user: sun.wei}}]
  - {id: next, approve: Next, by: {user: zhou.min}}
`)
	sun := c.task("ask")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.pass("2026-11-26 10:00")
	c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sun}))
	require.Zero(t, c.told("xu.lei", "late"))
	c.pass("2026-11-26 10:00")
	c.pass("2026-11-27 10:00")
	require.Equal(t, 1, c.told("xu.lei", "late"))
}

// A calendar that has changed meanwhile counts for what is open again, unless that was late when it was closed.
func TestARoundIsOpenAgainByTheCalendarAsItIs(t *testing.T) {
	t.Parallel()
	for at, due := range map[string]string{"2026-11-24 15:00": "2026-11-26 18:00", "2026-11-25 19:00": "2026-11-25 18:00"} {
		c := timed(t, nil, missedClock, missed)
		c.pass(at)
		sun := c.task("ask", "sun.wei")
		c.must(c.act("sun.wei", EventApprove, "ask"))
		c.must(c.act("he.jing", EventApprove, "ask"))
		c.publish(Holiday{"2026-11-25", "stocktaking", true})
		c.must(c.recompute("stocktaking on Wednesday"))
		c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sun}))
		require.Equal(t, due, c.due("ask"))
		clock, _ := c.clockAt("asking")
		require.Equal(t, due, clock)
	}
}

// Whoever has left meanwhile isn't asked when a round is open again: not at once, not later, not as one of several.
func TestARoundIsOpenAgainWithoutWhoHasLeft(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*trial{
		"asked":   dealt(t, "  - {id: ask, approve: Ask, by: [{user: he.jing}, {user: sun.wei}], mode: first}\n  - {id: next, approve: Next, by: {user: zhou.min}}\n", nil),
		"in turn": dealt(t, "  - {id: ask, approve: Ask, by: [{user: he.jing}, {user: sun.wei}], mode: in_turn, on: {rejected: {go: next}}}\n  - {id: next, approve: Next, by: {user: zhou.min}}\n", nil),
	} {
		he := c.task("ask", "he.jing")
		if name == "in turn" {
			c.must(c.act("he.jing", EventReject, "ask", saying("no")))
		} else {
			c.must(c.act("he.jing", EventApprove, "ask"))
		}
		require.Equal(t, []string{"next:zhou.min"}, c.open(), name)
		require.False(t, c.in.State.Leaves("sun.wei"), "the handover finds nothing")
		c.must(c.left("sun.wei", "chen.bo"))
		c.must(c.try(Event{Kind: EventTakeBack, By: "he.jing", Task: he}))
		require.False(t, c.in.State.Leaves("sun.wei"), name)
		if name == "in turn" {
			c.must(c.act("he.jing", EventApprove, "ask"))
			require.Equal(t, []string{"ask:chen.bo"}, c.open())
		} else {
			require.Equal(t, []string{"ask:he.jing", "ask:chen.bo"}, c.open())
		}
	}
}

// One of several who may have a task is asked no more once they have left; who stood in for somebody is found anew.
func TestAMemberWhoHasLeftIsNoneOfARoundThatIsOpenAgain(t *testing.T) {
	t.Parallel()
	c := dealing(t, "  - {id: ask, approve: Ask, by: [{user: chen.bo}, {role: finance}], mode: first}\n  - {id: next, approve: Next, by: {user: zhou.min}}\n", nil)
	c.in.Absences = away{"guo.yan": "sun.wei"}
	c.start("li.na")
	require.Contains(t, c.open()[1], "sun.wei", "who stands in for a member")
	chen := c.task("ask", "chen.bo")
	c.must(c.act("chen.bo", EventApprove, "ask"))
	c.company.leave("sun.wei")
	c.in.Absences = away{"sun.wei": "xu.lei"}
	c.must(c.try(Event{Kind: EventHandover, By: "admin", From: "sun.wei", To: "xu.lei", Comment: "has left"}))
	c.must(c.try(Event{Kind: EventTakeBack, By: "chen.bo", Task: chen}))
	require.False(t, c.in.State.Leaves("sun.wei"))
	require.NotContains(t, c.open()[1], "sun.wei")
}

// The release before takes a case to a version that has no such step any more, and knows nothing of what is kept.
func TestADecisionOfAStepThatIsGoneStands(t *testing.T) {
	t.Parallel()
	c := smallCase(t, ledOn)
	he := c.task("ask", "he.jing")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Contains(t, Offered(c.in, he, "he.jing", false), EventTakeBack)
	delete(c.in.Process.byID, "ask")
	require.Empty(t, Offered(c.in, he, "he.jing", false))
	refused(t, c.try(Event{Kind: EventTakeBack, By: "he.jing", Task: he}), CodeTaskClosed)
	c.opens("zhou.min", "next")
	c.must(c.act("zhou.min", EventApprove, "next"))
}
