package dev

import (
	"context"
	"net/url"
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

// cluster is a started cluster in dir without crash safety; the test ends it.
func cluster(t *testing.T, dir string) *Postgres {
	t.Helper()
	p := NewPostgres(filepath.Join(dir, "postgres"), filepath.Join(dir, "log"))
	p.NoFsync = true
	require.NoError(t, p.Start(t.Context()))
	t.Cleanup(p.Stop)
	return p
}

func TestPostgresKeepsItsDataWhereverItIs(t *testing.T) {
	t.Parallel()
	places := map[string]string{
		"plain":                     "data",
		"spaces, quotes, 中文":        "my 'data' \"目录\"",
		"longer than a socket path": strings.Repeat("long/", 30),
	}
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), place)
			p := cluster(t, dir)
			require.NoError(t, execute(t.Context(), p.DSN(Database), "CREATE TABLE t AS SELECT generate_series(1, 100) n"))
			socket := p.socket
			p.Stop()
			require.NoDirExists(t, socket)

			p = cluster(t, dir)
			require.Equal(t, 100, count(t, p.DSN(Database), "SELECT count(*) FROM t"))
			require.LessOrEqual(t, len(p.socket)+len("/.s.PGSQL.5432.lock"), 103)
		})
	}
}

func TestPostgresChecksPagesAndSyncsUnlessToldNotTo(t *testing.T) {
	t.Parallel()
	p := NewPostgres(filepath.Join(t.TempDir(), "postgres"), t.TempDir())
	require.NoError(t, p.Start(t.Context()))
	defer p.Stop()
	for setting, want := range map[string]string{"data_checksums": "on", "fsync": "on", "synchronous_commit": "on",
		"full_page_writes": "on", "server_encoding": "UTF8", "listen_addresses": ""} {
		require.Equal(t, 1, count(t, p.DSN(Database), "SELECT count(*) FROM pg_settings WHERE name = '"+setting+"' AND setting = '"+want+"'"), setting)
	}
}

func TestPostgresAddressWorksForPsql(t *testing.T) {
	t.Parallel()
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed")
	}
	p := cluster(t, t.TempDir())
	out, err := exec.Command(psql, p.DSN(Database), "-Atc", "SELECT current_database(), current_user").CombinedOutput()
	require.NoError(t, err, string(out))
	require.Equal(t, "crmflow|crmflow\n", string(out))
}

func TestPostgresUnderAParentThatOnlyRootMayEnter(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can own such a directory and drop to another user")
	}
	parent := filepath.Join(t.TempDir(), "closed")
	require.NoError(t, os.Mkdir(parent, 0o700))
	p := cluster(t, parent)
	info, err := os.Stat(p.dir)
	require.NoError(t, err)
	require.NotZero(t, statOf(info).Uid, "PostgreSQL must not run as root")
	require.Equal(t, 1, count(t, p.DSN(Database), "SELECT 1"))
}

func TestPostgresForAnOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("the other tests run as an ordinary user already")
	}
	helper, err := program()
	require.NoError(t, err)
	dir, err := os.MkdirTemp("", "crmflow-dev-test-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	const nobody = 65534
	require.NoError(t, os.Chown(dir, nobody, nobody))

	cmd := exec.Command(helper, dir)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), roleEnv+"=cluster", "HOME="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))

	// Root, on the ordinary user's directory, goes on as that user.
	p := cluster(t, dir)
	require.Equal(t, 0, count(t, p.DSN(Database), "SELECT count(*) FROM t"))
	require.EqualValues(t, nobody, p.owner.uid)
}

func TestPostgresRefusesAnotherUsersDirectory(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a directory to another user")
	}
	helper, err := program()
	require.NoError(t, err)
	dir := filepath.Join(filepath.Dir(helper), "theirs")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "postgres"), 0o755))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "log"), 0o777))
	cmd := exec.Command(helper, dir)
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), roleEnv+"=cluster")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "belongs to root: start as that user, or use another --data")
}

func TestPostgresIgnoresAPidFileWhosePidIsSomebodyElses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := cluster(t, dir)
	p.Stop()
	stranger := exec.Command("sleep", "600")
	stranger.Dir = "/"
	require.NoError(t, stranger.Start())
	defer func() { _ = stranger.Process.Kill(); _ = stranger.Wait() }()
	pid := strconv.Itoa(stranger.Process.Pid)
	require.NoError(t, os.WriteFile(filepath.Join(p.dir, "postmaster.pid"), []byte(pid+"\n"+p.dir+"\n1\n5432\n"+p.socket+"\n"), 0o600))
	require.NoError(t, os.Mkdir(p.socket, 0o700))
	require.NoError(t, p.owner.give(p.socket))
	require.NoError(t, os.WriteFile(filepath.Join(p.socket, ".s.PGSQL.5432.lock"), []byte(pid+"\n"+p.dir+"\n1\n5432\n"), 0o600))

	p = cluster(t, dir)
	require.Equal(t, 1, count(t, p.DSN(Database), "SELECT 1"))
	require.True(t, alive(stranger.Process.Pid), "the stranger must be left alone")
}

func TestPostgresStopsASurvivor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := cluster(t, dir)
	require.NoError(t, execute(t.Context(), p.DSN(Database), "CREATE TABLE t (n int)"))
	p.Stop()
	survivor, err := p.command(t.Context()) // started without the bond to this process
	require.NoError(t, err)
	require.NoError(t, survivor.Start())
	ended := make(chan error, 1)
	go func() { ended <- survivor.Wait() }()
	eventually(t, 20*time.Second, "the survivor answers", func() bool { return p.ready(t.Context()) == nil })

	p = cluster(t, dir)
	require.Equal(t, 0, count(t, p.DSN(Database), "SELECT count(*) FROM t"))
	require.NoError(t, <-ended, "it was stopped cleanly")
}

func TestPostgresComesBackAfterKill(t *testing.T) {
	t.Parallel()
	p := NewPostgres(filepath.Join(t.TempDir(), "postgres"), t.TempDir())
	require.NoError(t, p.Start(t.Context()))
	defer p.Stop()
	require.NoError(t, execute(t.Context(), p.DSN(Database), "CREATE TABLE t (n int)"))
	for n := 1; n <= 3; n++ {
		require.NoError(t, execute(t.Context(), p.DSN(Database), "INSERT INTO t VALUES (1)"))
		before := p.run.Processes()[0].PID
		require.NoError(t, syscall.Kill(before, syscall.SIGKILL))
		eventually(t, 5*time.Second, "it is back", func() bool {
			return p.run.Processes()[0].PID != before && execute(t.Context(), p.DSN(Database), "SELECT 1") == nil
		})
		require.Equal(t, n, count(t, p.DSN(Database), "SELECT count(*) FROM t"))
	}
}

func TestPostgresStartsOverAfterAnInterruptedInitdb(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "postgres.new", "base"), 0o700))
	p := cluster(t, dir)
	require.Equal(t, 1, count(t, p.DSN(Database), "SELECT 1"))
	require.NoDirExists(t, filepath.Join(dir, "postgres.new"))
}

func TestPostgresLeavesForeignFilesAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	precious := filepath.Join(dir, "postgres", "thesis.txt")
	require.NoError(t, os.Mkdir(filepath.Dir(precious), 0o700))
	require.NoError(t, os.WriteFile(precious, []byte("x"), 0o600))
	err := NewPostgres(filepath.Dir(precious), filepath.Join(dir, "log")).Start(t.Context())
	require.ErrorContains(t, err, "holds files but no PostgreSQL cluster; move them away or use another --data")
	require.FileExists(t, precious)
}

func TestPostgresSocketAvoidsASquattedDirectory(t *testing.T) {
	t.Parallel()
	o, err := findOwner(t.TempDir())
	require.NoError(t, err)
	data := filepath.Join(t.TempDir(), "postgres")
	first, err := socketDir(data, o)
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(first, 0o777))
	t.Cleanup(func() { os.Remove(first) })
	require.NoError(t, os.Chmod(first, 0o777))
	second, err := socketDir(data, o)
	require.NoError(t, err)
	require.NotEqual(t, first, second)
}

func TestPostgresSocketLeavesALongOrOddTemporaryDirectory(t *testing.T) {
	for _, place := range []string{strings.Repeat("long", 30), "with space", "目录"} {
		dir := filepath.Join(t.TempDir(), place)
		require.NoError(t, os.Mkdir(dir, 0o777))
		t.Setenv("TMPDIR", dir)
		o, err := findOwner("/nowhere")
		require.NoError(t, err)
		socket, err := socketDir("/data", o)
		require.NoError(t, err)
		require.False(t, strings.HasPrefix(socket, dir), socket)
	}
}

func TestPostgresMissingSaysWhatToType(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := findBinaries(t.Context(), filepath.Join(t.TempDir(), "postgres"), nil)
	require.EqualError(t, err, `PostgreSQL is not installed here: no initdb on the PATH or in the usual places
Install it with one of
  apt:   sudo apt-get install -y postgresql
  dnf:   sudo dnf install -y postgresql-server postgresql-contrib
  brew:  brew install postgresql@17
or set DATABASE_URL to a PostgreSQL of your own.`)
}

// fakePostgres is an installation of which only the version is real.
func fakePostgres(t *testing.T, root, major string) {
	t.Helper()
	bin := filepath.Join(root, major, "bin")
	require.NoError(t, os.MkdirAll(bin, 0o755))
	for _, name := range []string{"initdb", "postgres"} {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\necho 'postgres (PostgreSQL) "+major+".3'\n"), 0o755))
	}
}

func TestPostgresVersionIsTheNewestOrTheDatas(t *testing.T) {
	root := t.TempDir()
	places := []string{filepath.Join(root, "*", "bin")}
	fakePostgres(t, root, "13")
	t.Setenv("PATH", t.TempDir())
	_, err := findBinaries(t.Context(), root, places)
	require.ErrorContains(t, err, "PostgreSQL 13 is too old: crmflow needs 14 or newer\nInstall it")

	fakePostgres(t, root, "16")
	fakePostgres(t, root, "17")
	data := t.TempDir()
	b, err := findBinaries(t.Context(), data, places)
	require.NoError(t, err)
	require.Equal(t, 17, b.Major)

	require.NoError(t, os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("16\n"), 0o600))
	b, err = findBinaries(t.Context(), data, places)
	require.NoError(t, err)
	require.Equal(t, 16, b.Major)

	require.NoError(t, os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("15\n"), 0o600))
	_, err = findBinaries(t.Context(), data, places)
	require.ErrorContains(t, err, "was made by PostgreSQL 15, which is not installed here (found: 13, 16, 17)")
	require.ErrorContains(t, err, "apt-get install -y postgresql-15")
}

func TestPostgresAddressEscapesOddSocketDirectories(t *testing.T) {
	p := &Postgres{socket: "/tmp/a b+目录"}
	u, err := url.Parse(p.DSN("x"))
	require.NoError(t, err)
	require.Equal(t, p.socket, u.Query().Get("host"))
	require.NotContains(t, p.DSN("x"), "+")
}

func TestTestPostgresIsThrownAway(t *testing.T) {
	t.Setenv(TestDatabaseEnv, "")
	database, stop, err := TestPostgres()
	require.NoError(t, err)
	require.NoError(t, execute(context.Background(), database, "SELECT 1"))
	stop()
	require.Error(t, execute(context.Background(), database, "SELECT 1"))

	t.Setenv(TestDatabaseEnv, "postgres://shared")
	database, stop, err = TestPostgres()
	require.NoError(t, err)
	stop()
	require.Equal(t, "postgres://shared", database)
}
