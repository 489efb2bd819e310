package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// One open case for each record is one, also when an event starts it: as on a server.
func TestAnEventStartsNoSecondCaseOnARecord(t *testing.T) {
	t.Parallel()
	chain := process.File{Path: "once.yaml", Content: `
process: once
title: Once
record: quote
number: "O{0000}"
subject: "{record.number}"
summary: [amount]
start: {on: quote.sent, as: {field: owner}}
one_open_per_record: true
steps:
  - {id: ask, task: Ask, by: initiator}
  - end: done
`}
	story := process.File{Path: "once_test.yaml", Content: `
process: once
cases:
  - name: twice
    at: 2026-11-23 10:00
    start: {event: quote.sent, with: {customer: 海川机械, valid_until: 2026-12-31, owner: li.na}}
    then:
      - start: {event: quote.sent}
      - expect: {refused: already_open}
      - do: {as: li.na, complete: ask}
      - start: {event: quote.sent}
      - expect: {task: ask, of: li.na}
`}
	results := play(t, "en", chain, story)
	require.Len(t, results, 1)
	require.True(t, results[0].OK, results[0].Message)
}

// Whoever may not start a chain that begins by itself is refused, as on a server; an administrator may, and the rhythm does.
func TestAChainThatBeginsByItselfIsStartedByAnAdministratorOnly(t *testing.T) {
	t.Parallel()
	chain := process.File{Path: "monthly.yaml", Content: `
process: monthly
title: Monthly
record: quote
number: "M{0000}"
subject: "{record.number}"
summary: [amount]
start: {every: month, for: has(record.customer), as: {field: owner}}
steps:
  - {id: ask, task: Ask, by: initiator}
  - end: done
`}
	story := process.File{Path: "monthly_test.yaml", Content: `
process: monthly
cases:
  - name: by hand
    at: 2026-11-23 10:00
    start: {by: li.na, with: {customer: 海川机械, valid_until: 2026-12-31}}
    then:
      - expect: {refused: forbidden}
      - start: {by: deng.rui, with: {customer: 海川机械, valid_until: 2026-12-31, owner: li.na}}
      - expect: {task: ask, of: deng.rui}
  - name: by its rhythm
    at: 2026-11-23 10:00
    start: {with: {customer: 海川机械, valid_until: 2026-12-31, owner: li.na}}
    then:
      - expect: {task: ask, of: li.na}
`}
	for _, r := range play(t, "en", chain, story) {
		require.True(t, r.OK, r.Message)
	}
}
