package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func (c *trial) recompute(reason string) error {
	return c.try(Event{Kind: EventRecompute, By: "admin", Comment: reason})
}

func TestAChangedCalendarRecomputesWhatIsOpenOnce(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, answerClock, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: he.jing}], mode: all, due: 2 working days, remind: [1 working day before], late: [{after: 1 working day, tell: [holder]}]}
  - {id: answer, task: Answer, by: initiator}
`)
	c.must(c.act("he.jing", EventApprove, "ask"))
	voted := c.in.State.Open[0].Seats[1]
	refused(t, c.recompute(""), CodeCommentRequired)
	c.must(c.recompute("nothing has changed"))
	require.Empty(t, c.effects, "then nothing is said")

	c.publish(Holiday{"2026-11-25", "stocktaking", true})
	c.must(c.recompute("stocktaking on Wednesday"))
	require.Equal(t, "2026-11-26 18:00", c.due("ask"))
	due, _ := c.clockAt("answer")
	require.Equal(t, "2026-11-27 18:00", due)
	said := c.entries("recomputed")
	require.Len(t, said, 2)
	require.Equal(t, "stocktaking on Wednesday", said[0].Reason)
	require.Equal(t, "c1.1", said[0].Task)
	require.Equal(t, "answer", said[1].Data["clock"])
	require.Equal(t, voted, c.in.State.Open[0].Seats[1], "what is closed doesn't move")
	c.must(c.recompute("the same again"))
	require.Empty(t, c.effects, "once")
	c.pass("2026-11-30 00:00")
	require.Equal(t, "2026-11-24 09:00", shownAt(c, c.entries("reminded")[0].At))
	require.Equal(t, "2026-11-27 18:00", shownAt(c, c.entries("late")[0].At), "the rungs move with it")
}

func TestRecomputingNeverPutsADueMomentIntoThePast(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "", "  - {id: work, task: Work, by: initiator, due: 2 working days, late: [{at: due, tell: [holder]}]}\n")
	c.publish(Holiday{"2026-11-24", "off", true}, Holiday{"2026-11-25", "off", true})
	c.must(c.recompute("two days off"))
	require.Equal(t, "2026-11-27 18:00", c.due("work"))
	c.pass("2026-11-26 10:00")
	c.publish()
	c.must(c.recompute("no, they are not"))
	require.Equal(t, "2026-11-26 10:00", c.due("work"))
	c.pass("2026-11-26 10:00")
	require.Equal(t, 1, c.told("li.na", "late"))
	c.publish(Holiday{"2026-11-24", "off", true}, Holiday{"2026-11-25", "off", true}, Holiday{"2026-11-26", "off", true})
	c.must(c.recompute("what is late stays late"))
	require.Equal(t, "2026-11-26 10:00", c.due("work"))
}

func TestRecomputingKnowsWhatStoodStill(t *testing.T) {
	t.Parallel()
	c := answering(t)
	c.pass("2026-11-24 15:00")
	c.must(c.act("xu.lei", EventStopClock, "inspect", stopping("customer", "asked"))) // 11 working hours are left
	c.publish(Holiday{"2026-11-27", "stocktaking", true})
	c.must(c.recompute("stocktaking"))
	require.Empty(t, c.entries("recomputed"), "what is left of a limit that stands still is fixed")
	c.pass("2026-11-26 09:00")
	c.must(c.act("xu.lei", EventStartClock, "inspect"))
	require.Equal(t, "2026-11-30 12:00", c.due("inspect"), "counted past the new holiday")
	c.publish(Holiday{"2026-11-27", "stocktaking", true}, Holiday{"2026-11-30", "stocktaking", true})
	c.must(c.recompute("it takes longer"))
	require.Equal(t, "2026-12-01 12:00", c.due("inspect"), "counted from the restart, not from the opening")
}

func TestProvisionalUntilTheYearIsPublished(t *testing.T) {
	t.Parallel()
	c := timed(t, Fields{"ends_on": "2027-01-20"}, "", `
  - {id: work, task: Work, by: initiator, due: 30 working days}
  - {id: day, task: Day, by: initiator, due: 5 working days before record.ends_on}
`)
	c.publish(Holiday{"2026-10-01", "National Day", true})
	c.must(c.recompute("holidays of 2026"))
	seat := &c.in.State.Open[0].Seats[0]
	require.True(t, seat.Provisional)
	require.Equal(t, "2027-01-04 18:00", c.due("work"))
	require.Empty(t, c.entries("recomputed"), "the moment is the same, only less certain")
	require.True(t, c.effects[0].(ChangeTask).Task.Provisional)

	c.publish(Holiday{"2026-10-01", "National Day", true}, Holiday{"2027-01-01", "New Year", true})
	c.must(c.recompute("holidays of 2027"))
	require.False(t, c.in.State.Open[0].Seats[0].Provisional)
	require.Equal(t, "2027-01-05 18:00", c.due("work"))

	c.publish(Holiday{"2026-10-01", "National Day", true})
	c.must(c.act("li.na", EventComplete, "work"))
	require.True(t, c.in.State.Open[0].Seats[0].Provisional, "a day in a year that isn't published")
}

func TestASuspendedCaseIsRecomputedToo(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "", "  - {id: work, task: Work, by: initiator, due: 2 working days}\n")
	c.pass("2026-11-24 10:00")
	c.must(c.admin(EventSuspend, "a strike")) // 15 working hours are left
	c.pass("2026-11-27 09:00")
	c.publish(Holiday{"2026-11-25", "strike", true})
	c.must(c.recompute("nobody worked"))
	c.must(c.admin(EventResume, "it is over"))
	require.Equal(t, "2026-11-30 17:00", c.due("work"), "15 working hours from Friday 09:00")
}
