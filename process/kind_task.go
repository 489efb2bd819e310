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

// verdict: with `all` everyone does their part and the last outcome counts; otherwise the first one to finish closes it.
func (Work) verdict(s *Step, seats []Seat, last Vote) (string, bool) {
	return last.Outcome, s.Who.Mode != ModeAll || everyoneAnswered(seats)
}

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
