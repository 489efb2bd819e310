package process

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// backChain draws a chain of approvals that may be returned, and of sets with an undo, some of them in two branches. Each list sets a field of its own.
func backChain(t *rapid.T) string {
	var b strings.Builder
	n := 0
	list := func(indent, field string, size int) {
		for range size {
			n++
			if rapid.Bool().Draw(t, "set") {
				fmt.Fprintf(&b, "%s- {id: s%d, set: {%s: \"v%d\"}, undo: restore}\n", indent, n, field, n)
			}
			resume := rapid.SampledFrom([]string{"again", "back"}).Draw(t, "resume")
			fmt.Fprintf(&b, "%s- {id: a%d, approve: A, by: {user: sun.wei}, return_to: [any], resume: %s}\n", indent, n, resume)
		}
	}
	list("  ", "name", rapid.IntRange(1, 3).Draw(t, "before"))
	if rapid.Bool().Draw(t, "forked") {
		b.WriteString("  - id: fork\n    join: all\n    parallel:\n      - id: left\n        steps:\n")
		list("          ", "note", rapid.IntRange(1, 2).Draw(t, "left"))
		b.WriteString("      - id: right\n        steps:\n")
		list("          ", "more", rapid.IntRange(1, 2).Draw(t, "right"))
	}
	list("  ", "name", rapid.IntRange(1, 3).Draw(t, "after"))
	return b.String()
}

// step draws something that somebody does: mostly approving, else sending the case to a place, which may be refused.
func (c *trial) step(t *rapid.T) {
	open := c.in.State.Open
	o := open[rapid.IntRange(0, len(open)-1).Draw(t, "which")]
	ids := []string{"initiator", "previous"}
	for _, s := range c.in.Process.all() {
		ids = append(ids, s.ID)
	}
	to := rapid.SampledFrom(ids).Draw(t, "to")
	ev := Event{Kind: EventApprove, By: "sun.wei", Task: o.Seats[0].Task}
	switch act := rapid.IntRange(0, 9).Draw(t, "act"); {
	case o.Step == ResubmitStep:
		ev.Kind, ev.By = EventComplete, "li.na"
	case act < 3:
		ev.Kind, ev.To, ev.Comment = EventReturn, to, "look again"
	case act == 3:
		ev = Event{Kind: EventJump, By: "admin", Admin: true, To: to, Comment: "elsewhere"}
	}
	if err := c.try(ev); err != nil {
		var r *Refusal
		require.ErrorAs(t, err, &r)
	}
}

// Whatever way a case goes: while it runs somebody is asked, nothing of a part that was given up is open, and when it is withdrawn every field is
// as it was at the beginning.
func TestLawGoingBackLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	record := strings.Replace(thing, "  note:  {type: text}\n", "  note:  {type: text}\n  more:  {type: text}\n", 1)
	rapid.Check(t, func(rt *rapid.T) {
		c := begin(t, Fields{"name": "one", "owner": "li.na"}, record, chainOf(backChain(rt)))
		c.start("li.na")
		for range rapid.IntRange(1, 25).Draw(rt, "acts") {
			if c.in.State.Status == Ended {
				return
			}
			c.step(rt)
			st := c.in.State
			raw, err := json.Marshal(st)
			require.NoError(rt, err)
			require.Less(rt, len(raw), 8<<10)
			var again State
			require.NoError(rt, json.Unmarshal(raw, &again))
			same, err := json.Marshal(again)
			require.NoError(rt, err)
			require.Equal(rt, string(raw), string(same))
			c.in.State = again
			if st.Status == Ended {
				continue
			}
			require.NotEmpty(rt, st.Open)
			require.Nil(rt, st.Held)
			for _, o := range st.Open {
				require.True(rt, slices.ContainsFunc(st.Scopes, func(sc Scope) bool { return sc.ID == o.Scope && sc.At == o.Step }), "%s is open where the chain doesn't stand", o.Step)
				require.Equal(rt, "open", c.status(o.Step))
			}
			require.LessOrEqual(rt, len(st.Backs), len(st.Steps))
		}
		if c.in.State.Status == Ended {
			return
		}
		require.NoError(rt, c.try(Event{Kind: EventWithdraw, By: "li.na"}))
		require.Equal(rt, Fields{"name": "one", "owner": "li.na"}, c.in.Record.Fields)
		require.Empty(rt, c.in.State.Passed)
		require.Empty(rt, c.in.State.Backs)
	})
}
