package bench

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sampleOf is so many operations in so long, each of the same length.
func sampleOf(n int, took, each time.Duration) phase {
	s := sample{items: n, took: took}
	for range n {
		s.laps = append(s.laps, each)
	}
	return phase{sample: s, settled: 2 * took}
}

func turnOf(floor, crmflow, http int) turn {
	course := func(n int) course {
		return course{
			starts: sampleOf(n, time.Second, time.Millisecond), decisions: sampleOf(n, time.Second, 2*time.Millisecond),
			ends: sampleOf(n, time.Second, time.Millisecond), whole: sampleOf(n/4, time.Second, time.Millisecond),
		}
	}
	t := turn{floor: course(floor), crmflow: course(crmflow), http: sampleOf(http, time.Second, time.Millisecond).sample, cases: 100}
	t.crmflow.used = usage{"server": 400 * time.Millisecond, "postgres": 800 * time.Millisecond}
	t.grown = footprint{crmflow: 819200, temporal: 1638400}
	return t
}

// exampleReport has the same figures at both numbers of clients.
func exampleReport() Report {
	turns := []turn{turnOf(200, 1000, 2000), turnOf(400, 1000, 1000), turnOf(100, 1000, 1600)}
	r := Report{
		Machine: Machine{Cores: 2, Model: "Example CPU", MemoryMB: 8192, OS: "linux/amd64 6.1", Go: "go1.26.8", Postgres: "15.6", Temporal: "1.32.1"},
		Commit:  "0123abc", Rounds: 3, Clients: []AtClients{compare(1, turns), compare(16, turns)},
		PerDecision: PerDecision{Transactions: 1, Statements: 17, HistoryEvents: 7, CPUms: cpuPerDecision(turns)},
		Goals:       []Goal{}, Notes: []string{},
	}
	r.BytesPerCase, r.TemporalBytesPerCase = bytesPerCase(turns)
	r.judge()
	return r
}

func TestCompare_RatiosAreTakenWithinARound(t *testing.T) {
	t.Parallel()
	c := exampleReport().Clients[1]
	require.Equal(t, Spread{Median: 5, Min: 2.5, Max: 10}, c.Ratio)
	require.Equal(t, Spread{Median: 0.625, Min: 0.5, Max: 1}, c.HTTPRatio)
	require.Equal(t, 200.0, c.Floor.DecisionsS)
	require.Equal(t, 1000.0, c.Crmflow.DecisionsS)
	require.Equal(t, 500.0, c.Crmflow.DecisionsSettledS)
	require.Equal(t, 2.0, c.Crmflow.P99)
	require.Equal(t, 1600.0, c.HTTPFloor.DecisionsS)
	require.Zero(t, c.HTTPFloor.CasesS)
}

func TestCosts_AreMediansPerDecisionAndCase(t *testing.T) {
	t.Parallel()
	r := exampleReport()
	require.Equal(t, map[string]float64{"server": 0.4, "postgres": 0.8}, r.PerDecision.CPUms)
	require.Equal(t, 8192.0, r.BytesPerCase)
	require.Equal(t, 16384.0, r.TemporalBytesPerCase)
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change  func(*Report)
		verdict string
	}{
		"all met":                {func(*Report) {}, verdictMet},
		"slower than goal":       {func(r *Report) { r.Clients[1].Ratio.Median = 3.9 }, verdictMissed},
		"far from bare SQL":      {func(r *Report) { r.Clients[1].HTTPRatio.Median = 0.49 }, verdictMissed},
		"few whole cases":        {func(r *Report) { r.Clients[1].CasesRatio.Median = 0.79 }, verdictMissed},
		"one client waits":       {func(r *Report) { r.Clients[0].Crmflow.P50 = 4.1 }, verdictMissed},
		"slow machine":           {func(r *Report) { r.Clients[1].Floor.DecisionsS = 149; r.Clients[1].Ratio.Median = 1 }, verdictSlow},
		"other numbers of them":  {func(r *Report) { r.Clients[1].N = 4 }, verdictNone},
		"just enough everywhere": {func(r *Report) { r.Clients[1].Ratio.Median, r.Clients[0].Crmflow.P50 = 4, 4 }, verdictMet},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := exampleReport()
			c.change(&r)
			r.judge()
			require.Equal(t, c.verdict, r.Verdict)
		})
	}
}

// The keys are those that checks from outside read.
func TestReport_JSONIsAsTheAPISays(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, write(&out, exampleReport(), true))
	var got struct {
		Machine map[string]any `json:"machine"`
		Commit  string         `json:"commit"`
		Rounds  int            `json:"rounds"`
		Clients []struct {
			N       int                 `json:"n"`
			Floor   map[string]*float64 `json:"floor"`
			Crmflow map[string]*float64 `json:"crmflow"`
			Ratio   map[string]*float64 `json:"ratio"`
		} `json:"clients"`
		PerDecision struct {
			Transactions  *int               `json:"transactions"`
			Statements    *int               `json:"statements"`
			HistoryEvents *float64           `json:"history_events"`
			CPUms         map[string]float64 `json:"cpu_ms"`
		} `json:"per_decision"`
		BytesPerCase *float64 `json:"bytes_per_case"`
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	require.Equal(t, 2.0, got.Machine["cores"])
	require.Equal(t, "0123abc", got.Commit)
	require.Equal(t, 3, got.Rounds)
	require.Len(t, got.Clients, 2)
	require.Equal(t, 16, got.Clients[1].N)
	for _, side := range []map[string]*float64{got.Clients[1].Floor, got.Clients[1].Crmflow} {
		for _, key := range []string{"decisions_s", "p50_ms", "p95_ms", "p99_ms"} {
			require.NotNil(t, side[key], key)
		}
	}
	for _, key := range []string{"median", "min", "max"} {
		require.NotNil(t, got.Clients[1].Ratio[key], key)
	}
	require.NotNil(t, got.PerDecision.Transactions)
	require.NotNil(t, got.PerDecision.Statements)
	require.NotNil(t, got.PerDecision.HistoryEvents)
	require.Equal(t, 0.4, got.PerDecision.CPUms["server"])
	require.NotNil(t, got.BytesPerCase)
}

func TestReport_TableForPeople(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, write(&out, exampleReport(), false))
	const golden = "testdata/report.md"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, out.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), out.String(), "UPDATE_GOLDEN=1 writes it anew")
}

func TestNumber_SaysDashForWhatWasNotMeasured(t *testing.T) {
	t.Parallel()
	for in, want := range map[float64]string{0: "–", 0.5: "0.50", 9.99: "9.99", 12.34: "12.3", 1234.5: "1234"} {
		require.Equal(t, want, number(in))
	}
}
