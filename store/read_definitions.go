package store

import "context"

// DefinitionVersion is one version of a definition, and whether new cases take it.
type DefinitionVersion struct {
	DefinitionRow
	Current bool `db:"current"`
}

// DefinitionVersion reads one version of a definition with its source; [ErrNotFound] when there is none.
func (db *DB) DefinitionVersion(ctx context.Context, kind, id string, version int) (DefinitionVersion, error) {
	var row DefinitionVersion
	err := db.Get(ctx, &row, `SELECT `+DefinitionColumns+`, c.version = d.version AS current
		FROM definitions d JOIN definitions_current c ON c.kind = d.kind AND c.id = d.id WHERE d.kind = $1 AND d.id = $2 AND d.version = $3`, kind, id, version)
	return row, err
}
