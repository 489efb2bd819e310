package e2e_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	scratch string // everything the tests write, removed at the end
	shared  oneStack
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	// These tests wait for processes and for moments; how many run side by side isn't a matter of processors.
	if f := flag.Lookup("test.parallel"); f != nil && f.Value.String() == f.DefValue {
		_ = f.Value.Set("3") // a number is always taken; with more, two cores have their hands full with starting
	}
	var err error
	if scratch, err = os.MkdirTemp("", "crmflow-e2e-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := errors.Join(shared.stop(), noneLeft()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	if code == 0 {
		_ = os.RemoveAll(scratch) // made above, for this run only; after a failure the logs are worth reading
	} else {
		fmt.Fprintln(os.Stderr, "logs and data directories:", scratch)
	}
	return code
}

// noneLeft is an error when a process of any of our stacks still runs.
func noneLeft() error {
	err := eventually(20*time.Second, "every process has ended", func() (bool, error) {
		left := processesOf(scratch)
		if len(left) == 0 {
			return true, nil
		}
		return false, errors.New("still running:\n" + strings.Join(left, "\n"))
	})
	return err
}

// processesOf lists the processes whose command line or environment names the path.
func processesOf(path string) []string {
	var found []string
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		command, _ := os.ReadFile(filepath.Join(dir, "cmdline")) // it may be gone, or not ours: then it is nobody's
		environment, _ := os.ReadFile(filepath.Join(dir, "environ"))
		works, _ := os.Readlink(filepath.Join(dir, "cwd"))
		mine := filepath.Base(dir) == fmt.Sprint(os.Getpid())
		if !mine && strings.Contains(string(command)+"\x00"+string(environment)+"\x00"+works, path) {
			found = append(found, filepath.Base(dir)+" "+strings.ReplaceAll(string(command), "\x00", " "))
		}
	}
	return found
}

// program is the built crmflow: CRMFLOW_TEST_BIN, or one built here.
var program = sync.OnceValues(func() (string, error) {
	if bin := os.Getenv("CRMFLOW_TEST_BIN"); bin != "" {
		return filepath.Abs(bin)
	}
	bin := filepath.Join(scratch, "bin", "crmflow")
	build := exec.Command("go", "build", "-o", bin, ".")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("crmflow can't be built: %w\n%s", err, out)
	}
	return bin, nil
})

// needStack skips the test in a checkout where `make build` has not been run yet.
func needStack(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("../bin/crmflow-temporal"); err != nil {
		t.Skip("bin/crmflow-temporal is not built; `make test` builds it first")
	}
}

// oneStack is the stack that all tests share which kill nothing; it starts with the first of them.
type oneStack struct {
	once   sync.Once
	stack  *stack
	err    error
	before []func() error // to be done before it is stopped
}

// sharedStack gives the one stack, for tests that neither kill nor stop anything.
func sharedStack(t *testing.T) *stack {
	t.Helper()
	needStack(t)
	shared.once.Do(func() {
		shared.stack, shared.err = launch(options{name: "shared"})
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.stack
}

func (o *oneStack) stop() error {
	if o.stack == nil {
		return nil
	}
	var errs []error
	for _, do := range o.before {
		errs = append(errs, do())
	}
	return errors.Join(append(errs, o.stack.stop())...)
}

// eventually asks until the answer is yes. The error is the last one asked for, or that it took too long.
func eventually(within time.Duration, what string, ask func() (bool, error)) error {
	deadline := time.Now().Add(within)
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, 250*time.Millisecond) {
		yes, err := ask()
		if yes {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not within %v: %s: %w", within, what, errors.Join(err))
		}
		time.Sleep(pause)
	}
}

// soak says whether the larger numbers are wanted.
func soak() bool { return os.Getenv("CRMFLOW_TEST_SIZE") == "soak" }

// size is n, or the larger number when CRMFLOW_TEST_SIZE asks for it.
func size(n, large int) int {
	if soak() {
		return large
	}
	return n
}
