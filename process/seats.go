package process

import "slices"

// found is one seat as the directory fills it now: one person, or sets of people of whom any one may act.
type found struct {
	person     string
	candidates []Principal
	why        Text
	absent     string   // person stands in for them
	held       bool     // an expression could not be evaluated: the case is held
	outside    *Outside // whom they stand in for, who has no account
}

// who is the people behind a found seat.
func (m *machine) who(f found) []string {
	if f.person != "" {
		return []string{f.person}
	}
	var ids []string
	for _, c := range f.candidates {
		if sort, id := c.Split(); sort == string(ByUser) {
			if (people{m.in.Directory}).active(id) {
				ids = append(ids, id)
			}
			continue
		}
		ids = append(ids, m.in.Directory.Members(c)...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// eligible are the people who can fill a found seat today: active, there, and not kept from it.
func (m *machine) eligible(f found, excluded []string) []string {
	return slices.DeleteFunc(slices.Clone(m.who(f)), func(id string) bool {
		return !(people{m.in.Directory}).active(id) || slices.Contains(excluded, id) || f.person == "" && m.away(id)
	})
}

// anyone says whether somebody can fill a found seat.
func (m *machine) anyone(f found, excluded []string) bool { return len(m.eligible(f, excluded)) > 0 }

// settled is what became of all the seats of a step.
type settled struct {
	seats    []Seat
	agreed   []Seat // of those who aren't asked since they have agreed before
	rejected bool   // if_none: reject
	held     bool   // the case is held, or the event is refused: the step isn't opened
}

// seatsOf finds who is asked at a step, with the rules for nobody, for the initiator and for the same person again applied.
func (m *machine) seatsOf(scope int, s *Step) settled {
	var out settled
	at := place{scope: scope}
	matched := 0
	for i, by := range s.Who.Seats {
		ok, held := m.holds(scope, s, by.If)
		if held {
			return settled{held: true}
		}
		if ok {
			matched++
			m.settleRule(at, s, i+1, &out)
		}
	}
	if matched == 0 {
		m.settle(at, s, 0, found{why: Text{ZH: "没有一个人选的条件成立", EN: "no entry of `by` applies"}}, &out)
	}
	m.mergeSets(&out)
	return out
}

// mergeSets gives the seat of a set to somebody who has a seat of their own already when nobody else can fill it: one person is one seat.
func (m *machine) mergeSets(out *settled) {
	all := out.seats
	out.seats = nil
	for _, seat := range all {
		able := m.eligible(found{candidates: seat.Candidates}, seat.Excluded)
		if seat.Assignee == "" && seat.Outside == nil && !seat.Vacant && len(able) == 1 && slices.ContainsFunc(all, func(s Seat) bool { return s.Assignee == able[0] }) {
			seat.Assignee, seat.For = able[0], m.absentOf(seat.Candidates, able[0])
			seat.Candidates, seat.Claim = nil, false
		}
		out.add(seat)
	}
}

// settleRule fills the seats of one entry of `by`, counted from 1.
func (m *machine) settleRule(at place, s *Step, rule int, out *settled) {
	by := s.Who.Seats[rule-1]
	all := m.expand(by, at)
	if by.Every {
		all = admitted(all, m.excluded(at, s))
	}
	for _, f := range all {
		m.settle(at, s, rule, f, out)
	}
}

// admitted are those of everybody in a set who can have a seat at all: whom separation of duties keeps out isn't one of them, as in a set of whom
// any one may act. Where it keeps out all of them that is one seat, and nobody's.
func admitted(all []found, excluded []string) []found {
	may := slices.DeleteFunc(slices.Clone(all), func(f found) bool { return contains(excluded, f.person) })
	if len(may) == 0 {
		return all[:1]
	}
	return may
}

// expand resolves one entry of `by` into its seats; at least one, which may be nobody's.
func (m *machine) expand(by By, at place) []found {
	all := m.find(by, at)
	if !by.Every || len(all[0].candidates) == 0 {
		return all
	}
	f := all[0]
	all = nil
	for _, id := range m.who(f) {
		all = append(all, found{person: id, why: f.why})
	}
	if len(all) == 0 {
		return []found{{why: f.why}}
	}
	return all
}

// settle gives a seat to who was found, or applies the step's rules where that is nobody, the initiator, or somebody who has agreed already.
// Separation of duties comes before all of them.
func (m *machine) settle(at place, s *Step, rule int, f found, out *settled) {
	outside := f.outside
	f, excluded, skip := m.initiatorRule(at, s, f)
	if outside.isAmong(excluded) && !f.held {
		f, outside, skip = found{why: outside.keptOut()}, nil, false
	}
	if skip {
		m.seatPassed(at, s, m.st.Initiator, Text{ZH: "办理人就是发起人", EN: "the initiator would be asked"})
		return
	}
	if !f.held && !m.anyone(f, excluded) {
		switch s.Who.IfNone.Do {
		case "skip":
			m.seatPassed(at, s, "", Text{ZH: "找不到办理人（" + f.why.In("zh") + "）", EN: "nobody was found (" + f.why.In("en") + ")"})
			return
		case "reject":
			out.rejected = true
			return
		case "to":
			f = m.standIn(m.resolve(*s.Who.IfNone.To, at))
		}
	}
	if f.held {
		out.held = true
		return
	}
	if why, again := m.again(at, s, f, excluded); again && outside == nil {
		who := m.eligible(f, excluded)[0]
		m.seatPassed(at, s, who, why)
		if s.Who.SameAgain != SameKeepLast {
			out.agreed = append(out.agreed, Seat{Assignee: who, For: f.absent})
		}
		return
	}
	seat := Seat{Assignee: f.person, Candidates: f.candidates, Excluded: excluded, Why: f.why, Claim: s.Who.Claim && f.person == "", For: f.absent}
	if !m.anyone(f, excluded) {
		seat = m.vacant(f, excluded)
	}
	seat.Rule, seat.Outside = rule, outside
	if !seat.Vacant {
		seat.Why = outside.why(seat.Why)
	}
	out.add(seat)
}

// add keeps one seat for one person; found a second time, only the reason is added. Who stands in for somebody outside has their seat beside their own.
func (out *settled) add(seat Seat) {
	for i := range out.seats {
		other := &out.seats[i]
		same := seat.Assignee != "" && other.Assignee == seat.Assignee || seat.Outside != nil
		if !same || !other.Outside.same(seat.Outside) {
			continue
		}
		if other.Why != seat.Why {
			other.Why = Text{ZH: other.Why.In("zh") + "；" + seat.Why.In("zh"), EN: other.Why.In("en") + "; " + seat.Why.In("en")}
		}
		return
	}
	out.seats = append(out.seats, seat)
}

// initiatorRule applies `if_initiator`, lets substitutes stand in, and says who is kept from the seat. Skip says that the seat needn't be filled.
//
// Where the initiator isn't to decide their own case (skip, to), they are kept from it altogether: they can't be handed the task later, and
// standing in for an absent approver isn't their own say, so that nothing is skipped because of it.
func (m *machine) initiatorRule(at place, s *Step, f found) (_ found, excluded []string, skip bool) {
	excluded = m.excluded(at, s)
	rule, initiator, outside := s.Who.IfInitiator, m.st.Initiator, f.outside
	alone := slices.Equal(m.who(f), []string{initiator}) && !contains(excluded, initiator)
	if f = m.dutiful(f, excluded); rule.Do != "skip" && rule.Do != "to" {
		return f, excluded, false
	}
	if alone && rule.Do == "skip" && outside == nil { // somebody outside is asked, whoever stands in for them
		return f, excluded, true
	}
	if rule.Do == "to" && (alone || f.person == initiator) {
		f = m.dutiful(m.resolve(*rule.To, at), excluded)
	}
	return f, append(slices.Clip(excluded), initiator), false
}

// vacant is a seat for which nobody was found: an administrator assigns somebody.
func (m *machine) vacant(f found, excluded []string) Seat {
	return Seat{
		Candidates: []Principal{Administrators}, Excluded: excluded, Vacant: true,
		Why: Text{ZH: "找不到办理人（" + f.why.In("zh") + "），请管理员指派", EN: "nobody was found (" + f.why.In("en") + "): an administrator must assign somebody"},
	}
}

// seatPassed says in the timeline that a seat of a step isn't asked, and why.
func (m *machine) seatPassed(at place, s *Step, who string, why Text) {
	m.log(Entry{Event: "decided", Step: s.ID, Item: m.item(at.scope), For: who, Outcome: "passed_over", Reason: why.EN, Data: map[string]any{"zh": why.ZH}})
}

// place is where a person is looked for: the scope, whose item `$x` is, and the seat that `holder` and `assignee` mean; nil at opening.
type place struct {
	scope int
	seat  *Seat
}

// resolve finds who one entry names, as one person or one set of people; substitutes don't come into it.
func (m *machine) resolve(by By, at place) found { return m.find(by, at)[0] }

// recipients are the people a message goes to; ok is false when the case is held instead.
func (m *machine) recipients(scope int, s *Step, to []By, seat *Seat) (ids []string, ok bool) {
	if seat != nil {
		s = nil // its step is open already: it isn't entered again when the case goes on
	}
	for _, by := range to {
		yes, held := m.holds(scope, s, by.If)
		if held {
			return nil, false
		}
		if !yes {
			continue
		}
		for _, f := range m.find(by, place{scope, seat}) {
			if f.held {
				return nil, false
			}
			ids = append(ids, m.who(f)...)
		}
		if seat != nil && (by.Kind == ByHolder || by.Kind == ByAssignee) {
			ids = append(ids, seat.Outside.reached()...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), true
}
