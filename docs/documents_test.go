package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// walk calls f for every file of ours with one of the suffixes, its path relative to the root.
func walk(t *testing.T, f func(path, content string), suffixes ...string) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (strings.HasPrefix(name, ".") && name != ".." || slices.Contains([]string{"node_modules", "bin", "dist", "testdata"}, name)) {
			return fs.SkipDir
		}
		if entry.IsDir() || !slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(name, s) }) {
			return nil
		}
		content, err := os.ReadFile(path)
		f(strings.TrimPrefix(filepath.ToSlash(path), "../"), string(content))
		return err
	})
	require.NoError(t, err)
}

// tests gives the names of every test, example and fuzz function of the tree.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Example|Fuzz|Benchmark)\w+)\(`)
	names := map[string]bool{}
	walk(t, func(_, content string) {
		for _, m := range declared.FindAllStringSubmatch(content, -1) {
			names[m[1]] = true
		}
	}, "_test.go")
	require.NotEmpty(t, names)
	return names
}

var testName = regexp.MustCompile("`((?:Test|Example|Fuzz|Benchmark)[A-Z]\\w*)`")

func TestDocumentsNameOnlyTestsThatExist(t *testing.T) {
	t.Parallel()
	names := tests(t)
	walk(t, func(path, content string) {
		for _, m := range testName.FindAllStringSubmatch(content, -1) {
			if !names[m[1]] {
				t.Errorf("%s names %s, which isn't in the tree", path, m[1])
			}
		}
	}, ".md")
}

// pageTest is a file of browser tests as documents name it.
var pageTest = regexp.MustCompile("`(web/e2e/[\\w-]+\\.test\\.mjs)`")

func TestDocumentsNameOnlyPageTestsThatExist(t *testing.T) {
	t.Parallel()
	walk(t, func(path, content string) {
		for _, m := range pageTest.FindAllStringSubmatch(content, -1) {
			if _, err := os.Stat("../" + m[1]); err != nil {
				t.Errorf("%s names %s, which isn't in the tree", path, m[1])
			}
		}
	}, ".md")
}

func TestDocumentsLinkOnlyToWhatExists(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	walk(t, func(path, content string) {
		for _, m := range link.FindAllStringSubmatch(content, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			target := filepath.Join("..", filepath.Dir(path), m[1])
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which isn't there", path, m[1])
			}
		}
	}, ".md")
}

// section gives the text below a heading, up to the next one of the same level.
func section(t *testing.T, path, heading string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(content), "\n## "+heading+"\n")
	require.True(t, found, "%s has no section %q", path, heading)
	rest, _, _ = strings.Cut(rest, "\n## ")
	return rest
}

// rows gives the cells of a table's rows, without its head.
func rows(text string) [][]string {
	var out [][]string
	for _, line := range strings.Split(text, "\n") {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		out = append(out, cells)
	}
	if len(out) < 2 {
		return nil
	}
	return out[2:]
}

func TestReadmeEveryRowOfWhatWorksNamesATest(t *testing.T) {
	t.Parallel()
	english := rows(section(t, "../README.md", "What works today"))
	chinese := rows(section(t, "../README.zh-CN.md", "现在能做什么"))
	require.NotEmpty(t, english)
	require.Len(t, chinese, len(english))
	for i := range english {
		require.Regexp(t, testName.String()+"|"+pageTest.String(), english[i][1], english[i][0])
		require.Equal(t, english[i][1], chinese[i][1], "the two languages name the same tests")
	}
}

func TestReadmeShowsTheSameInBothLanguages(t *testing.T) {
	t.Parallel()
	blocks := func(path string) []string {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		return regexp.MustCompile("(?ms)^```(?:sh|text|yaml)\n.*?^```$").FindAllString(string(content), -1)
	}
	require.Equal(t, blocks("../README.md"), blocks("../README.zh-CN.md"))
}

// Every line of docs/semantics.md names the tests that show it, or says plainly that it isn't there yet.
func TestSemanticsEveryLineIsShownOrNotYet(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("semantics.md")
	require.NoError(t, err)
	var numbers []string
	for _, row := range rows(string(content)) {
		require.Len(t, row, 4, row[0])
		numbers = append(numbers, row[0])
		if row[2] == "–" {
			require.NotEqual(t, "–", row[3], "line %s: nothing is shown, so say what isn't there yet", row[0])
			continue
		}
		require.Regexp(t, testName, row[2], "line %s", row[0])
	}
	require.Equal(t, strings.Fields("1 2 3 4 5 6 7 8 9 10 11 12 13 13a 14 15 16 17 18 19 20 21 22 23 24 25"), numbers)
}

// Every module that go.mod requires directly has its reason in decision 0005.
func TestDecisionsNameEveryDependency(t *testing.T) {
	t.Parallel()
	decision, err := os.ReadFile("decisions/0005-dependencies.md")
	require.NoError(t, err)
	gomod, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`(?m)^(?:require)?\s+([a-z][\w./-]+\.[\w./-]+) v\S+$`).FindAllStringSubmatch(string(gomod), -1) {
		if !strings.Contains(string(decision), "`"+m[1]+"`") {
			t.Errorf("docs/decisions/0005-dependencies.md doesn't say why %s is needed", m[1])
		}
	}
}

// What we publish names no path of anybody's machine.
func TestDocumentsNameNoMachine(t *testing.T) {
	t.Parallel()
	private := regexp.MustCompile(`(^|[\s"'(=])/(home|root|Users)/[a-z]`)
	walk(t, func(path, content string) {
		if at := private.FindString(content); at != "" {
			t.Errorf("%s holds a path of a machine: %s", path, at)
		}
	}, ".md", ".yaml", ".yml", ".json")
}
