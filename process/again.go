package process

import "slices"

// maxApprovals bounds what a case remembers of who agreed; the oldest are forgotten, and their people asked again.
const maxApprovals = 100

// again says whether a seat needn't be asked because its person has agreed before, or will be asked later, and why. A set of people counts only
// while one of them alone can fill the seat.
func (m *machine) again(at place, s *Step, f found, excluded []string) (why Text, skip bool) {
	rule := s.Who.SameAgain
	if rule == "" || rule == SameAsk {
		return Text{}, false
	}
	able := m.eligible(f, excluded)
	if len(able) != 1 {
		return Text{}, false
	}
	if rule == SameKeepLast {
		return m.askedLater(at, s, able[0])
	}
	for _, a := range m.st.Agreed {
		adjacent := keyOf(a.Step, a.Item) == m.scope(at.scope).Last
		if a.By == able[0] && (adjacent || rule == SameSkipIfApproved) && m.stillAgrees(a, s) {
			title := m.p.Step(a.Step).Title
			return Text{ZH: "已在“" + title.In("zh") + "”同意过，内容没有变", EN: "agreed at “" + title.In("en") + "” already, and nothing has changed"}, true
		}
	}
	return Text{}, false
}

// stillAgrees says whether an agreement holds for a step too: it was not undone, and nothing that either of the two steps depends on has changed since.
func (m *machine) stillAgrees(a Approval, s *Step) bool {
	from, run := m.p.Step(a.Step), m.stepRun(a.Step, a.Item)
	if from == nil || from == s || run == nil || run.Round != a.Round || run.Status != "done" && !m.votedNow(a) {
		return false
	}
	if Digest(m.record.Fields, m.p.Type.names()) == a.All {
		return true
	}
	known := m.p.DigestFields(from)
	for _, field := range m.p.DigestFields(s) {
		if !contains(known, field) {
			return false
		}
	}
	return Digest(m.record.Fields, known) == a.Seen
}

// votedNow says whether an agreement stands in a round that is still open.
func (m *machine) votedNow(a Approval) bool {
	return slices.ContainsFunc(m.st.Open, func(o Open) bool {
		return o.Step == a.Step && o.Item == a.Item && contains(votersOf(&o), a.By)
	})
}

// keepApproval remembers who agreed to what, where some step asks about the same person again. Another answer of the same person takes it back.
func (m *machine) keepApproval(o *Open, s *Step, who, outcome string) {
	if !m.p.asksAgain() {
		return
	}
	m.st.Agreed = slices.DeleteFunc(m.st.Agreed, func(a Approval) bool {
		return a.Step == s.ID && a.Item == o.Item && (a.By == who || a.Round != o.Round)
	})
	if outcome != Approved {
		return
	}
	m.st.Agreed = append(m.st.Agreed, Approval{
		Step: s.ID, Item: o.Item, Round: o.Round, By: who,
		Seen: m.p.Seen(s, o.Item, m.record.Fields), All: Digest(m.record.Fields, m.p.Type.names()),
	})
	if over := len(m.st.Agreed) - maxApprovals; over > 0 {
		m.st.Agreed = m.st.Agreed[over:]
	}
}

// asksAgain says whether some step skips people who have agreed already.
func (p *Process) asksAgain() bool {
	if p.known != nil {
		return p.known.again
	}
	return slices.ContainsFunc(p.all(), func(s *Step) bool {
		return s.Who != nil && (s.Who.SameAgain == SameSkipIfApproved || s.Who.SameAgain == SameSkipIfAdjacent)
	})
}

// askedLater says whether the chain is sure to ask somebody for approval again. What can't be known yet counts as no.
func (m *machine) askedLater(at place, s *Step, who string) (why Text, sure bool) {
	for _, later := range sureAfter(s) {
		if _, approval := later.Do.(Approve); approval && m.sureToAsk(at, later, who) {
			return Text{ZH: "之后还要在“" + later.Title.In("zh") + "”审批，只在最后一次问", EN: "is asked at “" + later.Title.In("en") + "” later, and only there"}, true
		}
	}
	return Text{}, false
}

// sureToAsk says whether a later step asks somebody, as things stand, whatever happens until then.
func (m *machine) sureToAsk(at place, s *Step, who string) bool {
	if len(s.Who.NotSameAs) > 0 || who == m.st.Initiator && s.Who.IfInitiator.Do != "ask" {
		return false
	}
	for _, by := range s.Who.Seats {
		if by.If != nil || !m.p.foreseen(by) {
			continue
		}
		for _, f := range m.expand(by, at) {
			if slices.Equal(m.eligible(m.standIn(f), nil), []string{who}) {
				return true
			}
		}
	}
	return false
}

// foreseen says whether who a form names can be told before its step opens.
func (p *Process) foreseen(by By) bool {
	if by.For != nil || by.Column != nil {
		return false
	}
	switch by.Kind {
	case ByPickedBy, ByOutside, ByCel, ByActorOf, ByHolder, ByAssignee:
		return false
	case ByField, ByManagerOf, ByManagersOf:
		return !p.changes(by.Of)
	}
	return true
}

// changes says whether the chain itself may change a field of its record.
func (p *Process) changes(field string) bool {
	assigned := func(list []Assign) bool {
		return slices.ContainsFunc(list, func(a Assign) bool { return a.Along == nil && a.Field == field })
	}
	return slices.ContainsFunc(p.all(), func(s *Step) bool {
		if set, ok := s.Do.(Set); ok && assigned(set.Fields) {
			return true
		}
		return slices.ContainsFunc(s.Form.Edit, func(e Edit) bool { return e.Field == field }) ||
			slices.ContainsFunc(s.ways(), func(w outcomeWay) bool { return assigned(w.way.Set) })
	})
}
