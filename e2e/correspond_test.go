package e2e_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	sdk "go.temporal.io/sdk/client"
)

// caseRow is what the database says of a case's workflow: whether there must be one, and when it must wake.
type caseRow struct {
	id, workflow string
	ended        bool
	wakes        *time.Time // on the machine's clock
}

// caseRows reads all cases.
func (s *stack) caseRows(ctx context.Context) (map[string]caseRow, error) {
	db, err := sql.Open("postgres", s.present().Database)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, `SELECT c.id, c.process || '/' || c.number, c.status = 'ended',
		k.anchor_real + (c.wake_at - k.anchor_business) / k.scale FROM cases c, clock k`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]caseRow{}
	for rows.Next() {
		var r caseRow
		if err := rows.Scan(&r.id, &r.workflow, &r.ended, &r.wakes); err != nil {
			return nil, err
		}
		all[r.workflow] = r
	}
	return all, rows.Err()
}

// runningWorkflows lists the workflows of cases that Temporal runs.
func runningWorkflows(ctx context.Context, temporal sdk.Client) (map[string]bool, error) {
	running := map[string]bool{}
	for page := []byte(nil); ; {
		list, err := temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Query: `WorkflowType = "Case" AND ExecutionStatus = "Running"`, PageSize: 1000, NextPageToken: page,
		})
		if err != nil {
			return nil, err
		}
		for _, w := range list.GetExecutions() {
			id := w.GetExecution().GetWorkflowId()
			if running[id] {
				return nil, fmt.Errorf("%s runs twice", id)
			}
			running[id] = true
		}
		if page = list.GetNextPageToken(); len(page) == 0 {
			return running, nil
		}
	}
}

// armedFor reads from a workflow's history when it will wake by itself; nil: by nothing but news. A worker may be about to arm it: asked is false then.
func armedFor(ctx context.Context, temporal sdk.Client, workflow string) (at *time.Time, asked bool, err error) {
	timers := map[int64]time.Time{}
	settled := false
	for it := temporal.GetWorkflowHistory(ctx, workflow, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		e, err := it.Next()
		if err != nil {
			return nil, false, err
		}
		switch e.GetEventType() {
		case enums.EVENT_TYPE_TIMER_STARTED:
			timers[e.GetEventId()] = e.GetEventTime().AsTime().Add(e.GetTimerStartedEventAttributes().GetStartToFireTimeout().AsDuration())
		case enums.EVENT_TYPE_TIMER_FIRED:
			delete(timers, e.GetTimerFiredEventAttributes().GetStartedEventId())
		case enums.EVENT_TYPE_TIMER_CANCELED:
			delete(timers, e.GetTimerCanceledEventAttributes().GetStartedEventId())
		case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			settled = true
		case enums.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, enums.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			settled = false
		}
	}
	for _, t := range timers {
		if at == nil || t.Before(*at) {
			at = &t
		}
	}
	return at, settled, nil
}

// correspond is an error unless Temporal has what the database says and nothing else: one workflow of every open case, armed for its moment or an
// earlier one, and none of any other.
func (s *stack) correspond(temporal sdk.Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	rows, err := s.caseRows(ctx)
	if err != nil {
		return err
	}
	running, err := runningWorkflows(ctx, temporal)
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(running)) {
		if r, ok := rows[id]; !ok || r.ended {
			errs = append(errs, fmt.Errorf("%s runs, and there is no open case of it", id))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		r := rows[id]
		if r.ended {
			continue
		}
		if !running[id] {
			errs = append(errs, fmt.Errorf("%s is open and has no workflow", id))
			continue
		}
		if err := r.armed(ctx, temporal); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// armedLate is how much later than its moment a timer may be: Temporal counts from when a busy worker's answer reaches it. A worker takes care of what is
// later than that itself.
const armedLate = 5 * time.Second

// armed is an error unless the workflow of an open case wakes in time.
func (r caseRow) armed(ctx context.Context, temporal sdk.Client) error {
	at, settled, err := armedFor(ctx, temporal, r.workflow)
	switch {
	case err != nil || r.wakes == nil:
		return err
	case !settled:
		return fmt.Errorf("%s is just thinking", r.workflow)
	case at == nil:
		return fmt.Errorf("%s must wake at %s and is not armed", r.workflow, r.wakes)
	case at.After(r.wakes.Add(armedLate)):
		return fmt.Errorf("%s must wake at %s and is armed for %s", r.workflow, r.wakes, at)
	}
	return nil
}

// untilCorrespond waits until the two correspond.
func (s *stack) untilCorrespond(within time.Duration) error {
	temporal, err := s.temporal()
	if err != nil {
		return err
	}
	defer temporal.Close()
	return eventually(within, "cases and workflows correspond", func() (bool, error) {
		err := s.correspond(temporal)
		return err == nil, err
	})
}
