package process

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// apply takes the case over. Its state names nothing afterwards that the other version doesn't have.
func (j *judge) apply() {
	m := j.m
	before := j.shown()
	anew := j.leave()
	m.p, m.in.Process = j.next, j.next
	m.begun, m.outputs = nil, nil
	m.st.Format = max(m.st.Format, j.next.Format())
	j.carryTree()
	j.carryKept()
	j.carryClocks()
	j.carryLimits()
	for i := range m.queue {
		m.queue[i].step = j.pairs.step(m.queue[i].step.ID)
	}
	m.queue = append(m.queue, anew...)
	j.show(before)
}

// leave ends, still by the version that the case has run by, what doesn't stay open, and gives what is entered instead.
func (j *judge) leave() []entry {
	m := j.m
	var anew []entry
	for i := range j.openings {
		p := &j.openings[i]
		switch {
		case p.step == nil:
			continue
		case p.open == nil && m.st.Held == nil: // it has ended with what was left around it
			continue
		case p.open == nil:
			m.st.Held.Step, m.st.Held.Scope = p.step.ID, p.scope
			continue
		case m.openAt(p.open.Scope, p.open.Step) == nil: // ended with one around it
			continue
		}
		m.leave(p.scope)
		m.dropBacksBut(p.scope, func(b Back) bool { return b.Behind && p.to == p.step && b.To == p.open.Step })
		anew = append(anew, entry{scope: p.scope, step: p.step, again: true})
	}
	return anew
}

// shown are the tasks as people see them before.
func (j *judge) shown() map[string]Task {
	tasks := map[string]Task{}
	for i := range j.m.st.Open {
		o := &j.m.st.Open[i]
		for k := range o.Seats {
			tasks[o.Seats[k].Task] = j.m.task(j.old.Step(o.Step), o, &o.Seats[k])
		}
	}
	return tasks
}

// show changes the open tasks that look otherwise by the other version, and says of every limit that moved why.
func (j *judge) show(before map[string]Task) {
	m := j.m
	for i := range m.st.Open {
		o := &m.st.Open[i]
		for k := range o.Seats {
			seat := &o.Seats[k]
			was, is := before[seat.Task], m.task(m.p.Step(o.Step), o, seat)
			if seat.Vote != nil || reflect.DeepEqual(was, is) {
				continue
			}
			m.effect(ChangeTask{Task: is})
			if !reflect.DeepEqual(was.Due, is.Due) {
				m.recomputed(armed{open: o, seat: seat, timer: &seat.Timer}, map[string]any{"from": was.Due, "to": is.Due})
			}
		}
	}
}

// step is the id of a step in the other version.
func (j *judge) step(id string) (string, bool) {
	to, ok := j.pairs.steps[id]
	return to, ok
}

// key is a key such as those of State.Actors and State.Uses: "step", "step@item", "step.outcome@item".
func (j *judge) key(key string) (string, bool) {
	end := strings.IndexAny(key, "@.")
	if end < 0 {
		end = len(key)
	}
	to, ok := j.step(key[:end])
	return to + key[end:], ok
}

func carried[V any](kept map[string]V, key func(string) (string, bool)) map[string]V {
	out := map[string]V{}
	for k, v := range kept {
		if to, ok := key(k); ok {
			out[to] = v
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// carriedOf keeps of a list what is still about a step, by its new id.
func carriedOf[T any](j *judge, list []T, steps ...func(*T) *string) []T {
	var out []T
	for _, v := range list {
		there := true
		for _, step := range steps {
			to, ok := j.step(*step(&v))
			*step(&v), there = to, there && ok
		}
		if there {
			out = append(out, v)
		}
	}
	return out
}

// carryTree renames where the case stands.
func (j *judge) carryTree() {
	st := &j.m.st
	entered := map[int]string{}
	for _, p := range j.openings {
		if p.step != nil {
			entered[p.scope] = p.step.ID
		}
	}
	st.Scopes = j.scopes(st.Scopes)
	for i := range st.Scopes {
		if at := entered[st.Scopes[i].ID]; at != "" {
			st.Scopes[i].At = at
		}
	}
	for i := range st.Open {
		st.Open[i].Step, _ = j.step(st.Open[i].Step)
	}
	st.Steps = carriedOf(j, st.Steps, func(r *StepRun) *string { return &r.Step })
	var rounds []Round
	for i, r := range st.Rounds {
		if i < len(j.rounds) && j.rounds[i] {
			r.Open.Step, _ = j.step(r.Open.Step)
			r.Scopes = j.scopes(r.Scopes)
			rounds = append(rounds, r)
		}
	}
	st.Rounds = rounds
	if h := st.Held; h != nil && h.Step != "" {
		if to, ok := j.step(h.Step); ok {
			h.Step = to
		}
	}
}

func (j *judge) scopes(list []Scope) []Scope {
	out := slices.Clone(list)
	for i := range out {
		sc := &out[i]
		sc.List = j.pairs.lists[sc.List]
		sc.At, _ = j.step(sc.At)
		sc.Last, _ = j.key(sc.Last)
	}
	return out
}

// carryKept renames what the case remembers, and forgets what the other version doesn't ask for.
func (j *judge) carryKept() {
	st, p := &j.m.st, j.next
	st.Uses, st.Entered, st.Actors, st.Picks = carried(st.Uses, j.key), carried(st.Entered, j.key), carried(st.Actors, j.key), carried(st.Picks, j.key)
	st.Outcomes, st.Deciders = carried(st.Outcomes, j.key), carried(st.Deciders, j.key)
	maps.DeleteFunc(st.Outcomes, func(key, _ string) bool { return !p.asked[stepOfKey(key)] })
	maps.DeleteFunc(st.Deciders, func(key string, _ []string) bool { return !p.separated(stepOfKey(key)) })
	st.Agreed = carriedOf(j, st.Agreed, func(a *Approval) *string { return &a.Step })
	if !p.asksAgain() {
		st.Agreed = nil
	}
	st.Passed = carriedOf(j, st.Passed, func(a *Passed) *string { return &a.Step })
	st.Backs = carriedOf(j, st.Backs, func(b *Back) *string { return &b.To }, func(b *Back) *string { return &b.From })
	st.Signed = carried(st.Signed, j.key)
	st.Later = carriedOf(j, st.Later, func(l *Later) *string { return &l.Step })
	st.Before = only(st.Before, func(name string) bool { return slices.Contains(p.before, name) })
	st.Decided = only(st.Decided, func(key string) bool { return p.outputs[stepOfKey(key)] != nil })
}

func stepOfKey(key string) string {
	step, _, _ := strings.Cut(key, "@")
	return step
}

// only keeps some members of what is kept as JSON.
func only(kept json.RawMessage, which func(string) bool) json.RawMessage {
	if kept == nil {
		return nil
	}
	var all map[string]json.RawMessage
	mustJSON(json.Unmarshal(kept, &all))
	maps.DeleteFunc(all, func(key string, _ json.RawMessage) bool { return !which(key) })
	if len(all) == 0 {
		return nil
	}
	return encode(all)
}

// carryClocks lets the clocks run on by the other version, in the order in which they began.
func (j *judge) carryClocks() {
	var runs []ClockRun
	for _, run := range j.m.st.Clocks {
		if !slices.ContainsFunc(j.next.Clocks, func(c *Clock) bool { return c.ID == run.ID }) {
			continue
		}
		if t := j.clocks[run.ID]; t != nil {
			run.Timer = *t
			delete(j.clocks, run.ID)
		}
		runs = append(runs, run)
	}
	added := false
	for _, c := range j.next.Clocks {
		if t := j.clocks[c.ID]; t != nil {
			runs, added = append(runs, ClockRun{ID: c.ID, Timer: *t}), true
		}
	}
	if added {
		slices.SortStableFunc(runs, j.earlier)
	}
	j.m.st.Clocks = runs
}

// earlier puts the clock first that began first; of those that began together the one that counts from the start, then the one written first.
func (j *judge) earlier(a, b ClockRun) int {
	if a.DueFrom != nil && b.DueFrom != nil && !a.DueFrom.Equal(*b.DueFrom) {
		return a.DueFrom.Compare(*b.DueFrom)
	}
	rank := func(id string) int {
		n := slices.IndexFunc(j.next.Clocks, func(c *Clock) bool { return c.ID == id })
		if j.next.Clocks[n].From.Event == anchorStart {
			return n
		}
		return n + len(j.next.Clocks)
	}
	return rank(a.ID) - rank(b.ID)
}

// carryLimits gives the steps that stay open the limits of the other version, from their opening on.
func (j *judge) carryLimits() {
	for i := range j.openings {
		p := &j.openings[i]
		if p.open == nil || p.step != nil || !p.timed {
			continue
		}
		o := j.m.openAt(p.open.Scope, p.to.ID)
		if o == nil { // ended with one around it
			continue
		}
		if len(o.Seats) == 0 {
			o.Timer = j.counted(j.next, p.to, armed{open: o, timer: &o.Timer}, p.aim)
			continue
		}
		o.Within = p.aim.String()
		for k := range o.Seats {
			seat := &o.Seats[k]
			seat.Timer = j.counted(j.next, p.to, armed{open: o, seat: seat, timer: &seat.Timer}, p.aim)
		}
	}
}
