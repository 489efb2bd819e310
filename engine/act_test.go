package engine

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

func TestACaseGoesThroughToItsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	require.Regexp(t, `^KH202611\d{4}$`, a.Case.Number)
	require.Equal(t, []string{"wang.fang"}, a.Case.Open[0].Who)
	a = w.must(a, "wang.fang", ActCommand{Act: process.EventApprove})
	require.Equal(t, "approved", a.Task.Outcome)
	require.Equal(t, "wang.fang", a.Task.DecidedBy)
	require.Equal(t, []string{"xu.lei", "zhao.qiang"}, a.Case.Open[0].Who)
	a = w.must(a, "xu.lei", ActCommand{Act: process.EventClaim})
	require.Equal(t, []string{"complete", "release", "transfer"}, a.Task.Actions)
	a = w.must(a, "xu.lei", ActCommand{Act: process.EventComplete, Outcome: "good", Fields: map[string]any{"need": "two pumps"}})
	require.Len(t, a.Case.Open, 2)
	for range 2 {
		a = w.must(a, a.Case.Open[0].Who[0], ActCommand{Act: process.EventApprove})
	}
	require.Equal(t, "ended", a.Case.Status)
	require.Equal(t, "approved", a.Case.Outcome)

	row := w.row(a)
	require.NotNil(t, row.EndedAt)
	require.True(t, w.last().Ended)
	rec, err := w.db.Record(w.ctx, "lead", a.Case.Record.ID)
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(rec.Fields, &fields))
	require.Equal(t, "customer", fields["status"])
	require.Equal(t, "two pumps", fields["need"])
	require.Equal(t, "li.na", *rec.Owner)
	var made []store.RecordRow
	require.NoError(t, w.db.Select(w.ctx, &made, `SELECT `+store.RecordColumns+` FROM records r WHERE type = 'customer' AND fields ->> 'company' = $1`, fields["company"]))
	require.Len(t, made, 1)

	var entries []store.TimelineRow
	require.NoError(t, w.db.Select(w.ctx, &entries, `SELECT `+store.TimelineColumns+` FROM timeline l WHERE case_id = $1 ORDER BY seq`, a.Case.ID))
	for i, e := range entries {
		require.Equal(t, i+1, e.Seq)
	}
	require.Equal(t, row.Seq, len(entries))
}

// Every kind of decision is one transaction of at most 15 statements, BEGIN and COMMIT included. What each needs now is pinned, so that nobody adds one unseen.
func TestADecisionIsOneShortTransaction(t *testing.T) {
	w := newWorld(t)
	w.start() // compiles what is published
	type kind struct {
		name string
		most int
		make func() func() error
	}
	var kinds []kind
	add := func(name string, most int, make func() func() error) { kinds = append(kinds, kind{name, most, make}) }
	act := func(a Answer, user string, c ActCommand) func() error {
		c.Task = a.Case.Open[0].Task
		return func() error { _, err := w.Act(w.ctx, by(user), c); return err }
	}
	add("start", 10, func() func() error {
		c := StartCommand{Process: "review", With: lead()}
		return func() error { _, err := w.Start(w.ctx, by("li.na"), c); return err }
	})
	add("start on a record", 10, func() func() error {
		rec, err := w.CreateRecord(w.ctx, by("li.na"), "lead", lead())
		require.NoError(t, err)
		return func() error {
			_, err := w.Start(w.ctx, by("li.na"), StartCommand{Process: "review", Record: &process.Reference{Type: "lead", ID: rec.ID}})
			return err
		}
	})
	add("approve", 8, func() func() error { return act(w.start(), "wang.fang", ActCommand{Act: process.EventApprove}) })
	add("reject", 6, func() func() error {
		return act(w.start(), "wang.fang", ActCommand{Act: process.EventReject, Comment: "no"})
	})
	add("return", 6, func() func() error {
		return act(w.start(), "wang.fang", ActCommand{Act: process.EventReturn, Comment: "more"})
	})
	add("claim", 7, func() func() error { return act(w.atInspect(), "xu.lei", ActCommand{Act: process.EventClaim}) })
	add("release", 7, func() func() error {
		return act(w.must(w.atInspect(), "xu.lei", ActCommand{Act: process.EventClaim}), "xu.lei", ActCommand{Act: process.EventRelease})
	})
	add("assign", 7, func() func() error {
		a := w.start()
		return func() error {
			_, err := w.Act(w.ctx, admin(), ActCommand{Task: a.Case.Open[0].Task, Act: process.EventAssign, To: "sun.wei", Comment: "away"})
			return err
		}
	})
	add("complete", 10, func() func() error {
		return act(w.must(w.atInspect(), "xu.lei", ActCommand{Act: process.EventClaim}), "xu.lei",
			ActCommand{Act: process.EventComplete, Outcome: "good", Fields: map[string]any{"need": "three"}})
	})
	add("the last approval", 10, func() func() error {
		a := w.atAgree()
		return act(w.must(a, a.Case.Open[0].Who[0], ActCommand{Act: process.EventApprove}), "zhou.min", ActCommand{Act: process.EventApprove})
	})
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			do := k.make()
			ctx, n := store.CountStatements(w.ctx)
			old := w.ctx
			w.ctx = ctx
			err := do()
			w.ctx = old
			require.NoError(t, err)
			t.Logf("%d statements, %d transactions", n.Statements(), n.Transactions())
			require.Equal(t, 1, n.Transactions())
			require.LessOrEqual(t, n.Statements(), 15)
			require.LessOrEqual(t, n.Statements(), k.most, n.Texts())
		})
	}
	t.Run("tick", func(t *testing.T) {
		a := w.start()
		late := worldOn(t, shared)
		late.pass(3 * 24 * time.Hour)
		ctx, n := store.CountStatements(w.ctx)
		_, err := late.Tick(ctx, a.Case.ID)
		require.NoError(t, err)
		t.Logf("%d statements, %d transactions", n.Statements(), n.Transactions())
		require.Equal(t, 1, n.Transactions())
		require.LessOrEqual(t, n.Statements(), 15)
	})
}
