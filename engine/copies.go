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

// Read marks a copy as read by whoever it is for. Reading it again changes nothing. It is no event of the case. Refusals: not_found, not_your_task,
// forbidden (the task is no copy: it is to be decided).
func (e *Engine) Read(ctx context.Context, r Request, task string) (Answer, error) {
	return answered(ctx, e, r, func(req request) (Answer, error) {
		t, err := req.tx.Task(ctx, task)
		if errors.Is(err, store.ErrNotFound) {
			return Answer{}, process.Refuse(process.CodeNotFound, "没有这个任务", "there is no such task")
		}
		if err != nil {
			return Answer{}, err
		}
		if t.Kind != store.KindCopy {
			return Answer{}, process.Refuse(process.CodeForbidden, "只有抄送可以标记为已读；任务需要办理", "only a copy is marked as read; a task is to be decided")
		}
		if str(t.Assignee) != r.Caller {
			return Answer{}, process.Refuse(process.CodeNotYourTask, "这不是抄送给您的", "this copy isn't yours")
		}
		if err := e.read(ctx, req, t); err != nil {
			return Answer{}, err
		}
		answer, err := e.copyRead(ctx, req, t.ID)
		if err != nil {
			return Answer{}, err
		}
		return answer, req.keep(ctx, answer)
	})
}

func (e *Engine) read(ctx context.Context, r request, t store.TaskRow) error {
	p, err := r.tx.Present(ctx)
	if err != nil {
		return err
	}
	return r.tx.ReadCopy(ctx, t.ID, later(p.At(r.real), t.OpenedAt))
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
