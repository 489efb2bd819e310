package process

import "slices"

// form says what people see at a step and may do there.
func (t *teller) form(s *Step) []string {
	var out []string
	if s.Form.Show == nil {
		out = append(out, t.s("能看到整条记录。", "They see the whole record."))
	} else {
		out = append(out, t.s("能看到：%s。", "They see %s.", t.fields(s, s.Form.Show)))
	}
	if len(s.Form.Hide) > 0 {
		out = append(out, t.s("看不到：%s。", "They don’t see %s.", t.fields(s, s.Form.Hide)))
	}
	out = append(out, t.edits(s)...)
	out = append(out, t.comment(s)...)
	if s.Form.Signature {
		out = append(out, t.signature(s))
	}
	if s.Form.NoBulk {
		out = append(out, t.s("不能批量办理，要逐个打开。", "It can’t be done in bulk: each is opened by itself."))
	}
	if len(s.Form.Reapprove) > 0 {
		out = append(out, t.s("同意之后有人改了%s的，已有的同意作废，要重新审批：这一步还开着的立即再问，已经办完的在后面那一步改完之后、继续往下走之前再问。其他字段变动没有影响。",
			"When somebody changes %s after an approval, that approval is void and is asked for again: at once while the step is open, else before the chain goes on behind the later step that changed it. A change of another field has no effect.", t.anyField(s, s.Form.Reapprove)))
	}
	return out
}

// signature says when one is needed: to say yes, never to refuse.
func (t *teller) signature(s *Step) string {
	if _, ok := s.Do.(Approve); ok {
		return t.s("同意时要签名（拒绝或退回时不用）。", "To agree, a signature is required (not to reject or return).")
	}
	return t.s("完成时要签名。", "To complete it, a signature is required.")
}

func (t *teller) anyField(s *Step, names []string) string {
	var out []string
	for _, name := range names {
		out = append(out, t.field(s, name))
	}
	return t.any(out)
}

// edits says which fields are filled in. An approval's form is compulsory only for agreeing.
func (t *teller) edits(s *Step) []string {
	var must, may []string
	for _, e := range s.Form.Edit {
		if e.Required {
			must = append(must, e.Field)
			continue
		}
		may = append(may, e.Field)
	}
	var out []string
	if _, approve := s.Do.(Approve); approve && len(must) > 0 {
		out = append(out, t.s("同意时必须已填写：%s（拒绝或退回时不要求）。", "To agree, they fill in %s (not to reject or return).", t.fields(s, must)))
	} else if len(must) > 0 {
		out = append(out, t.s("必须填写：%s。", "They must fill in %s.", t.fields(s, must)))
	}
	if len(may) > 0 {
		out = append(out, t.s("可以填写或修改：%s。", "They may fill in or change %s.", t.fields(s, may)))
	}
	if len(s.Form.Edit) == 0 {
		return append(out, t.s("不能修改记录。", "They can’t change the record."))
	}
	return append(out, t.s("其他字段不能修改。", "They can’t change any other field."))
}

func (t *teller) comment(s *Step) []string {
	var needed []string
	for _, outcome := range s.Form.CommentRequired {
		if s.Ways[outcome] != nil {
			needed = append(needed, t.outcome(outcome))
		}
	}
	_, approve := s.Do.(Approve)
	switch {
	case len(needed) > 0:
		return []string{t.s("%s时必须写理由。", "A comment is required when it is %s.", t.any(needed))}
	case approve && (s.Ways[Rejected] != nil || s.Ways[Returned] != nil):
		return []string{t.s("拒绝或退回都不必写理由。", "No comment is required, whatever the answer.")}
	}
	return nil
}

// mayDo says what else the people of a step may do with it.
func (t *teller) mayDo(s *Step) []string {
	if s.ID == ResubmitStep {
		return nil
	}
	words := map[string]Text{"transfer": {ZH: "转交给别人", EN: "transferred"}, "add": {ZH: "加签（请别人在前、在后或一起办）", EN: "shared with added people (before, after or beside)"}, "copy": {ZH: "抄送给别人", EN: "copied to others"}}
	_, approve := s.Do.(Approve)
	var may, not []string
	for _, act := range []string{"transfer", "add", "copy"} {
		switch {
		case act == "add" && !approve: // only approvals take added people
		case s.Form.May == nil || slices.Contains(s.Form.May, act):
			may = append(may, words[act].In(t.lang))
		default:
			not = append(not, words[act].In(t.lang))
		}
	}
	var out []string
	if len(may) > 0 {
		out = append(out, t.s("可以%s。", "It may be %s.", t.any(may)))
	}
	if len(not) > 0 {
		out = append(out, t.s("不可以%s。", "It may not be %s.", t.any(not)))
	}
	if approve {
		out = append(out, t.returnTo(s)...)
	}
	return out
}

var returnWords = map[string]Text{
	"initiator": {ZH: "发起人", EN: "the initiator"}, "previous": {ZH: "上一步", EN: "the step before"}, "any": {ZH: "走过的任何一步", EN: "any step passed"},
}

// returnTo says where a return may lead besides where `on.returned` says, and how it goes on from there.
func (t *teller) returnTo(s *Step) []string {
	if s.Ways[Returned] == nil && len(s.Form.ReturnTo) == 0 {
		return nil
	}
	var out []string
	var places []string
	for _, to := range s.Form.ReturnTo {
		places = append(places, returnWords[to].In(t.lang))
	}
	if len(places) > 0 {
		out = append(out, t.s("退回时也可以自己选退到哪里：%s。", "Whoever returns it may choose where to: %s.", t.any(places)))
	}
	if s.Form.Resume == "back" {
		return append(out, t.s("退回后改好的，不重走中间各步，直接回到退回的人。", "What was returned doesn’t run again through the steps between: it comes straight back to whoever returned it."))
	}
	return append(out, t.s("退回后从退到的那一步起重新往下走，中间各步重新办。", "What was returned runs again from the step it went back to; the steps between are done again."))
}
