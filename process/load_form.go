package process

import "slices"

// form are the keys that say what people see and may change.
func (c *chainLoader) form(s *Step) keys {
	return keys{
		"show": func(v *node) { s.Form.Show = names(c.fields(v)) },
		"hide": func(v *node) { s.Form.Hide = names(c.fields(v)) },
		"edit": func(v *node) {
			c.edit(s, v)
			c.after(func() { c.hiddenEdits(s, v) })
		},
		"comment": func(v *node) { c.comment(s, v) },
		"bulk":    func(v *node) { s.Form.NoBulk = !c.yes(v) },
	}
}

// hiddenEdits: nobody can fill in what they don't see.
func (c *chainLoader) hiddenEdits(s *Step, v *node) {
	for _, p := range v.pairs {
		if slices.Contains(s.Form.Hide, p.key.text) {
			c.problem(p.key, "字段 `%s` 既要填写又被隐藏", "the field `%s` is to be edited and hidden", p.key.text)
		}
	}
}

// comment reads {required_on: [outcomes]}.
func (c *chainLoader) comment(s *Step, v *node) {
	c.object(v, Text{ZH: "`comment`", EN: "`comment`"}, keys{"required_on": func(v *node) {
		list := []named{}
		if v.kind != nodeList || len(v.items) > 0 {
			list = c.words(v)
		}
		s.Form.CommentRequired = names(list)
		c.after(func() {
			for _, w := range list {
				if way, ok := s.Ways[w.name]; !ok || way == nil {
					c.unknown(w.at, s.outcomes(), nil, Text{ZH: "这一步没有这个结果", EN: "the step has no outcome"})
				}
			}
		})
	}})
}

// edit reads {field: required|optional}.
func (c *chainLoader) edit(s *Step, v *node) {
	if v.kind != nodeMap {
		c.problem(v, "`edit` 应写成 {字段: required|optional}", "`edit` is written as {field: required|optional}")
		return
	}
	for _, p := range v.pairs {
		f := c.field(p.key, p.key.text)
		access := c.oneOf(p.value, []string{"required", "optional"})
		if f == nil && c.p.Type != nil {
			continue
		}
		c.mayWrite(p.key, c.p.Type, f, nil)
		s.Form.Edit = append(s.Form.Edit, Edit{Field: p.key.text, Required: access == "required"})
	}
}

// field finds a field of the record, or reports that there is none.
func (c *chainLoader) field(n *node, name string) *Field { return c.fieldOf(n, c.p.Type, name) }

func (c *chainLoader) fieldOf(n *node, t *RecordType, name string) *Field {
	if t == nil {
		return nil
	}
	f := t.Field(name)
	if f == nil {
		c.unknown(n, t.names(), nil, Text{ZH: "`" + t.ID + "` 没有这个字段", EN: "`" + t.ID + "` has no field"})
	}
	return f
}

// fields reads a list of fields of the record.
func (c *chainLoader) fields(n *node) []named {
	list := c.words(n)
	for _, w := range list {
		c.field(w.at, w.name)
	}
	return list
}

// mayWrite checks `changed_only_by`. Value is what is written, where that is known; nil means any value.
func (c *chainLoader) mayWrite(n *node, t *RecordType, f *Field, value any) {
	if t == nil || f == nil {
		return
	}
	for _, o := range t.ChangedOnlyBy {
		if o.Field != f.Name || o.Value != "" && value != any(o.Value) || slices.Contains(o.Processes, c.p.ID) {
			continue
		}
		c.problem(n, "字段 `%s` 只能由流程 %s 修改", "the field `%s` is changed only by %s", f.Name, quoted(o.Processes))
	}
}
