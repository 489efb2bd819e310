package process

import (
	"cel.dev/cel-go/cel"
)

// celPerson reads an expression that gives a person or a list of persons: `record.owner`, `record.amount > 5万 CNY ? "sun.wei" : record.owner`.
// The value is a string or a []any of strings: ids of people.
func (c *chainLoader) celPerson(v *node) *Expr {
	return c.compileTo(v, func(x *compiler, got *cel.Type) bool {
		if got.IsExactType(cel.StringType) || got.IsExactType(cel.ListType(cel.StringType)) {
			if f := x.fieldIn(x.ast.NativeRep().Expr()); f == nil || f.Type == typePerson {
				return true
			}
		}
		x.fail(0, "这里需要一个人或几个人", "this must be a person or several")
		return false
	})
}

// moment reads an expression that gives a date ("2006-01-02") or a moment (RFC 3339): `record.valid_until`.
func (c *chainLoader) moment(v *node) *Expr {
	return c.compileTo(v, func(x *compiler, got *cel.Type) bool {
		if got.IsExactType(celDate) || got.IsExactType(celDatetime) {
			return true
		}
		x.fail(0, "这里需要日期或时间，这里得到的是%s", "this must be a date or a time; it is %s", typeWord(got.String()))
		return false
	})
}

// listExpr reads an expression that gives a list, and the type of its items: for `many` fields the field as one, for lines the field of lines
// itself, whose Key names its items.
func (c *chainLoader) listExpr(v *node) (*Expr, *Field) {
	var item *Field
	e := c.compileTo(v, func(x *compiler, got *cel.Type) bool {
		f := x.fieldIn(x.ast.NativeRep().Expr())
		switch {
		case f != nil && f.Type == typeLines:
			item = f
		case f != nil && f.Many:
			one := *f
			one.Many = false
			item = &one
		case got.IsExactType(cel.ListType(cel.StringType)):
			item = &Field{Name: "item", Type: typeText}
		default:
			x.fail(0, "这里需要列表，这里得到的是%s", "this must be a list; it is %s", typeWord(got.String()))
			return false
		}
		return true
	})
	return e, item
}

// single is what an expression of one value gives: its field where it simply names one, else any of its type; nil for lists, files and the like.
func (x *compiler) single(got *cel.Type) *Field {
	if f := x.fieldIn(x.ast.NativeRep().Expr()); f != nil {
		if f.Many || f.Type == typeLines || f.Type == typeFile || f.Type == typeReference || f.Type == typeDuration {
			return nil
		}
		return f
	}
	for t, name := range map[*cel.Type]string{
		cel.StringType: typeText, cel.DoubleType: typeNumber, cel.BoolType: typeYesNo, celMoney: typeMoney, celPercent: typePercent,
		celDate: typeDate, celDatetime: typeDatetime,
	} {
		if got.IsExactType(t) {
			return &Field{Name: name, Type: name, Required: name == typeYesNo} // a condition is never empty
		}
	}
	return nil
}
