package workflows

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/crmflow/crmflow/engine"
)

// beats runs a schedule's workflow against these answers, one after the other, and gives when each was asked for, since the start.
func beats(t *testing.T, answers []func(began time.Time) (engine.Beat, error), around func(*testsuite.TestWorkflowEnvironment)) []time.Duration {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	began := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	env.SetStartTime(began)
	env.RegisterWorkflowWithOptions(Schedule, workflow.RegisterOptions{Name: ScheduleWorkflow})
	var asked []time.Duration
	env.RegisterActivityWithOptions(func(_ context.Context, process string) (engine.Beat, error) {
		require.Equal(t, "visit", process)
		asked = append(asked, env.Now().Sub(began).Round(time.Second))
		return answers[len(asked)-1](began)
	}, activity.RegisterOptions{Name: occur})
	if around != nil {
		around(env)
	}
	env.ExecuteWorkflow(ScheduleWorkflow, ScheduleInput{Process: "visit"})
	require.True(t, env.IsWorkflowCompleted())
	require.NoError(t, env.GetWorkflowError())
	var outcome string
	require.NoError(t, env.GetWorkflowResult(&outcome))
	require.Equal(t, "gone", outcome)
	return asked
}

// The answers of an engine.
func more(time.Time) (engine.Beat, error) { return engine.Beat{More: true}, nil }
func gone(time.Time) (engine.Beat, error) { return engine.Beat{Gone: true}, nil }
func none(time.Time) (engine.Beat, error) { return engine.Beat{}, nil }
func fail(time.Time) (engine.Beat, error) { return engine.Beat{}, errors.New("the database is away") }

func in(d time.Duration) func(time.Time) (engine.Beat, error) {
	return func(began time.Time) (engine.Beat, error) {
		at := began.Add(d)
		return engine.Beat{WakeAt: &at, WakeReal: &at}, nil
	}
}

type answersOf = []func(time.Time) (engine.Beat, error)

func TestAScheduleWorksUntilThereIsNoMoreAndSleepsUntilTheNextOccurrence(t *testing.T) {
	asked := beats(t, answersOf{in(24 * time.Hour), more, more, in(48 * time.Hour), gone}, nil)
	day := 24 * time.Hour
	require.Equal(t, []time.Duration{0, day, day, day, 2 * day}, asked)
}

func TestAScheduleThatIsLateIsWoken(t *testing.T) {
	asked := beats(t, answersOf{none, in(24 * time.Hour), gone}, func(env *testsuite.TestWorkflowEnvironment) {
		for _, at := range []time.Duration{time.Hour, 2 * time.Hour} {
			env.RegisterDelayedCallback(func() { env.SignalWorkflow(SignalChanged, nil) }, at)
		}
	})
	require.Equal(t, []time.Duration{0, time.Hour, 2 * time.Hour}, asked)
}

func TestAScheduleTriesAgainUntilTheDatabaseIsThere(t *testing.T) {
	asked := beats(t, answersOf{fail, fail, fail, in(time.Hour), gone}, nil)
	require.Len(t, asked, 5)
	require.Equal(t, time.Hour, asked[4])
}
