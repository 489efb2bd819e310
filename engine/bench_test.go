package engine

import (
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// BenchmarkDecision measures decisions as people make them – start, approve, claim, complete, reject – each case by one client.
// Run it on a cluster with fsync on: go test ./engine -run '^$' -bench Decision -benchtime 5000x
func BenchmarkDecision(b *testing.B) {
	for _, clients := range []int{1, 4, 16} {
		b.Run(strconv.Itoa(clients), func(b *testing.B) { benchDecisions(b, clients) })
	}
}

func benchDecisions(b *testing.B, clients int) {
	w := newWorld(b)
	w.afterCommit = func(Signal) {}
	for range 4 * clients {
		w.start()
	}
	var left atomic.Int64
	left.Store(int64(b.N))
	var mu sync.Mutex
	var took []time.Duration
	timed := func(mine *[]time.Duration, do func() (Answer, error)) Answer {
		begin := time.Now()
		a, err := do()
		*mine = append(*mine, time.Since(begin))
		require.NoError(b, err)
		left.Add(-1)
		return a
	}
	b.ResetTimer()
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			var mine []time.Duration
			for left.Load() > 0 {
				act := func(a Answer, user string, c ActCommand) Answer {
					c.Task = a.Case.Open[0].Task
					return timed(&mine, func() (Answer, error) { return w.Act(w.ctx, by(user), c) })
				}
				a := timed(&mine, func() (Answer, error) {
					return w.Start(w.ctx, by("li.na"), StartCommand{Process: "review", With: lead()})
				})
				a = act(a, "wang.fang", ActCommand{Act: process.EventApprove})
				a = act(a, "xu.lei", ActCommand{Act: process.EventClaim})
				a = act(a, "xu.lei", ActCommand{Act: process.EventComplete, Outcome: "good", Fields: map[string]any{"need": "more"}})
				act(a, a.Case.Open[0].Who[0], ActCommand{Act: process.EventReject, Comment: "no"})
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
		})
	}
	all.Wait()
	b.StopTimer()
	slices.Sort(took)
	at := func(p float64) float64 { return float64(took[int(p*float64(len(took)-1))].Microseconds()) / 1000 }
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "decisions/s")
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.95), "p95-ms")
	b.ReportMetric(at(0.99), "p99-ms")
}
