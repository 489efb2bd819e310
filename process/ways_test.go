package process

import (
	"fmt"
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
		`Ask: approved → (if record.source == "call") Inside: done → (if record.credit_limit < 1 CNY) ends as small`,
		`Ask: approved → (if record.source == "call") Inside: done → ends as approved`,
		`Ask: approved → (if record.source == "call") Inside: done → (if record.source == "call") Told → back to “Ask”`,
		`Ask: returned (at most 2 times) → Beside: done → back to “Ask”`,
		`Ask: returned → ends as enough`,
	}, p.WaysThrough("en"))
	require.Equal(t, "Ask：退回 → 结束：enough", p.WaysThrough("zh")[4])
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
