package process

import "fmt"

// Table is a decision table, bound to the chain that asks it: its inputs are typed against the chain's record.
//
//	input: {severity: record.severity}      what is looked at, by name: any expression that gives a single value
//	output: {limit: duration}               what it gives, by name: a type, or {type: choice, of: [...]} as a field is written
//	hit: unique | first                     unique (default): no two rows may apply; first: the uppermost that applies
//	rows: [{when: {severity: A}, then: {limit: 1 working day}}, …]
//
// In `when` stand a value, a list of values, a comparison ("> 500000 CNY"), a range with both its ends ("100000 CNY..500000 CNY"), `empty` for an
// input without a value, or `-`, which is the same as leaving the input out: anything, also no value at all.
//
// The cells of a row are read in the order of the inputs, up to the first that doesn't take its value. A cell takes no amount in another currency. An amount in
// a currency that no row asks for is one that nobody has thought of: where a cell asks for another one, the table gives no answer.
type Table struct {
	ID      string
	Title   Text
	Inputs  []TableInput
	Outputs []Field // name and type of each; a duration is a field of type "duration", whose value is a [Limit]
	Hit     string  // unique, first
	Rows    []TableRow
	Source  string // the document as it was written; empty: it stands in its step
	Digest  string // "sha256:…" of Source
}

// The ways in which rows apply.
const (
	HitUnique = "unique"
	HitFirst  = "first"
)

// TableInput is one column that is looked at.
type TableInput struct {
	Name  string
	Value *Expr
	Field *Field // what it is
}

// TableRow is one rule.
type TableRow struct {
	When []*Match // by input; nil: anything
	Then []*Expr  // by output
	At   Position
}

// TableError says why a table gives no answer.
type TableError struct{ Why Text }

func (e *TableError) Error() string { return e.Why.EN }

// Decide gives the outputs by name, and the row that applies. The error is a [*TableError]: no row applies, or two do where only one may, or an
// input can't be evaluated or compared.
func (t *Table) Decide(env Env) (map[string]any, *TableRow, error) {
	values := make([]any, len(t.Inputs))
	for i, in := range t.Inputs {
		v, err := in.Value.Value(env)
		if err != nil {
			return nil, nil, &TableError{exprFailed(in.Value, err)}
		}
		values[i] = v
	}
	row, other, wrong := t.rowFor(values)
	switch {
	case wrong != nil:
		return nil, nil, wrong
	case row == nil:
		given := t.say(env, values)
		return nil, nil, &TableError{say("决策表 %s 没有适用的规则：%s", "no row of the table %s applies: %s", t.ID, given)}
	case other != nil:
		return nil, nil, &TableError{say("决策表 %s 有两条规则同时适用（第 %d 行和第 %d 行）", "two rows of the table %s apply (lines %d and %d)", t.ID, row.At.Line, other.At.Line)}
	}
	out := map[string]any{}
	for i, f := range t.Outputs {
		out[f.Name] = row.Then[i].constant
	}
	return out, row, nil
}

// rowFor finds the row that applies, and with `unique` another one that does too.
func (t *Table) rowFor(values []any) (row, other *TableRow, wrong *TableError) {
	for i := range t.Rows {
		r := &t.Rows[i]
		applies, wrong := t.applies(r, values)
		switch {
		case wrong != nil:
			return nil, nil, wrong
		case !applies:
		case row != nil:
			return row, r, nil
		case t.Hit == HitFirst:
			return r, nil, nil
		default:
			row = r
		}
	}
	return row, nil, nil
}

func (t *Table) applies(r *TableRow, values []any) (bool, *TableError) {
	for i, m := range r.When {
		if unit := t.incomparable(i, m, values[i]); unit != "" {
			return false, &TableError{say("决策表 %s 无法判断：%s 是 %v，第 %d 行的条件（%s）是 %s，币种不同",
				"the table %s gives no answer: %s is %v and line %d asks for %[6]s (%[5]s), which are different currencies", t.ID, t.Inputs[i].Name, values[i], r.At.Line, m.Source, unit)}
		}
		if !m.holds(values[i]) {
			return false, nil
		}
	}
	return true, nil
}

// say writes inputs for people: "severity: D, amount: –".
func (t *Table) say(env Env, values []any) string {
	out := ""
	for i, in := range t.Inputs {
		shown := env.Show(in.Field, values[i], "zh")
		if shown == "" {
			shown = "–"
		}
		if i > 0 {
			out += ", "
		}
		out += fmt.Sprintf("%s: %s", in.Name, shown)
	}
	return out
}

// durations counts the outputs that are limits.
func (t *Table) durations() (n int) {
	for _, f := range t.Outputs {
		if f.Type == typeDuration {
			n++
		}
	}
	return n
}

// Limit is the one duration among the answers of a table; what else it gives isn't asked for here.
func (t *Table) Limit(env Env) (Limit, error) {
	out, _, err := t.Decide(env)
	if err != nil {
		return Limit{}, err
	}
	for _, answer := range out {
		if limit, ok := answer.(Limit); ok {
			return limit, nil
		}
	}
	return Limit{}, nil
}
