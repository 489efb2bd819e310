package bench

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWebReport_SaysHowLongPeopleWait(t *testing.T) {
	t.Parallel()
	r := WebReport{
		Machine: Machine{Cores: 2, OS: "linux/amd64 6.1", Go: "go1.26.8"}, Commit: "0123abc", Browser: "Chromium 156",
		Acts: []Act{{Window: "desk", Act: "opens the inbox", N: 20, P50: 212.4, P95: 340}, {Window: "phone, slow", Act: "approves it", N: 20, P50: 1480, P95: 2100.5}},
	}
	require.Equal(t, `Machine: 2 cores, linux/amd64 6.1, go1.26.8, Chromium 156. Commit 0123abc.

| on a        | somebody        | times | p50 ms | p95 ms |
|-------------|-----------------|-------|--------|--------|
| desk        | opens the inbox | 20    | 212    | 340    |
| phone, slow | approves it     | 20    | 1480   | 2100   |
`, r.Table())
}
