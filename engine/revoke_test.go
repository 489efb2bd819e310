package engine

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

const revocable = `process: deal
title: Deal
record: lead
number: "D{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
one_open_per_record: true
revoke: {by: [initiator], approved_by: [{user: zhou.min}]}
steps:
  - {id: mark, set: {need: agreed}, undo: restore}
  - {id: agree, approve: Agree, by: {manager_of: initiator}}
  - {id: done, set: {need: done}, undo: restore}
  - end: approved
`

// newDeals is a company with deals, and one that was approved.
func newDeals(t *testing.T) (*world, Answer) {
	t.Helper()
	w := newCompany(t)
	_, problems := w.publish([]process.File{{Path: "deal.yaml", Content: revocable}})
	require.False(t, process.Failed(problems), "%v", problems)
	a, err := w.Start(w.ctx, by("li.na"), StartCommand{Process: "deal", With: lead()})
	require.NoError(t, err)
	a = w.must(a, "wang.fang", ActCommand{Act: process.EventApprove})
	require.Equal(t, "approved", a.Case.Outcome)
	return w, a
}

func (w *world) revokes(a Answer, reason string) Answer {
	w.t.Helper()
	linked, err := w.Revoke(w.ctx, by("li.na"), RevokeCommand{Case: a.Case.ID, Comment: reason})
	require.NoError(w.t, err)
	return linked
}

// entriesOf counts the entries of a case's timeline by event.
func (w *world) entriesOf(a Answer) map[string]int {
	w.t.Helper()
	rows, _, err := w.db.Timeline(w.ctx, a.Case.ID, store.Page{Limit: 200})
	require.NoError(w.t, err)
	count := map[string]int{}
	for _, r := range rows {
		count[r.Event]++
	}
	return count
}

// What the approval of a revocation sets off stands in the outbox from its own transaction on: whoever is killed in between, it takes effect, once, and until then
// nobody begins another one.
func TestARevocationSurvivesTheServer(t *testing.T) {
	t.Parallel()
	w, a := newDeals(t)
	linked := w.revokes(a, "the customer backed out")
	dying := worldOn(t, w.db)
	dying.ctx = diedAfterCommit(w.ctx)
	require.Equal(t, "approved", dying.must(linked, "zhou.min", ActCommand{Act: process.EventApprove}).Case.Outcome)
	require.Equal(t, "approved", w.again(a).Case.Outcome)
	require.Equal(t, 1, w.errandsLeft())
	_, err := w.Revoke(w.ctx, by("li.na"), RevokeCommand{Case: a.Case.ID})
	require.Equal(t, process.CodeAlreadyOpen, code(t, err))

	rows, err := w.db.TakeOutbox(w.ctx, store.TopicCall, time.Now().Add(time.Hour), time.Now(), 10)
	require.NoError(t, err)
	require.Len(t, rows, 1)
	var wait sync.WaitGroup
	for range 24 {
		wait.Go(func() {
			if err := w.Deliver(w.ctx, rows[0]); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	require.Zero(t, w.errandsLeft())
	require.Equal(t, "revoked", w.again(a).Case.Outcome)
	count := w.entriesOf(a)
	require.Equal(t, []int{1, 2, 1}, []int{count["revoked"], count["undone"], count["ended"]})
	require.NotContains(t, []any{"agreed", "done"}, w.recordOf(a).Fields["need"])
	require.NoError(t, w.Deliver(w.ctx, rows[0]), "it was carried out")
	require.Equal(t, count, w.entriesOf(a))
}

// A case is revoked by its own version, whatever was published since, and a revoking case is no second case of the process on its record.
func TestARevocationGoesByTheVersionOfItsCase(t *testing.T) {
	t.Parallel()
	w, a := newDeals(t)
	_, problems := w.publish([]process.File{{Path: "deal.yaml", Content: strings.NewReplacer("{user: zhou.min}", "{user: chen.bo}").Replace(revocable)}})
	require.False(t, process.Failed(problems), "%v", problems)
	linked := w.revokes(a, "")
	require.Equal(t, 1, linked.Case.Version)
	require.Equal(t, []string{"zhou.min"}, linked.Case.Open[0].Who)
	require.Equal(t, "撤销 D0001："+w.row(a).Subject, linked.Case.Subject)
	st, err := decodeState(w.row(linked).State)
	require.NoError(t, err)
	require.Equal(t, process.FormatLinked, st.Format, "an older software leaves it alone")
	st, err = decodeState(w.row(a).State)
	require.NoError(t, err)
	require.Equal(t, process.FormatLinked, st.Format)

	other, err := w.Start(w.ctx, by("li.na"), StartCommand{Process: "deal", Record: &a.Case.Record})
	require.NoError(t, err)
	_, err = w.Start(w.ctx, by("li.na"), StartCommand{Process: "deal", Record: &a.Case.Record})
	require.ErrorContains(t, err, other.Case.Number)
	_, err = w.Migrate(w.ctx, admin(), MigrateCommand{Case: linked.Case.ID, Comment: "x"})
	require.Equal(t, process.CodeFieldInvalid, code(t, err))
	require.NotContains(t, w.again(linked).Case.Admin, "migrate")

	w.must(linked, "zhou.min", ActCommand{Act: process.EventApprove})
	require.Equal(t, "revoked", w.again(a).Case.Outcome)
	require.Equal(t, "running", w.again(other).Case.Status)
}

// A revocation that can't be undone for now – the definition of its case is gone – waits until it can.
func TestARevocationWaitsForItsDefinition(t *testing.T) {
	t.Parallel()
	w, a := newDeals(t)
	linked := w.revokes(a, "")
	dying := worldOn(t, w.db)
	dying.ctx = diedAfterCommit(w.ctx)
	dying.must(linked, "zhou.min", ActCommand{Act: process.EventApprove})
	rename := func(from, to string) {
		_, err := w.db.Exec(w.ctx, `UPDATE definitions SET digest = $2 WHERE kind = 'process' AND digest = $1`, from, to)
		require.NoError(t, err)
	}
	digest := w.row(a).Digest
	_, problems := w.publish([]process.File{{Path: "deal.yaml", Content: strings.NewReplacer("title: Deal", "title: A deal").Replace(revocable)}})
	require.False(t, process.Failed(problems), "%v", problems)
	rename(digest, "lost")
	rows, err := w.db.TakeOutbox(w.ctx, store.TopicCall, time.Now().Add(time.Hour), time.Now(), 10)
	require.NoError(t, err)
	fresh := worldOn(t, w.db)
	require.Error(t, fresh.Deliver(w.ctx, rows[0]))
	require.Equal(t, 1, w.errandsLeft())
	rename("lost", digest)
	require.NoError(t, fresh.Deliver(w.ctx, rows[0]))
	require.Equal(t, "revoked", w.again(a).Case.Outcome)
	require.Zero(t, w.errandsLeft())
}
