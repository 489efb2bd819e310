package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// occasion is something that happened to a record and that one case must hear of, or that starts one. It stands in the outbox from the transaction that
// wrote the record until the one that carries it out, so it takes effect once, and in the order in which the record was written.
type occasion struct {
	Case    string    `json:"case,omitempty"`    // the case that hears of it; empty: Process is started
	Process string    `json:"process,omitempty"` // is started on the record
	Type    string    `json:"type"`
	Record  string    `json:"record"`
	Event   happening `json:"event,omitzero"`   // without a name: the record was changed, so that a moment the case waits for may be another one, or whom it asks outside
	By      string    `json:"by,omitempty"`     // who wrote the record, or sent the event
	People  bool      `json:"people,omitempty"` // instead: somebody whom the case asks isn't there any more

	errand *errand // instead of all this: what one case asks of another
}

// maxEmits bounds the events of one version of a record, so that they can be numbered in order.
const maxEmits = 100

// key is where the occasion stands in the outbox; all of a case, or of a record's starts, begin alike.
func (o occasion) key(seq int) string { return fmt.Sprintf("%s%d", o.prefix(), seq) }

func (o occasion) prefix() string {
	if o.Case != "" {
		return o.Case + "/"
	}
	return "start:" + o.Record + "/" + o.Process + "/"
}

// written is a record that a transaction writes.
type written struct {
	typ           *process.RecordType
	row           store.RecordRow // with its new version
	before, after process.Fields  // before is nil for a new record
}

// occasions collects what the writes of one transaction set off.
type occasions struct {
	request
	ctx  context.Context
	e    *Engine
	lib  *Library
	refs *references
	own  string // the case that writes; empty: none. What it causes itself it takes no notice of
	rows []store.OutboxRow
	list []occasion
	told string // an event that the sender of this transaction tells by itself: the record doesn't say it once more
}

// record notes what a record's change sets off: its events for the open cases about it and for the processes that they start, and for cases that end
// at a moment of the record, or whose approvals it may void, a look at it. Whoever calls holds the record's lock, so the list of its cases stays true.
// alone: no other case than the one that writes can be open on it.
func (o *occasions) record(w written, by string, alone bool) error {
	names := w.typ.Happened(w.before, w.after, o.refs)
	if o.told != "" {
		names = slices.DeleteFunc(names, func(name string) bool { return name == o.told })
	}
	about := occasion{Type: w.typ.ID, Record: w.row.ID, By: by}
	if w.before != nil && !alone {
		cases, err := o.tx.OpenCasesOf(o.ctx, w.row.ID)
		if err != nil {
			return err
		}
		for _, c := range slices.DeleteFunc(cases, func(c store.CaseRow) bool { return c.ID == o.own }) {
			if err := o.hears(about, c, names, w.row.Version); err != nil {
				return err
			}
		}
	}
	for i, name := range names {
		for _, id := range o.lib.startedBy(w.typ.ID, name) {
			starts := about
			starts.Process, starts.Event.Name = id, name
			o.add(starts, w.row.Version, i)
		}
	}
	return nil
}

// hears notes what a case about the record must hear.
func (o *occasions) hears(about occasion, c store.CaseRow, names []string, version int) error {
	about.Case = c.ID
	for i, name := range names {
		about.Event.Name = name
		o.add(about, version, i)
	}
	if len(names) > 0 {
		return nil
	}
	p, err := o.e.pinned(o.ctx, o.tx, o.lib, c)
	if errors.As(err, new(*lostError)) {
		return nil // it is held, or will be when it is next looked at
	}
	if err == nil && (p.AsksOutside() || p.Reapproves() || slices.ContainsFunc(p.Until, func(u process.Until) bool { return u.At != nil })) {
		o.add(about, version, 0)
	}
	return err
}

func (o *occasions) add(what occasion, version, i int) {
	seq := version*maxEmits + min(i, maxEmits-1)
	o.put(what, what.key(seq), seq)
}

func (o *occasions) put(what occasion, key string, seq int) {
	payload, _ := json.Marshal(what) // texts only
	o.list = append(o.list, what)
	o.rows = append(o.rows, store.OutboxRow{Topic: store.TopicRecord, Key: key, Seq: seq, Payload: payload, Created: o.real, Due: o.real.Add(urgentGrace)})
}

func (o *occasions) save() error { return o.tx.AddOutbox(o.ctx, o.rows) }

// only says whether no other process than this one is about records of a type, as far as is published now.
func (l *Library) only(typ, process string) bool {
	for id, p := range l.Processes {
		if p.Record == typ && id != process {
			return false
		}
	}
	return true
}

// startedBy are the processes that an event of a record of a type starts, in order.
func (l *Library) startedBy(typ, event string) []string {
	var ids []string
	for id, p := range l.Processes {
		if p.Record == typ && slices.Contains(p.Start.On, event) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// StartsItself says whether a record of a type starts a process by what it emits, that nobody starts by a button.
func (l *Library) StartsItself(typ string) bool {
	t := l.Types[typ]
	return t != nil && slices.ContainsFunc(t.Emits, func(e process.Emit) bool {
		return slices.ContainsFunc(l.startedBy(typ, e.Name), func(id string) bool { return len(l.Processes[id].Start.By) == 0 })
	})
}

// maxCascade bounds how far one request itself follows what it has set off; the rest is the worker's.
const maxCascade = 8

type cascadeKey struct{}

// follow carries out what a committed transaction has set off. What can't be carried out now stays in the outbox.
func (e *Engine) follow(ctx context.Context, list []occasion) {
	ctx, ok := deeper(ctx)
	if !ok {
		return
	}
	for _, o := range list {
		if o.errand != nil {
			if err := e.run(ctx, *o.errand); err != nil {
				logger().Warn("what one case asks of another hasn't been done yet; a worker tries again", "what", o.errand.Do, "call", o.errand.Call, "error", err)
			}
			continue
		}
		if err := e.carryOut(ctx, o); err != nil {
			logger().Warn("what happened to a record hasn't reached a case yet; a worker tries again", "record", o.Record, "event", o.Event.Name, "case", o.Case, "error", err)
		}
	}
}

// deeper counts how far a request has followed; false: it goes no further.
func deeper(ctx context.Context) (context.Context, bool) {
	depth, _ := ctx.Value(cascadeKey{}).(int)
	return context.WithValue(ctx, cascadeKey{}, depth+1), depth < maxCascade
}

// Deliver carries out a row of the outbox's topics [store.TopicRecord] and [store.TopicCall]. One that was carried out meanwhile is no error.
func (e *Engine) Deliver(ctx context.Context, row store.OutboxRow) error {
	if row.Topic == store.TopicCall {
		var x errand
		if err := json.Unmarshal(row.Payload, &x); err != nil {
			return fmt.Errorf("engine: outbox: %w", err)
		}
		return e.run(ctx, x)
	}
	var o occasion
	if err := json.Unmarshal(row.Payload, &o); err != nil {
		return fmt.Errorf("engine: outbox: %w", err)
	}
	return e.carryOut(ctx, o)
}

// carryOut takes the oldest occasion of the same case, or of the same start, and carries that out: so they take effect in order, whoever delivers them.
func (e *Engine) carryOut(ctx context.Context, o occasion) error {
	d := &delivery{}
	open := func(a *advance) error {
		a.delivery = d
		return a.meetOccasion(o)
	}
	if o.Case == "" {
		open = func(a *advance) error {
			a.delivery = d
			return a.startByEvent(o)
		}
	}
	_, err := e.advance(ctx, Request{}, open)
	if errors.Is(err, errNothing) {
		return nil
	}
	if r := refused(err); r != nil && o.Case == "" && d.key != "" { // it will be refused for ever
		logger().Error("an event could not start a case", "process", o.Process, "record", o.Record, "event", d.event.Name, "code", r.Code, "why", r.Message.EN)
		return e.drop(ctx, d, r)
	}
	return err
}

// errNothing rolls back a transaction in which there was nothing to do.
var errNothing = errors.New("engine: nothing to do")

// orNothing makes a row that isn't there nothing to do.
func orNothing(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return errNothing
	}
	return err
}

// take takes the oldest occasion that begins like this one out of the outbox.
func (a *advance) take(o occasion) (occasion, error) {
	row, err := a.tx.TakeOldest(a.ctx, store.TopicRecord, o.prefix())
	if err != nil {
		return o, orNothing(err)
	}
	var next occasion
	err = json.Unmarshal(row.Payload, &next)
	a.delivery.key, a.delivery.event = row.Key, next.Event
	return next, err
}

// meetOccasion lets a case hear what happened to its record.
func (a *advance) meetOccasion(o occasion) error {
	l, err := a.tx.LockCase(a.ctx, o.Case)
	if err != nil {
		return orNothing(err)
	}
	if o, err = a.take(o); err != nil {
		return err
	}
	a.event = process.Event{Kind: process.EventHappened, Name: o.Event.Name, By: o.By}
	switch {
	case o.People:
		a.event = process.Event{Kind: process.EventPeople}
	case o.Event.Name == "":
		a.event = process.Event{Kind: process.EventTick}
	}
	return a.meet(l)
}

// startByEvent starts a process on a record because of what happened to it, unless a case of it is open there.
func (a *advance) startByEvent(o occasion) error {
	if err := a.ground(); err != nil {
		return err
	}
	l, err := a.tx.LockRecord(a.ctx, o.Type, o.Record)
	if err != nil {
		return orNothing(err)
	}
	if o, err = a.take(o); err != nil {
		return err
	}
	p := a.lib.Processes[o.Process]
	if p == nil || !slices.Contains(p.Start.On, o.Event.Name) {
		return a.leave() // another version was published meanwhile, which doesn't start so
	}
	cases, err := a.tx.OpenCasesOf(a.ctx, o.Record)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(cases, func(c store.CaseRow) bool { return c.Process == p.ID && c.Revokes == nil }) {
		return a.leave()
	}
	a.in.Process, a.record = p, l.Record
	if a.in.Record, err = restoreRecord(p.Type, l.Record); err != nil {
		return err
	}
	if !o.Event.outside() && !slices.Contains(p.Type.Happened(nil, a.in.Record.Fields, a.refs), o.Event.Name) {
		return a.leave() // it comes too late: it isn't so any more
	}
	a.event = process.Event{Kind: process.EventStart, Name: o.Event.Name}
	return a.begin("")
}

// leave commits what was taken and does nothing else.
func (a *advance) leave() error {
	a.idle = true
	return nil
}
