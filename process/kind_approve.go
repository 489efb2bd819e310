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
	if s.Ways[outcome] == nil {
		return "", Refuse(CodeUnknownOutcome, "此步骤不提供该操作："+verbZH[outcome], "this step offers no such decision: "+outcome)
	}
	return outcome, nil
}

var verbZH = map[string]string{Approved: "同意", Rejected: "拒绝", Returned: "退回"}

// verdict: a return or, save in `first`, a refusal closes at once; `all` needs every seat; `first` takes the first answer.
func (Approve) verdict(s *Step, seats []Seat, last Vote) (string, bool) {
	if s.Who.Mode != ModeAll || last.Outcome != Approved {
		return last.Outcome, true
	}
	return Approved, everyoneAnswered(seats)
}

func everyoneAnswered(seats []Seat) bool {
	for _, seat := range seats {
		if seat.Vote == nil {
			return false
		}
	}
	return true
}
