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

// start makes the case; where the last one of the process on the record was rejected or withdrawn, it submits that again. The order of the locks is: what is published, the record, the counters.
func (a *advance) start(c StartCommand) error {
	if err := a.meetStart(c); err != nil {
		return err
	}
	if err := a.newCase(a.Caller); err != nil {
		return err
	}
	if !a.made {
		earlier, err := a.tx.SubmittedBefore(a.ctx, a.row.Process, a.row.RecordID)
		if err != nil {
			return err
		}
		a.row.Resubmits = opt(earlier)
	}
	return a.number()
}

// meetStart finds what is to be started, on which record, and whether the caller may.
func (a *advance) meetStart(c StartCommand) error {
	if err := a.ground(); err != nil {
		return err
	}
	p, err := a.mayStart(c.Process)
	if err != nil {
		return err
	}
	a.in.Process = p
	if err := a.recordOf(p, c); err != nil {
		return err
	}
	if err := asked(p, a.in.Record.Fields); err != nil {
		return err
	}
	a.event = process.Event{Kind: process.EventStart, By: a.Caller, Admin: a.Admin, Picks: c.Picks}
	return nil
}

// ground keeps what is published as it is and takes the event's time.
func (a *advance) ground() error {
	var err error
	if a.present, err = a.tx.ShareLibrary(a.ctx); err != nil {
		return err
	}
	if a.lib, err = a.e.current(a.ctx, a.tx, a.present.Revision); err != nil {
		return err
	}
	a.at = a.present.At(a.real)
	return a.surround()
}

// begin makes the new case's row and state, and takes its number; an initiator of "" is whom the chain names.
func (a *advance) begin(initiator string) error {
	if err := a.newCase(initiator); err != nil {
		return err
	}
	return a.number()
}

// newCase makes the new case's row and state, without its number.
func (a *advance) newCase(initiator string) error {
	id, p := newID(a.real), a.in.Process
	a.isNew = true
	a.in.State = process.NewState(id, initiator)
	a.row = store.CaseRow{
		ID: id, Process: p.ID, Version: a.lib.versions[p.Digest], Digest: p.Digest, Tables: store.Of(pinsOf(p)), RecordType: p.Record, RecordID: a.record.ID,
		Initiator: initiator, Exclusive: p.OneOpenPerRecord, StartedAt: a.at, Shows: subjectShows(p),
	}
	return nil
}

// subjectShows are the fields of the record that the subject of a case shows; none, where it is called by the title of its process.
func subjectShows(p *process.Process) []string {
	if p.Subject == nil {
		return []string{}
	}
	return append([]string{}, p.Subject.Fields...)
}

// asked refuses a start without what the process asks of whoever starts it.
func asked(p *process.Process, fields process.Fields) error {
	var missing []process.FieldError
	for _, e := range p.Start.Form {
		f := p.Type.Field(e.Field)
		if f == nil || !e.Required || len(difference(process.Fields{}, process.Fields{e.Field: fields[e.Field]})) > 0 {
			continue
		}
		missing = append(missing, process.FieldError{Field: e.Field, Message: process.Text{
			ZH: "请填写：" + f.Label().In("zh"), EN: "please fill in: " + f.Label().In("en")}})
	}
	if len(missing) > 0 {
		return fieldsRefused(process.CodeFieldRequired, missing)
	}
	return nil
}

// mayStart finds the process as it is published now and checks that the caller is one of those who may start it, by the chain or by a grant; where the chain
// names nobody, an administrator.
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
	granted := a.lib.Rights.Of(principals(mine)).Starts(p.ID)
	if !granted && !slices.ContainsFunc(p.Start.By, func(by process.Principal) bool { return slices.Contains(mine, by) }) {
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
	fields = typ.Compute(fields, a.refs)
	if err != nil {
		return err
	}
	a.newRecord(typ, fields, a.Caller)
	return nil
}

// newRecord is a record that comes into being with the case.
func (a *advance) newRecord(typ *process.RecordType, fields process.Fields, by string) {
	owner, _ := fields["owner"].(string)
	a.made = true
	a.record = store.RecordRow{ID: newID(a.real), Type: typ.ID, CreatedBy: by, CreatedAt: a.at, Owner: opt(owner)}
	a.in.Record = process.Record{Type: typ.ID, ID: a.record.ID, Owner: owner, Fields: fields}
}

// number takes the numbers of the case and of the record that is made with it, late, since their counters stay locked until the commit: whatever can be
// read before is read before. Applying the event once without its number finds out what that is; it costs no more than a hundredth of a statement.
func (a *advance) number() error {
	a.event.At = a.at
	a.dir.Load(a.likely(), a.in.Process.Asks())
	a.loaded = true
	_, _ = a.safely()
	a.foretell()
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
	return alreadyOpen(number)
}

func alreadyOpen(number string) error {
	return process.Refuse(process.CodeAlreadyOpen, "此记录已有一个进行中的事项："+number, "a case is open on this record already: "+number)
}
