package store_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/storetest"
)

// directoryOf asks, as an event does, who somebody is and who has a role.
func directoryOf(t *testing.T, db *store.DB, user string, role process.Principal) (manager string, members []string, statements int) {
	t.Helper()
	ctx, counter := store.CountStatements(t.Context())
	require.NoError(t, db.Tx(ctx, func(tx *store.Tx) error {
		now, err := tx.Present(ctx)
		if err != nil {
			return err
		}
		d := tx.DirectoryAt(ctx, now)
		d.Load([]string{user}, nil)
		p, _ := d.Person(user)
		manager, members = p.Manager, d.Members(role)
		return d.Err()
	}))
	return manager, members, counter.Statements() - 3 // BEGIN, the present, COMMIT
}

func TestADirectoryIsReadOnceUntilAnybodyChangesIt(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	exec := func(sql string) {
		t.Helper()
		_, err := db.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	exec(`INSERT INTO departments (id, name) VALUES ('sales', '{}')`)
	exec(`INSERT INTO users (id, name, department) VALUES ('ann', '{}', 'sales'), ('bob', '{}', 'sales'), ('cy', '{}', NULL)`)
	exec(`INSERT INTO roles (id, name) VALUES ('head', '{}')`)
	exec(`INSERT INTO groups (id, name) VALUES ('g', '{}')`)

	_, _, first := directoryOf(t, db, "ann", "role:head")
	require.Equal(t, 2, first)
	for _, c := range []struct {
		change  string
		manager string
		members []string
	}{
		{`UPDATE users SET manager = 'bob' WHERE id = 'ann'`, "bob", nil},
		{`INSERT INTO user_roles (user_id, role) VALUES ('cy', 'head')`, "bob", []string{"cy"}},
		{`UPDATE users SET active = false WHERE id = 'cy'`, "bob", nil},
		{`UPDATE users SET active = true WHERE id = 'cy'`, "bob", []string{"cy"}},
		{`DELETE FROM user_roles`, "bob", nil},
		{`INSERT INTO scoped_roles (user_id, role, scope) VALUES ('cy', 'head', 'north')`, "bob", []string{"cy"}},
		{`DELETE FROM scoped_roles`, "bob", nil},
		{`UPDATE roles SET name = '{"zh": "x"}'`, "bob", nil},
		{`UPDATE departments SET head = 'cy'`, "bob", nil},
		{`INSERT INTO group_members (group_id, user_id) VALUES ('g', 'cy')`, "bob", nil},
		{`UPDATE groups SET name = '{"zh": "x"}'`, "bob", nil},
	} {
		exec(c.change)
		for n, want := range []int{2, 0, 0} {
			manager, members, statements := directoryOf(t, db, "ann", "role:head")
			require.Equal(t, c.manager, manager, c.change)
			require.Equal(t, c.members, members, c.change)
			require.Equal(t, want, statements, "%s, asked %d times before", c.change, n)
		}
	}
}

func TestADirectoryThatWasNeverCommittedIsForgotten(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	_, err := db.Exec(t.Context(), `INSERT INTO users (id, name) VALUES ('ann', '{}'), ('bob', '{}')`)
	require.NoError(t, err)
	no := errors.New("no")
	err = db.Tx(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(t.Context(), `UPDATE users SET manager = 'bob' WHERE id = 'ann'`); err != nil {
			return err
		}
		now, err := tx.Present(t.Context())
		if err != nil {
			return err
		}
		ann, _ := tx.DirectoryAt(t.Context(), now).Person("ann")
		require.Equal(t, "bob", ann.Manager)
		return no
	})
	require.ErrorIs(t, err, no)
	manager, _, _ := directoryOf(t, db, "ann", "role:head")
	require.Empty(t, manager)
}

// What was known of the directory that an event has begun with stays one whole. Whatever is read behind a change says so.
func TestADirectoryKnowsThatItHasChangedMeanwhile(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	_, err := db.Exec(t.Context(), `INSERT INTO users (id, name) VALUES ('ann', '{}'), ('bob', '{}')`)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), `INSERT INTO roles (id, name) VALUES ('head', '{}')`)
	require.NoError(t, err)
	for name, ask := range map[string]func(d *store.Directory){
		"a person": func(d *store.Directory) { d.Person("bob") },
		"a role":   func(d *store.Directory) { d.Members("role:head") },
	} {
		require.NoError(t, db.Tx(t.Context(), func(tx *store.Tx) error {
			now, err := tx.Present(t.Context())
			if err != nil {
				return err
			}
			known := tx.DirectoryAt(t.Context(), now)
			known.Person("ann")
			_, err = db.Exec(t.Context(), `UPDATE users SET active = NOT active WHERE id = 'bob'`) // by somebody else
			require.NoError(t, err)
			d := tx.DirectoryAt(t.Context(), now)
			d.Person("ann")
			require.False(t, d.Moved(), name)
			ask(d)
			require.True(t, d.Moved(), name)
			return errors.Join(known.Err(), d.Err())
		}), name)
	}
}
