package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Cases that ask a system and call another case, which asks too, live while everything is killed and the system fails, is slow and answers callers who have
// gone. Every step that asks has one key, however often the system hears it, and its answer is taken once; every call has one case; its outcome is
// the caller's way, once; who withdraws the caller ends what it has called; every workflow ends as its case did.
func TestCrashCallsAndRequests(t *testing.T) {
	t.Parallel()
	needStack(t)
	seed := seedOf(t)
	erp := &moodyERP{draw: chance(seed, -2), keys: map[string]map[string]bool{}}
	server := httptest.NewServer(erp)
	t.Cleanup(server.Close)
	systems := filepath.Join(t.TempDir(), "systems.yaml")
	require.NoError(t, os.WriteFile(systems, []byte(fmt.Sprintf("systems: {e2e-erp: {url: %q, timeout: 2s, attempts: 50, allow_private: true}}", server.URL)), 0o600))
	s := startWith(t, options{name: t.Name(), args: []string{"--empty"}, env: append([]string{"CRMFLOW_SYSTEMS=" + systems}, oftenAnew...)})
	run := newCalling(t, s, seed, size(60, 500))
	began := time.Now()
	stopKilling := run.killer(t, size(12, 150))
	run.driveCalling()
	kills := stopKilling()
	drove := time.Since(began)
	require.NoError(t, s.untilReady(time.Minute))
	require.NoError(t, run.outboxEmpties(90*time.Second))
	require.NoError(t, run.untilCorrespond(mended))
	outcomes := map[string]int{}
	for _, c := range run.cases {
		run.wrong.check(fmt.Sprintf("case %d (%s)", c.n, c.id), run.checkCalling(c, erp))
		outcomes[c.outcome]++
	}
	run.wrong.report(t)
	heard, again := erp.heard()
	require.Positive(t, again, "the system heard no key twice: nothing was hit in the middle")
	t.Logf("%d cases in %.0f s ended as %v; killed %v; the system was called %d times, %d of them again", len(run.cases), drove.Seconds(), outcomes, kills, heard, again)
}

// moodyERP is a system that fails, is slow, and remembers which keys it has heard for which path.
type moodyERP struct {
	mu    sync.Mutex
	draw  *rand.Rand
	keys  map[string]map[string]bool // by path
	calls int
}

func (m *moodyERP) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	title := strings.TrimPrefix(r.URL.Path, "/slips/")
	m.mu.Lock()
	if m.keys[title] == nil {
		m.keys[title] = map[string]bool{}
	}
	m.keys[title][r.Header.Get("Idempotency-Key")] = true
	m.calls++
	mood := m.draw.IntN(10)
	m.mu.Unlock()
	switch mood {
	case 0:
		w.WriteHeader(http.StatusInternalServerError)
		return
	case 1:
		select { // and then it answers somebody who may have gone
		case <-r.Context().Done():
		case <-time.After(500 * time.Millisecond):
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"note": "heard " + title})
}

// heard is how often it was called, and how many of the calls were not the first with their key.
func (m *moodyERP) heard() (calls, again int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	again = m.calls
	for _, keys := range m.keys {
		again -= len(keys)
	}
	return m.calls, again
}

func (m *moodyERP) keysOf(title string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.keys[title])
}

func newCalling(t *testing.T, s *stack, seed uint64, cases int) *crash {
	t.Helper()
	run := &crash{stack: s, seed: seed, slots: make(chan struct{}, crashClients), flying: make(chan struct{}), wrong: &findings{}}
	var err error
	run.admin, err = s.administrator()
	require.NoError(t, err)
	run.people = hire(t, s, run.admin, [2]string{"e2e.one"}, [2]string{"e2e.two"}, [2]string{"e2e.sender"})
	publish(t, run.admin, definitions(t, "e2e-slip", "e2e-always", "e2e-part", "e2e-whole"))
	for n := range cases {
		run.cases = append(run.cases, &crashCase{n: n, draw: chance(seed, n+1)})
	}
	return run
}

func (run *crash) driveCalling() {
	var all sync.WaitGroup
	begin := time.NewTicker(250 * time.Millisecond)
	defer begin.Stop()
	for _, c := range run.cases {
		<-begin.C
		all.Go(func() { run.wrong.check(fmt.Sprintf("case %d", c.n), run.followCalling(c)) })
	}
	all.Wait()
}

func (run *crash) callingTitle(c *crashCase) string {
	return fmt.Sprint("calling-", run.seed, "-", c.n)
}

// family is a case with those that it called.
type family struct {
	caseView
	Children []caseView `json:"children"`
}

func (run *crash) familyOf(c *crashCase) (family, error) {
	var f family
	r, err := run.insist("the case is shown", func() reply { return run.admin.get("/cases/" + c.id) })
	if err == nil {
		err = r.into(&f)
	}
	return f, err
}

// followCalling starts a case and decides what it and the case it calls ask, until both have ended; now and then it is withdrawn instead.
func (run *crash) followCalling(c *crashCase) error {
	var err error
	c.start, err = run.insist("the case is started", func() reply {
		return run.people["e2e.sender"].post(fmt.Sprint("start-", run.seed, "-", c.n), "/cases", map[string]any{"process": "e2e-whole", "with": map[string]string{"title": run.callingTitle(c)}})
	})
	if err != nil {
		return err
	}
	is, err := c.start.caseOf()
	if err != nil {
		return err
	}
	c.id, c.number = is.ID, is.Number
	withdraws := c.draw.IntN(6) == 0
	return eventually(crashPatient, "the case has ended, and what it called", func() (bool, error) {
		f, err := run.familyOf(c)
		if err != nil {
			return false, err
		}
		c.outcome = f.Outcome
		done := f.Status == "ended"
		for _, child := range f.Children {
			done = done && child.Status == "ended"
		}
		if done {
			return true, nil
		}
		if withdraws && len(f.Children) > 0 {
			withdraws = false
			return false, run.withdraw(c)
		}
		return false, errors.Join(run.decideWhatIsOpen(c, f), fmt.Errorf("it is %+v", f))
	})
}

func (run *crash) withdraw(c *crashCase) error {
	r, err := run.insist("it is withdrawn", func() reply {
		return run.people["e2e.sender"].post("withdraw-"+c.id, "/cases/"+c.id+"/withdraw", map[string]any{"reason": "not needed"})
	})
	if err == nil && !r.ok() && r.problem().Code != "case_ended" {
		err = fmt.Errorf("withdrawing: %s", r)
	}
	return err
}

// decideWhatIsOpen answers one open task of the case, or of one that it called.
func (run *crash) decideWhatIsOpen(c *crashCase, f family) error {
	open := f.Open
	for _, child := range f.Children {
		is, err := run.look(&crashCase{id: child.ID})
		if err != nil {
			return err
		}
		open = append(open, is.Open...)
	}
	for _, o := range open {
		if len(o.Who) != 1 {
			continue // it waits for a system, or for the other case
		}
		act := "approve"
		if o.Step == "look" && c.draw.IntN(6) == 0 {
			act = "reject"
		}
		i := newIntent(fmt.Sprint(c.id, "-", len(c.intents)), run.people[o.Who[0]], o.Task, act)
		c.intents = append(c.intents, i)
		return run.settle(i, c.draw.IntN(2) == 0)
	}
	return nil
}

// checkCalling holds a case, and what it has called, against what its clients were told and what the system has heard.
func (run *crash) checkCalling(c *crashCase, erp *moodyERP) error {
	f, err := run.familyOf(c)
	if err != nil {
		return err
	}
	timeline, err := run.timelineOf(c)
	if err != nil {
		return err
	}
	whole := append([]entry(nil), timeline...)
	errs := []error{rising(timeline), once(timeline, "answered", "ask"), erp.sameKey(run.callingTitle(c))}
	if len(f.Children) > 1 {
		errs = append(errs, fmt.Errorf("it called one case, and there are %d", len(f.Children)))
	}
	child := caseView{}
	for _, child = range f.Children {
		its, err := run.timelineOf(&crashCase{id: child.ID})
		whole = append(whole, its...)
		errs = append(errs, err, rising(its), once(its, "answered", "ask"), erp.sameKey(run.callingTitle(c)+"+part"))
	}
	c.timeline = whole
	errs = append(errs, c.compareActs(), follows(f.Outcome, child))
	if f.Outcome == "approved" || f.Outcome == "refused" {
		errs = append(errs, once(timeline, "called", "part"), run.noted(c))
	}
	return errors.Join(errs...)
}

// follows is an error unless the outcomes of a case and of the one it called fit each other.
func follows(outcome string, child caseView) error {
	fits := map[string][]string{"approved": {"approved"}, "refused": {"rejected"}, "withdrawn": {"", "withdrawn", "approved", "rejected"}}
	for _, other := range fits[outcome] {
		if other == child.Outcome {
			return nil
		}
	}
	return fmt.Errorf("it ended as %q, and what it called as %q", outcome, child.Outcome)
}

// once is an error when something happened to a step more than once.
func once(timeline []entry, event, step string) error {
	n := 0
	for _, e := range timeline {
		if e.Event == event && e.Step == step && (event != "called" || e.Outcome != "") {
			n++
		}
	}
	if n > 1 {
		return fmt.Errorf("%s was %s %d times:\n%s", step, event, n, say(timeline))
	}
	return nil
}

// sameKey is an error when the system has heard of one step under several keys.
func (m *moodyERP) sameKey(title string) error {
	if n := m.keysOf(title); n > 1 {
		return fmt.Errorf("the system heard %d keys for %s", n, title)
	}
	return nil
}

// noted is an error unless the record holds what the system answered.
func (run *crash) noted(c *crashCase) error {
	r, err := run.insist("the record is shown", func() reply { return run.admin.get("/records/e2e-slip/" + c.recordID()) })
	if err != nil {
		return err
	}
	var record struct {
		Fields struct{ Note string } `json:"fields"`
	}
	if err := r.into(&record); err != nil {
		return err
	}
	if want := "heard " + run.callingTitle(c); record.Fields.Note != want {
		return fmt.Errorf("the record holds %q, and the system said %q", record.Fields.Note, want)
	}
	return nil
}

func (c *crashCase) recordID() string {
	is, _ := c.start.caseOf() // it was one when the case began
	return is.Record.ID
}
