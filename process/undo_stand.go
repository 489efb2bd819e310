package process

import "encoding/json"

// inherit lets the effects that stand, of those noted after one that is undone, restore what that one would have restored: the fields that both have set
// then never get back what was undone.
func (m *machine) inherit(undone func(Passed) bool) {
	for i := len(m.st.Passed) - 1; i >= 0; i-- {
		if !undone(m.st.Passed[i]) {
			continue
		}
		for j := i + 1; j < len(m.st.Passed); j++ {
			if later := &m.st.Passed[j]; !undone(*later) {
				m.inheritOne(later, m.st.Passed[i])
			}
		}
	}
}

func (m *machine) inheritOne(later *Passed, from Passed) {
	if later.Was == nil || from.Was == nil {
		return
	}
	var was, before map[string]json.RawMessage
	mustJSON(json.Unmarshal(later.Was, &was))
	mustJSON(json.Unmarshal(from.Was, &before))
	for name, v := range before {
		if _, both := was[name]; both && m.sameField(name, *later, from) {
			was[name] = v
		}
	}
	raw, err := json.Marshal(was)
	mustJSON(err)
	later.Was = raw
}

// sameField says whether two steps mean the same by a name: the field of the record, or the column of one item's line.
func (m *machine) sameField(name string, a, b Passed) bool {
	in := func(p Passed) (into *Field, item string) {
		s := m.p.Step(p.Step)
		if s == nil {
			return nil, ""
		}
		col := m.p.column(s, name)
		if col.field == nil {
			return nil, ""
		}
		return col.into, itemPart(p.Item, col.depth)
	}
	intoA, itemA := in(a)
	intoB, itemB := in(b)
	return intoA == intoB && itemA == itemB
}
