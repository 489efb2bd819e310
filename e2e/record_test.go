package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/workflows/historytest"
)

// TestRecordHistories writes the histories that later releases must be able to replay, when a release is made:
//
//	CRMFLOW_TEST_RECORD=v0.1.0 go test ./e2e -run TestRecordHistories
//
// A recorded history is never changed; see testdata/histories/README.md.
func TestRecordHistories(t *testing.T) {
	dir := historytest.Dir(t, "..")
	s := startStack(t, "--time-scale", "7200")

	returned := &reviewer{t: t, s: s, as: map[string]client{}}
	returned.start("+86 519 5550 0201")
	returned.act("return", map[string]any{"comment": "again"})
	returned.act("complete", map[string]any{})
	returned.act("reject", map[string]any{"comment": "no"})
	returned.record(dir, "returned-then-rejected")

	late := &reviewer{t: t, s: s, as: map[string]client{}}
	late.start("+86 519 5550 0202")
	require.NoError(t, eventually(2*time.Minute, "the ladder is at its top", func() (bool, error) {
		timeline, err := late.as["li.na"].timeline(late.c.ID)
		handed := 0
		for _, e := range timeline {
			if e.Event == "handed_up" {
				handed++
			}
		}
		return handed == 2, err
	}))
	late.act("approve", map[string]any{})
	late.act("complete", map[string]any{"fields": map[string]any{"need": "pumps", "products": "P-100", "expected_amount": cny(80_000_000)}})
	late.act("approve", map[string]any{})
	late.act("complete", map[string]any{"fields": map[string]any{"credit_limit": cny(60_000_000), "payment_terms": "30 days"}})
	late.act("approve", map[string]any{})
	late.act("approve", map[string]any{})
	late.record(dir, "late-then-approved")
}

func cny(fen int64) map[string]any { return map[string]any{"amount": fen, "currency": "CNY"} }

// reviewer takes one new-customer review through its steps, each by the first of those who have it.
type reviewer struct {
	t  *testing.T
	s  *stack
	as map[string]client
	c  caseView
}

func (r *reviewer) client(user string) client {
	r.t.Helper()
	if _, ok := r.as[user]; !ok {
		for _, u := range r.s.present().Users {
			if u.User == user {
				c, err := signIn(r.s.url(), u.User, u.Password)
				require.NoError(r.t, err)
				r.as[user] = c
			}
		}
	}
	return r.as[user]
}

func (r *reviewer) start(phone string) {
	r.t.Helper()
	reply := r.client("li.na").post("start-"+phone, "/cases", map[string]any{"process": "lead-review",
		"with": map[string]string{"company": "常州天汇泵业有限公司", "contact": "Xu Min", "phone": phone}})
	var err error
	r.c, err = reply.caseOf()
	require.NoError(r.t, err)
}

// act does something to the case's first open task; when time has given the task to somebody else meanwhile, it is looked for again.
func (r *reviewer) act(act string, body map[string]any) {
	r.t.Helper()
	require.NoError(r.t, eventually(time.Minute, act, func() (bool, error) {
		c, err := r.client("li.na").caseNow(r.c.ID)
		if err != nil {
			return false, err
		}
		open := c.Open[0]
		reply := r.client(open.Who[0]).post(act+"-"+open.Task+"-"+open.Who[0], "/tasks/"+open.Task+"/"+act, body)
		if !reply.ok() {
			return false, reply.err
		}
		r.c, err = reply.caseOf()
		return err == nil, err
	}))
}

// record waits until the workflow has ended with the case's outcome and writes its history, without the name of this machine.
func (r *reviewer) record(dir, name string) {
	r.t.Helper()
	require.Equal(r.t, "ended", r.c.Status)
	temporal, err := r.s.temporal()
	require.NoError(r.t, err)
	defer temporal.Close()
	workflow := "lead-review/" + r.c.Number
	require.NoError(r.t, closedAs(temporal, workflow, r.c.Outcome))
	historytest.Write(r.t, temporal, workflow, dir, name)
}
