package process

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const three = "[{user: sun.wei}, {user: he.jing}, {user: xu.lei}]"

func TestAllOpinionsWaitsForEveryOpinionThenOneRefusalRejects(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: `+three+`, mode: all_opinions}
`)
	c.must(c.act("sun.wei", EventReject, "ask", saying("no")))
	require.Equal(t, []string{"ask:he.jing", "ask:xu.lei"}, c.open())
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, Running, c.in.State.Status)
	c.must(c.act("xu.lei", EventApprove, "ask"))
	require.Equal(t, Rejected, c.in.State.Outcome)
	require.Empty(t, c.entries("voided"))
}

func TestInTurnAsksOneAfterTheOtherEachWithAnOwnLimit(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: ask, approve: Ask, by: ` + three + `, mode: in_turn, due: 1 working day}
`
	c := smallCase(t, steps)
	require.Equal(t, []string{"ask:sun.wei"}, c.open())
	require.Zero(t, c.told("he.jing", "opened"))
	require.Equal(t, "2026-11-24 18:00", c.due("ask"))
	c.pass("2026-11-24 10:00")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:he.jing"}, c.open())
	require.Equal(t, "2026-11-25 18:00", c.due("ask"))
	require.Equal(t, 1, c.told("he.jing", "opened"))
	for _, e := range c.effects {
		if e, ok := e.(OpenTask); ok {
			require.Equal(t, c.now, e.Task.OpenedAt)
		}
	}
	c.must(c.act("he.jing", EventReject, "ask", saying("no")))
	require.Equal(t, Rejected, c.in.State.Outcome, "a refusal closes")
	require.Zero(t, c.told("xu.lei", "opened"))
	require.Empty(t, c.entries("voided"), "who wasn't asked has no task to be void")

	c = smallCase(t, steps)
	for _, who := range []string{"sun.wei", "he.jing", "xu.lei"} {
		c.must(c.act(who, EventApprove, "ask"))
	}
	require.Equal(t, Approved, c.in.State.Outcome)
}

func TestInTurnASeatWhosePersonHasLeftGoesToTheAdministrator(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: `+three+`, mode: in_turn}
`)
	c.company.leave("he.jing")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:admin"}, c.open())
}

func TestAReturnActsAtOnceWhateverTheVotes(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"first", "all", "all_opinions", "in_turn", "{votes: {need: 1/3, tie: approved}}"} {
		c := smallCase(t, `
  - {id: ask, approve: Ask, by: `+three+`, mode: `+mode+`}
`)
		others := len(c.open()) - 1
		c.must(c.act("sun.wei", EventReturn, "ask", saying("look again")))
		require.Equal(t, []string{"resubmit:li.na"}, c.open(), mode)
		require.Len(t, c.entries("voided"), others, "nobody else has a task of it any more")
		c.must(c.act("li.na", EventComplete, "resubmit"))
		require.Equal(t, 2, c.in.State.Open[0].Round)
		require.False(t, slices.ContainsFunc(c.in.State.Open[0].Seats, func(s Seat) bool { return s.Vote != nil }), "the votes of the round are void")
	}
}

func TestVotes(t *testing.T) {
	t.Parallel()
	four := "[{user: sun.wei}, {user: he.jing}, {user: xu.lei}, {user: zhou.min}]"
	for _, test := range []struct{ name, votes, answers, want string }{
		{"two thirds of four are three", "need: 2/3", "yyy", Approved},
		{"two of four are not enough", "need: 2/3", "yy", ""},
		{"two refusals make two thirds impossible", "need: 2/3", "nn", Rejected},
		{"a number", "need: 2", "yny", Approved},
		{"a percentage", "need: 60%", "nyyy", Approved},
		{"a tie is a rejection", "need: 60%", "ynyn", Rejected},
		{"a tie may be an approval", "need: 60%, tie: approved", "nyy", Approved},
		{"and is one as soon as refusals can't reach it", "need: 3, tie: approved", "yy", Approved},
		{"weights", "need: 3/4, weights: {sun.wei: 9}", "y", Approved},
		{"the weight of a role", `need: 3/4, weights: {"role:sales-director": 9}`, "y", Approved},
		{"a person's own weight goes before that of a role", `need: 3/4, weights: {sun.wei: 1, "role:sales-director": 9}`, "y", ""},
		{"a veto rejects at once", "need: 1/4, veto: {user: sun.wei}", "n", Rejected},
		{"enough, but the veto isn't spoken yet", "need: 1/4, veto: {user: zhou.min}", "yyy", ""},
		{"with the veto holder's agreement it is", "need: 1/4, veto: {user: zhou.min}", "yyyy", Approved},
		{"a veto beats any number", "need: 1/4, veto: [{user: zhou.min}]", "yyyn", Rejected},
	} {
		c := smallCase(t, fmt.Sprintf(`
  - {id: ask, approve: Ask, by: %s, mode: {votes: {%s}}}
`, four, test.votes))
		for i, who := range []string{"sun.wei", "he.jing", "xu.lei", "zhou.min"}[:len(test.answers)] {
			require.Equal(t, Running, c.in.State.Status, "%s: closed too early", test.name)
			c.must(c.act(who, map[byte]EventKind{'y': EventApprove, 'n': EventReject}[test.answers[i]], "ask", saying("x")))
		}
		require.Equal(t, test.want, c.in.State.Outcome, test.name)
	}
}

func TestTooFewVotersHoldTheCase(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: he.jing, if: record.size > 5}], mode: {votes: {need: 2}}}
`
	c := smallCase(t, steps)
	require.NotNil(t, c.in.State.Held, "two votes are needed and one person is there: nobody decides that by himself")
	require.Empty(t, c.in.State.Open)
	c.in.Record.Fields["size"] = 6.0
	c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "the size was wrong"}))
	require.Equal(t, []string{"ask:sun.wei", "ask:he.jing"}, c.open())
}

func TestASeatOpenToSeveralHasTheLeastWeightOfThem(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{role: finance}, {user: sun.wei}], mode: {votes: {need: 2/3, weights: {he.jing: 5, guo.yan: 3}, veto: {user: he.jing}}}}
`)
	require.Equal(t, 3, c.in.State.Open[0].Seats[0].Weight)
	require.False(t, c.in.State.Open[0].Seats[0].Veto)
	require.Equal(t, 4, c.in.State.Open[0].Base)
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)
}

func TestAVacantSeatHasTheWeightOfWhoeverIsAssigned(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{field: buyer}, {user: sun.wei}], mode: {votes: {need: 1/2, weights: {zhou.min: 7}, veto: {user: zhou.min}}}}
`)
	require.Equal(t, 2, c.in.State.Open[0].Base)
	c.must(c.act("admin", EventAssign, "ask", to("zhou.min"), saying("stands in")))
	require.Equal(t, 8, c.in.State.Open[0].Base)
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, Running, c.in.State.Status)
	c.must(c.act("zhou.min", EventReject, "ask", saying("no")))
	require.Equal(t, Rejected, c.in.State.Outcome)
}

func TestTwoLastVotersAtTheSameMillisecond(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: `+three+`, mode: {votes: {need: 2}}}
  - {id: next, task: Next, by: initiator}
`)
	a, b := c.task("ask", "he.jing"), c.task("ask", "xu.lei")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.try(Event{Kind: EventApprove, By: "he.jing", Task: a}))
	before := c.in.State
	refused(t, c.try(Event{Kind: EventReject, By: "xu.lei", Task: b, Comment: "no"}), CodeTaskClosed)
	require.Equal(t, before, c.in.State)
	require.Len(t, c.entries("voided"), 1)
	require.Equal(t, []string{"next:li.na"}, c.open())

	c = smallCase(t, `
  - {id: ask, approve: Ask, by: `+three+`, mode: all_opinions}
`)
	a = c.task("ask", "he.jing")
	c.must(c.try(Event{Kind: EventApprove, By: "he.jing", Task: a}))
	r := refused(t, c.try(Event{Kind: EventReject, By: "he.jing", Task: a, Comment: "no"}), CodeTaskClosed)
	require.Equal(t, Decided{By: "he.jing", Outcome: Approved, At: r.Decided.At}, *r.Decided, "a different decision says who decided what and when")
}

func TestOnePersonAnswersOnce(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{role: finance}, {department: finance}], mode: all}
`)
	first, second := c.in.State.Open[0].Seats[0].Task, c.in.State.Open[0].Seats[1].Task
	c.must(c.try(Event{Kind: EventApprove, By: "he.jing", Task: first}))
	refused(t, c.try(Event{Kind: EventApprove, By: "he.jing", Task: second}), CodeNotYourTask)
	c.must(c.try(Event{Kind: EventApprove, By: "guo.yan", Task: second}))
	require.Equal(t, Approved, c.in.State.Outcome)
}

func TestATaskOfSeveralIsDoneByEveryoneUnlessSomebodyLeavesTheWay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ mode, outcomes, want string }{
		{"all", "fine good fine", "next"},
		{"all", "bad", "fix"},
		{"all", "fine bad", "fix"},
		{"in_turn", "fine good good", "next"},
		{"in_turn", "fine bad", "fix"},
		{"all_opinions", "bad good fine", "fix"},
		{"all_opinions", "good good fine", "next"},
		{"first", "fine", "next"},
	} {
		c := smallCase(t, `
  - id: work
    task: Work
    by: `+three+`
    mode: `+test.mode+`
    outcomes: {fine: {}, good: {}, bad: {go: fix}}
  - {id: next, task: Next, by: initiator}
  - end: done
  - {id: fix, aside: true, task: Fix, by: initiator}
`)
		for _, o := range strings.Fields(test.outcomes) {
			require.Equal(t, "work", c.in.State.Open[0].Step, "%v: closed too early", test)
			who := c.in.State.Open[0].Seats[slices.IndexFunc(c.in.State.Open[0].Seats, func(s Seat) bool { return s.Vote == nil })].Assignee
			c.must(c.act(who, EventComplete, "work", choosing(o)))
		}
		require.Equal(t, []string{test.want + ":li.na"}, c.open(), test)
	}
}

// Whoever isn't asked since they have agreed before counts as agreeing, with the weight that they have; an initiator who is passed over has said nothing and doesn't count.
func TestWhoHasAgreedBeforeCountsInAVote(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, again, votes, answers, want string
		base                              int
	}{
		{"one more of three is enough for two thirds", "skip_if_approved", "need: 2/3", "y", Approved, 3},
		{"and one of three isn't", "skip_if_approved", "need: 2/3", "nn", Rejected, 3},
		{"a number counts them too", "skip_if_approved", "need: 3", "yy", Approved, 3},
		{"at the step before as well", "skip_if_adjacent", "need: 2/3", "y", Approved, 3},
		{"their weight counts", "skip_if_approved", "need: 60%, weights: {sun.wei: 3}", "", Approved, 0},
		{"enough, but a veto isn't spoken yet", "skip_if_approved", "need: 1/3, veto: {user: xu.lei}", "ny", Approved, 3},
		{"the veto is", "skip_if_approved", "need: 1/3, veto: {user: xu.lei}", "yn", Rejected, 3},
		{"their own veto isn't", "skip_if_approved", "need: 2/3, veto: {user: sun.wei}", "ny", Approved, 3},
		{"one each is a tie", "skip_if_approved", "need: 60%, weights: {he.jing: 2}, tie: approved", "ny", Approved, 4},
		{"who is asked later hasn't agreed yet", "keep_last", "need: 2/3", "yy", Approved, 2},
		{"asked again everybody counts", "ask", "need: 2/3", "yy", Approved, 3},
	} {
		steps := fmt.Sprintf(`
  - {id: before, approve: Before, by: {user: sun.wei}}
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: he.jing}, {user: xu.lei}], same_again: %s, mode: {votes: {%s}}}
`, test.again, test.votes)
		voters := []string{"he.jing", "xu.lei"}
		switch test.again {
		case "keep_last":
			steps += "  - {id: later, approve: Later, by: {user: sun.wei}}\n"
		case "ask":
			voters = []string{"sun.wei", "he.jing"}
		}
		c := smallCase(t, steps)
		c.must(c.act("sun.wei", EventApprove, "before"))
		require.Nil(t, c.in.State.Held, test.name)
		if len(c.in.State.Open) > 0 {
			require.Equal(t, test.base, c.in.State.Open[0].Base, test.name)
		}
		for i, who := range voters[:len(test.answers)] {
			require.Equal(t, "ask", c.in.State.Open[0].Step, "%s: closed too early", test.name)
			c.must(c.act(who, map[byte]EventKind{'y': EventApprove, 'n': EventReject}[test.answers[i]], "ask", saying("x")))
		}
		if test.again == "keep_last" {
			require.Equal(t, []string{"later:sun.wei"}, c.open(), test.name)
			continue
		}
		require.Equal(t, test.want, c.in.State.Outcome, test.name)
	}
	c := smallCase(t, "\n  - {id: ask, approve: Ask, by: [{user: li.na}, {user: he.jing}, {user: xu.lei}], if_initiator: skip, mode: {votes: {need: 2/3}}}\n")
	require.Equal(t, 2, c.in.State.Open[0].Base)
	require.Equal(t, FormatPlain, c.in.State.Format)
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, Running, c.in.State.Status, "nobody counts as agreeing to what they have asked for")
}

// A case with such a vote is written so that an older software leaves it alone, which would count otherwise.
func TestAVoteThatCountsWhoHasAgreedBeforeIsNotForOlderSoftware(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: before, approve: Before, by: {user: sun.wei}}
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: he.jing}, {user: xu.lei}], same_again: skip_if_approved, mode: {votes: {need: 3}}}
`)
	require.Equal(t, FormatPlain, c.in.State.Format)
	c.must(c.act("sun.wei", EventApprove, "before"))
	require.Equal(t, FormatScoped, c.in.State.Format)
	require.Equal(t, []Counted{{By: "sun.wei", Weight: 1}}, c.in.State.Open[0].Counted)
}

// Somebody leaves, and whoever is asked in their place has agreed before: the seat counts as agreeing, once.
func TestWhoTakesAPlaceInAVoteAndHasAgreedBeforeCounts(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: before, approve: Before, by: {user: guo.yan}}
  - {id: ask, approve: Ask, by: [{role: finance}, {user: zhou.min}, {user: xu.lei}, {user: sun.wei}], same_again: skip_if_approved, mode: {votes: {need: 1/2}}}
`)
	c.must(c.act("guo.yan", EventApprove, "before"))
	require.Empty(t, c.in.State.Open[0].Counted, "finance are two, of whom the other one may answer")
	c.company.leave("xu.lei")
	c.in.Absences = away{"xu.lei": "guo.yan", "sun.wei": "guo.yan"}
	c.must(c.try(Event{Kind: EventPeople}))
	require.Equal(t, []Counted{{By: "guo.yan", Weight: 1}}, c.in.State.Open[0].Counted)
	refused(t, c.act("guo.yan", EventApprove, "ask"), CodeNotYourTask)
	c.must(c.act("zhou.min", EventReject, "ask", saying("no")))
	require.Equal(t, []string{"ask:guo.yan|he.jing"}, c.open(), "one of four, one against")
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)
}

// One person is one voice: whoever counts since they have agreed before is neither added nor fills the seat of a set, however the seat has come about.
func TestWhoCountsInAVoteHasNoOtherVoiceInIt(t *testing.T) {
	t.Parallel()
	steps := func(by string) string {
		return `
  - {id: before, approve: Before, by: {user: guo.yan}}
  - {id: ask, approve: Ask, by: ` + by + `, same_again: skip_if_approved, mode: {votes: {need: 2/3}}, due: 4 working hours, late: [{at: due, add: [{user: guo.yan}, {user: xu.lei}]}]}
`
	}
	c := smallCase(t, steps("[{user: guo.yan}, {user: zhou.min}, {user: sun.wei}]"))
	c.must(c.act("guo.yan", EventApprove, "before"))
	for _, where := range []string{AddedBefore, AddedAfter, AddedBeside} {
		r := refused(t, c.act("zhou.min", EventAdd, "ask", adding(where, "guo.yan")), CodeFieldInvalid)
		require.Equal(t, "guo.yan is asked at this step already", r.Message.EN)
	}
	c.in.Absences = away{"he.jing": "guo.yan"}
	refused(t, c.act("zhou.min", EventAdd, "ask", adding(AddedBeside, "he.jing")), CodeFieldInvalid)
	c.pass("2026-11-23 14:00")
	require.Equal(t, []string{"ask:zhou.min", "ask:sun.wei", "ask:xu.lei"}, c.open()[:3])
	require.NotContains(t, c.open(), "ask:guo.yan")

	c = smallCase(t, steps("[{user: guo.yan}, {role: finance}]"))
	c.must(c.act("guo.yan", EventApprove, "before"))
	require.Equal(t, []Counted{{By: "guo.yan", Weight: 1}}, c.in.State.Open[0].Counted)
	require.Equal(t, [][]string{{"he.jing"}}, c.toDo())
	r := refused(t, c.act("guo.yan", EventApprove, "ask"), CodeNotYourTask)
	require.Contains(t, r.Message.EN, "your earlier approval counts")
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)
}

// Of several who are asked in the place of somebody who has left, and have agreed before, one counts: the seat is one voice.
func TestASeatIsOneVoiceWhoeverHasAgreedBefore(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: before, approve: Before, by: [{user: guo.yan}, {user: he.jing}], mode: all}
  - {id: ask, approve: Ask, by: [{role: sales-manager, everyone: true}, {user: zhou.min}, {user: sun.wei}], same_again: skip_if_approved, mode: {votes: {need: 2/3}}}
`)
	c.must(c.act("guo.yan", EventApprove, "before"))
	c.must(c.act("he.jing", EventApprove, "before"))
	require.Empty(t, c.in.State.Open[0].Counted)
	c.company.leave("wang.fang")
	c.company.members["role:sales-manager"] = []string{"guo.yan", "he.jing"}
	c.must(c.try(Event{Kind: EventPeople}))
	require.Equal(t, []Counted{{By: "guo.yan", Weight: 1}}, c.in.State.Open[0].Counted)
	require.Equal(t, []string{"ask:zhou.min", "ask:sun.wei"}, c.open(), "one of three isn't enough")
}
