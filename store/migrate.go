package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema to this software's version. Several may call it at once; one does it and the others wait.
func (db *DB) Migrate(ctx context.Context) error {
	raw := sql.OpenDB(newConnector(db.cfg, map[string]string{"statement_timeout": "0", "lock_timeout": "30000"}))
	defer func() { _ = raw.Close() }()
	p, err := provider(raw)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("store: migrate: %w", translate(ctx, err))
	}
	return nil
}

// Migrated says whether the schema is at this software's version or later. It changes nothing, also where there is no schema yet.
func (db *DB) Migrated(ctx context.Context) (bool, error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return false, err
	}
	newest, err := goose.NumericComponent(files[len(files)-1])
	if err != nil {
		return false, fmt.Errorf("store: migrations: %w", err)
	}
	var applied bool
	err = translate(ctx, db.reads.GetContext(ctx, &applied, `SELECT EXISTS (SELECT FROM goose_db_version WHERE version_id >= $1 AND is_applied)`, newest))
	if e, ok := errors.AsType[*pq.Error](err); ok && e.Code == "42P01" { // there is no such table
		return false, nil
	}
	return applied, err
}

func provider(raw *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, raw, files, goose.WithSessionLocker(locker))
	if err != nil {
		return nil, fmt.Errorf("store: migrations: %w", err)
	}
	return p, nil
}
