package process

import (
	"slices"
	"strings"
)

// taken is the way that an outcome would take now: the one for afterwards once `at_most` is used up.
func (m *machine) taken(o *Open, s *Step, outcome string) *Way {
	way := s.Ways[outcome]
	for way != nil && way.AtMost > 0 && m.st.Uses[keyOf(s.ID+"."+outcome, o.Item)] >= way.AtMost {
		way, outcome = way.Else, outcome+".then"
	}
	return way
}

// checkItems: an act whose way enters an `each` again for chosen items must name them.
func (m *machine) checkItems(o *Open, s *Step, outcome string) *Refusal {
	way := m.taken(o, s, outcome)
	if way == nil || !way.Only || way == s.Ways[outcome] && m.ev.To != "" && m.ev.To != way.Go { // a return names another place
		return nil
	}
	each, _ := m.p.Step(way.Go).Do.(Each)
	list, err := each.Over.Value(m.env(o.Scope))
	if err != nil {
		return fieldsRefused(CodeFieldInvalid, []FieldError{{Field: "items", Message: exprFailed(each.Over, err)}})
	}
	choices := each.keys(list)
	unknown := slices.ContainsFunc(m.ev.Items, func(item string) bool { return !slices.Contains(choices, item) })
	if len(m.ev.Items) > 0 && !unknown {
		return nil
	}
	code := CodeFieldInvalid
	if len(m.ev.Items) == 0 {
		code = CodeFieldRequired
	}
	return fieldsRefused(code, []FieldError{{Field: "items", Message: Text{
		ZH: "请选择退回哪些项：" + strings.Join(choices, "、"), EN: "choose what goes back: " + strings.Join(choices, ", "),
	}}})
}

// item is the item of the `each` that a scope runs in, with those around it: "purchasing", "purchasing/2"; "" outside of any.
func (m *machine) item(scope int) string {
	if scope == 0 {
		return ""
	}
	return m.scope(scope).Item
}

// itemText is the item that `$name` means inside a scope, as text; "" outside of such an `each`.
func (m *machine) itemText(scope int, name string) string {
	for scope != 0 {
		sc := *m.scope(scope)
		if sc.Parent == 0 {
			return ""
		}
		if each, ok := m.p.Step(m.scope(sc.Parent).At).Do.(Each); ok && each.As == name {
			return itemKey(sc.Item)
		}
		scope = sc.Parent
	}
	return ""
}

// itemKey is the innermost part of an item path, as it was before it was joined.
func itemKey(item string) string {
	key := item[strings.LastIndexByte(item, '/')+1:]
	return strings.ReplaceAll(key, "~1", "/")
}

// itemPath puts an item below those around it.
func itemPath(outer, key string) string {
	key = strings.ReplaceAll(key, "/", "~1")
	if outer == "" {
		return key
	}
	return outer + "/" + key
}

// keyOf names something that a step has once per item.
func keyOf(step, item string) string {
	if item == "" {
		return step
	}
	return step + "@" + item
}

// ofItem finds what a step has left behind, seen from inside an item: that of the same item, else of the nearest one around it, else the last of any.
func ofItem(kept map[string]string, step, item string) string {
	for ; item != ""; item = outerItem(item) {
		if v, ok := kept[keyOf(step, item)]; ok {
			return v
		}
	}
	return kept[step]
}

func outerItem(item string) string {
	if i := strings.LastIndexByte(item, '/'); i >= 0 {
		return item[:i]
	}
	return ""
}
