package engine

import (
	"slices"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// touches gives the principals whose boxes or notifications an event changes, for the pages they have open: who has, or had, a task that it opens, changes or
// closes, who acted, who started the case, and who is told something. Sorted.
func (c *change) touches(after process.State) []string {
	boxes := principalSet{}
	for _, id := range []string{c.in.State.Initiator, after.Initiator, c.event.By} {
		boxes.user(id)
	}
	for _, st := range []process.State{c.in.State, after} {
		c.seated(st, boxes)
	}
	for _, t := range c.tasks {
		boxes.holders(str(t.Assignee), t.Candidates)
	}
	for _, n := range c.told {
		boxes.user(n.To)
	}
	return boxes.sorted()
}

// seated takes in who has a task that was touched.
func (c *change) seated(st process.State, boxes principalSet) {
	touched := func(task string) bool {
		return c.tasks[task] != nil || slices.ContainsFunc(c.closed, func(t store.TaskClose) bool { return t.ID == task })
	}
	for _, o := range st.Open {
		for _, s := range o.Seats {
			if touched(s.Task) {
				boxes.holders(s.Assignee, principals(s.Candidates))
			}
		}
	}
	if st.Held != nil && touched(st.Held.Task) {
		boxes[string(process.Administrators)] = true
	}
}

// principalSet are principals, each once.
type principalSet map[string]bool

func (s principalSet) user(id string) {
	if id != "" {
		s[string(process.User(id))] = true
	}
}

// holders takes in a task's assignee, or all who may fill its seat.
func (s principalSet) holders(assignee string, candidates []string) {
	if assignee != "" {
		s.user(assignee)
		return
	}
	for _, p := range candidates {
		s[p] = true
	}
}

func (s principalSet) sorted() []string {
	list := make([]string, 0, len(s))
	for p := range s {
		list = append(list, p)
	}
	slices.Sort(list)
	return list
}
