package process

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

func (x *compiler) ident(e ast.Expr) {
	name := e.AsIdent()
	if n, ok := x.aggregateNumber(name); ok && x.text.stands(x.offset(e), aggregates...) {
		x.get(e, x.joined[n].typ, x.joined[n].input)
		return
	}
	if word, ok := fixed[name]; ok && x.chain != nil {
		x.get(e, word.typ, input{get: func(s *slots, _ any) ref.Val { return word.get(s.env) }})
		return
	}
	x.named(e, []string{name})
}

// get replaces an expression by the getter of an input.
func (x *compiler) get(e ast.Expr, typ *cel.Type, in input) {
	x.starts[e.ID()] = x.start(e)
	n := exprFactory.NewLiteral(x.newID(e), types.Int(len(x.inputs)))
	x.inputs = append(x.inputs, in)
	e.SetKindCase(exprFactory.NewCall(e.ID(), getterOf(typ), exprFactory.NewIdent(x.newID(e), varSlots), n))
}

// named replaces what names a value: record.x, before.x, $x, decided.x, and what follows them.
func (x *compiler) named(e ast.Expr, names []string) {
	offset := x.start(e)
	if strings.HasPrefix(names[0], "_") && !x.text.stands(offset, "$") {
		x.unknownWord(offset, names[0], x.wordsOfExpr())
		return
	}
	p, wrong := x.path(names)
	if wrong != nil {
		x.wrongWord(offset, names, wrong)
		return
	}
	x.asItIsNow(x.place(offset), names)
	if p.stored != "" {
		x.fields[p.stored] = true
	}
	if x.list != nil {
		p = p.spread(names)
	}
	if p.list == nil {
		x.paths[e.ID()] = p
		x.get(e, celType(p.field), input{get: func(s *slots, _ any) ref.Val { return toCEL(p.field, p.get(s.env, nil)) }})
		return
	}
	if !x.through(offset, names, p) {
		return
	}
	x.paths[e.ID()] = p
	x.get(e, celType(p.field), input{perItem: true, get: func(s *slots, item any) ref.Val { return toCEL(p.field, p.get(s.env, item)) }})
}

// asItIsNow warns of `before.` along a reference: of the other record nothing is kept from the start.
func (l *loader) asItIsNow(at *node, names []string) {
	if names[0] != "before" || len(names) < 3 {
		return
	}
	l.warn(at, "`%s` 是那条记录现在的值：只有本记录自己的字段留有发起时的值；需要旧值，请先用 `set` 把 `record.%s` 存进本记录的一个字段",
		"`%s` is what that record holds now: only the record's own fields are kept from the start; for the old value, first `set` a field of this record to `record.%s`",
		strings.Join(names, "."), strings.Join(names[1:], "."))
}

// through checks that a path which goes through a list may do so here, and through which.
func (x *compiler) through(offset int, names []string, p path) bool {
	written := strings.Join(names, ".")
	if x.list == nil {
		x.fail(offset, "`%s` 有很多个：请用 `sum of`、`max of`、`min of`、`count of` 或 `any of`", "`%s` is many values: use `sum of`, `max of`, `min of`, `count of` or `any of`", written)
		return false
	}
	list := strings.Join(names[:p.upTo], ".")
	switch {
	case p.field.Many:
		x.fail(offset, "列表里的列表不能这样汇总", "a list inside a list can't be gone through like this")
		return false
	case x.list.path == "":
		x.list.path, x.list.all, x.list.spot = list, p.all, offset
	case x.list.path != list:
		x.fail(offset, "一次只能汇总一个列表：`%s` 还是 `%s`？", "one aggregate goes through one list: `%s` or `%s`?", x.list.path, list)
		return false
	}
	return true
}

func (x *compiler) wrongWord(offset int, names []string, w *wrongWord) {
	for _, name := range names[:w.index] {
		offset += len(name) + 1
	}
	name := names[w.index]
	if w.index == 0 && !strings.HasPrefix(name, itemPrefix) {
		x.unknownWord(offset, name, x.wordsOfExpr())
		return
	}
	x.failed = true
	at := x.place(offset)
	at.text = strings.Replace(name, itemPrefix, "$", 1)
	x.loader.wrongWord(at, w)
}

// wrongWord says what is wrong with a word of a path.
func (l *loader) wrongWord(at *node, w *wrongWord) {
	if w.what.Empty() {
		return
	}
	if len(w.words) == 0 {
		l.problem(at, "%s", "%s", w.what)
		return
	}
	l.unknown(at, w.words, w.what)
}

// wordsOfExpr are the words that an expression may begin with here.
func (x *compiler) wordsOfExpr() []string {
	words := x.roots()
	if x.chain != nil {
		words = append(words, "initiator", "now", "today")
	} else {
		words = append(words, x.record.names()...)
	}
	return append(words, exprFunctions...)
}

func (x *compiler) anyField() string {
	if len(x.record.Fields) == 0 {
		return "x"
	}
	return x.record.Fields[0].Name
}

func (x *compiler) unknownWord(offset int, name string, words []string) {
	x.failed = true
	at := x.place(offset)
	at.text = name
	switch {
	case slices.Contains([]string{"record", "before", "decided"}, name) && slices.Contains(words, name):
		x.problem(at, "`%s` 后面要写字段，如 `%s.%s`", "`%s` needs a field, as `%s.%s`", name, name, x.anyField())
	case x.chain != nil && x.record.Field(name) != nil:
		x.problem(at, "字段要写成 `record.%s`", "a field is written as `record.%s`", name)
	case slices.Contains(aggregates, name):
		x.problem(at, "请写成 `%s of record.lines.price`", "this is written as `%s of record.lines.price`", name)
	case x.chain == nil && (fixed[name].typ != nil || name == "before" || name == "decided" || name == "outcome_of"):
		x.problem(at, "记录的定义里不能用 `%s`：它只能看记录的字段", "`%s` can't be used in a record type: there an expression sees the fields of the record", name)
	case name == "yes" || name == "no":
		x.problem(at, "表达式里是和否写成 `true` 和 `false`；也可以直接写 `record.x` 或 `!record.x`", "in an expression yes and no are written `true` and `false`; or simply `record.x` and `!record.x`")
	case slices.Contains(words, name):
		x.problem(at, "`%s` 不是这样用的", "`%s` isn't used like this", name)
	default:
		if nearest(name, words) == "" && slices.Contains(words, "record") { // not a function
			x.problem(at, "表达式里没有这个词：`%[1]s`；文字要加引号：\"%[1]s\"", "an expression has no word `%[1]s`; a text stands in quotes: \"%[1]s\"", clip(name))
			return
		}
		x.unknown(at, words, Text{ZH: "表达式里没有这个词", EN: "an expression has no word"})
	}
}

// selection rewrites record.x.y and its like.
func (x *compiler) selection(e ast.Expr) {
	names, ok := namesOf(e)
	if !ok {
		x.fail(x.offset(e), "表达式里不能这样写", "an expression can't have this")
		return
	}
	if _, word := fixed[names[0]]; word && x.chain != nil {
		x.fail(x.offset(e), "`%s` 没有 `%s`", "`%s` has no `%s`", names[0], names[1])
		return
	}
	x.named(e, names)
}

// namesOf are the words of a path.
func namesOf(e ast.Expr) ([]string, bool) {
	switch e.Kind() {
	case ast.IdentKind:
		return []string{e.AsIdent()}, true
	case ast.SelectKind:
		names, ok := namesOf(e.AsSelect().Operand())
		return append(names, e.AsSelect().FieldName()), ok
	}
	return nil, false
}
