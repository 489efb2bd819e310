package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

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

// Migrated says whether the schema is at this software's version or later.
func (db *DB) Migrated(ctx context.Context) (bool, error) {
	p, err := provider(db.reads.DB)
	if err != nil {
		return false, err
	}
	pending, err := p.HasPending(ctx)
	return !pending, translate(ctx, err)
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
