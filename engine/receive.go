package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// EventCommand is something that happened outside, as another system tells it.
type EventCommand struct {
	ID     string          `json:"id"`   // the sender's own: the same one again is the same event
	Type   string          `json:"type"` // as chains name it: quote.accepted
	Record EventRecord     `json:"record"`
	Data   json.RawMessage `json:"data,omitempty"` // kept as it is
}

// EventRecord is the record that an event is about: one that exists, by id or by number, or a new one with these fields.
type EventRecord struct {
	Type   string         `json:"type"`
	ID     string         `json:"id,omitempty"`
	Number string         `json:"number,omitempty"`
	Fields map[string]any `json:"fields,omitempty"`
}

// EventView is what became of an event.
type EventView struct {
	ID      string
	Type    string
	At      time.Time
	Record  process.Reference // without its title
	Cases   []EventCase
	Refused []EventRefused
	Pending bool // something couldn't be carried out yet: a worker does it
}

// EventCase is a case that an event has started or moved.
type EventCase struct {
	ID, Number, Process string
	Effect              string // started, moved
}

// EventRefused is a process that an event could not start.
type EventRefused struct {
	Process string
	Code    process.Code
	Message process.Text
}

// Receive takes in an event from outside, once by the sender's id, and carries out what it sets off as far as it can be done now. Refusals: key_reused (the
// id was used for another event), not_found (of the record), field_invalid, and of a new record's fields those of [Engine.CreateRecord].
func (e *Engine) Receive(ctx context.Context, r Request, c EventCommand) (EventView, error) {
	var in *receipt
	id, err := answered(ctx, e, r, func(req request) (string, error) {
		in = &receipt{recordWriter: recordWriter{request: req, ctx: ctx, e: e, told: c.Type}}
		if err := in.take(c); err != nil {
			return "", err
		}
		return c.ID, req.keep(ctx, c.ID)
	})
	if u, ok := errors.AsType[*store.UniqueError](err); ok && u.Constraint == store.ConstraintUniqueField {
		return EventView{}, e.taken(ctx, in.typ, in.write.Unique)
	}
	if err != nil {
		return EventView{}, err
	}
	if in != nil { // else the request was answered before
		e.follow(ctx, in.sets)
	}
	return e.bring(ctx, r.Caller, id)
}

// receipt is the taking in of one event, inside its transaction.
type receipt struct{ recordWriter }

// take claims the event, finds or makes its record, and notes whom it must reach. One that came before has done all this.
func (in *receipt) take(c EventCommand) error {
	row, err := in.eventRow(c)
	if err != nil {
		return err
	}
	number, earlier, err := in.tx.ClaimEvent(in.ctx, row)
	if err != nil {
		return err
	}
	if earlier != nil {
		if !bytes.Equal(earlier.Hash, row.Hash) {
			return process.Refuse(process.CodeKeyReused, "这个事件 id 已用于另一个事件，请换一个", "this event id was used for another event: take a new one")
		}
		return nil
	}
	if c.Record.Fields != nil {
		err = in.newRecord(c)
	} else {
		err = in.lockRecord(c.Record)
	}
	if err != nil {
		return err
	}
	row.RecordType, row.RecordID = in.row.Type, in.row.ID
	if err := in.tx.AboutRecord(in.ctx, row); err != nil {
		return err
	}
	return in.setOff(happening{Name: c.Type, Source: in.Caller, ID: c.ID}, number)
}

// eventRow is the event's row, with business time and a hash that the same event has however its JSON is written.
func (in *receipt) eventRow(c EventCommand) (store.EventRow, error) {
	present, err := in.tx.Present(in.ctx)
	if err != nil {
		return store.EventRow{}, err
	}
	in.at = present.At(in.real)
	written, err := json.Marshal(c)
	if err != nil {
		return store.EventRow{}, fmt.Errorf("engine: event: %w", err)
	}
	var body any
	d := json.NewDecoder(bytes.NewReader(written))
	d.UseNumber()
	if err := d.Decode(&body); err != nil {
		return store.EventRow{}, fmt.Errorf("engine: event: %w", err)
	}
	canonical, err := json.Marshal(body) // objects in the order of their keys
	if err != nil {
		return store.EventRow{}, fmt.Errorf("engine: event: %w", err)
	}
	hash := sha256.Sum256(canonical)
	return store.EventRow{Source: in.Caller, ID: c.ID, Type: c.Type, Data: c.Data, Hash: hash[:], At: in.at}, nil
}

// newRecord makes the record that comes with the event. It is made only for a case to begin on it: else nobody would ever look at it.
func (in *receipt) newRecord(c EventCommand) error {
	if err := in.publishedNow(); err != nil {
		return err
	}
	if err := in.make(c.Record.Type, c.Record.Fields); err != nil {
		return err
	}
	if len(in.lib.startedBy(in.typ.ID, c.Type)) == 0 {
		title := in.typ.Title
		return fieldsRefused(process.CodeFieldInvalid, []process.FieldError{{Field: "type", Message: process.Text{
			ZH: fmt.Sprintf("没有流程由 %s 在新的%s上发起，因此不新建记录", c.Type, title.In("zh")),
			EN: fmt.Sprintf("no process is started by %s on a new %s, so none is made", c.Type, title.In("en"))}}})
	}
	_, err := in.save()
	return err
}

// publishedNow keeps what is published as it is until the transaction ends.
func (in *receipt) publishedNow() error {
	var err error
	in.present, err = in.tx.ShareLibrary(in.ctx)
	return err
}

// lockRecord finds the record that the event is about and locks it, so that the list of its cases stays true.
func (in *receipt) lockRecord(r EventRecord) error {
	if err := in.publishedNow(); err != nil {
		return err
	}
	if err := in.prepare(r.Type); err != nil {
		return err
	}
	id, err := r.ID, error(nil)
	if id == "" {
		id, err = in.tx.RecordNumbered(in.ctx, r.Type, r.Number)
	}
	if err == nil {
		var l store.LockedRecord
		l, err = in.tx.LockRecord(in.ctx, r.Type, id)
		in.row = l.Record
	}
	if errors.Is(err, store.ErrNotFound) {
		return process.Refuse(process.CodeNotFound, "没有这条记录", "there is no such record")
	}
	return err
}

// setOff notes whom the event must reach: every open case about the record, and every process that it starts.
func (in *receipt) setOff(what happening, number int64) error {
	o := &occasions{request: in.request, ctx: in.ctx, e: in.e, lib: in.lib, refs: in.refs}
	about := occasion{Type: in.row.Type, Record: in.row.ID, Event: what, By: in.Caller}
	cases, err := in.tx.OpenCasesOf(in.ctx, in.row.ID)
	if err != nil {
		return err
	}
	var rows []store.EventCaseRow
	add := func(next occasion, process string) {
		key := o.outside(next, in.row.Version, number)
		rows = append(rows, store.EventCaseRow{Source: what.Source, ID: what.ID, Key: key, Process: process, CaseID: opt(next.Case)})
	}
	for _, c := range cases {
		about.Case = c.ID
		add(about, c.Process)
	}
	about.Case = ""
	for _, id := range in.lib.startedBy(in.row.Type, what.Name) {
		about.Process = id
		add(about, id)
	}
	if err := in.tx.AddEventCases(in.ctx, rows); err != nil {
		return err
	}
	return o.save()
}
