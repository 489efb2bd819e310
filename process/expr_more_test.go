package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// shelf is what the references of these tests point at, by id.
type shelf map[string]Record

func (s shelf) Record(ref Reference) (Record, bool) { r, ok := s[ref.ID]; return r, ok }

func yuan(n int64) Money { return Money{Amount: n * 100, Currency: "CNY"} }

// wares is an order with three lines, of which the last is nearly empty.
func wares() Env {
	env := exprEnvironment
	env.Record.Fields = env.Record.Fields.With(Fields{
		"client":  Reference{Type: "client", ID: "c1", Title: "海川"},
		"clients": []any{Reference{Type: "client", ID: "c1"}, Reference{Type: "client", ID: "c2"}, Reference{Type: "client", ID: "gone"}},
		"crew":    []any{"li.na", "sun.wei"},
		"wares": []map[string]any{
			{"name": "valve", "n": 2.0, "price": yuan(100), "off": 10.0, "day": "2026-11-01", "sold": true, "client": Reference{Type: "client", ID: "c2"}},
			{"name": "pump", "n": 3.0, "price": yuan(50), "off": 20.0, "day": "2026-12-01", "sold": false},
			{"name": "tube"},
		},
	})
	env.Records = shelf{
		"c1": {Type: "client", ID: "c1", Number: "C-1", Owner: "chen.bo", Fields: Fields{"name": "海川机械", "points": 7.0, "parent": Reference{Type: "client", ID: "c2"},
			"offers": []map[string]any{{"price": yuan(5)}, {"price": yuan(9)}}}},
		"c2": {Type: "client", ID: "c2", Fields: Fields{"name": "海川集团", "points": 40.0, "boss": "zhou.min"}},
	}
	return env
}

func TestExprAggregates(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]any{
		`sum of record.wares.n * record.wares.price == 350 CNY`:            true,
		`sum of record.wares.price * (100% - record.wares.off) == 130 CNY`: true,
		`(sum of record.wares.n) * 2 == 10`:                                true,
		`sum of record.wares.n == 5 && record.flag`:                        true,
		`max of record.wares.off > 15%`:                                    true,
		`max of record.wares.off == 20%`:                                   true,
		`min of record.wares.price == 50 CNY`:                              true,
		`max of record.wares.day == "2026-12-01"`:                          true,
		`any of record.wares.off > 15%`:                                    true,
		`any of record.wares.off > 25%`:                                    false,
		`any of record.wares.sold`:                                         true,
		`any of !record.wares.sold`:                                        true,
		`any of record.wares.name in ["pump", "x"]`:                        true,
		`any of record.wares.name == "nut" || record.flag`:                 true,
		`any of (record.wares.off > 15% && record.wares.n > 5)`:            false,
		`any of (record.wares.off > 15% && record.wares.n > 2)`:            true,
		`count of record.wares == 3`:                                       true,
		`count of record.wares > 2`:                                        true,
		`count of record.wares.off == 2`:                                   "a percentage and a bare number",
		`(count of record.wares.off) == 2`:                                 true,
		`(count of record.wares.off > 15%) == 1`:                           true,
		`(count of record.wares.n > record.number - 1) == 1`:               true,
		`size(record.wares) == 3`:                                          true,
		`count of record.tags == "x"`:                                      "true or false",
		`(count of record.tags == "x") == 1`:                               true,
		`count of record.tags + 0 == 2`:                                    "don't go with `+`",
		`any of record.tags == "y"`:                                        true,
		`any of record.clients.points > 30`:                                true,
		`sum of record.clients.points == 47`:                               true,
		`sum of record.client.offers.price == 14 CNY`:                      true,
		`any of record.wares.client.name == "海川集团"`:                        true,
		`sum of record.wares.n / max of record.wares.n > 1`:                "another aggregate",
		`sum of record.wares.n / (max of record.wares.n) > 1`:              true,
		`(sum of record.wares.n) / (max of record.wares.n) > 1`:            true,
		`sum of record.nowares.n == 0`:                                     true,
		`sum of record.nowares.off == 0%`:                                  true,
		`has(sum of record.nowares.price)`:                                 false,
		`has(max of record.nowares.n)`:                                     false,
		`max of record.nowares.n > 1 || min of record.nowares.n < 1`:       false,
		`count of record.nowares == 0`:                                     true,
		`any of record.nowares.off > 1%`:                                   false,
		`record.flag ? any of record.wares.off > 15% : false`:              true,
		`"sum of record.wares" == record.text`:                             false,
		`sum of record.wares.name == "x"`:                                  "`sum of` doesn't go with a text",
		`any of record.wares.n`:                                            "`any of` doesn't go with a number",
		`sum of 5 > 1`:                                                     "name a column of lines",
		`sum of > 1`:                                                       "needs something behind it",
		`sum of record.wares.n + record.nowares.n > 1`:                     "one aggregate goes through one list",
		`record.wares.n > 1`:                                               "is many values",
		`sum(record.wares.n) > 1`:                                          "written as `sum of",
		`sum of record.wares.m > 1`:                                        "no column `m` (one of `name`, `n`, ",
		`sum of record.wares.n.x > 1`:                                      "`n` is no reference",
		`_aggregate_0 == 1`:                                                "no word `_aggregate_0`",
		`sum of record.clients.offers.price > 1 CNY`:                       "a list inside a list",
		`any of record.clients.offers`:                                     "`any of` doesn't go with lines",
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			e, problems := compileIn(t, "", source)
			if message, wrong := want.(string); wrong {
				require.Contains(t, render(problems, "en"), message)
				return
			}
			require.NotNil(t, e, render(problems, "en"))
			for range 2 {
				got, err := e.Bool(wares())
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
		})
	}
}

func TestExprAlongReferences(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]any{
		`record.client.name == "海川机械"`:            true,
		`record.client.parent.name == "海川集团"`:     true,
		`record.client.parent.parent.name == "x"`: false,
		`has(record.client.parent.parent.name)`:   false,
		`record.client.parent.boss == "zhou.min"`: true,
		`record.client.owner == "chen.bo"`:        true,
		`record.client.number == "C-1"`:           true,
		`record.client.points + 1 == 8`:           true,
		`record.client == record.client`:          true,
		`record.client == record.client.parent`:   false,
		`record.client in record.clients`:         true,
		`before.client.name == "海川机械"`:            false,
		`record.client.nam == "x"`:                "`client` has no field `nam`; did you mean `name`?",
		`record.client.parent.pints > 1`:          "`client` has no field `pints`; did you mean `points`?",
		`record.number.x == 1`:                    "`number` is no reference",
		`record.client.name > 5`:                  "a text and a number",
		`before.owner == "x"`:                     "no field `owner`",
		`outcome_of(ask) == "approved"`:           true,
		`outcome_of( ask ) == "approved"`:         true,
		`outcome_of('ask') == "approved"`:         true,
		`outcome_of(it) == "x"`:                   "has no outcome",
		`outcome_of(record.text) == "x"`:          "no such step: `record.text`",
		`$thing == "x"`:                           "only inside an `each`",
		`_item_thing == "x"`:                      "no word `_item_thing`",
		`decided.limit == "x"`:                    "no decision table of this process gives",
		`decided == 1`:                            "needs a field",
		`record.clients.name == "x"`:              "is many values",
	} {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			e, problems := compileIn(t, "", source)
			if message, wrong := want.(string); wrong {
				require.Contains(t, render(problems, "en"), message)
				return
			}
			require.Empty(t, render(problems, "en"))
			got, err := e.Bool(wares())
			require.NoError(t, err)
			require.Equal(t, want, got)
			got, err = e.Bool(Env{})
			require.NoError(t, err, "nothing is known of other records")
			require.False(t, got)
		})
	}
}

// The types that a chain reaches through references are among those it touches.
func TestReferencedTypesAreTouched(t *testing.T) {
	t.Parallel()
	lib, problems := Load([]File{{Path: "p", Content: exprRecord + "---\nprocess: p\nrecord: order\nstart: {by: [role:sales]}\nsubject: '{record.client.parent.name}'\nsteps:\n  - end: done\n"}}, nil, nil)
	require.Empty(t, render(problems, "en"))
	require.Contains(t, lib.Processes["p"].Types, "client")
	require.Equal(t, Same("海川集团"), lib.Processes["p"].Subject.Render(wares()))
	require.Equal(t, []string{"client"}, lib.Processes["p"].Subject.Fields)
}

// A runaway stops at its cost, however many lines there are.
func TestAggregatesAreBounded(t *testing.T) {
	t.Parallel()
	source := `any of record.wares.name.contains("x")`
	for range 30 {
		source = source + ` || any of record.wares.name.contains("x") && false`
	}
	e, problems := compileIn(t, "", source)
	require.NotNil(t, e, render(problems, "en"))
	env := wares()
	var lines []map[string]any
	for range maxLines * 100 {
		lines = append(lines, map[string]any{"name": "y"})
	}
	env.Record.Fields["wares"] = lines
	_, err := e.Bool(env)
	require.ErrorContains(t, err, "costs too much")
}
