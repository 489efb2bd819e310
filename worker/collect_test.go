package worker

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
)

// writes adds an entry to a case's timeline, by the database or by a transaction.
func (s *stack) writes(exec func(context.Context, string, ...any) (int64, error), a engine.Answer, seq int) {
	s.t.Helper()
	_, err := exec(s.ctx, `INSERT INTO timeline (case_id, seq, at, event) VALUES ($1, $2, '2026-11-23 09:00+08', 'decided')`, a.Case.ID, seq)
	require.NoError(s.t, err)
}

// collects looks through the timeline, limit entries at a time, until a webhook is to hear so many of them. Other tests' transactions on the same server may hold it up.
func (s *stack) collects(webhook string, limit, entries int) {
	s.t.Helper()
	s.until("they are noted", func() bool {
		_, err := s.db.CollectDeliveries(s.ctx, time.Now(), limit)
		require.NoError(s.t, err)
		n := 0
		for _, of := range s.deliveries(webhook) {
			n += of
		}
		require.LessOrEqual(s.t, n, entries)
		return n == entries
	})
}

// next takes what a webhook is to hear now, and notes it as delivered; what follows in a case comes after what stands before it.
func (s *stack) next(webhook string) (seqs []int) {
	s.t.Helper()
	now := time.Now().Add(time.Second)
	for {
		taken, err := s.db.TakeDeliveries(s.ctx, webhook, now, now.Add(time.Hour), 100)
		require.NoError(s.t, err)
		if len(taken) == 0 {
			return seqs
		}
		for _, d := range taken {
			seqs = append(seqs, d.Seq)
			require.NoError(s.t, s.db.Delivered(s.ctx, d, now, 200))
		}
	}
}

// What commits late is not skipped, though later transactions were looked at before it.
func TestALateCommitIsHeard(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	late, early := s.start(), s.start()
	s.listens("w", "https://erp.example.com")
	require.NoError(t, s.db.Tx(s.ctx, func(tx *store.Tx) error {
		s.writes(tx.Exec, late, 101)
		s.writes(s.db.Exec, early, 201)
		_, err := s.db.CollectDeliveries(s.ctx, time.Now(), 1000)
		return err
	}))
	s.collects("w", 1000, 2)
	require.ElementsMatch(t, []int{101, 201}, s.next("w"))
	s.writes(s.db.Exec, early, 202)
	s.collects("w", 1000, 3)
	require.Equal(t, []int{202}, s.next("w"), "nothing twice")
}

// Who came first and waited for the case writes after who came later: their entries are still heard in the order of the case, however few are looked at at once.
func TestTheOrderOfACaseIsNotThatOfItsTransactions(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	a, b := s.start(), s.start()
	s.listens("w", "https://erp.example.com")
	require.NoError(t, s.db.Tx(s.ctx, func(tx *store.Tx) error {
		s.writes(tx.Exec, b, 50)
		s.writes(s.db.Exec, a, 101)
		s.writes(tx.Exec, a, 102)
		return nil
	}))
	s.writes(s.db.Exec, a, 103)
	s.until("they are noted", func() bool {
		_, err := s.db.CollectDeliveries(s.ctx, time.Now(), 1)
		require.NoError(t, err)
		var ahead int
		require.NoError(t, s.db.Get(s.ctx, &ahead, `SELECT count(*) FROM webhook_deliveries d JOIN timeline l ON l.case_id = d.case_id AND l.seq < d.seq AND l.seq > 100
			WHERE NOT EXISTS (SELECT 1 FROM webhook_deliveries e WHERE e.case_id = l.case_id AND e.seq = l.seq)`))
		require.Zero(t, ahead, "what stands before an entry is there with it")
		return s.deliveries("w")[store.DeliveryWaiting] == 4
	})
	heard := s.next("w")
	require.ElementsMatch(t, []int{50, 101, 102, 103}, heard)
	require.IsIncreasing(t, slices.DeleteFunc(heard, func(seq int) bool { return seq == 50 }))
}

// A database that was restored into another one counts its transactions anew: webhooks go on from there, and nothing old comes again.
func TestWebhooksGoOnInARestoredDatabase(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	a := s.start()
	s.listens("w", "https://erp.example.com")
	s.writes(s.db.Exec, a, 101)
	s.collects("w", 1000, 1)
	require.Equal(t, []int{101}, s.next("w"))
	for _, q := range []string{
		`UPDATE timeline SET xact = '9000000000' WHERE xact > '0'`, `UPDATE webhook_cursor SET xact = '9000000000'`, `UPDATE webhooks SET since = '8000000000'`,
		`DELETE FROM webhook_deliveries`,
	} {
		_, err := s.db.Exec(s.ctx, q)
		require.NoError(t, err)
	}
	s.collects("w", 2, 0)
	s.writes(s.db.Exec, a, 102)
	s.collects("w", 1000, 1)
	require.Equal(t, []int{102}, s.next("w"))
	var foreign int
	require.NoError(t, s.db.Get(s.ctx, &foreign, `SELECT count(*) FROM timeline WHERE xact >= '8000000000'`))
	require.Zero(t, foreign)
}
