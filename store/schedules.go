package store

import (
	"context"
	"time"
)

// ScheduleRow is the rhythm by which a process starts cases.
type ScheduleRow struct {
	Process string    `db:"process"`
	Every   string    `db:"every"` // empty: it has ended
	Since   time.Time `db:"since"` // the next occurrence is counted from here
}

// OccurrenceRow is one occurrence of a rhythm.
type OccurrenceRow struct {
	Process    string     `db:"process"`
	At         time.Time  `db:"at"`
	Missed     int        `db:"missed"`
	BeganAt    time.Time  `db:"began_at"`
	EndedAt    *time.Time `db:"ended_at"`
	UpTo       string     `db:"upto"` // the last record that it has come to
	Started    int        `db:"started"`
	PassedOver int        `db:"passed_over"`
	Refused    int        `db:"refused"`
}

const occurrenceColumns = `process, at, missed, began_at, ended_at, upto, started, passed_over, refused`

// Schedules reads the rhythms of all processes.
func (q querier) Schedules(ctx context.Context) ([]ScheduleRow, error) {
	var rows []ScheduleRow
	return rows, q.Select(ctx, &rows, `SELECT process, every, since FROM schedules ORDER BY process`)
}

// SetSchedule begins a rhythm; one that is there already goes on, and another one of the same process begins anew.
func (tx *Tx) SetSchedule(ctx context.Context, s ScheduleRow) error {
	_, err := tx.Exec(ctx, `INSERT INTO schedules AS s (process, every, since) VALUES ($1, $2, $3)
		ON CONFLICT (process) DO UPDATE SET every = excluded.every, since = excluded.since, told = false WHERE s.every <> excluded.every`, s.Process, s.Every, s.Since)
	return err
}

// EndSchedule ends a rhythm, with the occurrence that isn't through yet. The row stays until its workflow knows.
func (tx *Tx) EndSchedule(ctx context.Context, process string, at time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE schedules SET every = '', told = false WHERE process = $1`, process); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE occurrences SET ended_at = $2 WHERE process = $1 AND ended_at IS NULL`, process, at)
	return err
}

// UntoldSchedules are the rhythms that have begun, changed or ended and whose workflows don't know yet.
func (db *DB) UntoldSchedules(ctx context.Context) ([]ScheduleRow, error) {
	var rows []ScheduleRow
	return rows, db.Select(ctx, &rows, `SELECT process, every, since FROM schedules WHERE NOT told ORDER BY process`)
}

// ScheduleTold says that the workflow of a rhythm knows how it stands; one that has ended is forgotten.
func (db *DB) ScheduleTold(ctx context.Context, s ScheduleRow) error {
	statement := `UPDATE schedules SET told = true WHERE process = $1 AND every = $2`
	if s.Every == "" {
		statement = `DELETE FROM schedules WHERE process = $1 AND every = $2`
	}
	_, err := db.Exec(ctx, statement, s.Process, s.Every)
	return err
}

// LockSchedule locks a rhythm until the transaction ends: nobody else opens an occurrence of it.
func (tx *Tx) LockSchedule(ctx context.Context, process string) (ScheduleRow, error) {
	var s ScheduleRow
	return s, tx.Get(ctx, &s, `SELECT process, every, since FROM schedules WHERE process = $1 FOR UPDATE`, process)
}

// OpenOccurrence reads the occurrence of a rhythm that isn't through yet.
func (tx *Tx) OpenOccurrence(ctx context.Context, process string) (OccurrenceRow, error) {
	var o OccurrenceRow
	return o, tx.Get(ctx, &o, `SELECT `+occurrenceColumns+` FROM occurrences WHERE process = $1 AND ended_at IS NULL`, process)
}

// Occurs opens an occurrence of a rhythm that is locked. The next one is counted from it.
func (tx *Tx) Occurs(ctx context.Context, o OccurrenceRow) error {
	if _, err := tx.Exec(ctx, `INSERT INTO occurrences (process, at, missed, began_at) VALUES ($1, $2, $3, $4)`, o.Process, o.At, o.Missed, o.BeganAt); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE schedules SET since = $2 WHERE process = $1`, o.Process, o.At)
	return err
}

// What an occurrence came to at one record.
const (
	OccurrenceStarted    = "started"
	OccurrencePassedOver = "passed_over"
	OccurrenceRefused    = "refused"
)

// LockOccurrence locks an occurrence until the transaction ends.
func (tx *Tx) LockOccurrence(ctx context.Context, o OccurrenceRow) (OccurrenceRow, error) {
	var row OccurrenceRow
	return row, tx.Get(ctx, &row, `SELECT `+occurrenceColumns+` FROM occurrences WHERE process = $1 AND at = $2 FOR UPDATE`, o.Process, o.At)
}

// PassOccurrence moves an open occurrence on to a record, and counts what it came to at n records. One that has passed it already is left as it is.
func (tx *Tx) PassOccurrence(ctx context.Context, o OccurrenceRow, record, what string, n int) error {
	_, err := tx.Exec(ctx, `UPDATE occurrences SET upto = $3, started = started + CASE $4 WHEN 'started' THEN $5::integer ELSE 0 END,
			passed_over = passed_over + CASE $4 WHEN 'passed_over' THEN $5::integer ELSE 0 END,
			refused = refused + CASE $4 WHEN 'refused' THEN $5::integer ELSE 0 END
		WHERE process = $1 AND at = $2 AND ended_at IS NULL AND upto <= $3`, o.Process, o.At, record, what, n)
	return err
}

// EndOccurrence says that an occurrence is through.
func (tx *Tx) EndOccurrence(ctx context.Context, o OccurrenceRow, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE occurrences SET ended_at = $3 WHERE process = $1 AND at = $2 AND ended_at IS NULL`, o.Process, o.At, at)
	return err
}

// RecordsAfter goes through the records of a type that were made until a moment, in the order of their ids.
func (q querier) RecordsAfter(ctx context.Context, typ, after string, until time.Time, limit int) ([]RecordRow, error) {
	var rows []RecordRow
	return rows, q.Select(ctx, &rows, `SELECT `+RecordColumns+` FROM records r WHERE r.type = $1 AND r.id > $2 AND r.created_at <= $3 ORDER BY r.id LIMIT $4`,
		typ, after, until, limit)
}

// WithOpenCase says which of these records have an open case of a process.
func (q querier) WithOpenCase(ctx context.Context, process string, records []string) ([]string, error) {
	var ids []string
	return ids, q.Select(ctx, &ids, `SELECT DISTINCT record_id FROM cases WHERE record_id = ANY($2) AND process = $1 AND status <> 'ended' AND revokes IS NULL`, process, records)
}
