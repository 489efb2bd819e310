package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What an outcome requires is filled in with it, and only with it: nobody has to change the record by hand first.
func TestWhatAnOutcomeRequiresIsFilledInWithIt(t *testing.T) {
	t.Parallel()
	c := begin(t, Fields{"owner": "li.na"}, `
record: thing
title: Thing
fields: {next_on: {type: date}, note: {type: text}, owner: {type: person}}
`, `
process: ask
title: Ask
record: thing
number: "A{0000}"
start: {by: [role:sales]}
steps:
  - id: ask
    task: Ask
    by: {field: owner}
    outcomes: {yes_now: {}, later: {require: [next_on]}}
`)
	c.start("li.na")
	task := c.task("ask")
	refused := func(ev Event, code Code) {
		t.Helper()
		ev.Kind, ev.By, ev.Task = EventComplete, "li.na", task
		var refusal *Refusal
		require.ErrorAs(t, c.try(ev), &refusal)
		require.Equal(t, code, refusal.Code)
	}
	refused(Event{Outcome: "later"}, CodeFieldRequired)
	refused(Event{Outcome: "yes_now", Fields: Fields{"next_on": "2026-12-01"}}, CodeFieldNotWritable)
	refused(Event{Outcome: "later", Fields: Fields{"next_on": "2026-12-01", "note": "x"}}, CodeFieldNotWritable)
	require.NoError(t, c.try(Event{Kind: EventComplete, By: "li.na", Task: task, Outcome: "later", Fields: Fields{"next_on": "2026-12-01"}}))
	require.Equal(t, "2026-12-01", c.in.Record.Fields["next_on"])
}
