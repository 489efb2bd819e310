package process

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// chainAbout loads a chain about the lead.
func chainAbout(t testing.TB, steps string) *Process {
	t.Helper()
	base := loadLanguage(t, "lead-review", "lead", "customer")
	lib, problems := Load([]File{{Path: "p.yaml", Content: "process: p\nrecord: lead\nsteps:\n" + steps}}, base, nil)
	require.False(t, Failed(problems), render(problems, "en"))
	return lib.Processes["p"]
}

func TestWaysThrough(t *testing.T) {
	t.Parallel()
	p := chainAbout(t, `
  - id: ask
    approve: Ask
    by: initiator
    on: {approved: {steps: [{task: Inside, by: initiator, if: record.source == "call"}]}, rejected: no, returned: {go: beside, at_most: 2, then: {end: enough}}}
  - {end: small, if: record.credit_limit < 1 CNY}
  - {notify: Told, to: initiator, if: record.source == "call", then: {go: ask}}
  - id: beside
    aside: true
    task: Beside
    by: initiator
    then: {go: ask}
`)
	require.Equal(t, []string{
		`Ask: approved → (if source == "call") Inside: done → (if credit_limit < 1 CNY) ends as small`,
		`Ask: approved → (if source == "call") Inside: done → ends as approved`,
		`Ask: approved → (if source == "call") Inside: done → (if source == "call") Told → back to “Ask”`,
		`Ask: returned (at most 2 times) → Beside: done → back to “Ask”`,
		`Ask: returned (after that) → ends as enough`,
	}, p.WaysThrough("en"))
	require.Equal(t, "Ask：退回（用完以后） → 结束：enough", p.WaysThrough("zh")[4])
}

// What is returned with `resume: back` doesn't run again from where it went.
func TestWaysThroughComeStraightBack(t *testing.T) {
	t.Parallel()
	p := chainAbout(t, `
  - {id: prepare, task: Prepare, by: initiator}
  - {id: middle, approve: Middle, by: initiator, resume: back, on: {rejected: no, returned: {go: prepare}}}
  - {id: last, approve: Last, by: initiator, resume: back, on: {rejected: no}}
`)
	require.Equal(t, []string{
		"Prepare: done → Middle: approved → Last: approved → ends as approved",
		"Prepare: done → Middle: approved → Last: returned → Revise and submit again → straight back to “Last”",
		"Prepare: done → Middle: returned → Prepare → straight back to “Middle”",
	}, p.WaysThrough("en"))
	require.Equal(t, "Prepare：完成 → Middle：同意 → Last：退回 → 修改后重新提交 → 直接回到“Last”", p.WaysThrough("zh")[1])
}

// What a task's owner calls an outcome isn't what calls to systems or approvals call theirs.
func TestWaysThroughNameOutcomesOfTasksAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	ways := chainAbout(t, "  - {task: Audit, by: initiator, outcomes: {passed: {}, failed: {end: refused}}}\n").WaysThrough("zh")
	require.Equal(t, []string{"Audit：failed → 结束：refused", "Audit：passed → 结束：done"}, slices.Sorted(slices.Values(ways)))
}

func TestWaysThroughIsBounded(t *testing.T) {
	t.Parallel()
	var steps strings.Builder
	for i := range 60 {
		fmt.Fprintf(&steps, "  - {task: T%d, by: initiator, outcomes: {a: {}, b: {}}}\n", i)
	}
	ways := chainAbout(t, steps.String()).WaysThrough("en")
	require.Len(t, ways, maxWays+1)
	require.Equal(t, "…", ways[maxWays])
}

func TestDigestFields(t *testing.T) {
	t.Parallel()
	p := chainAbout(t, `
  - {id: all, approve: A, by: initiator, hide: [phone, need]}
  - id: some
    approve: B
    if: record.source == "call"
    by: [{role: a}, {role: b, if: record.credit_limit > 1 CNY}]
    mode: all
    show: [company]
    reapprove_if_changed: [payment_terms]
  - {id: edits, task: C, by: initiator, show: [company], edit: {need: required}}
`)
	require.Equal(t, []string{"company", "contact", "credit_limit", "expected_amount", "owner", "payment_terms", "products", "source", "status"}, p.DigestFields(p.Step("all")))
	require.Equal(t, []string{"company", "credit_limit", "payment_terms", "source"}, p.DigestFields(p.Step("some")))
	require.Equal(t, []string{"company", "need"}, p.DigestFields(p.Step("edits")))
}

func TestWaysThroughBranches(t *testing.T) {
	t.Parallel()
	lib, problems := Load([]File{{Path: "p.yaml", Content: quest + "---\n" + chainAboutQuest("until: [{on: quest.won, end: won}, {at: record.on, end: expired}]", `
  - {id: pause, wait: start of working day 3}
  - id: phase
    stage: {zh: 准备, en: Prepare}
    steps:
      - {task: {zh: 收集, en: Collect}, by: initiator}
  - id: both
    parallel:
      - {id: a, steps: [{task: A, by: initiator}, {task: A2, by: initiator, if: record.size > 1}]}
      - id: b
        steps:
          - {id: deep, each: record.parts, as: part, steps: [{task: Part, by: initiator, outcomes: {ok: {}, none: {go: pause}}}]}
          - {choose: [{when: record.size > 1, steps: [{task: Big, by: initiator}]}, {otherwise: true, steps: [{task: Small, by: initiator}, {end: small}]}]}
  - {id: erp, request: {to: erp, get: /x, failed: {go: phase}}}
  - id: last
    choose: [{when: record.size > 5, steps: [{end: big}]}, {otherwise: true, steps: [{notify: Told, to: initiator}]}]
`)}}, nil, nil)
	require.False(t, Failed(problems), render(problems, "en"))
	p := lib.Processes["flow"]
	both := `(A → (if size > 1) A2 ‖ for each part: (Part) → [(if size > 1) Big / (otherwise) Small → ends as small])`
	require.Equal(t, []string{
		`Wait: start of working day 3 → stage “Prepare” → Collect: done → ` + both + ` → Request to erp → (if size > 5) → ends as big`,
		`Wait: start of working day 3 → stage “Prepare” → Collect: done → ` + both + ` → Request to erp → (otherwise) → Told → ends as done`,
		`Wait: start of working day 3 → stage “Prepare” → Collect: done → ` + both + ` → Request to erp: failed → back to “Prepare”`,
		`Wait: start of working day 3 → stage “Prepare” → Collect: done → meanwhile Part: none → back to “Wait: start of working day 3”`,
		`Wait: start of working day 3 → stage “Prepare” → Collect: done → meanwhile → ends as small`,
		`at any time: quest.won → ends as won`,
		`at any time: on → ends as expired`,
	}, p.WaysThrough("en"))
	zh := p.WaysThrough("zh")
	require.Equal(t, `等到第 3 个工作日开始时 → 阶段“准备” → 收集：完成 → （A → （若 size > 1）A2 ‖ 逐项 part：（Part） → [（若 size > 1）Big / （否则）Small → 结束：small]） → 请求系统 erp → （若 size > 5） → 结束：big`, zh[0])
	require.Equal(t, `任何时候：quest.won → 结束：won`, zh[5])
}

// Branches beside each other add up; they don't multiply.
func TestBranchesDontMultiplyWays(t *testing.T) {
	t.Parallel()
	var steps strings.Builder
	steps.WriteString("  - id: both\n    parallel:\n")
	for i := range 6 {
		fmt.Fprintf(&steps, "      - {id: b%d, steps: [{task: T, by: initiator, outcomes: {a: {}, b: {}, c: {end: c%d}}}]}\n", i, i)
	}
	require.Len(t, chainAbout(t, steps.String()).WaysThrough("en"), 1+6)
}
