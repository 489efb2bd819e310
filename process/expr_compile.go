package process

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"
)

// Limits of one expression.
const (
	maxExpr  = 2000    // characters
	exprCost = 10_000  // units of CEL's cost
	listCost = 100_000 // of all the aggregates in it, over all their lines
)

// fitting tests the type of a result and says what is wrong with it.
type fitting func(x *compiler, got *cel.Type) bool

// condition reads an expression that is true or false.
func (c *chainLoader) condition(v *node) *Expr { return c.vocabulary().condition(v) }

// compile reads an expression: a condition, or the value for a field. It gives nil after a problem.
func (c *chainLoader) compile(v *node, into *Field) *Expr { return c.vocabulary().compile(v, into) }

// compileTo reads an expression whose type passes a test. It gives nil after a problem.
func (c *chainLoader) compileTo(v *node, fits fitting) *Expr {
	return c.vocabulary().compileTo(v, fits)
}

func (w vocabulary) condition(v *node) *Expr {
	if v.kind == nodeBool {
		return &Expr{Source: v.text, At: w.position(v), literal: true, constant: v.truth}
	}
	return w.compile(v, nil)
}

func (w vocabulary) compile(v *node, into *Field) *Expr {
	e := w.compileTo(v, func(x *compiler, got *cel.Type) bool { return x.fits(into, got) })
	if e != nil {
		e.into = into
	}
	return e
}

func (w vocabulary) compileTo(v *node, fits fitting) *Expr {
	source, ok := w.exprText(v)
	if !ok || w.record == nil {
		return nil
	}
	x := &compiler{vocabulary: w, node: v, text: expand(source), fields: map[string]bool{}}
	e := x.compile(fits)
	if e == nil {
		return nil
	}
	e.Source, e.At = strings.TrimSpace(source), w.position(v)
	e.Fields = sortedNames(x.fields)
	return e
}

func (l *loader) exprText(v *node) (string, bool) {
	if v.kind == nodeNumber {
		return v.text, true
	}
	s, ok := l.string(v)
	if !ok {
		return "", false
	}
	if utf8.RuneCountInString(s) > maxExpr {
		l.problem(v, "表达式太长（最多 %d 个字符）", "the expression is too long (at most %d characters)", maxExpr)
		return "", false
	}
	return s, true
}

// compiler turns one expression, or what an aggregate goes through, into a program.
type compiler struct {
	vocabulary
	node   *node
	text   expanded
	ast    *cel.Ast
	maxID  int64
	failed bool
	fields map[string]bool // fields of the record, by name: the same map for an expression and its aggregates
	inputs []input
	paths  map[int64]path // what expressions are that only name something, by id
	starts map[int64]int  // where they begin
	joined []aggregate    // the aggregates in the text, by number
	list   *listOf        // of what an aggregate goes through: the list; nil outside
}

// fail reports a problem at a character (from 0) of the expanded text.
func (x *compiler) fail(offset int, zh, en string, args ...any) {
	x.failed = true
	x.problem(x.place(offset), zh, en, args...)
}

// place finds a character of the expanded text in the file. Inside texts that aren't written on one line it is the beginning of the text.
func (x *compiler) place(offset int) *node {
	at := &node{line: x.node.line, column: x.node.column}
	if !x.node.inline || len(x.text.origin) == 0 || offset < 0 {
		return at
	}
	at.column += x.node.offset + x.text.origin[min(offset, len(x.text.origin)-1)]
	if offset >= len(x.text.origin) {
		at.column++
	}
	return at
}

func (x *compiler) compile(fits fitting) *Expr {
	x.cut()
	program, got := x.program()
	if program == nil || !fits(x, got) {
		return nil
	}
	return &Expr{program: program, inputs: x.inputs}
}

// program compiles the text; nil after a problem.
func (x *compiler) program() (cel.Program, *cel.Type) {
	env, err := exprEnv()
	if err != nil {
		x.fail(-1, "表达式无法编译：%s", "the expression can't be compiled: %s", err)
		return nil, nil
	}
	parsed, issues := env.Parse(x.text.text)
	if issues.Err() != nil {
		x.syntaxError(issues)
		return nil, nil
	}
	x.ast, x.paths, x.starts = parsed, map[int64]path{}, map[int64]int{}
	x.rewriteAll()
	if x.failed {
		return nil, nil
	}
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		x.typeError(issues)
		return nil, nil
	}
	program, err := env.Program(checked, cel.CostLimit(exprCost))
	if err != nil {
		x.fail(-1, "表达式无法编译：%s", "the expression can't be compiled: %s", err)
		return nil, nil
	}
	return program, checked.OutputType()
}

// fixed are the words that need nothing behind them.
var fixed = map[string]struct {
	typ *cel.Type
	get func(Env) ref.Val
}{
	"initiator": {cel.StringType, func(e Env) ref.Val { return toCELOne(&Field{Type: typePerson}, e.Initiator) }},
	"now":       {celDatetime, func(e Env) ref.Val { return opaque{e.Now.Format("2006-01-02T15:04:05.999999999Z07:00"), celDatetime} }},
	"today":     {celDate, func(e Env) ref.Val { return opaque{e.today(), celDate} }},
}

// fits checks the type of the result: that of a field, or nil for a condition.
func (x *compiler) fits(into *Field, got *cel.Type) bool {
	want := cel.BoolType
	if into != nil {
		want = celType(into)
	}
	if want.IsExactType(got) {
		return into == nil || x.sameThing(into)
	}
	if into == nil {
		x.fail(0, "条件应是是非判断，这里得到的是%s", "a condition is true or false; this is %s", typeWord(got.String()))
		return false
	}
	if into.Type == typeMoney && got == cel.DoubleType {
		x.fail(0, "金额要写明币种，如 `500000 CNY` 或 `50万 CNY`", "money needs its currency: `500000 CNY`, or `50万 CNY`")
		return false
	}
	if into.Type == typePercent && got == cel.DoubleType {
		x.fail(0, "`%s` 需要百分比，这里得到的是数字；两数相除得到的是数字（0.15 就是 15%%），请把 `%[1]s` 写成 `type: number`", "`%s` needs a percentage; this is a number, as what comes of dividing is (0.15 is 15%%): write `type: number` for `%[1]s`", into.Name)
		return false
	}
	x.fail(0, "`%s` 需要%s，这里得到的是%s", "`%s` needs %s; this is %s", into.Name, typeWord(want.String()), typeWord(got.String()))
	return false
}

// sameThing checks what CEL's types don't tell apart: references to records of one type, and lines of one form.
func (x *compiler) sameThing(into *Field) bool {
	f := x.fieldIn(x.ast.NativeRep().Expr())
	switch {
	case f == nil, f.Type != into.Type:
		return true
	case f.Type == typeReference && f.To != into.To:
		x.fail(0, "`%s` 指向 `%s`，这里得到的是对 `%s` 的引用", "`%s` points at a `%s`; this is a reference to a `%s`", into.Name, into.To, f.To)
		return false
	case f.Type == typeLines && !slices.EqualFunc(f.Lines, into.Lines, func(a, b Field) bool { return a.Name == b.Name && a.Type == b.Type }):
		x.fail(0, "`%s` 和 `%s` 的各列不同", "the columns of `%s` and `%s` differ", into.Name, f.Name)
		return false
	}
	return true
}

// aggregateNumber reads the number of an aggregate's word.
func (x *compiler) aggregateNumber(name string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimPrefix(name, aggregatePrefix))
	return n, err == nil && strings.HasPrefix(name, aggregatePrefix) && n < len(x.joined)
}
