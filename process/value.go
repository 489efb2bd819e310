package process

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Decode reads fields that came from outside as JSON into their canonical values (see [Field]), and reports everything that is wrong at once,
// sorted by field. A key given as null, as an empty text or as an empty list comes back as nil: whoever changes a record empties the field then,
// and whoever makes one leaves it out ([Fields.With] does both). Required fields aren't asked for here; see [RecordType.Missing].
func (t *RecordType) Decode(raw map[string]any) (Fields, []FieldError) { return t.decode(raw, true) }

// Restore reads what we stored ourselves. Limits and choices aren't asked again, and fields and columns that the type doesn't have any more are left out,
// since a record outlives changes of its type; a value of the wrong shape is an error.
func (t *RecordType) Restore(raw []byte) (Fields, error) {
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("restore %s: %w", t.ID, err)
	}
	fields, wrong := t.decode(m, false)
	if len(wrong) > 0 {
		return nil, fmt.Errorf("restore %s.%s: %s", t.ID, wrong[0].Field, wrong[0].Message.EN)
	}
	return Fields{}.With(fields), nil
}

func (t *RecordType) decode(raw map[string]any, strict bool) (Fields, []FieldError) {
	out := Fields{}
	var wrong []FieldError
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		f := t.Field(name)
		if f == nil {
			if strict {
				wrong = append(wrong, unknownField(name, t.names()))
			}
			continue
		}
		if f.Is != nil && strict {
			wrong = append(wrong, f.wrong(Text{ZH: "由系统计算，不能填写", EN: "the system computes it; nobody fills it in"}))
			continue
		}
		v, bad := f.decode(raw[name], strict)
		wrong = append(wrong, bad...)
		if len(bad) == 0 {
			out[name] = v
		}
	}
	return out, wrong
}

func unknownField(name string, known []string) FieldError {
	e := FieldError{Field: name, Message: Text{ZH: "没有这个字段：" + clip(name), EN: "there is no field " + clip(name)}}
	if near := nearest(name, known); near != "" {
		e.Message.ZH += "；是不是 " + near + "？"
		e.Message.EN += "; did you mean " + near + "?"
	}
	return e
}

// With gives the fields after a change; a nil value in it empties the field. Neither argument is changed.
func (f Fields) With(change Fields) Fields {
	out := maps.Clone(f)
	if out == nil {
		out = Fields{}
	}
	for name, v := range change {
		if v == nil {
			delete(out, name)
			continue
		}
		out[name] = v
	}
	return out
}

// Defaults are the values of a new record before anybody fills it in. Today is a date, "2006-01-02".
func (t *RecordType) Defaults(creator, today string) Fields {
	out := Fields{}
	for _, f := range t.Fields {
		switch {
		case f.Default == nil:
		case f.Type == typePerson && f.Default == "creator":
			out[f.Name] = creator
		case f.Type == typeDate && f.Default == "today":
			out[f.Name] = today
		default:
			out[f.Name] = f.Default
		}
	}
	return out
}

// Missing names the required fields that are empty.
func (t *RecordType) Missing(f Fields) []FieldError {
	var out []FieldError
	for i := range t.Fields {
		if field := &t.Fields[i]; field.Required && field.Is == nil && blank(f[field.Name]) {
			out = append(out, field.missing())
		}
	}
	return out
}

func (f *Field) missing() FieldError {
	label := f.Label()
	return FieldError{Field: f.Name, Message: Text{ZH: "请填写：" + label.In("zh"), EN: "please fill in: " + label.In("en")}}
}

// blank says whether a value counts as not filled in.
func blank(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return strings.TrimSpace(v) == ""
	case []any:
		return len(v) == 0
	case []map[string]any:
		return len(v) == 0
	}
	return false
}

// Accepts says what is wrong with a value for this field; nil when it is fine. An empty one is.
func (f *Field) Accepts(v any) *FieldError {
	if _, wrong := f.decode(v, true); len(wrong) > 0 {
		return &wrong[0]
	}
	return nil
}

// Digest fingerprints the named fields, "sha256:…": the same values give the same digest whatever order they come in. The title of a
// reference doesn't count, since it belongs to the other record.
func Digest(fields Fields, names []string) string {
	chosen := map[string]any{}
	for _, name := range names {
		if v, ok := fields[name]; ok && v != nil {
			chosen[name] = fingerprint(v)
		}
	}
	// A map is written with its keys in order. Canonical values always can be.
	text, err := json.Marshal(chosen)
	if err != nil {
		text = fmt.Append(nil, chosen)
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func fingerprint(v any) any {
	switch v := v.(type) {
	case Reference:
		return Reference{Type: v.Type, ID: v.ID}
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = fingerprint(v[i])
		}
		return out
	case []map[string]any:
		out := make([]any, len(v))
		for i := range v {
			line := map[string]any{}
			for k, x := range v[i] {
				line[k] = fingerprint(x)
			}
			out[i] = line
		}
		return out
	}
	return v
}

// literal reads a value written in a definition.
func (f *Field) literal(n *node) (any, *FieldError) {
	v, wrong := f.decode(f.written(n), true)
	if len(wrong) > 0 {
		return nil, &wrong[0]
	}
	return v, nil
}

// written turns a node into what the same value would be as JSON, with the literals of the language: 15%, 50万 CNY, yes.
func (f *Field) written(n *node) any {
	switch n.kind {
	case nodeNumber:
		return n.number
	case nodeBool:
		return n.truth
	case nodeText:
		return f.writtenText(n.text)
	case nodeList:
		out := []any{}
		for _, v := range n.items {
			out = append(out, f.written(v))
		}
		return out
	case nodeMap:
		out := map[string]any{}
		for _, p := range n.pairs {
			column := &Field{Type: typeText}
			if i := slices.IndexFunc(f.Lines, func(c Field) bool { return c.Name == p.key.text }); i >= 0 {
				column = &f.Lines[i]
			}
			out[p.key.text] = column.written(p.value)
		}
		return out
	}
	return nil
}

func (f *Field) writtenText(s string) any {
	switch f.Type {
	case typeMoney:
		if m, ok := parseMoney(s); ok {
			return m
		}
	case typePercent:
		if p, ok := parsePercent(s); ok {
			return p
		}
	case typeYesNo:
		if s == "yes" || s == "no" {
			return s == "yes"
		}
	}
	return s
}

// isWhole says whether a number has no fraction and fits an int64.
func isWhole(x float64) bool { return x == math.Trunc(x) && math.Abs(x) < 1<<53 }

// sortErrors orders by field, as people read them.
func sortErrors(errors []FieldError) []FieldError {
	slices.SortStableFunc(errors, func(a, b FieldError) int { return cmp.Compare(a.Field, b.Field) })
	return errors
}
