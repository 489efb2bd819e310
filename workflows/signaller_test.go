package workflows

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/engine"
)

// taken is what the sender of calm news would send now.
func taken(s *Signaller) (sig engine.Signal, wait time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.takeCalm()
}

// decide hands in calm news of other cases, one every few milliseconds, for a while.
func decide(s *Signaller, every, during time.Duration) {
	for end := time.Now().Add(during); time.Now().Before(end); time.Sleep(every) {
		s.Enqueue(engine.Signal{CaseID: "other", Seq: 1})
	}
}

func TestCalmNewsWaitsWhileDecisionsFollowClosely(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewSignaller(nil, nil, Options{})
		s.Enqueue(engine.Signal{CaseID: "one", Seq: 1})
		decide(s, 5*time.Millisecond, 3*time.Second)
		_, wait, ok := taken(s)
		require.False(t, ok)
		require.Positive(t, wait, "it looks again by itself")
		s.Enqueue(engine.Signal{CaseID: "one", Seq: 2})
		time.Sleep(quiet)
		sig, _, ok := taken(s)
		require.True(t, ok)
		require.Equal(t, "one", sig.CaseID)
		require.Equal(t, 2, sig.Seq, "the newest news goes")
	})
}

func TestCalmNewsGoesBetweenDecisionsThatLeaveTimeForIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewSignaller(nil, nil, Options{})
		s.Enqueue(engine.Signal{CaseID: "one", Seq: 1})
		decide(s, 50*time.Millisecond, 3*time.Second)
		sig, _, ok := taken(s)
		require.True(t, ok)
		require.Equal(t, "one", sig.CaseID)
	})
}

func TestCalmNewsThatWaitedForLongIsTheWorkers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewSignaller(nil, nil, Options{})
		s.Enqueue(engine.Signal{CaseID: "one", Seq: 1})
		decide(s, 5*time.Millisecond, engine.CalmGrace+time.Millisecond)
		time.Sleep(quiet)
		_, _, ok := taken(s)
		require.False(t, ok, "the worker has sent both")
		require.Zero(t, s.Stats().Pending)
		require.EqualValues(t, 2, s.Stats().Dropped)
	})
}

func TestUrgentNewsNeverWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := NewSignaller(nil, nil, Options{})
		decide(s, 5*time.Millisecond, time.Second)
		s.Enqueue(engine.Signal{CaseID: "one", Seq: 1, Urgent: true})
		s.mu.Lock()
		defer s.mu.Unlock()
		sig, _, ok := s.takeUrgent()
		require.True(t, ok)
		require.Equal(t, "one", sig.CaseID)
	})
}
