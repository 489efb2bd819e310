package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// TestWhoWaitsForAnOpinionHasItBackWhenItIsIn: a task whose holder asked somebody first is in nobody's box, and not open in the case, until the opinion is in.
func TestWhoWaitsForAnOpinionHasItBackWhenItIsIn(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	manager, asked := b.as("chen.jie"), b.as("zhou.min")
	c := b.as("li.na").startCase("0913")
	first, id := openTask(c), c["id"].(string)
	box := "/tasks?box=todo&record=" + c["record"].(map[string]any)["id"].(string)
	due := manager.get("/tasks/" + first).ok()["due_at"]

	manager.post("/tasks/"+first+"/add-approver", map[string]any{"to": "zhou.min", "where": "before"}).ok()
	open := manager.get("/cases/" + id).ok()["open"].([]any)
	require.Len(t, open, 1)
	require.Equal(t, []any{"zhou.min"}, open[0].(map[string]any)["who"])
	require.Empty(t, manager.get(box).items())
	require.Empty(t, b.as("li.na").get("/tasks?box=started&q=0913").items()[1:], "of the two, who started it sees the one that is asked")
	manager.post("/tasks/"+first+"/approve", nil).refused(process.CodeNotYourTask)

	opinion := asked.get(box).items()[0]["id"].(string)
	asked.post("/tasks/"+opinion+"/approve", map[string]any{"comment": "fine"}).ok()
	mine := manager.get(box).items()
	require.Len(t, mine, 1)
	require.Equal(t, []any{first, due}, []any{mine[0]["id"], mine[0]["due_at"]})
	require.Equal(t, first, openTask(manager.get("/cases/"+id).ok()))

	asked.post("/tasks/"+opinion+"/take-back", nil).ok()
	require.Empty(t, manager.get(box).items(), "until the opinion is in again")
	opinion = asked.get(box).items()[0]["id"].(string)
	asked.post("/tasks/"+opinion+"/approve", map[string]any{"comment": "fine after all"}).ok()
	manager.post("/tasks/"+first+"/read", nil).ok()
	asked.post("/tasks/"+opinion+"/take-back", nil).refused(process.CodeTaskClosed)
	manager.post("/tasks/"+first+"/approve", nil).ok()
}

// Who waits for an opinion and is away from then on, or leaves, is found all the same: the task is their stand-in's when the opinion is in.
func TestWhoWaitsForAnOpinionIsFoundWhenTheyAreAway(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	manager := b.as("chen.jie")
	c := b.as("li.na").startCase("0914")
	first, id := openTask(c), c["id"].(string)
	manager.post("/tasks/"+first+"/add-approver", map[string]any{"to": "zhou.min", "where": "before"}).ok()
	counts := map[any]any{}
	for _, one := range b.as("deng.rui").post("/users/chen.jie/handover?preview=true", map[string]any{"to": "huang.zhiwei"}).ok()["items"].([]any) {
		item := one.(map[string]any)
		counts[item["what"]] = item["count"]
	}
	require.EqualValues(t, 1, counts["tasks"])
	require.Equal(t, 201, manager.post("/absences", absenceOf("from", "2026-09-28", "to", "2026-09-30", "stand_in", "huang.zhiwei")).status)
	opinion := openTask(manager.get("/cases/" + id).ok())
	b.as("zhou.min").post("/tasks/"+opinion+"/approve", map[string]any{"comment": "fine"}).ok()
	open := manager.get("/cases/" + id).ok()["open"].([]any)
	require.Len(t, open, 1)
	require.Equal(t, []any{first, []any{"huang.zhiwei"}}, []any{open[0].(map[string]any)["task"], open[0].(map[string]any)["who"]})
}
