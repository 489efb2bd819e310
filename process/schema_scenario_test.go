package process

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every scenario that runs has the shapes of the schema, so an editor marks nothing in it; a word that doesn't exist it does mark.
func TestSchemaKnowsScenarios(t *testing.T) {
	t.Parallel()
	s, checked := compiledSchema(t), 0
	for _, pattern := range []string{"../scenario/testdata/habits/*.yaml", "../scenario/testdata/verbs/*.yaml", "../scenario/testdata/outside/*.yaml", "../definitions/*/*_test.yaml"} {
		paths, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, path := range paths {
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			for _, text := range strings.Split(string(content), "\n---\n") {
				if strings.Contains("\n"+text, "\ncases:") {
					checked++
					require.NoError(t, valid(t, s, text), path)
				}
			}
		}
	}
	require.Greater(t, checked, 50)
	for _, wrong := range []string{"then: [{expects: {case: running}}]", "then: [{expect: {everything: {open: []}}}]", "then: [{change: {handover: {of: li.na}}}]", "like: one"} {
		require.Error(t, valid(t, s, "process: x\ncases:\n  - at: 2026-11-23 09:00\n    "+wrong+"\n"), wrong)
	}
}
