package e2e_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/anishathalye/porcupine"
)

// mixedAnswer is what a client was told: the case as it is now, or why not.
type mixedAnswer struct {
	code        string // of a refusal; empty: it took effect
	by, outcome string // of a refusal: who decided, and how. outcome is the case's where it took effect
	ended       bool
	open        string // tasks and who has them, in order
}

func answerOf(c caseView) mixedAnswer {
	var open []string
	for _, o := range c.Open {
		open = append(open, o.Task+"="+strings.Join(slices.Sorted(slices.Values(o.Who)), "+"))
	}
	slices.Sort(open)
	return mixedAnswer{ended: c.Status == "ended", outcome: c.Outcome, open: strings.Join(open, " ")}
}

// seats reads what is open.
func (m mixedAnswer) seats() map[string]string {
	seats := map[string]string{}
	for _, o := range strings.Fields(m.open) {
		task, who, _ := strings.Cut(o, "=")
		seats[task] = who
	}
	return seats
}

// mixedState is a case as everybody must see it. It is never changed, only replaced.
type mixedState struct {
	now    mixedAnswer
	starts string                 // who started it
	closed map[string][2]string   // task → who decided it, how
	keys   map[string]mixedAnswer // what each act that took effect was answered
	handed map[string]bool        // tasks of added approvers → whether they were handed on: they are once, and no more
	voted  map[string]bool        // who approved while others of the round are still asked: one person is one seat
}

// mixedModel is the sequential model.
var mixedModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		cases := map[string][]porcupine.Operation{}
		for _, op := range history {
			id := op.Input.(mixedAct).caseID
			cases[id] = append(cases[id], op)
		}
		return slices.Collect(maps.Values(cases))
	},
	Init: func() any { return mixedState{} },
	Equal: func(a, b any) bool {
		x, y := a.(mixedState), b.(mixedState)
		return x.now == y.now && x.starts == y.starts && maps.Equal(x.closed, y.closed) && maps.Equal(x.keys, y.keys) &&
			maps.Equal(x.handed, y.handed) && maps.Equal(x.voted, y.voted)
	},
	Step: func(state, input, output any) (bool, any) {
		s, in, out := state.(mixedState), input.(mixedAct), output.(mixedAnswer)
		switch before, repeated := s.keys[in.key]; {
		case in.act == "start":
			return s.starts == "", s.next(in, out)
		case in.act == "look":
			return out == s.now, s
		case repeated:
			return out == before, s
		case out.code != "":
			return s.refuses(in, out), s
		case !s.allows(in, out):
			return false, s
		}
		return true, s.next(in, out)
	},
}

// next is the state after an act that took effect.
func (s mixedState) next(in mixedAct, out mixedAnswer) mixedState {
	n := mixedState{now: out, starts: s.starts, closed: maps.Clone(s.closed), keys: maps.Clone(s.keys), handed: maps.Clone(s.handed), voted: maps.Clone(s.voted)}
	if in.act == "start" {
		n = mixedState{now: out, starts: in.by, closed: map[string][2]string{}, keys: map[string]mixedAnswer{}, handed: map[string]bool{}, voted: map[string]bool{}}
	}
	left := out.seats()
	for task := range s.now.seats() {
		if _, open := left[task]; !open {
			n.closed[task] = [2]string{"", ""}
		}
	}
	if in.outcome != "" && (in.act == "complete" || outcomeOf[in.act] != "") {
		n.closed[in.task] = [2]string{in.by, in.outcome}
	}
	if in.act == "add-approver" {
		n.handed[newer(s.now.seats(), left)[0]] = false
	} else if _, added := n.handed[in.task]; added && in.act == "transfer" {
		n.handed[in.task] = true
	}
	switch in.act {
	case "approve":
		n.voted[in.by] = true
	case "complete", "reject", "return":
		clear(n.voted) // a new round
	}
	n.keys[in.key] = out
	return n
}

// allows says whether an act may take effect, and has the effect it was answered with.
func (s mixedState) allows(in mixedAct, out mixedAnswer) bool {
	was, is := s.now.seats(), out.seats()
	who, open := was[in.task]
	mine := slices.Contains(strings.Split(who, "+"), in.by)
	alone := who == in.by
	if in.act == "withdraw" {
		return !s.now.ended && in.by == s.starts && out.ended && out.outcome == "withdrawn" && len(is) == 0
	}
	if s.now.ended || !open || !mine || in.act == "transfer" && s.handed[in.task] {
		return false
	}
	switch in.act {
	case "claim":
		was[in.task] = in.by
		return maps.Equal(was, is)
	case "release":
		back, given := is[in.task]
		was[in.task] = back
		return alone && given && back != in.by && maps.Equal(was, is)
	case "transfer":
		was[in.task] = in.to
		return maps.Equal(was, is)
	case "add-approver":
		added := newer(was, is)
		if is[in.task] == in.by {
			was[in.task] = in.by // whoever acts first has it
		}
		return len(added) == 1 && is[added[0]] == in.to && len(is) == len(was)+1 && kept(was, is)
	}
	delete(was, in.task)
	_, still := is[in.task]
	if still {
		return false
	}
	switch {
	case in.act != "approve": // it begins again: whatever else was open is void
		added := newer(was, is)
		return !out.ended && len(added) == 1 && len(is) == 1
	case len(was) > 0: // others are still asked
		return !out.ended && maps.Equal(was, is)
	}
	return out.ended && out.outcome == "approved" && len(is) == 0
}

// newer are the tasks that were opened just now: their numbers are higher than all there were.
func newer(was, is map[string]string) []string {
	highest := 0
	for task := range was {
		highest = max(highest, numberOf(task))
	}
	var added []string
	for task := range is {
		if _, there := was[task]; !there && numberOf(task) > highest {
			added = append(added, task)
		}
	}
	return added
}

func numberOf(task string) int {
	n, _ := strconv.Atoi(task[strings.LastIndex(task, ".")+1:])
	return n
}

// kept says whether everything that was open still is, with the same people.
func kept(was, is map[string]string) bool {
	for task, who := range was {
		if is[task] != who {
			return false
		}
	}
	return true
}

// refuses says whether an act had to be refused so.
func (s mixedState) refuses(in mixedAct, out mixedAnswer) bool {
	who, open := s.now.seats()[in.task]
	mine := slices.Contains(strings.Split(who, "+"), in.by)
	switch out.code {
	case "case_ended":
		return s.now.ended
	case "task_closed":
		closed, ok := s.closed[in.task]
		return ok && !open && (closed[0] == "" || out.by == closed[0] && out.outcome == closed[1])
	case "not_your_task":
		return open && (!mine || in.act == "transfer" && who != in.by) // what nobody has taken yet can't be handed on
	case "forbidden":
		return open && mine && in.act == "transfer" && s.handed[in.task]
	case "field_invalid": // to hand on to whom it is with, to hand it to or ask somebody who is asked already
		return open && mine && (in.act == "transfer" || in.act == "add-approver") && (in.to == in.by || s.asks(in.to) || s.voted[in.to])
	case "unknown_outcome": // there is nothing to claim or to give back; who was asked for an opinion can't return the case
		return open && (in.act == "claim" || in.act == "release" || in.act == "return")
	}
	return false
}

// asks says whether somebody has an open task of the case, or may fill one.
func (s mixedState) asks(who string) bool {
	for _, have := range s.now.seats() {
		if slices.Contains(strings.Split(have, "+"), who) {
			return true
		}
	}
	return false
}
