package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// ErrViewUsed says that a view can't be made anew, since somebody has built on it.
var ErrViewUsed = errors.New("store: something depends on the view")

// biView is a view of the schema bi, for other programs to read.
type biView struct {
	name    string
	columns []biColumn
	from    string
}

// biColumn is one column of a view; expr is SQL.
type biColumn struct{ name, typ, expr string }

// biTaken are the views that are there whatever is published.
var biTaken = []string{"cases", "steps", "clocks"}

// MakeViews makes the views of record types, of all of them or only of some. A view that is there only gains columns, so that what others have built on it
// goes on: a field that is gone leaves an empty one. Only where a field has become of another type is it made anew; [ErrViewUsed] when something depends on it.
func (tx *Tx) MakeViews(ctx context.Context, types map[string]*process.RecordType, only func(id string) bool) error {
	taken := map[string]bool{}
	for _, name := range biTaken {
		taken[name] = true
	}
	for _, id := range slices.Sorted(maps.Keys(types)) {
		for _, v := range viewsOf(types[id], taken) {
			if !only(id) {
				continue
			}
			if err := tx.makeView(ctx, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (tx *Tx) makeView(ctx context.Context, v biView) error {
	var there []struct {
		Name string `db:"name"`
		Type string `db:"type"`
	}
	if err := tx.Select(ctx, &there, `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
		WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`, v.quoted()); err != nil {
		return err
	}
	var columns []biColumn
	whole := v
	for _, is := range there {
		i := slices.IndexFunc(v.columns, func(c biColumn) bool { return c.name == is.Name })
		switch {
		case i < 0:
			columns = append(columns, biColumn{is.Name, is.Type, "NULL"})
		case v.columns[i].typ != is.Type:
			return tx.remakeView(ctx, whole)
		default:
			columns = append(columns, v.columns[i])
			v.columns = slices.Delete(slices.Clone(v.columns), i, i+1)
		}
	}
	if columns = append(columns, v.columns...); len(columns) > maxViewColumns {
		return tx.remakeView(ctx, whole)
	}
	return tx.createView(ctx, v, columns)
}

// maxViewColumns is how many columns a view has at most, those of fields that are gone included. PostgreSQL takes 1,600.
const maxViewColumns = 1200

// remakeView makes a view anew, without what was there.
func (tx *Tx) remakeView(ctx context.Context, v biView) error {
	_, err := tx.Exec(ctx, `DROP VIEW `+v.quoted())
	if e, ok := errors.AsType[*pq.Error](err); ok && e.Code == "2BP01" {
		return fmt.Errorf("%w: bi.%s", ErrViewUsed, v.name)
	}
	if err != nil {
		return err
	}
	return tx.createView(ctx, v, v.columns)
}

func (v biView) quoted() string { return "bi." + pq.QuoteIdentifier(v.name) }

func (tx *Tx) createView(ctx context.Context, v biView, columns []biColumn) error {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = "(" + c.expr + ")::" + c.typ + " AS " + pq.QuoteIdentifier(c.name)
	}
	_, err := tx.Exec(ctx, `CREATE OR REPLACE VIEW `+v.quoted()+` AS SELECT `+strings.Join(list, ", ")+` FROM `+v.from)
	return err
}

// viewsOf are the views of a record type: its own, and one for each field of lines. What they are called is noted.
func viewsOf(t *process.RecordType, taken map[string]bool) []biView {
	name := free(strings.ReplaceAll(t.ID, "-", "_"), "_record", taken)
	main := biView{name: name, from: `records r WHERE r.type = ` + pq.QuoteLiteral(t.ID)}
	main.columns = []biColumn{{"id", "text", "r.id"}, {"number", "text", "r.number"}, {"version", "integer", "r.version"}, {"owner", "text", "r.owner"},
		{"created_by", "text", "r.created_by"}, {"created_at", timestamptz, "r.created_at"}, {"changed_at", timestamptz, "r.changed_at"}}
	main.columns = append(main.columns, columnsOf(t.Fields, "r.fields", main.columns, "owner")...)
	views := []biView{main}
	for i := range t.Fields {
		if f := &t.Fields[i]; f.Type == "lines" {
			views = append(views, linesView(t, f, free(name+"_"+f.Name, "_lines", taken)))
		}
	}
	return views
}

func linesView(t *process.RecordType, f *process.Field, name string) biView {
	value := "r.fields -> " + pq.QuoteLiteral(f.Name)
	v := biView{name: name, from: `records r CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(` + value + `) WHEN 'array' THEN ` + value + ` ELSE '[]' END)
		WITH ORDINALITY AS l (value, line) WHERE r.type = ` + pq.QuoteLiteral(t.ID)}
	v.columns = []biColumn{{"record_id", "text", "r.id"}, {"record_number", "text", "r.number"}, {"line", "bigint", "l.line"}}
	v.columns = append(v.columns, columnsOf(f.Lines, "l.value", v.columns, "")...)
	return v
}

// free finds a name that nothing has yet, and takes it. PostgreSQL cuts names at 63 bytes.
func free(name, otherwise string, taken map[string]bool) string {
	for name = short(name); taken[name]; otherwise = "_" {
		name = short(name + otherwise)
	}
	taken[name] = true
	return name
}

const maxIdentifier = 63

func short(name string) string {
	if len(name) <= maxIdentifier {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return name[:maxIdentifier-9] + "_" + hex.EncodeToString(sum[:4])
}

// columnsOf are the columns of fields that stand in a JSON object. first are those before; same is the field that is one of them already. Fields that are one
// column get their names first.
func columnsOf(fields []process.Field, from string, first []biColumn, same string) []biColumn {
	taken := map[string]bool{}
	for _, c := range first {
		taken[c.name] = true
	}
	name := map[*process.Field]string{}
	for i := range fields {
		if f := &fields[i]; len(parts(f, from)) == 1 && f.Name != same {
			name[f] = free(f.Name, "_field", taken)
		}
	}
	var out []biColumn
	for i := range fields {
		f := &fields[i]
		if f.Name == same {
			continue
		}
		for _, p := range parts(f, from) {
			if p.name = name[f] + p.name; name[f] == "" {
				p.name = free(f.Name+p.name, "_part", taken)
			}
			out = append(out, p)
		}
	}
	return out
}

const timestamptz = "timestamp with time zone"

// parts are the columns of one field; their names are what stands behind the field's. What can't be what it should be is empty: one odd value must not
// take a whole view away.
func parts(f *process.Field, from string) []biColumn {
	value := "(" + from + " -> " + pq.QuoteLiteral(f.Name) + ")"
	text := "(" + from + " ->> " + pq.QuoteLiteral(f.Name) + ")"
	of := func(key string) string { return "(" + value + " ->> " + pq.QuoteLiteral(key) + ")" }
	is := func(kind, then string) string {
		return "CASE jsonb_typeof(" + value + ") WHEN '" + kind + "' THEN " + then + " END"
	}
	switch {
	case f.Type == "lines":
		return nil
	case f.Many && (f.Type == "reference" || f.Type == "file" || f.Type == "money"):
		return []biColumn{{"", "jsonb", value}}
	case f.Many:
		return []biColumn{{"", "text[]", is("array", "ARRAY(SELECT jsonb_array_elements_text("+value+"))")}}
	}
	switch f.Type {
	case "number", "percent":
		return []biColumn{{"", "numeric", is("number", text+"::numeric")}}
	case "money":
		return []biColumn{{"_amount", "numeric", is("object", of("amount")+"::numeric / "+minorUnits(of("currency")))}, {"_currency", "text", of("currency")}}
	case "yes_no":
		return []biColumn{{"", "boolean", is("boolean", text+"::boolean")}}
	case "date":
		return []biColumn{{"", "date", "CASE WHEN " + text + " ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND " + text + " > '0001' THEN " + text + "::date END"}}
	case "datetime":
		return []biColumn{{"", timestamptz, "CASE WHEN " + text + ` ~ '^[0-9]{4}-[0-9-]{5}T[0-9:.]+(Z|[+-](0[0-9]|1[0-5]):[0-5][0-9])$' AND ` + text + " > '0001' THEN " + text + "::timestamptz END"}}
	case "reference":
		return []biColumn{{"_id", "text", of("id")}, {"_title", "text", of("title")}}
	case "file":
		return []biColumn{{"_id", "text", of("id")}, {"_name", "text", of("name")}}
	}
	return []biColumn{{"", "text", text}}
}

// minorUnits is how many minor units make one of a currency.
func minorUnits(currency string) string {
	by := map[int][]string{}
	for code, digits := range process.MinorDigits() {
		by[digits] = append(by[digits], pq.QuoteLiteral(code))
	}
	sql := "CASE"
	for _, digits := range slices.Sorted(maps.Keys(by)) {
		slices.Sort(by[digits])
		sql += " WHEN " + currency + " IN (" + strings.Join(by[digits], ", ") + ") THEN 1" + strings.Repeat("0", digits)
	}
	return sql + " ELSE 100 END"
}
