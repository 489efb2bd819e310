package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Events, whether the record emits them or they come from outside, and rhythms need nothing that isn't there.
func TestWhatEventsAndRhythmsNeedIsThere(t *testing.T) {
	t.Parallel()
	w, _ := newTrade(t)
	_, problems := w.publish(shippedFiles("complaint/complaint.yaml", "quote-follow-up/"))
	require.Empty(t, slices.DeleteFunc(problems, func(p process.Problem) bool { return !strings.Contains(p.Message.EN, "can't run it yet") }))
	_, problems = w.publish([]process.File{{Path: "hear.yaml", Content: `process: hear
title: Hear
record: lead
number: "HR{0000}"
start: {on: portal.lead, every: month, for: record.status == "open", as: {user: li.na}}
until: [{on: lead.gone, end: gone}]
steps:
  - id: hear
    wait: {on: erp.told}
  - end: approved
`}})
	require.False(t, process.Failed(problems), "%v", problems)
}

// There is one document of rights: a later one takes its place, and whoever works goes by it from the next request on.
func TestTheNewestDocumentOfRightsCounts(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	other := New(w.db, Options{Now: w.now})
	for version, see := range []string{"mine", "all", "mine"} {
		list, problems := w.publish([]process.File{{Path: "rights.yaml", Content: "rights:\n  role:sales:\n    records: {lead: {see: " + see + "}}\n"}})
		require.False(t, process.Failed(problems), "%v", problems)
		require.Equal(t, []Published{{Kind: "rights", ID: "rights", Version: version%2 + 1, Digest: list[0].Digest}}, list)
		for _, e := range []*Engine{w.Engine, other} {
			library, err := e.Library(w.ctx)
			require.NoError(t, err)
			require.Equal(t, []string{see}, library.Rights.Of([]string{"role:sales"}).SeeWords("lead", ""))
		}
	}
	_, problems := w.publish([]process.File{{Path: "rights.yaml", Content: "rights:\n  role:sales:\n    records: {lead: {see: some}}\n"}})
	require.True(t, process.Failed(problems))
}

// A document that this software doesn't understand gives nobody anything; it doesn't open what it meant to close.
func TestADocumentOfRightsThatIsNotUnderstoodClosesEverything(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	require.NoError(t, w.db.Tx(w.ctx, func(tx *store.Tx) error {
		return tx.SaveDefinitions(w.ctx, []store.DefinitionRow{{Kind: kindRights, ID: kindRights, Version: 1, Digest: "d", Path: "rights.yaml", PublishedAt: w.now(),
			Source: "rights:\n  role:sales:\n    records: {lead: {see: all, only: {region: east}}}\n"}})
	}))
	library, err := New(w.db, Options{Now: w.now}).Library(w.ctx)
	require.NoError(t, err)
	access := library.Rights.Of([]string{"role:sales"})
	require.True(t, access.Decides("lead"))
	require.True(t, access.DecidesCases("review"))
	require.False(t, access.Record("lead", process.Standing{Mine: true}).See)
}

const limits = `table: limits
input: {company: record.company}
output: {limit: duration, gift: text}
hit: first
rows:
  - {when: {}, then: {limit: 1 working day, gift: pen}}
`

const gifts = `process: gifts
title: Gifts
record: lead
number: "GI{0000}"
start: {by: [role:sales]}
steps:
  - id: choose
    decide: limits
  - id: give
    task: Give
    by: initiator
  - id: again
    decide: limits
  - id: note
    set: {need: decided.gift}
  - end: done
`

// A case keeps the tables it began with, like its process.
func TestACaseKeepsItsTables(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	files := []process.File{{Path: "limits.yaml", Content: limits}, {Path: "gifts.yaml", Content: gifts}}
	list, problems := w.publish(files)
	require.False(t, process.Failed(problems), "%v", problems)
	require.Equal(t, "table", list[0].Kind)
	start := func() Answer {
		a, err := w.Start(w.ctx, by("li.na"), StartCommand{Process: "gifts", With: lead()})
		require.NoError(t, err)
		return a
	}
	old := start()
	list, problems = w.publish([]process.File{{Path: "limits.yaml", Content: strings.Replace(limits, "gift: pen", "gift: cup", 1)}})
	require.False(t, process.Failed(problems), "%v", problems)
	require.Equal(t, 2, list[0].Version)
	young := start()
	for want, a := range map[string]Answer{"pen": old, "cup": young} {
		a = w.must(a, "li.na", ActCommand{Act: process.EventComplete})
		require.Equal(t, "done", a.Case.Outcome)
		require.Equal(t, want, w.recordOf(a).Fields["need"])
	}
}
