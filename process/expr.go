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
	Names     func(userID string) Text
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
//	initiator, now, today   a person, a moment, a date
//	outcome_of("step")      the last outcome of a step; empty where it has none yet
//	15%, 50万 CNY            literals; money is never compared with a bare number, nor a percentage
//	+ - * /, == != < <= > >=, in, && || !, ? :
//	has(x), empty(x), size(x), x.contains(s), x.startsWith(s), x.endsWith(s)
//
// An empty field compares as false with everything, whatever the operator: both `record.x > 5` and `record.x != 5` are false where x is empty,
// and `!(record.x > 5)` is true. Arithmetic with an empty field gives an empty value. `has(record.x)` asks whether there is one. An empty
// yes_no field used as a condition is false.
//
// An Expr is immutable and may be used by many goroutines. The same Env gives the same answer.
type Expr struct {
	Source string
	At     Position
	Fields []string // fields of the record it looks at, sorted

	literal  bool
	constant any
	program  cel.Program
	inputs   []input
	into     *Field // for Value: what it is written to
}

// input is a variable that an expression needs.
type input struct {
	name string // as CEL knows it: "record.x"
	get  func(Env) ref.Val
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
		return nil, errors.New(wrong.Message.EN)
	}
	return v, nil
}

func (e *Expr) eval(env Env) (any, error) {
	if e.literal {
		return e.constant, nil
	}
	vars := make(map[string]any, len(e.inputs))
	for _, in := range e.inputs {
		vars[in.name] = in.get(env)
	}
	out, _, err := e.program.Eval(vars)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Source, err)
	}
	return fromCEL(out), nil
}
