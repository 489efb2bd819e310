package activities

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/systems"
)

// Types of the errors of requests.
const (
	NoAnswer = "NoAnswer" // the system hasn't answered yet; it is called again
	Stuck    = "Stuck"    // the case can't take the answer yet: it is held
)

const (
	firstDelay  = time.Second     // before the second attempt; each further one waits twice as long
	lastDelay   = 5 * time.Minute // at most
	askedDelay  = 10 * time.Minute
	stuckDelay  = 30 * time.Second
	roomDelay   = 2 * time.Second // before a system that is busy with others is tried, longer each time
	mostRoom    = 30 * time.Second
	beatEvery   = 3 * time.Second
	keepTimeout = 10 * time.Second
)

// CallSystem makes one attempt of a request and keeps what it came to. It fails while another attempt is to be made, and says when. A request that is over,
// or has come to something already, is left alone. No system gets more calls at once than it has room for, so that none keeps others from being called.
func (a *Activities) CallSystem(ctx context.Context, system, call string) error {
	leave, ok := a.Systems.Enter(system)
	if !ok {
		return temporal.NewApplicationErrorWithOptions(system+": others are calling it", NoAnswer, temporal.ApplicationErrorOptions{
			NextRetryDelay: min(time.Duration(activity.GetInfo(ctx).Attempt)*roomDelay, mostRoom)})
	}
	defer leave()
	row, err := a.DB.TryRequest(ctx, call, time.Now())
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	most, within := a.Systems.Limits(row.System)
	if row.Attempts > most { // the last attempt was broken off with its worker
		return a.giveUp(ctx, row, most, or(row.Why.V, process.Text{ZH: "调用中断", EN: "the call broke off"}))
	}
	answer, failure := a.attempt(ctx, row)
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout) // also by a worker that is being stopped
	defer cancel()
	switch delay := delayAfter(failure, row.Attempts); {
	case failure == nil:
		return a.DB.KeepAnswer(keep, call, answer)
	case ctx.Err() != nil: // the worker is being stopped: another one calls
		return temporal.NewApplicationError(row.System+": the call broke off", NoAnswer)
	case failure.Final || row.Attempts == most || time.Since(*row.Tried)+delay > within:
		return a.giveUp(keep, row, row.Attempts, failure.Why)
	default:
		if err := a.DB.KeepFailure(keep, call, failure.Why, false); err != nil {
			return err
		}
		return temporal.NewApplicationErrorWithOptions(row.System+": "+failure.Why.EN, NoAnswer, temporal.ApplicationErrorOptions{NextRetryDelay: delay})
	}
}

// attempt makes the call, and says meanwhile that it is at it.
func (a *Activities) attempt(ctx context.Context, row store.RequestRow) ([]byte, *systems.Failure) {
	beating, stop := context.WithCancel(ctx)
	defer stop()
	go beat(beating)
	c := systems.Call{To: row.System, Method: row.Method, Path: row.Path, Key: row.Call, Reads: row.Reads}
	if row.Body != nil {
		c.Body = *row.Body
	}
	answer, err := a.Systems.Call(ctx, c)
	failure, _ := errors.AsType[*systems.Failure](err)
	return answer, failure
}

func beat(ctx context.Context) {
	t := time.NewTicker(beatEvery)
	defer t.Stop()
	for {
		activity.RecordHeartbeat(ctx)
		select {
		case <-t.C:
		case <-ctx.Done():
			return
		}
	}
}

// delayAfter is how long to wait before the next attempt: as the system asks, within bounds, and never shorter than our own patience.
func delayAfter(f *systems.Failure, attempts int) time.Duration {
	if f == nil {
		return 0
	}
	own := min(firstDelay<<min(attempts-1, 20), lastDelay)
	return max(own, min(f.After, askedDelay))
}

func (a *Activities) giveUp(ctx context.Context, row store.RequestRow, attempts int, why process.Text) error {
	if attempts > 1 {
		why = process.Text{ZH: fmt.Sprintf("%s（已尝试 %d 次）", why.In("zh"), attempts), EN: fmt.Sprintf("%s (%d attempts)", why.In("en"), attempts)}
	}
	slog.Warn("a request to a system has failed", "system", row.System, "call", row.Call, "step", row.Step, "attempts", attempts, "why", why.EN)
	return a.DB.KeepFailure(ctx, row.Call, why, true)
}

func or(a, b process.Text) process.Text {
	if a.Empty() {
		return b
	}
	return a
}

// AnswerCase lets a case take what its request has come to. A case that can't go on from there is held; it is asked again until an administrator has
// mended it.
func (a *Activities) AnswerCase(ctx context.Context, caseID, call string) error {
	err := a.Engine.Answered(ctx, caseID, call)
	if _, refused := errors.AsType[*process.Refusal](err); refused {
		return temporal.NewApplicationErrorWithOptions("the case is held", Stuck, temporal.ApplicationErrorOptions{NextRetryDelay: stuckDelay})
	}
	return err
}
