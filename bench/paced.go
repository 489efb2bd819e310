package bench

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// beat is one operation of a steady stream: when it should have begun, and how long after that it was answered. So an operation that had to wait
// because those before it were slow counts with its wait.
type beat struct {
	due  time.Time
	took time.Duration
}

// paced lets clients share a steady stream of operations until stop is closed.
func paced(ctx context.Context, clients int, rate float64, stop <-chan struct{}, do func(ctx context.Context, client int) error) ([]beat, error) {
	var next atomic.Int64
	var mu sync.Mutex
	var all []beat
	begin := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for client := range clients {
		group.Go(func() error {
			beats, err := onBeat(ctx, stop, func() time.Time {
				return begin.Add(time.Duration(float64(next.Add(1)-1) / rate * float64(time.Second)))
			}, func(ctx context.Context) error { return do(ctx, client) })
			mu.Lock()
			defer mu.Unlock()
			all = append(all, beats...)
			return err
		})
	}
	err := group.Wait()
	return all, err
}

// onBeat is one client: it takes the next moment of the stream, waits for it, and does its operation.
func onBeat(ctx context.Context, stop <-chan struct{}, next func() time.Time, do func(context.Context) error) ([]beat, error) {
	var beats []beat
	for {
		due := next()
		timer := time.NewTimer(time.Until(due))
		select {
		case <-timer.C:
		case <-stop:
			timer.Stop()
			return beats, nil
		case <-ctx.Done():
			timer.Stop()
			return beats, ctx.Err()
		}
		if err := do(ctx); err != nil {
			return beats, err
		}
		beats = append(beats, beat{due, time.Since(due)})
	}
}
