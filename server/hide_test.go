package server

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const hidesSomething = `process: sample-hides
title: {zh: 匿名审核, en: Without names}
record: lead
number: "HI{0000}"
subject: "{record.company}"
summary: [company, source, phone]
start: {by: [role:sales]}
steps:
  - {id: look, approve: Look, by: {user: chen.jie}, hide: [company, phone]}
  - {id: also, approve: Also, by: {user: zhou.min}}
  - end: approved
`

// What a step hides isn't sent with its task: in no form, summary, subject or title, of the task itself, of the boxes and of the answer to an act.
func TestWhatAStepHidesIsNotSentWithItsTask(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.as("deng.rui").post("/definitions", files(hidesSomething)).ok()
	with := lead("0001")
	c := b.as("li.na").post("/cases", map[string]any{"process": "sample-hides", "with": with}).ok()
	manager, director := b.as("chen.jie"), b.as("zhou.min")

	covered := func(task map[string]any) {
		t.Helper()
		require.Equal(t, "Without names", task["subject"])
		require.Equal(t, map[string]any{"source": with["source"]}, task["summary"])
		require.Equal(t, "Lead", task["record"].(map[string]any)["title"])
		for _, f := range task["form"].([]any) {
			require.NotContains(t, []string{"company", "phone"}, f.(map[string]any)["field"])
		}
	}
	listed := manager.get("/tasks?box=todo&process=sample-hides").items()
	require.Len(t, listed, 1)
	covered(listed[0])
	id := listed[0]["id"].(string)
	covered(manager.get("/tasks/" + id).ok())
	covered(b.as("deng.rui").get("/tasks/" + id).ok())
	covered(manager.post("/tasks/"+id+"/approve", nil).ok()["task"].(map[string]any))

	next := director.get("/tasks?box=todo&process=sample-hides").items()
	require.Equal(t, with["company"], next[0]["subject"], "the next step hides nothing")
	require.Equal(t, c["id"], next[0]["case"])
}
