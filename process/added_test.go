package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func adding(where string, people ...string) func(*Event) {
	return func(e *Event) { e.Where, e.People, e.Comment = where, people, "please look" }
}
func inMode(mode string) func(*Event)  { return func(e *Event) { e.Mode = mode } }
func atStep(step string) func(*Event)  { return func(e *Event) { e.Step = step } }
func onTask(task string) func(*Event)  { return func(e *Event) { e.Task = task } }
func these(ids ...string) func(*Event) { return func(e *Event) { e.People = ids } }

const oneAsked = `
  - {id: ask, approve: Ask, by: {user: sun.wei}, due: 1 working day}
  - {id: next, task: Next, by: initiator}
`

func TestABeforeAddedOpinionReturnsToTheAdderAndNeverEndsTheCase(t *testing.T) {
	t.Parallel()
	for _, opinion := range []EventKind{EventApprove, EventReject} {
		c := smallCase(t, oneAsked)
		due := c.due("ask")
		c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBefore, "he.jing")))
		require.Equal(t, []string{"ask:sun.wei", "ask:he.jing"}, c.open())
		require.Equal(t, []string{"he.jing"}, c.in.State.WaitsFor(c.task("ask", "sun.wei")))
		r := refused(t, c.act("sun.wei", EventApprove, "ask"), CodeNotYourTask)
		require.Contains(t, r.Message.EN, "he.jing", "the refusal says who is asked")
		refused(t, c.act("he.jing", EventReturn, "ask", saying("x")), CodeUnknownOutcome)
		c.must(c.act("he.jing", opinion, "ask", saying("careful")))
		require.Equal(t, []string{"ask:sun.wei"}, c.open())
		require.Equal(t, due, c.due("ask"), "the adder's limit stands")
		require.Empty(t, c.in.State.WaitsFor(c.task("ask")))
		require.Equal(t, true, c.entries("decided")[0].Data["opinion"])
		require.Equal(t, 2, c.told("sun.wei", "opened"), "told that the opinion is in")
		require.Empty(t, c.in.State.Actors, "an opinion decides nothing")
		c.must(c.act("sun.wei", EventApprove, "ask"))
		require.Equal(t, []string{"next:li.na"}, c.open())
		require.Equal(t, "sun.wei", c.in.State.Actors["ask"])
	}
}

func TestSeveralAddedBeforeAreAskedFirstAllOrInTurn(t *testing.T) {
	t.Parallel()
	c := smallCase(t, oneAsked)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBefore, "he.jing", "xu.lei"), inMode(ModeFirst)))
	c.must(c.act("xu.lei", EventReject, "ask", saying("no")))
	require.Equal(t, []string{"ask:sun.wei"}, c.open(), "one opinion is enough")
	require.Len(t, c.entries("voided"), 1)

	c = smallCase(t, oneAsked)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBefore, "he.jing", "xu.lei")))
	c.must(c.act("xu.lei", EventReject, "ask", saying("no")))
	require.Equal(t, []string{"ask:sun.wei", "ask:he.jing"}, c.open(), "all opinions are waited for, a refusal is one")
	refused(t, c.act("sun.wei", EventApprove, "ask"), CodeNotYourTask)
	c.must(c.act("he.jing", EventApprove, "ask"))
	c.must(c.act("sun.wei", EventApprove, "ask"))

	c = smallCase(t, oneAsked)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBefore, "he.jing", "xu.lei"), inMode(ModeInTurn)))
	require.Equal(t, []string{"ask:sun.wei", "ask:he.jing"}, c.open())
	c.must(c.act("he.jing", EventReject, "ask", saying("no")))
	require.Equal(t, []string{"ask:sun.wei", "ask:xu.lei"}, c.open())
	refused(t, c.act("sun.wei", EventApprove, "ask"), CodeNotYourTask)
	c.must(c.act("xu.lei", EventApprove, "ask"))
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"next:li.na"}, c.open())
}

func TestAnAfterAddedPersonIsAskedOnceTheAdderAgreed(t *testing.T) {
	t.Parallel()
	after := func() *trial {
		c := smallCase(t, oneAsked)
		c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedAfter, "he.jing", "xu.lei"), inMode(ModeInTurn)))
		require.Equal(t, []string{"ask:sun.wei"}, c.open())
		return c
	}
	c := after()
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:he.jing"}, c.open())
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, []string{"ask:xu.lei"}, c.open())
	c.must(c.act("xu.lei", EventApprove, "ask"))
	require.Equal(t, []string{"next:li.na"}, c.open())

	c = after()
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("he.jing", EventReject, "ask", saying("no")))
	require.Equal(t, Rejected, c.in.State.Outcome)

	c = after()
	c.must(c.act("sun.wei", EventReject, "ask", saying("no")))
	require.Equal(t, Rejected, c.in.State.Outcome)
	require.Zero(t, c.told("he.jing", "opened"), "a refusal needs no confirmation")
}

func TestABesideAddedPersonIsAnotherSeatAndCountsInAll(t *testing.T) {
	t.Parallel()
	c := smallCase(t, oneAsked)
	c.must(c.act("sun.wei", EventAdd, "ask", adding("", "he.jing")))
	require.Equal(t, []string{"ask:sun.wei", "ask:he.jing"}, c.open())
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:he.jing"}, c.open())
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, []string{"next:li.na"}, c.open())

	c = smallCase(t, oneAsked)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBeside, "he.jing", "xu.lei"), inMode(ModeFirst)))
	c.must(c.act("xu.lei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:sun.wei"}, c.open(), "the first of them answers for both")
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"next:li.na"}, c.open())
}

func TestAddedPeopleVoteButDoNotCountInARatiosBase(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: ask, approve: Ask, by: ` + three + `, mode: {votes: {need: 2/3}}}
  - {id: next, task: Next, by: initiator}
`
	c := smallCase(t, steps)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBeside, "zhou.min", "guo.yan")))
	c.must(c.act("zhou.min", EventApprove, "ask"))
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"next:li.na"}, c.open(), "two of three, as before: the base is still three")

	c = smallCase(t, steps)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBeside, "zhou.min")))
	c.must(c.act("sun.wei", EventReject, "ask", saying("no")))
	c.must(c.act("he.jing", EventReject, "ask", saying("no")))
	require.Equal(t, Running, c.in.State.Status, "with the added vote two can still be reached")
	c.must(c.act("xu.lei", EventReject, "ask", saying("no")))
	require.Equal(t, Rejected, c.in.State.Outcome)
}

func TestAddedPeopleAddOthers(t *testing.T) {
	t.Parallel()
	c := smallCase(t, oneAsked)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBefore, "he.jing")))
	c.must(c.act("he.jing", EventAdd, "ask", adding(AddedBefore, "xu.lei")))
	c.must(c.act("he.jing", EventAdd, "ask", adding(AddedAfter, "guo.yan")))
	c.must(c.act("xu.lei", EventAdd, "ask", adding(AddedBeside, "zhao.qiang")))
	require.Equal(t, []string{"ask:sun.wei", "ask:he.jing", "ask:xu.lei", "ask:zhao.qiang"}, c.open())
	refused(t, c.act("he.jing", EventApprove, "ask"), CodeNotYourTask)
	c.must(c.act("xu.lei", EventReject, "ask", saying("no")))
	refused(t, c.act("he.jing", EventApprove, "ask"), CodeNotYourTask)
	c.must(c.act("zhao.qiang", EventApprove, "ask"))
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, []string{"ask:sun.wei", "ask:guo.yan"}, c.open(), "an opinion that was to be confirmed isn't in yet")
	refused(t, c.act("sun.wei", EventApprove, "ask"), CodeNotYourTask)
	c.must(c.act("guo.yan", EventReject, "ask", saying("no")))
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"next:li.na"}, c.open())
}

func TestInTurnWaitsForThoseAddedAfterAndBeside(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: in_turn}
`)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedAfter, "he.jing")))
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBeside, "xu.lei")))
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:xu.lei", "ask:he.jing"}, c.open())
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, []string{"ask:xu.lei"}, c.open())
	c.must(c.act("xu.lei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:zhou.min"}, c.open())
}

func TestFirstIsDecidedOnlyWhenTheAnswerIsConfirmed(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: first}
`)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedAfter, "he.jing")))
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:zhou.min", "ask:he.jing"}, c.open())
	c.must(c.act("he.jing", EventReject, "ask", saying("no")))
	require.Equal(t, Rejected, c.in.State.Outcome)
}

func TestWhoMayBeAddedAndByWhom(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: work, task: Work, by: {user: chen.bo}}
  - {id: ask, approve: Ask, by: [{role: finance}, {user: sun.wei}], mode: all, not_same_as: [work], if_initiator: skip}
  - {id: last, task: Last, by: initiator}
`)
	refused(t, c.act("chen.bo", EventAdd, "work", adding("", "xu.lei")), CodeUnknownOutcome)
	c.must(c.act("chen.bo", EventComplete, "work"))
	c.company.leave("zhao.qiang")
	before := c.in.State
	sun := onTask(c.task("ask", "sun.wei"))
	refused(t, c.act("xu.lei", EventAdd, "ask", adding("", "zhou.min"), sun), CodeNotYourTask)
	for what, ev := range map[string]func(*Event){
		"there is no active":    adding("", "zhao.qiang"),
		"is asked at this step": adding("", "he.jing"),
		"kept from this step":   adding("", "chen.bo"),
		"the initiator":         adding("", "li.na"),
		"already":               adding("", "xu.lei", "xu.lei"),
		"say whom":              adding(""),
		"before, after or":      adding("above", "xu.lei"),
	} {
		require.Contains(t, refused(t, c.act("sun.wei", EventAdd, "ask", ev), CodeFieldInvalid).Message.EN, what)
	}
	refused(t, c.act("sun.wei", EventAdd, "ask", adding("", "xu.lei", "zhou.min"), inMode("votes")), CodeFieldInvalid)
	require.Equal(t, before, c.in.State, "nothing was changed")

	c.in.Process.Step("ask").Form.May = []string{"return"}
	refused(t, c.act("sun.wei", EventAdd, "ask", adding("", "xu.lei")), CodeForbidden)
	c.in.Process.Step("ask").Form.May = []string{"return", "add"}
	c.must(c.act("guo.yan", EventAdd, "ask", adding(AddedBefore, "xu.lei")))
	require.Equal(t, []string{"ask:guo.yan", "ask:sun.wei", "ask:xu.lei"}, c.open(), "who acts on a seat of several fills it")
	c.must(c.act("admin", EventAdd, "ask", adding(AddedAfter, "zhou.min"), sun))
	require.Equal(t, []string{"please look", "please look"}, []string{c.entries("added")[0].Comment, c.entries("added")[1].Comment})
}

func TestAddedPeopleFillInNothing(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string]Code{"": "", "first": CodeFieldRequired} {
		by := "{user: sun.wei}"
		if mode != "" {
			by = "[{user: sun.wei}, {user: zhou.min}], mode: " + mode
		}
		c := smallCase(t, `
  - {id: ask, approve: Ask, by: `+by+`, edit: {note: required}}
`)
		c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBeside, "he.jing")))
		refused(t, c.act("he.jing", EventApprove, "ask", filling(Fields{"note": "x"})), CodeFieldNotWritable)
		if want != "" {
			refused(t, c.act("he.jing", EventApprove, "ask"), want)
			continue
		}
		c.must(c.act("he.jing", EventApprove, "ask"))
		refused(t, c.act("sun.wei", EventApprove, "ask"), CodeFieldRequired)
		c.must(c.act("sun.wei", EventApprove, "ask", filling(Fields{"note": "x"})))
		require.Equal(t, Approved, c.in.State.Outcome)
	}
}

func TestPeopleAreAddedToAStepNotReachedYet(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: before, approve: Before, by: {user: wang.fang}}
  - {id: ask, approve: Ask, by: {user: sun.wei}}
  - {id: later, approve: Later, by: [{user: zhou.min}, {user: he.jing}], mode: in_turn}
  - {id: work, task: Work, by: initiator}
`)
	c.must(c.act("wang.fang", EventApprove, "before"))
	for _, step := range []string{"before", "work", "nowhere"} {
		refused(t, c.act("sun.wei", EventAdd, "ask", adding("", "xu.lei"), atStep(step)), CodeFieldInvalid)
	}
	refused(t, c.act("sun.wei", EventAdd, "ask", adding(AddedBefore, "xu.lei"), atStep("later")), CodeFieldInvalid)
	c.must(c.act("sun.wei", EventAdd, "ask", adding("", "xu.lei", "guo.yan"), atStep("later")))
	refused(t, c.act("sun.wei", EventAdd, "ask", adding("", "guo.yan"), atStep("later")), CodeFieldInvalid)
	require.Equal(t, []string{"ask:sun.wei"}, c.open())
	refused(t, c.act("sun.wei", EventRemove, "ask", these("zhou.min"), atStep("later")), CodeFieldInvalid)
	c.must(c.act("sun.wei", EventRemove, "ask", these("guo.yan"), atStep("later")))
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"later:zhou.min"}, c.open())
	c.must(c.act("zhou.min", EventApprove, "later"))
	c.must(c.act("he.jing", EventApprove, "later"))
	require.Equal(t, []string{"later:xu.lei"}, c.open(), "asked last")
	refused(t, c.act("xu.lei", EventAdd, "later", adding("", "guo.yan"), atStep("ask")), CodeFieldInvalid)
	c.must(c.act("xu.lei", EventApprove, "later"))
	require.Equal(t, []string{"work:li.na"}, c.open())
}

func TestAStepThatWouldAskNobodyAsksWhoWasAdded(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: {user: sun.wei}}
  - {id: later, approve: Later, by: {field: owner}, if_initiator: skip}
`)
	c.must(c.act("sun.wei", EventAdd, "ask", adding("", "xu.lei"), atStep("later")))
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"later:xu.lei"}, c.open())
}

func TestOnlyWhoHasNotAnsweredIsRemoved(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: all}
  - {id: next, task: Next, by: initiator}
`)
	sun := onTask(c.task("ask", "sun.wei"))
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBeside, "he.jing", "xu.lei")))
	c.must(c.act("he.jing", EventApprove, "ask"))
	r := refused(t, c.act("sun.wei", EventRemove, "ask", these("he.jing")), CodeTaskClosed)
	require.Equal(t, "he.jing", r.Decided.By)
	refused(t, c.act("zhou.min", EventRemove, "ask", these("xu.lei")), CodeForbidden)
	refused(t, c.act("sun.wei", EventRemove, "ask", these("zhou.min")), CodeForbidden)
	refused(t, c.act("sun.wei", EventRemove, "ask", these("guo.yan")), CodeFieldInvalid)
	refused(t, c.act("admin", EventRemove, "ask", these("zhou.min"), sun), CodeCommentRequired)
	c.must(c.act("admin", EventRemove, "ask", these("zhou.min"), sun, saying("on leave")))
	require.Equal(t, []string{"ask:sun.wei", "ask:xu.lei"}, c.open())
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("sun.wei", EventRemove, "ask", these("xu.lei"), sun))
	require.Equal(t, []string{"next:li.na"}, c.open(), "all who are left have agreed: the step is certain and closes")
	require.Len(t, c.entries("removed"), 2)
}

func TestRemovingABeforeAddedPersonGivesTheTaskBack(t *testing.T) {
	t.Parallel()
	c := smallCase(t, oneAsked)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBefore, "he.jing")))
	c.must(c.act("he.jing", EventAdd, "ask", adding(AddedBefore, "xu.lei")))
	c.must(c.act("sun.wei", EventRemove, "ask", these("he.jing")))
	require.Equal(t, []string{"ask:sun.wei"}, c.open(), "who was added at the removed seat goes with it")
	require.Len(t, c.entries("voided"), 1)
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"next:li.na"}, c.open())
}

func TestWithoutPeopleItIsTheSeatItselfThatIsRemoved(t *testing.T) {
	t.Parallel()
	c := smallCase(t, oneAsked)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBeside, "he.jing")))
	he := onTask(c.task("ask", "he.jing"))
	refused(t, c.act("he.jing", EventRemove, "ask", he), CodeForbidden)
	c.must(c.act("sun.wei", EventRemove, "ask", he))
	require.Equal(t, []string{"ask:sun.wei"}, c.open())
	refused(t, c.act("sun.wei", EventRemove, "ask", he), CodeTaskClosed)
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("li.na", EventComplete, "next"))
	refused(t, c.try(Event{Kind: EventRemove, By: "admin", Admin: true, Task: "c1.1", Comment: "x"}), CodeCaseEnded)
}

func TestAWaitingPersonIsRemoved(t *testing.T) {
	t.Parallel()
	c := smallCase(t, oneAsked)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedAfter, "he.jing")))
	c.must(c.act("sun.wei", EventRemove, "ask", these("he.jing")))
	require.Empty(t, c.in.State.Open[0].Turn)
	c.must(c.act("sun.wei", EventApprove, "ask"))
	require.Equal(t, []string{"next:li.na"}, c.open())
}

func TestRemovingTheLastVoterIsNobodyFound(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]func(*trial){
		"hold":                  func(c *trial) { require.Equal(t, []string{"ask:admin"}, c.open()) },
		"skip":                  func(c *trial) { require.Equal(t, []string{"next:li.na"}, c.open()) },
		"reject":                func(c *trial) { require.Equal(t, Rejected, c.in.State.Outcome) },
		"{to: {user: he.jing}}": func(c *trial) { require.Equal(t, []string{"ask:he.jing"}, c.open()) },
	} {
		c := smallCase(t, `
  - {id: ask, approve: Ask, by: {user: sun.wei}, if_none: `+rule+`}
  - {id: next, task: Next, by: initiator}
`)
		c.must(c.act("admin", EventRemove, "ask", these("sun.wei"), saying("left")))
		want(c)
	}
}

func TestWhoseAnswerNobodyWaitsForIsLetGo(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: zhou.min}], mode: all_opinions}
`)
	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedBeside, "he.jing", "xu.lei"), inMode(ModeFirst)))
	c.must(c.act("he.jing", EventAdd, "ask", adding(AddedAfter, "guo.yan", "zhao.qiang")))
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, []string{"ask:sun.wei", "ask:zhou.min", "ask:xu.lei", "ask:guo.yan", "ask:zhao.qiang"}, c.open())
	c.must(c.act("xu.lei", EventApprove, "ask"))
	require.Equal(t, []string{"ask:sun.wei", "ask:zhou.min"}, c.open(), "the first of the two has answered: nobody needs to confirm the other")

	c.must(c.act("sun.wei", EventAdd, "ask", adding(AddedAfter, "guo.yan", "zhao.qiang")))
	c.must(c.act("sun.wei", EventApprove, "ask"))
	c.must(c.act("guo.yan", EventReject, "ask", saying("no")))
	require.Equal(t, []string{"ask:zhou.min"}, c.open(), "one of those asked after has refused: the others needn't answer")
	c.must(c.act("zhou.min", EventApprove, "ask"))
	require.Equal(t, Rejected, c.in.State.Outcome)
}

func TestWhoWasAddedBeforehandIsNotInTheBaseEither(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: first, approve: First, by: {user: wang.fang}}
  - {id: ask, approve: Ask, by: `+three+`, mode: {votes: {need: 2/3}}}
  - {id: next, task: Next, by: initiator}
`)
	c.must(c.act("wang.fang", EventAdd, "first", adding("", "zhou.min", "guo.yan"), atStep("ask")))
	c.must(c.act("wang.fang", EventApprove, "first"))
	require.Len(t, c.open(), 5)
	c.must(c.act("he.jing", EventApprove, "ask"))
	c.must(c.act("zhou.min", EventApprove, "ask"))
	require.Equal(t, []string{"next:li.na"}, c.open())
}
