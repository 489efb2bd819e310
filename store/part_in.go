package store

import (
	"context"

	"github.com/lib/pq"
)

// PartRow is a case in which somebody takes part, and the steps whose tasks are or were theirs.
type PartRow struct {
	Case  CaseRow        `db:"c"`
	Steps pq.StringArray `db:"steps"`
}

// PartIn reads those of the cases in which the viewer takes part.
func (db *DB) PartIn(ctx context.Context, v Viewer, cases []string) ([]PartRow, error) {
	var w where
	w.and("c.id = ANY (?)", pq.Array(cases))
	steps := `ARRAY(SELECT DISTINCT t.step FROM tasks t WHERE t.case_id = c.id AND (t.assignee = {user} OR t.decided_by = {user}
		OR t.candidates && {principals} AND NOT {user} = ANY (t.excluded)) ORDER BY t.step)`
	names := v.names(&w, steps)
	var rows []PartRow
	err := db.Select(ctx, &rows, names.Replace(`SELECT `+CaseColumnsIn+`, `+steps+` AS steps FROM cases c`)+w.sql(), w.args...)
	return rows, err
}
