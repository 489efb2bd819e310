package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const forkedSteps = `
  - {id: before, approve: Before, by: {user: wang.fang}}
  - id: fork
    parallel:
      - id: left
        title: Left
        steps:
          - {id: l0, set: {level: a}, undo: restore}
          - {id: l1, approve: L1, by: {user: sun.wei}, due: 1 working day, late: [{at: due, tell: [holder]}]}
          - {id: l2, approve: L2, by: {user: he.jing}, return_to: [any], on: {returned: {go: l1}}}
      - id: right
        title: Right
        steps:
          - {id: r0, set: {size: 1}, undo: restore}
          - {id: r1, approve: R1, by: {user: zhou.min}}
          - {id: r2, task: R2, by: {user: xu.lei}}
    join: all
  - {id: after, approve: After, by: {user: guo.yan}, return_to: [previous], on: {returned: {go: before}}}
`

func forkedCase(t *testing.T, steps string) *trial {
	t.Helper()
	c := smallCase(t, steps)
	c.must(c.act("wang.fang", EventApprove, "before"))
	c.must(c.act("sun.wei", EventApprove, "l1"))
	c.must(c.act("zhou.min", EventApprove, "r1"))
	require.ElementsMatch(t, []string{"l2:he.jing", "r2:xu.lei"}, c.open())
	return c
}

func TestAReturnWithinABranchSendsOnlyThatBranchBack(t *testing.T) {
	t.Parallel()
	c := forkedCase(t, forkedSteps)
	other := c.task("r2")
	c.must(c.act("he.jing", EventReturn, "l2", saying("x")))
	require.ElementsMatch(t, []string{"l1:sun.wei", "r2:xu.lei"}, c.open())
	require.Equal(t, other, c.task("r2"), "the other branch notices nothing")
	require.Empty(t, c.undone(0), "what lies before the target stands")
	c.must(c.act("sun.wei", EventApprove, "l1"))
	c.must(c.act("he.jing", EventApprove, "l2"))
	c.must(c.act("xu.lei", EventComplete, "r2"))
	require.Equal(t, []string{"after:guo.yan"}, c.open())
}

func TestAReturnOutOfABranchEndsAllBranchesOnceAndTheJoinStartsAfresh(t *testing.T) {
	t.Parallel()
	c := forkedCase(t, forkedSteps)
	c.must(c.act("he.jing", EventReturn, "l2", backTo("before")))
	require.Equal(t, []string{"before:wang.fang"}, c.open())
	require.Len(t, c.entries("voided"), 1)
	require.Equal(t, []string{"r0", "l0"}, c.undone(0), "of both branches, newest first")
	require.Len(t, c.in.State.Scopes, 1)
	c.must(c.act("wang.fang", EventApprove, "before"))
	require.ElementsMatch(t, []string{"l1:sun.wei", "r1:zhou.min"}, c.open())
	c.must(c.act("sun.wei", EventApprove, "l1"))
	c.must(c.act("he.jing", EventApprove, "l2"))
	require.ElementsMatch(t, []string{"r1:zhou.min"}, c.open(), "the right branch isn't done by what it did before")
	c.must(c.act("zhou.min", EventApprove, "r1"))
	c.must(c.act("xu.lei", EventComplete, "r2"))
	require.Equal(t, []string{"after:guo.yan"}, c.open())
}

func TestAReturnToTheInitiatorFromABranchRunsTheChainFromItsBeginning(t *testing.T) {
	t.Parallel()
	c := forkedCase(t, forkedSteps)
	c.must(c.act("he.jing", EventReturn, "l2", backTo("initiator")))
	require.Equal(t, []string{"resubmit:li.na"}, c.open())
	require.NotContains(t, c.in.Record.Fields, "level")
	c.must(c.act("li.na", EventComplete, "resubmit"))
	require.Equal(t, []string{"before:wang.fang"}, c.open())
}

func TestTheClocksOfAGivenUpBranchEnd(t *testing.T) {
	t.Parallel()
	c := smallCase(t, forkedSteps)
	c.must(c.act("wang.fang", EventApprove, "before"))
	require.NotNil(t, c.wakeAt)
	c.must(c.try(Event{Kind: EventJump, By: "admin", Admin: true, Comment: "x", To: "before"}))
	require.Nil(t, c.wakeAt)
	require.Equal(t, []string{"before:wang.fang"}, c.open())
}

func TestTheStepBeforeTheJoinIsTheForkAndAllItsBranchesAskAgain(t *testing.T) {
	t.Parallel()
	c := forkedCase(t, forkedSteps)
	c.must(c.act("he.jing", EventApprove, "l2"))
	c.must(c.act("xu.lei", EventComplete, "r2"))
	c.must(c.act("guo.yan", EventReturn, "after", backTo("previous")))
	require.ElementsMatch(t, []string{"l1:sun.wei", "r1:zhou.min"}, c.open())
	require.Equal(t, []string{"r0", "l0"}, c.undone(0))
	require.Equal(t, map[string]any{"to": "fork"}, dataOf(c.entries("returned")[0], "to"))
}

func dataOf(e Entry, keys ...string) map[string]any {
	out := map[string]any{}
	for _, k := range keys {
		out[k] = e.Data[k]
	}
	return out
}

func TestARejectionInABranchEndsTheCaseAndClosesTheOtherBranches(t *testing.T) {
	t.Parallel()
	c := forkedCase(t, forkedSteps)
	c.must(c.act("he.jing", EventReject, "l2", saying("no")))
	require.Equal(t, Rejected, c.in.State.Outcome)
	require.Empty(t, c.open())
	require.Len(t, c.entries("voided"), 1)
	require.Len(t, c.entries("ended"), 1)
	require.Equal(t, []string{"r0", "l0"}, c.undone(0))
}

func TestResumeBackIntoAForkBeginsItsBranchesAfresh(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: before, approve: Before, by: {user: wang.fang}}
  - {id: between, approve: Between, by: {user: chen.bo}}
  - id: fork
    parallel:
      - {id: left, title: L, steps: [{id: l1, approve: L1, by: {user: sun.wei}}, {id: l2, approve: L2, by: {user: he.jing}, resume: back, on: {returned: {go: before}}}]}
      - {id: right, title: R, steps: [{id: r1, approve: R1, by: {user: zhou.min}}]}
    join: all
  - end: fine
`)
	c.must(c.act("wang.fang", EventApprove, "before"))
	c.must(c.act("chen.bo", EventApprove, "between"))
	c.must(c.act("sun.wei", EventApprove, "l1"))
	c.must(c.act("he.jing", EventReturn, "l2", saying("x")))
	c.must(c.act("wang.fang", EventApprove, "before"))
	require.ElementsMatch(t, []string{"l1:sun.wei", "r1:zhou.min"}, c.open(), "straight to the fork, whose join starts afresh")
}

func TestResumeBackIntoAStageAndTheStepsOfAnOutcome(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: before, approve: Before, by: {user: wang.fang}}
  - {id: between, approve: Between, by: {user: chen.bo}}
  - id: part
    stage: Part
    steps:
      - {id: s1, task: S1, by: {user: sun.wei}, outcomes: {more: {steps: [{id: deep, approve: Deep, by: {user: he.jing}, resume: back, on: {returned: {go: before}}}]}}}
      - {id: s2, approve: S2, by: {user: zhou.min}}
  - end: fine
`)
	c.must(c.act("wang.fang", EventApprove, "before"))
	c.must(c.act("chen.bo", EventApprove, "between"))
	c.must(c.act("sun.wei", EventComplete, "s1"))
	c.must(c.act("he.jing", EventReturn, "deep", saying("x")))
	require.Equal(t, []string{"before:wang.fang"}, c.open())
	c.must(c.act("wang.fang", EventApprove, "before"))
	require.Equal(t, []string{"deep:he.jing"}, c.open(), "neither `between` nor `s1` is asked again")
	require.Equal(t, "open", c.status("part"))
	c.must(c.act("he.jing", EventApprove, "deep"))
	require.Equal(t, []string{"s2:zhou.min"}, c.open())
	c.must(c.act("zhou.min", EventApprove, "s2"))
	require.Equal(t, "fine", c.in.State.Outcome)
}

const partsOrder = `record: order
title: {zh: 单, en: Order}
fields:
  name:  {type: text, required: true}
  note:  {type: text}
  parts: {type: choice, many: true, of: [a, b, c]}
  found: {type: lines, key: part, of: {part: {type: choice, of: [a, b, c]}, text: {type: text}, state: {type: text}}}
`

const forEach = `process: ordering
title: Ordering
record: order
number: "O{0000}"
start: {by: [role:sales]}
resubmit: {edit: {name: required}}
steps:
  - {id: look, approve: Look, by: {user: wang.fang}}
  - id: find
    each: record.parts
    as: part
    into: found
    steps:
      - {id: mark, set: {state: begun}, undo: restore}
      - {id: told, notify: Told, to: {user: sun.wei}, undo: [{id: untold, notify: Never mind, message: "{record.name}", to: {user: zhou.min}}]}
      - {id: say, task: Say, by: {user: sun.wei}, edit: {text: required}, outcomes: {done: {}, not_ours: {go: look}}}
      - {id: check, approve: Check, by: {user: he.jing}, return_to: [any], on: {returned: {go: say}}}
  - {id: confirm, approve: Confirm, by: {user: guo.yan}, on: {returned: {go: find, only: chosen}}}
`

func forItems(t *testing.T) *trial {
	t.Helper()
	c := begin(t, Fields{"name": "one", "parts": []any{"a", "b"}}, partsOrder, forEach)
	c.start("li.na")
	c.must(c.act("wang.fang", EventApprove, "look"))
	return c
}

// onItem is the open task of a step for an item.
func (c *trial) onItem(step, item string) string {
	for _, o := range c.in.State.Open {
		if o.Step == step && o.Item == item {
			return o.Seats[0].Task
		}
	}
	return ""
}

func (c *trial) answer(by string, kind EventKind, step, item string, more ...func(*Event)) {
	c.t.Helper()
	ev := Event{Kind: kind, By: by, Task: c.onItem(step, item)}
	for _, f := range more {
		f(&ev)
	}
	c.must(c.try(ev))
}

func (c *trial) lineOfItem(part string) map[string]any {
	lines, _ := c.in.Record.Fields["found"].([]map[string]any)
	for _, l := range lines {
		if l["part"] == part {
			return l
		}
	}
	return nil
}

func TestAReturnForOneItemLeavesTheOthersAlone(t *testing.T) {
	t.Parallel()
	c := forItems(t)
	c.answer("sun.wei", EventComplete, "say", "a", choosing(Done), filling(Fields{"text": "ta"}))
	c.answer("sun.wei", EventComplete, "say", "b", choosing(Done), filling(Fields{"text": "tb"}))
	c.answer("he.jing", EventReturn, "check", "a", saying("x"))
	require.NotEmpty(t, c.onItem("say", "a"))
	require.NotEmpty(t, c.onItem("check", "b"))
	require.Empty(t, c.undone(0))
	c.answer("sun.wei", EventComplete, "say", "a", choosing(Done), filling(Fields{"text": "ta2"}))
	require.Equal(t, "ta2", c.lineOfItem("a")["text"])
	require.Equal(t, "tb", c.lineOfItem("b")["text"])
}

func TestAnEachIsEnteredAgainForChosenItemsAndTheOthersStay(t *testing.T) {
	t.Parallel()
	c := forItems(t)
	for _, item := range []string{"a", "b"} {
		c.answer("sun.wei", EventComplete, "say", item, choosing(Done), filling(Fields{"text": "t" + item}))
		c.answer("he.jing", EventApprove, "check", item)
	}
	c.must(c.act("guo.yan", EventReturn, "confirm", saying("b again"), func(e *Event) { e.Items = []string{"b"} }))
	require.Equal(t, []string{"told", "mark"}, c.undone(0))
	for _, e := range c.entries("undone") {
		require.Equal(t, "b", e.Item)
	}
	require.Equal(t, 1, c.told("zhou.min", "notify"))
	require.Equal(t, "begun", c.lineOfItem("a")["state"])
	require.Equal(t, "ta", c.lineOfItem("a")["text"], "its result stays")
	require.Empty(t, c.onItem("say", "a"))
	require.NotEmpty(t, c.onItem("say", "b"))
	c.answer("sun.wei", EventComplete, "say", "b", choosing(Done), filling(Fields{"text": "tb2"}))
	c.answer("he.jing", EventApprove, "check", "b")
	require.Equal(t, []string{"confirm:guo.yan"}, c.open())
}

func TestLeavingAnEachUndoesTheEffectsOfEveryItem(t *testing.T) {
	t.Parallel()
	c := forItems(t)
	c.answer("sun.wei", EventComplete, "say", "a", choosing(Done), filling(Fields{"text": "ta"}))
	c.answer("he.jing", EventReturn, "check", "a", backTo("look"))
	require.Equal(t, []string{"look:wang.fang"}, c.open())
	require.Equal(t, []string{"told", "told", "mark", "mark"}, c.undone(0))
	require.NotContains(t, c.lineOfItem("b"), "state", "the line of the item, not the whole field")
	require.Equal(t, "ta", c.lineOfItem("a")["text"], "what people have filled in stays")
	require.Len(t, c.in.State.Scopes, 1)
	refused(t, c.try(Event{Kind: EventJump, By: "admin", Admin: true, Comment: "x", To: "say"}), CodeStepNotPassed)
	c.must(c.act("wang.fang", EventApprove, "look"))
	refused(t, c.try(Event{Kind: EventJump, By: "admin", Admin: true, Comment: "x", To: "say"}), CodeStepNotPassed)
}

func TestAHoldInOneBranchSurvivesAJumpInAnother(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: {user: sun.wei}}
  - id: fork
    parallel:
      - {id: left, title: L, steps: [{id: l1, set: {level: a}}, {id: l2, task: L2, by: {user: he.jing}}]}
      - {id: right, title: R, steps: [{id: r1, task: R1, by: {user: zhou.min}}, {id: r2, task: R2, by: {user: xu.lei}}]}
    join: all
  - end: fine
`)
	c.in.Broken = map[string]Text{"l1": Same("taken")}
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.NotNil(t, c.in.State.Held)
	c.in.Broken = nil
	c.must(c.try(Event{Kind: EventJump, By: "admin", Admin: true, Comment: "x", To: "r2"}))
	require.ElementsMatch(t, []string{"l2:he.jing", "r2:xu.lei"}, c.open())
}

// Straight back into a fork: what was done again on the way there stays, whatever it holds.
func TestStraightBackIntoAForkKeepsWhatWasDoneAgain(t *testing.T) {
	t.Parallel()
	for first, act := range map[string]string{
		"{id: fix, task: Fix, by: {user: xu.lei}, outcomes: {done: {steps: [{id: mark, set: {note: redone}, undo: restore}, {id: inner, approve: Inner, by: {user: chen.bo}}]}}}":      "fix",
		"{id: fix, stage: Fix, steps: [{id: work, task: Work, by: {user: xu.lei}}, {id: mark, set: {note: redone}, undo: restore}, {id: inner, approve: Inner, by: {user: chen.bo}}]}": "work",
	} {
		c := smallCase(t, "  - "+first+`
  - id: fork
    parallel:
      - {id: left, title: L, steps: [{id: l1, approve: L1, by: {user: sun.wei}}, {id: l2, approve: L2, by: {user: he.jing}, resume: back, on: {returned: {go: fix}}}]}
      - {id: right, title: R, steps: [{id: r1, approve: R1, by: {user: guo.yan}}]}
  - {id: last, approve: Last, by: {user: zhou.min}}
`)
		for range 2 {
			c.must(c.act("xu.lei", EventComplete, act, choosing("done")))
			c.must(c.act("chen.bo", EventApprove, "inner"))
			require.Equal(t, "redone", c.in.Record.Fields["note"])
			c.must(c.act("sun.wei", EventApprove, "l1"))
			c.must(c.act("he.jing", EventReturn, "l2", saying("no")))
		}
	}
}
