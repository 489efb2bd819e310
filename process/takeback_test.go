package process

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process/reference"
)

// grouped loads a flat chain and puts its steps into branches of a group that takes the place of the step `fork`: each name of a branch stands
// for its steps, which are written in this order.
func grouped(t *testing.T, steps string, kind func(p *Process, fork *Step, lists []*List) Kind, branches ...[]string) *trial {
	t.Helper()
	c := begin(t, Fields{"name": "one", "owner": "li.na", "items": []any{"x", "y"}}, thing+"  items: {type: choice, of: [x, y], many: true}\n", chainOf(steps))
	p := c.in.Process
	fork := p.Step("fork")
	var lists []*List
	inside := map[string]bool{}
	for i, branch := range branches {
		l := &List{Path: "steps.fork." + string(rune('a'+i)), holder: fork}
		for _, id := range branch {
			s := p.Step(id)
			s.list, s.index = l, len(l.Steps)
			l.Steps = append(l.Steps, s)
			inside[id] = true
		}
		lists = append(lists, l)
	}
	fork.Do = kind(p, fork, lists)
	var rest []*Step
	for _, s := range p.Steps.Steps {
		if !inside[s.ID] {
			s.index = len(rest)
			rest = append(rest, s)
		}
	}
	p.Steps.Steps = rest
	c.start("li.na")
	return c
}

func parallel(_ *Process, _ *Step, lists []*List) Kind {
	k := Parallel{Join: JoinAll}
	for _, l := range lists {
		k.Branches = append(k.Branches, Branch{ID: l.Path, Steps: l})
	}
	return k
}

const forked = `
  - {id: fork, set: {note: "x"}}
  - {id: sales, approve: Sales, by: {user: sun.wei}, due: 1 working day, late: [{at: due, tell: [holder]}]}
  - {id: money, approve: Money, by: [{user: he.jing}, {user: guo.yan}], mode: first}
  - {id: goods, approve: Goods, by: {user: xu.lei}}
  - {id: next, approve: Next, by: {user: zhou.min}, not_same_as: [sales]}
`

func TestADecisionIsTakenBackWhileItsRoundIsOpen(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: `+three+`, mode: all, due: 1 working day, late: [{at: due, tell: [holder]}]}
  - {id: next, task: Next, by: initiator}
`)
	due, task := c.due("ask"), c.task("ask", "sun.wei")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("he.jing", EventApprove, "ask"))
	c.pass("2026-11-23 11:00")
	refused(t, c.try(Event{Kind: EventTakeBack, By: "he.jing", Task: task}), CodeNotYourTask)
	refused(t, c.try(Event{Kind: EventTakeBack, By: "admin", Admin: true, Task: task, Comment: "x"}), CodeNotYourTask)
	refused(t, c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: c.task("ask", "xu.lei")}), CodeUnknownOutcome)
	c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: task}))
	require.Equal(t, []string{"ask:sun.wei", "ask:xu.lei"}, c.open(), "his vote alone is gone")
	require.Equal(t, 1, c.in.State.Open[0].Round, "the same round")
	require.Equal(t, due, c.due("ask"), "his limit stands")
	require.Equal(t, "he.jing", c.in.State.Actors["ask"])
	require.Len(t, c.entries("taken_back"), 1)
	c.pass("2026-11-24 18:00")
	require.Equal(t, 1, c.told("sun.wei", "late"), "and so do his reminders")
	refused(t, c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: task}), CodeTaskClosed)
	c.must(c.act("xu.lei", EventApprove, "ask"))
	c.must(c.act("sun.wei", EventReject, "ask", saying("no")))
	require.Equal(t, Rejected, c.in.State.Outcome)
}

func TestADecisionIsNotTakenBackAfterSomethingFollowed(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: in_turn}
  - {id: next, approve: Next, by: {user: he.jing}}
`)
	first := c.task("ask")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.opens("zhou.min", "ask")
	r := refused(t, c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: first}), CodeTaskClosed)
	require.Equal(t, "sun.wei", r.Decided.By, "the next in turn has opened it")
	second := c.task("ask")
	c.must(c.act("zhou.min", EventApprove, "ask"))
	c.opens("he.jing", "next")
	refused(t, c.try(Event{Kind: EventTakeBack, By: "zhou.min", Task: second}), CodeTaskClosed)
	last := c.task("next")
	c.must(c.act("he.jing", EventApprove, "next"))
	refused(t, c.try(Event{Kind: EventTakeBack, By: "he.jing", Task: last}), CodeCaseEnded)
}

func TestADecisionThatAskedAddedPeopleIsNotTakenBack(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: all}
`)
	sun := c.task("ask", "sun.wei")
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedAfter, "he.jing")))
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBefore, "xu.lei", "guo.yan")))
	xu, guo := c.task("ask", "xu.lei"), c.task("ask", "guo.yan")
	c.must(c.act("xu.lei", EventReject, "ask", saying("no")))
	c.must(c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: xu}))
	xu = c.task("ask", "xu.lei")
	c.must(c.act("xu.lei", EventApprove, "ask"))
	c.must(c.act("guo.yan", EventApprove, "ask"))
	c.opensTask("sun.wei", sun)
	for who, task := range map[string]string{"xu.lei": xu, "guo.yan": guo} {
		refused(t, c.try(Event{Kind: EventTakeBack, By: who, Task: task}), CodeTaskClosed)
	}
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.opensTask("he.jing", c.task("ask", "he.jing"))
	refused(t, c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sun}), CodeTaskClosed)
}

func TestWhoIsAddedAtATaskTakenBackStaysAddedThere(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: all_opinions}
`)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBeside, "xu.lei")))
	c.must(c.act("xu.lei", EventAdd, "ask", adding(AddedBefore, "he.jing")))
	c.must(c.act("he.jing", EventApprove, "ask"))
	xu := c.task("ask", "xu.lei")
	c.must(c.act("xu.lei", EventApprove, "ask"))
	c.must(c.try(Event{Kind: EventTakeBack, By: "xu.lei", Task: xu}))
	require.Equal(t, c.task("ask", "xu.lei"), c.in.State.Open[0].Seats[3].Added.Seat)
}

func TestInABranchADecisionIsTakenBackWhileTheOthersRun(t *testing.T) {
	t.Parallel()
	c := grouped(t, forked, parallel, []string{"sales"}, []string{"money"}, []string{"goods"})
	require.Equal(t, []string{"sales:sun.wei", "money:he.jing", "money:guo.yan", "goods:xu.lei"}, c.open())
	sales, money, other := c.task("sales"), c.task("money", "he.jing"), c.task("money", "guo.yan")
	c.must(c.act("sun.wei", EventApprove, "sales"))
	c.must(c.act("he.jing", EventApprove, "money"))
	require.Equal(t, []string{"goods:xu.lei"}, c.open())
	r := refused(t, c.try(Event{Kind: EventApprove, By: "sun.wei", Task: sales}), CodeTaskClosed)
	require.Equal(t, "sun.wei", r.Decided.By)
	r = refused(t, c.try(Event{Kind: EventApprove, By: "guo.yan", Task: other}), CodeTaskClosed)
	require.Equal(t, "he.jing", r.Decided.By, "whose task was void is told who decided")
	refused(t, c.try(Event{Kind: EventTakeBack, By: "guo.yan", Task: other}), CodeUnknownOutcome)

	c.must(c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sales}))
	require.Equal(t, []string{"goods:xu.lei", "sales:sun.wei"}, c.open())
	require.Equal(t, "2026-11-24 18:00", c.due("sales"))
	require.NotNil(t, c.wakeAt, "its alarms are armed again")
	require.Equal(t, "open", c.in.State.Steps[1].Status)
	require.Empty(t, c.in.State.Actors["sales"])
	c.must(c.try(Event{Kind: EventTakeBack, By: "he.jing", Task: money}))
	require.Equal(t, []string{"goods:xu.lei", "sales:sun.wei", "money:he.jing", "money:guo.yan"}, c.open(), "who was void because of it is asked again")
	require.Equal(t, 2, c.told("guo.yan", "opened"))
	require.Empty(t, c.in.State.Rounds)

	c.must(c.act("xu.lei", EventApprove, "goods"))
	c.must(c.act("guo.yan", EventApprove, "money"))
	sales = c.task("sales")
	c.must(c.act("sun.wei", EventApprove, "sales"))
	require.Equal(t, []string{"next:zhou.min"}, c.open())
	require.Empty(t, c.in.State.Rounds, "the join has gone on")
	c.opens("zhou.min", "next")
	refused(t, c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sales}), CodeTaskClosed)
	require.Equal(t, 1, len(c.in.State.Scopes))
}

func TestInABranchADecisionIsNotTakenBackWhenTheBranchWentOn(t *testing.T) {
	t.Parallel()
	c := grouped(t, forked, parallel, []string{"sales", "money"}, []string{"goods"})
	sales := c.task("sales")
	c.must(c.act("sun.wei", EventApprove, "sales"))
	c.opens("he.jing", "money")
	refused(t, c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sales}), CodeTaskClosed)
}

func TestAReturnOutOfABranchForgetsWhatCouldBeTakenBack(t *testing.T) {
	t.Parallel()
	c := grouped(t, forked, parallel, []string{"sales"}, []string{"goods"})
	c.in.Process.Step("goods").Ways[Returned] = &Way{Go: "fork"}
	sales := c.task("sales")
	c.must(c.act("sun.wei", EventApprove, "sales"))
	require.Len(t, c.in.State.Rounds, 1)
	c.must(c.act("xu.lei", EventReturn, "goods", saying("again")))
	require.Empty(t, c.in.State.Rounds)
	refused(t, c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sales}), CodeTaskClosed)
	c.must(c.act("xu.lei", EventReject, "goods", saying("no")))
	refused(t, c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sales}), CodeCaseEnded)
}

func TestEachItemHasItsOwnVotesAddedPeopleAndTakingBack(t *testing.T) {
	t.Parallel()
	c := grouped(t, `
  - {id: fork, set: {items: record.items}}
  - {id: one, approve: One, by: [{user: sun.wei}, {user: he.jing}], mode: in_turn}
  - {id: two, approve: Two, by: {user: xu.lei}}
  - {id: next, task: Next, by: initiator}
`, func(_ *Process, fork *Step, lists []*List) Kind {
		return Each{Over: fork.Do.(Set).Fields[0].Value, As: "x", Steps: lists[0]}
	}, []string{"one", "two"})
	task := func(step, item string) func(*Event) {
		for _, o := range c.in.State.Open {
			if o.Step == step && o.Item == item {
				return onTask(o.Seats[len(o.Seats)-1].Task)
			}
		}
		t.Fatalf("no open %s of %s: %v", step, item, c.open())
		return nil
	}
	require.Equal(t, []string{"one:sun.wei", "one:sun.wei"}, c.open())
	c.must(c.act("sun.wei", EventAdd, "one", task("one", "x"), adding("", "guo.yan"), atStep("two")))
	for _, item := range []string{"x", "y"} {
		c.must(c.act("sun.wei", EventApprove, "one", task("one", item)))
		c.must(c.act("he.jing", EventApprove, "one", task("one", item)))
	}
	require.Equal(t, []string{"two:xu.lei", "two:guo.yan", "two:xu.lei"}, c.open(), "added for the item x only")
	y := task("two", "y")
	c.must(c.act("xu.lei", EventApprove, "two", y))
	require.Equal(t, []string{"two:xu.lei", "two:guo.yan"}, c.open())
	c.must(c.act("xu.lei", EventTakeBack, "two", y))
	require.Equal(t, []string{"two:xu.lei", "two:guo.yan", "two:xu.lei"}, c.open())
	require.Equal(t, "y", c.in.State.Open[1].Item)
	c.must(c.act("xu.lei", EventApprove, "two", task("two", "y")))
	c.must(c.act("guo.yan", EventApprove, "two", task("two", "x")))
	c.must(c.act("xu.lei", EventApprove, "two"))
	require.Equal(t, []string{"next:li.na"}, c.open())
	require.Empty(t, c.in.State.Rounds)
}

func TestARemovalInsideABranchClosesItAlone(t *testing.T) {
	t.Parallel()
	c := grouped(t, forked, parallel, []string{"sales"}, []string{"goods"})
	c.must(c.act("sun.wei", EventAdd, "sales", adding(AddedBeside, "guo.yan")))
	sales := onTask(c.task("sales", "sun.wei"))
	c.must(c.act("sun.wei", EventApprove, "sales"))
	c.must(c.act("sun.wei", EventRemove, "sales", these("guo.yan"), sales))
	require.Equal(t, []string{"goods:xu.lei"}, c.open())
	c.must(c.act("sun.wei", EventTakeBack, "goods", sales))
	require.Equal(t, []string{"goods:xu.lei", "sales:sun.wei"}, c.open(), "who was removed stays removed")
}

func TestADecisionThatClosedAStageIsNotTakenBack(t *testing.T) {
	t.Parallel()
	c := grouped(t, forked, func(p *Process, fork *Step, lists []*List) Kind {
		stage := &Step{ID: "stage", Kind: "stage", Do: Stage{Steps: lists[0]}}
		around := &List{Path: "steps.fork.stage", Steps: []*Step{stage}, holder: fork}
		stage.list, lists[0].holder = around, stage
		p.byID["stage"] = stage
		return parallel(p, fork, []*List{around, lists[1]})
	}, []string{"sales"}, []string{"goods"})
	sales := c.task("sales")
	c.must(c.act("sun.wei", EventApprove, "sales"))
	require.Equal(t, []string{"goods:xu.lei"}, c.open())
	refused(t, c.try(Event{Kind: EventTakeBack, By: "sun.wei", Task: sales}), CodeTaskClosed)
}

// Who has given an opinion and is then asked instead of whoever wanted it has two seats: the answer at the one is taken back, the opinion for nobody isn't. The
// reference says so, too.
func TestWhoIsAskedInsteadOfWhoWantedTheirOpinionTakesTheirAnswerBack(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: one, approve: One, by: {user: sun.wei}, if_none: {to: {user: he.jing}}}
  - {id: two, approve: Two, by: {user: xu.lei}}
`)
	c.must(c.act("sun.wei", EventAdd, "one", adding(AddedBefore, "he.jing")))
	opinion := c.task("one", "he.jing")
	c.must(c.act("he.jing", EventApprove, "one"))
	c.must(c.act("admin", EventRemove, "one", saying("not theirs")))
	answer := c.task("one", "he.jing")
	c.must(c.act("he.jing", EventApprove, "one"))
	require.Equal(t, []string{"two:xu.lei"}, c.open())
	refused(t, c.try(Event{Kind: EventTakeBack, By: "he.jing", Task: opinion}), CodeTaskClosed)
	c.must(c.try(Event{Kind: EventTakeBack, By: "he.jing", Task: answer}))
	require.Equal(t, []string{"one:he.jing"}, c.open())

	chain := &reference.Chain{Initiator: "li.na", Steps: []*reference.Step{
		{ID: "one", Kind: reference.Approve, Who: []string{"sun.wei"}, Nobody: "he.jing", Back: reference.Initiator},
		{ID: "two", Kind: reference.Approve, Who: []string{"xu.lei"}, Nobody: "hold", Back: reference.Initiator},
	}}
	acts := []reference.Act{
		{Do: "add", By: "sun.wei", Step: "one", Whom: "sun.wei", People: []string{"he.jing"}, Where: AddedBefore},
		{Do: "approve", By: "he.jing", Step: "one", Whom: "he.jing"},
		{Do: "remove", By: "admin", Admin: true, Step: "one", Whom: "sun.wei"},
		{Do: "approve", By: "he.jing", Step: "one", Whom: "he.jing"},
	}
	back := reference.Act{Do: "take back", By: "he.jing", Step: "one", Whom: "he.jing"}
	require.True(t, reference.After(chain, append(slices.Clone(acts), back)).Refused, "the opinion")
	back.Nth = 1
	after := reference.After(chain, append(slices.Clone(acts), back))
	require.False(t, after.Refused)
	require.Equal(t, []string{"one he.jing"}, after.Tasks)
}
