package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A `go` to nowhere inside a branch is one problem, and the checks of the whole chain get over it.
func TestGoToNowhereInsideABranch(t *testing.T) {
	t.Parallel()
	doc := chainAboutQuest("", "  - {each: record.parts, as: x, steps: [{task: T, by: initiator, outcomes: {a: {}, b: {go: nowhere}}}]}\n")
	lib, problems := Load([]File{{Path: "p.yaml", Content: quest + "---\n" + doc}}, nil, nil)
	require.Contains(t, render(problems, "en"), "no such step: `nowhere`")
	require.NotEmpty(t, lib.Processes["flow"].WaysThrough("en"))
}
