package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const watching = `
  - {id: ask, approve: Ask, by: [{user: wang.fang}, {role: finance}, {user: zhou.min}], mode: all, reapprove_if_changed: [size], due: 1 working day}
`

func TestAChangeVoidsTheApprovalsThatLookedAtItAndOnlyThose(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - id: fork
    parallel:
      - {id: left, title: L, steps: `+"[{id: ask, approve: Ask, by: [{user: wang.fang}, {role: finance}, {user: zhou.min}], mode: all, reapprove_if_changed: [size], due: 1 working day}, {id: more, task: More, by: {user: sun.wei}}]"+`}
      - {id: right, title: R, steps: [{id: work, task: Work, by: {user: xu.lei}, edit: {size: optional, note: optional}, outcomes: {again: {go: work}, on: {}}}, {id: idle, task: Idle, by: {user: xu.lei}}]}
    join: all
`)
	c.must(c.act("wang.fang", EventApprove, "ask"))
	c.must(c.act("he.jing", EventApprove, "ask"))
	old := c.in.State.Open[0].Seats[0].Task

	c.must(c.act("xu.lei", EventComplete, "work", choosing("again"), filling(Fields{"note": "a field that doesn't matter"})))
	require.Empty(t, c.entries("voided"))

	c.pass("2026-11-23 15:00")
	c.must(c.act("xu.lei", EventComplete, "work", choosing("again"), filling(Fields{"size": 5.0})))
	require.ElementsMatch(t, []string{"ask:wang.fang", "ask:guo.yan|he.jing", "ask:zhou.min", "work:xu.lei"}, c.open())
	voided := c.entries("voided")
	require.Len(t, voided, 2)
	require.Equal(t, []string{old, "wang.fang"}, []string{voided[0].Task, voided[0].For})
	require.Equal(t, map[string]any{"size": map[string]any{"from": nil, "to": 5.0}}, voided[0].Data["changed"])
	require.NotEqual(t, old, c.task("ask", "wang.fang"))
	require.Equal(t, 2, c.told("wang.fang", "opened"))
	opened := c.entries("opened")
	require.Equal(t, voided[0].Data["changed"], opened[len(opened)-3].Data["changed"], "whoever is asked again sees the difference")
	refused(t, c.try(Event{Kind: EventApprove, By: "wang.fang", Task: old}), CodeTaskClosed)

	c.must(c.act("wang.fang", EventApprove, "ask"))
	c.must(c.act("xu.lei", EventComplete, "work", choosing("on"), filling(Fields{"size": 5.0})))
	require.Len(t, c.entries("voided"), 2, "the same value again is no change")
	c.must(c.act("guo.yan", EventApprove, "ask"))
	c.must(c.act("zhou.min", EventApprove, "ask"))
	require.ElementsMatch(t, []string{"more:sun.wei", "idle:xu.lei"}, c.open())
}

func TestWhoChangesTheContentWithTheirOwnAnswerHasSeenIt(t *testing.T) {
	t.Parallel()
	c := smallCase(t, watching)
	ask := c.in.Process.Step("ask")
	ask.Form.Edit = []Edit{{Field: "size"}} // the loader refuses a form for several: what the machine does must be right all the same
	c.must(c.act("wang.fang", EventApprove, "ask"))
	c.must(c.act("he.jing", EventApprove, "ask"))
	c.must(c.act("zhou.min", EventApprove, "ask", filling(Fields{"size": 2.0})))
	require.Equal(t, []string{"ask:wang.fang", "ask:guo.yan|he.jing"}, c.open(), "the last answer doesn't close the step: two approvals are void")
	c.must(c.act("wang.fang", EventApprove, "ask"))
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)
}

func TestAnApprovalThatIsOverIsAskedAgainBeforeTheChainGoesOn(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: price, approve: Price, by: {user: wang.fang}, reapprove_if_changed: [size]}
  - {id: terms, approve: Terms, by: {user: he.jing}, reapprove_if_changed: [note]}
  - {id: work, task: Work, by: {user: xu.lei}, edit: {size: optional, note: optional}}
  - {id: last, approve: Last, by: {user: zhou.min}, edit: {size: optional}}
`
	upTo := func(fields Fields) *trial {
		c := smallCase(t, steps)
		c.must(c.act("wang.fang", EventApprove, "price"))
		c.must(c.act("he.jing", EventApprove, "terms"))
		c.must(c.act("xu.lei", EventComplete, "work", filling(fields)))
		return c
	}
	c := upTo(Fields{})
	require.Equal(t, []string{"last:zhou.min"}, c.open())

	c = upTo(Fields{"size": 3.0})
	require.Equal(t, []string{"price:wang.fang"}, c.open(), "only who looked at the size")
	require.Equal(t, "price", c.entries("voided")[0].Step)
	require.Equal(t, map[string]any{"size": map[string]any{"from": nil, "to": 3.0}}, c.entries("voided")[0].Data["changed"])
	c.must(c.act("wang.fang", EventApprove, "price"))
	require.Equal(t, []string{"last:zhou.min"}, c.open(), "then on behind the step that changed it")
	c.must(c.act("zhou.min", EventApprove, "last", filling(Fields{"size": 4.0})))
	require.Equal(t, []string{"price:wang.fang"}, c.open(), "also before the end")
	c.must(c.act("wang.fang", EventApprove, "price"))
	require.Equal(t, Approved, c.in.State.Outcome)

	c = upTo(Fields{"size": 3.0, "note": "n"})
	c.must(c.act("wang.fang", EventApprove, "price"))
	require.Equal(t, []string{"terms:he.jing"}, c.open(), "one after the other")
	c.must(c.act("he.jing", EventApprove, "terms"))
	require.Equal(t, []string{"last:zhou.min"}, c.open())

	c = upTo(Fields{"size": 3.0})
	c.must(c.act("wang.fang", EventReject, "price", saying("no")))
	require.Equal(t, Rejected, c.in.State.Outcome)
}

func TestWhatTheChainSetsAfterAnApprovalDoesNotVoidIt(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: {user: wang.fang}, reapprove_if_changed: [level]}
  - {id: level, set: {level: a}}
  - {id: next, task: Next, by: initiator}
`)
	c.must(c.act("wang.fang", EventApprove, "ask"))
	require.Equal(t, []string{"next:li.na"}, c.open())
}

func TestAChangeThatComesBeforeTheApprovalAnywayVoidsNothing(t *testing.T) {
	t.Parallel()
	c := toTerms(t, large)
	c.must(c.act("sun.wei", EventApprove, "cooperation"))
	c.must(c.act("he.jing", EventReturn, "cooperation", saying("too much")))
	voided := len(c.entries("voided"))
	c.must(c.act("li.na", EventComplete, "terms", small))
	require.Len(t, c.entries("voided"), voided)
	require.Equal(t, []string{"cooperation:sun.wei"}, c.open())
}
