package process

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Problem is one thing wrong with a definition, at its place in the file.
type Problem struct {
	Position
	Message Text
	Source  string // the line it stands on, for the caret
	Warning bool   // worth a look; doesn't stop publishing
}

// File is one definition file: its path as the owner knows it, and its text.
type File struct {
	Path    string `json:"path"`
	Content string `json:"content"`
}

// Failed says whether any of the problems stops publishing: warnings don't.
func Failed(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return !p.Warning })
}

// String shows the problem in a language ("zh" or "en"): where, what, the line, and a caret under the place. A problem of no particular
// line has no caret.
func (p Problem) String(lang string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: ", p.File, p.Line, p.Column)
	if p.Warning {
		b.WriteString(Text{ZH: "提醒：", EN: "warning: "}.In(lang))
	}
	b.WriteString(p.Message.In(lang))
	if p.Source == "" {
		return b.String()
	}
	before, after := window(p.Source, p.Column)
	fmt.Fprintf(&b, "\n%5d | %s%s\n      | %s^", p.Line, before, after, blanks(before))
	return b.String()
}

// The most characters of a long line that are shown before and after the caret.
const (
	shownBefore = 80
	shownAfter  = 80
)

// window cuts a line at a column (from 1) and keeps what stands near it.
func window(line string, column int) (before, after string) {
	r := []rune(line)
	at := min(max(column-1, 0), len(r))
	before, after = string(r[:at]), string(r[at:])
	if at > shownBefore {
		before = "…" + string(r[at-shownBefore:at])
	}
	if len(r)-at > shownAfter {
		after = string(r[at:at+shownAfter]) + "…"
	}
	return before, after
}

// blanks is as wide on a screen as s: Chinese characters take two columns, and a tab stays a tab.
func blanks(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch k := width.LookupRune(r).Kind(); {
		case r == '\t':
			b.WriteByte('\t')
		case k == width.EastAsianWide || k == width.EastAsianFullwidth:
			b.WriteString("  ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// sortProblems orders by file, line and column, and drops what was said twice about one place.
func sortProblems(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.CompactFunc(problems, func(a, b Problem) bool { return a.Position == b.Position && a.Message == b.Message })
}

// nearest finds the word that a mistyped one was most likely meant to be; "" when none is near.
func nearest(word string, words []string) string {
	best, distance := "", min(3, max(1, utf8.RuneCountInString(word)/2))+1
	for _, w := range words {
		if d := edits(word, w); d < utf8.RuneCountInString(word) && (d < distance || d == distance && best != "" && w < best) {
			best, distance = w, d
		}
	}
	return best
}

// edits counts the insertions, deletions, changes and swaps of neighbours between two words.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 64 || len(y) > 64 {
		return 64
	}
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range y {
		rows[0][j+1] = j + 1
	}
	for i := range x {
		for j := range y {
			d := min(rows[i][j+1], rows[i+1][j]) + 1
			if x[i] == y[j] {
				d = min(d, rows[i][j])
			} else {
				d = min(d, rows[i][j]+1)
			}
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				d = min(d, rows[i-1][j-1]+1)
			}
			rows[i+1][j+1] = d
		}
	}
	return rows[len(x)][len(y)]
}
