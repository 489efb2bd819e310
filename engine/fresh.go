package engine

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// maxFresh is how much is kept of decisions that can be taken back although they led on; where it would be more, they stand.
const maxFresh = 32 << 10

func encodeFresh(list []process.Fresh) []byte {
	if len(list) == 0 {
		return nil
	}
	kept, err := json.Marshal(list)
	if err != nil || len(kept) > maxFresh {
		return nil
	}
	return kept
}

// decodeFresh reads them; what this software can't read was kept by another, and stands.
func decodeFresh(kept []byte) []process.Fresh {
	var list []process.Fresh
	if len(kept) == 0 || json.Unmarshal(kept, &list) != nil {
		return nil
	}
	return list
}

// look notes that one of its people has opened a task. Of one that is closed there is nothing to note, and a task that says why a case is held follows from
// nobody's decision.
func (e *Engine) look(ctx context.Context, req request, r Request, t store.TaskRow) error {
	theirs := str(t.Assignee) == r.Caller || str(t.DecidedBy) == r.Caller || t.Kind == "held" && r.Admin
	if theirs && (t.Status == store.TaskClosed || t.Kind == "held") {
		return nil
	}
	l, err := req.tx.LockCaseOfTask(ctx, t.ID)
	if err != nil {
		return err
	}
	a := &advance{request: req, ctx: ctx, e: e, event: process.Event{By: r.Caller}}
	if err := a.beside(l); err != nil {
		return err
	}
	fresh, err := process.Look(a.in, t.ID, r.Caller)
	if err == nil {
		err = a.dir.Err()
	}
	if refused(err) != nil && (t.Status == store.TaskClosed || t.Kind == "held") {
		return process.Refuse(process.CodeNotYourTask, "此任务不在您处", "this task isn't with you")
	}
	if err != nil {
		return err
	}
	if a.row.Fresh = encodeFresh(fresh); bytes.Equal(a.row.Fresh, l.Case.Fresh) {
		return nil
	}
	return req.tx.SetFresh(ctx, a.row)
}
