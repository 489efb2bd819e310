package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// RecordFilter narrows a list of records. Zero values narrow nothing.
type RecordFilter struct {
	Type   string
	Query  string         // words found anywhere in what is searched
	Fields map[string]any // what the fields must contain
}

// Records lists the records of a type that the viewer may see, newest first, with the place to go on from; nil at the end.
func (db *DB) Records(ctx context.Context, v Viewer, f RecordFilter, p Page) ([]RecordRow, *Place, error) {
	var w where
	w.and("r.type = ?", f.Type)
	conds := []string{v.recordSeen(), v.fieldsCount(f.Type, slices.Sorted(maps.Keys(f.Fields)))}
	if s, searched := searchFor(f.Query); searched {
		if err := s.narrow(ctx, db, &w, `records`, `r`); err != nil {
			return nil, nil, err
		}
		conds = append(conds, s.each(&w, v.inRecord)...)
	}
	if len(f.Fields) > 0 {
		contains, err := json.Marshal(f.Fields)
		if err != nil {
			return nil, nil, fmt.Errorf("store: %w", err)
		}
		w.and("r.fields @> ?::jsonb", string(contains))
	}
	if p.After != nil {
		w.and("r.created_at <= ? AND (r.created_at < ? OR r.id > ?)", p.After.At, p.After.At, p.After.ID)
	}
	w.asks(v, conds...)
	var rows []RecordRow
	err := db.Select(ctx, &rows, w.with()+`SELECT `+RecordColumns+` FROM records r`+w.sql()+` ORDER BY r.created_at DESC, r.id`+p.limit(), w.args...)
	rows, next := cut(rows, p.Limit, func(r RecordRow) Place { return Place{At: &r.CreatedAt, ID: r.ID} })
	return rows, next, err
}

// cut leaves out the row beyond the page and says where the page ended when there was one.
func cut[T any](rows []T, limit int, place func(T) Place) ([]T, *Place) {
	if len(rows) <= limit {
		return rows, nil
	}
	rows = rows[:limit]
	end := place(rows[limit-1])
	return rows, &end
}

// Record reads one record.
func (db *DB) Record(ctx context.Context, typ, id string) (RecordRow, error) {
	var row RecordRow
	err := db.Get(ctx, &row, `SELECT `+RecordColumns+` FROM records r WHERE r.type = $1 AND r.id = $2`, typ, id)
	return row, err
}

// RecordOwner gives who owns a record; "" when nobody does.
func (db *DB) RecordOwner(ctx context.Context, id string) (string, error) {
	var owner string
	err := db.Get(ctx, &owner, `SELECT coalesce(owner, '') FROM records WHERE id = $1`, id)
	return owner, err
}

// RecordChange is one version of a record: who changed what, and in which case.
type RecordChange struct {
	Version int                    `db:"version"`
	At      time.Time              `db:"at"`
	By      string                 `db:"by"`
	Case    string                 `db:"case_id"`
	Changes JSON[map[string]Moved] `db:"changes"`
}

// Moved is a field's value before and after a change; nil where it was or became empty.
type Moved struct {
	From any `json:"from"`
	To   any `json:"to"`
}

// RecordHistory lists a record's changes, newest first.
func (db *DB) RecordHistory(ctx context.Context, id string, p Page) ([]RecordChange, *Place, error) {
	var rows []RecordChange
	err := db.Select(ctx, &rows, `SELECT h.version, h.at, coalesce(h.by, '') AS by, coalesce(h.case_id, '') AS case_id, h.changes
		FROM record_history h WHERE h.record_id = $1 AND ($2::text IS NULL OR h.version < $2::integer)
		ORDER BY h.version DESC LIMIT $3`, id, p.id(), p.Limit+1)
	rows, next := cut(rows, p.Limit, func(r RecordChange) Place { return Place{ID: strconv.Itoa(r.Version)} })
	return rows, next, err
}

// maxEarlier bounds how many earlier quotes a price history shows.
const maxEarlier = 20

// Earlier are the records of a type that were made before another one and point at the same record by a field, the newest first.
func (db *DB) Earlier(ctx context.Context, r RecordRow, field, id string) ([]RecordRow, error) {
	var rows []RecordRow
	return rows, db.Select(ctx, &rows, `SELECT `+RecordColumns+` FROM records r
		WHERE r.type = $1 AND r.id <> $2 AND r.created_at <= $3 AND r.fields -> $4 ->> 'id' = $5 ORDER BY r.created_at DESC, r.id LIMIT $6`,
		r.Type, r.ID, r.CreatedAt, field, id, maxEarlier)
}
