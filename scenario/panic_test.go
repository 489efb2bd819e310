package scenario

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// broken is a line that breaks the machine.
type broken struct{}

func (broken) play(*world) *failure { panic("out of order") }

// What breaks in one case is that case's failure, at a place in its file.
func TestAPanicFailsItsCaseOnly(t *testing.T) {
	t.Parallel()
	s := &Scenario{File: "x_test.yaml", setting: &Setting{}, process: &process.Process{}, company: newCompany(), zone: time.UTC, reader: newReader(process.File{Path: "x_test.yaml"})}
	for _, lines := range [][]line{{broken{}}, nil} {
		s.Cases = append(s.Cases, &Case{Name: "case", scenario: s, node: &node{line: 3, column: 5}, lines: lines})
	}
	results := s.Run("en")
	require.False(t, results[0].OK)
	require.Contains(t, results[0].Message, "an internal error: out of order")
	require.True(t, results[1].OK)
}
