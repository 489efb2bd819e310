package definitions_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/process"
)

// question is what people ask about a process, and the phrases that answer it: in this order, in what is said about one part of the chain.
type question struct {
	Ask   map[string]string
	About string
	Says  map[string][]string
}

// readQuestions reads a file of questions strictly.
func readQuestions(t *testing.T, content []byte) (id string, questions []question) {
	t.Helper()
	var file struct {
		Process   string
		Questions []question
	}
	require.NoError(t, yaml.UnmarshalWithOptions(content, &file, yaml.Strict()))
	require.NotEmpty(t, file.Questions)
	return file.Process, file.Questions
}

// unanswered says which phrases a text doesn't hold in their order; "" when it holds all.
func unanswered(text string, phrases []string) string {
	for _, phrase := range phrases {
		_, behind, found := strings.Cut(text, phrase)
		if !found {
			return phrase
		}
		text = behind
	}
	return ""
}

// Read aloud, every shipped process answers what its people ask.
func TestQuestionsAreAnsweredByReadingAloud(t *testing.T) {
	t.Parallel()
	var files []process.File
	for _, d := range definitions.Documents() {
		files = append(files, process.File{Path: d.Path, Content: d.Content})
	}
	library, problems := process.Load(files, nil, nil)
	require.False(t, process.Failed(problems))
	asked := map[string]bool{}
	for id, p := range library.Processes {
		content, err := definitions.FS.ReadFile(filepath.Join(id, id+"_questions.yaml"))
		require.NoError(t, err, "every shipped process has its questions")
		about, questions := readQuestions(t, content)
		require.Equal(t, id, about)
		for _, lang := range []string{"zh", "en"} {
			passages := p.Passages(lang, nil)
			for _, q := range questions {
				require.NotEmpty(t, q.Says[lang], "%s: %s has no answer in %s", id, q.Ask["zh"], lang)
				i := slices.IndexFunc(passages, func(said process.Passage) bool { return said.About == q.About })
				require.GreaterOrEqual(t, i, 0, "%s: %s is about %s, which doesn't exist", id, q.Ask["zh"], q.About)
				text := passages[i].Title + "\n" + strings.Join(passages[i].Sentences, "\n")
				require.Empty(t, unanswered(text, q.Says[lang]), "%s: %s\nnot answered by\n%s", id, q.Ask[lang], text)
				asked[id] = true
			}
		}
	}
	require.Len(t, asked, len(library.Processes))
	require.Equal(t, "b", unanswered("b a", []string{"a", "b"}), "the order counts")
}
