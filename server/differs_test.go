package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// What turns out otherwise than the preview said at the start stands in the timeline, with the change that is the reason; what happens as foreseen doesn't.
func TestWhatDiffersFromThePreviewIsSaid(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na")
	as, other := owner.startCase("0001"), owner.startCase("0002")
	negotiated := map[string]any{"fields": map[string]any{"need": "pumps", "products": "P-100", "expected_amount": map[string]any{"amount": 100, "currency": "CNY"}}}
	for _, c := range []map[string]any{as, other} {
		b.as("chen.jie").post("/tasks/"+openTask(c)+"/approve", nil).ok()
	}
	owner.does(as["id"].(string), "negotiate", "complete", negotiated)
	require.Empty(t, owner.entriesOf(as["id"].(string), "differs"))

	b.as("deng.rui").patch("/users/li.na", map[string]any{"manager": "zhou.min"}).ok()
	owner.does(other["id"].(string), "negotiate", "complete", negotiated)
	said := owner.entriesOf(other["id"].(string), "differs")
	require.Len(t, said, 1)
	require.Equal(t, "negotiation-report", said[0]["step"])
	require.Contains(t, said[0]["reason"], "by the organisation as it is now")
	data := said[0]["data"].(map[string]any)
	require.Equal(t, []any{"directory", map[string]any{"who": []any{"chen.jie"}}, map[string]any{"who": []any{"zhou.min"}}}, []any{data["change"], data["foreseen"], data["now"]})
	require.Contains(t, said[0]["names"], "chen.jie")
}

// What a decision is bound to is also what is attached: another file of the same name is something else.
func TestADecisionIsBoundToTheAttachments(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sales, quality := b.as("li.na"), b.as("feng.lei")
	photo := func(content string) []any {
		return []any{map[string]any{"id": sales.upload("photo.png", content).ok()["id"]}}
	}
	c := sales.complaint(map[string]any{"photos": photo(png)}).ok()
	id := c["id"].(string)
	sales.does(id, "register", "complete", nil)
	task := "/tasks/" + quality.open(id)["inspect"]
	quality.post(task+"/claim", nil).ok()
	seen := quality.get(task).ok()["seen"]
	sales.patch("/records/complaint/"+c["record"].(map[string]any)["id"].(string), map[string]any{"fields": map[string]any{"photos": photo(png + "x")}}).ok()
	require.NotEqual(t, seen, quality.get(task).ok()["seen"])
	founded := map[string]any{"outcome": "unfounded", "seen": seen}
	quality.post(task+"/complete", founded).refused(process.CodeContentChanged)
}
