package process

import (
	"slices"
	"strings"
)

// Outcomes of a case that was called off.
const (
	Withdrawn = "withdrawn"
	Cancelled = "cancelled"
	Revoked   = "revoked"
)

// withdraw lets the initiator take the case back while it runs, also when it is held. A suspended one must be resumed first.
func (m *machine) withdraw() *Refusal {
	switch {
	case m.st.Status == Ended:
		return ended()
	case m.ev.By != m.st.Initiator:
		return Refuse(CodeForbidden, "只有发起人可以撤回；管理员可以取消", "only who started the case may withdraw it; an administrator may cancel it")
	case m.st.Status == Suspended:
		return suspended()
	}
	m.log(Entry{Event: "withdrawn", By: m.ev.By, Comment: m.ev.Comment})
	m.end(Withdrawn)
	return nil
}

// cancel lets an administrator end the case, whatever state it is in.
func (m *machine) cancel() *Refusal {
	if refusal := m.byAdministrator("取消流程", "cancel a case"); refusal != nil {
		return refusal
	}
	m.st.Suspended = nil
	m.endBecause(Cancelled, Same(m.ev.Comment))
	return nil
}

// jumpByHand lets an administrator lead the case to a step: of the chain itself, or of a list that runs now, once. It also leads a held case
// past what it couldn't do. Going to a step that was passed undoes what was passed since, as a return does.
func (m *machine) jumpByHand() *Refusal {
	if refusal := m.byAdministrator("跳转流程", "lead a case elsewhere"); refusal != nil {
		return refusal
	}
	if m.st.Status == Suspended {
		return suspended()
	}
	target := m.p.Step(m.ev.To)
	if target == nil {
		return notThere(CodeFieldInvalid, "没有步骤“"+m.ev.To+"”", "there is no step "+m.ev.To)
	}
	scope, runs := 0, 0
	for _, sc := range m.st.Scopes {
		if sc.List == m.p.listWith(target).Path {
			scope, runs = sc.ID, runs+1
		}
	}
	if runs != 1 {
		return notThere(CodeStepNotPassed, "步骤“"+m.ev.To+"”所在的部分没有在运行，或同时运行多次：请跳到它外面的步骤",
			"the part that the step "+m.ev.To+" stands in doesn't run now, or runs several times: go to the step around it")
	}
	if refusal := m.mayEnter(scope, target, m.ev.Items); refusal != nil {
		return refusal
	}
	m.log(Entry{Event: "jumped", Step: target.ID, Item: m.item(scope), By: m.ev.By, Reason: m.ev.Comment})
	m.letGo(scope)
	m.goBack(scope, target, chosenOf(m.ev.Items))
	return nil
}

// chosenOf are the items that an act names; nil, which is all, where it names none.
func chosenOf(items []string) []string {
	if len(items) == 0 {
		return nil
	}
	return items
}

// mayEnter refuses items that a step doesn't run for.
func (m *machine) mayEnter(scope int, target *Step, items []string) *Refusal {
	if len(items) == 0 {
		return nil
	}
	refuse := func(zh, en string) *Refusal {
		return fieldsRefused(CodeFieldInvalid, []FieldError{{Field: "items", Message: Text{ZH: zh, EN: en}}})
	}
	each, ok := target.Do.(Each)
	if !ok {
		return refuse("步骤“"+target.ID+"”不是逐项执行的，不能选择项", "the step "+target.ID+" doesn't run for each of a list, so no items can be chosen")
	}
	list, err := each.Over.Value(m.env(scope))
	if err != nil {
		why := exprFailed(each.Over, err)
		return refuse(why.ZH, why.EN)
	}
	choices := each.keys(list)
	for _, item := range items {
		if !slices.Contains(choices, item) {
			return refuse("列表里没有“"+item+"”，可选："+strings.Join(choices, "、"), "the list doesn't hold "+item+"; there are: "+strings.Join(choices, ", "))
		}
	}
	return nil
}

// undoCase undoes an approved case: what a revoking case does at its end, so only where the chain has `revoke`. The case stays ended, as revoked.
func (m *machine) undoCase() *Refusal {
	switch {
	case m.p.Revoke == nil:
		return Refuse(CodeUnknownOutcome, "此流程不能撤销：定义里没有 `revoke`", "a case of this chain can't be revoked: its definition has no `revoke`")
	case m.st.Status != Ended:
		return Refuse(CodeUnknownOutcome, "该事项还在进行，请撤回而不是撤销", "this case still runs: withdraw it instead of revoking it")
	case m.st.Outcome != Approved:
		return Refuse(CodeCaseEnded, "该事项没有以“同意”结束，无可撤销", "this case didn't end as approved: there is nothing to revoke")
	}
	m.st.Outcome = Revoked
	m.log(Entry{Event: "revoked", By: m.ev.By, Comment: m.ev.Comment})
	m.undo(func(Passed) bool { return true })
	if m.ev.By != m.st.Initiator {
		m.tell([]string{m.st.Initiator}, Tell{About: "ended", Text: m.endText(Revoked)})
	}
	m.effect(EndCase{Outcome: Revoked, At: m.at})
	return nil
}

// byAdministrator says whether the event is an administrator's, with a reason, on a case that hasn't ended.
func (m *machine) byAdministrator(zh, en string) *Refusal {
	switch {
	case !m.ev.Admin:
		return Refuse(CodeForbidden, "只有管理员可以"+zh, "only an administrator may "+en)
	case m.st.Status == Ended:
		return ended()
	case strings.TrimSpace(m.ev.Comment) == "":
		return Refuse(CodeCommentRequired, "请填写原因", "give a reason")
	}
	return nil
}

// letGo ends the hold of a case that is led elsewhere. Where it was held in another branch, that tries again.
func (m *machine) letGo(scope int) {
	held := m.st.Held
	if held == nil {
		return
	}
	m.voidHold()
	if held.Step != "" && !m.within(held.Scope, scope) {
		m.queue = append(m.queue, m.heldEntry(held))
	}
}

func ended() *Refusal {
	return Refuse(CodeCaseEnded, "该事项已结束", "this case has ended")
}

func suspended() *Refusal {
	return Refuse(CodeCaseSuspended, "该事项已暂停：请先恢复", "this case is suspended: resume it first")
}
