package process

import "slices"

// Choose goes the first branch whose condition holds. A branch without steps goes on at once.
type Choose struct{ Branches []Branch }

// Branch is one way of a [Choose] or one line of a [Parallel].
type Branch struct {
	ID        string // of a parallel's branch
	Title     Text
	When      *Expr // of a choose's branch
	Otherwise bool
	Steps     *List
	At        Position
}

func (k Choose) enter(m *machine, scope int, s *Step) {
	for i, b := range k.Branches {
		ok, held := m.holds(scope, s, b.When)
		if held {
			return
		}
		if ok {
			m.log(Entry{Event: "chosen", Step: s.ID, Item: m.item(scope), Reason: b.condition(), Data: map[string]any{"branch": i + 1}})
			m.leaveOthers(scope, s, k.lists(), b.Steps)
			if b.Steps.First() == nil {
				m.pass(scope, s, Done)
				return
			}
			m.openScope(scope, b.Steps)
			return
		}
	}
	m.hold(scope, s, Text{ZH: "没有一个分支的条件成立", EN: "no branch applies"})
}

// leaveOthers leaves what was done in those of the lists of a step that aren't taken this time: where it was entered again in its old place, since a straight way back
// has led to it, what lies behind it stands. They hold no places to go back to any more, and no change has them asked again.
func (m *machine) leaveOthers(scope int, s *Step, lists []*List, taken *List) {
	item := m.item(scope)
	since := m.st.Entered[keyOf(s.ID, item)]
	for i := range m.st.Steps {
		run := &m.st.Steps[i]
		step, key := m.p.Step(run.Step), keyOf(run.Step, run.Item)
		if step == nil || !inItem(run.Item, item) || m.st.Entered[key] <= since {
			continue
		}
		if slices.ContainsFunc(lists, func(l *List) bool { return l != taken && m.p.listWith(step).within(l.Path) }) {
			delete(m.st.Entered, key)
			if run.Status == "done" || run.Status == "voided" {
				run.Status = "left"
			}
		}
	}
}

// condition is what a branch of a [Choose] is taken for, as it was written.
func (b Branch) condition() string {
	if b.When == nil {
		return "otherwise"
	}
	return b.When.Source
}

func (Choose) joined(left int) bool { return left == 0 }
func (k Choose) lists() []*List     { return listsOf(k.Branches) }

func listsOf(branches []Branch) []*List {
	var out []*List
	for _, b := range branches {
		out = append(out, b.Steps)
	}
	return out
}
