package store

import "context"

// Recount is a calendar that was published anew, and up to which case, by id, what counts by it has been recomputed.
type Recount struct {
	Calendar string  `db:"calendar"`
	Version  int     `db:"version"`
	Revision int64   `db:"revision"` // of what was published then: which publication it is
	By       *string `db:"by"`       // who published it
	After    string  `db:"after"`
}

const recountColumns = `calendar, version, revision, by, after`

// AddRecount notes, in the transaction that publishes a calendar, that the open cases that count by it are to be recomputed, all of them.
// It comes before [Tx.SaveDefinitions], which counts the revision up.
func (tx *Tx) AddRecount(ctx context.Context, r Recount) error {
	_, err := tx.Exec(ctx, `INSERT INTO recounts (calendar, version, revision, by) SELECT $1, $2::integer, revision + 1, $3::text FROM library
		ON CONFLICT (calendar) DO UPDATE SET version = excluded.version, revision = excluded.revision, by = excluded.by, after = ''`, r.Calendar, r.Version, r.By)
	return err
}

// Recounts are those that aren't done yet.
func (db *DB) Recounts(ctx context.Context) ([]Recount, error) {
	var rows []Recount
	return rows, db.Select(ctx, &rows, `SELECT `+recountColumns+` FROM recounts ORDER BY calendar`)
}

// CountsBy is an open case, and whether any limit of it is counted by a calendar.
type CountsBy struct {
	ID   string `db:"id"`
	Uses bool   `db:"uses"`
}

// OpenCasesBy goes through all open cases like [DB.OpenCasesAfter] and says which count by a calendar.
func (db *DB) OpenCasesBy(ctx context.Context, calendar, after string, limit int) ([]CountsBy, error) {
	var rows []CountsBy
	return rows, db.Select(ctx, &rows, `SELECT id, strpos(state::text, '"calendar":' || to_json($2::text)::text) > 0 AS uses
		FROM cases WHERE id > $1 AND status <> 'ended' ORDER BY id LIMIT $3`, after, calendar, limit)
}

// advanceRecount goes on to a case. It does nothing when that was done already, or when the calendar was published once more.
const advanceRecount = `UPDATE recounts SET after = $3 WHERE calendar = $1 AND revision = $2 AND after < $3`

// NextRecount goes on to a case, in the transaction that recomputes it, and says whether it is still to be done: so it is done once.
func (tx *Tx) NextRecount(ctx context.Context, r Recount, id string) (bool, error) {
	n, err := tx.Exec(ctx, advanceRecount, r.Calendar, r.Revision, id)
	return n > 0, err
}

// AdvanceRecount goes on past cases with which there was nothing to do.
func (db *DB) AdvanceRecount(ctx context.Context, r Recount, to string) error {
	_, err := db.Exec(ctx, advanceRecount, r.Calendar, r.Revision, to)
	return err
}

// EndRecount forgets one of which no case is left, unless the calendar was published once more.
func (db *DB) EndRecount(ctx context.Context, r Recount) error {
	_, err := db.Exec(ctx, `DELETE FROM recounts WHERE calendar = $1 AND revision = $2`, r.Calendar, r.Revision)
	return err
}
