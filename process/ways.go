package process

import (
	"slices"
	"strings"
)

// maxWays is the most ways that [Process.WaysThrough] lists.
const maxWays = 200

// WaysThrough tells every way through the chain in a language ("zh" or "en"), one per line, the normal one first. A way that comes back to a
// step it has passed ends there, so that a loop is shown once. What runs beside each other stands together, "(A ‖ B)", so that branches don't
// multiply; the ways that leave such a branch have lines of their own. The last lines are what ends the case wherever it stands. After 200
// lines it stops with "…".
func (p *Process) WaysThrough(lang string) []string {
	w := &walker{p: p, lang: lang}
	w.walk(p.Steps.First(), nil, nil)
	for _, u := range p.Until {
		why := u.On
		if u.At != nil {
			why = p.Condition(u.At.Source, lang)
		}
		w.finish([]string{w.say("任何时候：%s", "at any time: %s", why)}, w.ends(u.End))
	}
	return w.lines
}

// walker lists ways.
type walker struct {
	p     *Process
	lang  string
	lines []string
}

func (w *walker) say(zh, en string, args ...any) string { return say(zh, en, args...).In(w.lang) }

// walk goes on at a step; nil is the end of the chain. Said is the way so far, passed are its steps.
func (w *walker) walk(s *Step, said []string, passed []*Step) {
	switch {
	case len(w.lines) > maxWays:
	case s == nil:
		w.finish(said, w.ends(w.p.normalOutcome()))
	case slices.Contains(passed, s):
		w.finish(said, w.backTo(s))
	default:
		w.pass(s, said, append(slices.Clip(passed), s))
	}
}

func (w *walker) finish(said []string, last string) {
	switch {
	case len(w.lines) > maxWays:
	case len(w.lines) == maxWays:
		w.lines = append(w.lines, "…")
	default:
		w.lines = append(w.lines, strings.Join(append(slices.Clip(said), last), " → "))
	}
}

func (w *walker) ends(outcome string) string { return w.say("结束：%s", "ends as %s", outcome) }

func (w *walker) backTo(s *Step) string {
	return w.say("回到“%s”", "back to “%s”", s.Title.In(w.lang))
}

// pass goes every way out of a step.
func (w *walker) pass(s *Step, said []string, passed []*Step) {
	if s.If != nil && (s.Then != nil || isGroup(s)) {
		w.walkOn(s, nil, slices.Clip(said), passed)
	}
	switch k := s.Do.(type) {
	case End:
		w.finish(said, w.title(s, w.ends(k.Outcome)))
		if s.If != nil {
			w.walkOn(s, nil, said, passed)
		}
		return
	case Choose:
		for _, b := range k.Branches {
			said := append(slices.Clip(said), w.title(s, w.condition(b)))
			if b.Steps.First() == nil {
				w.walkOn(s, s.Then, said, passed)
				continue
			}
			w.walk(b.Steps.First(), said, passed)
		}
		return
	case Stage:
		w.walk(k.Steps.First(), append(slices.Clip(said), w.title(s, w.stage(s))), passed)
		return
	case Parallel, Each:
		said = append(slices.Clip(said), w.title(s, w.beside(s)))
		w.walkOn(s, s.Then, said, passed)
		w.leaving(s, said[:len(said)-1], passed)
		return
	}
	w.leave(s, append(slices.Clip(said), w.title(s, w.name(s))), passed)
}

func isGroup(s *Step) bool {
	_, group := s.Do.(group)
	return group
}

// leave goes every way out of a step that holds no others.
func (w *walker) leave(s *Step, said []string, passed []*Step) {
	ways := s.ways()
	_, call := s.Do.(Call)
	_, request := s.Do.(Request)
	_, wait := s.Do.(Wait)
	if len(ways) == 0 || (call || request || wait && s.Ways[Done] == nil) && s.Then == nil {
		w.walkOn(s, nil, said, passed)
	}
	for _, o := range ways {
		w.walkOn(s, o.way, append(slices.Clip(said[:len(said)-1]), said[len(said)-1]+w.outcomeOf(s, o)), passed)
	}
}

// walkOn goes a way out of a step; nil is the normal one.
func (w *walker) walkOn(s *Step, way *Way, said []string, passed []*Step) {
	switch {
	case way == nil:
		w.following(s, said, passed)
	case way.End != "":
		w.finish(said, w.ends(way.End))
	case w.comesStraightBack(s, way, passed):
		w.finish(append(slices.Clip(said), w.piece(w.p.Step(way.Go))), w.say("直接回到“%s”", "straight back to “%s”", w.name(s)))
	case way.Go != "":
		w.walk(w.p.Step(way.Go), said, passed)
	case way.Steps != nil && way.Steps.First() != nil:
		w.walk(way.Steps.First(), said, passed)
	default:
		w.following(s, said, passed)
	}
}

// comesStraightBack says whether a way returns the case to somebody who sends it straight back.
func (w *walker) comesStraightBack(s *Step, way *Way, passed []*Step) bool {
	returned := s.Ways[Returned]
	for returned != nil && returned != way {
		returned = returned.Else
	}
	to := w.p.Step(way.Go)
	return returned != nil && s.Form.Resume == "back" && to != nil && (to.ID == ResubmitStep || slices.Contains(passed, to))
}

// following goes on behind a step in its list, or behind what holds the list.
func (w *walker) following(s *Step, said []string, passed []*Step) {
	for s != nil {
		if s.ID == ResubmitStep {
			w.walk(w.p.Steps.First(), said, passed)
			return
		}
		if next := s.Next(); next != nil {
			w.walk(next, said, passed)
			return
		}
		held := s.list
		s = held.holder
		if s == nil {
			break
		}
		if g, ok := s.Do.(group); ok && holdsList(g, held.Path) && s.Then != nil {
			w.walkOn(s, s.Then, said, passed)
			return
		}
	}
	w.walk(nil, said, passed)
}

// leaving tells the ways that lead out of the branches of a step: to an end, or to a step around it.
func (w *walker) leaving(s *Step, said []string, passed []*Step) {
	for _, l := range s.Do.(group).lists() {
		for _, inner := range stepsIn(l) {
			title := w.title(inner, w.name(inner))
			if end, ok := inner.Do.(End); ok {
				w.finish(append(slices.Clip(said), w.say("期间", "meanwhile")), w.title(inner, w.ends(end.Outcome)))
			}
			for _, o := range inner.ways() {
				if !w.p.leaves(l, o.way) {
					continue
				}
				w.walkOn(inner, o.way, append(slices.Clip(said), w.say("期间 %s%s", "meanwhile %s%s", title, w.outcomeOf(inner, o))), passed)
			}
		}
	}
}

// title puts a step's condition before what it is called.
func (w *walker) title(s *Step, name string) string {
	if s.If == nil {
		return name
	}
	return w.say("（若 %s）%s", "(if %s) %s", w.p.Condition(s.If.Source, w.lang), name)
}

func (w *walker) name(s *Step) string { return w.p.Worded(s.Title.In(w.lang), w.lang) }

func (w *walker) stage(s *Step) string { return w.say("阶段“%s”", "stage “%s”", w.name(s)) }

func (w *walker) condition(b Branch) string {
	if b.When == nil {
		return w.say("（否则）", "(otherwise)")
	}
	return w.say("（若 %s）", "(if %s)", w.p.Condition(b.When.Source, w.lang))
}

// outcomeOf is what a step's title is followed by on a way.
func (w *walker) outcomeOf(s *Step, o outcomeWay) string {
	said := ""
	if o.outcome != "then" {
		said = w.say("：%s", ": %s", w.outcome(s, o.outcome))
	}
	switch {
	case o.after && o.way.AtMost > 0:
		said += w.say("（用完以后，最多再 %d 次）", " (after that, %d more)", o.way.AtMost)
	case o.after:
		said += w.say("（用完以后）", " (after that)")
	case o.way.AtMost == 1:
		said += w.say("（最多 1 次）", " (at most once)")
	case o.way.AtMost > 0:
		said += w.say("（最多 %d 次）", " (at most %d times)", o.way.AtMost)
	}
	if o.way.Only {
		said += w.say("（只选定的项）", " (chosen items only)")
	}
	return said
}

// outcome is the word for an outcome: of a task its owner's own, but for the one that is there by itself.
func (w *walker) outcome(s *Step, name string) string {
	words := map[string]Text{
		Approved: {ZH: "同意", EN: "approved"}, Rejected: {ZH: "拒绝", EN: "rejected"}, Returned: {ZH: "退回", EN: "returned"},
		Done: {ZH: "完成", EN: "done"}, "failed": {ZH: "失败", EN: "failed"},
	}
	if t, ok := words[name]; ok && (s.Kind != "task" || name == Done) {
		return t.In(w.lang)
	}
	return name
}

// beside tells what runs beside each other in one piece: "(A ‖ B)", "for each department: (A → B)".
func (w *walker) beside(s *Step) string {
	if each, ok := s.Do.(Each); ok {
		name := each.As
		if name == "" && each.Over != nil { // else it is broken, which is said elsewhere
			name = each.Over.Source
		}
		return w.say("逐项 %s：（%s）", "for each %s: (%s)", name, w.inOrder(each.Steps))
	}
	k := s.Do.(Parallel)
	var all []string
	for _, b := range k.Branches {
		all = append(all, w.inOrder(b.Steps))
	}
	text := "(" + strings.Join(all, " ‖ ") + ")"
	if w.lang == "zh" {
		text = "（" + strings.Join(all, " ‖ ") + "）"
	}
	if k.Join == JoinFirst {
		text += w.say("先完成的一支为准", " whichever ends first")
	}
	return text
}

// inOrder tells the steps of a list in the order in which they are normally taken.
func (w *walker) inOrder(l *List) string {
	var out []string
	for s := l.First(); s != nil; s = s.Next() {
		out = append(out, w.title(s, w.piece(s)))
	}
	return strings.Join(out, " → ")
}

// piece tells a step inside a branch, with what it holds.
func (w *walker) piece(s *Step) string {
	switch k := s.Do.(type) {
	case End:
		return w.ends(k.Outcome)
	case Parallel, Each:
		return w.beside(s)
	case Stage:
		return w.stage(s) + w.say("：（%s）", ": (%s)", w.inOrder(k.Steps))
	case Choose:
		var all []string
		for _, b := range k.Branches {
			all = append(all, strings.TrimSpace(w.say("%s%s", "%s %s", w.condition(b), w.inOrder(b.Steps))))
		}
		return "[" + strings.Join(all, " / ") + "]"
	}
	return w.name(s)
}
