package store

import (
	"context"

	"github.com/lib/pq"
)

// GramsRow is what a record's value of a field declared `similar` is made of; no grams: it has none.
type GramsRow struct {
	Type, Field, RecordID string
	Whole                 string // the normalised value
	Grams                 []string
}

// gramRow is one row of record_grams.
type gramRow struct {
	Type     string `json:"type"`
	Field    string `json:"field"`
	Gram     string `json:"gram"`
	Size     int    `json:"size"`
	RecordID string `json:"record_id"`
}

// keys are what a value is found by: its grams, and itself as a whole, which a single gram is already.
func (g GramsRow) keys() []string {
	if len(g.Grams) < 2 {
		return g.Grams
	}
	return append([]string{"=" + g.Whole}, g.Grams...)
}

func gramRows(list []GramsRow) []gramRow {
	var rows []gramRow
	for _, g := range list {
		for _, key := range g.keys() {
			rows = append(rows, gramRow{g.Type, g.Field, key, len(g.Grams), g.RecordID})
		}
	}
	return rows
}

const gramsRead = `json_to_recordset($1) AS g (type text, field text, gram text, size smallint, record_id text)`

// SetGrams writes what values are made of, in the place of what they were made of before.
func (tx *Tx) SetGrams(ctx context.Context, gone, now []GramsRow) error {
	if rows := gramRows(gone); len(rows) > 0 {
		args, err := documents(rows)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM record_grams o USING `+gramsRead+`
			WHERE o.type = g.type AND o.field = g.field AND o.gram = g.gram AND o.size = g.size AND o.record_id = g.record_id`, args...); err != nil {
			return err
		}
	}
	rows := gramRows(now)
	if len(rows) == 0 {
		return nil
	}
	args, err := documents(rows)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO record_grams (type, field, gram, size, record_id) SELECT * FROM `+gramsRead+` ON CONFLICT DO NOTHING`, args...)
	return err
}

// Bounds of a search for similar values: how many records are taken from each gram, and how many of those that share most are looked at.
const (
	maxPerGram    = 300
	MaxCandidates = 60
)

// Alike are records of a type whose value of a field shares most grams with a given one and is made of so many at least and at most; those with the very
// same value come first. It reads the index of grams only, and of each no more than a bounded number of rows.
func (db *DB) Alike(ctx context.Context, g GramsRow, least, most int) ([]string, error) {
	var ids []string
	return ids, db.Select(ctx, &ids, AlikeSQL, g.Type, g.Field, pq.Array(g.keys()), least, most, maxPerGram, MaxCandidates)
}

// AlikeSQL is the statement of [DB.Alike], for the test that looks at its plan.
const AlikeSQL = `SELECT h.record_id FROM unnest($3::text[]) AS g (gram)
	CROSS JOIN LATERAL (SELECT n.record_id FROM record_grams n
		WHERE n.type = $1 AND n.field = $2 AND n.gram = g.gram AND n.size BETWEEN $4 AND $5 LIMIT $6) h
	GROUP BY h.record_id ORDER BY bool_or(g.gram LIKE '=%') DESC, count(*) DESC, h.record_id DESC LIMIT $7`

// UniqueOf are the records that have any of these unique values.
func (db *DB) UniqueOf(ctx context.Context, list []UniqueRow) ([]UniqueRow, error) {
	args, err := documents(list)
	if err != nil {
		return nil, err
	}
	var rows []UniqueRow
	return rows, db.Select(ctx, &rows, `SELECT u.type, u.field, u.value, u.record_id FROM json_to_recordset($1) AS w (type text, field text, value text)
		JOIN record_unique u ON u.type = w.type AND u.field = w.field AND u.value = w.value`, args...)
}

// RecordsOf reads records of a type by their ids, in no order.
func (q querier) RecordsOf(ctx context.Context, typ string, ids []string) ([]RecordRow, error) {
	var rows []RecordRow
	return rows, q.Select(ctx, &rows, `SELECT `+RecordColumns+` FROM records r WHERE r.id = ANY($2) AND r.type = $1`, typ, pq.Array(ids))
}

// Kinds of [KeysRow].
const (
	KeysUnique  = "unique"
	KeysSimilar = "similar"
)

// KeysRow is how far the records that exist have been entered for a field declared `unique` or `similar`.
type KeysRow struct {
	Type  string `db:"type"`
	Field string `db:"field"`
	Kind  string `db:"kind"`
	How   int    `db:"how"` // process.NormalVersion that they were entered by
	UpTo  string `db:"upto"`
	Done  bool   `db:"done"`
}

const keysColumns = `type, field, kind, how, upto, done`

// RecordKeys reads how far all fields are.
func (db *DB) RecordKeys(ctx context.Context) ([]KeysRow, error) {
	var rows []KeysRow
	return rows, db.Select(ctx, &rows, `SELECT `+keysColumns+` FROM record_keys ORDER BY type, field, kind`)
}

// LockKeys makes the row of a field that is to be entered, or lets it begin anew where it was entered in another way, and locks it.
func (tx *Tx) LockKeys(ctx context.Context, k KeysRow) (KeysRow, error) {
	if k.Kind == KeysSimilar {
		if _, err := tx.Exec(ctx, `DELETE FROM record_grams g USING record_keys k WHERE g.type = $1 AND g.field = $2
			AND k.type = $1 AND k.field = $2 AND k.kind = $3 AND k.how <> $4`, k.Type, k.Field, k.Kind, k.How); err != nil {
			return k, err
		}
	}
	if _, err := tx.Exec(ctx, `INSERT INTO record_keys AS k (type, field, kind, how) VALUES ($1, $2, $3, $4)
		ON CONFLICT (type, field, kind) DO UPDATE SET how = excluded.how, upto = '', done = false WHERE k.how <> excluded.how`, k.Type, k.Field, k.Kind, k.How); err != nil {
		return k, err
	}
	var row KeysRow
	return row, tx.Get(ctx, &row, `SELECT `+keysColumns+` FROM record_keys WHERE type = $1 AND field = $2 AND kind = $3 FOR UPDATE`, k.Type, k.Field, k.Kind)
}

// KeysEntered says how far a field is.
func (tx *Tx) KeysEntered(ctx context.Context, k KeysRow) error {
	_, err := tx.Exec(ctx, `UPDATE record_keys SET upto = $4, done = $5 WHERE type = $1 AND field = $2 AND kind = $3`, k.Type, k.Field, k.Kind, k.UpTo, k.Done)
	return err
}

// DropKeys forgets what was entered for a field that isn't declared so any more.
func (tx *Tx) DropKeys(ctx context.Context, k KeysRow) error {
	statement := `DELETE FROM record_unique WHERE type = $1 AND field = $2`
	if k.Kind == KeysSimilar {
		statement = `DELETE FROM record_grams WHERE type = $1 AND field = $2`
	}
	if _, err := tx.Exec(ctx, statement, k.Type, k.Field); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM record_keys WHERE type = $1 AND field = $2 AND kind = $3`, k.Type, k.Field, k.Kind)
	return err
}

// LockRecordsAfter reads the next records of a type in the order of their ids, and locks them.
func (tx *Tx) LockRecordsAfter(ctx context.Context, typ, after string, limit int) ([]RecordRow, error) {
	var rows []RecordRow
	return rows, tx.Select(ctx, &rows, `SELECT `+RecordColumns+` FROM records r WHERE r.type = $1 AND r.id > $2 ORDER BY r.id LIMIT $3 FOR UPDATE OF r`, typ, after, limit)
}

// EnterUnique enters unique values of records, in the place of those that they had. A value that another record has is left to that one: it gives how many.
func (tx *Tx) EnterUnique(ctx context.Context, list []UniqueRow) (taken int, err error) {
	if len(list) == 0 {
		return 0, nil
	}
	args, err := documents(list)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM record_unique o USING json_to_recordset($1) AS u (type text, field text, record_id text)
		WHERE o.record_id = u.record_id AND o.type = u.type AND o.field = u.field`, args...); err != nil {
		return 0, err
	}
	wanted := 0
	for _, u := range list {
		if u.Value != "" {
			wanted++
		}
	}
	n, err := tx.Exec(ctx, `INSERT INTO record_unique (type, field, value, record_id)
		SELECT * FROM json_to_recordset($1) AS u (type text, field text, value text, record_id text) WHERE u.value <> '' ON CONFLICT DO NOTHING`, args...)
	return wanted - int(n), err
}
