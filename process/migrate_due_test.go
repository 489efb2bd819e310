package process

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestALimitAddedToTheStepThatIsOpenCountsFromItsOpening(t *testing.T) {
	t.Parallel()
	chain := func(due string) string {
		return chainOf("\n  - {id: ask, approve: Ask, by: {user: sun.wei}" + due + "}\n")
	}
	other := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chain(", due: 2 working days")).in.Process
	verdict := func(ran func(*trial) time.Time) (Verdict, *trial) {
		c := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chain(""))
		c.start("li.na")
		c.now = c.now.Add(2 * time.Hour)
		ev := c.migration(other, nil)
		c.in.Next.Ran, ev.At = ran(c), c.now
		v, err := c.in.Verdict(ev)
		c.must(err)
		if v.Verdict == VerdictSafe {
			c.must(c.try(ev))
		}
		return v, c
	}
	v, c := verdict(func(c *trial) time.Time { return c.in.State.StartedAt })
	require.Equal(t, VerdictSafe, v.Verdict, "%v", v.Because)
	require.Equal(t, "2026-11-25 18:00", c.due("ask"), "as if it had had it from its opening on")

	for _, ran := range []func(*trial) time.Time{func(*trial) time.Time { return time.Time{} }, func(c *trial) time.Time { return c.now }} {
		v, _ = verdict(ran)
		require.Equal(t, VerdictMapping, v.Verdict, "it was suspended meanwhile, or nobody knows")
		require.Contains(t, v.Because[0].EN, "can't be counted from its opening")
	}
}

// Where nobody says since when the case has run, only a limit that has run all the time says that it wasn't suspended.
func TestAClockAddedCountsFromTheStartUnlessTheCaseStoodStill(t *testing.T) {
	t.Parallel()
	chain := func(head string) string {
		return "process: chain\nrecord: thing\nstart: {by: [role:sales]}\n" + head + "steps:\n  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: he.jing}], mode: all, due: 2 working days}\n"
	}
	clock := chain("clocks: [{id: k, from: start, to: done(ask), within: 9 working days, late: [{at: due, tell: [initiator]}]}]\n")
	for _, tc := range []struct {
		name, verdict string
		happens       func(*trial)
	}{
		{"it has run all the time", VerdictSafe, func(*trial) {}},
		{"suspended and resumed in the moment of its start", VerdictSafe, func(c *trial) {
			c.must(c.admin(EventSuspend, "by mistake"))
			c.must(c.admin(EventResume, "it was the wrong case"))
		}},
		{"suspended for an hour", VerdictMapping, func(c *trial) { c.stoodStill() }},
		{"somebody was added since", VerdictMapping, func(c *trial) {
			c.stoodStill()
			c.must(c.act("he.jing", EventAdd, "ask", adding(AddedBeside, "xu.lei")))
		}},
		{"an answer was given before and is taken back since", VerdictMapping, func(c *trial) {
			task := c.task("ask", "sun.wei")
			c.must(c.act("sun.wei", EventApprove, "ask"))
			c.stoodStill()
			c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: task}))
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chain(""))
			twin := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, clock)
			for _, one := range []*trial{c, twin} {
				one.start("li.na")
				tc.happens(one)
			}
			ev := c.migration(twin.in.Process, nil)
			ev.At = c.now
			v, err := c.in.Verdict(ev)
			c.must(err)
			require.Equal(t, tc.verdict, v.Verdict, "%v", v.Because)
			if v.Verdict == VerdictSafe {
				c.must(c.try(ev))
				require.Equal(t, twin.in.State.Clocks, c.in.State.Clocks, "as if it had had it from the start")
				return
			}
			require.Contains(t, v.Because[0].EN, "doesn't run for this case")
		})
	}
}

// stoodStill suspends a case for an hour.
func (c *trial) stoodStill() {
	c.must(c.admin(EventSuspend, "a strike"))
	c.now = c.now.Add(time.Hour)
	c.must(c.admin(EventResume, "it is over"))
}
