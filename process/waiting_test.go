package process

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// shown are the open tasks as boxes show them, by who has them: those that wait for an opinion are none.
func (c *trial) shown(boxes map[string]Task) []string {
	for _, e := range c.effects {
		switch e := e.(type) {
		case OpenTask:
			boxes[e.Task.ID] = e.Task
		case ChangeTask:
			boxes[e.Task.ID] = e.Task
		case CloseTask:
			delete(boxes, e.ID)
		}
	}
	var out []string
	for _, t := range boxes {
		if !t.Waits {
			out = append(out, t.Assignee)
		}
	}
	slices.Sort(out)
	return out
}

func TestWhoWaitsForAnOpinionHasNothingToDoUntilItIsIn(t *testing.T) {
	t.Parallel()
	begun := func() (*trial, map[string]Task, string) {
		c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: all, due: 1 working day}
`)
		boxes := map[string]Task{}
		require.Equal(t, []string{"sun.wei", "zhou.min"}, c.shown(boxes))
		due := c.due("ask")
		c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBefore, "he.jing", "xu.lei")))
		require.Equal(t, []string{"he.jing", "xu.lei", "zhou.min"}, c.shown(boxes))
		return c, boxes, due
	}
	c, boxes, due := begun()
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, []string{"xu.lei", "zhou.min"}, c.shown(boxes), "one opinion is missing")
	c.must(c.act("xu.lei", EventReject, "ask", saying("no")))
	require.Equal(t, []string{"sun.wei", "zhou.min"}, c.shown(boxes), "it is there again")
	require.Equal(t, due, c.due("ask"), "with its limit")
	c.must(c.act("sun.wei", EventApprove, "ask"))

	c, boxes, _ = begun()
	c.must(c.act("sun.wei", EventRemove, "ask", these("he.jing", "xu.lei"), onTask(c.task("ask", "sun.wei"))))
	require.Equal(t, []string{"sun.wei", "zhou.min"}, c.shown(boxes), "nobody is waited for")
}
