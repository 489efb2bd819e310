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
