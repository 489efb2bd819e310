package store

import (
	"context"
	"encoding/json"
	"time"
)

// RecordRow is one record. Owner mirrors the field "owner" for lists and rights.
type RecordRow struct {
	ID        string          `db:"id" json:"id"`
	Type      string          `db:"type" json:"type"`
	Number    *string         `db:"number" json:"number"`
	Version   int             `db:"version" json:"version"`
	Owner     *string         `db:"owner" json:"owner"`
	Fields    json.RawMessage `db:"fields" json:"fields"`
	Search    string          `db:"search" json:"search"`
	CreatedBy string          `db:"created_by" json:"created_by"`
	CreatedAt time.Time       `db:"created_at" json:"created_at"`
	ChangedAt time.Time       `db:"changed_at" json:"changed_at"`
}

var recordColumns = columns{
	"id", "type", "number", "version", "owner", "fields", "search", "created_by", "created_at", "changed_at",
}

// RecordColumns is a SELECT list for [RecordRow], of the table aliased r; RecordColumnsIn is the one for a struct that holds the row in a field tagged `db:"r"`.
var (
	RecordColumns   = recordColumns.of("r")
	RecordColumnsIn = recordColumns.in("r")
)

// RecordHistoryRow is one change of a record.
type RecordHistoryRow struct {
	RecordID string          `db:"record_id" json:"record_id"`
	Version  int             `db:"version" json:"version"`
	At       time.Time       `db:"at" json:"at"`
	By       *string         `db:"by" json:"by"`
	CaseID   *string         `db:"case_id" json:"case_id"`
	Changes  json.RawMessage `db:"changes" json:"changes"` // {"field": {"from", "to"}}
}

// UniqueRow is the value of a field that no other record of the type may have.
type UniqueRow struct {
	Type     string `db:"type" json:"type"`
	Field    string `db:"field" json:"field"`
	Value    string `db:"value" json:"value"`
	RecordID string `db:"record_id" json:"record_id"`
}

// RecordWrite is a new record, or a change of one that is locked.
type RecordWrite struct {
	Record  RecordRow
	New     bool
	History RecordHistoryRow
	Gone    []UniqueRow // fields whose unique value it has no more
	Unique  []UniqueRow // values it has now
	NoGrams []GramsRow  // of values of fields declared `similar` that it has no more
	Grams   []GramsRow  // and of those that it has now
	Files   []FileField // fields that hold a file now
}

const insertRecords = `INSERT INTO records (id, type, number, version, owner, fields, search, created_by, created_at, changed_at)
	SELECT * FROM json_to_recordset($1) AS r (id text, type text, number text, version integer, owner text, fields jsonb, search text,
		created_by text, created_at timestamptz, changed_at timestamptz)`

const updateRecords = `UPDATE records o SET version = r.version, owner = r.owner, fields = r.fields, search = r.search, changed_at = r.changed_at
	FROM json_to_recordset($2) AS r (id text, version integer, owner text, fields jsonb, search text, changed_at timestamptz)
	WHERE o.id = r.id`

const insertRecordHistory = `INSERT INTO record_history (record_id, version, at, by, case_id, changes)
	SELECT * FROM json_to_recordset($3) AS h (record_id text, version integer, at timestamptz, by text, case_id text, changes json)`

const deleteRecordUnique = `DELETE FROM record_unique o USING json_to_recordset($4) AS u (type text, field text, value text, record_id text)
	WHERE o.record_id = u.record_id AND o.type = u.type AND o.field = u.field`

const insertRecordUnique = `INSERT INTO record_unique (type, field, value, record_id)
	SELECT * FROM json_to_recordset($5) AS u (type text, field text, value text, record_id text)`

const saveRecords = `WITH made AS (` + insertRecords + `), changed AS (` + updateRecords + `), past AS (` + insertRecordHistory + `),
	gone AS (` + deleteRecordUnique + `) ` + insertRecordUnique

// SaveRecords writes records in one statement. A value that another record has is a [*UniqueError] of [ConstraintUniqueField].
func (tx *Tx) SaveRecords(ctx context.Context, list ...RecordWrite) error {
	var made, changed []RecordRow
	var history []RecordHistoryRow
	var gone, unique []UniqueRow
	var noGrams, grams []GramsRow
	var files []FileField
	for _, w := range list {
		if w.New {
			made = append(made, w.Record)
		} else {
			changed = append(changed, w.Record)
		}
		history = append(history, w.History)
		gone, unique = append(gone, w.Gone...), append(unique, w.Unique...)
		noGrams, grams, files = append(noGrams, w.NoGrams...), append(grams, w.Grams...), append(files, w.Files...)
	}
	if len(list) == 0 {
		return nil
	}
	args, err := documents(made, changed, history, gone, unique)
	if err != nil {
		return err
	}
	if _, err = tx.Exec(ctx, saveRecords, args...); err != nil {
		return err
	}
	if err := tx.SetGrams(ctx, noGrams, grams); err != nil {
		return err
	}
	return tx.attachFiles(ctx, files)
}

// LockedRecord is a record that is locked until the transaction ends, with the clock and what is published.
type LockedRecord struct {
	Record RecordRow `db:"r"`
	Present
}

// LockRecord locks a record. Whoever holds it keeps every case of the record where it is.
func (tx *Tx) LockRecord(ctx context.Context, typ, id string) (LockedRecord, error) {
	var l LockedRecord
	return l, tx.Get(ctx, &l, `SELECT `+recordColumns.in("r")+`, `+presentColumns+` FROM records r `+presentJoin+`
		WHERE r.type = $1 AND r.id = $2 FOR UPDATE OF r`, typ, id)
}

// Holder is another record that has a unique value already.
type Holder struct {
	Ours   string  `db:"ours"` // the record that wanted the value
	Field  string  `db:"field"`
	ID     string  `db:"id"`
	Number *string `db:"number"`
}

// UniqueHolders says which other records have any of these values.
func (q querier) UniqueHolders(ctx context.Context, list []UniqueRow) ([]Holder, error) {
	args, err := documents(list)
	if err != nil {
		return nil, err
	}
	var rows []Holder
	return rows, q.Select(ctx, &rows, `SELECT w.record_id AS ours, u.field, r.id, r.number
		FROM json_to_recordset($1) AS w (type text, field text, value text, record_id text)
		JOIN record_unique u ON u.type = w.type AND u.field = w.field AND u.value = w.value AND u.record_id <> w.record_id
		JOIN records r ON r.id = u.record_id ORDER BY u.field`, args...)
}

// ReferencedRows reads the records that references point at, in no order.
func (q querier) ReferencedRows(ctx context.Context, types, ids []string) ([]RecordRow, error) {
	var rows []RecordRow
	return rows, q.Select(ctx, &rows, `SELECT `+RecordColumns+` FROM unnest($1::text[], $2::text[]) AS w (type, id)
		JOIN records r ON r.type = w.type AND r.id = w.id`, types, ids)
}
