package process

import (
	"slices"

	"cel.dev/cel-go/cel"
)

// outside reads who somebody without an account is: a text or an e-mail field, or a reference to a record that has an e-mail field.
func (r *byReader) outside(v *node) *Expr {
	var to *Field
	mail := false
	e := r.compileTo(v, func(x *compiler, got *cel.Type) bool {
		f := x.fieldIn(x.ast.NativeRep().Expr())
		switch {
		case f != nil && f.Type == typePerson:
			x.fail(0, "`%s` 是有账号的人，请写成 {field: %s}", "`%s` has an account: write {field: %s}", v.text, f.Name)
		case f != nil && f.Type == typeReference && !f.Many:
			to = f
			return true
		case got.IsExactType(cel.StringType) && (f == nil || slices.Contains([]string{typeText, typeEmail}, f.Type)):
			mail = f != nil && f.Type == typeEmail
			return true
		case f != nil:
			x.fail(0, "`outside` 需要文字、邮箱或引用，这里得到的是%s", "`outside` needs a text, an e-mail address or a reference; this is %s", outsideWord(f, got))
		default:
			x.fail(0, "`outside` 需要文字、邮箱或引用，这里得到的是%s", "`outside` needs a text, an e-mail address or a reference; this is %s", typeWord(got.String()))
		}
		return false
	})
	switch {
	case e == nil || r.node.get("email") != nil:
	case mail:
		r.Email = e
	case to != nil:
		r.addressOf(v, to)
	}
	return e
}

// outsideWord is what a field is called that names nobody outside.
func outsideWord(f *Field, got *cel.Type) Text {
	words := map[string]Text{typePhone: {ZH: "电话", EN: "a phone number"}, typeChoice: {ZH: "选项", EN: "a choice"}, typeDepartment: {ZH: "部门", EN: "a department"}}
	if w, ok := words[f.Type]; ok && !f.Many {
		return w
	}
	return typeWord(got.String())
}

// addressOf finds where those are written to whom a reference names: the first e-mail field of what it points at.
func (r *byReader) addressOf(v *node, to *Field) {
	t := r.recordType(to.To)
	if t == nil {
		return
	}
	for _, f := range t.Fields {
		if f.Type == typeEmail && !f.Many {
			r.Email = r.email(&node{kind: nodeText, text: v.text + "." + f.Name, line: v.line, column: v.column})
			return
		}
	}
}

// email reads where somebody outside is written to.
func (r *byReader) email(v *node) *Expr {
	return r.compileTo(v, func(x *compiler, got *cel.Type) bool {
		f := x.fieldIn(x.ast.NativeRep().Expr())
		if got.IsExactType(cel.StringType) && (f == nil || slices.Contains([]string{typeText, typeEmail}, f.Type)) {
			return true
		}
		x.fail(0, "`email` 需要邮箱或文字", "`email` needs an e-mail address, or a text")
		return false
	})
}

// outsideSteps checks the steps that ask people without an account: they see what is said that they see, and answer by a button and words.
func (c *chainLoader) outsideSteps() {
	for _, s := range c.p.all() {
		if s.Who == nil {
			continue
		}
		for _, by := range s.Who.Seats {
			if by.Kind == ByOutside {
				c.outsideStep(s, by)
			}
		}
	}
}

func (c *chainLoader) outsideStep(s *Step, by By) {
	at := &node{line: by.At.Line, column: by.At.Column}
	switch {
	case s.Form.Signature:
		c.problem(at, "外部人员没有签名：这一步不能要求签名", "somebody outside has no signature here: the step can't ask for one")
	case c.needsForm(s):
		c.problem(at, "外部人员只能按按钮、写意见，不能填字段：请让这一步至少有一个不必填字段的结果", "somebody outside answers by a button and words, and fills in no fields: let the step have an outcome that needs none")
	}
	if s.Form.Show == nil {
		c.warn(at, "外部人员只看到 `show` 写明的字段；这一步没有写，他们什么字段也看不到", "somebody outside sees only what `show` says; this step doesn't say it, so they see no field")
	}
	if by.Email == nil && by.Cel != nil {
		c.warn(at, "不知道外部人员的邮箱，除非 `%s` 里写着邮箱：写不了信时只由代办人办理。请写 `email: record.…`", "unless `%s` holds an e-mail address nobody can write to them, and only who stands in acts: say `email: record.…`", by.Cel.Source)
	}
}

// needsForm says whether nobody can agree at a step without filling something in.
func (c *chainLoader) needsForm(s *Step) bool {
	if slices.ContainsFunc(s.Form.Edit, func(e Edit) bool { return e.Required }) {
		return true
	}
	if isApproval(s) {
		return s.Ways[Approved] != nil && len(s.Ways[Approved].Require) > 0
	}
	if len(s.Ways) == 0 {
		return false
	}
	for _, w := range s.Ways {
		if w != nil && len(w.Require) == 0 {
			return false
		}
	}
	return true
}
