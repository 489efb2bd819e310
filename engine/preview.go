package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// errPreviewed rolls back what a preview has locked and made.
var errPreviewed = errors.New("engine: only a preview")

// PreviewStart says who would be asked, why and by when, if the case were started now. It is a start that is never committed, so what a start
// refuses it refuses too; see [process.Preview] for what it takes as given.
func (e *Engine) PreviewStart(ctx context.Context, r Request, c StartCommand) ([]process.PreviewStep, error) {
	r.Key = "" // nothing is kept of it
	var steps []process.PreviewStep
	err := e.db.Tx(ctx, func(tx *store.Tx) error {
		a := &advance{request: request{Request: r, tx: tx, real: e.now()}, ctx: ctx, e: e}
		if err := a.meetStart(c); err != nil {
			return err
		}
		if err := a.notOpenYet(); err != nil {
			return err
		}
		a.in.State = process.NewState(newID(a.real), a.Caller)
		a.event.At = a.at
		a.load()
		var err error
		if steps, err = foresee(a.in, a.event, a.dir, a.refs); err != nil {
			return err
		}
		return errPreviewed
	})
	if errors.Is(err, errPreviewed) {
		return steps, nil
	}
	return nil, err
}

// foresee is [process.Preview] with the errors of what was looked up. What would put the case on hold is a refusal: nothing can be said beforehand.
func foresee(in process.Input, ev process.Event, dir *store.Directory, refs *references) ([]process.PreviewStep, error) {
	steps, err := process.Preview(in, ev)
	if lost := errors.Join(dir.Err(), refs.Err()); lost != nil { // whatever was concluded was concluded from half of it
		return nil, lost
	}
	if s, ok := errors.AsType[*process.Stuck](err); ok {
		return nil, process.Refuse(process.CodeCaseSuspended, "流程会停住："+s.Reason.In("zh"), "the case would be put on hold: "+s.Reason.In("en"))
	}
	return steps, err
}

// notOpenYet refuses a start on a record that has an open case, where there may be only one.
func (a *advance) notOpenYet() error {
	if !a.in.Process.OneOpenPerRecord || a.made {
		return nil
	}
	cases, err := a.tx.OpenCasesOf(a.ctx, a.record.ID)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(cases, func(c store.CaseRow) bool { return c.Process == a.in.Process.ID && c.Revokes == nil }); i >= 0 {
		return alreadyOpen(cases[i].Number)
	}
	return nil
}

// Preview says what comes next in a case; nothing once it has ended.
func (v *Viewer) Preview(c store.CaseRow, r store.RecordRow) ([]process.PreviewStep, error) {
	cv, err := v.of(c, r)
	if err != nil || cv.st.Status == process.Ended {
		return nil, err
	}
	refs := newReferences(v.ctx, v.e.db, v.lib)
	away, err := v.e.whoIsAway(v.ctx, v.e.db, v.present, v.lib, v.Now)
	if err != nil {
		return nil, err
	}
	in := process.Input{Process: cv.p, State: cv.st, Record: cv.record, Directory: v.Directory, Calendars: v.lib, Records: refs, Absences: away}
	return foresee(in, process.Event{Kind: process.EventTick, At: later(v.Now, cv.st.LastAt)}, v.Directory, refs)
}
