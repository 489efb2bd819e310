package process

import "slices"

// form are the keys that say what people see and may change.
func (c *chainLoader) form(s *Step) keys {
	return keys{
		"show": func(v *node) { s.Form.Show = names(c.shown(s, v)) },
		"hide": func(v *node) { s.Form.Hide = names(c.shown(s, v)) },
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
				if way, ok := s.Ways[w.name]; (!ok || way == nil) && !slices.Contains(alwaysExplained(s), w.name) {
					c.unknown(w.at, s.outcomes(), Text{ZH: "这一步没有这个结果", EN: "the step has no outcome"})
				}
			}
		})
	}})
}

// alwaysExplained are the outcomes that need a comment where nothing else is said. Naming them is right also where an approval hasn't got them.
func alwaysExplained(s *Step) []string {
	if isApproval(s) {
		return []string{Rejected, Returned}
	}
	return nil
}

// edit reads {field: required|optional}.
func (c *chainLoader) edit(s *Step, v *node) {
	if v.kind != nodeMap {
		c.problem(v, "`edit` 应写成 {字段: required|optional}", "`edit` is written as {field: required|optional}")
		return
	}
	for _, p := range v.pairs {
		f := c.formField(s, p.key, p.key.text)
		access := c.oneOf(p.value, []string{"required", "optional"})
		if f == nil && c.p.Type != nil {
			continue
		}
		c.mayWrite(p.key, c.p.Type, c.recordField(s, f, p.key.text), nil)
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
		c.unknown(n, t.names(), Text{ZH: "`" + t.ID + "` 没有这个字段", EN: "`" + t.ID + "` has no field"})
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

// shown reads a list of fields that people may see, those that the system supplies included.
func (c *chainLoader) shown(s *Step, n *node) []named {
	list := c.words(n)
	for _, w := range list {
		if c.p.Type == nil || !slices.ContainsFunc(c.p.Type.Supplied(), func(f Field) bool { return f.Name == w.name }) {
			c.formField(s, w.at, w.name)
		}
	}
	return list
}

// mayWrite checks that a field isn't computed, and `changed_only_by`. Value is what is written, where that is known; nil means any value.
func (c *chainLoader) mayWrite(n *node, t *RecordType, f *Field, value any) {
	if t == nil || f == nil {
		return
	}
	if f.Is != nil {
		c.problem(n, "字段 `%s` 由系统计算（`is`），不能修改", "the field `%s` is computed (`is`): nobody changes it", f.Name)
		return
	}
	for _, o := range t.ChangedOnlyBy {
		if o.Field != f.Name || o.Value != "" && value != any(o.Value) || slices.Contains(o.Processes, c.p.ID) {
			continue
		}
		c.problem(n, "字段 `%s` 只能由流程 %s 修改", "the field `%s` is changed only by %s", f.Name, quoted(o.Processes))
	}
}
