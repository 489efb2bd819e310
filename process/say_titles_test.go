package process

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whoever hears a chain knows what stands on its buttons, and what its choices and reasons are called.
func TestSayNamesWhatPeopleSee(t *testing.T) {
	t.Parallel()
	lib, problems := Load([]File{{Path: "visit.yaml", Content: `
record: visit
title: Visit
number: "V{0000}"
fields:
  state:  {type: choice, of: {open: {zh: 未去, en: Open}, made: {zh: 已拜访, en: Visited}}, default: open}
  places: {type: choice, many: true, of: [east, west]}
  day:    {type: date}
  owner:  {type: person, default: creator}
---
process: visit
title: Visit
record: visit
number: "V{0000}"
subject: "{record.day}"
start: {by: [role:sales]}
steps:
  - id: go
    task: Go there
    by: initiator
    due: 2 working days before record.day
    may_stop_clock: [{reason: ill, title: {zh: 生病, en: Somebody is ill}, at_most: 2 working days}]
    late: [{at: due, tell: [holder, {head_of: sales}]}]
    outcomes:
      seen: {title: {zh: 见到了, en: They were in}, set: {state: made}}
      missed: {title: {zh: 没见到, en: Nobody was in}, go: go, at_most: 1, then: {end: missed}}
  - id: agree
    approve: Agree
    by: {role: sales}
    due: record.day
    on: {rejected: {title: {zh: 作废, en: Drop it}, end: rejected}, returned: no}
  - call: trip
    with: {places: [east, west]}
  - notify: Done
    to: [initiator, {role: sales}]
  - end: approved
---
process: trip
title: Trip
record: visit
number: "T{0000}"
subject: "{record.day}"
start: {by: [role:sales]}
steps:
  - {id: plan, task: Plan, by: initiator}
`}}, nil, nil)
	require.Empty(t, wrong(problems))
	for lang, want := range map[string][]string{
		"zh": {
			"完成时要从这些结果里选一个：seen（见到了）或missed（没见到）。", "把state改为 made（已拜访）", "拒绝（作废）：", "到时自动继续（生病）。", "places = east, west",
			"到期：“day”之前 2 个工作日（那个工作日上班时）。", "最多 1 次，再有一次就改为", "到期：“day”（日期算到当天下班，当天不上班就到下一个工作日下班；没有填就没有时限）。",
		},
		"en": {
			"one of these outcomes: seen (“They were in”) or missed (“Nobody was in”).", "state becomes made (“Visited”)", "If rejected (“Drop it”):", "starts again by itself (“Somebody is ill”).", "places = east, west",
			"Due 2 working days before “day”, at the opening of that day.", "at most once, and after that instead", "Due at “day” (a date: its close of business, or that of the next working day; while it is empty, no limit).", "whoever has the task and the head of the department sales are told", "The initiator and everyone of the role sales are told",
		},
	} {
		said := strings.Join(lib.Processes["visit"].Say(lang, nil), "\n")
		for _, phrase := range want {
			require.Contains(t, said, phrase)
		}
	}
}

// How often is said in the language of the rest.
func TestSayHowOften(t *testing.T) {
	t.Parallel()
	for every, want := range map[string][2]string{
		"month": {"每月", "Every month"}, "monday": {"每周一", "Every Monday"}, "working day": {"每个工作日", "Every working day"}, "10 working days": {"每 10 个工作日", "Every 10 working days"},
	} {
		p := &Process{Start: Start{Every: every}, Steps: &List{}}
		require.Equal(t, want[0]+"为每一条记录自动发起一次。", newTeller(p, "zh", nil).every(p.Start))
		require.Equal(t, want[1]+" the system starts one for every record.", newTeller(p, "en", nil).every(p.Start))
	}
	for _, word := range rhythms {
		require.Contains(t, rhythmWords, word)
	}
}
