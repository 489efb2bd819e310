package process

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// touch notes that a field of the record is about to be changed, and what was in it before the event.
func (m *machine) touch(field string) {
	if _, again := m.touched[field]; again {
		return
	}
	if m.touched == nil {
		m.touched = map[string]any{}
	}
	m.touched[field] = m.record.Fields[field]
}

func unchanged(a, b any) bool { return blank(a) && blank(b) || reflect.DeepEqual(a, b) }

// reapprove voids the approvals that looked at what has just changed, by `reapprove_if_changed`, and only those.
//
// At a step that is still open their seats are asked again at once, whoever changed it. A step that was closed is asked again only when people change the
// content in a form, wherever in the chain the two stand: what the chain itself sets after an approval is what was approved. See [machine.askVoided].
// Form is the step of that form; nil: the chain has changed the content.
func (m *machine) reapprove(form *Open) {
	if len(m.touched) == 0 {
		return
	}
	before := maps.Clone(m.record.Fields)
	maps.Copy(before, m.touched)
	m.touched = nil
	for i := range m.st.Open {
		o := &m.st.Open[i]
		s := m.p.Step(o.Step)
		if changed := m.watched(s, o.Item, before); changed != nil {
			m.voidVotes(o, s, changed)
		}
	}
	if form == nil {
		return
	}
	for i := range m.st.Steps {
		if run := &m.st.Steps[i]; m.approvalOver(run) && (m.around(form, run) || m.stillCounts(*run)) {
			m.voidOver(run, before)
		}
	}
}

// approvalOver says whether a run of a step is an approval that is over, void already or not.
func (m *machine) approvalOver(run *StepRun) bool {
	s := m.p.Step(run.Step)
	return s != nil && (run.Status == "done" || run.Status == "voided") && isApproval(s) && ofItem(m.st.Outcomes, run.Step, run.Item) == Approved
}

// around says whether a step stands in a list that a form stands in too, or that is around its own.
func (m *machine) around(form *Open, run *StepRun) bool {
	return inItem(form.Item, run.Item) && m.p.listWith(m.p.Step(form.Step)).within(m.p.listWith(m.p.Step(run.Step)).Path)
}

// stillCounts says whether what a step has come to counts: nothing around it was left, or has begun afresh since.
func (m *machine) stillCounts(run StepRun) bool {
	entered, item := m.st.Entered[keyOf(run.Step, run.Item)], run.Item
	for l := m.p.listWith(m.p.Step(run.Step)); l.holder != nil; l = l.enclosing() {
		h := l.holder
		if each, ok := h.Do.(Each); ok && holdsList(each, l.Path) {
			item = outerItem(item)
		}
		around, at := m.stepRun(h.ID, item), m.st.Entered[keyOf(h.ID, item)]
		if around == nil || !slices.Contains([]string{"open", "done", "voided"}, around.Status) || at == 0 || at > entered {
			return false
		}
	}
	return true
}

// voidOver voids an approval that is over where it looked at what has changed, and keeps what was in the fields when it was given. Nobody takes back what is void.
func (m *machine) voidOver(run *StepRun, before Fields) {
	s := m.p.Step(run.Step)
	changed := m.watched(s, run.Item, before)
	if changed == nil {
		return
	}
	m.keepSigned(s, run.Item, before, changed)
	if run.Status == "voided" {
		return
	}
	run.Status = "voided"
	m.st.Rounds = slices.DeleteFunc(m.st.Rounds, func(r Round) bool { return r.Open.Step == run.Step && r.Open.Item == run.Item })
	if len(m.st.Rounds) == 0 {
		m.st.Rounds = nil
	}
	m.logVoided(run.Step, run.Item, "", "", changed)
}

// keepSigned keeps what was in fields that have changed since an approval, for whoever is asked again. What is kept already stays.
func (m *machine) keepSigned(s *Step, item string, before Fields, changed map[string]any) {
	was := map[string]any{}
	for field := range changed {
		was[field] = m.p.formValue(s, item, field, before)
	}
	if m.st.Signed == nil {
		m.st.Signed = map[string]json.RawMessage{}
	}
	key := keyOf(s.ID, item)
	m.st.Signed[key] = firstOf(m.st.Signed[key], was)
	m.st.Format = max(m.st.Format, FormatScoped)
}

// forgetSigned lets go of that once it is settled.
func (m *machine) forgetSigned(step, item string) {
	delete(m.st.Signed, keyOf(step, item))
	if len(m.st.Signed) == 0 {
		m.st.Signed = nil
	}
}

// sinceSigned are the changes since a step was approved that is asked again, as the timeline shows them; nil: none.
func (m *machine) sinceSigned(s *Step, item string) map[string]any {
	raw := m.st.Signed[keyOf(s.ID, item)]
	if raw == nil {
		return nil
	}
	return m.changesOf(s, item, raw)
}

// watched are the changes that void an approval of a step, as the timeline shows them; nil: none.
func (m *machine) watched(s *Step, item string, before Fields) map[string]any {
	changed := map[string]any{}
	for _, field := range s.Form.Reapprove {
		from, to := m.p.formValue(s, item, field, before), m.p.formValue(s, item, field, m.record.Fields)
		if !unchanged(from, to) {
			changed[field] = map[string]any{"from": from, "to": to}
		}
	}
	if len(changed) == 0 {
		return nil
	}
	return changed
}

// voidVotes asks those again who have approved what is no more.
func (m *machine) voidVotes(o *Open, s *Step, changed map[string]any) {
	o.Matter = nil
	for i := range o.Seats {
		seat := &o.Seats[i]
		if !seat.approved() {
			continue
		}
		m.logVoided(o.Step, o.Item, seat.Task, seat.Vote.By, changed)
		seat.Vote = nil
		m.newTask(o, seat)
		m.showAdded(o, s, seat)
		m.limit(o, seat)
		task := m.task(s, o, seat)
		task.OpenedAt = m.at
		m.effect(OpenTask{Task: task})
		data := openedData(seat)
		data["changed"] = changed
		m.log(Entry{Event: "opened", Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Data: data})
		m.tell(m.waitedFor(o, seat), Tell{About: "opened", Task: seat.Task, Step: s.ID, Text: prefix(Text{ZH: "内容已修改，请重新审批：", EN: "changed since you approved: "}, s.Title)})
	}
}

func (m *machine) logVoided(step, item, task, who string, changed map[string]any) {
	m.log(Entry{Event: "voided", Step: step, Item: item, Task: task, For: who, Reason: "what was approved has been changed",
		Data: map[string]any{"changed": changed, "zh": "审批过的内容已被修改"}})
}

// askVoided asks a step of the same list, or in one of them, again whose approval was voided, before the chain goes on behind s; then it goes on there.
func (m *machine) askVoided(scope int, s *Step) bool {
	return !m.undoing && m.askAgain(scope, s)
}

// askAgain asks the first of the steps of a run's list that are void, or that hold some, again. When that is done the chain goes on behind another one.
func (m *machine) askAgain(scope int, behind *Step) bool {
	item := m.item(scope)
	for _, s := range m.p.listWith(behind).Steps {
		run := m.stepRun(s.ID, item)
		switch {
		case run == nil:
		case run.Status == "voided" && isApproval(s):
			m.st.Backs = append(m.st.Backs, Back{To: s.ID, From: behind.ID, Item: item, Behind: true})
			m.queue = append(m.queue, entry{scope: scope, step: s, again: true})
			return true
		case m.askInside(scope, s, behind):
			return true
		}
	}
	return false
}

// askInside opens those lists of a step again, beside each other, in which an approval is void, for nothing but that; behind another step the chain goes on
// then. Nil: the step isn't over yet, or its lists are open again already.
func (m *machine) askInside(scope int, s, behind *Step) bool {
	lists := m.voidIn(scope, s)
	if len(lists) == 0 {
		return false
	}
	m.st.Format = max(m.st.Format, FormatScoped)
	item := m.item(scope)
	if behind != nil {
		m.st.Backs = append(m.st.Backs, Back{To: s.ID, From: behind.ID, Item: item, Behind: true})
		m.scope(scope).At = s.ID
		if g, ok := s.Do.(group); ok && holdsList(g, lists[0].list.Path) {
			m.stepRun(s.ID, item).Status = "voided"
		}
	}
	m.forgetRounds(scope)
	for _, l := range lists {
		id := m.newScope(scope, l.list)
		last := l.list.Steps[len(l.list.Steps)-1]
		m.scope(id).Item, m.scope(id).At = l.item, last.ID
		m.askAgain(id, last)
	}
	return true
}

// listRun is a list of steps and the item that it runs for.
type listRun struct {
	list *List
	item string
}

// voidIn are the lists of a step in which an approval is void: all those of a group, or else one of its outcomes'.
func (m *machine) voidIn(scope int, s *Step) []listRun {
	var own, others []listRun
	g, _ := s.Do.(group)
	outer := m.item(scope)
	for _, run := range m.st.Steps {
		step := m.p.Step(run.Step)
		if run.Status != "voided" || step == nil || !isApproval(step) || !inItem(run.Item, outer) || !m.p.listWith(step).heldBy(s) || !m.stillCounts(run) {
			continue
		}
		l := listRun{m.p.listWith(step), outer}
		for l.list.holder != s {
			l.list = l.list.enclosing()
		}
		switch {
		case g == nil || !holdsList(g, l.list.Path):
			others = append(others, l)
			continue
		case isEach(s):
			key, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(run.Item, outer), "/"), "/")
			l.item = strings.TrimPrefix(outer+"/"+key, "/")
		}
		if !slices.Contains(own, l) {
			own = append(own, l)
		}
	}
	if own == nil && others != nil {
		return others[:1]
	}
	return own
}

func isEach(s *Step) bool {
	_, ok := s.Do.(Each)
	return ok
}

// askedAgain says whether a group is over and open again only because of what is void in it.
func (m *machine) askedAgain(scope int, s *Step) bool {
	_, ok := s.Do.(group)
	run := m.stepRun(s.ID, m.item(scope))
	return ok && run != nil && run.Status == "voided"
}
