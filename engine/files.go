package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// FileView is an uploaded file as people see it.
type FileView struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Type   string `json:"type"`
}

// ExpectFile gives a new file its id, and writes down that bytes may come to stand under the key that blob makes of it: whatever happens next, somebody
// cleans them away unless [Engine.AddFile] makes them a file.
func (e *Engine) ExpectFile(ctx context.Context, blob func(id string) string) (id string, err error) {
	id = newID(e.now())
	return id, e.db.ExpectBytes(ctx, blob(id), e.now())
}

// AddFile makes a file of bytes that are there. Under a key that was used before it gives the file of then, and the bytes are nobody's.
func (e *Engine) AddFile(ctx context.Context, r Request, blob string, f FileView) (FileView, error) {
	return answered(ctx, e, r, func(req request) (FileView, error) {
		present, err := req.tx.Present(ctx)
		if err != nil {
			return f, err
		}
		err = req.tx.AddFile(ctx, store.FileRow{ID: f.ID, Name: f.Name, Size: f.Size, SHA256: f.SHA256, Type: f.Type, Blob: blob, UploadedBy: r.Caller,
			At: present.At(req.real), AtReal: req.real})
		if errors.Is(err, store.ErrNotFound) {
			return f, fmt.Errorf("engine: the bytes of a file were cleaned away while they came: %w", store.ErrUnavailable)
		}
		if err != nil {
			return f, err
		}
		return f, req.keep(ctx, f)
	})
}

// fillFiles completes the files among fields that came from outside with what is known of them. Refused are those that aren't there, those that somebody
// else has uploaded and that this record has never held, and those that the field doesn't take.
func (r *request) fillFiles(ctx context.Context, fields process.Fields, find func(string) *process.Field, record string) (process.Fields, error) {
	holds := &process.RecordType{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if f := find(name); f != nil {
			holds.Fields = append(holds.Fields, *f)
		}
	}
	placed := holds.FilesIn(fields)
	if len(placed) == 0 {
		return fields, nil
	}
	var ids []string
	for _, p := range placed {
		ids = append(ids, p.Ref.ID)
	}
	rows, err := r.tx.UsableFiles(ctx, ids, record)
	if err != nil {
		return nil, err
	}
	known, usable := map[string]process.FileRef{}, map[string]store.UsableFile{}
	for _, row := range rows {
		known[row.ID], usable[row.ID] = process.FileRef{ID: row.ID, Name: row.Name, Size: row.Size, SHA256: row.SHA256}, row
	}
	var wrong []process.FieldError
	for _, p := range placed {
		if e := r.misplaced(p, usable); e != nil {
			wrong = append(wrong, *e)
		}
	}
	if len(wrong) > 0 {
		return nil, fieldsRefused(process.CodeFieldInvalid, wrong)
	}
	return holds.WithFiles(fields, known), nil
}

// misplaced says why a file can't be where it was put; nil when it can. What the record has held before isn't asked about again.
func (r *request) misplaced(p process.PlacedFile, usable map[string]store.UsableFile) *process.FieldError {
	row, found := usable[p.Ref.ID]
	if !found || !row.Here && row.UploadedBy != r.Caller {
		return &process.FieldError{Field: p.Place, Message: process.Text{
			ZH: p.Field.Label().In("zh") + "：没有这个文件，请重新上传", EN: p.Field.Label().In("en") + ": there is no such file: upload it again"}}
	}
	if row.Here {
		return nil
	}
	wrong := p.Field.Takes(row.Name, row.Type, row.Size)
	if wrong != nil {
		wrong.Field = p.Place
	}
	return wrong
}

// heldFiles are the fields that hold files after a change of a record and didn't before.
func heldFiles(typ *process.RecordType, record string, before, after process.Fields) []store.FileField {
	had := map[store.FileField]bool{}
	for _, p := range typ.FilesIn(before) {
		had[store.FileField{File: p.Ref.ID, Record: record, Field: p.Name}] = true
	}
	var held []store.FileField
	for _, p := range typ.FilesIn(after) {
		f := store.FileField{File: p.Ref.ID, Record: record, Field: p.Name}
		if !had[f] {
			had[f] = true
			held = append(held, f)
		}
	}
	return held
}
