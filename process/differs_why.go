package process

import (
	"bytes"
	"slices"
)

// The changes that a `differs` entry names in `change`.
const (
	ChangedLeft      = "left"      // somebody has left
	ChangedAbsent    = "absent"    // somebody is away
	ChangedField     = "field"     // what stands in a field that the step depends on
	ChangedCalendar  = "calendar"  // working time
	ChangedDirectory = "directory" // who is who: managers, heads, members
	ChangedOther     = "other"     // something else that the chain looks at: another record, the day
)

// whyDiffers finds the change that is the reason for a difference, with what stood in the fields that it was.
func (m *machine) whyDiffers(d difference) (change string, why Text, changed map[string]any) {
	if d.who {
		if change, why := m.notThere(d); change != "" {
			return change, why, nil
		}
	}
	if changed = m.changedOf(m.p.dependsAround(d.step)); len(changed) == 0 && !d.who && !d.onlyLimit() {
		changed = m.changedOf(m.p.looksAt())
	}
	switch {
	case len(changed) > 0:
		return ChangedField, m.fieldsChanged(changed), changed
	case d.onlyLimit() && d.was.Within == d.is.Within:
		return ChangedCalendar, Text{ZH: "工作时间的安排已变", EN: "working time has changed"}, nil
	case d.who, d.is != nil && d.was != nil && d.was.Passed && len(d.is.Who) > 0, d.is != nil && d.is.Passed && d.step.Who != nil && d.step.If == nil:
		return ChangedDirectory, m.nowAsked(d), nil
	}
	return ChangedOther, Text{ZH: "流程所依据的情况已变", EN: "what the chain looks at has changed"}, nil
}

// onlyLimit says whether nothing but the limit differs.
func (d difference) onlyLimit() bool { return d.limit && !d.who }

// notThere names those of the foreseen who have left, or are away.
func (m *machine) notThere(d difference) (change string, why Text) {
	for _, id := range d.was.Who {
		if slices.Contains(d.is.Who, id) {
			continue
		}
		if p, ok := m.in.Directory.Person(id); !ok || !p.Active {
			change, why = ChangedLeft, also(why, Text{ZH: m.name(id).In("zh") + " 已离职", EN: m.name(id).In("en") + " has left"})
			continue
		}
		if m.away(id) && change != ChangedLeft {
			change, why = ChangedAbsent, also(why, Text{ZH: m.name(id).In("zh") + " 不在", EN: m.name(id).In("en") + " is away"})
		}
	}
	return change, why
}

func also(a, b Text) Text {
	if a.Empty() {
		return b
	}
	return joinTexts([]Text{a, b})
}

func (m *machine) nowAsked(d difference) Text {
	if d.is.Passed {
		return Text{ZH: "按现在的组织架构找不到要问的人", EN: "by the organisation as it is now there is nobody to ask"}
	}
	return Text{ZH: "按现在的组织架构：" + d.is.why.In("zh"), EN: "by the organisation as it is now: " + d.is.why.In("en")}
}

// dependsAround are the fields that a step depends on, and those that the groups around it do.
func (p *Process) dependsAround(s *Step) []string {
	out := p.dependsOn(s)
	for l := s.list; l != nil && l.holder != nil; l = l.enclosing() {
		out = append(out, p.dependsOn(l.holder)...)
	}
	return out
}

// changedOf are those of some fields that have changed since the case was foreseen, with what stood in them.
func (m *machine) changedOf(fields []string) map[string]any {
	changed := map[string]any{}
	for _, name := range fields {
		now := m.record.Fields[name]
		was, had := m.in.Foreseen.Fields[name]
		if blank(now) && !had || !blank(now) && bytes.Equal(was, kept(now)) {
			continue
		}
		move := map[string]any{"from": nil, "to": now}
		if f := m.p.Type.Field(name); f != nil && had {
			if v, ok := f.restore(was); ok && !long(was) {
				move["from"] = v
			}
		}
		changed[name] = move
	}
	return changed
}

func (m *machine) fieldsChanged(changed map[string]any) Text {
	var zh, en []string
	for _, name := range sortedKeys(changed) {
		label := m.titleOf(name)
		zh, en = append(zh, "“"+label.In("zh")+"”"), append(en, "“"+label.In("en")+"”")
	}
	return Text{ZH: joined(zh, "、") + "已修改", EN: joined(en, ", ") + map[bool]string{true: " has", false: " have"}[len(en) == 1] + " changed"}
}

// actedOtherwise says whether whom a step asks follows from who acted before, and that wasn't foreseen: somebody of several, or who was given the task.
func (m *machine) actedOtherwise(s *Step, item string) bool {
	if s.Who == nil {
		return false
	}
	for _, id := range s.actorsOf() {
		if step := m.p.Step(id); step != nil && m.otherActors(id, m.decidersOf(step, sharedItem(step, s, item))) {
			return true
		}
	}
	if s.Who.SameAgain == "" || s.Who.SameAgain == SameAsk {
		return false
	}
	return slices.ContainsFunc(m.st.Agreed, func(a Approval) bool { return m.otherActors(a.Step, []string{a.By}) })
}

// actorsOf are the steps on whose actors depends whom a step asks.
func (s *Step) actorsOf() []string {
	out := slices.Clone(s.Who.NotSameAs)
	for _, by := range s.Who.Seats {
		if by.Kind == ByActorOf {
			out = append(out, by.Of)
		}
	}
	return out
}

// otherActors says whether others have acted at a step than those who were foreseen, or one of several.
func (m *machine) otherActors(step string, actors []string) bool {
	for _, row := range m.in.Foreseen.Steps {
		if row.Step != step {
			continue
		}
		for _, w := range row.Ways {
			other := func(id string) bool { return !slices.Contains(w.Who, id) }
			if len(w.Who) > 1 || !w.Unknown && !row.Differs && slices.ContainsFunc(actors, other) {
				return true
			}
		}
	}
	return false
}
