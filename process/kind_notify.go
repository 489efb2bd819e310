package process

// Notify sends a message. Message nil: the step's title.
type Notify struct {
	To      []By
	Message *Template
}

func (k Notify) enter(m *machine, scope int, s *Step) {
	to, ok := m.recipients(scope, s, k.To, nil)
	if !ok {
		return
	}
	text := s.Title
	if k.Message != nil {
		text = k.Message.Render(m.env(scope))
	}
	m.tell(to, Tell{About: "notify", Step: s.ID, Text: text})
	m.log(Entry{Event: "told", Step: s.ID, Data: map[string]any{"to": to}})
	m.pass(scope, s, Done)
}
