package process

// Abandon lets an administrator end a case whose definition can't be had any more: in.Process holds no step. What the case has done can't be undone
// then, and each of its effects says so.
func Abandon(in Input, ev Event) (Result, error) {
	m := newMachine(in, ev)
	m.at = m.ev.At
	if ev.Kind != EventCancel {
		return Result{}, Refuse(CodeCaseSuspended, "流程定义已丢失，只能取消", "the definition is lost: the case can only be cancelled")
	}
	if refusal := m.byAdministrator("取消流程", "cancel a case"); refusal != nil {
		return Result{}, refusal
	}
	for _, o := range m.st.Open {
		if o.Call != "" {
			m.effect(EndCall{Call: o.Call, Outcome: Cancelled})
		}
		for _, seat := range o.Seats {
			if seat.Vote == nil {
				m.voidSeat(o, seat)
			}
		}
	}
	for i := len(m.st.Passed) - 1; i >= 0; i-- {
		p := m.st.Passed[i]
		m.log(Entry{Event: "undone", Step: p.Step, Item: p.Item, Reason: "not undone: the definition of the process is lost", Data: map[string]any{"zh": "未能撤销：流程定义已丢失"}})
	}
	m.st.Open, m.st.Passed, m.st.Suspended = nil, nil, nil
	m.endBecause(Cancelled, Same(m.ev.Comment))
	m.st.LastAt = m.ev.At
	return m.result(), nil
}
