// Package activities is what workflows call. Each activity may run more than once; what it does has one effect.
package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/temporal"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/systems"
)

// NoSuchCase is the type of the error that says that a case does not exist: PostgreSQL always wins, so its workflow ends.
const NoSuchCase = "NoSuchCase"

// Activities are the activities of one worker.
type Activities struct {
	Engine  *engine.Engine
	DB      *store.DB
	Systems *systems.Systems // that requests go to; nil: none
}

// Advance lets every moment of a case that has come take effect, and says when to come again. It fails with [NoSuchCase], which isn't retried;
// everything else is an outage or a defect, and is retried until it is over.
func (a *Activities) Advance(ctx context.Context, caseID string) (engine.Wake, error) {
	wake, err := a.Engine.Tick(ctx, caseID)
	if errors.Is(err, store.ErrNotFound) {
		return wake, temporal.NewNonRetryableApplicationError("no case "+caseID, NoSuchCase, err)
	}
	return wake, err
}
