package process

import (
	"regexp"
	"strings"
)

// pairing says which step and which list of another version stands for one of a case's own. What has none isn't in it.
type pairing struct {
	old, new *Process
	asked    map[string]string // what the administrator's mapping says
	steps    map[string]string // by id
	lists    map[string]string // by path
	taken    map[string]bool   // steps of the other version that stand for one
}

// pairVersions finds the steps of two versions that belong together: those of the same id and kind, or that the mapping names. Steps without an id of their own, which
// are numbered through the whole chain, belong together where they do the same in the same list, else in their order.
func pairVersions(old, other *Process, asked map[string]string) *pairing {
	q := &pairing{old: old, new: other, asked: asked, steps: map[string]string{}, lists: map[string]string{}, taken: map[string]bool{}}
	for _, s := range old.all() {
		if to := q.named(s); to != nil {
			q.join(s, to)
		}
	}
	q.pairLists(old.Steps, other.Steps)
	return q
}

func (q *pairing) join(s, to *Step) {
	q.steps[s.ID], q.taken[to.ID] = to.ID, true
}

// named is the step that has the id of another, or the one that the mapping gives it, unless that is another step of the case's version: then the case is
// led there, and nothing that it was through is that step's.
func (q *pairing) named(s *Step) *Step {
	id := s.ID
	if to := q.asked[id]; to != "" && q.old.Step(to) == nil {
		id = to
	} else if s.numbered() {
		return nil
	}
	to := q.new.Step(id)
	if to == nil || to.Kind != s.Kind || q.taken[id] {
		return nil
	}
	return to
}

var numberedID = regexp.MustCompile(`^[a-z]+-[0-9]+$`)

// numbered says whether a step has no id of its own, but a number that the loader gave it.
func (s *Step) numbered() bool {
	return numberedID.MatchString(s.ID) && strings.HasPrefix(s.ID, s.Kind+"-")
}

// pairLists pairs two lists, the steps in them that have no id, and the lists below.
func (q *pairing) pairLists(old, other *List) {
	q.lists[old.Path] = other.Path
	q.pairNumbered(old, other, func(a, b *Step) bool { return q.old.pastShape(a) == q.new.pastShape(b) })
	q.pairNumbered(old, other, func(_, _ *Step) bool { return true })
	for _, s := range old.Steps {
		if to := q.step(s.ID); to != nil {
			q.pairBelow(s, to)
		}
	}
}

func (q *pairing) pairNumbered(old, other *List, alike func(a, b *Step) bool) {
	for _, s := range old.Steps {
		if q.steps[s.ID] != "" || !s.numbered() {
			continue
		}
		for _, to := range other.Steps {
			if to.numbered() && to.Kind == s.Kind && !q.taken[to.ID] && alike(s, to) {
				q.join(s, to)
				break
			}
		}
	}
}

func (q *pairing) pairBelow(s, to *Step) {
	theirs := to.below()
	for key, list := range s.below() {
		if other := theirs[key]; other != nil {
			q.pairLists(list, other)
		}
	}
}

// below are the lists that a step holds, by what they are for.
func (s *Step) below() map[string]*List {
	out := map[string]*List{}
	switch k := s.Do.(type) {
	case Choose:
		for _, b := range k.Branches {
			out["when "+b.condition()] = b.Steps
		}
	case Parallel:
		for _, b := range k.Branches {
			out["branch "+b.ID] = b.Steps
		}
	case group:
		out["steps"] = k.lists()[0]
	}
	for _, w := range s.ways() {
		if w.way.Steps != nil {
			key := "on " + w.outcome
			if w.after {
				key += ", then"
			}
			out[key] = w.way.Steps
		}
	}
	if s.Undo != nil && s.Undo.Steps != nil {
		out["undo"] = s.Undo.Steps
	}
	return out
}

// step is the step of the other version that stands for one; nil: none does.
func (q *pairing) step(id string) *Step { return q.new.Step(q.steps[id]) }
