package process

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shipped reads a definition as it is shipped.
func shipped(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile("../definitions/" + path)
	require.NoError(t, err)
	return string(b)
}

func review(t *testing.T) *trial {
	return begin(t, Fields{"company": "海川机械", "contact": "周先生", "phone": "13800001111", "owner": "li.na", "status": "open"},
		shipped(t, "lead-review/lead-review.yaml"), shipped(t, "records/lead.yaml"), shipped(t, "records/customer.yaml"))
}

var (
	talks = filling(Fields{"need": "阀门", "products": "P-100", "expected_amount": Money{80000000, "CNY"}})
	large = filling(Fields{"credit_limit": Money{60000000, "CNY"}, "payment_terms": "月结 30 天"})
	small = filling(Fields{"credit_limit": Money{50000000, "CNY"}, "payment_terms": "月结 30 天"})
)

// toTerms takes the review to the last gate.
func toTerms(t *testing.T, terms func(*Event)) *trial {
	c := review(t)
	c.start("li.na")
	c.must(c.act("wang.fang", EventApprove, "first-contact"))
	c.must(c.act("li.na", EventComplete, "negotiate", talks))
	c.must(c.act("wang.fang", EventApprove, "negotiation-report"))
	c.must(c.act("li.na", EventComplete, "terms", terms))
	return c
}

func TestReviewThreeGatesMakeACustomer(t *testing.T) {
	t.Parallel()
	c := toTerms(t, large)
	require.Equal(t, []string{"cooperation:sun.wei", "cooperation:guo.yan|he.jing"}, c.open())
	c.must(c.act("sun.wei", EventApprove, "cooperation"))
	require.Equal(t, []string{"cooperation:guo.yan|he.jing"}, c.open(), "all must agree")
	c.must(c.act("he.jing", EventApprove, "cooperation"))
	require.Equal(t, Ended, c.in.State.Status)
	require.Equal(t, Approved, c.in.State.Outcome)
	require.Equal(t, "customer", c.in.Record.Fields["status"])
	var created []CreateRecord
	for _, e := range c.effects {
		if e, ok := e.(CreateRecord); ok {
			created = append(created, e)
		}
	}
	require.Equal(t, []CreateRecord{{Type: "customer", Step: "create-1", Fields: Fields{
		"company": "海川机械", "contact": "周先生", "phone": "13800001111", "owner": "li.na", "credit_limit": Money{60000000, "CNY"}}}}, created)
	require.Equal(t, 1, c.told("li.na", "notify"))
	require.Equal(t, 1, c.told("wang.fang", "notify"))
	require.Equal(t, 0, c.told("li.na", "ended"), "who was told by the chain isn't told twice")
	require.Nil(t, c.wakeAt)
}

func TestReviewWithinTheLimitDoesNotAskFinance(t *testing.T) {
	t.Parallel()
	c := toTerms(t, small)
	require.Equal(t, []string{"cooperation:sun.wei"}, c.open(), "50万 is not above 50万")
	c.must(c.act("sun.wei", EventApprove, "cooperation"))
	require.Equal(t, Approved, c.in.State.Outcome)
}

func TestReviewReturnGoesToTheInitiatorAndRunsAgain(t *testing.T) {
	t.Parallel()
	c := review(t)
	c.start("li.na")
	refused(t, c.act("wang.fang", EventReturn, "first-contact"), CodeCommentRequired)
	refused(t, c.act("wang.fang", EventReturn, "first-contact", saying("电话不对"), to("terms")), CodeFieldInvalid)
	c.must(c.act("wang.fang", EventReturn, "first-contact", saying("电话不对"), to("initiator")))
	require.Equal(t, []string{"resubmit:li.na"}, c.open())
	require.Equal(t, "2026-11-30 18:00", c.due("resubmit"))
	c.must(c.act("li.na", EventComplete, "resubmit", filling(Fields{"phone": "13900002222"})))
	require.Equal(t, []string{"first-contact:wang.fang"}, c.open())
	require.Equal(t, "13900002222", c.in.Record.Fields["phone"])
	require.Equal(t, []StepRun{{Step: "first-contact", Status: "open", Round: 2}, {Step: "resubmit", Status: "done", Round: 1}}, c.in.State.Steps)
	require.Len(t, c.entries("returned"), 1)
	require.Equal(t, "电话不对", c.entries("returned")[0].Comment)
}

func TestReviewReturnFromTheLastGateVoidsTheOtherVotes(t *testing.T) {
	t.Parallel()
	c := toTerms(t, large)
	c.must(c.act("sun.wei", EventApprove, "cooperation"))
	c.must(c.act("guo.yan", EventReturn, "cooperation", saying("额度太高")))
	require.Equal(t, []string{"terms:li.na"}, c.open())
	c.must(c.act("li.na", EventComplete, "terms", large))
	require.Equal(t, []string{"cooperation:sun.wei", "cooperation:guo.yan|he.jing"}, c.open(), "everybody is asked again")
}

func TestReviewRejectionEndsTheCaseAndTellsTheInitiatorWhy(t *testing.T) {
	t.Parallel()
	c := toTerms(t, large)
	c.must(c.act("he.jing", EventReject, "cooperation", saying("信用不足")))
	require.Equal(t, Rejected, c.in.State.Outcome)
	require.Equal(t, []string{}, c.open())
	require.Len(t, c.entries("voided"), 1, "the director's open task")
	require.Equal(t, 1, c.told("li.na", "ended"))
	require.Equal(t, "open", c.in.Record.Fields["status"])
}

func TestReviewLateLadderTellsThenHandsUp(t *testing.T) {
	t.Parallel()
	c := review(t)
	c.start("li.na")
	require.Equal(t, "2026-11-24 18:00", c.due("first-contact"))
	require.Equal(t, "2026-11-24 18:00", c.wakeAt.Format("2006-01-02 15:04"))
	c.pass("2026-11-24 17:59")
	require.Empty(t, c.entries("late"))
	c.pass("2026-11-24 18:00")
	require.Len(t, c.entries("late"), 1)
	require.Equal(t, 1, c.told("wang.fang", "late"))
	require.Equal(t, []string{"first-contact:wang.fang"}, c.open())
	c.pass("2026-11-25 18:00")
	require.Equal(t, []string{"first-contact:sun.wei"}, c.open(), "one level up")
	require.Equal(t, "2026-11-26 18:00", c.due("first-contact"), "a limit of its own")
	refused(t, c.act("wang.fang", EventApprove, "first-contact"), CodeNotYourTask)
	c.must(c.act("sun.wei", EventApprove, "first-contact"))
	require.Equal(t, []string{"negotiate:li.na"}, c.open())
}

func TestMissedMomentsRunInOrderAtTheirNominalTimes(t *testing.T) {
	t.Parallel()
	stepwise, atOnce := review(t), review(t)
	for _, c := range []*trial{stepwise, atOnce} {
		c.start("li.na")
	}
	for day := 24; day <= 30; day++ {
		stepwise.pass(time.Date(2026, 11, day, 18, 0, 0, 0, time.UTC).Format("2006-01-02 15:04"))
	}
	atOnce.pass("2026-11-30 18:00")
	require.Equal(t, stepwise.all, atOnce.all)
	stepwise.in.State.LastAt = atOnce.in.State.LastAt
	require.Equal(t, stepwise.in.State, atOnce.in.State)
	require.Equal(t, []string{"first-contact:zhou.min"}, atOnce.open(), "handed up twice: the director, then the general manager")
}

func TestTheLadderStopsAtTheTop(t *testing.T) {
	t.Parallel()
	c := review(t)
	c.start("li.na")
	c.pass("2027-01-29 18:00")
	require.Equal(t, []string{"first-contact:zhou.min"}, c.open())
	require.Len(t, c.entries("handed_up"), 2)
	require.Nil(t, c.wakeAt, "nothing more is armed")
}

func TestALateTickBeforeADecisionDoesNotChangeItsOutcome(t *testing.T) {
	t.Parallel()
	c := review(t)
	c.start("li.na")
	at, _ := time.ParseInLocation("2006-01-02 15:04", "2026-11-25 18:01", c.now.Location())
	c.now = at // nobody ticked: the hand-up of 18:00 comes first all the same
	refused(t, c.act("wang.fang", EventApprove, "first-contact"), CodeNotYourTask)
	c.must(c.act("sun.wei", EventApprove, "first-contact"))
	require.Len(t, c.entries("handed_up"), 1)
	require.Equal(t, "2026-11-25 18:00", c.entries("handed_up")[0].At.Format("2006-01-02 15:04"))
}

func TestSeparationOfDutiesKeepsTheNegotiatorFromTheLastGate(t *testing.T) {
	t.Parallel()
	c := review(t)
	c.in.Record.Fields["owner"], c.in.Record.Owner = "sun.wei", "sun.wei" // the director negotiated himself
	c.start("li.na")
	c.must(c.act("wang.fang", EventApprove, "first-contact"))
	c.must(c.act("sun.wei", EventComplete, "negotiate", talks))
	c.must(c.act("wang.fang", EventApprove, "negotiation-report"))
	c.must(c.act("sun.wei", EventComplete, "terms", small))
	require.Equal(t, []string{"cooperation:admin"}, c.open(), "the only director is kept out: nobody is found, the administrator is asked")
	require.True(t, c.in.State.Open[0].Seats[0].Vacant)
	refused(t, c.act("sun.wei", EventApprove, "cooperation"), CodeNotYourTask)
	refused(t, c.act("admin", EventAssign, "cooperation", to("sun.wei"), saying("x")), CodeFieldInvalid)
	refused(t, c.act("admin", EventAssign, "cooperation", to("zhou.min")), CodeCommentRequired)
	c.must(c.act("admin", EventAssign, "cooperation", to("zhou.min"), saying("总监回避")))
	c.must(c.act("zhou.min", EventApprove, "cooperation"))
	require.Equal(t, Approved, c.in.State.Outcome)
}

func TestFormsAreCheckedBeforeAnythingChanges(t *testing.T) {
	t.Parallel()
	c := review(t)
	c.start("li.na")
	before := c.in.State
	r := refused(t, c.act("wang.fang", EventApprove, "first-contact", filling(Fields{"phone": "1"})), CodeFieldNotWritable)
	require.Equal(t, "phone", r.Fields[0].Field)
	refused(t, c.act("li.na", EventApprove, "first-contact"), CodeNotYourTask)
	refused(t, c.act("wang.fang", EventComplete, "first-contact"), CodeUnknownOutcome)
	refused(t, c.act("admin", EventApprove, "first-contact"), CodeCommentRequired)
	refused(t, c.try(Event{Kind: EventApprove, By: "wang.fang", Task: "c1.99"}), CodeTaskClosed)
	refused(t, c.try(Event{Kind: "dance", By: "wang.fang"}), CodeUnknownOutcome)
	require.Equal(t, before, c.in.State)
	c.must(c.act("wang.fang", EventApprove, "first-contact"))
	r = refused(t, c.act("li.na", EventComplete, "negotiate", filling(Fields{"need": "阀门", "products": " "})), CodeFieldRequired)
	require.Len(t, r.Fields, 2, "all that is missing at once")
}

func TestADecisionIsBoundToWhatWasSeen(t *testing.T) {
	t.Parallel()
	c := review(t)
	c.start("li.na")
	seen := Digest(c.in.Record.Fields, c.in.Process.DigestFields(c.in.Process.Step("first-contact")))
	with := func(e *Event) { e.Seen = seen }
	c.in.Record.Fields["payment_terms"] = "not looked at by this step"
	c.must(nil)
	c.in.Record.Fields["need"] = "changed"
	refused(t, c.act("wang.fang", EventApprove, "first-contact", with), CodeContentChanged)
	delete(c.in.Record.Fields, "need")
	c.must(c.act("wang.fang", EventApprove, "first-contact", with))
}

func TestReminderComesBeforeTheLimitOnce(t *testing.T) {
	t.Parallel()
	c := review(t)
	c.start("li.na")
	c.must(c.act("wang.fang", EventApprove, "first-contact"))
	require.Equal(t, "2026-12-21 18:00", c.due("negotiate"))
	c.pass("2026-12-21 17:59")
	require.Len(t, c.entries("reminded"), 1)
	require.Equal(t, "2026-12-14 09:00", c.entries("reminded")[0].At.Format("2006-01-02 15:04"))
	require.Equal(t, 1, c.told("li.na", "reminded"))
}

func TestNoManagerGoesToTheDirector(t *testing.T) {
	t.Parallel()
	c := review(t)
	c.start("zhou.min") // nobody stands above the general manager
	require.Equal(t, []string{"first-contact:sun.wei"}, c.open())
}

func TestAnInactiveManagerIsNobodyAndTheNextAboveIsAsked(t *testing.T) {
	t.Parallel()
	c := review(t)
	c.company.leave("wang.fang")
	c.start("li.na")
	require.Equal(t, []string{"first-contact:sun.wei"}, c.open())

	c = begin(t, Fields{"name": "one", "owner": "li.na"}, thing, chainOf("\n  - {id: ask, approve: Ask, by: {manager_of: initiator}}\n"))
	c.company.leave("wang.fang")
	c.start("li.na")
	require.Equal(t, []string{"ask:sun.wei"}, c.open(), "also where the chain has no rule for nobody")
}
