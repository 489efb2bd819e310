package worker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/engine"
)

// Somebody leaves: a worker moves what is open to their successor, and then says that it is through.
func TestAWorkerMovesWhatSomebodyLeaves(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	a := s.start()
	leaver := a.Case.Initiator
	s.work(Config{})
	_, err := s.engine.Leave(s.ctx, engine.Request{Caller: "admin", Admin: true}, engine.LeaveCommand{User: leaver, To: "wang.fang", Reason: "leaves"})
	require.NoError(t, err)
	var view engine.HandoverView
	s.until("the handover is through", func() bool {
		view, err = s.engine.HandoverOf(s.ctx, leaver)
		return err == nil && view.EndedAt != nil
	})
	require.Equal(t, "wang.fang", s.caseRow(a).Initiator)
	require.Equal(t, []int{1, 0, 0}, []int{view.Cases, view.Records, view.Failed})
	require.WithinDuration(t, view.At, *view.EndedAt, time.Hour)
	for _, item := range view.Items {
		require.Zero(t, item.Count, item.What)
	}
}
