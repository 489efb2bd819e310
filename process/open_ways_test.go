package process

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// said are the ways out of a task in a line each.
func (c *trial) said(step, item, by string) []string {
	var out []string
	for _, w := range OpenWays(c.in, c.taskOf(step, item), by, false) {
		line := string(w.Act) + " " + w.Outcome
		if w.End != "" {
			line += " ends " + w.End
		}
		if w.Goes != nil {
			line += " goes " + w.Goes.ID
		}
		if w.Back {
			line += " back"
		}
		for _, more := range []struct{ what, is string }{{"to", w.To}, {"who", w.Who}, {"resume", w.Resume}} {
			if more.is != "" {
				line += " " + more.what + " " + more.is
			}
		}
		if len(w.Items) > 0 {
			line += fmt.Sprint(" items ", w.Items)
		}
		if w.Comment {
			line += " with words"
		}
		out = append(out, line)
	}
	return out
}

func TestAWayOutSaysWhatFollows(t *testing.T) {
	t.Parallel()
	c := gates(t, "")
	require.Equal(t, []string{
		"approve approved", "reject rejected ends rejected with words", "return returned goes resubmit back who li.na resume again with words",
	}, c.said("three", "", "he.jing"))
	require.Empty(t, c.said("three", "", "li.na"), "who may not answer has no way")
	c = gates(t, "return_to: [any], resume: back")
	require.Equal(t, []string{
		"approve approved", "reject rejected ends rejected with words",
		"return returned goes resubmit back who li.na resume back with words",
		"return returned goes two back to two who sun.wei resume back with words",
		"return returned goes one back to one who wang.fang resume back with words",
	}, c.said("three", "", "he.jing"))
	c = gates(t, "on: {returned: {go: one}, rejected: no}, comment: {required_on: []}")
	require.Equal(t, []string{"approve approved", "return returned goes one back who wang.fang resume again"}, c.said("three", "", "he.jing"))
	c.must(c.act("he.jing", EventApprove, "three"))
	require.Equal(t, []string{
		"approve approved", "reject rejected goes aside with words", "return returned goes resubmit back who li.na resume again with words",
	}, c.said("last", "", "sun.wei"))
}

// Wherever a way says that a return goes, the act leads there.
func TestAReturnGoesWhereItsWaySays(t *testing.T) {
	t.Parallel()
	for _, keys := range []string{"", "return_to: [previous]", "return_to: [initiator], on: {returned: {go: one}}", "return_to: [any], resume: back"} {
		n := len(gates(t, keys).said("three", "", "he.jing"))
		for i := 2; i < n; i++ {
			c := gates(t, keys)
			w := OpenWays(c.in, c.taskOf("three", ""), "he.jing", false)[i]
			c.must(c.act("he.jing", w.Act, "three", backTo(w.To)))
			require.Equal(t, []string{w.Goes.ID + ":" + w.Who}, c.open(), keys)
		}
	}
}

// One answer of several that doesn't close the step says nothing of an end; of items that go back, which ones must be said.
func TestAWayOfSeveralAndOfItems(t *testing.T) {
	t.Parallel()
	c := dealt(t, `
  - {id: one, approve: One, by: [{user: sun.wei}, {user: he.jing}], mode: all_opinions}
`, nil)
	require.Equal(t, []string{"approve approved", "reject rejected with words", "return returned goes resubmit back who li.na resume again with words"}, c.said("one", "", "sun.wei"))
	c = finding(t)
	require.Contains(t, c.said("cause", "make", "li.na")[0], "complete ")
}

func TestAWayAndAReasonMayHaveTitles(t *testing.T) {
	t.Parallel()
	c := dealt(t, `
  - id: one
    task: One
    by: {user: sun.wei}
    due: 1 working day
    may_stop_clock: [{reason: waiting, title: {zh: 等客户, en: Waiting for the customer}}]
    outcomes: {fine: {title: {zh: 很好, en: Fine}, end: fine}, again: {go: one}}
`, nil)
	s := c.in.Process.Step("one")
	require.Equal(t, Text{ZH: "等客户", EN: "Waiting for the customer"}, s.Time.Stops[0].Title)
	ways := OpenWays(c.in, c.taskOf("one", ""), "sun.wei", false)
	require.Equal(t, Text{ZH: "很好", EN: "Fine"}, ways[0].Title)
	require.Equal(t, []string{"complete fine ends fine", "complete again goes one back"}, c.said("one", "", "sun.wei"))
}
