package e2e_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/bench"
)

// A run too small to say anything about speed says everything about whether the benchmark works.
func TestBench_MeasuresBothSidesAndStops(t *testing.T) {
	t.Parallel()
	needStack(t)
	bin, err := program()
	require.NoError(t, err)
	var out, progress bytes.Buffer
	data := filepath.Join(scratch, t.Name())
	report, err := bench.Run(t.Context(), bench.Options{
		Data: data, Rounds: 1, JSON: true, Clients: []int{1, 3}, Cases: 20, Phase: 10 * time.Second, Executable: bin, Dir: "..",
		Commit: "of the test", Progress: &progress,
	}, &out)
	require.NoError(t, err, "%s", progress.String())
	require.True(t, json.Valid(out.Bytes()))
	require.Len(t, report.Clients, 2)
	for _, c := range report.Clients {
		for _, side := range []bench.Figures{c.Floor, c.HTTPFloor, c.Crmflow} {
			require.Positive(t, side.DecisionsS)
			require.Positive(t, side.P50)
		}
		require.Positive(t, c.Crmflow.CasesSettledS)
		require.Positive(t, c.Ratio.Median)
		require.Positive(t, c.CasesRatio.Median)
	}
	require.Equal(t, 1, report.PerDecision.Transactions, "a decision is one transaction")
	require.Positive(t, report.PerDecision.Statements)
	require.Positive(t, report.HistoryEventsPerCase)
	require.Positive(t, report.BytesPerCase)
	require.NoFileExists(t, filepath.Join(data, "dev.json"), "all is stopped")
}

func TestBenchTimers_EveryClockTakesEffectOnceOnBothSides(t *testing.T) {
	t.Parallel()
	needStack(t)
	bin, err := program()
	require.NoError(t, err)
	var out, progress bytes.Buffer
	data := filepath.Join(scratch, t.Name())
	report, err := bench.RunTimers(t.Context(), bench.TimersOptions{N: 30, Options: bench.Options{
		Data: data, Rounds: 1, JSON: true, Phase: time.Second, Executable: bin, Dir: "..", Commit: "of the test", Progress: &progress,
	}}, &out)
	require.NoError(t, err, "%s", progress.String())
	require.True(t, json.Valid(out.Bytes()))
	for _, side := range []bench.Lateness{report.Floor, report.Crmflow} {
		require.Positive(t, side.P50)
		require.Positive(t, side.Decisions)
		require.Zero(t, side.Lost)
		require.Zero(t, side.Doubled)
		require.Zero(t, side.Early)
	}
	require.Positive(t, report.Ratio.P95.Median)
	require.NoFileExists(t, filepath.Join(data, "dev.json"), "all is stopped")
}

func TestBenchWaiting_MeasuresMemoryAndTheOthers(t *testing.T) {
	t.Parallel()
	needStack(t)
	bin, err := program()
	require.NoError(t, err)
	var out, progress bytes.Buffer
	report, err := bench.RunWaiting(t.Context(), bench.WaitingOptions{N: 30, Crowd: 12, Fill: 5, Rate: 20, Options: bench.Options{
		Data: filepath.Join(scratch, t.Name()), JSON: true, Phase: time.Second, Executable: bin, Dir: "..", Commit: "of the test", Progress: &progress,
	}}, &out)
	require.NoError(t, err, "%s", progress.String())
	require.True(t, json.Valid(out.Bytes()))
	require.Equal(t, 42, report.Cases)
	require.Equal(t, 30, report.Steady)
	require.Positive(t, report.DecisionsP95)
	if runtime.GOOS == "linux" {
		require.Positive(t, report.After["worker"])
		require.Positive(t, report.Before["server"])
	}
}

func TestBenchWeb_SaysHowLongPeopleWaitAndStops(t *testing.T) {
	t.Parallel()
	needStack(t)
	for _, needed := range []string{"../web/node_modules/playwright-core", "../web/dist/index.html"} {
		if _, err := os.Stat(needed); err != nil {
			t.Skipf("%s isn't there: run scripts/setup web browser and scripts/build first", needed)
		}
	}
	bin, err := program()
	require.NoError(t, err)
	var out, progress bytes.Buffer
	data := filepath.Join(scratch, t.Name())
	report, err := bench.RunWeb(t.Context(), bench.Options{Data: data, Rounds: 1, JSON: true, Executable: bin, Dir: "..", Commit: "of the test", Progress: &progress}, &out)
	require.NoError(t, err, "%s", progress.String())
	require.True(t, json.Valid(out.Bytes()))
	require.Contains(t, report.Browser, "Chromium")
	require.Len(t, report.Acts, 8, "four acts in two windows")
	for _, act := range report.Acts {
		require.Equal(t, 1, act.N)
		require.Positive(t, act.P50)
	}
	require.NoFileExists(t, filepath.Join(data, "dev.json"), "all is stopped")
}
