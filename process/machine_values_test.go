package process

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

const valuesRecords = `record: member
fields:
  name:   {type: text}
  points: {type: number, at_least: 0}
  level:  {type: choice, of: [gold, plain]}
  worth:  {type: number, is: record.points * 2}
  club:   {type: reference, to: club}
---
record: club
fields:
  budget: {type: money, at_least: 0 CNY}
---
record: order
fields:
  member:   {type: reference, to: member}
  lines:    {type: lines, of: {quantity: {type: number}, price: {type: money}}}
  amount:   {type: money, is: sum of record.lines.quantity * record.lines.price}
  tax:      {type: money, is: record.amount * 6%}
  points:   {type: number}
  stock:    {type: number, at_least: 0}
  severity: {type: choice, of: [A, B, C], default: B}
  approver: {type: person}
  note:     {type: text}
  owner:    {type: person, default: creator}
`

var memberShelf = shelf{
	"m1": {Type: "member", ID: "m1", Fields: Fields{"points": 10.0, "worth": 20.0, "club": Reference{Type: "club", ID: "k1"}}},
	"k1": {Type: "club", ID: "k1", Fields: Fields{"budget": yuan(100)}},
}

// orderCase starts a case about an order of member m1.
func orderCase(t *testing.T, steps string, more Fields, documents ...string) *trial {
	t.Helper()
	fields := Fields{"member": Reference{Type: "member", ID: "m1"}, "owner": "li.na", "points": 4.0, "stock": 5.0, "severity": "B"}.With(more)
	chain := "process: sale\nrecord: order\nsubject: \"{record.member.name} {record.amount}\"\nstart: {by: [role:sales]}\nsteps:\n" + steps
	c := begin(t, fields, append([]string{valuesRecords, chain}, documents...)...)
	c.in.Records = memberShelf
	c.start("li.na")
	return c
}

func (c *trial) others() []ChangeOther {
	var out []ChangeOther
	for _, e := range c.effects {
		if e, ok := e.(ChangeOther); ok {
			out = append(out, e)
		}
	}
	return out
}

func TestSetAlongAReference(t *testing.T) {
	t.Parallel()
	c := orderCase(t, `
  - set: {record.member.points: "- record.points"}
  - set: {record.member.points: + 1, record.member.level: gold, record.member.club.budget: "- 30 CNY"}
  - {id: look, task: Look, by: initiator, if: record.member.points == 7 && record.member.worth == 14}
`, nil)
	member := Reference{Type: "member", ID: "m1"}
	require.Equal(t, []ChangeOther{
		{Record: member, Fields: map[string]any{"points": 6.0, "worth": 12.0}, Was: map[string]any{"points": 10.0, "worth": 20.0}, Step: "set-1"},
		{Record: member, Fields: map[string]any{"points": 7.0, "worth": 14.0}, Was: map[string]any{"points": 6.0, "worth": 12.0}, Step: "set-2"},
		{Record: member, Fields: map[string]any{"level": "gold"}, Was: map[string]any{"level": nil}, Step: "set-2"},
		{Record: Reference{Type: "club", ID: "k1"}, Fields: map[string]any{"budget": yuan(70)}, Was: map[string]any{"budget": yuan(100)}, Step: "set-2"},
	}, c.others())
	require.Equal(t, []string{"look:li.na"}, c.open(), "later expressions see what was changed")
	require.Equal(t, map[string]any{"member.points": 6.0}, c.entries("changed")[0].Data)
}

func TestAFloorHoldsTheCaseAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	for steps, want := range map[string]string{
		`{note: first, record.member.points: "- record.points * 3"}`: "points: it can't be less than 0 (it would become -2)",
		`{note: first, stock: "- 6"}`:                                "stock: it can't be less than 0 (it would become -1)",
		`{note: first, stock: record.points - 5}`:                    "record.points - 5: stock: it can't be less than 0",
		`{note: first, record.member.club.budget: "- 101 CNY"}`:      "budget: it can't be less than 0.00 CNY (it would become -1.00 CNY)",
		`{note: first, record.member.club.budget: "- 1 USD"}`:        "budget: CNY and USD can't be added",
	} {
		c := orderCase(t, "\n  - {id: it, set: "+steps+"}\n", nil)
		require.NotNil(t, c.in.State.Held, steps)
		require.Equal(t, want, c.in.State.Held.Reason.EN)
		require.Equal(t, "it", c.in.State.Held.Step)
		require.Empty(t, c.others(), "either all is written or nothing")
		require.NotContains(t, c.in.Record.Fields, "note")
	}
}

func TestAlongAReferenceThatLeadsNowhere(t *testing.T) {
	t.Parallel()
	steps := "\n  - set: {record.member.points: + 1}\n"
	c := orderCase(t, steps, Fields{"member": nil})
	require.Equal(t, "`record.member` is empty: there is no record to change", c.in.State.Held.Reason.EN)
	c = orderCase(t, steps, Fields{"member": Reference{Type: "member", ID: "m9"}})
	require.Equal(t, "the record (member) that `record.member` points at can't be found", c.in.State.Held.Reason.EN)
	c.in.Record.Fields["member"] = Reference{Type: "member", ID: "m1"}
	c.must(c.try(Event{Kind: EventResume, By: "admin", Admin: true, Comment: "put right"}))
	require.Equal(t, Ended, c.in.State.Status)
	require.Len(t, c.others(), 1)
}

func TestComputedFieldsChangeAlong(t *testing.T) {
	t.Parallel()
	c := orderCase(t, `
  - id: fill
    task: Fill
    by: initiator
    edit: {lines: required}
  - {id: big, task: Big, by: initiator, if: record.amount > 100 CNY && record.tax == 12 CNY}
`, Fields{"lines": []map[string]any{{"quantity": 1.0, "price": yuan(50)}}})
	require.Equal(t, yuan(50), c.in.Record.Fields["amount"], "brought up to date at the start")
	c.must(c.act("li.na", EventComplete, "fill", filling(Fields{"lines": []map[string]any{{"quantity": 2.0, "price": yuan(100)}, {"quantity": 1.0}}})))
	require.Equal(t, []string{"big:li.na"}, c.open())
	require.Equal(t, yuan(200), c.in.Record.Fields["amount"])
	require.Equal(t, yuan(12), c.in.Record.Fields["tax"])
}

func TestBeforeIsTheStartOfTheCase(t *testing.T) {
	t.Parallel()
	c := orderCase(t, `
  - {id: fill, task: Fill, by: initiator, edit: {points: required}}
  - {id: more, task: More, by: initiator, if: record.points > before.points && before.member == record.member && before.member.points == 10}
`, nil)
	require.JSONEq(t, `{"points": 4, "member": {"type": "member", "id": "m1"}}`, string(c.in.State.Before), "only what is asked for")
	c.must(c.act("li.na", EventComplete, "fill", filling(Fields{"points": 9.0})))
	require.Equal(t, []string{"more:li.na"}, c.open())
}

const handling = `table: handling
title: {zh: 处理, en: Handling}
input: {severity: record.severity, amount: record.amount}
output: {limit: duration, who: person, rate: percent}
hit: first
rows:
  - {when: {severity: A}, then: {limit: 4 working hours, who: sun.wei, rate: 15%}}
  - {when: {severity: [B, C], amount: "100 CNY..500 CNY"}, then: {limit: 1 working day, who: he.jing, rate: 10%}}
  - {when: {severity: [B, C], amount: "> 500 CNY"}, then: {limit: 2 working days, who: zhou.min, rate: 5%}}
`

func priced(n int64) Fields {
	return Fields{"lines": []map[string]any{{"quantity": 1.0, "price": yuan(n)}}}
}

func TestDecideAsksATable(t *testing.T) {
	t.Parallel()
	steps := `
  - {id: ask, decide: handling}
  - set: {approver: decided.who}
  - {id: work, task: "Work", by: {field: approver}, if: decided.rate == 10%}
`
	c := orderCase(t, steps, priced(100), handling)
	require.Equal(t, []string{"work:he.jing"}, c.open())
	entry := c.entries("decided")[0]
	require.Equal(t, "handling", entry.Data["table"])
	require.Equal(t, 8, entry.Data["line"])
	limit, _ := ParseLimit("1 working day")
	require.Equal(t, map[string]any{"limit": limit, "who": "he.jing", "rate": 10.0}, entry.Data["outputs"])
	require.JSONEq(t, `{"limit": "1 working day", "who": "he.jing", "rate": 10}`, string(c.in.State.Decided))

	m := newMachine(c.in, Event{At: c.now})
	require.Equal(t, limit, m.env(1).Decided("limit"), "typed again from the state")
	got, err := c.in.Process.Tables["handling"].Limit(m.env(1))
	require.NoError(t, err)
	require.Equal(t, limit, got)

	c = orderCase(t, steps, priced(99), handling)
	require.Equal(t, "no row of the table handling applies: severity: B, amount: 99.00 CNY", c.in.State.Held.Reason.EN)
	require.Equal(t, "ask", c.in.State.Held.Step)
	c = orderCase(t, steps, Fields{"severity": "A"}, handling)
	require.Equal(t, "sun.wei", c.in.Record.Fields["approver"], "the amount doesn't matter")
	c = orderCase(t, steps, nil, handling)
	require.Equal(t, "no row of the table handling applies: severity: B, amount: –", c.in.State.Held.Reason.EN)
}

// Nobody's approval is passed over, and nobody goes without a limit, because an amount is in a currency of which the table says nothing.
func TestATableHoldsTheCaseForAnotherCurrency(t *testing.T) {
	t.Parallel()
	const limits = `
table: limits
input: {amount: record.amount}
output: {limit: duration}
hit: first
rows:
  - {when: {amount: "> 500 CNY"}, then: {limit: 2 working days}}
  - {then: {limit: 1 working day}}
`
	for name, step := range map[string]string{"decide": "  - {id: ask, decide: limits}\n", "due": "  - {id: ask, task: Ask, by: initiator, due: {table: limits}}\n"} {
		c := orderCase(t, step, Fields{"lines": []map[string]any{{"quantity": 1.0, "price": Money{100_000, "USD"}}}}, limits)
		require.NotNil(t, c.in.State.Held, name)
		require.Equal(t, "ask", c.in.State.Held.Step, name)
		require.Equal(t, "the table limits gives no answer: amount is 1,000.00 USD and line 7 asks for CNY (> 500 CNY), which are different currencies", c.in.State.Held.Reason.EN, name)
	}
}

func TestATableInItsStep(t *testing.T) {
	t.Parallel()
	c := orderCase(t, `
  - id: ask
    decide:
      input: {many: record.points > 3}
      output: {note: text}
      rows: [{when: {many: yes}, then: {note: plenty}}, {when: {many: no}, then: {note: few}}]
  - {id: tell, notify: Told, to: initiator, message: "{decided.note} of {before.points}"}
  - {id: wait, task: Wait, by: initiator}
`, nil)
	require.Equal(t, "plenty of 4", c.tells[0].Text.EN[:len("plenty of 4")])
}

// What was decided for one item of an `each` isn't what was decided for another.
func TestOutputsAreKeptPerItem(t *testing.T) {
	t.Parallel()
	c := orderCase(t, "\n  - {id: ask, decide: handling}\n  - {id: work, task: Work, by: initiator}\n", priced(100), handling)
	m := newMachine(c.in, Event{At: c.now})
	m.keepOutputs("a", map[string]any{"who": "xu.lei"})
	m.keepOutputs("b/1", map[string]any{"who": "sun.wei", "rate": 1.0})
	raw, err := json.Marshal(m.st)
	require.NoError(t, err)
	c.in.State = State{}
	require.NoError(t, json.Unmarshal(raw, &c.in.State))
	m = newMachine(c.in, Event{At: c.now})
	for item, want := range map[string]any{"a": "xu.lei", "a/2": "xu.lei", "b/1": "sun.wei", "": "sun.wei", "c": "sun.wei"} {
		require.Equal(t, want, m.output("who", item), item)
	}
	require.Nil(t, m.output("nothing", "a"))
}

// An `each` runs over departments, references and lines; `$x` is the item, `$x.column` what stands in it.
func TestItemsInExpressions(t *testing.T) {
	t.Parallel()
	lib, problems := Load([]File{{Path: "r", Content: exprRecord}}, nil, nil)
	require.Empty(t, problems)
	typ := lib.Types["order"]
	item := typ.Field("wares")
	c := &chainLoader{loader: &loader{loadSet: &loadSet{lib: lib, base: NewLibrary()}}, p: &Process{Type: typ, Types: map[string]*RecordType{}}}
	at := &node{kind: nodeText, text: `$ware.n * $ware.price == 150 CNY && $ware.client.name == "x" || $client.parent.name == "海川集团" && $crew == "li.na"`}
	var e *Expr
	c.inside("client", typ.Field("clients").one(), func() {
		c.inside("crew", typ.Field("crew").one(), func() {
			c.inside("ware", item, func() { e = c.condition(at) })
		})
	})
	require.NotNil(t, e, render(c.problems, "en"))
	env := wares()
	env.Item = func(name string) any {
		return map[string]any{
			"ware": env.Record.Fields["wares"].([]map[string]any)[1], "client": Reference{Type: "client", ID: "c1"}, "crew": "li.na",
		}[name]
	}
	got, err := e.Bool(env)
	require.NoError(t, err)
	require.True(t, got)
	require.Nil(t, c.condition(&node{kind: nodeText, text: `$ware.n > 1`}), "outside of the each")
}

func TestItemsOfTheMachine(t *testing.T) {
	t.Parallel()
	over := &Expr{literal: true, constant: []map[string]any{{"name": "valve", "n": 1.0}, {"name": "pump", "n": 2.0}}}
	each := &Step{ID: "go", Do: Each{Over: over, As: "ware", Item: &Field{Type: typeLines, Key: "name"}}}
	inner := &Step{ID: "in", Do: Each{Over: &Expr{literal: true, constant: []any{Reference{ID: "c1"}}}, As: "client", Item: &Field{Type: typeReference}}}
	p := &Process{Type: &RecordType{}, byID: map[string]*Step{"go": each, "in": inner}}
	m := newMachine(Input{Process: p, Calendars: noCalendar{}, State: State{Scopes: []Scope{
		{ID: 1, At: "go"}, {ID: 2, Parent: 1, At: "in", Item: "pump"}, {ID: 3, Parent: 2, At: "x", Item: "pump/c1"},
	}}}, Event{})
	require.Equal(t, map[string]any{"name": "pump", "n": 2.0}, m.itemValue(3, "ware"))
	require.Equal(t, Reference{ID: "c1"}, m.itemValue(3, "client"))
	require.Nil(t, m.itemValue(2, "client"))
	require.Nil(t, m.itemValue(3, "other"))

	over.constant = []map[string]any{{"name": "valve"}}
	require.Nil(t, m.itemValue(3, "ware"), "a line that is gone")
	k := Each{Item: &Field{Type: typeLines}}
	require.Equal(t, map[string]any{"n": 2.0}, k.find([]map[string]any{{"n": 1.0}, {"n": 2.0}}, "2"), "lines without a key go by their place")
	k = Each{Item: &Field{Type: typeDepartment}}
	require.Equal(t, "sales", k.find([]any{"quality"}, "sales"), "a text is its own key")
}

func TestRelativeChangesOfTheRecord(t *testing.T) {
	t.Parallel()
	c := orderCase(t, "\n  - set: {points: + 3, stock: \"- before.points\"}\n  - set: {points: \"- record.member.club.budget / 50 CNY\"}\n", nil, "# nothing\nrecord: spare\nfields: {x: {type: text}}\n")
	require.Equal(t, 5.0, c.in.Record.Fields["points"])
	require.Equal(t, 1.0, c.in.Record.Fields["stock"])
}

// A text may be put together, or depend on something; what is only like that stands as it is written.
func TestATextIsPutTogether(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		`"'Rev ' + record.severity"`:                      "Rev B",
		`"'[' + (record.severity + ']')"`:                 "[B]",
		`"has(record.stock) ? 'there' : record.severity"`: "there",
		`"!empty(record.stock) ? 'there' : 'not there'"`:  "there",
		`"'Rev ' + 2"`:            "'Rev ' + 2",
		`"Rev {record.severity}"`: "Rev {record.severity}",
		`has been seen`:           "has been seen",
	} {
		c := orderCase(t, "\n  - set: {note: "+value+"}\n", nil)
		require.Nil(t, c.in.State.Held, value)
		require.Equal(t, want, c.in.Record.Fields["note"], value)
	}
}

// A chain that was published when such a text was a text still is carried out.
func TestATextThatOnlyLooksPutTogetherStaysOneInAPublishedChain(t *testing.T) {
	t.Parallel()
	chain := "process: sale\nrecord: order\nsubject: x\nstart: {by: [role:sales]}\nsteps:\n  - {id: it, set: {note: \"'Rev ' + record.nothing\"}}\n  - end: done\n"
	files := []File{{Path: "r", Content: valuesRecords}, {Path: "p", Content: chain}}
	_, problems := Load(files, nil, nil)
	require.Contains(t, render(problems, "en"), "has no field `nothing`")
	published := NewLibrary()
	published.Past = true
	lib, problems := Load(files, published, nil)
	require.Empty(t, wrong(problems))
	require.Equal(t, "'Rev ' + record.nothing", lib.Processes["sale"].Step("it").Do.(Set).Fields[0].Value.constant)
}
