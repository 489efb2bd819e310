package dev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// Namespace is the Temporal namespace that the stack works in.
const Namespace = "crmflow"

// Options is what `crmflow dev` was asked for. The zero value of every field but Executable has a default.
type Options struct {
	Data      string  // data directory; default .crmflow
	Addr      string  // where the server listens; default 127.0.0.1:8080, port 0: any free one
	Empty     bool    // no sample company; for Hooks
	At        string  // first business time of a new data directory; for Hooks
	TimeScale float64 // business seconds per second; for Hooks

	Stdout, Stderr io.Writer // default: the process's own

	Executable         string // crmflow itself, run as worker and as server; default: the running program
	TemporalExecutable string // crmflow-temporal; default: beside Executable, else bin/ of the working directory

	DatabaseURL     string // a PostgreSQL of the user's own; "": a private cluster
	TemporalAddress string // a Temporal of the user's own; "": a private server
}

// Hooks is what only crmflow can do.
type Hooks struct {
	// Prepare brings the database to where worker and server can start: migrations, definitions, the sample
	// company, the clock's anchor. It runs while Temporal starts.
	Prepare func(ctx context.Context, databaseURL string) error
	// Info tells what dev.json and the terminal say; called once, when server and worker are ready.
	Info func(ctx context.Context, databaseURL, url string) (DevInfo, error)
	// WorkerReady returns nil when the worker of this process id polls at Temporal's address; nil: a started worker is ready.
	WorkerReady func(ctx context.Context, temporalAddress string, pid int) error
}

// stack is one run of everything.
type stack struct {
	Options
	hooks    Hooks
	run      *Supervisor
	postgres *Postgres
	ports    ports

	temporalUI    string      // host:port; "" when Temporal isn't ours
	temporalStays atomic.Bool // its ports are known to others

	mu     sync.Mutex
	addr   string  // host:port of the server
	status *Status // nil until dev.json is written
}

// Run brings everything up, keeps it up and returns after ctx ends, or after Ctrl-C or SIGTERM, when all is down
// again. A second Ctrl-C kills. The error is written for the person at the terminal.
func Run(ctx context.Context, o Options, hooks Hooks) error {
	if err := o.complete(); err != nil {
		return err
	}
	logDir := filepath.Join(o.Data, "log")
	if err := os.MkdirAll(logDir, 0o755); err != nil {
		return fmt.Errorf("the data directory can't be used: %w", err)
	}
	release, err := lockDir(o.Data)
	if err != nil {
		return err
	}
	defer release()
	clearLeftovers(o.Data)

	s := &stack{Options: o, hooks: hooks}
	defer s.ports.release()
	s.run = NewSupervisor(logDir, s.say)
	s.run.Changed = s.pidChanged
	ctx, restore := s.obeySignals(ctx)
	defer restore()

	err = s.up(ctx)
	if err == nil {
		<-ctx.Done()
	}
	if ctx.Err() != nil {
		err = nil // asked to stop, even if before everything was up
	}
	s.down()
	return err
}

// complete fills in the defaults and makes paths absolute.
func (o *Options) complete() error {
	set := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	set(&o.Data, ".crmflow")
	set(&o.Addr, "127.0.0.1:8080")
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	if o.Stderr == nil {
		o.Stderr = os.Stderr
	}
	if o.Executable == "" {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("can't find crmflow's own program: %w", err)
		}
		o.Executable = self
	}
	var err error
	if o.Data, err = filepath.Abs(o.Data); err != nil {
		return err
	}
	if o.TemporalAddress == "" {
		o.TemporalExecutable, err = findTemporal(*o)
	}
	return err
}

// findTemporal looks for the Temporal server that the Makefile builds.
func findTemporal(o Options) (string, error) {
	const name = "crmflow-temporal"
	places := []string{filepath.Join(filepath.Dir(o.Executable), name), filepath.Join("bin", name)}
	if o.TemporalExecutable != "" {
		places = []string{o.TemporalExecutable}
	}
	for _, place := range places {
		if info, err := os.Stat(place); err == nil && !info.IsDir() {
			return filepath.Abs(place)
		}
	}
	return "", fmt.Errorf("%s is missing (looked for %s): run `make build` once, or set TEMPORAL_ADDRESS to a Temporal of your own", name, places[0])
}

// up starts everything in the order in which it is needed, side by side where it can be.
func (s *stack) up(ctx context.Context) error {
	if err := s.startPostgres(ctx); err != nil {
		return err
	}
	if err := together(ctx, s.prepare, s.startTemporal); err != nil {
		return err
	}
	if err := s.takeAddress(s.Addr); err != nil {
		return err
	}
	if err := s.run.Start(ctx, s.workerPart(), s.serverPart()); err != nil {
		return err
	}
	if addr := s.address(); addr != s.Addr && !isAnyPort(s.Addr) {
		s.say(fmt.Sprintf("%s is in use, taking %s", s.Addr, addr))
	}
	return s.announce(ctx)
}

// together runs the steps side by side and waits for all. The first failure cancels the others and is the error.
func together(ctx context.Context, steps ...func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan error, len(steps))
	for _, step := range steps {
		go func() { results <- step(ctx) }()
	}
	var first error
	for range steps {
		if err := <-results; err != nil && first == nil {
			first = err
			cancel()
		}
	}
	return first
}

func (s *stack) prepare(ctx context.Context) error {
	if s.hooks.Prepare == nil {
		return nil
	}
	if err := s.hooks.Prepare(ctx, s.DatabaseURL); err != nil {
		return fmt.Errorf("the database could not be prepared: %w", err)
	}
	return nil
}

func (s *stack) startPostgres(ctx context.Context) error {
	if s.DatabaseURL != "" {
		return nil
	}
	s.postgres = NewPostgres(filepath.Join(s.Data, "postgres"), s.run.LogDir)
	part, err := s.postgres.part(ctx)
	if err != nil {
		return err
	}
	if err := s.run.Start(ctx, part); err != nil {
		return err
	}
	s.DatabaseURL = s.postgres.DSN(Database)
	return nil
}

func (s *stack) startTemporal(ctx context.Context) error {
	if s.TemporalAddress != "" {
		return nil
	}
	part := Part{Name: "temporal", ReadyLine: "ready", Command: s.temporalCommand,
		Advice: "Its state is in the schemas temporal and temporal_visibility of the database; crmflow itself keeps nothing there."}
	err := s.run.Start(ctx, part)
	s.temporalStays.Store(true)
	return err
}

// temporalCommand chooses the ports anew until Temporal is up, because another stack may have taken them in
// between; later they stay, because worker and server know them.
func (s *stack) temporalCommand(ctx context.Context) (*exec.Cmd, error) {
	if !s.temporalStays.Load() {
		var err error
		if s.TemporalAddress, err = s.ports.free("127.0.0.1:7233"); err != nil {
			return nil, err
		}
		if s.temporalUI, err = s.ports.free("127.0.0.1:8233"); err != nil {
			return nil, err
		}
	}
	return daemon(ctx, s.TemporalExecutable, "--database-url", s.DatabaseURL, "--addr", s.TemporalAddress,
		"--ui-addr", s.temporalUI, "--namespace", Namespace), nil
}

func (s *stack) workerPart() Part {
	part := Part{Name: "worker", Command: s.ownCommand("worker"), Advice: "Look at worker.log beside."}
	if s.hooks.WorkerReady != nil {
		part.Ready = func(ctx context.Context) error {
			return s.hooks.WorkerReady(ctx, s.TemporalAddress, s.run.PID(part.Name))
		}
	}
	return part
}

func (s *stack) serverPart() Part {
	return Part{Name: "server", Command: s.serverCommand, Ready: s.serverReady,
		Advice: "Look at server.log beside; if the port is taken, start with another --addr."}
}

// serverCommand keeps the address once people know it; until then it gives way to whoever took it meanwhile.
func (s *stack) serverCommand(ctx context.Context) (*exec.Cmd, error) {
	if !s.isUp() {
		if err := s.takeAddress(s.address()); err != nil {
			return nil, err
		}
	}
	return s.ownCommand("server")(ctx)
}

// takeAddress decides where the server listens: at wanted, or at the next free port.
func (s *stack) takeAddress(wanted string) error {
	addr, err := s.ports.free(wanted)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addr = addr
	return err
}

func (s *stack) address() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.addr
}

// ownCommand runs crmflow itself, told by its environment where everything is.
func (s *stack) ownCommand(name string) func(context.Context) (*exec.Cmd, error) {
	return func(ctx context.Context) (*exec.Cmd, error) {
		cmd := daemon(ctx, s.Executable, name)
		cmd.Env = append(os.Environ(),
			"CRMFLOW_DATABASE_URL="+s.DatabaseURL,
			"CRMFLOW_TEMPORAL_ADDRESS="+s.TemporalAddress,
			"CRMFLOW_TEMPORAL_NAMESPACE="+Namespace,
			"CRMFLOW_ADDR="+s.address(),
			"CRMFLOW_TEMPORAL_UI="+s.temporalURL(),
			"CRMFLOW_DEV=true",
		)
		if os.Getenv("CRMFLOW_SMTP_URL") == "" { // nothing leaves the machine
			cmd.Env = append(cmd.Env, "CRMFLOW_SMTP_URL=catch:")
		}
		if os.Getenv("CRMFLOW_PUBLIC_URL") == "" {
			cmd.Env = append(cmd.Env, "CRMFLOW_PUBLIC_URL=http://"+s.address())
		}
		if os.Getenv("CRMFLOW_FILES") == "" {
			cmd.Env = append(cmd.Env, "CRMFLOW_FILES="+FilesIn(s.Data))
		}
		if os.Getenv("CRMFLOW_WEBHOOKS_PRIVATE") == "" { // a receiver on the same machine
			cmd.Env = append(cmd.Env, "CRMFLOW_WEBHOOKS_PRIVATE=127.0.0.0/8,::1/128")
		}
		return cmd, nil
	}
}

// FilesIn is where the files of a data directory are kept, as crmflow's setting `files` says it.
func FilesIn(data string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(data, "files"))}).String()
}

func (s *stack) temporalURL() string {
	if s.temporalUI == "" {
		return ""
	}
	return urlOf(s.temporalUI)
}

// serverReady is nil when the server says that it is.
func (s *stack) serverReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, urlOf(s.address())+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(response.Body, 500)) // what it says helps, and may be nothing
		return fmt.Errorf("/readyz answers %s %s", response.Status, body)
	}
	return nil
}

// announce tells people and programs that everything is ready.
func (s *stack) announce(ctx context.Context) error {
	url := urlOf(s.address())
	var info DevInfo
	if s.hooks.Info != nil {
		var err error
		if info, err = s.hooks.Info(ctx, s.DatabaseURL, url); err != nil {
			return fmt.Errorf("the running stack could not be described: %w", err)
		}
	}
	if info.Users == nil {
		info.Users = []User{}
	}
	s.mu.Lock()
	s.status = &Status{URL: url, Temporal: s.TemporalAddress, TemporalUI: s.temporalURL(), Database: s.DatabaseURL, DevInfo: info}
	s.mu.Unlock()
	if err := s.write(); err != nil {
		return err
	}
	fmt.Fprint(s.Stdout, signIns(info.Users))
	if s.temporalUI != "" {
		fmt.Fprintf(s.Stdout, "Temporal's page: %s\n", s.temporalURL())
	}
	fmt.Fprintf(s.Stdout, "crmflow is ready: %s   (Ctrl-C stops everything)\n", url)
	return nil
}

func (s *stack) isUp() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status != nil
}

// pidChanged keeps dev.json true.
func (s *stack) pidChanged() {
	if err := s.write(); err != nil {
		s.say("dev.json could not be rewritten: " + err.Error())
	}
}

// write writes dev.json with the present process ids, once the stack is up.
func (s *stack) write() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status == nil {
		return nil
	}
	s.status.Processes = s.run.Processes()
	return writeStatus(s.Data, *s.status)
}

// down stops everything and removes what said that it runs.
func (s *stack) down() {
	if s.isUp() {
		s.say("stopping")
	}
	s.mu.Lock()
	s.status = nil
	s.mu.Unlock()
	_ = os.Remove(statusFile(s.Data))
	s.run.Stop()
	if s.postgres != nil {
		s.postgres.cleanUp()
	}
}

// obeySignals returns a context that ends with the first signal to stop; a second one kills every process.
func (s *stack) obeySignals(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup wants us to outlive the terminal
		signal.Notify(signals, syscall.SIGHUP)
	}
	finished := make(chan struct{})
	go func() {
		for {
			select {
			case <-finished:
				return
			case sig := <-signals:
				if ctx.Err() != nil {
					s.say("killing everything")
					s.run.Kill()
				}
				cancel(errors.New(sig.String()))
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(finished)
		cancel(nil)
	}
}

var sayMu sync.Mutex

// say writes one message for the person at the terminal.
func (s *stack) say(message string) {
	sayMu.Lock()
	defer sayMu.Unlock()
	fmt.Fprintf(s.Stderr, "%s %s\n", time.Now().Format("15:04:05"), message)
}

func isAnyPort(addr string) bool { return len(addr) > 2 && addr[len(addr)-2:] == ":0" }
