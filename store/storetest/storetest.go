// Package storetest gives tests migrated databases of their own.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/store"
)

// Env names the variable with the PostgreSQL that tests may make databases in.
const Env = "CRMFLOW_TEST_DATABASE_URL"

// New makes a migrated, empty database of the server at serverURL, and drops it when the test is over.
func New(t testing.TB, serverURL string) *store.DB {
	t.Helper()
	db, drop, err := Make(serverURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	return db
}

// FromEnv is [New] with the server of [Env]; without one the test is skipped.
func FromEnv(t testing.TB) *store.DB {
	t.Helper()
	server := os.Getenv(Env)
	if server == "" {
		t.Skip(Env + " isn't set: run the tests by `make test`, or by `go run ./dev/teststack go test ./...`")
	}
	return New(t, server)
}

// Patient opens a test's database once more, for statements that may take minutes: those that fill it.
func Patient(t testing.TB, db *store.DB) *store.DB {
	t.Helper()
	var name string
	if err := db.Get(t.Context(), &name, `SELECT current_database()`); err != nil {
		t.Fatal(err)
	}
	own, err := at(os.Getenv(Env), name)
	if err != nil {
		t.Fatal(err)
	}
	patient, err := store.Open(own, store.Pool{Max: 5, Timeout: 10 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = patient.Close() })
	return patient
}

// Make is [New] for whoever has no test at hand, such as TestMain.
func Make(serverURL string) (db *store.DB, drop func(), err error) {
	name := "crmflow_t_" + rand.Text()[:12]
	if err := admin(serverURL, fmt.Sprintf(`CREATE DATABASE "%s"`, name)); err != nil {
		return nil, nil, err
	}
	own, err := at(serverURL, name)
	if err != nil {
		return nil, nil, err
	}
	db, err = store.Open(own, store.Pool{Max: 28})
	if err != nil {
		return nil, nil, err
	}
	drop = func() {
		_ = db.Close()
		_ = admin(serverURL, fmt.Sprintf(`DROP DATABASE IF EXISTS "%s" WITH (FORCE)`, name))
	}
	if err := db.Migrate(context.Background()); err != nil {
		drop()
		return nil, nil, err
	}
	return db, drop, nil
}

// at is the url of another database of the same server.
func at(server, name string) (string, error) {
	if u, err := url.Parse(server); err == nil && u.Scheme != "" {
		u.Path = "/" + name
		return u.String(), nil
	}
	return server + " dbname=" + name, nil // key=value: a later word replaces an earlier one
}

func admin(server, statement string) error {
	c, err := pq.NewConnector(server)
	if err != nil {
		return fmt.Errorf("storetest: %w", err)
	}
	raw := sql.OpenDB(c)
	defer func() { _ = raw.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if _, err := raw.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("storetest: %s: %w", statement, err)
	}
	return nil
}
