package process

// Set changes the case's record.
type Set struct{ Fields []Assign }

func (k Set) enter(m *machine, scope int, s *Step) {
	if !m.assign(scope, s, k.Fields) {
		return
	}
	m.pass(scope, s, Done)
}

// assign writes fields of the record and says so in the timeline. It gives false when the case is held instead.
func (m *machine) assign(scope int, s *Step, assigns []Assign) bool {
	if m.broken(scope, s) {
		return false
	}
	data := map[string]any{}
	for _, a := range assigns {
		v, ok := m.value(scope, s, a.Value)
		if !ok {
			return false
		}
		m.write(a.Field, v)
		data[a.Field] = v
	}
	if len(data) > 0 {
		m.log(Entry{Event: "changed", Step: s.ID, Data: data})
	}
	return true
}
