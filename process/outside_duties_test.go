package process

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Separation of duties counts an answer as theirs whose seat it was: whoever gave it for them is kept out as well, and who stood by isn't.
func TestSeparationOfDutiesKnowsSomebodyOutside(t *testing.T) {
	t.Parallel()
	account := askOutside + "  - {id: check, approve: Check, by: {user: xu.lei}, not_same_as: [ask], if_none: skip}\n"
	c := outsider(t, account, nil)
	c.must(c.act(wang, EventApprove, "ask"))
	require.Equal(t, []string{"check:xu.lei"}, c.open(), "xu.lei stood in and has said nothing")

	c = outsider(t, account, nil)
	c.must(c.act("xu.lei", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome, "xu.lei has said yes for them, and can't check that")

	theirs := askOutside + "  - {id: check, approve: Check, by: {outside: record.contact, stands_in: {user: he.jing}}, show: [name], not_same_as: [ask], if_none: skip}\n"
	for _, who := range []string{wang, "xu.lei"} {
		c = outsider(t, theirs, nil)
		c.must(c.act(who, EventApprove, "ask"))
		require.Equal(t, Approved, c.in.State.Outcome, "nobody outside is asked twice where separation of duties says so; %s answered", who)
		require.Equal(t, 1, c.told(wang, "opened"))
	}

	c = outsider(t, strings.Replace(theirs, "if_none: skip", "if_none: hold", 1), nil)
	c.must(c.act(wang, EventApprove, "ask"))
	require.Equal(t, []string{"check:admin"}, c.open(), "an administrator says who checks")
	require.Nil(t, c.in.State.Open[0].Seats[0].Outside, "for nobody")
	require.Contains(t, c.why("en")[0], "separation of duties keeps Wang Qiang (outside) from this step")
	refused(t, c.act(wang, EventApprove, "check"), CodeNotYourTask)

	c = outsider(t, theirs, nil)
	c.must(c.act("xu.lei", EventReturn, "ask", saying("wrong one")))
	c.in.Record.Fields["contact"] = "Else <else@example.com>"
	c.must(c.act("li.na", EventComplete, "resubmit"))
	c.must(c.act("outside:Else", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome, "whoever was asked in the last round counts")
}

// Who says yes for somebody outside hasn't said so for themselves: they are asked for their own agreement.
func TestAnAnswerForSomebodyOutsideIsNobodyElsesAgreement(t *testing.T) {
	t.Parallel()
	steps := askOutside + "  - {id: own, approve: Own, by: {user: xu.lei}, same_again: skip_if_approved}\n"
	c := outsider(t, steps, nil)
	task := c.task("ask")
	c.must(c.act("xu.lei", EventApprove, "ask"))
	require.Equal(t, []string{"own:xu.lei"}, c.open())
	require.Equal(t, wang, c.in.State.Agreed[0].By)

	c.must(c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: task}))
	require.Empty(t, c.in.State.Agreed, "and what is taken back counts for nobody")
	require.Equal(t, []string{"ask:xu.lei"}, c.open())
}

// Who has no account can't be given a task: `actor_of` a step that somebody outside has done finds nobody, and says so.
func TestTheActorOfAStepThatSomebodyOutsideDid(t *testing.T) {
	t.Parallel()
	steps := askOutside + "  - {id: more, task: More, by: {actor_of: ask}}\n"
	c := outsider(t, steps, nil)
	c.must(c.act(wang, EventApprove, "ask"))
	require.Equal(t, []string{"more:admin"}, c.open())
	require.Contains(t, c.why("en")[0], "Wang Qiang (outside) did the step “Ask”, and has no account")
	require.Contains(t, c.why("zh")[0], "步骤“Ask”由Wang Qiang（外部）答复，没有账号")
	require.Zero(t, c.told(wang, "decided"))

	c = outsider(t, steps, nil)
	c.must(c.act("xu.lei", EventApprove, "ask"))
	require.Equal(t, []string{"more:xu.lei"}, c.open(), "whoever did it for them has an account")

	c = outsider(t, askOutside+"  - {id: say, notify: Done, to: {actor_of: ask}}\n", nil)
	c.must(c.act(wang, EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)
	require.Zero(t, c.told(wang, "notify"), "nobody outside is told of what isn't theirs to answer")
}
