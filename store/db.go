// Package store is all SQL and all rows: each statement stands beside the struct it fills. It decides nothing.
//
// Errors are [ErrNotFound], [ErrUnavailable] (repeat later), [*UniqueError], or internal.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// Pool bounds the connections and what one statement may wait for. Zero values take the defaults.
type Pool struct {
	Max         int           // connections at most, two fifths of them for single statements, half of these for boxes and searches; default 20
	LockTimeout time.Duration // how long a statement waits for a row; default 5 s
	Timeout     time.Duration // how long one statement may run; default 8 s. When PostgreSQL is silent for 2 s longer, the connection is given up
}

func (p Pool) withDefaults() Pool {
	if p.Max <= 0 {
		p.Max = 20
	}
	if p.LockTimeout <= 0 {
		p.LockTimeout = 5 * time.Second
	}
	if p.Timeout <= 0 {
		p.Timeout = 8 * time.Second
	}
	return p
}

// DB is the database. It is safe for concurrent use.
type DB struct {
	reads, lists, writes *sqlx.DB // connections for single statements, for those that go by key, and for transactions
	cfg                  pq.Config
	whole                bool    // all of it is one transaction: see [DB.Whole]
	byKey                querier // statements that go by key, as transactions do: each is planned once per connection, however large it is
	known                *known  // what transactions have read of the directory
	querier
}

// errAddress is of an address that can't be read.
var errAddress = errors.New("store: the address of the database can't be read: write postgres://user:password@host/database, and in the password %2F for /, %40 for @, %23 for #, %25 for %")

// Open prepares to use the database at url (a postgres:// URL or a key=value string). It connects only when something is asked, so that a
// server starts while its database is away; the error is of the url.
func Open(url string, pool Pool) (*DB, error) {
	pool = pool.withDefaults()
	cfg, err := pq.NewConfig(url)
	if err != nil {
		return nil, errAddress // the driver's own error repeats the address, with its password
	}
	limits := map[string]string{
		"lock_timeout":                        millis(pool.LockTimeout),
		"statement_timeout":                   millis(pool.Timeout),
		"idle_in_transaction_session_timeout": millis(2 * pool.Timeout),
		"jit":                                 "off", // compiling costs more than any of our statements
	}
	reads := max(1, pool.Max*2/5)
	dialer := patient{silence: pool.Timeout + 2*time.Second}
	lists := max(1, reads/2)
	db := &DB{
		known: new(known),
		cfg:   cfg, reads: open(cfg, limits, dialer, max(1, reads-lists)), lists: open(cfg, merged(limits, inOrder), dialer, lists),
		writes: open(cfg, merged(limits, byKey), dialer, max(1, pool.Max-reads)),
	}
	db.querier, db.byKey = querier{q: db.reads}, querier{q: db.lists}
	return db, nil
}

// byKey are the planner's settings for transactions. They touch rows by their keys only: each statement is planned once per connection, and never by
// a scan or a hash of a table that was small then. Without this the plans of a new installation are the slow ones, until the first ANALYZE; and the
// directory's statement would be planned at every call, which costs more than running it.
var byKey = map[string]string{"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}

// inOrder are the planner's settings for boxes and searches: by key, and never by sorting what an index has in order. A plan made for anybody would take
// a person's box for a short one, since most are, and sort all of it for its first page.
var inOrder = merged(byKey, map[string]string{"enable_sort": "off", "enable_incremental_sort": "off"})

func merged(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

func open(cfg pq.Config, settings map[string]string, dialer pq.Dialer, most int) *sqlx.DB {
	c := newConnector(cfg, settings)
	c.Dialer(dialer)
	raw := sql.OpenDB(connector{c})
	raw.SetMaxOpenConns(most)
	raw.SetMaxIdleConns(most)
	raw.SetConnMaxIdleTime(5 * time.Minute)
	return sqlx.NewDb(raw, "postgres")
}

func newConnector(cfg pq.Config, settings map[string]string) *pq.Connector {
	cfg = cfg.Clone()
	if cfg.Runtime == nil {
		cfg.Runtime = map[string]string{}
	}
	for k, v := range settings {
		if _, given := cfg.Runtime[k]; !given {
			cfg.Runtime[k] = v
		}
	}
	cfg.ApplicationName = softwareName(process.StateFormat, cfg.ApplicationName)
	c, _ := pq.NewConnectorConfig(cfg) // never fails
	return c
}

func millis(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

// Close ends the connections.
func (db *DB) Close() error {
	return errors.Join(db.reads.Close(), db.lists.Close(), db.writes.Close())
}

// Ping says whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return translate(ctx, db.reads.PingContext(ctx)) }

// Stats are the figures of the connections by what they are for: "reads", "lists" or "writes".
func (db *DB) Stats() map[string]sql.DBStats {
	return map[string]sql.DBStats{"reads": db.reads.Stats(), "lists": db.lists.Stats(), "writes": db.writes.Stats()}
}

// Tx is one transaction. It belongs to one goroutine.
type Tx struct {
	querier
	known *known // of the directory, shared by all transactions
}

// maxAttempts is how often a transaction is run that PostgreSQL asked to be run again.
const maxAttempts = 4

// Tx runs do in one transaction (read committed) and commits unless it fails. After a deadlock do is run again from the start, so it must
// not keep anything of an earlier run.
func (db *DB) Tx(ctx context.Context, do func(*Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.once(ctx, do)
		if !errors.Is(err, errAgain) {
			return err
		}
		if attempt == maxAttempts {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	}
}

func (db *DB) once(ctx context.Context, do func(*Tx) error) error {
	if db.whole {
		return db.part(ctx, do)
	}
	tx, err := db.writes.BeginTxx(ctx, nil)
	if err != nil {
		return translate(ctx, err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing; a panic must not leave the connection in a transaction
	if err := concluded(querier{q: tx}, db.known, do); err != nil {
		return err
	}
	return translate(ctx, tx.Commit())
}

// concluded runs do on a transaction. What it concludes after a look-up that was lost, a refusal as well as an agreement, is worth nothing: nobody there may
// have noticed, since a directory has no errors to give.
func concluded(q querier, known *known, do func(*Tx) error) error {
	var lost error
	q.lost = &lost
	err := do(&Tx{q, known})
	if lost == nil || passing(err) {
		return err
	}
	return lost
}

// passing says whether an error is of the moment, and not of what was asked.
func passing(err error) bool { return errors.Is(err, ErrUnavailable) || errors.Is(err, errAgain) }

// Querier is what reads need: the database itself, or a transaction.
type Querier interface {
	// Get reads one row into dest; [ErrNotFound] when there is none.
	Get(ctx context.Context, dest any, query string, args ...any) error
	// Select reads all rows into the slice dest points at.
	Select(ctx context.Context, dest any, query string, args ...any) error
	// Exec runs a statement and gives the number of rows it touched.
	Exec(ctx context.Context, query string, args ...any) (int64, error)
}

// querier translates the errors of everything that is asked.
type querier struct {
	q    sqlx.ExtContext
	lost *error // of a transaction: the first that was only of the moment
}

func (q querier) Get(ctx context.Context, dest any, query string, args ...any) error {
	return q.failed(ctx, sqlx.GetContext(ctx, q.q, dest, query, args...))
}

func (q querier) Select(ctx context.Context, dest any, query string, args ...any) error {
	return q.failed(ctx, sqlx.SelectContext(ctx, q.q, dest, query, args...))
}

func (q querier) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := q.q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, q.failed(ctx, err)
	}
	n, err := res.RowsAffected()
	return n, q.failed(ctx, err)
}

func (q querier) failed(ctx context.Context, err error) error {
	err = translate(ctx, err)
	if q.lost != nil && *q.lost == nil && passing(err) {
		*q.lost = err
	}
	return err
}
