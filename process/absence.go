package process

import (
	"slices"
	"time"
)

// substitute follows who stands in for somebody today, in cases of this process. Away is false when they are there themselves; nobody ("")
// stands in where a chain of substitutes ends in nobody, in somebody who has left, or in a circle.
func (m *machine) substitute(id string) (standIn string, away bool) {
	if m.in.Absences == nil {
		return id, false
	}
	day := m.at.In(m.zone()).Format(time.DateOnly)
	seen := map[string]bool{}
	for who := id; ; {
		next, gone := m.in.Absences.StandIn(who, m.p.ID, day)
		if !gone {
			return who, who != id
		}
		seen[who] = true
		if seen[next] || !(people{m.in.Directory}).active(next) {
			return "", true
		}
		who = next
	}
}

func (m *machine) away(id string) bool {
	_, away := m.substitute(id)
	return away
}

// standIn lets substitutes take the place of those who are away today: of one person, or beside the other members of a set.
func (m *machine) standIn(f found) found {
	if f.person == "" {
		return m.standInSet(f)
	}
	to, away := m.substitute(f.person)
	if !away {
		return f
	}
	name := m.name(f.person)
	if to == "" {
		return found{why: Text{ZH: f.why.In("zh") + "；" + name.In("zh") + " 不在，也没有人代理", EN: f.why.In("en") + "; " + name.In("en") + " is away and nobody stands in"}}
	}
	f.person, f.absent = to, f.person
	f.why = Text{ZH: f.why.In("zh") + "；代 " + name.In("zh") + " 办理", EN: f.why.In("en") + "; stands in for " + name.In("en")}
	return f
}

// standInSet adds the substitutes of absent members to a set, and says so. The absent may still act: they only don't count as somebody who is there.
func (m *machine) standInSet(f found) found {
	members := m.who(f)
	var more []string
	for _, id := range members {
		if to, away := m.substitute(id); away && to != "" && !contains(members, to) {
			more = append(more, to)
			name, absent := m.name(to), m.name(id)
			f.why.ZH += "；" + name.In("zh") + " 代 " + absent.In("zh") + " 办理"
			f.why.EN += "; " + name.In("en") + " stands in for " + absent.In("en")
		}
	}
	slices.Sort(more)
	f.candidates = slices.Clip(f.candidates)
	for _, id := range slices.Compact(more) {
		f.candidates = append(f.candidates, User(id))
	}
	return f
}

// dutiful lets substitutes stand in, but for nobody whom separation of duties keeps from the seat: they can't send another in their place.
func (m *machine) dutiful(f found, excluded []string) found {
	if f.person != "" && contains(excluded, f.person) {
		name := m.name(f.person)
		return found{why: Text{ZH: f.why.In("zh") + "；" + name.In("zh") + " 须回避", EN: f.why.In("en") + "; " + name.In("en") + " did an earlier step and is kept out"}}
	}
	return m.standIn(f)
}

// actsFor is the person for whom the event's person answers: a seat's holder, whom the holder stands in for, or an absent member of a set; "" when it is
// for themselves.
func (m *machine) actsFor(seat *Seat, holder string) string {
	by := m.ev.By
	switch {
	case holder == by || holder == "" && seat.Assignee == by && seat.For != "":
		return seat.For
	case holder != "":
		return holder
	}
	return m.absentOf(seat.Candidates, by)
}

// absentOf is the absent member of a set for whom somebody stands in who isn't a member; "" for a member.
func (m *machine) absentOf(candidates []Principal, standIn string) string {
	if !slices.Contains(candidates, User(standIn)) {
		return ""
	}
	for _, id := range m.who(found{candidates: candidates}) {
		if to, away := m.substitute(id); away && to == standIn {
			return id
		}
	}
	return ""
}
