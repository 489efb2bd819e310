package process

import "slices"

// CopyAt says at which step somebody copies the case to others, who then may read what the step's form shows: the one that they have to do now, else the last
// one that they decided. Who started the case, and an administrator, may also where they had no step: an administrator copies what is open now, the initiator
// the case alone ("") – nobody gives away more than they were shown themselves. A step whose `may` leaves out `copy` gives nobody the right.
func CopyAt(in Input, by string, admin bool) (step, item string, refusal *Refusal) {
	m := newMachine(in, Event{By: by, Admin: admin})
	for _, o := range m.st.Open {
		holds := slices.ContainsFunc(o.Seats, func(s Seat) bool { return s.Vote == nil && contains(m.holders(&s), by) })
		if s := m.p.Step(o.Step); s != nil && holds && s.Form.Allows(mayCopy) {
			return o.Step, o.Item, nil
		}
	}
	for _, run := range slices.Backward(m.st.Steps) {
		if s := m.p.Step(run.Step); s != nil && m.st.Actors[keyOf(run.Step, run.Item)] == by && s.Form.Allows(mayCopy) {
			return run.Step, run.Item, nil
		}
	}
	switch {
	case admin:
		for _, o := range m.st.Open {
			if len(o.Seats) > 0 {
				return o.Step, o.Item, nil
			}
		}
		return "", "", nil
	case by == m.st.Initiator:
		return "", "", nil
	}
	return "", "", Refuse(CodeForbidden, "只有发起人、办理人（步骤允许抄送时）和管理员可以抄送",
		"only who started the case, who has or had something to do in it where the step allows copies, and administrators may copy it")
}
