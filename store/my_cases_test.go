package store_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/crowd"
	"github.com/crmflow/crmflow/store/storetest"
)

// The cases that somebody has started are all of theirs, once each, whether or not anybody has a task there: those that haven't ended, and those that have.
func TestOnesOwnCasesAreThoseThatRunAndThoseThatHaveEnded(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	for n := range 9 {
		kase(t, db, fmt.Sprint("c", n), true, nil)
	}
	exec(t, db, `UPDATE cases SET started_at = started_at + substr(id, 2)::integer * interval '1 hour'`)
	exec(t, db, `UPDATE cases SET status = 'ended', outcome = 'approved', ended_at = started_at WHERE id IN ('c1', 'c4', 'c8')`)
	exec(t, db, `UPDATE cases SET status = 'suspended' WHERE id = 'c3'`)
	exec(t, db, `UPDATE cases SET initiator = 'somebody else' WHERE id IN ('c0', 'c8')`)
	yes, no := true, false
	for _, one := range []struct {
		open *bool
		want []string
	}{{&yes, []string{"c7", "c6", "c5", "c3", "c2"}}, {&no, []string{"c4", "c1"}}, {nil, []string{"c7", "c6", "c5", "c4", "c3", "c2", "c1"}}} {
		var ids []string
		page := store.Page{Limit: 2}
		for {
			rows, next, err := db.Cases(t.Context(), store.Viewer{User: "starter", Principals: []string{"user:starter"}}, store.CaseFilter{Initiator: "starter", Open: one.open}, page)
			require.NoError(t, err)
			for _, row := range rows {
				ids = append(ids, row.Case.ID)
			}
			if page.After = next; next == nil {
				break
			}
		}
		require.Equal(t, one.want, ids)
	}
}

func exec(t *testing.T, db *store.DB, query string) {
	t.Helper()
	_, err := db.Exec(t.Context(), query)
	require.NoError(t, err)
}

// Of a large company too, a page of one's own cases reads no more than it shows. The busy one has started 4,000, of which all but the first 100 have ended.
func myCasesAreAWalkOfTheirIndex(t *testing.T, plain *store.DB) {
	const fifth = `substr(id, 5)::integer % 5 = 0`
	exec(t, plain, `UPDATE cases SET initiator = '`+crowd.Busy+`' WHERE `+fifth)
	exec(t, plain, `INSERT INTO case_people (principal, case_id) SELECT 'user:`+crowd.Busy+`', id FROM cases WHERE `+fifth+` ON CONFLICT DO NOTHING`)
	exec(t, plain, `UPDATE cases SET status = 'ended', outcome = 'approved', ended_at = started_at WHERE `+fifth+` AND substr(id, 5)::integer >= 500`)
	for _, table := range []string{"cases", "case_people", "inbox"} {
		exec(t, plain, `VACUUM ANALYZE `+table)
	}
	db, plans := plain.Explained()
	yes, no := true, false
	for _, open := range []*bool{&yes, &no, nil} {
		for _, process := range []string{"", "a"} {
			rows, _, err := db.Cases(t.Context(), viewer(t, plain, crowd.Busy), store.CaseFilter{Initiator: crowd.Busy, Open: open, Process: process}, store.Page{Limit: 10})
			require.NoError(t, err)
			require.Len(t, rows, 10)
		}
	}
	require.Len(t, *plans, 6)
	for _, p := range *plans {
		rows, pages, scanned := cost(p)
		require.Empty(t, scanned, p.SQL)
		require.LessOrEqual(t, max(rows, pages), 200, p.SQL)
	}
}

// A decision changes no indexed column of its case, and with it none of its indexes: the text that it is found by included. A new subject does.
func TestADecisionTouchesNoIndexOfItsCase(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	kase(t, db, "c1", true, []store.TaskRow{{ID: "t1", CaseID: "c1", Kind: "approve", Status: store.TaskOpen, Assignee: ptr("a"), OpenedAt: noon, Process: ptr("p")}})
	updates := func(subject string) (hot, all int) {
		require.NoError(t, db.Tx(t.Context(), func(tx *store.Tx) error {
			type counts struct {
				Hot int `db:"n_tup_hot_upd"`
				All int `db:"n_tup_upd"`
			}
			var before, after counts // of the connection
			const count = `SELECT n_tup_hot_upd, n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'cases'`
			if err := tx.Get(t.Context(), &before, count); err != nil {
				return err
			}
			err := tx.SaveCase(t.Context(), store.CaseWrite{
				Case:   store.CaseRow{ID: "c1", Subject: subject, Status: "running", Stage: "next", Seq: 2, State: json.RawMessage(`{"seq": 2}`), WakeAt: ptr(noon)},
				Closed: []store.TaskClose{{ID: "t1", Outcome: "approved", By: ptr("a"), At: noon}},
			})
			if err != nil {
				return err
			}
			err = tx.Get(t.Context(), &after, count)
			hot, all = after.Hot-before.Hot, after.All-before.All
			return err
		}))
		return hot, all
	}
	hot, all := updates("")
	require.Equal(t, []int{1, 1}, []int{hot, all})
	hot, _ = updates("海川机械")
	require.Zero(t, hot)
	found, _, err := db.Cases(t.Context(), store.Viewer{All: true}, store.CaseFilter{Query: "海川"}, store.Page{Limit: 10})
	require.NoError(t, err)
	require.Len(t, found, 1, "and the case is found by it")
}
