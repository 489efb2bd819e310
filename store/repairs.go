package store

import (
	"context"
	"time"
)

// What a sweep can find wrong between a case and its workflow.
const (
	RepairMissing  = "missing"   // an open case had no workflow: it was given one
	RepairAsleep   = "asleep"    // a case's moment had passed a minute ago, and its workflow slept: it took effect without it
	RepairLeftOver = "left_over" // a workflow ran whose case has ended, or doesn't exist: it was told to end
)

// Repairs are all that can be repaired.
var Repairs = []string{RepairMissing, RepairAsleep, RepairLeftOver}

// RepairRow is one thing that was put right.
type RepairRow struct {
	At       time.Time `db:"at_real"`
	What     string    `db:"what"`
	Workflow string    `db:"workflow"`
	CaseID   string    `db:"case_id"` // empty: there is no such case
}

// AddRepair notes what was put right.
func (db *DB) AddRepair(ctx context.Context, r RepairRow) error {
	_, err := db.Exec(ctx, `INSERT INTO repairs (at_real, what, workflow, case_id) VALUES ($1, $2, $3, $4)`, r.At, r.What, r.Workflow, r.CaseID)
	return err
}

// LatestRepairs gives what was put right last, the oldest of it first.
func (db *DB) LatestRepairs(ctx context.Context, limit int) ([]RepairRow, error) {
	var rows []RepairRow
	return rows, db.Select(ctx, &rows, `SELECT at_real, what, workflow, case_id FROM
		(SELECT * FROM repairs ORDER BY id DESC LIMIT $1) latest ORDER BY id`, limit)
}

// CountRepairs is how often something of a kind was put right, as far as it is remembered.
func (db *DB) CountRepairs(ctx context.Context, what string) (int, error) {
	var n int
	return n, db.Get(ctx, &n, `SELECT count(*) FROM repairs WHERE what = $1`, what)
}

// DeleteOldRepairs forgets what was put right before a moment, a batch at a time, and says how many.
func (db *DB) DeleteOldRepairs(ctx context.Context, before time.Time, limit int) (int64, error) {
	return db.Exec(ctx, `DELETE FROM repairs WHERE id IN (SELECT id FROM repairs WHERE at_real < $1 ORDER BY at_real LIMIT $2)`, before, limit)
}

// OnItsWay says whether news of a case hasn't reached its workflow yet.
func (db *DB) OnItsWay(ctx context.Context, caseID string) (bool, error) {
	var yes bool
	return yes, db.Get(ctx, &yes, `SELECT EXISTS (SELECT 1 FROM outbox WHERE topic = '`+TopicCase+`' AND key = $1)`, caseID)
}

// Running is a workflow that runs, by the parts of its id.
type Running struct {
	Process, Number string
}

// LeftOver gives, of workflows that run, those that should not: their case has ended and nothing is on its way to them, or there is no such case. Values are
// the cases' ids, empty where there is none.
func (db *DB) LeftOver(ctx context.Context, running []Running) (map[Running]string, error) {
	processes, numbers := make([]string, len(running)), make([]string, len(running))
	for i, r := range running {
		processes[i], numbers[i] = r.Process, r.Number
	}
	var rows []struct {
		Running
		ID string `db:"id"`
	}
	err := db.Select(ctx, &rows, `SELECT w.process, w.number, coalesce(c.id, '') AS id FROM unnest($1::text[], $2::text[]) AS w (process, number)
		LEFT JOIN cases c ON c.process = w.process AND c.number = w.number
		WHERE c.id IS NULL OR c.status = 'ended' AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.topic = '`+TopicCase+`' AND o.key = c.id)`, processes, numbers)
	if err != nil {
		return nil, err
	}
	left := map[Running]string{}
	for _, r := range rows {
		left[r.Running] = r.ID
	}
	return left, nil
}
