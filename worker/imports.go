package worker

import (
	"context"
	"errors"
	"time"

	"github.com/crmflow/crmflow/workflows"
)

// startImports gives imports that aren't through a workflow: new ones at once, and those that nobody has looked at for a sweep, in case Temporal has lost
// theirs.
func (r *runner) startImports(ctx context.Context) error {
	now := time.Now()
	ids, err := r.DB.TakeImports(ctx, now.Add(-r.Sweep), now)
	if err != nil {
		return err
	}
	for i, id := range ids {
		call, cancel := context.WithTimeout(ctx, callTime)
		err := workflows.StartImport(call, r.Temporal, id)
		cancel()
		if err != nil {
			back, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTime)
			defer cancel()
			return errors.Join(err, r.DB.GiveBackImports(back, ids[i:]))
		}
	}
	return nil
}
