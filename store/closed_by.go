package store

import (
	"context"
	"time"
)

// ClosedBy is the act of somebody that ended a task which they didn't decide themselves: the vote that closed its step, a return, a withdrawal.
type ClosedBy struct {
	By      string    `db:"by"`
	Outcome *string   `db:"outcome"`
	At      time.Time `db:"at"`
}

// ClosedBy finds what somebody did in the event that voided a task: the last entry before the task's own, of the same moment, that has a person.
// [ErrNotFound]: nobody did it, or the task wasn't voided.
func (tx *Tx) ClosedBy(ctx context.Context, caseID, task string) (ClosedBy, error) {
	var c ClosedBy
	return c, tx.Get(ctx, &c, `SELECT d.by, d.outcome, d.at FROM timeline v JOIN timeline d ON d.case_id = v.case_id AND d.seq < v.seq AND d.at = v.at
		WHERE v.case_id = $1 AND v.task = $2 AND v.event = 'voided' AND d.by IS NOT NULL ORDER BY d.seq DESC LIMIT 1`, caseID, task)
}
