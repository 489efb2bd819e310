package process

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A complaint in small: a clock from the start to the answer, which stands still while a step waits for the customer.
const answerClock = `clocks:
  - id: answer
    title: {zh: 答复时限, en: Answer}
    from: start
    to: done(answer)
    within: 3 working days
    stops_while: [customer, supplier]
    late: [{at: 50%, tell: [holder]}, {at: due, tell: [{user: sun.wei}]}, {after: 1 working day, tell: [{user: zhou.min}]}]
`

const answerSteps = `
  - id: inspect
    task: Inspect
    by: {user: xu.lei}
    due: 2 working days
    late: [{at: due, tell: [holder]}, {after: 1 working day, hand_up: true}]
    remind: [1 working hour before]
    may_stop_clock: [{reason: customer, at_most: 2 working days}, {reason: strike}]
  - id: answer
    task: Answer
    by: initiator
    outcomes: {fine: {}, not_satisfied: {go: inspect}}
  - {id: file, task: File it, by: {user: chen.bo}}
`

func answering(t *testing.T) *trial { return timed(t, nil, answerClock, answerSteps) }

func (c *trial) clockRun(id string) *ClockRun { return (&machine{st: c.in.State}).clockRun(id) }

// clockAt says when a case clock is due and how many minutes of it are used.
func (c *trial) clockAt(id string) (due string, used int) {
	run := c.clockRun(id)
	return shownAt(c, *run.Due), run.UsedMinutes((&machine{in: c.in}).calendar(""), c.now)
}

func stopping(reason, comment string) func(*Event) {
	return func(e *Event) { e.Reason, e.Comment = reason, comment }
}

func TestACaseClockRunsBetweenItsAnchors(t *testing.T) {
	t.Parallel()
	c := answering(t)
	due, _ := c.clockAt("answer")
	require.Equal(t, "2026-11-26 18:00", due)
	require.Equal(t, "answer", c.entries("clock_started")[0].Data["clock"])
	c.pass("2026-11-24 18:00")
	require.Equal(t, 1, c.told("xu.lei", "late"), "holder is whoever has an open task of the case")
	c.must(c.act("xu.lei", EventComplete, "inspect"))
	c.pass("2026-11-26 18:00")
	require.Equal(t, 1, c.told("sun.wei", "late"))
	c.pass("2026-11-27 10:00")
	c.must(c.act("li.na", EventComplete, "answer", choosing("fine")))
	require.True(t, c.clockRun("answer").Done)
	_, used := c.clockAt("answer")
	require.Equal(t, 33*60, used, "four days of eight hours and one hour")
	c.pass("2026-12-31 18:00")
	require.Equal(t, 0, c.told("zhou.min", "late"), "a clock that has ended has no moments")
	require.Equal(t, "done", c.entries("clock_stopped")[0].Reason)
}

func TestAClockOpensAgainWithTheTimeItHasUsed(t *testing.T) {
	t.Parallel()
	c := answering(t)
	c.must(c.act("xu.lei", EventComplete, "inspect"))
	c.pass("2026-11-24 09:00")
	c.must(c.act("li.na", EventComplete, "answer", choosing("not_satisfied"))) // done, and back at once
	due, used := c.clockAt("answer")
	require.Equal(t, "2026-11-26 18:00", due, "nothing was lost")
	require.Equal(t, 8*60, used)
	c.must(c.act("xu.lei", EventComplete, "inspect"))
	c.must(c.act("li.na", EventComplete, "answer", choosing("fine")))
	require.True(t, c.clockRun("answer").Done)
	c.pass("2026-12-01 10:00")
	c.must(c.act("chen.bo", EventComplete, "file"))
	require.Equal(t, Ended, c.in.State.Status)

	c = timed(t, nil, answerClock, `
  - {id: inspect, task: Inspect, by: {user: xu.lei}, due: 1 working day}
  - {id: answer, task: Answer, by: initiator}
  - {id: ask, task: Ask, by: initiator, outcomes: {fine: {}, again: {go: inspect}}}
`)
	c.must(c.act("xu.lei", EventComplete, "inspect"))
	c.pass("2026-11-24 13:00")
	c.must(c.act("li.na", EventComplete, "answer")) // 11 working hours used, 21 left
	c.pass("2026-12-01 09:00")
	require.True(t, c.clockRun("answer").Done)
	c.must(c.act("li.na", EventComplete, "ask", choosing("again")))
	due, used = c.clockAt("answer")
	require.Equal(t, "2026-12-03 15:00", due)
	require.Equal(t, 11*60, used)
	c.pass("2026-12-01 14:59")
	require.Equal(t, 0, c.told("xu.lei", "late"))
	c.pass("2026-12-01 15:00") // half of 32 hours
	require.Equal(t, 1, c.told("xu.lei", "late"))
}

func TestAClockThatIsUsedUpIsDueWhenItOpensAgain(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, answerClock, `
  - {id: inspect, task: Inspect, by: {user: xu.lei}}
  - {id: answer, task: Answer, by: initiator}
  - {id: ask, task: Ask, by: initiator, outcomes: {fine: {}, again: {go: inspect}}}
`)
	c.must(c.act("xu.lei", EventComplete, "inspect"))
	c.pass("2026-11-30 12:00")
	c.must(c.act("li.na", EventComplete, "answer"))
	c.must(c.act("li.na", EventComplete, "ask", choosing("again")))
	due, _ := c.clockAt("answer")
	require.Equal(t, "2026-11-30 12:00", due, "never in the past")
	c.pass("2026-11-30 12:00")
	require.Equal(t, 2, c.told("sun.wei", "late"), "late again")
	require.Equal(t, 0, c.told("xu.lei", "late"), "its half was over long ago")
}

func TestAClockFromAStepToAStep(t *testing.T) {
	t.Parallel()
	for from, began := range map[string]string{"opened(b)": "2026-11-24 10:00", "done(b)": "2026-11-25 10:00", "done(skipped)": "2026-11-24 10:00"} {
		c := timed(t, nil, "clocks: [{id: k, from: "+from+", to: done(c), within: 2 working days}]\n", `
  - {id: a, task: A, by: initiator}
  - {id: skipped, if: record.name == "two", task: S, by: initiator}
  - {id: b, task: B, by: initiator}
  - {id: c, task: C, by: initiator}
`)
		require.Empty(t, c.in.State.Clocks)
		c.pass("2026-11-24 10:00")
		c.must(c.act("li.na", EventComplete, "a"))
		c.pass("2026-11-25 10:00")
		c.must(c.act("li.na", EventComplete, "b"))
		require.Equal(t, began, shownAt(c, *c.clockRun("k").DueFrom), from)
		require.False(t, c.clockRun("k").Done)
		c.must(c.act("li.na", EventComplete, "c"))
		require.True(t, c.clockRun("k").Done)
	}
}

func TestAClockToAStepOfAnEachEndsWithItsLastItem(t *testing.T) {
	t.Parallel()
	c := timed(t, Fields{"parts": []any{"a", "b"}}, "clocks: [{id: k, from: opened(cause), to: done(cause), within: 2 working days}]\n", `
  - id: find
    each: record.parts
    as: part
    steps: [{id: first, task: F, by: {user: xu.lei}}, {id: cause, task: C, by: {user: xu.lei}}]
  - {id: last, task: L, by: initiator}
`)
	act := func(task string) { c.must(c.try(Event{Kind: EventComplete, By: "xu.lei", Task: task})) }
	act("c1.1")
	require.NotNil(t, c.clockRun("k"), "opened with the first item")
	act("c1.3")
	require.False(t, c.clockRun("k").Done)
	act("c1.2")
	require.False(t, c.clockRun("k").Done)
	act("c1.4")
	require.True(t, c.clockRun("k").Done)
}

func TestWhatRunsBesideAClockDoesntOpenItAgain(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "clocks: [{id: k, from: start, to: done(cause), within: 2 working days}]\n", `
  - parallel: [{id: x, steps: [{id: first, task: F, by: {user: xu.lei}}, {id: cause, task: C, by: {user: xu.lei}}, {id: more, task: M, by: {user: xu.lei}}]}, {id: y, steps: [{id: other, task: O, by: {user: chen.bo}, outcomes: {fine: {}, again: {go: other}}}]}]
    join: all
`)
	c.must(c.act("xu.lei", EventComplete, "first"))
	c.must(c.act("xu.lei", EventComplete, "cause"))
	require.True(t, c.clockRun("k").Done)
	c.must(c.act("chen.bo", EventComplete, "other", choosing("again")))
	require.True(t, c.clockRun("k").Done)
}

func TestOnlyTheReasonsOfTheStepStopItsClock(t *testing.T) {
	t.Parallel()
	c := answering(t)
	r := refused(t, c.act("xu.lei", EventStopClock, "inspect", stopping("weather", "it rains")), CodeFieldInvalid)
	require.Equal(t, "reason", r.Fields[0].Field)
	require.Contains(t, r.Fields[0].Message.EN, "`customer`, `strike`")
	refused(t, c.act("xu.lei", EventStopClock, "inspect", stopping("", " ")), CodeFieldInvalid)
	refused(t, c.act("admin", EventStopClock, "inspect", stopping("customer", "")), CodeCommentRequired)
	refused(t, c.act("li.na", EventStopClock, "inspect", stopping("customer", "asked them")), CodeNotYourTask)
	refused(t, c.act("xu.lei", EventStartClock, "inspect"), CodeFieldInvalid)
	c.must(c.act("xu.lei", EventStopClock, "inspect", stopping("customer", "asked for a sample")))
	refused(t, c.act("xu.lei", EventStopClock, "inspect", stopping("strike", "again")), CodeFieldInvalid)
	c.must(c.act("xu.lei", EventComplete, "inspect"))
	refused(t, c.act("li.na", EventStopClock, "answer", stopping("customer", "x")), CodeFieldInvalid)
}

func TestAStopFixesWhatIsLeftAndTheRestartAddsIt(t *testing.T) {
	t.Parallel()
	c := answering(t)
	c.pass("2026-11-24 15:00") // 2 working days from Monday 09:00: 11 working hours are left; of the clock's three days 19
	c.must(c.act("xu.lei", EventStopClock, "inspect", stopping("customer", "asked for a sample")))
	stopped := c.entries("clock_stopped")
	require.Len(t, stopped, 2, "the task's and the case's")
	require.Equal(t, "asked for a sample", stopped[0].Comment)
	require.Equal(t, "answer", stopped[1].Data["clock"])
	require.Equal(t, "customer", c.effects[0].(ChangeTask).Task.Stopped.Reason)
	_, used := c.clockAt("answer")
	require.Equal(t, 13*60, used)
	c.pass("2026-11-25 17:30")
	require.Equal(t, 0, c.told("xu.lei", "reminded"), "nothing comes while it stands still")
	_, used = c.clockAt("answer")
	require.Equal(t, 13*60, used)
	c.pass("2026-11-26 09:00")
	c.must(c.act("xu.lei", EventStartClock, "inspect"))
	require.Equal(t, "2026-11-27 12:00", c.due("inspect"))
	due, _ := c.clockAt("answer")
	require.Equal(t, "2026-11-30 12:00", due)
	ledger, ok := c.in.State.Open[0].Seats[0].Explain((&machine{in: c.in}).calendar(""))
	require.True(t, ok)
	require.Equal(t, "660 working minutes", ledger.Within)
	require.Equal(t, "2026-11-26 09:00", shownAt(c, ledger.From))
	require.Len(t, ledger.Intervals, 3)
	c.pass("2026-12-01 00:00")
	require.Equal(t, "2026-11-27 11:00", shownAt(c, c.entries("reminded")[0].At), "one working hour before the new moment")
	require.Equal(t, "2026-11-27 12:00", shownAt(c, c.entries("late")[0].At))
	require.Equal(t, []string{"inspect:zhao.qiang"}, c.open(), "one working day after it: handed up")
}

func TestAStopEndsByItselfAfterAtMost(t *testing.T) {
	t.Parallel()
	c := answering(t)
	c.pass("2026-11-24 15:00")
	c.must(c.act("xu.lei", EventStopClock, "inspect", stopping("customer", "asked")))
	require.Equal(t, "2026-11-26 18:00", shownAt(c, *c.wakeAt))
	c.pass("2026-11-27 17:00")
	started := c.entries("clock_started")
	require.Len(t, started, 3, "the case's at the start; then the task's and the case's")
	require.Equal(t, "2026-11-26 18:00", shownAt(c, started[1].At), "at its nominal time")
	require.Empty(t, started[1].By, "nobody's doing")
	require.Equal(t, "2026-11-30 12:00", c.due("inspect"))
	require.Nil(t, c.in.State.Open[0].Seats[0].Stop)

	c = answering(t)
	c.must(c.act("xu.lei", EventStopClock, "inspect", stopping("strike", "since today")))
	c.pass("2026-11-23 12:00")
	require.NotNil(t, c.clockRun("answer").Due)
	require.Nil(t, c.clockRun("answer").Stop, "a reason that the clock doesn't know stops only the task")
}

func TestAStopWinsOnlyBeforeTheMomentWasDue(t *testing.T) {
	t.Parallel()
	c := answering(t)
	c.now = c.now.AddDate(0, 0, 2).Add(9*time.Hour + time.Second) // Wednesday 18:00:01, and nobody has ticked
	c.must(c.act("xu.lei", EventStopClock, "inspect", stopping("customer", "too late")))
	require.Equal(t, 2, c.told("xu.lei", "late"), "of the clock's half, and of the step")
	require.Equal(t, "2026-11-25 18:00", shownAt(c, c.entries("late")[0].At))
	c.pass("2026-11-26 18:30") // one working day after
	require.Empty(t, c.entries("handed_up"), "what was still to come stands still")
	c.pass("2026-11-27 18:00")
	require.Equal(t, "2026-11-25 18:00", c.due("inspect"), "late is late")
	c.pass("2026-11-30 18:00")
	require.Equal(t, []string{"inspect:zhao.qiang"}, c.open())
}

func TestTheCaseClockGoesOnHoweverTheStoppedTaskEnds(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*trial){
		"decided": func(c *trial) { c.must(c.act("xu.lei", EventComplete, "inspect")) },
		"left": func(c *trial) {
			c.must(c.act("chen.bo", EventComplete, "beside", choosing("out")))
		},
	} {
		c := timed(t, nil, answerClock, `
  - parallel:
      - {id: a, steps: [{id: inspect, task: Inspect, by: {user: xu.lei}, due: 2 working days, may_stop_clock: [{reason: customer}]}]}
      - {id: b, steps: [{id: beside, task: Beside, by: {user: chen.bo}, outcomes: {fine: {}, out: {go: answer}}}]}
    join: all
  - {id: answer, task: Answer, by: initiator}
`)
		c.must(c.act("xu.lei", EventStopClock, "inspect", stopping("customer", "asked")))
		require.NotNil(t, c.clockRun("answer").Stop, name)
		c.pass("2026-11-24 09:00")
		end(c)
		require.Nil(t, c.clockRun("answer").Stop, name)
		due, _ := c.clockAt("answer")
		require.Equal(t, "2026-11-27 18:00", due, name)
	}
}

func TestAClockStandsStillUntilTheLastOfItsReasonsIsOver(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, answerClock, `
  - parallel:
      - {id: a, steps: [{id: one, task: One, by: {user: xu.lei}, may_stop_clock: [{reason: customer}]}]}
      - {id: b, steps: [{id: two, task: Two, by: {user: chen.bo}, may_stop_clock: [{reason: supplier}]}]}
    join: all
  - {id: answer, task: Answer, by: initiator}
`)
	c.must(c.act("xu.lei", EventStopClock, "one", stopping("customer", "asked")))
	c.must(c.act("chen.bo", EventStopClock, "two", stopping("supplier", "asked")))
	c.must(c.act("xu.lei", EventStartClock, "one"))
	require.NotNil(t, c.clockRun("answer").Stop)
	c.must(c.act("chen.bo", EventStartClock, "two"))
	require.Nil(t, c.clockRun("answer").Stop)
}

func TestAStopOfAWallClockLimitFixesElapsedTime(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "", "  - {id: work, task: Work, by: initiator, due: 10 hours, may_stop_clock: [{reason: customer}]}\n")
	c.pass("2026-11-23 12:00")
	c.must(c.act("li.na", EventStopClock, "work", stopping("customer", "asked")))
	c.pass("2026-11-23 20:00")
	c.must(c.act("li.na", EventStartClock, "work"))
	require.Equal(t, "2026-11-24 03:00", c.due("work"))
}

func TestTheClocksOfAnEndedCaseStandStill(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, answerClock, `
  - {id: ask, approve: Ask, by: {user: sun.wei}}
  - {id: answer, task: Answer, by: initiator}
`)
	c.pass("2026-11-24 09:00")
	c.must(c.act("sun.wei", EventReject, "ask", saying("no")))
	c.now = c.now.AddDate(0, 1, 0)
	_, used := c.clockAt("answer")
	require.Equal(t, 8*60, used)
	require.False(t, c.clockRun("answer").Done)
	require.Nil(t, c.wakeAt)
}

// Somebody who only says why means the only reason that there is, or the one that they name.
func TestAClockIsStoppedByACommentAlone(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "", "  - {id: work, task: Work, by: initiator, due: 10 hours, may_stop_clock: [{reason: customer}]}\n")
	refused(t, c.act("li.na", EventStopClock, "work"), CodeCommentRequired)
	c.must(c.act("li.na", EventStopClock, "work", stopping("", "they are away")))
	stopped := c.entries("clock_stopped")[0]
	require.Equal(t, "customer", stopped.Reason)
	require.Equal(t, "they are away", stopped.Comment)

	c = answering(t) // of two, one must be named
	refused(t, c.act("xu.lei", EventStopClock, "inspect", stopping("", "they are away")), CodeFieldInvalid)
	c.must(c.act("xu.lei", EventStopClock, "inspect", stopping("", "strike")))
	require.Equal(t, "strike", c.entries("clock_stopped")[0].Reason)

	c = answering(t) // whoever names it has said why
	c.must(c.act("xu.lei", EventStopClock, "inspect", stopping("strike", "")))
	require.Equal(t, "strike", c.entries("clock_stopped")[0].Reason)
	require.Empty(t, c.entries("clock_stopped")[0].Comment)
}
