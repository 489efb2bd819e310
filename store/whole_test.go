package store_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/storetest"
)

// Many transactions as one: a part that fails is undone alone, and nobody else sees anything before the end.
func TestAWholeIsAllOrNothing(t *testing.T) {
	t.Parallel()
	db := storetest.FromEnv(t)
	count := func(db *store.DB) (n int) {
		require.NoError(t, db.Get(t.Context(), &n, `SELECT count(*) FROM roles`))
		return n
	}
	refused := errors.New("refused")
	add := func(db *store.DB, id string, end error) error {
		return db.Tx(t.Context(), func(tx *store.Tx) error {
			if err := tx.AddCircle(t.Context(), store.Roles, store.Circle{ID: id}); err != nil {
				return err
			}
			return end
		})
	}
	tell := func(end error) error {
		return db.Whole(t.Context(), func(whole *store.DB) error {
			require.NoError(t, add(whole, "a", nil))
			require.ErrorIs(t, add(whole, "b", refused), refused)
			require.Error(t, add(whole, "a", nil), "there is one already")
			require.NoError(t, add(whole, "c", nil))
			require.Equal(t, 2, count(whole))
			require.Zero(t, count(db), "nobody else sees any of it yet")
			return end
		})
	}
	require.ErrorIs(t, tell(refused), refused)
	require.Zero(t, count(db))
	require.NoError(t, tell(nil))
	require.Equal(t, 2, count(db))
}
