package store

import (
	"context"

	"github.com/lib/pq"
)

// AttachToCase makes files visible to whoever may see a case, and keeps them for ever.
func (tx *Tx) AttachToCase(ctx context.Context, id string, files []string) error {
	_, err := tx.Exec(ctx, `WITH kept AS (UPDATE files SET attached = true WHERE id = ANY ($2) AND NOT attached)
		INSERT INTO case_files (file_id, case_id) SELECT DISTINCT f, $1 FROM unnest($2::text[]) f ON CONFLICT DO NOTHING`, id, pq.Array(files))
	return err
}

// SeesFileOfCase says whether a file stands in a comment on a case that the viewer may see.
func (db *DB) SeesFileOfCase(ctx context.Context, v Viewer, file string) (bool, error) {
	var w where
	w.and("f.file_id = ?", file)
	w.asks(v, v.caseSeen())
	return db.exists(ctx, `case_files f JOIN cases c ON c.id = f.case_id JOIN records r ON r.id = c.record_id`, w)
}
