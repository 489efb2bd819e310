package engine

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// rewritten is the review with parts of it replaced, one after the other.
func rewritten(parts ...string) []process.File {
	for _, f := range documents {
		if f.Path == "review.yaml" {
			return []process.File{{Path: f.Path, Content: strings.NewReplacer(parts...).Replace(f.Content)}}
		}
	}
	panic("no review")
}

// signed is the review with a step more at its end.
func signed() []process.File {
	return rewritten("  - create: {customer:", "  - {id: sign, approve: Sign, by: {user: zhou.min}}\n  - create: {customer:")
}

func (w *world) migrate(a Answer, to map[string]string) (Answer, error) {
	return w.Migrate(w.ctx, admin(), MigrateCommand{Case: a.Case.ID, Map: to, Comment: "the new rules hold"})
}

// Publishing leaves the cases that run alone: they are shown and run by their own version until somebody takes them over, one by one.
func TestPublishingLeavesRunningCasesAlone(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	a := w.start()
	require.NotContains(t, a.Case.Admin, "migrate")
	before := w.row(a)
	w.publish(signed())
	require.Equal(t, before, w.row(a))
	view, err := w.caseView(a)
	require.NoError(t, err)
	require.Equal(t, 1, view.Version)
	require.Contains(t, view.Admin, "migrate")
	require.NotContains(t, view.Actions, "migrate")
	a = w.must(a, "wang.fang", ActCommand{Act: process.EventApprove})
	require.Equal(t, 1, a.Case.Version)
	require.Equal(t, 2, w.start().Case.Version)
}

// A case goes over in one transaction: pinned, shown and run by the new version from there on; the limits of its open tasks follow, and say why.
func TestACaseGoesOverToAnotherVersion(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	a := w.start()
	due := w.due(a)
	published, problems := w.publish(rewritten("{zh: 审核信息, en: Look at it}", "{zh: 审核, en: Check}", "due: 1 working day\n    show", "due: 3 working days\n    show"))
	require.Empty(t, problems)
	require.Equal(t, 2, published[0].Version)
	tried, err := w.TryMigration(w.ctx, admin(), MigrateCommand{Case: a.Case.ID, To: 2})
	require.NoError(t, err)
	require.Equal(t, process.VerdictSafe, tried.Migration.Verdict)
	require.Equal(t, 2, tried.Case.Version)
	require.Equal(t, due, w.due(a), "a dry run changes nothing")
	require.Equal(t, 1, w.row(a).Version)

	r := admin()
	command := MigrateCommand{Case: a.Case.ID, To: 2, Comment: "the new rules hold"}
	went, err := w.Migrate(w.ctx, r, command)
	require.NoError(t, err)
	require.Equal(t, process.VerdictSafe, went.Migration.Verdict)
	again, err := w.Migrate(w.ctx, r, command)
	require.NoError(t, err)
	require.Equal(t, asJSON(t, went), asJSON(t, again), "the same request has the same answer")
	view, err := w.caseView(a)
	require.NoError(t, err)
	require.Equal(t, 2, view.Version)
	require.Equal(t, "Check", view.Open[0].Title.EN)
	require.NotEqual(t, due, w.due(a))
	require.Equal(t, []string{"look " + due + " → " + w.due(a) + ": the new rules hold by admin"}, w.recomputed(a))
	task := w.taskView(view.Open[0].Task)
	require.Contains(t, task.DueBecause.EN, "3 working days")
	require.Equal(t, "Check", task.Title.EN)
	require.NotContains(t, view.Admin, "migrate")
	_, err = w.migrate(a, nil)
	require.Equal(t, process.CodeFieldInvalid, code(t, err), "it runs by it already")
	w.must(went, "wang.fang", ActCommand{Act: process.EventApprove})
}

func (w *world) taskView(id string) TaskView {
	w.t.Helper()
	row, err := w.db.TaskInCase(w.ctx, id)
	require.NoError(w.t, err)
	v, err := w.Viewer(w.ctx)
	require.NoError(w.t, err)
	view, err := v.Task(row.Task, row.Case, row.Record)
	require.NoError(w.t, err)
	return view
}

// What isn't safe needs a mapping; whoever is no administrator, gives no reason, or names what isn't there is refused, and nothing has changed.
func TestAMigrationThatIsRefusedChangesNothing(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	a := w.atInspect()
	w.publish(rewritten("  - id: inspect\n", "  - {id: price, task: Price, by: {user: zhou.min}}\n  - id: inspect\n", "{need: required, credit", "{need: optional, credit"))
	before := w.row(a)
	seller := by("li.na")
	for _, c := range []struct {
		r    Request
		what MigrateCommand
		code process.Code
	}{
		{seller, MigrateCommand{Comment: "x"}, process.CodeForbidden},
		{admin(), MigrateCommand{}, process.CodeCommentRequired},
		{admin(), MigrateCommand{Comment: "x"}, process.CodeFieldRequired},
		{admin(), MigrateCommand{Comment: "x", To: 7}, process.CodeFieldInvalid},
		{admin(), MigrateCommand{Comment: "x", To: 1}, process.CodeFieldInvalid},
		{admin(), MigrateCommand{Comment: "x", Map: map[string]string{"inspect": "nowhere"}}, process.CodeFieldInvalid},
		{admin(), MigrateCommand{Comment: "x", Map: map[string]string{"inspect": "agree"}}, process.CodeFieldInvalid},
		{admin(), MigrateCommand{Comment: "x", Map: map[string]string{"agree": "agree"}}, process.CodeFieldInvalid},
		{admin(), MigrateCommand{Comment: "x", Case: "nowhere"}, process.CodeNotFound},
	} {
		if c.what.Case == "" {
			c.what.Case = a.Case.ID
		}
		_, err := w.Migrate(w.ctx, c.r, c.what)
		require.Equal(t, c.code, code(t, err), "%v", c.what)
		require.Equal(t, before, w.row(a))
	}
	tried, err := w.TryMigration(w.ctx, admin(), MigrateCommand{Case: a.Case.ID})
	require.NoError(t, err)
	require.Equal(t, process.VerdictMapping, tried.Migration.Verdict)
	require.Equal(t, []process.MapEntry{{Step: "inspect", To: []string{"inspect", "price"}}}, tried.Migration.Needs)
	require.Equal(t, 1, tried.Case.Version)
	task := a.Case.Open[0].Task
	went, err := w.migrate(a, map[string]string{"inspect": "inspect"})
	require.NoError(t, err)
	require.Equal(t, task, went.Case.Open[0].Task, "its task stays")
}

// A case goes over, and one of many decides, at the same time: each happens in some order, and is told the truth.
func TestAMigrationAndDecisionsHappenInOneOrder(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	a := w.start()
	w.publish(signed())
	task := a.Case.Open[0].Task
	_, errs := together(24, func(i int) (Answer, error) {
		if i%3 == 0 {
			return w.migrate(a, nil)
		}
		return w.Act(w.ctx, by("wang.fang"), ActCommand{Task: task, Act: process.EventApprove})
	})
	went, decided := 0, 0
	for i, err := range errs {
		switch {
		case err == nil && i%3 == 0:
			went++
		case err == nil:
			decided++
		case i%3 == 0:
			require.Equal(t, process.CodeFieldInvalid, code(t, err))
		default:
			require.Equal(t, process.CodeTaskClosed, code(t, err))
		}
	}
	require.Equal(t, []int{1, 1}, []int{went, decided})
	require.Equal(t, 2, w.row(a).Version)
	rows, _, err := w.db.Timeline(w.ctx, a.Case.ID, store.Page{Limit: 100})
	require.NoError(t, err)
	migrated := 0
	for _, r := range rows {
		if r.Event == "migrated" {
			migrated++
			require.Equal(t, "admin", str(r.By))
			require.Equal(t, "the new rules hold", str(r.Reason))
			var data struct{ From, To int }
			require.NoError(t, json.Unmarshal(r.Data, &data))
			require.Equal(t, struct{ From, To int }{1, 2}, data)
		}
	}
	require.Equal(t, 1, migrated)
}
