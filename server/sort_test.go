package server

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// A box is read from what was opened last on, too, page by page, also while new work comes in; each cursor is good for its own order only.
func TestABoxIsReadFromTheNewestOnToo(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager := b.as("li.na"), b.as("chen.jie")
	var opened []string
	for i := range 8 {
		require.NoError(t, b.db.SetClock(t.Context(), time.Now(), began.Add(time.Duration(i)*time.Hour), 1))
		opened = append([]string{openTask(owner.startCase(fmt.Sprintf("1%03d", i)))}, opened...)
	}
	ids := all(manager, "/tasks?box=todo&sort=newest", func(page int) {
		if page == 1 {
			owner.startCase("2000")
		}
	})
	require.Equal(t, opened, ids)
	require.Len(t, manager.get("/tasks?sort=newest&overdue=false&process=lead-review").items(), 9)
	require.Empty(t, manager.get("/tasks?sort=newest&overdue=true").items())
	require.Empty(t, manager.get("/tasks?sort=newest&process=other").items())
	require.Len(t, manager.get("/tasks?sort=due").items(), 9)

	next := manager.get("/tasks?sort=newest&limit=2").ok()["next"].(string)
	manager.get("/tasks?cursor="+next).field(process.CodeFieldInvalid, "cursor")
	for _, wrong := range []string{"box=todo&sort=oldest", "box=started&sort=newest", "box=done&sort=due", "box=copied&sort=due"} {
		manager.get("/tasks?"+wrong).field(process.CodeFieldInvalid, "sort")
	}
	for _, fine := range []string{"box=claimable&sort=newest", "box=started&sort=due", "box=done&sort=newest", "box=copied&sort=newest"} {
		manager.get("/tasks?" + fine).ok()
	}
}

// One's own cases are listed wherever they stand: with whom, for what they wait, and how they ended.
func TestOnesOwnCasesSayWhereTheyStand(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager := b.as("li.na"), b.as("chen.jie")
	b.publish("sample.yaml", `process: sample
title: {zh: 样品, en: Sample}
record: lead
number: "S{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - {id: look, approve: {zh: 审批, en: Approve it}, by: {user: chen.jie}}
  - {id: parcel, title: {zh: 签收, en: It arrives}, wait: {on: parcel.arrived, within: 10 working days}}
  - end: approved
`)
	asked := owner.startCase("0001")
	waits := owner.post("/cases", map[string]any{"process": "sample", "with": lead("0002")}).ok()
	over := owner.startCase("0003")
	manager.post("/tasks/"+openTask(waits)+"/approve", nil).ok()
	owner.post("/cases/"+over["id"].(string)+"/withdraw", nil).ok()

	require.ElementsMatch(t, []any{waits["id"], asked["id"]}, idsOf(owner.get("/cases?initiator=me&open=true").items()))
	require.Equal(t, []any{over["id"]}, idsOf(owner.get("/cases?initiator=me&open=false").items()))
	require.Empty(t, manager.get("/cases?initiator=me").items())
	first := owner.get("/cases?initiator=me&open=true&process=sample").items()[0]
	require.Empty(t, first["open"])
	require.Len(t, first["waits"], 1)
	step := first["waits"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"parcel", "It arrives", nil}, []any{step["step"], step["title"], step["item"]})
	require.NotNil(t, step["due_at"])
	require.Equal(t, map[string]any{"count": 2.0, "more": false, "overdue": 0.0}, owner.box("started")["cases"])
	require.Equal(t, 1.0, owner.box("started")["count"], "of which one has a task")
	owner.get("/cases?open=perhaps").field(process.CodeFieldInvalid, "open")
}

func idsOf(items []map[string]any) []any {
	ids := make([]any, len(items))
	for i, item := range items {
		ids[i] = item["id"]
	}
	return ids
}

// Channels are listed by pages, as everything is.
func TestChannelsAreListedByPages(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na")
	first := owner.get("/channels?limit=1").ok()
	require.Equal(t, "inbox", first["items"].([]any)[0].(map[string]any)["id"])
	rest := owner.get("/channels?limit=1&cursor=" + first["next"].(string)).ok()
	require.Equal(t, "email", rest["items"].([]any)[0].(map[string]any)["id"])
	require.Nil(t, rest["next"])
	require.Len(t, owner.get("/channels").items(), 2)
	owner.get("/channels?limit=0").field(process.CodeFieldInvalid, "limit")
	owner.get("/channels?cursor=x").field(process.CodeFieldInvalid, "cursor")
}
