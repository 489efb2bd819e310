package process

import (
	"slices"
	"strings"
)

// transfer gives somebody's task to somebody else for good (转交). The due moment stands. One of several who may fill a seat acts for it by handing it on;
// what must be claimed must be claimed first. Who was added may hand on once; after that only an administrator may.
func (m *machine) transfer() *Refusal {
	o, seat, refusal := m.actedOn()
	if refusal == nil {
		refusal = m.mayTransfer(o, seat)
	}
	if refusal != nil {
		return refusal
	}
	s := m.p.Step(o.Step)
	name, instead := m.name(m.ev.By), m.actsFor(seat, seat.Assignee)
	if seat.Assignee == "" && contains(m.holders(seat), m.ev.By) {
		seat.wasWith(m.ev.By)
	}
	m.give(seat, m.ev.To, Text{ZH: name.In("zh") + " 转交", EN: "handed over by " + name.In("en")})
	if seat.Added != nil && !m.ev.Admin {
		added := *seat.Added
		added.Moved = true
		seat.Added = &added
	}
	m.tell([]string{seat.Assignee}, Tell{About: "transferred", Task: seat.Task, Step: s.ID, Text: prefix(Text{ZH: name.In("zh") + " 转交给您：", EN: name.In("en") + " has handed over to you: "}, s.Title)})
	return m.changed(o, seat, Entry{Event: "transferred", By: m.ev.By, For: instead, Reason: m.ev.Comment, Data: handedTo(seat)})
}

// handedTo says in the timeline who has a task now.
func handedTo(seat *Seat) map[string]any {
	data := openedData(seat)
	data["to"] = seat.Assignee
	return data
}

// mayTransfer says whether the event's person may hand over a task, and to whom they want to.
func (m *machine) mayTransfer(o *Open, seat *Seat) *Refusal {
	if refusal := m.mayHandOver(o, seat); refusal != nil {
		return refusal
	}
	if m.ev.To != "" && m.ev.To == seat.Assignee || seat.Assignee == "" && m.ev.To == m.ev.By {
		return toRefused("任务本来就由“"+m.name(m.ev.To).In("zh")+"”办理", m.name(m.ev.To).In("en")+" has the task already")
	}
	return m.mayReceive(o, seat)
}

// mayHandOver says whether the event's person may hand over a task at all.
func (m *machine) mayHandOver(o *Open, seat *Seat) *Refusal {
	if may := m.p.Step(o.Step).Form.May; may != nil && !slices.Contains(may, "transfer") {
		return Refuse(CodeForbidden, "此步骤不能转交", "this step can't be handed over")
	}
	if refusal := m.mayAct(seat); refusal != nil {
		return refusal
	}
	switch {
	case seat.Claim && seat.Assignee == "":
		return Refuse(CodeNotYourTask, "请先领取任务，再转交", "claim the task first, then hand it over")
	case strings.TrimSpace(m.ev.Comment) == "":
		return Refuse(CodeCommentRequired, "请填写转交的原因", "give a reason for handing it over")
	case seat.Added != nil && seat.Added.Moved && !m.ev.Admin:
		return Refuse(CodeForbidden, "加签的任务只能转交一次：请表态，或请管理员指派", "an added approver's task is handed on only once: answer it, or ask an administrator to assign it")
	}
	return nil
}

// mayReceive says whether a task may be given to the person whom the event names, or to whoever stands in for them.
func (m *machine) mayReceive(o *Open, seat *Seat) *Refusal {
	if m.ev.To == "" {
		return unnamed()
	}
	if !(people{m.in.Directory}).active(m.ev.To) {
		return toRefused("找不到在职人员“"+m.ev.To+"”", "there is no active person "+m.ev.To)
	}
	f := m.standIn(found{person: m.ev.To})
	name := m.name(m.ev.To)
	switch {
	case f.person == "":
		return toRefused(name.In("zh")+" 不在，也没有人代理", name.In("en")+" is away and nobody stands in")
	case contains(seat.Excluded, m.ev.To) || contains(seat.Excluded, f.person):
		return toRefused("职责分离：该人员是发起人，或办理过前面的步骤，不能办理此步骤", "separation of duties: this person started the case or did an earlier step, so this one must not be theirs")
	case f.absent != "" && f.person == seat.Assignee:
		return toRefused(name.In("zh")+" 不在，任务已由代理人办理", name.In("en")+" is away, and who stands in has the task already")
	case m.hasSeat(o, seat, f.person):
		return toRefused(m.name(f.person).In("zh")+" 已经在此步骤中", m.name(f.person).In("en")+" is asked at this step already")
	}
	return nil
}

// unnamed refuses to give a task to nobody.
func unnamed() *Refusal {
	return fieldsRefused(CodeFieldRequired, []FieldError{{Field: "to", Message: Text{ZH: "请选择交给谁", EN: "say who is to have the task"}}})
}

func toRefused(zh, en string) *Refusal {
	return fieldsRefused(CodeFieldInvalid, []FieldError{{Field: "to", Message: Text{ZH: zh, EN: en}}})
}

// hasSeat says whether somebody has, or had, another seat of an open step, or counts in its vote without one: one person is one seat.
func (m *machine) hasSeat(o *Open, seat *Seat, who string) bool {
	for _, seats := range [][]Seat{o.Seats, o.Turn} {
		for i := range seats {
			other := &seats[i]
			if other != seat && other.Outside.same(seat.Outside) && other.isTheirs(who) {
				return true
			}
		}
	}
	return o.counted(who)
}

// isTheirs says whether a seat is somebody's, or they have answered at it.
func (s *Seat) isTheirs(who string) bool {
	return s.Assignee == who || s.Vote != nil && s.Vote.By == who
}

// counted says whether somebody counts in a vote without a seat.
func (o *Open) counted(who string) bool {
	return slices.ContainsFunc(o.Counted, func(h Counted) bool { return h.By == who })
}
