package engine

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// What was foreseen stands beside the state of a running case, in the format that the release before reads, and goes with its end. A case of that release
// has none, and is compared with nothing.
func TestWhatWasForeseenStandsBesideTheState(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kept := func(a Answer) (size int) {
		require.NoError(t, w.db.Get(w.ctx, &size, `SELECT coalesce(octet_length(foreseen::text), 0) FROM cases WHERE id = $1`, a.Case.ID))
		return size
	}
	a, old := w.start(), w.start()
	t.Logf("%d bytes", kept(a))
	require.Positive(t, kept(a))
	require.Less(t, kept(a), 2<<10)
	st, err := decodeState(w.row(a).State)
	require.NoError(t, err)
	require.Equal(t, process.FormatPlain, st.Format)
	w.must(a, "wang.fang", ActCommand{Act: process.EventReject, Comment: "no"})
	require.Zero(t, kept(a))

	_, err = w.db.Exec(w.ctx, `UPDATE cases SET foreseen = NULL WHERE id = $1`, old.Case.ID)
	require.NoError(t, err)
	w.must(old, "wang.fang", ActCommand{Act: process.EventApprove})
	require.Zero(t, kept(old))
}
