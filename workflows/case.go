// Package workflows is Temporal workflow code, and the client that starts and signals workflows.
//
// A workflow decides nothing: PostgreSQL holds the truth of each case, and its workflow is the clock that never forgets a moment.
package workflows

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/crmflow/crmflow/activities"
	"github.com/crmflow/crmflow/engine"
)

// Names that stand in histories: never change one.
const (
	TaskQueue     = "crmflow"
	CaseWorkflow  = "Case"
	SignalChanged = "changed"
	advance       = "Advance"
)

// CaseInput is what a case's workflow starts with. It carries ids, step names and moments, no personal data.
type CaseInput struct {
	Case  string         `json:"case"`
	Known *engine.Signal `json:"known,omitempty"` // what the run before this one knew
}

// Case is the workflow of one case, from its start to its end. It hears of the case's newest state by signals, waits for the case's next moment,
// and ends with the case's outcome.
func Case(ctx workflow.Context, in CaseInput) (string, error) {
	c := &caseRun{id: in.Case, changed: workflow.GetSignalChannel(ctx, SignalChanged)}
	if in.Known != nil {
		c.known = *in.Known
	}
	c.drain(ctx)
	return c.run(ctx)
}

// caseRun is one run of a case's workflow.
type caseRun struct {
	id      string
	known   engine.Signal // the newest state it has heard of
	gone    bool          // the case doesn't exist (any more)
	doubts  bool          // it heard of an older state than it knows
	changed workflow.ReceiveChannel
	timer   workflow.Future // nil: none armed
	armed   time.Time       // when it fires
	disarm  workflow.CancelFunc
}

func (c *caseRun) run(ctx workflow.Context) (string, error) {
	if c.known.Seq == 0 {
		if err := c.tick(ctx); err != nil { // started without a signal: it asks
			return "", err
		}
	}
	for {
		c.show(ctx)
		switch {
		case c.doubts && !c.gone:
			if err := c.tick(ctx); err != nil {
				return "", err
			}
			continue
		case c.gone:
			return outcomeGone, nil
		case c.known.Ended:
			return c.known.Outcome, nil
		case workflow.GetInfo(ctx).GetContinueAsNewSuggested():
			c.drain(ctx)
			if !c.known.Ended && !c.doubts {
				return "", workflow.NewContinueAsNewError(ctx, Case, CaseInput{Case: c.id, Known: &c.known})
			}
			continue
		}
		c.arm(ctx)
		if err := c.wait(ctx); err != nil {
			return "", err
		}
	}
}

// minWait keeps a moment that is said to be over already from becoming a loop without a pause.
const minWait = 50 * time.Millisecond

// arm sets the timer to the next moment. It leaves an earlier one alone: a tick with nothing due arms it anew, and costs less than a timer cancelled at every decision.
func (c *caseRun) arm(ctx workflow.Context) {
	at := c.known.WakeReal
	if at == nil || c.timer != nil && !at.Before(c.armed) {
		return
	}
	if c.timer != nil {
		c.disarm()
	}
	timer, cancel := workflow.WithCancel(ctx)
	c.timer, c.armed, c.disarm = workflow.NewTimer(timer, max(at.Sub(workflow.Now(ctx)), minWait)), *at, cancel
}

// wait waits until there is news, or the timer fires.
func (c *caseRun) wait(ctx workflow.Context) error {
	var err error
	s := workflow.NewSelector(ctx)
	s.AddReceive(c.changed, func(workflow.ReceiveChannel, bool) { c.drain(ctx) })
	s.AddReceive(ctx.Done(), func(workflow.ReceiveChannel, bool) { err = ctx.Err() })
	if c.timer != nil {
		s.AddFuture(c.timer, func(workflow.Future) {
			c.timer = nil
			err = c.tick(ctx)
		})
	}
	s.Select(ctx)
	return err
}

// drain hears every signal that has arrived.
func (c *caseRun) drain(ctx workflow.Context) {
	for {
		var s engine.Signal
		if !c.changed.ReceiveAsync(&s) {
			return
		}
		c.hear(ctx, s)
	}
}

// hear takes in a state. An older one than it knows came too late, or the database was set back: it asks. A state of another case means that the
// database was set back and has given the number anew: PostgreSQL always wins.
func (c *caseRun) hear(ctx workflow.Context, s engine.Signal) {
	switch {
	case s.CaseID != c.id:
		c.id, c.known = s.CaseID, s
	case s.Seq >= c.known.Seq:
		c.known = s
	case asksWhenOlder(ctx):
		c.doubts = true
	}
}

// asksWhenOlder says whether this run asks when it hears of an older state; before 0.3 older states were old news.
func asksWhenOlder(ctx workflow.Context) bool {
	return workflow.GetVersion(ctx, "ask-when-older", workflow.DefaultVersion, 1) >= 1
}

// tick lets what is due take effect, and learns when to come again. The answer is of a later moment than all it knew: an older state in it means
// that the database was set back.
func (c *caseRun) tick(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 30 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: 100 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 5 * time.Second},
	})
	asked := c.id
	c.doubts = false
	var w engine.Wake
	err := workflow.ExecuteActivity(ctx, advance, asked).Get(ctx, &w)
	var app *temporal.ApplicationError
	if errors.As(err, &app) && app.Type() == activities.NoSuchCase {
		c.drain(ctx)
		c.gone = c.id == asked
		return nil
	}
	if err != nil {
		return err
	}
	if w.Seq >= c.known.Seq || asksWhenOlder(ctx) {
		c.known = engine.Signal{CaseID: asked, Seq: w.Seq, Stage: w.Stage, Holders: w.Holders, WakeAt: w.WakeAt, WakeReal: w.WakeReal, Ended: w.Ended, Outcome: w.Outcome}
	}
	return nil
}

// show says where the case stands, for whoever opens Temporal's page.
func (c *caseRun) show(ctx workflow.Context) {
	lines := []string{"**" + or(c.known.Stage, "–") + "**"}
	if len(c.known.Holders) > 0 {
		lines = append(lines, "with "+strings.Join(c.known.Holders, ", "))
	}
	if c.known.WakeAt != nil {
		lines = append(lines, "next moment "+c.known.WakeAt.Format(time.RFC3339))
	}
	if c.known.Ended {
		lines = []string{fmt.Sprintf("**ended: %s**", c.known.Outcome)}
	}
	workflow.SetCurrentDetails(ctx, strings.Join(lines, "\n\n"))
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
