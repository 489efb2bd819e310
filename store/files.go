package store

import (
	"context"
	"strings"
	"time"

	"github.com/lib/pq"
)

// FileRow is an uploaded file. Its bytes are kept elsewhere, under Blob.
type FileRow struct {
	ID         string    `db:"id"`
	Name       string    `db:"name"`
	Size       int64     `db:"size"`
	SHA256     string    `db:"sha256"` // in hex
	Type       string    `db:"type"`   // a media type
	Blob       string    `db:"blob"`
	UploadedBy string    `db:"uploaded_by"`
	At         time.Time `db:"at"`
	AtReal     time.Time `db:"at_real"`
	Attached   bool      `db:"attached"` // it has been in a field of a record
}

var fileColumns = columns{"id", "name", "size", "sha256", "type", "blob", "uploaded_by", "at", "at_real", "attached"}

// FileField is a field of a record that holds a file, or has held it.
type FileField struct {
	File   string `db:"file_id" json:"file_id"`
	Type   string `db:"type" json:"-"` // of the record
	Record string `db:"record_id" json:"record_id"`
	Field  string `db:"field" json:"field"`
}

// ExpectBytes writes down that bytes may come to stand under a key, before the first of them does.
func (db *DB) ExpectBytes(ctx context.Context, blob string, real time.Time) error {
	_, err := db.Exec(ctx, `INSERT INTO loose_bytes (blob, since_real) VALUES ($1, $2)`, blob, real)
	return err
}

// AddFile makes the row of a file whose bytes are there. [ErrNotFound]: nobody expects them any more, and they may be gone.
func (tx *Tx) AddFile(ctx context.Context, f FileRow) error {
	n, err := tx.Exec(ctx, `DELETE FROM loose_bytes WHERE blob = $1`, f.Blob)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrNotFound
	}
	return tx.PutFile(ctx, f)
}

// PutFile makes the row of a file whose bytes have always been there.
func (tx *Tx) PutFile(ctx context.Context, f FileRow) error {
	_, err := tx.Exec(ctx, `INSERT INTO files (id, name, size, sha256, type, blob, uploaded_by, at, at_real) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		f.ID, f.Name, f.Size, f.SHA256, f.Type, f.Blob, f.UploadedBy, f.At, f.AtReal)
	return err
}

// UsableFile is a file that somebody wants to put into a field.
type UsableFile struct {
	FileRow
	Here bool `db:"here"` // the record has held it already
}

// UsableFiles reads files that are to be in fields of a record, and keeps them from being cleaned away until the transaction ends.
func (tx *Tx) UsableFiles(ctx context.Context, ids []string, record string) ([]UsableFile, error) {
	var rows []UsableFile
	return rows, tx.Select(ctx, &rows, `SELECT `+fileColumns.of("f")+`,
			EXISTS (SELECT 1 FROM file_fields u WHERE u.file_id = f.id AND u.record_id = $2) AS here
		FROM files f WHERE f.id = ANY($1) ORDER BY f.id FOR KEY SHARE OF f`, pq.Array(ids), record)
}

// attachFiles notes which fields hold files; those that nobody has uploaded are passed over.
func (tx *Tx) attachFiles(ctx context.Context, list []FileField) error {
	if len(list) == 0 {
		return nil
	}
	args, err := documents(list)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `WITH held AS (SELECT * FROM json_to_recordset($1) AS h (file_id text, record_id text, field text)),
			marked AS (UPDATE files f SET attached = true FROM (SELECT DISTINCT file_id FROM held) h WHERE f.id = h.file_id AND NOT f.attached)
		INSERT INTO file_fields (file_id, record_id, field) SELECT h.file_id, h.record_id, h.field FROM held h JOIN files f ON f.id = h.file_id
		ON CONFLICT DO NOTHING`, args...)
	return err
}

// File reads one file's row.
func (db *DB) File(ctx context.Context, id string) (FileRow, error) {
	var f FileRow
	return f, db.Get(ctx, &f, `SELECT `+fileColumns.of("f")+` FROM files f WHERE f.id = $1`, id)
}

// maxFileFields bounds in how many fields it is looked whether somebody may see a file.
const maxFileFields = 100

// FileFields are the fields that hold a file, or have held it.
func (db *DB) FileFields(ctx context.Context, id string) ([]FileField, error) {
	var rows []FileField
	return rows, db.Select(ctx, &rows, `SELECT u.file_id, r.type, u.record_id, u.field FROM file_fields u JOIN records r ON r.id = u.record_id
		WHERE u.file_id = $1 ORDER BY u.record_id, u.field LIMIT $2`, id, maxFileFields)
}

// CasesIn are the last cases on a record in which the viewer takes part.
func (db *DB) CasesIn(ctx context.Context, v Viewer, record string) ([]string, error) {
	var w where
	w.and("c.record_id = ?", record)
	w.asks(v, "(c.initiator = {user} OR "+strings.ReplaceAll(partIn, "{case}", "c.id")+")")
	var ids []string
	return ids, db.Select(ctx, &ids, w.with()+`SELECT c.id FROM cases c`+w.sql()+` ORDER BY c.started_at DESC`+Page{Limit: maxFileFields - 1}.limit(), w.args...)
}

// LoosenFiles forgets files that nobody has attached since a moment, and leaves their bytes to be deleted; it gives how many.
func (db *DB) LoosenFiles(ctx context.Context, before time.Time, limit int) (int64, error) {
	return db.Exec(ctx, `WITH gone AS (DELETE FROM files WHERE id IN
			(SELECT id FROM files WHERE NOT attached AND at_real < $1 ORDER BY at_real LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING blob)
		INSERT INTO loose_bytes (blob, since_real) SELECT blob, $1 FROM gone ON CONFLICT DO NOTHING`, before, limit)
}

// LooseBytes are keys under which bytes may stand that belong to no file, since a moment or longer.
func (db *DB) LooseBytes(ctx context.Context, until time.Time, limit int) ([]string, error) {
	var keys []string
	return keys, db.Select(ctx, &keys, `SELECT blob FROM loose_bytes WHERE since_real <= $1 ORDER BY since_real LIMIT $2`, until, limit)
}

// DropBytes lets the bytes under a key be deleted, unless they have come to belong to a file meanwhile, and forgets the key.
func (db *DB) DropBytes(ctx context.Context, key string, remove func() error) error {
	return db.Tx(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM loose_bytes WHERE blob = $1`, key)
		if err != nil || n == 0 {
			return err
		}
		return remove()
	})
}
