package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience bounds every block of the tour; most take a moment, the late ladder half a minute.
const patience = 4 * time.Minute

// The README promises that its tour prints what it shows. Blocks of `make dev` start or restart crmflow; all others run in one bash, in order.
func TestReadmeTheTourIsTrue(t *testing.T) {
	t.Parallel()
	var dev *stack
	var sh *shell
	for _, step := range tour(t, "../README.md") {
		args, isDev := devArgs(step.script)
		switch {
		case isDev && dev == nil:
			dev = startWith(t, options{name: t.Name(), args: args})
			sh = startShell(t, dev.url())
		case isDev:
			require.NoError(t, dev.stop())
			dev = startWith(t, options{name: t.Name(), args: append(args, "--addr", strings.TrimPrefix(dev.url(), "http://"))})
		default:
			require.Regexp(t, step.expected(), sh.run(t, step.script), "README.md, line %d:\n%s", step.line, step.script)
		}
	}
}

// tourStep is one block of commands of the tour, and the block after it that shows what they print.
type tourStep struct {
	line   int
	script string
	output string
}

// tour reads the fenced blocks between "## The tour" and the next heading of that level.
func tour(t *testing.T, path string) []tourStep {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var steps []tourStep
	var block []string
	fence, inside := "", false
	for i, line := range strings.Split(string(text), "\n") {
		switch {
		case fence == "" && strings.HasPrefix(line, "## "):
			inside = line == "## The tour"
		case !inside:
		case fence == "" && strings.HasPrefix(line, "```"):
			fence, block = line, nil
		case line == "```" && fence == "```sh":
			steps = append(steps, tourStep{line: i - len(block) + 1, script: strings.Join(block, "\n")})
			fence = ""
		case line == "```" && fence == "```text":
			require.NotEmpty(t, steps, "an output before any command")
			steps[len(steps)-1].output = strings.Join(block, "\n")
			fence = ""
		case line == "```":
			fence = ""
		case fence != "":
			block = append(block, line)
		}
	}
	require.Greater(t, len(steps), 8, "%s has no tour", path)
	return steps
}

// expected is the output as a pattern: {number} and {time} stand for what differs from run to run.
func (s tourStep) expected() *regexp.Regexp {
	pattern := regexp.QuoteMeta(s.output)
	pattern = strings.ReplaceAll(pattern, `\{number\}`, `\d+`)
	pattern = strings.ReplaceAll(pattern, `\{time\}`, `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`)
	return regexp.MustCompile("^" + pattern + "$")
}

// devArgs gives the arguments of a block that is just `make dev`.
func devArgs(script string) ([]string, bool) {
	m := regexp.MustCompile(`^make dev(?: ARGS="([^"]*)")?$`).FindStringSubmatch(strings.TrimSpace(script))
	if m == nil {
		return nil, false
	}
	return strings.Fields(m[1]), true
}

// shell is one bash that runs block after block and keeps its functions and variables.
type shell struct {
	dir   string
	in    io.Writer
	lines chan string
	runs  int
}

func startShell(t *testing.T, url string) *shell {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "bash")
	cmd.Env = append(os.Environ(), "CRMFLOW="+url, "no_proxy=*", "NO_PROXY=*")
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = cmd.Stdout
	require.NoError(t, cmd.Start())
	s := &shell{dir: t.TempDir(), in: in, lines: make(chan string, 100)}
	go func() {
		defer close(s.lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			s.lines <- scanner.Text()
		}
	}()
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait()
	})
	return s
}

// run executes a block and gives what it printed.
func (s *shell) run(t *testing.T, script string) string {
	t.Helper()
	s.runs++
	file := filepath.Join(s.dir, fmt.Sprintf("block%d.sh", s.runs))
	require.NoError(t, os.WriteFile(file, []byte(script+"\n"), 0o600))
	end := fmt.Sprintf("--- end of block %d ---", s.runs)
	_, err := fmt.Fprintf(s.in, ". %s </dev/null; echo '%s'\n", file, end)
	require.NoError(t, err)
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	var printed []string
	for {
		select {
		case line, ok := <-s.lines:
			if !ok {
				t.Fatalf("bash ended in:\n%s\nafter:\n%s", script, strings.Join(printed, "\n"))
			}
			if line == end {
				return strings.Join(printed, "\n")
			}
			printed = append(printed, line)
		case <-timeout.C:
			t.Fatalf("no end after %s of:\n%s\nit printed:\n%s", patience, script, strings.Join(printed, "\n"))
		}
	}
}
