package process

import (
	"slices"
	"strings"
)

// inGroup says whether a list is one that a group runs, not what follows an outcome.
func (l *List) inGroup() bool {
	if l.holder == nil {
		return false
	}
	g, ok := l.holder.Do.(group)
	return ok && slices.Contains(g.lists(), l)
}

// items are the `each`es whose items a step runs for, from outside in.
func (s *Step) items() []*Step {
	var out []*Step
	for l := s.list; l != nil && l.holder != nil; l = l.enclosing() {
		if _, ok := l.holder.Do.(Each); ok && l.inGroup() {
			out = append(out, l.holder)
		}
	}
	slices.Reverse(out)
	return out
}

// sharedItem is the part of an item path that two steps have in common; the path is that of the second.
func sharedItem(a, b *Step, item string) string {
	x, y := a.items(), b.items()
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	parts := strings.Split(item, "/")
	return strings.Join(parts[:min(n, len(parts))], "/")
}

// ahead collects the steps that are sure to be reached when everybody agrees.
type ahead struct {
	steps []*Step
	seen  map[*Step]bool
}

// sureAfter gives the steps that the chain comes to for certain after s where everybody agrees, as far as the chain itself says: no condition, no
// choice, no items stand between.
func sureAfter(s *Step) []*Step {
	a := &ahead{seen: map[*Step]bool{s: true}}
	for l, on := s.list, a.onwards(s); on && l.holder != nil; l = l.enclosing() {
		h := l.holder
		switch {
		case l.inGroup() && a.seen[h]:
			return a.steps
		case l.inGroup():
			a.seen[h] = true
			on = a.follow(h, h.Then)
		default:
			on = a.enter(h.Next())
		}
	}
	return a.steps
}

// onwards goes from a step to the end of its list; false when it is not sure to get there.
func (a *ahead) onwards(s *Step) bool {
	way, one := normalWay(s)
	if s.list == nil || !one || !goesOn(way) && s.If != nil {
		return false
	}
	return a.follow(s, way)
}

// follow goes a way out of a step.
func (a *ahead) follow(s *Step, w *Way) bool {
	switch {
	case w == nil:
	case w.AtMost > 0 || w.End != "" || w.Go != "":
		return false // what comes then isn't the normal way any more, or is the end
	case w.Steps != nil && !a.enter(w.Steps.First()):
		return false
	}
	return a.enter(s.Next())
}

// enter goes through a list from one of its steps on; nil is its end.
func (a *ahead) enter(s *Step) bool {
	if s == nil {
		return true
	}
	if _, end := s.Do.(End); end || a.seen[s] {
		return false
	}
	a.seen[s] = true
	g, group := s.Do.(group)
	if group && (s.If != nil || !unbranched(g)) {
		return straight(g) && a.onwards(s)
	}
	if s.If == nil {
		a.steps = append(a.steps, s)
	}
	if group {
		for _, l := range g.lists() {
			if !a.enter(l.First()) {
				return false
			}
		}
	}
	return a.onwards(s)
}

// unbranched says whether all the steps of a group are run, once each.
func unbranched(g group) bool {
	switch k := g.(type) {
	case Stage:
		return true
	case Parallel:
		return k.Join != JoinFirst
	}
	return false
}

// straight says whether a group ends for certain once it is entered: nothing in it ends the case or goes elsewhere where everybody agrees.
func straight(g group) bool {
	for _, l := range g.lists() {
		a := &ahead{seen: map[*Step]bool{}}
		if !a.enter(l.First()) {
			return false
		}
	}
	return true
}

// normalWay is the way out of a step where everybody agrees; false when there are several.
func normalWay(s *Step) (*Way, bool) {
	if w, ok := s.Ways[Approved]; ok {
		return w, true
	}
	outcomes := s.outcomes()
	if len(outcomes) == 1 {
		return s.Ways[outcomes[0]], true
	}
	all := !slices.ContainsFunc(outcomes, func(name string) bool { return !goesOn(s.Ways[name]) })
	return s.Then, all
}

// goesOn says whether a way only goes on.
func goesOn(w *Way) bool {
	return w == nil || w.AtMost == 0 && w.End == "" && w.Go == "" && w.Steps == nil
}

// askedNext gives the steps that ask people first on a way out of a step, past those that ask nobody; a nil step is the beginning of the chain.
func (p *Process) askedNext(s *Step, w *Way) []*Step {
	n := &nextAsked{p: p, seen: map[*Step]bool{}}
	if s == nil {
		n.arrive(p.Steps.First(), p.Steps)
	} else {
		n.leave(s, w)
	}
	return n.steps
}

// nextAsked collects the steps that ask people first.
type nextAsked struct {
	p     *Process
	steps []*Step
	seen  map[*Step]bool
}

// arrive comes to a step of a list, or with nil to the end of the list.
func (n *nextAsked) arrive(s *Step, l *List) {
	switch {
	case s == nil && l.holder == nil || s != nil && n.seen[s]:
		return
	case s == nil && l.inGroup():
		n.leave(l.holder, l.holder.Then)
		return
	case s == nil:
		n.arrive(l.holder.Next(), l.enclosing())
		return
	}
	n.seen[s] = true
	if s.If != nil {
		n.arrive(s.Next(), s.list)
	}
	if s.Who != nil {
		n.steps = append(n.steps, s)
		return
	}
	if g, ok := s.Do.(group); ok {
		for _, l := range g.lists() {
			n.arrive(l.First(), l)
		}
		if unbranched(g) {
			return
		}
	}
	n.leave(s, s.Then)
}

// leave goes a way out of a step.
func (n *nextAsked) leave(s *Step, w *Way) {
	_, end := s.Do.(End)
	on := w == nil && !end
	for ; w != nil; w = w.Else {
		switch {
		case w.End != "":
		case w.Go != "":
			n.arrive(n.p.Step(w.Go), n.p.Steps)
		case w.Steps != nil:
			n.arrive(w.Steps.First(), w.Steps)
		default:
			on = true
		}
	}
	switch {
	case !on:
	case s.list == nil: // the revised form leads into the chain from its beginning
		n.arrive(n.p.Steps.First(), n.p.Steps)
	default:
		n.arrive(s.Next(), s.list)
	}
}
