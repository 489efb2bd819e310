package process

import "slices"

func (t *teller) headTitle() string {
	about := Same(t.p.Record)
	if t.p.Type != nil {
		about = t.p.Type.Title
	}
	return t.s("流程“%s”（%s），办理一条“%s”", "Process “%s” (%s), about one record of the type “%s”", t.p.Title, t.p.ID, about)
}

// head says what holds for the case as a whole.
func (t *teller) head() []string {
	p := t.p
	out := t.start()
	if p.OneOpenPerRecord {
		out = append(out, t.s("同一条记录同时只能有一个未结束的流程，再次发起会被拒绝。", "One record has one open case at a time: a second one is refused."))
	} else {
		out = append(out, t.s("同一条记录可以同时有几个未结束的流程。", "One record may have several open cases at a time."))
	}
	if p.Number != "" {
		out = append(out, t.s("编号格式：%s。", "Its number is made like %s.", p.Number))
	}
	if p.Subject != nil {
		out = append(out, t.s("处处显示为：%s。", "Everywhere it is shown as %s.", p.Subject.Written()))
	}
	if len(p.Summary) > 0 {
		out = append(out, t.s("每个任务和每条消息都带上：%s。", "Every row and every message shows %s.", t.fields(nil, p.Summary)))
	}
	if p.Calendar != "" {
		out = append(out, t.s("时间按日历 %s 计算，除非办理人或其部门另有日历。", "Time is counted by the calendar %s, unless whoever has the task, or their department, has one of their own.", p.Calendar))
	}
	for _, u := range p.Until {
		out = append(out, t.until(u))
	}
	for _, c := range p.Clocks {
		out = append(out, t.clock(c)...)
	}
	out = append(out, t.copies(p.Copy, headCopies)...)
	out = append(out, t.again()...)
	return append(out, t.takenBack()...)
}

// start says what opens a case.
func (t *teller) start() []string {
	st := t.p.Start
	var out []string
	if len(st.By) > 0 {
		out = append(out, t.s("可以发起的人：%s。", "It may be started by %s.", t.any(t.principals(st.By))))
	} else if len(st.On) == 0 && st.Every == "" {
		out = append(out, t.s("只有管理员可以发起。", "Only an administrator may start it."))
	}
	if len(st.On) > 0 {
		out = append(out, t.s("发生 %s 时，系统自动为那条记录发起。", "The system starts one when %s happens to a record.", t.any(st.On)))
	}
	if st.Every != "" {
		out = append(out, t.every(st))
	}
	if len(st.On) > 0 || st.Every != "" {
		who := t.s("记录的负责人", "the record’s owner")
		if st.As != nil {
			who = t.by(nil, *st.As)
		}
		out = append(out, t.s("系统自动发起时，发起人算作：%s。", "When the system starts it, %s counts as its initiator.", who))
	}
	if len(st.Form) > 0 {
		out = append(out, t.startForm(st.Form))
	}
	return out
}

func (t *teller) every(st Start) string {
	each := t.s("每一条记录", "every record")
	if st.For != nil {
		each = t.s("符合 %s 的每一条记录", "every record with %s", t.worded(st.For))
	}
	return t.s("%s为%s自动发起一次。", "%s the system starts one for %s.", t.rhythm(st.Every), each)
}

// rhythmWords are the words of a rhythm, as they are said.
var rhythmWords = map[string]Text{
	"day": {ZH: "每天", EN: "Every day"}, "working day": {ZH: "每个工作日", EN: "Every working day"}, "week": {ZH: "每周", EN: "Every week"},
	"month": {ZH: "每月", EN: "Every month"}, "quarter": {ZH: "每季度", EN: "Every quarter"}, "year": {ZH: "每年", EN: "Every year"},
	"monday": {ZH: "每周一", EN: "Every Monday"}, "tuesday": {ZH: "每周二", EN: "Every Tuesday"}, "wednesday": {ZH: "每周三", EN: "Every Wednesday"},
	"thursday": {ZH: "每周四", EN: "Every Thursday"}, "friday": {ZH: "每周五", EN: "Every Friday"}, "saturday": {ZH: "每周六", EN: "Every Saturday"},
	"sunday": {ZH: "每周日", EN: "Every Sunday"},
}

// rhythm says how often, at the beginning of a sentence.
func (t *teller) rhythm(every string) string {
	if word, ok := rhythmWords[every]; ok {
		return word.In(t.lang)
	}
	if r, ok := ParseRhythm(every); ok {
		every = r.span.Say(t.lang)
	}
	return t.s("每 %s", "Every %s", every)
}

func (t *teller) startForm(form []Edit) string {
	var must, may []string
	for _, e := range form {
		if e.Required {
			must = append(must, t.field(nil, e.Field))
			continue
		}
		may = append(may, t.field(nil, e.Field))
	}
	switch {
	case len(must) == 0:
		return t.s("发起时可以填写：%s。", "Whoever starts it may fill in %s.", t.all(may))
	case len(may) == 0:
		return t.s("发起时必须填写：%s。", "Whoever starts it must fill in %s.", t.all(must))
	}
	return t.s("发起时必须填写：%s；可以填写：%s。", "Whoever starts it must fill in %s, and may fill in %s.", t.all(must), t.all(may))
}

func (t *teller) until(u Until) string {
	if u.On != "" {
		return t.s("无论走到哪一步：一旦发生 %s，%s。", "Wherever it stands: when %s happens, %s.", u.On, t.ended(u.End))
	}
	return t.s("无论走到哪一步：到了%s（日期算到当天结束；没有填就不起作用），%s。", "Wherever it stands: at %s (a date: its end; while it is empty, never) %s.", t.valueOf(u.At), t.ended(u.End))
}

// clock says what a case clock measures.
func (t *teller) clock(c *Clock) []string {
	out := []string{t.s("时钟“%s”：从%s到%s，不超过 %s%s。再次进入时，接着已用掉的时间继续算。", "The clock “%s” runs from %s to %s and allows %s%s. When it is entered again it goes on with the time already used.",
		c.Title, t.anchor(c.From), t.anchor(c.To), c.Within.Say(t.lang), t.counted(c.Within))}
	if len(c.StopsWhile) > 0 {
		out = append(out, t.s("时钟“%s”在某一步因为 %s 停表期间也停下来。", "The clock “%s” stands still while a step’s clock is stopped for %s.", c.Title, t.any(c.StopsWhile)))
	}
	for _, r := range c.Late {
		out = append(out, t.s("时钟“%s”，%s：%s。", "The clock “%s”, %s: %s.", c.Title, lower(t.when(r)), t.rung(nil, r)))
	}
	return out
}

func (t *teller) anchor(a Anchor) string {
	if a.Event == "start" {
		return t.s("发起", "the start")
	}
	what := a.Step
	if s := t.p.Step(a.Step); s != nil {
		what = t.ref(s)
	}
	if a.Event == "opened" {
		return t.s("%s打开", "the opening of %s", what)
	}
	return t.s("%s办完", "the end of %s", what)
}

// When copies are sent, of a case and of a step.
var (
	headCopies = map[string]Text{"start": {ZH: "发起时", EN: "At the start"}, "end": {ZH: "结束时", EN: "At the end"}, "approved": {ZH: "以“通过”结束时", EN: "When it ends as approved"}}
	stepCopies = map[string]Text{"here": {ZH: "到这一步时", EN: "When it comes to this step"}, "approved": {ZH: "这一步同意时", EN: "When this step is approved"}}
)

// copies says who gets a copy, and when.
func (t *teller) copies(list []Copy, when map[string]Text) []string {
	var out []string
	for _, c := range list {
		out = append(out, t.s("%s抄送：%s（只看，不用办）。", "%s, a copy goes to %s, who need not act.", when[c.At], t.all(t.told(nil, c.To))))
	}
	return out
}

// again says what holds where the steps say nothing.
func (t *teller) again() []string {
	var out []string
	approvals := 0
	for _, s := range t.p.all() {
		if _, ok := s.Do.(Approve); ok && s.Who != nil {
			approvals++
		}
	}
	if approvals > 1 {
		out = append(out, t.s("同一个人在几步里都要审批时，每一步都照样问，除非那一步另有说明。", "Whoever approves several steps is asked at each of them, unless the step says otherwise."))
	}
	return out
}

// takenBack says how a case is withdrawn while it runs, and revoked after it was approved.
func (t *teller) takenBack() []string {
	out := []string{t.s("发起人在流程结束之前随时可以撤回（暂停期间要先恢复）；撤回后流程结束，记录保留。", "The initiator may withdraw it at any time before it ends (a suspended one must be resumed first); then the case is over, and the record stays.")}
	if undone := t.undoable(); len(undone) > 0 {
		out = append(out, t.s("撤回、取消、拒绝或撤销时，已经做过的这些会从后往前各撤销一次：%s；发出的消息和其他改动不能撤销，会列出来。",
			"When it is withdrawn, cancelled, rejected or revoked, what was done at %s is undone, the latest first, each once; messages sent and other changes can’t be undone and are listed.", t.all(undone)))
	} else {
		out = append(out, t.s("撤回时，已经做过的改动和发出的消息不会自动撤销。", "Withdrawing it undoes no change made and no message sent so far."))
	}
	return append(out, t.revoked()...)
}

func (t *teller) undoable() []string {
	var out []string
	for _, s := range t.p.all() {
		if s.Undo != nil {
			out = append(out, t.ref(s))
		}
	}
	return out
}

func (t *teller) revoked() []string {
	r := t.p.Revoke
	if r == nil {
		return []string{t.s("结束以后不能撤销。", "Once it has ended it can’t be revoked.")}
	}
	within, approved := "", t.s("立即生效", "it takes effect at once")
	if r.Within != nil {
		within = t.s("，只限结束后 %s之内", ", only within %s of its end", r.Within.Say(t.lang))
	}
	if len(r.ApprovedBy) > 0 {
		approved = t.s("需由%s同意", "%s must agree", t.all(t.bys(nil, r.ApprovedBy)))
	}
	return []string{t.s("通过以后可以撤销：由%s提出%s，%s；撤销是一个关联的新流程。", "Once approved it may be revoked by %s%s; %s. The revocation is a linked case of its own.", t.any(t.bys(nil, r.By)), within, approved)}
}

// undone says what becomes of a step's effect when the case goes back past it.
func (t *teller) undone(s *Step) string {
	if s.Undo.Restore {
		return t.s("退回到它之前、被拒绝、撤回、取消或撤销时：恢复原来的值。", "When the case goes back past it, or is rejected, withdrawn, cancelled or revoked: what was there before is put back.")
	}
	var what []string
	if s.Undo.Steps != nil {
		for _, u := range s.Undo.Steps.Steps {
			what = append(what, t.effects(u)...)
		}
	}
	return t.s("退回到它之前、被拒绝、撤回、取消或撤销时：%s。", "When the case goes back past it, or is rejected, withdrawn, cancelled or revoked: %s.", t.join(what, "，然后", ", then "))
}

// effects are what a step without people does, as parts of a sentence.
func (t *teller) effects(s *Step) []string {
	var out []string
	for _, line := range t.does(s) {
		out = append(out, lower(trimStop(line)))
	}
	return out
}

func trimStop(s string) string {
	r := []rune(s)
	if n := len(r); n > 0 && slices.Contains([]rune{'。', '.'}, r[n-1]) {
		return string(r[:n-1])
	}
	return s
}
