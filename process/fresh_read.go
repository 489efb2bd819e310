package process

import "slices"

// Look notes that somebody has opened a task, which lets what led to it stand. It is no event of the case. Refusals: not_your_task, task_closed.
func Look(in Input, task, by string) ([]Fresh, error) {
	m := newMachine(in, Event{By: by, Task: task})
	o, seat := m.seatOf(task)
	switch {
	case o == nil || seat.Vote != nil:
		return nil, m.closed()
	case !contains(m.holders(seat), by):
		return nil, Refuse(CodeNotYourTask, "此任务不在您处", "this task isn't with you")
	}
	for i := range m.fresh {
		if f := &m.fresh[i]; m.openedBy(f, task) {
			f.Read = alsoBy(f.Read, by)
		}
	}
	if asked := m.turnsOf(o).asked(task); asked != nil {
		asked.Read = alsoBy(asked.Read, by)
	}
	return m.fresh, nil
}

// alsoBy notes that somebody has opened a task.
func alsoBy(read []string, by string) []string {
	if len(read) > 1 || contains(read, by) {
		return read
	}
	return append(slices.Clip(read), by)
}

// readBy is who has opened a task, other than somebody; "" for nobody.
func readBy(read []string, other string) string {
	for _, id := range read {
		if id != other {
			return id
		}
	}
	return ""
}

// hasOpened says that somebody has opened what followed.
func (m *machine) hasOpened(who string) (zh, en string) {
	name := m.name(who)
	return "下一步已被" + name.In("zh") + "打开，不能再收回", name.In("en") + " has opened what comes next: it can't be taken back any more"
}

// knows says whether the chain has all steps that a kept decision names. The release before may have taken the case to a version without them.
func (p *Process) knows(f Fresh) bool {
	steps := []string{f.Round.Step}
	for _, at := range f.Led.Open {
		steps = append(steps, at.Step)
	}
	for _, sc := range f.Was.Scopes {
		steps = append(steps, sc.At)
	}
	for _, o := range f.Was.Stages {
		steps = append(steps, o.Step)
	}
	for _, r := range f.Was.Rounds {
		steps = append(steps, r.Open.Step)
	}
	return !slices.ContainsFunc(steps, func(id string) bool { return id != "" && p.Step(id) == nil })
}
