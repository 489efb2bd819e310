package worker

import (
	"context"
	"time"
)

// keepLoose is how long an uploaded file may wait to be put into a record, and how long an upload may take at the very most.
const keepLoose = 24 * time.Hour

// cleanFiles forgets files that nobody has put into a record, and deletes bytes that belong to no file: of those, and of uploads that a crash broke off.
func (r *runner) cleanFiles(ctx context.Context) error {
	if r.Files == nil {
		return nil
	}
	before := time.Now().Add(-keepLoose)
	for {
		loosened, err := r.DB.LoosenFiles(ctx, before, cleanBatch)
		if err != nil {
			return err
		}
		keys, err := r.DB.LooseBytes(ctx, before, cleanBatch)
		if err != nil {
			return err
		}
		for _, key := range keys {
			if err := r.DB.DropBytes(ctx, key, func() error { return r.Files.Delete(ctx, key) }); err != nil {
				return err
			}
		}
		if loosened < cleanBatch && len(keys) < cleanBatch {
			return nil
		}
	}
}

// enterKeys enters the values of records that exist for fields that have come to be declared `unique` or `similar`.
func (r *runner) enterKeys(ctx context.Context) error {
	for {
		more, err := r.Engine.EnterKeys(ctx)
		if err != nil || !more {
			return err
		}
	}
}
