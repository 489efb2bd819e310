package server

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// many is a chain whose steps differ in what may be done in bulk.
const many = `process: many
title: {zh: 批量, en: Many}
record: lead
number: "MA{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
copy: [{to: {user: zhou.min}, at: start}]
steps:
  - {id: plain, approve: Plain, by: {user: chen.jie}, show: [need]}
  - {id: alone, approve: Alone, by: {user: chen.jie}, bulk: no}
  - {id: form, approve: Form, by: {user: chen.jie}, edit: {need: required}}
  - {id: sign, approve: Sign, by: {user: chen.jie}, signature: required}
  - {id: work, task: Work, by: {user: chen.jie}, outcomes: {good: {end: good}, bad: {end: bad}}}
`

// inMany starts n cases and gives the open task of each.
func inMany(b *bundle, from, n int) (ids []string) {
	b.Helper()
	for i := range n {
		c := b.as("li.na").post("/cases", map[string]any{"process": "many", "with": lead(fmt.Sprint(1000 + from + i))}).ok()
		ids = append(ids, openTask(c))
	}
	return ids
}

// bulk is the body of an act on several tasks.
func bulk(act, comment string, ids ...string) map[string]any {
	var tasks []map[string]any
	for _, id := range ids {
		tasks = append(tasks, map[string]any{"id": id})
	}
	return map[string]any{"act": act, "comment": comment, "tasks": tasks}
}

// outcomes are the statuses and codes of a bulk act, in order.
func outcomes(items []map[string]any) (out []string) {
	for _, i := range items {
		code, _ := i["code"].(string)
		out = append(out, fmt.Sprint(i["status"], code))
	}
	return out
}

// open is the open task of a bulk item's case.
func (b *bundle) next(item map[string]any) string { return openTask(item["case"].(map[string]any)) }

// Each task is acted on by itself: what is refused says why and hinders no other.
func TestBulkHasAResultPerItem(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.publish("many.yaml", many)
	manager := b.as("chen.jie")
	ids := inMany(b, 0, 4)
	lead := "/records/lead/" + manager.get("/tasks/" + ids[1]).ok()["record"].(map[string]any)["id"].(string)
	seen := manager.get("/tasks/" + ids[1]).ok()["seen"]
	b.as("deng.rui").patch(lead, map[string]any{"fields": map[string]any{"owner": "li.na"}}).ok()
	manager.post("/tasks/"+ids[2]+"/approve", nil).ok()

	body := bulk("approve", "", ids[0], ids[1], ids[2], "none")
	body["tasks"].([]map[string]any)[1]["seen"] = "sha256:" + fmt.Sprintf("%064d", 1)
	items := manager.post("/tasks/bulk", body).items()
	require.Equal(t, []string{"200", "409content_changed", "409task_closed", "404not_found"}, outcomes(items))
	for i, id := range []string{ids[0], ids[1], ids[2], "none"} {
		require.Equal(t, id, items[i]["id"])
	}
	require.Equal(t, "alone", items[0]["case"].(map[string]any)["open"].([]any)[0].(map[string]any)["step"], "the case has gone on")
	require.NotEmpty(t, items[1]["detail"])
	require.NotContains(t, items[1], "case")
	require.Equal(t, "open", manager.get("/tasks/" + ids[1]).ok()["status"], "a changed row drops out")

	body = bulk("approve", "", ids[1])
	body["tasks"].([]map[string]any)[0]["seen"] = seen
	require.Equal(t, []string{"200"}, outcomes(manager.post("/tasks/bulk", body).items()))
	require.Equal(t, []string{"403not_your_task"}, outcomes(b.as("sun.peng").post("/tasks/bulk", bulk("approve", "", ids[3])).items()))
	require.Equal(t, []string{"422comment_required"}, outcomes(manager.post("/tasks/bulk", bulk("reject", "", ids[3])).items()))
	require.Equal(t, []string{"200"}, outcomes(manager.post("/tasks/bulk", bulk("reject", "no need", ids[3])).items()))
}

// A step that says so, a form that isn't filled in and a signature want the task to be opened; what nobody decides is read.
func TestBulkLeavesOutWhatMustBeOpened(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.publish("many.yaml", many)
	manager := b.as("chen.jie")
	id := inMany(b, 0, 1)[0]
	item := manager.post("/tasks/bulk", bulk("approve", "", id)).items()[0]
	alone := b.next(item)
	require.Equal(t, []string{"403forbidden"}, outcomes(manager.post("/tasks/bulk", bulk("approve", "", alone)).items()))
	require.Equal(t, []string{"403forbidden"}, outcomes(manager.post("/tasks/bulk", bulk("reject", "no", alone)).items()))
	form := openTask(manager.post("/tasks/"+alone+"/approve", nil).ok()["case"].(map[string]any))
	refused := manager.post("/tasks/bulk", bulk("approve", "", form)).items()
	require.Equal(t, []string{"422field_required"}, outcomes(refused))
	require.Equal(t, "need", refused[0]["errors"].([]any)[0].(map[string]any)["field"])
	sign := openTask(manager.post("/tasks/"+form+"/approve", map[string]any{"fields": map[string]any{"need": "pumps"}}).ok()["case"].(map[string]any))
	require.Equal(t, []string{"422signature_required"}, outcomes(manager.post("/tasks/bulk", bulk("approve", "", sign)).items()))
	signed := map[string]any{"signature": "sha256:" + fmt.Sprintf("%064d", 7)}
	work := openTask(manager.post("/tasks/"+sign+"/approve", signed).ok()["case"].(map[string]any))
	body := bulk("complete", "", work)
	require.Equal(t, []string{"422unknown_outcome"}, outcomes(manager.post("/tasks/bulk", body).items()))
	body["outcome"] = "good"
	require.Equal(t, "good", manager.post("/tasks/bulk", body).items()[0]["case"].(map[string]any)["outcome"])

	director := b.as("zhou.min")
	copied := director.get("/tasks?box=copied").items()[0]["id"].(string)
	require.Equal(t, []string{"200", "404not_found"}, outcomes(director.post("/tasks/bulk", bulk("read", "", copied, "none")).items()))
	require.Equal(t, 0.0, director.box("copied")["count"])
}

// Sent again under its key, what was done is answered as it was and isn't done again, and what was refused is tried again.
func TestBulkIsDoneOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.publish("many.yaml", many)
	manager := b.as("chen.jie")
	ids := inMany(b, 0, 2)
	first := manager.keyed("k", "/tasks/bulk", bulk("approve", "fine", ids[0], ids[1])).items()
	require.Equal(t, []string{"200", "200"}, outcomes(first))
	require.Equal(t, first, manager.keyed("k", "/tasks/bulk", bulk("approve", "fine", ids[0], ids[1])).items())
	manager.keyed("k", "/tasks/bulk", bulk("reject", "no", ids[0])).refused(process.CodeKeyReused)
	require.Equal(t, []string{"409task_closed", "409task_closed"}, outcomes(manager.keyed("l", "/tasks/bulk", bulk("approve", "fine", ids[0], ids[1])).items()))
	timeline := manager.get("/cases/" + first[0]["case"].(map[string]any)["id"].(string) + "/timeline").items()
	decided := 0
	for _, e := range timeline {
		if e["event"] == "decided" {
			decided++
		}
	}
	require.Equal(t, 1, decided)
}

func TestBulkRefusesWhatCantBeMeant(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	manager := b.as("chen.jie")
	var ids []string
	for i := range 101 {
		ids = append(ids, fmt.Sprint("t", i))
	}
	manager.post("/tasks/bulk", bulk("approve", "", ids...)).refused(process.CodeFieldInvalid)
	manager.post("/tasks/bulk", bulk("approve", "")).refused(process.CodeFieldInvalid)
	manager.post("/tasks/bulk", bulk("assign", "x", "t1")).refused(process.CodeFieldInvalid)
	manager.post("/tasks/bulk", bulk("approve", "", "t1", "t1")).refused(process.CodeFieldInvalid)
	require.Len(t, manager.post("/tasks/bulk", bulk("approve", "", ids[:100]...)).items(), 100)
	b.nobody().post("/tasks/bulk", bulk("approve", "", "t1")).refused(codeUnauthenticated)
}
