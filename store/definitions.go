package store

import (
	"context"
	"time"
)

// DefinitionRow is one version of one definition, kept for ever.
type DefinitionRow struct {
	Kind        string    `db:"kind"` // process, record, calendar, table
	ID          string    `db:"id"`
	Version     int       `db:"version"`
	Digest      string    `db:"digest"`
	Path        string    `db:"path"`
	Source      string    `db:"source"`
	PublishedBy *string   `db:"published_by"`
	PublishedAt time.Time `db:"published_at"`
	// FirstAt is when its first version was published; only [querier.CurrentDefinitions] reads it.
	FirstAt time.Time `db:"first_at"`
}

var definitionColumns = columns{"kind", "id", "version", "digest", "path", "source", "published_by", "published_at"}

// DefinitionColumns is a SELECT list for [DefinitionRow], of the table aliased d.
var DefinitionColumns = definitionColumns.of("d")

// CurrentDefinitions reads what new cases take, with the revision it is of, in one statement.
func (q querier) CurrentDefinitions(ctx context.Context) ([]DefinitionRow, int64, error) {
	var rows []struct {
		Revision int64 `db:"revision"`
		DefinitionRow
	}
	err := q.Select(ctx, &rows, `SELECT library.revision, `+DefinitionColumns+`, f.published_at AS first_at FROM definitions_current c
		JOIN definitions d ON d.kind = c.kind AND d.id = c.id AND d.version = c.version
		JOIN definitions f ON f.kind = c.kind AND f.id = c.id AND f.version = 1 CROSS JOIN library ORDER BY d.kind, d.id`)
	if err != nil || len(rows) == 0 {
		return nil, 0, err
	}
	list := make([]DefinitionRow, len(rows))
	for i, r := range rows {
		list[i] = r.DefinitionRow
	}
	return list, rows[0].Revision, nil
}

// ProcessDefinition reads a process's definition by the digest that a case is pinned to.
func (q querier) ProcessDefinition(ctx context.Context, digest string) (DefinitionRow, error) {
	var d DefinitionRow
	return d, q.Get(ctx, &d, `SELECT `+DefinitionColumns+` FROM definitions d WHERE d.kind = 'process' AND d.digest = $1 LIMIT 1`, digest)
}

// TableDefinitions reads decision tables by the digests that a case is pinned to.
func (q querier) TableDefinitions(ctx context.Context, tables Pins) ([]DefinitionRow, error) {
	var ids, digests []string
	for id, digest := range tables {
		ids, digests = append(ids, id), append(digests, digest)
	}
	var rows []DefinitionRow
	return rows, q.Select(ctx, &rows, `SELECT `+DefinitionColumns+` FROM unnest($1::text[], $2::text[]) AS w (id, digest)
		JOIN definitions d ON d.kind = 'table' AND d.id = w.id AND d.digest = w.digest ORDER BY d.id`, ids, digests)
}

// The library's lock: publishing excludes whatever makes a case or a record by what is current. Nothing else waits for it.
const libraryLock = 7133401

// ShareLibrary keeps what is published as it is until the transaction ends.
func (tx *Tx) ShareLibrary(ctx context.Context) (Present, error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock_shared($1)`, libraryLock); err != nil {
		return Present{}, err
	}
	return tx.Present(ctx)
}

// LockLibrary lets nobody else publish, nor begin anything, until the transaction ends.
func (tx *Tx) LockLibrary(ctx context.Context) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, libraryLock)
	return err
}

// DefinitionVersions reads every version of the definitions with these ids, of all kinds.
func (q querier) DefinitionVersions(ctx context.Context, ids []string) ([]DefinitionRow, error) {
	var rows []DefinitionRow
	return rows, q.Select(ctx, &rows, `SELECT `+DefinitionColumns+` FROM definitions d WHERE d.id = ANY($1) ORDER BY d.kind, d.id, d.version`, ids)
}

// SaveDefinitions adds versions, makes every row of list the current one, and counts the library's revision up. Rows that stand there already only become current.
func (tx *Tx) SaveDefinitions(ctx context.Context, list []DefinitionRow) error {
	for _, d := range list {
		if _, err := tx.Exec(ctx, `INSERT INTO definitions (kind, id, version, digest, path, source, published_by, published_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
			d.Kind, d.ID, d.Version, d.Digest, d.Path, d.Source, d.PublishedBy, d.PublishedAt); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO definitions_current (kind, id, version, digest) VALUES ($1, $2, $3, $4)
			ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, digest = excluded.digest`, d.Kind, d.ID, d.Version, d.Digest); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `UPDATE library SET revision = revision + 1`)
	return err
}
