package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

const (
	pageSize = 200 // records that are looked at in one go
	maxPages = 20  // and pages in one call
)

// goThrough starts the cases of an occurrence, up to a number of them, and says whether it is through.
func (e *Engine) goThrough(ctx context.Context, o store.OccurrenceRow) (bool, error) {
	left := BulkStarts
	for range maxPages {
		page, err := e.page(ctx, o, left)
		if err != nil {
			return false, err
		}
		for _, record := range page.records {
			if err := e.startByRhythm(ctx, o, page.typ, record); err != nil {
				return false, err
			}
		}
		if page.last == "" {
			return true, e.db.Tx(ctx, func(tx *store.Tx) error { return tx.EndOccurrence(ctx, o, page.at) })
		}
		if err := e.pass(ctx, o, page.last, store.OccurrencePassedOver, page.open); err != nil {
			return false, err
		}
		o.UpTo = page.last
		if left -= len(page.records); left <= 0 {
			return false, nil
		}
	}
	return false, nil
}

// page is a number of records that an occurrence comes to.
type page struct {
	typ     string
	records []string // a case is to be started on
	open    int      // how many have one still
	last    string   // the last it looked at; empty: there are no more
	at      time.Time
}

// page looks at the next records, up to the last that a case may be started on.
func (e *Engine) page(ctx context.Context, o store.OccurrenceRow, most int) (page, error) {
	var found page
	err := e.db.Tx(ctx, func(tx *store.Tx) error {
		found = page{}
		s, err := e.scheduling(ctx, tx)
		if err != nil {
			return err
		}
		found.at = s.at
		p := s.lib.Processes[o.Process]
		if p == nil || p.Start.For == nil { // another version was published meanwhile
			return nil
		}
		found.typ = p.Record
		rows, err := tx.RecordsAfter(ctx, p.Record, o.UpTo, o.BeganAt, pageSize)
		if err != nil {
			return err
		}
		return found.choose(s, p, rows, most)
	})
	return found, err
}

// choose finds the records that the rhythm's `for` holds for and that have no open case.
func (f *page) choose(s *scheduling, p *process.Process, rows []store.RecordRow, most int) error {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	open, err := s.tx.WithOpenCase(s.ctx, p.ID, ids)
	if err != nil {
		return err
	}
	refs := newReferences(s.ctx, s.tx, s.lib)
	for _, row := range rows {
		if len(f.records) == most {
			break
		}
		f.last = row.ID
		yes, err := holdsFor(p, row, s.at, zoneOf(s.lib), refs)
		switch {
		case err != nil:
			logger().Error("whether a rhythm starts a case for a record can't be said", "process", p.ID, "record", row.ID, "error", err)
		case yes && slices.Contains(open, row.ID):
			f.open++
		case yes:
			f.records = append(f.records, row.ID)
		}
	}
	return refs.Err()
}

// holdsFor says whether a process's rhythm starts a case for a record.
func holdsFor(p *process.Process, row store.RecordRow, now time.Time, zone *time.Location, refs *references) (bool, error) {
	rec, err := restoreRecord(p.Type, row)
	if err != nil {
		return false, err
	}
	return p.Start.For.Bool(process.Env{Record: rec, Now: now, Zone: zone, Records: refs})
}

// pass moves an occurrence on to a record, and counts what it came to there.
func (e *Engine) pass(ctx context.Context, o store.OccurrenceRow, record, what string, n int) error {
	return e.db.Tx(ctx, func(tx *store.Tx) error { return tx.PassOccurrence(ctx, o, record, what, n) })
}

// startByRhythm starts a case on a record, once for an occurrence. A start that is refused is counted and passed over: it delays no other.
func (e *Engine) startByRhythm(ctx context.Context, o store.OccurrenceRow, typ, record string) error {
	_, err := e.advance(ctx, Request{}, func(a *advance) error { return a.occur(o, typ, record) })
	if errors.Is(err, errNothing) {
		return nil
	}
	if r := refused(err); r != nil {
		logger().Error("a rhythm could not start a case", "process", o.Process, "record", record, "code", r.Code, "why", r.Message.EN)
		return e.pass(ctx, o, record, store.OccurrenceRefused, 1)
	}
	return err
}

// occur starts the case of an occurrence on a record, unless one is open there or the occurrence has passed it. The order of the locks is: what is
// published, the occurrence, the record, the counters.
func (a *advance) occur(o store.OccurrenceRow, typ, record string) error {
	if err := a.ground(); err != nil {
		return err
	}
	now, err := a.tx.LockOccurrence(a.ctx, o)
	if err != nil {
		return orNothing(err)
	}
	p := a.lib.Processes[o.Process]
	if now.EndedAt != nil || now.UpTo >= record || p == nil || p.Start.For == nil || p.Record != typ {
		return errNothing
	}
	l, err := a.tx.LockRecord(a.ctx, typ, record)
	if err != nil {
		return orNothing(err)
	}
	yes, wrong := holdsFor(p, l.Record, a.at, zoneOf(a.lib), a.refs)
	if err := a.refs.Err(); err != nil {
		return err
	}
	if wrong != nil || !yes { // it has changed meanwhile
		return errNothing
	}
	cases, err := a.tx.OpenCasesOf(a.ctx, record)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(cases, func(c store.CaseRow) bool { return c.Process == p.ID && c.Revokes == nil }) {
		a.idle = true
		return a.tx.PassOccurrence(a.ctx, o, record, store.OccurrencePassedOver, 1)
	}
	if err := a.tx.PassOccurrence(a.ctx, o, record, store.OccurrenceStarted, 1); err != nil {
		return err
	}
	a.in.Process, a.record = p, l.Record
	if a.in.Record, err = restoreRecord(p.Type, l.Record); err != nil {
		return err
	}
	a.event = process.Event{Kind: process.EventStart, Name: "every " + p.Start.Every}
	return a.begin("")
}
