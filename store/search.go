package store

import (
	"context"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/lib/pq"
)

// search is what somebody typed to find something by: words, each of which is found anywhere in the text, whatever its case or width. A word of one
// character is found where a word of the text begins with it: so a Chinese surname finds its people, and no search reads a table from end to end.
type search struct {
	words []string // what stands in the text
}

// maxWords bounds the words that are looked for; what more is typed narrows nothing.
const maxWords = 8

// searchFor reads what was typed; false when that names nothing to find.
func searchFor(typed string) (search, bool) {
	words := strings.Fields(norm.NFKC.String(typed))
	words = words[:min(len(words), maxWords)]
	for i, word := range words {
		if len([]rune(word)) == 1 {
			words[i] = " " + word
		}
	}
	return search{words}, len(words) > 0
}

// each gives a condition for each of the words, which is put to a pattern as LIKE takes it: folded, as the columns `text` are.
func (s search) each(w *where, is func(pattern string) string) []string {
	conds := make([]string, len(s.words))
	for i, word := range s.words {
		conds[i] = is(`(SELECT folded(` + w.arg(pattern(word)) + `))`)
	}
	return conds
}

// inRecord is the condition that a pattern is in the text of a record r, as far as the viewer may see it.
func (v Viewer) inRecord(pattern string) string {
	return `(r.text LIKE ` + pattern + ` AND ` + v.textCounts(pattern) + `)`
}

// inCase is the condition that a pattern is in the text of a case c or of its record r, as far as the viewer may see them. Whoever sees a case sees its number.
func (v Viewer) inCase(pattern string) string {
	own := `c.text LIKE ` + pattern
	if counts := v.subjectCounts(); counts != "true" {
		own += ` AND (` + counts + ` OR folded(' ' || c.number) LIKE ` + pattern + `)`
	}
	return `(` + own + ` OR ` + v.inRecord(pattern) + `)`
}

// pattern finds a word anywhere.
func pattern(word string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word) + "%"
}

// longest is the word that the indexes are asked for: the others are looked for in what it finds.
func (s search) longest() string {
	longest := s.words[0]
	for _, word := range s.words {
		if len([]rune(word)) > len([]rune(longest)) {
			longest = word
		}
	}
	return longest
}

// fewMatches is how many matches a list is still put together from. What more have is found soon by going through the list itself.
const fewMatches = 2000

// matches are the ids of the rows of a table, aliased of, that may have all the words, since their text has the longest; few is false when that are too many.
func (s search) matches(ctx context.Context, db *DB, table, of string) (ids pq.StringArray, few bool, err error) {
	var w where
	word := s.longest()
	w.and(`bigrams(`+of+`.text) @> (SELECT bigrams(folded(?)))`, word)
	w.and(of+`.text LIKE (SELECT folded(?))`, pattern(word))
	ids = pq.StringArray{}
	err = db.byKey.Select(ctx, &ids, `SELECT `+of+`.id FROM `+table+` `+of+w.sql()+` LIMIT `+strconv.Itoa(fewMatches+1), w.args...)
	return ids, len(ids) <= fewMatches, err
}

// cases are the cases whose own text may have all the words, and the records whose text may; few is false when either are too many.
func (s search) casesAndRecords(ctx context.Context, db *DB) (cases, records pq.StringArray, few bool, err error) {
	if records, few, err = s.matches(ctx, db, `records`, `r`); err != nil || !few {
		return nil, nil, false, err
	}
	cases, few, err = s.matches(ctx, db, `cases`, `c`)
	return cases, records, few, err
}

// narrow leaves only those rows of a table, aliased of, that may have the words, unless they are many.
func (s search) narrow(ctx context.Context, db *DB, w *where, table, of string) error {
	ids, few, err := s.matches(ctx, db, table, of)
	if err == nil && few {
		w.and(of+".id = ANY (?)", ids)
	}
	return err
}
