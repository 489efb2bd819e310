package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// Pins are definitions by their ids: which version of each, by digest.
type Pins map[string]string

// CaseRow is one case. State is the truth about where it stands; the other columns are copies for lists and conditions.
type CaseRow struct {
	ID         string              `db:"id" json:"id"`
	Process    string              `db:"process" json:"process"`
	Version    int                 `db:"version" json:"version"`
	Digest     string              `db:"digest" json:"digest"` // of the process's definition, pinned
	Tables     JSON[Pins]          `db:"tables" json:"tables"` // the decision tables it asks, pinned with it
	Number     string              `db:"number" json:"number"`
	Subject    string              `db:"subject" json:"subject"`
	RecordType string              `db:"record_type" json:"record_type"`
	RecordID   string              `db:"record_id" json:"record_id"`
	Initiator  string              `db:"initiator" json:"initiator"`
	Status     string              `db:"status" json:"status"`
	Outcome    *string             `db:"outcome" json:"outcome"`
	Held       *JSON[process.Text] `db:"held" json:"held"`
	Stage      string              `db:"stage" json:"stage"`
	Seq        int                 `db:"seq" json:"seq"`
	State      json.RawMessage     `db:"state" json:"state"`
	WakeAt     *time.Time          `db:"wake_at" json:"wake_at"`
	Exclusive  bool                `db:"exclusive" json:"exclusive"`
	StartedAt  time.Time           `db:"started_at" json:"started_at"`
	EndedAt    *time.Time          `db:"ended_at" json:"ended_at"`
	Parent     *string             `db:"parent" json:"parent"`       // the case whose call started this one; nil: nobody's
	Call       *string             `db:"call" json:"call"`           // which of its calls
	CallStep   *string             `db:"call_step" json:"call_step"` // at which of its steps
	Shows      pq.StringArray      `db:"subject_shows" json:"shows"` // the fields of the record that its subject shows; nil: nobody knows which
	Revokes    *string             `db:"revokes" json:"revokes"`     // the approved case that this one is to revoke; nil: none
	Resubmits  *string             `db:"resubmits" json:"resubmits"` // the rejected or withdrawn case that was submitted again by this one; nil: none
	Fresh      []byte              `db:"fresh" json:"fresh"`         // a list of [process.Fresh]; nil: none
}

var caseColumns = columns{
	"id", "process", "version", "digest", "number", "subject", "record_type", "record_id", "initiator", "status",
	"outcome", "held", "stage", "seq", "state", "wake_at", "exclusive", "started_at", "ended_at", "tables",
	"parent", "call", "call_step", "subject_shows", "revokes", "resubmits", "fresh",
}

// CaseColumns is a SELECT list for [CaseRow], of the table aliased c; CaseColumnsIn is the one for a struct that holds the row in a field tagged `db:"c"`.
var (
	CaseColumns   = caseColumns.of("c")
	CaseColumnsIn = caseColumns.in("c")
)

// LockedCase is what an event meets: the case and its record, both locked until the transaction ends, the clock and what is published.
type LockedCase struct {
	Case   CaseRow   `db:"c"`
	Record RecordRow `db:"r"`
	// Foreseen is a [process.Foreseen], read only with the locks; nil: there is none.
	Foreseen []byte `db:"foreseen"`
	Present
}

// The case first, then its record: the order of OF is the order of the locks, everywhere.
var lockCase = `SELECT ` + caseColumns.in("c") + `, c.foreseen, ` + recordColumns.in("r") + `, ` + presentColumns + `
	FROM cases c JOIN records r ON r.id = c.record_id ` + presentJoin + `
	WHERE c.id = $1 FOR UPDATE OF c, r`

var lockCaseOfTask = `SELECT ` + caseColumns.in("c") + `, c.foreseen, ` + recordColumns.in("r") + `, ` + presentColumns + `
	FROM cases c JOIN records r ON r.id = c.record_id ` + presentJoin + `
	WHERE c.id = (SELECT case_id FROM tasks WHERE id = $1) FOR UPDATE OF c, r`

// LockCase locks a case and its record and reads both as they are once locked.
func (tx *Tx) LockCase(ctx context.Context, id string) (LockedCase, error) {
	var l LockedCase
	return l, tx.Get(ctx, &l, lockCase, id)
}

// LockCaseOfTask is [Tx.LockCase] for the case that a task, open or closed, belongs to.
func (tx *Tx) LockCaseOfTask(ctx context.Context, task string) (LockedCase, error) {
	var l LockedCase
	return l, tx.Get(ctx, &l, lockCaseOfTask, task)
}

// CaseNow is a case as it stands, not locked, with the clock.
type CaseNow struct {
	Case CaseRow `db:"c"`
	Present
}

var readCase = `SELECT ` + caseColumns.in("c") + `, ` + presentColumns + ` FROM cases c ` + presentJoin + ` WHERE c.id = $1`

// CaseNow reads a case with the clock.
func (db *DB) CaseNow(ctx context.Context, id string) (CaseNow, error) {
	var c CaseNow
	return c, db.Get(ctx, &c, readCase, id)
}

// OpenCasesOf reads the cases of a record that have not ended. Whoever holds the record's lock reads what stays true: every event of a case locks its record.
func (q querier) OpenCasesOf(ctx context.Context, record string) ([]CaseRow, error) {
	var rows []CaseRow
	return rows, q.Select(ctx, &rows, `SELECT `+CaseColumns+` FROM cases c WHERE c.record_id = $1 AND c.status <> 'ended' ORDER BY c.id`, record)
}

// OpenCaseNumber gives the number of the open case of a process on a record. One that revokes another is none of the process itself.
func (db *DB) OpenCaseNumber(ctx context.Context, process, record string) (string, error) {
	var n string
	return n, db.Get(ctx, &n, `SELECT number FROM cases WHERE process = $1 AND record_id = $2 AND status <> 'ended' AND revokes IS NULL LIMIT 1`, process, record)
}

// Overdue is a case whose moment has passed.
type Overdue struct {
	Case    string    `db:"case_id"`
	Process string    `db:"process"`
	Number  string    `db:"number"`
	At      time.Time `db:"at"` // the moment, in business time
}

// OverdueCases are open cases whose moment passed before the given business time, the longest passed first.
func (db *DB) OverdueCases(ctx context.Context, before time.Time, limit int) ([]Overdue, error) {
	var list []Overdue
	return list, db.Select(ctx, &list, `SELECT m.case_id, c.process, c.number, m.at FROM moments m JOIN cases c ON c.id = m.case_id
		WHERE m.at < $1 ORDER BY m.at LIMIT $2`, before, limit)
}

// OpenCasesAfter goes through the ids of all open cases in order, a page at a time; after "" it begins.
func (db *DB) OpenCasesAfter(ctx context.Context, after string, limit int) ([]string, error) {
	var ids []string
	return ids, db.Select(ctx, &ids, `SELECT id FROM cases WHERE id > $1 AND status <> 'ended' ORDER BY id LIMIT $2`, after, limit)
}

// RunningVersion is a version of a process that open cases run by.
type RunningVersion struct {
	Process string     `db:"process"`
	Digest  string     `db:"digest"`
	Tables  JSON[Pins] `db:"tables"`
}

// RunningVersions are the versions that open cases run by.
func (tx *Tx) RunningVersions(ctx context.Context) ([]RunningVersion, error) {
	var list []RunningVersion
	return list, tx.Select(ctx, &list, `SELECT DISTINCT process, digest, tables FROM cases WHERE status <> 'ended'`)
}

const insertCase = `INSERT INTO cases (id, subject, status, outcome, held, stage, seq, state, wake_at, ended_at,
		process, version, digest, number, record_type, record_id, initiator, exclusive, started_at, tables, parent, call, call_step, subject_shows, revokes, resubmits, foreseen)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36::jsonb, $37, $38, $39, $40, $41, $42, $43::json)`

const updateCase = `UPDATE cases SET subject = $2, status = $3, outcome = $4, held = $5, stage = $6, seq = $7, state = $8, wake_at = $9, ended_at = $10,
		foreseen = CASE WHEN $27::boolean THEN $28::json ELSE foreseen END, fresh = $29::json
	WHERE id = $1`

// The case's next moment, to be found by; a case that waits for none has no row.
const (
	setMoment = `INSERT INTO moments AS m (case_id, at) SELECT $1, $9::timestamptz WHERE $9::timestamptz IS NOT NULL
		ON CONFLICT (case_id) DO UPDATE SET at = excluded.at WHERE m.at <> excluded.at`
	dropMoment = `DELETE FROM moments WHERE case_id = $1 AND $9::timestamptz IS NULL`
)

// changing are the values that every event writes, fixed the ones that only the start does.
func (c CaseRow) changing() []any {
	return []any{c.ID, c.Subject, c.Status, c.Outcome, c.Held, c.Stage, c.Seq, string(c.State), c.WakeAt, c.EndedAt}
}

func (c CaseRow) fixed() []any {
	return []any{c.Process, c.Version, c.Digest, c.Number, c.RecordType, c.RecordID, c.Initiator, c.Exclusive, c.StartedAt, c.Tables, c.Parent, c.Call, c.CallStep, c.Shows, c.Revokes, c.Resubmits}
}

func (c CaseRow) fresh() any {
	if len(c.Fresh) == 0 {
		return nil
	}
	return string(c.Fresh)
}

// SetFresh writes what of a case can be taken back, and nothing else. The case is locked.
func (tx *Tx) SetFresh(ctx context.Context, c CaseRow) error {
	_, err := tx.Exec(ctx, `UPDATE cases SET fresh = $2::json WHERE id = $1`, c.ID, c.fresh())
	return err
}

// CaseWrite is everything that one event changes about one case.
type CaseWrite struct {
	Case          CaseRow
	New           bool
	Tasks         []TaskRow   // opened, or changed: whole rows
	Closed        []TaskClose // of tasks that stand there already
	Timeline      []TimelineRow
	Notifications []NotificationRow
	Boxes         []string // principals whose boxes or notifications it changes
	Outbox        *OutboxRow
	Key           *RequestKey // nil: the request has none
	Answer        json.RawMessage
	Foreseen      *Foreseen // nil: it stays as it is
}

// Foreseen is what was foreseen of a case, as it stands from now on; empty: nothing any more.
type Foreseen struct{ What json.RawMessage }

func (f *Foreseen) value() any {
	if f == nil || len(f.What) == 0 {
		return nil
	}
	return string(f.What)
}

// The parts of a case are written by one statement: measured against one statement each, it saves five round trips. Its arguments are, in order,
// those of the case that change, the rows of tasks, closed tasks, timeline and notifications as JSON, the outbox row, the answer, who takes part, whose boxes changed,
// and at the start what never changes of the case, and what was foreseen of it; later whether that changes, and to what, and the decisions that can be taken back.
var (
	createCase = `WITH kase AS (` + insertCase + `), ` + saveParts
	changeCase = `WITH kase AS (` + updateCase + `), ` + saveParts
	saveParts  = `moment AS (` + setMoment + `), none AS (` + dropMoment + `), task AS (` + upsertTasks + `), closed AS (` + closeTasks + `), entry AS (` + insertTimeline + `),
		told AS (` + insertNotifications + `), heard AS (` + upsertOutbox + `), people AS (` + insertPeople + `), news AS (` + insertNews + `) ` + saveAnswer
)

// SaveCase writes it. A second open case where only one is allowed is a [*UniqueError] of [ConstraintOneOpen].
func (tx *Tx) SaveCase(ctx context.Context, w CaseWrite) error {
	lists, err := documents(w.Tasks, w.Closed, w.Timeline, w.Notifications)
	if err != nil {
		return err
	}
	args := slices.Concat(w.Case.changing(), lists, w.Outbox.args(), w.Key.answer(w.Answer), []any{pq.StringArray(w.people()), pq.StringArray(append([]string{}, w.Boxes...))})
	query := changeCase
	if w.New {
		query, args = createCase, append(append(args, w.Case.fixed()...), w.Foreseen.value())
	} else {
		args = append(args, w.Foreseen != nil, w.Foreseen.value(), w.Case.fresh())
	}
	_, err = tx.Exec(ctx, query, args...)
	return err
}

// documents makes one JSON argument of each; nothing is an empty list.
func documents(values ...any) ([]any, error) {
	args := make([]any, len(values))
	for i, v := range values {
		b, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
		if args[i] = string(b); args[i] == "null" {
			args[i] = "[]"
		}
	}
	return args, nil
}

var readCaseWithRecord = `SELECT ` + caseColumns.in("c") + `, ` + recordColumns.in("r") + `, ` + presentColumns + `
	FROM cases c JOIN records r ON r.id = c.record_id ` + presentJoin + ` WHERE c.id = $1`

// CaseWithRecord reads a case and its record, neither locked.
func (db *DB) CaseWithRecord(ctx context.Context, id string) (LockedCase, error) {
	var l LockedCase
	return l, db.Get(ctx, &l, readCaseWithRecord, id)
}
