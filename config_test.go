package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
)

// settingsOf reads the configuration of a command given these flags.
func settingsOf(t *testing.T, args ...string) (config, error) {
	t.Helper()
	cmd := &cobra.Command{RunE: func(*cobra.Command, []string) error { return nil }}
	addSettings(cmd, "addr", "database_url", "temporal_address", "temporal_namespace", "temporal_ui", "systems", "dev", "log_level")
	cmd.SetArgs(args)
	require.NoError(t, cmd.Execute())
	return readConfig(cmd)
}

// clean takes the variables of whoever runs the tests away.
func clean(t *testing.T) {
	t.Helper()
	for _, s := range settings {
		for _, name := range s.variables() {
			t.Setenv(name, "")
			require.NoError(t, os.Unsetenv(name))
		}
	}
	t.Setenv("CRMFLOW_CONFIG", "")
}

func TestConfigurationIsFileThenEnvironmentThenFlags(t *testing.T) {
	clean(t)
	file := filepath.Join(t.TempDir(), "crmflow.yaml")
	require.NoError(t, os.WriteFile(file, []byte("addr: 0.0.0.0:1\ntemporal_namespace: file\ntemporal_ui: http://file\ndev: true\n"), 0o600))
	t.Setenv("CRMFLOW_TEMPORAL_NAMESPACE", "environment")
	t.Setenv("CRMFLOW_TEMPORAL_UI", "http://environment")
	t.Setenv("DATABASE_URL", "postgres://plain")
	got, err := settingsOf(t, "--config", file, "--temporal-ui", "http://flag")
	require.NoError(t, err)
	require.Equal(t, config{
		Addr: "0.0.0.0:1", DatabaseURL: "postgres://plain", TemporalAddress: "127.0.0.1:7233", TemporalNamespace: "environment", TemporalUI: "http://flag", Rate: 300, FilesAtMost: "20 MB", MailFrom: "crmflow <crmflow@localhost>", Dev: true, LogLevel: "info",
	}, got)
	t.Setenv("CRMFLOW_DATABASE_URL", "postgres://ours")
	got, err = settingsOf(t)
	require.NoError(t, err)
	require.Equal(t, "postgres://ours", got.DatabaseURL, "our own variable goes before the plain one")
}

func TestAnUnknownKeyIsAnErrorWhereverItStands(t *testing.T) {
	clean(t)
	file := filepath.Join(t.TempDir(), "crmflow.yaml")
	require.NoError(t, os.WriteFile(file, []byte("adr: x\n"), 0o600))
	_, err := settingsOf(t, "--config", file)
	require.ErrorContains(t, err, "adr")
	_, err = settingsOf(t, "--config", filepath.Join(t.TempDir(), "none.yaml"))
	require.Error(t, err)
	t.Setenv("CRMFLOW_ADRR", "x")
	_, err = settingsOf(t)
	require.ErrorContains(t, err, "CRMFLOW_ADRR")
}

// crmflow runs a command line and gives what it printed.
func crmflow(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = run(args, &out, &err)
	return code, out.String(), err.String()
}

func TestEveryCommandSaysWhatItDoes(t *testing.T) {
	for _, name := range []string{"server", "worker", "migrate", "health", "dev", "bench", "definitions", "definitions check", "definitions say", "definitions schema", "definitions publish", "definitions list", "definitions show", "definitions diff"} {
		code, out, _ := crmflow(append(strings.Fields(name), "--help")...)
		require.Zero(t, code, name)
		require.Contains(t, out, "Usage:", name)
	}
	code, out, _ := crmflow("--version")
	require.Zero(t, code)
	require.Contains(t, out, "crmflow "+version)
	code, _, said := crmflow("server", "--no-such-flag")
	require.Equal(t, 2, code)
	require.Contains(t, said, "no-such-flag")
	clean(t)
	code, _, said = crmflow("migrate")
	require.Equal(t, 1, code)
	require.Contains(t, said, "DATABASE_URL")
}

// Everything wrong is shown at once, at its place with a caret; what is right is told way by way.
func TestDefinitionsCheck(t *testing.T) {
	code, out, _ := crmflow("definitions", "check", "--lang", "en", "definitions")
	require.Zero(t, code, out)
	require.Contains(t, out, "lead-review")
	require.Contains(t, out, "→ ends as approved")
	path := filepath.Join(t.TempDir(), "bad.yaml")
	require.NoError(t, os.WriteFile(path, []byte("process: bad\ntitle: Bad\nrecord: lead\nsteps:\n  - approve: X\n    bye: {role: sales}\n"), 0o600))
	code, out, _ = crmflow("definitions", "check", "--lang", "en", path)
	require.Equal(t, 1, code)
	require.Contains(t, out, path+":6:5: ")
	require.Contains(t, out, "    6 |     bye: {role: sales}\n      |     ^")
	code, _, said := crmflow("definitions", "check", t.TempDir())
	require.Equal(t, 1, code)
	require.Contains(t, said, "no definitions")
}

// A systems file that can't be right keeps server and worker from starting: a chain would call nobody, or somebody else.
func TestABrokenFileOfSystemsIsSaidAtTheStart(t *testing.T) {
	clean(t)
	file := filepath.Join(t.TempDir(), "systems.yaml")
	require.NoError(t, os.WriteFile(file, []byte("systems: {erp: {url: \"https://erp.example.com\", adress: x}}\n"), 0o600))
	t.Setenv("CRMFLOW_SYSTEMS", file)
	for _, name := range []string{"server", "worker"} {
		code, _, said := crmflow(name, "--database-url", "postgres://nobody@127.0.0.1:1/none")
		require.Equal(t, 1, code)
		require.Contains(t, said, file)
		require.Contains(t, said, "adress")
	}
}

// What docker-compose.yml sets is understood; a setting that was renamed would otherwise only be missed in production.
func TestComposeSetsWhatIsThere(t *testing.T) {
	text, err := os.ReadFile("docker-compose.yml")
	require.NoError(t, err)
	names := regexp.MustCompile(`CRMFLOW_[A-Z_]+`).FindAllString(string(text), -1)
	require.NotEmpty(t, names)
	for _, name := range names {
		require.True(t, slices.ContainsFunc(settings, func(s setting) bool { return slices.Contains(s.variables(), name) }), name)
	}
}

func TestATypingErrorInACommandIsNoSuccess(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"definitons"}, {"definitions", "chek"}, {"bench", "inbx"}} {
		var out, complaint strings.Builder
		require.NotZero(t, run(args, &out, &complaint), args)
		require.Contains(t, complaint.String(), args[len(args)-1][:4], args)
	}
	require.Zero(t, run([]string{"definitions"}, &strings.Builder{}, &strings.Builder{}))
}
