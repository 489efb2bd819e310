package process

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// env is what expressions and templates see now, in a scope (0: the case as a whole).
func (m *machine) env(scope int) Env {
	item := m.item(scope)
	return Env{
		Record: m.record, Initiator: m.starter(), Before: m.before(), Now: m.at, Zone: m.zone(), Names: m.name, Records: m.others,
		OutcomeOf: func(step string) string { return ofItem(m.st.Outcomes, step, item) },
		Item:      func(name string) any { return m.itemValue(scope, name) },
		Decided:   func(name string) any { return m.output(name, item) },

		Departments: m.department,
	}
}

// before is what `before.…` sees: the fields at the start of the case that some expression asks for.
func (m *machine) before() Fields {
	if m.begun == nil && m.st.Before != nil {
		m.begun = decodeKept(m.st.Before, m.p.Type.Field)
	}
	return m.begun
}

// keepBefore notes at the start what `before.…` will ask for.
func (m *machine) keepBefore() {
	kept := Fields{}
	for _, name := range m.p.before {
		if v := m.record.Fields[name]; v != nil {
			kept[name] = v
		}
	}
	if len(kept) > 0 {
		m.st.Before = encode(kept)
	}
}

// encode writes canonical values, which always can be.
func encode(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("process: a value can't be written: %s", err))
	}
	return raw
}

// decodeKept reads values that a state has kept. What isn't known any more, or known otherwise, is left out.
func decodeKept(raw json.RawMessage, field func(string) *Field) Fields {
	var all map[string]json.RawMessage
	out := Fields{}
	if json.Unmarshal(raw, &all) != nil {
		return out
	}
	for name, raw := range all {
		f := field(name)
		if f == nil {
			continue
		}
		if v, ok := f.restore(raw); ok {
			out[name] = v
		}
	}
	return out
}

// restore reads one value that we stored ourselves.
func (f *Field) restore(raw json.RawMessage) (any, bool) {
	if f.Type == typeDuration {
		var limit Limit
		err := json.Unmarshal(raw, &limit)
		return limit, err == nil && !limit.IsZero()
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil, false
	}
	value, wrong := f.decode(v, false)
	return value, len(wrong) == 0 && value != nil
}

// output is what `decided.name` sees from inside an item: what was decided for this item, else for the nearest one around it, else last of all.
func (m *machine) output(name, item string) any {
	if m.outputs == nil && m.st.Decided != nil {
		m.outputs = decodeKept(m.st.Decided, func(key string) *Field {
			name, _, _ := strings.Cut(key, "@")
			return m.p.outputs[name]
		})
	}
	for ; item != ""; item = outerItem(item) {
		if v, ok := m.outputs[keyOf(name, item)]; ok {
			return v
		}
	}
	return m.outputs[name]
}

// keepOutputs remembers what a table has decided, for an item and as the last of all. An output that is empty now was perhaps not empty before.
func (m *machine) keepOutputs(item string, values map[string]any) {
	m.output("", "")
	change := Fields{}
	for name, v := range values {
		change[name], change[keyOf(name, item)] = v, v
	}
	m.outputs = m.outputs.With(change)
	m.st.Decided = encode(m.outputs)
}

// itemValue is what `$name` is inside a scope: a text or a reference of the list, or a line as it stands in the list now; nil when it is gone.
func (m *machine) itemValue(scope int, name string) any {
	for scope != 0 {
		sc := *m.scope(scope)
		if sc.Parent == 0 {
			return nil
		}
		if each, ok := m.p.Step(m.scope(sc.Parent).At).Do.(Each); ok && each.As == name {
			list, err := each.Over.Value(m.env(sc.Parent))
			if err != nil {
				return nil
			}
			return each.find(list, itemKey(sc.Item))
		}
		scope = sc.Parent
	}
	return nil
}

// find gives the item of a list by its key. A text is its own key, so it is found even when it isn't in the list any more.
func (k Each) find(list any, key string) any {
	items := entries(list)
	for i, item := range items {
		one := list
		switch list.(type) {
		case []any:
			one = []any{item}
		case []map[string]any:
			if k.Item.Key == "" {
				if fmt.Sprint(i+1) == key {
					return item
				}
				continue
			}
			one = []map[string]any{item.(map[string]any)}
		}
		if keys := k.keys(one); len(keys) == 1 && keys[0] == key {
			return item
		}
	}
	if k.Item.Type == typeLines || k.Item.Type == typeReference {
		return nil
	}
	return key
}
