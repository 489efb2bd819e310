package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/lib/pq"
)

// ErrUnavailable says that the database couldn't do it now: the outcome is unknown, repeat with the same key.
var ErrUnavailable = errors.New("store: the database is unavailable")

// ErrNotFound says that no such row exists.
var ErrNotFound = errors.New("store: not found")

// errAgain marks what PostgreSQL asks to be run again from the start: deadlock, serialization, a plan gone stale by a migration.
var errAgain = errors.New("store: run the transaction again")

// UniqueError says that a row like this one exists already.
type UniqueError struct {
	Constraint string // e.g. "record_unique_pkey"
	Detail     string // PostgreSQL's own words; never shown to people
}

func (e *UniqueError) Error() string { return "store: already there: " + e.Constraint }

// The constraints that callers tell apart.
const (
	ConstraintUniqueField = "record_unique_pkey"
	ConstraintOneOpen     = "cases_one_open"
	ConstraintRevokedOnce = "cases_revoked_once"
)

// translate is the one place where a driver's error becomes one of ours. Errors that are already ours, and unknown ones, pass through.
func translate(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case ctx.Err() != nil: // lib/pq reports a time-out as 57014, as a bad connection, or as itself
		return fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
	if e, ok := errors.AsType[*pq.Error](err); ok {
		return translateServer(e)
	}
	if lost(err) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// lost says whether the error is of the connection, not of what was asked.
func lost(err error) bool {
	_, ofNet := errors.AsType[net.Error](err)
	return ofNet || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, sql.ErrTxDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, pq.ErrInFailedTransaction)
}

// translateServer maps the codes of PostgreSQL's appendix A.
func translateServer(e *pq.Error) error {
	if againCode(e) {
		return fmt.Errorf("%w: %w", errAgain, e)
	}
	switch string(e.Code) {
	case "23505":
		return &UniqueError{Constraint: e.Constraint, Detail: e.Detail}
	case "55P03", "57014", "57P01", "57P02", "57P03", "57P05", "25P03": // lock time-out, cancelled, shut down, starting up, idle too long
		return fmt.Errorf("%w: %w", ErrUnavailable, e)
	}
	switch string(e.Code[:2]) {
	case "08", "53": // connection, out of resources (too many connections, disk full)
		return fmt.Errorf("%w: %w", ErrUnavailable, e)
	}
	return e
}

// againCode says whether PostgreSQL asks to be asked again: serialization, deadlock, a cached plan whose types changed, a prepared statement gone.
func againCode(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	if !ok {
		return false
	}
	switch string(e.Code) {
	case "40001", "40P01", "0A000", "26000":
		return true
	}
	return false
}
