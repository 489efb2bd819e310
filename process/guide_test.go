package process

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The small examples of the guide are parts of a chain about a quote: a list of steps, or keys of the head.
func TestTheGuidesExamplesLoad(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/language.md")
	require.NoError(t, err)
	customer, err := os.ReadFile("../definitions/records/customer.yaml")
	require.NoError(t, err)
	var records []File
	for _, m := range yamlBlock.FindAllStringSubmatch(string(guide), -1) {
		if first, _, _ := strings.Cut(m[1], "\n"); first == "record: quote" || first == "record: lead" || first == "calendar: cn-office" {
			records = append(records, File{Path: first, Content: m[1]})
		}
	}
	records = append(records, File{Path: "customer.yaml", Content: string(customer)})
	examples := regexp.MustCompile("(?ms)^```\n(.*?)^```$").FindAllStringSubmatch(yamlBlock.ReplaceAllString(string(guide), ""), -1)
	require.NotEmpty(t, examples)
	for _, m := range examples {
		head, steps := m[1], "- {approve: Look at it, by: initiator}\n"
		if strings.HasPrefix(head, "- ") {
			head, steps = "", m[1]
		}
		chain := "process: example\nrecord: quote\nstart: {by: [role:sales]}\nresubmit: {edit: {valid_until: required}}\n" + head + "steps:\n" + steps + "- end: approved\n"
		_, problems := Load(append(records, File{Path: "example.yaml", Content: chain}), nil, nil)
		require.False(t, Failed(problems), render(problems, "en"))
	}
}
