package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/storetest"
)

// A role is held for one value, for several, or for everything; each is written with the person or with the role, and read by both.
func TestRolesAreHeldForAValue(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	tx := func(do func(tx *store.Tx) error) {
		t.Helper()
		require.NoError(t, db.Tx(t.Context(), do))
	}
	tx(func(tx *store.Tx) error {
		for _, id := range []string{"r", "other"} {
			if err := tx.AddCircle(t.Context(), store.Roles, store.Circle{ID: id}); err != nil {
				return err
			}
		}
		for id, roles := range map[string][]string{"all": {"r"}, "north": {"r@north"}, "both": {"r@south", "r@north"}, "odd": {"r@a@b", "other"}, "nobody": nil} {
			if err := tx.AddUser(t.Context(), store.User{ID: id, Language: "zh", Active: true, Roles: roles}); err != nil {
				return err
			}
		}
		return nil
	})
	members := func(want map[process.Principal][]string) {
		t.Helper()
		d := db.Directory(t.Context())
		for p, ids := range want {
			require.Equal(t, ids, d.Members(p), p)
		}
		require.NoError(t, d.Err())
	}
	members(map[process.Principal][]string{
		"role:r": {"all", "both", "north", "odd"}, "role:r@north": {"both", "north"}, "role:r@south": {"both"}, "role:r@a@b": {"odd"}, "role:r@a": nil, "role:r@*": {"all"}, "role:r@": nil,
		"role:none@north": nil, "role:other@*": {"odd"},
	})
	mine, err := db.PrincipalsOf(t.Context(), "both")
	require.NoError(t, err)
	require.ElementsMatch(t, []process.Principal{"user:both", "role:r", "role:r@north", "role:r@south"}, mine)

	tx(func(tx *store.Tx) error {
		c, err := tx.Circle(t.Context(), store.Roles, "r")
		require.Equal(t, map[string][]string{"north": {"both", "north"}, "south": {"both"}, "a@b": {"odd"}}, c.Scoped.V)
		require.Equal(t, []string{"all"}, []string(c.Members))
		require.NoError(t, err)
		c.Scoped.V = map[string][]string{"north": {"nobody"}}
		return tx.SetCircle(t.Context(), store.Roles, c)
	})
	members(map[process.Principal][]string{"role:r": {"all", "nobody"}, "role:r@north": {"nobody"}, "role:r@south": nil})
	tx(func(tx *store.Tx) error {
		u, err := tx.User(t.Context(), "nobody")
		require.NoError(t, err)
		require.Equal(t, []string{"r@north"}, []string(u.Roles))
		u.Roles = []string{"r", "r@west"}
		return tx.SetUser(t.Context(), u)
	})
	members(map[process.Principal][]string{"role:r@north": nil, "role:r@west": {"nobody"}, "role:r@*": {"all", "nobody"}})
}
