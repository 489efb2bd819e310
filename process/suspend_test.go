package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func (c *trial) admin(kind EventKind, comment string) error {
	return c.try(Event{Kind: kind, By: "admin", Admin: true, Comment: comment})
}

func TestASuspendedCaseStandsStill(t *testing.T) {
	t.Parallel()
	c := answering(t)
	refused(t, c.try(Event{Kind: EventSuspend, By: "li.na", Comment: "x"}), CodeForbidden)
	refused(t, c.admin(EventSuspend, ""), CodeCommentRequired)
	c.pass("2026-11-24 15:00")
	c.must(c.admin(EventSuspend, "the customer is insolvent"))
	require.Equal(t, Suspended, c.in.State.Status)
	require.Nil(t, c.wakeAt)
	refused(t, c.admin(EventSuspend, "again"), CodeCaseSuspended)
	refused(t, c.act("xu.lei", EventComplete, "inspect"), CodeCaseSuspended)
	refused(t, c.act("xu.lei", EventStopClock, "inspect", stopping("customer", "x")), CodeCaseSuspended)
	c.pass("2026-12-04 09:00")
	require.Empty(t, c.entries("late"), "no moment comes")
	refused(t, c.try(Event{Kind: EventResume, By: "li.na", Comment: "x"}), CodeForbidden)
	refused(t, c.admin(EventResume, ""), CodeCommentRequired)
	c.must(c.admin(EventResume, "a receiver was appointed"))
	require.Equal(t, "2026-12-07 12:00", c.due("inspect"), "what was left – 11 working hours – is added")
	due, used := c.clockAt("answer")
	require.Equal(t, "2026-12-08 12:00", due)
	require.Equal(t, 13*60, used)
	c.must(c.act("xu.lei", EventComplete, "inspect"))
	require.Equal(t, []string{"answer:li.na"}, c.open())
	require.Len(t, c.entries("suspended"), 1)
	require.Equal(t, "a receiver was appointed", c.entries("resumed")[0].Reason)
	refused(t, c.admin(EventResume, "again"), CodeFieldInvalid)
}

func TestSuspensionPutsOffTheEndOfAStop(t *testing.T) {
	t.Parallel()
	c := answering(t)
	c.pass("2026-11-24 15:00")
	c.must(c.act("xu.lei", EventStopClock, "inspect", stopping("customer", "asked"))) // until Thursday 18:00
	c.pass("2026-11-26 14:00")
	c.must(c.admin(EventSuspend, "a strike"))
	c.pass("2026-12-03 09:00")
	c.must(c.admin(EventResume, "it is over"))
	require.Equal(t, "2026-12-03 14:00", shownAt(c, *c.wakeAt), "four hours of the stop are left")
	c.pass("2026-12-03 14:00")
	require.Equal(t, "2026-12-04 17:00", c.due("inspect"), "and then the eleven of the limit")
}

func TestSuspensionPutsOffWhatAWaitHasLeftButNoDay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ wait, want string }{
		{"10 working hours", "2026-12-02 11:00"},       // one hour was left
		{"start of working day 3", "2026-12-04 09:00"}, // 15 working hours were left, and it is still an opening
		{"3 days", "2026-12-04 09:00"},                 // 47 hours were left
		{"{until: record.ends_on}", "2026-12-07 00:00"},
		{"{until: record.at}", "2026-12-02 10:00"}, // it came meanwhile: as soon as the case goes on
		{"{on: timed.came, within: 3 days, late: [{at: due, outcome: gone}]}", "2026-12-04 09:00"},
	} {
		c := timed(t, Fields{"ends_on": "2026-12-07", "at": "2026-11-27T10:00:00+08:00"}, "", "  - {id: pause, wait: "+tc.wait+"}\n  - {id: work, task: Work, by: initiator}\n")
		c.pass("2026-11-24 10:00")
		c.must(c.admin(EventSuspend, "a strike"))
		c.pass("2026-12-02 10:00")
		c.must(c.admin(EventResume, "it is over"))
		c.pass("2026-12-31 10:00")
		opened := c.entries("opened")
		require.Len(t, opened, 1, tc.wait)
		require.Equal(t, tc.want, shownAt(c, opened[0].At), tc.wait)
	}
}

func TestWhatHappensInTheWorldReachesASuspendedCase(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "", "  - {id: pause, wait: {on: timed.came}}\n  - {id: work, task: Work, by: initiator, due: 1 working day}\n")
	c.must(c.admin(EventSuspend, "holidays"))
	c.must(c.try(Event{Kind: EventHappened, Name: "timed.came"}))
	require.Empty(t, c.open())
	c.pass("2026-11-30 09:00")
	c.must(c.admin(EventResume, "back"))
	require.Equal(t, "2026-12-01 18:00", c.due("work"), "what it opens opens when the case goes on")
}

func TestASuspensionOfNoLengthChangesNothing(t *testing.T) {
	t.Parallel()
	c := answering(t)
	c.must(c.act("xu.lei", EventStopClock, "inspect", stopping("customer", "asked"))) // until Thursday 18:00
	was, wake := c.in.State, c.wakeAt
	c.must(c.admin(EventSuspend, "by mistake"))
	c.must(c.admin(EventResume, "it was the wrong case"))
	require.Equal(t, was, c.in.State)
	require.Equal(t, wake, c.wakeAt)
}
