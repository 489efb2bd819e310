package store

import (
	"context"
	"time"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// KindCopy is the kind of a task that asks for nothing: something to be read. It holds no case up, and no case knows of it.
const KindCopy = "copy"

// Statuses of a task.
const (
	TaskOpen   = "open"
	TaskClosed = "closed"
)

// TaskRow is one task as it stands in people's boxes, open or closed.
type TaskRow struct {
	ID          string             `db:"id" json:"id"`
	CaseID      string             `db:"case_id" json:"case_id"`
	Step        string             `db:"step" json:"step"`
	Item        *string            `db:"item" json:"item"`
	Round       int                `db:"round" json:"round"`
	Kind        string             `db:"kind" json:"kind"` // approve, task, held, copy
	Title       JSON[process.Text] `db:"title" json:"title"`
	Status      string             `db:"status" json:"status"`
	Assignee    *string            `db:"assignee" json:"assignee"`
	Candidates  pq.StringArray     `db:"candidates" json:"candidates"` // principals, resolved live
	Excluded    pq.StringArray     `db:"excluded" json:"excluded"`
	Claim       bool               `db:"claim" json:"claim"`
	Vacant      bool               `db:"vacant" json:"vacant"`
	Why         JSON[process.Text] `db:"why" json:"why"`
	OpenedAt    time.Time          `db:"opened_at" json:"opened_at"`
	DueAt       *time.Time         `db:"due_at" json:"due_at"`
	DueFrom     *time.Time         `db:"due_from" json:"due_from"`
	Calendar    *string            `db:"calendar" json:"calendar"`
	Provisional bool               `db:"provisional" json:"provisional"`
	Outcome     *string            `db:"outcome" json:"outcome"`
	DecidedBy   *string            `db:"decided_by" json:"decided_by"`
	DecidedAt   *time.Time         `db:"decided_at" json:"decided_at"`
	Comment     *string            `db:"comment" json:"comment"`
	Process     *string            `db:"process" json:"process"` // a copy of its case's, for lists
	Waits       bool               `db:"waits" json:"waits"`     // for an opinion: it stands in no box
}

var taskColumns = columns{
	"id", "case_id", "step", "item", "round", "kind", "title", "status", "assignee", "candidates", "excluded", "claim",
	"vacant", "why", "opened_at", "due_at", "due_from", "calendar", "provisional", "outcome", "decided_by", "decided_at",
	"comment", "process", "waits",
}

// TaskColumns is a SELECT list for [TaskRow], of the table aliased t; TaskColumnsIn is the one for a struct that holds the row in a field tagged `db:"t"`.
var (
	TaskColumns   = taskColumns.of("t")
	TaskColumnsIn = taskColumns.in("t")
)

// TaskClose takes a task out of the boxes.
type TaskClose struct {
	ID      string    `json:"id"`
	Outcome string    `json:"outcome"`
	By      *string   `json:"by"` // nil: the system
	At      time.Time `json:"at"`
	Comment *string   `json:"comment"`
}

const upsertTasks = `INSERT INTO tasks (id, case_id, step, item, round, kind, title, status, assignee, candidates, excluded, claim, vacant, why,
		opened_at, due_at, due_from, calendar, provisional, outcome, decided_by, decided_at, comment, process, waits)
	SELECT id, case_id, step, item, round, kind, title, status, assignee, coalesce(candidates, '{}'), coalesce(excluded, '{}'), claim, vacant, why,
		opened_at, due_at, due_from, calendar, provisional, outcome, decided_by, decided_at, comment, process, waits
	FROM json_to_recordset($11) AS t (id text, case_id text, step text, item text, round integer, kind text, title json, status text,
		assignee text, candidates text[], excluded text[], claim boolean, vacant boolean, why json, opened_at timestamptz,
		due_at timestamptz, due_from timestamptz, calendar text, provisional boolean, outcome text, decided_by text, decided_at timestamptz, comment text, process text, waits boolean)
	ON CONFLICT (id) DO UPDATE SET title = excluded.title, status = excluded.status, assignee = excluded.assignee, candidates = excluded.candidates,
		excluded = excluded.excluded, claim = excluded.claim, vacant = excluded.vacant, why = excluded.why, due_at = excluded.due_at,
		due_from = excluded.due_from, calendar = excluded.calendar, provisional = excluded.provisional, outcome = excluded.outcome,
		decided_by = excluded.decided_by, decided_at = excluded.decided_at, comment = excluded.comment, waits = excluded.waits`

const closeTasks = `UPDATE tasks o SET status = 'closed', outcome = t.outcome, decided_by = t.by, decided_at = t.at, comment = t.comment
	FROM json_to_recordset($12) AS t (id text, outcome text, by text, at timestamptz, comment text)
	WHERE o.id = t.id`

// Task reads one task.
func (tx *Tx) Task(ctx context.Context, id string) (TaskRow, error) {
	var t TaskRow
	return t, tx.Get(ctx, &t, `SELECT `+TaskColumns+` FROM tasks t WHERE t.id = $1`, id)
}

// ReadCopy closes a copy, as read at a business moment. One that was read stays as it is.
func (tx *Tx) ReadCopy(ctx context.Context, id string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE tasks SET status = 'closed', outcome = 'read', decided_by = assignee, decided_at = $2 WHERE id = $1 AND kind = 'copy' AND status = 'open'`, id, at)
	return err
}
