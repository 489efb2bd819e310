package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
)

const (
	momentsBatch  = 200
	momentsAtOnce = 4
	momentLate    = 5 * time.Second // real time that a moment may be late before it isn't left to its workflow any more
	momentMissed  = time.Minute     // real time after which that is worth noting
)

// moments lets take effect what workflows should have by now: they sleep, or Temporal is away, or it has more to do at one moment than it can.
// Asking Temporal to hurry would only give it more to do. What took effect the workflows hear of later, as they hear of decisions.
func (r *runner) moments(ctx context.Context) error {
	for {
		before, err := r.Engine.Business(ctx, time.Now().Add(-momentLate))
		if err != nil {
			return err
		}
		late, err := r.DB.OverdueCases(ctx, before, momentsBatch)
		if err != nil {
			return err
		}
		if again, err := r.catchUp(ctx, late); err != nil || !again {
			return err
		}
	}
}

// catchUp lets the moments of cases take effect, and says whether there may be more of them. One that can't keeps no other waiting.
func (r *runner) catchUp(ctx context.Context, late []store.Overdue) (again bool, err error) {
	missed, err := r.Engine.Business(ctx, time.Now().Add(-momentMissed))
	if err != nil {
		return false, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(momentsAtOnce)
	failed := make(chan struct{}, len(late))
	for _, one := range late {
		group.Go(func() error {
			err := r.Engine.CatchUp(ctx, one.Case)
			switch {
			case err == nil && one.At.Before(missed):
				r.repaired(ctx, store.RepairAsleep, engine.WorkflowID(one.Process, one.Number), one.Case)
			case notOurs(err):
				failed <- struct{}{}
			case errors.Is(err, store.ErrUnavailable):
				return err
			case err != nil:
				failed <- struct{}{}
				slog.Error("worker: a moment can't take effect; it is tried again", "case", one.Case, "error", err)
			}
			return nil
		})
	}
	err = group.Wait()
	return len(late) == momentsBatch && len(failed) == 0, err
}
