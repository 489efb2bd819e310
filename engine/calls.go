package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// What cases ask of cases.
const (
	errandStart = "start" // a call: start a case
	errandEnd   = "end"   // its step was left: end the case, or never start it
	errandEnded = "ended" // the case has ended: its parent hears how
	errandUndo  = "undo"  // the case that revokes another has been approved: that one is undone
)

// errand is what one case asks of another. It stands in the outbox from the transaction of the one until that of the other, so it takes effect once, and no
// transaction ever holds the locks of two cases.
type errand struct {
	Do      string          `json:"do"`
	Parent  string          `json:"parent"`
	Call    string          `json:"call"`
	Step    string          `json:"step,omitempty"`    // start: of the parent
	Process string          `json:"process,omitempty"` // start
	With    json.RawMessage `json:"with,omitempty"`    // start: fields of a new record; none: it is about the parent's
	Wait    bool            `json:"wait,omitempty"`    // start
	Told    bool            `json:"told,omitempty"`    // start: the parent knows that it can't be started yet
	Outcome string          `json:"outcome,omitempty"` // end, ended
	By      string          `json:"by,omitempty"`      // undo: who asked for it
	Comment string          `json:"comment,omitempty"` // undo: why
}

func (x errand) key() string { return x.Call + "/" + x.Do }

// row is the errand in the outbox.
func (x errand) row(real, due time.Time) store.OutboxRow {
	payload, _ := json.Marshal(x) // texts, and what was JSON already
	return store.OutboxRow{Topic: store.TopicCall, Key: x.key(), Payload: payload, Created: real, Due: due}
}

// calls notes what an effect asks of another case.
func (c *change) calls(effect process.Effect) {
	switch e := effect.(type) {
	case process.CallCase:
		x := errand{Do: errandStart, Parent: c.row.ID, Call: e.Call, Step: e.Step, Process: e.Process, Wait: e.Wait}
		if e.With != nil {
			x.With, _ = json.Marshal(e.With) // fields of records, which came from JSON
		}
		c.errands = append(c.errands, x)
	case process.EndCall:
		c.errands = append(c.errands, errand{Do: errandEnd, Parent: c.row.ID, Call: e.Call, Outcome: e.Outcome})
	case process.EndCase:
		if c.row.Parent != nil && c.advance.row.EndedAt == nil && c.event.Kind != process.EventLeft {
			c.errands = append(c.errands, errand{Do: errandEnded, Parent: *c.row.Parent, Call: str(c.row.Call), Outcome: e.Outcome})
		}
		c.revokes(e)
	}
}

// sendErrands puts what other cases are asked into the outbox.
func (c *change) sendErrands() error {
	rows := make([]store.OutboxRow, len(c.errands))
	for i, x := range c.errands {
		rows[i] = x.row(c.real, c.real.Add(urgentGrace))
		c.sets = append(c.sets, occasion{errand: &x})
	}
	return c.tx.AddOutbox(c.ctx, rows)
}

// run carries an errand out, unless that was done meanwhile.
func (e *Engine) run(ctx context.Context, x errand) error {
	var err error
	switch x.Do {
	case errandStart:
		err = e.startCall(ctx, x)
	case errandEnd:
		_, err = e.advance(ctx, Request{}, func(a *advance) error { return a.endCall(x) })
	case errandEnded:
		_, err = e.advance(ctx, Request{}, func(a *advance) error {
			return a.parentHears(x, process.Event{Outcome: x.Outcome}, func() error { return a.carried(x) })
		})
	case errandUndo:
		_, err = e.advance(ctx, Request{}, func(a *advance) error { return a.undo(x) })
	default:
		err = fmt.Errorf("engine: outbox: a case is asked to %q: %w", x.Do, ErrNewerFormat)
	}
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

// carried takes an errand out of the outbox, in the transaction that carries it out.
func (a *advance) carried(x errand) error {
	return orNothing(a.tx.TakeOutboxRow(a.ctx, store.TopicCall, x.key()))
}

// startCall starts the case that a call asks for. Where that is refused the parent hears why, so that nothing is lost.
func (e *Engine) startCall(ctx context.Context, x errand) error {
	var record string
	_, err := e.advance(ctx, Request{}, func(a *advance) error {
		err := a.startCall(x)
		record = a.record.ID
		return err
	})
	if u, ok := errors.AsType[*store.UniqueError](err); ok && u.Constraint == store.ConstraintOneOpen {
		err = e.alreadyOpen(ctx, StartCommand{Process: x.Process, Record: &process.Reference{ID: record}})
	}
	if r := refused(err); r != nil {
		return e.callRefused(ctx, x, r)
	}
	return err
}

// maxCallDepth is how many calls may stand above a case. A chain that calls itself isn't published; chains that call each other only since another version
// of one of them was published are stopped here.
const maxCallDepth = 8

// startCall makes the case of a call. The order of the locks is that of [advance.start]: what is published, the record, the errand, the counters.
func (a *advance) startCall(x errand) error {
	if err := a.ground(); err != nil {
		return err
	}
	parent, err := a.tx.Case(a.ctx, x.Parent)
	if err != nil {
		return orNothing(err)
	}
	if a.in.Process = a.lib.Processes[x.Process]; a.in.Process == nil {
		return process.Refuse(process.CodeNotFound, "这个流程没有发布", "this process isn't published")
	}
	if err := a.recordOfCall(x, parent); err != nil {
		return err
	}
	if err := a.carried(x); err != nil {
		return err
	}
	left, err := a.tx.WaitsInOutbox(a.ctx, store.TopicCall, errand{Do: errandEnd, Call: x.Call}.key())
	if err != nil || left {
		a.idle = true // its step was left before it could begin
		return err
	}
	if err := a.notTooDeep(parent.ID); err != nil {
		return err
	}
	a.event = process.Event{Kind: process.EventStart, By: parent.Initiator}
	if err := a.begin(parent.Initiator); err != nil {
		return err
	}
	a.in.State.Format = max(a.in.State.Format, process.FormatCalls) // whoever ends it must tell its parent
	a.row.Parent, a.row.Call, a.row.CallStep = &parent.ID, &x.Call, &x.Step
	return nil
}

func (a *advance) notTooDeep(parent string) error {
	depth, err := a.tx.CallDepth(a.ctx, parent, maxCallDepth)
	if err == nil && depth >= maxCallDepth {
		return process.Refuse(process.CodeFieldInvalid, fmt.Sprintf("流程一层一层调用，已有 %d 层：请检查这些流程是否互相调用", maxCallDepth),
			fmt.Sprintf("cases have called cases %d deep already: see whether these processes call each other", maxCallDepth))
	}
	return err
}

// recordOfCall is what the case is about: the record of its parent, locked, where that is of the same type and the call fills in nothing; else a new one.
func (a *advance) recordOfCall(x errand, parent store.CaseRow) error {
	typ := a.in.Process.Type
	if x.With == nil && parent.RecordType == typ.ID {
		l, err := a.tx.LockRecord(a.ctx, typ.ID, parent.RecordID)
		if err != nil {
			return err
		}
		a.record = l.Record
		a.in.Record, err = restoreRecord(typ, l.Record)
		if err != nil {
			return err
		}
		return complete(typ, a.in.Record.Fields)
	}
	fields := process.Fields{}
	if x.With != nil {
		with, err := typ.Restore(x.With)
		if err != nil || !hasAll(typ, x.With) {
			return process.Refuse(process.CodeFieldInvalid, "要填写的内容不再符合"+typ.Title.In("zh"), "what it fills in doesn't fit a "+typ.Title.In("en")+" any more")
		}
		fields = with
	}
	fields = typ.Defaults(parent.Initiator, a.at.In(zoneOf(a.lib)).Format(time.DateOnly)).With(fields)
	if err := complete(typ, fields); err != nil {
		return err
	}
	a.newRecord(typ, typ.Compute(fields, a.refs), parent.Initiator)
	return nil
}

// hasAll says whether a type has all these fields.
func hasAll(typ *process.RecordType, fields json.RawMessage) bool {
	var given map[string]json.RawMessage
	_ = json.Unmarshal(fields, &given) // fields of records, which came from JSON
	for name := range given {
		if typ.Field(name) == nil {
			return false
		}
	}
	return true
}

// callRetry is when a case is tried again that couldn't be started and that nobody waits for.
const callRetry = time.Minute

// callRefused lets the parent hear that its call can't be carried out: where it waits for the case it is held, and calls again when it is resumed. One that
// doesn't wait has gone on; its call stays in the outbox and is tried again until the cause is gone.
func (e *Engine) callRefused(ctx context.Context, x errand, r *process.Refusal) error {
	later := x
	later.Told = true
	putOff := func(tx *store.Tx) error {
		now := e.now()
		return orNothing(tx.PutOffOutbox(ctx, later.row(now, now.Add(callRetry))))
	}
	if x.Told {
		return e.db.Tx(ctx, putOff)
	}
	ev := process.Event{Failed: process.Text{
		ZH: "无法发起流程 " + x.Process + "：" + r.Message.In("zh"), EN: "the process " + x.Process + " can't be started: " + r.Message.In("en")}}
	if !x.Wait {
		ev.Step = x.Step
	}
	_, err := e.advance(ctx, Request{}, func(a *advance) error {
		return a.parentHears(x, ev, func() error {
			if x.Wait {
				return a.carried(x)
			}
			return putOff(a.tx)
		})
	})
	return err
}

// parentHears lets the case that called hear what came of it. take takes the errand, once the case is locked.
func (a *advance) parentHears(x errand, ev process.Event, take func() error) error {
	l, err := a.tx.LockCase(a.ctx, x.Parent)
	if err != nil {
		return orNothing(err)
	}
	if err := take(); err != nil {
		return err
	}
	ev.Kind, ev.Call = process.EventCalled, x.Call
	a.event = ev
	return a.meet(l)
}

// endCall ends the case of a call, or takes its start away.
func (a *advance) endCall(x errand) error {
	l, err := a.tx.LockCaseOfCall(a.ctx, x.Parent, x.Call)
	if errors.Is(err, store.ErrNotFound) {
		err = a.tx.TakeOutboxRow(a.ctx, store.TopicCall, errand{Do: errandStart, Call: x.Call}.key())
		if err == nil {
			a.idle = true
			return a.carried(x)
		}
		if errors.Is(err, store.ErrNotFound) { // somebody has started it, or found that it can't be
			l, err = a.tx.LockCaseOfCall(a.ctx, x.Parent, x.Call)
		}
		if errors.Is(err, store.ErrNotFound) {
			a.idle = true
			return a.carried(x)
		}
	}
	if err != nil {
		return err
	}
	if err := a.carried(x); err != nil {
		return err
	}
	a.event = process.Event{Kind: process.EventLeft, Outcome: x.Outcome}
	return a.meet(l)
}
