package worker

import "context"

// recomputeBatch is how many cases are looked at between two pauses, so that a new calendar never crowds out the decisions of people.
const recomputeBatch = 50

// recompute goes on with what calendars that were published anew have left to count.
func (r *runner) recompute(ctx context.Context) error {
	return r.Engine.Recompute(ctx, recomputeBatch)
}
