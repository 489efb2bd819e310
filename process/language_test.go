package process

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestTheGuideLoads loads every document that the guide shows, all together, with the customer that they refer to. A scenario is none of Load's
// documents.
func TestTheGuideLoads(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/language.md")
	require.NoError(t, err)
	files := readFiles(t, "language/customer.yaml")
	var shown []string
	for i, m := range yamlBlock.FindAllStringSubmatch(string(guide), -1) {
		first, _, _ := strings.Cut(m[1], "\n")
		if strings.Contains(m[1], "\ncases:") {
			continue
		}
		shown = append(shown, first)
		files = append(files, File{Path: fmt.Sprintf("block%d.yaml", i), Content: m[1]})
	}
	require.ElementsMatch(t, []string{"process: lead-review", "process: quote-follow-up", "process: complaint", "record: lead", "record: quote",
		"record: complaint", "calendar: cn-office", "table: complaint-limit", "rights:"}, shown)
	_, problems := Load(files, nil, nil)
	require.False(t, Failed(problems), render(problems, "en"))
}
