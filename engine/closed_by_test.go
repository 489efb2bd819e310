package engine

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// "A different decision on a closed task is a conflict that names who decided what and when": also where the task was a seat that nobody asks any more.
func TestWhoIsNotAskedAnyMoreIsToldWhoseDecisionClosedTheStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		act     process.EventKind
		outcome string
	}{{process.EventReject, "rejected"}, {process.EventReturn, "returned"}} {
		a := w.atAgree()
		mine, others := a.Case.Open[0], a.Case.Open[1]
		w.must(a, others.Who[0], ActCommand{Task: others.Task, Act: c.act, Comment: "not like this"})
		_, err := w.act(a, mine.Who[0], ActCommand{Task: mine.Task, Act: process.EventApprove})
		require.Equal(t, process.CodeTaskClosed, code(t, err))
		require.Equal(t, others.Who[0], refused(err).Decided.By)
		require.Equal(t, c.outcome, refused(err).Decided.Outcome)
		require.NotEmpty(t, refused(err).Decided.At)
		require.Contains(t, refused(err).Message.EN, "Zhou Min")
	}
}

func TestAWithdrawnCasesTasksWereEndedByTheInitiator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	_, err := w.ActOnCase(w.ctx, by("li.na"), CaseCommand{Case: a.Case.ID, Act: process.EventWithdraw})
	require.NoError(t, err)
	_, err = w.act(a, "wang.fang", ActCommand{Act: process.EventApprove})
	require.Equal(t, process.CodeTaskClosed, code(t, err))
	require.Equal(t, "li.na", refused(err).Decided.By)
}
