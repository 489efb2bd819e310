package process

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
)

// elsewhere writes fields of the record as another case about it does, which this one hears of with its next event.
func (c *trial) elsewhere(fields Fields) {
	all := maps.Clone(c.in.Record.Fields)
	maps.Copy(all, fields)
	c.in.Record.Fields = all
}

func TestAChangeByAnotherCaseVoidsTheApprovalsThatLookedAtIt(t *testing.T) {
	t.Parallel()
	c := smallCase(t, watching)
	c.must(c.act("wang.fang", EventApprove, "ask"))
	require.Equal(t, FormatScoped, c.in.State.Format, "an older software would count it all the same")

	c.elsewhere(Fields{"note": "a field that doesn't matter"})
	c.must(c.try(Event{Kind: EventTick}))
	require.Empty(t, c.entries("voided"))

	c.elsewhere(Fields{"size": 5.0})
	c.must(c.try(Event{Kind: EventTick}))
	require.Equal(t, []string{"ask:wang.fang", "ask:guo.yan|he.jing", "ask:zhou.min"}, c.open())
	voided := c.entries("voided")
	require.Len(t, voided, 1)
	require.Equal(t, map[string]any{"size": map[string]any{"from": nil, "to": 5.0}}, voided[0].Data["changed"])
	require.Nil(t, c.in.State.Open[0].Matter)
	c.must(c.try(Event{Kind: EventTick}))
	require.Len(t, c.entries("voided"), 1, "once")

	c.must(c.act("wang.fang", EventApprove, "ask"))
	c.must(c.act("guo.yan", EventApprove, "ask"))
	c.elsewhere(Fields{"size": 6.0})
	c.must(c.act("zhou.min", EventApprove, "ask"))
	require.Equal(t, []string{"ask:wang.fang", "ask:guo.yan|he.jing"}, c.open(), "though the case hears of it only now")
	require.Equal(t, map[string]any{"size": map[string]any{"from": 5.0, "to": 6.0}}, c.entries("voided")[1].Data["changed"])
	c.must(c.act("wang.fang", EventApprove, "ask"))
	c.must(c.act("he.jing", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome, "what zhou.min has seen stands")
}

func TestACaseThatStandsStillOrEndsAsksNobodyAgain(t *testing.T) {
	t.Parallel()
	c := smallCase(t, watching)
	c.must(c.act("wang.fang", EventApprove, "ask"))
	c.must(c.try(Event{Kind: EventSuspend, By: "ai.min", Admin: true, Comment: "wait"}))
	c.elsewhere(Fields{"size": 5.0})
	c.must(c.try(Event{Kind: EventTick}))
	require.Empty(t, c.entries("voided"))
	c.must(c.try(Event{Kind: EventResume, By: "ai.min", Admin: true, Comment: "on"}))
	c.must(c.try(Event{Kind: EventTick}))
	require.Len(t, c.entries("voided"), 1)

	c.must(c.act("wang.fang", EventApprove, "ask"))
	c.elsewhere(Fields{"size": 6.0})
	opened := c.told("wang.fang", "opened")
	c.must(c.try(Event{Kind: EventWithdraw, By: "li.na", Comment: "no more"}))
	require.Equal(t, opened, c.told("wang.fang", "opened"))
	require.Equal(t, Ended, c.in.State.Status)
}

// Whatever stands in a field is the same when it is read again: of every type, in every state in which it comes.
func TestWhatNobodyHasChangedVoidsNothing(t *testing.T) {
	t.Parallel()
	const every = `record: thing
fields:
  name:   {type: text, required: true}
  flag:   {type: yes_no}
  size:   {type: number}
  share:  {type: percent}
  price:  {type: money}
  day:    {type: date}
  moment: {type: datetime}
  phone:  {type: phone}
  level:  {type: choice, of: [a, b]}
  levels: {type: choice, of: [a, b], many: true}
  buyer:  {type: person}
  places: {type: department, many: true}
  paper:  {type: file}
  papers: {type: file, many: true}
  other:  {type: reference, to: thing}
  rows:   {type: lines, key: code, of: {code: {type: text}, count: {type: number}, cost: {type: money}, due: {type: date}}}
  total:  {type: number, is: sum of record.rows.count}
`
	const raw = `{"name": "one", "flag": false, "size": 0.1, "share": 12.5, "price": {"amount": 123456, "currency": "CNY"}, "day": "2026-11-23",
		"moment": "2026-11-23T09:30:00+08:00", "phone": "+86 138 0000 1234", "level": "a", "levels": ["b", "a"], "buyer": "sun.wei", "places": ["sales"],
		"paper": {"id": "f1", "name": "a.pdf", "size": 12, "sha256": "x"}, "papers": [], "other": {"type": "thing", "id": "r7"},
		"rows": [{"code": "P-1", "count": 3, "cost": {"amount": 5, "currency": "USD"}, "due": "2026-12-01"}, {"code": "P-2"}], "total": 3}`
	names := "[name, flag, size, share, price, day, moment, phone, level, levels, buyer, places, paper, papers, other, rows, total]"
	chain := chainOf(`
  - {id: ask, approve: Ask, by: [{user: wang.fang}, {user: zhou.min}], mode: all, reapprove_if_changed: ` + names + `}
`)
	c := begin(t, Fields{"name": "one"}, every, chain)
	restored := func() Fields {
		fields, err := c.in.Process.Type.Restore([]byte(raw))
		require.NoError(t, err)
		return fields
	}
	for _, fields := range []Fields{restored(), {"name": "one", "size": 3, "levels": []string{"a"}, "rows": []map[string]any{}}, {"name": "one"}} {
		c := begin(t, fields, every, chain)
		c.start("li.na")
		c.must(c.act("wang.fang", EventApprove, "ask"))
		c.must(c.try(Event{Kind: EventTick}))
		require.Empty(t, c.entries("voided"))
	}
	c.in.Record.Fields = restored()
	c.start("li.na")
	c.must(c.act("wang.fang", EventApprove, "ask"))
	c.in.Record.Fields = restored()
	c.must(c.try(Event{Kind: EventTick}))
	require.Empty(t, c.entries("voided"))
	c.must(c.act("zhou.min", EventApprove, "ask"))
	require.Equal(t, Approved, c.in.State.Outcome)
}
