package server

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

func files(content ...string) map[string]any {
	list := []map[string]any{}
	for i, c := range content {
		list = append(list, map[string]any{"path": string(rune('a'+i)) + ".yaml", "content": c})
	}
	return map[string]any{"files": list}
}

// Nothing is published when anything is wrong, and every problem says where it is.
func TestBrokenDefinitionsAreRefusedWithTheirPlaces(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("zhou.min") // a process owner
	broken := strings.Replace(claimed, "by: {role: sales}", "bye: {role: sales}", 1)
	for _, path := range []string{"/definitions", "/definitions/check"} {
		a := owner.post(path, files(holding, broken))
		a.refused(process.CodeInvalid)
		found := a.body["errors"].([]any)[0].(map[string]any)
		require.Equal(t, "b.yaml", found["file"])
		require.Positive(t, found["line"])
		require.Positive(t, found["column"])
		require.NotEmpty(t, found["message"])
	}
	for _, d := range owner.get("/definitions").items() {
		require.NotEqual(t, "sample-held", d["id"])
	}
}

func TestDefinitionsHaveVersions(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("zhou.min")
	one := owner.keyed("k", "/definitions", files(claimed))
	require.Equal(t, one.ok()["items"], owner.keyed("k", "/definitions", files(claimed)).ok()["items"])
	owner.keyed("k", "/definitions", files(holding)).refused(process.CodeKeyReused)
	second := owner.post("/definitions", files(strings.Replace(claimed, "Claim}", "Claim it}", 1))).ok()["items"].([]any)[0].(map[string]any)
	require.Equal(t, 2.0, second["version"])
	require.Contains(t, owner.get("/definitions/sample-claim/versions/1").ok()["source"], "en: Claim}")
	require.Equal(t, false, owner.get("/definitions/sample-claim/versions/1").ok()["current"])
	require.Equal(t, "Claim it", owner.get("/definitions/sample-claim/versions/2").ok()["title"])
	owner.get("/definitions/sample-claim/versions/3").refused(process.CodeNotFound)
	require.Contains(t, owner.get("/definitions/lead/versions/1?kind=record").ok()["source"], "record: lead")
}

func TestLargeDefinitionsAreTooLarge(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("zhou.min")
	owner.post("/definitions", files(strings.Repeat("#", 6<<20), strings.Repeat("#", 5<<20))).refused(codeTooLarge)
	owner.post("/definitions", files(strings.Repeat("#", 13<<20))).refused(codeTooLarge)
	owner.post("/definitions", files(strings.Repeat("#", 2<<20))).refused(process.CodeInvalid)
}
