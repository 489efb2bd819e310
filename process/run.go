package process

import (
	"errors"
	"slices"
)

// start opens the chain at its first step.
func (m *machine) start() *Refusal {
	if len(m.st.Scopes) > 0 || m.st.Status != Running {
		return Refuse(CodeAlreadyOpen, "该事项已经发起", "this case has started already")
	}
	m.st.StartedAt = m.at
	m.st.Initiator = m.initiator()
	m.log(Entry{Event: "started", By: m.ev.By, For: m.startedFor(), Comment: m.ev.Comment, Reason: m.ev.Name})
	m.compute()
	m.keepBefore()
	if refusal := m.pick(0, nil, nil); refusal != nil {
		return refusal
	}
	m.anchors(anchorStart, 0, nil)
	m.copyCase(copyStart)
	m.openScope(0, m.p.Steps)
	return nil
}

// initiator is who pressed the button. Where nobody did it is whom the chain says (`as`), else the owner of the record.
func (m *machine) initiator() string {
	if m.ev.By != "" {
		return m.ev.By
	}
	if as := m.p.Start.As; as != nil {
		if ids := m.who(m.resolve(*as, place{})); len(ids) > 0 {
			return ids[0]
		}
	}
	return m.record.Owner
}

// startedFor names the initiator where it is somebody else than who started the case.
func (m *machine) startedFor() string {
	if m.st.Initiator == m.ev.By {
		return ""
	}
	return m.st.Initiator
}

// run enters the steps that are waiting to be entered until the chain waits for somebody, or has ended. What a case that is held or suspended
// has yet to enter stays in its state.
func (m *machine) run() {
	for m.st.Status == Running && m.st.Held == nil && !m.untilNow() && len(m.queue) > 0 {
		next := m.queue[0]
		m.queue = m.queue[1:]
		m.chosen, m.coming = next.items, next
		m.enter(next.scope, next.step)
		m.reapprove(nil)
	}
}

func (m *machine) enter(scope int, s *Step) {
	m.count(s.ID)
	m.scope(scope).At = s.ID
	m.arrive(scope, s)
	m.entered(scope, s)
	ok, held := m.holds(scope, s, s.If)
	if held {
		return
	}
	if !ok {
		m.mark(scope, s, "passed_over")
		m.log(Entry{Event: "decided", Step: s.ID, Item: m.item(scope), Outcome: "passed_over", Reason: s.If.Source})
		m.next(scope, s)
		return
	}
	m.anchors(anchorOpened, scope, s)
	m.copyStep(scope, s, copyHere)
	s.Do.enter(m, scope, s)
}

// pass leaves a step that asks nobody.
func (m *machine) pass(scope int, s *Step, outcome string) {
	m.mark(scope, s, "done")
	m.noteDone(scope, s)
	m.follow(scope, s, s.Then, outcome)
}

// follow goes the way of an outcome; nil goes on.
func (m *machine) follow(scope int, s *Step, way *Way, outcome string) {
	m.strayed = m.strayed || m.in.Foreseen != nil && outcome != agreement(s)
	if way != nil && way.AtMost > 0 && m.use(scope, s, outcome) > way.AtMost {
		m.follow(scope, s, way.Else, outcome+".then")
		return
	}
	m.leaveOthers(scope, s, m.notComingBack(scope, s), way.list())
	if way == nil {
		m.next(scope, s)
		return
	}
	if !m.assign(scope, s, way.Set) {
		return
	}
	switch {
	case way.End != "":
		m.endBy(s, way, outcome)
	case way.Go != "":
		m.goTo(scope, s, way, outcome)
	case way.Steps != nil:
		m.openScope(scope, way.Steps)
	default:
		m.next(scope, s)
	}
}

// list is the steps that a way leads into; nil: none.
func (w *Way) list() *List {
	if w == nil {
		return nil
	}
	return w.Steps
}

// notComingBack are the steps of the outcomes of a step, but for those into which a straight way leads from it.
func (m *machine) notComingBack(scope int, s *Step) []*List {
	return slices.DeleteFunc(s.outcomeLists(), func(l *List) bool {
		return slices.ContainsFunc(m.st.Backs, func(b Back) bool {
			from := m.p.Step(b.From)
			return b.To == s.ID && m.waitsIn(b, scope) && from != nil && m.p.listWith(from).within(l.Path)
		})
	})
}

// use counts how often a way was taken.
func (m *machine) use(scope int, s *Step, outcome string) int {
	if m.st.Uses == nil {
		m.st.Uses = map[string]int{}
	}
	key := keyOf(s.ID+"."+outcome, m.item(scope))
	m.st.Uses[key]++
	return m.st.Uses[key]
}

// next goes to the step after s, or out of its list. The revised form of a returned case leads into the chain from its beginning.
func (m *machine) next(scope int, s *Step) {
	if m.straightBack(scope, s) || m.askVoided(scope, s) {
		return
	}
	if s.ID == ResubmitStep {
		m.queueStep(scope, m.p.Steps.First())
		return
	}
	m.queueStep(scope, s.Next())
}

// queueStep lets the chain arrive at a step; nil is the end of the list: the enclosing step goes on, or the case ends.
func (m *machine) queueStep(scope int, s *Step) {
	if m.undoing {
		return
	}
	if s != nil {
		m.queue = append(m.queue, entry{scope: scope, step: s})
		return
	}
	ended := *m.scope(scope)
	if ended.Parent == 0 {
		m.end(m.p.normalOutcome())
		return
	}
	m.scope(ended.Parent).Last = ended.Last
	m.dropScope(scope)
	m.childDone(ended.Parent, ended.List)
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

// itemsOf are the items that a way enters again: with `only: chosen` those that the act names.
func (m *machine) itemsOf(way *Way) []string {
	if !way.Only {
		return nil
	}
	return m.ev.Items
}

// jump goes to a step of the same or an enclosing list, or inside a group there; items (nil: all) are those of an `each` that it enters. Everything below that
// list ends.
func (m *machine) jump(scope int, to entry) {
	last := m.scope(scope).Last
	to.scope = m.scopeOf(scope, to.step)
	m.scope(to.scope).Last = last
	m.leave(to.scope)
	m.dropBacks(to.scope)
	m.rejoin(to)
}

// leave ends every open step of a scope and of those below it, and the scopes below. Nothing is entered there any more, nor tried again.
func (m *machine) leave(scope int) {
	m.queue = slices.DeleteFunc(m.queue, func(e entry) bool { return m.within(e.scope, scope) })
	m.forgetRounds(scope)
	var open []Open
	for _, o := range m.st.Open {
		if !m.within(o.Scope, scope) {
			open = append(open, o)
			continue
		}
		m.void(o)
	}
	m.st.Open = open
	m.endHold(scope)
	var scopes []Scope
	for _, sc := range m.st.Scopes {
		inside := m.within(sc.ID, scope)
		if run := m.stepRun(sc.At, sc.Item); inside && run != nil && (run.Status == "open" || m.askedAgain(sc.ID, m.p.Step(sc.At))) {
			run.Status = "left"
		}
		if sc.ID == scope || !inside {
			scopes = append(scopes, sc)
		}
	}
	m.dropBacksBelow(scope)
	m.st.Scopes = scopes
}

// end closes the case: whatever is still open ends, and whoever started it is told.
func (m *machine) end(outcome string) { m.endBecause(outcome, Text{}) }

// endBecause closes the case and says why, where it isn't a step of the chain that ends it.
func (m *machine) endBecause(outcome string, why Text) {
	m.undoAtEnd(outcome)
	m.st.Status, m.st.Outcome = Ended, outcome
	for _, o := range m.st.Open {
		m.void(o)
	}
	m.voidHold()
	for i := range m.st.Steps {
		if m.st.Steps[i].Status == "open" {
			m.st.Steps[i].Status = "left"
		}
	}
	m.st.Open, m.st.Scopes, m.st.Rounds, m.queue = nil, nil, nil, nil
	m.st.Backs, m.st.Entered = nil, nil
	ended := Entry{Event: "ended", Outcome: outcome, By: m.ev.By, Reason: why.EN}
	if why.ZH != "" {
		ended.Data = map[string]any{"zh": why.ZH}
	}
	m.log(ended)
	if m.ev.By != m.st.Initiator && !m.told[m.st.Initiator] {
		m.tell([]string{m.st.Initiator}, Tell{About: "ended", Text: m.endText(outcome)})
	}
	m.copyCase(copyEnd)
	if outcome == Approved {
		m.copyCase(copyApproved)
	}
	m.effect(EndCase{Outcome: outcome, At: m.at})
}

func (m *machine) endText(outcome string) Text {
	t := Text{ZH: "已结束：" + outcome, EN: "ended: " + outcome}
	if zh := verbZH[outcome]; zh != "" {
		t.ZH = "已结束：" + zh
	}
	if m.st.Revokes != nil {
		t = m.st.Revokes.about(t)
	}
	return m.withComment(t)
}

// about puts the case's subject behind a message, so that a message can be read by itself.
func (m *machine) about(t Text) Text {
	if m.p.Subject == nil {
		return t
	}
	subject := m.p.Subject.Render(m.env(0))
	return Text{ZH: t.In("zh") + " · " + subject.In("zh"), EN: t.In("en") + " · " + subject.In("en")}
}

// openScope begins a list of steps below a scope (0: the chain itself).
func (m *machine) openScope(parent int, list *List) int {
	id := m.newScope(parent, list)
	m.queueStep(id, list.First())
	return id
}

func (m *machine) newScope(parent int, list *List) int {
	m.st.NextScope++
	id := m.st.NextScope
	m.st.Scopes = append(m.st.Scopes, Scope{ID: id, Parent: parent, List: list.Path, Item: m.item(parent), Last: m.lastOf(parent)})
	return id
}

func (m *machine) scope(id int) *Scope {
	for i := range m.st.Scopes {
		if m.st.Scopes[i].ID == id {
			return &m.st.Scopes[i]
		}
	}
	panic("process: no such scope")
}

// freeHold lets a case go on when it is resumed that is held for what isn't there any more: v0.4.0 left a hold behind whose branch it had ended.
func (m *machine) freeHold() {
	held := m.st.Held
	if held != nil && held.Scope != 0 && !slices.ContainsFunc(m.st.Scopes, func(sc Scope) bool { return sc.ID == held.Scope }) {
		held.Step, held.Scope = "", 0
	}
}

// endHold ends the hold of a case that goes on without what it couldn't do, since that is left with its scope.
func (m *machine) endHold(scope int) {
	if held := m.st.Held; held != nil && m.within(held.Scope, scope) {
		m.voidHold()
	}
}

// voidHold ends a hold that nobody need look at any more, and says so.
func (m *machine) voidHold() {
	held := m.st.Held
	if held == nil {
		return
	}
	m.st.Held = nil
	m.effect(CloseTask{ID: held.Task, Outcome: "voided", At: m.at})
	m.log(Entry{Event: "voided", Step: held.Step, Task: held.Task, Data: map[string]any{"candidates": Named([]Principal{Administrators})}})
}

func (m *machine) dropScope(id int) {
	m.endHold(id)
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
func (m *machine) arrive(scope int, s *Step) {
	item := m.item(scope)
	if run := m.stepRun(s.ID, item); run != nil {
		if run.Status != "voided" {
			m.forgetSigned(s.ID, item)
		}
		run.Round++
		run.Status = "open"
		return
	}
	m.st.Steps = append(m.st.Steps, StepRun{Step: s.ID, Item: item, Status: "open", Round: 1})
}

// mark says how far the present round of a step has come.
func (m *machine) mark(scope int, s *Step, status string) {
	m.stepRun(s.ID, m.item(scope)).Status = status
	m.forgetSigned(s.ID, m.item(scope))
	if status == "done" || status == "passed_over" {
		m.anchors(anchorDone, scope, s)
	}
}

func (m *machine) stepRun(step, item string) *StepRun {
	for i := range m.st.Steps {
		if m.st.Steps[i].Step == step && m.st.Steps[i].Item == item {
			return &m.st.Steps[i]
		}
	}
	return nil
}

// hold stops the case until an administrator lets it try again; a step that is given is entered again then, unless it is open: that goes on. What the other branches
// have yet to enter waits in the state.
func (m *machine) hold(scope int, s *Step, reason Text) {
	if m.undoing {
		m.undoFailed(s, reason)
		return
	}
	if s != nil && m.openAt(scope, s.ID) != nil {
		s = nil
	}
	if m.st.Held != nil { // it is held already: this step, too, is tried again then
		if s != nil {
			m.queue = append(m.queue, entry{scope: scope, step: s})
		}
		return
	}
	held := &Held{Reason: reason, Task: m.newTaskID(), Scope: scope}
	task := Task{
		ID: held.Task, Kind: "held", Round: 1, OpenedAt: m.at, Candidates: []Principal{Administrators}, Why: reason,
		Title: Text{ZH: "流程停住了，需要管理员处理", EN: "The case can't go on: an administrator must look"},
	}
	if s != nil {
		held.Step, task.Step = s.ID, s.ID
	}
	m.st.Held = held
	m.effect(OpenTask{Task: task})
	m.log(Entry{Event: "failed", Step: held.Step, Task: held.Task, Reason: reason.EN, Data: map[string]any{"zh": reason.ZH}})
	m.tell(m.in.Directory.Members(Administrators), Tell{About: "held", Task: held.Task, Text: reason})
}

// resume lets a suspended case go on, and a held one try again what it couldn't do.
func (m *machine) resume() *Refusal {
	if refusal := m.mayAdminister(); refusal != nil {
		return refusal
	}
	held := m.st.Held
	switch {
	case m.st.Suspended != nil:
		return m.unsuspend()
	case held == nil:
		return Refuse(CodeFieldInvalid, "该事项没有停住，无需恢复", "this case is not held; there is nothing to resume")
	}
	m.st.Held = nil
	m.effect(CloseTask{ID: held.Task, Outcome: "resumed", By: m.ev.By, At: m.at, Comment: m.ev.Comment})
	m.log(Entry{Event: "resumed", By: m.ev.By, Task: held.Task, Step: held.Step, Reason: m.ev.Comment})
	if held.Step != "" {
		m.queue = append([]entry{m.heldEntry(held)}, m.queue...)
	}
	return nil
}

// heldEntry is the step that a held case tries again: in its old place where a straight way leads back from it, since what was passed since stands.
func (m *machine) heldEntry(held *Held) entry {
	e := entry{scope: held.Scope, step: m.p.Step(held.Step)}
	e.again = slices.ContainsFunc(m.st.Backs, func(b Back) bool { return b.To == held.Step && m.waitsIn(b, held.Scope) })
	return e
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
	v, err := e.Value(m.env(scope))
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
	ok, err := m.judge(scope, s, e)
	if err != nil {
		m.hold(scope, s, exprFailed(e, err))
	}
	return ok, err != nil
}

// judge evaluates a condition; while a preview runs, it decides about those that nobody can know yet.
func (m *machine) judge(scope int, s *Step, e *Expr) (bool, error) {
	if m.in.foresight != nil {
		return m.in.foresight.holds(m, scope, s, e)
	}
	return e.Bool(m.env(scope))
}

func exprFailed(e *Expr, err error) Text {
	if wrong, ok := errors.AsType[*valueError](err); ok {
		return Text{ZH: e.Source + "：" + wrong.why.ZH, EN: e.Source + ": " + wrong.why.EN}
	}
	return Text{ZH: "无法计算表达式 " + e.Source + "：" + err.Error(), EN: "the expression " + e.Source + " can't be evaluated: " + err.Error()}
}
