package engine

import (
	"context"
	"maps"
	"slices"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// compared notes what a change of a record does to the values that `unique` and `similar` compare.
func compared(typ *process.RecordType, w *store.RecordWrite, before, after process.Fields) {
	id := w.Record.ID
	for _, name := range typ.Unique {
		f := typ.Field(name)
		if f == nil {
			continue // the number, which is unique anyway
		}
		was, is := f.Normal(before[name]), f.Normal(after[name])
		if was == is {
			continue
		}
		if was != "" {
			w.Gone = append(w.Gone, store.UniqueRow{Type: typ.ID, Field: name, Value: was, RecordID: id})
		}
		if is != "" {
			w.Unique = append(w.Unique, store.UniqueRow{Type: typ.ID, Field: name, Value: is, RecordID: id})
		}
	}
	for _, name := range typ.Similar {
		if f := typ.Field(name); f != nil && f.Whole(before[name]) != f.Whole(after[name]) {
			w.NoGrams, w.Grams = append(w.NoGrams, gramsOf(typ, f, id, before[name])), append(w.Grams, gramsOf(typ, f, id, after[name]))
		}
	}
}

func gramsOf(typ *process.RecordType, f *process.Field, record string, v any) store.GramsRow {
	return store.GramsRow{Type: typ.ID, Field: f.Name, RecordID: record, Whole: f.Whole(v), Grams: f.Grams(v)}
}

// keysBatch is how many records are entered in one transaction.
const keysBatch = 500

// EnterKeys enters the values of records that exist for a field that has come to be declared `unique` or `similar`, or that was entered in another way by an
// earlier software: some of them. It says whether there are more.
func (e *Engine) EnterKeys(ctx context.Context) (more bool, err error) {
	lib, err := e.Library(ctx)
	if err != nil {
		return false, err
	}
	rows, err := e.db.RecordKeys(ctx)
	if err != nil {
		return false, err
	}
	for _, k := range wantedKeys(lib) {
		done := slices.ContainsFunc(rows, func(r store.KeysRow) bool {
			return r.Type == k.Type && r.Field == k.Field && r.Kind == k.Kind && r.How >= k.How && r.Done
		})
		if done {
			continue
		}
		return true, e.db.Tx(ctx, func(tx *store.Tx) error {
			taken, _, err := enterKeys(ctx, tx, lib.Types[k.Type], k)
			if taken > 0 {
				logger().Error("records share a value that must be unique; it is the first one's", "type", k.Type, "field", k.Field, "records", taken)
			}
			return err
		})
	}
	return false, nil
}

// wantedKeys are the fields that are declared `unique` or `similar`.
func wantedKeys(lib *Library) []store.KeysRow {
	var list []store.KeysRow
	for _, id := range slices.Sorted(maps.Keys(lib.Types)) {
		list = append(list, keysOf(lib.Types[id])...)
	}
	return list
}

func keysOf(t *process.RecordType) []store.KeysRow {
	var list []store.KeysRow
	add := func(kind string, names []string) {
		for _, name := range names {
			if t.Field(name) != nil {
				list = append(list, store.KeysRow{Type: t.ID, Field: name, Kind: kind, How: process.NormalVersion})
			}
		}
	}
	add(store.KeysUnique, t.Unique)
	add(store.KeysSimilar, t.Similar)
	return list
}

// enterKeys enters a field of the next records. It gives how many of their unique values others had already, and whether all records are through.
func enterKeys(ctx context.Context, tx *store.Tx, typ *process.RecordType, k store.KeysRow) (taken int, done bool, err error) {
	if k, err = tx.LockKeys(ctx, k); err != nil || k.Done {
		return 0, true, err
	}
	records, err := tx.LockRecordsAfter(ctx, k.Type, k.UpTo, keysBatch)
	if err != nil {
		return 0, false, err
	}
	f := typ.Field(k.Field)
	var unique []store.UniqueRow
	var grams []store.GramsRow
	for _, row := range records {
		rec, err := restoreRecord(typ, row)
		if err != nil {
			return 0, false, err
		}
		k.UpTo = row.ID
		if k.Kind == store.KeysUnique {
			unique = append(unique, store.UniqueRow{Type: k.Type, Field: k.Field, Value: f.Normal(rec.Fields[k.Field]), RecordID: row.ID})
			continue
		}
		grams = append(grams, gramsOf(typ, f, row.ID, rec.Fields[k.Field]))
	}
	if taken, err = tx.EnterUnique(ctx, unique); err != nil {
		return 0, false, err
	}
	if err := tx.SetGrams(ctx, nil, grams); err != nil {
		return 0, false, err
	}
	k.Done = len(records) < keysBatch
	return taken, k.Done, tx.KeysEntered(ctx, k)
}

// keys makes the values that are compared those of the new type. What becomes unique is entered at once, since records that share a value refuse it; what
// becomes similar is entered by a worker.
func (p *publication) keys(before, after *process.RecordType) error {
	was, is := keysOf(before), keysOf(after)
	same := func(a store.KeysRow, list []store.KeysRow) bool {
		return slices.Contains(list, a) && before.Field(a.Field).Type == after.Field(a.Field).Type
	}
	for _, k := range was {
		if !slices.Contains(is, k) || !same(k, is) {
			if err := p.tx.DropKeys(p.ctx, k); err != nil {
				return err
			}
		}
	}
	for _, k := range is {
		if k.Kind != store.KeysUnique || slices.Contains(was, k) && same(k, was) {
			continue
		}
		for done := false; !done; {
			taken, through, err := enterKeys(p.ctx, p.tx, after, k)
			if err != nil {
				return err
			}
			if taken > 0 {
				p.object(kindRecord, after.ID, "已有记录的“"+k.Field+"”相同，不能设为唯一", "records share a value of "+k.Field+": it can't become unique")
				return errNotPublished
			}
			done = through
		}
	}
	return nil
}
