package systems

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

const account = `record: account
title: Account
number: "A{0000}"
fields:
  name: {type: text, required: true}
  wanted: {type: money}
  score: {type: number}
  owner: {type: person, default: creator}
`

// The guide's chain and the guide's configuration are right, and fit each other.
func TestTheGuideIsRight(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/systems.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	require.Len(t, blocks, 2)
	library, problems := process.Load([]process.File{{Path: "account.yaml", Content: account}, {Path: "guide.yaml", Content: blocks[0][1]}}, nil, nil)
	require.False(t, process.Failed(problems), "%v", problems)
	s, err := Parse([]byte(blocks[1][1]))
	require.NoError(t, err)
	for _, step := range library.Processes["credit-review"].AllSteps() {
		if asks, ok := step.Do.(process.Request); ok {
			require.Contains(t, s.Names(), asks.To)
		}
	}
}
