package process

// Create makes a record.
type Create struct {
	Type   string
	Fields []Assign
}

func (k Create) enter(m *machine, scope int, s *Step) {
	if m.broken(scope, s) {
		return
	}
	fields := Fields{}
	for _, a := range k.Fields {
		v, ok := m.value(scope, s, a.Value)
		if !ok {
			return
		}
		if v != nil {
			fields[a.Field] = v
		}
	}
	m.effect(CreateRecord{Type: k.Type, Fields: fields, Step: s.ID})
	m.log(Entry{Event: "changed", Step: s.ID, Data: map[string]any{"created": k.Type}})
	m.pass(scope, s, Done)
}
