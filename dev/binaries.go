package dev

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// oldestPostgres is the oldest major version that crmflow is tested with.
const oldestPostgres = 14

// binaries is one installed PostgreSQL.
type binaries struct {
	Dir   string // holds initdb and postgres
	Major int
}

func (b binaries) path(name string) string { return filepath.Join(b.Dir, name) }

// installPlaces are the directories where packages put the server's programs; several keep them off the PATH.
var installPlaces = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/lib/postgresql*/bin",
	"/usr/pgsql-*/bin",
	"/usr/libexec/postgresql*",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
	"/usr/local/pgsql/bin",
}

// findBinaries returns the newest installed PostgreSQL, or the one that an existing data directory needs.
// The error names the command that installs what is missing.
func findBinaries(ctx context.Context, dataDir string, places []string) (binaries, error) {
	want, err := dataVersion(dataDir)
	if err != nil {
		return binaries{}, err
	}
	var best binaries
	var found []string
	for _, dir := range candidateDirs(ctx, places) {
		b, ok := inspect(ctx, dir)
		if !ok {
			continue
		}
		found = append(found, strconv.Itoa(b.Major))
		if b.Major == want {
			return b, nil
		}
		if b.Major > best.Major {
			best = b
		}
	}
	switch {
	case want != 0:
		return binaries{}, fmt.Errorf("%s was made by PostgreSQL %d, which is not installed here (found: %s)\n%s",
			dataDir, want, orNone(found), installHint(strconv.Itoa(want)))
	case best.Major == 0:
		return binaries{}, fmt.Errorf("PostgreSQL is not installed here: no initdb on the PATH or in the usual places\n%s", installHint(""))
	case best.Major < oldestPostgres:
		return binaries{}, fmt.Errorf("PostgreSQL %d is too old: crmflow needs %d or newer\n%s", best.Major, oldestPostgres, installHint(""))
	}
	return best, nil
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// installHint is what to type, for each package manager; version "" means the newest.
func installHint(version string) string {
	suffix := func(sep string) string {
		if version == "" {
			return ""
		}
		return sep + version
	}
	brew := suffix("@")
	if brew == "" {
		brew = "@17"
	}
	return fmt.Sprintf(`Install it with one of
  apt:   sudo apt-get install -y postgresql%s
  dnf:   sudo dnf install -y postgresql-server postgresql-contrib
  brew:  brew install postgresql%s
or set DATABASE_URL to a PostgreSQL of your own.`, suffix("-"), brew)
}

// dataVersion is the major version that made a data directory, 0 when there is none yet.
func dataVersion(dataDir string) (int, error) {
	text, err := os.ReadFile(filepath.Join(dataDir, "PG_VERSION"))
	if os.IsNotExist(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("can't read the PostgreSQL data directory: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s says version %q, which no PostgreSQL since 10 writes", filepath.Join(dataDir, "PG_VERSION"), text)
	}
	return major, nil
}

func candidateDirs(ctx context.Context, places []string) []string {
	var dirs []string
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(initdb); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	for _, place := range places {
		matches, _ := filepath.Glob(place) // the patterns are constants and valid
		dirs = append(dirs, matches...)
	}
	if pgConfig, err := exec.LookPath("pg_config"); err == nil {
		if out, err := exec.CommandContext(ctx, pgConfig, "--bindir").Output(); err == nil {
			dirs = append(dirs, strings.TrimSpace(string(out)))
		}
	}
	return dirs
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect tells which PostgreSQL a directory holds; ok is false when it isn't a whole one.
func inspect(ctx context.Context, dir string) (b binaries, ok bool) {
	b = binaries{Dir: dir}
	if _, err := os.Stat(b.path("initdb")); err != nil {
		return b, false
	}
	cmd := exec.CommandContext(ctx, b.path("postgres"), "--version")
	cmd.Dir = "/"
	out, err := cmd.Output()
	if err != nil {
		return b, false
	}
	match := versionPattern.FindSubmatch(out)
	if match == nil {
		return b, false
	}
	b.Major, _ = strconv.Atoi(string(match[1]))
	return b, true
}

// procRoot is where Linux shows processes; empty elsewhere.
func procRoot() string {
	if runtime.GOOS == "linux" {
		return "/proc"
	}
	return ""
}
