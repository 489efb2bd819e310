package process

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process/reference"
)

// tale draws a chain that the reference understands, in which what is wanted is likely to come about.
type tale struct {
	rt     *lot
	wanted []string
	n      int
	eaches int // around
	depth  int
}

func (w *tale) wants(what string) bool { return slices.Contains(w.wanted, what) }

func (w *tale) chance(percent int) bool { return w.rt.chance(percent) }

func (w *tale) pick(of ...string) string { return of[w.rt.dice(len(of))] }

func (w *tale) person() string { return w.pick("p0", "p1", "p2", "p3", "p4", "p5") }

// forks are the steps, at the top of the chain, at which the situations come about.
var forks = map[string][]string{
	"return past a fork":    {"one", "parallel", "returner"},
	"return in a round":     {"one", "round"},
	"return out of a fork":  {"one", "returning parallel"},
	"take back":             {"round"},
	"step back":             {"round", "one"},
	"turn back":             {"round"},
	"take back in a branch": {"parallel"},
	"nested each":           {"nested each"},
	"chosen items":          {"each", "chooser"},
	"return into a group":   {"group", "returner"},
	"remove the last":       {"one"},
	"asked again at once":   {"watched parallel", "task"},
	"asked again":           {"one", "task"},
	"asked again inside":    {"watched parallel", "task"},
}

// chain draws the chain, and who isn't there.
func (w *tale) chain() *reference.Chain {
	c := &reference.Chain{Initiator: "p0", Away: map[string]string{}}
	for _, id := range []string{"p1", "p2", "p3", "p4", "p5"} {
		if w.chance(8) || w.wants("substitute") && w.chance(50) {
			c.Away[id] = w.pick("", "p0", w.person(), w.person())
		}
	}
	var must []string
	for _, what := range w.wanted {
		must = append(must, forks[what]...)
	}
	c.Steps = w.list(nil, must, w.rt.dice(3))
	w.oneForm(c.Steps, true)
	return c
}

// oneForm leaves the content to the forms of one branch of each parallel, and to none of an item, as the loader wants it; it says whether there are any.
func (w *tale) oneForm(steps []*reference.Step, may bool) bool {
	any := false
	for _, s := range steps {
		s.Edits = s.Edits && may
		inside := false
		for _, i := range w.order(len(s.Lists)) {
			taken := inside && s.Kind == reference.Parallel
			inside = w.oneForm(s.Lists[i], may && s.Kind != reference.Each && !taken) || inside
		}
		any = any || s.Edits || inside
	}
	return any
}

// order are the numbers below n, beginning with any.
func (w *tale) order(n int) []int {
	var out []int
	for i := range n {
		out = append(out, i)
	}
	if n > 1 {
		at := w.rt.dice(n)
		out = slices.Concat(out[at:], out[:at])
	}
	return out
}

// list draws a list of steps: those that must be, and some more. A return may go to those in back.
func (w *tale) list(back []string, must []string, more int) []*reference.Step {
	kinds := slices.Clone(must)
	for range more {
		kinds = slices.Insert(kinds, w.rt.dice(len(kinds)+1), w.kind())
	}
	if len(kinds) == 0 {
		kinds = []string{w.kind()}
	}
	w.depth++
	defer func() { w.depth-- }()
	var out []*reference.Step
	for _, kind := range kinds {
		s := w.step(kind, back, out)
		out, back = append(out, s), append(slices.Clip(back), s.ID)
	}
	return out
}

func (w *tale) kind() string {
	kinds := []string{"one", "one", "round", "round", "task", "returner"}
	if w.depth < 3 && w.n < 12 {
		kinds = append(kinds, "parallel", "parallel", "first", "stage", "choose")
		if w.eaches < 2 {
			kinds = append(kinds, "each", "each")
		}
	}
	return w.pick(kinds...)
}

func (w *tale) step(kind string, back []string, before []*reference.Step) *reference.Step {
	w.n++
	s := &reference.Step{ID: fmt.Sprintf("s%d", w.n)}
	inner := append(slices.Clip(back), s.ID)
	switch kind {
	case "task":
		s.Kind, s.Who, s.Nobody, s.Edits = reference.Task, []string{w.person()}, w.nobody(), w.chance(40) || w.changing()
	case "stage":
		s.Kind, s.Lists = reference.Stage, [][]*reference.Step{w.list(inner, nil, 1+w.rt.dice(2))}
	case "choose":
		w.choice(s, inner, nil)
	case "group":
		if w.chance(50) {
			w.choice(s, inner, []string{"one"})
		} else {
			s.Kind, s.Lists = reference.Stage, [][]*reference.Step{w.list(inner, []string{"one"}, 1+w.rt.dice(2))}
		}
	case "each", "nested each":
		s.Kind, s.Items = reference.Each, []string{"bolt", "nut"}
		if w.eaches++; w.eaches == 2 {
			s.Items = []string{"a", "b"}[:1+w.rt.dice(2)]
		}
		must := []string{w.pick("one", "round")}
		if kind == "nested each" {
			must = []string{"each"}
		}
		s.Lists = [][]*reference.Step{w.list(inner, must, w.rt.dice(2))}
		w.eaches--
	case "watched parallel":
		s.Kind, s.Lists = reference.Parallel, [][]*reference.Step{w.list(inner, []string{"round"}, w.rt.dice(2)), w.list(inner, []string{"task"}, w.rt.dice(2))}
	case "parallel", "first", "returning parallel":
		s.Kind, s.First = reference.Parallel, kind == "first"
		must := []string{map[string]string{"parallel": w.pick("one", "round"), "first": "one", "returning parallel": "returner"}[kind]}
		for range 2 + w.rt.dice(2) {
			s.Lists, must = append(s.Lists, w.list(inner, must, w.rt.dice(2))), nil
		}
	default:
		w.approval(s, kind, back, before)
	}
	return s
}

// choice makes a step a choice of two branches, of which one may be empty; what must be is in the one that is taken.
func (w *tale) choice(s *reference.Step, inner, must []string) {
	s.Kind, s.Taken = reference.Choose, w.rt.dice(2)
	for i := range 2 {
		var list []*reference.Step
		switch {
		case i == s.Taken && must != nil:
			list = w.list(inner, must, w.rt.dice(2))
		case w.chance(75):
			list = w.list(inner, nil, 1)
		}
		s.Lists = append(s.Lists, list)
	}
}

// changing says whether the chain is one in which approvals shall be void.
func (w *tale) changing() bool {
	return w.wants("asked again") || w.wants("asked again inside") || w.wants("asked again at once")
}

func (w *tale) nobody() string { return w.pick("hold", "skip", w.person()) }

func (w *tale) approval(s *reference.Step, kind string, back []string, before []*reference.Step) {
	s.Kind, s.Who, s.Nobody, s.Back = reference.Approve, []string{w.person()}, w.nobody(), reference.Initiator
	if kind == "round" {
		for range 1 + w.rt.dice(3) {
			s.Who = append(s.Who, w.person())
		}
		slices.Sort(s.Who)
		s.Who = slices.Compact(s.Who)
	}
	if len(s.Who) > 1 {
		if s.Mode = w.pick("first", "all", "all", "all_opinions", "in_turn", "votes"); w.wants("take back") {
			s.Mode = w.pick("all", "all_opinions", "votes")
		}
		if s.Mode == "votes" {
			s.Of = 2 + w.rt.dice(3)
			s.Need, s.Tie = 1+w.rt.dice(s.Of), w.pick(Approved, Rejected)
		}
	}
	if len(back) > 0 && w.chance(50) {
		s.Back = w.pick(back...)
	}
	eaches := slices.DeleteFunc(slices.Clone(before), func(s *reference.Step) bool { return s.Kind != reference.Each })
	if len(eaches) > 0 && (kind == "chooser" || w.chance(20)) {
		s.Back, s.Chosen = eaches[w.rt.dice(len(eaches))].ID, true
	}
	s.Anywhere = kind == "returner" || w.chance(40)
	s.Watches = w.chance(25) || w.changing() && w.chance(70)
	s.Edits = len(s.Who) == 1 && w.chance(20)
}

// yaml writes a chain as its owner would.
func yamlOf(c *reference.Chain) string {
	var b strings.Builder
	b.WriteString("process: job-chain\ntitle: Job\nrecord: job\nnumber: \"J{0000}\"\nstart: {by: [role:x]}\nresubmit: {edit: {name: optional, size: optional}}\nsteps:\n")
	yamlList(&b, "  ", c.Steps, 0)
	return b.String()
}

func yamlList(b *strings.Builder, in string, steps []*reference.Step, eaches int) {
	for _, s := range steps {
		fmt.Fprintf(b, "%s- id: %s\n", in, s.ID)
		at := in + "  "
		switch s.Kind {
		case reference.Stage:
			fmt.Fprintf(b, "%sstage: %s\n%ssteps:\n", at, s.ID, at)
			yamlList(b, at+"  ", s.Lists[0], eaches)
		case reference.Choose:
			is := []string{"==", "!="}[s.Taken]
			fmt.Fprintf(b, "%schoose:\n%s  - when: record.name %s \"job\"\n%s    steps:%s", at, at, is, at, yamlBranch(at+"      ", s.Lists[0], eaches))
			fmt.Fprintf(b, "%s  - otherwise: true\n%s    steps:%s", at, at, yamlBranch(at+"      ", s.Lists[1], eaches))
		case reference.Each:
			fmt.Fprintf(b, "%seach: record.%s\n%sas: e%d\n%ssteps:\n", at, []string{"parts", "areas"}[eaches], at, eaches, at)
			yamlList(b, at+"  ", s.Lists[0], eaches+1)
		case reference.Parallel:
			fmt.Fprintf(b, "%sjoin: %s\n%sparallel:\n", at, map[bool]string{false: "all", true: "first"}[s.First], at)
			for i, list := range s.Lists {
				fmt.Fprintf(b, "%s  - id: b%d\n%s    steps:\n", at, i, at)
				yamlList(b, at+"      ", list, eaches)
			}
		default:
			b.WriteString(yamlAsked(at, s))
		}
	}
}

func yamlBranch(in string, steps []*reference.Step, eaches int) string {
	if len(steps) == 0 {
		return " []\n"
	}
	var b strings.Builder
	b.WriteString("\n")
	yamlList(&b, in, steps, eaches)
	return b.String()
}

func yamlAsked(in string, s *reference.Step) string {
	var who []string
	for _, id := range s.Who {
		who = append(who, "{user: "+id+"}")
	}
	b := fmt.Sprintf("%s%s: %s\n%sby: [%s]\n", in, s.Kind, strings.ToUpper(s.ID), in, strings.Join(who, ", "))
	switch s.Nobody {
	case "hold":
	case "skip":
		b += in + "if_none: skip\n"
	default:
		b += in + "if_none: {to: {user: " + s.Nobody + "}}\n"
	}
	switch {
	case s.Mode == "votes":
		b += fmt.Sprintf("%smode: {votes: {need: %d/%d, tie: %s}}\n", in, s.Need, s.Of, s.Tie)
	case s.Mode != "":
		b += in + "mode: " + s.Mode + "\n"
	}
	if s.Kind == reference.Approve && s.Back != reference.Initiator {
		only := ""
		if s.Chosen {
			only = ", only: chosen"
		}
		b += fmt.Sprintf("%son: {returned: {go: %s%s}}\n", in, s.Back, only)
	}
	if s.Anywhere {
		b += in + "return_to: [any]\n"
	}
	if s.Watches {
		b += in + "reapprove_if_changed: [size]\n"
	}
	if s.Edits {
		b += in + "edit: {size: optional}\n"
	}
	return b
}
