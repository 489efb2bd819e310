package engine

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// together runs do n times at once and gives what each got.
func together[T any](n int, do func(i int) (T, error)) ([]T, []error) {
	out, errs := make([]T, n), make([]error, n)
	var ready, all sync.WaitGroup
	ready.Add(n)
	for i := range n {
		all.Go(func() {
			ready.Done()
			ready.Wait()
			out[i], errs[i] = do(i)
		})
	}
	all.Wait()
	return out, errs
}

// asJSON is an answer as it is sent: a moment reads the same, wherever it was read from.
func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestTheSameKeyHasOneEffectAndOneAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	r, c := by("wang.fang"), ActCommand{Task: a.Case.Open[0].Task, Act: process.EventApprove}
	answers, errs := together(5, func(int) (Answer, error) { return w.Act(w.ctx, r, c) })
	for i := range answers {
		require.NoError(t, errs[i])
		require.JSONEq(t, asJSON(t, answers[0]), asJSON(t, answers[i]))
	}
	var decided int
	require.NoError(t, w.db.Get(w.ctx, &decided, `SELECT count(*) FROM timeline WHERE case_id = $1 AND event = 'decided'`, a.Case.ID))
	require.Equal(t, 1, decided)

	again, err := worldOn(t, shared).Act(w.ctx, r, c) // another server
	require.NoError(t, err)
	require.JSONEq(t, asJSON(t, answers[0]), asJSON(t, again))
}

func TestAStartIsRepeatable(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r, fields := by("li.na"), lead()
	answers, errs := together(5, func(int) (Answer, error) { return w.Start(w.ctx, r, StartCommand{Process: "review", With: fields}) })
	for i := range answers {
		require.NoError(t, errs[i])
		require.Equal(t, answers[0].Case.ID, answers[i].Case.ID)
	}
}

func TestTheSameKeyWithAnotherBodyIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	r, c := by("wang.fang"), ActCommand{Task: a.Case.Open[0].Task, Act: process.EventApprove}
	_, err := w.Act(w.ctx, r, c)
	require.NoError(t, err)
	r.Body = []byte("other")
	_, err = w.Act(w.ctx, r, c)
	require.Equal(t, process.CodeKeyReused, code(t, err))
}

func TestAKeyIsItsCallersOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	r := by("wang.fang")
	_, err := w.Act(w.ctx, r, ActCommand{Task: a.Case.Open[0].Task, Act: process.EventApprove})
	require.NoError(t, err)
	r.Caller = "li.na"
	_, err = w.Act(w.ctx, r, ActCommand{Task: a.Case.Open[0].Task, Act: process.EventApprove})
	require.Equal(t, process.CodeTaskClosed, code(t, err))
}

func TestAKeyIsKnownAfterTheCaseEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	r, c := by("wang.fang"), ActCommand{Task: a.Case.Open[0].Task, Act: process.EventReject, Comment: "no"}
	first, err := w.Act(w.ctx, r, c)
	require.NoError(t, err)
	require.Equal(t, "ended", first.Case.Status)
	again, err := w.Act(w.ctx, r, c)
	require.NoError(t, err)
	require.JSONEq(t, asJSON(t, first), asJSON(t, again))
}

func TestAKeyIsFreeAgainAfterADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := by("li.na")
	first, err := w.Start(w.ctx, r, StartCommand{Process: "review", With: lead()})
	require.NoError(t, err)
	w.pass(store.KeyLife + time.Second)
	second, err := w.Start(w.ctx, r, StartCommand{Process: "review", With: lead()})
	require.NoError(t, err)
	require.NotEqual(t, first.Case.ID, second.Case.ID)
}

// A refusal has no effect, so it isn't kept: once the reason is gone the same request succeeds.
func TestARefusalLeavesTheKeyFree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	r, c := by("xu.lei"), ActCommand{Task: a.Case.Open[0].Task, Act: process.EventApprove}
	_, err := w.Act(w.ctx, r, c)
	require.Equal(t, process.CodeNotYourTask, code(t, err))
	_, err = w.Act(w.ctx, admin(), ActCommand{Task: c.Task, Act: process.EventAssign, To: "xu.lei", Comment: "away"})
	require.NoError(t, err)
	_, err = w.Act(w.ctx, r, c)
	require.NoError(t, err)
}
