package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	// readyWithin bounds a start; what it took is in the test's log.
	readyWithin = 3 * time.Minute
	// stopWithin bounds a clean stop.
	stopWithin = 60 * time.Second
)

// marker is a variable that every process of a stack inherits, to find it by.
const marker = "E2E_DATA="

// options is how a stack is started.
type options struct {
	name string   // of its data directory below scratch; a directory that is there already is used again
	args []string // further flags of `crmflow dev`
	env  []string
}

// stack is one `crmflow dev` with everything it runs.
type stack struct {
	options
	data  string // data directory
	log   string // what dev printed
	child *child
	took  time.Duration // from its start to dev.json

	mu     sync.Mutex
	status status
}

// status is dev.json.
type status struct {
	URL       string    `json:"url"`
	Temporal  string    `json:"temporal"`
	Database  string    `json:"database"`
	Now       time.Time `json:"now"`
	Scale     float64   `json:"scale"`
	Processes []struct {
		Name string `json:"name"`
		PID  int    `json:"pid"`
	} `json:"processes"`
	Users []struct {
		User       string   `json:"user"`
		Password   string   `json:"password"`
		Name       string   `json:"name"`
		Title      string   `json:"title"`
		Department string   `json:"department"`
		Manager    string   `json:"manager"`
		Roles      []string `json:"roles"`
		Email      string   `json:"email"`
		Language   string   `json:"language"`
	} `json:"users"`
}

// startStack starts a stack of the test's own, which is stopped at its end.
func startStack(t *testing.T, args ...string) *stack {
	t.Helper()
	return startWith(t, options{name: t.Name(), args: args})
}

func startWith(t *testing.T, o options) *stack {
	t.Helper()
	needStack(t)
	s, err := launch(o)
	require.NoError(t, err)
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("crmflow dev said:\n%s", s.said())
		}
	})
	t.Logf("%s: ready after %.1f s at %s", s.name, s.took.Seconds(), s.url())
	return s
}

// launch runs `crmflow dev` and returns when dev.json says that it is ready.
func launch(o options) (*stack, error) {
	bin, err := program()
	if err != nil {
		return nil, err
	}
	s := &stack{options: o, data: filepath.Join(scratch, o.name, "data"), log: filepath.Join(scratch, o.name, "dev.log")}
	if err := os.MkdirAll(s.data, 0o755); err != nil {
		return nil, err
	}
	left := s.written() // by a run that was killed
	began := time.Now()
	args := append([]string{"dev", "--data", s.data, "--addr", "127.0.0.1:0"}, o.args...)
	if s.child, err = spawn(s.log, append(o.env, marker+s.data), bin, args...); err != nil {
		return nil, err
	}
	err = eventually(readyWithin, "crmflow dev is ready", func() (bool, error) {
		if s.child.ended() {
			return true, nil
		}
		return !s.written().Equal(left) && s.read() == nil, nil
	})
	if err == nil && s.child.ended() {
		err = fmt.Errorf("crmflow dev ended: %w", s.child.err)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w\n%s", err, s.said()), s.stop())
	}
	s.took = time.Since(began)
	return s, nil
}

// read takes in dev.json, which is rewritten when a process was started again.
func (s *stack) read() error {
	content, err := os.ReadFile(s.statusFile())
	if err != nil {
		return err
	}
	var now status
	if err := json.Unmarshal(content, &now); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = now
	return nil
}

// written is when dev.json was written; the zero time when there is none.
func (s *stack) written() time.Time {
	info, err := os.Stat(s.statusFile())
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

func (s *stack) statusFile() string { return filepath.Join(s.data, "dev.json") }

// present is dev.json as it was read last.
func (s *stack) present() status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

func (s *stack) url() string { return s.present().URL }

// said is what dev printed.
func (s *stack) said() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// pid of a part, as dev.json says now.
func (s *stack) pid(name string) (int, error) {
	if err := s.read(); err != nil {
		return 0, err
	}
	for _, p := range s.present().Processes {
		if p.Name == name {
			return p.PID, nil
		}
	}
	return 0, fmt.Errorf("dev.json names no %s", name)
}

// kill ends a part as a power cut would; a part that is down already is left.
func (s *stack) kill(name string) (pid int, err error) {
	if pid, err = s.pid(name); err != nil {
		return 0, err
	}
	err = syscall.Kill(pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return pid, nil
	}
	return pid, err
}

// stop ends the stack as Ctrl-C does: it must exit with 0, take dev.json away and leave no process. A second stop does nothing.
func (s *stack) stop() error {
	if s.child == nil {
		return nil
	}
	child := s.child
	s.child = nil
	if child.ended() {
		return child.failure("crmflow dev had ended by itself")
	}
	if err := child.interrupt(stopWithin); err != nil {
		return fmt.Errorf("crmflow dev after Ctrl-C: %w\n%s", err, s.said())
	}
	if _, err := os.Stat(s.statusFile()); !errors.Is(err, os.ErrNotExist) {
		return errors.New("dev.json is still there after the stop")
	}
	for _, p := range s.present().Processes {
		if syscall.Kill(p.PID, 0) == nil && slices.ContainsFunc(processesOf(s.data), func(l string) bool { return strings.HasPrefix(l, fmt.Sprint(p.PID, " ")) }) {
			return fmt.Errorf("%s (process %d) outlived crmflow dev", p.Name, p.PID)
		}
	}
	return nil
}

// untilReady waits until the server can take decisions.
func (s *stack) untilReady(within time.Duration) error {
	return eventually(within, "/readyz answers 200", func() (bool, error) {
		if err := s.read(); err != nil {
			return false, err
		}
		status, body, err := probe(s.url() + "/readyz")
		if err != nil || status != http.StatusOK {
			return false, fmt.Errorf("%d %s %w", status, body, err)
		}
		return true, nil
	})
}

// child is one process that a test started.
type child struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // how it ended, after done
}

// spawn starts a program in the repository's root, its output in a file. It ends with us, however we end.
func spawn(log string, env []string, program string, args ...string) (*child, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd := exec.Command(program, args...)
	cmd.Dir = ".."
	cmd.Env = append(slices.DeleteFunc(os.Environ(), isOurs), env...)
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = out, out, bound()
	c := &child{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // the child ends with the thread that started it
		defer close(c.done)
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
		}
	}()
	return c, <-started
}

// isOurs says whether a variable would tell crmflow to use something else than what the test wants.
func isOurs(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return name == "DATABASE_URL" || name == "TEMPORAL_ADDRESS" || strings.HasPrefix(name, "CRMFLOW_")
}

func (c *child) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

func (c *child) failure(what string) error {
	if c.err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, c.err)
}

// interrupt ends the process as Ctrl-C does; what doesn't end in time is killed.
func (c *child) interrupt(within time.Duration) error {
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-c.done:
		return c.err
	case <-time.After(within):
		_ = c.cmd.Process.Kill() // it is an error already
		<-c.done
		return fmt.Errorf("it didn't end within %v", within)
	}
}

// probe asks a page that needs no sign-in.
func probe(url string) (status int, body string, err error) {
	r := client{http: newHTTP()}.send(http.MethodGet, url, "", nil)
	return r.status, string(r.body), r.err
}

// portsGiven is how many ports were given: one that is free only while its process is down isn't given to another test.
var portsGiven atomic.Int32

// freePort is a port that was free a moment ago, below those that systems give to outgoing connections.
func freePort(t *testing.T) string {
	t.Helper()
	for port := 20000 + os.Getpid()%10000 + int(portsGiven.Add(1)); port < 32000; port = 20000 + os.Getpid()%10000 + int(portsGiven.Add(1)) {
		l, err := net.Listen("tcp", fmt.Sprint("127.0.0.1:", port))
		if err == nil {
			require.NoError(t, l.Close())
			return l.Addr().String()
		}
	}
	t.Fatal("no free port")
	return ""
}
