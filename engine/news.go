package engine

import (
	"slices"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// news says whom an event concerns, for the pages they have open: who takes part in the case, and whose boxes or notifications changed.
func (c *change) news(after process.State) store.NewsRow {
	people, boxes := principalSet{}, principalSet{}
	for _, id := range []string{c.in.State.Initiator, after.Initiator, c.event.By} {
		boxes.user(id)
	}
	people.user(c.in.Record.Owner)
	owner, _ := c.own["owner"].(string)
	people.user(owner)
	for _, st := range []process.State{c.in.State, after} {
		for _, id := range st.Actors {
			people.user(id)
		}
		c.seated(st, people, boxes)
	}
	for _, t := range c.tasks {
		boxes.holders(str(t.Assignee), t.Candidates)
	}
	for _, n := range c.told {
		boxes.user(n.To)
	}
	for p := range boxes {
		people[p] = true
	}
	return store.NewsRow{People: people.sorted(), Boxes: boxes.sorted()}
}

// seated takes in who has a task of the case, and of whom one was touched.
func (c *change) seated(st process.State, people, boxes principalSet) {
	touched := func(task string) bool {
		return c.tasks[task] != nil || slices.ContainsFunc(c.closed, func(t store.TaskClose) bool { return t.ID == task })
	}
	for _, o := range st.Open {
		for _, s := range o.Seats {
			people.holders(s.Assignee, principals(s.Candidates))
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
