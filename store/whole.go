package store

import (
	"context"
	"errors"
)

// Whole runs do as one transaction, however many do begins on the database it is given: all of them stand at the end, or none. That database belongs
// to one goroutine. It is for filling a new database, where nobody else waits for what is locked until the end.
func (db *DB) Whole(ctx context.Context, do func(*DB) error) error {
	return db.once(ctx, func(tx *Tx) error {
		return do(&DB{reads: db.reads, lists: db.lists, writes: db.writes, cfg: db.cfg, whole: true, known: new(known), byKey: tx.querier, querier: tx.querier})
	})
}

// part runs a transaction as a part of the whole one: one that fails is undone, and the whole goes on.
func (db *DB) part(ctx context.Context, do func(*Tx) error) (err error) {
	if _, err := db.Exec(ctx, `SAVEPOINT part`); err != nil {
		return err
	}
	end := `ROLLBACK TO part`
	defer func() {
		_, failed := db.Exec(ctx, end)
		err = errors.Join(err, failed)
	}()
	if err := concluded(db.querier, db.known, do); err != nil {
		return err
	}
	end = `RELEASE part`
	return nil
}
