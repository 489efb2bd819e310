package bench

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const postmaster = "12 (post) gres (x)) S 7 12 12 0 -1 4194560 1 2 3 4 100 50 25 5 20 0 1 0 77 1 2 3"

func TestParseStat_TheNameMayHoldAnything(t *testing.T) {
	t.Parallel()
	got, err := parseStat(postmaster)
	require.NoError(t, err)
	require.Equal(t, procStat{parent: 7, used: 1800 * time.Millisecond}, got)
	for _, bad := range []string{"", "12 postgres S 7", "12 (p) S x 12 12 0 -1 4 1 2 3 4 1 1 1 1 20"} {
		_, err := parseStat(bad)
		require.Error(t, err, bad)
	}
}

func TestReadStats_AddsUpATree(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for pid, line := range map[string]string{
		"12":   postmaster,
		"13":   "13 (backend) R 12 12 12 0 -1 4194560 1 2 3 4 10 10 0 0 20 0 1 0 77 1 2 3",
		"14":   "14 (worker) R 13 12 12 0 -1 4194560 1 2 3 4 5 5 0 0 20 0 1 0 77 1 2 3",
		"99":   "99 (other) R 1 99 99 0 -1 4194560 1 2 3 4 900 900 0 0 20 0 1 0 77 1 2 3",
		"self": "no number",
	} {
		require.NoError(t, os.Mkdir(filepath.Join(root, pid), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, pid, "stat"), []byte(line), 0o644))
	}
	stats := readStats(root)
	require.Len(t, stats, 4)
	used, found := treeTime(stats, 12)
	require.True(t, found)
	require.Equal(t, 2100*time.Millisecond, used)
	_, found = treeTime(stats, 5)
	require.False(t, found)
}

func TestMeter_ReadsThisProcess(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has /proc")
	}
	m := newMeter([]process{{Name: "server", PID: os.Getpid()}, {Name: "gone", PID: 1 << 30}})
	got := m.read()
	require.Contains(t, got, "server")
	require.NotContains(t, got, "gone")
	require.Empty(t, (*meter)(nil).read())
}

func TestUsage_Since(t *testing.T) {
	t.Parallel()
	before := usage{"server": time.Second, "restarted": time.Minute}
	now := usage{"server": 3 * time.Second, "worker": time.Second, "restarted": time.Second}
	require.Equal(t, usage{"server": 2 * time.Second, "worker": time.Second, "restarted": 0}, now.since(before))
}
