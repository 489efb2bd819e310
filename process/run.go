package process

import (
	"slices"
	"strings"
)

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
		m.chosen = next.items
		m.enter(next.scope, next.step)
	}
	m.queue = nil
}

func (m *machine) enter(scope int, s *Step) {
	m.count()
	m.scope(scope).At = s.ID
	m.arrive(scope, s)
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
	s.Do.enter(m, scope, s)
}

// pass leaves a step that asks nobody.
func (m *machine) pass(scope int, s *Step, outcome string) {
	m.mark(scope, s, "done")
	m.follow(scope, s, s.Then, outcome)
}

// follow goes the way of an outcome; nil goes on.
func (m *machine) follow(scope int, s *Step, way *Way, outcome string) {
	if way == nil {
		m.next(scope, s)
		return
	}
	if way.AtMost > 0 && m.use(scope, s, outcome) > way.AtMost {
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
		m.jump(scope, m.p.Step(way.Go), m.itemsOf(way))
	case way.Steps != nil:
		m.openScope(scope, way.Steps)
	default:
		m.next(scope, s)
	}
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
	if s.ID == ResubmitStep {
		m.queueStep(scope, m.p.Steps.First())
		return
	}
	m.queueStep(scope, s.Next())
}

// queueStep lets the chain arrive at a step; nil is the end of the list: the enclosing step goes on, or the case ends.
func (m *machine) queueStep(scope int, s *Step) {
	if s != nil {
		m.queue = append(m.queue, entry{scope: scope, step: s})
		return
	}
	parent := m.scope(scope).Parent
	if parent == 0 {
		m.end(m.p.normalOutcome())
		return
	}
	m.dropScope(scope)
	m.childDone(parent)
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

// jump goes to a step of the same or an enclosing list; items (nil: all) are those of an `each` that it enters. Everything below that list ends.
func (m *machine) jump(scope int, target *Step, items []string) {
	list := m.p.Steps
	if target.list != nil {
		list = target.list
	}
	for m.scope(scope).List != list.Path {
		scope = m.scope(scope).Parent
	}
	m.leave(scope)
	m.queue = append(m.queue, entry{scope: scope, step: target, items: items})
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
		inside := m.within(sc.ID, scope)
		if run := m.stepRun(sc.At, sc.Item); inside && run != nil && run.Status == "open" {
			run.Status = "left"
		}
		if sc.ID == scope || !inside {
			scopes = append(scopes, sc)
		}
	}
	m.st.Scopes = scopes
	m.queue = slices.DeleteFunc(m.queue, func(e entry) bool {
		return !slices.ContainsFunc(scopes, func(sc Scope) bool { return sc.ID == e.scope })
	})
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
	subject := m.p.Subject.Render(m.env(0))
	return Text{ZH: t.In("zh") + " · " + subject.In("zh"), EN: t.In("en") + " · " + subject.In("en")}
}

// openScope begins a list of steps below a scope (0: the chain itself).
func (m *machine) openScope(parent int, list *List) int {
	m.st.NextScope++
	id := m.st.NextScope
	m.st.Scopes = append(m.st.Scopes, Scope{ID: id, Parent: parent, List: list.Path, Item: m.item(parent)})
	m.queueStep(id, list.First())
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
func (m *machine) arrive(scope int, s *Step) {
	item := m.item(scope)
	if run := m.stepRun(s.ID, item); run != nil {
		run.Round++
		run.Status = "open"
		return
	}
	m.st.Steps = append(m.st.Steps, StepRun{Step: s.ID, Item: item, Status: "open", Round: 1})
}

// mark says how far the present round of a step has come.
func (m *machine) mark(scope int, s *Step, status string) {
	m.stepRun(s.ID, m.item(scope)).Status = status
}

func (m *machine) stepRun(step, item string) *StepRun {
	for i := range m.st.Steps {
		if m.st.Steps[i].Step == step && m.st.Steps[i].Item == item {
			return &m.st.Steps[i]
		}
	}
	return nil
}

// item is the item of the `each` that a scope runs in, with those around it: "purchasing", "purchasing/2"; "" outside of any.
func (m *machine) item(scope int) string {
	if scope == 0 {
		return ""
	}
	return m.scope(scope).Item
}

// itemText is the item that `$name` means inside a scope, as text; "" outside of such an `each`.
func (m *machine) itemText(scope int, name string) string {
	for scope != 0 {
		sc := *m.scope(scope)
		if sc.Parent == 0 {
			return ""
		}
		if each, ok := m.p.Step(m.scope(sc.Parent).At).Do.(Each); ok && each.As == name {
			return itemKey(sc.Item)
		}
		scope = sc.Parent
	}
	return ""
}

// itemKey is the innermost part of an item path, as it was before it was joined.
func itemKey(item string) string {
	key := item[strings.LastIndexByte(item, '/')+1:]
	return strings.ReplaceAll(key, "~1", "/")
}

// itemPath puts an item below those around it.
func itemPath(outer, key string) string {
	key = strings.ReplaceAll(key, "/", "~1")
	if outer == "" {
		return key
	}
	return outer + "/" + key
}

// keyOf names something that a step has once per item.
func keyOf(step, item string) string {
	if item == "" {
		return step
	}
	return step + "@" + item
}

// ofItem finds what a step has left behind, seen from inside an item: that of the same item, else of the nearest one around it, else the last of any.
func ofItem(kept map[string]string, step, item string) string {
	for ; item != ""; item = outerItem(item) {
		if v, ok := kept[keyOf(step, item)]; ok {
			return v
		}
	}
	return kept[step]
}

func outerItem(item string) string {
	if i := strings.LastIndexByte(item, '/'); i >= 0 {
		return item[:i]
	}
	return ""
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
		m.queue = append(m.queue, entry{scope: held.Scope, step: m.p.Step(held.Step)})
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
	ok, err := e.Bool(m.env(scope))
	if err != nil {
		m.hold(scope, s, exprFailed(e, err))
	}
	return ok, err != nil
}

func exprFailed(e *Expr, err error) Text {
	return Text{ZH: "无法计算表达式 " + e.Source + "：" + err.Error(), EN: "the expression " + e.Source + " can't be evaluated: " + err.Error()}
}
