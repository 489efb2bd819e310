package e2e_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	_ "github.com/lib/pq" // the driver for looking into the database
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/enums/v1"
	sdk "go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
)

// checkCases holds the timelines against what the clients were told, and against the ladder.
func (run *crash) checkCases(t *testing.T) {
	t.Helper()
	ids := map[string]bool{}
	for _, c := range run.cases {
		run.check(c, "reading the timeline", func() (err error) {
			c.timeline, err = run.timelineOf(c)
			return err
		})
		run.check(c, "in order", func() error { return inOrder(c.timeline) })
		written := decisions(c.timeline)
		for _, i := range c.intents {
			run.check(c, "decision", func() error { return i.compare(written[i.key]) })
			delete(written, i.key)
		}
		for key, entries := range written {
			run.wrong.add("case %s: nobody sent %q: %s", c.id, key, entries[0])
		}
		run.check(c, "ladder", func() error { return checkLadders(c.timeline) })
		ids[c.id] = true
	}
	if len(ids) != len(run.cases) {
		run.wrong.add("%d starts made %d cases", len(run.cases), len(ids))
	}
}

func (run *crash) check(c *crashCase, what string, do func() error) {
	run.wrong.check(fmt.Sprintf("case %d (%s %s): %s", c.n, c.number, c.id, what), do())
}

// inOrder is an error unless the entries are numbered without a gap, their times never go back, and the case began and ended once.
func inOrder(timeline []entry) error {
	count := map[string]int{}
	for n, e := range timeline {
		count[e.Event]++
		if e.Seq != n+1 || n > 0 && e.At.Before(timeline[n-1].At) {
			return fmt.Errorf("out of order:\n%s", say(timeline))
		}
	}
	if count["started"] != 1 || count["ended"] != 1 || timeline[len(timeline)-1].Event != "ended" {
		return fmt.Errorf("not one start and one end:\n%s", say(timeline))
	}
	return nil
}

// checkLadders checks the ladder of every task of the first step.
func checkLadders(timeline []entry) error {
	var errs []error
	for _, e := range timeline {
		if e.Event == "opened" && e.Step == "first" {
			errs = append(errs, checkLadder(timeline, e.Task, e.At, timeline[len(timeline)-1].At, 2))
		}
	}
	return errors.Join(errs...)
}

// checkAgain sends everything once more under its key: what was answered is answered the same, what was left alone gets its final answer, and
// nothing of it has a second effect.
func (run *crash) checkAgain() {
	for _, c := range run.cases {
		again := run.people["e2e.sender"].post(fmt.Sprint("start-", run.seed, "-", c.n), "/cases",
			map[string]any{"process": "e2e-crash", "with": map[string]string{"title": fmt.Sprint("crash-", run.seed, "-", c.n)}})
		run.check(c, "started again", func() error { return sameAnswer(c.start, again) })
		for _, i := range c.intents {
			run.check(c, "sent again", func() error { return i.again(c.timeline) })
		}
		run.check(c, "after all was sent again", func() error {
			now, err := run.admin.timeline(c.id)
			if err == nil && len(now) != len(c.timeline) {
				err = fmt.Errorf("the timeline grew:\n%s", say(now[min(len(c.timeline), len(now)):]))
			}
			return err
		})
	}
}

// again sends an intent once more when all is over.
func (i *intent) again(timeline []entry) error {
	before, answered := i.answer()
	now := i.send()
	switch effect := len(decisions(timeline)[i.key]); {
	case !now.answered():
		return fmt.Errorf("%s has no answer when all is over: %s", i, now)
	case now.ok() != (effect == 1):
		return fmt.Errorf("%s stands %d times in the timeline, and its final answer is %s", i, effect, now)
	case answered && before.ok():
		return sameAnswer(before, now)
	}
	return nil
}

// checkDatabase asks what no client can see: nothing is left over and nothing was done twice.
func (run *crash) checkDatabase(t *testing.T) {
	t.Helper()
	require.NoError(t, run.outboxEmpties(90*time.Second))
	approved := 0
	for _, c := range run.cases {
		if c.outcome == "approved" {
			approved++
		}
	}
	for _, q := range []struct {
		what, query string
		want        int
	}{
		{"cases", `SELECT count(*) FROM cases WHERE process = 'e2e-crash'`, len(run.cases)},
		{"cases that run", `SELECT count(*) FROM cases WHERE process = 'e2e-crash' AND status <> 'ended'`, 0},
		{"open tasks of ended cases", `SELECT count(*) FROM tasks t JOIN cases c ON c.id = t.case_id WHERE c.process = 'e2e-crash' AND t.status = 'open' AND t.kind <> 'copy'`, 0},
		{"slips", `SELECT count(*) FROM records WHERE type = 'e2e-slip'`, len(run.cases)},
		{"slips that are done", `SELECT count(*) FROM records WHERE type = 'e2e-slip' AND fields->>'status' = 'done'`, approved},
		{"receipts", `SELECT count(*) FROM records WHERE type = 'e2e-receipt'`, approved},
		{"slips with a receipt", `SELECT count(DISTINCT fields->>'slip') FROM records WHERE type = 'e2e-receipt'`, approved},
		{"case numbers", `SELECT count(DISTINCT number) FROM cases WHERE process = 'e2e-crash'`, len(run.cases)},
		{"messages that say the same twice", `SELECT count(*) FROM (SELECT 1 FROM notifications n JOIN cases c ON c.id = n.case_id WHERE c.process = 'e2e-crash'
			GROUP BY n.to_user, n.case_id, n.task, n.about, n.at HAVING count(*) > 1) twice`, 0},
	} {
		got, err := run.count(q.query)
		require.NoError(t, err, q.what)
		if got != q.want {
			run.wrong.add("%s: %d, not %d", q.what, got, q.want)
		}
	}
}

// count asks the stack's database for one number.
func (s *stack) count(query string) (n int, err error) {
	db, err := sql.Open("postgres", s.present().Database)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return n, db.QueryRowContext(ctx, query).Scan(&n)
}

// outboxEmpties waits until everything has reached the outside: as long as it grows less, however busy the machine is.
func (s *stack) outboxEmpties(patience time.Duration) error {
	least := math.MaxInt
	for {
		var n int
		err := eventually(patience, "the outbox grows less", func() (bool, error) {
			var err error
			if n, err = s.count(`SELECT count(*) FROM outbox`); err == nil && n >= least {
				err = fmt.Errorf("%d rows are left", n)
			}
			return err == nil, err
		})
		if err != nil || n == 0 {
			return err
		}
		least = n
	}
}

// checkWorkflows asks Temporal: the workflow of every case is closed, and its result is the case's outcome.
func (run *crash) checkWorkflows(t *testing.T) {
	t.Helper()
	temporal, err := run.temporal()
	require.NoError(t, err)
	defer temporal.Close()
	deadline := time.Now().Add(time.Minute) // of all together
	for _, c := range run.cases {
		run.check(c, "its workflow", func() error {
			return closedWithin(max(time.Until(deadline), 0), temporal, "e2e-crash/"+c.number, c.outcome)
		})
	}
}

// temporal is a client of the stack's Temporal.
func (s *stack) temporal() (sdk.Client, error) {
	return sdk.Dial(sdk.Options{HostPort: s.present().Temporal, Namespace: "crmflow", Logger: quiet{}})
}

// quiet keeps the SDK's log out of the test's.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

var _ sdklog.Logger = quiet{}

// closedAs waits until a workflow has ended with an outcome.
func closedAs(temporal sdk.Client, workflow, outcome string) error {
	return closedWithin(time.Minute, temporal, workflow, outcome)
}

func closedWithin(within time.Duration, temporal sdk.Client, workflow, outcome string) error {
	return eventually(within, "workflow "+workflow+" is closed", func() (bool, error) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		is, err := temporal.DescribeWorkflowExecution(ctx, workflow, "")
		if err != nil {
			return false, err
		}
		status := is.GetWorkflowExecutionInfo().GetStatus()
		if status != enums.WORKFLOW_EXECUTION_STATUS_COMPLETED {
			return false, errors.New("it is " + status.String())
		}
		var result string
		if err := temporal.GetWorkflow(ctx, workflow, "").Get(ctx, &result); err != nil || result != outcome {
			return false, fmt.Errorf("its result is %q, not %q: %w", result, outcome, err)
		}
		return true, nil
	})
}
