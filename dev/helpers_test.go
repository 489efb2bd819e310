package dev

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// roleEnv makes the test binary play another program: the stack itself, or crmflow as worker and server.
const roleEnv = "CRMFLOW_DEV_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleEnv) {
	case "":
		code := m.Run()
		if path, err := program(); err == nil {
			_ = os.RemoveAll(filepath.Dir(path))
		}
		os.Exit(code)
	case "stack":
		os.Exit(playStack())
	case "crmflow":
		playCrmflow()
	case "cluster":
		os.Exit(playCluster(os.Args[1]))
	}
}

// playStack is what main.go does for `crmflow dev`, with a fake crmflow.
func playStack() int {
	self, _ := os.Executable()
	os.Setenv(roleEnv, "crmflow")
	temporal := cmp.Or(os.Getenv("CRMFLOW_DEV_TEST_TEMPORAL"), self)
	o := Options{Data: os.Args[1], Addr: os.Args[2], Executable: self, TemporalExecutable: temporal,
		DatabaseURL: os.Getenv("DATABASE_URL"), TemporalAddress: os.Getenv("TEMPORAL_ADDRESS")}
	err := Run(context.Background(), o, Hooks{Prepare: fakePrepare, Info: fakeInfo})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func fakePrepare(ctx context.Context, databaseURL string) error {
	return execute(ctx, databaseURL, "CREATE TABLE IF NOT EXISTS starts (at timestamptz); INSERT INTO starts VALUES (now())")
}

func fakeInfo(context.Context, string, string) (DevInfo, error) {
	return DevInfo{Now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("CST", 8*3600)), Scale: 1, Users: []User{
		{User: "lin", Password: "crmflow", Name: "林晓", Title: "Sales", Department: "sales", Manager: "wang", Roles: []string{"sales"}},
		{User: "wang", Password: "crmflow", Name: "王强", Title: "Head of sales", Department: "sales", Roles: []string{"sales-manager"}},
	}}, nil
}

// playCrmflow is the worker, the server or the Temporal server, as the arguments say.
func playCrmflow() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, os.Interrupt)
	if os.Getenv("CRMFLOW_DEV_TEST_STUBBORN") != "" {
		signal.Ignore(syscall.SIGTERM)
	}
	switch {
	case os.Args[1] == "server":
		http.HandleFunc("/readyz", func(http.ResponseWriter, *http.Request) {})
		go func() { panic(http.ListenAndServe(os.Getenv("CRMFLOW_ADDR"), nil)) }()
	case strings.HasPrefix(os.Args[1], "--"):
		fmt.Println("ready")
	}
	<-stop
}

// playCluster starts and stops a cluster in dir as whoever we are.
func playCluster(dir string) int {
	p := NewPostgres(filepath.Join(dir, "postgres"), filepath.Join(dir, "log"))
	if err := p.Start(context.Background()); err != nil {
		fmt.Println(err)
		return 1
	}
	defer p.Stop()
	if err := execute(context.Background(), p.DSN(Database), "CREATE TABLE t (n int)"); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// program is a copy of the test binary that every user may run.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "crmflow-dev-test-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", err
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "crmflow")
	return path, os.WriteFile(path, self, 0o755)
})

func execute(ctx context.Context, databaseURL, query string) error {
	db, err := sql.Open("postgres", databaseURL)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, query)
	return err
}

// count runs a query that returns one number.
func count(t *testing.T, databaseURL, query string) int {
	t.Helper()
	db, err := sql.Open("postgres", databaseURL)
	require.NoError(t, err)
	defer db.Close()
	var n int
	require.NoError(t, db.QueryRow(query).Scan(&n))
	return n
}

// eventually waits for a condition that has to come true within d.
func eventually(t *testing.T, d time.Duration, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(d); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", d, what)
		}
	}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

// buffer collects what a process writes while a test reads it.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// process is a stack that runs in its own process.
type process struct {
	*exec.Cmd
	dir  string
	out  buffer
	done chan error
}

// startStack runs `crmflow dev` on dir with a fake crmflow.
func startStack(t *testing.T, dir, addr string, env ...string) *process {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	p := &process{Cmd: exec.Command(self, dir, addr), dir: dir, done: make(chan error, 1)}
	p.Env = append(append(os.Environ(), roleEnv+"=stack", "DATABASE_URL=", "TEMPORAL_ADDRESS="), env...)
	p.Stdout, p.Stderr = &p.out, &p.out
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, p.Start())
	go func() { p.done <- p.Wait() }()
	t.Cleanup(func() {
		_ = p.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.done: //nolint:errcheck // the tests that care have asked
		case <-time.After(20 * time.Second):
			_ = p.Process.Kill()
		}
	})
	return p
}

// ready waits for dev.json and returns it.
func (p *process) ready(t *testing.T) Status {
	t.Helper()
	var s Status
	eventually(t, 60*time.Second, "dev.json", func() bool {
		select {
		case err := <-p.done:
			t.Fatalf("it ended: %v\n%s", err, &p.out)
		default:
		}
		var err error
		s, err = ReadStatus(p.dir)
		return err == nil
	})
	return s
}

// ended waits for the end and returns its error.
func (p *process) ended(t *testing.T, within time.Duration) error {
	t.Helper()
	select {
	case err := <-p.done:
		p.done <- err
		return err
	case <-time.After(within):
		t.Fatalf("still running after %s\n%s", within, &p.out)
		return nil
	}
}

// pid of a part.
func (s Status) pid(name string) int {
	for _, p := range s.Processes {
		if p.Name == name {
			return p.PID
		}
	}
	return 0
}
