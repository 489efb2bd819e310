package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const childOf = `
record: child
title: Child
fields:
  name:   {type: text, required: true}
  parent: {type: reference, to: thing}
  other:  {type: reference, to: child}
`

func TestANewRecordPointsAtTheCasesOwn(t *testing.T) {
	t.Parallel()
	made := func(fields string) *trial {
		return begin(t, Fields{"name": "one", "owner": "li.na"}, thing, childOf, chainOf(`
  - {id: make, create: {child: `+fields+`}}
  - {id: next, task: Next, by: initiator}
`))
	}
	c := made("{name: record.name, parent: record}")
	c.start("li.na")
	var created []CreateRecord
	for _, e := range c.effects {
		if e, ok := e.(CreateRecord); ok {
			created = append(created, e)
		}
	}
	require.Equal(t, []CreateRecord{{Type: "child", Step: "make", Fields: Fields{"name": "one", "parent": Reference{Type: "thing", ID: "r1"}}}}, created)
	require.Equal(t, FormatScoped, c.in.State.Format, "the release before would take the word for another record's id")
	require.NotEqual(t, FormatScoped, made("{name: record.name}").in.Process.Format())

	sub := "process: sub\ntitle: Sub\nrecord: child\nstart: {by: [role:sales]}\nsteps:\n  - {id: fin, task: Fin, by: initiator}\n"
	lib, _ := Load([]File{{Path: "a.yaml", Content: thing}, {Path: "b.yaml", Content: childOf}, {Path: "s.yaml", Content: sub},
		{Path: "c.yaml", Content: chainOf("\n  - {id: make, call: sub, with: {name: record.name, parent: record}}\n")}}, nil, nil)
	for id, p := range lib.Processes {
		require.Equal(t, id != "sub", p.Format() == FormatScoped, id)
	}

	_, problems := Load([]File{{Path: "a.yaml", Content: thing}, {Path: "b.yaml", Content: childOf}, {Path: "c.yaml", Content: chainOf(`
  - {id: make, create: {child: {name: record.name, other: record}}}
  - {id: next, task: Next, by: initiator}
`)}}, nil, nil)
	require.True(t, Failed(problems))
	require.Contains(t, render(problems, "en"), "points at a `child`; the record of this process is a `thing`")
}

func TestAHeldCaseNamesARecordAsPeopleDo(t *testing.T) {
	t.Parallel()
	m := &machine{p: &Process{Types: map[string]*RecordType{"thing": {ID: "thing", Title: Text{ZH: "物品", EN: "Thing"}}}}}
	require.Equal(t, "the record “Bolt” (Thing) that `record.part` points at can't be found", m.lost("record.part", Reference{Type: "thing", ID: "06h09", Title: "Bolt"}).EN)
	require.NotContains(t, m.lost("record.part", Reference{Type: "thing", ID: "06h09"}).ZH, "06h09")
}
