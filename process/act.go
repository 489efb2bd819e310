package process

import (
	"slices"
	"strings"
	"time"
)

// decide is an answer to a task: approve, reject, return or complete. Everything is checked before anything is changed.
func (m *machine) decide() *Refusal {
	o, seat, refusal := m.actedOn()
	if refusal != nil {
		return refusal
	}
	s := m.p.Step(o.Step)
	if refusal := m.mayAct(seat); refusal != nil {
		return refusal
	}
	if refusal := m.mayAnswer(o, seat); refusal != nil {
		return refusal
	}
	seen := m.p.Seen(s, o.Item, m.record.Fields)
	if m.ev.Seen != "" && m.ev.Seen != seen {
		return Refuse(CodeContentChanged, "您看到的内容已被修改，请刷新后再决定", "what you saw has changed since: look again, then decide")
	}
	outcome, refusal := s.Do.(asker).outcome(s, m.ev)
	if refusal != nil {
		return refusal
	}
	if refusal := m.checkAnswer(o, s, seat, outcome); refusal != nil {
		return refusal
	}
	if m.back, refusal = m.wayChosen(o.Scope, s, outcome); refusal != nil {
		return refusal
	}
	m.claimByActing(o, seat, s)
	m.fill(o, s)
	m.reapprove(o)
	if refusal := m.pick(o.Scope, s, s.Ways[outcome]); refusal != nil {
		return refusal
	}
	m.vote(o, seat, s, outcome, seen)
	return nil
}

// actedOn finds the open task an event names.
func (m *machine) actedOn() (*Open, *Seat, *Refusal) {
	if m.st.Held != nil {
		if m.st.Held.Task == m.ev.Task {
			return nil, nil, Refuse(CodeCaseSuspended, "该事项停住了：排除原因后，请管理员恢复", "this case is held: once the cause is gone, resume the case")
		}
		return nil, nil, Refuse(CodeCaseSuspended, "该事项暂时停住，管理员已收到通知："+m.st.Held.Reason.In("zh"), "this case is held; an administrator was told why: "+m.st.Held.Reason.In("en"))
	}
	for i := range m.st.Open {
		for j := range m.st.Open[i].Seats {
			if seat := &m.st.Open[i].Seats[j]; seat.Task == m.ev.Task && seat.Vote == nil {
				return &m.st.Open[i], seat, nil
			}
		}
	}
	return nil, nil, m.closed()
}

// closed says how a task was closed, as far as the state remembers; the rest stands in the event log.
func (m *machine) closed() *Refusal {
	r := Refuse(CodeTaskClosed, "该任务已经结束", "this task is closed already")
	if vote := m.voteOf(m.ev.Task); vote != nil {
		r.Decided = &Decided{By: vote.By, At: vote.At.Format(time.RFC3339), Outcome: vote.Outcome}
	}
	return r
}

// mayAct says whether the event's person may answer for a seat: its assignee, a candidate of a seat nobody has taken, or an administrator with a reason.
func (m *machine) mayAct(seat *Seat) *Refusal {
	by := m.ev.By
	if contains(seat.Excluded, by) {
		return Refuse(CodeNotYourTask, "职责分离：您是发起人，或办理过前面的步骤，不能办理此步骤", "separation of duties: you started the case or did an earlier step, so this one must not be yours")
	}
	if contains(m.holders(seat), by) && !seat.Vacant || m.isOutside(seat) {
		return nil
	}
	if !m.ev.Admin {
		if seat.Assignee != "" {
			name := m.name(seat.Assignee)
			return Refuse(CodeNotYourTask, "此任务由"+name.In("zh")+"办理，您不能操作", "this task is with "+name.In("en")+", not with you")
		}
		return Refuse(CodeNotYourTask, "此任务不在您的待办中，您不能操作", "this task is not yours to act on")
	}
	if strings.TrimSpace(m.ev.Comment) == "" {
		return Refuse(CodeCommentRequired, "管理员代为操作时请填写原因", "an administrator who acts for somebody must give a reason")
	}
	return nil
}

// checkForm checks what was filled in: nothing the step doesn't let people change, nothing missing that the outcome needs.
func (m *machine) checkForm(o *Open, s *Step, outcome string) *Refusal {
	if slices.Contains(s.Form.CommentRequired, outcome) && strings.TrimSpace(m.ev.Comment) == "" {
		return Refuse(CodeCommentRequired, "请填写理由", "give a reason")
	}
	if s.Form.Signature && agrees(outcome) && m.ev.Sign == "" {
		return Refuse(CodeSignatureRequired, "此步骤需要签名", "this step needs a signature")
	}
	if wrong := m.notEditable(s, outcome); len(wrong) > 0 {
		return fieldsRefused(CodeFieldNotWritable, wrong)
	}
	if missing := m.missing(o, s, outcome); len(missing) > 0 {
		return fieldsRefused(CodeFieldRequired, missing)
	}
	return m.checkItems(o, s, outcome)
}

// agrees says whether an outcome says yes. What every other outcome than a refusal and a return needs is asked for only then.
func agrees(outcome string) bool { return outcome != Rejected && outcome != Returned }

func fieldsRefused(code Code, fields []FieldError) *Refusal {
	r := &Refusal{Code: code, Fields: fields, Message: fields[0].Message}
	return r
}

// notEditable are the fields that were filled in and that the step doesn't let people change. What an outcome requires is filled in with it.
func (m *machine) notEditable(s *Step, outcome string) []FieldError {
	var wrong []FieldError
	for _, name := range sortedKeys(m.ev.Fields) {
		if !slices.ContainsFunc(s.Form.Edit, func(e Edit) bool { return e.Field == name }) && !slices.Contains(s.Ways[outcome].Require, name) {
			wrong = append(wrong, FieldError{Field: name, Message: Text{
				ZH: "此步骤不能修改“" + m.fieldTitle(s, name).In("zh") + "”", EN: "this step doesn't let you change " + m.fieldTitle(s, name).In("en")}})
		}
	}
	return wrong
}

// missing are the fields an outcome needs and nobody has filled in. An approval's form is compulsory only for agreeing.
func (m *machine) missing(o *Open, s *Step, outcome string) []FieldError {
	need := slices.Clone(s.Ways[outcome].Require)
	if agrees(outcome) {
		for _, e := range s.Form.Edit {
			if e.Required {
				need = append(need, e.Field)
			}
		}
	}
	var missing []FieldError
	slices.Sort(need)
	for _, name := range slices.Compact(need) {
		v, given := m.ev.Fields[name]
		if !given {
			v = m.p.formValue(s, o.Item, name, m.record.Fields)
		}
		if blank(v) {
			title := m.fieldTitle(s, name)
			missing = append(missing, FieldError{Field: name, Message: Text{ZH: "请填写“" + title.In("zh") + "”", EN: title.In("en") + " is required"}})
		}
	}
	return missing
}

func (m *machine) fieldTitle(s *Step, name string) Text {
	if f := m.p.FormField(s, name); f != nil && !f.Title.Empty() {
		return f.Title
	}
	return Same(name)
}

// fill writes the form into the record, and into the line of the item where a field is a column of it.
func (m *machine) fill(o *Open, s *Step) {
	for _, name := range sortedKeys(m.ev.Fields) {
		m.put(s, o.Item, name, m.ev.Fields[name])
	}
}

// vote records an answer and closes the step when that decides it.
func (m *machine) vote(o *Open, seat *Seat, s *Step, outcome, seen string) {
	holder := seat.Assignee
	seat.Vote = &Vote{By: m.ev.By, Outcome: outcome, At: m.at, Seen: seen}
	if !seat.opinion() {
		m.setActor(s.ID, o.Item, m.ev.By)
		m.keepApproval(o, s, seat.whose(m.ev.By), outcome)
	}
	m.effect(CloseTask{ID: seat.Task, Outcome: outcome, By: m.ev.By, At: m.at, Comment: m.ev.Comment})
	entry := Entry{Event: "decided", Step: s.ID, Item: o.Item, Task: seat.Task, By: m.ev.By, Outcome: outcome, Comment: m.ev.Comment, Data: map[string]any{"seen": seen}}
	entry.For = m.answersFor(seat, holder, entry.Data)
	if outcome == Returned {
		entry.Event = "returned"
		entry.Data["to"] = m.back.Go
	}
	if m.ev.Sign != "" {
		entry.Data["signature"] = m.ev.Sign
	}
	if m.ev.Signed != "" {
		entry.Data["signature_file"] = m.ev.Signed
	}
	if seat.opinion() {
		entry.Data["opinion"] = true
	}
	if len(m.ev.Fields) > 0 {
		entry.Data["fields"] = sortedKeys(m.ev.Fields)
	}
	m.log(entry)
	if seat.opinion() {
		m.opinionsIn(o, s, seat.Added.Seat)
	}
	m.closeIfDecided(o, s, seat)
}

func (m *machine) setActor(step, item, by string) {
	if m.st.Actors == nil {
		m.st.Actors = map[string]string{}
	}
	m.st.Actors[step], m.st.Actors[keyOf(step, item)] = by, by
}

// decided remembers how a step ended, where an expression asks for it.
func (m *machine) decided(scope int, s *Step, outcome string) {
	if outcome == Approved {
		m.copyStep(scope, s, copyApproved)
	}
	if !m.p.asked[s.ID] {
		return
	}
	if m.st.Outcomes == nil {
		m.st.Outcomes = map[string]string{}
	}
	m.st.Outcomes[s.ID], m.st.Outcomes[keyOf(s.ID, m.item(scope))] = outcome, outcome
}

// closeIfDecided closes a step once its answers decide it: the seats still open are void, and the chain follows the outcome. Otherwise whoever's
// turn it is now is asked. Answered is the seat of the answer that has come last; nil: it was none.
func (m *machine) closeIfDecided(o *Open, s *Step, answered *Seat) {
	var last Vote
	if answered != nil {
		last = *answered.Vote
	}
	outcome, decided := s.Do.(asker).verdict(s, o, last)
	if last.Outcome == Returned { // a return acts at once, whatever the votes
		outcome, decided = Returned, true
	}
	if !decided {
		m.goOnAfter(o, s, answered)
		return
	}
	m.noteClosing(o)
	closed := *o
	m.st.Open = slices.DeleteFunc(m.st.Open, func(other Open) bool { return other.Step == closed.Step && other.Scope == closed.Scope })
	status := "done"
	if outcome == Returned {
		status = "returned"
	}
	m.mark(closed.Scope, s, status)
	m.decided(closed.Scope, s, outcome)
	m.keepDeciders(&closed)
	m.void(closed)
	way := s.Ways[outcome]
	if outcome == Returned && m.back != nil {
		way = m.back
	}
	m.leaveRound(closed, s, way, outcome)
}

// claimByActing makes the first of several who acts the holder of the seat.
func (m *machine) claimByActing(o *Open, seat *Seat, s *Step) {
	if seat.Assignee != "" || !seat.Claim || m.isOutside(seat) {
		return
	}
	seat.Assignee = m.ev.By
	m.log(Entry{Event: "claimed", Step: s.ID, Item: o.Item, Task: seat.Task, By: m.ev.By})
}

// claim takes a task that is open to several. Taking what one has already changes nothing.
func (m *machine) claim() *Refusal {
	o, seat, refusal := m.actedOn()
	if refusal != nil {
		return refusal
	}
	switch {
	case seat.Assignee == m.ev.By:
		return nil
	case seat.Assignee != "": // claimed, or handed to them
		name := m.name(seat.Assignee)
		return Refuse(CodeNotYourTask, "此任务已在"+name.In("zh")+"处", "this task is with "+name.In("en")+" already")
	case !seat.Claim:
		return Refuse(CodeUnknownOutcome, "此任务无需领取", "this task need not be claimed")
	case !contains(m.holders(seat), m.ev.By):
		return Refuse(CodeNotYourTask, "此任务不在您的可领取列表中", "this task is not open to you")
	}
	if refusal := m.mayFill(o, seat); refusal != nil {
		return refusal
	}
	seat.Assignee = m.ev.By
	return m.changed(o, seat, Entry{Event: "claimed", By: m.ev.By})
}

// release puts a claimed task back for the others.
func (m *machine) release() *Refusal {
	o, seat, refusal := m.actedOn()
	if refusal != nil {
		return refusal
	}
	switch {
	case !seat.Claim || seat.Assignee == "":
		return Refuse(CodeUnknownOutcome, "此任务没有被领取，无法放回", "this task was not claimed, so it can't be put back")
	case seat.Assignee != m.ev.By && !m.ev.Admin:
		name := m.name(seat.Assignee)
		return Refuse(CodeNotYourTask, "此任务由"+name.In("zh")+"领取，您不能放回", "this task is with "+name.In("en")+", not with you")
	case seat.Assignee != m.ev.By && strings.TrimSpace(m.ev.Comment) == "":
		return Refuse(CodeCommentRequired, "管理员放回任务时请填写原因", "an administrator who puts a task back must give a reason")
	}
	holder := seat.Assignee
	seat.Assignee = ""
	return m.changed(o, seat, Entry{Event: "released", By: m.ev.By, For: holder, Comment: m.ev.Comment})
}

// assignTask lets an administrator give a task to somebody. The due moment stands. Giving it to who has it already changes nothing.
func (m *machine) assignTask() *Refusal {
	o, seat, refusal := m.actedOn()
	switch {
	case refusal != nil:
		return refusal
	case !m.ev.Admin:
		return Refuse(CodeForbidden, "只有管理员可以指派任务", "only an administrator may assign a task")
	case strings.TrimSpace(m.ev.Comment) == "":
		return Refuse(CodeCommentRequired, "请填写指派的原因", "give a reason for assigning it")
	}
	if refusal := m.mayReceive(o, seat); refusal != nil {
		return refusal
	}
	if seat.Assignee == m.ev.To && !m.away(m.ev.To) {
		return nil
	}
	s := m.p.Step(o.Step)
	holder, vacant := seat.Assignee, seat.Vacant
	m.give(seat, m.ev.To, Text{ZH: "管理员指派", EN: "assigned by an administrator"})
	if vacant {
		m.weighAgain(s, o, seat)
	}
	m.tell([]string{m.ev.To}, Tell{About: "assigned", Task: seat.Task, Step: s.ID, Text: s.Title})
	return m.changed(o, seat, Entry{Event: "assigned", By: m.ev.By, For: holder, Reason: m.ev.Comment, Data: map[string]any{"to": m.ev.To}})
}

// changed records that a task has another holder.
func (m *machine) changed(o *Open, seat *Seat, e Entry) *Refusal {
	e.Step, e.Item, e.Task = o.Step, o.Item, seat.Task
	m.effect(ChangeTask{Task: m.task(m.p.Step(o.Step), o, seat)})
	m.log(e)
	return nil
}

func contains(ids []string, id string) bool { return slices.Contains(ids, id) }

func sortedKeys(f Fields) []string {
	keys := make([]string, 0, len(f))
	for k := range f {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
