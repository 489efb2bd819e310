package store

import (
	"context"
	"slices"
	"strings"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// plain is the condition under which a field of a record r of a type is shown to the viewer as it is.
func (v Viewer) plain(typ, field string) string { return anyOf(v.Access.SeeWords(typ, field)) }

// fieldsCount is the condition under which the viewer may find a record r of a type by the values of these fields: who doesn't see one as it is, doesn't find
// out by a filter either.
func (v Viewer) fieldsCount(typ string, fields []string) string {
	conds := []string{}
	for _, field := range v.covered(typ) {
		for _, asked := range fields {
			if asked == field {
				conds = append(conds, v.plain(typ, field))
			}
		}
	}
	return all(conds)
}

// textCounts is the condition under which a match in the text of a record r of any type counts for the viewer: it is a record that they may see, and the
// pattern (as LIKE takes it, folded) matches without the fields that are hidden from them or masked in this record. It belongs beside the match itself, which an
// index finds: only what it found is looked at again.
func (v Viewer) textCounts(pattern string) string {
	if v.All {
		return "true"
	}
	return v.byType(func(typ string) string {
		return all([]string{anyOf(v.Access.SeeWords(typ, "")), v.textOfType(typ, pattern)})
	})
}

func (v Viewer) textOfType(typ, pattern string) string {
	covered := v.covered(typ)
	if len(covered) == 0 {
		return "true"
	}
	left := make([]string, len(covered))
	for i, field := range covered {
		left[i] = "CASE WHEN " + v.plain(typ, field) + " THEN NULL ELSE " + pq.QuoteLiteral(field) + " END"
	}
	text := "' ' || coalesce(r.number, '') || ' ' || record_text(r.fields, array_remove(ARRAY[" + strings.Join(left, ", ") + "], NULL))"
	return "folded(" + text + ") LIKE " + pattern + " OR regexp_replace(" + text + ", '[-+() ]', '', 'g') LIKE " + pattern // a telephone number as it is dialled
}

// subjectCounts is the condition under which a match in the subject of a case c on a record r counts for the viewer: they see every field that it shows.
func (v Viewer) subjectCounts() string {
	if v.All {
		return "true"
	}
	return v.byType(func(typ string) string {
		if !v.Access.Decides(typ) {
			return "true"
		}
		conds := []string{"(c.subject_shows = '{}' OR " + anyOf(v.Access.SeeWords(typ, "")) + ")"}
		for _, field := range v.covered(typ) {
			conds = append(conds, "(NOT coalesce("+pq.QuoteLiteral(field)+" = ANY (c.subject_shows), true) OR "+v.plain(typ, field)+")")
		}
		return all(conds)
	})
}

// covered are the fields of a type that may be hidden from the viewer, or masked.
func (v Viewer) covered(typ string) []string {
	if v.All {
		return nil
	}
	return v.Access.Covered(typ)
}

func all(conds []string) string {
	if len(conds) == 0 {
		return "true"
	}
	return "(" + strings.Join(conds, ") AND (") + ")"
}

// RecordStanding is how a viewer stands to one record.
type RecordStanding struct {
	ID   string `db:"id"`
	Type string `db:"type"`
	process.Standing
}

// Standings says how the viewer stands to records, by id, as far as their rights ask. Who stands above whom is worked out only where nothing else has decided.
func (db *DB) Standings(ctx context.Context, v Viewer, ids []string) (map[string]RecordStanding, error) {
	var w where
	w.and("r.id = ANY (?)", pq.Array(ids))
	words := v.Access.Words()
	is := func(word string) string {
		if !slices.Contains(words, word) {
			return "false"
		}
		return anyOf([]string{word})
	}
	above := "CASE WHEN r.type = ANY (" + literals(v.Access.Types()) + ") OR " + anyOf([]string{process.SeeMine, process.SeeMade, process.SeeMyCases}) + " THEN false ELSE " + is(process.SeeAbove) + " END"
	columns := is(process.SeeMine) + " AS mine, " + is(process.SeeMade) + " AS made, " + is(process.SeeMyCases) + " AS my_cases, " + is(process.SeeDepartment) + " AS department, " +
		is(process.SeeBelow) + " AS below, " + above + " AS above"
	columns = w.ask(v, columns)
	var rows []RecordStanding
	err := db.Select(ctx, &rows, w.with()+`SELECT r.id, r.type, `+columns+` FROM records r`+w.sql(), w.args...)
	found := make(map[string]RecordStanding, len(rows))
	for _, r := range rows {
		found[r.ID] = r
	}
	return found, err
}
