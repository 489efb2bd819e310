package definitions_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/process"
)

// What the guide says of the rights of sales, their managers and quality holds in the sample company, word for word; the company only adds to it.
func TestTheShippedRightsHoldThoseOfTheGuide(t *testing.T) {
	t.Parallel()
	var files []process.File
	for _, d := range definitions.Documents() {
		files = append(files, process.File{Path: d.Path, Content: d.Content})
	}
	shipped, found := process.Load(files, nil, nil)
	require.False(t, process.Failed(found))
	guide, err := os.ReadFile("../docs/language.md")
	require.NoError(t, err)
	block := regexp.MustCompile("(?s)```yaml\n(rights:\n.*?)```").FindStringSubmatch(string(guide))
	require.NotEmpty(t, block)
	said, found := process.Load([]process.File{{Path: "guide.yaml", Content: block[1]}}, shipped, nil)
	require.Empty(t, found)
	of := map[process.Principal]process.Grant{}
	for _, g := range shipped.Rights.Grants {
		of[g.Who] = g
	}
	require.Len(t, said.Rights.Grants, 3)
	for _, g := range said.Rights.Grants {
		for typ, right := range g.Records {
			require.Equal(t, right, of[g.Who].Records[typ], "%s: %s", g.Who, typ)
		}
		for id, right := range g.Processes {
			require.Equal(t, right, of[g.Who].Processes[id], "%s: %s", g.Who, id)
		}
	}
}
