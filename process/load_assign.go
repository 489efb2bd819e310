package process

import (
	"regexp"
	"slices"
	"strings"
)

// assigns reads {field: value} for fields of a record type.
func (c *chainLoader) assigns(n *node, t *RecordType) []Assign {
	if n.kind != nodeMap || len(n.pairs) == 0 {
		c.problem(n, "应写成 {字段: 值}", "this is written as {field: value}")
		return nil
	}
	var out []Assign
	for _, p := range n.pairs {
		if strings.Contains(p.key.text, ".") {
			c.notYet(p.key, p.key.text)
			continue
		}
		f := c.fieldOf(p.key, t, p.key.text)
		if f == nil {
			continue
		}
		e := c.assigned(f, p.value)
		if e == nil {
			continue
		}
		c.mayWrite(p.key, t, f, e.constant)
		c.openToAll(p.key, t, f, e)
		out = append(out, Assign{Field: f.Name, Value: e, At: c.position(p.key)})
	}
	return out
}

// openToAll warns where a process sets what anybody may change beside it.
func (c *chainLoader) openToAll(n *node, t *RecordType, f *Field, e *Expr) {
	owned := slices.ContainsFunc(t.ChangedOnlyBy, func(o Owned) bool {
		return o.Field == f.Name && (o.Value == "" || e.constant == any(o.Value))
	})
	if t == c.p.Type && !owned {
		c.warn(n, "字段 `%s` 谁都可以改，不只是这个流程：是否写进 `changed_only_by`？",
			"anybody may change the field `%s`, not only this process: should it stand in `changed_only_by`?", f.Name)
	}
}

// Beginnings that make a text an expression.
var exprRoot = regexp.MustCompile(`^\(*(record\.|before\.|outcome_of\(|initiator$|now$|today$)`)

// assigned reads a value for a field: a literal of the field's type where it is one, else an expression.
func (c *chainLoader) assigned(f *Field, v *node) *Expr {
	if v.kind != nodeText || !c.isExpression(f, v.text) {
		value, wrong := f.literal(v)
		if wrong != nil {
			c.wrongValue(f, v, wrong)
			return nil
		}
		return &Expr{Source: v.text, At: c.position(v), constant: value, literal: true}
	}
	return c.compile(v, f)
}

// wrongValue says what a literal should be, in the words of definitions where they differ from those of forms.
func (l *loader) wrongValue(f *Field, v *node, wrong *FieldError) {
	if f.Type == typeMoney && v.kind != nodeMap {
		l.problem(v, "`%s`：金额要写明币种，如 `500000 CNY` 或 `50万 CNY`", "`%s`: money needs its currency: `500000 CNY`, or `50万 CNY`", f.Name)
		return
	}
	l.problem(v, "%s", "%s", wrong.Message)
}

// isExpression tells an expression from a literal: what begins with a word of the expression language is one; other words are literals for
// fields that hold words, and expressions for numbers, money and the like.
func (c *chainLoader) isExpression(f *Field, s string) bool {
	switch {
	case exprRoot.MatchString(s):
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
