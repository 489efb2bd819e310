package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A calendar is told of holidays that there are; a year of them that isn't published yet is no mistake.
func TestHolidaysOfNowhereAreRefused(t *testing.T) {
	t.Parallel()
	written := func(from string) []File {
		return []File{{Path: "c.yaml", Content: "calendar: c\nzone: Asia/Shanghai\nweek: {mon: [\"09:00-12:00\"]}\nholidays: {from: " + from + ", years: [2031]}\n"}}
	}
	_, problems := Load(written("china"), nil, nil)
	require.Equal(t, "c.yaml:4:18: there are no holidays of `china`; write one of `cn`, `us`\n    4 | holidays: {from: china, years: [2031]}\n      |                  ^\n", render(problems, "en"))
	_, problems = Load(written("cn"), nil, nil)
	require.Empty(t, problems)
}
