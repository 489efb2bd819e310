package process

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types/ref"
)

// Limits of one expression.
const (
	maxExpr  = 2000   // characters
	exprCost = 10_000 // units of CEL's cost
)

// condition reads an expression that is true or false.
func (c *chainLoader) condition(v *node) *Expr {
	if v.kind == nodeBool {
		return &Expr{Source: v.text, At: c.position(v), literal: true, constant: v.truth}
	}
	return c.compile(v, nil)
}

// compile reads an expression: a condition, or the value for a field. It gives nil after a problem.
func (c *chainLoader) compile(v *node, into *Field) *Expr {
	source, ok := c.exprText(v)
	if !ok || c.p.Type == nil {
		return nil
	}
	x := &compiler{chainLoader: c, node: v, into: into, text: expand(source)}
	e := x.compile()
	if e != nil {
		e.Source, e.At = strings.TrimSpace(source), c.position(v)
	}
	return e
}

func (c *chainLoader) exprText(v *node) (string, bool) {
	if v.kind == nodeNumber {
		return v.text, true
	}
	s, ok := c.string(v)
	if !ok {
		return "", false
	}
	if utf8.RuneCountInString(s) > maxExpr {
		c.problem(v, "表达式太长（最多 %d 个字符）", "the expression is too long (at most %d characters)", maxExpr)
		return "", false
	}
	return s, true
}

// expanded is an expression whose literals of money and percentages are written as CEL calls; origin says for each of its characters which one
// of the source it stands for.
type expanded struct {
	text   string
	origin []int
}

var exprLiteral = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|` + `[A-Za-z_][A-Za-z0-9_.]*|` + moneyLiteral.String() + `|` + percentLiteral.String())

// expand replaces literals. Texts and names are matched too, so that nothing inside them is taken for one.
func expand(source string) expanded {
	var out expanded
	var b strings.Builder
	at, chars := 0, 0
	copyTo := func(end int) {
		for _, r := range source[at:end] {
			b.WriteRune(r)
			out.origin = append(out.origin, chars)
			chars++
		}
		at = end
	}
	for _, m := range exprLiteral.FindAllStringIndex(source, -1) {
		literal := source[m[0]:m[1]]
		call := ""
		if _, ok := parseMoney(literal); ok {
			call = callMoney
		} else if _, ok := parsePercent(literal); ok {
			call = callPercent
		}
		if call == "" {
			continue
		}
		copyTo(m[0])
		written := call + `("` + literal + `")`
		b.WriteString(written)
		for range utf8.RuneCountInString(written) {
			out.origin = append(out.origin, chars)
		}
		chars += utf8.RuneCountInString(literal)
		at = m[1]
	}
	copyTo(len(source))
	out.text = b.String()
	return out
}

// compiler turns one expression into a program.
type compiler struct {
	*chainLoader
	node   *node
	into   *Field // nil: a condition
	text   expanded
	ast    *cel.Ast
	maxID  int64
	failed bool
	fields map[string]bool // fields of the record, by name
	vars   map[string]bool // variables, by the name CEL knows
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

// What only looks like CEL: aggregates in words, names of an `each`, outputs of a `decide`.
var laterSyntax = regexp.MustCompile(`\b(?:max|min|sum|count|any) of\b|\$[a-z]+|\bdecided\.`)

func (x *compiler) compile() *Expr {
	if m := laterSyntax.FindStringIndex(x.text.text); m != nil {
		x.notYet(x.place(utf8.RuneCountInString(x.text.text[:m[0]])), x.text.text[m[0]:m[1]])
		return nil
	}
	env, err := x.celEnv()
	if err != nil {
		x.fail(-1, "表达式无法编译：%s", "the expression can't be compiled: %s", err)
		return nil
	}
	parsed, issues := env.Parse(x.text.text)
	if issues.Err() != nil {
		x.syntaxError(issues)
		return nil
	}
	x.ast, x.fields, x.vars = parsed, map[string]bool{}, map[string]bool{}
	x.rewriteAll()
	if x.failed {
		return nil
	}
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		x.typeError(issues)
		return nil
	}
	if !x.fits(checked.OutputType()) {
		return nil
	}
	return x.program(env, checked)
}

func (x *compiler) program(env *cel.Env, checked *cel.Ast) *Expr {
	program, err := env.Program(checked, cel.CostLimit(exprCost))
	if err != nil {
		x.fail(-1, "表达式无法编译：%s", "the expression can't be compiled: %s", err)
		return nil
	}
	e := &Expr{program: program, inputs: x.inputs(), into: x.into}
	for name := range x.fields {
		e.Fields = append(e.Fields, name)
	}
	slices.Sort(e.Fields)
	return e
}

// inputs are the variables of the program.
func (x *compiler) inputs() []input {
	all := []input{
		{"initiator", func(e Env) ref.Val { return toCELOne(&Field{Type: typePerson}, e.Initiator) }},
		{"now", func(e Env) ref.Val { return opaque{e.Now.Format("2006-01-02T15:04:05.999999999Z07:00"), celDatetime} }},
		{"today", func(e Env) ref.Val { return opaque{e.today(), celDate} }},
		{varOutcomes, func(e Env) ref.Val { return opaque{e.OutcomeOf, celOutcomes} }},
	}
	for _, v := range exprVariables(x.p.Type) {
		all = append(all, input{"record." + v.name, func(e Env) ref.Val { return toCEL(&v.field, v.get(e.Record)) }})
		if v.stored {
			all = append(all, input{"before." + v.name, func(e Env) ref.Val { return toCEL(&v.field, e.Before[v.name]) }})
		}
	}
	return slices.DeleteFunc(all, func(in input) bool { return !x.vars[in.name] })
}

// fits checks the type of the result.
func (x *compiler) fits(got *cel.Type) bool {
	want := cel.BoolType
	if x.into != nil {
		want = celType(x.into)
	}
	if want.IsExactType(got) {
		return true
	}
	if x.into == nil {
		x.fail(0, "条件应是是非判断，这里得到的是%s", "a condition is true or false; this is %s", typeWord(got.String()))
		return false
	}
	if x.into.Type == typeMoney && got == cel.DoubleType {
		x.fail(0, "金额要写明币种，如 `500000 CNY` 或 `50万 CNY`", "money needs its currency: `500000 CNY`, or `50万 CNY`")
		return false
	}
	x.fail(0, "`%s` 需要%s，这里得到的是%s", "`%s` needs %s; this is %s", x.into.Name, typeWord(want.String()), typeWord(got.String()))
	return false
}

// celEnv is made once for a chain.
func (c *chainLoader) celEnv() (*cel.Env, error) {
	if c.env == nil {
		env, err := exprEnv(c.p.Type)
		if err != nil {
			return nil, err
		}
		c.env = env
	}
	return c.env, nil
}
