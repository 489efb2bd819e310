package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

const notCopied = `process: sample-uncopied
title: {zh: 不可抄送, en: Without copies}
record: lead
number: "UC{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - {id: look, approve: Look, by: {user: chen.jie}, may: [return, transfer], on: {returned: no}}
  - end: approved
`

// A copy by hand stands in the copied box until it is read, says from whom and why, and lets its reader see what the copier's step shows.
func TestACopyByHandIsReadAndShowsTheStepsFields(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager, reader := b.as("li.na"), b.as("chen.jie"), b.as("sun.peng")
	c := owner.startCase("0001")
	id := c["id"].(string)
	reader.get("/cases/" + id).refused(process.CodeNotFound)
	require.Contains(t, manager.get("/cases/" + id).ok()["actions"], "copy")

	said := map[string]any{"to": []string{"sun.peng", "liang.hong", "sun.peng"}, "comment": "you know them"}
	done := manager.keyed("k", "/cases/"+id+"/copy", said)
	require.Equal(t, id, done.ok()["id"])
	require.Equal(t, done.raw, manager.keyed("k", "/cases/"+id+"/copy", said).raw, "sent twice it is one")
	require.Equal(t, c["open"], owner.get("/cases/" + id).ok()["open"], "it holds nothing up")
	entry := owner.entriesOf(id, "told")
	require.Len(t, entry, 1)
	require.Equal(t, []any{"chen.jie", "you know them", map[string]any{"to": []any{"liang.hong", "sun.peng"}, "copy": "by_hand"}}, []any{entry[0]["by"], entry[0]["comment"], entry[0]["data"]})

	require.Equal(t, []string{"Chen Jie sent you a copy: Review the first contact: you know them · 常州天汇泵业有限公司 0001"}, reader.toldOf("copied"))
	copied := reader.get("/tasks?box=copied").items()
	require.Len(t, copied, 1)
	one := reader.get("/tasks/" + copied[0]["id"].(string)).ok()
	require.Equal(t, []any{"copy", "open", "Chen Jie sent you a copy; nothing to do: you know them", []any{"read"}}, []any{one["kind"], one["status"], one["why"], one["actions"]})
	var shown []any
	for _, f := range one["form"].([]any) {
		require.Equal(t, "read", f.(map[string]any)["access"])
		shown = append(shown, f.(map[string]any)["field"])
	}
	require.ElementsMatch(t, []any{"company", "contact", "phone", "source", "need"}, shown, "what the step shows, and nothing else")
	require.NotContains(t, reader.get("/cases/" + id).ok()["actions"], "copy", "a copy isn't copied on")
	reader.post("/cases/"+id+"/copy", map[string]any{"to": []string{"tang.ning"}}).refused(process.CodeForbidden)
	read := reader.post("/tasks/"+copied[0]["id"].(string)+"/read", nil).ok()["task"].(map[string]any)
	require.Equal(t, []any{"closed", "read"}, []any{read["status"], read["outcome"]})
	closed := reader.in("zh").post("/tasks/"+copied[0]["id"].(string)+"/approve", nil).refused(process.CodeTaskClosed)
	require.Contains(t, closed["detail"], "（已阅）")
}

func TestWhoMayCopyByHand(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager, admin := b.as("sun.peng"), b.as("chen.jie"), b.as("deng.rui")
	admin.post("/definitions", files(notCopied)).ok()
	c := owner.post("/cases", map[string]any{"process": "sample-uncopied", "with": lead("0001")}).ok()
	path := "/cases/" + c["id"].(string) + "/copy"
	to := map[string]any{"to": []string{"liang.hong"}}
	manager.post(path, to).refused(process.CodeForbidden) // their step's `may` leaves it out
	require.NotContains(t, manager.get("/cases/" + c["id"].(string)).ok()["actions"], "copy")
	b.as("li.na").post(path, to).refused(process.CodeNotFound)
	owner.post(path, map[string]any{}).field(process.CodeFieldRequired, "to")
	owner.post(path, map[string]any{"to": []string{"nobody.here"}}).field(process.CodeFieldInvalid, "to")
	require.Empty(t, b.as("liang.hong").get("/tasks?box=copied").items(), "what was refused changed nothing")

	owner.post(path, to).ok() // the case alone: the initiator had no step
	require.Empty(t, b.as("liang.hong").get("/tasks/" + b.as("liang.hong").get("/tasks?box=copied").items()[0]["id"].(string)).ok()["form"])
	manager.post("/tasks/"+openTask(c)+"/approve", nil).ok()
	admin.post(path, to).ok()
	owner.post(path, to).ok() // of a case that has ended, too
	require.Len(t, b.as("liang.hong").get("/tasks?box=copied").items(), 3)
}
