package scenario

import (
	"slices"
	"time"

	"github.com/crmflow/crmflow/process"
)

// converter turns values as scenarios write them into what [process.Field.Written] reads: a local time into RFC 3339, a file's name into a file, what
// stands for a record into a reference.
type converter struct {
	zone      *time.Location
	reference func(f *process.Field, n *node) (any, *process.Text)
}

// value converts one value of a field; the text says why it can't be.
func (c converter) value(f *process.Field, n *node) (any, *process.Text) {
	switch {
	case n.kind == nodeNull:
		return nil, nil
	case n.kind == nodeList && f.Type == "lines":
		return c.list(n, func(v *node) (any, *process.Text) { return c.line(f, v) })
	case n.kind == nodeList:
		return c.list(n, func(v *node) (any, *process.Text) { return c.one(f, v) })
	case f.Many: // one value stands for a list of it
		v, why := c.one(f, n)
		return []any{v}, why
	}
	return c.one(f, n)
}

func (c converter) list(n *node, each func(*node) (any, *process.Text)) (any, *process.Text) {
	out := make([]any, 0, len(n.items))
	for _, item := range n.items {
		v, why := each(item)
		if why != nil {
			return nil, why
		}
		out = append(out, v)
	}
	return out, nil
}

func (c converter) line(f *process.Field, n *node) (any, *process.Text) {
	if n.kind != nodeMap {
		return plain(n), nil
	}
	out := map[string]any{}
	for _, p := range n.pairs {
		column := f.Column(p.key.text)
		if column == nil {
			why := say("`%s` 没有 `%s` 这一列", "`%s` has no column `%s`", f.Name, p.key.text)
			return nil, &why
		}
		v, why := c.value(column, p.value)
		if why != nil {
			return nil, why
		}
		out[p.key.text] = v
	}
	return out, nil
}

// Types of fields whose values are texts, so that 13800001234 needs no quotes.
var texts = []string{"text", "phone", "email", "choice", "person", "department", "date"}

func (c converter) one(f *process.Field, n *node) (any, *process.Text) {
	switch {
	case n.scalar() && slices.Contains(texts, f.Type):
		return n.text, nil
	case n.kind == nodeText && f.Type == "datetime":
		if m, ok := parseMoment(n.text, c.zone); ok && !m.date {
			return m.at.Format(time.RFC3339), nil
		}
	case n.scalar() && f.Type == "file":
		return map[string]any{"id": "file:" + n.text, "name": n.text}, nil
	case n.kind != nodeNull && f.Type == "reference":
		return c.reference(f, n)
	}
	return plain(n), nil
}

// plain is a value as YAML means it.
func plain(n *node) any {
	switch n.kind {
	case nodeText:
		return n.text
	case nodeNumber:
		return n.number
	case nodeBool:
		return n.truth
	case nodeList:
		out := []any{}
		for _, v := range n.items {
			out = append(out, plain(v))
		}
		return out
	case nodeMap:
		out := map[string]any{}
		for _, p := range n.pairs {
			out[p.key.text] = plain(p.value)
		}
		return out
	}
	return nil
}
