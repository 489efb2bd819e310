package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/crmflow/crmflow/process"
)

// EventRow is something that another system has told.
type EventRow struct {
	Source     string          `db:"source"`
	ID         string          `db:"id"`
	Number     int64           `db:"number"`
	Type       string          `db:"type"`
	RecordType string          `db:"record_type"`
	RecordID   string          `db:"record_id"`
	Data       json.RawMessage `db:"data"`
	Hash       []byte          `db:"body_hash"`
	At         time.Time       `db:"at"`
}

// What an event did to a case.
const (
	EventStarted = "started"
	EventMoved   = "moved"
	EventNone    = "none"    // the case takes no notice of it, or no case begins
	EventRefused = "refused" // the process could not be started
)

// EventCaseRow is what an event does to one case, or as the start of one.
type EventCaseRow struct {
	Source  string              `db:"source" json:"source"`
	ID      string              `db:"id" json:"id"`
	Key     string              `db:"key" json:"key"`
	Process string              `db:"process" json:"process"`
	CaseID  *string             `db:"case_id" json:"case_id"`
	Number  *string             `db:"number" json:"-"` // of the case
	Effect  *string             `db:"effect" json:"effect"`
	Refusal *JSON[EventRefusal] `db:"refusal" json:"refusal"`
}

// EventRefusal is why a process could not be started.
type EventRefusal struct {
	Code    process.Code `json:"code"`
	Message process.Text `json:"message"`
}

const eventColumns = `source, id, number, type, coalesce(record_type, '') AS record_type, coalesce(record_id, '') AS record_id, coalesce(data, 'null') AS data, body_hash, at`

// ClaimEvent makes an event this transaction's own, and gives its number; or gives the one that came before under the same id. A concurrent one with the
// same id makes this wait until it is known whether that one has had its effect.
func (tx *Tx) ClaimEvent(ctx context.Context, e EventRow) (number int64, earlier *EventRow, err error) {
	err = tx.Get(ctx, &number, `INSERT INTO events (source, id, type, data, body_hash, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING number`,
		e.Source, e.ID, e.Type, nullable(e.Data), e.Hash, e.At)
	if !errors.Is(err, ErrNotFound) {
		return number, nil, err
	}
	found, err := tx.Event(ctx, e.Source, e.ID)
	return found.Number, &found, err
}

func nullable(raw json.RawMessage) any {
	if len(raw) == 0 {
		return nil
	}
	return string(raw)
}

// AboutRecord says which record an event is about.
func (tx *Tx) AboutRecord(ctx context.Context, e EventRow) error {
	_, err := tx.Exec(ctx, `UPDATE events SET record_type = $3, record_id = $4 WHERE source = $1 AND id = $2`, e.Source, e.ID, e.RecordType, e.RecordID)
	return err
}

// Event reads an event.
func (q querier) Event(ctx context.Context, source, id string) (EventRow, error) {
	var e EventRow
	return e, q.Get(ctx, &e, `SELECT `+eventColumns+` FROM events WHERE source = $1 AND id = $2`, source, id)
}

// AddEventCases notes what an event may do.
func (tx *Tx) AddEventCases(ctx context.Context, rows []EventCaseRow) error {
	if len(rows) == 0 {
		return nil
	}
	args, err := documents(rows)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO event_cases (source, id, key, process, case_id)
		SELECT * FROM json_to_recordset($1) AS r (source text, id text, key text, process text, case_id text)`, args...)
	return err
}

// SettleEventCase notes what an event did.
func (tx *Tx) SettleEventCase(ctx context.Context, r EventCaseRow) error {
	_, err := tx.Exec(ctx, `UPDATE event_cases SET case_id = coalesce($4, case_id), effect = $5, refusal = $6 WHERE source = $1 AND id = $2 AND key = $3`,
		r.Source, r.ID, r.Key, r.CaseID, r.Effect, r.Refusal)
	return err
}

// EventCases reads what an event did, and may do still: cases that it reaches before those that it starts.
func (q querier) EventCases(ctx context.Context, source, id string) ([]EventCaseRow, error) {
	var rows []EventCaseRow
	return rows, q.Select(ctx, &rows, `SELECT e.source, e.id, e.key, e.process, e.case_id, c.number, e.effect, e.refusal
		FROM event_cases e LEFT JOIN cases c ON c.id = e.case_id WHERE e.source = $1 AND e.id = $2 ORDER BY e.key LIKE 'start:%', e.key`, source, id)
}

// TakeOutboxRow takes one row out of the outbox; [ErrNotFound] when somebody has carried it out. While another transaction takes it, it waits for that one's end.
func (tx *Tx) TakeOutboxRow(ctx context.Context, topic, key string) error {
	n, err := tx.Exec(ctx, `DELETE FROM outbox WHERE topic = $1 AND key = $2`, topic, key)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// RecordNumbered finds a record by its number.
func (q querier) RecordNumbered(ctx context.Context, typ, number string) (id string, err error) {
	return id, q.Get(ctx, &id, `SELECT id FROM records WHERE type = $1 AND number = $2`, typ, number)
}
