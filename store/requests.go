package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// What has become of a request.
const (
	RequestWaiting  = "waiting"
	RequestAnswered = "answered"
	RequestFailed   = "failed"
	RequestEnded    = "ended" // nobody waits for it any more
)

// RequestRow is one call to another system.
type RequestRow struct {
	Call     string             `db:"call" json:"call"`
	CaseID   string             `db:"case_id" json:"case_id"`
	Step     string             `db:"step" json:"step"`
	System   string             `db:"system" json:"system"`
	Method   string             `db:"method" json:"method"`
	Path     string             `db:"path" json:"path"`
	Body     *json.RawMessage   `db:"body" json:"body"`
	Reads    bool               `db:"reads" json:"reads"`
	Status   string             `db:"status" json:"status"`
	Attempts int                `db:"attempts" json:"attempts"`
	Why      JSON[process.Text] `db:"why" json:"why"`
	Answer   *json.RawMessage   `db:"answer" json:"answer"`
	GivenUp  bool               `db:"given_up" json:"given_up"`
	Created  time.Time          `db:"created_real" json:"created_real"`
	Started  *time.Time         `db:"started_real" json:"started_real"`
	Tried    *time.Time         `db:"tried_real" json:"tried_real"`
	Over     *time.Time         `db:"over_real" json:"over_real"`
}

var requestColumns = columns{
	"call", "case_id", "step", "system", "method", "path", "body", "reads", "status", "attempts", "why", "answer", "given_up",
	"created_real", "started_real", "tried_real", "over_real",
}

// RequestColumns is a SELECT list for [RequestRow], of the table aliased r.
var RequestColumns = requestColumns.of("r")

// AddRequests writes requests that are to be made.
func (tx *Tx) AddRequests(ctx context.Context, rows []RequestRow) error {
	args, err := documents(rows)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO requests (call, case_id, step, system, method, path, body, reads, status, created_real)
		SELECT * FROM json_to_recordset($1) AS r (call text, case_id text, step text, system text, method text, path text, body json, reads boolean,
			status text, created_real timestamptz)`, args...)
	return err
}

// EndRequests ends those that are still waiting: nobody waits for them any more. One that is on its way can't be called back.
func (tx *Tx) EndRequests(ctx context.Context, calls []string, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE requests SET status = 'ended', body = NULL, answer = NULL, over_real = $2
		WHERE call = ANY ($1) AND status = 'waiting'`, pq.Array(calls), now)
	return err
}

// TryRequest notes one more attempt of a request, before it is made; [ErrNotFound] when there is nothing to attempt: it is over, or its answer is there.
func (db *DB) TryRequest(ctx context.Context, call string, now time.Time) (RequestRow, error) {
	var row RequestRow
	return row, db.Get(ctx, &row, `UPDATE requests r SET attempts = attempts + 1, tried_real = coalesce(tried_real, $2)
		WHERE call = $1 AND status = 'waiting' AND answer IS NULL AND NOT given_up RETURNING `+RequestColumns, call, now)
}

// KeepAnswer keeps what a system has answered until the case takes it.
func (db *DB) KeepAnswer(ctx context.Context, call string, answer json.RawMessage) error {
	_, err := db.Exec(ctx, `UPDATE requests SET answer = $2 WHERE call = $1 AND status = 'waiting' AND NOT given_up`, call, string(answer))
	return err
}

// KeepFailure keeps why an attempt came to nothing, and whether it was the last one.
func (db *DB) KeepFailure(ctx context.Context, call string, why process.Text, givenUp bool) error {
	_, err := db.Exec(ctx, `UPDATE requests SET why = $2, given_up = $3 WHERE call = $1 AND status = 'waiting' AND answer IS NULL`, call, Of(why), givenUp)
	return err
}

// TakeAnswer takes what a request has come to, within the transaction in which its case hears of it; [ErrNotFound] when it was taken already, nobody
// waits for it, or it has come to nothing yet. The caller holds the case's lock.
func (tx *Tx) TakeAnswer(ctx context.Context, call string, now time.Time) (RequestRow, error) {
	var row RequestRow
	if err := tx.Get(ctx, &row, `SELECT `+RequestColumns+` FROM requests r WHERE call = $1 AND status = 'waiting' AND (answer IS NOT NULL OR given_up) FOR UPDATE`, call); err != nil {
		return row, err
	}
	row.Status = RequestAnswered
	if row.GivenUp {
		row.Status = RequestFailed
	}
	_, err := tx.Exec(ctx, `UPDATE requests SET status = $2, body = NULL, answer = NULL, over_real = $3 WHERE call = $1`, call, row.Status, now)
	return row, err
}

// TakeNewRequests gives waiting requests that have no workflow yet, the oldest first, and notes that they have one now. Whoever takes them starts it, or
// gives them back; nobody else takes them meanwhile.
func (db *DB) TakeNewRequests(ctx context.Context, now time.Time, limit int) ([]RequestRow, error) {
	var rows []RequestRow
	return rows, db.Select(ctx, &rows, `UPDATE requests r SET started_real = $1
		FROM (SELECT call FROM requests WHERE status = 'waiting' AND started_real IS NULL ORDER BY created_real LIMIT $2 FOR UPDATE SKIP LOCKED) b
		WHERE r.call = b.call RETURNING `+RequestColumns, now, limit)
}

// TakeOldRequests is [DB.TakeNewRequests] for those whose workflow hasn't been seen to since then.
func (db *DB) TakeOldRequests(ctx context.Context, before, now time.Time, limit int) ([]RequestRow, error) {
	var rows []RequestRow
	return rows, db.Select(ctx, &rows, `UPDATE requests r SET started_real = $2
		FROM (SELECT call FROM requests WHERE status = 'waiting' AND started_real < $1 ORDER BY started_real LIMIT $3 FOR UPDATE SKIP LOCKED) b
		WHERE r.call = b.call RETURNING `+RequestColumns, before, now, limit)
}

// GiveBackRequests gives back requests that were taken and whose workflow couldn't be started.
func (db *DB) GiveBackRequests(ctx context.Context, calls []string) error {
	_, err := db.Exec(ctx, `UPDATE requests SET started_real = NULL WHERE call = ANY ($1) AND status = 'waiting'`, pq.Array(calls))
	return err
}

// RequestsOf lists the calls that a case has made, in order.
func (db *DB) RequestsOf(ctx context.Context, caseID string, p Page) ([]RequestRow, *Place, error) {
	var rows []RequestRow
	var after *time.Time
	if p.After != nil {
		after = p.After.At
	}
	err := db.Select(ctx, &rows, `SELECT `+RequestColumns+` FROM requests r
		WHERE case_id = $1 AND ($2::text IS NULL OR (r.created_real, r.call) > ($3::timestamptz, $2)) ORDER BY r.created_real, r.call`+p.limit(), caseID, p.id(), after)
	rows, next := cut(rows, p.Limit, func(r RequestRow) Place { return Place{At: &r.Created, ID: r.Call} })
	return rows, next, err
}
