package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Start starts a case, on a record that exists or on one that is made with it. Refusals: forbidden, already_open, field_required, field_invalid, not_found.
// Other errors are as those of [Engine.Act].
func (e *Engine) Start(ctx context.Context, r Request, c StartCommand) (Answer, error) {
	answer, err := e.advance(ctx, r, func(a *advance) error { return a.start(c) })
	if u, ok := errors.AsType[*store.UniqueError](err); ok && u.Constraint == store.ConstraintOneOpen {
		return answer, e.alreadyOpen(ctx, c)
	}
	return answer, err
}

// start makes the case. The order of the locks is: what is published, the record, the counters.
func (a *advance) start(c StartCommand) error {
	var err error
	if a.present, err = a.tx.ShareLibrary(a.ctx); err != nil {
		return err
	}
	if a.lib, err = a.e.current(a.ctx, a.tx, a.present.Revision); err != nil {
		return err
	}
	a.at = a.present.At(a.real)
	a.dir = a.tx.Directory(a.ctx)
	p, err := a.mayStart(c.Process)
	if err != nil {
		return err
	}
	a.in.Process, a.in.Directory, a.in.Calendars = p, a.dir, a.lib
	if err := a.recordOf(p, c); err != nil {
		return err
	}
	id := newID(a.real)
	a.isNew = true
	a.in.State = process.NewState(id, a.Caller)
	a.row = store.CaseRow{
		ID: id, Process: p.ID, Version: a.lib.versions[p.Digest], Digest: p.Digest, RecordType: p.Record, RecordID: a.record.ID,
		Initiator: a.Caller, Exclusive: p.OneOpenPerRecord, StartedAt: a.at,
	}
	a.event = process.Event{Kind: process.EventStart, By: a.Caller, Admin: a.Admin}
	return a.number()
}

// mayStart finds the process as it is published now and checks that the caller is one of those who may start it; where it names nobody,
// an administrator.
func (a *advance) mayStart(id string) (*process.Process, error) {
	p := a.lib.Processes[id]
	if p == nil {
		return nil, process.Refuse(process.CodeNotFound, "没有这个流程："+id, "there is no process "+id)
	}
	if len(p.Start.By) == 0 && a.Admin {
		return p, nil
	}
	mine, err := a.tx.PrincipalsOf(a.ctx, a.Caller)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(p.Start.By, func(by process.Principal) bool { return slices.Contains(mine, by) }) {
		return nil, process.Refuse(process.CodeForbidden, "您不能发起“"+p.Title.In("zh")+"”", "you may not start "+p.Title.In("en"))
	}
	return p, nil
}

// recordOf locks the record that the case is about, or makes it.
func (a *advance) recordOf(p *process.Process, c StartCommand) error {
	if c.Record == nil {
		return a.makeRecord(p.Type, c.With)
	}
	if c.Record.Type != "" && c.Record.Type != p.Record {
		return process.Refuse(process.CodeFieldInvalid, "此流程办理的是"+p.Type.Title.In("zh"), "this process is about a "+p.Type.Title.In("en"))
	}
	l, err := a.tx.LockRecord(a.ctx, p.Record, c.Record.ID)
	if errors.Is(err, store.ErrNotFound) {
		return process.Refuse(process.CodeNotFound, "没有这条记录", "there is no such record")
	}
	if err != nil {
		return err
	}
	a.record = l.Record
	if a.in.Record, err = restoreRecord(p.Type, a.record); err != nil {
		return err
	}
	return complete(p.Type, a.in.Record.Fields)
}

func (a *advance) makeRecord(typ *process.RecordType, raw map[string]any) error {
	fields, err := a.newFields(a.ctx, a.lib, a.dir, typ, raw, a.at)
	if err != nil {
		return err
	}
	owner, _ := fields["owner"].(string)
	a.made = true
	a.record = store.RecordRow{ID: newID(a.real), Type: typ.ID, CreatedBy: a.Caller, CreatedAt: a.at, Owner: opt(owner)}
	a.in.Record = process.Record{Type: typ.ID, ID: a.record.ID, Owner: owner, Fields: fields}
	return nil
}

// number takes the numbers of the case and of the record that is made with it, late, since their counters stay locked until the commit: whatever can be
// read before is read before. Applying the event once without its number finds out what that is; it costs no more than a hundredth of a statement.
func (a *advance) number() error {
	a.event.At = a.at
	a.load()
	_, _ = a.safely()
	p, at := a.in.Process, a.at.In(zoneOf(a.lib))
	scope := "case/" + p.ID + "/" + process.NumberScope(p.Number, at)
	need := map[string]int{scope: 1}
	if a.made {
		maps.Copy(need, recordScopes(p.Type, a.at, a.lib, 1))
	}
	last, err := a.tx.Count(a.ctx, need)
	if err != nil {
		return err
	}
	a.row.Number = process.FormatNumber(p.Number, at, last[scope])
	if a.made && p.Type.Number != "" {
		a.in.Record.Number = process.FormatNumber(p.Type.Number, at, last[recordScope(p.Type, a.at, a.lib)])
		a.record.Number = &a.in.Record.Number
	}
	return nil
}

// alreadyOpen names the case that is open on the record.
func (e *Engine) alreadyOpen(ctx context.Context, c StartCommand) error {
	number, err := e.db.OpenCaseNumber(ctx, c.Process, c.Record.ID)
	if errors.Is(err, store.ErrNotFound) { // it has ended meanwhile
		return fmt.Errorf("engine: the open case has ended meanwhile: %w", store.ErrUnavailable)
	}
	if err != nil {
		return err
	}
	return process.Refuse(process.CodeAlreadyOpen, "此记录已有一个进行中的事项："+number, "a case is open on this record already: "+number)
}
