package process

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// Semantics 4.
func TestTheSamePersonAgain(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: one, approve: One, by: {user: sun.wei}, same_again: %[1]s}
  - {id: two, approve: Two, by: {user: he.jing}, same_again: %[1]s}
  - {id: three, approve: Three, by: {role: sales-director}, same_again: %[1]s}
  - {id: four, approve: Four, by: {user: sun.wei}, same_again: %[1]s}
`
	for rule, want := range map[string][]string{
		"ask":              {"one:sun.wei", "two:he.jing", "three:sun.wei", "four:sun.wei"},
		"skip_if_approved": {"one:sun.wei", "two:he.jing"},
		"skip_if_adjacent": {"one:sun.wei", "two:he.jing", "three:sun.wei"},
		"keep_last":        {"two:he.jing", "four:sun.wei"},
	} {
		c := dealt(t, fmt.Sprintf(steps, rule), nil)
		var asked []string
		for c.in.State.Status == Running {
			asked = append(asked, c.open()...)
			seat, o := c.in.State.Open[0].Seats[0], c.in.State.Open[0]
			who := seat.Assignee
			if who == "" {
				who = "sun.wei"
			}
			c.must(c.act(who, EventApprove, o.Step))
		}
		require.Equal(t, want, asked, rule)
		require.Equal(t, Approved, c.in.State.Outcome, rule)
		said := 0
		for _, e := range c.entries("decided") {
			if e.Outcome == "passed_over" && e.For == "sun.wei" {
				require.NotEmpty(t, e.Data["zh"])
				said++
			}
		}
		require.Equal(t, 4-len(want), said, "every seat that was passed over is in the timeline")
	}
}

func TestNobodyIsPassedOverWhenTheContentHasChanged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first, last string
		change      Fields
		want        bool // asked again
	}{
		"what the first step showed":            {"show: [name, note]", "show: [name]", Fields{"note": "n"}, true},
		"what the last step shows":              {"show: [name]", "show: [name, note]", Fields{"note": "n"}, true},
		"what neither shows":                    {"show: [name, size]", "show: [name]", Fields{"note": "n"}, false},
		"nothing":                               {"show: [name]", "show: [name, note]", Fields{}, false},
		"what the last doesn't share, may have": {"show: [name]", "show: [name, size]", Fields{"note": "n"}, true},
	} {
		c := dealt(t, fmt.Sprintf(`
  - {id: one, approve: One, by: {user: sun.wei}, %s}
  - {id: work, task: Work, by: initiator, edit: {note: optional}}
  - {id: last, approve: Last, by: {user: sun.wei}, same_again: skip_if_approved, %s}
`, test.first, test.last), nil)
		c.must(c.act("sun.wei", EventApprove, "one"))
		c.must(c.act("li.na", EventComplete, "work", filling(test.change)))
		require.Equal(t, test.want, c.in.State.Status == Running, name)
	}
}

func TestTheirOwnChangeCountsAsSeen(t *testing.T) {
	t.Parallel()
	c := dealt(t, `
  - {id: one, approve: One, by: {user: sun.wei}, edit: {note: optional}}
  - {id: last, approve: Last, by: {user: sun.wei}, same_again: skip_if_approved}
`, nil)
	c.must(c.act("sun.wei", EventApprove, "one", filling(Fields{"note": "mine"})))
	require.Equal(t, Approved, c.in.State.Outcome)
}

func TestAnAgreementThatWasUndoneDoesNotCount(t *testing.T) {
	t.Parallel()
	c := dealt(t, `
  - {id: one, approve: One, by: [{user: sun.wei}, {user: he.jing}], mode: all, on: {returned: {go: fix}}}
  - {id: two, approve: Two, by: {user: sun.wei}, same_again: skip_if_approved}
  - {id: fix, aside: true, task: Fix, by: initiator, then: {go: two}}
`, nil)
	c.must(c.act("sun.wei", EventApprove, "one"))
	c.must(c.act("he.jing", EventReturn, "one", saying("no")))
	c.must(c.act("li.na", EventComplete, "fix"))
	require.Equal(t, []string{"two:sun.wei"}, c.open(), "the round was returned: its votes are void")
}

func TestAdjacentMeansTheStepBeforeInTheBranch(t *testing.T) {
	t.Parallel()
	c := dealt(t, `
  - {id: one, approve: One, by: {user: sun.wei}}
  - {id: mark, set: {size: 1}, if: record.size > 5}
  - id: both
    parallel:
      - {id: a, title: A, steps: [{id: other, approve: Other, by: {user: he.jing}}, {id: two, approve: Two, by: {user: sun.wei}, same_again: skip_if_adjacent}]}
      - {id: b, title: B, steps: [{id: three, approve: Three, by: {user: sun.wei}, same_again: skip_if_adjacent}, {id: work, task: Work, by: initiator}]}
`, nil)
	c.must(c.act("sun.wei", EventApprove, "one"))
	require.Equal(t, []string{"other:he.jing", "work:li.na"}, c.open(), "into the branch nothing stands between")
	c.must(c.act("he.jing", EventApprove, "other"))
	require.Equal(t, []string{"work:li.na", "two:sun.wei"}, c.open())
}

func TestKeepLastAsksWhereTheFutureIsNotSure(t *testing.T) {
	t.Parallel()
	one := "  - {id: one, approve: One, by: {user: sun.wei}, same_again: keep_last}\n"
	for name, test := range map[string]struct {
		rest string
		kept bool // only the last is asked
	}{
		"straight":                {"  - {id: two, approve: Two, by: {user: sun.wei}}\n", true},
		"past a notice":           {"  - {notify: N, to: initiator}\n  - {id: two, approve: Two, by: {user: sun.wei}}\n", true},
		"in a stage":              {"  - {id: s, stage: S, steps: [{id: two, approve: Two, by: {user: sun.wei}}]}\n", true},
		"in a parallel branch":    {"  - {id: p, parallel: [{id: a, title: A, steps: [{id: two, approve: Two, by: {user: sun.wei}}]}, {id: b, title: B, steps: [{id: x, task: X, by: initiator}]}]}\n", true},
		"the manager":             {"  - {id: two, approve: Two, by: [{user: he.jing}, {managers_of: initiator, up_to: top}], mode: all}\n", true},
		"behind a choice":         {"  - id: c\n    choose: [{when: record.size > 1, steps: [{id: y, task: Y, by: initiator}]}, {otherwise: true, steps: [{id: z, task: Z, by: initiator}]}]\n  - {id: two, approve: Two, by: {user: sun.wei}}\n", true},
		"a condition":             {"  - {id: two, approve: Two, by: {user: sun.wei}, if: record.size > 1}\n", false},
		"a conditional seat":      {"  - {id: two, approve: Two, by: [{user: sun.wei, if: record.size > 1}, {user: he.jing}], mode: first}\n", false},
		"in a choice":             {"  - id: c\n    choose: [{when: record.size > 1, steps: [{id: two, approve: Two, by: {user: sun.wei}}]}, {otherwise: true, steps: [{id: z, task: Z, by: initiator}]}]\n", false},
		"in a race":               {"  - {id: p, join: first, parallel: [{id: a, title: A, steps: [{id: two, approve: Two, by: {user: sun.wei}}]}, {id: b, title: B, steps: [{id: x, task: X, by: initiator}]}]}\n", false},
		"behind several ways":     {"  - {id: w, task: W, by: initiator, outcomes: {a: {}, b: {end: gone}}}\n  - {id: two, approve: Two, by: {user: sun.wei}}\n", false},
		"behind an end":           {"  - {end: gone, if: record.size > 1}\n  - {id: two, approve: Two, by: {user: sun.wei}}\n", false},
		"a task, no approval":     {"  - {id: two, task: Two, by: {user: sun.wei}}\n", false},
		"a field that may change": {"  - {id: w, task: W, by: initiator, edit: {buyer: optional}}\n  - {id: two, approve: Two, by: {field: buyer}}\n", false},
		"a field that may not":    {"  - {id: two, approve: Two, by: {field: buyer}}\n", true},
		"separation of duties":    {"  - {id: two, approve: Two, by: {user: sun.wei}, not_same_as: [one]}\n", false},
	} {
		c := dealt(t, one+test.rest, Fields{"buyer": "sun.wei"})
		require.Equal(t, !test.kept, c.in.State.Open[0].Step == "one", name)
	}
}

func TestWhatIsRememberedOfWhoAgreedIsBounded(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: one, approve: One, by: {user: sun.wei}}
  - {id: two, approve: Two, by: {user: he.jing}, same_again: skip_if_approved, on: {returned: {go: one}}}
`
	c := dealt(t, steps, nil)
	for range 200 {
		c.must(c.act("sun.wei", EventApprove, "one"))
		c.must(c.act("he.jing", EventReturn, "two", saying("again")))
	}
	require.Len(t, c.in.State.Agreed, 1)
	c = dealt(t, "  - {id: one, approve: One, by: {user: sun.wei}}\n  - {id: two, approve: Two, by: {user: he.jing}}\n", nil)
	c.must(c.act("sun.wei", EventApprove, "one"))
	require.Empty(t, c.in.State.Agreed, "nothing is kept where nobody asks for it")
	require.Empty(t, c.in.State.Deciders)
}

func TestAnAgreementInAnOpenRoundCountsWhileItStands(t *testing.T) {
	t.Parallel()
	c := dealt(t, `
  - id: both
    parallel:
      - {id: a, title: A, steps: [{id: one, approve: One, by: [{user: sun.wei}, {user: he.jing}], mode: all}]}
      - {id: b, title: B, steps: [{id: work, task: Work, by: initiator}, {id: two, approve: Two, by: {user: sun.wei}, same_again: skip_if_approved}]}
`, nil)
	c.must(c.act("sun.wei", EventApprove, "one"))
	c.must(c.act("li.na", EventComplete, "work"))
	require.Equal(t, []string{"one:he.jing"}, c.open())
}
