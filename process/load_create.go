package process

import "slices"

func (k Create) load(c *chainLoader, s *Step, what *node) keys {
	s.Title = Text{ZH: "新建记录", EN: "Make a record"}
	s.Do = k
	known := keys{"then": func(v *node) { s.Then = c.way(s, v, "then") }}
	if what.kind != nodeMap || len(what.pairs) != 1 {
		c.problem(what, "`create` 应写成 {记录种类: {字段: 值}}", "`create` is written as {record type: {field: value}}")
		return known
	}
	made := what.pairs[0]
	t := c.typeNamed(made.key, made.key.text)
	k.Type = made.key.text
	k.Fields = c.given(made.value, t)
	s.Do = k
	if t == nil {
		return known
	}
	s.Title = Text{ZH: "新建：" + t.Title.In("zh"), EN: "Make: " + t.Title.In("en")}
	c.requiredGiven(made.key, t, k.Fields)
	return known
}

// requiredGiven checks that a new record gets what its type requires.
func (c *chainLoader) requiredGiven(n *node, t *RecordType, given []Assign) {
	for _, f := range t.Fields {
		has := slices.ContainsFunc(given, func(a Assign) bool { return a.Field == f.Name })
		if f.Required && f.Default == nil && !has {
			c.problem(n, "新建 `%s` 时缺少必填字段 `%s`", "a new `%s` needs the field `%s`", t.ID, f.Name)
		}
	}
}
