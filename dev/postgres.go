package dev

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	_ "github.com/lib/pq" // the driver that asks whether the cluster answers
)

const (
	// superuser is the role that owns everything in the private cluster.
	superuser = "crmflow"
	// Database is the database that a started cluster is sure to have.
	Database = "crmflow"
)

// Postgres is a private PostgreSQL cluster in a directory of its own. It listens on a unix socket only, which
// just its owner (and root) can reach. Started by root it runs as an unprivileged user, wherever the directory is.
type Postgres struct {
	// NoFsync gives up crash safety for speed; for tests.
	NoFsync bool

	dir    string // data directory, absolute
	logDir string
	places []string // where installed binaries are looked for
	bin    binaries
	owner  *owner
	socket string // directory of the socket
	run    *Supervisor
}

// NewPostgres describes the cluster in dir, which is created at the first start and never deleted. What it
// writes goes to logDir/postgres.log.
func NewPostgres(dir, logDir string) *Postgres {
	return &Postgres{dir: dir, logDir: logDir, places: installPlaces}
}

// Start makes the cluster when there is none yet, starts it and returns when the database "crmflow" answers. A
// process left over from a killed run is stopped first. The cluster ends with this process, whatever happens to it.
func (p *Postgres) Start(ctx context.Context) error {
	if err := os.MkdirAll(p.logDir, 0o755); err != nil {
		return err
	}
	part, err := p.part(ctx)
	if err != nil {
		return err
	}
	p.run = NewSupervisor(p.logDir, func(string) {})
	if err := p.run.Start(ctx, part); err != nil {
		p.Stop()
		return err
	}
	return nil
}

// Stop shuts the cluster down cleanly and returns when it is down.
func (p *Postgres) Stop() {
	if p.run != nil {
		p.run.Stop()
	}
	p.cleanUp()
}

// cleanUp removes the socket's directory, which is all that the cluster has outside its data directory.
func (p *Postgres) cleanUp() {
	if p.socket != "" {
		_ = os.Remove(p.socket) // not empty: somebody else's affair
	}
}

// DSN is the URL of a database in the cluster, for lib/pq, pgx and psql alike; valid once started.
func (p *Postgres) DSN(database string) string {
	q := url.Values{"host": {p.socket}, "port": {"5432"}, "sslmode": {"disable"}}
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database}
	// libpq takes a plus sign for a plus sign, not for a space.
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	// With an empty host url.URL would leave out the slashes that libpq asks for.
	return "postgres://" + u.User.String() + "@" + u.EscapedPath() + "?" + u.RawQuery
}

// part prepares everything that has to be done once and describes the process.
func (p *Postgres) part(ctx context.Context) (Part, error) {
	var err error
	if p.dir, err = filepath.Abs(p.dir); err != nil {
		return Part{}, err
	}
	if p.bin, err = findBinaries(ctx, p.dir, p.places); err != nil {
		return Part{}, err
	}
	if p.owner, err = findOwner(p.dir); err != nil {
		return Part{}, err
	}
	if p.socket, err = socketDir(p.dir, p.owner); err != nil {
		return Part{}, err
	}
	if err := p.initialise(ctx); err != nil {
		return Part{}, err
	}
	return Part{
		Name:        "postgres",
		Command:     p.command,
		Ready:       p.ready,
		Signals:     []syscall.Signal{syscall.SIGINT, syscall.SIGQUIT}, // fast, then immediate shutdown
		DeathSignal: syscall.SIGQUIT,                                   // ends its backends too; the next start recovers
		Transient:   startedTooEarly,
		Advice:      "Look at postgres.log beside; the data directory " + p.dir + " is left as it is.",
	}, nil
}

// initialise runs initdb into a directory beside and renames it when complete, so that a killed one leaves nothing
// that looks like a cluster.
func (p *Postgres) initialise(ctx context.Context) error {
	if version, err := dataVersion(p.dir); err != nil || version != 0 {
		return err
	}
	if entries, err := os.ReadDir(p.dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s holds files but no PostgreSQL cluster; move them away or use another --data", p.dir)
	}
	fresh := p.dir + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("can't remove what an interrupted set-up left: %w", err)
	}
	if err := os.MkdirAll(fresh, 0o700); err != nil {
		return err
	}
	if err := p.owner.give(fresh); err != nil {
		return err
	}
	// Not every system has C.UTF-8; plain C sorts the same and only knows fewer capital letters.
	err := p.initdb(ctx, fresh, "C.UTF-8")
	if err != nil {
		err = p.initdb(ctx, fresh, "C")
	}
	if err != nil {
		return err
	}
	_ = os.Remove(p.dir) // an empty directory may be in the way of the rename
	if err := os.Rename(fresh, p.dir); err != nil {
		return err
	}
	return syncDir(filepath.Dir(p.dir))
}

func (p *Postgres) initdb(ctx context.Context, dir, locale string) error {
	args := []string{
		"--username=" + superuser, "--auth=trust", "--encoding=UTF8", "--locale=" + locale,
		"--data-checksums", "--no-instructions",
	}
	if p.NoFsync {
		args = append(args, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, p.bin.path("initdb"), args...)
	close, err := p.enter(cmd, dir)
	if err != nil {
		return err
	}
	defer close()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb could not make a PostgreSQL cluster in %s: %w\n%s", dir, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// command makes the postgres command after clearing what a killed one left behind.
func (p *Postgres) command(ctx context.Context) (*exec.Cmd, error) {
	if err := stopSurvivor(ctx, p.dir); err != nil {
		return nil, err
	}
	if err := p.owner.makeSocketDir(p.socket); err != nil {
		return nil, err
	}
	// Nobody else starts this cluster and no survivor is left, so its socket and lock files are stale. PostgreSQL
	// would believe them when their process id has been given to another process.
	for _, stale := range []string{filepath.Join(p.dir, "postmaster.pid"), filepath.Join(p.socket, ".s.PGSQL.5432"), filepath.Join(p.socket, ".s.PGSQL.5432.lock")} {
		if err := os.Remove(stale); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	var args []string
	for _, setting := range p.settings() {
		args = append(args, "-c", setting)
	}
	cmd := daemon(ctx, p.bin.path("postgres"), args...)
	// The directory stays open with us as long as the command is remembered, so that it can be started late.
	_, err := p.enter(cmd, p.dir)
	return cmd, err
}

// settings is postgresql.conf for one machine with a few dozen connections.
func (p *Postgres) settings() []string {
	s := []string{
		"listen_addresses=",
		"port=5432",
		"unix_socket_directories=" + p.socket,
		"unix_socket_permissions=0700",
		"max_connections=200",
		"shared_buffers=128MB",
		"jit=off",
		"max_parallel_workers_per_gather=0",
		"log_min_messages=warning",
		"log_checkpoints=off",
		"log_line_prefix=%m [%p] %a ",
		"timezone=UTC",
		"log_timezone=UTC",
	}
	if p.NoFsync {
		s = append(s, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	return s
}

// enter lets cmd work in the data directory dir as its owner. An unprivileged process may not be able to reach the
// directory through its parents (root's home is closed to others), so it inherits the open directory instead and
// finds it under its own descriptors. close ends our copy.
func (p *Postgres) enter(cmd *exec.Cmd, dir string) (close func(), err error) {
	cmd.Env = environment(dir)
	close = func() {}
	if p.owner.drop {
		cmd.Dir = "/" // our own working directory may be closed to the user as well
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: p.owner.uid, Gid: p.owner.gid}}
		if runtime.GOOS == "linux" {
			open, err := os.Open(dir)
			if err != nil {
				return close, err
			}
			cmd.ExtraFiles = []*os.File{open} // descriptor 3
			cmd.Env = environment("/proc/self/fd/3")
			close = func() { _ = open.Close() }
		}
	}
	return close, nil
}

// environment is ours without what would point PostgreSQL's programs elsewhere or change their language.
func environment(dataDir string) []string {
	env := []string{"PGDATA=" + dataDir, "LC_ALL=C"}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "PG") && !strings.HasPrefix(v, "LC_") && !strings.HasPrefix(v, "LANG") {
			env = append(env, v)
		}
	}
	return env
}

// ready asks the cluster and makes sure that the database exists.
func (p *Postgres) ready(ctx context.Context) error {
	db, err := sql.Open("postgres", p.DSN("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var exists bool
	if err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", Database).Scan(&exists); err != nil {
		return err
	}
	if !exists {
		_, err = db.ExecContext(ctx, "CREATE DATABASE "+Database)
	}
	return err
}

// startedTooEarly recognises what PostgreSQL says while the remains of a killed one are still going away.
func startedTooEarly(tail string) bool {
	return strings.Contains(tail, "pre-existing shared memory block") || strings.Contains(tail, "is still in use")
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
