package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// One person is one seat, also where a step is late: whoever has a seat of it, is asked later, has answered or counts without one isn't asked a second time.
func TestTheLadderGivesNobodyASecondSeat(t *testing.T) {
	t.Parallel()
	const up, ask = "late: [{at: due, hand_up: true}]", "  - {id: ask, due: 1 working day, approve: Ask, "
	for name, test := range map[string]struct {
		step    string
		answers []string
		want    []string
	}{
		"up to who has answered":        {"by: [{user: wang.fang}, {user: sun.wei}], mode: all, " + up, []string{"sun.wei"}, []string{"ask:zhou.min"}},
		"up to who votes":               {"by: [{user: wang.fang}, {user: sun.wei}, {user: he.jing}], mode: {votes: {need: 3}}, " + up, []string{"sun.wei", "he.jing"}, []string{"ask:zhou.min"}},
		"up to who has answered before": {"by: [{user: sun.wei}, {user: wang.fang}], mode: in_turn, " + up, []string{"sun.wei"}, []string{"ask:zhou.min"}},
		"up to who is asked later":      {"by: [{user: wang.fang}, {user: sun.wei}], mode: in_turn, " + up, nil, []string{"ask:zhou.min"}},
		"up to who answered for a set":  {"by: [{user: chen.bo}, {role: sales-manager}], mode: all, " + up, []string{"wang.fang"}, []string{"ask:sun.wei"}},
		"two at the same moment":        {"by: [{user: wang.fang}, {user: sun.wei}], mode: all, " + up, nil, []string{"ask:zhou.min", "ask:sun.wei"}},
		"two below the same":            {"by: [{user: chen.bo}, {user: li.na}], mode: all, " + up, nil, []string{"ask:wang.fang", "ask:sun.wei"}},
		"a set below the same":          {"by: [{user: xu.lei}, {department: quality}], mode: all, " + up, nil, []string{"ask:zhao.qiang", "ask:zhou.min"}},
		"all above have one": {"by: [{user: wang.fang}, {user: sun.wei}, {user: zhou.min}], mode: all, " + up, []string{"sun.wei", "zhou.min"},
			[]string{"ask:wang.fang"}},
		"transferred to who has answered": {"by: [{user: wang.fang}, {user: sun.wei}], mode: all, late: [{at: due, transfer: {user: sun.wei}}]", []string{"sun.wei"},
			[]string{"ask:wang.fang"}},
		"transferred to who is asked later": {"by: [{user: wang.fang}, {user: sun.wei}], mode: in_turn, late: [{at: due, transfer: {user: sun.wei}}]", nil,
			[]string{"ask:wang.fang"}},
		"transferred to who has it": {"by: {user: wang.fang}, late: [{at: due, transfer: {user: wang.fang}}]", nil, []string{"ask:wang.fang"}},
		"transferred to a set of whom all have one": {"by: [{user: wang.fang}, {user: guo.yan}, {user: he.jing}], mode: all, late: [{at: due, transfer: {role: finance}}]",
			[]string{"guo.yan", "he.jing"}, []string{"ask:wang.fang"}},
		"transferred to a set in which only they have none": {"by: [{user: guo.yan}, {user: he.jing}], mode: all, late: [{at: due, transfer: {role: finance}}]",
			[]string{"he.jing"}, []string{"ask:guo.yan"}},
		"added who has answered for a set": {"by: [{user: chen.bo}, {role: sales-manager}], mode: all, late: [{at: due, add: {user: wang.fang}}]", []string{"wang.fang"},
			[]string{"ask:chen.bo"}},
		"added who is asked later": {"by: [{user: wang.fang}, {user: sun.wei}], mode: in_turn, late: [{at: due, add: {user: sun.wei}}]", nil, []string{"ask:wang.fang"}},
	} {
		c := dealt(t, ask+test.step+"}\n", nil)
		for _, who := range test.answers {
			c.must(c.act(who, EventApprove, "ask"))
		}
		c.pass("2026-11-24 18:00")
		require.Equal(t, test.want, c.open(), name)
		if len(c.entries("handed_up"))+len(c.entries("transferred")) == 0 {
			require.Equal(t, "ask", c.entries("late")[0].Step, "%s: it stays, and that is said", name)
		}
	}
}

func TestTheLadderAsksNobodyTwiceWhoCountsAlready(t *testing.T) {
	t.Parallel()
	for _, rung := range []string{"hand_up: true", "transfer: {user: sun.wei}", "add: {user: sun.wei}"} {
		c := dealt(t, `
  - {id: before, approve: Before, by: {user: sun.wei}}
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: wang.fang}, {user: he.jing}], same_again: skip_if_approved, mode: {votes: {need: 3}}, due: 1 working day, late: [{at: due, `+rung+`}]}
`, nil)
		c.must(c.act("sun.wei", EventApprove, "before"))
		require.Equal(t, []Counted{{By: "sun.wei", Weight: 1}}, c.in.State.Open[0].Counted)
		c.must(c.act("he.jing", EventApprove, "ask"))
		c.pass("2026-11-24 18:00")
		want := "ask:wang.fang"
		if rung == "hand_up: true" {
			want = "ask:zhou.min"
		}
		require.Equal(t, []string{want}, c.open(), rung)
	}
}

// Of a set, the others may answer, and they alone are told.
func TestALateTaskIsTransferredToTheOthersOfASet(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: [{user: wang.fang}, {user: he.jing}], mode: all, due: 1 working day, late: [{at: due, transfer: {role: finance}}]}\n", nil)
	c.must(c.act("he.jing", EventApprove, "ask"))
	c.pass("2026-11-24 18:00")
	require.Equal(t, [][]string{{"guo.yan"}}, c.toDo())
	require.Equal(t, []int{1, 0}, []int{c.told("guo.yan", "transferred"), c.told("he.jing", "transferred")})
	refused(t, c.act("he.jing", EventApprove, "ask"), CodeNotYourTask)
	c.must(c.act("guo.yan", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)
}

// Who is above may stand in for somebody, or have somebody who stands in for them.
func TestTheLadderGivesASecondSeatNeitherToSubstitutes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rung string
		away away
		want string
	}{
		"the next above stands in at the other seat": {"hand_up: true", away{"he.jing": "sun.wei"}, "ask:zhou.min"},
		"who stands in for them has the other seat":  {"hand_up: true", away{"sun.wei": "he.jing"}, "ask:zhou.min"},
		"who stands in for them is late":             {"hand_up: true", away{"sun.wei": "wang.fang"}, "ask:zhou.min"},
		"transferred to whom the late one stands in": {"transfer: {user: sun.wei}", away{"sun.wei": "wang.fang"}, "ask:wang.fang"},
		"transferred to whom the other stands in":    {"transfer: {user: sun.wei}", away{"sun.wei": "he.jing"}, "ask:wang.fang"},
	} {
		c := dealing(t, "  - {id: ask, approve: Ask, by: [{user: wang.fang}, {user: he.jing}], mode: all, due: 1 working day, late: [{at: due, "+test.rung+"}]}\n", nil)
		c.in.Absences = test.away
		c.start("li.na")
		other := c.in.State.Open[0].Seats[1]
		c.must(c.try(Event{Kind: EventApprove, By: other.Assignee, Task: other.Task}))
		c.pass("2026-11-24 18:00")
		require.Equal(t, []string{test.want}, c.open(), name)
	}
}

// Semantics 13: it never goes up to who had it, however it has left them.
func TestALateTaskIsHandedUpToNobodyWhoHadIt(t *testing.T) {
	t.Parallel()
	back := func(c *trial) { c.in.Absences = nil }
	for name, test := range map[string]struct {
		by   string
		then func(c *trial)
	}{
		"transferred": {"{user: sun.wei}", func(c *trial) { c.must(c.act("sun.wei", EventTransfer, "ask", to("wang.fang"), saying("yours"))) }},
		"transferred by one of a set": {"{role: sales-director}", func(c *trial) {
			c.must(c.act("sun.wei", EventTransfer, "ask", to("wang.fang"), saying("yours")))
		}},
		"assigned": {"{user: sun.wei}", func(c *trial) { c.must(c.act("admin", EventAssign, "ask", to("wang.fang"), saying("yours"))) }},
		"passed on twice": {"{user: sun.wei}", func(c *trial) {
			c.must(c.act("sun.wei", EventTransfer, "ask", to("he.jing"), saying("yours")))
			c.must(c.act("he.jing", EventTransfer, "ask", to("wang.fang"), saying("yours")))
		}},
		"taken over by who stands in": {"{user: sun.wei}", func(c *trial) {
			c.in.Absences = away{"sun.wei": "wang.fang"}
			c.must(c.try(Event{Kind: EventPeople}))
			back(c)
		}},
	} {
		c := dealt(t, "  - {id: ask, approve: Ask, by: "+test.by+", due: 1 working day, late: [{at: due, hand_up: true}]}\n", nil)
		test.then(c)
		require.Equal(t, []string{"ask:wang.fang"}, c.open(), name)
		c.pass("2026-11-24 18:00")
		require.Equal(t, []string{"ask:zhou.min"}, c.open(), name)
		require.Equal(t, "2026-11-25 18:00", c.due("ask"), name)
	}
	c := dealt(t, "  - {id: ask, approve: Ask, by: {user: wang.fang}, due: 1 working day, late: [{at: due, hand_up: true}]}\n", nil)
	c.pass("2026-11-24 18:00")
	c.must(c.act("sun.wei", EventTransfer, "ask", to("wang.fang"), saying("you again")))
	c.pass("2026-11-25 18:00")
	require.Equal(t, []string{"ask:zhou.min"}, c.open(), "who had it twice")
	require.Equal(t, []string{"wang.fang", "sun.wei"}, c.in.State.Open[0].Seats[0].Had, "each once")
}

// What was handed up and whose holder goes away goes further up, and not to who has another seat.
func TestWhatWasHandedUpGoesPastWhoHasAnotherSeat(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: [{user: chen.bo}, {user: sun.wei}], mode: all, due: 1 working day, late: [{at: due, hand_up: true}]}\n", nil)
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.pass("2026-11-24 18:00")
	require.Equal(t, []string{"ask:wang.fang"}, c.open())
	c.company.leave("wang.fang")
	c.must(c.try(Event{Kind: EventPeople}))
	require.Equal(t, []string{"ask:zhou.min"}, c.open())
}
