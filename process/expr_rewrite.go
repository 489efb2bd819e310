package process

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

var exprFactory = ast.NewExprFactory()

// rewriteAll replaces CEL's operators by the language's own, and finds every word that the language doesn't have.
func (x *compiler) rewriteAll() {
	native := x.ast.NativeRep()
	x.maxID = ast.MaxID(native)
	x.rewrite(native.Expr())
}

// offset is where an expression stands in the expanded text.
func (x *compiler) offset(e ast.Expr) int {
	r, ok := x.ast.NativeRep().SourceInfo().GetOffsetRange(e.ID())
	if !ok {
		return 0
	}
	return int(r.Start)
}

// start is the leftmost place of an expression: that of an operator is in its middle.
func (x *compiler) start(e ast.Expr) int {
	if at, ok := x.starts[e.ID()]; ok {
		return at
	}
	at := x.offset(e)
	switch e.Kind() {
	case ast.CallKind:
		for _, a := range e.AsCall().Args() {
			at = min(at, x.start(a))
		}
		if e.AsCall().IsMemberFunction() {
			at = min(at, x.start(e.AsCall().Target()))
		}
	case ast.SelectKind:
		at = min(at, x.start(e.AsSelect().Operand()))
	}
	return at
}

func (x *compiler) newID(like ast.Expr) int64 {
	x.maxID++
	info := x.ast.NativeRep().SourceInfo()
	if r, ok := info.GetOffsetRange(like.ID()); ok {
		info.SetOffsetRange(x.maxID, r)
	}
	return x.maxID
}

func (x *compiler) rewrite(e ast.Expr) {
	switch e.Kind() {
	case ast.LiteralKind:
		x.literalValue(e)
	case ast.IdentKind:
		x.ident(e)
	case ast.SelectKind:
		x.selection(e)
	case ast.CallKind:
		x.call(e)
	case ast.ListKind:
		for _, item := range e.AsList().Elements() {
			x.rewrite(item)
		}
	default:
		x.fail(x.offset(e), "表达式里不能这样写", "an expression can't have this")
	}
}

// literalValue makes every number a fraction, as fields are.
func (x *compiler) literalValue(e ast.Expr) {
	switch v := e.AsLiteral().(type) {
	case types.Int:
		e.SetKindCase(exprFactory.NewLiteral(e.ID(), types.Double(v)))
	case types.Double, types.String, types.Bool:
	case types.Null:
		x.fail(x.offset(e), "这里没有 null：要知道字段是否填写，请用 `has(record.x)`", "there is no null: `has(record.x)` asks whether a field is filled in")
	default:
		x.fail(x.offset(e), "表达式里不能这样写", "an expression can't have this")
	}
}

// call replaces an operator or a function by the language's own.
func (x *compiler) call(e ast.Expr) {
	c := e.AsCall()
	name, args := c.FunctionName(), slices.Clone(c.Args())
	if name == callMoney || name == callPercent {
		return
	}
	if c.IsMemberFunction() {
		x.rewrite(c.Target())
		if !slices.Contains(exprMethods, name) {
			// The place of a call of this form is its parenthesis.
			x.unknownWord(max(0, x.offset(e)-len(name)), name, exprFunctions)
			return
		}
	}
	for _, a := range args {
		x.rewrite(a)
	}
	switch own := ownOperators[name]; {
	case own != "":
		x.checkWords(own, args)
		e.SetKindCase(exprFactory.NewCall(e.ID(), own, args...))
	case name == operators.LogicalAnd || name == operators.LogicalOr || name == operators.LogicalNot || name == operators.Conditional:
		x.truths(e, name, args)
	case c.IsMemberFunction():
		e.SetKindCase(exprFactory.NewCall(e.ID(), "@"+name, append([]ast.Expr{c.Target()}, args...)...))
	default:
		x.function(e, name, args)
	}
}

// truths lets an empty yes_no count as false where a condition is meant.
func (x *compiler) truths(e ast.Expr, name string, args []ast.Expr) {
	for i, a := range args {
		if name == operators.Conditional && i > 0 {
			continue
		}
		args[i] = exprFactory.NewCall(x.newID(a), opTruth, a)
	}
	e.SetKindCase(exprFactory.NewCall(e.ID(), name, args...))
}

func (x *compiler) function(e ast.Expr, name string, args []ast.Expr) {
	if word := strings.Trim(name, "_@[]?:-"); word == "" || strings.ContainsAny(word, "%") {
		x.fail(x.offset(e), "表达式里不能这样写", "an expression can't have this")
		return
	}
	if !slices.Contains([]string{"has", "empty", "size", "outcome_of"}, name) {
		x.unknownWord(x.offset(e), name, exprFunctions)
		return
	}
	if len(args) != 1 {
		x.fail(x.offset(e), "`%s` 要一个参数", "`%s` takes one argument", name)
		return
	}
	switch name {
	case "has":
		inner := exprFactory.NewCall(x.newID(e), opEmpty, args[0])
		e.SetKindCase(exprFactory.NewCall(e.ID(), operators.LogicalNot, inner))
	case "empty":
		e.SetKindCase(exprFactory.NewCall(e.ID(), opEmpty, args[0]))
	case "size":
		e.SetKindCase(exprFactory.NewCall(e.ID(), "length", args[0]))
	case "outcome_of":
		x.outcomeOf(e, args[0])
	}
}

// outcomeOf checks the step.
func (x *compiler) outcomeOf(e, step ast.Expr) {
	id, ok := textOf(step)
	switch {
	case x.chain == nil:
		x.unknownWord(x.offset(e), "outcome_of", nil)
		return
	case !ok:
		x.fail(x.offset(step), "请写步骤名，如 `outcome_of(review)`", "name the step, as `outcome_of(review)`")
		return
	}
	at := x.place(x.offset(step))
	at.text = id
	x.chain.after(func() { x.chain.hasOutcome(x.loader, at, id) })
	x.chain.p.asked[id] = true
	e.SetKindCase(exprFactory.NewCall(e.ID(), opOutcome, exprFactory.NewIdent(x.newID(e), varSlots), step))
}

// hasOutcome checks that an id is that of a step which ends with an outcome: people decide it, or it waits for something.
func (c *chainLoader) hasOutcome(l *loader, n *node, id string) {
	switch s := c.p.byID[id]; {
	case c.lost[id]:
	case s == nil:
		l.unknown(n, c.stepIDs(), Text{ZH: "没有这个步骤", EN: "no such step:"})
	case s.Who == nil && !slices.Contains([]string{"wait", "call", "request"}, s.Kind):
		l.problem(n, "步骤 `%s` 没有结果", "the step `%s` has no outcome", id)
	}
}

func textOf(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}

// checkWords finds texts that a field can never be: `record.source == "exibition"`.
func (x *compiler) checkWords(op string, args []ast.Expr) {
	if len(args) != 2 || op == opAdd {
		return
	}
	for i, side := range args {
		others := []ast.Expr{args[1-i]}
		if others[0].Kind() == ast.ListKind {
			others = others[0].AsList().Elements()
		}
		if step := stepAsked(side); step != "" {
			x.checkOutcomes(step, others)
			continue
		}
		f := x.fieldIn(side)
		if f == nil || f.Type != typeChoice && f.Type != typeDate && f.Type != typeDatetime {
			continue
		}
		for _, o := range others {
			x.checkWord(f, o)
		}
	}
}

// stepAsked is the step whose outcome an expression simply is; "" for anything else.
func stepAsked(e ast.Expr) string {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != opOutcome {
		return ""
	}
	id, _ := textOf(e.AsCall().Args()[1])
	return id
}

// checkOutcomes finds texts that the outcome of a step can never be, once the steps are known. What was published once may hold such a text.
func (x *compiler) checkOutcomes(step string, texts []ast.Expr) {
	c, l := x.chain, x.loader
	if c.base.Past {
		return
	}
	for _, e := range texts {
		s, ok := textOf(e)
		if !ok || s == "" {
			continue
		}
		at := x.place(x.offset(e))
		c.after(func() {
			if all := c.outcomesToAsk(c.p.byID[step]); len(all) > 0 && !slices.Contains(all, s) {
				l.problem(at, "步骤 `%s` 没有结果 `%s`；可以是 %s", "the step `%s` has no outcome `%s`; it is one of %s", step, clip(s), quoted(all))
			}
		})
	}
}

// outcomesToAsk are the outcomes that `outcome_of` may give for a step; none where nobody can tell.
func (c *chainLoader) outcomesToAsk(s *Step) []string {
	switch k := doOf(s).(type) {
	case Approve:
		return approveOutcomes
	case Work:
		return s.outcomes()
	case Wait:
		all := []string{Done}
		for _, r := range s.Time.Late {
			if r.Outcome != "" && !slices.Contains(all, r.Outcome) {
				all = append(all, r.Outcome)
			}
		}
		return all
	case Call:
		if called := c.declaredProcess(k.Process); called != nil {
			return called.ends
		}
	}
	return nil
}

func (x *compiler) checkWord(f *Field, e ast.Expr) {
	s, ok := textOf(e)
	if !ok || s == "" {
		return
	}
	one := *f
	one.Many = false
	if wrong := one.Accepts(s); wrong != nil {
		x.fail(x.offset(e), "%s", "%s", wrong.Message)
	}
}

// fieldIn is the field that an expression simply is; nil for anything else.
func (x *compiler) fieldIn(e ast.Expr) *Field {
	if p, ok := x.paths[e.ID()]; ok {
		return p.field
	}
	return nil
}

// syntaxError says where an expression can't be read, and where what stands there is known from elsewhere, how it is written here.
func (x *compiler) syntaxError(issues *cel.Issues) {
	at := x.charAt(issues.Errors()[0].Location)
	text := []rune(x.text.text)
	word, instead := x.foreign(at)
	switch {
	case at < len(text) && strangeMoney.MatchString(string(text[at:])):
		x.fail(at, "金额要写明币种，如 `500000 CNY` 或 `50万 CNY`", "money needs its currency: `500000 CNY`, or `50万 CNY`")
	case currencyFirst.MatchString(string(text[:min(at, len(text))])) && at < len(text) && unicode.IsDigit(text[at]):
		x.fail(at, "币种写在金额后面，如 `500000 CNY`", "the currency stands behind the amount: `500000 CNY`")
	case x.fullWidthNear(at):
	case lengthOfTime.MatchString(string(text[:min(at, len(text))])) && timeUnit.MatchString(string(text[min(at, len(text)):])):
		x.fail(at, "表达式里没有时间长度，也不能加减日期；期限写在 `due` 和 `wait` 里", "an expression has no lengths of time, and dates can't be added to: lengths stand in `due` and `wait`")
	case instead != "":
		x.fail(at, "表达式里 `%s` 请写成 `%s`", "in an expression `%s` is written `%s`", word, instead)
	default:
		x.fail(at, "从这里起表达式读不懂", "the expression can't be read from here")
	}
}

// foreignOperators are what people write for the operators of the language.
var foreignOperators = map[string]string{"and": "&&", "or": "||", "AND": "&&", "OR": "||", "not": "!", "NOT": "!", "=": "==", "<>": "!=", "且": "&&", "或": "||"}

// lengthOfTime and timeUnit are the two halves of `20 days` where an expression can't be read on.
var (
	lengthOfTime = regexp.MustCompile(`\d\s*$`)
	timeUnit     = regexp.MustCompile(`^(?:working )?(?:days?|hours?|minutes?|weeks?|months?)\b|^(?:个?工作日|天|个?小时|分钟)`)
)

// strangeMoney is how money is written elsewhere: 5万, ￥500, 500 RMB.
var strangeMoney = regexp.MustCompile(`^(?:[万亿元￥¥€]|RMB\b|\$[0-9])`)

// currencyFirst is a currency that an amount follows.
var currencyFirst = regexp.MustCompile(`\b[A-Z]{3}\s*$`)

var foreignWord = regexp.MustCompile(`^(?:[A-Za-z]+|<>|[=且或])`)

// foreign finds such an operator where an expression can't be read on: at that place, or just before it.
func (x *compiler) foreign(at int) (word, instead string) {
	text := []rune(x.text.text)
	if at > len(text) {
		return "", ""
	}
	word = foreignWord.FindString(string(text[at:]))
	if instead = foreignOperators[word]; instead == "" {
		before := strings.Fields(string(text[:at]))
		if len(before) > 0 {
			word = before[len(before)-1]
			instead = foreignOperators[word]
		}
	}
	return word, instead
}

// charAt turns CEL's line and column into a character of the expanded text.
func (x *compiler) charAt(at common.Location) int {
	offset := max(0, at.Column())
	lines := strings.SplitAfter(x.text.text, "\n")
	for i := 0; i < at.Line()-1 && i < len(lines); i++ {
		offset += len([]rune(lines[i]))
	}
	return offset
}

var noOverload = regexp.MustCompile(`found no matching overload for '([^']*)' applied to '\((.*)\)'`)

// typeError says in the words of the language what CEL's checker says in its own.
func (x *compiler) typeError(issues *cel.Issues) {
	for _, e := range issues.Errors() {
		at := x.charAt(e.Location)
		m := noOverload.FindStringSubmatch(e.Message)
		if m == nil {
			x.fail(at, "表达式的类型不对：%s", "the types of the expression don't fit: %s", e.Message)
			continue
		}
		x.mismatch(at, m[1], splitTypes(m[2]))
	}
}

// splitTypes cuts "money, list(string)".
func splitTypes(s string) []string { return strings.Split(s, ", ") }

func (x *compiler) mismatch(at int, function string, args []string) {
	op := shownOperators[function]
	if op == "" {
		op = strings.TrimPrefix(strings.Replace(function, "length", "size", 1), "@")
	}
	has := func(t string) bool { return slices.Contains(args, t) }
	switch {
	case has("money") && has("double") && len(args) == 2:
		x.fail(at, "金额不能和没有币种的数字用 `%s`：请写 `500000 CNY` 或 `50万 CNY`", "`%s` between money and a bare number: write the currency, `500000 CNY` or `50万 CNY`", op)
	case has("percent") && has("double") && len(args) == 2:
		x.fail(at, "百分比不能和普通数字用 `%s`：请写 `15%%`", "`%s` between a percentage and a bare number: write `15%%`", op)
	case (has("date") || has("datetime")) && len(args) == 2 && (op == "+" || op == "-"):
		x.fail(at, "日期不能加减；天数请另设一个数字字段填写，期限写成 `due: 3 working days before record.on`", "dates can't be added or taken from each other: keep a number of days in a field of its own, and write a limit as `due: 3 working days before record.on`")
	case (has("date") || has("datetime")) && has("double") && len(args) == 2 && strings.Contains("> < >= <= == !=", op):
		x.fail(at, "日期要写在引号里：`%s \"2026-12-31\"`", "a day stands in quotes: `%s \"2026-12-31\"`", op)
	case len(args) == 2:
		x.fail(at, "%s和%s不能用 `%s`", "%s and %s don't go with `%s`", typeWord(args[0]), typeWord(args[1]), op)
	default:
		x.fail(at, "%s不能用 `%s`", "%s doesn't go with `%s`", typeWord(args[0]), op)
	}
}
