package docs_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

const module = "github.com/crmflow/crmflow"

// goList runs `go list` in the root of the module and gives its lines.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	cmd.Dir = ".."
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// short is a package of ours as the documents name it: its path in the module, "main" for the root.
func short(importPath string) string {
	if importPath == module {
		return "main"
	}
	return strings.TrimPrefix(importPath, module+"/")
}

// realImports gives which packages of ours each package of ours imports, tests left out.
func realImports(t *testing.T) map[string][]string {
	t.Helper()
	imports := map[string][]string{}
	for _, line := range goList(t, "-e", "-f", `{{if .GoFiles}}{{.ImportPath}} {{join .Imports " "}}{{end}}`, "./...") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		ours := []string{}
		for _, path := range words[1:] {
			if path == module || strings.HasPrefix(path, module+"/") {
				ours = append(ours, short(path))
			}
		}
		slices.Sort(ours)
		imports[short(words[0])] = ours
	}
	return imports
}

// writtenImports reads the import table of docs/architecture.md: | `package` | `import`, `import` | … |
func writtenImports(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("architecture.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(text), "\n| package | imports of ours |")
	require.True(t, found, "docs/architecture.md has no import table")
	table, _, _ = strings.Cut(table, "\n\n")
	name := regexp.MustCompile("`([^`]+)`")
	imports := map[string][]string{}
	for _, row := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(row, "|")
		require.GreaterOrEqual(t, len(cells), 4, "a row of the import table: %s", row)
		ours := []string{}
		for _, m := range name.FindAllStringSubmatch(cells[2], -1) {
			ours = append(ours, m[1])
		}
		slices.Sort(ours)
		imports[name.FindStringSubmatch(cells[1])[1]] = ours
	}
	return imports
}

func TestArchitectureTheImportTableIsTheCode(t *testing.T) {
	t.Parallel()
	require.Equal(t, realImports(t), writtenImports(t), "docs/architecture.md, section Arrows: write what the code does, or mend the code")
}

// The linter must refuse what the table doesn't have: each rule of depguard that is named after a package allows exactly what its row says.
func TestArchitectureTheLinterKnowsTheImportTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../.golangci.yaml")
	require.NoError(t, err)
	var config struct {
		Linters struct {
			Settings struct {
				Depguard struct {
					Rules map[string]struct {
						Allow []string `yaml:"allow"`
					} `yaml:"rules"`
				} `yaml:"depguard"`
			} `yaml:"settings"`
		} `yaml:"linters"`
	}
	require.NoError(t, yaml.Unmarshal(text, &config))
	rules := config.Linters.Settings.Depguard.Rules
	for pkg, ours := range writtenImports(t) {
		if pkg == "main" { // the top may import everything
			continue
		}
		rule, found := rules[pkg]
		require.True(t, found, ".golangci.yaml: depguard has no rule for %s", pkg)
		allowed := []string{}
		for _, path := range rule.Allow {
			allowed = append(allowed, short(path))
		}
		slices.Sort(allowed)
		require.Equal(t, ours, allowed, ".golangci.yaml: depguard rule %s", pkg)
	}
}

func TestArchitectureProcessReachesNoWorld(t *testing.T) {
	t.Parallel()
	for _, dep := range goList(t, "-deps", "./process") {
		require.False(t, strings.HasPrefix(dep, "go.temporal.io/"), "process reaches %s", dep)
		require.NotContains(t, []string{"database/sql", "net/http", "os/exec"}, dep, "process reaches %s", dep)
		require.False(t, dep != module+"/process" && strings.HasPrefix(dep, module), "process reaches %s", dep)
	}
	// fmt reaches os; so for os, what counts is what process itself imports.
	for _, path := range strings.Fields(strings.Join(goList(t, "-f", `{{join .Imports " "}}`, "./process"), " ")) {
		require.NotContains(t, []string{"os", "io/ioutil", "net", "math/rand", "math/rand/v2", "crypto/rand"}, path)
	}
	call := regexp.MustCompile(`\btime\.(Now|Since|Until|Sleep|After|Tick|NewTimer|NewTicker)\(`)
	files, err := os.ReadDir("../process")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file.Name(), "_test.go") || !strings.HasSuffix(file.Name(), ".go") {
			continue
		}
		source, err := os.ReadFile("../process/" + file.Name())
		require.NoError(t, err)
		require.Empty(t, call.FindString(string(source)), "process/%s reads the clock", file.Name())
	}
}
