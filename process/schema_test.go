package process

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

const schemaFile = "../docs/definitions.schema.json"

func TestSchemaFileIsUpToDate(t *testing.T) {
	t.Parallel()
	if os.Getenv("CRMFLOW_UPDATE") != "" {
		require.NoError(t, os.WriteFile(schemaFile, Schema(), 0o644))
	}
	committed, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	require.Equal(t, string(Schema()), string(committed), "run CRMFLOW_UPDATE=1 go test ./process -run TestSchemaFileIsUpToDate")
}

// readMap is what the loader reads of one sort of map, as it was seen while loading files.
type readMap struct {
	what  string
	known map[string]bool
}

// heard loads files and gives the keys that the loader knew at every map it came to.
func heard(files []File) []readMap {
	var all []readMap
	set := &loadSet{lib: NewLibrary(), base: NewLibrary()}
	set.knows = func(what string, known keys) {
		v := readMap{what: what, known: map[string]bool{}}
		for key := range known {
			v.known[key] = true
		}
		if what == "a field" { // what a field may hold depends on its type: all of it together
			for _, old := range all {
				if old.what == what {
					maps.Copy(old.known, v.known)
					return
				}
			}
		}
		if !slices.ContainsFunc(all, func(old readMap) bool { return old.what == what && maps.Equal(old.known, v.known) }) {
			all = append(all, v)
		}
	}
	set.load(files)
	return all
}

// everyFile is every definition in the tree, also those with problems: the loader comes to all its maps in them.
func everyFile(t *testing.T) []File {
	t.Helper()
	var files []File
	for _, dir := range []string{"testdata", "../definitions"} {
		require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".yaml" {
				return err
			}
			content, err := os.ReadFile(path)
			files = append(files, File{Path: path, Content: string(content)})
			return err
		}))
	}
	return files
}

// same says whether an object of the table is what the loader reads: no key missing, and none too many.
func (v readMap) same(o object) bool {
	written := map[string]bool{}
	for _, w := range o.words {
		written[w.key] = true
		if !v.known[w.key] {
			return false
		}
	}
	for key := range v.known {
		if !written[key] {
			return false
		}
	}
	return v.what == o.what && (o.step == "" || v.known[o.step])
}

// The table of words is what the loader reads, both ways: every map that it comes to stands in the table with just its keys, and every map
// of the table that can be reached by words of this version is one that it reads.
func TestSchemaKnowsWhatTheLoaderReads(t *testing.T) {
	t.Parallel()
	read := heard(everyFile(t))
	require.Greater(t, len(read), 20)
	for _, v := range read {
		if v.what == "`when`" || v.what == "`then`" {
			continue // the columns of a decision table: its owner names them
		}
		require.True(t, slices.ContainsFunc(objects, v.same), "the loader reads %s with %q; the table of words doesn't", v.what, slices.Sorted(maps.Keys(v.known)))
	}
	for _, o := range objects {
		if o.what == "" || slices.ContainsFunc(read, func(v readMap) bool { return v.same(o) }) {
			continue
		}
		require.False(t, reachable(o, read), "the table of words has %s with its keys, which the loader never reads", o.name)
	}
}

// reachable says whether a word that the loader knows leads to an object, or it is a document or a kind of step by itself.
func reachable(o object, read []readMap) bool {
	if _, kind := documentKinds[o.name]; kind || stepKinds[o.step] != nil {
		return true
	}
	mentions := regexp.MustCompile(`\b` + regexp.QuoteMeta(o.name) + `\b`)
	for _, from := range objects {
		for _, v := range read {
			for _, w := range from.words {
				if from.name != o.name && v.same(from) && v.known[w.key] && mentions.MatchString(w.shape) && onlyThere(w, o, v) {
					return true
				}
			}
		}
	}
	return false
}

// onlyThere leaves out words whose value this version reads in its simpler forms only: a mode without votes, a limit without a table.
func onlyThere(w word, o object, _ readMap) bool {
	return !strings.Contains(w.shape, " | ") || o.name == "to"
}

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("definitions.schema.json", doc))
	s, err := c.Compile("definitions.schema.json")
	require.NoError(t, err)
	return s
}

// valid says what a schema has against a YAML document.
func valid(t *testing.T, s *jsonschema.Schema, text string) error {
	t.Helper()
	l := &loader{loadSet: &loadSet{lib: NewLibrary()}}
	root := l.parse(document{text: text})
	require.NotNil(t, root, text)
	return s.Validate(root.plain())
}

// plain is a YAML value as a JSON Schema sees it.
func (n *node) plain() any {
	switch n.kind {
	case nodeText:
		return n.text
	case nodeNumber:
		return n.number
	case nodeBool:
		return n.truth
	case nodeMap:
		out := map[string]any{}
		for _, p := range n.pairs {
			out[p.key.text] = p.value.plain()
		}
		return out
	case nodeList:
		out := []any{}
		for _, v := range n.items {
			out = append(out, v.plain())
		}
		return out
	}
	return nil
}

func TestSchemaAcceptsEveryDocumentOfTheGuide(t *testing.T) {
	t.Parallel()
	s := compiledSchema(t)
	guide, err := os.ReadFile("../docs/language.md")
	require.NoError(t, err)
	texts := map[string]string{}
	for i, block := range regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllStringSubmatch(string(guide), -1) {
		if first, _, _ := strings.Cut(block[1], ":"); slices.Contains(documentNames, first) {
			texts["block "+string(rune('0'+i))] = block[1]
		}
	}
	paths, err := filepath.Glob("testdata/load/language/*.yaml")
	require.NoError(t, err)
	more, err := filepath.Glob("testdata/say/*.yaml")
	require.NoError(t, err)
	for _, path := range append(paths, more...) {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		texts[path] = string(content)
	}
	require.GreaterOrEqual(t, len(texts), 12)
	for name, text := range texts {
		require.NoError(t, valid(t, s, text), name)
	}
}

func TestSchemaRefusesWhatIsNoWord(t *testing.T) {
	t.Parallel()
	s := compiledSchema(t)
	good := chainOf("  - {id: ask, approve: Ask, by: {user: a}, due: 2 working days, on: {rejected: no, returned: {go: resubmit}}}\n")
	require.NoError(t, valid(t, s, good))
	for _, change := range [][2]string{
		{"by: {user: a}", "bye: {user: a}"}, {"by: {user: a}", "by: {usr: a}"}, {"by: {user: a}", "by: somebody"}, {"2 working days", "2 workdays"},
		{"approve: Ask", "aprove: Ask"}, {"approve: Ask", "approve: Ask, task: Ask"}, {"go: resubmit", "goto: resubmit"}, {"rejected: no", "refused: no"},
		{"required", "needed"}, {"resubmit: {", "resubmits: {"}, {"record: thing", "records: thing"},
	} {
		bad := strings.Replace(good, change[0], change[1], 1)
		require.NotEqual(t, good, bad)
		require.Error(t, valid(t, s, bad), change[1])
	}
}
