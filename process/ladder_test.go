package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAPercentageIsOfTheWorkingMinutesBetweenOpeningAndTarget(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "", "  - {id: work, task: Work, by: initiator, due: 2 working days, late: [{at: 50%, tell: [holder]}]}\n")
	c.pass("2026-11-27 00:00")
	// Monday 09:00 to Wednesday 18:00 are 24 working hours: half of them end on Tuesday at 14:00.
	require.Equal(t, "2026-11-24 14:00", shownAt(c, c.entries("told")[0].At))
}

func TestAReminderWhoseMomentIsPastAtTheOpeningDoesNotCome(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "", "  - {id: work, task: Work, by: initiator, due: 2 working days, remind: [5 working days before, 4 working hours before]}\n")
	c.pass("2026-11-25 18:00")
	require.Len(t, c.entries("reminded"), 1)
	require.Equal(t, "2026-11-25 14:00", shownAt(c, c.entries("reminded")[0].At))
}

func TestALateTaskGetsApproversBesideItsHolder(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "", `
  - {id: ask, approve: Ask, by: {user: sun.wei}, due: 1 working day, late: [{at: due, tell: [holder], add: [{user: zhou.min}, {user: sun.wei}, {role: finance}]}, {after: 1 working day, tell: [holder]}]}
`)
	c.pass("2026-11-24 18:00")
	require.Equal(t, []string{"ask:sun.wei", "ask:zhou.min", "ask:guo.yan|he.jing"}, c.open(), "nobody twice")
	added := c.in.State.Open[0].Seats[1]
	require.Equal(t, &Added{Where: "beside", Seat: "c1.1"}, added.Added)
	require.Equal(t, "2026-11-25 18:00", shownAt(c, *added.Due), "a limit of its own")
	require.Empty(t, added.Alarms, "and no ladder: that of the late task goes on")
	require.Len(t, c.entries("added"), 2)
	require.Equal(t, 1, c.told("zhou.min", "opened"))
	c.pass("2026-11-30 18:00")
	require.Equal(t, 2, c.told("sun.wei", "late"))
	c.must(c.act("zhou.min", EventApprove, "ask"))
	require.Empty(t, c.in.State.Outcome, "they were asked together: all must agree")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)
}

// A rung that tells nobody says that the task is late all the same.
func TestARungThatOnlyAddsSaysThatTheTaskIsLate(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "", "  - {id: ask, approve: Ask, by: {user: sun.wei}, due: 1 working day, late: [{at: 50%, add: [{user: he.jing}]}, {at: due, add: [{user: zhou.min}]}]}\n")
	c.pass("2026-11-25 09:00")
	require.Equal(t, []string{"ask:sun.wei", "ask:he.jing", "ask:zhou.min"}, c.open())
	require.Len(t, c.entries("added"), 2)
	late := c.entries("late")
	require.Len(t, late, 1, "half of the time isn't late")
	require.Equal(t, "2026-11-24 18:00", shownAt(c, late[0].At))
	require.Equal(t, []any{"c1.1", "sun.wei", 1}, []any{late[0].Task, late[0].For, late[0].Data["rung"]})
	require.Zero(t, c.told("sun.wei", "late"))
}

func TestHandingUpEndsInACircleOfManagers(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "", "  - {id: ask, approve: Ask, by: {user: sun.wei}, due: 1 working day, late: [{at: due, hand_up: true}]}\n")
	p := c.company.people["zhou.min"]
	p.Manager = "sun.wei" // who is under zhou.min
	c.company.people["zhou.min"] = p
	c.pass("2027-03-31 18:00")
	require.Equal(t, []string{"ask:zhou.min"}, c.open())
	require.Len(t, c.entries("handed_up"), 1, "it never comes back to somebody who had it")
	require.Equal(t, "nobody stands above", c.entries("late")[0].Reason)
	require.Nil(t, c.wakeAt)
}

func TestMessagesMissedInAnOutageBecomeOne(t *testing.T) {
	t.Parallel()
	ladder := "late: [{at: 50%, tell: [holder]}, {at: due, tell: [holder]}, {after: 1 working day, tell: [holder, {manager_of: holder}]}]\n"
	steps := "  - {id: work, task: Work, by: initiator, due: 2 working days, remind: [1 working hour before]}\n"
	punctual, late := timed(t, nil, ladder, steps), timed(t, nil, ladder, steps)
	for _, at := range []string{"2026-11-24 14:00", "2026-11-25 17:00", "2026-11-25 18:00", "2026-11-26 18:00"} {
		punctual.pass(at)
	}
	late.pass("2026-11-26 18:00")
	require.Equal(t, punctual.all, late.all, "all of them take effect, in order, at their nominal times")
	require.Equal(t, 3, punctual.told("li.na", "late"))
	require.Equal(t, 1, punctual.told("li.na", "reminded"))
	require.Equal(t, 1, late.told("li.na", "late"), "who missed them hears how things stand now")
	require.Equal(t, 0, late.told("li.na", "reminded"))
	require.Equal(t, 1, late.told("wang.fang", "late"))
}

func TestMomentsMissedWhileHeldComeWhenTheCaseGoesOn(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "", "  - {id: work, task: Work, by: initiator, due: 1 working day, late: [{at: due, hand_up: true}]}\n")
	c.keep(Hold(c.in, c.now, Same("why")))
	require.Nil(t, c.wakeAt)
	c.pass("2026-11-27 10:00")
	require.Empty(t, c.entries("handed_up"))
	c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "repaired"}))
	c.pass("2026-11-27 10:00")
	require.Equal(t, "2026-11-27 10:00", shownAt(c, c.entries("handed_up")[0].At), "not before the case went on")
	require.Equal(t, "2026-11-30 18:00", c.due("work"))
}

func TestAStageHasALimitAndTellsWhoeverIsInside(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "late: [{at: due, tell: [holder]}, {after: 1 working day, hand_up: true}]\n", `
  - id: part
    stage: Part
    due: 2 working days
    remind: [1 working day before]
    steps:
      - {id: one, task: One, by: {user: xu.lei}}
      - parallel: [{id: x, steps: [{id: two, task: Two, by: {user: chen.bo}}]}, {id: y, steps: [{id: three, task: Three, by: {department: quality}}]}]
        join: all
  - {id: beside, task: Beside, by: {user: sun.wei}}
`)
	require.Equal(t, "2026-11-25 18:00", shownAt(c, *c.in.State.Open[0].Due))
	c.pass("2026-11-24 09:00")
	require.Equal(t, 1, c.told("xu.lei", "reminded"))
	c.must(c.act("xu.lei", EventComplete, "one"))
	c.pass("2026-11-25 18:00")
	for _, who := range []string{"chen.bo", "xu.lei", "zhao.qiang"} {
		require.Equal(t, 1, c.told(who, "late"), who)
	}
	c.pass("2026-11-30 18:00")
	require.Empty(t, c.entries("handed_up"), "nobody holds a stage")
	c.must(c.act("chen.bo", EventComplete, "two"))
	c.must(c.act("xu.lei", EventComplete, "three"))
	require.Equal(t, []string{"beside:sun.wei"}, c.open())
	require.Nil(t, c.wakeAt, "the limit of the stage went with it")
}

func TestAWaitForAnEventTellsAndGoesOnWhenItTakesTooLong(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "", `
  - {id: pause, wait: {on: timed.came, within: 2 working days, late: [{at: 50%, tell: [{user: sun.wei}]}, {at: due, outcome: silent}]}}
  - {id: work, task: Work, by: initiator}
`)
	require.Equal(t, "2026-11-25 18:00", shownAt(c, *c.in.State.Open[0].Due))
	c.pass("2026-11-24 14:00")
	require.Equal(t, 1, c.told("sun.wei", "late"))
	c.pass("2026-11-25 18:00")
	require.Equal(t, []string{"work:li.na"}, c.open())
	require.Equal(t, "silent", c.entries("decided")[0].Outcome)
	require.Equal(t, "time ran out: decided by the system", c.entries("decided")[0].Reason)
}

// Whom to tell can't be found out: the case is held, and when it goes on the wait, or the stage, is open as it was and isn't entered again.
func TestWhatIsOpenIsNotEnteredAgainWhenItsLadderHeldTheCase(t *testing.T) {
	t.Parallel()
	tell := `late: [{at: due, tell: [{user: sun.wei, if: "10 / size(record.parts) > 1"}]}]`
	for _, steps := range []string{
		"  - {id: part, wait: {on: timed.came, within: 2 working days, " + tell + "}}\n",
		"  - {id: part, stage: Part, due: 2 working days, " + tell + ", steps: [{id: pause, wait: {on: timed.came}}]}\n",
	} {
		c := timed(t, nil, "", steps+"  - {id: work, task: Work, by: initiator}\n")
		c.pass("2026-11-25 18:00")
		require.NotNil(t, c.in.State.Held)
		was := c.in.State.Open
		c.must(c.admin(EventResume, "nobody need be told"))
		require.Equal(t, was, c.in.State.Open)
		c.must(c.try(Event{Kind: EventHappened, Name: "timed.came"}))
		require.Equal(t, []string{"work:li.na"}, c.open())
	}
}

func TestMomentsOfOneInstantComeInTheOrderTheStepsOpened(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "clocks: [{id: k, from: start, to: done(one), within: 1 working day, late: [{at: due, tell: [{user: sun.wei}]}]}]\n", `
  - id: part
    stage: Part
    due: 1 working day
    late: [{at: due, tell: [{user: sun.wei}]}]
    steps: [{id: one, task: One, by: initiator, due: 1 working day, late: [{at: due, tell: [{user: sun.wei}]}]}]
`)
	c.pass("2026-11-24 18:00")
	var order []any
	for _, e := range c.entries("late") {
		order = append(order, e.Step, e.Data["clock"])
	}
	require.Equal(t, []any{"part", nil, "one", nil, "", "k"}, order, "case clocks last")
}
