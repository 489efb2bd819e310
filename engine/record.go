package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// CreateRecord makes a record that no case made. Refusals: not_found (of the type), field_invalid (also for a unique value that another record has),
// field_required, field_not_writable.
func (e *Engine) CreateRecord(ctx context.Context, r Request, typ string, fields map[string]any) (RecordView, error) {
	return e.writeRecord(ctx, r, func(w *recordWriter) error {
		var err error
		if w.present, err = w.tx.ShareLibrary(ctx); err != nil {
			return err
		}
		return w.make(typ, fields)
	})
}

// ChangeRecord changes fields of a record; a value of null empties one. ifMatch is the version that the caller has seen; 0: any. Refusals: not_found,
// version_conflict, field_invalid, field_required, field_not_writable (a process keeps the field to itself), record_locked (an open approval looks at it).
func (e *Engine) ChangeRecord(ctx context.Context, r Request, typ, id string, fields map[string]any, ifMatch int) (RecordView, error) {
	return e.writeRecord(ctx, r, func(w *recordWriter) error {
		l, err := w.tx.LockRecord(ctx, typ, id)
		if errors.Is(err, store.ErrNotFound) {
			return process.Refuse(process.CodeNotFound, "没有这条记录", "there is no such record")
		}
		if err != nil {
			return err
		}
		w.present, w.row = l.Present, l.Record
		if ifMatch > 0 && ifMatch != w.row.Version {
			return process.Refuse(process.CodeVersionConflict, "记录已被他人修改，请刷新后再改", "somebody has changed this record since: look again, then change it")
		}
		if err := w.prepare(typ); err != nil {
			return err
		}
		return w.change(fields)
	})
}

// recordWriter is one change of one record, inside its transaction.
type recordWriter struct {
	request
	ctx           context.Context
	e             *Engine
	present       store.Present
	at            time.Time
	lib           *Library
	dir           *store.Directory
	typ           *process.RecordType
	row           store.RecordRow
	before, after process.Fields
	write         store.RecordWrite
	refs          *references
	sets          []occasion // what the change sets off, once it is committed
	told          string     // an event that is told beside the change, so that the record needn't say it
}

// writeRecord runs a change of a record in one transaction, and says whose a unique value is that another record has.
func (e *Engine) writeRecord(ctx context.Context, r Request, open func(*recordWriter) error) (RecordView, error) {
	var w *recordWriter
	view, err := answered(ctx, e, r, func(req request) (RecordView, error) {
		w = &recordWriter{request: req, ctx: ctx, e: e}
		if err := open(w); err != nil {
			return RecordView{}, err
		}
		view, err := w.save()
		if err != nil {
			return view, err
		}
		return view, w.keep(ctx, view)
	})
	if u, ok := errors.AsType[*store.UniqueError](err); ok && u.Constraint == store.ConstraintUniqueField {
		return view, e.taken(ctx, w.typ, w.write.Unique)
	}
	if err == nil && w != nil { // else the request was answered before
		e.follow(ctx, w.sets)
	}
	return view, err
}

func (w *recordWriter) prepare(typ string) error {
	var err error
	if w.lib, err = w.e.current(w.ctx, w.tx, w.present.Revision); err != nil {
		return err
	}
	if w.typ = w.lib.Types[typ]; w.typ == nil {
		return process.Refuse(process.CodeNotFound, "没有这种记录："+typ, "there is no record type "+typ)
	}
	w.at = w.present.At(w.real)
	w.dir, w.refs = w.tx.Directory(w.ctx), newReferences(w.ctx, w.tx, w.lib)
	return nil
}

// make takes in the fields of a new record. Whoever calls keeps what is published as it is.
func (w *recordWriter) make(typ string, fields map[string]any) error {
	if err := w.prepare(typ); err != nil {
		return err
	}
	var err error
	w.after, err = w.newFields(w.ctx, w.lib, w.dir, w.typ, fields, w.at)
	if err != nil {
		return err
	}
	w.after = w.typ.Compute(w.after, w.refs)
	numbers, err := w.tx.Count(w.ctx, recordScopes(w.typ, w.at, w.lib, 1))
	w.row = newRecordRow(w.typ, w.Caller, w.real, w.at, w.lib, numbers)
	return err
}

func (w *recordWriter) change(raw map[string]any) error {
	rec, err := restoreRecord(w.typ, w.row)
	if err != nil {
		return err
	}
	fields, err := w.decode(w.ctx, w.lib, w.dir, raw, formOf(w.typ, w.row.ID))
	if err != nil {
		return err
	}
	change := difference(rec.Fields, fields)
	w.before, w.after = rec.Fields, w.typ.Compute(rec.Fields.With(change), w.refs)
	if len(change) == 0 {
		return nil
	}
	if wrong := protected(w.typ, change); len(wrong) > 0 {
		return fieldsRefused(process.CodeFieldNotWritable, wrong)
	}
	if err := w.unlocked(change); err != nil {
		return err
	}
	return complete(w.typ, w.after)
}

// unlocked refuses a change of what an open approval looks at, except what an open step lets people edit. The record's own lock holds every case of
// it where it is, since each event of a case locks its record.
func (w *recordWriter) unlocked(change process.Fields) error {
	cases, err := w.tx.OpenCasesOf(w.ctx, w.row.ID)
	if err != nil {
		return err
	}
	locked, editable := map[string]string{}, map[string]bool{} // field → number of the case; field
	for _, c := range cases {
		if err := w.e.watch(w.ctx, w.tx, w.lib, c, locked, editable); err != nil {
			return err
		}
	}
	var wrong []process.FieldError
	for _, f := range w.typ.Fields {
		if _, changed := change[f.Name]; !changed || locked[f.Name] == "" || editable[f.Name] {
			continue
		}
		wrong = append(wrong, process.FieldError{Field: f.Name, Message: underApproval(&f, locked[f.Name])})
	}
	if len(wrong) > 0 {
		return fieldsRefused(process.CodeRecordLocked, wrong)
	}
	return nil
}

// watch notes which fields an open case decides on, by its number, and which ones it lets people edit.
func (e *Engine) watch(ctx context.Context, q definitions, lib *Library, c store.CaseRow, locked map[string]string, editable map[string]bool) error {
	st, err := decodeState(c.State)
	if err != nil {
		return err
	}
	p, err := e.pinned(ctx, q, lib, c)
	if errors.As(err, new(*lostError)) {
		return nil // nobody decides on it until an administrator has mended it
	}
	if err != nil {
		return err
	}
	for _, o := range st.Open {
		s := p.Step(o.Step)
		if s == nil {
			continue
		}
		for _, e := range s.Form.Edit {
			editable[e.Field] = true
		}
		if _, approve := s.Do.(process.Approve); approve {
			for _, name := range p.DigestFields(s) {
				locked[name] = c.Number
			}
		}
	}
	return nil
}

func (w *recordWriter) save() (RecordView, error) {
	var view RecordView
	if err := w.dir.Err(); err != nil {
		return view, err
	}
	if w.row.Version == 0 || len(moves(w.before, w.after)) > 0 {
		var err error
		if w.write, err = recordWrite(w.typ, w.row, w.before, w.after, w.Caller, "", w.at); err != nil {
			return view, err
		}
		if err := w.tx.SaveRecords(w.ctx, w.write); err != nil {
			return view, err
		}
		w.row = w.write.Record
		o := &occasions{request: w.request, ctx: w.ctx, e: w.e, lib: w.lib, refs: w.refs, told: w.told}
		if err := o.record(written{w.typ, w.row, w.before, w.after}, w.Caller, false); err != nil {
			return view, err
		}
		if err := o.save(); err != nil {
			return view, err
		}
		w.sets = o.list
	}
	if err := w.refs.Err(); err != nil {
		return view, err
	}
	return recordView(w.typ, w.row)
}

// newRecordRow is the row of a new record, before its fields. numbers are those taken for it.
func newRecordRow(typ *process.RecordType, by string, real, at time.Time, lib *Library, numbers map[string]int) store.RecordRow {
	row := store.RecordRow{ID: newID(real), Type: typ.ID, CreatedBy: by, CreatedAt: at}
	if typ.Number != "" {
		row.Number = opt(process.FormatNumber(typ.Number, at.In(zoneOf(lib)), numbers[recordScope(typ, at, lib)]))
	}
	return row
}

func recordScope(typ *process.RecordType, at time.Time, cal process.Calendars) string {
	return "record/" + typ.ID + "/" + process.NumberScope(typ.Number, at.In(zoneOf(cal)))
}

// recordScopes says which numbers n new records need: none where the type numbers nothing.
func recordScopes(typ *process.RecordType, at time.Time, cal process.Calendars, n int) map[string]int {
	if typ.Number == "" {
		return nil
	}
	return map[string]int{recordScope(typ, at, cal): n}
}

// taken says which other record has a value that must be unique. Nobody: whoever had it has gone meanwhile, and it may be tried again.
func (e *Engine) taken(ctx context.Context, typ *process.RecordType, wanted []store.UniqueRow) error {
	holders, err := e.db.UniqueHolders(ctx, wanted)
	if err != nil {
		return err
	}
	if len(holders) == 0 {
		return fmt.Errorf("engine: a unique value was taken and is free again: %w", store.ErrUnavailable)
	}
	var wrong []process.FieldError
	for _, h := range holders {
		owner, err := e.ownerOf(ctx, h.ID)
		if err != nil {
			return err
		}
		wrong = append(wrong, takenField(typ, h, owner))
	}
	return fieldsRefused(process.CodeFieldInvalid, wrong)
}

// ownerOf is what the owner of a record is called; empty where nobody owns it. Who would make a record that somebody has already must be told whose it is,
// also where they may see nothing else of it.
func (e *Engine) ownerOf(ctx context.Context, record string) (process.Text, error) {
	id, err := e.db.RecordOwner(ctx, record)
	if errors.Is(err, store.ErrNotFound) || id == "" {
		return process.Text{}, nil
	}
	if err != nil {
		return process.Text{}, err
	}
	dir := e.db.Directory(ctx)
	if p, ok := dir.Person(id); ok && !p.Name.Empty() {
		return p.Name, dir.Err()
	}
	return process.Same(id), dir.Err()
}

func takenField(typ *process.RecordType, h store.Holder, owner process.Text) process.FieldError {
	label := process.Same(h.Field)
	if f := typ.Field(h.Field); f != nil {
		label = f.Label()
	}
	other := str(h.Number)
	if other == "" {
		other = h.ID
	}
	of := process.Text{}
	if !owner.Empty() {
		of = process.Text{ZH: "（负责人：" + owner.In("zh") + "）", EN: " of " + owner.In("en")}
	}
	return process.FieldError{Field: h.Field, Message: process.Text{
		ZH: fmt.Sprintf("%s %s%s 已有相同的“%s”", typ.Title.In("zh"), other, of.In("zh"), label.In("zh")),
		EN: fmt.Sprintf("%s %s%s has the same %s already", typ.Title.In("en"), other, of.In("en"), strings.ToLower(label.In("en")))}}
}

// writeRecords writes what the effects do to records: the case's own, and new ones.
func (c *change) writeRecords() error {
	a := c.advance
	a.writes, a.asked = nil, nil
	if err := c.ownRecord(); err != nil {
		return err
	}
	if err := c.newRecords(); err != nil {
		return err
	}
	if err := c.changeOthers(); err != nil {
		return err
	}
	if err := a.tx.SaveRecords(a.ctx, a.writes...); err != nil {
		return err
	}
	return c.setOff()
}

// writeOne adds a record to those that the event writes.
func (c *change) writeOne(typ *process.RecordType, row store.RecordRow, before, after process.Fields, step string) error {
	a := c.advance
	w, err := recordWrite(typ, row, before, after, a.event.By, a.row.ID, a.at)
	if err != nil {
		return err
	}
	a.writes, a.asked = append(a.writes, w), append(a.asked, step)
	c.records = append(c.records, written{typ, w.Record, before, after})
	return nil
}

// setOff notes what the written records set off in other cases.
func (c *change) setOff() error {
	a := c.advance
	o := &occasions{request: a.request, ctx: a.ctx, e: a.e, lib: a.lib, refs: a.refs, own: a.row.ID}
	for _, w := range c.records {
		alone := w.row.ID == a.record.ID && a.row.Exclusive && a.lib.only(w.typ.ID, a.row.Process)
		if err := o.record(w, a.event.By, alone); err != nil {
			return err
		}
	}
	a.sets = o.list
	return o.save()
}

// ownRecord changes the case's record, or makes it when it comes into being with the case.
func (c *change) ownRecord() error {
	a := c.advance
	if !a.made && len(c.own) == 0 {
		return nil
	}
	before, after := a.in.Record.Fields, a.in.Record.Fields.With(c.own)
	if a.made {
		before = nil
	} else if len(moves(before, after)) == 0 {
		return nil
	}
	if err := c.writeOne(a.in.Process.Type, a.record, before, after, ""); err != nil {
		return err
	}
	a.record = a.writes[0].Record
	a.in.Record.Fields, a.in.Record.Owner = after, str(a.record.Owner)
	return nil
}

// newRecords makes the records that steps ask for. One that lacks a required field is refused by the world like one that exists already.
func (c *change) newRecords() error {
	a := c.advance
	need := map[string]int{}
	for _, n := range c.created {
		for scope, k := range recordScopes(a.in.Process.Types[n.Type], a.at, a.lib, 1) {
			need[scope] += k
		}
	}
	numbers, err := a.tx.Count(a.ctx, need)
	if err != nil {
		return err
	}
	for _, n := range slices.Backward(c.created) { // the last number taken belongs to the last record
		typ := a.in.Process.Types[n.Type]
		fields := typ.Defaults(a.row.Initiator, a.at.In(zoneOf(a.lib)).Format(time.DateOnly)).With(n.Fields)
		if missing := typ.Missing(fields); len(missing) > 0 {
			return &brokenEffect{steps: map[string]process.Text{n.Step: refusedRecord(typ, missing)}}
		}
		row := newRecordRow(typ, a.row.Initiator, a.real, a.at, a.lib, numbers)
		if err := c.writeOne(typ, row, nil, typ.Compute(fields, a.refs), n.Step); err != nil {
			return err
		}
		numbers[recordScope(typ, a.at, a.lib)]--
	}
	return nil
}

func refusedRecord(typ *process.RecordType, why []process.FieldError) process.Text {
	t := process.Text{ZH: "无法建立" + typ.Title.In("zh"), EN: "the " + strings.ToLower(typ.Title.In("en")) + " can't be made"}
	for _, f := range why {
		t.ZH += "；" + f.Message.In("zh")
		t.EN += "; " + f.Message.In("en")
	}
	return t
}

// taken explains a unique value that another record has: to the actor where it came from their own form, or to the step that wrote it.
func (a *advance) taken(u *store.UniqueError) error {
	if u.Constraint != store.ConstraintUniqueField {
		return u
	}
	var wanted []store.UniqueRow
	for _, w := range a.writes {
		wanted = append(wanted, w.Unique...)
	}
	holders, err := a.e.db.UniqueHolders(a.ctx, wanted)
	if err != nil {
		return err
	}
	b := &brokenEffect{steps: map[string]process.Text{}}
	for _, h := range append(holders, a.twins()...) {
		owner, err := a.e.ownerOf(a.ctx, h.ID)
		if err != nil {
			return err
		}
		a.blame(b, h, owner)
	}
	return b
}

// twins are values that two records of this one event want: the later one is in the wrong.
func (a *advance) twins() []store.Holder {
	first := map[store.UniqueRow]store.RecordRow{}
	var found []store.Holder
	for _, w := range a.writes {
		for _, u := range w.Unique {
			value := store.UniqueRow{Type: u.Type, Field: u.Field, Value: u.Value}
			if other, taken := first[value]; taken {
				found = append(found, store.Holder{Ours: w.Record.ID, Field: u.Field, ID: other.ID, Number: other.Number})
				continue
			}
			first[value] = w.Record
		}
	}
	return found
}

// blame finds out who wrote a value that another record has.
func (a *advance) blame(b *brokenEffect, h store.Holder, owner process.Text) {
	i := slices.IndexFunc(a.writes, func(w store.RecordWrite) bool { return w.Record.ID == h.Ours })
	typ := a.in.Process.Types[a.writes[i].Record.Type]
	if typ == nil {
		typ = a.in.Process.Type
	}
	wrong := takenField(typ, h, owner)
	step := a.asked[i]
	_, filled := a.event.Fields[h.Field]
	if step == "" && !a.made && !filled {
		step = a.wrote(h.Field)
	}
	if step == "" {
		b.form = fieldsRefused(process.CodeFieldInvalid, []process.FieldError{wrong})
		return
	}
	b.steps[step] = refusedRecord(typ, []process.FieldError{wrong})
}

// wrote is the step that set a field of the case's own record, as the timeline says.
func (a *advance) wrote(field string) string {
	for _, effect := range a.result.Effects {
		if l, ok := effect.(process.Log); ok && l.Entry.Event == "changed" {
			if _, set := l.Entry.Data[field]; set {
				return l.Entry.Step
			}
		}
	}
	return ""
}
