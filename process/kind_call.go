package process

import "fmt"

func (k Call) enter(m *machine, scope int, s *Step) {
	if m.broken(scope, s) {
		return
	}
	with := Fields{}
	for _, a := range k.With {
		v, ok := m.value(scope, s, a.Value)
		if !ok {
			return
		}
		if v != nil {
			with[a.Field] = v
		}
	}
	call := m.newCall()
	m.effect(CallCase{Call: call, Process: k.Process, With: with, Wait: k.Wait, Step: s.ID})
	data := map[string]any{"process": k.Process, "call": call}
	if k.Wait {
		m.wait(scope, s, Open{Call: call}, data)
		return
	}
	m.log(Entry{Event: "called", Step: s.ID, Item: m.item(scope), Data: data})
	m.pass(scope, s, Done)
}

// newCall gives the case's next id of a call or a request.
func (m *machine) newCall() string {
	m.st.Calls++
	return fmt.Sprintf("%s.c%d", m.st.Case, m.st.Calls)
}

// called goes on after a sub-case has ended. Nobody waits any more for one whose step was left.
func (m *machine) called() *Refusal {
	o := m.openCall()
	if o == nil {
		return nil
	}
	m.log(Entry{Event: "called", Step: o.Step, Item: o.Item, Outcome: m.ev.Outcome, Data: map[string]any{"call": o.Call}})
	m.closeOpen(o, m.ev.Outcome)
	return nil
}

// openCall finds the step that waits for what the event answers.
func (m *machine) openCall() *Open {
	for i := range m.st.Open {
		if o := &m.st.Open[i]; m.ev.Call != "" && o.Call == m.ev.Call {
			return o
		}
	}
	return nil
}

// endCall ends the sub-case that a step waits for, when the step is left or its case ends. One that was withdrawn or cancelled with its parent says so.
func (m *machine) endCall(o Open) {
	if _, call := m.p.Step(o.Step).Do.(Call); !call || o.Call == "" {
		return
	}
	outcome := "voided"
	if m.st.Outcome == "withdrawn" || m.st.Outcome == "cancelled" {
		outcome = m.st.Outcome
	}
	m.effect(EndCall{Call: o.Call, Outcome: outcome})
}
