package process

// Outcomes of an approval.
const (
	Approved = "approved"
	Rejected = "rejected"
	Returned = "returned"
)

// Approve asks for a decision: approved, rejected, returned.
type Approve struct{}

func (Approve) enter(m *machine, scope int, s *Step) { m.ask(scope, s) }

func (Approve) passed(*Step) string { return Approved }

func (Approve) outcome(s *Step, ev Event) (string, *Refusal) {
	verbs := map[EventKind]string{EventApprove: Approved, EventReject: Rejected, EventReturn: Returned}
	outcome, ok := verbs[ev.Kind]
	if !ok {
		return "", Refuse(CodeUnknownOutcome, "此任务是审批：请同意、拒绝或退回", "this task is an approval: approve, reject or return it")
	}
	if ev.Outcome != "" && ev.Outcome != outcome {
		return "", Refuse(CodeUnknownOutcome, "操作与结果不一致："+ev.Outcome, "the act and the outcome named with it contradict each other: "+ev.Outcome)
	}
	if s.Ways[outcome] == nil {
		return "", Refuse(CodeUnknownOutcome, "此步骤不提供该操作："+verbZH[outcome], "this step offers no such decision: "+outcome)
	}
	return outcome, nil
}

var verbZH = map[string]string{Approved: "同意", Rejected: "拒绝", Returned: "退回", Withdrawn: "撤回", Cancelled: "取消", Revoked: "撤销"}

func isApproval(s *Step) bool {
	_, ok := s.Do.(Approve)
	return ok
}

// verdict: see [tally].
func (Approve) verdict(s *Step, o *Open, _ Vote) (string, bool) {
	return tally(s.Who, o.Base, o.votes())
}
