package process

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// beside gives the values of a field that literals tell apart: each literal of its type, one less and one more, so that every interval between
// them is met. Nil: such a field can't be proven about.
func (f *Field) beside(literals []string) []any {
	switch f.Type {
	case typeChoice:
		var out []any
		for _, word := range f.Of {
			out = append(out, word)
		}
		return out
	case typeYesNo:
		return []any{true, false}
	case typeNumber, typePercent:
		return besideNumbers(f.numbers(literals))
	case typeMoney:
		return besideMoney(literals)
	case typeDate:
		return besideDates(literals)
	}
	return nil
}

// numbers are the literals that a number or a percentage is compared with.
func (f *Field) numbers(literals []string) []float64 {
	var out []float64
	for _, s := range literals {
		if p, ok := parsePercent(s); ok && f.Type == typePercent {
			out = append(out, p)
		}
		if x, err := strconv.ParseFloat(s, 64); err == nil && f.Type == typeNumber {
			out = append(out, x)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func besideNumbers(points []float64) []any {
	if len(points) == 0 {
		return []any{0.0}
	}
	out := []any{points[0] - 1}
	for i, x := range points {
		if i > 0 {
			out = append(out, (points[i-1]+x)/2)
		}
		out = append(out, x)
	}
	return append(out, points[len(points)-1]+1)
}

// besideMoney: amounts of two currencies are never compared, so each currency is tried by itself.
func besideMoney(literals []string) []any {
	var out []any
	for _, s := range literals {
		if m, ok := parseMoney(s); ok {
			for _, step := range []int64{-1, 0, 1} {
				out = append(out, Money{m.Amount + step, m.Currency})
			}
		}
	}
	if len(out) == 0 {
		return []any{Money{1, "CNY"}}
	}
	return out
}

func besideDates(literals []string) []any {
	var out []any
	for _, s := range literals {
		day, err := time.Parse(time.DateOnly, strings.Trim(s, `"'`))
		if err != nil {
			continue
		}
		for _, step := range []int{-1, 0, 1} {
			out = append(out, day.AddDate(0, 0, step).Format(time.DateOnly))
		}
	}
	if len(out) == 0 {
		return []any{"2026-01-01"}
	}
	return out
}
