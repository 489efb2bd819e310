package bench

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// limit bounds one measurement: it ends when either is reached.
type limit struct {
	items int
	time  time.Duration
}

// sample is what one measurement saw.
type sample struct {
	items int             // finished; always the first ones
	laps  []time.Duration // what each operation took, sorted
	took  time.Duration   // from the first operation's start to the last one's end
}

// rate is operations per second.
func (s sample) rate() float64 { return perSecond(len(s.laps), s.took) }

// work does one item and calls lap after each operation that counts.
type work func(ctx context.Context, item int, lap func()) error

// drive lets n clients do items one after the other, each client one at a time, until the limit. The first error ends it.
func drive(ctx context.Context, clients int, to limit, do work) (sample, error) {
	var next atomic.Int64
	var mu sync.Mutex
	var out sample
	group, ctx := errgroup.WithContext(ctx)
	begin := time.Now()
	for range clients {
		group.Go(func() error {
			laps, err := oneClient(ctx, &next, to, begin, do)
			mu.Lock()
			defer mu.Unlock()
			out.laps = append(out.laps, laps...)
			return err
		})
	}
	err := group.Wait()
	out.took = time.Since(begin)
	out.items = min(int(next.Load()), to.items)
	slices.Sort(out.laps)
	return out, err
}

// oneClient takes items from the common counter until the limit.
func oneClient(ctx context.Context, next *atomic.Int64, to limit, begin time.Time, do work) ([]time.Duration, error) {
	var laps []time.Duration
	for time.Since(begin) < to.time && ctx.Err() == nil {
		item := int(next.Add(1)) - 1
		if item >= to.items {
			break
		}
		last := time.Now()
		lap := func() {
			now := time.Now()
			laps = append(laps, now.Sub(last))
			last = now
		}
		if err := do(ctx, item, lap); err != nil {
			return laps, err
		}
	}
	return laps, ctx.Err()
}
