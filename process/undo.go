package process

import (
	"bytes"
	"encoding/json"
	"slices"
)

// noteEffect notes what a step that asks nobody has done and that doesn't go away by itself: a message, a record made, a call.
func (m *machine) noteEffect(e Effect) {
	step := ""
	switch e := e.(type) {
	case Tell:
		if e.About == "notify" {
			step = e.Step
		}
	case CreateRecord:
		step = e.Step
	case CallCase:
		if !e.Wait { // one that is waited for has passed when it has ended
			step = e.Step
		}
	case CallSystem:
		step = e.Step
	}
	if s := m.coming.step; s != nil && s.ID == step {
		m.passed(m.coming.scope, s, nil)
	}
}

// noteDone notes a step that declares an undo and asks nobody, once it is done.
func (m *machine) noteDone(scope int, s *Step) {
	if s.Undo != nil {
		m.passed(scope, s, nil)
	}
}

// noteSet notes, before a step sets fields, what is in those that `undo: restore` puts back.
func (m *machine) noteSet(scope int, s *Step, assigns []Assign) {
	if s.Undo == nil || !s.Undo.Restore || len(assigns) == 0 {
		return
	}
	was := map[string]any{}
	for _, a := range assigns {
		if len(a.Along) == 0 {
			was[a.Field] = m.p.formValue(s, m.item(scope), a.Field, m.record.Fields)
		}
	}
	m.passed(scope, s, was)
}

// noteAssigned notes, once they are set, fields for which steps are declared, and those of other records. What is set in this record without an undo stands
// without a word.
func (m *machine) noteAssigned(scope int, s *Step, assigns []Assign) {
	if s.Undo != nil && len(assigns) > 0 || slices.ContainsFunc(assigns, elsewhere) {
		m.passed(scope, s, nil)
	}
}

// elsewhere says whether a field of another record is set.
func elsewhere(a Assign) bool { return len(a.Along) > 0 }

// passed notes an effect. A step passed again is noted as passed now, but in its first place and with what was there before its first time, so that undoing
// everything gives back what was there at the beginning.
func (m *machine) passed(scope int, s *Step, was map[string]any) {
	if m.undoing {
		return
	}
	item := m.item(scope)
	p := Passed{Step: s.ID, Item: item, Seq: m.st.Entered[keyOf(s.ID, item)]}
	i := slices.IndexFunc(m.st.Passed, func(o Passed) bool { return o.Step == p.Step && o.Item == p.Item })
	if i < 0 {
		p.Was = firstOf(nil, was)
		m.st.Passed = append(m.st.Passed, p)
		return
	}
	p.Was = firstOf(m.st.Passed[i].Was, was)
	m.st.Passed[i] = p
}

// firstOf adds to what is kept of fields those that it doesn't have yet.
func firstOf(kept json.RawMessage, was map[string]any) json.RawMessage {
	if len(was) == 0 {
		return kept
	}
	all := map[string]any{}
	for name, v := range was {
		all[name] = v
	}
	if kept != nil {
		var before map[string]json.RawMessage
		mustJSON(json.Unmarshal(kept, &before))
		for name, v := range before {
			all[name] = v
		}
	}
	raw, err := json.Marshal(all)
	mustJSON(err)
	return raw
}

// mustJSON: canonical values always become JSON and back.
func mustJSON(err error) {
	if err != nil {
		panic("process: " + err.Error())
	}
}

// undo runs what is declared of the passed effects that it is asked for, the newest first, and says of the others that they stand. Each is done
// with after that. The undo of an effect never stops the case: what fails is said, to administrators too.
func (m *machine) undo(which func(Passed) bool) {
	m.inherit(which)
	var kept, undone []Passed
	for _, p := range m.st.Passed {
		if which(p) {
			undone = append(undone, p)
		} else {
			kept = append(kept, p)
		}
	}
	m.st.Passed = kept
	m.undoing = true
	for _, p := range slices.Backward(undone) {
		if s := m.p.Step(p.Step); s != nil {
			m.undoOne(s, p)
		}
	}
	m.undoing = false
}

func (m *machine) undoOne(s *Step, p Passed) {
	switch {
	case s.Undo == nil:
		why, ok := stands[s.Kind]
		if !ok {
			why = stands["set"]
		}
		m.log(Entry{Event: "undone", Step: s.ID, Item: p.Item, Reason: why.EN, Data: map[string]any{"kept": s.Kind, "zh": why.ZH}})
	case s.Undo.Restore:
		m.restore(s, p)
	default:
		m.log(Entry{Event: "undone", Step: s.ID, Item: p.Item})
		m.undoBy(s.Undo.Steps, p.Item)
	}
}

// stands says of each kind why its effect can't be undone where the chain doesn't say how; of the others what they set in another record.
var stands = map[string]Text{
	"notify":  {ZH: "已发出的消息无法收回", EN: "a message that was sent can't be taken back"},
	"create":  {ZH: "新建的记录保留", EN: "the record that was made stays"},
	"set":     {ZH: "对其他记录的修改保留", EN: "what was changed in another record stays"},
	"call":    {ZH: "已发起的流程保留", EN: "the case that was started stays"},
	"request": {ZH: "对外部系统的调用无法收回", EN: "a call to another system can't be taken back"},
}

// restore puts back the fields that a step has set, whatever is in them now: also what somebody has changed since. The timeline says what was replaced.
func (m *machine) restore(s *Step, p Passed) {
	was := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(p.Was))
	d.UseNumber()
	mustJSON(d.Decode(&was))
	data := map[string]any{}
	for _, name := range sortedKeys(was) {
		f := m.p.FormField(s, name)
		if f == nil {
			continue
		}
		v, _ := f.decode(was[name], false)
		if now := m.p.formValue(s, p.Item, name, m.record.Fields); !unchanged(now, v) {
			m.put(s, p.Item, name, v)
			data[name] = map[string]any{"from": now, "to": v}
		}
	}
	m.log(Entry{Event: "undone", Step: s.ID, Item: p.Item, Data: map[string]any{"restored": data}})
}

// undoBy runs the steps of an undo at once, where the step ran that they undo, so that `$x` is still its item. Nobody waits for the answer of a request or
// the end of a case that they start.
func (m *machine) undoBy(list *List, item string) {
	scopes, next := m.st.Scopes, m.st.NextScope
	m.st.Scopes = nil
	scope := m.rebuild(list, item)
	for _, s := range list.Steps {
		m.count(s.ID)
		m.scope(scope).At = s.ID
		m.arrive(scope, s)
		ok, failed := m.holds(scope, s, s.If)
		switch {
		case failed:
		case !ok:
			m.mark(scope, s, "passed_over")
		default:
			s.Do.enter(m, scope, s)
			m.mark(scope, s, "done")
		}
	}
	m.st.Scopes, m.st.NextScope = scopes, next
}

// rebuild makes the scopes that a list had around it in an item.
func (m *machine) rebuild(list *List, item string) int {
	parent := 0
	if h := list.holder; h != nil {
		outer := item
		if each, ok := h.Do.(Each); ok && holdsList(each, list.Path) {
			outer = outerItem(item)
		}
		parent = m.rebuild(m.p.listWith(h), outer)
		m.scope(parent).At = h.ID
	}
	id := m.newScope(parent, list)
	m.scope(id).Item = item
	return id
}

// undoFailed says that a step of an undo couldn't be done.
func (m *machine) undoFailed(s *Step, reason Text) {
	why := Text{ZH: "未能撤销：" + reason.In("zh"), EN: "not undone: " + reason.In("en")}
	m.log(Entry{Event: "undone", Step: s.ID, Reason: why.EN, Data: map[string]any{"kept": s.Kind, "zh": why.ZH}})
	m.tell(m.in.Directory.Members(Administrators), Tell{About: "held", Step: s.ID, Text: why})
}

// undoAtEnd undoes what a case has done that ends rejected, withdrawn or cancelled. What an approved one has done is kept as long as it can be revoked.
func (m *machine) undoAtEnd(outcome string) {
	switch {
	case outcome == Rejected || outcome == Withdrawn || outcome == Cancelled:
		m.undo(func(Passed) bool { return true })
	case outcome != Approved || m.p.Revoke == nil:
		m.st.Passed = nil
	}
}

// endBy ends the case as a way says. A rejection undoes what the case has done, whatever name the end has.
func (m *machine) endBy(s *Step, way *Way, outcome string) {
	if _, asks := s.Do.(Approve); asks && outcome == Rejected {
		m.undo(func(Passed) bool { return true })
	}
	m.end(way.End)
}
