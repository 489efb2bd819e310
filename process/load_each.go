package process

import "slices"

// load reads an `each`. `as` and `into` are read before the steps, which may use them, wherever they stand.
func (k Each) load(c *chainLoader, s *Step, list *node) keys {
	k.Over, k.Item = c.listExpr(list)
	k.Steps = &List{Path: s.list.Path + "." + s.ID + ".steps", holder: s}
	s.Title = Text{ZH: "逐项：" + clip(list.text), EN: "For each: " + clip(list.text)}
	if k.Item != nil && k.itemType() == nil {
		c.problem(list, "这种列表不能逐项处理：项目应是文字、选项、人、部门、日期、引用，或多行", "such a list has no items to go through: texts, choices, people, departments, dates, references or lines are expected")
	}
	c.namesItems(k, list)
	s.Do = k
	return c.holdsSteps(s, keys{
		"as": func(v *node) {
			k.As = c.itemName(v)
			s.Do = k
		},
		"into": func(v *node) {
			if c.into(s, k, v) {
				k.Into = v.text
				s.Do = k
			}
		},
		"steps": func(v *node) {
			item := k.itemType()
			if k.Item != nil && k.Item.Type == typeLines {
				item = k.Item
			}
			c.inside(k.As, item, func() { k.Steps = c.steps(v, k.Steps.Path, s) })
			s.Do = k
		},
	})
}

// namesItems: lines whose key can't name an item would all be passed over.
func (c *chainLoader) namesItems(k Each, list *node) {
	if k.Item == nil || k.Item.Type != typeLines || c.base.Past {
		return
	}
	if key := k.itemType(); key != nil && (key.Many || !slices.Contains(keyTypes, key.Type)) {
		c.problem(list, "不能逐项处理：`%[1]s` 的各行按 `%[2]s` 区分，而它的值不能用来区分；请把 `%[2]s` 写成 `type: text`",
			"these lines have no items to go through: the key of `%[1]s` is `%[2]s`, whose values can't name an item; write `type: text` for `%[2]s`", k.Item.Name, key.Name)
	}
}

// keyTypes are the types whose values can name an item.
var keyTypes = []string{typeText, typePhone, typeEmail, typeChoice, typePerson, typeDepartment, typeDate, typeReference}

// itemType is what names an item: the item itself, or the key of a line. Lines without a key are named by their place, as texts. Nil: nothing can.
func (k Each) itemType() *Field {
	switch {
	case k.Item == nil:
		return nil
	case k.Item.Type == typeLines && k.Item.Key == "":
		return &Field{Name: k.Item.Name, Type: typeText}
	case k.Item.Type == typeLines:
		return k.Item.column(k.Item.Key)
	case slices.Contains(keyTypes, k.Item.Type):
		return k.Item
	}
	return nil
}

// itemName reads `as`.
func (c *chainLoader) itemName(v *node) string {
	s, ok := c.string(v)
	switch {
	case !ok:
	case !fieldPattern.MatchString(s):
		c.problem(v, "`%s` 不能作名称：只能用小写字母、数字和下划线，以字母开头", "`%s` can't be a name: small letters, digits and underscores, a letter first", clip(s))
	case slices.ContainsFunc(c.items, func(i itemType) bool { return i.name == s }):
		c.problem(v, "外层的 `each` 已经用了 `%s`", "an `each` around this one is called `%s` already", s)
	default:
		return s
	}
	return ""
}

// into checks the field whose lines belong to the items.
func (c *chainLoader) into(s *Step, k Each, v *node) bool {
	name, ok := c.string(v)
	if !ok {
		return false
	}
	f := c.field(v, name)
	item := k.itemType()
	switch {
	case f == nil || item == nil:
		return false
	case f.Type != typeLines || f.Key == "":
		c.problem(v, "`into` 需要有 `key` 的多行字段：`%s` 不是", "`into` takes lines with a `key`; `%s` isn't such a field", name)
	case !sameType(item, f.column(f.Key)):
		c.problem(v, "`%s` 的 `key` 应和列表的项目是同一类型（%s）", "the `key` of `%s` must be of the type of the items (%s)", name, item.Type)
	case k.Item.Type == typeLines && k.Item.Key == "":
		c.problem(v, "没有 `key` 的多行按顺序编号，不能写回多行", "lines without a `key` are counted: they name no line to write into")
	case len(s.eaches()) > 0:
		c.problem(v, "外层已经是 `each`：几个分支会写同一行；`into` 只用在最外层", "this `each` stands inside another: several branches would write one line; `into` goes with the outermost")
	default:
		c.mayWrite(v, c.p.Type, f, nil)
		return true
	}
	return false
}

// sameType says whether the values of two fields name the same things.
func sameType(a, b *Field) bool { return b != nil && a.Type == b.Type && a.To == b.To }
