package process

// start opens the chain at its first step.
func (m *machine) start() *Refusal {
	if len(m.st.Scopes) > 0 || m.st.Status != Running {
		return Refuse(CodeAlreadyOpen, "该事项已经发起", "this case has started already")
	}
	m.st.StartedAt = m.at
	m.st.Initiator = m.ev.By
	m.log(Entry{Event: "started", By: m.ev.By, Comment: m.ev.Comment})
	m.openScope(0, m.p.Steps)
	return nil
}

// run enters the steps that are waiting to be entered until the chain waits for somebody, or has ended.
func (m *machine) run() {
	for len(m.queue) > 0 && m.st.Status == Running && m.st.Held == nil {
		next := m.queue[0]
		m.queue = m.queue[1:]
		m.enter(next.scope, next.step)
	}
	m.queue = nil
}

func (m *machine) enter(scope int, s *Step) {
	m.count()
	m.scope(scope).At = s.ID
	m.arrive(s)
	ok, held := m.holds(scope, s, s.If)
	if held {
		return
	}
	if !ok {
		m.mark(s, "passed_over")
		m.log(Entry{Event: "decided", Step: s.ID, Outcome: "passed_over", Reason: s.If.Source})
		m.next(scope, s)
		return
	}
	s.Do.enter(m, scope, s)
}

// pass leaves a step that asks nobody.
func (m *machine) pass(scope int, s *Step, outcome string) {
	m.mark(s, "done")
	m.follow(scope, s, s.Then, outcome)
}

// follow goes the way of an outcome; nil goes on.
func (m *machine) follow(scope int, s *Step, way *Way, outcome string) {
	if way == nil {
		m.next(scope, s)
		return
	}
	if way.AtMost > 0 && m.use(s, outcome) > way.AtMost {
		m.follow(scope, s, way.Else, outcome+".then")
		return
	}
	if !m.assign(scope, s, way.Set) {
		return
	}
	switch {
	case way.End != "":
		m.end(way.End)
	case way.Go != "":
		m.jump(scope, m.p.Step(way.Go))
	case way.Steps != nil:
		m.openScope(scope, way.Steps)
	default:
		m.next(scope, s)
	}
}

// use counts how often a way was taken.
func (m *machine) use(s *Step, outcome string) int {
	if m.st.Uses == nil {
		m.st.Uses = map[string]int{}
	}
	key := s.ID + "." + outcome
	m.st.Uses[key]++
	return m.st.Uses[key]
}

// next goes to the step after s, or out of its list. The revised form of a returned case leads into the chain from its beginning.
func (m *machine) next(scope int, s *Step) {
	if s.ID == ResubmitStep {
		m.queueStep(scope, m.p.Steps.First())
		return
	}
	m.queueStep(scope, s.Next())
}

// queueStep lets the chain arrive at a step; nil is the end of the list: the enclosing step goes on, or the case ends.
func (m *machine) queueStep(scope int, s *Step) {
	if s != nil {
		m.queue = append(m.queue, entry{scope, s})
		return
	}
	parent := m.scope(scope).Parent
	if parent == 0 {
		m.end(m.p.normalOutcome())
		return
	}
	m.dropScope(scope)
	m.next(parent, m.p.Step(m.scope(parent).At))
}

// normalOutcome is how a case ends that ran through to the end of its list: approved where somebody approved, else done.
func (p *Process) normalOutcome() string {
	for _, s := range p.Steps.Steps {
		if _, ok := s.Do.(Approve); ok {
			return Approved
		}
	}
	return Done
}

// jump goes to a step of the same or an enclosing list. Everything below that list ends.
func (m *machine) jump(scope int, target *Step) {
	list := m.p.Steps
	if target.list != nil {
		list = target.list
	}
	for m.scope(scope).List != list.Path {
		scope = m.scope(scope).Parent
	}
	m.leave(scope)
	m.queueStep(scope, target)
}

// leave ends every open step of a scope and of those below it, and the scopes below.
func (m *machine) leave(scope int) {
	var open []Open
	for _, o := range m.st.Open {
		if !m.within(o.Scope, scope) {
			open = append(open, o)
			continue
		}
		m.void(o)
	}
	m.st.Open = open
	var scopes []Scope
	for _, sc := range m.st.Scopes {
		if sc.ID == scope || !m.within(sc.ID, scope) {
			scopes = append(scopes, sc)
		}
	}
	m.st.Scopes = scopes
}

// end closes the case: whatever is still open ends, and whoever started it is told.
func (m *machine) end(outcome string) {
	for _, o := range m.st.Open {
		m.void(o)
	}
	m.st.Open, m.st.Scopes, m.queue = nil, nil, nil
	m.st.Status, m.st.Outcome = Ended, outcome
	m.log(Entry{Event: "ended", Outcome: outcome, By: m.ev.By})
	if m.ev.By != m.st.Initiator && !m.told[m.st.Initiator] {
		m.tell([]string{m.st.Initiator}, Tell{About: "ended", Text: m.about(m.endText(outcome))})
	}
	m.effect(EndCase{Outcome: outcome, At: m.at})
}

func (m *machine) endText(outcome string) Text {
	t := Text{ZH: "已结束：" + outcome, EN: "ended: " + outcome}
	if zh := verbZH[outcome]; zh != "" {
		t.ZH = "已结束：" + zh
	}
	if m.ev.Comment != "" {
		t.ZH += "（" + m.ev.Comment + "）"
		t.EN += " (" + m.ev.Comment + ")"
	}
	return t
}

// about puts the case's subject behind a message, so that a message can be read by itself.
func (m *machine) about(t Text) Text {
	if m.p.Subject == nil {
		return t
	}
	subject := m.p.Subject.Render(m.env())
	return Text{ZH: t.In("zh") + " · " + subject.In("zh"), EN: t.In("en") + " · " + subject.In("en")}
}

// openScope begins a list of steps below a scope (0: the chain itself).
func (m *machine) openScope(parent int, list *List) {
	m.st.NextScope++
	id := m.st.NextScope
	m.st.Scopes = append(m.st.Scopes, Scope{ID: id, Parent: parent, List: list.Path})
	m.queueStep(id, list.First())
}

func (m *machine) scope(id int) *Scope {
	for i := range m.st.Scopes {
		if m.st.Scopes[i].ID == id {
			return &m.st.Scopes[i]
		}
	}
	panic("process: no such scope")
}

func (m *machine) dropScope(id int) {
	for i := range m.st.Scopes {
		if m.st.Scopes[i].ID == id {
			m.st.Scopes = append(m.st.Scopes[:i:i], m.st.Scopes[i+1:]...)
			return
		}
	}
}

// within says whether a scope is another one or lies below it.
func (m *machine) within(id, ancestor int) bool {
	for ; id != 0; id = m.scope(id).Parent {
		if id == ancestor {
			return true
		}
	}
	return false
}

// arrive begins a new round of a step.
func (m *machine) arrive(s *Step) {
	if run := m.stepRun(s); run != nil {
		run.Round++
		run.Status = "open"
		return
	}
	m.st.Steps = append(m.st.Steps, StepRun{Step: s.ID, Status: "open", Round: 1})
}

// mark says how far the present round of a step has come.
func (m *machine) mark(s *Step, status string) { m.stepRun(s).Status = status }

func (m *machine) stepRun(s *Step) *StepRun {
	for i := range m.st.Steps {
		if m.st.Steps[i].Step == s.ID {
			return &m.st.Steps[i]
		}
	}
	return nil
}

// hold stops the case until an administrator lets it try again; a step that is given is entered again then.
func (m *machine) hold(scope int, s *Step, reason Text) {
	held := &Held{Reason: reason, Task: m.newTaskID(), Scope: scope}
	task := Task{
		ID: held.Task, Kind: "held", Round: 1, OpenedAt: m.at, Candidates: []Principal{Administrators}, Why: reason,
		Title: Text{ZH: "流程停住了，需要管理员处理", EN: "The case can't go on: an administrator must look"},
	}
	if s != nil {
		held.Step, task.Step = s.ID, s.ID
	}
	m.st.Held = held
	m.queue = nil
	m.effect(OpenTask{Task: task})
	m.log(Entry{Event: "failed", Step: held.Step, Task: held.Task, Reason: reason.EN, Data: map[string]any{"zh": reason.ZH}})
	m.tell(m.in.Directory.Members(Administrators), Tell{About: "held", Task: held.Task, Text: m.about(reason)})
}

// resume lets a held case try again what it couldn't do.
func (m *machine) resume() *Refusal {
	held := m.st.Held
	switch {
	case !m.ev.Admin:
		return Refuse(CodeForbidden, "只有管理员可以恢复停住的流程", "only an administrator may let a held case go on")
	case m.st.Status == Ended:
		return Refuse(CodeCaseEnded, "该事项已结束", "this case has ended")
	case held == nil:
		return Refuse(CodeFieldInvalid, "该事项没有停住，无需恢复", "this case is not held; there is nothing to resume")
	case m.ev.Comment == "":
		return Refuse(CodeCommentRequired, "请填写原因", "give a reason")
	}
	m.st.Held = nil
	m.effect(CloseTask{ID: held.Task, Outcome: "resumed", By: m.ev.By, At: m.at, Comment: m.ev.Comment})
	m.log(Entry{Event: "resumed", By: m.ev.By, Task: held.Task, Step: held.Step, Reason: m.ev.Comment})
	if held.Step != "" {
		m.queue = append(m.queue, entry{held.Scope, m.p.Step(held.Step)})
	}
	return nil
}

// broken holds the case at a step whose effect the world has refused.
func (m *machine) broken(scope int, s *Step) bool {
	reason, ok := m.in.Broken[s.ID]
	if ok {
		m.hold(scope, s, reason)
	}
	return ok
}

// value evaluates an expression; when it can't be, the case is held at the step and ok is false.
func (m *machine) value(scope int, s *Step, e *Expr) (v any, ok bool) {
	v, err := e.Value(m.env())
	if err != nil {
		m.hold(scope, s, exprFailed(e, err))
	}
	return v, err == nil
}

// holds evaluates a condition, nil being true; when it can't be, the case is held at the step.
func (m *machine) holds(scope int, s *Step, e *Expr) (ok, held bool) {
	if e == nil {
		return true, false
	}
	ok, err := e.Bool(m.env())
	if err != nil {
		m.hold(scope, s, exprFailed(e, err))
	}
	return ok, err != nil
}

func exprFailed(e *Expr, err error) Text {
	return Text{ZH: "无法计算表达式 " + e.Source + "：" + err.Error(), EN: "the expression " + e.Source + " can't be evaluated: " + err.Error()}
}
