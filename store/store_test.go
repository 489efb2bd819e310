package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/storetest"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// put writes a case with news about it, as an event does.
func put(t *testing.T, db *store.DB, id string, seq int, isNew, urgent, starts bool) {
	t.Helper()
	payload := fmt.Sprintf(`{"seq": %d}`, seq)
	require.NoError(t, db.Tx(t.Context(), func(tx *store.Tx) error {
		if isNew {
			if err := tx.SaveRecords(t.Context(), record(id)); err != nil {
				return err
			}
		}
		return tx.SaveCase(t.Context(), store.CaseWrite{
			Case: store.CaseRow{ID: id, Process: "p", Digest: "d", Number: id, RecordType: "lead", RecordID: id, Initiator: "u", Status: "running",
				State: json.RawMessage(`{}`), Seq: seq, StartedAt: noon},
			New:      isNew,
			Timeline: []store.TimelineRow{{CaseID: id, Seq: seq, At: noon, Event: "decided"}},
			Outbox: &store.OutboxRow{Topic: store.TopicCase, Key: id, Seq: seq, Urgent: urgent, Starts: starts, Payload: json.RawMessage(payload),
				Created: noon, Due: noon.Add(time.Duration(seq) * time.Second)},
		})
	}))
}

func record(id string) store.RecordWrite {
	return store.RecordWrite{New: true,
		Record:  store.RecordRow{ID: id, Type: "lead", Version: 1, Fields: json.RawMessage(`{"phone": "1"}`), CreatedBy: "u", CreatedAt: noon, ChangedAt: noon},
		History: store.RecordHistoryRow{RecordID: id, Version: 1, At: noon, Changes: json.RawMessage(`{}`)},
		Unique:  []store.UniqueRow{{Type: "lead", Field: "phone", Value: id, RecordID: id}},
	}
}

// News that hasn't arrived is replaced by later news; what was urgent, or a start, stays so, and the earliest attempt counts.
func TestLaterNewsReplacesEarlier(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	put(t, db, "c1", 1, true, true, true)
	put(t, db, "c1", 2, false, false, false)
	rows, err := db.TakeOutbox(t.Context(), store.TopicCase, noon, noon, 10)
	require.NoError(t, err)
	require.Empty(t, rows, "the server still has its chance")
	now, again := noon.Add(time.Second), noon.Add(time.Minute)
	rows, err = db.TakeOutbox(t.Context(), store.TopicCase, now, again, 10)
	require.NoError(t, err)
	require.Len(t, rows, 1)
	require.Equal(t, 2, rows[0].Seq)
	require.True(t, rows[0].Urgent)
	require.True(t, rows[0].Starts)
	require.JSONEq(t, `{"seq": 2}`, string(rows[0].Payload))
	rows, err = db.TakeOutbox(t.Context(), store.TopicCase, now, again, 10)
	require.NoError(t, err)
	require.Empty(t, rows, "another worker leaves it alone")

	require.NoError(t, db.DeleteOutbox(t.Context(), store.TopicCase, []store.Arrived{{Key: "c1", Seq: 1}}))
	n, err := db.CountOutbox(t.Context(), store.TopicCase)
	require.NoError(t, err)
	require.Equal(t, 1, n, "an older arrival says nothing about it")
	require.NoError(t, db.DeleteOutbox(t.Context(), store.TopicCase, []store.Arrived{{Key: "c1", Seq: 2}}))
	put(t, db, "c1", 3, false, false, false)
	rows, err = db.TakeOutbox(t.Context(), store.TopicCase, again, again, 10)
	require.NoError(t, err)
	require.False(t, rows[0].Starts)
}

func TestErrorsAreOurs(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	ctx := t.Context()
	put(t, db, "c1", 1, true, false, false)
	_, err := db.CaseNow(ctx, "none")
	require.ErrorIs(t, err, store.ErrNotFound)

	other := record("c2")
	other.Unique[0].Value = "c1"
	err = db.Tx(ctx, func(tx *store.Tx) error { return tx.SaveRecords(ctx, other) })
	var unique *store.UniqueError
	require.ErrorAs(t, err, &unique)
	require.Equal(t, store.ConstraintUniqueField, unique.Constraint)
	holders, err := db.UniqueHolders(ctx, other.Unique)
	require.NoError(t, err)
	require.Equal(t, []store.Holder{{Ours: "c2", Field: "phone", ID: "c1"}}, holders)

	_, err = db.Exec(ctx, `SELECT nothing`)
	require.Error(t, err)
	require.NotErrorIs(t, err, store.ErrUnavailable)

	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, err = db.CaseNow(gone, "c1")
	require.ErrorIs(t, err, store.ErrUnavailable)
	_, err = db.Exec(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`)
	require.ErrorIs(t, err, store.ErrUnavailable)
	_, err = db.CaseNow(ctx, "c1")
	require.NoError(t, err, "a lost connection is replaced")
}

// A lock that nobody gives up becomes an error of the outage kind; the transaction that waits doesn't wait for ever.
func TestALockedCaseIsUnavailable(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	put(t, db, "c1", 1, true, false, false)
	require.NoError(t, db.Tx(t.Context(), func(tx *store.Tx) error {
		_, err := tx.LockCase(t.Context(), "c1")
		require.NoError(t, err)
		err = db.Tx(t.Context(), func(other *store.Tx) error {
			if _, err := other.Exec(t.Context(), `SET LOCAL lock_timeout = '50ms'`); err != nil {
				return err
			}
			_, err := other.LockCase(t.Context(), "c1")
			return err
		})
		require.ErrorIs(t, err, store.ErrUnavailable)
		return nil
	}))
}

var errAsked = errors.New("there is no department quality")

// A directory that has lost its connection knows nobody. What follows from that is not an answer, whatever it was taken for.
func TestWhatIsConcludedAfterALostLookUpIsWorthNothing(t *testing.T) {
	t.Parallel()
	db, ctx := storetest.FromEnv(t), t.Context()
	require.NoError(t, db.Tx(ctx, func(tx *store.Tx) error { return tx.AddCircle(ctx, store.Roles, store.Circle{ID: "buyers"}) }))
	for what, concluded := range map[string]error{"a refusal": errAsked, "an agreement": nil} {
		err := db.Tx(ctx, func(tx *store.Tx) error {
			require.True(t, tx.Directory(ctx).Has("role:buyers"))
			_, err := tx.Exec(ctx, `SELECT pg_terminate_backend(pg_backend_pid())`)
			require.ErrorIs(t, err, store.ErrUnavailable)
			require.False(t, tx.Directory(ctx).Has("role:buyers"), "nothing is known any more")
			return concluded
		})
		require.ErrorIs(t, err, store.ErrUnavailable, what)
		require.NotErrorIs(t, err, errAsked, what)
	}
	err := db.Tx(ctx, func(tx *store.Tx) error {
		_, found := tx.Directory(ctx).Department("quality")
		require.False(t, found)
		return errAsked
	})
	require.ErrorIs(t, err, errAsked, "what isn't there is an answer")
}

// Of two transactions that wait for each other PostgreSQL ends one, and it is run again.
func TestADeadlockIsRunAgain(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	for _, id := range []string{"a", "b"} {
		put(t, db, id, 1, true, false, false)
	}
	locked := make(chan struct{}, 2)
	both := make(chan struct{})
	go func() { <-locked; <-locked; close(both) }()
	run := func(first, second string) error {
		attempt := 0
		return db.Tx(t.Context(), func(tx *store.Tx) error {
			attempt++
			if _, err := tx.LockCase(t.Context(), first); err != nil {
				return err
			}
			if attempt == 1 {
				locked <- struct{}{}
				<-both
			}
			_, err := tx.LockCase(t.Context(), second)
			return err
		})
	}
	errs := make(chan error, 2)
	go func() { errs <- run("a", "b") }()
	go func() { errs <- run("b", "a") }()
	require.NoError(t, <-errs)
	require.NoError(t, <-errs)
}

func TestNumbersAreTakenWithoutGaps(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	take := func(fail bool) (n map[string]int) {
		err := db.Tx(t.Context(), func(tx *store.Tx) (err error) {
			if n, err = tx.Count(t.Context(), map[string]int{"a": 1, "b": 2}); fail {
				return context.Canceled
			}
			return err
		})
		require.Equal(t, fail, err != nil)
		return n
	}
	require.Equal(t, map[string]int{"a": 1, "b": 2}, take(false))
	take(true)
	require.Equal(t, map[string]int{"a": 2, "b": 4}, take(false))
}

func TestEachStatementIsOneRoundTripAndIsCounted(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	put(t, db, "c1", 1, true, false, false)
	ctx, n := store.CountStatements(t.Context())
	require.NoError(t, db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.LockCase(ctx, "c1")
		return err
	}))
	require.Equal(t, 1, n.Transactions())
	require.Equal(t, 3, n.Statements(), n.Texts())
	for i := range 500 { // more statements than a connection keeps prepared
		var got int
		require.NoError(t, db.Get(t.Context(), &got, fmt.Sprintf(`SELECT %d + $1::int`, i), 1))
		require.Equal(t, i+1, got)
	}
	// A migration beneath a prepared statement: the connection forgets it.
	_, err := db.Exec(t.Context(), `ALTER TABLE counters ADD COLUMN extra integer`)
	require.NoError(t, err)
}

func TestTheDirectoryIsLive(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	for _, q := range []string{
		`INSERT INTO departments (id, name, head, parent, calendar) VALUES ('top', '{}', 'boss', NULL, 'office'), ('sales', '{"zh":"销售","en":"Sales"}', 'head', 'top', NULL)`,
		`INSERT INTO users (id, name, department, manager, position, active) VALUES ('boss', '{}', 'top', NULL, NULL, true), ('head', '{}', 'sales', NULL, NULL, true),
			('li', '{"zh":"李","en":"Li"}', 'sales', 'boss', 'seller', true), ('left', '{}', 'sales', 'gone', 'seller', false)`,
		`INSERT INTO roles (id, name) VALUES ('r', '{}'), ('empty', '{}')`, `INSERT INTO user_roles (role, user_id) VALUES ('r', 'li'), ('r', 'left'), ('r', 'boss')`,
		`INSERT INTO groups (id, name) VALUES ('g', '{}')`, `INSERT INTO group_members (group_id, user_id) VALUES ('g', 'li')`,
	} {
		_, err := db.Exec(t.Context(), q)
		require.NoError(t, err)
	}
	ctx, n := store.CountStatements(t.Context())
	d := db.Directory(ctx)
	d.Load([]string{"li", "nobody"}, nil)
	li, ok := d.Person("li")
	require.True(t, ok)
	require.Equal(t, process.Person{ID: "li", Name: process.Text{ZH: "李", EN: "Li"}, Department: "sales", Manager: "boss", Language: "zh", Active: true}, li)
	for _, id := range []string{"boss", "head"} {
		_, ok = d.Person(id)
		require.True(t, ok)
	}
	_, ok = d.Person("nobody")
	require.False(t, ok)
	sales, _ := d.Department("sales")
	require.Equal(t, process.Department{ID: "sales", Name: process.Text{ZH: "销售", EN: "Sales"}, Head: "head", Parent: "top"}, sales)
	top, _ := d.Department("top")
	require.Equal(t, "office", top.Calendar)
	require.Equal(t, 1, n.Statements(), "all that came with one look")

	for p, want := range map[process.Principal][]string{
		"role:r": {"boss", "li"}, "role:empty": nil, "role:none": nil, "group:g": {"li"}, "position:seller": {"li"}, "department:sales": {"head", "li"},
		"user:li": {"li"}, "user:left": nil, "user:nobody": nil, "sort:x": nil,
	} {
		require.Equal(t, want, d.Members(p), p)
		before := n.Statements()
		d.Members(p)
		require.Equal(t, before, n.Statements(), "remembered")
	}
	require.True(t, d.Has("role:empty"))
	require.False(t, d.Has("role:none"))
	require.NoError(t, d.Err())
	mine, err := db.PrincipalsOf(t.Context(), "li")
	require.NoError(t, err)
	require.ElementsMatch(t, []process.Principal{"user:li", "department:sales", "position:seller", "role:r", "role:r@*", "group:g"}, mine)
	mine, err = db.PrincipalsOf(t.Context(), "left")
	require.NoError(t, err)
	require.Empty(t, mine)

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	broken := db.Directory(gone)
	_, ok = broken.Person("li")
	require.False(t, ok)
	require.ErrorIs(t, broken.Err(), store.ErrUnavailable)
}

func TestBusinessTime(t *testing.T) {
	t.Parallel()
	var same store.Clock
	require.Equal(t, noon, same.At(noon))
	require.Equal(t, noon, same.RealOf(noon))
	db := storetest.FromEnv(t)
	require.NoError(t, db.SetClock(t.Context(), noon, noon.AddDate(0, 1, 0), 60))
	p, err := db.Present(t.Context())
	require.NoError(t, err)
	require.InDelta(t, 60, p.Speed(), 0)
	require.Equal(t, noon.AddDate(0, 1, 0).Add(time.Hour), p.At(noon.Add(time.Minute)))
	real := p.RealOf(noon.AddDate(0, 1, 0).Add(time.Hour))
	require.False(t, p.At(real).Before(noon.AddDate(0, 1, 0).Add(time.Hour)), "by then the moment has come")
}

func TestOldKeysAreForgotten(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	for i, at := range []time.Time{noon, noon.Add(store.KeyLife)} {
		require.NoError(t, db.Tx(t.Context(), func(tx *store.Tx) error {
			kept, err := tx.TakeKey(t.Context(), store.RequestKey{Caller: "u", Key: fmt.Sprint(i), Hash: []byte{1}}, at)
			require.Nil(t, kept)
			return err
		}))
	}
	n, err := db.DeleteOldKeys(t.Context(), noon.Add(store.KeyLife), 100)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}

func TestMigratingTwiceAtOnce(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	errs := make(chan error, 3)
	for range 3 {
		go func() { errs <- db.Migrate(t.Context()) }()
	}
	for range 3 {
		require.NoError(t, <-errs)
	}
	done, err := db.Migrated(t.Context())
	require.NoError(t, err)
	require.True(t, done)
	_, err = db.Exec(t.Context(), `ALTER TABLE goose_db_version RENAME TO elsewhere`)
	require.NoError(t, err)
	done, err = db.Migrated(t.Context())
	require.NoError(t, err)
	require.False(t, done, "there are no tables of ours")
}

func TestAnAddressThatCantBeReadKeepsItsPassword(t *testing.T) {
	t.Parallel()
	_, err := store.Open("postgres://crmflow:ge/heim@db/crmflow", store.Pool{})
	require.ErrorContains(t, err, "%2F for /")
	require.NotContains(t, err.Error(), "ge/heim")
	require.NotContains(t, err.Error(), "crmflow:ge")
}
