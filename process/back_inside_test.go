package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// inGroups is a case at its last approval, which comes after a stage, a choice and an outcome with steps of its own.
func inGroups(t *testing.T, keys string) *trial {
	t.Helper()
	c := smallCase(t, `
  - id: first
    stage: First
    due: 2 working days
    steps:
      - {id: one, approve: One, by: {user: wang.fang}}
      - {id: note, set: {note: "seen"}, undo: restore}
      - {id: two, approve: Two, by: {user: chen.bo}}
  - id: which
    choose:
      - {when: record.size > 5, steps: [{id: big, approve: Big, by: {user: zhou.min}}]}
      - {otherwise: true, steps: [{id: small, approve: Small, by: {user: sun.wei}}]}
  - {id: work, task: Work, by: {user: xu.lei}, outcomes: {plain: {}, checked: {steps: [{id: check, approve: Check, by: {user: zhao.qiang}}]}}}
  - id: nothing
    choose: [{when: record.size > 5, steps: [{id: never, approve: Never, by: {user: zhou.min}}]}, {otherwise: true, steps: []}]
  - {id: last, approve: Last, by: {user: he.jing}, return_to: [previous, any], `+keys+`}
  - {id: final, approve: Final, by: {user: xu.lei}, return_to: [any]}
`)
	c.must(c.act("wang.fang", EventApprove, "one"))
	c.must(c.act("chen.bo", EventApprove, "two"))
	c.must(c.act("sun.wei", EventApprove, "small"))
	c.must(c.act("xu.lei", EventComplete, "work", choosing("checked")))
	c.must(c.act("zhao.qiang", EventApprove, "check"))
	require.Equal(t, []string{"last:he.jing"}, c.open())
	return c
}

func TestAReturnGoesToAnyStepThatWasPassedAlsoInAGroup(t *testing.T) {
	t.Parallel()
	c := inGroups(t, "resume: again")
	var offered []string
	for _, w := range OpenWays(c.in, c.task("last"), "he.jing", false) {
		if w.To != "" {
			offered = append(offered, w.To)
		}
	}
	require.Equal(t, []string{"previous", "check", "small", "which", "two", "one", "first"}, offered, "the work before, then the last passed first; nobody was asked at `nothing`")
	for _, x := range []struct{ to, open string }{
		{"first", "one:wang.fang"}, {"one", "one:wang.fang"}, {"two", "two:chen.bo"}, {"which", "small:sun.wei"}, {"small", "small:sun.wei"}, {"check", "check:zhao.qiang"}, {"previous", "work:xu.lei"},
	} {
		c := inGroups(t, "resume: again")
		c.must(c.act("he.jing", EventReturn, "last", backTo(x.to)))
		require.Equal(t, []string{x.open}, c.open(), x.to)
	}
	for _, to := range []string{"nothing", "never", "big", "note"} {
		refused(t, c.act("he.jing", EventReturn, "last", backTo(to)), CodeStepNotPassed)
	}
}

func TestAReturnIntoAStageEntersItAnewFromThatStepOn(t *testing.T) {
	t.Parallel()
	c := inGroups(t, "resume: again")
	c.must(c.act("he.jing", EventReturn, "last", backTo("two")))
	require.Equal(t, "done", c.status("one"), "what was done before it stands")
	require.Equal(t, "seen", c.in.Record.Fields["note"])
	require.Equal(t, "left", c.status("small"))
	require.Equal(t, "open", c.status("first"))
	require.Equal(t, 2, c.in.State.Open[0].Round, "with a limit of its own")
	c.must(c.act("chen.bo", EventApprove, "two"))
	require.Equal(t, "done", c.status("first"))
	require.Equal(t, []string{"small:sun.wei"}, c.open(), "and the chain runs again from there")
	c.must(c.act("sun.wei", EventApprove, "small"))
	c.must(c.act("xu.lei", EventComplete, "work", choosing("plain")))
	c.must(c.act("he.jing", EventReturn, "last", backTo("first")))
	require.Equal(t, []string{"one:wang.fang"}, c.open())
	require.Nil(t, c.in.Record.Fields["note"], "at its beginning all of it is gone back past")
	require.Len(t, c.entries("undone"), 1)
}

func TestAReturnIntoAGroupComesStraightBack(t *testing.T) {
	t.Parallel()
	for to, by := range map[string]string{"one": "wang.fang", "two": "chen.bo", "small": "sun.wei", "check": "zhao.qiang"} {
		c := inGroups(t, "resume: back")
		c.must(c.act("he.jing", EventReturn, "last", backTo(to)))
		c.must(c.act(by, EventApprove, to))
		require.Equal(t, []string{"last:he.jing"}, c.open(), to)
		for _, step := range []string{"first", "one", "note", "two", "which", "small", "work", "check"} {
			require.Equal(t, "done", c.status(step), "%s, after a return to %s", step, to)
		}
		require.Len(t, c.in.State.Scopes, 1)
		require.Empty(t, c.in.State.Backs)
		require.Equal(t, "seen", c.in.Record.Fields["note"], "what was skipped stands")
		c.must(c.act("he.jing", EventApprove, "last"))
		c.must(c.act("xu.lei", EventReturn, "final", backTo("first")))
		require.Nil(t, c.in.Record.Fields["note"], "all that was done in it is gone back past")
		require.Len(t, c.entries("undone"), 1)
	}
}

func TestOfBranchesBesideEachOtherTheWholeIsThePlace(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - id: both
    parallel:
      - {id: a, title: A, steps: [{id: one, approve: One, by: {user: wang.fang}}]}
      - {id: b, title: B, steps: [{id: two, approve: Two, by: {user: chen.bo}}]}
  - {id: last, approve: Last, by: {user: he.jing}, return_to: [any]}
`)
	c.must(c.act("wang.fang", EventApprove, "one"))
	c.must(c.act("chen.bo", EventApprove, "two"))
	refused(t, c.act("he.jing", EventReturn, "last", backTo("one")), CodeStepNotPassed)
	c.must(c.act("he.jing", EventReturn, "last", backTo("both")))
	require.Equal(t, []string{"one:wang.fang", "two:chen.bo"}, c.open())
}

func TestAReturnGoesIntoTheBranchOfTheLastTime(t *testing.T) {
	t.Parallel()
	c := inGroups(t, "resume: back")
	c.in.Record.Fields["size"] = 7.0
	c.must(c.act("he.jing", EventReturn, "last", backTo("which")))
	c.must(c.act("zhou.min", EventApprove, "big"))
	require.Equal(t, []string{"last:he.jing"}, c.open())
	refused(t, c.act("he.jing", EventReturn, "last", backTo("small")), CodeStepNotPassed)
	c.must(c.act("he.jing", EventReturn, "last", backTo("big")))
	require.Equal(t, []string{"big:zhou.min"}, c.open())
}

func TestAReturnIntoAStageWithoutALimitEntersItAtItsBeginning(t *testing.T) {
	t.Parallel()
	for _, resume := range []string{"again", "back"} {
		c := begin(t, Fields{"name": "usual", "owner": "li.na"}, thing, `table: limits
input: {name: record.name}
output: {limit: duration}
hit: unique
rows:
  - {when: {name: usual}, then: {limit: 2 working days}}
`, chainOf(`
  - id: first
    stage: First
    due: {table: limits}
    steps:
      - {id: one, approve: One, by: {user: wang.fang}}
      - {id: note, set: {note: "seen"}, undo: restore}
      - {id: two, approve: Two, by: {user: chen.bo}}
  - {id: last, approve: Last, by: {user: he.jing}, return_to: [any], resume: `+resume+`}
`))
		c.start("li.na")
		c.must(c.act("wang.fang", EventApprove, "one"))
		c.must(c.act("chen.bo", EventApprove, "two"))
		c.in.Record.Fields["name"] = "odd"
		c.must(c.act("he.jing", EventReturn, "last", backTo("two")))
		require.NotNil(t, c.in.State.Held, "no row applies")
		require.Nil(t, c.in.Record.Fields["note"], "it is done again, so it is undone")
		c.in.Record.Fields["name"] = "usual"
		c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "put right"}))
		require.Equal(t, []string{"one:wang.fang"}, c.open(), resume)
		c.must(c.act("wang.fang", EventApprove, "one"))
		require.Equal(t, []string{"two:chen.bo"}, c.open())
		c.must(c.act("chen.bo", EventApprove, "two"))
		require.Equal(t, []string{"last:he.jing"}, c.open())
		require.Len(t, c.entries("undone"), 1)
	}
}

func TestAStageThatAStraightWayLedIntoKeepsItsPlace(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: zero, task: Zero, by: {user: xu.lei}}
  - id: first
    stage: First
    steps:
      - {id: one, approve: One, by: {user: wang.fang}, show: [size], reapprove_if_changed: [size]}
      - {id: two, approve: Two, by: {user: chen.bo}, return_to: [any], resume: back}
  - {id: end, task: End, by: {user: xu.lei}, edit: {size: optional}}
`)
	c.must(c.act("xu.lei", EventComplete, "zero"))
	c.must(c.act("wang.fang", EventApprove, "one"))
	c.must(c.act("chen.bo", EventReturn, "two", backTo("zero")))
	c.must(c.act("xu.lei", EventComplete, "zero"))
	require.Equal(t, []string{"two:chen.bo"}, c.open())
	c.must(c.act("chen.bo", EventApprove, "two"))
	c.must(c.act("xu.lei", EventComplete, "end", filling(Fields{"size": 7.0})))
	require.Equal(t, []string{"one:wang.fang"}, c.open(), "what was approved in it has been changed")
}

func TestAGroupInWhichAnApprovalIsVoidIsAPlaceToGoBackTo(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - id: first
    stage: First
    steps: [{id: one, approve: One, by: {user: wang.fang}, show: [size], reapprove_if_changed: [size]}]
  - id: both
    parallel:
      - {id: a, title: A, steps: [{id: edit, task: Edit, by: {user: xu.lei}, edit: {size: optional}}]}
      - {id: b, title: B, steps: [{id: last, approve: Last, by: {user: he.jing}, return_to: [any]}]}
`)
	c.must(c.act("wang.fang", EventApprove, "one"))
	c.must(c.act("xu.lei", EventComplete, "edit", filling(Fields{"size": 7.0})))
	require.Equal(t, "voided", c.status("one"))
	c.must(c.act("he.jing", EventReturn, "last", backTo("first")))
	require.Equal(t, []string{"one:wang.fang"}, c.open())
}

// A choice that a straight way back leads to is made anew. What was done in a branch that isn't taken this time counts no more: nobody goes back there, and no change
// has it asked again.
func TestABranchThatIsNotTakenAnyMoreCountsNoMore(t *testing.T) {
	t.Parallel()
	for _, other := range []string{"[]", "[{id: big, approve: Big, by: {user: zhou.min}}]"} {
		c := smallCase(t, `
  - id: which
    choose:
      - {when: record.size > 5, steps: `+other+`}
      - {otherwise: true, steps: [{id: small, approve: Small, by: {user: sun.wei}, show: [note], reapprove_if_changed: [note]}]}
  - {id: last, approve: Last, by: {user: he.jing}, return_to: [any], resume: back}
  - {id: edit, task: Edit, by: {user: xu.lei}, edit: {note: optional}}
  - {id: final, approve: Final, by: {user: zhao.qiang}, return_to: [any]}
`)
		c.must(c.act("sun.wei", EventApprove, "small"))
		c.in.Record.Fields["size"] = 7.0
		c.must(c.act("he.jing", EventReturn, "last", backTo("which")))
		if other != "[]" {
			c.must(c.act("zhou.min", EventApprove, "big"))
		}
		require.Equal(t, []string{"last:he.jing"}, c.open())
		require.Equal(t, "left", c.status("small"))
		refused(t, c.act("he.jing", EventReturn, "last", backTo("small")), CodeStepNotPassed)
		c.must(c.act("he.jing", EventApprove, "last"))
		c.must(c.act("xu.lei", EventComplete, "edit", filling(Fields{"note": "changed"})))
		require.Equal(t, []string{"final:zhao.qiang"}, c.open(), "nobody is asked again about a branch that wasn't taken")

		c.in.Record.Fields["size"] = 1.0
		c.must(c.act("zhao.qiang", EventReturn, "final", backTo("last")))
		if other == "[]" {
			refused(t, c.act("he.jing", EventReturn, "last", backTo("which")), CodeStepNotPassed)
			continue
		}
		c.must(c.act("he.jing", EventReturn, "last", backTo("which")))
		c.must(c.act("sun.wei", EventApprove, "small"))
		require.Equal(t, []string{"last:he.jing"}, c.open())
		refused(t, c.act("he.jing", EventReturn, "last", backTo("big")), CodeStepNotPassed)
		c.must(c.act("he.jing", EventReturn, "last", backTo("small")))
		require.Equal(t, []string{"small:sun.wei"}, c.open())
	}
}

// So it is with the steps of an outcome that somebody doesn't give again, but for those from which the case came back for it.
func TestTheStepsOfAnOutcomeThatIsNotGivenAnyMoreCountNoMore(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - id: ask
    task: Ask
    by: {user: sun.wei}
    outcomes: {plain: {}, more: {steps: [{id: look, approve: Look, by: {user: zhou.min}, show: [note], reapprove_if_changed: [note]}, {id: deep, approve: Deep, by: {user: chen.bo}, return_to: [any], resume: back}]}}
  - {id: last, approve: Last, by: {user: he.jing}, return_to: [any], resume: back}
  - {id: edit, task: Edit, by: {user: xu.lei}, edit: {note: optional}}
  - {id: final, approve: Final, by: {user: zhao.qiang}}
`)
	gives := func(outcome string) {
		c.must(c.act("sun.wei", EventComplete, "ask", func(e *Event) { e.Outcome = outcome }))
	}
	gives("more")
	c.must(c.act("zhou.min", EventApprove, "look"))
	c.must(c.act("chen.bo", EventReturn, "deep", backTo("ask")))
	gives("plain")
	require.Equal(t, []string{"deep:chen.bo"}, c.open(), "straight back to who returned it")
	require.Equal(t, "done", c.status("look"))
	c.must(c.act("chen.bo", EventApprove, "deep"))
	c.must(c.act("he.jing", EventReturn, "last", backTo("ask")))
	gives("plain")
	require.Equal(t, []string{"last:he.jing"}, c.open())
	require.Equal(t, "left", c.status("look"))
	refused(t, c.act("he.jing", EventReturn, "last", backTo("deep")), CodeStepNotPassed)
	c.must(c.act("he.jing", EventReturn, "last", backTo("ask")))
	gives("more")
	c.must(c.act("zhou.min", EventApprove, "look"))
	c.must(c.act("chen.bo", EventApprove, "deep"))
	c.must(c.act("he.jing", EventReturn, "last", backTo("look")))
	require.Equal(t, []string{"look:zhou.min"}, c.open())
	c.must(c.act("zhou.min", EventApprove, "look"))
	c.must(c.act("he.jing", EventReturn, "last", backTo("ask")))
	gives("plain")
	c.must(c.act("he.jing", EventApprove, "last"))
	c.must(c.act("xu.lei", EventComplete, "edit", filling(Fields{"note": "changed"})))
	require.Equal(t, []string{"final:zhao.qiang"}, c.open(), "nobody is asked again about an outcome that wasn't given")
}
