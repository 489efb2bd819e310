package engine

import (
	"context"
	"time"
)

// TimelineEvents are all that an entry of a case's timeline can be: what webhooks can ask for.
var TimelineEvents = []string{
	"added", "answered", "assigned", "called", "changed", "chosen", "claimed", "clock_started", "clock_stopped", Commented, "decided", "differs", "ended", "failed",
	"handed_up", "happened", "jumped", "late", "migrated", "opened", "recomputed", "released", "reminded", "removed", "resumed", "returned", "revoked", "started", "suspended",
	"taken_back", "told", "transferred", "undone", Urged, "voided", "waiting", "withdrawn",
}

// Zone is the company's.
func (e *Engine) Zone(ctx context.Context) (*time.Location, error) {
	library, err := e.Library(ctx)
	if err != nil {
		return nil, err
	}
	return zoneOf(library), nil
}
