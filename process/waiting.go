package process

import "slices"

// waiting says whether a seat waits for opinions that are given first: until then it is nobody's to do.
func (o *Open) waiting(seat *Seat) bool { return seat.Vote == nil && len(o.askedFirst(seat)) > 0 }

// boxed is what says in which boxes a task is, beside whom it is open to.
type boxed struct {
	waits bool
	kept  []string
}

func (t Task) boxed() boxed { return boxed{t.Waits, t.Excluded} }

func (b boxed) is(other boxed) bool {
	return b.waits == other.waits && slices.Equal(b.kept, other.kept)
}

// showBoxes puts the tasks of those who begin to wait for an opinion out of the boxes, and back when the opinions are in; and a seat that any one of a set fills
// out of the boxes of those who have another one of the step. What was shown before people changed isn't known, so then all of these are shown anew.
func (m *machine) showBoxes() {
	shown := map[string]boxed{}
	for i := range m.in.State.Open {
		o := &m.in.State.Open[i]
		for j := range o.Seats {
			shown[o.Seats[j].Task] = boxed{o.waiting(&o.Seats[j]), m.allKept(o, &o.Seats[j])}
		}
	}
	for _, e := range m.effects {
		switch e := e.(type) {
		case OpenTask:
			shown[e.Task.ID] = e.Task.boxed()
		case ChangeTask:
			shown[e.Task.ID] = e.Task.boxed()
		}
	}
	for i := range m.st.Open {
		o := &m.st.Open[i]
		for j := range o.Seats {
			seat := &o.Seats[j]
			if seat.Vote != nil {
				continue
			}
			t := m.task(m.p.Step(o.Step), o, seat)
			if !t.boxed().is(shown[seat.Task]) || m.ev.Kind == EventPeople && m.mayKeep(o, seat) {
				m.effect(ChangeTask{Task: t})
			}
		}
	}
}
