package process

import "fmt"

func (k Call) enter(m *machine, scope int, s *Step) {
	if m.broken(scope, s) {
		return
	}
	var with Fields
	if len(k.With) > 0 {
		with = Fields{}
	}
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
	m.effect(CallCase{Call: call, Process: k.Process, With: with, Wait: k.Wait && !m.undoing, Step: s.ID})
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
		m.unheard()
		return nil
	}
	if !m.ev.Failed.Empty() {
		m.callFailed(*o)
		return nil
	}
	m.passed(o.Scope, m.p.Step(o.Step), nil)
	m.log(Entry{Event: "called", Step: o.Step, Item: o.Item, Outcome: m.ev.Outcome, Data: map[string]any{"call": o.Call}})
	m.closeOpen(o, m.ev.Outcome)
	return nil
}

// callFailed holds the case at a call whose case couldn't begin: resumed, it calls again.
func (m *machine) callFailed(o Open) {
	m.dropOpen(&o)
	m.hold(o.Scope, m.p.Step(o.Step), m.ev.Failed)
}

// unheard says that a case couldn't begin that nobody waits for: its caller has gone on, and isn't stopped.
func (m *machine) unheard() {
	s := m.p.Step(m.ev.Step)
	if s == nil || m.ev.Failed.Empty() {
		return
	}
	m.log(Entry{Event: "failed", Step: s.ID, Reason: m.ev.Failed.EN, Data: map[string]any{"zh": m.ev.Failed.ZH, "call": m.ev.Call}})
	m.tell(m.in.Directory.Members(Administrators), Tell{About: "held", Step: s.ID, Text: m.ev.Failed})
}

// callerLeft ends a sub-case that its caller waits for no more, as the caller was ended or its step was left. What it has done is undone.
func (m *machine) callerLeft() *Refusal {
	if m.st.Status == Ended {
		return nil
	}
	m.st.Suspended = nil
	m.undo(func(Passed) bool { return true })
	m.endBecause(m.ev.Outcome, Text{ZH: "调用它的事项不再等它", EN: "the case that called it waits for it no more"})
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
