package process

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// foresee previews what follows an event now.
func (c *trial) foresee(ev Event) []PreviewStep {
	c.t.Helper()
	ev.At = c.now
	state, record := fmt.Sprintf("%#v", c.in.State), fmt.Sprint(c.in.Record)
	steps, err := Preview(c.in, ev)
	require.NoError(c.t, err)
	require.Equal(c.t, state, fmt.Sprintf("%#v", c.in.State), "a preview changes nothing")
	require.Equal(c.t, record, fmt.Sprint(c.in.Record))
	return steps
}

// drawn writes a preview a line a step: "?" before what isn't certain, who with the reasons, the condition, why, and when it is due.
func (c *trial) drawn(steps []PreviewStep) []string {
	var out []string
	for _, s := range steps {
		line := keyOf(s.Step, s.Item)
		for _, p := range s.Who {
			line += fmt.Sprintf(" %s(%s)", p.User, p.Because.EN)
		}
		if s.If != "" {
			line += " if " + s.If
		}
		if !s.Because.Empty() {
			line += " because " + s.Because.EN
		}
		if s.DueAt != nil {
			line += " due " + s.DueAt.In(c.now.Location()).Format("01-02 15:04")
		}
		if !s.Certain {
			line = "? " + line
		}
		out = append(out, line)
	}
	return out
}

var startByLiNa = Event{Kind: EventStart, By: "li.na"}

func TestPreviewBeforeTheStart(t *testing.T) {
	t.Parallel()
	c := review(t)
	require.Equal(t, []string{
		"first-contact wang.fang(the manager of the initiator li.na) due 11-24 18:00",
		"negotiate li.na(the record's Owner) due 12-21 18:00",
		"negotiation-report wang.fang(the manager of the initiator li.na) due 11-24 18:00",
		"terms li.na(the record's Owner) due 12-07 18:00",
		"? cooperation sun.wei(role sales-director) guo.yan(role finance) he.jing(role finance) if record.credit_limit > 50万 CNY because depends on Credit limit due 11-25 18:00",
		"? cooperation sun.wei(role sales-director) if !(record.credit_limit > 50万 CNY) because depends on Credit limit due 11-25 18:00",
	}, c.drawn(c.foresee(startByLiNa)))
}

func TestPreviewInTheMiddleKnowsWhatWasFilledIn(t *testing.T) {
	t.Parallel()
	next := Event{Kind: EventTick}
	c := toTerms(t, small)
	require.Equal(t, []string{"cooperation sun.wei(role sales-director) due 11-25 18:00"}, c.drawn(c.foresee(next)))
	c = review(t)
	c.in.Record.Fields["credit_limit"] = Money{50000000, "CNY"}
	known := c.foresee(startByLiNa)
	require.True(t, known[4].Certain)
	require.Equal(t, "any one of the role finance isn't asked: Credit limit > 500,000 CNY doesn't hold, Credit limit: 500,000.00 CNY", known[4].Because.EN)
	require.Equal(t, "不问角色 finance中的任意一人：授信额度 > 50万 CNY 不成立，授信额度：500,000.00 CNY", known[4].Because.ZH)
	c = toTerms(t, large)
	c.must(c.act("sun.wei", EventApprove, "cooperation"))
	require.Equal(t, []string{"cooperation guo.yan(role finance) he.jing(role finance) due 11-25 18:00"}, c.drawn(c.foresee(next)), "who has answered isn't asked again")
	c.must(c.act("he.jing", EventReturn, "cooperation", saying("too much")))
	require.Equal(t, []string{
		"terms li.na(the record's Owner) due 12-07 18:00",
		"cooperation sun.wei(role sales-director) guo.yan(role finance) he.jing(role finance) due 11-25 18:00",
	}, c.drawn(c.foresee(next)))
	c.must(c.act("li.na", EventComplete, "terms", small))
	c.must(c.act("sun.wei", EventReject, "cooperation", saying("no")))
	require.Empty(t, c.foresee(next), "nothing comes after the end")
}

func TestPreviewSaysWhyNotTheOtherBranch(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: size, task: Size, by: initiator, edit: {note: required}}
  - {id: big, approve: Big, by: {user: sun.wei}, if: record.size > 5}
  - id: fork
    choose:
      - {when: record.size > 3, steps: [{id: many, task: Many, by: {user: xu.lei}}]}
      - {otherwise: true, steps: [{id: few, task: Few, by: {user: chen.bo}}]}
  - {id: nobody, approve: Nobody, by: {field: buyer}, if_none: skip}
  - {id: last, task: Last, by: initiator, due: 1 working day}
`
	c := begin(t, Fields{"name": "one", "owner": "li.na", "size": 4.0}, thing, chainOf(steps))
	require.Equal(t, []string{
		"size li.na(the initiator)",
		"big if record.size > 5 because size > 5 doesn't hold, size: 4",
		"fork if record.size > 3 because size > 3 holds, size: 4",
		"many xu.lei(named by the chain)",
		"nobody because nobody was found (the record's buyer); nobody had to be asked",
		"last li.na(the initiator) due 11-24 18:00",
	}, c.drawn(c.foresee(startByLiNa)))

	c = begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chainOf(strings.Replace(steps, "note: required", "size: required", 1)))
	require.Equal(t, []string{
		"size li.na(the initiator)",
		"? big sun.wei(named by the chain) if record.size > 5 because depends on size",
		"? big if !(record.size > 5) because depends on size",
		"? fork if record.size > 3 because depends on size",
		"? many xu.lei(named by the chain) if record.size > 3 because depends on size",
		"? fork if !(record.size > 3) because depends on size",
		"? few chen.bo(named by the chain) if !(record.size > 3) because depends on size",
		"nobody because nobody was found (the record's buyer); nobody had to be asked",
		"last li.na(the initiator) due 11-24 18:00",
	}, c.drawn(c.foresee(startByLiNa)))
}

func TestPreviewOfPeopleAndItemsNobodyKnowsYet(t *testing.T) {
	t.Parallel()
	order := strings.Replace(thing, "  owner:", "  parts: {type: department, many: true, of: [quality, finance]}\n  owner:", 1)
	steps := `
  - {id: choose, task: Choose, by: initiator, edit: {buyer: required, parts: required}}
  - {id: buy, task: Buy, by: {field: buyer}}
  - {id: above, approve: Above, by: {manager_of: buyer}}
  - id: all
    each: record.parts
    as: part
    steps: [{id: look, task: Look, by: {user: xu.lei}}]
  - {id: last, task: Last, by: {actor_of: choose}}
`
	c := begin(t, Fields{"name": "one", "owner": "li.na"}, order, chainOf(steps))
	require.Equal(t, []string{
		"choose li.na(the initiator)",
		"? buy (depends on buyer)",
		"? above (depends on buyer)",
		"? look@quality xu.lei(named by the chain) because depends on parts",
		"? look@finance xu.lei(named by the chain) because depends on parts",
		"last li.na(who did the step “Choose”)",
	}, c.drawn(c.foresee(startByLiNa)))
}

func TestPreviewOfWhomSomebodyWillPick(t *testing.T) {
	t.Parallel()
	c := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chainOf(`
  - {id: first, approve: First, by: {picked_by: initiator, from: {role: finance}, count: 1}}
  - {id: second, approve: Second, by: {picked_by: previous, count: 1}}
`))
	require.Equal(t, []string{"? first (depends on picks)", "? second (depends on picks)"}, c.drawn(c.foresee(startByLiNa)))
}

func TestPreviewPassesWaitsAndStopsWhereItComesRound(t *testing.T) {
	t.Parallel()
	c := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chainOf(`
  - {id: pause, wait: start of working day 3}
  - {id: ask, task: Ask, by: initiator, due: end of today, outcomes: {again: {go: pause}, yes: {end: won}}}
`))
	require.Equal(t, []string{
		"pause due 11-26 09:00",
		"ask li.na(the initiator) due 11-26 18:00",
	}, c.drawn(c.foresee(startByLiNa)))
}

func TestPreviewRefusesWhatApplyRefuses(t *testing.T) {
	t.Parallel()
	c := review(t)
	c.start("li.na")
	_, err := Preview(c.in, Event{Kind: EventStart, By: "li.na", At: c.now})
	refused(t, err, CodeAlreadyOpen)
}

// agreed lets everybody agree, and gives the tasks that were really opened: "step who due".
func (c *trial) agreed() []string {
	c.t.Helper()
	var opened []string
	note := func() {
		for _, o := range c.in.State.Open {
			for _, seat := range o.Seats {
				if line := c.line(o, seat); seat.Vote == nil && !slices.Contains(opened, line) {
					opened = append(opened, line)
				}
			}
		}
	}
	c.start("li.na")
	for note(); c.in.State.Status == Running; note() {
		o := c.in.State.Open[0]
		i := slices.IndexFunc(o.Seats, func(s Seat) bool { return s.Vote == nil })
		holders := (&machine{in: c.in}).holders(&o.Seats[i])
		kind := EventApprove
		if c.in.Process.Step(o.Step).Kind == "task" {
			kind = EventComplete
		}
		c.must(c.try(Event{Kind: kind, By: holders[len(holders)-1], Task: o.Seats[i].Task}))
	}
	slices.Sort(opened)
	return opened
}

func (c *trial) line(o Open, seat Seat) string {
	return keyOf(o.Step, o.Item) + ":" + strings.Join((&machine{in: c.in}).holders(&seat), "|")
}

// Preview is execution: for any chain without unknown inputs, the people it names are those who are really asked when everybody agrees.
func TestPreviewIsWhatReallyHappens(t *testing.T) {
	t.Parallel()
	whos := []string{"{user: sun.wei}", "{manager_of: initiator}", "initiator", "{role: finance}", "{department: quality}", "{field: buyer}, if_none: skip",
		"{field: buyer}, if_none: {to: {user: xu.lei}}", "{field: owner}, if_initiator: skip", "[{role: finance}, {user: sun.wei, if: record.size > 2}], mode: all", "[{user: chen.bo}, {user: xu.lei}], mode: first"}
	rapid.Check(t, func(r *rapid.T) {
		var steps strings.Builder
		for i := range rapid.IntRange(1, 6).Draw(r, "steps") {
			kind := rapid.SampledFrom([]string{"approve", "task"}).Draw(r, "kind")
			fmt.Fprintf(&steps, "  - {id: s%d, %s: S, by: %s, if: record.size > %d, due: %d working days}\n", i, kind, rapid.SampledFrom(whos).Draw(r, "who"),
				rapid.IntRange(0, 4).Draw(r, "more"), rapid.IntRange(1, 3).Draw(r, "days"))
		}
		steps.WriteString("  - {id: last, task: Last, by: initiator}\n")
		fields := Fields{"name": "one", "owner": "li.na", "size": float64(rapid.IntRange(1, 4).Draw(r, "size"))}
		c := begin(t, fields, thing, chainOf(steps.String()))
		var foreseen []string
		for _, s := range c.foresee(startByLiNa) {
			require.True(r, s.Certain)
			if len(s.Who) > 0 {
				foreseen = append(foreseen, s.Step)
			}
		}
		seen := map[string][]string{}
		for _, s := range c.foresee(startByLiNa) {
			for _, p := range s.Who {
				seen[s.Step] = append(seen[s.Step], p.User)
			}
		}
		really := map[string][]string{}
		for _, line := range c.agreed() {
			step, who, _ := strings.Cut(line, ":")
			really[step] = append(really[step], strings.Split(who, "|")...)
		}
		for _, people := range []map[string][]string{seen, really} {
			for step := range people {
				slices.Sort(people[step])
			}
		}
		require.Equal(r, really, seen)
		require.Len(r, foreseen, len(seen), "each step once")
	})
}
