package engine

import (
	"context"
	"errors"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// copyWhy is why somebody has a copy.
var copyWhy = process.Text{ZH: "抄送给您，无需办理", EN: "for your information; nothing to do"}

// copyTo gives each person a copy to be read, and tells them. The case's state knows nothing of it: a copy holds nothing up, and outlives the case.
func (c *change) copyTo(e process.CopyTo) {
	title := c.in.Process.Title
	if s := c.in.Process.Step(e.Step); s != nil {
		title = s.Title
	}
	for _, id := range e.To {
		t := c.taskRow(process.Task{ID: newID(c.real), Step: e.Step, Round: 1, Kind: store.KindCopy, Title: title, Assignee: id, Why: copyWhy, OpenedAt: e.At})
		c.put(t)
		c.tell(process.Tell{To: []string{id}, About: "copied", Task: t.ID, Step: e.Step, Text: e.Text, At: e.At})
	}
}

// Read marks a copy as read by whoever it is for; of a task it notes that one of its people has opened it, so that what led to it can't be taken back any
// more. Doing so again changes nothing. It is no event of the case. Refusals: not_found, not_your_task.
func (e *Engine) Read(ctx context.Context, r Request, task string) (Answer, error) {
	return answered(ctx, e, r, func(req request) (Answer, error) {
		t, err := req.tx.Task(ctx, task)
		if errors.Is(err, store.ErrNotFound) {
			return Answer{}, process.Refuse(process.CodeNotFound, "没有这个任务", "there is no such task")
		}
		if err != nil {
			return Answer{}, err
		}
		if err := e.read(ctx, req, r, t); err != nil {
			return Answer{}, err
		}
		answer, err := e.copyRead(ctx, req, t.ID)
		if err != nil {
			return Answer{}, err
		}
		return answer, req.keep(ctx, answer)
	})
}

func (e *Engine) read(ctx context.Context, req request, r Request, t store.TaskRow) error {
	switch {
	case t.Kind != store.KindCopy:
		return e.look(ctx, req, r, t)
	case str(t.Assignee) != r.Caller:
		return process.Refuse(process.CodeNotYourTask, "这不是抄送给您的", "this copy isn't yours")
	}
	p, err := req.tx.Present(ctx)
	if err != nil {
		return err
	}
	return req.tx.ReadCopy(ctx, t.ID, later(p.At(req.real), t.OpenedAt))
}

// copyRead shows a copy as it stands, with its case.
func (e *Engine) copyRead(ctx context.Context, r request, task string) (Answer, error) {
	row, err := r.tx.TaskInCase(ctx, task)
	if err != nil {
		return Answer{}, err
	}
	v, err := e.Viewer(ctx)
	if err != nil {
		return Answer{}, err
	}
	v.As(r.Caller, r.Admin)
	view, err := v.TaskRow(row.Task, row.Case, row.Record)
	if err != nil {
		return Answer{}, err
	}
	c, err := v.Case(row.Case, row.Record)
	return Answer{Task: &view, Case: c}, err
}
