package store

import (
	"context"
	"strconv"
)

// CaseOnRecord is a case with the record it is about.
type CaseOnRecord struct {
	Case   CaseRow   `db:"c"`
	Record RecordRow `db:"r"`
}

var caseOnRecordColumns = CaseColumnsIn + ", " + RecordColumnsIn

// CaseFilter narrows a list of cases. Zero values narrow nothing.
type CaseFilter struct {
	Process   string
	Status    string
	Record    string // its id
	Initiator string
	Query     string // words of the number or the subject, or of the record
	Open      *bool  // only what hasn't ended, or only what has
	Held      bool   // only what can't go on by itself
	Older     bool   // only open cases that run by another version than new cases take
}

func (f CaseFilter) where() where {
	var w where
	for _, equal := range []struct{ column, value string }{{"c.process", f.Process}, {"c.status", f.Status}, {"c.record_id", f.Record}, {"c.initiator", f.Initiator}} {
		if equal.value != "" {
			w.and(equal.column+" = ?", equal.value)
		}
	}
	if f.Open != nil && *f.Open {
		w.and("c.status <> 'ended'")
	}
	if f.Open != nil && !*f.Open {
		w.and("c.status = 'ended'")
	}
	if f.Held {
		w.and("c.held IS NOT NULL")
	}
	if f.Older {
		w.and("c.status <> 'ended' AND (c.process, c.version) NOT IN (SELECT d.id, d.version FROM definitions_current d WHERE d.kind = 'process')")
	}
	return w
}

// Cases lists the cases that the viewer may see, newest first, with the place to go on from; nil at the end.
func (db *DB) Cases(ctx context.Context, v Viewer, f CaseFilter, p Page) ([]CaseOnRecord, *Place, error) {
	w := f.where()
	conds := []string{v.caseSeen()}
	if s, searched := searchFor(f.Query); searched {
		cases, records, few, err := s.casesAndRecords(ctx, db)
		if err != nil {
			return nil, nil, err
		}
		if few {
			w.and("(c.id = ANY (?) OR c.record_id = ANY (?))", cases, records)
		}
		conds = append(conds, s.each(&w, v.inCase)...)
	}
	if p.After != nil {
		w.and("c.started_at <= ? AND (c.started_at < ? OR c.id > ?)", p.After.At, p.After.At, p.After.ID)
	}
	w.asks(v, conds...)
	read := db.querier
	if f.Initiator != "" {
		read = db.byKey // one's own: a walk of their index, however many there are
	}
	var rows []CaseOnRecord
	err := read.Select(ctx, &rows, w.with()+`SELECT `+caseOnRecordColumns+` FROM cases c JOIN records r ON r.id = c.record_id`+w.sql()+`
		ORDER BY c.started_at DESC, c.id`+p.limit(), w.args...)
	rows, next := cut(rows, p.Limit, func(r CaseOnRecord) Place { return Place{At: &r.Case.StartedAt, ID: r.Case.ID} })
	return rows, next, err
}

// Case reads one case with its record.
func (db *DB) Case(ctx context.Context, id string) (CaseOnRecord, error) {
	var row CaseOnRecord
	err := db.Get(ctx, &row, `SELECT `+caseOnRecordColumns+` FROM cases c JOIN records r ON r.id = c.record_id WHERE c.id = $1`, id)
	return row, err
}

// Timeline lists what happened to a case, in order.
func (db *DB) Timeline(ctx context.Context, id string, p Page) ([]TimelineRow, *Place, error) {
	var rows []TimelineRow
	err := db.Select(ctx, &rows, `SELECT `+TimelineColumns+` FROM timeline l
		WHERE l.case_id = $1 AND ($2::text IS NULL OR l.seq > $2::integer) ORDER BY l.seq LIMIT $3`, id, p.id(), p.Limit+1)
	rows, next := cut(rows, p.Limit, func(r TimelineRow) Place { return Place{ID: strconv.Itoa(r.Seq)} })
	return rows, next, err
}
