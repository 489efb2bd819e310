package store

import (
	"context"
	"time"
)

// RunsSince is since when a case that isn't suspended has run: since it was last resumed, or since its start.
func (tx *Tx) RunsSince(ctx context.Context, caseID string) (time.Time, error) {
	var at time.Time
	return at, tx.Get(ctx, &at, `SELECT coalesce((SELECT max(t.at) FROM timeline t WHERE t.case_id = c.id AND t.event = 'resumed'), c.started_at) FROM cases c WHERE c.id = $1`, caseID)
}
