package process

import "slices"

// formField finds what a step may show or edit by name, or reports that there is no such thing.
func (c *chainLoader) formField(s *Step, n *node, name string) *Field {
	if c.p.Type == nil {
		return nil
	}
	if f := c.p.FormField(s, name); f != nil {
		return f
	}
	var columns []string
	for _, each := range s.eaches() {
		if into := c.p.intoOf(each); into != nil {
			for _, f := range into.Lines {
				if f.Name != into.Key {
					columns = append(columns, f.Name)
				}
			}
		}
	}
	if len(columns) == 0 {
		return c.field(n, name)
	}
	c.unknown(n, append(columns, c.p.Type.names()...), Text{ZH: "记录和它的行都没有这个字段", EN: "neither the record nor its line has a field"})
	return nil
}

// formFields reads a list of what a step may show or ask for.
func (c *chainLoader) formFields(s *Step, n *node) []string {
	list := c.words(n)
	for _, w := range list {
		c.formField(s, w.at, w.name)
	}
	return names(list)
}

// assignsIn reads {field: value} where a step stands: columns of the item's line come before fields of the record.
func (c *chainLoader) assignsIn(s *Step, n *node) []Assign {
	if n.kind != nodeMap || len(s.eaches()) == 0 || c.p.Type == nil {
		return c.assigns(n, c.p.Type)
	}
	rest := *n
	rest.pairs = nil
	var out []Assign
	for _, p := range n.pairs {
		col := c.p.column(s, p.key.text)
		if col.field == nil {
			rest.pairs = append(rest.pairs, p)
			continue
		}
		if e := c.assigned(col.field, p.value); e != nil {
			out = append(out, Assign{Field: p.key.text, Value: e, At: c.position(p.key)})
		}
	}
	if len(rest.pairs) > 0 || len(n.pairs) == 0 {
		out = slices.Concat(out, c.assigns(&rest, c.p.Type))
	}
	return out
}

// recordField is the field of the record that a form's field belongs to: for a column its lines.
func (c *chainLoader) recordField(s *Step, f *Field, name string) *Field {
	if col := c.p.column(s, name); col.field != nil {
		return col.into
	}
	return f
}
