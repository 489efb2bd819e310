package process

import (
	"fmt"
	"slices"
	"strings"
)

// maxWays is the most ways that [Process.WaysThrough] lists.
const maxWays = 200

// WaysThrough tells every way through the chain in a language ("zh" or "en"), one per line, the normal one first. A way that comes back to a
// step it has passed ends there, so that a loop is shown once. After 200 lines it stops with "…".
func (p *Process) WaysThrough(lang string) []string {
	w := &walker{p: p, lang: lang}
	w.walk(p.Steps.First(), nil, nil)
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
	case len(w.lines) == maxWays:
		w.lines = append(w.lines, "…")
	case s == nil:
		w.finish(said, w.ends(w.p.normalOutcome()))
	case slices.Contains(passed, s):
		w.finish(said, w.say("回到“%s”", "back to “%s”", s.Title.In(w.lang)))
	default:
		w.pass(s, said, append(slices.Clip(passed), s))
	}
}

func (w *walker) finish(said []string, last string) {
	w.lines = append(w.lines, strings.Join(append(slices.Clip(said), last), " → "))
}

func (w *walker) ends(outcome string) string { return w.say("结束：%s", "ends as %s", outcome) }

// pass goes every way out of a step.
func (w *walker) pass(s *Step, said []string, passed []*Step) {
	title := s.Title.In(w.lang)
	if s.If != nil {
		title = w.say("（若 %s）%s", "(if %s) %s", s.If.Source, title)
	}
	said = append(slices.Clip(said), title)
	if end, ok := s.Do.(End); ok {
		w.finish(said[:len(said)-1], w.conditional(s, w.ends(end.Outcome)))
		if s.If != nil {
			w.walk(w.following(s), said[:len(said)-1], passed)
		}
		return
	}
	ways := s.ways()
	if len(ways) == 0 {
		w.walk(w.following(s), said, passed)
	}
	if s.If != nil && s.Then != nil {
		w.walk(w.following(s), said[:len(said)-1], passed)
	}
	for _, o := range ways {
		w.follow(s, o, slices.Clone(said), passed)
	}
}

func (w *walker) conditional(s *Step, text string) string {
	if s.If == nil {
		return text
	}
	return w.say("（若 %s）%s", "(if %s) %s", s.If.Source, text)
}

func (w *walker) follow(s *Step, o outcomeWay, said []string, passed []*Step) {
	if o.outcome != "then" {
		said[len(said)-1] += w.say("：%s", ": %s", w.outcome(o.outcome))
	}
	if o.way.AtMost > 0 {
		said[len(said)-1] += w.say("（最多 %d 次）", " (at most %d times)", o.way.AtMost)
	}
	switch way := o.way; {
	case way.End != "":
		w.finish(said, w.ends(way.End))
	case way.Go != "":
		w.walk(w.p.Step(way.Go), said, passed)
	case way.Steps != nil && way.Steps.First() != nil:
		w.walk(way.Steps.First(), said, passed)
	default:
		w.walk(w.following(s), said, passed)
	}
}

func (w *walker) following(s *Step) *Step {
	for s != nil {
		if s.ID == ResubmitStep {
			return w.p.Steps.First()
		}
		if next := s.Next(); next != nil {
			return next
		}
		s = s.list.holder
	}
	return nil
}

// outcome is the word for an outcome.
func (w *walker) outcome(name string) string {
	words := map[string]Text{
		Approved: {ZH: "同意", EN: "approved"}, Rejected: {ZH: "拒绝", EN: "rejected"}, Returned: {ZH: "退回", EN: "returned"}, Done: {ZH: "完成", EN: "done"},
	}
	if t, ok := words[name]; ok {
		return t.In(w.lang)
	}
	return fmt.Sprint(name)
}

// DigestFields are the fields that a decision at the step depends on: what it shows (the whole record but what is hidden, when it doesn't say),
// what it edits, what its conditions and those of its seats look at, and what it re-approves on. Sorted.
func (p *Process) DigestFields(s *Step) []string {
	shown := s.Form.Show
	if shown == nil && p.Type != nil {
		shown = p.Type.names()
	}
	out := slices.DeleteFunc(slices.Clone(shown), func(f string) bool { return slices.Contains(s.Form.Hide, f) })
	for _, e := range s.Form.Edit {
		out = append(out, e.Field)
	}
	out = append(out, s.Form.Reapprove...)
	if s.If != nil {
		out = append(out, s.If.Fields...)
	}
	if s.Who != nil {
		for _, b := range s.Who.Seats {
			if b.If != nil {
				out = append(out, b.If.Fields...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
