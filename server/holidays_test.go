package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// A year of holidays that isn't published yet may be named: until it is, what is counted over it is provisional.
func TestAYearOfHolidaysThatIsntPublishedIsProvisional(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("zhou.min")
	calendar := func(from string) map[string]any {
		return files("calendar: plant\nzone: Asia/Shanghai\nweek: {mon-fri: [\"09:00-18:00\"]}\nholidays: {from: " + from + ", years: [2026, 2027]}\n")
	}
	owner.post("/definitions", calendar("cn")).ok()
	due := owner.get("/calendars/plant/explain?from=2026-09-30T17:00:00%2B08:00&within=2%20working%20hours").ok()
	require.Equal(t, "2026-10-08T10:00:00+08:00", due["due"], "the National Day holiday of 2026 counts")
	require.Equal(t, false, due["provisional"])
	due = owner.get("/calendars/plant/explain?from=2026-12-31T17:30:00%2B08:00&within=1%20working%20hour").ok()
	require.Equal(t, "2027-01-01T09:30:00+08:00", due["due"], "the week goes on")
	require.Equal(t, true, due["provisional"])
	owner.post("/definitions", calendar("china")).refused(process.CodeInvalid)
}
