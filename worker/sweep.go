package worker

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/workflows"
)

const sweepBatch = 200

// sweeper is how far the sweeps of one worker have come.
type sweeper struct {
	after string             // the id up to which the rolling check of cases has come
	page  []byte             // where the rolling check of workflows goes on
	seen  []store.Seen       // the moments of the last sweeps of news, oldest first
	ended [2]map[string]bool // the workflows told to end on this round through all of them, and on the one before: each is told once
}

// keepNews is for how many sweeps news is kept for servers that haven't looked yet.
const keepNews = 4

// sweepNews forgets what every server has long read.
func (r *runner) sweepNews(ctx context.Context) error {
	var before store.Seen
	if len(r.seen) == keepNews {
		before = r.seen[0]
	}
	now, err := r.DB.SweepNews(ctx, before)
	if err != nil {
		return err
	}
	r.seen = append(r.seen, now)
	r.seen = r.seen[max(0, len(r.seen)-keepNews):]
	return nil
}

// sweep hands on the tasks of those whose absence has begun, gives a workflow to open cases that have none, and ends the workflows whose case has ended or doesn't
// exist, a page at every sweep. So a lost or restored Temporal, or database, mends itself; what was mended is noted.
func (r *runner) sweep(ctx context.Context) error {
	if err := r.Engine.BeginAbsences(ctx); err != nil {
		return err
	}
	if err := r.roll(ctx); err != nil {
		return err
	}
	return r.rollBack(ctx)
}

// notOurs says that there is no such case, or that only a newer worker understands it.
func notOurs(err error) bool {
	return errors.Is(err, store.ErrNotFound) || errors.Is(err, engine.ErrNewerFormat)
}

// roll looks whether the next page of open cases ask anybody who is there, and whether their workflows run.
func (r *runner) roll(ctx context.Context) error {
	ids, err := r.DB.OpenCasesAfter(ctx, r.after, sweepBatch)
	if err != nil {
		return err
	}
	if err := r.Engine.AskAnew(ctx, ids); err != nil {
		return err
	}
	for _, id := range ids {
		if err := r.giveWorkflow(ctx, id); err != nil {
			return err
		}
		r.after = id
	}
	if len(ids) < sweepBatch {
		r.after = ""
	}
	return nil
}

// giveWorkflow makes sure that the workflow of an open case runs.
func (r *runner) giveWorkflow(ctx context.Context, id string) error {
	s, err := r.Engine.SignalOf(ctx, id)
	if notOurs(err) || s.Ended {
		return nil
	}
	if err != nil {
		return err
	}
	call, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	runs, err := workflows.Runs(call, r.Temporal, s.Workflow)
	if err != nil || runs {
		return err
	}
	if coming, err := r.DB.OnItsWay(ctx, id); err != nil || coming { // its start stands in the outbox
		return err
	}
	if err := workflows.Wake(call, r.Temporal, s); err != nil {
		return err
	}
	r.repaired(ctx, store.RepairMissing, s.Workflow, id)
	return nil
}

// rollBack looks whether the cases of the next page of workflows that run are still open.
func (r *runner) rollBack(ctx context.Context) error {
	if len(r.page) == 0 {
		r.ended = [2]map[string]bool{{}, r.ended[0]}
	}
	call, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	ids, next, err := workflows.Running(call, r.Temporal, r.page, sweepBatch)
	r.page = next // of a page that can't be read it begins anew
	if err != nil {
		return err
	}
	var running []store.Running
	for _, id := range ids {
		if process, number, ok := strings.Cut(id, "/"); ok {
			running = append(running, store.Running{Process: process, Number: number})
		}
	}
	left, err := r.DB.LeftOver(ctx, running)
	if err != nil {
		return err
	}
	for w, id := range left {
		if err := r.endWorkflow(ctx, engine.WorkflowID(w.Process, w.Number), id); err != nil {
			return err
		}
	}
	return nil
}

// endWorkflow ends a workflow whose case has ended, or doesn't exist.
func (r *runner) endWorkflow(ctx context.Context, workflow, id string) error {
	call, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	runs, err := workflows.Runs(call, r.Temporal, workflow)
	if err != nil || !runs { // the list was a moment old
		return err
	}
	tell := func() error { return workflows.Gone(call, r.Temporal, workflow) }
	if id != "" {
		s, err := r.Engine.SignalOf(ctx, id)
		if err != nil || !s.Ended {
			return err
		}
		tell = func() error { return workflows.Over(call, r.Temporal, s) }
	}
	if err := tell(); err != nil {
		return err
	}
	if r.ended[0][workflow] = true; !r.ended[1][workflow] {
		r.repaired(ctx, store.RepairLeftOver, workflow, id)
	}
	return nil
}

// repaired says, in the log and in the list of repairs, what was put right. Where the list can't be written the log has it.
func (r *runner) repaired(ctx context.Context, what, workflow, caseID string) {
	slog.Warn("worker: repaired", "what", what, "workflow", workflow, "case", caseID)
	if err := r.DB.AddRepair(ctx, store.RepairRow{At: time.Now(), What: what, Workflow: workflow, CaseID: caseID}); err != nil {
		slog.Warn("worker: a repair could not be noted", "workflow", workflow, "error", err)
	}
}
