package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// left is a departure: who has left is inactive, and somebody is asked in their place.
func (c *trial) left(who, to string) error {
	c.company.leave(who)
	c.in.Absences = away{who: to}
	return c.try(Event{Kind: EventHandover, By: "admin", From: who, To: to, Initiator: to, Comment: "has left"})
}

// Semantics 15: whatever form it has, nothing to come stays with who has left, and no limit moves.
func TestWhatSomebodyLeavesGoesToTheirSuccessor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		steps  string
		before func(c *trial)
		want   []string
	}{
		"a task":               {"{id: ask, approve: Ask, by: {user: sun.wei}}", nil, []string{"ask:he.jing"}},
		"one of two":           {"{id: ask, approve: Ask, by: [{user: sun.wei}, {user: xu.lei}], mode: all}", nil, []string{"ask:he.jing", "ask:xu.lei"}},
		"the successor's own":  {"{id: ask, approve: Ask, by: [{user: sun.wei}, {user: he.jing}], mode: all}", nil, []string{"ask:he.jing"}},
		"a turn to come":       {"{id: ask, approve: Ask, by: [{user: xu.lei}, {user: sun.wei}], mode: in_turn}", func(*trial) {}, []string{"ask:xu.lei"}},
		"a claimed task":       {"{id: ask, task: Ask, by: {role: finance}, claim: true}", func(c *trial) { c.must(c.act("guo.yan", EventClaim, "ask")) }, nil},
		"separation of duties": {"{id: first, task: First, by: {user: xu.lei}}\n  - {id: ask, approve: Ask, by: {user: sun.wei}, not_same_as: first}", func(c *trial) { c.must(c.act("xu.lei", EventComplete, "first")) }, nil},
	} {
		c := dealt(t, "  - "+test.steps+"\n  - {id: next, task: Next, by: {user: chen.bo}}\n", nil)
		if test.before != nil {
			test.before(c)
		}
		from, to := "sun.wei", "he.jing"
		switch name {
		case "a claimed task":
			from, to, test.want = "guo.yan", "xu.lei", []string{"ask:xu.lei"}
		case "separation of duties":
			to, test.want = "xu.lei", []string{"ask:admin"}
		}
		due := c.in.State.Open[0].Seats[0].Due
		require.True(t, c.in.State.Leaves(from), name)
		c.must(c.left(from, to))
		require.Equal(t, test.want, c.open(), name)
		require.False(t, c.in.State.Leaves(from), name)
		require.Equal(t, due, c.in.State.Open[0].Seats[0].Due, name)
	}
}

// A turn comes to the successor when it is due, and so does whatever a record names who has left for.
func TestTurnsAndPeopleOfRecordsGoToTheSuccessor(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: [{user: xu.lei}, {user: sun.wei}], mode: in_turn}\n  - {id: team, task: Team, by: {field: team}, mode: all}\n", Fields{"team": []any{"sun.wei", "he.jing"}})
	c.must(c.left("sun.wei", "chen.bo"))
	c.must(c.act("xu.lei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:chen.bo"}, c.open())
	c.must(c.act("chen.bo", EventApprove, "ask"))
	require.Equal(t, []string{"team:chen.bo", "team:he.jing"}, c.open())
	require.False(t, c.in.State.Leaves("sun.wei"))
}

// Who stood in for a member of a set is replaced by whoever stands in now.
func TestWhoStoodInForOneOfASetIsReplaced(t *testing.T) {
	t.Parallel()
	c := dealing(t, "  - {id: work, task: Work, by: {role: finance}, claim: true}\n", nil)
	c.in.Absences = away{"guo.yan": "sun.wei"}
	c.start("li.na")
	require.Equal(t, []string{"work:guo.yan|he.jing|sun.wei"}, c.open())
	c.company.leave("sun.wei")
	c.in.Absences = away{"guo.yan": "chen.bo", "sun.wei": "chen.bo"}
	c.must(c.try(Event{Kind: EventHandover, By: "admin", From: "sun.wei", To: "chen.bo", Initiator: "chen.bo", Comment: "has left"}))
	require.Equal(t, []string{"work:chen.bo|guo.yan|he.jing"}, c.open())
	require.False(t, c.in.State.Leaves("sun.wei"))
}

// Who counts as the initiator is asked when the case comes back, and may withdraw it.
func TestTheInitiatorsCasesGoToTheSuccessor(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: {user: sun.wei}}\n", nil)
	c.must(c.left("li.na", "chen.bo"))
	require.Equal(t, "chen.bo", c.in.State.Initiator)
	moved := c.entries("transferred")[0]
	require.Equal(t, []any{"admin", "li.na", "chen.bo", "initiator", "has left"}, []any{moved.By, moved.For, moved.Data["to"], moved.Data["what"], moved.Reason})
	c.must(c.act("sun.wei", EventReturn, "ask", saying("thin")))
	require.Equal(t, []string{"resubmit:chen.bo"}, c.open())
	refused(t, c.try(Event{Kind: EventWithdraw, By: "li.na"}), CodeForbidden)
	c.must(c.try(Event{Kind: EventWithdraw, By: "chen.bo"}))
}

// Who was added to a step that isn't reached yet is asked there in the person of their successor; an opinion comes back to who took the adder's place.
func TestAddedPeopleAreHandedOver(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: {user: sun.wei}}\n  - {id: next, approve: Next, by: {user: chen.bo}}\n", nil)
	add := func(e *Event) { e.People, e.Where, e.Comment = []string{"xu.lei"}, "before", "look" }
	later := func(e *Event) { e.People, e.Step, e.Comment = []string{"xu.lei"}, "next", "look" }
	c.must(c.act("sun.wei", EventAdd, "ask", later))
	c.must(c.act("sun.wei", EventAdd, "ask", add))
	c.must(c.left("xu.lei", "he.jing"))
	c.must(c.left("sun.wei", "guo.yan"))
	require.False(t, c.in.State.Leaves("xu.lei"))
	require.False(t, c.in.State.Leaves("sun.wei"))
	c.must(c.act("he.jing", EventApprove, "ask"))
	c.must(c.act("guo.yan", EventApprove, "ask"))
	require.Equal(t, []string{"next:chen.bo", "next:he.jing"}, c.open())
}

// A case without anything to hand over, and one that has ended, is left as it is; a suspended one is handed over.
func TestAHandoverTakesWhatThereIs(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: {user: sun.wei}}\n", nil)
	before := c.in.State
	c.must(c.try(Event{Kind: EventHandover, By: "admin", From: "xu.lei", To: "he.jing", Initiator: "he.jing", Comment: "has left"}))
	require.Equal(t, before.Open, c.in.State.Open)
	c.must(c.admin(EventSuspend, "audit"))
	c.must(c.left("sun.wei", "he.jing"))
	require.Equal(t, []string{"ask:he.jing"}, c.open())
	c.must(c.admin(EventResume, "go on"))
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)
	require.False(t, c.in.State.Leaves("li.na"))
	c.must(c.left("li.na", "chen.bo"))
	require.Equal(t, "li.na", c.in.State.Initiator, "what is over stays as it was")
}
