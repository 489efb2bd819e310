package process

import (
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
)

// wholeScope is what a role is held for that is held without a scope: "role:finance@*" are those who hold finance for whatever there is.
const wholeScope = "*"

// MaxHeldFor is how many characters that may have which a role is held for.
const MaxHeldFor = 100

// HeldFor is a text as roles are held for it: without spaces around it; empty when nothing can be held for it.
func HeldFor(text string) string {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > MaxHeldFor || text == wholeScope || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
		return ""
	}
	return text
}

// HeldRole cuts a role as somebody holds it: "finance", or "finance@north" where they hold it for north alone.
func HeldRole(held string) (role, scope string, scoped bool) { return strings.Cut(held, "@") }

// RolePrincipals are the principals that somebody is one of by a role that they hold: whoever holds finance for north is of "role:finance" and of
// "role:finance@north"; whoever holds it for everything, of "role:finance" and of "role:finance@*".
func RolePrincipals(held string) []Principal {
	role, _, scoped := HeldRole(held)
	of := Principal("role:" + role)
	if scoped {
		return []Principal{of, Principal("role:" + held)}
	}
	return []Principal{of, of + "@" + wholeScope}
}

// forEverything says whether a principal is those who hold a role for everything. They stand beside those of one scope, and needn't be named.
func (p Principal) forEverything() bool {
	return strings.HasPrefix(string(p), "role:") && strings.HasSuffix(string(p), "@"+wholeScope)
}

// Named are the principals of a seat as people are told of them.
func Named(candidates []Principal) []Principal {
	return slices.DeleteFunc(slices.Clone(candidates), Principal.forEverything)
}

// scopeTypes are the types of what a role may be held for.
var scopeTypes = []string{typeText, typeChoice, typeDepartment, typePerson, typeReference}

// heldFor reads what a role is held for: one value that people can hold a role for.
func (r *byReader) heldFor(v *node) *Expr {
	expected := Text{ZH: "这里需要文字、选项、部门、人员或引用", EN: "a text, a choice, a department, a person or a reference is expected here"}
	return r.compileTo(v, func(x *compiler, got *cel.Type) bool {
		f := x.fieldIn(x.ast.NativeRep().Expr())
		switch {
		case f != nil && f.Many:
			x.fail(0, "`%s` 有几个值，角色要对一个值而言；请用 `each` 逐项问", "`%s` holds several values, and a role is held for one: ask for each of them with `each`", v.text)
		case f != nil && !slices.Contains(scopeTypes, f.Type):
			x.fail(0, "`%s` 是%s；%s", "`%s` is %s; %s", v.text, fieldWord(f.Type), expected)
		case f == nil && got != cel.StringType && got != celReference:
			x.fail(0, "这是%s；%s", "this is %s; %s", typeWord(got.String()), expected)
		default:
			r.scope = f
			return true
		}
		return false
	})
}

// byRole finds who has a role: all who hold it at all; with `for`, those who hold it for that value, and those who hold it for everything. An empty
// value is nobody's.
func (m *machine) byRole(by By, of string, at place) []found {
	if by.For == nil {
		return set(ByRole, of, m.setText(ByRole, of))
	}
	v, ok := m.value(at.scope, m.opening(at), by.For)
	if !ok {
		return []found{{held: true}}
	}
	text, _ := v.(string)
	if ref, ok := v.(Reference); ok {
		text = ref.ID
	}
	scope := HeldFor(text)
	role := m.setText(ByRole, of+"@"+scope)
	if scope == "" {
		return nobody(role.ZH+"（"+by.whatFor().ZH+"是空的）", role.EN+": "+by.whatFor().EN+" is empty")
	}
	name := m.scopeName(by, scope, v)
	why := Text{ZH: role.ZH + "（" + by.whatFor().ZH + "：" + name.In("zh") + "）", EN: role.EN + " for " + name.In("en") + " (" + by.whatFor().EN + ")"}
	return []found{{candidates: []Principal{Principal("role:" + of + "@" + scope), Principal("role:" + of + "@" + wholeScope)}, why: why}}
}

// whatFor is what people call that for which a role is held.
func (b By) whatFor() Text {
	if b.scope == nil {
		return Same(b.For.Source)
	}
	label := b.scope.Label()
	return Text{ZH: label.In("zh"), EN: label.In("en")}
}

// scopeName is what people call a value that a role is held for.
func (m *machine) scopeName(by By, scope string, v any) Text {
	if by.scope == nil {
		return Same(scope)
	}
	switch by.scope.Type {
	case typeChoice:
		return by.scope.Choice(scope)
	case typeDepartment:
		return m.departmentName(scope)
	case typePerson:
		return m.name(scope)
	case typeReference:
		if ref, ok := v.(Reference); ok && ref.Title != "" {
			return Same(ref.Title)
		}
	}
	return Same(scope)
}
