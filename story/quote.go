package story

import (
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

// quote makes a quote of a client's: two or three lines, at prices that change a little from one to the next.
func (w *world) quote(l *life, c client, validDays int) error {
	var lines []any
	for range 1 + l.rnd.IntN(3) {
		lines = append(lines, map[string]any{"product": l.one(products), "quantity": 1 + l.rnd.IntN(20), "price": yuan(2_000 + 50*l.rnd.IntN(400)), "discount": l.rnd.IntN(4) * 5})
	}
	made, err := w.engine.CreateRecord(w.ctx, engine.Request{Caller: c.owner}, "quote", map[string]any{
		"customer": map[string]any{"type": "customer", "id": c.ref.ID}, "lines": lines, "valid_until": w.date(w.now.AddDate(0, 0, validDays))})
	l.record, l.owner = process.Reference{Type: made.Type, ID: made.ID}, c.owner
	return err
}

// change changes fields of a life's record.
func (w *world) change(l *life, fields map[string]any) error {
	_, err := w.engine.ChangeRecord(w.ctx, engine.Request{Caller: l.owner}, l.record.Type, l.record.ID, fields, 0)
	return err
}

// send sends a quote out, which begins its follow-up.
func (w *world) send(l *life) error {
	w.born = l
	return w.change(l, map[string]any{"status": "sent"})
}

// pastQuote is a quote that was sent out, and what came of it.
func (w *world) pastQuote(day, minute int) {
	l := w.newLife(day, 25)
	l.habit = w.follows
	client := w.clients[l.rnd.IntN(len(w.clients))]
	valid := 30
	if l.chance(8) {
		l.count["nobody asks"], valid = 1, 6
	}
	w.agenda.add(w.worked(day, minute), func() error { return w.quote(l, client, valid) })
	sent := w.calendar.Add(w.worked(day, minute), 30*time.Minute)
	w.agenda.add(sent, func() error { return w.send(l) })
	if valid == 30 && l.chance(20) {
		w.agenda.add(w.calendar.Add(sent, time.Duration(30+l.rnd.IntN(workday))*time.Minute), func() error { return w.answered(l) })
	}
}

// answered is a customer who answers before being asked.
func (w *world) answered(l *life) error {
	switch r := l.rnd.IntN(100); {
	case r < 55:
		return w.change(l, map[string]any{"status": "accepted"})
	case r < 80:
		return w.change(l, map[string]any{"status": "rejected", "lost_reason": l.one(lost)})
	}
	return w.change(l, map[string]any{"status": "replaced"})
}

// follows is what people do about a quote.
func (w *world) follows(l *life, o engine.OpenView) []move {
	if l.count["nobody asks"] > 0 {
		return nil // it expires
	}
	after := l.today()
	if o.Step == "manager" {
		if l.chance(50) {
			return one(after, complete("won", nil))
		}
		return one(after, complete("lost", map[string]any{"lost_reason": l.one(lost)}))
	}
	switch r := l.rnd.IntN(100); {
	case r < 42:
		return one(after, complete("accepted", nil))
	case r < 66:
		return one(after, complete("rejected", map[string]any{"lost_reason": l.one(lost)}))
	}
	next := w.calendar.Add(w.now, after+l.minutes(workday, 4*workday))
	return one(after, complete("thinking", map[string]any{"next_on": w.date(next)}))
}

// today is when somebody does what is due by the end of the day.
func (l *life) today() time.Duration {
	switch r := l.rnd.IntN(100); {
	case r < 85:
		return l.minutes(5, 100)
	case r < 94:
		return time.Duration(workday+l.rnd.IntN(200)) * time.Minute
	}
	return time.Duration(2*workday+l.rnd.IntN(workday)) * time.Minute
}

func complete(outcome string, fields map[string]any) engine.ActCommand {
	return engine.ActCommand{Act: process.EventComplete, Outcome: outcome, Fields: fields}
}
