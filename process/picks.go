package process

import (
	"fmt"
	"slices"
)

// Whose pick a `picked_by` means.
const (
	pickInitiator = "initiator"
	pickPrevious  = "previous"
)

// pickRule is the entry of `by` whose people are picked; nil when the step has none.
func (s *Step) pickRule() *By {
	if s.Who == nil {
		return nil
	}
	for i := range s.Who.Seats {
		if s.Who.Seats[i].Kind == ByPickedBy {
			return &s.Who.Seats[i]
		}
	}
	return nil
}

// initiatorPicks says for which step each act of the initiator picks, as the chain is written: starting the case (and submitting it again) for the first
// step that the initiator picks people for, completing a step that asks the initiator alone for the next such step behind it. A step that the
// initiator has no act left to pick for is given in late.
func (p *Process) initiatorPicks() (byAct map[string]*Step, late []*Step) {
	byAct = map[string]*Step{}
	act := ""
	for _, s := range p.all() {
		if by := s.pickRule(); by != nil && by.Of == pickInitiator {
			if byAct[act] != nil {
				late = append(late, s)
			} else {
				byAct[act] = s
			}
		}
		if s.Who != nil && s.ID != ResubmitStep && len(s.Who.Seats) == 1 && s.Who.Seats[0].Kind == ByInitiator {
			act = s.ID
		}
	}
	return byAct, late
}

// picksFor is the step that an act at s lets pick people for, when the case goes a way from there: the next one that asks people, if they are picked by whoever comes
// before it, else the one whose people the initiator picks there. A nil step is the start of the case; the result is nil when there is nothing to pick.
func (p *Process) picksFor(s *Step, w *Way) *Step {
	if p.known != nil && !p.known.picks {
		return nil
	}
	for _, next := range p.askedNext(s, w) {
		if by := next.pickRule(); by != nil && by.Of == pickPrevious {
			return next
		}
	}
	act := ""
	if s != nil && s.ID != ResubmitStep {
		act = s.ID
		if len(s.Who.Seats) != 1 || s.Who.Seats[0].Kind != ByInitiator {
			return nil
		}
	}
	byAct, _ := p.initiatorPicks()
	return byAct[act]
}

// pick keeps the people whom the event picks. Picks of the initiator must be there when the step is sure to come; those of whoever comes before a step
// when the step opens (see [machine.byPick]).
func (m *machine) pick(scope int, s *Step, w *Way) *Refusal {
	target := m.p.picksFor(s, w)
	switch {
	case target == nil && len(m.ev.Picks) == 0:
		return nil
	case target == nil:
		return picksRefused(CodeFieldInvalid, "这里不需要选人", "nobody is to be picked here")
	}
	item := ""
	if s != nil {
		item = sharedItem(target, s, m.item(scope))
	}
	key, by := keyOf(target.ID, item), target.pickRule()
	if len(m.ev.Picks) == 0 {
		if by.Of == pickInitiator && m.ev.By != "" && m.st.Picks[key] == nil && sureToOpen(target) {
			return m.pickMissing(target)
		}
		return nil
	}
	picks, refusal := m.picked(place{scope: scope}, target, by)
	if refusal != nil {
		return refusal
	}
	if m.st.Picks == nil {
		m.st.Picks = map[string][]string{}
	}
	m.st.Picks[key] = picks
	return nil
}

// picked are the event's picks, each person once, in the order given; refused when they are too few, too many, or people who can't be asked.
func (m *machine) picked(at place, target *Step, by *By) ([]string, *Refusal) {
	var picks []string
	for _, id := range m.ev.Picks {
		if !contains(picks, id) {
			picks = append(picks, id)
		}
	}
	switch {
	case len(picks) < by.Min:
		return nil, picksRefused(CodeFieldInvalid, fmt.Sprintf("至少要选 %d 人", by.Min), fmt.Sprintf("pick at least %d", by.Min))
	case len(picks) > by.Max:
		return nil, picksRefused(CodeFieldInvalid, fmt.Sprintf("最多选 %d 人", by.Max), fmt.Sprintf("pick at most %d", by.Max))
	}
	var allowed []string
	for _, from := range by.From {
		for _, f := range m.find(from, at) {
			allowed = append(allowed, m.who(f)...)
		}
	}
	excluded := m.excluded(at, target)
	for _, id := range picks {
		name := m.name(id)
		switch {
		case !(people{m.in.Directory}).active(id):
			return nil, picksRefused(CodeFieldInvalid, "找不到在职人员“"+id+"”", "there is no active person "+id)
		case by.From != nil && !contains(allowed, id):
			return nil, picksRefused(CodeFieldInvalid, "不能选 "+name.In("zh")+"：不在可选范围内", name.In("en")+" can't be picked here")
		case contains(excluded, id):
			return nil, picksRefused(CodeFieldInvalid, "职责分离：不能选 "+name.In("zh")+"，他办理过前面的步骤", "separation of duties: "+name.In("en")+" did an earlier step and can't be picked")
		}
	}
	return picks, nil
}

func picksRefused(code Code, zh, en string) *Refusal {
	return fieldsRefused(code, []FieldError{{Field: "picks", Message: Text{ZH: zh, EN: en}}})
}

func (m *machine) pickMissing(target *Step) *Refusal {
	return picksRefused(CodeFieldRequired, "请选择谁办理“"+target.Title.In("zh")+"”", "pick who does “"+target.Title.In("en")+"”")
}

// byPick finds whom somebody picked for the step that opens, a seat each. When the person whose act opens the step should have picked, the act is
// refused; in any other case nobody was found.
func (m *machine) byPick(by By, _ string, at place) []found {
	s := m.p.Step(m.scope(at.scope).At)
	why := Text{ZH: "由上一步办理人选定", EN: "picked by whoever did the step before"}
	if by.Of == pickInitiator {
		why = Text{ZH: "由发起人 " + m.name(m.st.Initiator).In("zh") + " 选定", EN: "picked by the initiator " + m.name(m.st.Initiator).In("en")}
	}
	ids, item := m.st.Picks[s.ID], m.item(at.scope)
	for ; item != "" && ids == nil; item = outerItem(item) {
		ids = m.st.Picks[keyOf(s.ID, item)]
	}
	acts := []EventKind{EventStart, EventApprove, EventComplete}
	if len(ids) == 0 && by.Of == pickPrevious && m.ev.By != "" && slices.Contains(acts, m.ev.Kind) {
		m.refused = m.pickMissing(s)
		return []found{{held: true}}
	}
	return m.seatEach(ids, why)
}

// sureToOpen says whether a step is reached by every case that runs to its end.
func sureToOpen(s *Step) bool {
	if s.If != nil || s.Aside || s.pickRule().If != nil {
		return false
	}
	for l := s.list; l.holder != nil; l = l.enclosing() {
		g, ok := l.holder.Do.(group)
		if !ok || !l.inGroup() || !unbranched(g) || l.holder.If != nil || l.holder.Aside {
			return false
		}
	}
	return true
}
