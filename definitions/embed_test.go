package definitions_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/process"
)

// The guide quotes what is shipped, and a process owner trusts it: every block of docs/language.md that is a whole document of ours is that file, byte for byte.
func TestDocumentsAreQuotedByteForByteInTheGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/language.md")
	require.NoError(t, err)
	quoted := map[string]bool{}
	for _, block := range regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(string(guide), -1) {
		quoted[block[1]] = true
	}
	for _, path := range []string{"lead-review/lead-review.yaml", "records/lead.yaml", "calendars/cn-office.yaml"} {
		content, err := definitions.FS.ReadFile(path)
		require.NoError(t, err)
		require.True(t, quoted[string(content)], "docs/language.md doesn't quote %s as it is", path)
	}
}

func TestDocumentsAreThePublishedOnesOnly(t *testing.T) {
	t.Parallel()
	var paths []string
	for _, d := range definitions.Documents() {
		require.NotEmpty(t, d.Content, d.Path)
		paths = append(paths, d.Path)
	}
	require.Equal(t, []string{"calendars/cn-office.yaml", "calendars/us-office.yaml", "complaint/complaint-limit.yaml", "complaint/complaint.yaml", "lead-review/lead-review.yaml",
		"quote-follow-up/quote-follow-up.yaml", "records/complaint.yaml", "records/customer.yaml", "records/lead.yaml", "records/quote.yaml", "rights.yaml"}, paths)
}

// companyNames says who and what exists in the sample company.
type companyNames map[process.Principal]bool

func (n companyNames) Has(p process.Principal) bool { return n[p] }

func TestDocumentsLoad(t *testing.T) {
	t.Parallel()
	c := company(t)
	names := companyNames{}
	for _, u := range c.Users {
		names[process.User(u.ID)] = true
		names[process.Principal("position:"+u.Position)] = true
	}
	for _, r := range c.Roles {
		names[process.Principal("role:"+r.ID)] = true
	}
	for _, d := range c.Departments {
		names[process.Principal("department:"+d.ID)] = true
	}
	var files []process.File
	for _, d := range definitions.Documents() {
		files = append(files, process.File{Path: d.Path, Content: d.Content})
	}
	library, problems := process.Load(files, nil, names)
	var warnings []string
	for _, p := range problems {
		require.True(t, p.Warning, p.String("en"))
		warnings = append(warnings, p.File+": "+p.Message.EN)
	}
	require.Equal(t, meant, slices.Compact(warnings))
	require.Len(t, library.Processes, 3)
}

// meant are the warnings that the shipped definitions live with: an unfounded complaint skips the departments and is answered like any other, and
// the status of a quote may also be set by hand, which its events are for.
var meant = []string{
	"complaint/complaint.yaml: `answer` is also entered from above; is that meant, or should it be `aside: true`?",
	"quote-follow-up/quote-follow-up.yaml: anybody may change the field `status`, not only this process: should it stand in `changed_only_by`?",
}

func TestHolidaysCoverTheYearsOfTheOfficeCalendar(t *testing.T) {
	t.Parallel()
	for _, year := range []int{2024, 2025, 2026} {
		content, err := definitions.Holidays("cn", year)
		require.NoError(t, err)
		var published struct {
			Year int `json:"year"`
			Days []struct {
				Name     string `json:"name"`
				Date     string `json:"date"`
				IsOffDay bool   `json:"isOffDay"`
			} `json:"days"`
		}
		require.NoError(t, json.Unmarshal(content, &published))
		require.Equal(t, year, published.Year)
		off, work := 0, 0
		for _, day := range published.Days {
			if day.IsOffDay {
				off++
			} else {
				work++
			}
		}
		require.Greater(t, off, 20, "statutory days off in %d", year)
		require.Positive(t, work, "make-up working days in %d", year)
	}
	_, err := definitions.Holidays("cn", 2023)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestNoticeNamesTheSourceOfTheHolidays(t *testing.T) {
	t.Parallel()
	notice, err := os.ReadFile("../NOTICE")
	require.NoError(t, err)
	require.True(t, strings.Contains(string(notice), "NateScarlet/holiday-cn") && strings.Contains(string(notice), "MIT"))
}
