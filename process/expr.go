package process

import (
	"errors"
	"fmt"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"
)

// Env is what expressions and templates look at.
type Env struct {
	Record    Record
	Initiator string
	Before    Fields // the record's fields at the start of the case
	Now       time.Time
	Zone      *time.Location           // where `today` is; nil: that of Now
	Today     string                   // "2006-01-02"; empty: the day of Now in Zone
	OutcomeOf func(step string) string // the last outcome of a step, seen from where the expression stands; nil: none yet
	Item      func(name string) any    // what `$name` is where the expression stands: a value, or a line; nil: nothing is
	Decided   func(name string) any    // an output of the decision tables asked so far; nil: none yet
	Records   Records                  // what references point at; nil: nothing is known of other records
	Names     func(userID string) Text

	Departments func(id string) Text // what departments are called; nil: as they are written
	ids         bool                 // what templates fill in is for a program: choices and departments as they are written
}

func (e Env) today() string {
	switch {
	case e.Today != "":
		return e.Today
	case e.Zone != nil:
		return e.Now.In(e.Zone).Format(time.DateOnly)
	}
	return e.Now.Format(time.DateOnly)
}

// Expr is an expression in the language of definitions: CEL, typed against the record type of its chain.
//
//	record.x, before.x      a field now, and at the start of the case
//	record.x.y              a field of the record that x points at, as it is now; any number of steps
//	$x, $x.y                the item of an `each`, and a column of it where it is a line, or a field of what it points at
//	decided.x               an output of the decision tables asked so far
//	initiator, now, today   a person, a moment, a date
//	outcome_of(step)        the last outcome of a step, with or without quotes; empty where it has none yet
//	15%, 50万 CNY            literals; money is never compared with a bare number, nor a percentage
//	+ - * /, == != < <= > >=, in, && || !, ? :
//	has(x), empty(x), size(x), x.contains(s), x.startsWith(s), x.endsWith(s)
//
// Aggregates go through the lines of one list in order, or through the entries of a field with `many`:
//
//	sum of record.lines.quantity * record.lines.price    calculated line by line, then added up
//	max of, min of                                       of numbers, money, percentages, dates and times
//	count of record.lines                                how many lines there are
//	count of record.lines.discount                       in how many the column is filled in
//	count of record.lines.discount > 15%                 for how many the condition holds
//	any of record.lines.discount > 15%                   whether it holds for one of them
//
// What follows `sum of`, `max of` and `min of` reaches as far as + - * / do: `max of record.lines.discount > 15%` compares the greatest discount.
// What follows `count of` and `any of` is a condition on each line and reaches as far as a comparison does; && and || end it, save inside
// parentheses. Compare a count in parentheses: `(count of record.lines.discount > 15%) > 2`. Empty values are left out. Without any value, sum is
// 0 (of money, which would need a currency, empty), max and min are empty, count is 0 and any is false.
//
// An empty field compares as false with everything, whatever the operator: both `record.x > 5` and `record.x != 5` are false where x is empty,
// and `!(record.x > 5)` is true. Arithmetic with an empty field gives an empty value. `has(record.x)` asks whether there is one. An empty
// yes_no field used as a condition is false. A field of a record that a reference points at is empty where the reference is, or where there is no
// such record.
//
// An Expr is immutable and may be used by many goroutines. The same Env gives the same answer.
type Expr struct {
	Source string
	At     Position
	Fields []string // fields of the record it looks at, sorted

	literal  bool
	constant any
	own      bool // the record itself, as a reference
	program  cel.Program
	inputs   []input
	into     *Field // for Value: what it is written to
}

// Bool evaluates a condition. It fails when amounts of two currencies are compared, on division by zero, or when the expression costs too
// much; then nothing is known, and the case is held.
func (e *Expr) Bool(env Env) (bool, error) {
	v, err := e.eval(env)
	if err != nil {
		return false, err
	}
	b, _ := v.(bool)
	return b, nil
}

// Value evaluates to a canonical value of the table at [Field]; nil is an empty one. It fails like [Expr.Bool], and when the field it is
// meant for doesn't accept the value, such as a text that isn't one of the choices.
func (e *Expr) Value(env Env) (any, error) {
	v, err := e.eval(env)
	if err != nil || e.into == nil {
		return v, err
	}
	if wrong := e.into.Accepts(v); wrong != nil {
		return nil, &valueError{wrong.Message}
	}
	return v, nil
}

// valueError says why a field doesn't accept a value.
type valueError struct{ why Text }

func (e *valueError) Error() string { return e.why.EN }

func (e *Expr) eval(env Env) (any, error) {
	if e.literal {
		return e.constant, nil
	}
	if e.own {
		return Reference{Type: env.Record.Type, ID: env.Record.ID}, nil
	}
	left := listCost
	out, err := run(e.program, &slots{env: env, inputs: e.inputs, budget: &left})
	if left < 0 { // CEL's && and || may have passed over the error
		err = errCost
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Source, err)
	}
	return fromCEL(out), nil
}

// input is something that an expression needs to know; item is what an aggregate has come to.
type input struct {
	perItem bool
	get     func(s *slots, item any) ref.Val
}

// slots are the inputs of one evaluation, found when they are first asked for. An aggregate has slots of its own.
type slots struct {
	env    Env
	inputs []input
	found  []ref.Val
	item   any
	budget *int // what may still be spent, aggregates included
}

// slot gives an input; [getters] are how CEL asks.
func (s *slots) slot(i int) ref.Val {
	if s.found == nil {
		s.found = make([]ref.Val, len(s.inputs))
	}
	if s.found[i] == nil {
		s.found[i] = s.inputs[i].get(s, s.item)
	}
	return s.found[i]
}

// next goes on to another item.
func (s *slots) next(item any) {
	s.item = item
	for i := range s.found {
		if s.inputs[i].perItem {
			s.found[i] = nil
		}
	}
}

var errCost = errors.New("the expression costs too much")

func run(program cel.Program, s *slots) (ref.Val, error) {
	if *s.budget < 0 {
		return nil, errCost
	}
	out, details, err := program.Eval(map[string]any{varSlots: opaque{s, celSlots}})
	if cost := details.ActualCost(); cost != nil {
		*s.budget -= int(min(*cost, exprCost))
	}
	return out, err
}
