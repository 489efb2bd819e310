package process

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// outcomesOf gives the outcomes of a step as people read them: an approval's in their order, a task's as they are written.
func outcomesOf(s *Step) []string {
	var names []string
	for name := range s.Ways {
		names = append(names, name)
	}
	_, approve := s.Do.(Approve)
	place := func(name string) (int, int) {
		if i := slices.Index(approveOutcomes, name); approve && i >= 0 {
			return i, 0
		}
		if w := s.Ways[name]; w != nil {
			return w.At.Line, w.At.Column
		}
		return 0, 0
	}
	slices.SortFunc(names, func(a, b string) int {
		la, ca := place(a)
		lb, cb := place(b)
		return cmp.Or(cmp.Compare(la, lb), cmp.Compare(ca, cb), strings.Compare(a, b))
	})
	return names
}

// ways says what happens at each outcome of a step.
func (t *teller) ways(s *Step) []string {
	var out []string
	if _, ok := s.Do.(Approve); ok {
		for _, name := range approveOutcomes {
			if s.Ways[name] == nil {
				out = append(out, t.s("这一步不能%s：没有这个按钮。", "It can’t be %s here: there is no such button.", t.outcome(name)))
				continue
			}
			out = append(out, t.s("%s%s：%s。", "If %s%s: %s.", t.outcome(name), t.button(s, name), t.way(s, s.Ways[name], name)))
		}
		return out
	}
	names := outcomesOf(s)
	several := len(names) > 1
	if several {
		var chosen []string
		for _, name := range names {
			chosen = append(chosen, name+t.button(s, name))
		}
		out = append(out, t.s("完成时要从这些结果里选一个：%s。", "Whoever completes it chooses one of these outcomes: %s.", t.any(chosen)))
	}
	for _, name := range names {
		if s.Ways[name] == nil {
			continue
		}
		button := ""
		if !several { // else it has been said
			button = t.button(s, name)
		}
		out = append(out, t.s("结果“%s”%s：%s。", "If %s%s: %s.", t.chosen(name), button, t.way(s, s.Ways[name], name)))
	}
	return out
}

// chosen is the word for an outcome of a task: its owner's own, whatever approvals call theirs.
func (t *teller) chosen(name string) string {
	if name == Done {
		return t.outcome(name)
	}
	return name
}

// button is what stands on the button of an outcome, where that isn't its own word.
func (t *teller) button(s *Step, outcome string) string {
	w := s.Ways[outcome]
	if w == nil {
		return ""
	}
	return t.called(w.Title, outcome)
}

// called is what people call something that a chain names by a word, behind that word; empty where there is nothing else to say.
func (t *teller) called(title Text, word string) string {
	if title.Empty() || strings.EqualFold(title.In(t.lang), word) {
		return ""
	}
	return t.s("（%s）", " (“%s”)", title)
}

// way says what follows an outcome; without a way the chain goes on.
func (t *teller) way(s *Step, w *Way, outcome string) string {
	if w == nil {
		return t.onward(s)
	}
	var parts []string
	if len(w.Require) > 0 {
		parts = append(parts, t.s("必须已填写%s", "%s must be filled in", t.fields(s, w.Require)))
	}
	if len(w.Set) > 0 {
		parts = append(parts, t.s("同时%s", "%s", t.assigns(w.Set)))
	}
	parts = append(parts, t.target(s, w, outcome))
	text := strings.Join(parts, t.s("；", "; "))
	if w.AtMost > 0 {
		often := "once"
		if w.AtMost > 1 {
			often = fmt.Sprintf("%d times", w.AtMost)
		}
		text += t.s("。最多 %[1]d 次，再有一次就改为：%[3]s", "; at most %[2]s, and after that instead: %[3]s", w.AtMost, often, t.way(s, w.Else, outcome))
	}
	return text
}

// target says where a way leads.
func (t *teller) target(s *Step, w *Way, outcome string) string {
	switch {
	case w.End != "":
		return t.ended(w.End)
	case w.Go == ResubmitStep && w.Go != "":
		return t.s("退给发起人修改后重新提交", "it goes back to the initiator, who revises it and submits it again")
	case w.Go != "":
		return t.goes(s, w, outcome)
	case w.Hold:
		return t.s("流程停住，由管理员处理", "the case is held until an administrator looks at it")
	case w.Steps != nil && w.Steps.First() != nil:
		return t.s("先做%s，然后%s", "first %s, and then %s", t.ref(w.Steps.First())+t.rest(w.Steps), t.onward(s))
	}
	return t.onward(s)
}

func (t *teller) rest(l *List) string {
	if len(l.Steps) < 2 {
		return ""
	}
	return t.s("等 %d 步（%s.1 起）", " and the rest of its %d steps (from %s.1)", len(l.Steps), t.letter[l])
}

// goes says that the chain goes to another step, back or forward.
func (t *teller) goes(s *Step, w *Way, outcome string) string {
	target := t.p.Step(w.Go)
	if target == nil {
		return w.Go
	}
	text := t.s("转到%s", "it goes to %s", t.ref(target))
	if target.list != nil && s.list != nil && t.goesBack(s, target) {
		text = t.s("回到%s，从那里重新往下走", "it goes back to %s and runs again from there", t.ref(target))
		if outcome == Returned && s.Form.Resume == "back" {
			text = t.s("回到%s，改好后直接回到退回的人这里", "it goes back to %s, and from there straight back to whoever returned it", t.ref(target))
		}
	}
	if w.Only {
		text += t.s("，只重办所选的各项，其余各项的结果保留", ", only for the items that are chosen; the results of the others stay")
	}
	if inner := t.leaves(s, target); inner != "" {
		text += inner
	}
	return text
}

// goesBack says whether a target stands before a step, or before what holds it.
func (t *teller) goesBack(s, target *Step) bool {
	for s != nil && s.list != nil {
		if s.list == target.list {
			return target.index <= s.index && !target.Aside
		}
		s = s.list.holder
	}
	return false
}

// leaves says that going out of a parallel or an each ends its other branches.
func (t *teller) leaves(s, target *Step) string {
	for l := s.list; l != nil && l != target.list; l = l.enclosing() {
		if l.holder == nil {
			break
		}
		switch l.holder.Do.(type) {
		case Each, Parallel:
			return t.s("；%s的其他分支一并结束", "; the other branches of %s end with it", t.ref(l.holder))
		}
	}
	return ""
}

// submittedAgain says where a chain goes on that its initiator has revised.
func (t *teller) submittedAgain() string {
	first := t.ref(t.p.Steps.First())
	if back := t.comingStraightBack(); len(back) > 0 {
		return t.s("从%s重新走；由%s退回的，直接回到那里", "it runs again from %s; what was returned by %s comes straight back there", first, t.all(back))
	}
	return t.s("从%s重新走", "it runs again from %s", first)
}

// comingStraightBack are the steps to which comes straight back what they have returned.
func (t *teller) comingStraightBack() []string {
	var refs []string
	for _, s := range t.p.all() {
		if s.Form.Resume == "back" && s.Ways[Returned] != nil {
			refs = append(refs, t.ref(s))
		}
	}
	return refs
}

// onward says what comes after a step on the normal way.
func (t *teller) onward(s *Step) string {
	if s.ID == ResubmitStep && t.p.Steps.First() != nil {
		return t.submittedAgain()
	}
	if next := s.Next(); next != nil {
		return t.s("继续到%s", "it goes on to %s", t.ref(next))
	}
	return t.endOf(s.list)
}

// endOf says what comes at the end of a list.
func (t *teller) endOf(l *List) string {
	if l == nil || l.holder == nil {
		return t.ended(t.p.normalOutcome())
	}
	h := l.holder
	switch k := h.Do.(type) {
	case Parallel:
		if k.Join == JoinFirst {
			return t.s("这一支走完；最先走完的一支使其他分支结束，然后%s", "this branch is done; the first branch that is done ends the others, and then %s", t.behind(h))
		}
		return t.s("这一支走完；各支都走完后，%s", "this branch is done; once all branches are done, %s", t.behind(h))
	case Each:
		return t.s("这一项办完；各项都办完后，%s", "this item is done; once every item is done, %s", t.behind(h))
	}
	return t.behind(h)
}

// behind says what comes after a step that holds others, once these are done.
func (t *teller) behind(h *Step) string {
	if _, ok := h.Do.(group); ok && h.Then != nil {
		return t.way(h, h.Then, Done)
	}
	return t.onward(h)
}

// then says where a step without outcomes leads, where it isn't simply the next one.
func (t *teller) then(s *Step) []string {
	if s.Then == nil {
		return nil
	}
	return []string{t.s("之后：%s。", "After that %s.", t.way(s, s.Then, Done))}
}

// assigns says what fields become.
func (t *teller) assigns(list []Assign) string {
	var out []string
	for _, a := range list {
		name, field := t.fieldOf(a)
		value := t.value(field, a.Value)
		switch a.Change {
		case "+":
			out = append(out, t.s("给%s加上 %s", "%[2]s is added to %[1]s", name, value))
		case "-":
			out = append(out, t.s("从%s减去 %s", "%[2]s is taken from %[1]s", name, value))
		default:
			out = append(out, t.s("把%s改为 %s", "%s becomes %s", name, value))
		}
	}
	return t.join(out, "、", " and ")
}

// fieldOf names the field that an assignment writes, with the references that lead to it, and gives it where it is known.
func (t *teller) fieldOf(a Assign) (string, *Field) {
	typ, path := t.p.Type, ""
	for _, ref := range a.Along {
		f := (*Field)(nil)
		if typ != nil {
			f = typ.Field(ref)
		}
		if f == nil {
			return strings.Join(append(slices.Clone(a.Along), a.Field), "."), nil
		}
		path += t.s("%s的", "%s’s ", f.Label())
		typ = t.p.Types[f.To]
	}
	if typ != nil {
		if f := typ.Field(a.Field); f != nil {
			return path + f.Label().In(t.lang), f
		}
	}
	return path + a.Field, nil
}

// value is what a field becomes; of a choice also what people call it.
func (t *teller) value(f *Field, e *Expr) string {
	if e == nil {
		return t.s("空", "empty")
	}
	if f != nil && f.Type == typeChoice && e.literal {
		return e.Source + t.called(f.Choice(e.Source), e.Source)
	}
	return e.Source
}
