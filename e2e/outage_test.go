package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/dev"
)

const (
	outage = 30 * time.Second
	// outageScale makes the 30 minutes of e2e-late 15 s: both rungs come due while something is away.
	outageScale = 120
	// recovered bounds what anything may take to go on after an outage.
	recovered = 90 * time.Second
)

// outageRun is a stack with the people of e2e-late.
type outageRun struct {
	*stack
	admin  client
	people people
}

func newOutage(t *testing.T, o options) *outageRun {
	t.Helper()
	o.name, o.args = t.Name(), []string{"--time-scale", fmt.Sprint(outageScale)}
	run := &outageRun{stack: startWith(t, o)}
	var err error
	run.admin, err = run.administrator()
	require.NoError(t, err)
	run.people = hire(t, run.stack, run.admin, [2]string{"e2e.boss"}, [2]string{"e2e.one"}, [2]string{"e2e.two", "e2e.boss"}, [2]string{"e2e.sender"})
	publish(t, run.admin, definitions(t, "e2e-slip", "e2e-always", "e2e-late"))
	return run
}

// start starts a case; with timed, its first step is decided, so that its limit runs.
func (run *outageRun) start(t *testing.T, timed bool) caseView {
	t.Helper()
	c := running(t, run.people["e2e.sender"], "e2e-late", t.Name())
	if !timed {
		return c
	}
	i := newIntent("timed-"+c.ID, run.people["e2e.one"], c.Open[0].Task, "approve")
	c, err := i.send().caseOf()
	require.NoError(t, err)
	require.Len(t, c.Open, 1)
	require.NotNil(t, c.Open[0].DueAt)
	return c
}

// pids are the server's and the worker's: an outage must not end them.
func (run *outageRun) pids(t *testing.T) [2]int {
	t.Helper()
	server, err := run.pid("server")
	require.NoError(t, err)
	worker, err := run.pid("worker")
	require.NoError(t, err)
	return [2]int{server, worker}
}

// requireLadder waits until both rungs of a case have come by themselves, once, each at its own moment.
func (run *outageRun) requireLadder(t *testing.T, c caseView) {
	t.Helper()
	task := c.Open[0]
	var rungs []entry
	require.NoError(t, eventually(recovered, "the ladder of "+task.Task+" has come by itself", func() (bool, error) {
		timeline, err := run.admin.timeline(c.ID)
		rungs, _ = ladderOf(timeline, task.Task)
		return len(rungs) >= 2, errors.Join(err, errors.New(say(timeline)))
	}))
	require.Len(t, rungs, 2, "%s", say(rungs))
	for n, at := range []time.Time{*task.DueAt, task.DueAt.Add(10 * time.Minute)} {
		require.Equal(t, n, *rungs[n].Data.Rung)
		require.WithinDuration(t, at, rungs[n].At, time.Millisecond, "%s", rungs[n])
	}
}

// approve approves what is open of a case until it has ended.
func (run *outageRun) approve(id string) error {
	for n := 0; ; n++ {
		is, err := run.admin.caseNow(id)
		if err != nil || is.Status == "ended" {
			return err
		}
		i := newIntent(fmt.Sprint("finish-", id, "-", n), run.people[is.Open[0].Who[0]], is.Open[0].Task, "approve")
		if r := i.send(); !r.ok() {
			return fmt.Errorf("%s: %s", i, r)
		}
	}
}

// finish takes a case to its end, and waits for its workflow to end with it.
func (run *outageRun) finish(t *testing.T, id string) {
	t.Helper()
	require.NoError(t, run.approve(id))
	is, err := run.admin.caseNow(id)
	require.NoError(t, err)
	temporal, err := run.temporal()
	require.NoError(t, err)
	defer temporal.Close()
	require.NoError(t, closedAs(temporal, "e2e-late/"+is.Number, "approved"))
}

// PostgreSQL away for 30 s: stopped, so that every connection is refused, then frozen, so that nothing is answered at all. Each time every call is
// told 503 with Retry-After within the server's own limit, and afterwards everything continues by itself.
func TestOutagePostgreSQLAway(t *testing.T) {
	t.Parallel()
	needStack(t)
	dir := filepath.Join(scratch, t.Name(), "postgres")
	begin := func() *dev.Postgres {
		p := dev.NewPostgres(dir, filepath.Join(scratch, t.Name(), "log"))
		require.NoError(t, p.Start(t.Context()))
		return p
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(dir), 0o755))
	var mu sync.Mutex
	postgres := begin()
	t.Cleanup(func() { // after the stack, which has to stop cleanly
		mu.Lock()
		defer mu.Unlock()
		postgres.Stop()
	})
	run := newOutage(t, options{env: []string{"DATABASE_URL=" + postgres.DSN(dev.Database)}})
	for _, kind := range []string{"stopped", "frozen"} {
		waits := run.start(t, false)
		timed := run.start(t, true)
		pids := run.pids(t)
		thaw := func() {}
		if kind == "stopped" {
			postgres.Stop()
		} else {
			thaw = freeze(t, postmaster(t, dir))
		}
		tried := run.whileAway(t, waits)
		if kind == "stopped" {
			mu.Lock()
			postgres = begin()
			mu.Unlock()
		}
		thaw()
		back := time.Now()
		require.NoError(t, run.untilReady(recovered))
		ready := time.Since(back)
		tried.requireSettled(t, run, waits)
		run.requireLadder(t, timed)
		require.NoError(t, run.outboxEmpties(recovered))
		for _, id := range []string{waits.ID, timed.ID} {
			run.finish(t, id)
		}
		require.Equal(t, pids, run.pids(t), "server and worker live through it")
		t.Logf("PostgreSQL %s for %v: %d calls were told 503, the slowest after %.1f s; ready %.1f s after it was back, all settled after %.1f s",
			kind, outage, tried.calls, tried.slowest.Seconds(), ready.Seconds(), time.Since(back).Seconds())
	}
}

// tries are the calls of an outage.
type tries struct {
	decision *intent
	startKey string
	calls    int
	slowest  time.Duration
}

// whileAway keeps calling for as long as the outage lasts: every answer must be 503, with Retry-After, in time.
func (run *outageRun) whileAway(t *testing.T, waits caseView) *tries {
	t.Helper()
	tried := &tries{startKey: "away-" + waits.ID, decision: newIntent("away-decision-"+waits.ID, run.people["e2e.one"], waits.Open[0].Task, "approve")}
	calls := map[string]func() reply{
		"decide": tried.decision.send,
		"start":  func() reply { return tried.start(run) },
		"look":   func() reply { return run.admin.get("/cases/" + waits.ID) },
		"list":   func() reply { return run.people["e2e.two"].get("/tasks?box=todo") },
		"sign in": func() reply {
			return run.admin.send(http.MethodPost, run.url()+"/api/v1/session", "", map[string]string{"user": "e2e.two", "password": "e2e-password-of-all"})
		},
	}
	wrong := &findings{}
	end := time.Now().Add(outage)
	var mu sync.Mutex
	var all sync.WaitGroup
	for what, call := range calls {
		all.Go(func() {
			for time.Now().Before(end) {
				r := call()
				mu.Lock()
				tried.calls++
				tried.slowest = max(tried.slowest, r.took)
				mu.Unlock()
				if time.Now().After(end) && r.answered() {
					return // it was back already
				}
				if r.err != nil || r.status != http.StatusServiceUnavailable || r.header.Get("Retry-After") == "" || r.problem().Code != "unavailable" || r.took > 30*time.Second {
					wrong.add("%s, after %.1f s: %s (Retry-After %q)", what, r.took.Seconds(), r, r.header.Get("Retry-After"))
				}
				time.Sleep(200 * time.Millisecond) // the pace of a caller
			}
		})
	}
	all.Go(func() {
		for time.Now().Before(end.Add(-3 * time.Second)) {
			if status, body, err := probe(run.url() + "/healthz"); status != http.StatusOK {
				wrong.add("/healthz: %d %s %v", status, body, err)
			}
			if status, body, err := probe(run.url() + "/readyz"); status != http.StatusServiceUnavailable {
				wrong.add("/readyz: %d %s %v", status, body, err)
			}
			time.Sleep(time.Second)
		}
	})
	all.Wait()
	wrong.report(t)
	return tried
}

func (tried *tries) start(run *outageRun) reply {
	return run.people["e2e.sender"].post(tried.startKey, "/cases", map[string]any{"process": "e2e-late", "with": map[string]string{"title": tried.startKey}})
}

// requireSettled sends again what had no answer: each has one effect.
func (tried *tries) requireSettled(t *testing.T, run *outageRun, waits caseView) {
	t.Helper()
	require.NoError(t, tried.decision.settle(recovered))
	require.True(t, tried.decision.won(), "%s", tried.decision.replies[len(tried.decision.replies)-1])
	timeline, err := run.admin.timeline(waits.ID)
	require.NoError(t, err)
	require.NoError(t, tried.decision.compare(decisions(timeline)[tried.decision.key]))
	r := tried.start(run)
	require.True(t, r.ok(), "%s", r)
	slips, err := pages[struct{ ID string }](run.admin, "/records/e2e-slip?q="+tried.startKey)
	require.NoError(t, err)
	require.Len(t, slips, 1, "the case that was asked for many times was started once")
}

// postmaster is the process id of a cluster.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "postmaster.pid"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	require.NoError(t, err)
	return pid
}

// freeze stops a process and its children where they are, as a machine does that hangs; thaw lets them go on.
func freeze(t *testing.T, pid int) (thaw func()) {
	t.Helper()
	frozen := []int{pid}
	require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP)) // the parent first: it starts no more
	for _, p := range children(pid) {
		if syscall.Kill(p, syscall.SIGSTOP) == nil { // it may have ended
			frozen = append(frozen, p)
		}
	}
	thaw = sync.OnceFunc(func() {
		for _, p := range frozen {
			_ = syscall.Kill(p, syscall.SIGCONT)
		}
	})
	t.Cleanup(thaw) // before whatever stops it
	return thaw
}

// children are the processes that a process has started.
func children(pid int) (list []int) {
	dirs, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range dirs {
		text, _ := os.ReadFile(path) // it may be gone
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		if len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			p, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			list = append(list, p)
		}
	}
	return list
}

// Temporal away for 30 s: decisions and starts go on as if nothing were; moments catch up by themselves, at their own times, when it is back.
func TestOutageTemporalAway(t *testing.T) {
	t.Parallel()
	run := newOutage(t, options{})
	timed := run.start(t, true)
	open := run.start(t, false)
	pids := run.pids(t)
	pid, err := run.pid("temporal")
	require.NoError(t, err)
	thaw := freeze(t, pid)
	began := time.Now()
	var ended []string // numbers
	var straddling []caseView
	var calls int
	var slowest time.Duration
	for range 3 { // started while it is away, ended as soon as it is back
		straddling = append(straddling, run.start(t, false))
	}
	for time.Since(began) < outage {
		c := run.start(t, false)
		for n, who := range []string{"e2e.one", "e2e.two"} {
			i := newIntent(fmt.Sprint("away-", c.ID, "-", n), run.people[who], c.Open[0].Task, "approve")
			r := i.send()
			calls, slowest = calls+1, max(slowest, r.took)
			c, err = r.caseOf()
			require.NoError(t, err, "a decision while Temporal is away: %s", r)
			require.Less(t, r.took, 5*time.Second, "a decision doesn't wait for Temporal")
		}
		require.Equal(t, "ended", c.Status)
		ended = append(ended, c.Number)
		status, body, err := probe(run.url() + "/readyz")
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status, "decisions can be taken: %s", body)
		time.Sleep(500 * time.Millisecond) // the pace of people
	}
	during := run.start(t, true) // its workflow has to be started afterwards
	thaw()
	back := time.Now()
	for _, c := range straddling {
		require.NoError(t, run.approve(c.ID))
		ended = append(ended, c.Number)
	}
	run.requireLadder(t, timed)
	caught := time.Since(back)
	run.requireLadder(t, during)
	require.NoError(t, run.outboxEmpties(recovered))
	temporal, err := run.temporal()
	require.NoError(t, err)
	defer temporal.Close()
	for _, number := range ended {
		require.NoError(t, closedAs(temporal, "e2e-late/"+number, "approved"))
	}
	for _, id := range []string{timed.ID, open.ID, during.ID} {
		run.finish(t, id)
	}
	require.Equal(t, pids, run.pids(t), "server and worker live through it")
	t.Logf("Temporal frozen for %v: %d decisions, the slowest %.0f ms; %d cases came and went; the moments had caught up %.1f s after it was back",
		outage, calls, float64(slowest.Milliseconds()), len(ended), caught.Seconds())
}

// Temporal is killed and comes back empty: PostgreSQL always wins. Moments come all the same, at their own times, and every case that is open, or
// ended while Temporal was away, has its workflow, which ends with the case's outcome.
func TestOutageTemporalLost(t *testing.T) {
	t.Parallel()
	needStack(t)
	addr := freePort(t)
	lost := startTemporal(t, addr)
	run := newOutage(t, options{env: []string{"TEMPORAL_ADDRESS=" + addr}})
	timed, open := run.start(t, true), run.start(t, false)
	require.NoError(t, lost.cmd.Process.Kill())
	<-lost.done
	began := time.Now()
	var straddling []caseView // started while it is away, ended soon after it is back, one after another
	for range 25 {
		straddling = append(straddling, run.start(t, false))
	}
	require.NoError(t, run.people["e2e.one"].untilBusiness(timed.Open[0].DueAt.Add(time.Minute), time.Minute)) // and the servers have given up telling Temporal
	away := time.Since(began)
	startTemporal(t, addr)
	back := time.Now()
	for _, c := range straddling {
		require.NoError(t, run.approve(c.ID))
		time.Sleep(500 * time.Millisecond)
	}
	run.requireLadder(t, timed)
	t.Logf("Temporal lost, and away for %.0f s: the moments had caught up %.1f s after it was back", away.Seconds(), time.Since(back).Seconds())
	require.NoError(t, run.outboxEmpties(recovered))
	for _, c := range append(straddling, timed, open) {
		run.finish(t, c.ID)
	}
}

// startTemporal runs a Temporal of the test's own. It forgets everything when it ends, unless it is told where to keep it.
func startTemporal(t *testing.T, addr string, keep ...string) *child {
	t.Helper()
	dir := filepath.Join(scratch, t.Name())
	require.NoError(t, os.MkdirAll(dir, 0o755))
	log := filepath.Join(dir, fmt.Sprint("temporal-", time.Now().UnixNano(), ".log"))
	bin, err := filepath.Abs("../bin/crmflow-temporal")
	require.NoError(t, err)
	if len(keep) == 0 {
		keep = []string{"--memory"}
	}
	temporal, err := spawn(log, []string{marker + dir}, bin, append(keep, "--addr", addr, "--namespace", dev.Namespace)...)
	require.NoError(t, err)
	t.Cleanup(func() {
		if !temporal.ended() {
			require.NoError(t, temporal.interrupt(stopWithin))
		}
	})
	require.NoError(t, eventually(readyWithin, "Temporal is ready", func() (bool, error) {
		said, err := os.ReadFile(log)
		return strings.Contains(string(said), "ready\n"), errors.Join(err, errors.New(string(said)))
	}))
	return temporal
}
