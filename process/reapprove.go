package process

import (
	"maps"
	"reflect"
	"slices"
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
// content in the form of a later step of its own list or inside it: what the chain itself sets after an approval is what was approved. See [machine.askVoided].
// Form is that step and its item; nil: the chain has changed the content.
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
	for i := range m.st.Steps {
		run := &m.st.Steps[i]
		s := m.p.Step(run.Step)
		if form == nil || s == nil || run.Status != "done" || ofItem(m.st.Outcomes, run.Step, run.Item) != Approved ||
			!inItem(form.Item, run.Item) || !m.p.listWith(m.p.Step(form.Step)).within(m.p.listWith(s).Path) {
			continue
		}
		if changed := m.watched(s, run.Item, before); changed != nil {
			run.Status = "voided"
			m.logVoided(run.Step, run.Item, "", "", changed)
		}
	}
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
	for i := range o.Seats {
		seat := &o.Seats[i]
		if seat.Vote == nil || seat.Vote.Outcome != Approved {
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

// askVoided asks a step of the same list again whose approval was voided, before the chain goes on behind s; then it goes on there.
func (m *machine) askVoided(scope int, s *Step) bool {
	item := m.item(scope)
	list := m.listOf(scope)
	i := slices.IndexFunc(list.Steps, func(other *Step) bool {
		run := m.stepRun(other.ID, item)
		return other != s && run != nil && run.Status == "voided"
	})
	if i < 0 || m.undoing {
		return false
	}
	m.st.Backs = append(m.st.Backs, Back{To: list.Steps[i].ID, From: s.ID, Item: item, Behind: true})
	m.queue = append(m.queue, entry{scope: scope, step: list.Steps[i], again: true})
	return true
}
