package server

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Whoever sees a case sees who has read the copies of it, and since when.
func TestACaseSaysWhoHasReadItsCopies(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, reader := b.as("li.na"), b.as("sun.peng")
	id := owner.startCase("0001")["id"].(string)
	require.Empty(t, owner.get("/cases/" + id).ok()["copies"])
	b.as("chen.jie").post("/cases/"+id+"/copy", map[string]any{"to": []string{"sun.peng", "liang.hong"}}).ok()
	read := func() map[any]bool {
		out := map[any]bool{}
		for _, c := range owner.get("/cases/" + id).ok()["copies"].([]any) {
			one := c.(map[string]any)
			out[one["to"]] = one["read_at"] != nil
		}
		return out
	}
	require.Equal(t, map[any]bool{"sun.peng": false, "liang.hong": false}, read())
	reader.post("/tasks/"+reader.get("/tasks?box=copied").items()[0]["id"].(string)+"/read", nil).ok()
	require.Equal(t, map[any]bool{"sun.peng": true, "liang.hong": false}, read())
	require.Contains(t, reader.get("/cases/"+id).ok(), "copies", "so does whoever has one")
	for _, c := range owner.get("/cases").items() {
		require.NotContains(t, c, "copies", "lists say nothing of them")
	}
}
