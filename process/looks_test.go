package process

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAStepKnowsWhatHoldsIt(t *testing.T) {
	t.Parallel()
	lib, problems := Load([]File{{Path: "p.yaml", Content: quest + `---
process: held
title: Held
record: quest
number: "P{0000}"
start: {by: [role:sales]}
steps:
  - id: both
    parallel:
      - {id: law, title: {zh: 法务, en: Law}, steps: [{id: a, approve: A, by: initiator}]}
      - {id: money, steps: [{id: b, approve: B, by: initiator, on: {rejected: {steps: [{id: c, task: C, by: initiator}]}}}]}
`}}, nil, nil)
	require.False(t, Failed(problems), "%v", problems)
	p := lib.Processes["held"]
	at := func(id string) (string, string) {
		s := p.Step(id)
		holder := ""
		if s.Inside() != nil {
			holder = s.Inside().ID
		}
		return holder, s.Branch().In("zh")
	}
	for id, want := range map[string][2]string{"both": {"", ""}, "a": {"both", "法务"}, "b": {"both", "money"}, "c": {"b", ""}} {
		holder, branch := at(id)
		require.Equal(t, want, [2]string{holder, branch}, id)
	}
}

func TestAConditionIsWordedForPeople(t *testing.T) {
	t.Parallel()
	p := &Process{Type: &RecordType{Fields: []Field{{Name: "credit_limit", Title: Text{ZH: "授信额度", EN: "Credit limit"}}, {Name: "region"}}}}
	p.Type.index()
	source := `!(record.credit_limit > 50万 CNY) && record.region == "east" || record.unknown`
	require.Equal(t, `不是（授信额度 > 50万 CNY） 且 region == "east" 或 record.unknown`, p.Condition(source, "zh"))
	require.Equal(t, `not (Credit limit > 500,000 CNY) and region == "east" or record.unknown`, p.Condition(source, "en"))
	p.Type.Fields = append(p.Type.Fields, Field{Name: "kind", Title: Text{ZH: "假别", EN: "Kind"}, Of: []string{"sick", "other"}, Titles: map[string]Text{"sick": {ZH: "病假", EN: "Sick leave"}}},
		Field{Name: "proof", Title: Text{ZH: "证明", EN: "Proof"}})
	p.Type.index()
	source = `record.kind == "sick" && !has(record.proof) || record.kind in ['sick', "other"] && !empty(record.proof) || "sick" in record.kind`
	require.Equal(t, `假别 == “病假” 且 证明 为空 或 假别 in [“病假”, “other”] 且 证明 已填写 或 “病假” in 假别`, p.Condition(source, "zh"))
	require.Equal(t, `Kind == “Sick leave” and Proof is empty or Kind in [“Sick leave”, “other”] and Proof is filled in or “Sick leave” in Kind`, p.Condition(source, "en"))
	require.Equal(t, []string{"其他情况", "otherwise"}, []string{p.Condition("otherwise", "zh"), p.Condition("otherwise", "en")})
}

func TestWhatIsLeftOfATimer(t *testing.T) {
	t.Parallel()
	c := cnOffice(t)
	from := time.Date(2026, 9, 28, 9, 0, 0, 0, c.Location())
	due := time.Date(2026, 9, 29, 18, 0, 0, 0, c.Location())
	timer := Timer{Due: &due, DueFrom: &from, Within: "1 working day"}
	require.Equal(t, 16*60, timer.LeftMinutes(c, from))
	require.Equal(t, 60, timer.LeftMinutes(c, due.Add(-time.Hour)))
	require.Equal(t, -60, timer.LeftMinutes(c, due.Add(16*time.Hour)), "late by the first hour of the next working day")
	timer.Stop = &Stop{At: from, Left: 90 * time.Minute}
	require.Equal(t, 90, timer.LeftMinutes(c, due), "it stands still")
}
