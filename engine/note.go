package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// noted is what people do beside the machine: comment, urge, copy. It stands in the case's timeline and tells people, and changes nothing of where the
// case stands; so it is taken of ended, suspended and held cases too, and of those whose definition is lost. do says what it is and gives the answer,
// which is kept under the request's key. It runs with the case locked: of many at once each sees what those before it did.
func noted[T any](ctx context.Context, e *Engine, r Request, lock func(*store.Tx) (store.LockedCase, error), do func(*change) (T, error)) (T, error) {
	return answered(ctx, e, r, func(req request) (T, error) {
		var none T
		l, err := lock(req.tx)
		if errors.Is(err, store.ErrNotFound) {
			return none, process.Refuse(process.CodeNotFound, "没有这个事项或任务", "there is no such case or task")
		}
		if err != nil {
			return none, err
		}
		a := &advance{request: req, ctx: ctx, e: e, event: process.Event{By: r.Caller}}
		if err := a.beside(l); err != nil {
			return none, err
		}
		c := &change{advance: a, row: a.row, tasks: map[string]*store.TaskRow{}, keys: map[string]bool{}}
		answer, err := do(c)
		if err == nil {
			err = a.dir.Err()
		}
		if err != nil {
			return none, err
		}
		return answer, c.writeNote(answer)
	})
}

// beside takes what was locked for something that is no event of the machine. Unlike [advance.meet] it doesn't mind whether the definition is there.
func (a *advance) beside(l store.LockedCase) error {
	err := a.takeLocked(l)
	if err != nil {
		return err
	}
	if a.lib, err = a.e.current(a.ctx, a.tx, a.present.Revision); err != nil {
		return err
	}
	a.in.Process, err = a.e.pinned(a.ctx, a.tx, a.lib, a.row)
	if errors.As(err, new(*lostError)) {
		a.in.Process, err = unknownProcess(a.row, a.lib), nil
	}
	if err != nil {
		return err
	}
	if err := a.surround(); err != nil {
		return err
	}
	a.in.Record, err = restoreRecord(a.in.Process.Type, a.record)
	return err
}

// writeNote writes what was noted. Of the state only its last moment moves, so that no later entry of the timeline stands before this one.
func (c *change) writeNote(answer any) error {
	st := c.in.State
	st.LastAt = c.at
	state, err := json.Marshal(st)
	if err != nil {
		return fmt.Errorf("engine: state: %w", err)
	}
	c.row.State, c.boxes = state, c.touches(st)
	w := store.CaseWrite{Case: c.row, Timeline: c.entries, Notifications: c.told, Boxes: c.boxes, Key: c.key}
	for _, id := range c.order {
		w.Tasks = append(w.Tasks, *c.tasks[id])
	}
	if c.key != nil {
		if w.Answer, err = json.Marshal(answer); err != nil {
			return fmt.Errorf("engine: answer: %w", err)
		}
	}
	return c.tx.SaveCase(c.ctx, w)
}

// lastEntry is what was noted last.
func (c *change) lastEntry() store.TimelineRow { return c.entries[len(c.entries)-1] }

// aboutCase puts the subject of the case behind a text, as the machine does in what it tells.
func (c *change) aboutCase(t process.Text) process.Text {
	return process.Text{ZH: t.ZH + " · " + c.row.Subject, EN: t.EN + " · " + c.row.Subject}
}

// lockCaseByID is how [noted] finds a case.
func lockCaseByID(ctx context.Context, id string) func(*store.Tx) (store.LockedCase, error) {
	return func(tx *store.Tx) (store.LockedCase, error) { return tx.LockCase(ctx, id) }
}
