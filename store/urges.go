package store

import (
	"context"
	"time"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// UrgeRow is somebody who was urged about a task, at a business moment.
type UrgeRow struct {
	Case string    `db:"case_id" json:"case_id"`
	Task string    `db:"task_id" json:"task_id"`
	To   string    `db:"to_user" json:"to_user"`
	At   time.Time `db:"at" json:"at"`
	By   string    `db:"by_user" json:"by_user"`
}

// AddUrges notes whom somebody has urged.
func (tx *Tx) AddUrges(ctx context.Context, rows []UrgeRow) error {
	args, err := documents(rows)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO urges (case_id, task_id, to_user, at, by_user)
		SELECT * FROM json_to_recordset($1) AS u (case_id text, task_id text, to_user text, at timestamptz, by_user text)`, args...)
	return err
}

// Urges are the last times at which people were urged about the open tasks of some cases, the latest first: as many of each as the limits ask about.
func (q querier) Urges(ctx context.Context, cases []string) ([]UrgeRow, error) {
	var rows []UrgeRow
	return rows, q.Select(ctx, &rows, `SELECT case_id, task_id, to_user, at, by_user FROM (
			SELECT u.*, row_number() OVER (PARTITION BY u.case_id, u.task_id, u.to_user ORDER BY u.at DESC) AS n
			FROM urges u JOIN tasks t ON t.id = u.task_id AND t.status = 'open' WHERE u.case_id = ANY ($1)) u
		WHERE n <= $2 ORDER BY at DESC`, pq.Array(cases), process.UrgesAsked)
}
