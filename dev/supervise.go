package dev

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// readyWithin is how long a process may take from its start to being ready; a cold, busy machine needs seconds.
	readyWithin = 60 * time.Second
	// firstTries is how often a part is tried before the first start of everything gives up.
	firstTries = 5
	// longestPause between two tries to restart a part that can't be started.
	longestPause = 15 * time.Second
)

// Part is one process that a Supervisor runs.
type Part struct {
	Name string
	// Command makes the process's command; it is called for every start. What has to be in order before the start is done here.
	Command func(ctx context.Context) (*exec.Cmd, error)
	// ReadyLine is a line on standard output that says the process is ready; "" when there is none.
	ReadyLine string
	// Ready is asked until it returns nil; nil when there is nothing to ask.
	Ready func(ctx context.Context) error
	// Signals stop the process, one after another; SIGTERM when empty.
	Signals []syscall.Signal
	// DeathSignal reaches the process when we die; SIGKILL when zero.
	DeathSignal syscall.Signal
	// Transient tells from the end of the log that a failed start only came too early and is worth another try at once.
	Transient func(tail string) bool
	// Advice is what a person can do when the part can't be started again and again.
	Advice string
}

// ProcessInfo is a running part as dev.json shows it.
type ProcessInfo struct {
	Name string `json:"name"`
	PID  int    `json:"pid"`
}

// Supervisor starts parts, starts them again when they die, and stops them in the reverse order.
type Supervisor struct {
	// LogDir holds NAME.log for each part.
	LogDir string
	// Say tells a person what happened, one message per call.
	Say func(message string)
	// Changed is called after a process id changed; it may call Processes.
	Changed func()

	mu       sync.Mutex
	parts    []*running // in start order
	watchers sync.WaitGroup
	stopping chan struct{}
	halt     sync.Once
}

// running is a part with the process that currently carries it out.
type running struct {
	Part
	mu    sync.Mutex
	child *child
}

func (r *running) current() *child {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.child
}

// NewSupervisor returns a supervisor that logs into logDir and reports to say.
func NewSupervisor(logDir string, say func(string)) *Supervisor {
	return &Supervisor{LogDir: logDir, Say: say, Changed: func() {}, stopping: make(chan struct{})}
}

// errStopping says that Stop was called before the part was up.
var errStopping = errors.New("stopped before it was ready")

// Start starts the parts side by side and returns when all are ready. From then on each is started again when it
// dies, until Stop. Parts given later, here or in a later call, are stopped earlier.
func (s *Supervisor) Start(ctx context.Context, parts ...Part) error {
	failures := make(chan error, len(parts))
	for _, p := range parts {
		r := &running{Part: p}
		s.mu.Lock()
		s.parts = append(s.parts, r)
		s.mu.Unlock()
		go func() { failures <- s.first(ctx, r) }()
	}
	var errs []error
	for range parts {
		if err := <-failures; err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// first brings a part up for the first time and leaves it to its watcher.
func (s *Supervisor) first(ctx context.Context, r *running) error {
	var err error
	for try := range firstTries {
		if err = s.launch(ctx, r); err == nil {
			s.watchers.Go(func() { s.watch(r) })
			return nil
		}
		if ctx.Err() != nil || !s.wait(ctx, pause(try)) {
			return errStopping
		}
	}
	return fmt.Errorf("%s can't be started: %w\n%s", r.Name, err, r.Advice)
}

// watch starts a part again whenever it dies.
func (s *Supervisor) watch(r *running) {
	ctx, cancel := s.context()
	defer cancel()
	for {
		died := r.current()
		select {
		case <-s.stopping:
			return
		case <-died.done:
		}
		if s.isStopping() {
			return
		}
		s.Say(describe(r.Name+" stopped ("+died.reason()+"), starting it again", died.tail(), died.reason()))
		began := time.Now()
		if uptime := time.Since(died.started); uptime < time.Second && !s.wait(ctx, time.Second-uptime) {
			return // a process that ends as soon as it is ready must not keep the machine busy
		}
		if !s.revive(ctx, r) {
			return
		}
		s.Say(fmt.Sprintf("%s is back after %.1f s", r.Name, time.Since(began).Seconds()))
	}
}

// revive tries until the part is ready again; false when Stop was called.
func (s *Supervisor) revive(ctx context.Context, r *running) bool {
	for try := 0; ; try++ {
		err := s.launch(ctx, r)
		if err == nil {
			return true
		}
		if s.isStopping() {
			return false
		}
		message := fmt.Sprintf("%s can't be started (try %d): %v", r.Name, try+1, err)
		if try+1 == firstTries {
			message += "\n" + r.Advice + "\nTrying on; its whole log is " + s.logPath(r.Name)
		}
		s.Say(message)
		if !s.wait(ctx, pause(try)) {
			return false
		}
	}
}

// launch starts a part's process and waits until it is ready. Starts that only came too early are repeated quietly.
func (s *Supervisor) launch(ctx context.Context, r *running) error {
	deadline := time.Now().Add(readyWithin)
	for {
		c, err := s.spawn(ctx, r)
		if err != nil {
			return err
		}
		err = s.untilReady(ctx, r, c, deadline)
		if err == nil {
			return nil
		}
		if !c.ended() {
			c.stop(r.signals()...)
		}
		transient := r.Transient != nil && r.Transient(c.tail()) && time.Now().Before(deadline)
		if !transient || !s.wait(ctx, 50*time.Millisecond) {
			return err
		}
	}
}

func (s *Supervisor) spawn(ctx context.Context, r *running) (*child, error) {
	cmd, err := r.Command(ctx)
	if err != nil {
		return nil, err
	}
	death := r.DeathSignal
	if death == 0 {
		death = syscall.SIGKILL
	}
	r.mu.Lock()
	if s.isStopping() { // Stop has passed, or will find what is stored below
		r.mu.Unlock()
		return nil, errStopping
	}
	c, err := startChild(cmd, s.logPath(r.Name), r.ReadyLine, death)
	if err == nil {
		r.child = c
	}
	r.mu.Unlock()
	if err != nil {
		return nil, err
	}
	s.Changed()
	return c, nil
}

// untilReady waits for the ready line and the probe; it fails when the process ends or takes too long.
func (s *Supervisor) untilReady(ctx context.Context, r *running, c *child, deadline time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	if c.ready != nil {
		select {
		case <-c.ready:
		case <-c.done:
			return died(c)
		case <-ctx.Done():
			return fmt.Errorf("not ready in time:\n%s", c.tail())
		}
	}
	if r.Ready == nil {
		return nil
	}
	for {
		err := r.Ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-c.done:
			return died(c)
		case <-ctx.Done():
			return fmt.Errorf("not ready in time: %w", err)
		case <-s.stopping:
			return errStopping
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func died(c *child) error {
	return errors.New(describe("it ended ("+c.reason()+")", c.tail(), c.reason()))
}

// describe adds the end of a log to a message; a process that somebody killed has nothing to explain.
func describe(message, tail, reason string) string {
	if tail == "" || reason == "signal: killed" {
		return message
	}
	return message + ", its last lines:\n  " + strings.ReplaceAll(tail, "\n", "\n  ")
}

// pause grows from a quarter of a second to longestPause.
func pause(try int) time.Duration { return min(250*time.Millisecond<<min(try, 10), longestPause) }

// Stop ends everything in the reverse order of its start and returns when no process is left.
func (s *Supervisor) Stop() {
	s.halt.Do(func() { close(s.stopping) })
	parts := s.started()
	for i := len(parts) - 1; i >= 0; i-- {
		if c := parts[i].current(); c != nil && !c.ended() {
			c.stop(parts[i].signals()...)
		}
	}
	s.watchers.Wait()
}

// Kill ends everything at once; a Stop under way returns soon after.
func (s *Supervisor) Kill() {
	s.halt.Do(func() { close(s.stopping) })
	for _, r := range s.started() {
		if c := r.current(); c != nil {
			c.kill()
		}
	}
}

// Processes lists the parts with their current process ids, in start order.
func (s *Supervisor) Processes() []ProcessInfo {
	list := []ProcessInfo{}
	for _, r := range s.started() {
		if c := r.current(); c != nil {
			list = append(list, ProcessInfo{r.Name, c.pid()})
		}
	}
	return list
}

// PID is the process id of a part's present process; 0 while it has none.
func (s *Supervisor) PID(name string) int {
	for _, p := range s.Processes() {
		if p.Name == name {
			return p.PID
		}
	}
	return 0
}

func (s *Supervisor) started() []*running {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*running(nil), s.parts...)
}

func (s *Supervisor) logPath(name string) string { return filepath.Join(s.LogDir, name+".log") }

func (s *Supervisor) isStopping() bool {
	select {
	case <-s.stopping:
		return true
	default:
		return false
	}
}

// context ends with Stop.
func (s *Supervisor) context() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		select {
		case <-s.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// wait returns true after d, false when everything is to stop.
func (s *Supervisor) wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
	case <-s.stopping:
	}
	return false
}

func (p Part) signals() []syscall.Signal {
	if len(p.Signals) == 0 {
		return []syscall.Signal{syscall.SIGTERM}
	}
	return p.Signals
}
