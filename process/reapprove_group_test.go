package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const watchedFork = `
  - id: fork
    parallel:
      - {id: left, title: L, steps: [{id: price, approve: Price, by: [{user: wang.fang}, {user: sun.wei}], mode: all, reapprove_if_changed: [size], due: 1 working day}, {id: more, task: More, by: {user: xu.lei}}]}
      - {id: right, title: R, steps: [{id: terms, approve: Terms, by: {user: he.jing}, reapprove_if_changed: [note]}, {id: filed, task: Filed, by: {user: xu.lei}}]}
    join: all
    then: {set: {level: a}}
  - {id: work, task: Work, by: {user: xu.lei}, edit: {size: optional, note: optional}}
  - {id: last, approve: Last, by: {user: zhou.min}}
`

// behindTheFork is a case in which both branches are over, and the form behind them is open.
func behindTheFork(t *testing.T, steps string) *trial {
	c := smallCase(t, steps)
	c.must(c.act("wang.fang", EventApprove, "price"))
	c.must(c.act("sun.wei", EventApprove, "price"))
	c.must(c.act("xu.lei", EventComplete, "more"))
	c.must(c.act("he.jing", EventApprove, "terms"))
	c.must(c.act("xu.lei", EventComplete, "filed"))
	require.Equal(t, []string{"work:xu.lei"}, c.open())
	return c
}

func TestAnApprovalInABranchThatIsOverIsAskedAgainBeforeTheChainGoesOn(t *testing.T) {
	t.Parallel()
	c := behindTheFork(t, watchedFork)
	set := len(c.entries("changed"))
	c.pass("2026-11-24 15:00")
	c.must(c.act("xu.lei", EventComplete, "work", filling(Fields{"size": 3.0})))

	require.ElementsMatch(t, []string{"price:wang.fang", "price:sun.wei"}, c.open(), "only who looked at the size; the chain waits before what comes next")
	changed := map[string]any{"size": map[string]any{"from": nil, "to": 3.0}}
	require.Len(t, c.entries("voided"), 1)
	require.Equal(t, changed, c.entries("voided")[0].Data["changed"])
	opened := c.entries("opened")
	require.Equal(t, changed, opened[len(opened)-1].Data["changed"], "whoever is asked again sees what has changed since they signed")
	require.Equal(t, 2, c.told("wang.fang", "opened"))
	require.Equal(t, []string{"voided", "done"}, []string{c.status("fork"), c.status("terms")})
	require.Equal(t, "2026-11-25 18:00", c.in.State.Open[0].Seats[0].Due.Format("2006-01-02 15:04"), "the limit begins afresh")
	require.Equal(t, FormatScoped, c.in.State.Format)

	c.must(c.act("wang.fang", EventApprove, "price"))
	c.must(c.act("sun.wei", EventApprove, "price"))
	require.Equal(t, []string{"last:zhou.min"}, c.open(), "what came behind the approval in its branch isn't done again, nor is the form")
	require.Len(t, c.entries("changed"), set, "nor what the branches have led to")
	require.Equal(t, "done", c.status("fork"))
	require.Empty(t, c.in.State.Backs)
	require.Empty(t, c.in.State.Signed)
	c.must(c.act("zhou.min", EventApprove, "last"))
	require.Equal(t, Approved, c.in.State.Outcome)
}

func TestAFieldThatNobodyInTheBranchesLookedAtVoidsNothingThere(t *testing.T) {
	t.Parallel()
	c := behindTheFork(t, watchedFork)
	c.must(c.act("xu.lei", EventComplete, "work", filling(Fields{"size": 1.0})))
	c.must(c.act("wang.fang", EventReject, "price", saying("no")))
	require.Equal(t, Rejected, c.in.State.Outcome, "a refusal is one")

	c = behindTheFork(t, watchedFork)
	c.must(c.act("xu.lei", EventComplete, "work"))
	require.Equal(t, []string{"last:zhou.min"}, c.open())
	require.Empty(t, c.entries("voided"))
	require.Empty(t, c.in.State.Signed)
}

func TestVoidBranchesAreAskedBesideEachOtherAndAnAnswerIsTakenBack(t *testing.T) {
	t.Parallel()
	c := behindTheFork(t, watchedFork)
	c.must(c.act("xu.lei", EventComplete, "work", filling(Fields{"size": 3.0, "note": "n"})))
	require.ElementsMatch(t, []string{"price:wang.fang", "price:sun.wei", "terms:he.jing"}, c.open())
	task := c.task("terms", "he.jing")
	c.must(c.act("he.jing", EventApprove, "terms"))
	c.must(c.try(Event{Kind: EventTakeBack, By: "he.jing", Task: task}))
	require.ElementsMatch(t, []string{"price:wang.fang", "price:sun.wei", "terms:he.jing"}, c.open())
	c.must(c.act("he.jing", EventApprove, "terms"))
	c.must(c.act("wang.fang", EventApprove, "price"))
	c.must(c.act("sun.wei", EventApprove, "price"))
	require.Equal(t, []string{"last:zhou.min"}, c.open())
}

func TestABranchThatIsOverIsAskedAgainBeforeTheJoin(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - id: fork
    parallel:
      - {id: left, title: L, steps: [{id: price, approve: Price, by: {user: wang.fang}, reapprove_if_changed: [size]}]}
      - {id: right, title: R, steps: [{id: work, task: Work, by: {user: xu.lei}, edit: {size: optional}}, {id: more, task: More, by: {user: xu.lei}}]}
    join: all
    then: {set: {level: a}}
  - {id: last, approve: Last, by: {user: zhou.min}}
`)
	price := c.task("price", "wang.fang")
	c.must(c.act("wang.fang", EventApprove, "price"))
	c.must(c.act("xu.lei", EventComplete, "work", filling(Fields{"size": 3.0})))
	require.Equal(t, []string{"more:xu.lei"}, c.open(), "the other branch goes on meanwhile")
	require.Equal(t, FormatScoped, c.in.State.Format, "the release before would forget it")
	refused(t, c.try(Event{Kind: EventTakeBack, By: "wang.fang", Task: price}), CodeTaskClosed)
	c.must(c.act("xu.lei", EventComplete, "more"))
	require.Equal(t, []string{"price:wang.fang"}, c.open())
	require.Nil(t, c.in.Record.Fields["level"], "the join waits")
	c.must(c.act("wang.fang", EventApprove, "price"))
	require.Equal(t, []string{"last:zhou.min"}, c.open())
	require.Equal(t, "a", c.in.Record.Fields["level"])
}

func TestOfBranchesOfWhichTheFirstCountsNoOtherIsAskedAgain(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - id: fork
    parallel:
      - {id: left, title: L, steps: [{id: price, approve: Price, by: {user: wang.fang}, reapprove_if_changed: [size]}, {id: never, task: Never, by: {user: xu.lei}}]}
      - {id: right, title: R, steps: [{id: terms, approve: Terms, by: {user: he.jing}, reapprove_if_changed: [size]}]}
    join: first
  - {id: work, task: Work, by: {user: xu.lei}, edit: {size: optional}}
`)
	c.must(c.act("wang.fang", EventApprove, "price"))
	c.must(c.act("he.jing", EventApprove, "terms"))
	c.must(c.act("xu.lei", EventComplete, "work", filling(Fields{"size": 3.0})))
	require.Equal(t, []string{"terms:he.jing"}, c.open())
	c.must(c.act("he.jing", EventApprove, "terms"))
	require.Equal(t, Done, c.in.State.Outcome)
}

// What runs again in a branch that is asked again stands before the form, as it did: who goes back to that form later doesn't undo it, and it can be void once more.
func TestWhatRunsAgainWhereSomethingIsVoidKeepsItsPlace(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - id: fork
    parallel:
      - {id: left, title: L, steps: [{id: price, approve: Price, by: {user: wang.fang}, reapprove_if_changed: [size]}, {id: check, approve: Check, by: {user: sun.wei}, return_to: [any], reapprove_if_changed: [size]}]}
      - {id: right, title: R, steps: [{id: terms, approve: Terms, by: {user: he.jing}}]}
    join: all
  - {id: work, task: Work, by: {user: xu.lei}, edit: {size: optional}}
  - {id: last, approve: Last, by: {user: zhou.min}, return_to: [any]}
`)
	c.must(c.act("he.jing", EventApprove, "terms"))
	c.must(c.act("wang.fang", EventApprove, "price"))
	c.must(c.act("sun.wei", EventApprove, "check"))
	c.must(c.act("xu.lei", EventComplete, "work", filling(Fields{"size": 1.0})))
	c.must(c.act("wang.fang", EventApprove, "price"))
	c.must(c.act("sun.wei", EventReturn, "check", saying("once more"), to("price")))
	c.must(c.act("wang.fang", EventApprove, "price"))
	c.must(c.act("sun.wei", EventApprove, "check"))
	require.Equal(t, []string{"last:zhou.min"}, c.open())
	c.must(c.act("zhou.min", EventReturn, "last", saying("the size is wrong"), to("work")))
	require.Equal(t, []string{"done", "done"}, []string{c.status("price"), c.status("check")})
	c.must(c.act("xu.lei", EventComplete, "work", filling(Fields{"size": 2.0})))
	require.Equal(t, []string{"price:wang.fang"}, c.open())
}
