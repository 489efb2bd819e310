package scenario_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// The scenarios that the guides show are true of the shipped chains.
func TestTheGuidesScenariosPass(t *testing.T) {
	t.Parallel()
	block := regexp.MustCompile("(?s)```yaml\n(.*?)```")
	for _, path := range []string{"../docs/scenarios.md", "../docs/language.md"} {
		guide, err := os.ReadFile(path)
		require.NoError(t, err)
		played := 0
		for _, m := range block.FindAllStringSubmatch(string(guide), -1) {
			if strings.Contains(m[1], "\ncases:") {
				played++
				passes(t, play(t, "en", process.File{Path: "guide_test.yaml", Content: m[1]}))
			}
		}
		require.Equal(t, 1, played, path)
	}
}
