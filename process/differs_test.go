package process

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// foretold begins a case whose preview is kept, as the engine does.
func (c *trial) foretold() {
	c.t.Helper()
	foreseen, err := Foresee(c.in, Event{Kind: EventStart, By: "li.na", At: c.now})
	require.NoError(c.t, err)
	c.start("li.na")
	c.in.Foreseen = foreseen
}

// different writes the differences a line each: the step, what was foreseen and what there is, and the change.
func (c *trial) different() []string {
	side := func(v any) string {
		m, _ := v.(map[string]any)
		switch {
		case m == nil:
			return "nothing"
		case m["passed_over"] != nil:
			return "passed over"
		case m["opened"] != nil:
			return "opened"
		case m["branch"] != nil:
			return fmt.Sprint(m["branch"])
		}
		if at, due := m["due_at"].(time.Time); due && m["who"] == nil {
			return shownAt(c, at)
		}
		return fmt.Sprint(m["who"])
	}
	out := []string{}
	for _, e := range c.entries("differs") {
		out = append(out, fmt.Sprintf("%s: %s -> %s: %s: %s", keyOf(e.Step, e.Item), side(e.Data["foreseen"]), side(e.Data["now"]), e.Data["change"], e.Reason))
	}
	return out
}

const foretold = `
  - {id: write, task: Write, by: initiator, edit: {note: optional}}
  - {id: check, approve: Check, by: {manager_of: initiator}, due: 2 working days, on: {rejected: {go: write}, returned: {go: write}}}
  - {id: big, approve: Big, by: {user: sun.wei}, if: record.size > 5}
  - {id: money, approve: Money, by: {role: finance}, due: 1 working day}
  - {id: last, task: Last, by: {field: buyer}}
`

func foretell(t *testing.T, fields Fields) *trial {
	t.Helper()
	c := begin(t, Fields{"name": "one", "owner": "li.na", "size": 7.0, "buyer": "chen.bo"}.With(fields), thing, chainOf(foretold))
	c.foretold()
	return c
}

// finish lets everybody agree, in the order of a preview, and the moments come that are waited for.
func (c *trial) finish() {
	c.t.Helper()
	for c.in.State.Status == Running {
		c.agree()
	}
}

// agree is the next thing that happens when everybody agrees.
func (c *trial) agree() {
	c.t.Helper()
	ev, ok := c.agreement()
	if !ok {
		ev = Event{Kind: EventTick}
		require.NotNil(c.t, c.wakeAt, "%v", c.in.State.Held)
		c.now = *c.wakeAt
	}
	c.must(c.try(ev))
}

// agreement is the answer of the first seat that is open.
func (c *trial) agreement() (Event, bool) {
	for _, o := range c.in.State.Open {
		for _, seat := range o.Seats {
			if seat.Vote != nil {
				continue
			}
			kind := EventApprove
			if c.in.Process.Step(o.Step).Kind == "task" {
				kind = EventComplete
			}
			return Event{Kind: kind, By: (&machine{in: c.in, at: c.now}).holders(&seat)[0], Task: seat.Task, Comment: "yes", Admin: seat.Vacant}, true
		}
	}
	return Event{}, false
}

func TestWhatHappensAsForeseenDiffersInNothing(t *testing.T) {
	t.Parallel()
	c := foretell(t, nil)
	c.must(c.act("li.na", EventComplete, "write"))
	c.pass("2026-12-03 10:00") // later than foreseen is as foreseen: it depends on people
	c.finish()
	require.Empty(t, c.different())
	require.Nil(t, c.in.Foreseen, "nothing is kept of a case that has ended")
}

// Everything was down for days: the step opened and went up its ladder in one event. Nobody was named otherwise than foreseen.
func TestWhatWasLateBeforeAnybodyWasAskedIsNoDifference(t *testing.T) {
	t.Parallel()
	c := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chainOf(`
  - {id: pause, wait: 1 working day}
  - {id: ask, approve: Ask, by: {user: li.na}, due: 1 working day, late: [{at: due, tell: [holder]}, {after: 1 working day, hand_up: true}]}
`))
	c.foretold()
	c.now = c.now.AddDate(0, 0, 9)
	c.must(c.try(Event{Kind: EventTick}))
	require.NotEmpty(t, c.entries("handed_up"))
	require.Empty(t, c.different())
}

func TestADifferenceNamesTheChange(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(c *trial)
		want   []string
	}{
		"somebody has left": {func(c *trial) { c.company.leave("wang.fang") },
			[]string{"check: [wang.fang] -> [sun.wei]: left: wang.fang has left"}},
		"one of a role has left": {func(c *trial) { c.company.leave("guo.yan") },
			[]string{"money: [guo.yan he.jing] -> [he.jing]: left: guo.yan has left"}},
		"somebody is away": {func(c *trial) { c.in.Absences = away{"sun.wei": "zhou.min"} },
			[]string{"big: [sun.wei] -> [zhou.min]: absent: sun.wei is away"}},
		"a new manager": {func(c *trial) { p := c.company.people["li.na"]; p.Manager = "zhou.min"; c.company.people["li.na"] = p },
			[]string{"check: [wang.fang] -> [zhou.min]: directory: by the organisation as it is now: the manager of the initiator li.na"}},
		"a field says who": {func(c *trial) { c.in.Record.Fields["buyer"] = "xu.lei" },
			[]string{"last: [chen.bo] -> [xu.lei]: field: “buyer” has changed"}},
		"a field says whether": {func(c *trial) { c.in.Record.Fields["size"] = 2.0 },
			[]string{"big: [sun.wei] -> passed over: field: “size” has changed"}},
		"working time": {func(c *trial) { c.publish(Holiday{"2026-11-24", "stocktaking", true}) },
			[]string{"check: 2026-11-25 18:00 -> 2026-11-26 18:00: calendar: working time has changed", "money: 2026-11-24 18:00 -> 2026-11-25 18:00: calendar: working time has changed"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := foretell(t, nil)
			test.change(c)
			c.finish()
			require.Equal(t, test.want, c.different())
		})
	}
}

func TestADifferenceShowsBothSides(t *testing.T) {
	t.Parallel()
	c := foretell(t, nil)
	c.in.Record.Fields["buyer"] = "xu.lei"
	c.finish()
	found := c.entries("differs")
	require.Len(t, found, 1)
	require.Equal(t, map[string]any{
		"change": "field", "zh": "“buyer”已修改", "changed": map[string]any{"buyer": map[string]any{"from": "chen.bo", "to": "xu.lei"}},
		"foreseen": map[string]any{"who": []string{"chen.bo"}}, "now": map[string]any{"who": []string{"xu.lei"}}, "people": []string{"chen.bo", "xu.lei"},
	}, found[0].Data)
}

// What people decide stands in the timeline itself, and what nobody could know was foreseen as alternatives.
func TestWhatPeopleDoIsNoDifference(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(c *trial){
		"a return":         func(c *trial) { c.must(c.act("wang.fang", EventReturn, "check", saying("again"))) },
		"a rejection":      func(c *trial) { c.must(c.act("wang.fang", EventReject, "check", saying("no"))) },
		"somebody added":   func(c *trial) { c.must(c.act("wang.fang", EventAdd, "check", adding(AddedBeside, "xu.lei"))) },
		"a task handed on": func(c *trial) { c.must(c.act("wang.fang", EventTransfer, "check", to("xu.lei"), saying("yours"))) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := foretell(t, nil)
			c.must(c.act("li.na", EventComplete, "write"))
			do(c)
			c.finish()
			require.Empty(t, c.different())
		})
	}
}

func TestWhoeverOfSeveralActsIsNoDifference(t *testing.T) {
	t.Parallel()
	c := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chainOf(`
  - {id: money, approve: Money, by: {role: finance}}
  - {id: only, approve: Only, by: {user: sun.wei}}
  - {id: again, task: Again, by: {actor_of: money}}
  - {id: other, approve: Other, by: {role: finance}, not_same_as: [money]}
  - {id: last, task: Last, by: {actor_of: only}}
`))
	c.foretold()
	c.must(c.act("he.jing", EventApprove, "money"))
	c.must(c.act("sun.wei", EventTransfer, "only", to("xu.lei"), saying("yours")))
	c.finish()
	require.Empty(t, c.different())
}

func TestAlternativesThatWereForeseenAreNoDifference(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: fill, task: Fill, by: initiator, edit: {size: required, buyer: required}}
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {role: finance, if: record.size > 5}], mode: all}
  - {id: fork, choose: [{when: record.size > 3, steps: [{id: many, task: Many, by: {user: xu.lei}}]}, {otherwise: true, steps: [{id: few, task: Few, by: {user: chen.bo}}]}]}
  - {id: buy, task: Buy, by: {field: buyer}}
`
	for _, size := range []float64{1, 4, 9} {
		c := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chainOf(steps))
		c.foretold()
		c.must(c.act("li.na", EventComplete, "fill", filling(Fields{"size": size, "buyer": "guo.yan"})))
		c.finish()
		require.Empty(t, c.different(), size)
	}
	c := begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chainOf(steps))
	c.foretold()
	c.company.leave("xu.lei")
	c.in.Absences = away{"sun.wei": "zhou.min"}
	c.must(c.act("li.na", EventComplete, "fill", filling(Fields{"size": 9.0, "buyer": "guo.yan"})))
	c.must(c.act("zhou.min", EventApprove, "ask"))
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, []string{"ask: [guo.yan he.jing sun.wei] -> [guo.yan he.jing zhou.min]: absent: sun.wei is away", "many: [xu.lei] -> [admin]: left: xu.lei has left"}, c.different())
}

// What is left open at the start, and needn't be filled in, is an alternative too.
func TestWhatMayBeFilledInIsNoDifference(t *testing.T) {
	t.Parallel()
	order := strings.Replace(thing, "  owner:", "  parts: {type: department, many: true, of: [quality, finance]}\n  owner:", 1)
	for _, fields := range []Fields{{}, {"buyer": "guo.yan", "parts": []any{"quality"}, "size": 3.0}} {
		c := begin(t, Fields{"name": "one", "owner": "li.na"}, order, chainOf(`
  - {id: fill, task: Fill, by: initiator, edit: {buyer: optional, parts: optional, size: optional}, outcomes: {on: {}, also: {}}}
  - {id: buy, task: Buy, by: {field: buyer}, if_none: skip}
  - {id: all, each: record.parts, as: part, steps: [{id: look, task: Look, by: {user: xu.lei}}]}
  - {id: rate, decide: rate}
  - {id: big, approve: Big, by: {user: sun.wei}, if: decided.big}
  - {id: other, task: Other, by: initiator, if: outcome_of(fill) == "also"}
`), "table: rate\ninput: {size: record.size}\noutput: {big: yes_no}\nhit: first\nrows:\n  - {when: {size: \"> 2\"}, then: {big: true}}\n  - {then: {big: false}}\n")
		c.foretold()
		c.must(c.act("li.na", EventComplete, "fill", choosing("also"), filling(fields)))
		c.finish()
		require.Empty(t, c.different())
	}
}

func TestAnotherWayIsSaidOnce(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: ask, task: Ask, by: initiator}
  - id: fork
    choose:
      - {when: record.size > 3, steps: [{id: many, task: Many, by: {user: xu.lei}}, {id: more, task: More, by: {user: sun.wei}}]}
      - {otherwise: true, steps: [{id: few, task: Few, by: {user: chen.bo}}]}
  - {id: extra, if: record.size > 5, stage: Extra, steps: [{id: one, task: One, by: initiator}, {id: two, task: Two, by: initiator}]}
  - {id: last, task: Last, by: initiator}
`
	run := func(before, after float64) []string {
		c := begin(t, Fields{"name": "one", "owner": "li.na", "size": before}, thing, chainOf(steps))
		c.foretold()
		c.in.Record.Fields["size"] = after
		c.finish()
		return c.different()
	}
	require.Equal(t, []string{"fork: record.size > 3 -> otherwise: field: “size” has changed", "extra: opened -> passed over: field: “size” has changed"}, run(9, 1))
	require.Equal(t, []string{"fork: otherwise -> record.size > 3: field: “size” has changed", "extra: passed over -> opened: field: “size” has changed"}, run(1, 9))
	require.Empty(t, run(6, 7), "another value that changes nothing")
}

func TestOtherItemsAreADifferenceEach(t *testing.T) {
	t.Parallel()
	order := strings.Replace(thing, "  owner:", "  parts: {type: department, many: true, of: [quality, finance, sales]}\n  owner:", 1)
	c := begin(t, Fields{"name": "one", "owner": "li.na", "parts": []any{"quality", "finance"}}, order, chainOf(`
  - {id: ask, task: Ask, by: initiator}
  - {id: all, each: record.parts, as: part, steps: [{id: look, task: Look, by: {user: xu.lei}}, {id: then, task: Then, by: {user: sun.wei}}]}
`))
	c.foretold()
	c.in.Record.Fields["parts"] = []any{"quality", "sales"}
	c.finish()
	require.Equal(t, []string{
		"look@finance: [xu.lei] -> nothing: field: “parts” has changed", "then@finance: [sun.wei] -> nothing: field: “parts” has changed",
		"look@sales: nothing -> [xu.lei]: field: “parts” has changed", "then@sales: nothing -> [sun.wei]: field: “parts” has changed",
	}, c.different())
}

// What was foreseen is kept beside the state: it survives being written and read, and a case without it, as one of an older release, just goes on.
func TestWhatWasForeseenIsKeptBesideTheState(t *testing.T) {
	t.Parallel()
	c := foretell(t, nil)
	raw, err := json.Marshal(c.in.Foreseen)
	require.NoError(t, err)
	require.Less(t, len(raw), 1000)
	var read Foreseen
	require.NoError(t, json.Unmarshal(raw, &read))
	without := c.in
	without.Foreseen = nil
	c.in.Foreseen = &read
	c.company.leave("guo.yan")
	c.must(c.act("li.na", EventComplete, "write"))
	c.finish()
	require.Equal(t, []string{"money: [guo.yan he.jing] -> [he.jing]: left: guo.yan has left"}, c.different())
	res, err := Apply(without, Event{Kind: EventComplete, By: "li.na", Task: "c1.1", At: c.now})
	require.NoError(t, err)
	require.Nil(t, res.Foreseen)
}
