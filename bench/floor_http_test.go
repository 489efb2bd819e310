package bench

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTransactionOf_WritesTheSameRowsInAsManyStatementsAsAsked(t *testing.T) {
	t.Parallel()
	for n := 3; n < 40; n++ {
		got := transactionOf(n)
		require.Len(t, got, n)
		all := ""
		for _, s := range got {
			all += s.sql + ";"
		}
		require.Equal(t, 10, strings.Count(all, "INSERT INTO"), "%d statements", n)
		require.Equal(t, 3, strings.Count(all, "UPDATE bench."))
		require.Contains(t, got[1].sql, "FOR UPDATE", "the case is locked before anything else is read")
		require.NotContains(t, all, "{key}")
	}
}

func TestNumbered_OneNumberPerName(t *testing.T) {
	t.Parallel()
	got := numbered(`INSERT INTO t VALUES ({key}, {row}, {key}::text || '-1', '{"zh": "x"}')`, false)
	require.Equal(t, statement{sql: `INSERT INTO t VALUES ($1, $2, $1::text || '-1', '{"zh": "x"}')`, params: []string{"key", "row"}}, got)
}

func TestDocument_IsJSONOfAboutTheSize(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 300, 2048, 64 << 10} {
		got := document(size)
		require.True(t, json.Valid([]byte(got)))
		require.InDelta(t, size, len(got), 100)
	}
}

func TestTally_SortsStatements(t *testing.T) {
	t.Parallel()
	got := tally([]string{"SELECT who", "BEGIN", "SELECT 1", "UPDATE 2", "COMMIT", "SELECT after", "BEGIN", "SELECT 3", "ROLLBACK"})
	require.Equal(t, counted{transactions: 2, lookups: 2, statements: 3}, got)
	require.Equal(t, 9, got.all())
}
