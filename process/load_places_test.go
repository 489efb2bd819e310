package process

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What can't even be parsed has its place too, and what can't be shown of it is marked.
func TestAFileThatCantBeParsedHasItsPlace(t *testing.T) {
	t.Parallel()
	for content, said := range map[string]string{
		"process: p\ntitle: \xc9\xf3\xc5\xfa\n": "p.yaml:2:1: the file is not UTF-8 text: save it as UTF-8\n    2 | title: \uFFFD\n      | ^\n",
		"process: p\ntitle: a\x00b\n":           "p.yaml:2:1: the line contains a control character: a definition is plain text\n    2 | title: a\uFFFDb\n      | ^\n",
	} {
		_, problems := Load([]File{{Path: "p.yaml", Content: content}}, nil, nil)
		require.Equal(t, said, render(problems, "en"))
	}
}
