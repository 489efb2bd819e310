package worker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

// A calendar is published: the worker counts what is open anew, and the workflow that waited for weeks wakes at the new moment.
func TestANewCalendarReachesTheWorkflowsTimer(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	publish := func(shift string) {
		_, problems, err := s.engine.Publish(s.ctx, engine.Request{Caller: "admin"}, []process.File{
			{Path: "c.yaml", Content: "calendar: office\nzone: Asia/Shanghai\nweek: {mon-sun: [\"" + shift + "\"]}\n"},
			{Path: "w.yaml", Content: "process: watch\ntitle: Watch\nrecord: lead\nnumber: \"WA{0000}\"\nstart: {by: [role:sales]}\n" +
				"steps:\n  - id: look\n    task: Look\n    by: initiator\n    due: 60 working hours\n    late: [{at: due, tell: [holder]}]\n  - end: seen\n"},
		})
		require.NoError(t, err)
		require.False(t, process.Failed(problems), "%v", problems)
	}
	publish("09:00-10:00")
	begin := time.Now()
	require.NoError(t, s.db.SetClock(s.ctx, begin, begin, 36_000)) // ten hours are a second; sixty days are longer than any test waits
	s.work(Config{})
	a, err := s.engine.Start(s.ctx, engine.Request{Caller: "li.na"}, engine.StartCommand{Process: "watch", With: map[string]any{"company": "海川"}})
	require.NoError(t, err)
	s.until("the workflow runs", func() bool { return s.runs(a) })

	publish("00:00-24:00")
	var said []struct {
		Event string    `db:"event"`
		At    time.Time `db:"at"`
		To    time.Time `db:"due"`
	}
	s.until("the new moment came", func() bool {
		err := s.db.Select(s.ctx, &said, `SELECT event, at, CASE event WHEN 'recomputed' THEN (data->>'to')::timestamptz ELSE at END AS due FROM timeline
			WHERE case_id = $1 AND event = ANY('{recomputed,late}') ORDER BY seq`, a.Case.ID)
		return err == nil && len(said) == 2
	})
	require.Equal(t, "recomputed", said[0].Event)
	require.Equal(t, "late", said[1].Event)
	require.True(t, said[1].At.Equal(said[0].To), "late at %s, recomputed to %s", said[1].At, said[0].To)
	require.Less(t, said[0].To.Sub(a.Case.StartedAt), 15*24*time.Hour)
}
