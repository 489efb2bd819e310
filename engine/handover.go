package engine

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Pieces of a handover.
const (
	handoverLooks = 500 // open cases that are looked at in one go
	handoverMoves = 50  // records that are moved in one go
)

// HandoverOf says how far the newest handover of somebody is, and what is still theirs; [store.ErrNotFound]: there is none.
func (e *Engine) HandoverOf(ctx context.Context, user string) (HandoverView, error) {
	h, err := e.db.LastHandover(ctx, user)
	if err != nil {
		return HandoverView{}, err
	}
	lib, err := e.Library(ctx)
	if err != nil {
		return HandoverView{}, err
	}
	now, err := e.Business(ctx, e.now())
	if err != nil {
		return HandoverView{}, err
	}
	view := HandoverView{ID: h.ID, User: h.User, Reason: h.Reason, By: h.MadeBy, At: h.At, EndedAt: h.EndedAt, Cases: h.Moved, Records: h.Owned, Failed: h.Failed}
	found, err := e.db.Belongings(ctx, user, dayOf(now, lib))
	for _, b := range found {
		to := map[string]string{"tasks": h.Tasks, "assignments": h.Tasks, "records": h.Records, "initiator": h.Initiator}[b.What]
		view.Items = append(view.Items, HandoverItem{What: b.What, Count: b.Count, To: to, Names: append([]string{}, b.Names...)})
	}
	return view, err
}

// HandOver moves the next piece of what is still with people who have left, and says whether there is more. Each case and each record moves in a transaction
// of its own, which also notes how far it has come: so once, whoever is killed meanwhile. One that can't be moved delays no other.
func (e *Engine) HandOver(ctx context.Context) (more bool, err error) {
	jobs, err := e.db.OpenHandovers(ctx)
	for _, job := range jobs {
		if err != nil {
			break
		}
		if job.Stage == store.HandoverCases {
			err = e.handOverCases(ctx, job)
		} else {
			err = e.handOverRecords(ctx, job)
		}
	}
	return len(jobs) > 0, err
}

// handOverCases moves the next cases. Before it goes through them it lets those end who began before the departure was known: what they open may still ask who
// has left.
func (e *Engine) handOverCases(ctx context.Context, job store.Handover) error {
	if job.After == "" {
		if err := e.db.Settled(ctx); err != nil {
			return err
		}
	}
	cases, err := e.db.OpenCasesNaming(ctx, job.User, job.After, handoverLooks)
	if err != nil {
		return err
	}
	for _, c := range cases {
		if !c.Uses {
			continue
		}
		_, err := e.advance(ctx, Request{}, func(a *advance) error { return a.handOver(job, c.ID) })
		if err := e.handedOver(ctx, job, c.ID, err); err != nil {
			return err
		}
	}
	if len(cases) < handoverLooks {
		return e.turnHandover(ctx, job)
	}
	return e.db.PassHandover(ctx, job, cases[handoverLooks-1].ID, 0)
}

// handOver meets a case in which somebody who has left still stands for something to come.
func (a *advance) handOver(job store.Handover, id string) error {
	if next, err := a.tx.NextHandover(a.ctx, job, id); err != nil || !next {
		return cmp.Or(err, errNothing)
	}
	l, err := a.tx.LockCase(a.ctx, id)
	if err != nil {
		return err
	}
	state, err := decodeState(l.Case.State)
	if err != nil {
		return err
	}
	if !state.Leaves(job.User) {
		return errNothing
	}
	a.event = process.Event{Kind: process.EventHandover, By: job.MadeBy, From: job.User, To: job.Tasks, Initiator: job.Initiator, Comment: job.Reason}
	return a.meet(l)
}

// handedOver goes on past what could not be moved.
func (e *Engine) handedOver(ctx context.Context, job store.Handover, id string, err error) error {
	if errors.Is(err, errNothing) {
		return nil
	}
	if r := refused(err); r != nil {
		logger().Warn("something of somebody who has left can't be handed over", "handover", job.ID, "stage", job.Stage, "id", id, "why", r.Message.EN)
		return e.db.PassHandover(ctx, job, id, 1)
	}
	return err
}

func (e *Engine) handOverRecords(ctx context.Context, job store.Handover) error {
	lib, err := e.Library(ctx)
	if err != nil {
		return err
	}
	rows, err := e.db.RecordsOwned(ctx, slices.Sorted(maps.Keys(lib.Types)), job.User, job.After, handoverMoves)
	if err != nil {
		return err
	}
	for _, row := range rows {
		_, err := e.writeRecord(ctx, Request{Caller: job.MadeBy}, func(w *recordWriter) error { return w.handOver(job, row) })
		if err := e.handedOver(ctx, job, row.ID, err); err != nil {
			return err
		}
	}
	if len(rows) < handoverMoves {
		return e.turnHandover(ctx, job)
	}
	return e.db.PassHandover(ctx, job, rows[handoverMoves-1].ID, 0)
}

// handOver gives a record another owner. Neither an open approval nor a process that keeps the field to itself stands in the way: somebody has to own it.
func (w *recordWriter) handOver(job store.Handover, row store.RecordRow) error {
	if next, err := w.tx.NextHandover(w.ctx, job, row.ID); err != nil || !next {
		return cmp.Or(err, errNothing)
	}
	l, err := w.tx.LockRecord(w.ctx, row.Type, row.ID)
	if err != nil {
		return orNothing(err)
	}
	if str(l.Record.Owner) != job.User {
		return errNothing
	}
	w.present, w.row = l.Present, l.Record
	if err := w.prepare(row.Type); err != nil {
		return err
	}
	rec, err := restoreRecord(w.typ, w.row)
	if err != nil {
		return err
	}
	w.before, w.after = rec.Fields, w.typ.Compute(rec.Fields.With(process.Fields{"owner": job.Records}), w.refs)
	return nil
}

func (e *Engine) turnHandover(ctx context.Context, job store.Handover) error {
	at, err := e.Business(ctx, e.now())
	if err != nil {
		return err
	}
	return e.db.TurnHandover(ctx, job, at)
}
