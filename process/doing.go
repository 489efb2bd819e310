package process

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// doing writes what of a part of a chain decides what a case does: not where it stands in its file, not what people call it, and not the lists of steps below,
// whose steps are looked at by themselves. Two parts that read the same do the same.
func doing(parts ...any) string {
	var b strings.Builder
	for _, part := range parts {
		doingOf(&b, reflect.ValueOf(part))
		b.WriteByte(';')
	}
	return b.String()
}

func doingOf(b *strings.Builder, v reflect.Value) {
	if !v.IsValid() {
		b.WriteByte('-')
		return
	}
	switch x := v.Interface().(type) {
	case Text, map[string]Text, Position, *List, *Step:
		return
	case Limit:
		b.WriteString(x.String())
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		doingOf(b, v.Elem())
	case reflect.Struct:
		doingOfStruct(b, v)
	case reflect.Slice:
		b.WriteByte('[')
		for i := range v.Len() {
			doingOf(b, v.Index(i))
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case reflect.Map: // those of a chain are by name
		keys := v.MapKeys()
		slices.SortFunc(keys, func(x, y reflect.Value) int { return strings.Compare(x.String(), y.String()) })
		for _, key := range keys {
			fmt.Fprintf(b, "%q:", key.String())
			doingOf(b, v.MapIndex(key))
			b.WriteByte(',')
		}
	default:
		fmt.Fprintf(b, "%#v", v.Interface())
	}
}

// doingOfStruct writes the exported fields: the others are worked out from them when the chain is read.
func doingOfStruct(b *strings.Builder, v reflect.Value) {
	t := v.Type()
	b.WriteString(t.Name() + "{")
	for i := range t.NumField() {
		if t.Field(i).IsExported() {
			b.WriteString(t.Field(i).Name + ":")
			doingOf(b, v.Field(i))
			b.WriteByte(',')
		}
	}
	b.WriteByte('}')
}

// timeShape is the shape of a step's limit, with the table that it may ask.
func (p *Process) timeShape(s *Step) string {
	var table *Table
	if s.Time.Due != nil {
		table = p.Tables[s.Time.Due.Table]
	}
	return doing(s.Time, table, p.Calendar)
}

// dueShape is the shape of when a step must be done.
func (p *Process) dueShape(s *Step) string {
	if s.Time.Due == nil {
		return ""
	}
	return doing(s.Time.Due, p.Tables[s.Time.Due.Table])
}

// pastShape is the shape of a step that a case has been through. Of what became late there only what moved the task leaves a trace.
func (p *Process) pastShape(s *Step) string {
	time := p.timeShape(s)
	if !slices.ContainsFunc(s.Time.Late, Rung.moves) && len(s.Time.Stops) == 0 {
		time = ""
	}
	return doing(s.Kind, s.Do, s.If, s.Undo, s.Who, s.Form, s.Ways, s.Then, time)
}

// moves says whether a rung does more than telling people.
func (r Rung) moves() bool { return r.HandUp || r.Outcome != "" || r.Transfer != nil || len(r.Add) > 0 }
