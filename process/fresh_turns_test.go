package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const inARow = `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}, {user: xu.lei}], mode: in_turn, due: 1 working day}
  - {id: next, approve: Next, by: {user: he.jing}}
`

func TestAnAnswerInTurnIsTakenBackUntilTheNextOneOpens(t *testing.T) {
	t.Parallel()
	c := smallCase(t, inARow)
	due, sun := c.due("ask"), c.task("ask")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:zhou.min"}, c.open())
	zhou := c.task("ask")
	c.pass("2026-11-23 14:00")
	require.Contains(t, Offered(c.in, sun, "sun.wei", false), EventTakeBack)
	c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sun}))
	require.Equal(t, []string{"ask:sun.wei"}, c.open())
	require.Equal(t, due, c.due("ask"))
	require.Len(t, c.in.State.Open[0].Turn, 2, "both are asked later, as before")
	require.Equal(t, "zhou.min", c.in.State.Open[0].Turn[0].Assignee)
	require.Equal(t, zhou, c.entries("voided")[0].Task)
	refused(t, c.try(Event{Kind: EventApprove, By: "zhou.min", Task: zhou}), CodeTaskClosed)

	sun = c.task("ask")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:zhou.min"}, c.open())
	require.Equal(t, "2026-11-24 18:00", c.due("ask"), "a limit of its own, from when they are asked")
	c.opensTask("zhou.min", c.task("ask"))
	r := refused(t, c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sun}), CodeTaskClosed)
	require.Contains(t, r.Message.EN, "has opened what comes next")
	require.Equal(t, "sun.wei", r.Decided.By)
	require.NotContains(t, Offered(c.in, sun, "sun.wei", false), EventTakeBack)
}

func TestActingOnTheNextTurnLetsAnAnswerStand(t *testing.T) {
	t.Parallel()
	for _, act := range []func(*trial) error{
		func(c *trial) error { return c.act("zhou.min", EventApprove, "ask") },
		func(c *trial) error { return c.act("zhou.min", EventAdd, "ask", adding(AddedBeside, "guo.yan")) },
		func(c *trial) error { return c.act("zhou.min", EventTransfer, "ask", to("guo.yan"), saying("busy")) },
		func(c *trial) error { return c.act("admin", EventAssign, "ask", to("guo.yan"), saying("busy")) },
		func(c *trial) error { return c.act("admin", EventRemove, "ask", these("zhou.min"), saying("left")) },
	} {
		c := smallCase(t, inARow)
		sun := c.task("ask")
		c.must(c.act("sun.wei", EventApprove, "ask"))
		c.must(act(c))
		refused(t, c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sun}), CodeTaskClosed)
	}
}

// Whoever is asked after somebody is, and whoever waits for an opinion waits, as if the answer hadn't been given; the others' answers stand.
func TestWhoIsAddedIsAskedLaterAgainWhenTheAnswerIsTakenBack(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: all}
`)
	sun := c.task("ask", "sun.wei")
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedAfter, "he.jing")))
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBefore, "xu.lei")))
	xu := c.task("ask", "xu.lei")
	c.must(c.act("xu.lei", EventApprove, "ask"))
	require.Empty(t, c.in.State.WaitsFor(sun))
	c.must(c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: xu}))
	require.Equal(t, []string{"xu.lei"}, c.in.State.WaitsFor(sun), "the opinion is asked for again")
	refused(t, c.act("sun.wei", EventApprove, "ask"), CodeNotYourTask)
	c.must(c.act("xu.lei", EventApprove, "ask"))
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("zhou.min", EventApprove, "ask"))
	require.Equal(t, []string{"ask:he.jing"}, c.open())
	c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sun}))
	require.Equal(t, []string{"ask:sun.wei"}, c.open(), "what others have answered stands")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:he.jing"}, c.open())
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)
}

// Of several of whom the first answers for all, those who were let go are asked again.
func TestWhoWasLetGoIsAskedAgainWhenTheAnswerIsTakenBack(t *testing.T) {
	t.Parallel()
	for _, where := range []string{AddedBefore, AddedBeside} {
		c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: all, due: 1 working day}
`)
		c.must(c.act("sun.wei", EventAdd, "ask", adding(where, "xu.lei", "guo.yan"), func(e *Event) { e.Mode = ModeFirst }))
		xu, guo := c.task("ask", "xu.lei"), c.task("ask", "guo.yan")
		due := c.due("ask")
		c.must(c.act("xu.lei", EventApprove, "ask"))
		require.NotContains(t, c.open(), "ask:guo.yan")
		c.must(c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: xu}))
		require.ElementsMatch(t, []string{"ask:sun.wei", "ask:zhou.min", "ask:xu.lei", "ask:guo.yan"}, c.open())
		require.NotEqual(t, guo, c.task("ask", "guo.yan"))
		require.Equal(t, due, c.due("ask"))
		c.must(c.act("guo.yan", EventApprove, "ask"))
		require.ElementsMatch(t, []string{"ask:sun.wei", "ask:zhou.min"}, c.open())
	}
}

// Without the first answer the last wouldn't have led on either, so it, too, can be taken back.
func TestAnEarlierAnswerOfTheRoundIsTakenBackToo(t *testing.T) {
	t.Parallel()
	c := smallCase(t, inARow)
	sun := c.task("ask")
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBeside, "guo.yan")))
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("guo.yan", EventApprove, "ask"))
	require.Equal(t, []string{"ask:zhou.min"}, c.open())
	c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sun}))
	require.Equal(t, []string{"ask:sun.wei"}, c.open())
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:zhou.min"}, c.open())
}

// Of several after somebody the first answers for all: one whose agreement waits to be confirmed comes too late when another refuses.
func TestNobodyTakesBackAnAnswerThatNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: all_opinions}
`)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedAfter, "xu.lei", "guo.yan"), func(e *Event) { e.Mode = ModeFirst }))
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("xu.lei", EventAdd, "ask", adding(AddedAfter, "he.jing")))
	xu := c.task("ask", "xu.lei")
	c.must(c.act("xu.lei", EventApprove, "ask"))
	guo := c.task("ask", "guo.yan")
	c.must(c.act("guo.yan", EventReject, "ask", saying("no")))
	require.Equal(t, []string{"ask:zhou.min"}, c.open())
	r := refused(t, c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: xu}), CodeTaskClosed)
	require.Contains(t, r.Message.EN, "decided without your answer")
	c.must(c.try(Event{Kind: EventTakeBack, By: "guo.yan", Task: guo}))
	require.ElementsMatch(t, []string{"ask:zhou.min", "ask:guo.yan", "ask:he.jing"}, c.open(), "xu.lei's agreement waits to be confirmed again")
	c.must(c.act("guo.yan", EventReject, "ask", saying("no")))
	c.must(c.act("zhou.min", EventApprove, "ask"))
	require.Equal(t, Rejected, c.in.State.Outcome)
}

// Whoever waits to be confirmed comes last only where somebody else has answered for their own group: not where one of those has who confirm it.
func TestWhoWasAskedToConfirmLeadsOnFromTheAnswerAlone(t *testing.T) {
	t.Parallel()
	confirmed := func() (c *trial, sun, xu, zhao string) {
		c = smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: all}
`)
		sun = c.task("ask", "sun.wei")
		c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedAfter, "xu.lei", "guo.yan"), func(e *Event) { e.Mode = ModeFirst }))
		c.must(c.act("sun.wei", EventApprove, "ask"))
		c.must(c.act("guo.yan", EventAdd, "ask", adding(AddedBeside, "zhao.qiang")))
		xu, zhao = c.task("ask", "xu.lei"), c.task("ask", "zhao.qiang")
		c.must(c.act("xu.lei", EventApprove, "ask"))
		require.Equal(t, []string{"ask:zhou.min", "ask:zhao.qiang"}, c.open(), "guo.yan isn't waited for")
		require.Equal(t, "sun.wei", c.in.State.Open[0].Seats[0].Assignee, "who is confirmed keeps their place")
		return c, sun, xu, zhao
	}
	c, sun, xu, _ := confirmed()
	refused(t, c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sun}), CodeTaskClosed)
	c.must(c.act("zhao.qiang", EventApprove, "ask"))
	c.must(c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: xu}))
	require.ElementsMatch(t, []string{"ask:zhou.min", "ask:xu.lei", "ask:guo.yan"}, c.open(), "what zhao.qiang has answered stands")

	c, _, xu, zhao := confirmed()
	c.opensTask("zhao.qiang", zhao)
	c.must(c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: xu}))
	require.ElementsMatch(t, []string{"ask:zhou.min", "ask:xu.lei", "ask:guo.yan", "ask:zhao.qiang"}, c.open(), "zhao.qiang was asked because of sun.wei, not of xu.lei")
}

// Of several after somebody the first answers for all, also where who comes too late waits to be confirmed by somebody who waits to be confirmed.
func TestWhoWaitsThroughAnotherForConfirmationComesTooLateToo(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: all_opinions}
`)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedAfter, "xu.lei", "guo.yan"), func(e *Event) { e.Mode = ModeFirst }))
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("xu.lei", EventAdd, "ask", adding(AddedAfter, "he.jing")))
	xu := c.task("ask", "xu.lei")
	c.must(c.act("xu.lei", EventApprove, "ask"))
	c.must(c.act("he.jing", EventAdd, "ask", adding(AddedAfter, "zhao.qiang")))
	c.must(c.act("he.jing", EventApprove, "ask"))
	guo := c.task("ask", "guo.yan")
	c.must(c.act("guo.yan", EventReject, "ask", saying("no")))
	require.Equal(t, []string{"ask:zhou.min"}, c.open())
	c.must(c.try(Event{Kind: EventTakeBack, By: "guo.yan", Task: guo}))
	require.ElementsMatch(t, []string{"ask:zhou.min", "ask:guo.yan", "ask:zhao.qiang"}, c.open())
	refused(t, c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: xu}), CodeTaskClosed)
	c.must(c.act("guo.yan", EventReject, "ask", saying("no")))
	c.must(c.act("zhou.min", EventApprove, "ask"))
	require.Equal(t, Rejected, c.in.State.Outcome, "and not what xu.lei has said")
}

// A round that is open again asks nobody for whom somebody else of their group has spoken; where that is taken back, too, they are.
func TestARoundThatIsOpenAgainAsksNobodyWhoIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: all}
  - {id: next, approve: Next, by: {user: he.jing}}
`)
	sun := c.task("ask", "sun.wei")
	c.must(c.act("zhou.min", EventAdd, "ask", adding(AddedBeside, "xu.lei", "guo.yan"), func(e *Event) { e.Mode = ModeFirst }))
	xu := c.task("ask", "xu.lei")
	for _, who := range []string{"sun.wei", "zhou.min", "xu.lei"} {
		c.must(c.act(who, EventApprove, "ask"))
	}
	require.Equal(t, []string{"next:he.jing"}, c.open())
	c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sun}))
	require.Equal(t, []string{"ask:sun.wei"}, c.open())
	c.must(c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: xu}))
	require.ElementsMatch(t, []string{"ask:sun.wei", "ask:xu.lei", "ask:guo.yan"}, c.open())
}

// Who is asked again after an answer was taken back belongs together with those they were added with, and with nobody who was added meanwhile.
func TestWhoComesBackStandsApartFromWhoWasAddedMeanwhile(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: all_opinions}
`)
	sun := c.task("ask", "sun.wei")
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedAfter, "xu.lei")))
	c.must(c.act("sun.wei", EventReject, "ask", saying("no")))
	c.must(c.act("zhou.min", EventAdd, "ask", adding(AddedAfter, "he.jing")))
	c.must(c.act("zhou.min", EventApprove, "ask"))
	c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sun}))
	c.must(c.act("he.jing", EventReject, "ask", saying("no")))
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:xu.lei"}, c.open(), "sun.wei's answer is still to be confirmed")
}

// Whoever has opened their task before an opinion was given anew hasn't opened it since.
func TestAnOpinionGivenAnewIsTakenBackUntilTheTaskIsOpenedAgain(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - id: both
    join: all
    parallel:
      - {id: a, steps: [{id: ask, approve: Ask, by: {user: sun.wei}, reapprove_if_changed: [name]}]}
      - {id: b, steps: [{id: work, task: Work, by: initiator, edit: {name: required}}]}
`)
	sun := c.task("ask")
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBefore, "xu.lei")))
	c.must(c.act("xu.lei", EventApprove, "ask"))
	c.opensTask("sun.wei", sun)
	c.must(c.act("li.na", EventComplete, "work", func(e *Event) { e.Fields = Fields{"name": "two"} }))
	require.Equal(t, []string{"xu.lei"}, c.in.State.WaitsFor(sun), "the opinion is void")
	xu := c.task("ask", "xu.lei")
	c.must(c.act("xu.lei", EventApprove, "ask"))
	c.must(c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: xu}))
	require.Equal(t, []string{"xu.lei"}, c.in.State.WaitsFor(sun))
	xu = c.task("ask", "xu.lei")
	c.must(c.act("xu.lei", EventApprove, "ask"))
	c.opensTask("sun.wei", sun)
	refused(t, c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: xu}), CodeTaskClosed)
}

// Who is asked later again since an answer was taken back stands where they stood: behind those of the step who were to be asked before them.
func TestWhoIsAskedLaterAgainKeepsTheirPlace(t *testing.T) {
	t.Parallel()
	c := smallCase(t, "\n  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: he.jing}], mode: in_turn}\n")
	add := adding(AddedBeside, "xu.lei", "guo.yan")
	c.must(c.act("sun.wei", EventAdd, "ask", add, func(e *Event) { e.Mode = ModeInTurn }))
	answer := c.task("ask", "xu.lei")
	c.must(c.act("xu.lei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:sun.wei", "ask:guo.yan"}, c.open())
	remove := func(who string) {
		c.must(c.try(Event{Kind: EventRemove, By: "admin", Admin: true, Task: c.task("ask", who), Comment: "no"}))
	}
	remove("sun.wei")
	c.must(c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: answer}))
	require.Equal(t, []string{"ask:xu.lei"}, c.open())
	remove("xu.lei")
	require.Equal(t, []string{"ask:he.jing", "ask:guo.yan"}, c.open())
}

// Whoever must confirm an answer is still asked for it when that was void since the content has changed, was given again, and is taken back.
func TestWhoConfirmsIsNotLostWhenTheAnswerWasGivenTwice(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - id: both
    parallel:
      - {id: a, steps: [{id: ask, approve: Ask, by: {user: sun.wei}, show: [size], reapprove_if_changed: [size]}]}
      - {id: b, steps: [{id: edit, task: Edit, by: {user: chen.bo}, edit: {size: optional}}]}
`)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedAfter, "he.jing")))
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("chen.bo", EventComplete, "edit", filling(Fields{"size": 7.0})))
	require.Equal(t, []string{"ask:sun.wei", "ask:he.jing"}, c.open())
	again := c.task("ask", "sun.wei")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: again}))
	require.Equal(t, []string{"ask:sun.wei"}, c.open())
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:he.jing"}, c.open(), "who confirms it")
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, Ended, c.in.State.Status)
}
