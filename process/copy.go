package process

import "slices"

// copyCase puts the case into the copied box of those whom the chain names for a moment of it: its start, its end, its approval.
func (m *machine) copyCase(at string) {
	for _, c := range m.p.Copy {
		if c.At == at {
			m.copyTo(0, nil, c)
		}
	}
}

// copyStep does the same for a step: when the chain arrives at it, or when it was approved.
func (m *machine) copyStep(scope int, s *Step, at string) {
	for _, c := range s.Copy {
		if c.At == at {
			m.copyTo(scope, s, c)
		}
	}
}

// copyTo copies to people who needn't act. They hold nothing up: where a condition can't be evaluated, its people get no copy.
func (m *machine) copyTo(scope int, s *Step, c Copy) {
	var to []string
	for _, by := range c.To {
		if by.If != nil {
			if yes, err := by.If.Bool(m.env(scope)); err != nil || !yes {
				continue
			}
		}
		to = append(to, m.who(m.resolve(by, place{scope: scope}))...)
	}
	slices.Sort(to)
	to = slices.DeleteFunc(slices.Compact(to), func(id string) bool { return !people{m.in.Directory}.active(id) })
	if len(to) == 0 {
		return
	}
	copied, text, entry := CopyTo{To: to, At: m.at}, m.p.Title, Entry{Event: "told", Data: map[string]any{"to": to, "copy": c.At}}
	if s != nil {
		copied.Step, text, entry.Step, entry.Item = s.ID, s.Title, s.ID, m.item(scope)
	}
	copied.Text = m.about(prefix(Text{ZH: "抄送：", EN: "for your information: "}, text))
	m.effect(copied)
	m.log(entry)
}
