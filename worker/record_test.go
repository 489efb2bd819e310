package worker

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/workflows"
	"github.com/crmflow/crmflow/workflows/historytest"
)

// TestRecordHistories writes those of a call to another system and of a rhythm; e2e's of the same name writes those of cases.
func TestRecordHistories(t *testing.T) {
	dir := historytest.Dir(t, "..")
	s := newOrders(t)
	e := newERP(t, "", func(n int, w http.ResponseWriter, _ *http.Request) {
		if n == 0 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		named(w, "Haichuan")
	})
	s.work(Config{Systems: e.Systems, Drain: 50 * time.Millisecond})
	a := s.order()
	require.Equal(t, "placed", s.outcome(a))
	request := workflows.RequestID(a.Case.ID + ".c1")
	require.NoError(t, s.temporal.GetWorkflow(s.ctx, request, "").Get(s.ctx, nil))
	historytest.Write(t, s.temporal, request, dir, "request-tried-again")

	r := newStack(t)
	r.greetings(2, 3*time.Second)
	r.work(Config{Sweep: 100 * time.Millisecond, Bulk: 100_000})
	r.until("it has come three times", func() bool { return len(r.ended()) >= 3 })
	r.publish(strings.Replace(greeting, `every: day, for: record.company == "greet", as: {user: li.na}`, "by: [role:sales]", 1))
	require.NoError(t, r.temporal.GetWorkflow(r.ctx, workflows.ScheduleID("greeting"), "").Get(r.ctx, nil))
	historytest.Write(t, r.temporal, workflows.ScheduleID("greeting"), dir, "rhythm-three-times")
}
