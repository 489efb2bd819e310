package activities

import (
	"context"

	"github.com/crmflow/crmflow/engine"
)

// Occur carries out a piece of what a process's rhythm has due, and says whether there is more, or when to come again. Every failure is an outage or a
// defect, and is tried again until it is over: what has been done stands in the database.
func (a *Activities) Occur(ctx context.Context, process string) (engine.Beat, error) {
	return a.Engine.Occur(ctx, process)
}
