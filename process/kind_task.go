package process

import (
	"sort"
	"strings"
)

// Done is the outcome of a task that declares none.
const Done = "done"

// Work is the kind of `task`: work with a form that ends with an outcome.
type Work struct{}

func (Work) enter(m *machine, scope int, s *Step) { m.ask(scope, s) }

func (Work) passed(s *Step) string {
	if len(s.Ways) == 1 {
		return s.outcomes()[0]
	}
	return Done
}

func (Work) outcome(s *Step, ev Event) (string, *Refusal) {
	if ev.Kind != EventComplete {
		return "", Refuse(CodeUnknownOutcome, "此任务不是审批：请办理完成", "this task is not an approval: complete it")
	}
	names := s.outcomes()
	if ev.Outcome == "" && len(names) == 1 {
		return names[0], nil
	}
	if s.Ways[ev.Outcome] != nil {
		return ev.Outcome, nil
	}
	list := strings.Join(names, ", ")
	return "", Refuse(CodeUnknownOutcome, "请选择一个结果："+list, "choose one of the outcomes: "+list)
}

// verdict: the first one to finish closes a task of one seat, and one in `first`. Otherwise everyone does their part and the last outcome counts,
// unless somebody's outcome leaves the normal way: that one closes the task at once, as a refusal does, or in `all_opinions` when all are done.
func (Work) verdict(s *Step, o *Open, last Vote) (string, bool) {
	var leaving *Vote
	open := len(o.Turn) > 0
	for i := range o.Seats {
		vote := o.Seats[i].Vote
		switch {
		case vote == nil:
			open = true
			continue
		case last.Outcome == "" || vote.At.After(last.At):
			last = *vote
		}
		if s.Ways[vote.Outcome].leaves() && (leaving == nil || vote.At.Before(leaving.At)) {
			leaving = vote
		}
	}
	switch mode := s.Who.Mode; {
	case last.Outcome == "" || open && mode == ModeAllOpinions:
		return "", false
	case leaving != nil && mode != "" && mode != ModeFirst:
		return leaving.Outcome, true
	case mode == "" || mode == ModeFirst:
		return last.Outcome, true
	}
	return last.Outcome, !open
}

// leaves says whether a way leaves the list where it stands.
func (w *Way) leaves() bool { return w != nil && (w.End != "" || w.Go != "") }

// outcomes gives the names of the ways that have a button, sorted.
func (s *Step) outcomes() []string {
	var names []string
	for name, way := range s.Ways {
		if way != nil {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}
