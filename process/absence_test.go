package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Semantics 14.
func TestASubstituteStandsInForWhoIsAway(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		away away
		want []string
		who  string // whom the seat stands in for
	}{
		"nobody is away":            {away{"xu.lei": "chen.bo"}, []string{"ask:wang.fang"}, ""},
		"a substitute":              {away{"wang.fang": "chen.bo"}, []string{"ask:chen.bo"}, "wang.fang"},
		"a chain":                   {away{"wang.fang": "chen.bo", "chen.bo": "xu.lei"}, []string{"ask:xu.lei"}, "wang.fang"},
		"nobody stands in":          {away{"wang.fang": ""}, []string{"ask:admin"}, ""},
		"a chain that ends in none": {away{"wang.fang": "chen.bo", "chen.bo": ""}, []string{"ask:admin"}, ""},
		"a circle":                  {away{"wang.fang": "chen.bo", "chen.bo": "wang.fang"}, []string{"ask:admin"}, ""},
		"somebody who has left":     {away{"wang.fang": "gone.now"}, []string{"ask:admin"}, ""},
	} {
		c := dealing(t, "  - {id: ask, approve: Ask, by: {manager_of: initiator}}\n", nil)
		c.in.Absences = test.away
		c.start("li.na")
		require.Equal(t, test.want, c.open(), name)
		require.Equal(t, test.who, c.in.State.Open[0].Seats[0].For, name)
	}
}

func TestBothNamesStandInTheTimeline(t *testing.T) {
	t.Parallel()
	c := dealing(t, "  - {id: ask, approve: Ask, by: {manager_of: initiator}}\n", nil)
	c.in.Absences = away{"wang.fang": "chen.bo"}
	c.start("li.na")
	opened := c.entries("opened")[0]
	require.Equal(t, "chen.bo", opened.For)
	require.Equal(t, "wang.fang", opened.Data["for"])
	require.Equal(t, []string{"上级主管（发起人 li.na 的上级）；代 wang.fang 办理"}, c.why("zh"))
	for _, e := range c.effects {
		if e, ok := e.(OpenTask); ok {
			require.Equal(t, "wang.fang", e.Task.For)
		}
	}
	refused(t, c.act("wang.fang", EventApprove, "ask"), CodeNotYourTask)
	c.must(c.act("chen.bo", EventApprove, "ask"))
	decided := c.entries("decided")[0]
	require.Equal(t, []string{"chen.bo", "wang.fang"}, []string{decided.By, decided.For})
}

func TestAbsentMembersOfASetAreActedForByTheirSubstitutes(t *testing.T) {
	t.Parallel()
	steps := "  - {id: ask, approve: Ask, by: {role: finance}}\n"
	c := dealing(t, steps, nil)
	c.in.Absences = away{"he.jing": "xu.lei"}
	c.start("li.na")
	require.Equal(t, []string{"ask:guo.yan|he.jing|xu.lei"}, c.open())
	c.must(c.act("xu.lei", EventApprove, "ask"))
	require.Equal(t, "he.jing", c.entries("decided")[0].For)

	c = dealing(t, steps, nil)
	c.in.Absences = away{"he.jing": "", "guo.yan": "he.jing"}
	c.start("li.na")
	require.Equal(t, []string{"ask:admin"}, c.open(), "nobody of them is there")

	c = dealing(t, "  - {id: ask, approve: Ask, by: {role: finance, everyone: true}, mode: all}\n", nil)
	c.in.Absences = away{"he.jing": "guo.yan"}
	c.start("li.na")
	require.Equal(t, []string{"ask:guo.yan"}, c.open(), "one person is one seat, also for somebody else")
	require.Equal(t, []string{"role finance; role finance; stands in for he.jing"}, c.why("en"))
}

func TestSeparationOfDutiesBindsSubstitutesToo(t *testing.T) {
	t.Parallel()
	steps := "  - {id: work, task: Work, by: {user: chen.bo}}\n  - {id: ask, approve: Ask, by: {user: wang.fang}, not_same_as: [work]}\n"
	c := dealing(t, steps, nil)
	c.in.Absences = away{"wang.fang": "chen.bo"}
	c.start("li.na")
	c.must(c.act("chen.bo", EventComplete, "work"))
	require.Equal(t, []string{"ask:admin"}, c.open(), "who did the work can't agree to it for somebody else")

	c = dealing(t, "  - {id: work, task: Work, by: {user: chen.bo}}\n  - {id: ask, approve: Ask, by: {user: chen.bo}, not_same_as: [work]}\n", nil)
	c.start("li.na")
	c.must(c.act("chen.bo", EventComplete, "work", func(*Event) { c.in.Absences = away{"chen.bo": "xu.lei"} }))
	require.Equal(t, []string{"ask:admin"}, c.open(), "nor send another in their place")
}

func TestTheInitiatorStandsInForNobodyWhereTheyMayNotDecide(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string]string{"ask": "ask:li.na", "skip": "ask:admin", "{to: {user: sun.wei}}": "ask:sun.wei"} {
		c := dealing(t, "  - {id: ask, approve: Ask, by: {manager_of: initiator}, if_initiator: "+rule+"}\n", nil)
		c.in.Absences = away{"wang.fang": "li.na"}
		c.start("li.na")
		require.Equal(t, []string{want}, c.open(), rule)
	}
}

func TestASetThatOnlyOneOfTheOthersCanFillIsTheirSeat(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: [{role: sales-director}, {managers_of: initiator, up_to: {level: 2}}], mode: all}\n", nil)
	require.Equal(t, []string{"ask:sun.wei", "ask:wang.fang"}, c.open())
	require.Equal(t, "role sales-director; manager 2 above the initiator li.na", c.why("en")[0])
}

// Semantics 15: effective at once for every open question "who".
func TestSeatsOfWhoLeavesAreFilledAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		by, rules string
		leaves    string
		want      []string
	}{
		"the next above":          {"{manager_of: initiator}", "", "wang.fang", []string{"ask:sun.wei"}},
		"a row loses one":         {"{managers_of: initiator, up_to: top}", "mode: all", "sun.wei", []string{"ask:wang.fang", "ask:zhou.min"}},
		"a set":                   {"{role: sales-director}", "", "sun.wei", []string{"ask:admin"}},
		"nobody: hold":            {"{user: sun.wei}", "", "sun.wei", []string{"ask:admin"}},
		"nobody: skip":            {"{user: sun.wei}", "if_none: skip", "sun.wei", []string{"next:chen.bo"}},
		"nobody: skip one of two": {"[{user: sun.wei}, {user: he.jing}]", "mode: all, if_none: skip", "sun.wei", []string{"ask:he.jing"}},
		"nobody: to":              {"{user: sun.wei}", "if_none: {to: {user: he.jing}}", "sun.wei", []string{"ask:he.jing"}},
		"nobody: reject":          {"[{user: sun.wei}, {user: he.jing}]", "mode: all, if_none: reject", "sun.wei", []string{}},
		"somebody else":           {"{user: sun.wei}", "", "he.jing", []string{"ask:sun.wei"}},
	} {
		rules := test.rules
		if rules == "" {
			rules = "if_none: hold"
		}
		c := dealt(t, "  - {id: ask, approve: Ask, due: 2 working days, by: "+test.by+", "+rules+"}\n  - {id: next, task: Next, by: {user: chen.bo}}\n", nil)
		c.company.leave(test.leaves)
		c.must(c.try(Event{Kind: EventPeople}))
		require.Equal(t, test.want, c.open(), name)
		if len(test.want) == 0 {
			require.Equal(t, Rejected, c.in.State.Outcome, name)
		}
	}
}

func TestATaskChangesHandsWhenItsPersonGoesAway(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: {manager_of: initiator}, due: 2 working days}\n", nil)
	due, task := c.due("ask"), c.task("ask")
	c.pass("2026-11-24 09:00")
	c.in.Absences = away{"wang.fang": "chen.bo"}
	c.must(c.try(Event{Kind: EventPeople}))
	require.Equal(t, []string{"ask:chen.bo"}, c.open())
	require.Equal(t, due, c.due("ask"), "the limit stands")
	require.Equal(t, task, c.task("ask"))
	moved := c.entries("transferred")[0]
	require.Equal(t, []string{"wang.fang", "chen.bo", "wang.fang", "is away or has left"}, []string{moved.For, moved.Data["to"].(string), moved.Data["for"].(string), moved.Reason})
	require.Equal(t, 1, c.told("chen.bo", "transferred"))

	c.in.Absences = away{"chen.bo": "xu.lei"}
	c.must(c.try(Event{Kind: EventPeople}))
	require.Equal(t, []string{"ask:wang.fang"}, c.open(), "the rule is asked again: the manager is back, their substitute has gone")
}

func TestAStepThatIsDecidedByWhoIsLeftCloses(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: he.jing}], mode: all, if_none: skip}\n", nil)
	c.must(c.act("he.jing", EventApprove, "ask"))
	c.company.leave("sun.wei")
	c.must(c.try(Event{Kind: EventPeople}))
	require.Equal(t, Approved, c.in.State.Outcome)
}

func TestAClaimedTaskOfWhoLeavesIsOpenToTheOthers(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: work, task: Work, by: {department: quality}, claim: true}\n", nil)
	c.must(c.act("xu.lei", EventClaim, "work"))
	c.company.leave("xu.lei")
	c.must(c.try(Event{Kind: EventPeople}))
	require.Equal(t, []string{"work:zhao.qiang"}, c.open())
	require.True(t, c.in.State.Open[0].Seats[0].Claim)
	c.must(c.act("zhao.qiang", EventClaim, "work"))
}

func TestWhatWasHandedUpGoesFurtherUp(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: {manager_of: initiator}, due: 1 working day, late: [{at: due, hand_up: true}]}\n", nil)
	c.pass("2026-11-24 18:00")
	require.Equal(t, []string{"ask:sun.wei"}, c.open())
	c.company.leave("sun.wei")
	c.must(c.try(Event{Kind: EventPeople}))
	require.Equal(t, []string{"ask:zhou.min"}, c.open(), "not back to who was late")
}

func TestALateTaskIsHandedUpToWhoStandsIn(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: {manager_of: initiator}, due: 1 working day, late: [{at: due, hand_up: true}]}\n", nil)
	c.in.Absences = away{"sun.wei": "he.jing"}
	c.pass("2026-11-24 18:00")
	require.Equal(t, []string{"ask:he.jing"}, c.open())
	require.Equal(t, "sun.wei", c.in.State.Open[0].Seats[0].For)
}

func TestPeopleOfAHeldCaseChangeToo(t *testing.T) {
	t.Parallel()
	c := dealt(t, `
  - id: both
    parallel:
      - {id: one, title: One, steps: [{id: ask, approve: Ask, by: {user: sun.wei}, if_none: skip}]}
      - {id: two, title: Two, steps: [{id: work, task: Work, by: {user: he.jing}}, {id: write, set: {note: "x"}}]}
`, nil)
	c.in.Broken = map[string]Text{"write": Same("refused")}
	c.must(c.act("he.jing", EventComplete, "work"))
	require.NotNil(t, c.in.State.Held)
	c.company.leave("sun.wei")
	c.must(c.try(Event{Kind: EventPeople}))
	require.Equal(t, []string{"ask:admin"}, c.open(), "nothing goes on while it is held, and nothing is left with the leaver")
}

// Semantics 13.
func TestATaskIsHandedOver(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: {manager_of: initiator}, due: 2 working days, if_initiator: skip}\n", nil)
	due := c.due("ask")
	refused(t, c.act("wang.fang", EventTransfer, "ask", to("sun.wei")), CodeCommentRequired)
	refused(t, c.act("chen.bo", EventTransfer, "ask", to("sun.wei"), saying("x")), CodeNotYourTask)
	refused(t, c.act("wang.fang", EventTransfer, "ask", to(""), saying("x")), CodeFieldRequired)
	for _, who := range []string{"wang.fang", "nobody.here", "li.na"} {
		r := refused(t, c.act("wang.fang", EventTransfer, "ask", to(who), saying("x")), CodeFieldInvalid)
		require.Equal(t, "to", r.Fields[0].Field, who)
	}
	c.in.Absences = away{"he.jing": "wang.fang", "guo.yan": ""}
	for _, who := range []string{"he.jing", "guo.yan"} {
		refused(t, c.act("wang.fang", EventTransfer, "ask", to(who), saying("x")), CodeFieldInvalid)
	}
	c.must(c.act("wang.fang", EventTransfer, "ask", to("sun.wei"), saying("your customer")))
	require.Equal(t, []string{"ask:sun.wei"}, c.open())
	require.Equal(t, due, c.due("ask"), "the limit stands")
	e := c.entries("transferred")[0]
	require.Equal(t, []any{"wang.fang", "your customer", "sun.wei"}, []any{e.By, e.Reason, e.Data["to"]})
	require.Equal(t, 1, c.told("sun.wei", "transferred"))
	refused(t, c.act("wang.fang", EventApprove, "ask"), CodeNotYourTask)
	c.must(c.act("sun.wei", EventApprove, "ask"))
}

func TestATaskIsHandedOverToWhoStandsIn(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: {manager_of: initiator}}\n", nil)
	c.in.Absences = away{"sun.wei": "he.jing"}
	c.must(c.act("wang.fang", EventTransfer, "ask", to("sun.wei"), saying("x")))
	require.Equal(t, []string{"ask:he.jing"}, c.open())
	require.Equal(t, "sun.wei", c.in.State.Open[0].Seats[0].For)
}

func TestOnePersonIsOneSeatAlsoByHandingOver(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: he.jing}], mode: all}\n", nil)
	refused(t, c.act("sun.wei", EventTransfer, "ask", to("he.jing"), saying("x")), CodeFieldInvalid)
	c.must(c.act("he.jing", EventApprove, "ask"))
	refused(t, c.act("sun.wei", EventTransfer, "ask", to("he.jing"), saying("x")), CodeFieldInvalid)
	refused(t, c.act("admin", EventAssign, "ask", to("he.jing"), saying("x")), CodeFieldInvalid)
	c.must(c.act("sun.wei", EventTransfer, "ask", to("zhou.min"), saying("x")))
}

func TestATaskIsHandedToSomebody(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: {role: finance}}\n", nil)
	for _, by := range []struct {
		who  string
		kind EventKind
	}{{"he.jing", EventTransfer}, {"admin", EventAssign}} {
		r := refused(t, c.act(by.who, by.kind, "ask", saying("x")), CodeFieldRequired)
		require.Equal(t, "to", r.Fields[0].Field)
	}
}

func TestOnlyTheClaimerHandsOver(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: work, task: Work, by: {department: quality}, claim: true}\n", nil)
	refused(t, c.act("xu.lei", EventTransfer, "work", to("he.jing"), saying("x")), CodeNotYourTask)
	c.must(c.act("xu.lei", EventClaim, "work"))
	refused(t, c.act("zhao.qiang", EventTransfer, "work", to("he.jing"), saying("x")), CodeNotYourTask)
	c.must(c.act("xu.lei", EventTransfer, "work", to("he.jing"), saying("x")))
	require.Equal(t, []string{"work:he.jing"}, c.open())
}

func TestHandingOverWhereTheChainDoesNotAllowIt(t *testing.T) {
	t.Parallel()
	c := dealt(t, "  - {id: ask, approve: Ask, by: {role: finance}}\n", nil)
	c.in.Process.Step("ask").Form.May = []string{"add"}
	refused(t, c.act("he.jing", EventTransfer, "ask", to("sun.wei"), saying("x")), CodeForbidden)
	c.in.Process.Step("ask").Form.May = []string{"transfer"}
	c.must(c.act("he.jing", EventTransfer, "ask", to("sun.wei"), saying("x")))
	require.Equal(t, []string{"ask:sun.wei"}, c.open(), "one of several who may act hands it on for all")
}
