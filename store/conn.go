package store

import (
	"container/list"
	"context"
	"database/sql/driver"
)

// connector opens connections that prepare each statement once and keep it. lib/pq alone needs two round trips for a statement with
// arguments; prepared, it needs one, and PostgreSQL plans it once per connection.
type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{inner: inner.(pqConn), prepared: map[string]*list.Element{}, used: list.New()}, nil
}

// pqConn is what a connection of lib/pq can do.
type pqConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.QueryerContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

// maxPrepared bounds the statements kept per connection; the least recently used one goes.
const maxPrepared = 200

// conn is used by one goroutine at a time, as database/sql promises.
type conn struct {
	inner    pqConn
	prepared map[string]*list.Element // of *statement
	used     *list.List               // most recently used first
}

type statement struct {
	query string
	stmt  driver.Stmt
}

func (c *conn) Prepare(query string) (driver.Stmt, error) { return c.inner.Prepare(query) }
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	return c.inner.PrepareContext(ctx, query)
}
func (c *conn) Close() error                                { return c.inner.Close() }
func (c *conn) Begin() (driver.Tx, error)                   { return c.BeginTx(context.Background(), driver.TxOptions{}) }
func (c *conn) Ping(ctx context.Context) error              { return c.inner.Ping(ctx) }
func (c *conn) ResetSession(ctx context.Context) error      { return c.inner.ResetSession(ctx) }
func (c *conn) IsValid() bool                               { return c.inner.IsValid() }
func (c *conn) CheckNamedValue(nv *driver.NamedValue) error { return c.inner.CheckNamedValue(nv) }

func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	n := counterOf(ctx)
	n.transaction()
	tx, err := c.inner.BeginTx(ctx, o)
	return &countedTx{tx, n}, err
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	counterOf(ctx).statement(query)
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(ctx, args)
	return rows, c.forget(query, err)
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	counterOf(ctx).statement(query)
	if len(args) == 0 {
		return c.inner.ExecContext(ctx, query, args)
	}
	s, err := c.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	res, err := s.(driver.StmtExecContext).ExecContext(ctx, args)
	return res, c.forget(query, err)
}

// statement gives the prepared form of a query, made at its first use.
func (c *conn) statement(ctx context.Context, query string) (driver.Stmt, error) {
	if e, ok := c.prepared[query]; ok {
		c.used.MoveToFront(e)
		return e.Value.(*statement).stmt, nil
	}
	if len(c.prepared) >= maxPrepared {
		c.drop(c.used.Back())
	}
	s, err := c.inner.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	c.prepared[query] = c.used.PushFront(&statement{query, s})
	return s, nil
}

// forget drops a statement that failed in a way that its plan may be to blame for: a migration changed the types beneath it.
func (c *conn) forget(query string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := c.prepared[query]; ok && againCode(err) {
		c.drop(e)
	}
	return err
}

func (c *conn) drop(e *list.Element) {
	s := c.used.Remove(e).(*statement)
	delete(c.prepared, s.query)
	_ = s.stmt.Close() // a connection that can't even do this says so at its next statement
}

// countedTx counts COMMIT and ROLLBACK: they are round trips too.
type countedTx struct {
	driver.Tx
	n *Counter
}

func (t *countedTx) Commit() error {
	t.n.statement("COMMIT")
	return t.Tx.Commit()
}

func (t *countedTx) Rollback() error {
	t.n.statement("ROLLBACK")
	return t.Tx.Rollback()
}
