package engine

import (
	"context"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// references reads the records that references point at. Like a [store.Directory] it remembers what it has read and keeps the first
// error, for which [references.Err] must be asked before what was concluded is used.
type references struct {
	ctx   context.Context // of the one event that it is for
	q     recordReader
	lib   *Library
	known map[process.Reference]*process.Record // by reference without its title; nil: looked for, and not there
	err   error
}

// recordReader is a transaction, or the database where nothing is written.
type recordReader interface {
	ReferencedRows(ctx context.Context, types, ids []string) ([]store.RecordRow, error)
}

func newReferences(ctx context.Context, q recordReader, lib *Library) *references {
	return &references{ctx: ctx, q: q, lib: lib, known: map[process.Reference]*process.Record{}}
}

// Record gives a record by type and id.
func (r *references) Record(ref process.Reference) (process.Record, bool) {
	ref.Title = ""
	found, known := r.known[ref]
	if !known {
		found = r.read(ref)
		r.known[ref] = found
	}
	if found == nil {
		return process.Record{}, false
	}
	return *found, true
}

func (r *references) read(ref process.Reference) *process.Record {
	typ := r.lib.Types[ref.Type]
	if r.err != nil || typ == nil {
		return nil
	}
	rows, err := r.q.ReferencedRows(r.ctx, []string{ref.Type}, []string{ref.ID})
	if err != nil || len(rows) == 0 {
		r.err = err
		return nil
	}
	rec, err := restoreRecord(typ, rows[0])
	if err != nil {
		r.err = err
		return nil
	}
	return &rec
}

// lock locks records, so that what is read of them stays true.
func (r *references) lock(tx *store.Tx, list []process.Reference) error {
	for _, ref := range list {
		if _, err := tx.LockRecord(r.ctx, ref.Type, ref.ID); err != nil {
			return err
		}
		delete(r.known, ref)
	}
	return nil
}

// Err is the first error of any look-up.
func (r *references) Err() error { return r.err }
