package process

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Match is what one row asks of one input. A nil one takes anything.
type Match struct {
	Source string // as it was written; for a list with commas
	empty  bool   // it takes an input without a value
	values []any  // texts, or yes and no
	spans  []span
}

// span is what lies between two cuts, of one currency.
type span struct {
	unit   string // a currency; "" for what isn't money
	lo, hi cut
}

// cut lies just before a value, or just after it.
type cut struct {
	at    float64
	after bool
}

var (
	lowest  = cut{at: math.Inf(-1)}
	highest = cut{at: math.Inf(1)}
)

func (c cut) less(d cut) bool { return c.at < d.at || c.at == d.at && !c.after && d.after }

// holds says whether a value of the input is what the row asks for.
func (m *Match) holds(v any) bool {
	if m == nil {
		return true
	}
	if blank(v) {
		return m.empty
	}
	if slices.Contains(m.values, v) {
		return true
	}
	at, unit, ok := measure(v)
	return ok && slices.ContainsFunc(m.spans, func(s span) bool {
		return s.unit == unit && !(cut{at: at}).less(s.lo) && (cut{at: at}).less(s.hi)
	})
}

// incomparable is a currency that a cell asks for while the amount is in one that no cell of its input names; "" where there is nothing that can't be told.
func (t *Table) incomparable(input int, m *Match, v any) string {
	amount, money := v.(Money)
	if m == nil || !money || len(m.spans) == 0 || slices.ContainsFunc(t.Rows, func(r TableRow) bool { return r.When[input].names(amount.Currency) }) {
		return ""
	}
	return m.spans[0].unit
}

// names says whether a cell asks for amounts in a currency.
func (m *Match) names(currency string) bool {
	return m != nil && slices.ContainsFunc(m.spans, func(s span) bool { return s.unit == currency })
}

// measure places a value that has an order on a line: numbers and percentages by themselves, money in minor units, dates in days, times in seconds.
func measure(v any) (at float64, unit string, ok bool) {
	switch v := v.(type) {
	case float64:
		return v, "", true
	case Money:
		return float64(v.Amount), v.Currency, true
	case string:
		if t, err := time.Parse(time.DateOnly, v); err == nil {
			return float64(t.Unix() / (24 * 60 * 60)), "", true
		}
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return float64(t.UnixNano()) / 1e9, "", true
		}
	}
	return 0, "", false
}

// measured are the types with an order; whole says of them that nothing lies between a value and the next whole one.
var measured = map[string]struct{ whole bool }{
	typeNumber: {}, typePercent: {}, typeMoney: {whole: true}, typeDate: {whole: true}, typeDatetime: {},
}

// tidy moves a cut behind a whole value to before the next, so that equal cuts look equal.
func tidy(f *Field, c cut) cut {
	if c.after && measured[f.Type].whole && !math.IsInf(c.at, 0) {
		return cut{at: c.at + 1}
	}
	return c
}

// unmeasure gives the value at a place of the line.
func unmeasure(f *Field, at float64, unit string) any {
	switch f.Type {
	case typeMoney:
		return Money{Amount: int64(at), Currency: unit}
	case typeDate:
		return time.Unix(int64(at)*24*60*60, 0).UTC().Format(time.DateOnly)
	case typeDatetime:
		return time.Unix(int64(math.Floor(at)), 0).UTC().Format(time.RFC3339)
	}
	return at
}

var (
	comparison = regexp.MustCompile(`^(<=|>=|<|>|==?)\s*(\S.*)$`)
	between    = regexp.MustCompile(`^([\[(]?)\s*([^\s\[(].*?)\s*\.\.\s*([^\s\])]|[^\s].*?[^\s\])])\s*([\])]?)$`)
)

// match reads what a row asks of an input; nil is anything.
func (l *loader) match(f *Field, v *node) *Match {
	if v.kind == nodeText && strings.TrimSpace(v.text) == "-" {
		return nil
	}
	m := &Match{Source: sourceOf(v)}
	if v.kind != nodeList {
		l.matchOne(m, f, v)
		return m
	}
	for _, item := range l.list(v) {
		l.matchOne(m, f, item)
	}
	return m
}

func sourceOf(v *node) string {
	if v.kind != nodeList {
		return v.text
	}
	var all []string
	for _, item := range v.items {
		all = append(all, item.text)
	}
	return strings.Join(all, ", ")
}

func (l *loader) matchOne(m *Match, f *Field, v *node) {
	_, ordered := measured[f.Type]
	switch {
	case v.kind == nodeText && v.text == "empty" && !slices.Contains(f.Of, v.text):
		m.empty = true
	case v.kind == nodeText && ordered && between.MatchString(v.text):
		l.matchRange(m, f, v)
	case v.kind == nodeText && ordered && comparison.MatchString(v.text):
		parts := comparison.FindStringSubmatch(v.text)
		if value, ok := l.cell(f, v, parts[2]); ok {
			m.spans = append(m.spans, compared(f, parts[1], value))
		}
	case v.kind == nodeText && !ordered && comparison.MatchString(v.text):
		l.problem(v, "%s没有大小之分，不能比较", "%s has no order: it can't be compared", typeWord(celType(f).String()))
	case v.kind == nodeText && ordered:
		if value, ok := l.cell(f, v, v.text); ok {
			m.spans = append(m.spans, compared(f, "==", value))
		}
	default:
		value, wrong := f.literal(v)
		switch {
		case wrong != nil:
			l.wrongValue(f, v, wrong)
		case value == nil:
			l.problem(v, "这里写值、比较、范围、`empty` 或 `-`", "write a value, a comparison, a range, `empty` or `-`")
		case ordered:
			m.spans = append(m.spans, compared(f, "==", value))
		default:
			m.values = append(m.values, value)
		}
	}
}

// cell reads a value inside a text.
func (l *loader) cell(f *Field, v *node, text string) (any, bool) {
	one := *v
	one.text = text
	if f.Type == typeNumber {
		if x, ok := parsePercent(text + "%"); ok {
			return x, true
		}
		if x, ok := parsePercent(strings.TrimPrefix(text, "-") + "%"); ok {
			return -x, true
		}
	}
	value, wrong := f.literal(&one)
	if wrong != nil || value == nil {
		if wrong == nil {
			wrong = &FieldError{Message: Text{ZH: "这里缺少值", EN: "a value is missing here"}}
		}
		l.wrongValue(f, v, wrong)
		return nil, false
	}
	return value, true
}

// matchRange reads `10 .. 20`, which holds both ends. As in other tables a round bracket leaves an end out: `[10 .. 20)`.
func (l *loader) matchRange(m *Match, f *Field, v *node) {
	parts := between.FindStringSubmatch(v.text)
	from, ok1 := l.cell(f, v, parts[2])
	to, ok2 := l.cell(f, v, parts[3])
	if !ok1 || !ok2 {
		return
	}
	above, below := ">=", "<="
	if parts[1] == "(" {
		above = ">"
	}
	if parts[4] == ")" {
		below = "<"
	}
	lo, hi := compared(f, above, from), compared(f, below, to)
	if lo.unit != hi.unit || !lo.lo.less(hi.hi) {
		l.problem(v, "范围应从小到大，币种相同", "a range goes from the smaller value to the greater, in one currency")
		return
	}
	m.spans = append(m.spans, span{lo.unit, lo.lo, hi.hi})
}

// compared is where a comparison with a value holds.
func compared(f *Field, op string, value any) span {
	at, unit, _ := measure(value)
	before, after := cut{at: at}, tidy(f, cut{at: at, after: true})
	switch op {
	case "<":
		return span{unit, lowest, before}
	case "<=":
		return span{unit, lowest, after}
	case ">":
		return span{unit, after, highest}
	case ">=":
		return span{unit, before, highest}
	}
	return span{unit, before, after}
}
