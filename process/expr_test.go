package process

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const exprRecord = `
record: client
fields:
  name:   {type: text}
  points: {type: number}
  parent: {type: reference, to: client}
  boss:   {type: person}
  offers: {type: lines, of: {price: {type: money}}}
---
record: order
fields:
  customer: {type: reference, to: order}
  client:   {type: reference, to: client}
  clients:  {type: reference, to: client, many: true}
  crew:     {type: person, many: true}
  wares:    {type: lines, key: name, of: {name: {type: text}, n: {type: number}, price: {type: money}, off: {type: percent}, day: {type: date}, sold: {type: yes_no}, client: {type: reference, to: client}}}
  nowares:  {type: lines, of: {n: {type: number}, price: {type: money}, off: {type: percent}}}
  text:     {type: text}
  choice:   {type: choice, of: [a, b]}
  tags:     {type: choice, of: [x, y, z], many: true}
  number:   {type: number}
  percent:  {type: percent}
  limit:    {type: money}
  dollars:  {type: money}
  day:      {type: date}
  moment:   {type: datetime}
  flag:     {type: yes_no}
  lines:    {type: lines, of: {price: {type: money}}}
  none:     {type: number}
  nomoney:  {type: money}
  noflag:   {type: yes_no}
`

var exprEnvironment = Env{
	Record: Record{Type: "order", ID: "o1", Number: "O-1", Owner: "li.na", Fields: Fields{
		"text": "海川机械", "choice": "a", "tags": []any{"x", "y"}, "number": 3.5, "percent": 15.0,
		"limit": Money{Amount: 50_000_000, Currency: "CNY"}, "dollars": Money{Amount: 100, Currency: "USD"},
		"day": "2026-11-21", "moment": "2026-11-21T15:00:00+08:00", "flag": true,
		"customer": Reference{Type: "order", ID: "o0", Title: "海川"},
		"lines":    []map[string]any{{"price": Money{Amount: 1, Currency: "CNY"}}, {}},
	}},
	Initiator: "li.na",
	Before:    Fields{"number": 2.0},
	Now:       time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC),
	Zone:      time.FixedZone("CST", 8*3600),
	OutcomeOf: func(step string) string { return map[string]string{"ask": "approved"}[step] },
	Names:     func(id string) Text { return map[string]Text{"li.na": {ZH: "李娜", EN: "Li Na"}}[id] },
}

// compileIn loads a chain with one expression: a condition, or with a field the value it gets.
func compileIn(t testing.TB, field, source string) (*Expr, []Problem) {
	t.Helper()
	quoted := "'" + strings.ReplaceAll(source, "'", "''") + "'"
	step := "  - {id: it, notify: x, to: initiator, if: " + quoted + "}\n"
	if field != "" {
		step = "  - {id: it, set: {" + field + ": " + quoted + "}}\n"
	}
	doc := exprRecord + "---\nprocess: p\nrecord: order\nsteps:\n  - {id: ask, approve: Ask, by: initiator}\n  - {id: other, task: x, by: initiator}\n" + step
	lib, problems := Load([]File{{Path: "p.yaml", Content: doc}}, nil, nil)
	if Failed(problems) {
		return nil, problems
	}
	s := lib.Processes["p"].Step("it")
	if field != "" {
		return s.Do.(Set).Fields[0].Value, nil
	}
	return s.If, nil
}

func TestExprBool(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]any{
		`record.limit > 50万 CNY`:                        false,
		`record.limit >= 50万 CNY`:                       true,
		`record.limit == 500000 CNY`:                    true,
		`record.limit == 500,000.00 CNY`:                true,
		`record.limit < 1.5亿 CNY`:                       true,
		`record.limit * 2 == 100万 CNY`:                  true,
		`record.limit * 15% == 75000 CNY`:               true,
		`15% * record.limit == 75000 CNY`:               true,
		`record.limit / 3 == 166666.67 CNY`:             true,
		`record.limit / record.limit == 1`:              true,
		`record.limit - 1 CNY < record.limit`:           true,
		`-record.limit < 0 CNY`:                         true,
		`record.limit in [1 CNY, 50万 CNY]`:              true,
		`record.percent == 15%`:                         true,
		`record.percent > 14.5%`:                        true,
		`record.number == 3.5`:                          true,
		`record.number > 3 && record.number < 4`:        true,
		`record.number + 1 == 4.5`:                      true,
		`1.1% + 2.2% == 3.3%`:                           true,
		`0.1 + 0.2 > 0.3 || 3 * 0.2 > 0.6`:              false,
		`0.3 / 0.1 == 3`:                                true,
		`1000000.1 - 1000000 == 0.1`:                    true,
		`1 / 3 * 3 == 1 && 1 / 3 < 0.33333333333334`:    true,
		`0.50 CNY * 29% == 0.15 CNY`:                    true,
		`9007199254740991 - 1 == 9007199254740990`:      true,
		`record.number * 15% == 0.525`:                  true,
		`record.text == "海川机械"`:                         true,
		`record.text.contains("海川")`:                    true,
		`record.text.startsWith("机械")`:                  false,
		`record.text.endsWith("机械")`:                    true,
		`size(record.text) == 4`:                        true,
		`size(record.tags) == 2`:                        true,
		`record.text + "!" == "海川机械!"`:                  true,
		`record.choice in ["a", "b"]`:                   true,
		`"x" in record.tags`:                            true,
		`"z" in record.tags`:                            false,
		`record.flag`:                                   true,
		`!record.flag || record.choice != "b"`:          true,
		`record.day < today`:                            true,
		`today == "2026-11-22"`:                         true,
		`record.day == "2026-11-21"`:                    true,
		`record.moment < now`:                           true,
		`record.moment == "2026-11-21T07:00:00Z"`:       true,
		`initiator == record.owner`:                     true,
		`record.id == "o1"`:                             true,
		`before.number < record.number`:                 true,
		`outcome_of("ask") == "approved"`:               true,
		`outcome_of("ask") in ["approved", "rejected"]`: true,
		`outcome_of("other") == "done"`:                 false,
		`has(record.text) && !has(record.none)`:         true,
		`has(record.lines) && has(record.customer)`:     true,
		`empty(record.none) && !empty(record.text)`:     true,
		`record.flag ? record.number > 1 : true`:        true,
		`(record.flag ? 1 : 2) == 1`:                    true,
		`record.none > 1`:                               false,
		`record.none < 1`:                               false,
		`record.none == 1`:                              false,
		`record.none != 1`:                              false,
		`!(record.none > 1)`:                            true,
		`record.none + 1 > 0`:                           false,
		`record.nomoney > 1 CNY`:                        false,
		`record.nomoney * 2 == record.nomoney`:          false,
		`record.none in [1, 2]`:                         false,
		`record.noflag`:                                 false,
		`!record.noflag`:                                true,
		`record.noflag == false`:                        false,
		`record.noflag || record.flag`:                  true,
		`record.noflag ? false : true`:                  true,
		`record.text == "50万 CNY" || record.text != ""`: false,
		`true`:                                  true,
		`record.limit > record.dollars`:         "different currencies",
		`record.limit + record.dollars > 1 CNY`: "can't be added",
		`record.number / 0 > 1`:                 "division by zero",
		`record.limit * 999999999999 > 1 CNY`:   "not a number that can be kept",
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			e, problems := compileIn(t, "", source)
			require.Empty(t, render(problems, "en"))
			got, err := e.Bool(exprEnvironment)
			if message, fails := want.(string); fails {
				require.ErrorContains(t, err, message)
				return
			}
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

func TestExprValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field, source string
		want          any
	}{
		{"text", `record.text`, "海川机械"},
		{"text", `just words > 5`, "just words > 5"},
		{"text", `record.text + "?"`, "海川机械?"},
		{"choice", `b`, "b"},
		{"choice", `record.flag ? "b" : "a"`, "b"},
		{"number", `record.number * 2`, 7.0},
		{"number", `12`, 12.0},
		{"limit", `1.5万 CNY`, Money{Amount: 1_500_000, Currency: "CNY"}},
		{"limit", `record.limit + 1 CNY`, Money{Amount: 50_000_100, Currency: "CNY"}},
		{"percent", `15%`, 15.0},
		{"percent", `record.percent / 2`, 7.5},
		{"day", `today`, "2026-11-22"},
		{"day", `2026-01-31`, "2026-01-31"},
		{"moment", `now`, "2026-11-21T20:00:00Z"},
		{"flag", `record.number > 3`, true},
		{"flag", `yes`, true},
		{"tags", `record.tags`, []any{"x", "y"}},
		{"customer", `record.customer`, Reference{Type: "order", ID: "o0", Title: "海川"}},
		{"lines", `record.lines`, []map[string]any{{"price": Money{Amount: 1, Currency: "CNY"}}, {}}},
		{"number", `record.none`, nil},
		{"number", `before.number`, 2.0},
	} {
		t.Run(c.field+" "+c.source, func(t *testing.T) {
			t.Parallel()
			e, problems := compileIn(t, c.field, c.source)
			require.Empty(t, render(problems, "en"))
			got, err := e.Value(exprEnvironment)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

func TestExprValueRefusedByField(t *testing.T) {
	t.Parallel()
	e, problems := compileIn(t, "choice", `record.text`)
	require.Empty(t, problems)
	_, err := e.Value(exprEnvironment)
	require.ErrorContains(t, err, "isn't a choice")
}

func TestExprFields(t *testing.T) {
	t.Parallel()
	e, problems := compileIn(t, "", `record.number > before.percent / 1% && has(record.text) && record.owner != ""`)
	require.Empty(t, render(problems, "en"))
	require.Equal(t, []string{"number", "text"}, e.Fields)
}

// The same expression answers the same, from many goroutines at once.
func TestExprConcurrent(t *testing.T) {
	t.Parallel()
	e, _ := compileIn(t, "", `record.limit > 1 CNY && record.choice in ["a"]`)
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			for range 100 {
				got, err := e.Bool(exprEnvironment)
				require.NoError(t, err)
				require.True(t, got)
			}
		})
	}
}

func TestExprDeepAndLong(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		strings.Repeat("(", 900) + "true" + strings.Repeat(")", 900),
		strings.Repeat("!", 1500) + "true",
		strings.Repeat("true && ", 200) + "true",
		strings.Repeat("record.text + ", 140) + `"x" == "y"`,
		strings.Repeat("x", 5000),
	} {
		_, _ = compileIn(t, "", source)
	}
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	doc := exprRecord + "---\nprocess: p\nrecord: order\nstart: {by: [role:sales]}\nsubject: '%s'\nsteps:\n  - end: done\n"
	for source, want := range map[string]Text{
		"{initiator} · {record.customer}":                 {ZH: "李娜 · 海川", EN: "Li Na · 海川"},
		"{record.limit} {record.percent}":                 Same("500,000.00 CNY 15%"),
		"[{record.none}]{record.number}":                  Same("[]3.5"),
		"{record.flag} {record.tags}":                     {ZH: "是 x、y", EN: "yes x, y"},
		"{record.lines} {record.moment}":                  {ZH: "2 行 2026-11-21 15:00", EN: "2 lines 2026-11-21 15:00"},
		"{record.id} {record.owner} {today}":              {ZH: "o1 李娜 2026-11-22", EN: "o1 Li Na 2026-11-22"},
		"{before.number} → {record.number}, {record.day}": Same("2 → 3.5, 2026-11-21"),
	} {
		lib, problems := Load([]File{{Path: "p", Content: fmt.Sprintf(doc, source)}}, nil, nil)
		require.Empty(t, render(problems, "en"))
		require.Equal(t, want, lib.Processes["p"].Subject.Render(exprEnvironment), source)
	}
	require.Empty(t, Env{}.Show(&Field{Type: typeMoney}, nil, "zh"))
}

// What people read says what people say; a path of another system has what is written.
func TestATemplateNamesChoicesAndDepartments(t *testing.T) {
	t.Parallel()
	lib, problems := Load([]File{{Path: "p", Content: `
record: leave
fields:
  kind:  {type: choice, of: {sick: {zh: 病假, en: Sick leave}, annual: {zh: 年假, en: Annual leave}}}
  days:  {type: choice, many: true, of: {mon: {zh: 周一, en: Monday}, tue: tue}}
  plain: {type: choice, of: [a, b]}
  unit:  {type: department}
  units: {type: department, many: true}
---
process: p
record: leave
start: {by: [role:sales]}
subject: "{record.kind} {record.days} {record.plain} {record.unit} {record.units}"
steps:
  - {id: ask, request: {to: hr, get: "/{record.kind}/{record.unit}"}}
  - end: done
`}}, nil, nil)
	require.Empty(t, wrong(problems))
	env := Env{
		Record:      Record{Fields: Fields{"kind": "sick", "days": []any{"mon", "tue"}, "plain": "a", "unit": "sales", "units": []any{"sales", "it"}}},
		Departments: func(id string) Text { return map[string]Text{"sales": {ZH: "销售部", EN: "Sales"}}[id] },
	}
	p := lib.Processes["p"]
	require.Equal(t, Text{ZH: "病假 周一、tue a 销售部 销售部、it", EN: "Sick leave Monday, tue a Sales Sales, it"}, p.Subject.Render(env))
	require.Equal(t, "/sick/sales", p.Step("ask").Do.(Request).Path.path(env))
}

func FuzzExpr(f *testing.F) {
	for _, seed := range []string{
		`record.limit > 50万 CNY`, `!(record.none > 1)`, `record.text in ["a", 'b']`, `outcome_of("ask") == "x" ? 1 : 2`, `[1, 2].all(x, x > 1)`,
		`{"a": 1}`, `record.lines[0].price`, `"\u0000"`, `15%%`, `1 CNY CNY`, "record.`text`", `b"x"`, `.record.text == ""`, `a.b.c(d)[e]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if strings.ContainsAny(source, "\n\r") {
			return
		}
		e, _ := compileIn(t, "", source)
		if e == nil {
			return
		}
		first, err1 := e.Bool(exprEnvironment)
		second, err2 := e.Bool(exprEnvironment)
		require.Equal(t, first, second)
		require.Equal(t, err1 == nil, err2 == nil)
	})
}
