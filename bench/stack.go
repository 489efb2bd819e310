package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/crmflow/crmflow/dev"
)

const (
	startTimeout = 3 * time.Minute  // for a stack on a slow machine, a new database included
	stopTimeout  = 60 * time.Second // for PostgreSQL's last checkpoint
)

// process is a part of the running stack.
type process = dev.ProcessInfo

// stack is a running `crmflow dev`: the processes that people get, none of them ours.
type stack struct {
	dev.Status
	cmd   *exec.Cmd
	ended chan error
}

// startStack runs crmflow's dev and returns when it is ready. What it says goes to log.
func startStack(ctx context.Context, o Options, data string, log io.Writer) (*stack, error) {
	if status, err := dev.ReadStatus(data); err == nil {
		return nil, fmt.Errorf("%s is in use: crmflow dev answers there at %s; stop it, or measure elsewhere with --data", data, status.URL)
	}
	s := &stack{ended: make(chan error, 1)}
	// stop ends it in an orderly way; a context would kill it
	s.cmd = exec.CommandContext(context.WithoutCancel(ctx), o.Executable, "dev", "--data", data, "--addr", "127.0.0.1:0", fmt.Sprintf("--empty=%t", !o.company))
	s.cmd.Stdout, s.cmd.Stderr, s.cmd.SysProcAttr = log, log, ownGroup()
	s.cmd.Dir, s.cmd.Env = o.Dir, append(ownEnvironment(os.Environ()), "CRMFLOW_RATE=-1") // a few clients send what a company does
	if err := s.launch(); err != nil {
		return nil, fmt.Errorf("crmflow dev doesn't start: %w", err)
	}
	if err := s.awaitReady(ctx, data); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

// ownEnvironment leaves out what would lead the stack to somebody's database or Temporal, or set it up differently.
func ownEnvironment(environment []string) []string {
	return slices.DeleteFunc(slices.Clone(environment), func(v string) bool {
		return strings.HasPrefix(v, "DATABASE_URL=") || strings.HasPrefix(v, "TEMPORAL_") || strings.HasPrefix(v, "CRMFLOW_")
	})
}

// launch starts the child from a thread that lives as long as the child: Linux takes the thread's end for ours.
func (s *stack) launch() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := s.cmd.Start()
		started <- err
		if err == nil {
			s.ended <- s.cmd.Wait()
		}
	}()
	return <-started
}

// awaitReady waits for dev.json, which is written last.
func (s *stack) awaitReady(ctx context.Context, data string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		status, err := dev.ReadStatus(data)
		if err == nil {
			s.Status = status
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("crmflow dev ended before it was ready: %s", s.cmd.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("crmflow dev is not ready: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stop ends the stack as Ctrl-C does and returns when all of it is down.
func (s *stack) stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGINT) // ended already: then there is nothing to stop
	select {
	case err := <-s.ended:
		if err != nil {
			return fmt.Errorf("crmflow dev didn't end cleanly: %w", err)
		}
		return nil
	case <-time.After(stopTimeout):
		_ = s.cmd.Process.Kill()
		return fmt.Errorf("crmflow dev didn't stop and was killed: %w", <-s.ended)
	}
}

// workDir gives the directory that the stack lives in, and what removes it again: only one that was made here.
func workDir(wanted string) (dir string, remove func(), err error) {
	if wanted != "" {
		dir, err = filepath.Abs(wanted)
		return dir, func() {}, err
	}
	dir, err = os.MkdirTemp("", "crmflow-bench-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}
