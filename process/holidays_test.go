package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseHolidays(t *testing.T) {
	t.Parallel()
	all := cnHolidays(t)
	require.Contains(t, all, Holiday{"2026-10-01", "国庆节", true})
	require.Contains(t, all, Holiday{"2026-10-10", "国庆节", false})

	for _, bad := range []string{"", "[]", "{}", `{"days":[]}`, `{"days":[{"name":"x","date":"2026-13-01","isOffDay":true}]}`,
		`{"days":[{"name":"x","date":"2026-10-01"}]}`, `{"days":[{"date":"2026-10-01","isOffDay":true}]}`} {
		_, err := ParseHolidays([]byte(bad))
		require.ErrorContains(t, err, "holidays: ", bad)
	}
}
