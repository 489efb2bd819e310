package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// TestADecisionIsTakenBackUntilTheNextPersonOpensTheirTask: looking at a task, or answering it, lets what led to it stand; until then it is undone as if it hadn't been.
func TestADecisionIsTakenBackUntilTheNextPersonOpensTheirTask(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager := b.as("li.na"), b.as("chen.jie")
	c := owner.startCase("0911")
	first, id := openTask(c), c["id"].(string)
	due := manager.get("/tasks/" + first).ok()["due_at"]
	next := openTask(manager.post("/tasks/"+first+"/approve", nil).ok()["case"].(map[string]any))
	require.Contains(t, manager.get("/tasks/" + first).ok()["actions"], "take-back")
	owner.get("/tasks/" + next).ok() // looking is no saying so: a GET changes nothing

	back := manager.post("/tasks/"+first+"/take-back", nil).ok()
	require.Equal(t, []string{"first-contact"}, steps(back["case"].(map[string]any)))
	again := openTask(back["case"].(map[string]any))
	require.NotEqual(t, first, again)
	require.Equal(t, due, manager.get("/tasks/" + again).ok()["due_at"], "its limit stands")
	require.Equal(t, "closed", owner.get("/tasks/" + next).ok()["status"])
	require.Empty(t, owner.get("/tasks?box=todo&record="+c["record"].(map[string]any)["id"].(string)).items())
	require.Equal(t, "chen.jie", owner.post("/tasks/"+next+"/complete", nil).refused(process.CodeTaskClosed)["decided_by"])

	next = openTask(manager.post("/tasks/"+again+"/approve", nil).ok()["case"].(map[string]any))
	manager.post("/tasks/"+next+"/read", nil).refused(process.CodeNotYourTask)
	owner.post("/tasks/"+next+"/read", nil).ok()
	owner.post("/tasks/"+next+"/read", nil).ok()
	require.NotContains(t, manager.get("/tasks/" + again).ok()["actions"], "take-back")
	refused := manager.post("/tasks/"+again+"/take-back", nil).refused(process.CodeTaskClosed)
	require.Contains(t, refused["detail"], "Li Na has opened what comes next")
	require.Equal(t, next, openTask(manager.get("/cases/"+id).ok()))
}

const turns = `process: turns
title: {zh: 依次, en: In turn}
record: lead
number: "YC{yyyyMM}{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - {id: sign, approve: {zh: 签署, en: Sign}, by: [{user: chen.jie}, {user: zhou.min}, {user: liang.hong}], mode: in_turn}
  - end: approved
`

// TestAnAnswerInTurnIsTakenBackUntilTheNextOneOpensTheTask: within a round as between steps; whoever was asked because of it has nothing to do any more.
func TestAnAnswerInTurnIsTakenBackUntilTheNextOneOpensTheTask(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.as("deng.rui").post("/definitions", files(turns)).ok()
	c := b.as("li.na").post("/cases", map[string]any{"process": "turns", "with": map[string]any{"company": "Yongchang", "contact": "Lin", "phone": "139 0000 0929"}}).ok()
	first, second := b.as("chen.jie"), b.as("zhou.min")
	mine, box := openTask(c), "/tasks?box=todo&record="+c["record"].(map[string]any)["id"].(string)
	theirs := openTask(first.post("/tasks/"+mine+"/approve", nil).ok()["case"].(map[string]any))
	require.Contains(t, first.get("/tasks/" + mine).ok()["actions"], "take-back")
	require.Len(t, second.get(box).items(), 1)

	again := openTask(first.post("/tasks/"+mine+"/take-back", nil).ok()["case"].(map[string]any))
	require.Empty(t, second.get(box).items())
	require.Equal(t, again, first.get(box).items()[0]["id"])
	second.post("/tasks/"+theirs+"/approve", nil).refused(process.CodeTaskClosed)

	theirs = openTask(first.post("/tasks/"+again+"/approve", nil).ok()["case"].(map[string]any))
	second.post("/tasks/"+theirs+"/read", nil).ok()
	require.NotContains(t, first.get("/tasks/" + again).ok()["actions"], "take-back")
	require.Contains(t, first.post("/tasks/"+again+"/take-back", nil).refused(process.CodeTaskClosed)["detail"], "Zhou Min has opened what comes next")
	second.post("/tasks/"+theirs+"/approve", nil).ok()
}
