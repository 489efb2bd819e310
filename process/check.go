package process

import "slices"

// checkChain looks at the chain as a whole: every step can be reached, no loop runs without anybody, nothing stands behind an end, no two
// branches edit one field, somebody starts it.
func (c *chainLoader) checkChain() {
	c.checkReached()
	c.checkLoops()
	c.checkBranches()
	c.checkInitiator()
	c.checkEarlier()
	c.outsideSteps()
}

// flow is the chain as ways from step to step, as far as out lets them: all there are, or only those on which nobody is asked.
type flow struct {
	p      *Process
	out    func(f *flow, s *Step) []leg
	passed map[*List]bool // whether a way leads from a list's beginning to its end
}

// leg is one way out of a step: to another step, or to the end of the list that it stands in. At is where it is written.
type leg struct {
	to   *Step
	ends *List
	at   Position
}

func (c *chainLoader) flow(out func(*flow, *Step) []leg) *flow {
	return &flow{p: c.p, out: out, passed: map[*List]bool{}}
}

// next is the leg to the step after s in its list, or to the end of it.
func (f *flow) next(s *Step, at Position) leg {
	switch {
	case s.ID == ResubmitStep:
		return leg{to: f.p.Steps.First(), at: at}
	case s.Next() != nil:
		return leg{to: s.Next(), at: at}
	}
	return leg{ends: s.list, at: at}
}

// after is the leg from a step that is done where no outcome leads elsewhere; none when the case ends.
func (f *flow) after(s *Step) []leg {
	if s.Then != nil {
		return f.leads(s, s.Then)
	}
	return []leg{f.next(s, s.At)}
}

// leads says where a way goes; nowhere when it ends the case.
func (f *flow) leads(s *Step, w *Way) []leg {
	switch {
	case w.End != "" || w.Hold:
		return nil
	case w.Go != "" && f.p.byID[w.Go] == nil:
		return nil
	case w.Go != "":
		return []leg{{to: f.p.byID[w.Go], at: w.At}}
	case w.Steps != nil && w.Steps.First() != nil:
		return []leg{{to: w.Steps.First(), at: w.At}}
	}
	return []leg{f.next(s, w.At)}
}

// everyLeg are all the legs out of a step.
func everyLeg(f *flow, s *Step) []leg {
	var out []leg
	if s.If != nil {
		out = append(out, f.next(s, s.At))
	}
	if g, ok := s.Do.(group); ok {
		if len(g.lists()) == 0 {
			return append(out, f.after(s)...)
		}
		for _, l := range g.lists() {
			if l.First() == nil { // a branch in which nothing is to do; elsewhere that is said already
				out = append(out, f.after(s)...)
				continue
			}
			out = append(out, leg{to: l.First(), at: s.At})
		}
		if _, each := s.Do.(Each); each { // the list may be empty
			out = append(out, f.after(s)...)
		}
		return out
	}
	for _, w := range s.ways() {
		out = append(out, f.leads(s, w.way)...)
	}
	if _, ends := s.Do.(End); s.Who == nil && s.Then == nil && !ends {
		out = append(out, f.next(s, s.At))
	}
	return out
}

// edge is one way from a step to another; at is where it is written.
type edge struct {
	to *Step
	at Position
}

// edges are the ways out of a step that stay in the chain. At the end of a list they go on after what holds it.
func (f *flow) edges(s *Step) []edge {
	var out []edge
	for _, l := range f.out(f, s) {
		out = append(out, f.resolve(l, nil)...)
	}
	return out
}

// resolve follows a leg out of the lists that it ends; those of inside, when that is given, are not left.
func (f *flow) resolve(l leg, inside *List) []edge {
	if l.ends == nil || l.ends == inside {
		if l.to == nil {
			return nil
		}
		return []edge{{l.to, l.at}}
	}
	h := l.ends.holder
	if h == nil {
		return nil
	}
	legs := []leg{f.next(h, l.at)}
	if g, ok := h.Do.(group); ok && holdsList(g, l.ends.Path) {
		if !f.joins(g, l.ends) {
			return nil
		}
		legs = f.after(h)
	}
	var out []edge
	for _, next := range legs {
		out = append(out, f.resolve(leg{next.to, next.ends, l.at}, inside)...)
	}
	return out
}

// joins says whether a group may be done when one of its lists has ended: where all must end, every other one must be able to.
func (f *flow) joins(g group, ended *List) bool {
	k, parallel := g.(Parallel)
	if !parallel || k.Join == JoinFirst {
		return true
	}
	return !slices.ContainsFunc(g.lists(), func(l *List) bool { return l != ended && !f.passes(l) })
}

// passes says whether a way leads from the beginning of a list to its end, without leaving it.
func (f *flow) passes(l *List) bool {
	if done, known := f.passed[l]; known {
		return done
	}
	f.passed[l] = false
	seen := map[*Step]bool{}
	var walk func(s *Step) bool
	walk = func(s *Step) bool {
		if s == nil || seen[s] || !encloses(l, s.list) {
			return false
		}
		seen[s] = true
		for _, leg := range f.out(f, s) {
			if f.endsAt(leg, l) {
				return true
			}
			for _, e := range f.resolve(leg, l) {
				if walk(e.to) {
					return true
				}
			}
		}
		return false
	}
	f.passed[l] = walk(l.First())
	return f.passed[l]
}

// endsAt says whether a leg ends a list, or lists inside of it so that it ends too.
func (f *flow) endsAt(l leg, list *List) bool {
	for l.ends != nil && l.ends != list {
		h := l.ends.holder
		if h == nil {
			return false
		}
		next := []leg{f.next(h, l.at)}
		if g, ok := h.Do.(group); ok && holdsList(g, l.ends.Path) {
			if !f.joins(g, l.ends) {
				return false
			}
			next = f.after(h)
		}
		if len(next) == 0 {
			return false
		}
		l = next[0]
	}
	return l.ends == list
}

// reach gives every step that a way leads to.
func (f *flow) reach(from *Step) map[*Step]bool {
	reached := map[*Step]bool{}
	var walk func(*Step)
	walk = func(s *Step) {
		if s == nil || reached[s] {
			return
		}
		reached[s] = true
		for _, e := range f.edges(s) {
			walk(e.to)
		}
	}
	walk(from)
	return reached
}

// comesBack says whether the chain may come back to a step after a way out of it.
func (c *chainLoader) comesBack(s *Step, w *Way) bool {
	f := c.flow(everyLeg)
	return w.Go != "" && f.reach(c.p.byID[w.Go])[s]
}

func (c *chainLoader) checkReached() {
	reached := c.flow(everyLeg).reach(c.p.Steps.First())
	for _, s := range c.p.all() {
		if !reached[s] {
			c.unreached(s, reached)
		}
		if g, ok := s.Do.(group); ok {
			c.checkEntered(g)
		}
	}
}

// checkEntered finds lists of a group that have no first step.
func (c *chainLoader) checkEntered(g group) {
	for _, l := range g.lists() {
		if len(l.Steps) > 0 && l.First() == nil {
			at := l.Steps[0].At
			c.problemAt(at.Line, at.Column, "这里所有的步骤都是 `aside`：没有第一步", "every step here is `aside`: there is no first step")
		}
	}
}

// returnsToInitiator says whether whoever decides a step may name the initiator when returning it.
func (s *Step) returnsToInitiator() bool {
	return slices.Contains(s.Form.ReturnTo, toInitiator) || slices.Contains(s.Form.ReturnTo, toAny)
}

// unreached reports a step that no way leads to; the steps behind it and inside it go without saying.
func (c *chainLoader) unreached(s *Step, reached map[*Step]bool) {
	at := &node{line: s.At.Line, column: s.At.Column}
	if s.ID == ResubmitStep {
		if slices.ContainsFunc(c.p.all(), func(s *Step) bool { return reached[s] && s.returnsToInitiator() }) {
			return
		}
		c.warn(at, "没有哪一步会去 `resubmit`", "nothing goes to `resubmit`")
		return
	}
	if h := s.list.holder; h != nil && !reached[h] {
		return
	}
	if s.Aside {
		c.problem(at, "没有 `go` 去步骤 `%s`，它永远不会执行", "no `go` leads to the step `%s`: it is never reached", s.ID)
		return
	}
	before := c.before(s)
	switch {
	case before != nil && !reached[before]:
	case before != nil && isEnd(before):
		c.warn(at, "步骤 `%s` 在 `end` 之后，永远不会执行", "the step `%s` stands behind an `end` and is never reached", s.ID)
	default:
		c.problem(at, "没有路径通向步骤 `%s`，它永远不会执行", "no way leads to the step `%s`: it is never reached", s.ID)
	}
}

func isEnd(s *Step) bool {
	_, end := s.Do.(End)
	return end && s.If == nil
}

// before is the step above s that isn't aside.
func (c *chainLoader) before(s *Step) *Step {
	for i := s.index - 1; i >= 0; i-- {
		if p := s.list.Steps[i]; !p.Aside {
			return p
		}
	}
	return nil
}
