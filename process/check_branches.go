package process

import "reflect"

// writes is a field that a step inside a branch changes.
type writes struct {
	field string
	at    Position
	value *Expr // set to a value that the chain names; nil: whatever people or systems give
}

// checkBranches finds fields that two branches change: which of the two would stand is chance.
func (c *chainLoader) checkBranches() {
	for _, s := range c.p.all() {
		switch k := s.Do.(type) {
		case Parallel:
			c.checkParallel(k)
		case Each:
			c.checkEach(k)
		}
	}
}

func (c *chainLoader) checkParallel(k Parallel) {
	first := map[string]writes{}
	branch := map[string]int{}
	for i, b := range k.Branches {
		for _, w := range c.changedIn(b.Steps) {
			other, taken := first[w.field]
			if !taken {
				first[w.field], branch[w.field] = w, i
				continue
			}
			if branch[w.field] != i && !w.same(other) {
				c.problemAt(w.at.Line, w.at.Column, "两个分支都修改字段 `%s`（另一处在第 %d 行）：结果取决于谁先谁后",
					"two branches change the field `%s` (the other one on line %d): which of them stands would be chance", w.field, other.at.Line)
			}
		}
	}
}

func (c *chainLoader) checkEach(k Each) {
	for _, w := range c.changedIn(k.Steps) {
		if !w.same(w) {
			c.problemAt(w.at.Line, w.at.Column, "每一项的分支都修改记录的字段 `%s`：请用 `into` 写进各自的行",
				"the branch of every item changes the record's field `%s`: with `into` each writes its own line", w.field)
		}
	}
}

// same says whether two branches write the same value, so that it doesn't matter which is the last.
func (w writes) same(other writes) bool {
	return w.value != nil && other.value != nil && w.value.literal && other.value.literal && reflect.DeepEqual(w.value.constant, other.value.constant)
}

// changedIn are the fields of the record that the steps of a list change while the list runs. What is set on the way out of the branch isn't
// among them, nor are columns of an item's line.
func (c *chainLoader) changedIn(l *List) []writes {
	var out []writes
	for _, s := range stepsIn(l) {
		add := func(field string, at Position, value *Expr) {
			if col := c.p.column(s, field); col.field == nil {
				out = append(out, writes{field, at, value})
			}
		}
		for _, e := range s.Form.Edit {
			add(e.Field, s.At, nil)
		}
		switch k := s.Do.(type) {
		case Set:
			eachOwn(k.Fields, add)
		case Request:
			for _, in := range k.Into {
				add(in.Field, in.At, nil)
			}
		}
		for _, w := range s.ways() {
			if !c.p.leaves(l, w.way) {
				eachOwn(w.way.Set, add)
			}
		}
	}
	return out
}

// eachOwn gives the fields of the case's own record that are assigned.
func eachOwn(assigns []Assign, add func(string, Position, *Expr)) {
	for _, a := range assigns {
		if a.Along == nil {
			add(a.Field, a.At, a.Value)
		}
	}
}

// stepsIn gives every step of a list and of the lists inside it, in the order they are written.
func stepsIn(l *List) []*Step {
	var out []*Step
	if l == nil {
		return nil
	}
	for _, s := range l.Steps {
		out = append(out, s)
		if g, ok := s.Do.(group); ok {
			for _, inner := range g.lists() {
				out = append(out, stepsIn(inner)...)
			}
		}
		for _, w := range s.ways() {
			out = append(out, stepsIn(w.way.Steps)...)
		}
	}
	return out
}

// leaves says whether a way taken inside a list leads out of it: to the end of the case, or to a step around it.
func (p *Process) leaves(l *List, w *Way) bool {
	target := p.Step(w.Go)
	return w.End != "" || target != nil && !encloses(l, target.list)
}
