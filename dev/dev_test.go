package dev

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStackSaysWhereItIsAndStopsOnCtrlC(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "演示 data")
	p := startStack(t, dir, "127.0.0.1:0")
	s := p.ready(t)

	require.Equal(t, 200, statusCode(s.URL+"/readyz"))
	require.Equal(t, 1, count(t, s.Database, "SELECT count(*) FROM starts"))
	require.Equal(t, []string{"postgres", "temporal", "worker", "server"}, names(s))
	require.Equal(t, "wang", s.Users[0].Manager)
	require.NotEmpty(t, s.Temporal)
	require.Contains(t, s.TemporalUI, "http://127.0.0.1:")
	var keys map[string]any
	text, err := os.ReadFile(filepath.Join(dir, "dev.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &keys))
	for _, key := range []string{"url", "temporal", "database", "now", "scale", "processes", "users"} {
		require.Contains(t, keys, key)
	}
	require.Equal(t, "2026-03-02T09:00:00+08:00", keys["now"])
	eventually(t, time.Second, "the terminal says so", func() bool { return contains(p, "crmflow is ready: "+s.URL) })
	require.Contains(t, p.out.String(), "everybody's password is crmflow\n  lin   林晓  Sales          sales\n  wang  王强  Head of sales  sales\n")

	// A terminal sends Ctrl-C to the whole group; the parts must not be in it.
	require.NoError(t, syscall.Kill(-p.Process.Pid, syscall.SIGINT))
	require.NoError(t, p.ended(t, 10*time.Second), p.out.String())
	require.NoFileExists(t, filepath.Join(dir, "dev.json"))
	requireGone(t, s)

	s = startStack(t, dir, "127.0.0.1:0").ready(t)
	require.Equal(t, 2, count(t, s.Database, "SELECT count(*) FROM starts"), "everything is found again")
}

func TestStackIsStartedOncePerDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startStack(t, dir, "127.0.0.1:0").ready(t)
	second := startStack(t, dir, "127.0.0.1:0")
	var exit *exec.ExitError
	require.ErrorAs(t, second.ended(t, 10*time.Second), &exit)
	require.Equal(t, 1, exit.ExitCode())
	require.Equal(t, "crmflow dev already runs on "+dir+" and answers at "+s.URL+
		": use that one, stop it with Ctrl-C, or start another with --data\n", second.out.String())
	require.Equal(t, 200, statusCode(s.URL+"/readyz"), "the first one is not disturbed")
}

func TestStackTakesTheNextFreePort(t *testing.T) {
	t.Parallel()
	addr, err := new(ports).any("127.0.0.1")
	require.NoError(t, err)
	busy, err := net.Listen("tcp", addr)
	require.NoError(t, err)
	defer busy.Close()
	p := startStack(t, t.TempDir(), addr)
	s := p.ready(t)
	require.NotEqual(t, "http://"+addr, s.URL)
	require.Contains(t, p.out.String(), addr+" is in use, taking 127.0.0.1:")
}

func TestStackRestartsWhatDies(t *testing.T) {
	t.Parallel()
	p := startStack(t, t.TempDir(), "127.0.0.1:0")
	first := p.ready(t)
	for _, name := range []string{"server", "worker", "temporal", "postgres", "server", "server"} {
		before, err := ReadStatus(p.dir)
		require.NoError(t, err)
		require.NoError(t, syscall.Kill(before.pid(name), syscall.SIGKILL))
		eventually(t, 5*time.Second, name+" is back", func() bool {
			now, err := ReadStatus(p.dir)
			return err == nil && now.pid(name) != before.pid(name) && statusCode(now.URL+"/readyz") == 200 &&
				execute(t.Context(), now.Database, "SELECT 1") == nil
		})
		eventually(t, 5*time.Second, "it says so", func() bool {
			return contains(p, name+" stopped (signal: killed), starting it again\n") && contains(p, name+" is back after")
		})
	}
	now, err := ReadStatus(p.dir)
	require.NoError(t, err)
	require.Equal(t, first.URL, now.URL)
	require.Equal(t, first.Temporal, now.Temporal)
	require.Equal(t, first.Users, now.Users)
	require.Equal(t, names(first), names(now))
}

func TestStackLeavesNothingBehindWhenKilled(t *testing.T) {
	t.Parallel()
	if procRoot() == "" {
		t.Skip("only Linux ends the parts of a killed stack")
	}
	dir := t.TempDir()
	p := startStack(t, dir, "127.0.0.1:0")
	s := p.ready(t)
	require.NoError(t, p.Process.Kill())
	_ = p.ended(t, 5*time.Second)

	// At once, as an impatient person would.
	next := startStack(t, dir, "127.0.0.1:0")
	eventually(t, 30*time.Second, "dev.json is the new one's", func() bool {
		now, err := ReadStatus(dir)
		return err == nil && now.pid("server") != s.pid("server")
	})
	again := next.ready(t)
	requireGone(t, s)
	require.Equal(t, 2, count(t, again.Database, "SELECT count(*) FROM starts"))
}

func TestStackIsKilledByASecondCtrlC(t *testing.T) {
	t.Parallel()
	p := startStack(t, t.TempDir(), "127.0.0.1:0", "CRMFLOW_DEV_TEST_STUBBORN=1")
	s := p.ready(t)
	require.NoError(t, p.Process.Signal(os.Interrupt))
	eventually(t, 5*time.Second, "it is stopping", func() bool { return contains(p, "stopping") })
	require.NoError(t, p.Process.Signal(os.Interrupt))
	require.NoError(t, p.ended(t, 5*time.Second))
	requireGone(t, s)
}

func TestStackUsesADatabaseAndATemporalOfTheUsers(t *testing.T) {
	t.Parallel()
	own := cluster(t, t.TempDir())
	dir := t.TempDir()
	p := startStack(t, dir, "127.0.0.1:0", "DATABASE_URL="+own.DSN(Database), "TEMPORAL_ADDRESS=127.0.0.1:1")
	s := p.ready(t)
	require.Equal(t, []string{"worker", "server"}, names(s))
	require.Equal(t, own.DSN(Database), s.Database)
	require.Equal(t, "127.0.0.1:1", s.Temporal)
	require.Empty(t, s.TemporalUI)
	require.NoDirExists(t, filepath.Join(dir, "postgres"))
}

func TestStackGivesUpWhenAPartNeverStarts(t *testing.T) {
	t.Parallel()
	o := Options{Data: t.TempDir(), Addr: "127.0.0.1:0", Executable: "/bin/false", DatabaseURL: "postgres://nobody", TemporalAddress: "x"}
	var out buffer
	o.Stdout, o.Stderr = &out, &out
	err := Run(t.Context(), o, Hooks{})
	require.ErrorContains(t, err, "server can't be started: it ended (exit status 1)")
	require.ErrorContains(t, err, "start with another --addr")
	require.NoFileExists(t, filepath.Join(o.Data, "dev.json"))
}

func TestStackSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	err := Run(t.Context(), Options{Data: t.TempDir(), Executable: "/nowhere/crmflow"}, Hooks{})
	require.EqualError(t, err, "crmflow-temporal is missing (looked for /nowhere/crmflow-temporal): run `make build` once, or set TEMPORAL_ADDRESS to a Temporal of your own")
}

func TestFreeAddr(t *testing.T) {
	for addr, message := range map[string]string{
		"8080":             "write host:port",
		"localhost:http":   "the port must be a number",
		"127.0.0.1:70000":  "the port must be a number",
		"203.0.113.1:8080": "can't be used",
	} {
		_, err := new(ports).free(addr)
		require.ErrorContains(t, err, message, addr)
	}
	require.Equal(t, "http://127.0.0.1:8080", urlOf("0.0.0.0:8080"))
	require.Equal(t, "http://127.0.0.1:8080", urlOf(":8080"))
	require.Equal(t, "http://[::1]:8080", urlOf("[::1]:8080"))
}

// While a part is down nothing listens at its port, and no other stack may take it: its worker would work at the wrong Temporal.
func TestAPortBelongsToItsStackUntilThatEnds(t *testing.T) {
	t.Parallel()
	var one, other ports
	mine, err := one.free("127.0.0.1:0")
	require.NoError(t, err)
	again, err := one.free(mine)
	require.NoError(t, err)
	require.Equal(t, mine, again)
	taken, err := other.free(mine)
	require.NoError(t, err)
	require.NotEqual(t, mine, taken)
	one.release()
	other.release()
	back, err := other.free(mine)
	require.NoError(t, err)
	require.Equal(t, mine, back)
	other.release()
}

func TestSignInsAreAlignedAndShowWhatDiffers(t *testing.T) {
	t.Parallel()
	require.Empty(t, signIns(nil))
	require.Equal(t, `Sign in as one of these
  emma  Emma Clark  x  sales    one
  chen  陈洁           finance  two
`, signIns([]User{{User: "emma", Name: "Emma Clark", Title: "x", Department: "sales", Password: "one"},
		{User: "chen", Name: "陈洁", Department: "finance", Password: "two"}}))
}

func contains(p *process, text string) bool {
	return strings.Contains(p.out.String(), text)
}

func names(s Status) []string {
	var list []string
	for _, p := range s.Processes {
		list = append(list, p.Name)
	}
	return list
}

// requireGone checks that no process of a stopped stack is left, not even as a zombie.
func requireGone(t *testing.T, s Status) {
	t.Helper()
	for _, p := range s.Processes {
		eventually(t, 5*time.Second, p.Name+" ("+strconv.Itoa(p.PID)+") is gone", func() bool { return !alive(p.PID) })
	}
}

func statusCode(url string) int {
	client := http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}
