package process

import (
	"slices"
	"time"
)

// RevocationStep is the id of the step at which a revoking case asks whether another one is revoked.
const RevocationStep = "revoke"

// Revokes is what a revoking case remembers of the one that it is to revoke.
type Revokes struct {
	Case      string `json:"case"`
	Number    string `json:"number"`
	Initiator string `json:"initiator"`        // who started it: whom `initiator` means in `approved_by`
	Reason    string `json:"reason,omitempty"` // of whoever asks
}

var revocationTitle = Text{ZH: "是否同意撤销", EN: "Agree to revoking it"}

// Revocation is the chain of the case that revokes one of this chain: one approval by whom `approved_by` names, of whom the first answer decides, or, where
// nobody must agree, its end. It follows from the chain alone, so that a revoking case is pinned by the digest of the case that it revokes. Nil: the chain
// has no `revoke`.
func (p *Process) Revocation() *Process { return p.revocation }

// revoking makes it.
func (p *Process) revoking() *Process {
	if p.Revoke == nil || p.Type == nil {
		return nil
	}
	at := p.Revoke.At
	s := &Step{ID: RevocationStep, Title: revocationTitle, At: at, Kind: "end", Do: End{Outcome: Approved}}
	if len(p.Revoke.ApprovedBy) > 0 {
		s.Kind, s.Do = "approve", Approve{}
		s.Who = &Who{Seats: p.Revoke.ApprovedBy, Mode: ModeFirst, IfNone: Nobody{Do: "hold"}, IfInitiator: Nobody{Do: "ask"}}
		s.Form.CommentRequired = []string{Rejected}
		s.Ways = map[string]*Way{Approved: {At: at}, Rejected: {End: Rejected, At: at}, Returned: nil}
	}
	r := &Process{
		ID: p.ID, Title: prefix(Text{ZH: "撤销：", EN: "Revoking: "}, p.Title), Record: p.Record, Number: p.Number, Subject: p.Subject, Summary: p.Summary,
		Calendar: p.Calendar, Steps: &List{Path: "steps", Steps: []*Step{s}}, Type: p.Type, Types: p.Types, Tables: p.Tables, Source: p.Source, Digest: p.Digest,
		format: p.format, byID: map[string]*Step{s.ID: s}, asked: map[string]bool{}, outputs: p.outputs,
	}
	s.list = r.Steps
	r.know()
	return r
}

// NewRevocation is the state of a case that revokes another one, before its start event. What `approved_by` may ask about – who decided a step, what was
// decided, how the record was – it knows of that one.
func NewRevocation(caseID, by string, of State, number, reason string) State {
	st := NewState(caseID, by)
	st.Actors, st.Outcomes, st.Before, st.Decided = of.Actors, of.Outcomes, of.Before, of.Decided
	st.Revokes = &Revokes{Case: of.Case, Number: number, Initiator: of.Initiator, Reason: reason}
	return st
}

// starter is whom the chain means by `initiator`: who started the case; in one that revokes another, who started that.
func (m *machine) starter() string {
	if m.st.Revokes != nil {
		return m.st.Revokes.Initiator
	}
	return m.st.Initiator
}

// about says which case somebody is told about: not the approved one, but the one that was to revoke it.
func (r Revokes) about(t Text) Text {
	return prefix(Text{ZH: "对 " + r.Number + " 的撤销", EN: "the revoking of " + r.Number + " "}, t)
}

// MayRevoke says whether somebody may ask now for a case to be revoked that ended at a moment: nil, or why not. In is the case as it stands.
func MayRevoke(in Input, by string, now, ended time.Time) *Refusal {
	rule := in.Process.Revoke
	if rule == nil {
		return Refuse(CodeForbidden, "此流程通过以后不能撤销：定义里没有 `revoke`", "a case of this chain can't be revoked: its definition has no `revoke`")
	}
	m := newMachine(in, Event{By: by, At: now})
	m.at = m.ev.At
	if !slices.Contains(m.named(rule.By), by) {
		return Refuse(CodeForbidden, "您不能撤销该事项", "you are not one of those who may revoke this case")
	}
	switch {
	case in.State.Status != Ended:
		return Refuse(CodeAlreadyOpen, "该事项还在进行，无需撤销：请由发起人撤回", "this case still runs: who started it may withdraw it instead")
	case in.State.Outcome == Revoked:
		return Refuse(CodeCaseEnded, "该事项已经撤销", "this case was revoked already")
	case in.State.Outcome != Approved:
		return Refuse(CodeCaseEnded, "该事项没有以“同意”结束，无可撤销", "this case didn't end as approved: there is nothing to revoke")
	case rule.Within == nil:
		return nil
	}
	if until := m.caseCalendar().Due(ended, *rule.Within).Due; now.After(until) {
		when := until.Format("2006-01-02 15:04")
		return Refuse(CodeForbidden, "已超过可以撤销的期限（结束后 "+rule.Within.Say("zh")+"，到 "+when+" 为止）",
			"the time for revoking is over: it was "+rule.Within.Say("en")+" from the end, until "+when)
	}
	return nil
}

// caseCalendar is the calendar that the time of the case as a whole is counted by; a company without one is always at work.
func (m *machine) caseCalendar() *Calendar {
	for _, name := range []string{m.p.Calendar, ""} {
		if c, ok := m.in.Calendars.Calendar(name); ok {
			return c
		}
	}
	return alwaysOpen
}

// Revokers are the people who must agree before a case is revoked, as far as they can be named now; none: nobody must. In is the case as it stands.
func Revokers(in Input, now time.Time) []string {
	if in.Process.Revoke == nil {
		return nil
	}
	m := newMachine(in, Event{At: now})
	m.at = m.ev.At
	return m.named(in.Process.Revoke.ApprovedBy)
}

// named are the active people whom entries name for the case as a whole.
func (m *machine) named(list []By) []string {
	ids, _ := m.recipients(0, nil, list, nil)
	return slices.DeleteFunc(ids, func(id string) bool { return !(people{m.in.Directory}).active(id) })
}
