package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const ledOn = `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: he.jing}], mode: all, due: 1 working day}
  - {id: next, approve: Next, by: {user: zhou.min}}
  - {id: last, approve: Last, by: {user: xu.lei}}
`

func TestADecisionThatLedOnIsTakenBackUntilTheNextIsOpened(t *testing.T) {
	t.Parallel()
	c := smallCase(t, ledOn)
	due, sun, he := c.due("ask"), c.task("ask", "sun.wei"), c.task("ask", "he.jing")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, []string{"next:zhou.min"}, c.open())
	gone := c.task("next")
	c.pass("2026-11-23 14:00")
	c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sun}))
	require.Equal(t, []string{"ask:sun.wei"}, c.open(), "the other vote stands, and the task that followed is gone")
	require.Equal(t, due, c.due("ask"))
	require.Equal(t, 1, c.in.State.Open[0].Round, "the same round")
	require.Len(t, c.in.State.Steps, 1, "as if the next step had never been reached")
	refused(t, c.try(Event{Kind: EventApprove, By: "zhou.min", Task: gone}), CodeTaskClosed)

	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.opens("zhou.min", "next")
	r := refused(t, c.try(Event{Kind: EventTakeBack, By: "he.jing", Task: he}), CodeTaskClosed)
	require.Contains(t, r.Message.EN, "has opened what comes next")
	require.Equal(t, "he.jing", r.Decided.By)
}

func TestActingOnWhatFollowedLetsADecisionStand(t *testing.T) {
	t.Parallel()
	for _, act := range []func(*trial) error{
		func(c *trial) error { return c.act("zhou.min", EventApprove, "next") },
		func(c *trial) error { return c.act("zhou.min", EventAdd, "next", adding(AddedBeside, "guo.yan")) },
		func(c *trial) error { return c.act("zhou.min", EventTransfer, "next", to("guo.yan"), saying("busy")) },
		func(c *trial) error { return c.act("admin", EventAssign, "next", to("guo.yan"), saying("busy")) },
	} {
		c := smallCase(t, ledOn)
		he := c.task("ask", "he.jing")
		c.must(c.act("sun.wei", EventApprove, "ask"))
		c.must(c.act("he.jing", EventApprove, "ask"))
		c.must(act(c))
		refused(t, c.try(Event{Kind: EventTakeBack, By: "he.jing", Task: he}), CodeTaskClosed)
	}
}

func TestADecisionThatAppliedSomethingStands(t *testing.T) {
	t.Parallel()
	for _, between := range []string{
		`{id: b, set: {note: "x"}}`,
		`{id: b, notify: Told, to: {user: xu.lei}}`,
		`{id: b, create: {thing: {name: "two", owner: record.owner}}}`,
	} {
		c := smallCase(t, `
  - {id: ask, approve: Ask, by: {user: sun.wei}}
  - `+between+`
  - {id: next, approve: Next, by: {user: zhou.min}}
`)
		sun := c.task("ask")
		c.must(c.act("sun.wei", EventApprove, "ask"))
		require.Equal(t, []string{"next:zhou.min"}, c.open())
		refused(t, c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sun}), CodeTaskClosed)
	}
}

func TestAReturnIsTakenBackUntilItIsOpened(t *testing.T) {
	t.Parallel()
	c := smallCase(t, ledOn)
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("he.jing", EventApprove, "ask"))
	zhou := c.task("next")
	c.in.Process.Step("next").Ways[Returned] = &Way{Go: "ask"}
	c.must(c.act("zhou.min", EventReturn, "next", saying("unclear")))
	require.Equal(t, []string{"ask:sun.wei", "ask:he.jing"}, c.open())
	c.must(c.try(Event{Kind: EventTakeBack, By: "zhou.min", Task: zhou}))
	require.Equal(t, []string{"next:zhou.min"}, c.open())
	require.Equal(t, "done", c.in.State.Steps[0].Status)
}

// What others decided without one's answer stays decided.
func TestAnAnswerThatChangedNothingIsNotTakenBack(t *testing.T) {
	t.Parallel()
	for mode, by := range map[string]string{"all": "[{user: sun.wei}, {user: he.jing}]", "{votes: {need: 2, veto: [{user: sun.wei}]}}": "[{user: sun.wei}, {user: he.jing}, {user: guo.yan}]"} {
		c := smallCase(t, "  - {id: ask, approve: Ask, by: "+by+", mode: "+mode+", on: {rejected: {go: fix}}}\n  - {id: last, approve: Last, by: {user: zhou.min}}\n  - {id: fix, task: Fix, by: {user: xu.lei}}\n")
		task := c.task("ask", "he.jing")
		c.must(c.act("he.jing", EventApprove, "ask"))
		c.must(c.act("sun.wei", EventReject, "ask", saying("no")))
		refused(t, c.try(Event{Kind: EventTakeBack, By: "he.jing", Task: task}), CodeTaskClosed)
		require.Equal(t, []string{"fix:xu.lei"}, c.open())
	}
}

// Nobody is kept out of a later step for a decision that was taken back, and whoever decided the round before is.
func TestADecisionTakenBackKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - id: fork
    parallel:
      - {id: left, title: L, steps: [{id: a1, approve: A1, by: {role: finance}}, {id: a2, approve: A2, by: {user: zhou.min}, return_to: any}]}
      - {id: right, title: R, steps: [{id: b1, approve: B1, by: {user: xu.lei}}, {id: b2, task: B2, by: {role: finance}, not_same_as: [a1]}]}
`)
	c.must(c.act("he.jing", EventApprove, "a1"))
	c.must(c.act("zhou.min", EventReturn, "a2", func(e *Event) { e.To = "a1" }, saying("x")))
	before, task := c.in.State.Deciders, c.task("a1")
	c.must(c.act("guo.yan", EventApprove, "a1"))
	require.NotEqual(t, before, c.in.State.Deciders)
	c.must(c.try(Event{Kind: EventTakeBack, By: "guo.yan", Task: task}))
	require.Equal(t, before, c.in.State.Deciders)
	c.must(c.act("xu.lei", EventApprove, "b1"))
	require.Equal(t, []string{"he.jing"}, c.in.State.Open[len(c.in.State.Open)-1].Seats[0].Excluded)
}

// What a decision let pass over has no outcome once it is taken back, and the round before keeps its own.
func TestADecisionTakenBackLeavesTheOutcomesThatWere(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: {user: sun.wei}}
  - {id: second, approve: Second, by: {user: sun.wei}, same_again: skip_if_approved}
  - {id: next, approve: Next, by: {user: zhou.min}, return_to: any}
  - {id: last, approve: Last, by: {user: xu.lei}, if: "outcome_of('ask') == outcome_of('second')"}
`)
	task := c.task("ask")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Contains(t, c.in.State.Outcomes, "second")
	c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: task}))
	require.Empty(t, c.in.State.Outcomes)
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("zhou.min", EventReturn, "next", func(e *Event) { e.To = "ask" }, saying("x")))
	was := c.in.State.Outcomes
	task = c.task("ask")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: task}))
	require.Equal(t, was, c.in.State.Outcomes)
}
