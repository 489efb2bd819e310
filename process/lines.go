package process

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// column is a field of an item's line, as the steps inside an `each` with `into` know it: by its bare name.
type column struct {
	into  *Field // the lines
	field *Field // the column; nil: the name is none
	depth int    // how many `each`es stand around the one whose item it is
}

// name says which column of which lines it is.
func (c column) name() string { return c.into.Name + "." + c.field.Name }

// column finds what a name means inside of the `each`es around a step, the innermost first. The key of a line is the item itself and no field of a form.
func (p *Process) column(s *Step, name string) column {
	eaches := s.eaches()
	for depth := len(eaches) - 1; depth >= 0; depth-- {
		into := p.intoOf(eaches[depth])
		if f := into.column(name); f != nil && name != into.Key {
			return column{into: into, field: f, depth: depth}
		}
	}
	return column{}
}

// intoOf is the lines field of an `each`; nil where it has none.
func (p *Process) intoOf(each Each) *Field {
	if p.Type == nil || each.Into == "" {
		return nil
	}
	return p.Type.Field(each.Into)
}

// eaches are the `each`es around a step, the outermost first.
func (s *Step) eaches() []Each {
	if s.known != nil {
		return s.known.eaches
	}
	var out []Each
	for l := s.list; l != nil && l.holder != nil; l = l.enclosing() {
		if each, ok := l.holder.Do.(Each); ok && holdsList(each, l.Path) {
			out = append(out, each)
		}
	}
	slices.Reverse(out)
	return out
}

// itemPart is the key of one of the items in an item path, counted from outside.
func itemPart(item string, depth int) string {
	parts := strings.Split(item, "/")
	if depth >= len(parts) {
		return ""
	}
	return itemKey(parts[depth])
}

// lineOf finds an item's line in lines; -1 when there is none yet.
func lineOf(lines []map[string]any, into *Field, key string) int {
	return slices.IndexFunc(lines, func(line map[string]any) bool { return lineKey(line[into.Key]) == key })
}

// keysOf checks that every line has its key, and no two the same: an `each` has one branch for each of them, and a line without a key would have none.
func (f *Field) keysOf(lines []map[string]any) []FieldError {
	key := f.column(f.Key)
	if key == nil || slices.Contains([]string{typeMoney, typeYesNo, typeFile}, key.Type) {
		return nil
	}
	label := key.Label()
	var wrong []FieldError
	seen := map[string]int{}
	for i, line := range lines {
		value, where := lineKey(line[f.Key]), fmt.Sprintf("%s[%d].%s", f.Name, i, f.Key)
		first, again := seen[value]
		switch {
		case value == "":
			wrong = append(wrong, FieldError{Field: where, Message: Text{ZH: "每一行都要填写“" + label.In("zh") + "”", EN: "every line needs its “" + label.In("en") + "”"}})
		case again:
			wrong = append(wrong, FieldError{Field: where, Message: Text{ZH: fmt.Sprintf("与第 %d 行相同：每一行的“%s”不能重复", first+1, label.In("zh")), EN: fmt.Sprintf("line %d has it already: no two lines have the same “%s”", first+1, label.In("en"))}})
		default:
			seen[value] = i
		}
	}
	return wrong
}

// lineKey is the value of a key column as the key of an item.
func lineKey(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case Reference:
		return v.ID
	}
	return ""
}

// keyValue is the key of an item as a value of the key column.
func (f *Field) keyValue(key string) any {
	switch n, err := strconv.ParseFloat(key, 64); {
	case f.Type == typeReference:
		return Reference{Type: f.To, ID: key}
	case f.Type == typeNumber && err == nil:
		return n
	}
	return key
}

// formValue is what a field of a step's form holds: a column of the item's line, else a field of the record.
func (p *Process) formValue(s *Step, item, name string, fields Fields) any {
	col := p.column(s, name)
	if col.field == nil {
		return fields[name]
	}
	lines, _ := fields[col.into.Name].([]map[string]any)
	if i := lineOf(lines, col.into, itemPart(item, col.depth)); i >= 0 {
		return lines[i][name]
	}
	return nil
}

// put writes a field as a step knows it; nil empties it. An item's line is made when it is first written to.
func (m *machine) put(s *Step, item, name string, v any) {
	col := m.p.column(s, name)
	if col.field == nil {
		m.write(name, v)
		return
	}
	old, _ := m.record.Fields[col.into.Name].([]map[string]any)
	lines, key := slices.Clone(old), itemPart(item, col.depth)
	i := lineOf(lines, col.into, key)
	if i < 0 {
		i = len(lines)
		lines = append(lines, map[string]any{col.into.Key: col.into.column(col.into.Key).keyValue(key)})
	}
	lines[i] = maps.Clone(lines[i])
	if v == nil {
		delete(lines[i], name)
	} else {
		lines[i][name] = v
	}
	m.write(col.into.Name, lines)
}

// Seen fingerprints what a decision at a step depends on, for an item of the `each`es around it ("" outside of any): see [Process.DigestFields].
func (p *Process) Seen(s *Step, item string, fields Fields) string {
	seen := Fields{}
	names := p.DigestFields(s)
	for _, name := range names {
		if into, bare, ok := strings.Cut(name, "."); ok {
			if col := p.column(s, bare); col.field != nil && col.into.Name == into {
				seen[name] = p.formValue(s, item, bare, fields)
			}
			continue
		}
		seen[name] = fields[name]
	}
	return Digest(seen, names)
}

// DigestFields are the fields that a decision at the step depends on: what it shows (the whole record but what is hidden, when it doesn't say),
// what it edits, what its conditions and those of its seats look at, and what it re-approves on. Sorted. Inside an `each` with `into` the
// columns of the item's line, "findings.measure", stand for the lines: what is done about another item changes nothing here.
func (p *Process) DigestFields(s *Step) []string {
	if s.known != nil {
		return slices.Clone(s.known.digest)
	}
	var out []string
	add := func(names ...string) {
		for _, name := range names {
			if col := p.column(s, name); col.field != nil {
				name = col.name()
			}
			out = append(out, name)
		}
	}
	hidden := func(name string) bool { return slices.Contains(s.Form.Hide, name) }
	if s.Form.Show != nil || p.Type == nil {
		add(slices.DeleteFunc(slices.Clone(s.Form.Show), hidden)...)
	} else {
		out = append(out, p.everything(s, hidden)...)
	}
	for _, e := range s.Form.Edit {
		add(e.Field)
	}
	add(s.Form.Reapprove...)
	out = append(out, s.tested()...)
	slices.Sort(out)
	return slices.Compact(out)
}

// everything is what a step shows that doesn't say: the record and the item's line.
func (p *Process) everything(s *Step, hidden func(string) bool) []string {
	var out []string
	lines := map[string]bool{}
	for _, each := range s.eaches() {
		into := p.intoOf(each)
		if into == nil {
			continue
		}
		lines[into.Name] = true
		for _, f := range into.Lines {
			if f.Name != into.Key && !hidden(f.Name) {
				out = append(out, into.Name+"."+f.Name)
			}
		}
	}
	for _, name := range p.Type.names() {
		if !hidden(name) && !lines[name] {
			out = append(out, name)
		}
	}
	return out
}

// tested are the fields of the record that a step's conditions and those of its seats look at.
func (s *Step) tested() []string {
	var out []string
	if s.If != nil {
		out = append(out, s.If.Fields...)
	}
	if s.Who != nil {
		for _, b := range s.Who.Seats {
			if b.If != nil {
				out = append(out, b.If.Fields...)
			}
		}
	}
	return out
}
