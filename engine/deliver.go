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

// happening names an event. One from outside says which it is by its sender and the sender's id, so that what it does is noted with it; it is written
// otherwise than one of the record's own, so that a software which doesn't know it leaves it alone.
type happening struct {
	Name   string `json:"name"`
	Source string `json:"source"`
	ID     string `json:"id"`
}

func (h happening) outside() bool { return h.Source != "" }

// MarshalJSON writes an event of the record's own as its name.
func (h happening) MarshalJSON() ([]byte, error) {
	if !h.outside() {
		return json.Marshal(h.Name)
	}
	type whole happening
	return json.Marshal(whole(h))
}

// UnmarshalJSON reads either.
func (h *happening) UnmarshalJSON(b []byte) error {
	*h = happening{}
	if json.Unmarshal(b, &h.Name) == nil {
		return nil
	}
	type whole happening
	return json.Unmarshal(b, (*whole)(h))
}

// outside notes what an event from outside must reach, behind what the present version of the record has set off and in the order in which events came.
// It gives the row's key.
func (o *occasions) outside(what occasion, version int, number int64) string {
	seq := version*maxEmits + maxEmits - 1
	key := fmt.Sprintf("%s.%020d", what.key(seq), number)
	o.put(what, key, seq)
	return key
}

// delivery is an occasion that a transaction has taken from the outbox.
type delivery struct {
	key   string
	event happening
}

// delivered notes with an event from outside what it did.
func (a *advance) delivered(answer Answer) error {
	if a.delivery == nil || !a.delivery.event.outside() {
		return nil
	}
	effect, id := store.EventNone, ""
	switch {
	case a.isNew && answer.Case.ID != "":
		effect, id = store.EventStarted, answer.Case.ID
	case a.moved():
		effect, id = store.EventMoved, answer.Case.ID
	}
	return a.tx.SettleEventCase(a.ctx, a.delivery.row(effect, id, nil))
}

func (d *delivery) row(effect, id string, refusal *store.JSON[store.EventRefusal]) store.EventCaseRow {
	return store.EventCaseRow{Source: d.event.Source, ID: d.event.ID, Key: d.key, CaseID: opt(id), Effect: &effect, Refusal: refusal}
}

// moved says whether the event itself has done something to the case: a branch that waited for it goes on, or the case has ended.
func (a *advance) moved() bool {
	return !a.idle && slices.ContainsFunc(a.result.Effects, func(e process.Effect) bool {
		switch e := e.(type) {
		case process.EndCase:
			return true
		case process.Log:
			return e.Entry.Event == "happened"
		}
		return false
	})
}

// drop takes a start that is refused for ever out of the outbox. Somebody else may have done so.
func (e *Engine) drop(ctx context.Context, d *delivery, why *process.Refusal) error {
	err := e.db.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.TakeOutboxRow(ctx, store.TopicRecord, d.key); err != nil || !d.event.outside() {
			return err
		}
		refusal := store.Of(store.EventRefusal{Code: why.Code, Message: why.Message})
		return tx.SettleEventCase(ctx, d.row(store.EventRefused, "", &refusal))
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// maxBring bounds how many older occasions of the same cases a request carries out before its own.
const maxBring = 20

// bring carries out what an event still has to do, and says what it did. What can't be done now is the worker's.
func (e *Engine) bring(ctx context.Context, source, id string) (EventView, error) {
	row, err := e.db.Event(ctx, source, id)
	if err != nil {
		return EventView{}, err
	}
	cases, err := e.db.EventCases(ctx, source, id)
	for range maxBring {
		if err != nil {
			return EventView{}, err
		}
		list := undone(row, cases)
		if len(list) == 0 || !e.tryAll(ctx, list) {
			break
		}
		cases, err = e.db.EventCases(ctx, source, id)
	}
	return eventView(row, cases), err
}

// undone are the occasions of an event that haven't been carried out.
func undone(e store.EventRow, cases []store.EventCaseRow) []occasion {
	var list []occasion
	for _, c := range cases {
		if c.Effect == nil {
			list = append(list, occasion{Case: str(c.CaseID), Process: c.Process, Type: e.RecordType, Record: e.RecordID, Event: happening{Name: e.Type}})
		}
	}
	return list
}

// tryAll carries out occasions, or older ones of the same cases, and says whether that has brought anything on. A case that can't take its own delays no
// other.
func (e *Engine) tryAll(ctx context.Context, list []occasion) bool {
	ctx, ok := deeper(ctx)
	if !ok {
		return false
	}
	on := false
	for _, o := range list {
		err := e.carryOut(ctx, o)
		if err == nil {
			on = true
			continue
		}
		logger().Warn("an event hasn't reached a case yet; a worker tries again", "record", o.Record, "event", o.Event.Name, "case", o.Case, "process", o.Process, "error", err)
		if errors.Is(err, store.ErrUnavailable) {
			return false
		}
	}
	return on
}

func eventView(e store.EventRow, cases []store.EventCaseRow) EventView {
	v := EventView{ID: e.ID, Type: e.Type, At: e.At, Record: process.Reference{Type: e.RecordType, ID: e.RecordID}}
	for _, c := range cases {
		switch {
		case c.Effect == nil:
			v.Pending = true
		case *c.Effect == store.EventRefused && c.Refusal != nil:
			v.Refused = append(v.Refused, EventRefused{Process: c.Process, Code: c.Refusal.V.Code, Message: c.Refusal.V.Message})
		case *c.Effect == store.EventStarted || *c.Effect == store.EventMoved:
			v.Cases = append(v.Cases, EventCase{ID: str(c.CaseID), Number: str(c.Number), Process: c.Process, Effect: *c.Effect})
		}
	}
	return v
}
