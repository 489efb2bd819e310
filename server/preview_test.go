package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// foreseen gives, by step, what a preview says about it first.
func foreseen(t *testing.T, body map[string]any) map[string]map[string]any {
	t.Helper()
	steps := map[string]map[string]any{}
	for _, item := range body["steps"].([]any) {
		step := item.(map[string]any)
		if _, known := steps[step["step"].(string)]; !known {
			steps[step["step"].(string)] = step
		}
	}
	return steps
}

func whom(step map[string]any) []any {
	var list []any
	for _, who := range step["who"].([]any) {
		list = append(list, who.(map[string]any)["user"])
	}
	return list
}

// Before sending, one sees who will be asked and why, what isn't known yet with both alternatives, and nothing is kept of it.
func TestAPreviewBeforeSending(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na")
	ask := map[string]any{"process": "lead-review", "with": lead("0001")}
	steps := foreseen(t, owner.post("/cases/preview", ask).ok())
	first := steps["first-contact"]
	require.Equal(t, []any{"chen.jie"}, whom(first))
	require.NotEmpty(t, first["who"].([]any)[0].(map[string]any)["because"])
	require.Equal(t, "2026-09-29T18:00:00+08:00", first["due_at"])
	require.Equal(t, true, first["certain"])
	require.Equal(t, []any{"li.na"}, whom(steps["negotiate"]))
	finance := ""
	for _, item := range owner.post("/cases/preview", ask).ok()["steps"].([]any) {
		if step := item.(map[string]any); step["step"] == "cooperation" && step["certain"] == false {
			finance += step["if"].(string) + " " + step["because"].(string) + "\n"
		}
	}
	require.Contains(t, finance, "credit_limit", "whether finance is asked depends on what nobody has filled in yet")
	require.Empty(t, owner.get("/cases?process=lead-review&initiator=me").items())
	require.Empty(t, owner.get("/records/lead?q=0001").items(), "no record was made")
	b.as("zhao.qiang").post("/cases/preview", ask).refused(process.CodeForbidden)
	delete(ask["with"].(map[string]any), "company")
	owner.post("/cases/preview", ask).refused(process.CodeFieldRequired)
	owner.post("/cases/preview", map[string]any{"process": "no-such", "with": lead("0001")}).refused(process.CodeNotFound)
}

// Preview is execution: who is then asked is whom it has named, and a running case says what comes next.
func TestAPreviewIsWhatHappensThen(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager := b.as("li.na"), b.as("chen.jie")
	made := owner.post("/records/lead", map[string]any{"fields": lead("0002")}).ok()
	ask := map[string]any{"process": "lead-review", "record": map[string]any{"type": "lead", "id": made["id"]}}
	said := foreseen(t, owner.post("/cases/preview", ask).ok())["first-contact"]
	started := owner.post("/cases", ask).ok()
	open := started["open"].([]any)[0].(map[string]any)
	require.Equal(t, whom(said), open["who"])
	require.Equal(t, said["due_at"], open["due_at"])
	owner.post("/cases/preview", ask).refused(process.CodeAlreadyOpen)

	path := "/cases/" + started["id"].(string) + "/preview"
	next := foreseen(t, owner.get(path).ok())
	require.Equal(t, []any{"li.na"}, whom(next["negotiate"]))
	b.as("he.yue").get(path).refused(process.CodeNotFound)
	manager.post("/tasks/"+openTask(started)+"/reject", map[string]any{"comment": "no"}).ok()
	require.Empty(t, owner.get(path).ok()["steps"])
}
