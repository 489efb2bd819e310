package process

// fromFormat1 brings a state of format 1 (v0.1.0) to the present one: it didn't remember the limit of an open step, which a handed-up task, a stopped clock
// and a changed calendar count by. In that release a limit was always a plain one, written at the step.
func (m *machine) fromFormat1() {
	for i := range m.st.Open {
		o := &m.st.Open[i]
		s := m.p.Step(o.Step)
		if s == nil || s.Time.Due == nil || s.Time.Due.Limit == nil {
			continue
		}
		o.Within = s.Time.Due.Limit.String()
		for j := range o.Seats {
			if o.Seats[j].Due != nil {
				o.Seats[j].Within = o.Within
			}
		}
	}
}
