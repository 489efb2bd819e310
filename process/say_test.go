package process

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Only approvals take added people, so nothing of them is said of a task; a share is said as it is written.
func TestSayOfAddedPeopleAndShares(t *testing.T) {
	t.Parallel()
	c := smallCase(t, `
  - {id: work, task: Work, by: initiator}
  - {id: ask, approve: Ask, by: [{user: sun.wei}, {user: he.jing}], mode: {votes: {need: 60%}}}
`)
	task, approval, found := strings.Cut(strings.Join(c.in.Process.Say("en", nil), "\n"), "Approval “Ask”")
	require.True(t, found)
	require.NotContains(t, task, "added people")
	require.Contains(t, approval, "added people")
	require.Contains(t, approval, "60% of all votes")
}
