package store

import (
	"context"

	"github.com/lib/pq"
)

// AboveThemselves gives the line from somebody up their recorded managers, where it comes back to them; nil where it doesn't.
func (tx *Tx) AboveThemselves(ctx context.Context, user string) ([]string, error) {
	return tx.around(ctx, `SELECT id, manager FROM users`, user)
}

// UnderItself is [Tx.AboveThemselves] of a department and those above it.
func (tx *Tx) UnderItself(ctx context.Context, department string) ([]string, error) {
	return tx.around(ctx, `SELECT id, parent FROM departments`, department)
}

// around follows who or what is above one until nothing is, or it comes back.
func (tx *Tx) around(ctx context.Context, above, id string) ([]string, error) {
	var line pq.StringArray
	err := tx.Get(ctx, &line, `WITH RECURSIVE one (id, above) AS (`+above+`), line (path, last) AS (
			SELECT ARRAY[$1::text], (SELECT above FROM one WHERE id = $1)
			UNION ALL SELECT path || last, (SELECT above FROM one WHERE id = last) FROM line WHERE last IS NOT NULL AND NOT last = ANY (path)
		) SELECT coalesce((SELECT path FROM line WHERE last = $1), '{}')`, id)
	return line, err
}
