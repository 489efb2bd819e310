package main

import (
	"context"
	"fmt"
	"time"

	"github.com/iancoleman/strcase"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	v12 "go.temporal.io/server/schema/postgresql/v12"
	"go.temporal.io/server/tools/common/schema"
	toolsql "go.temporal.io/server/tools/sql"
)

// schemaLock is the advisory lock that keeps two starting servers from setting up the same schemas at once.
const schemaLock = 0x63726d74 // "crmt"

// part is one of the two sets of tables that a Temporal server keeps.
type part struct {
	schema  string // PostgreSQL schema it lives in
	embed   string // directory of the server's embedded SQL
	version string // version this server wants
	conns   int    // largest pool; each of the server's services opens its own
}

var (
	mainPart       = part{"temporal", "postgresql/v12/temporal", v12.Version, 20}
	visibilityPart = part{"temporal_visibility", "postgresql/v12/visibility", v12.VisibilityVersion, 10}
)

// prepare brings both schemas to the version this server wants. It is safe to kill at any moment and to run
// twice at once: a new schema is filled under another name and renamed when complete.
func prepare(ctx context.Context, databaseURL string, logger log.Logger) error {
	db, err := connect(databaseURL, "", 0)
	if err != nil {
		return fmt.Errorf("can't reach PostgreSQL: %w", err)
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return fmt.Errorf("can't reach PostgreSQL: %w", err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", schemaLock); err != nil {
		return fmt.Errorf("waiting for another server's set-up: %w", err)
	}
	for _, p := range []part{mainPart, visibilityPart} {
		if err := prepareSchema(ctx, db, databaseURL, p, logger); err != nil {
			return fmt.Errorf("schema %s: %w", p.schema, err)
		}
	}
	return nil
}

func prepareSchema(ctx context.Context, db *sqlx.DB, databaseURL string, p part, logger log.Logger) error {
	var exists bool
	if err := db.GetContext(ctx, &exists, "SELECT to_regnamespace($1) IS NOT NULL", p.schema); err != nil {
		return err
	}
	if exists {
		return upgrade(databaseURL, p, logger)
	}
	fresh := p
	fresh.schema += "_new"
	if _, err := db.ExecContext(ctx, fmt.Sprintf("DROP SCHEMA IF EXISTS %[1]s CASCADE; CREATE SCHEMA %[1]s", fresh.schema)); err != nil {
		return err
	}
	if err := create(databaseURL, p, fresh.schema, logger); err != nil {
		return err
	}
	_, err := db.ExecContext(ctx, fmt.Sprintf("ALTER SCHEMA %s RENAME TO %s", fresh.schema, p.schema))
	return err
}

// create writes the newest tables into an empty schema.
func create(databaseURL string, p part, into string, logger log.Logger) error {
	conn, err := admin(databaseURL, p, into, logger)
	if err != nil {
		return err
	}
	defer conn.Close()
	return schema.NewSetupSchemaTask(conn, &schema.SetupConfig{SchemaName: p.embed, InitialVersion: p.version}, logger).Run()
}

// upgrade runs the versions between what the database has and what this server wants; usually none.
func upgrade(databaseURL string, p part, logger log.Logger) error {
	conn, err := admin(databaseURL, p, p.schema, logger)
	if err != nil {
		return err
	}
	defer conn.Close()
	current, err := conn.ReadSchemaVersion()
	if err != nil {
		return fmt.Errorf("it exists but says no version, so it isn't Temporal's; rename it or use another database: %w", err)
	}
	if current == p.version {
		return nil
	}
	return schema.NewUpdateSchemaTask(conn, &schema.UpdateConfig{SchemaName: p.embed, TargetVersion: p.version}, logger).Run()
}

func admin(databaseURL string, p part, into string, logger log.Logger) (*toolsql.Connection, error) {
	cfg := sqlConfig(databaseURL, p)
	cfg.Connect = func(*config.SQL) (*sqlx.DB, error) { return connect(databaseURL, into, 1) }
	return toolsql.NewConnection(cfg, logger)
}

// sqlConfig is what the server needs to reach one of its parts. The connection itself comes from Connect, so
// that unix sockets, passwords and TLS work as the URL says; the textual fields only satisfy the validation.
func sqlConfig(databaseURL string, p part) *config.SQL {
	return &config.SQL{
		PluginName:      postgresql.PluginNamePGX,
		DatabaseName:    p.schema,
		ConnectAddr:     "database-url",
		ConnectProtocol: "tcp",
		Connect:         func(*config.SQL) (*sqlx.DB, error) { return connect(databaseURL, p.schema, p.conns) },
	}
}

// connect opens a pool whose unqualified names mean searchPath ("": the role's own).
func connect(databaseURL, searchPath string, maxConns int) (*sqlx.DB, error) {
	cfg, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, err
	}
	if searchPath != "" {
		cfg.RuntimeParams["search_path"] = searchPath
	}
	cfg.RuntimeParams["application_name"] = "temporal"
	db := sqlx.NewDb(stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(durationsAsBigint)), "pgx")
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(4)
	db.SetConnMaxIdleTime(time.Minute)
	db.MapperFunc(strcase.ToSnake) // as the server's own connections do
	if err := db.Ping(); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// durationsAsBigint makes the driver write a time.Duration as nanoseconds, which is how the server's tables keep it.
func durationsAsBigint(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterDefaultPgType(time.Duration(0), "int8")
	conn.TypeMap().RegisterDefaultPgType((*time.Duration)(nil), "int8")
	return nil
}
