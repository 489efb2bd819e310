package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/workflowservice/v1"
)

const (
	shippedScale   = 8640            // a day is ten seconds: limits, ladders and waits of days come while everything is being killed
	shippedPatient = 5 * time.Minute // for one case
)

// The three shipped processes live while everything is killed, workflows in the middle of continuing as new among it. Afterwards each case, run once more
// in memory from nothing but the acts that its clients know took effect, has the very same timeline, record, messages and state; each answered act
// stands there once and each unanswered at most once; no task is lost; every open case has one workflow, armed for its moment, and the workflow of
// every ended one ended as it did. Some cases are left open, and some are left alone.
func TestCrashTheShippedProcesses(t *testing.T) {
	t.Parallel()
	seed := seedOf(t)
	s := startWith(t, options{name: t.Name(), args: []string{"--time-scale", fmt.Sprint(shippedScale)}, env: oftenAnew})
	run := newShipped(t, s, seed, size(90, 500))
	began := time.Now()
	stopKilling := run.killer(t, size(20, 150))
	run.driveShipped(time.Duration(size(250, 400)) * time.Millisecond)
	kills := stopKilling()
	drove := time.Since(began)
	require.NoError(t, s.untilReady(time.Minute))
	require.NoError(t, run.outboxEmpties(90*time.Second))
	require.NoError(t, run.untilCorrespond(mended))
	run.checkShipped(t)
	run.checkShippedDatabase(t)
	run.checkShippedWorkflows(t)
	run.sum(t, kills, drove)
	run.wrong.report(t)
}

func newShipped(t *testing.T, s *stack, seed uint64, cases int) *crash {
	t.Helper()
	run := &crash{stack: s, seed: seed, slots: make(chan struct{}, crashClients), flying: make(chan struct{}), wrong: &findings{}, people: people{}}
	var err error
	run.admin, err = s.administrator()
	require.NoError(t, err)
	for _, u := range s.present().Users {
		run.people[u.User], err = signIn(s.url(), u.User, u.Password)
		require.NoError(t, err)
	}
	run.anchor, err = run.admin.clock()
	require.NoError(t, err)
	run.anchored = time.Now()
	r := run.admin.post("customer", "/records/customer", map[string]any{"fields": map[string]any{"company": "海川机械", "contact": "徐敏", "phone": "+86 519 5550 0199"}})
	var customer struct{ ID string }
	require.NoError(t, r.into(&customer))
	_, err = run.count(filesOfAll)
	require.NoError(t, err)
	run.customer = map[string]any{"type": "customer", "id": customer.ID}
	for n := range cases {
		run.cases = append(run.cases, chosen(seed, n))
	}
	return run
}

// checkShipped holds every case against what its clients were told, and against the case run once more.
func (run *crash) checkShipped(t *testing.T) {
	t.Helper()
	again := newReplayer(t, run.stack)
	lied := false
	for _, c := range run.cases {
		if c.id == "" {
			continue // said already
		}
		var is stored
		run.check(c, "reading it", func() (err error) {
			if is, err = again.stored(c.id); err != nil { // first: time moves a case that was left between two questions, and a timeline only grows
				return err
			}
			c.timeline, err = run.timelineOf(c)
			return err
		})
		run.check(c, "in order", func() error { return rising(c.timeline) })
		run.check(c, "acts", c.compareActs)
		ok := run.wrong.check(fmt.Sprintf("case %d (%s %s)", c.n, c.number, c.id), again.check(c, is, c.timeline))
		run.check(c, "open tasks", func() error { return run.sameTasks(c) })
		if ok && !lied && len(c.timeline) > 4 && c.timeline[len(c.timeline)-1].Seq <= is.seq { // the oracle itself: a history in which one thing is otherwise is refused
			lied = true
			for _, lie := range lies(c.timeline) {
				require.Error(t, again.check(c, is, lie), "a timeline with a lie in it must be refused:\n%s", say(lie))
			}
		}
	}
	require.True(t, lied, "not one case was fit to lie about")
}

// lies are timelines that are wrong in one entry: left out, doubled, of another step, at another moment. It is one that follows from another: when somebody
// acted nobody knows but the entry that says so.
func lies(timeline []entry) [][]entry {
	n := len(timeline) - 1
	for timeline[n].Event != "opened" {
		n--
	}
	left := slices.Delete(slices.Clone(timeline), n, n+1)
	doubled := slices.Insert(slices.Clone(timeline), n, timeline[n])
	other, late := slices.Clone(timeline), slices.Clone(timeline)
	other[n].Step += "x"
	late[n].At = late[n].At.Add(time.Second)
	return [][]entry{left, doubled, other, late}
}

// rising is an error unless the entries are in order, their times never go back, and the case began once, and ended at most once, last.
func rising(timeline []entry) error {
	count := map[string]int{}
	for n, e := range timeline {
		count[e.Event]++
		if n > 0 && (e.Seq <= timeline[n-1].Seq || e.At.Before(timeline[n-1].At)) {
			return fmt.Errorf("out of order:\n%s", say(timeline))
		}
	}
	if count["started"] != 1 || count["ended"] > 1 || count["ended"] == 1 && timeline[len(timeline)-1].Event != "ended" {
		return fmt.Errorf("not one start and at most one end:\n%s", say(timeline))
	}
	return nil
}

// compareActs holds the timeline against what clients were told. Claims carry no comment there, so they are counted.
func (c *crashCase) compareActs() error {
	written := decisions(c.timeline)
	claims := map[[2]string][3]int{} // by task and person: told yes, told nothing, written
	for _, i := range c.intents {
		if i.act == "claim" {
			key := [2]string{i.task, i.who.user}
			n := claims[key]
			if _, answered := i.answer(); i.won() {
				n[0]++
			} else if !answered {
				n[1]++
			}
			claims[key] = n
			continue
		}
		if err := i.compare(written[i.key]); err != nil {
			return err
		}
		delete(written, i.key)
	}
	for key, entries := range written {
		return fmt.Errorf("nobody sent %q: %s", key, entries[0])
	}
	handed := map[[2]string]bool{} // to take what one has been given already leaves no entry
	for _, e := range c.timeline {
		if e.Event == "handed_up" {
			handed[[2]string{e.Task, fmt.Sprint(e.Data.To)}] = true
		}
		if e.Event == "claimed" {
			key := [2]string{e.Task, e.By}
			n := claims[key]
			n[2]++
			claims[key] = n
		}
	}
	for key, n := range claims {
		if n[2] < n[0] && !handed[key] || n[2] > n[0]+n[1] {
			return fmt.Errorf("%s claimed %s: told yes %d times, nothing %d times, and it stands %d times in the timeline", key[1], key[0], n[0], n[1], n[2])
		}
	}
	return nil
}

// sameTasks is an error unless the tasks in people's boxes are those that the case says are open.
func (run *crash) sameTasks(c *crashCase) error {
	return eventually(10*time.Second, "the boxes hold what is open", func() (bool, error) { // time may hand one up between two questions
		is, err := run.admin.caseNow(c.id)
		if err != nil {
			return false, err
		}
		n, err := run.count(fmt.Sprintf(`SELECT count(*) FROM tasks WHERE case_id = '%s' AND status = 'open'`, c.id))
		if err == nil && n != len(is.Open) {
			err = fmt.Errorf("%d tasks lie in boxes, and %d are open: %+v", n, len(is.Open), is)
		}
		return err == nil, err
	})
}

// checkShippedDatabase asks what no client can see.
func (run *crash) checkShippedDatabase(t *testing.T) {
	t.Helper()
	approved, quotes := 0, 0
	for _, c := range run.cases {
		switch {
		case c.chain.process == "lead-review" && c.outcome == "approved":
			approved++
		case c.chain.process == "quote-follow-up":
			quotes++
		}
	}
	ours := ` AND started_at >= '` + run.anchor.Now.Format(time.RFC3339Nano) + `'` // the sample company's were there before
	for _, q := range []struct {
		what, query string
		want        int
	}{
		{"follow-ups of quotes", `SELECT count(*) FROM cases WHERE process = 'quote-follow-up' AND record_id IN (SELECT id FROM records WHERE type = 'quote')` + ours, quotes},
		{"quotes with a follow-up", `SELECT count(DISTINCT record_id) FROM cases WHERE process = 'quote-follow-up'` + ours, quotes},
		{"customers made by reviews", `SELECT count(*) FROM records WHERE type = 'customer' AND fields->>'company' LIKE '客户%'`, approved},
		{"leads that became customers", `SELECT count(*) FROM records WHERE type = 'lead' AND fields->>'status' = 'customer' AND fields->>'company' LIKE '客户%'`, approved},
		{"open tasks of ended cases", `SELECT count(*) FROM tasks t JOIN cases c ON c.id = t.case_id WHERE c.status = 'ended' AND t.status = 'open' AND t.kind <> 'copy'`, 0},
		{"cases on hold", `SELECT count(*) FROM cases WHERE held IS NOT NULL`, 0},
		{"moments of no open case", `SELECT count(*) FROM moments m LEFT JOIN cases c ON c.id = m.case_id WHERE c.id IS NULL OR c.status = 'ended' OR c.wake_at <> m.at`, 0},
		{"messages that say the same twice", `SELECT count(*) FROM (SELECT 1 FROM notifications GROUP BY to_user, case_id, task, about, at HAVING count(*) > 1) twice`, 0},
	} {
		got, err := run.count(q.query)
		require.NoError(t, err, q.what)
		if got != q.want {
			run.wrong.add("%s: %d, not %d", q.what, got, q.want)
		}
	}
}

// checkShippedWorkflows asks Temporal for the outcomes, and whether workflows continued as new at all.
func (run *crash) checkShippedWorkflows(t *testing.T) {
	t.Helper()
	temporal, err := run.temporal()
	require.NoError(t, err)
	defer temporal.Close()
	deadline := time.Now().Add(time.Minute) // of all together
	for _, c := range run.cases {
		if is, err := run.admin.caseNow(c.id); err == nil && is.Status == "ended" {
			run.check(c, "its workflow", func() error {
				return closedWithin(max(time.Until(deadline), 0), temporal, c.chain.process+"/"+is.Number, is.Outcome)
			})
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	anew, err := temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Query: `ExecutionStatus = "ContinuedAsNew"`})
	require.NoError(t, err)
	require.Positive(t, anew.GetCount(), "no workflow continued as new")
	t.Logf("workflows continued as new %d times", anew.GetCount())
}
