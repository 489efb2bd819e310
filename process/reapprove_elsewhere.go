package process

import (
	"bytes"
	"encoding/json"
	"slices"
)

// changedElsewhere voids those approvals of open steps that looked at what something else than this case has changed since, as another case about the same
// record. A case that is about to end asks nobody any more.
func (m *machine) changedElsewhere() {
	if m.st.Status != Running || m.st.Held != nil || slices.Contains([]EventKind{EventWithdraw, EventCancel, EventLeft}, m.ev.Kind) {
		return
	}
	for i := range m.st.Open {
		o := &m.st.Open[i]
		if s := m.p.Step(o.Step); o.Matter != nil {
			if changed := m.changesOf(s, o.Item, o.Matter); changed != nil {
				m.voidVotes(o, s, changed)
			}
		}
	}
}

// keepMatter keeps, for steps that are open still, what the approvals given there looked at.
func (m *machine) keepMatter() {
	for i := range m.st.Open {
		o := &m.st.Open[i]
		s := m.p.Step(o.Step)
		if o.Matter != nil || len(s.Form.Reapprove) == 0 || !slices.ContainsFunc(o.Seats, func(seat Seat) bool { return seat.approved() }) {
			continue
		}
		was := map[string]any{}
		for _, field := range s.Form.Reapprove {
			was[field] = m.p.formValue(s, o.Item, field, m.record.Fields)
		}
		raw, err := json.Marshal(was)
		mustJSON(err)
		o.Matter = raw
		m.st.Format = max(m.st.Format, FormatScoped)
	}
}

func (s *Seat) approved() bool { return s.Vote != nil && s.Vote.Outcome == Approved }

// Reapproves says whether a change of the record may void an approval.
func (p *Process) Reapproves() bool {
	return slices.ContainsFunc(p.AllSteps(), func(s *Step) bool { return len(s.Form.Reapprove) > 0 })
}

// changesOf are those of a step's fields in which something else stands now than was kept, as the timeline shows them; nil: none.
func (m *machine) changesOf(s *Step, item string, kept json.RawMessage) map[string]any {
	was, changed := map[string]any{}, map[string]any{}
	d := json.NewDecoder(bytes.NewReader(kept))
	d.UseNumber()
	mustJSON(d.Decode(&was))
	for name, v := range was {
		f := m.p.FormField(s, name)
		if f == nil {
			continue
		}
		from, _ := f.decode(v, false)
		if now := m.p.formValue(s, item, name, m.record.Fields); !unchanged(from, now) && !writtenAs(v, now) {
			changed[name] = map[string]any{"from": from, "to": now}
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return changed
}

// writtenAs says whether a value is written down in the same way as another was: what an expression gave isn't always of the type that reading it gives.
func writtenAs(was, now any) bool {
	a, err := json.Marshal(was)
	mustJSON(err)
	b, err := json.Marshal(now)
	mustJSON(err)
	return bytes.Equal(a, b)
}
