package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// ImportRow is a file of records that are being made.
type ImportRow struct {
	ID      string     `db:"id"`
	Type    string     `db:"type"`
	Name    string     `db:"name"`
	MadeBy  string     `db:"made_by"`
	At      time.Time  `db:"at"`
	Lines   int        `db:"lines"`
	Made    int        `db:"made"`
	Failed  int        `db:"failed"`
	EndedAt *time.Time `db:"ended_at"`
}

const importColumns = `id, type, name, made_by, at, lines, made, failed, ended_at`

// ImportLine is one line of an import.
type ImportLine struct {
	Line   int             `db:"line" json:"line"`
	Fields json.RawMessage `db:"fields" json:"fields"`
}

// ImportProblem is why no record could be made of a line.
type ImportProblem struct {
	Line    int                        `db:"line"`
	Problem JSON[[]process.FieldError] `db:"problem"`
}

// linesAtOnce is how many lines one statement writes.
const linesAtOnce = 2000

// AddImport writes an import with its lines, of which no record is made yet.
func (tx *Tx) AddImport(ctx context.Context, i ImportRow, lines []ImportLine) error {
	if _, err := tx.Exec(ctx, `INSERT INTO imports (id, type, name, made_by, at, lines) VALUES ($1, $2, $3, $4, $5, $6)`,
		i.ID, i.Type, i.Name, i.MadeBy, i.At, len(lines)); err != nil {
		return err
	}
	for len(lines) > 0 {
		n := min(len(lines), linesAtOnce)
		args, err := documents(lines[:n])
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO import_lines (import_id, line, fields)
			SELECT $2, l.line, l.fields FROM json_to_recordset($1) AS l (line integer, fields json)`, args[0], i.ID); err != nil {
			return err
		}
		lines = lines[n:]
	}
	return nil
}

// Import reads how far an import is.
func (q querier) Import(ctx context.Context, id string) (ImportRow, error) {
	var row ImportRow
	return row, q.Get(ctx, &row, `SELECT `+importColumns+` FROM imports WHERE id = $1`, id)
}

// ImportProblems are the first lines of an import of which no record could be made.
func (db *DB) ImportProblems(ctx context.Context, id string, limit int) ([]ImportProblem, error) {
	var rows []ImportProblem
	return rows, db.Select(ctx, &rows, `SELECT line, problem FROM import_lines WHERE import_id = $1 AND problem IS NOT NULL ORDER BY line LIMIT $2`, id, limit)
}

// TakeImports gives the imports that aren't through and whose workflow hasn't been seen to since a moment, or that have none, and notes that somebody
// sees to them now.
func (db *DB) TakeImports(ctx context.Context, before, now time.Time) ([]string, error) {
	var ids []string
	return ids, db.Select(ctx, &ids, `UPDATE imports i SET started_real = $2
		FROM (SELECT id FROM imports WHERE ended_at IS NULL AND (started_real IS NULL OR started_real < $1) ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED) o
		WHERE i.id = o.id RETURNING i.id`, before, now)
}

// GiveBackImports gives back imports whose workflow couldn't be started.
func (db *DB) GiveBackImports(ctx context.Context, ids []string) error {
	_, err := db.Exec(ctx, `UPDATE imports SET started_real = NULL WHERE id = ANY($1)`, pq.Array(ids))
	return err
}

// OpenImportLines are the next lines of an import of which nothing has become yet.
func (db *DB) OpenImportLines(ctx context.Context, id string, limit int) ([]ImportLine, error) {
	var rows []ImportLine
	return rows, db.Select(ctx, &rows, `SELECT line, fields FROM import_lines WHERE import_id = $1 AND record_id IS NULL AND problem IS NULL
		ORDER BY line LIMIT $2`, id, limit)
}

// TakeImportLine locks a line until the transaction ends; [ErrNotFound]: something has become of it already.
func (tx *Tx) TakeImportLine(ctx context.Context, id string, line int) error {
	var found int
	return tx.Get(ctx, &found, `SELECT line FROM import_lines WHERE import_id = $1 AND line = $2 AND record_id IS NULL AND problem IS NULL FOR UPDATE`, id, line)
}

// ImportLineMade notes which record a line that is taken has become.
func (tx *Tx) ImportLineMade(ctx context.Context, id string, line int, record string) error {
	if _, err := tx.Exec(ctx, `UPDATE import_lines SET record_id = $3, fields = NULL WHERE import_id = $1 AND line = $2`, id, line, record); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE imports SET made = made + 1 WHERE id = $1`, id)
	return err
}

// ImportLineFailed notes why no record could be made of a line that is taken.
func (tx *Tx) ImportLineFailed(ctx context.Context, id string, line int, why []process.FieldError) error {
	if _, err := tx.Exec(ctx, `UPDATE import_lines SET problem = $3 WHERE import_id = $1 AND line = $2`, id, line, Of(why)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE imports SET failed = failed + 1 WHERE id = $1`, id)
	return err
}

// EndImport says that an import is through.
func (tx *Tx) EndImport(ctx context.Context, id string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE imports SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM import_lines WHERE import_id = $1 AND record_id IS NULL AND problem IS NULL)`, id, at)
	return err
}

// RecordName is how a record can be named in a table.
type RecordName struct {
	ID     string  `db:"id"`
	Number *string `db:"number"`
}

// RecordsNamed finds records of a type by their numbers or ids.
func (tx *Tx) RecordsNamed(ctx context.Context, typ string, names []string) ([]RecordName, error) {
	var rows []RecordName
	return rows, tx.Select(ctx, &rows, `SELECT id, number FROM records WHERE type = $1 AND number = ANY($2)
		UNION SELECT id, number FROM records WHERE type = $1 AND id = ANY($2)`, typ, pq.Array(names))
}
