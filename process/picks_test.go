package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func picking(ids ...string) func(*Event) { return func(e *Event) { e.Picks = ids } }

// begun starts a case with picks.
func (c *trial) begun(ids ...string) error {
	c.t.Helper()
	return c.try(Event{Kind: EventStart, By: "li.na", Picks: ids})
}

func TestTheInitiatorPicks(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: work, task: Work, by: {user: chen.bo}}
  - {id: ask, approve: Ask, by: {picked_by: initiator, from: [{role: finance}, {user: sun.wei}], count: 1..2}, mode: all}
`
	c := dealing(t, steps, nil)
	for _, picks := range [][]string{{"xu.lei"}, {"nobody.here"}, {"he.jing", "guo.yan", "sun.wei"}} {
		r := refused(t, c.begun(picks...), CodeFieldInvalid)
		require.Equal(t, "picks", r.Fields[0].Field)
	}
	r := refused(t, c.begun(), CodeFieldRequired)
	require.Equal(t, "picks", r.Fields[0].Field)
	require.Equal(t, "请选择谁办理“Ask”", r.Message.ZH)
	c.must(c.begun("sun.wei", "he.jing", "sun.wei"))
	refused(t, c.act("chen.bo", EventComplete, "work", picking("he.jing")), CodeFieldInvalid)
	c.must(c.act("chen.bo", EventComplete, "work"))
	require.Equal(t, []string{"ask:sun.wei", "ask:he.jing"}, c.open(), "in the order they were picked")
	require.Equal(t, "由发起人 li.na 选定", c.why("zh")[0])
}

func TestWhoeverComesBeforePicks(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: one, approve: One, by: {user: wang.fang}}
  - {notify: Told, to: initiator}
  - {id: two, task: Two, by: {picked_by: previous, count: 2}, mode: first, not_same_as: [one], if: record.size > 1}
  - {id: three, task: Three, by: {user: xu.lei}}
`
	c := dealt(t, steps, Fields{"size": 2.0})
	r := refused(t, c.act("wang.fang", EventApprove, "one"), CodeFieldRequired)
	require.Equal(t, "picks", r.Fields[0].Field)
	refused(t, c.act("wang.fang", EventApprove, "one", picking("chen.bo")), CodeFieldInvalid)
	refused(t, c.act("wang.fang", EventReject, "one", saying("x"), picking("chen.bo")), CodeFieldInvalid)
	c.must(c.act("wang.fang", EventApprove, "one", picking("chen.bo", "guo.yan")))
	require.Equal(t, []string{"two:chen.bo", "two:guo.yan"}, c.open())

	c = dealt(t, steps, nil)
	c.must(c.act("wang.fang", EventApprove, "one"))
	require.Equal(t, []string{"three:xu.lei"}, c.open(), "the step is passed over, so nobody need be picked")
}

func TestNobodyPicksWhomSeparationOfDutiesKeepsOut(t *testing.T) {
	t.Parallel()
	c := dealt(t, `
  - {id: work, task: Work, by: {user: chen.bo}}
  - {id: one, approve: One, by: {user: wang.fang}}
  - {id: two, approve: Two, by: {picked_by: previous}, not_same_as: [work]}
`, nil)
	c.must(c.act("chen.bo", EventComplete, "work"))
	refused(t, c.act("wang.fang", EventApprove, "one", picking("chen.bo")), CodeFieldInvalid)
	c.must(c.act("wang.fang", EventApprove, "one", picking("guo.yan")))
	require.Equal(t, []string{"two:guo.yan"}, c.open())
}

func TestEachActOfTheInitiatorPicksForOneStep(t *testing.T) {
	t.Parallel()
	c := dealing(t, `
  - {id: one, approve: One, by: {picked_by: initiator}, on: {returned: {go: resubmit}}}
  - {id: more, task: More, by: initiator}
  - {id: two, approve: Two, by: {picked_by: initiator}}
`, nil)
	c.must(c.begun("he.jing"))
	c.must(c.act("he.jing", EventReturn, "one", saying("again")))
	c.must(c.act("li.na", EventComplete, "resubmit"))
	require.Equal(t, []string{"one:he.jing"}, c.open(), "submitted again without a pick: the first one stands")
	c.must(c.act("he.jing", EventReturn, "one", saying("again")))
	c.must(c.act("li.na", EventComplete, "resubmit", picking("guo.yan")))
	require.Equal(t, []string{"one:guo.yan"}, c.open())
	c.must(c.act("guo.yan", EventApprove, "one"))
	refused(t, c.act("li.na", EventComplete, "more"), CodeFieldRequired)
	c.must(c.act("li.na", EventComplete, "more", picking("sun.wei")))
	require.Equal(t, []string{"two:sun.wei"}, c.open())
}

func TestThePickOfAnItemIsTheItems(t *testing.T) {
	t.Parallel()
	c := dealt(t, `
  - id: all
    each: record.places
    as: place
    steps:
      - {id: one, approve: One, by: {head_of: $place}}
      - {id: two, task: Two, by: {picked_by: previous, from: {department: $place}}}
`, Fields{"places": []any{"quality", "finance"}})
	refused(t, c.act("zhao.qiang", EventApprove, "one", picking("guo.yan")), CodeFieldInvalid)
	c.must(c.act("zhao.qiang", EventApprove, "one", picking("xu.lei")))
	c.must(c.act("he.jing", EventApprove, "one", picking("guo.yan")))
	require.Equal(t, []string{"two:xu.lei", "two:guo.yan"}, c.open())
}

func TestNobodyPickedFollowsTheRuleForNobody(t *testing.T) {
	t.Parallel()
	c := dealing(t, "  - {id: one, approve: One, by: {picked_by: initiator, if: record.size > 1}}\n", nil)
	c.must(c.begun())
	require.Equal(t, []string{"one:admin"}, c.open(), "what may never be asked need not be picked for")

	c = dealing(t, "  - {id: pause, wait: 1 working day}\n  - {id: one, approve: One, by: {picked_by: previous}}\n", nil)
	c.must(c.begun("he.jing"))
	c.pass("2026-11-24 18:00")
	require.Equal(t, []string{"one:he.jing"}, c.open(), "a pick waits with the case")
}
