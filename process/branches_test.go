package process

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func parts(keys ...string) []any {
	out := []any{}
	for _, k := range keys {
		out = append(out, k)
	}
	return out
}

// taskOf finds the open task of a step inside an item.
func (c *trial) taskOf(step, item string) string {
	c.t.Helper()
	for _, o := range c.in.State.Open {
		if o.Step == step && o.Item == item && len(o.Seats) > 0 {
			return o.Seats[0].Task
		}
	}
	c.t.Fatalf("no open task of %s for %s", step, item)
	return ""
}

// on makes an act one on the task of an item.
func (c *trial) on(step, item string) func(*Event) {
	return func(e *Event) { e.Task = c.taskOf(step, item) }
}

func choosingItems(items ...string) func(*Event) { return func(e *Event) { e.Items = items } }

const findings = `
  - id: prepare
    task: Prepare
    by: initiator
  - id: find
    each: record.parts
    as: part
    into: findings
    steps:
      - id: cause
        task: Cause
        by: initiator
        edit: {finding: optional, measure: optional}
        outcomes:
          found: {require: [finding], set: {measure: none}}
          not_ours: {go: prepare}
          again: {go: cause}
  - id: confirm
    approve: Confirm
    by: {user: sun.wei}
    on: {returned: {go: find, only: chosen}, rejected: no}
`

func foundThat(text string) func(*Event) {
	return func(e *Event) { e.Outcome, e.Fields = "found", Fields{"finding": text} }
}

func finding(t *testing.T, more ...string) *trial {
	t.Helper()
	if len(more) == 0 {
		more = []string{"buy", "make"}
	}
	c := questCase(t, Fields{"parts": parts(more...)}, "", findings)
	c.must(c.act("li.na", EventComplete, "prepare"))
	return c
}

func TestAnItemFillsInItsLine(t *testing.T) {
	t.Parallel()
	c := finding(t)
	require.Equal(t, []string{"cause:li.na", "cause:li.na"}, c.open())
	r := refused(t, c.act("li.na", EventComplete, "cause", c.on("cause", "buy"), choosing("found")), CodeFieldRequired)
	require.Equal(t, "finding", r.Fields[0].Field)
	refused(t, c.act("li.na", EventComplete, "cause", c.on("cause", "buy"), choosing("found"), filling(Fields{"name": "x"})), CodeFieldNotWritable)
	c.must(c.act("li.na", EventComplete, "cause", c.on("cause", "make"), foundThat("loose bolt")))
	line := map[string]any{"part": "make", "finding": "loose bolt", "measure": "none"}
	require.Equal(t, []ChangeRecord{{Fields: map[string]any{"findings": []map[string]any{line}}}}, effectsOf[ChangeRecord](c), "the whole lines are written")
	require.Equal(t, []string{"cause:li.na"}, c.open(), "the other item goes on")
	c.must(c.act("li.na", EventComplete, "cause", c.on("cause", "buy"), foundThat("bad steel")))
	require.Equal(t, []map[string]any{line, {"part": "buy", "finding": "bad steel", "measure": "none"}}, c.in.Record.Fields["findings"])
	require.Equal(t, []string{"confirm:sun.wei"}, c.open())
	require.Equal(t, []string{"prepare done", "find done", "cause@buy done", "cause@make done", "confirm open"}, c.statuses())
}

func TestWhatIsInTheLineAlreadyCountsAsFilledIn(t *testing.T) {
	t.Parallel()
	c := finding(t)
	c.in.Record.Fields["findings"] = []map[string]any{{"part": "buy", "finding": "known"}}
	c.must(c.act("li.na", EventComplete, "cause", c.on("cause", "buy"), choosing("found")))
	refused(t, c.act("li.na", EventComplete, "cause", c.on("cause", "make"), choosing("found")), CodeFieldRequired)
}

func TestADecisionIsBoundToItsOwnLine(t *testing.T) {
	t.Parallel()
	c := finding(t)
	s := c.in.Process.Step("cause")
	seen := c.in.Process.Seen(s, "buy", c.in.Record.Fields)
	with := func(e *Event) { e.Seen = seen }
	c.must(c.act("li.na", EventComplete, "cause", c.on("cause", "make"), foundThat("loose bolt")))
	require.Equal(t, seen, c.in.Process.Seen(s, "buy", c.in.Record.Fields), "what another item fills in changes nothing here")
	c.in.Record.Fields["findings"] = append(c.in.Record.Fields["findings"].([]map[string]any), map[string]any{"part": "buy", "measure": "changed"})
	refused(t, c.act("li.na", EventComplete, "cause", c.on("cause", "buy"), foundThat("x"), with), CodeContentChanged)
}

func TestDigestFieldsInsideAnEach(t *testing.T) {
	t.Parallel()
	p := finding(t).in.Process
	require.Equal(t, []string{"answers", "at", "findings.finding", "findings.measure", "name", "note", "on", "owner", "parts", "people", "size"},
		p.DigestFields(p.Step("cause")))
	require.Contains(t, p.DigestFields(p.Step("confirm")), "findings")
}

func TestAnItemGoesBackByItself(t *testing.T) {
	t.Parallel()
	c := finding(t)
	before := c.taskOf("cause", "make")
	c.must(c.act("li.na", EventComplete, "cause", c.on("cause", "buy"), choosing("again")))
	require.Equal(t, []string{"cause:li.na", "cause:li.na"}, c.open())
	require.Equal(t, before, c.taskOf("cause", "make"), "only this branch goes back")
	require.Equal(t, 2, c.in.State.Open[1].Round)
}

func TestGoingOutOfAnItemEndsTheOthersOnce(t *testing.T) {
	t.Parallel()
	c := finding(t, "buy", "make", "sell")
	c.must(c.act("li.na", EventComplete, "cause", c.on("cause", "make"), foundThat("loose bolt")))
	c.must(c.act("li.na", EventComplete, "cause", c.on("cause", "buy"), choosing("not_ours")))
	require.Equal(t, []string{"prepare:li.na"}, c.open())
	require.Len(t, c.entries("voided"), 1, "the third item's task")
	require.Equal(t, []string{"prepare open", "find left", "cause@buy done", "cause@make done", "cause@sell left"}, c.statuses())
	require.Len(t, c.in.State.Scopes, 1)
	c.must(c.act("li.na", EventComplete, "prepare"))
	require.Len(t, c.open(), 3, "the join starts afresh")
}

func TestOnlyChosenItemsAreEnteredAgain(t *testing.T) {
	t.Parallel()
	c := finding(t)
	c.must(c.act("li.na", EventComplete, "cause", c.on("cause", "make"), foundThat("loose bolt")))
	c.must(c.act("li.na", EventComplete, "cause", c.on("cause", "buy"), foundThat("bad steel")))
	r := refused(t, c.act("sun.wei", EventReturn, "confirm", saying("no")), CodeFieldRequired)
	require.Equal(t, "choose what goes back: buy, make", r.Message.EN)
	require.Equal(t, "items", r.Fields[0].Field)
	refused(t, c.act("sun.wei", EventReturn, "confirm", saying("no"), choosingItems("buy", "sell")), CodeFieldInvalid)
	c.must(c.act("sun.wei", EventReturn, "confirm", saying("no"), choosingItems("buy")))
	require.Equal(t, []string{"cause:li.na"}, c.open())
	require.Equal(t, []string{"prepare done", "find open", "cause@buy open", "cause@make done", "confirm returned"}, c.statuses())
	require.Len(t, c.in.Record.Fields["findings"], 2, "the results of the others stay")
	c.must(c.act("li.na", EventComplete, "cause", c.on("cause", "buy"), foundThat("better steel")))
	require.Equal(t, []string{"confirm:sun.wei"}, c.open())
	require.Equal(t, "better steel", c.in.Record.Fields["findings"].([]map[string]any)[1]["finding"])
}

func TestEachItemHasItsOwnAtMost(t *testing.T) {
	t.Parallel()
	c := questCase(t, Fields{"parts": parts("buy", "make")}, "", `
  - id: find
    each: record.parts
    as: part
    steps: [{id: cause, task: Cause, by: initiator, outcomes: {found: {}, again: {go: cause, at_most: 1, then: {end: enough}}}}]
`)
	for _, item := range []string{"buy", "make"} {
		c.must(c.act("li.na", EventComplete, "cause", c.on("cause", item), choosing("again")))
		require.Equal(t, Running, c.in.State.Status, item)
	}
	c.must(c.act("li.na", EventComplete, "cause", c.on("cause", "buy"), choosing("again")))
	require.Equal(t, "enough", c.in.State.Outcome)
}

func TestAnEmptyListIsPassedOver(t *testing.T) {
	t.Parallel()
	c := questCase(t, nil, "", findings)
	c.must(c.act("li.na", EventComplete, "prepare"))
	require.Equal(t, []string{"confirm:sun.wei"}, c.open())
	require.Equal(t, []string{"prepare done", "find passed_over", "confirm open"}, c.statuses())
	require.Equal(t, "the list is empty", c.entries("decided")[1].Reason)
}

func TestEachOverLinesAndPeople(t *testing.T) {
	t.Parallel()
	c := questCase(t, Fields{"findings": []map[string]any{{"part": "sell", "finding": "old"}, {"part": "buy"}}, "people": []any{"xu.lei", "guo.yan", "xu.lei"}}, "", `
  - {id: lines, each: record.findings, as: line, into: findings, steps: [{id: check, task: Check, by: initiator, edit: {finding: required}}]}
  - {id: asked, each: record.people, as: who, into: answers, steps: [{id: answer, task: Answer, by: initiator, edit: {answer: required}}]}
`)
	c.must(c.act("li.na", EventComplete, "check", c.on("check", "sell")))
	c.must(c.act("li.na", EventComplete, "check", c.on("check", "buy"), filling(Fields{"finding": "new"})))
	require.Equal(t, []map[string]any{{"part": "sell", "finding": "old"}, {"part": "buy", "finding": "new"}}, c.in.Record.Fields["findings"])
	require.Len(t, c.open(), 2, "who stands in the list twice is one item")
	c.must(c.act("li.na", EventComplete, "answer", c.on("answer", "guo.yan"), filling(Fields{"answer": "yes"})))
	require.Equal(t, []map[string]any{{"who": "guo.yan", "answer": "yes"}}, c.in.Record.Fields["answers"])
}

func TestEndInsideABranchEndsTheCase(t *testing.T) {
	t.Parallel()
	c := questCase(t, nil, "", `
  - id: both
    parallel:
      - {id: a, steps: [{id: ta, approve: A, by: {user: sun.wei}, on: {rejected: {end: refused}}}]}
      - {id: b, steps: [{id: tb, task: B, by: initiator}, {end: early}]}
`)
	c.must(c.act("li.na", EventComplete, "tb"))
	require.Equal(t, "early", c.in.State.Outcome)
	require.Empty(t, c.open())
	require.Len(t, c.entries("voided"), 1)
	require.Equal(t, []string{"both left", "ta left", "tb done", "end-1 done"}, c.statuses())
}

func TestJoins(t *testing.T) {
	t.Parallel()
	steps := `
  - id: both
    parallel:
      - {id: a, steps: [{id: ta, task: A, by: initiator}]}
      - {id: b, steps: [{id: tb, task: B, by: initiator}, {id: tb2, task: B2, by: initiator}]}
    join: `
	next := "\n  - {id: next, task: Next, by: initiator}\n"
	c := questCase(t, nil, "", steps+"all"+next)
	c.must(c.act("li.na", EventComplete, "ta"))
	c.must(c.act("li.na", EventComplete, "tb"))
	require.Equal(t, []string{"tb2:li.na"}, c.open())
	c.must(c.act("li.na", EventComplete, "tb2"))
	require.Equal(t, []string{"next:li.na"}, c.open())

	c = questCase(t, nil, "", steps+"first"+next)
	c.must(c.act("li.na", EventComplete, "tb"))
	require.Equal(t, []string{"ta:li.na", "tb2:li.na"}, c.open())
	c.must(c.act("li.na", EventComplete, "ta"))
	require.Equal(t, []string{"next:li.na"}, c.open())
	require.Equal(t, []string{"both done", "ta done", "tb done", "tb2 left", "next open"}, c.statuses())
}

func TestChooseTakesTheFirstThatHolds(t *testing.T) {
	t.Parallel()
	steps := `
  - id: route
    choose:
      - {when: record.size > 10, steps: [{id: big, task: Big, by: initiator}]}
      - {when: record.size > 5, steps: [{id: middle, task: Middle, by: initiator}]}
      - {otherwise: true, steps: [{id: small, task: Small, by: initiator}]}
    then: {go: last}
  - {id: last, aside: true, task: Last, by: initiator}
`
	for size, want := range map[float64]string{20: "big", 7: "middle", 1: "small"} {
		c := questCase(t, Fields{"size": size}, "", steps)
		require.Equal(t, []string{want + ":li.na"}, c.open())
		c.must(c.act("li.na", EventComplete, want))
		require.Equal(t, []string{"last:li.na"}, c.open(), "then goes on elsewhere")
	}
	c := questCase(t, nil, "", steps)
	require.Equal(t, "otherwise", c.entries("chosen")[0].Reason, "an empty field is above nothing; the timeline says which way was taken")
}

func TestGroupsNest(t *testing.T) {
	t.Parallel()
	c := questCase(t, Fields{"parts": parts("buy", "make"), "people": []any{"xu.lei", "guo.yan"}}, "", `
  - id: phase
    stage: Phase
    steps:
      - id: outer
        each: record.parts
        as: part
        steps:
          - id: both
            parallel:
              - id: a
                steps:
                  - {id: inner, each: record.people, as: who, steps: [{id: deep, task: Deep, by: initiator}]}
              - {id: b, steps: [{id: beside, task: Beside, by: initiator, outcomes: {ok: {}, back: {go: both}, out: {go: phase}}}]}
  - {id: last, task: Last, by: initiator}
`)
	require.Len(t, c.open(), 6)
	require.Equal(t, []string{"phase"}, c.waiting())
	c.must(c.act("li.na", EventComplete, "deep", c.on("deep", "buy/xu.lei")))
	c.must(c.act("li.na", EventComplete, "beside", c.on("beside", "buy"), choosing("back")))
	require.Len(t, c.open(), 6, "the parallel of one item starts afresh: two people and one beside")
	raw, err := json.Marshal(c.in.State)
	require.NoError(t, err)
	c.in.State = State{}
	require.NoError(t, json.Unmarshal(raw, &c.in.State))
	for _, item := range []string{"buy", "make"} {
		for _, who := range []string{"xu.lei", "guo.yan"} {
			c.must(c.act("li.na", EventComplete, "deep", c.on("deep", item+"/"+who)))
		}
	}
	c.must(c.act("li.na", EventComplete, "beside", c.on("beside", "buy"), choosing("ok")))
	require.Equal(t, []string{"beside:li.na"}, c.open())
	c.must(c.act("li.na", EventComplete, "beside", c.on("beside", "make"), choosing("out")))
	require.Len(t, c.open(), 6, "to a step of an enclosing list: everything ends, once, and starts afresh")
	require.Len(t, c.in.State.Scopes, 1+1+2+4+4)
	require.Equal(t, []string{"phase"}, c.waiting())
}

func TestAStageIsClosedWithItsLastStep(t *testing.T) {
	t.Parallel()
	c := questCase(t, nil, "", `
  - {id: phase, stage: Phase, due: 5 working days, steps: [{id: work, task: Work, by: initiator}], then: {go: last}}
  - {id: last, aside: true, task: Last, by: initiator}
`)
	c.must(c.act("li.na", EventComplete, "work"))
	require.Empty(t, c.waiting())
	require.Equal(t, []string{"last:li.na"}, c.open())
	require.Equal(t, []string{"phase done", "work done", "last open"}, c.statuses())
	require.Equal(t, "phase", c.entries("decided")[1].Step)
}

func TestAFalseConditionPassesAnyKindOver(t *testing.T) {
	t.Parallel()
	c := questCase(t, Fields{"parts": parts("buy")}, "", `
  - {stage: S, if: record.size > 1, steps: [{task: T, by: initiator}]}
  - {each: record.parts, if: record.size > 1, steps: [{task: T, by: initiator}], then: {go: never}}
  - {wait: 3 working days, if: record.size > 1}
  - {request: {to: erp, get: /x}, if: record.size > 1}
  - {id: here, task: Here, by: initiator}
  - {id: never, task: Never, by: initiator}
`)
	require.Equal(t, []string{"here:li.na"}, c.open())
	require.Equal(t, []string{"stage-1 passed_over", "each-1 passed_over", "wait-1 passed_over", "request-1 passed_over", "here open"}, c.statuses())
	require.Len(t, c.entries("decided"), 4)
}

// A branch that holds the case keeps what the others have yet to do.
func TestWhatABranchHoldsTheOthersFinishLater(t *testing.T) {
	t.Parallel()
	c := questCase(t, nil, "", `
  - id: both
    parallel:
      - {id: a, steps: [{id: wa, wait: {until: record.on}}]}
      - {id: b, steps: [{id: wb, wait: {on: quest.paid}}, {id: tb, task: B, by: initiator}]}
  - {id: next, task: Next, by: initiator}
`)
	require.NotNil(t, c.in.State.Held)
	require.Equal(t, []Pending{{Scope: 3, Step: "wb"}}, c.in.State.Queue)
	c.in.Record.Fields["on"] = "2026-11-01"
	c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "date given"}))
	require.Empty(t, c.in.State.Queue)
	require.Equal(t, []string{"wb"}, c.waiting())
	c.must(c.happens("quest.paid"))
	c.must(c.act("li.na", EventComplete, "tb"))
	require.Equal(t, []string{"next:li.na"}, c.open())
}

func TestAnEventReachesAHeldCase(t *testing.T) {
	t.Parallel()
	steps := `
  - id: both
    parallel:
      - {id: b, steps: [{id: wb, wait: {on: quest.paid}}, {id: tb, task: B, by: initiator}]}
      - {id: a, steps: [{id: wa, wait: {until: record.on}}]}
`
	c := questCase(t, nil, "until: [{on: quest.lost, end: lost}]", steps)
	require.NotNil(t, c.in.State.Held)
	c.must(c.happens("quest.paid"))
	require.Empty(t, c.open(), "nothing is entered while the case is held")
	c.in.Record.Fields["on"] = "2026-11-01"
	c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "date given"}))
	require.Equal(t, []string{"tb:li.na"}, c.open())

	c = questCase(t, nil, "until: [{on: quest.lost, end: lost}]", steps)
	c.must(c.happens("quest.lost"))
	require.Equal(t, "lost", c.in.State.Outcome)
	require.Nil(t, c.in.State.Held)
	require.Equal(t, "voided", effectsOf[CloseTask](c)[0].Outcome, "the administrator's task is gone with it")
	require.Len(t, c.entries("voided"), 1, "and the timeline says so")
}

// What the case couldn't do is left with its branch, so that nobody has to look at it any more.
func TestAHoldEndsWithTheBranchItIsIn(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ join, way string }{{"first", ""}, {"all", ", then: {go: next}"}} {
		c := questCase(t, nil, "", `
  - id: both
    join: `+tc.join+`
    parallel:
      - {id: b, steps: [{id: wb, wait: {on: quest.paid}`+tc.way+`}]}
      - {id: c, steps: [{id: wc, wait: {until: record.on}}, {id: tc, task: C, by: initiator}]}
      - {id: a, steps: [{id: wa, wait: {until: record.on}}, {id: ta, task: A, by: initiator}]}
  - {id: next, task: Next, by: initiator}
`)
		held := c.in.State.Held
		require.Equal(t, "wc", held.Step)
		require.Equal(t, []Pending{{Scope: 4, Step: "wa"}}, c.in.State.Queue)
		c.must(c.happens("quest.paid"))
		require.Nil(t, c.in.State.Held)
		require.Equal(t, []CloseTask{{ID: held.Task, Outcome: "voided", At: c.now}}, effectsOf[CloseTask](c))
		require.Equal(t, []Entry{{At: c.now, Event: "voided", Step: "wc", Task: held.Task, Data: map[string]any{"candidates": []Principal{Administrators}}}}, c.entries("voided"))
		require.Equal(t, []string{"next:li.na"}, c.open())
		c.must(c.act("li.na", EventComplete, "next"))
		require.Equal(t, Ended, c.in.State.Status)
	}
}

// Of two branches that hold the case the one that isn't left holds it still.
func TestTheBranchThatIsNotLeftHoldsTheCaseStill(t *testing.T) {
	t.Parallel()
	c := questCase(t, nil, "", `
  - id: both
    parallel:
      - id: a
        steps:
          - id: inner
            join: first
            parallel:
              - {id: x, steps: [{id: wx, wait: {on: quest.paid}}]}
              - {id: y, steps: [{id: wy, wait: {until: record.on}}]}
      - {id: b, steps: [{id: pause, wait: {on: quest.began}}, {id: wb, wait: {until: record.on}}]}
`)
	first := c.in.State.Held
	require.Equal(t, "wy", first.Step)
	c.must(c.happens("quest.paid"))
	require.Nil(t, c.in.State.Held)
	c.must(c.happens("quest.began"))
	require.Equal(t, "wb", c.in.State.Held.Step)
	require.NotEqual(t, first.Task, c.in.State.Held.Task)
	c.in.Record.Fields["on"] = "2026-11-01"
	c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "date given"}))
	require.Equal(t, Ended, c.in.State.Status)
}

// v0.4.0 ended the branch and kept the hold; such a case couldn't be resumed.
func TestACaseGoesOnThatIsHeldForABranchThatIsGone(t *testing.T) {
	t.Parallel()
	c := smallCase(t, "\n  - {id: ask, approve: Ask, by: {user: sun.wei}}\n  - end: fine\n")
	c.in.State.Held = &Held{Reason: Same("wait until when?"), Task: "c1.2", Step: "ask", Scope: 7}
	refused(t, c.act("sun.wei", EventApprove, "ask"), CodeCaseSuspended)
	c.must(c.admin(EventResume, "the branch is over"))
	require.Equal(t, []string{"ask:sun.wei"}, c.open(), "once")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, "fine", c.in.State.Outcome)
}
