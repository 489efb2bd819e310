package process

import (
	"slices"
	"strings"
)

// found is one seat as the directory fills it now: one person, or sets of people of whom any one may act.
type found struct {
	person     string
	candidates []Principal
	why        Text
}

// who is the people behind a found seat.
func (m *machine) who(f found) []string {
	if f.person != "" {
		return []string{f.person}
	}
	var ids []string
	for _, c := range f.candidates {
		ids = append(ids, m.in.Directory.Members(c)...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// settled is what became of all the seats of a step.
type settled struct {
	seats    []Seat
	rejected bool // if_none: reject
	held     bool // a condition could not be evaluated: the case is held
}

// seatsOf finds who is asked at a step, with the rules for nobody and for the initiator applied.
func (m *machine) seatsOf(scope int, s *Step) settled {
	var out settled
	at := place{scope: scope}
	matched := 0
	for _, by := range s.Who.Seats {
		ok, held := m.holds(scope, s, by.If)
		if held {
			return settled{held: true}
		}
		if !ok {
			continue
		}
		matched++
		for _, f := range m.expand(by, at) {
			m.settle(at, s, f, &out)
		}
	}
	if matched == 0 {
		m.settle(at, s, found{}, &out)
	}
	return out
}

// expand resolves one entry of `by`; at least one result, which may be nobody.
func (m *machine) expand(by By, at place) []found {
	f := m.resolve(by, at)
	if !by.Every || len(f.candidates) == 0 {
		return []found{f}
	}
	var all []found
	for _, id := range m.who(f) {
		all = append(all, found{person: id, why: f.why})
	}
	if len(all) == 0 {
		return []found{{why: f.why}}
	}
	return all
}

// settle gives a seat to who was found, or applies the step's rules where that is nobody or the initiator.
func (m *machine) settle(at place, s *Step, f found, out *settled) {
	excluded := m.excluded(at, s)
	rule := s.Who.IfInitiator
	if rule.Do == "skip" || rule.Do == "to" {
		people := m.who(f)
		switch {
		case slices.Equal(people, []string{m.st.Initiator}) && rule.Do == "skip":
			return
		case slices.Equal(people, []string{m.st.Initiator}):
			f = m.resolve(*rule.To, at)
		case slices.Contains(people, m.st.Initiator):
			excluded = append(excluded, m.st.Initiator)
		}
	}
	if !m.anyone(f, excluded) {
		switch s.Who.IfNone.Do {
		case "skip":
			return
		case "reject":
			out.rejected = true
			return
		case "to":
			f = m.resolve(*s.Who.IfNone.To, at)
		}
	}
	seat := Seat{Assignee: f.person, Candidates: f.candidates, Excluded: excluded, Why: f.why, Claim: s.Who.Claim && f.person == ""}
	if !m.anyone(f, excluded) {
		seat = m.vacant(f, excluded)
	}
	for _, other := range out.seats {
		if seat.Assignee != "" && other.Assignee == seat.Assignee {
			return // one person is one seat
		}
	}
	out.seats = append(out.seats, seat)
}

// vacant is a seat for which nobody was found: an administrator assigns somebody.
func (m *machine) vacant(f found, excluded []string) Seat {
	return Seat{
		Candidates: []Principal{Administrators}, Excluded: excluded, Vacant: true,
		Why: Text{ZH: "找不到办理人（" + f.why.In("zh") + "），请管理员指派", EN: "nobody was found (" + f.why.In("en") + "): an administrator must assign somebody"},
	}
}

// anyone says whether somebody active may fill a found seat.
func (m *machine) anyone(f found, excluded []string) bool {
	return slices.ContainsFunc(m.who(f), func(id string) bool {
		return people{m.in.Directory}.active(id) && !slices.Contains(excluded, id)
	})
}

// excluded are the people whom separation of duties keeps from a step: who decided the steps it must not share a person with.
// Inside an item it is who did them for this item; outside of it, who did them for any.
func (m *machine) excluded(at place, s *Step) []string {
	var ids []string
	for _, step := range s.Who.NotSameAs {
		ids = append(ids, m.actorsOf(step, m.item(at.scope))...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// actorsOf are the people who decided a step: for the item it is asked from inside of, else for any.
func (m *machine) actorsOf(step, item string) []string {
	if item != "" {
		if id := m.st.Actors[keyOf(step, item)]; id != "" {
			return []string{id}
		}
	}
	var ids []string
	for key, id := range m.st.Actors {
		if of, _, _ := strings.Cut(key, "@"); of == step {
			ids = append(ids, id)
		}
	}
	return ids
}

// place is where a person is looked for: the scope, whose item `$x` is, and the seat that `holder` and `assignee` mean; nil at opening.
type place struct {
	scope int
	seat  *Seat
}

// forms are the forms of `by`: each finds who it names now and says why. In `of` the names of items are replaced already.
var forms map[ByKind]func(m *machine, by By, of string, at place) found

func init() {
	forms = map[ByKind]func(*machine, By, string, place) found{
		ByInitiator: func(m *machine, _ By, _ string, _ place) found {
			return one(m.st.Initiator, "发起人", "the initiator")
		},
		ByHolder:     func(m *machine, _ By, _ string, at place) found { return m.holder(at.seat) },
		ByAssignee:   func(m *machine, _ By, _ string, at place) found { return m.holder(at.seat) },
		ByManagerOf:  (*machine).byManager,
		ByHeadOf:     (*machine).byHead,
		ByRole:       func(_ *machine, _ By, of string, _ place) found { return set("role", of, "角色", "role") },
		ByDepartment: func(_ *machine, _ By, of string, _ place) found { return set("department", of, "部门", "department") },
		ByGroup:      func(_ *machine, _ By, of string, _ place) found { return set("group", of, "用户组", "group") },
		ByPosition:   func(_ *machine, _ By, of string, _ place) found { return set("position", of, "职位", "position") },
		ByUser: func(_ *machine, _ By, of string, _ place) found {
			return one(of, "由流程指定", "named by the chain")
		},
		ByField: (*machine).byField,
		ByActorOf: func(m *machine, _ By, of string, at place) found {
			return one(ofItem(m.st.Actors, of, m.item(at.scope)), "步骤 "+of+" 的办理人", "who did the step "+of)
		},
	}
}

func (m *machine) resolve(by By, at place) found {
	of := by.Of
	if name, ok := strings.CutPrefix(of, "$"); ok {
		of = m.itemText(at.scope, name)
	}
	f := forms[by.Kind](m, by, of, at)
	if f.person != "" && !(people{m.in.Directory}).active(f.person) {
		f.person = ""
	}
	return f
}

func one(id, zh, en string) found { return found{person: id, why: Text{ZH: zh, EN: en}} }

func set(sort, id, zh, en string) found {
	return found{candidates: []Principal{Principal(sort + ":" + id)}, why: Text{ZH: zh + " " + id, EN: en + " " + id}}
}

// holder is who has a seat's task now.
func (m *machine) holder(seat *Seat) found {
	f := found{why: Text{ZH: "当前办理人", EN: "who has the task"}}
	if seat != nil {
		f.person, f.candidates = seat.Assignee, seat.Candidates
		if f.person != "" {
			f.candidates = nil
		}
	}
	return f
}

func (m *machine) byHead(_ By, of string, _ place) found {
	d := people{m.in.Directory}
	return one(d.nearestActive(d.headAbove(of, "")), "部门 "+of+" 的负责人", "the head of "+of)
}

func (m *machine) byField(_ By, of string, _ place) found {
	id, _ := m.record.Fields[of].(string)
	return one(id, "记录的"+of, "the record's "+of)
}

// byManager finds who stands above the initiator, the holder, or the person in a field.
func (m *machine) byManager(_ By, of string, at place) found {
	d := people{m.in.Directory}
	why := Text{ZH: of + " 的上级", EN: "the manager of " + of}
	switch of {
	case "initiator":
		return found{person: d.managerOf(m.st.Initiator), why: Text{ZH: "发起人的上级", EN: "the manager of the initiator"}}
	case "assignee", "holder":
		holder := m.holder(at.seat)
		if holder.person == "" {
			return found{person: d.aboveUnclaimed(holder.candidates), why: why}
		}
		return found{person: d.managerOf(holder.person), why: why}
	}
	id, _ := m.record.Fields[of].(string)
	if id == "" {
		return found{why: why}
	}
	return found{person: d.managerOf(id), why: why}
}

// recipients are the people a message goes to; ok is false when the case is held instead.
func (m *machine) recipients(scope int, s *Step, to []By, seat *Seat) (ids []string, ok bool) {
	for _, by := range to {
		yes, held := m.holds(scope, s, by.If)
		if held {
			return nil, false
		}
		if yes {
			ids = append(ids, m.who(m.resolve(by, place{scope, seat}))...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), true
}
