package store

import (
	"context"
	"time"
)

// SentCopy is a copy of a case: to whom it went, and since when they have read it.
type SentCopy struct {
	To   string     `db:"assignee"`
	At   time.Time  `db:"opened_at"`
	Read *time.Time `db:"decided_at"`
}

// maxCopies bounds how many copies of a case are listed.
const maxCopies = 200

// Copies are the copies of a case, the latest first.
func (db *DB) Copies(ctx context.Context, id string) ([]SentCopy, error) {
	var rows []SentCopy
	return rows, db.Select(ctx, &rows, `SELECT t.assignee, t.opened_at, t.decided_at FROM tasks t
		WHERE t.case_id = $1 AND t.kind = 'copy' AND t.assignee IS NOT NULL ORDER BY t.opened_at DESC, t.id LIMIT $2`, id, maxCopies)
}
