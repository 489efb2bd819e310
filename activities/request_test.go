package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/systems"
)

// Between attempts a system is left alone for longer and longer, and for as long as it asks; neither without bounds.
func TestHowLongASystemIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		attempts    int
		asks, waits time.Duration
	}{
		{1, 0, time.Second}, {2, 0, 2 * time.Second}, {5, 0, 16 * time.Second}, {9, 0, 256 * time.Second}, {10, 0, 5 * time.Minute}, {100, 0, 5 * time.Minute},
		{1, 7 * time.Second, 7 * time.Second}, {5, 7 * time.Second, 16 * time.Second}, {1, 100 * time.Hour, 10 * time.Minute},
	} {
		require.Equal(t, c.waits, delayAfter(&systems.Failure{After: c.asks}, c.attempts), "%+v", c)
	}
}
