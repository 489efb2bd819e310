package process

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

const thing = `record: thing
title: {zh: 事, en: Thing}
fields:
  name:  {type: text, required: true}
  note:  {type: text}
  level: {type: choice, of: [a, b]}
  size:  {type: number}
  buyer: {type: person}
  owner: {type: person, default: creator}
`

// chainOf makes a process about a thing from its steps.
func chainOf(steps string) string {
	return "process: small\ntitle: Small\nrecord: thing\nnumber: \"S{0000}\"\nsubject: \"{record.name}\"\nstart: {by: [role:sales]}\nresubmit: {edit: {name: required}, due: 2 working days}\nsteps:\n" + steps
}

func smallCase(t *testing.T, steps string) *trial {
	t.Helper()
	c := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chainOf(steps))
	c.start("li.na")
	return c
}

func TestFirstAnswerDecidesEitherWay(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: he.jing}], mode: first}
`
	c := smallCase(t, steps)
	require.Equal(t, []string{"ask:sun.wei", "ask:he.jing"}, c.open())
	other := c.task("ask", "sun.wei")
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)
	require.Len(t, c.entries("voided"), 1)
	refused(t, c.try(Event{Kind: EventApprove, By: "sun.wei", Task: other}), CodeTaskClosed)

	c = smallCase(t, steps)
	c.must(c.act("he.jing", EventReject, "ask", saying("no")))
	require.Equal(t, Rejected, c.in.State.Outcome)
}

func TestAllClosesAtTheFirstRefusal(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{role: finance, everyone: true}, {user: sun.wei}], mode: all}
`)
	require.Equal(t, []string{"ask:guo.yan", "ask:he.jing", "ask:sun.wei"}, c.open())
	c.must(c.act("he.jing", EventApprove, "ask"))
	r := refused(t, c.try(Event{Kind: EventApprove, By: "he.jing", Task: "c1.2"}), CodeTaskClosed)
	require.Equal(t, "he.jing", r.Decided.By)
	c.must(c.act("guo.yan", EventReject, "ask", saying("no")))
	require.Equal(t, Rejected, c.in.State.Outcome)
}

func TestOnePersonIsOneSeat(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{manager_of: initiator}, {user: wang.fang}, {user: sun.wei}], mode: all}
`)
	require.Equal(t, []string{"ask:wang.fang", "ask:sun.wei"}, c.open())
}

func TestNobodyFound(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]func(*trial){
		"hold":                        func(c *trial) { require.Equal(t, []string{"ask:admin"}, c.open()) },
		"skip":                        func(c *trial) { require.Equal(t, []string{"next:li.na"}, c.open()) },
		"reject":                      func(c *trial) { require.Equal(t, Rejected, c.in.State.Outcome) },
		"{to: {user: sun.wei}}":       func(c *trial) { require.Equal(t, []string{"ask:sun.wei"}, c.open()) },
		"{to: {role: nobody-at-all}}": func(c *trial) { require.Equal(t, []string{"ask:admin"}, c.open()) },
	} {
		want(smallCase(t, fmt.Sprintf(`
  - {id: ask, approve: Ask, by: {field: buyer}, if_none: %s}
  - {id: next, task: Next, by: initiator}
`, rule)))
	}
}

func TestInitiatorIsTheApprover(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]string{
		"ask": "ask:li.na", "skip": "next:li.na", "{to: {manager_of: initiator}}": "ask:wang.fang",
	} {
		c := smallCase(t, fmt.Sprintf(`
  - {id: ask, approve: Ask, by: {field: owner}, if_initiator: %s}
  - {id: next, task: Next, by: initiator}
`, rule))
		require.Equal(t, []string{want}, c.open(), rule)
	}
}

func TestConditionFalseIsPassedOverAndSaidSo(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: {user: sun.wei}, if: record.size > 5}
  - {id: next, task: Next, by: initiator}
`)
	require.Equal(t, []string{"next:li.na"}, c.open())
	require.Equal(t, "passed_over", c.entries("decided")[0].Outcome)
	require.Equal(t, "passed_over", c.in.State.Steps[0].Status)
}

func TestOutcomesGoTheirWays(t *testing.T) {
	t.Parallel()
	steps := `
  - id: work
    task: Work
    by: initiator
    edit: {note: optional}
    outcomes:
      well: {set: {level: a}}
      badly: {require: [note], go: fix, at_most: 1, then: {end: given-up}}
      aside: {steps: [{id: extra, task: Extra, by: {user: xu.lei}}]}
  - {id: last, task: Last, by: initiator}
  - end: fine
  - {id: fix, aside: true, task: Fix, by: {user: chen.bo}, then: {go: work}}
`
	c := smallCase(t, steps)
	refused(t, c.act("li.na", EventComplete, "work"), CodeUnknownOutcome)
	refused(t, c.act("li.na", EventComplete, "work", choosing("badly")), CodeFieldRequired)
	c.must(c.act("li.na", EventComplete, "work", choosing("badly"), filling(Fields{"note": "n"})))
	require.Equal(t, []string{"fix:chen.bo"}, c.open())
	c.must(c.act("chen.bo", EventComplete, "fix"))
	c.must(c.act("li.na", EventComplete, "work", choosing("aside")))
	require.Equal(t, []string{"extra:xu.lei"}, c.open())
	c.must(c.act("xu.lei", EventComplete, "extra"))
	require.Equal(t, []string{"last:li.na"}, c.open(), "then the chain goes on after the step")
	c.must(c.act("li.na", EventComplete, "last"))
	require.Equal(t, "fine", c.in.State.Outcome)

	c = smallCase(t, steps)
	for range 2 {
		c.must(c.act("li.na", EventComplete, "work", choosing("badly"), filling(Fields{"note": "n"})))
		if c.in.State.Status == Running {
			c.must(c.act("chen.bo", EventComplete, "fix"))
		}
	}
	require.Equal(t, "given-up", c.in.State.Outcome)
}

// Giving a task to who has it changes nothing, as claiming it again does; while they are away it goes to who stands in.
func TestATaskIsAssignedOnce(t *testing.T) {
	t.Parallel()
	c := smallCase(t, "  - {id: ask, approve: Ask, by: {user: sun.wei}}\n")
	for range 2 {
		c.must(c.act("admin", EventAssign, "ask", to("he.jing"), saying("busy")))
	}
	require.Empty(t, c.effects)
	require.Len(t, c.entries("assigned"), 1)
	require.Equal(t, 1, c.told("he.jing", "assigned"))
	c.in.Absences = away{"he.jing": "xu.lei"}
	c.must(c.act("admin", EventAssign, "ask", to("he.jing"), saying("now")))
	require.Equal(t, []string{"ask:xu.lei"}, c.open())
}

func TestClaimedByOneReleasedForAll(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: work, task: Work, by: {department: quality}, claim: true, due: 1 working day, late: [{at: due, hand_up: true}]}
`)
	require.Equal(t, []string{"work:xu.lei|zhao.qiang"}, c.open())
	due := c.due("work")
	refused(t, c.act("li.na", EventClaim, "work"), CodeNotYourTask)
	c.must(c.act("xu.lei", EventClaim, "work"))
	require.Equal(t, due, c.due("work"), "claiming doesn't move the limit")
	refused(t, c.act("zhao.qiang", EventClaim, "work"), CodeNotYourTask)
	refused(t, c.act("zhao.qiang", EventComplete, "work"), CodeNotYourTask)
	c.must(c.act("xu.lei", EventRelease, "work"))
	require.Equal(t, []string{"work:xu.lei|zhao.qiang"}, c.open())
	c.pass("2026-11-24 18:00")
	require.Equal(t, []string{"work:zhao.qiang"}, c.open(), "unclaimed: to the head of the department")
}

func TestTheSystemDecidesWhenTimeRunsOut(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: {user: sun.wei}, due: 4 working hours, late: [{at: "80%", tell: [holder]}, {at: due, outcome: approved}]}
  - {id: next, task: Next, by: initiator}
`)
	c.pass("2026-11-23 14:00")
	require.Equal(t, []string{"next:li.na"}, c.open())
	require.Equal(t, 1, c.told("sun.wei", "late"))
	require.Len(t, c.entries("told"), 1)
	require.Empty(t, c.entries("decided")[0].By, "printed as decided by the system")
}

func TestWhatTheWorldRefusesHoldsTheCaseUntilAnAdministratorResumes(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: ask, approve: Ask, by: {user: sun.wei}}
  - {id: write, set: {note: "x"}}
  - {id: next, task: Next, by: initiator}
`
	c := smallCase(t, steps)
	c.in.Broken = map[string]Text{"write": Same("the number is taken")}
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.NotNil(t, c.in.State.Held, "the decision stands, the case is held")
	require.Equal(t, "approved", c.entries("decided")[0].Outcome)
	require.Equal(t, 1, c.told("admin", "held"))
	require.Nil(t, c.wakeAt)
	refused(t, c.try(Event{Kind: EventComplete, By: "li.na", Task: "c1.2"}), CodeCaseSuspended)
	refused(t, c.try(Event{Kind: EventResume, By: "li.na", Comment: "x"}), CodeForbidden)
	refused(t, c.try(Event{Kind: EventResume, By: "admin", Admin: true}), CodeCommentRequired)
	c.in.Broken = nil
	c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "number freed"}))
	require.Equal(t, []string{"next:li.na"}, c.open())
	require.Equal(t, "x", c.in.Record.Fields["note"])
	refused(t, c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "again"}), CodeFieldInvalid)
}

func TestHoldLeavesEndedCasesAlone(t *testing.T) {
	t.Parallel()
	c := smallCase(t, "\n  - {id: ask, approve: Ask, by: {user: sun.wei}}\n")
	res := Hold(c.in, c.now, Same("why"))
	require.NotNil(t, res.State.Held)
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Nil(t, Hold(c.in, c.now, Same("why")).State.Held)
}

func TestStateSurvivesJSON(t *testing.T) {
	t.Parallel()
	c := toTerms(t, large)
	raw, err := json.Marshal(c.in.State)
	require.NoError(t, err)
	var back State
	require.NoError(t, json.Unmarshal(raw, &back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	require.Equal(t, string(raw), string(again))
	c.in.State = back
	c.must(c.act("sun.wei", EventApprove, "cooperation"))
	require.Equal(t, []string{"cooperation:guo.yan|he.jing"}, c.open())
}

func TestApplyNeverChangesTheStateItWasGiven(t *testing.T) {
	t.Parallel()
	c := toTerms(t, large)
	before, err := json.Marshal(c.in.State)
	require.NoError(t, err)
	in := c.in
	ev := Event{Kind: EventApprove, By: "sun.wei", Task: c.task("cooperation", ""), At: c.now}
	first, _ := Apply(in, ev)
	second, _ := Apply(in, ev)
	after, err := json.Marshal(in.State)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
	require.Equal(t, first, second, "the same input gives the same result")
}

// noCalendar is a company whose calendar is gone.
type noCalendar struct{}

func (noCalendar) Calendar(string) (*Calendar, bool) { return nil, false }

func TestWithoutACalendarACaseIsHeldAndSaysWhy(t *testing.T) {
	t.Parallel()
	c := smallCase(t, "\n  - {id: ask, approve: Ask, by: {user: sun.wei}}\n  - {id: next, task: Next, by: initiator, due: 1 working day}\n")
	c.in.Calendars = noCalendar{}
	var stuck *Stuck
	require.ErrorAs(t, c.act("sun.wei", EventApprove, "ask"), &stuck)
	require.NotNil(t, Hold(c.in, c.now, stuck.Reason).State.Held)
}

func TestAChainThatRunsInACircleIsStuck(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: {user: sun.wei}}
  - {id: gate, approve: Gate, by: {field: buyer}, if_none: skip, on: {approved: {go: ask2}}}
  - {id: ask2, approve: Ask, by: {field: buyer}, if_none: skip, on: {approved: {go: gate}}}
`)
	before := c.in.State
	var stuck *Stuck
	require.ErrorAs(t, c.act("sun.wei", EventApprove, "ask"), &stuck)
	require.Equal(t, before, c.in.State, "nothing has changed")
}
