package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// picked is a chain whose initiator picks for one step, and whoever decides that for the next.
const picked = `process: picked
title: {zh: 选人, en: Picked}
record: lead
number: "PI{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - {id: first, approve: {zh: 初审, en: Look first}, by: {picked_by: initiator, from: [{role: sales-manager}, {user: sun.peng}], count: 1..2}, mode: all}
  - {id: second, approve: {zh: 复审, en: Look again}, by: {picked_by: previous, from: {role: finance}}}
  - {id: third, approve: {zh: 终审, en: Look last}, by: {picked_by: previous}}
  - end: approved
`

// Before anybody picks, the page is told for which step, among whom and how many.
func TestAPickSaysAmongWhom(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.publish("picked.yaml", picked)
	owner := b.as("li.na")
	for _, p := range owner.get("/processes").items() {
		if p["id"] != "picked" {
			require.Nil(t, p["picks"], p["id"])
			continue
		}
		require.Equal(t, map[string]any{"step": "first", "title": "Look first", "from": []any{"chen.jie", "huang.zhiwei", "sun.peng"}, "min": 1.0, "max": 2.0}, p["picks"])
	}
	body := map[string]any{"process": "picked", "with": lead("0001")}
	owner.post("/cases", body).field(process.CodeFieldRequired, "picks")
	body["picks"] = []string{"chen.jie"}
	c := owner.post("/cases", body).ok()

	picks := b.picksAt("chen.jie", openTask(c), "approve")
	require.Equal(t, []any{"second", 1.0, 1.0}, []any{picks["step"], picks["min"], picks["max"]})
	require.Contains(t, picks["from"], "liang.hong")
	require.NotContains(t, picks["from"], "chen.jie")
	require.Nil(t, b.picksAt("chen.jie", openTask(c), "reject"))
	approve := "/tasks/" + openTask(c) + "/approve"
	b.as("chen.jie").post(approve, nil).field(process.CodeFieldRequired, "picks")
	b.as("chen.jie").post(approve, map[string]any{"picks": []string{"liang.hong"}}).ok()
	second := b.picksAt("liang.hong", openTask(owner.get("/cases/"+c["id"].(string)).ok()), "approve")
	require.Equal(t, []any{"third", nil}, []any{second["step"], second["from"]}, "anybody")
}

// picksAt is what somebody's way out of a task picks; nil: nobody.
func (b *bundle) picksAt(user, task, act string) map[string]any {
	b.Helper()
	for _, w := range b.as(user).get("/tasks/" + task).ok()["ways"].([]any) {
		if way := w.(map[string]any); way["act"] == act {
			picks, _ := way["picks"].(map[string]any)
			return picks
		}
	}
	b.Fatalf("%s has no way to %s", user, act)
	return nil
}
