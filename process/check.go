package process

import "slices"

// checkChain looks at the chain as a whole: every step can be reached, no loop runs without anybody, nothing stands behind an end.
func (c *chainLoader) checkChain() {
	c.checkReached()
	c.checkLoops()
}

// edge is one way from a step to another; at is where it is written.
type edge struct {
	to *Step
	at Position
}

// following gives the step that follows s on the normal way: the next of its list, or what follows the outcome that holds the list. Nil is the end
// of the case.
func (c *chainLoader) following(s *Step) *Step {
	for s != nil {
		if s.ID == ResubmitStep {
			return c.p.Steps.First()
		}
		if next := s.Next(); next != nil {
			return next
		}
		s = s.list.holder
	}
	return nil
}

// edges are the ways out of a step that stay in the chain.
func (c *chainLoader) edges(s *Step) []edge {
	var out []edge
	for _, w := range s.ways() {
		if to, ok := c.leads(s, w.way); ok {
			out = append(out, edge{to, w.way.At})
		}
	}
	if _, ends := s.Do.(End); s.If != nil || s.Who == nil && s.Then == nil && !ends {
		out = append(out, edge{c.following(s), s.At})
	}
	return slices.DeleteFunc(out, func(e edge) bool { return e.to == nil })
}

// leads says where a way goes; false when it ends the case.
func (c *chainLoader) leads(s *Step, w *Way) (*Step, bool) {
	switch {
	case w.End != "":
		return nil, false
	case w.Go != "":
		return c.p.byID[w.Go], true
	case w.Steps != nil && w.Steps.First() != nil:
		return w.Steps.First(), true
	}
	return c.following(s), true
}

func (c *chainLoader) checkReached() {
	reached := map[*Step]bool{}
	var walk func(*Step)
	walk = func(s *Step) {
		if s == nil || reached[s] {
			return
		}
		reached[s] = true
		for _, e := range c.edges(s) {
			walk(e.to)
		}
	}
	walk(c.p.Steps.First())
	for _, s := range c.p.all() {
		if !reached[s] {
			c.unreached(s, reached)
		}
	}
}

// unreached reports a step that no way leads to; the steps behind it and inside it go without saying.
func (c *chainLoader) unreached(s *Step, reached map[*Step]bool) {
	at := &node{line: s.At.Line, column: s.At.Column}
	if s.ID == ResubmitStep {
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

// checkLoops finds loops in which nobody is asked: such a case would run for ever. Where people might be passed over it is only a warning.
func (c *chainLoader) checkLoops() {
	if at, ok := c.loop(c.silent); ok {
		c.problemAt(at.Line, at.Column, "循环里没有人处理，流程会无休止地转", "a loop in which nobody is asked: the case would run for ever")
		return
	}
	if at, ok := c.loop(c.perhapsSilent); ok {
		c.warn(&node{line: at.Line, column: at.Column}, "如果循环里的步骤都被跳过，流程会无休止地转", "if every step of this loop is passed over, the case would run for ever")
	}
}

// silent are the ways that are taken without asking anybody.
func (c *chainLoader) silent(s *Step) []edge {
	if s.Who != nil {
		return nil
	}
	return c.edges(s)
}

func (c *chainLoader) perhapsSilent(s *Step) []edge {
	switch {
	case s.Who == nil:
		return c.edges(s)
	case s.If != nil || s.Who.IfNone.Do == "skip" || s.Who.IfInitiator.Do == "skip":
		if next := c.following(s); next != nil {
			return []edge{{next, s.At}}
		}
	}
	return nil
}

// loop finds a closed way and gives where its last leg is written.
func (c *chainLoader) loop(edges func(*Step) []edge) (Position, bool) {
	const open, done = 1, 2
	state := map[*Step]int{}
	var found *edge
	var walk func(*Step)
	walk = func(s *Step) {
		state[s] = open
		for _, e := range edges(s) {
			switch {
			case found != nil:
				return
			case state[e.to] == open:
				found = &e
			case state[e.to] == 0:
				walk(e.to)
			}
		}
		state[s] = done
	}
	for _, s := range c.p.all() {
		if state[s] == 0 && found == nil {
			walk(s)
		}
	}
	if found == nil {
		return Position{}, false
	}
	return found.at, true
}
