package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// restoreRecord reads a record's row. What its type doesn't have any more is left out: no open case uses it.
func restoreRecord(typ *process.RecordType, r store.RecordRow) (process.Record, error) {
	rec := process.Record{Type: r.Type, ID: r.ID, Number: str(r.Number), Owner: str(r.Owner)}
	var err error
	rec.Fields, err = typ.Restore(r.Fields)
	return rec, err
}

// recordView shows a record's row.
func recordView(typ *process.RecordType, r store.RecordRow) (RecordView, error) {
	rec, err := restoreRecord(typ, r)
	return RecordView{ID: r.ID, Type: r.Type, Number: rec.Number, Title: titleOf(typ, rec), Version: r.Version, Owner: rec.Owner, Fields: rec.Fields,
		CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt}, err
}

// titleOf is what a record is called: its first required text, else its number.
func titleOf(typ *process.RecordType, r process.Record) string {
	for _, f := range typ.Fields {
		if s, ok := r.Fields[f.Name].(string); ok && f.Type == "text" && f.Required && s != "" {
			return s
		}
	}
	return r.Number
}

// form is what fields from outside are read by: of a record's type, or of a step that asks for them.
type form struct {
	typ    *process.RecordType
	read   func(map[string]any) (process.Fields, []process.FieldError)
	find   func(name string) *process.Field
	record string // that they are of; empty: a new one
}

// formOf is the form of a record as a whole.
func formOf(typ *process.RecordType, record string) form {
	return form{typ: typ, read: typ.Decode, find: typ.Field, record: record}
}

// decode reads fields from outside and checks that the people, records and files they name exist.
func (r *request) decode(ctx context.Context, lib *Library, dir process.Directory, raw map[string]any, f form) (process.Fields, error) {
	if bad := unkeepable(raw); len(bad) > 0 {
		return nil, fieldsRefused(process.CodeFieldInvalid, bad)
	}
	fields, wrong := f.read(raw)
	if len(wrong) == 0 {
		wrong = append(r.unknownPeople(dir, f.typ, fields), unknownDepartments(dir, f.typ, fields)...)
	}
	if len(wrong) > 0 {
		return nil, fieldsRefused(process.CodeFieldInvalid, wrong)
	}
	fields, err := r.fillFiles(ctx, fields, f.find, f.record)
	if err != nil {
		return nil, err
	}
	return fields, r.name(ctx, lib, fields)
}

// unkeepable are the fields that hold a character PostgreSQL can't keep.
func unkeepable(raw map[string]any) []process.FieldError {
	var bad []process.FieldError
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		if b, err := json.Marshal(raw[name]); err != nil || strings.Contains(string(b), `\u0000`) {
			bad = append(bad, process.FieldError{Field: name, Message: process.Text{ZH: "含有无法保存的字符", EN: "holds a character that can't be kept"}})
		}
	}
	return bad
}

func (r *request) unknownPeople(dir process.Directory, typ *process.RecordType, fields process.Fields) []process.FieldError {
	var wrong []process.FieldError
	for _, f := range typ.Fields {
		if f.Type != "person" {
			continue
		}
		for _, v := range values(fields[f.Name]) {
			id, _ := v.(string)
			if p, ok := dir.Person(id); id != "" && (!ok || !p.Active) {
				wrong = append(wrong, process.FieldError{Field: f.Name, Message: process.Text{ZH: "没有这个人：" + id, EN: "there is nobody called " + id}})
			}
		}
	}
	return wrong
}

// values are the values of a field that may have many.
func values(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// unknownDepartments are those that a record names and the company hasn't. A field with a choice of them knows them by itself.
func unknownDepartments(dir process.Directory, typ *process.RecordType, fields process.Fields) []process.FieldError {
	var wrong []process.FieldError
	for _, f := range typ.Fields {
		if f.Type != "department" {
			continue
		}
		for _, v := range values(fields[f.Name]) {
			id, _ := v.(string)
			if _, ok := dir.Department(id); id != "" && !ok {
				wrong = append(wrong, process.FieldError{Field: f.Name, Message: process.Text{ZH: "没有这个部门：" + id, EN: "there is no department " + id}})
			}
		}
	}
	return wrong
}

// name gives references the titles of the records they point at, and refuses those that point at nothing.
func (r *request) name(ctx context.Context, lib *Library, fields process.Fields) error {
	var types, ids []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		for _, v := range values(fields[name]) {
			if ref, ok := v.(process.Reference); ok {
				types, ids = append(types, ref.Type), append(ids, ref.ID)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := r.tx.ReferencedRows(ctx, types, ids)
	if err != nil {
		return err
	}
	titles := map[process.Reference]string{}
	for _, row := range rows {
		if view, err := recordView(typeOf(lib, row.Type), row); err == nil {
			titles[process.Reference{Type: row.Type, ID: row.ID}] = view.Title
		}
	}
	return retitle(fields, titles)
}

func typeOf(lib *Library, id string) *process.RecordType {
	if t := lib.Types[id]; t != nil {
		return t
	}
	return &process.RecordType{ID: id}
}

func retitle(fields process.Fields, titles map[process.Reference]string) error {
	var wrong []process.FieldError
	titled := func(name string, v any) any {
		ref, ok := v.(process.Reference)
		if !ok {
			return v
		}
		title, found := titles[process.Reference{Type: ref.Type, ID: ref.ID}]
		if !found {
			wrong = append(wrong, process.FieldError{Field: name, Message: process.Text{ZH: "没有这条记录：" + ref.ID, EN: "there is no such record: " + ref.ID}})
		}
		ref.Title = title
		return ref
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if list, ok := fields[name].([]any); ok {
			for i := range list {
				list[i] = titled(name, list[i])
			}
			continue
		}
		fields[name] = titled(name, fields[name])
	}
	if len(wrong) > 0 {
		return fieldsRefused(process.CodeFieldInvalid, wrong)
	}
	return nil
}

func fieldsRefused(code process.Code, fields []process.FieldError) *process.Refusal {
	return &process.Refusal{Code: code, Message: fields[0].Message, Fields: fields}
}

// protected are the fields of a change that a process keeps to itself, wholly or in one value.
func protected(typ *process.RecordType, change process.Fields) []process.FieldError {
	var wrong []process.FieldError
	for _, o := range typ.ChangedOnlyBy {
		v, given := change[o.Field]
		if !given || o.Value != "" && uniqueText(v) != o.Value {
			continue
		}
		wrong = append(wrong, process.FieldError{Field: o.Field, Message: ownedBy(strings.Join(o.Processes, ", "))})
	}
	return wrong
}

// complete refuses fields of which a required one is empty.
func complete(typ *process.RecordType, fields process.Fields) error {
	if missing := typ.Missing(fields); len(missing) > 0 {
		return fieldsRefused(process.CodeFieldRequired, missing)
	}
	return nil
}

// newFields are the fields of a new record: what was sent, and the defaults for the rest.
func (r *request) newFields(ctx context.Context, lib *Library, dir process.Directory, typ *process.RecordType, raw map[string]any, at time.Time) (process.Fields, error) {
	fields, err := r.decode(ctx, lib, dir, raw, formOf(typ, ""))
	if err != nil {
		return nil, err
	}
	defaults := typ.Defaults(r.Caller, at.In(zoneOf(lib)).Format(time.DateOnly))
	if wrong := protected(typ, difference(defaults, fields)); len(wrong) > 0 {
		return nil, fieldsRefused(process.CodeFieldNotWritable, wrong)
	}
	fields = defaults.With(fields)
	return fields, complete(typ, fields)
}

// difference is what a change really changes: a nil value empties a field.
func difference(fields, change process.Fields) process.Fields {
	out := process.Fields{}
	for name, v := range change {
		if process.Digest(fields, []string{name}) != process.Digest(process.Fields{name: v}, []string{name}) {
			out[name] = v
		}
	}
	return out
}

// recordWrite makes the row of a record from its fields, with its history and its unique values. before is the record as it was; a new one has version 0.
func recordWrite(typ *process.RecordType, row store.RecordRow, before, after process.Fields, by, caseID string, at time.Time) (store.RecordWrite, error) {
	w := store.RecordWrite{New: row.Version == 0}
	raw, err := json.Marshal(after)
	if err != nil {
		return w, fmt.Errorf("engine: record: %w", err)
	}
	changes, err := json.Marshal(moves(before, after))
	if err != nil {
		return w, fmt.Errorf("engine: record: %w", err)
	}
	owner, _ := after["owner"].(string)
	row.Version++
	row.Fields, row.Owner, row.ChangedAt, row.Search = raw, opt(owner), at, searchText(str(row.Number), after)
	w.Record = row
	w.History = store.RecordHistoryRow{RecordID: row.ID, Version: row.Version, At: at, By: opt(by), CaseID: opt(caseID), Changes: changes}
	w.Files = heldFiles(typ, row.ID, before, after)
	compared(typ, &w, before, after)
	return w, nil
}

// moves are the changed fields with their values before and after, as the history keeps them.
func moves(before, after process.Fields) map[string]map[string]any {
	out := map[string]map[string]any{}
	for name, v := range after {
		if len(difference(before, process.Fields{name: v})) > 0 {
			out[name] = map[string]any{"from": before[name], "to": v}
		}
	}
	for name, v := range before {
		if _, kept := after[name]; !kept {
			out[name] = map[string]any{"from": v, "to": nil}
		}
	}
	return out
}

// uniqueText is a value as `changed_only_by` compares it: a reference is its id, a composite value has none.
func uniqueText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case process.Reference:
		return v.ID
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// maxSearch bounds what of a record is searched, in bytes.
const maxSearch = 4000

// searchText is what search boxes look through: the number and every text of the record. The short ones come first, so that a long remark crowds out no name.
func searchText(number string, fields process.Fields) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		words = append(words, texts(fields[name])...)
	}
	slices.SortStableFunc(words, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	all := []string{number}
	for _, word := range words {
		all = append(all, word)
		if digits := dialled(word); digits != word {
			all = append(all, digits)
		}
	}
	s := strings.Join(all, " ")
	return strings.ToValidUTF8(s[:min(len(s), maxSearch)], "")
}

// dialled is a telephone number as it is dialled, however it is spaced; any other text as it is.
func dialled(text string) string {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune("+-() ", r) {
			return -1
		}
		return r
	}, text)
	if len(digits) < 7 || strings.Trim(digits, "0123456789") != "" {
		return text
	}
	return digits
}

func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case process.Reference:
		return []string{v.Title}
	case []any:
		var all []string
		for _, one := range v {
			all = append(all, texts(one)...)
		}
		return all
	case []map[string]any:
		var all []string
		for _, line := range v {
			for _, name := range slices.Sorted(maps.Keys(line)) {
				all = append(all, texts(line[name])...)
			}
		}
		return all
	}
	return nil
}
