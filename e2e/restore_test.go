package e2e_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/dev"
)

// mended bounds what two sweeps, one after the other, take to mend anything.
const mended = 2 * time.Minute

// restoreRun is a stack on a PostgreSQL and a Temporal of the test's own, so that each can be set back. Temporal has an address that no other stack would
// take while it is down.
type restoreRun struct {
	*outageRun
	dir, dsn, addr string
	temporally     *child
}

func newRestore(t *testing.T) *restoreRun {
	t.Helper()
	needStack(t)
	dir := filepath.Join(scratch, t.Name())
	require.NoError(t, os.MkdirAll(dir, 0o755))
	postgres := dev.NewPostgres(filepath.Join(dir, "postgres"), filepath.Join(dir, "log"))
	require.NoError(t, postgres.Start(t.Context()))
	t.Cleanup(postgres.Stop) // after the stack, which has to stop cleanly
	dsn := postgres.DSN(dev.Database)
	r := &restoreRun{dir: dir, dsn: dsn, addr: freePort(t)}
	r.temporally = startTemporal(t, r.addr, "--database-url", dsn)
	r.outageRun = newOutage(t, options{env: []string{"DATABASE_URL=" + dsn, "TEMPORAL_ADDRESS=" + r.addr}})
	return r
}

// tool runs one of PostgreSQL's own programs.
func (r *restoreRun) tool(t *testing.T, name string, args ...string) {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	path := name
	if len(found) > 0 {
		path = slices.Max(found)
	}
	out, err := exec.Command(path, append(args, "--dbname="+r.dsn)...).CombinedOutput()
	require.NoError(t, err, "%s %s\n%s", name, strings.Join(args, " "), out)
}

// backup dumps our tables, or Temporal's, as they are this moment, while everything runs.
func (r *restoreRun) backup(t *testing.T, ours bool) (file string) {
	t.Helper()
	file = filepath.Join(r.dir, fmt.Sprint("backup-", time.Now().UnixNano()))
	args := []string{"--format=custom", "--file=" + file}
	if ours {
		args = append(args, "--exclude-schema=temporal*")
	} else {
		args = append(args, "--schema=temporal*", "--data-only")
	}
	r.tool(t, "pg_dump", args...)
	return file
}

// hold gives one connection to the database for as long as it is needed.
func (r *restoreRun) hold(t *testing.T, between func(c *sql.Conn)) {
	t.Helper()
	db, err := sql.Open("postgres", r.dsn)
	require.NoError(t, err)
	defer db.Close()
	c, err := db.Conn(t.Context())
	require.NoError(t, err)
	defer c.Close()
	between(c)
}

func do(t *testing.T, c *sql.Conn, query string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := c.ExecContext(ctx, query)
	require.NoError(t, err, query)
}

// emptyTemporal empties all its tables.
const emptyTemporal = `DO $$ DECLARE name text; BEGIN
	FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname LIKE 'temporal%' LOOP EXECUTE 'TRUNCATE ' || name; END LOOP; END $$`

// setTemporalBack kills Temporal and throws its database away, or puts what a backup holds in place of what is in it. Server and worker live through it.
func (r *restoreRun) setTemporalBack(t *testing.T, file string) {
	t.Helper()
	pids := r.pids(t)
	require.NoError(t, r.temporally.cmd.Process.Kill())
	<-r.temporally.done
	if file == "" {
		r.hold(t, func(c *sql.Conn) { do(t, c, `DROP SCHEMA temporal CASCADE; DROP SCHEMA temporal_visibility CASCADE`) })
	} else {
		r.hold(t, func(c *sql.Conn) { do(t, c, emptyTemporal) })
		r.tool(t, "pg_restore", "--single-transaction", "--exit-on-error", file)
	}
	r.temporally = startTemporal(t, r.addr, "--database-url", r.dsn)
	require.Equal(t, pids, r.pids(t), "server and worker live through it")
}

// setOursBack stops everything but PostgreSQL, puts our tables of a backup in place of those that are there, and starts everything again.
func (r *restoreRun) setOursBack(t *testing.T, file string) {
	t.Helper()
	require.NoError(t, r.stop())
	r.hold(t, func(c *sql.Conn) {
		do(t, c, `DROP SCHEMA IF EXISTS bi CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public`)
	})
	r.tool(t, "pg_restore", "--single-transaction", "--exit-on-error", file)
	r.stack = startWith(t, r.options)
	r.admin = r.admin.at(r.url())
	for id, c := range r.people {
		r.people[id] = c.at(r.url())
	}
}

// situation is a handful of cases, some of which move on after the moment of a backup.
type situation struct {
	waits, timed, decided, over caseView   // of before it
	moved                       caseView   // decided, after it
	since                       []caseView // begun after it
}

func (r *restoreRun) situation(t *testing.T) *situation {
	t.Helper()
	s := &situation{waits: r.start(t, false), timed: r.start(t, true), decided: r.start(t, false), over: r.start(t, false)}
	require.NoError(t, r.untilCorrespond(mended))
	return s
}

// goOn is what happens after the backup: a decision that arms a moment, an end, and new cases.
func (r *restoreRun) goOn(t *testing.T, s *situation) {
	t.Helper()
	s.moved = r.decideFirst(t, s.decided)
	r.finish(t, s.over.ID)
	s.since = []caseView{r.start(t, false), r.start(t, true), r.start(t, false), r.start(t, false)}
	r.finish(t, s.since[2].ID)
}

// decideFirst decides the first step, so that the limit of the second runs.
func (r *restoreRun) decideFirst(t *testing.T, c caseView) caseView {
	t.Helper()
	is, err := newIntent(fmt.Sprint("first-", c.ID, "-", time.Now().UnixNano()), r.people["e2e.one"], c.Open[0].Task, "approve").send().caseOf()
	require.NoError(t, err)
	require.NotNil(t, is.Open[0].DueAt)
	return is
}

// settled checks that everything has come right by itself, takes the cases to their ends, and gives the list of what was repaired.
func (r *restoreRun) settled(t *testing.T, ladders []caseView, open ...caseView) string {
	t.Helper()
	began := time.Now()
	require.NoError(t, r.untilCorrespond(mended))
	converged := time.Since(began)
	for _, c := range ladders {
		r.requireLadder(t, c)
	}
	for _, c := range append(open, ladders...) {
		r.finish(t, c.ID)
	}
	require.NoError(t, r.outboxEmpties(recovered))
	require.NoError(t, r.untilCorrespond(mended))
	list := r.repairs(t)
	status, counters, err := probe(r.url() + "/metrics")
	require.NoError(t, err)
	require.Equal(t, 200, status)
	for _, what := range []string{"missing", "asleep", "left_over"} {
		require.Contains(t, counters, fmt.Sprintf("crmflow_repairs{what=%q} %d\n", what, strings.Count(list, "  "+what+"  ")))
	}
	t.Logf("cases and workflows corresponded after %.1f s; what was repaired:\n%s", converged.Seconds(), list)
	return list
}

// repairs is what `crmflow repairs` prints.
func (r *restoreRun) repairs(t *testing.T) string {
	t.Helper()
	bin, err := program()
	require.NoError(t, err)
	cmd := exec.Command(bin, "repairs")
	cmd.Env = append(slices.DeleteFunc(os.Environ(), isOurs), "CRMFLOW_DATABASE_URL="+r.dsn)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

// requireRepaired checks that the list says of a case what was wrong with its workflow.
func requireRepaired(t *testing.T, list, what string, cases ...caseView) {
	t.Helper()
	for _, c := range cases {
		require.True(t, slices.ContainsFunc(strings.Split(list, "\n"), func(line string) bool {
			return strings.Contains(line, "  "+what+"  ") && strings.Contains(line, "  e2e-late/"+c.Number+"  ")
		}), "%s of %s isn't in the list:\n%s", what, c.Number, list)
	}
}

// Temporal's database is thrown away while cases are open and everything else runs on: every workflow is built anew, ladders go on, nothing is doubled.
func TestRestoreTemporalThrownAway(t *testing.T) {
	t.Parallel()
	r := newRestore(t)
	s := r.situation(t)
	r.goOn(t, s)
	r.setTemporalBack(t, "")
	list := r.settled(t, []caseView{s.timed, s.moved, s.since[1]}, s.waits, s.since[0], s.since[3])
	requireRepaired(t, list, "missing", s.waits, s.since[0], s.since[3])
}

// Temporal's database is set back to an earlier moment than ours: what has moved on is caught up with, what has ended ends again, what is new begins.
func TestRestoreTemporalIsOlder(t *testing.T) {
	t.Parallel()
	r := newRestore(t)
	s := r.situation(t)
	file := r.backup(t, false)
	r.goOn(t, s)
	r.setTemporalBack(t, file)
	list := r.settled(t, []caseView{s.timed, s.moved, s.since[1]}, s.waits, s.since[0], s.since[3])
	requireRepaired(t, list, "missing", s.since[0], s.since[3])
	requireRepaired(t, list, "left_over", s.over)
}

// Our database is set back to an earlier moment than Temporal's: PostgreSQL wins. What it doesn't know any more ends, what it knows as open goes on
// from there, also under a number that is given a second time.
func TestRestoreOursIsOlder(t *testing.T) {
	t.Parallel()
	r := newRestore(t)
	s := r.situation(t)
	file := r.backup(t, true)
	r.goOn(t, s)
	before := s.since[0]
	r.setOursBack(t, file)
	again := r.start(t, true) // its number was given once already, to a case that Temporal still knows
	require.Equal(t, before.Number, again.Number)
	require.NotEqual(t, before.ID, again.ID)
	decided := r.decideFirst(t, s.decided) // Temporal knows it as decided already
	list := r.settled(t, []caseView{s.timed, decided, again}, s.waits, s.over)
	requireRepaired(t, list, "missing", s.over)
	requireRepaired(t, list, "left_over", s.since[3])
}
