package process

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// assigns reads {field: value} for the fields of a record type. For the chain's own record the field may also be one that references lead to, as
// `record.member.points`, and the value a change, as "- record.points".
func (c *chainLoader) assigns(n *node, t *RecordType) []Assign {
	return c.eachAssign(n, func(p pair) (Assign, bool) {
		if t == nil || t != c.p.Type {
			return c.give(p, t)
		}
		a := Assign{At: c.position(p.key)}
		of, f := c.along(p.key, &a)
		return a, f != nil && c.change(p, of, f, &a)
	})
}

// given reads {field: value} for a record that is made: there is nothing yet to change, and nothing it points at.
func (c *chainLoader) given(n *node, t *RecordType) []Assign {
	return c.eachAssign(n, func(p pair) (Assign, bool) { return c.give(p, t) })
}

func (c *chainLoader) eachAssign(n *node, read func(pair) (Assign, bool)) []Assign {
	if n.kind != nodeMap || len(n.pairs) == 0 {
		c.problem(n, "应写成 {字段: 值}", "this is written as {field: value}")
		return nil
	}
	var out []Assign
	for _, p := range n.pairs {
		if a, ok := read(p); ok {
			out = append(out, a)
		}
	}
	return out
}

func (c *chainLoader) give(p pair, t *RecordType) (Assign, bool) {
	f := c.fieldOf(p.key, t, p.key.text)
	if f == nil {
		return Assign{}, false
	}
	if counts(f, p.value) && relative.MatchString(p.value.text) {
		c.problem(p.value, "新记录里还没有值，不能加减：请直接写值", "a new record holds nothing yet to add to: write the value itself")
		return Assign{}, false
	}
	a := Assign{Field: f.Name, Value: c.assigned(f, p.value), At: c.position(p.key)}
	if a.Value == nil {
		return a, false
	}
	c.mayWrite(p.key, t, f, a.Value.constant)
	return a, true
}

// along reads the key of a `set`: a field of the record, or `record.member.points`. It gives the type of record that is changed and its field; nil
// after a problem.
func (c *chainLoader) along(key *node, a *Assign) (*RecordType, *Field) {
	names := strings.Split(key.text, ".")
	at := &node{line: key.line, column: key.column}
	if len(names) > 1 && names[0] == "record" {
		names, at.column = names[1:], at.column+len("record.")
	}
	t := c.p.Type
	for i, name := range names {
		at.text = name
		f := c.fieldOf(at, t, name)
		switch {
		case f == nil:
			return nil, nil
		case i == len(names)-1:
			a.Field = name
			return t, f
		case f.Type != typeReference || f.Many:
			c.problem(at, "`%s` 不指向一条记录，不能写 `%s`", "`%s` doesn't point at one record, so `%s` can't be changed", name, clip(key.text))
			return nil, nil
		}
		if t = c.recordType(f.To); t == nil { // said at the field already
			return nil, nil
		}
		c.p.Types[t.ID] = t
		a.Along = append(a.Along, name)
		at.column += utf8.RuneCountInString(name) + 1
	}
	return nil, nil
}

var (
	relative    = regexp.MustCompile(`^([+-]) +(\S.*)$`)
	unclearSign = regexp.MustCompile(`^[+-][^0-9]`)
)

// counts says whether a text may be a change of a field.
func counts(f *Field, v *node) bool {
	return slices.Contains([]string{typeNumber, typeMoney, typePercent}, f.Type) && !f.Many && v.kind == nodeText
}

// change reads the value of a `set`: what takes the place of what is there, or is added to it or taken from it.
func (c *chainLoader) change(p pair, t *RecordType, f *Field, a *Assign) bool {
	counts := counts(f, p.value)
	m := relative.FindStringSubmatch(p.value.text)
	switch {
	case counts && m != nil:
		rest := *p.value
		rest.text, rest.offset = m[2], p.value.offset+len(p.value.text)-len(m[2])
		a.Change, a.Value = m[1], c.compile(&rest, &Field{Name: f.Name, Type: f.Type})
	case counts && unclearSign.MatchString(p.value.text):
		c.problem(p.value, "是加减还是负数？加减请在符号后留空格，如 `- record.points`", "is this a change or a negative value? For a change leave a space after the sign, as `- record.points`")
		return false
	default:
		a.Value = c.assigned(f, p.value)
	}
	if a.Value == nil {
		return false
	}
	c.mayWrite(p.key, t, f, a.Value.constant)
	if len(a.Along) == 0 && f.Is == nil {
		c.openToAll(p.key, t, f, a.Value)
	}
	return true
}

// openToAll warns where a process sets what anybody may change beside it.
func (c *chainLoader) openToAll(n *node, t *RecordType, f *Field, e *Expr) {
	owned := slices.ContainsFunc(t.ChangedOnlyBy, func(o Owned) bool {
		return o.Field == f.Name && (o.Value == "" || e.constant == any(o.Value))
	})
	if !owned {
		c.warn(n, "字段 `%s` 谁都可以改，不只是这个流程：是否写进 `changed_only_by`？",
			"anybody may change the field `%s`, not only this process: should it stand in `changed_only_by`?", f.Name)
	}
}

// exprRoot finds what makes a text an expression: it begins with a word of the expression language.
var exprRoot = regexp.MustCompile(`^\(*(?:` + exprWord + `|initiator$|now$|today$)`)

// exprJoined finds the other beginnings: a quoted text that something is joined to, as `'Rev ' + record.revision`, and a question about a value, as
// `has(record.x) ? …`.
var exprJoined = regexp.MustCompile(`^\(*(?:(?:'[^']*'|"[^"]*") *\+ *\(*(?:` + exprWord + `)|!?(?:has|empty|size)\(+(?:` + exprWord + `))`)

const exprWord = `record\.|before\.|decided\.|\$[a-z]|(?:sum|max|min|count|any) of \(*(?:record|before|decided|\$)|outcome_of\(`

// inText finds a field that is named in the middle of a text, perhaps in braces.
var inText = regexp.MustCompile(`\{?\b(?:record|before)\.([a-z][a-z0-9_]*)(?:\.[a-z][a-z0-9_]*)*\}?`)

// asWritten warns of a text that names a field as if it were filled in, and stands as it is written all the same.
func (c *chainLoader) asWritten(v *node) {
	m := inText.FindStringSubmatch(v.text)
	if m == nil || c.p.Type == nil || c.p.Type.Field(m[1]) == nil {
		return
	}
	path := strings.Trim(m[0], "{}")
	c.warn(v, "这段文字会原样写入，`%[1]s` 不会被替换；要替换请写 `'…' + %[1]s`", "this text stands as it is written, `%[1]s` too; to fill it in write `'…' + %[1]s`", path)
}

// assigned reads a value for a field: a literal of the field's type where it is one, else an expression. In a chain that was published when a text of
// this form was one like any other it still is one where it is no expression.
func (c *chainLoader) assigned(f *Field, v *node) *Expr {
	if f.Type == typeReference && !f.Many && v.kind == nodeText && v.text == "record" {
		return c.ownRecord(f, v)
	}
	if v.kind != nodeText || !c.isExpression(f, v.text) {
		value, wrong := f.literal(v)
		if wrong != nil {
			c.wrongValue(f, v, wrong)
			return nil
		}
		if v.kind == nodeText && f.Type == typeText {
			c.asWritten(v)
		}
		return &Expr{Source: sourceOf(v), At: c.position(v), constant: value, literal: true}
	}
	before := len(c.problems)
	e := c.compile(v, f)
	if e == nil && c.base.Past && !exprRoot.MatchString(v.text) && exprJoined.MatchString(v.text) {
		c.problems = c.problems[:before]
		return &Expr{Source: sourceOf(v), At: c.position(v), constant: v.text, literal: true}
	}
	return e
}

// ownRecord is a reference to the record that the case is about.
func (c *chainLoader) ownRecord(f *Field, v *node) *Expr {
	if f.To != c.p.Record {
		c.problem(v, "`%s` 指向 `%s`，而此流程的记录是 `%s`", "`%s` points at a `%s`; the record of this process is a `%s`", f.Name, f.To, c.p.Record)
		return nil
	}
	return &Expr{Source: v.text, At: c.position(v), own: true, into: f}
}

// wrongValue says what a literal should be, in the words of definitions where they differ from those of forms.
func (l *loader) wrongValue(f *Field, v *node, wrong *FieldError) {
	if f.Type == typeMoney && v.kind != nodeMap {
		l.problem(v, "`%s`：金额要写明币种，如 `500000 CNY` 或 `50万 CNY`", "`%s`: money needs its currency: `500000 CNY`, or `50万 CNY`", f.Name)
		return
	}
	if f.Type == typePercent && v.kind == nodeText {
		l.problem(v, "`%s`：百分比写成 `15%%`", "`%s`: a percentage is written `15%%`", f.Name)
		return
	}
	l.problem(v, "%s", "%s", wrong.Message)
}

// isExpression tells an expression from a literal: what begins with a word of the expression language is one; other words are literals for
// fields that hold words, and expressions for numbers, money and the like.
func (c *chainLoader) isExpression(f *Field, s string) bool {
	switch {
	case exprRoot.MatchString(s), exprJoined.MatchString(s):
		return true
	case slices.Contains(f.Of, s) || f.Many:
		return false
	}
	switch f.Type {
	case typeText, typePhone, typeEmail:
		return false
	case typeChoice, typePerson, typeDepartment:
		return strings.ContainsAny(s, "?\"'")
	case typeYesNo:
		return s != "yes" && s != "no"
	case typeDate, typeDatetime:
		return f.Accepts(s) != nil
	}
	return true
}
