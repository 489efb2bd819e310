package process

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// expanded is an expression written as CEL reads it: literals of money and percentages are calls, `$x` is a word, the step of outcome_of is
// quoted. origin says for each of its characters which one of the source it stands for.
type expanded struct {
	text   string
	origin []int
	source []rune
}

// What `$x` and aggregates are called in the text that CEL reads. People can't write them: [expanded.stands] looks into the source.
const (
	itemPrefix      = "_item_"
	aggregatePrefix = "_aggregate_"
)

var exprLiteral = regexp.MustCompile(`\boutcome_of\(\s*([a-z][a-z0-9._-]*)\s*\)|` + `"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|` +
	`\$[a-z][a-z0-9_]*|[A-Za-z_][A-Za-z0-9_.]*|` + moneyLiteral.String() + `|` + percentLiteral.String())

// expand replaces what isn't CEL. Texts and names are matched too, so that nothing inside them is taken for a literal.
func expand(source string) expanded {
	out := expanded{source: []rune(source)}
	at, chars := 0, 0
	copyTo := func(end int) {
		chars = out.copy(source[at:end], chars)
		at = end
	}
	for _, m := range exprLiteral.FindAllStringSubmatchIndex(source, -1) {
		literal := source[m[0]:m[1]]
		switch {
		case m[2] >= 0:
			copyTo(m[2])
			out.put(`"`, chars)
			copyTo(m[3])
			out.put(`"`, chars)
		case literal[0] == '$':
			copyTo(m[0])
			out.put(itemPrefix, chars)
			at, chars = at+1, chars+1
		case literalCall(literal) != "":
			copyTo(m[0])
			out.put(literalCall(literal)+`("`+literal+`")`, chars)
			at, chars = m[1], chars+utf8.RuneCountInString(literal)
		}
	}
	copyTo(len(source))
	return out
}

func literalCall(literal string) string {
	if _, ok := parseMoney(literal); ok {
		return callMoney
	}
	if _, ok := parsePercent(literal); ok {
		return callPercent
	}
	return ""
}

// put adds text that stands for one character of the source.
func (e *expanded) put(text string, at int) {
	e.text += text
	for range utf8.RuneCountInString(text) {
		e.origin = append(e.origin, at)
	}
}

// copy adds text of the source, and gives the character behind it.
func (e *expanded) copy(text string, at int) int {
	e.text += text
	for range utf8.RuneCountInString(text) {
		e.origin = append(e.origin, at)
		at++
	}
	return at
}

// part is a piece of the text between two bytes.
func (e expanded) part(from, to int) expanded {
	first, last := utf8.RuneCountInString(e.text[:from]), utf8.RuneCountInString(e.text[:to])
	return expanded{text: e.text[from:to], origin: e.origin[first:last], source: e.source}
}

func (e *expanded) add(p expanded) {
	e.text += p.text
	e.origin = append(e.origin, p.origin...)
}

// stands says whether what stands at a character of the text was written beginning with one of some words.
func (e expanded) stands(offset int, words ...string) bool {
	if offset < 0 || offset >= len(e.origin) || e.origin[offset] >= len(e.source) {
		return false
	}
	rest := string(e.source[e.origin[offset]:])
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(rest, w) })
}

// aggregates are the words that go through a list, written `sum of …`.
var aggregates = []string{"sum", "max", "min", "count", "any"}

// exprToken cuts an expression roughly, as far as the ends of aggregates need it.
var exprToken = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_][A-Za-z0-9_.]*|&&|\|\||[<>=!]=?|[()\[\]{},?:]`)

// found is an aggregate in a text, in bytes.
type foundAggregate struct {
	word             string
	begin, from, end int // of the word, of what follows `of`, and of its end
	another          int // where a second one begins inside without parentheses, so that nobody knows what belongs to which; 0: nowhere
}

// aggregatesIn finds the outermost aggregates. Whole says of a path whether it is a list rather than what stands in its items.
func aggregatesIn(text string, whole func(path string) bool) []foundAggregate {
	var out []foundAggregate
	tokens := exprToken.FindAllStringIndex(text, -1)
	word := func(i int) string {
		if i >= len(tokens) {
			return ""
		}
		return text[tokens[i][0]:tokens[i][1]]
	}
	for i := 0; i < len(tokens); i++ {
		if !slices.Contains(aggregates, word(i)) || word(i+1) != "of" {
			continue
		}
		a := foundAggregate{word: word(i), begin: tokens[i][0], from: tokens[i+1][1]}
		first := i + 2
		for word(first) == "(" {
			first++
		}
		condition := (a.word == "count" || a.word == "any") && !whole(word(first))
		from := i + 2
		i = endOfAggregate(word, from, condition)
		if n := another(word, from, i); n > 0 {
			a.another = tokens[n][0]
		}
		a.end = len(text)
		if i < len(tokens) {
			a.end = tokens[i][0]
		}
		out = append(out, a)
		i--
	}
	return out
}

// endOfAggregate finds the token that ends what follows `of`.
func endOfAggregate(word func(int) string, i int, condition bool) int {
	for depth := 0; word(i) != ""; i++ {
		switch w := word(i); {
		case strings.Contains("([{", w):
			depth++
		case strings.Contains(")]}", w):
			if depth == 0 {
				return i
			}
			depth--
		case depth > 0:
		case slices.Contains([]string{"&&", "||", ",", "?", ":"}, w):
			return i
		case !condition && (strings.ContainsAny(w, "<>=!") && w != "!" || w == "in"):
			return i
		}
	}
	return i
}

// another finds a second aggregate between two tokens that isn't in parentheses; 0: none.
func another(word func(int) string, from, to int) int {
	depth := 0
	for i := from; i < to; i++ {
		switch w := word(i); {
		case strings.Contains("([{", w):
			depth++
		case strings.Contains(")]}", w):
			depth--
		case depth == 0 && slices.Contains(aggregates, w) && word(i+1) == "of":
			return i
		}
	}
	return 0
}
