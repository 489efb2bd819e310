package server

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// visits is a chain that later becomes another one.
const visits = `process: visit
title: {zh: 拜访, en: Visit}
record: lead
start: {by: [role:sales]}
steps:
  - {id: plan, approve: {zh: 计划, en: Plan}, by: {manager_of: initiator}, due: 2 working days}
  - {id: go, task: {zh: 拜访, en: Go there}, by: initiator}
  - end: visited
`

// migrations takes a case to another version, after a look at what would become of it.
func migrations(b *bundle, admin, owner person) {
	b.publish("visit.yaml", visits)
	c := owner.post("/cases", map[string]any{"process": "visit", "with": lead("0801")}).ok()
	path := "/cases/" + c["id"].(string)
	require.NotContains(b, actions(admin.get(path).ok()), "migrate")
	b.publish("visit.yaml", strings.Replace(visits, "  - end", "  - {id: report, task: {zh: 报告, en: Report}, by: initiator}\n  - end", 1))
	require.Contains(b, actions(admin.get(path).ok()), "migrate")
	require.NotContains(b, actions(owner.get(path).ok()), "migrate")

	older := func() int { return len(admin.get("/cases?process=visit&older=true").items()) }
	require.Equal(b, 1, older())

	would := admin.post(path+"/migrate", map[string]any{"to": 2, "dry_run": true}).ok()
	require.Equal(b, "safe", would["verdict"])
	require.Equal(b, 2.0, would["case"].(map[string]any)["version"])
	require.Equal(b, 1.0, owner.get(path).ok()["version"])
	admin.post(path+"/migrate", map[string]any{"to": 2}).refused(process.CodeCommentRequired)
	owner.post(path+"/migrate", map[string]any{"to": 2, "reason": "x"}).refused(process.CodeForbidden)
	went := admin.post(path+"/migrate", map[string]any{"to": 2, "reason": "visits are reported now"}).ok()
	require.Equal(b, "safe", went["verdict"])
	require.Equal(b, []any{}, went["because"])
	require.Equal(b, 2.0, owner.get(path).ok()["version"])
	require.Zero(b, older())
	entry := b.entries(c["id"].(string), "migrated")[0]
	require.Equal(b, "deng.rui", entry["by"])
	require.Equal(b, "visits are reported now", entry["reason"])
	require.Equal(b, map[string]any{"from": 1.0, "to": 2.0, "verdict": "safe"}, entry["data"])
}

// What isn't safe is said in the caller's language, with what the mapping lacks; the case goes where the mapping says, its closed tasks stay readable, and it is
// drawn by its new version.
func TestAMigrationThatNeedsAMapping(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin, owner := b.as("deng.rui"), b.as("li.na")
	b.publish("visit.yaml", visits)
	c := owner.post("/cases", map[string]any{"process": "visit", "with": lead("0802")}).ok()
	path, plan := "/cases/"+c["id"].(string), openTask(c)
	b.as("chen.jie").post("/tasks/"+plan+"/approve", nil).ok()
	b.publish("visit.yaml", strings.NewReplacer("{id: plan, approve: {zh: 计划, en: Plan}", "{id: ask, approve: {zh: 询问, en: Ask}", "{id: go,", "{id: drive,").Replace(visits))

	would := admin.post(path+"/migrate", map[string]any{"dry_run": true}).ok()
	require.Equal(t, "mapping", would["verdict"])
	require.Equal(t, []any{map[string]any{"step": "go", "to": []any{"drive"}}}, would["needs"])
	require.Equal(t, map[string]any{"old": map[string]any{"go": "Go there"}, "new": map[string]any{"drive": "Go there"}}, would["titles"])
	require.Contains(t, would["because"].([]any), "the new version doesn't have “Go there”, where the case stands")
	zh := admin
	zh.lang = "zh"
	require.Contains(t, zh.post(path+"/migrate", map[string]any{"dry_run": true}).ok()["because"].([]any), "新版本没有正在办的“拜访”")
	admin.post(path+"/migrate", map[string]any{"reason": "x"}).field(process.CodeFieldRequired, "map.go")
	admin.post(path+"/migrate", map[string]any{"reason": "x", "map": map[string]any{"go": "ask"}}).field(process.CodeFieldInvalid, "map.go")
	require.Equal(t, []string{"go"}, steps(owner.get(path).ok()))

	went := admin.post(path+"/migrate", map[string]any{"reason": "x", "map": map[string]any{"go": "drive", "plan": "ask"}}).ok()
	require.Equal(t, "safe", went["verdict"], "by its mapping each step has one of the same kind, and nothing differs")
	now := owner.get(path).ok()
	require.Equal(t, []string{"drive"}, steps(now))
	drawn := now["steps"].([]any)
	require.Equal(t, "ask", drawn[0].(map[string]any)["step"], "what was done there is that step's now")
	require.Equal(t, "drive", drawn[1].(map[string]any)["step"])
	require.Equal(t, "approved", b.as("chen.jie").get("/tasks/" + plan).ok()["outcome"])
	require.NotEmpty(t, owner.get(path+"/timeline").items())
	require.NotEmpty(t, owner.get(path + "/preview").ok()["steps"])
	done := owner.post("/tasks/"+openTask(now)+"/complete", nil).ok()
	require.Equal(t, "visited", done["case"].(map[string]any)["outcome"])
	admin.post(path+"/migrate", map[string]any{"to": 1, "dry_run": true}).refused(process.CodeCaseEnded)
}
