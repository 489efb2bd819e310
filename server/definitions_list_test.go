package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// What is published is a list as any other: by pages, each definition once.
func TestDefinitionsAreListedByPages(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("zhou.min")
	all := owner.get("/definitions?limit=200").items()
	require.Greater(t, len(all), 5)
	var paged []map[string]any
	for path := "/definitions?limit=2"; path != ""; {
		page := owner.get(path)
		require.LessOrEqual(t, len(page.items()), 2)
		paged = append(paged, page.items()...)
		path = ""
		if next, more := page.body["next"].(string); more {
			path = "/definitions?limit=2&cursor=" + next
		}
	}
	require.Equal(t, all, paged)
	owner.get("/definitions?limit=201").field(process.CodeFieldInvalid, "limit")
	owner.get("/definitions?cursor=nonsense").field(process.CodeFieldInvalid, "cursor")
}
