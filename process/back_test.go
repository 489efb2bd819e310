package process

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// gates is a case at its third approval, where one of two has agreed; the keys are that step's.
func gates(t *testing.T, keys string) *trial {
	t.Helper()
	c := smallCase(t, `
  - {id: one, approve: One, by: {user: wang.fang}}
  - {id: two, approve: Two, by: {user: sun.wei}}
  - {id: three, approve: Three, by: [{role: finance}, {user: zhou.min}], mode: all, `+keys+`}
  - {id: aside, aside: true, approve: Never, by: {user: sun.wei}}
  - {id: last, approve: Last, by: {user: sun.wei}, on: {rejected: {go: aside}}}
`)
	c.must(c.act("wang.fang", EventApprove, "one"))
	c.must(c.act("sun.wei", EventApprove, "two"))
	c.must(c.act("zhou.min", EventApprove, "three"))
	return c
}

func backTo(place string) func(*Event) {
	return func(e *Event) { e.To, e.Comment = place, "look again" }
}

func (c *trial) status(step string) string {
	for _, run := range c.in.State.Steps {
		if run.Step == step {
			return run.Status
		}
	}
	return ""
}

func TestAReturnGoesWhereTheActSaysAndReturnToAllows(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ keys, to, open string }{
		{"", "", "resubmit:li.na"},
		{"", "initiator", "resubmit:li.na"},
		{"return_to: [previous], on: {returned: {go: one}}", "", "one:wang.fang"},
		{"return_to: [previous], on: {returned: {go: one}}", "previous", "two:sun.wei"},
		{"return_to: [previous], on: {returned: {go: one}}", "two", "two:sun.wei"},
		{"return_to: [initiator], on: {returned: {go: one}}", "initiator", "resubmit:li.na"},
		{"return_to: [any]", "one", "one:wang.fang"},
		{"return_to: [any]", "two", "two:sun.wei"},
		{"return_to: [any]", "previous", "two:sun.wei"},
		{"return_to: [any], on: {returned: {go: one}}", "initiator", "resubmit:li.na"},
	} {
		c := gates(t, x.keys)
		c.must(c.act("he.jing", EventReturn, "three", backTo(x.to)))
		require.Equal(t, []string{x.open}, c.open(), "%s to %s", x.keys, x.to)
		require.Equal(t, "returned", c.status("three"))
		require.Len(t, c.entries("returned"), 1)
	}
}

func TestAReturnElsewhereIsRefusedAndChangesNothing(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		keys, to string
		code     Code
	}{
		{"", "one", CodeFieldInvalid},
		{"", "previous", CodeFieldInvalid},
		{"return_to: [previous]", "one", CodeFieldInvalid},
		{"on: {returned: {go: one}}", "initiator", CodeFieldInvalid},
		{"return_to: [any]", "last", CodeStepNotPassed},
		{"return_to: [any]", "aside", CodeStepNotPassed},
		{"return_to: [any]", "three", CodeStepNotPassed},
		{"return_to: [any]", "nowhere", CodeStepNotPassed},
	} {
		c := gates(t, x.keys)
		before := c.in.State
		r := refused(t, c.act("he.jing", EventReturn, "three", backTo(x.to)), x.code)
		require.Equal(t, "to", r.Fields[0].Field)
		require.Equal(t, before, c.in.State)
	}
	c := gates(t, "return_to: [any]")
	refused(t, c.act("he.jing", EventApprove, "three", to("one")), CodeFieldInvalid)
	refused(t, c.act("he.jing", EventReturn, "three", to("one")), CodeCommentRequired)
}

func TestAStepThatTheCaseHasGoneBackPastIsNotPassed(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: one, approve: One, by: {user: wang.fang}, return_to: [any]}
  - {id: two, approve: Two, by: {user: sun.wei}, return_to: [any]}
  - {id: three, approve: Three, by: {user: zhou.min}, return_to: [any]}
`)
	refused(t, c.act("wang.fang", EventReturn, "one", backTo("previous")), CodeStepNotPassed)
	c.must(c.act("wang.fang", EventApprove, "one"))
	c.must(c.act("sun.wei", EventApprove, "two"))
	c.must(c.act("zhou.min", EventReturn, "three", backTo("one")))
	require.Equal(t, "left", c.status("two"), "its approval is of the round that was given up")
	refused(t, c.act("wang.fang", EventReturn, "one", backTo("two")), CodeStepNotPassed)
	refused(t, c.act("wang.fang", EventReturn, "one", backTo("previous")), CodeStepNotPassed)
	c.must(c.act("wang.fang", EventApprove, "one"))
	c.must(c.act("sun.wei", EventReturn, "two", backTo("previous")))
	require.Equal(t, []string{"one:wang.fang"}, c.open())
}

func TestAStepThatWasPassedOverIsNoPlaceToGoBackTo(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: one, approve: One, by: {user: wang.fang}}
  - {id: two, approve: Two, if: record.size > 5, by: {user: sun.wei}}
  - {id: three, approve: Three, by: {user: zhou.min}, return_to: [any]}
`)
	c.must(c.act("wang.fang", EventApprove, "one"))
	refused(t, c.act("zhou.min", EventReturn, "three", backTo("two")), CodeStepNotPassed)
	c.must(c.act("zhou.min", EventReturn, "three", backTo("previous")))
	require.Equal(t, []string{"one:wang.fang"}, c.open())
}

func TestAReturnActsAtOnceWhateverTheVotesAndTheRoundIsVoid(t *testing.T) {
	t.Parallel()
	c := gates(t, "return_to: [any], due: 1 working day, late: [{at: due, tell: [holder]}]")
	c.must(c.act("he.jing", EventReturn, "three", backTo("two")))
	c.pass("2026-12-20 18:00")
	require.Empty(t, c.entries("late"), "the limit of the given-up part has ended")
	c.must(c.act("sun.wei", EventApprove, "two"))
	require.Equal(t, []string{"three:guo.yan|he.jing", "three:zhou.min"}, c.open(), "who had agreed is asked again")
	require.Equal(t, 2, c.in.State.Open[0].Round)
	require.NotEqual(t, c.entries("opened")[2].Task, c.task("three"), "with a new task")
}

func TestResumeBackComesStraightBackToWhoReturnedIt(t *testing.T) {
	t.Parallel()
	c := gates(t, "return_to: [any], resume: back")
	c.must(c.act("he.jing", EventReturn, "three", backTo("one")))
	require.Equal(t, []string{"one:wang.fang"}, c.open())
	require.Equal(t, "done", c.status("two"), "what lies between stands")
	c.must(c.act("wang.fang", EventApprove, "one"))
	require.Equal(t, []string{"three:he.jing", "three:zhou.min"}, c.open(), "two isn't asked again; three is, he.jing for the seat that finance may fill")
	require.Empty(t, c.in.State.Backs)
	c.must(c.act("he.jing", EventReturn, "three", backTo("previous")))
	require.Equal(t, []string{"two:sun.wei"}, c.open(), "two is still what was passed last")
	c.must(c.act("sun.wei", EventApprove, "two"))
	c.must(c.act("he.jing", EventApprove, "three"))
	c.must(c.act("zhou.min", EventApprove, "three"))
	require.Equal(t, []string{"last:sun.wei"}, c.open())
}

func TestResumeBackFromTheFormOfTheInitiator(t *testing.T) {
	t.Parallel()
	c := gates(t, "resume: back")
	c.must(c.act("guo.yan", EventReturn, "three", backTo("")))
	require.Equal(t, []string{"resubmit:li.na"}, c.open())
	c.must(c.act("li.na", EventComplete, "resubmit", filling(Fields{"name": "two"})))
	require.Equal(t, []string{"three:guo.yan", "three:zhou.min"}, c.open(), "she gets back what she returned")
}

// A chain that says how it is returned, and not what the initiator does then: they get a task to submit again, without a form and a limit.
func TestAReturnToTheInitiatorNeedsNoResubmit(t *testing.T) {
	t.Parallel()
	for _, keys := range []string{"return_to: [initiator]", "return_to: [previous, any]", "resume: back"} {
		steps := `
  - {id: one, approve: One, by: {user: wang.fang}}
  - {id: two, approve: Two, by: {user: sun.wei}, ` + keys + `}
`
		c := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, strings.Replace(chainOf(steps), "resubmit: {edit: {name: required}, due: 2 working days}\n", "", 1))
		c.start("li.na")
		c.must(c.act("wang.fang", EventApprove, "one"))
		c.must(c.act("sun.wei", EventReturn, "two", saying("the price is missing")))
		require.Equal(t, []string{"resubmit:li.na"}, c.open(), keys)
		c.must(c.act("li.na", EventComplete, ResubmitStep))
		if keys == "resume: back" {
			require.Equal(t, []string{"two:sun.wei"}, c.open())
			continue
		}
		require.Equal(t, []string{"one:wang.fang"}, c.open(), keys)
	}
}

func TestResumeBackIsForgottenWhenTheChainGoesElsewhere(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: one, task: One, by: {user: wang.fang}, outcomes: {well: {}, other: {go: side}, stop: {end: stopped}}}
  - {id: two, approve: Two, by: {user: sun.wei}}
  - {id: three, approve: Three, by: {user: zhou.min}, resume: back, on: {returned: {go: one}}}
  - {id: side, aside: true, task: Side, by: {user: xu.lei}, then: {go: one}}
`
	returned := func() *trial {
		c := smallCase(t, steps)
		c.must(c.act("wang.fang", EventComplete, "one", choosing("well")))
		c.must(c.act("sun.wei", EventApprove, "two"))
		c.must(c.act("zhou.min", EventReturn, "three", saying("look")))
		return c
	}
	c := returned()
	c.must(c.act("wang.fang", EventComplete, "one", choosing("other")))
	require.Empty(t, c.in.State.Backs)
	c.must(c.act("xu.lei", EventComplete, "side"))
	c.must(c.act("wang.fang", EventComplete, "one", choosing("well")))
	require.Equal(t, []string{"two:sun.wei"}, c.open())

	c = returned()
	c.must(c.act("wang.fang", EventComplete, "one", choosing("stop")))
	require.Equal(t, "stopped", c.in.State.Outcome)
	require.Empty(t, c.in.State.Backs)

	c = returned()
	c.must(c.act("wang.fang", EventComplete, "one", choosing("well")))
	require.Equal(t, []string{"three:zhou.min"}, c.open())
}

func TestResumeBackTwiceComesBackTheSameWay(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: one, approve: One, by: {user: wang.fang}}
  - {id: two, approve: Two, by: {user: sun.wei}, resume: back, on: {returned: {go: one}}}
  - {id: mid, approve: Mid, by: {user: he.jing}}
  - {id: three, approve: Three, by: {user: zhou.min}, resume: back, on: {returned: {go: two}}}
`)
	c.must(c.act("wang.fang", EventApprove, "one"))
	c.must(c.act("sun.wei", EventApprove, "two"))
	c.must(c.act("he.jing", EventApprove, "mid"))
	c.must(c.act("zhou.min", EventReturn, "three", saying("x")))
	c.must(c.act("sun.wei", EventReturn, "two", saying("x")))
	c.must(c.act("wang.fang", EventApprove, "one"))
	require.Equal(t, []string{"two:sun.wei"}, c.open())
	c.must(c.act("sun.wei", EventApprove, "two"))
	require.Equal(t, []string{"three:zhou.min"}, c.open())
}

func TestMayTakesTheReturnAway(t *testing.T) {
	t.Parallel()
	c := smallCase(t, "\n  - {id: ask, approve: Ask, by: {user: sun.wei}, may: [transfer]}\n")
	refused(t, c.act("sun.wei", EventReturn, "ask", saying("x")), CodeUnknownOutcome)
	form := c.in.Process.Step("ask").Form
	require.True(t, form.Allows("transfer"))
	require.False(t, form.Allows("add"))
	require.True(t, Form{}.Allows("add"), "without `may` everything is allowed")
}

func TestASignatureIsNeededForAgreeing(t *testing.T) {
	t.Parallel()
	steps := "\n  - {id: ask, approve: Ask, by: {user: sun.wei}, signature: required}\n  - {id: work, task: Work, by: {user: sun.wei}, signature: required}\n"
	c := smallCase(t, steps)
	signing := func(e *Event) { e.Sign = "sha256:ab" }
	refused(t, c.act("sun.wei", EventApprove, "ask"), CodeSignatureRequired)
	c.must(c.act("sun.wei", EventApprove, "ask", signing))
	require.Equal(t, "sha256:ab", c.entries("decided")[0].Data["signature"])
	refused(t, c.act("sun.wei", EventComplete, "work"), CodeSignatureRequired)
	c.must(c.act("sun.wei", EventComplete, "work", signing))

	c = smallCase(t, steps)
	c.must(c.act("sun.wei", EventReject, "ask", saying("no")))
	require.Equal(t, Rejected, c.in.State.Outcome)
}

func TestWithdrawnByTheInitiatorWhileItRuns(t *testing.T) {
	t.Parallel()
	c := gates(t, "")
	refused(t, c.try(Event{Kind: EventWithdraw, By: "wang.fang"}), CodeForbidden)
	refused(t, c.try(Event{Kind: EventWithdraw, By: "admin", Admin: true, Comment: "x"}), CodeForbidden)
	c.must(c.try(Event{Kind: EventWithdraw, By: "li.na", Comment: "changed my mind"}))
	require.Equal(t, Withdrawn, c.in.State.Outcome)
	require.Equal(t, Ended, c.in.State.Status)
	require.Empty(t, c.open())
	require.Equal(t, "changed my mind", c.entries("withdrawn")[0].Comment)
	require.Len(t, c.entries("voided"), 1)
	require.Contains(t, c.effects, EndCase{Outcome: Withdrawn, At: c.now})
	refused(t, c.try(Event{Kind: EventWithdraw, By: "li.na"}), CodeCaseEnded)
	refused(t, c.try(Event{Kind: EventCancel, By: "admin", Admin: true, Comment: "x"}), CodeCaseEnded)
	refused(t, c.try(Event{Kind: EventJump, By: "admin", Admin: true, Comment: "x", To: "one"}), CodeCaseEnded)
}

func TestCancelledByAnAdministratorWithAReason(t *testing.T) {
	t.Parallel()
	c := gates(t, "")
	refused(t, c.try(Event{Kind: EventCancel, By: "li.na", Comment: "x"}), CodeForbidden)
	refused(t, c.try(Event{Kind: EventCancel, By: "admin", Admin: true}), CodeCommentRequired)
	c.must(c.try(Event{Kind: EventCancel, By: "admin", Admin: true, Comment: "a duplicate"}))
	require.Equal(t, Cancelled, c.in.State.Outcome)
	require.Equal(t, "a duplicate", c.entries("ended")[0].Reason)
	require.Equal(t, 1, c.told("li.na", "ended"))
}

func TestASuspendedCaseCanOnlyBeCancelled(t *testing.T) {
	t.Parallel()
	c := gates(t, "")
	at := c.now
	c.in.State.Status, c.in.State.Suspended = Suspended, &at
	refused(t, c.try(Event{Kind: EventWithdraw, By: "li.na"}), CodeCaseSuspended)
	refused(t, c.try(Event{Kind: EventJump, By: "admin", Admin: true, Comment: "x", To: "one"}), CodeCaseSuspended)
	c.must(c.try(Event{Kind: EventCancel, By: "admin", Admin: true, Comment: "over"}))
	require.Equal(t, Cancelled, c.in.State.Outcome)
	require.Nil(t, c.in.State.Suspended)
}

func TestJumpLeadsTheCaseToAStep(t *testing.T) {
	t.Parallel()
	c := gates(t, "")
	jump := func(to string) Event {
		return Event{Kind: EventJump, By: "admin", Admin: true, Comment: "li.na asked", To: to}
	}
	refused(t, c.try(Event{Kind: EventJump, By: "li.na", Comment: "x", To: "one"}), CodeForbidden)
	refused(t, c.try(Event{Kind: EventJump, By: "admin", Admin: true, To: "one"}), CodeCommentRequired)
	refused(t, c.try(jump("nowhere")), CodeFieldInvalid)
	c.must(c.try(jump("last")))
	require.Equal(t, []string{"last:sun.wei"}, c.open())
	require.Equal(t, "left", c.status("three"))
	require.Equal(t, "done", c.status("two"), "going on leaves what was passed as it is")
	require.Equal(t, Entry{At: c.now, Event: "jumped", Step: "last", By: "admin", Reason: "li.na asked"}, c.entries("jumped")[0])
	c.must(c.try(jump("two")))
	require.Equal(t, []string{"two:sun.wei"}, c.open())
	require.Equal(t, "left", c.status("last"))
	c.must(c.try(jump(ResubmitStep)))
	require.Equal(t, []string{"resubmit:li.na"}, c.open())
}

func TestJumpAndWithdrawLeadOutOfAHold(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: ask, approve: Ask, by: {user: sun.wei}}
  - {id: write, set: {note: "x"}}
  - {id: next, task: Next, by: initiator}
`
	held := func() *trial {
		c := smallCase(t, steps)
		c.in.Broken = map[string]Text{"write": Same("the number is taken")}
		c.must(c.act("sun.wei", EventApprove, "ask"))
		require.NotNil(t, c.in.State.Held)
		return c
	}
	c := held()
	task := c.in.State.Held.Task
	c.must(c.try(Event{Kind: EventJump, By: "admin", Admin: true, Comment: "not needed", To: "next"}))
	require.Nil(t, c.in.State.Held)
	require.Equal(t, []string{"next:li.na"}, c.open())
	require.Contains(t, c.effects, CloseTask{ID: task, Outcome: "voided", At: c.now})

	c = held()
	task = c.in.State.Held.Task
	c.must(c.try(Event{Kind: EventWithdraw, By: "li.na"}))
	require.Equal(t, Withdrawn, c.in.State.Outcome)
	require.Contains(t, c.effects, CloseTask{ID: task, Outcome: "voided", At: c.now})
}
