package process

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// undone says of every "undone" entry from index n on which step it is about, and what was done or why it stands.
func (c *trial) undone(n int) []string {
	out := []string{}
	for _, e := range c.entries("undone")[n:] {
		text := e.Step
		if e.Reason != "" {
			text += ": " + e.Reason
		}
		out = append(out, text)
	}
	return out
}

const effects = `
  - {id: one, approve: One, by: {user: wang.fang}, on: {approved: {set: {size: 1}}}, undo: restore}
  - {id: level, set: {level: a}, undo: restore}
  - {id: told, notify: Told, to: initiator}
  - {id: made, create: {thing: {name: record.name}}, undo: [{id: unmake, set: {note: record.name}}, {id: sorry, notify: Sorry, to: {user: sun.wei}}]}
  - {id: two, approve: Two, by: {user: sun.wei}, return_to: [any], on: {returned: {go: one}}}
  - {id: note, set: {note: "x"}}
  - {id: last, approve: Last, by: {user: zhou.min}, return_to: [any]}
`

func withEffects(t *testing.T) *trial {
	t.Helper()
	c := begin(t, Fields{"name": "one", "owner": "li.na", "level": "b"}, thing, chainOf(effects))
	c.start("li.na")
	c.must(c.act("wang.fang", EventApprove, "one"))
	require.Equal(t, "a", c.in.Record.Fields["level"])
	require.Equal(t, 1.0, c.in.Record.Fields["size"])
	return c
}

func TestAReturnUndoesWhatWasPassedNewestFirstAndSaysWhatStands(t *testing.T) {
	t.Parallel()
	c := withEffects(t)
	c.must(c.act("sun.wei", EventReturn, "two", saying("no")))
	require.Equal(t, []string{"made", "told: a message that was sent can't be taken back", "level", "one"}, c.undone(0))
	require.Equal(t, "b", c.in.Record.Fields["level"])
	require.NotContains(t, c.in.Record.Fields, "size", "empty before, empty again")
	require.Equal(t, "one", c.in.Record.Fields["note"], "the steps of the undo ran")
	require.Equal(t, 1, c.told("sun.wei", "notify"))
	require.Equal(t, map[string]any{"restored": map[string]any{"level": map[string]any{"from": "a", "to": "b"}}}, c.entries("undone")[2].Data)
	require.Equal(t, "notify", c.entries("undone")[1].Data["kept"])
	require.Equal(t, []string{"one:wang.fang"}, c.open(), "the chain goes on where the return leads, not behind the undo")
	require.Empty(t, c.in.State.Passed)

	c.must(c.act("wang.fang", EventApprove, "one"))
	c.must(c.act("sun.wei", EventApprove, "two"))
	c.must(c.act("zhou.min", EventReject, "last", saying("no")))
	require.Equal(t, []string{"made", "told: a message that was sent can't be taken back", "level", "one"}, c.undone(4), "each once, for each time it was passed")
}

func TestAReturnUndoesOnlyWhatLiesBehindItsTarget(t *testing.T) {
	t.Parallel()
	c := withEffects(t)
	c.must(c.act("sun.wei", EventApprove, "two"))
	c.must(c.act("zhou.min", EventReturn, "last", backTo("two")))
	require.Empty(t, c.undone(0))
	require.Equal(t, "a", c.in.Record.Fields["level"])
	require.Equal(t, "x", c.in.Record.Fields["note"], "a `set` without an undo stands")
	require.Len(t, c.in.State.Passed, 4)
}

func TestRejectedWithdrawnAndCancelledUndoEverything(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*trial) error{
		Rejected:  func(c *trial) error { return c.act("sun.wei", EventReject, "two", saying("no")) },
		Withdrawn: func(c *trial) error { return c.try(Event{Kind: EventWithdraw, By: "li.na"}) },
		Cancelled: func(c *trial) error { return c.try(Event{Kind: EventCancel, By: "admin", Admin: true, Comment: "x"}) },
	} {
		c := withEffects(t)
		c.must(end(c))
		require.Equal(t, name, c.in.State.Outcome)
		require.Len(t, c.undone(0), 4, name)
		require.Equal(t, "b", c.in.Record.Fields["level"])
		require.Empty(t, c.in.State.Passed)
	}
}

func TestARejectionUndoesWhateverItsEndIsCalled(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: level, set: {level: a}, undo: restore}
  - {id: ask, approve: Ask, by: {user: sun.wei}, on: {rejected: {end: lost}}}
`)
	c.must(c.act("sun.wei", EventReject, "ask", saying("no")))
	require.Equal(t, "lost", c.in.State.Outcome)
	require.Equal(t, []string{"level"}, c.undone(0))
	require.NotContains(t, c.in.Record.Fields, "level")
}

func TestARejectionThatNobodyGivesUndoesToo(t *testing.T) {
	t.Parallel()
	for _, last := range []string{
		"{id: ask, approve: Ask, by: {field: buyer}, if_none: reject}",
		"{id: ask, task: Ask, by: {field: buyer}, if_none: reject}",
		"end: rejected",
	} {
		c := smallCase(t, "\n  - {id: level, set: {level: a}, undo: restore}\n  - "+last+"\n")
		require.Equal(t, Rejected, c.in.State.Outcome)
		require.Equal(t, []string{"level"}, c.undone(0), last)
	}
}

func TestRestorePutsBackWhatWasThereWhateverIsThereNow(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: first, set: {note: "1"}, undo: restore}
  - {id: again, task: Again, by: {user: sun.wei}, edit: {note: optional}, outcomes: {more: {go: first, at_most: 9, then: {end: over}}, on: {}}}
  - {id: ask, approve: Ask, by: {user: sun.wei}}
`)
	c.must(c.act("sun.wei", EventComplete, "again", choosing("more"), filling(Fields{"note": "mine"})))
	require.Len(t, c.in.State.Passed, 1, "passed again it is noted once")
	c.must(c.act("sun.wei", EventComplete, "again", choosing("on"), filling(Fields{"note": "later"})))
	c.must(c.act("sun.wei", EventReject, "ask", saying("no")))
	require.NotContains(t, c.in.Record.Fields, "note", "as it was before the first time")
	require.Equal(t, map[string]any{"from": "later", "to": nil}, c.entries("undone")[0].Data["restored"].(map[string]any)["note"])
}

func TestWhatStandsRestoresWhatWasThereBeforeWhatIsUndone(t *testing.T) {
	t.Parallel()
	c := begin(t, Fields{"name": "one", "owner": "li.na", "note": "before"}, thing, chainOf(`
  - {id: first, set: {note: "x"}, undo: restore}
  - {id: look, task: Look, by: initiator}
  - {id: second, set: {note: "y"}, undo: restore}
  - {id: check, task: Check, by: initiator, outcomes: {again: {go: first}, on: {}}}
`))
	c.start("li.na")
	c.must(c.act("li.na", EventComplete, "look"))
	c.must(c.act("li.na", EventComplete, "check", choosing("again")))
	c.must(c.try(Event{Kind: EventJump, By: "admin", Admin: true, Comment: "x", To: "first"}))
	require.Equal(t, []string{"first"}, c.undone(0), "`second` was passed before, and stands")
	c.must(c.try(Event{Kind: EventWithdraw, By: "li.na"}))
	require.Equal(t, "before", c.in.Record.Fields["note"], "and not what the first run of `first` had put there")
}

func TestALoopThatIsNoReturnUndoesNothing(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: work, task: Work, by: initiator}
  - {id: level, set: {level: a}, undo: restore}
  - {id: check, task: Check, by: initiator, outcomes: {again: {go: work}, on: {}}}
`)
	c.must(c.act("li.na", EventComplete, "work"))
	c.must(c.act("li.na", EventComplete, "check", choosing("again")))
	require.Empty(t, c.undone(0))
	require.Equal(t, "a", c.in.Record.Fields["level"])
}

func TestResumeBackUndoesNothingThatIsSkippedAfterwards(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: one, approve: One, by: {user: wang.fang}}
  - {id: level, set: {level: a}, undo: restore}
  - {id: two, approve: Two, by: {user: sun.wei}, resume: back, on: {returned: {go: one}}}
  - {id: three, approve: Three, by: {user: zhou.min}, on: {returned: {go: one}}}
`
	c := smallCase(t, steps)
	c.must(c.act("wang.fang", EventApprove, "one"))
	c.must(c.act("sun.wei", EventReturn, "two", saying("x")))
	require.Equal(t, "a", c.in.Record.Fields["level"])
	c.must(c.act("wang.fang", EventApprove, "one"))
	require.Equal(t, []string{"two:sun.wei"}, c.open())
	c.must(c.act("sun.wei", EventApprove, "two"))
	c.must(c.act("zhou.min", EventReturn, "three", saying("x")))
	require.Equal(t, []string{"level"}, c.undone(0), "it still lies behind `one`")
}

func TestAJumpBackUndoesAJumpForwardDoesNot(t *testing.T) {
	t.Parallel()
	c := withEffects(t)
	c.must(c.try(Event{Kind: EventJump, By: "admin", Admin: true, Comment: "x", To: "last"}))
	require.Empty(t, c.undone(0))
	c.must(c.try(Event{Kind: EventJump, By: "admin", Admin: true, Comment: "x", To: "level"}))
	require.Equal(t, []string{"made", "told: a message that was sent can't be taken back", "level"}, c.undone(0))
	require.Equal(t, []string{"two:sun.wei"}, c.open(), "it runs again from there")
}

func TestAnApprovedCaseIsRevokedOnceAndUndone(t *testing.T) {
	t.Parallel()
	revoke := "revoke: {by: initiator, within: 5 working days, approved_by: {user: zhou.min}}\n"
	document := chainOf(effects)
	c := begin(t, Fields{"name": "one", "owner": "li.na", "level": "b"}, thing, document+revoke)
	c.start("li.na")
	undo := Event{Kind: EventUndo, By: "wang.fang", Comment: "the customer backed out"}
	refused(t, c.try(undo), CodeUnknownOutcome)
	c.must(c.act("wang.fang", EventApprove, "one"))
	c.must(c.act("sun.wei", EventApprove, "two"))
	c.must(c.act("zhou.min", EventApprove, "last"))
	require.Equal(t, Approved, c.in.State.Outcome)
	require.Empty(t, c.undone(0))

	raw, err := json.Marshal(c.in.State)
	require.NoError(t, err)
	c.in.State = State{}
	require.NoError(t, json.Unmarshal(raw, &c.in.State))
	c.must(c.try(undo))
	require.Equal(t, Revoked, c.in.State.Outcome)
	require.Equal(t, Ended, c.in.State.Status)
	require.Equal(t, "the customer backed out", c.entries("revoked")[0].Comment)
	require.Equal(t, []string{"made", "told: a message that was sent can't be taken back", "level", "one"}, c.undone(0))
	require.Equal(t, "b", c.in.Record.Fields["level"])
	require.Contains(t, c.effects, EndCase{Outcome: Revoked, At: c.now})
	require.Equal(t, 2, c.told("li.na", "ended"), "of the end, and of the revoking")
	refused(t, c.try(undo), CodeCaseEnded)

	r := c.in.Process.Revoke
	require.Equal(t, ByInitiator, r.By[0].Kind)
	require.Equal(t, "5 working days", r.Within.String())
	require.Equal(t, ByUser, r.ApprovedBy[0].Kind)
}

func TestWithoutRevokeAnApprovedCaseStands(t *testing.T) {
	t.Parallel()
	c := withEffects(t)
	c.must(c.act("sun.wei", EventApprove, "two"))
	c.must(c.act("zhou.min", EventApprove, "last"))
	require.Empty(t, c.in.State.Passed, "nothing is kept that nobody can ask for")
	refused(t, c.try(Event{Kind: EventUndo, By: "li.na"}), CodeUnknownOutcome)
}

func TestAnUndoThatFailsIsSaidAndHoldsNothingUp(t *testing.T) {
	t.Parallel()
	c := withEffects(t)
	c.in.Broken = map[string]Text{"unmake": Same("the number is taken")}
	c.must(c.act("sun.wei", EventReturn, "two", saying("no")))
	require.Nil(t, c.in.State.Held)
	require.Equal(t, []string{"made", "unmake: not undone: the number is taken", "told: a message that was sent can't be taken back", "level", "one"}, c.undone(0))
	require.Equal(t, 1, c.told("admin", "held"))
	require.Equal(t, 1, c.told("sun.wei", "notify"), "the rest of the undo is done")
	require.Equal(t, []string{"one:wang.fang"}, c.open())
}

func TestAnEffectThatWasNotMadeIsNotUndone(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: {user: sun.wei}}
  - {id: made, create: {thing: {name: record.name}}, undo: [{set: {note: record.name}}]}
  - {id: told, notify: Told, to: {field: buyer}}
  - {id: next, task: Next, by: initiator}
`)
	c.in.Broken = map[string]Text{"made": Same("the number is taken")}
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.try(Event{Kind: EventJump, By: "admin", Admin: true, Comment: "x", To: "told"}))
	c.must(c.try(Event{Kind: EventWithdraw, By: "li.na"}))
	require.Empty(t, c.undone(0), "no record was made, and nobody was told")
}

func TestPassedStaysSmallInALoop(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: level, set: {level: a}, undo: restore}
  - {id: told, notify: Told, to: initiator}
  - {id: work, task: Work, by: initiator, outcomes: {again: {go: level}, on: {}}}
`)
	raw, _ := json.Marshal(c.in.State)
	for range 1000 {
		c.must(c.act("li.na", EventComplete, "work", choosing("again")))
	}
	after, _ := json.Marshal(c.in.State)
	require.Less(t, len(after), len(raw)+100)
}

func TestTheUndoOfADecisionRunsOnlyWhereItHasSetSomething(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: work, task: Work, by: initiator, outcomes: {set: {set: {level: a}}, plain: {}}, undo: [{id: sorry, notify: Sorry, to: {user: sun.wei}}]}
  - {id: ask, approve: Ask, by: {user: sun.wei}}
`
	for outcome, want := range map[string]int{"set": 1, "plain": 0} {
		c := smallCase(t, steps)
		c.must(c.act("li.na", EventComplete, "work", choosing(outcome)))
		c.must(c.act("sun.wei", EventReject, "ask", saying("no")))
		require.Equal(t, want, c.told("sun.wei", "notify"), outcome)
	}
}

func TestASetThatCouldNotBeMadeIsNotUndone(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: {user: sun.wei}}
  - {id: half, set: {size: 1 / record.size}, undo: [{id: sorry, notify: Sorry, to: {user: sun.wei}}]}
  - {id: next, task: Next, by: initiator}
`)
	c.in.Record.Fields["size"] = 0.0
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.NotNil(t, c.in.State.Held)
	c.must(c.try(Event{Kind: EventWithdraw, By: "li.na"}))
	require.Empty(t, c.undone(0))
}

func TestCallsAndRequestsAreUndoneByOthersOrStand(t *testing.T) {
	t.Parallel()
	c := questCase(t, nil, "", `
  - {id: order, request: {to: erp, post: "/orders/{record.name}"}, undo: [{id: unorder, request: {to: erp, post: "/orders/{record.name}/cancel"}}]}
  - {id: look, request: {to: erp, get: "/stock"}}
  - {id: ask, approve: Ask, by: {user: sun.wei}}
`)
	c.must(c.try(Event{Kind: EventAnswered, Call: "c1.c1", Answer: map[string]any{}}))
	c.must(c.try(Event{Kind: EventAnswered, Call: "c1.c2", Answer: map[string]any{}}))
	c.must(c.act("sun.wei", EventReturn, "ask", saying("x")))
	require.Equal(t, []string{"look: a call to another system can't be taken back", "order"}, c.undone(0))
	require.Equal(t, []CallSystem{{Call: "c1.c3", To: "erp", Method: "post", Path: "/orders/one/cancel", Body: map[string]any{}, Step: "unorder"}}, effectsOf[CallSystem](c))
	require.Equal(t, []string{"resubmit:li.na"}, c.open(), "nobody waits for the answer")
	require.Empty(t, c.waiting())
	c.must(c.try(Event{Kind: EventAnswered, Call: "c1.c3", Step: "unorder", Failed: Same("timed out"), Tries: 8}))
	require.Nil(t, c.in.State.Held)
	require.Equal(t, "unorder: not undone: timed out", c.undone(0)[2], "and yet the administrators hear that it failed")
	require.NotEmpty(t, effectsOf[Tell](c))
}

func TestARequestUnderWayHasBeenMadeAndACallUnderWayEnds(t *testing.T) {
	t.Parallel()
	c := callCase(t, `
  - id: fork
    parallel:
      - {id: a, steps: [{id: erp, request: {to: erp, post: "/x"}}]}
      - {id: b, steps: [{id: sub, call: sub}]}
      - {id: c, steps: [{id: free, call: sub, wait: false}, {id: ask, approve: Ask, by: {user: sun.wei}}]}
    join: all
`)
	c.must(c.try(Event{Kind: EventWithdraw, By: "li.na"}))
	require.Equal(t, []string{"free: the case that was started stays", "erp: a call to another system can't be taken back"}, c.undone(0))
	require.Equal(t, []EndCall{{Call: "c1.c2", Outcome: Withdrawn}}, effectsOf[EndCall](c))
}
