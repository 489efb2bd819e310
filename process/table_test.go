package process

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const boxes = `record: box
fields:
  kind: {type: choice, of: [A, B, C], required: true}
  size: {type: number, required: true, at_least: 0}
`

// drawCell draws what a row asks of a size, and says the same in Go; a size that isn't there is no number.
func drawCell(r *rapid.T) (string, func(float64) bool) {
	lo := float64(rapid.IntRange(0, 4).Draw(r, "lo"))
	hi := lo + float64(rapid.IntRange(0, 3).Draw(r, "hi"))
	cells := map[string]func(float64) bool{
		"-":                           func(float64) bool { return true },
		fmt.Sprintf("< %v", lo+1):     func(x float64) bool { return x < lo+1 },
		fmt.Sprintf("<= %v", lo):      func(x float64) bool { return x <= lo },
		fmt.Sprintf("> %v", lo):       func(x float64) bool { return x > lo },
		fmt.Sprintf(">= %v", lo):      func(x float64) bool { return x >= lo },
		fmt.Sprintf("%v..%v", lo, hi): func(x float64) bool { return x >= lo && x <= hi },
		fmt.Sprint(lo):                func(x float64) bool { return x == lo },
	}
	cell := rapid.SampledFrom(sortedNames(cells)).Draw(r, "cell")
	return cell, cells[cell]
}

// What the check says of a random table is true of every input, and the table decides as the rows read.
func TestTableLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		type rule struct {
			kinds string
			fits  func(float64) bool
		}
		var rules []rule
		var rows strings.Builder
		hit := rapid.SampledFrom([]string{HitUnique, HitFirst}).Draw(r, "hit")
		for i := range rapid.IntRange(1, 5).Draw(r, "rows") {
			kinds := rapid.SampledFrom([]string{"A", "B", "C", "A, B", "B, C", "A, B, C"}).Draw(r, "kinds")
			cell, fits := drawCell(r)
			rules = append(rules, rule{kinds, fits})
			fmt.Fprintf(&rows, "  - {when: {kind: [%s], size: %q}, then: {row: %d}}\n", kinds, cell, i)
		}
		doc := boxes + "---\ntable: t\ninput: {kind: record.kind, size: record.size}\noutput: {row: number}\nhit: " + hit + "\nrows:\n" + rows.String() +
			"---\nprocess: p\nrecord: box\nstart: {by: [role:sales]}\nsteps:\n  - decide: t\n  - end: done\n"
		lib, problems := Load([]File{{Path: "p", Content: doc}}, nil, nil)
		table := lib.Processes["p"].Tables["t"]
		overlap, gap, used := false, false, map[int]bool{}
		for _, kind := range []string{"A", "B", "C"} {
			for half := range 21 {
				fields, size := Fields{"kind": kind}, math.NaN() // the last has no size
				if half < 20 {
					size = float64(half) / 2
					fields["size"] = size
				}
				var applies []int
				for i, rule := range rules {
					if strings.Contains(rule.kinds, kind) && rule.fits(size) {
						applies = append(applies, i)
					}
				}
				overlap, gap = overlap || len(applies) > 1, gap || len(applies) == 0 && half < 20
				out, _, err := table.Decide(Env{Record: Record{Fields: fields}})
				if len(applies) == 0 || hit == HitUnique && len(applies) > 1 {
					require.Error(r, err)
					continue
				}
				require.NoError(r, err)
				require.Equal(r, float64(applies[0]), out["row"])
				used[applies[0]] = true
			}
		}
		said := render(problems, "en")
		require.Equal(r, gap, strings.Contains(said, "no row for"), said)
		if hit == HitUnique {
			require.Equal(r, overlap, strings.Contains(said, "both apply"), said)
			return
		}
		require.Equal(r, len(used) < len(rules), strings.Contains(said, "never used"), said)
	})
}

func TestCellsOfEveryType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field Field
		cell  string
		yes   []any
		no    []any
	}{
		{Field{Type: typeMoney}, "> 50万 CNY", []any{Money{50_000_001, "CNY"}}, []any{Money{50_000_000, "CNY"}, Money{90_000_000, "USD"}, nil}},
		{Field{Type: typeMoney}, "100000 CNY..500000 CNY", []any{yuan(100000), yuan(500000)}, []any{yuan(99999), Money{50_000_001, "CNY"}}},
		{Field{Type: typePercent}, ">= 15%", []any{15.0, 99.0}, []any{14.9}},
		{Field{Type: typeDate}, "2026-01-01..2026-01-31", []any{"2026-01-01", "2026-01-31"}, []any{"2026-02-01", "2025-12-31"}},
		{Field{Type: typeDatetime}, "< 2026-01-01T00:00:00+08:00", []any{"2025-12-31T15:59:59Z"}, []any{"2025-12-31T16:00:00Z"}},
		{Field{Type: typeNumber}, "-1.5..2", []any{-1.5, 0.0, 2.0}, []any{-1.6, 2.1}},
		{Field{Type: typeChoice, Of: []string{"A", "B"}}, "A", []any{"A"}, []any{"B", nil}},
		{Field{Type: typeText}, "empty", []any{nil, ""}, []any{"empty"}},
		{Field{Type: typeChoice, Of: []string{"empty"}}, "empty", []any{"empty"}, []any{nil}},
		{Field{Type: typeYesNo}, "yes", []any{true}, []any{false, nil}},
		{Field{Type: typeText}, "-", []any{"x", nil}, nil},
	} {
		l := &loader{loadSet: &loadSet{}}
		m := l.match(&c.field, &node{kind: nodeText, text: c.cell})
		require.Empty(t, render(l.problems, "en"))
		for _, v := range c.yes {
			require.True(t, m.holds(v), "%s takes %v", c.cell, v)
		}
		for _, v := range c.no {
			require.False(t, m.holds(v), "%s takes %v", c.cell, v)
		}
	}
}

// An amount in a currency that no row asks for can't be told; cells are read in order, up to the first that doesn't take its value.
func TestAnAmountInAnotherCurrencyGivesNoAnswer(t *testing.T) {
	t.Parallel()
	const doc = `record: bid
fields:
  kind:   {type: choice, of: [A, B]}
  amount: {type: money}
---
table: limits
input: {kind: record.kind, amount: record.amount}
output: {level: number}
hit: HIT
rows:
  - {when: {kind: A, amount: "> 10万 CNY"}, then: {level: 3}}
  - {when: {kind: A, amount: ["<= 10万 CNY", empty]}, then: {level: 2}}
  - {when: {kind: B, amount: ["> 10万 CNY", "0 USD..15000 USD"]}, then: {level: 1}}
---
process: p
record: bid
start: {by: [role:sales]}
steps:
  - decide: limits
`
	dollars := func(n int64) Money { return Money{n * 100, "USD"} }
	for _, hit := range []string{HitUnique, HitFirst} {
		lib, _ := Load([]File{{Path: "p", Content: strings.Replace(doc, "HIT", hit, 1)}}, nil, nil)
		table := lib.Processes["p"].Tables["limits"]
		for _, c := range []struct {
			name   string
			fields Fields
			level  any
			why    string
		}{
			{"its own currency", Fields{"kind": "A", "amount": yuan(100_001)}, 3.0, ""},
			{"empty", Fields{"kind": "A"}, 2.0, ""},
			{"one of another row", Fields{"kind": "A", "amount": dollars(1_000_000)}, nil, "no row of the table limits applies: kind: A, amount: 1,000,000.00 USD"},
			{"rows that another cell rules out aren't asked", Fields{"kind": "B", "amount": dollars(15_000)}, 1.0, ""},
			{"a cell that names it and doesn't take it", Fields{"kind": "B", "amount": dollars(15_001)}, nil, "no row of the table limits applies: kind: B, amount: 15,001.00 USD"},
			{"one that no cell names", Fields{"kind": "B", "amount": Money{100, "EUR"}}, nil,
				"the table limits gives no answer: amount is 1.00 EUR and line 13 asks for CNY (> 10万 CNY, 0 USD..15000 USD), which are different currencies"},
		} {
			out, _, err := table.Decide(Env{Record: Record{Fields: c.fields}})
			if c.why != "" {
				require.EqualError(t, err, c.why, c.name)
				continue
			}
			require.NoError(t, err, c.name)
			require.Equal(t, c.level, out["level"], c.name)
		}
		_, _, err := table.Decide(Env{Record: Record{Fields: Fields{"kind": "A", "amount": Money{100_000_000, "EUR"}}}})
		wrong, ok := errors.AsType[*TableError](err)
		require.True(t, ok)
		require.Equal(t, "决策表 limits 无法判断：amount 是 1,000,000.00 EUR，第 11 行的条件（> 10万 CNY）是 CNY，币种不同", wrong.Why.ZH)
	}
}

// A random table of amounts in several currencies answers as its rows read, from left to right, and gives no answer where it comes to a cell with an amount in
// a currency that none of its rows asks for.
func TestTableLawsOfCurrencies(t *testing.T) {
	t.Parallel()
	type bound struct {
		from     float64
		currency string
	}
	rapid.Check(t, func(r *rapid.T) {
		type rule struct {
			kinds  string
			bounds []bound // one of them suffices; none: anything
		}
		var rules []rule
		var rows strings.Builder
		named := map[string]bool{}
		hit := rapid.SampledFrom([]string{HitUnique, HitFirst}).Draw(r, "hit")
		for i := range rapid.IntRange(1, 4).Draw(r, "rows") {
			one, cells := rule{kinds: rapid.SampledFrom([]string{"A", "B", "A, B"}).Draw(r, "kinds")}, []string(nil)
			for _, currency := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"CNY", "USD", "EUR"}), 0, 3, rapid.ID).Draw(r, "currencies") {
				named[currency] = true
				one.bounds = append(one.bounds, bound{float64(rapid.IntRange(0, 3).Draw(r, "from")), currency})
				cells = append(cells, fmt.Sprintf("%q", fmt.Sprintf(">= %v %s", one.bounds[len(one.bounds)-1].from, currency)))
			}
			amount := "-"
			if len(cells) > 0 {
				amount = "[" + strings.Join(cells, ", ") + "]"
			}
			rules = append(rules, one)
			fmt.Fprintf(&rows, "  - {when: {kind: [%s], amount: %s}, then: {row: %d}}\n", one.kinds, amount, i)
		}
		doc := "record: bid\nfields:\n  kind: {type: choice, of: [A, B], required: true}\n  amount: {type: money, required: true}\n" +
			"---\ntable: t\ninput: {kind: record.kind, amount: record.amount}\noutput: {row: number}\nhit: " + hit + "\nrows:\n" + rows.String() +
			"---\nprocess: p\nrecord: bid\nstart: {by: [role:sales]}\nsteps:\n  - decide: t\n  - end: done\n"
		lib, _ := Load([]File{{Path: "p", Content: doc}}, nil, nil)
		table := lib.Processes["p"].Tables["t"]
		for _, kind := range []string{"A", "B"} {
			for _, currency := range []string{"CNY", "USD", "EUR"} {
				for n := range 5 {
					var applies []int
					held := false
					for i, rule := range rules {
						if held || len(applies) > 1 || hit == HitFirst && len(applies) > 0 {
							break
						}
						of := slices.DeleteFunc(slices.Clone(rule.bounds), func(b bound) bool { return b.currency != currency })
						switch {
						case !strings.Contains(rule.kinds, kind):
						case len(rule.bounds) > 0 && len(of) == 0:
							held = !named[currency]
						case len(of) == 0 || float64(n-1) >= of[0].from:
							applies = append(applies, i)
						}
					}
					out, _, err := table.Decide(Env{Record: Record{Fields: Fields{"kind": kind, "amount": Money{int64(n-1) * 100, currency}}}})
					require.Equal(r, held, err != nil && strings.Contains(err.Error(), "different currencies"), "%v", err)
					if held || len(applies) != 1 {
						require.Error(r, err)
						continue
					}
					require.NoError(r, err)
					require.Equal(r, float64(applies[0]), out["row"])
				}
			}
		}
	})
}

// A table too large to be judged is left alone, soon.
func TestALargeTableIsCheckedQuickly(t *testing.T) {
	t.Parallel()
	var fields, inputs, rows strings.Builder
	for i := range 12 {
		fmt.Fprintf(&fields, "  f%d: {type: number}\n", i)
		fmt.Fprintf(&inputs, "f%d: record.f%d, ", i, i)
	}
	for i := range 400 {
		fmt.Fprintf(&rows, "  - {when: {f%d: \"> %d\", f%d: \"< %d\"}, then: {n: 1}}\n", i%12, i, (i+5)%12, i*3)
	}
	doc := "record: box\nfields:\n" + fields.String() + "---\ntable: t\nhit: first\ninput: {" + inputs.String() + "}\noutput: {n: number}\nrows:\n" + rows.String() +
		"---\nprocess: p\nrecord: box\nstart: {by: [role:sales]}\nsteps:\n  - decide: t\n  - end: done\n"
	begun := time.Now()
	lib, problems := Load([]File{{Path: "p", Content: doc}}, nil, nil)
	require.Less(t, time.Since(begun), 5*time.Second)
	require.Len(t, lib.Processes["p"].Tables["t"].Rows, 400, render(problems, "en"))
}

func TestATableOfALimit(t *testing.T) {
	t.Parallel()
	base := loadLanguage(t, "lead-review", "lead", "customer")
	lib, _ := Load(append(readFiles(t, "language/complaint.yaml", "language/complaint-limit.yaml"), File{Path: "notes", Content: `
table: notes
input: {severity: record.severity}
output: {note: text}
rows: [{when: {}, then: {note: x}}]
`}), base, nil)
	for name, want := range map[string]string{
		"complaint-limit": "", "notes": "the table `notes` should give one duration; it gives 0", "complaint-limits": "no such decision table: `complaint-limits`; did you mean",
	} {
		set := &loadSet{lib: lib, base: base}
		c := &chainLoader{loader: &loader{loadSet: set}, p: &Process{Type: lib.Types["complaint"], Types: map[string]*RecordType{}, Tables: map[string]*Table{}}}
		got := c.tableLimit(&node{kind: nodeText, text: name})
		require.Contains(t, render(set.problems, "en"), want)
		if want == "" {
			require.Equal(t, name, got)
			require.Equal(t, name, c.p.Tables[name].ID)
			continue
		}
		require.Empty(t, got)
	}
}
