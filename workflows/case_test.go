package workflows

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/crmflow/crmflow/activities"
	"github.com/crmflow/crmflow/engine"
)

// bench is a case's workflow under test: its clock skips what nobody waits for.
type bench struct {
	*testsuite.TestWorkflowEnvironment
	began time.Time
	ticks []time.Duration // when each came, since the start
	wake  func(n int, caseID string) (engine.Wake, error)
}

func newBench(t *testing.T) *bench {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	b := &bench{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment()}
	b.began = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	b.SetStartTime(b.began)
	b.RegisterWorkflowWithOptions(Case, workflow.RegisterOptions{Name: CaseWorkflow})
	b.RegisterActivityWithOptions(func(_ context.Context, caseID string) (engine.Wake, error) {
		b.ticks = append(b.ticks, b.Now().Sub(b.began).Round(time.Second))
		return b.wake(len(b.ticks), caseID)
	}, activity.RegisterOptions{Name: advance})
	return b
}

// news is what a commit says: seq, and the next moment after the start; 0 is none.
func (b *bench) news(seq int, in time.Duration) engine.Signal {
	return engine.Signal{CaseID: "c1", Seq: seq, Stage: "look", Holders: []string{"wang.fang"}, WakeAt: b.at(in), WakeReal: b.at(in)}
}

func (b *bench) at(in time.Duration) *time.Time {
	if in == 0 {
		return nil
	}
	at := b.began.Add(in)
	return &at
}

func (b *bench) ended(seq int) engine.Signal {
	return engine.Signal{CaseID: "c1", Seq: seq, Ended: true, Outcome: "approved"}
}

// hears sends a signal at a moment after the start.
func (b *bench) hears(in time.Duration, s engine.Signal) {
	b.RegisterDelayedCallback(func() { b.SignalWorkflow(SignalChanged, s) }, in)
}

func (b *bench) run(t *testing.T) string {
	t.Helper()
	b.ExecuteWorkflow(CaseWorkflow, CaseInput{Case: "c1"})
	require.True(t, b.IsWorkflowCompleted())
	require.NoError(t, b.GetWorkflowError())
	var outcome string
	require.NoError(t, b.GetWorkflowResult(&outcome))
	return outcome
}

func TestACaseWakesAtItsMomentAndEndsWithItsOutcome(t *testing.T) {
	b := newBench(t)
	b.wake = func(int, string) (engine.Wake, error) {
		return engine.Wake{Seq: 2, Stage: "look", WakeReal: b.at(5 * time.Hour)}, nil
	}
	b.hears(0, b.news(1, 2*time.Hour))
	b.hears(3*time.Hour, b.ended(3))
	require.Equal(t, "approved", b.run(t))
	require.Equal(t, []time.Duration{2 * time.Hour}, b.ticks)
}

// An earlier timer is left alone: the tick it causes finds nothing due and arms the later moment.
func TestAnEarlierTimerIsLeftAlone(t *testing.T) {
	b := newBench(t)
	b.wake = func(n int, _ string) (engine.Wake, error) {
		if n == 1 {
			return engine.Wake{Seq: 2, WakeReal: b.at(4 * time.Hour)}, nil
		}
		return engine.Wake{Seq: 3, Ended: true, Outcome: "late"}, nil
	}
	b.hears(0, b.news(1, time.Hour))
	b.hears(time.Minute, b.news(2, 4*time.Hour))
	require.Equal(t, "late", b.run(t))
	require.Equal(t, []time.Duration{time.Hour, 4 * time.Hour}, b.ticks)
}

func TestAnEarlierMomentComesEarlier(t *testing.T) {
	b := newBench(t)
	b.wake = func(int, string) (engine.Wake, error) {
		return engine.Wake{Seq: 3, Ended: true, Outcome: "late"}, nil
	}
	b.hears(0, b.news(1, 4*time.Hour))
	b.hears(time.Minute, b.news(2, time.Hour))
	require.Equal(t, "late", b.run(t))
	require.Equal(t, []time.Duration{time.Hour}, b.ticks)
}

// News that came late makes the workflow ask, which changes nothing.
func TestNewsOutOfOrderMakesItAsk(t *testing.T) {
	b := newBench(t)
	b.wake = func(n int, _ string) (engine.Wake, error) {
		if n == 1 {
			return engine.Wake{Seq: 5, WakeReal: b.at(4 * time.Hour)}, nil
		}
		return engine.Wake{Seq: 6, Ended: true, Outcome: "late"}, nil
	}
	b.hears(0, b.news(5, 4*time.Hour))
	b.hears(time.Minute, b.news(3, time.Hour))
	require.Equal(t, "late", b.run(t))
	require.Equal(t, []time.Duration{time.Minute, 4 * time.Hour}, b.ticks)
}

// A database that was set back has an older state than the workflow knows: PostgreSQL wins, and its moment is the one that counts.
func TestAnOlderStateOfADatabaseThatWasSetBack(t *testing.T) {
	b := newBench(t)
	b.wake = func(n int, _ string) (engine.Wake, error) {
		if n == 1 {
			return engine.Wake{Seq: 4, Stage: "look", WakeReal: b.at(2 * time.Hour)}, nil
		}
		return engine.Wake{Seq: 5, WakeReal: b.at(9 * time.Hour)}, nil
	}
	b.hears(0, b.news(9, 0))
	b.hears(time.Hour, b.news(4, 2*time.Hour))
	b.hears(3*time.Hour, b.ended(6))
	require.Equal(t, "approved", b.run(t), "an end is heard, though its number is smaller than one it knew")
	require.Equal(t, []time.Duration{time.Hour, 2 * time.Hour}, b.ticks)
}

// A business clock that was anchored anew makes ticks come too early; they only arm the moment again.
func TestATickThatComesTooEarlyArmsAgain(t *testing.T) {
	b := newBench(t)
	b.wake = func(n int, _ string) (engine.Wake, error) {
		if n < 4 {
			return engine.Wake{Seq: 1, WakeReal: b.at(time.Duration(n+1) * time.Hour)}, nil
		}
		return engine.Wake{Seq: 2, Ended: true, Outcome: "late"}, nil
	}
	b.hears(0, b.news(1, time.Hour))
	require.Equal(t, "late", b.run(t))
	require.Equal(t, []time.Duration{time.Hour, 2 * time.Hour, 3 * time.Hour, 4 * time.Hour}, b.ticks)
}

func TestAnOutageIsWaitedOutAndACaseThatIsGoneEndsItsWorkflow(t *testing.T) {
	b := newBench(t)
	b.wake = func(n int, _ string) (engine.Wake, error) {
		if n <= 8 { // the test environment gives up after ten; Temporal never does
			return engine.Wake{}, temporal.NewApplicationError("the database is away", "outage")
		}
		return engine.Wake{}, temporal.NewNonRetryableApplicationError("no case", activities.NoSuchCase, nil)
	}
	b.hears(0, b.news(1, time.Hour))
	require.Equal(t, "gone", b.run(t))
	require.Len(t, b.ticks, 9)
	require.LessOrEqual(t, b.ticks[8]-b.ticks[7], 6*time.Second)
}

// The database was set back and gave the number to another case: PostgreSQL wins.
func TestTheNumberOfAnotherCase(t *testing.T) {
	b := newBench(t)
	var asked []string
	b.wake = func(_ int, caseID string) (engine.Wake, error) {
		asked = append(asked, caseID)
		return engine.Wake{Seq: 3, Ended: true, Outcome: "late"}, nil
	}
	b.hears(0, b.news(7, 4*time.Hour))
	other := b.news(2, time.Hour)
	other.CaseID = "c2"
	b.hears(time.Minute, other)
	require.Equal(t, "late", b.run(t))
	require.Equal(t, []string{"c2"}, asked)
}

func TestAStartWithoutNewsAsks(t *testing.T) {
	b := newBench(t)
	b.wake = func(int, string) (engine.Wake, error) {
		return engine.Wake{Seq: 3, Ended: true, Outcome: "approved"}, nil
	}
	require.Equal(t, "approved", b.run(t))
	require.Equal(t, []time.Duration{0}, b.ticks)
}

func TestALongHistoryContinuesAsNewWithWhatItKnows(t *testing.T) {
	b := newBench(t)
	b.SetContinueAsNewSuggested(true)
	b.hears(0, b.news(1, time.Hour))
	b.ExecuteWorkflow(CaseWorkflow, CaseInput{Case: "c1", Known: &engine.Signal{CaseID: "c1", Seq: 1, WakeReal: b.at(time.Hour)}})
	var again *workflow.ContinueAsNewError
	require.ErrorAs(t, b.GetWorkflowError(), &again)

	next := newBench(t)
	next.wake = func(int, string) (engine.Wake, error) { return engine.Wake{Seq: 2, Ended: true, Outcome: "late"}, nil }
	next.ExecuteWorkflow(CaseWorkflow, CaseInput{Case: "c1", Known: &engine.Signal{CaseID: "c1", Seq: 1, WakeReal: next.at(time.Hour)}})
	require.NoError(t, next.GetWorkflowError())
	require.Equal(t, []time.Duration{time.Hour}, next.ticks)
}
