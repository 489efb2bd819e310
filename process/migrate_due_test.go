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
