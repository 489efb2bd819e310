package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	crashScale   = 360 // business seconds per second: the 30 minutes of the chain's first step are 5 s
	crashClients = 8
	crashPatient = 2 * time.Minute // for one request, whatever is being killed
)

// oftenAnew makes every workflow continue as new after a few events, so that much is killed in the middle of it.
var oftenAnew = []string{"CRMFLOW_TEST_HISTORY_EVENTS=12"}

// parts are the processes that get killed.
var parts = []string{"server", "worker", "temporal", "postgres"}

// Everything is killed by SIGKILL at random moments while cases run. The oracle is what the clients were told: every answered decision stands in the
// timeline exactly once, every unanswered one at most once, and sent again with its key it gets the final answer; nothing is stuck; every rung of
// every ladder took effect once, at its own moment; every case's workflow ended as the case did.
func TestCrashEverythingIsKilledAndNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	seed := seedOf(t)
	s := startWith(t, options{name: t.Name(), args: []string{"--time-scale", fmt.Sprint(crashScale)}, env: oftenAnew})
	run := newCrash(t, s, seed, size(200, 1000))
	began := time.Now()
	stopKilling := run.killer(t, size(22, 150))
	run.drive()
	kills := stopKilling()
	drove := time.Since(began)
	require.NoError(t, s.untilReady(time.Minute))
	run.checkCases(t)
	run.sum(t, kills, drove)
	run.checkAgain()
	run.checkDatabase(t)
	run.checkWorkflows(t)
	run.wrong.report(t)
}

// crash is one run of the crash test.
type crash struct {
	*stack
	seed   uint64
	people people
	admin  client
	slots  chan struct{} // one per client
	flying chan struct{} // a decision is being sent
	wrong  *findings
	cases  []*crashCase

	customer map[string]any // a reference, for the shipped chains
	anchor   clock
	anchored time.Time

	lost, fired, refused atomic.Int64 // calls without an answer; rungs seen to come by themselves; decisions refused
}

// crashCase is one case and what its clients meant to do with it.
type crashCase struct {
	n        int
	id       string
	number   string
	outcome  string
	draw     *rand.Rand
	intents  []*intent
	timeline []entry
	start    reply

	chain     *chain // a shipped one; nil: e2e-crash
	record    string // id of its record
	with      map[string]any
	forgotten bool   // nobody cares for it
	backs     int    // how often it went back
	left      bool   // it was left where it stood
	event     string // what somebody made happen to its record
}

func newCrash(t *testing.T, s *stack, seed uint64, cases int) *crash {
	t.Helper()
	run := &crash{stack: s, seed: seed, slots: make(chan struct{}, crashClients), flying: make(chan struct{}), wrong: &findings{}}
	var err error
	run.admin, err = s.administrator()
	require.NoError(t, err)
	run.people = hire(t, s, run.admin, [2]string{"e2e.chief"}, [2]string{"e2e.boss", "e2e.chief"}, [2]string{"e2e.one", "e2e.boss"}, [2]string{"e2e.two"},
		[2]string{"e2e.three"}, [2]string{"e2e.left"}, [2]string{"e2e.right"}, [2]string{"e2e.sender"})
	publish(t, run.admin, definitions(t, "e2e-slip", "e2e-receipt", "e2e-always", "e2e-crash"))
	for n := range cases {
		run.cases = append(run.cases, &crashCase{n: n, draw: chance(seed, n+1)})
	}
	return run
}

// killer kills a random part every one to three seconds, until so many are killed or it is stopped. stop gives how many of each it were.
func (run *crash) killer(t *testing.T, most int) (stop func() map[string]int) {
	ctx, cancel := context.WithCancel(context.Background())
	kills := map[string]int{}
	done := make(chan struct{})
	draw := chance(run.seed, 0)
	began := time.Now()
	go func() {
		defer close(done)
		for n := 0; n < most; n++ {
			select {
			case <-ctx.Done():
				return
			case <-time.After(time.Second + time.Duration(draw.Int64N(int64(2*time.Second)))):
			}
			for range 1 + draw.IntN(5)/4 { // every fifth time two at once
				name := parts[draw.IntN(len(parts))]
				run.aim(draw)
				pid, err := run.kill(name)
				if err != nil {
					run.wrong.add("killing %s: %v", name, err)
					return
				}
				kills[name]++
				t.Logf("%5.1f s: killed %s (%d)", time.Since(began).Seconds(), name, pid)
			}
		}
	}()
	return func() map[string]int {
		cancel()
		<-done
		return kills
	}
}

// aim waits, before every second kill, for a decision to be on its way, so that many are hit in the middle.
func (run *crash) aim(draw *rand.Rand) {
	aims, delay := draw.IntN(2) == 0, time.Duration(draw.Int64N(int64(4*time.Millisecond)))
	if !aims {
		return
	}
	select {
	case <-run.flying:
		time.Sleep(delay)
	case <-time.After(time.Second):
	}
}

// drive runs all cases to their end; they begin one after another, so that there is work all the time.
func (run *crash) drive() {
	var all sync.WaitGroup
	begin := time.NewTicker(time.Duration(size(120, 240)) * time.Millisecond)
	defer begin.Stop()
	for _, c := range run.cases {
		<-begin.C
		all.Go(func() { run.wrong.check(fmt.Sprintf("case %d (%s)", c.n, c.id), run.follow(c)) })
	}
	all.Wait()
}

// follow starts a case and decides its tasks until it has ended.
func (run *crash) follow(c *crashCase) error {
	if err := run.begin(c); err != nil {
		return err
	}
	returned := false
	for steps := 0; ; steps++ {
		is, err := run.look(c)
		if err != nil {
			return err
		}
		run.think(c)
		if is.Status == "ended" {
			c.outcome = is.Outcome
			return nil
		}
		if len(is.Open) == 0 || steps > 100 {
			return fmt.Errorf("stuck after %d steps: %+v", steps, is)
		}
		task := is.Open[c.draw.IntN(len(is.Open))]
		if task.Step == "first" && c.draw.IntN(5) == 0 {
			if err := run.leaveUntilLate(c, task); err != nil {
				return err
			}
			continue // it may be somebody else's now
		}
		act := run.choose(c, task.Step, returned)
		returned = returned || act == "return"
		if err := run.decide(c, task, act); err != nil {
			return err
		}
	}
}

// think is what people do between two clicks.
func (run *crash) think(c *crashCase) {
	time.Sleep(time.Duration(c.draw.Int64N(int64(3 * time.Second))))
}

// choose draws an act: mostly approve; the second step may return once, the step of two seats may refuse.
func (run *crash) choose(c *crashCase, step string, returned bool) string {
	switch n := c.draw.IntN(20); {
	case step == "second" && !returned && n < 4:
		return "return"
	case step == "both" && n < 1:
		return "reject"
	}
	return "approve"
}

// call makes one call on one of the clients' slots, and counts what got lost.
func (run *crash) call(do func() reply) reply {
	run.slots <- struct{}{}
	defer func() { <-run.slots }()
	r := do()
	switch {
	case r.err == nil && r.status == 503 && r.header.Get("Retry-After") == "":
		run.wrong.add("503 without Retry-After: %s", r)
	case r.err == nil && r.status >= 500 && r.status != 503:
		run.wrong.add("what an outage does must be 503: %s", r)
	}
	if !r.answered() {
		run.lost.Add(1)
	}
	return r
}

// insist calls until there is an answer.
func (run *crash) insist(what string, do func() reply) (reply, error) {
	var r reply
	err := eventually(crashPatient, what, func() (bool, error) {
		r = run.call(do)
		return r.answered(), errors.New(r.String())
	})
	return r, err
}

func (run *crash) begin(c *crashCase) error {
	body := map[string]any{"process": "e2e-crash", "with": map[string]string{"title": fmt.Sprint("crash-", run.seed, "-", c.n)}}
	var err error
	c.start, err = run.insist("the case is started", func() reply {
		return run.people["e2e.sender"].post(fmt.Sprint("start-", run.seed, "-", c.n), "/cases", body)
	})
	if err != nil {
		return err
	}
	is, err := c.start.caseOf()
	c.id, c.number = is.ID, is.Number
	return err
}

func (run *crash) look(c *crashCase) (caseView, error) {
	r, err := run.insist("the case is shown", func() reply { return run.admin.get("/cases/" + c.id) })
	if err != nil {
		return caseView{}, err
	}
	return r.caseOf()
}

// decide sends a decision until it is answered. Every sixth is raced by another device of the same person. Every eighth loses its connection soon
// after it was sent, whatever is being killed. Of those without an answer every second is left alone, to be sent again when all is over.
func (run *crash) decide(c *crashCase, task openTask, act string) error {
	if len(task.Who) != 1 {
		return fmt.Errorf("task %s has %d holders", task.Task, len(task.Who))
	}
	who := run.people[task.Who[0]]
	devices := []*intent{newIntent(fmt.Sprint(c.id, "-", len(c.intents)), who, task.Task, act)}
	if c.draw.IntN(6) == 0 {
		devices = append(devices, newIntent(fmt.Sprint(c.id, "-", len(c.intents)+1), who, task.Task, "approve"))
	}
	c.intents = append(c.intents, devices...)
	leave := c.draw.IntN(2) == 0
	if c.draw.IntN(8) == 0 {
		devices[0].hangUp = time.Millisecond + time.Duration(c.draw.Int64N(int64(5*time.Millisecond)))
	}
	failures := make([]error, len(devices))
	atOnce(len(devices), func(n int) { failures[n] = run.settle(devices[n], leave) })
	return errors.Join(failures...)
}

func (run *crash) settle(i *intent, leave bool) error {
	r := run.call(func() reply {
		select {
		case run.flying <- struct{}{}:
		default:
		}
		return i.send()
	})
	if !r.answered() {
		if leave {
			return nil
		}
		var err error
		if r, err = run.insist(i.String(), i.send); err != nil {
			return err
		}
	}
	switch code := r.problem().Code; {
	case r.ok():
	case code == "task_closed" || code == "not_your_task" || code == "case_ended":
		run.refused.Add(1)
	default:
		return fmt.Errorf("%s: %s", i, r)
	}
	return nil
}

// leaveUntilLate leaves a task until a rung of its ladder has come by itself, without anybody touching the case.
func (run *crash) leaveUntilLate(c *crashCase, task openTask) error {
	which := c.draw.IntN(4)
	return eventually(crashPatient, fmt.Sprintf("rung %d of task %s comes by itself", which, task.Task), func() (bool, error) {
		timeline, err := run.timelineOf(c)
		if err != nil {
			return false, err
		}
		rungs, end := ladderOf(timeline, task.Task)
		for _, e := range rungs {
			if *e.Data.Rung == which {
				run.fired.Add(1)
				return true, nil
			}
		}
		return !end.IsZero(), errors.New("the ladder so far:\n" + say(rungs))
	})
}

// timelineOf reads a case's timeline. What stands in it must have come: business time is asked after it.
func (run *crash) timelineOf(c *crashCase) (timeline []entry, err error) {
	run.slots <- struct{}{}
	defer func() { <-run.slots }()
	if timeline, err = run.admin.timeline(c.id); err != nil {
		return nil, err
	}
	now, err := run.admin.clock()
	if err != nil {
		return nil, err
	}
	for _, e := range timeline {
		if e.At.After(now.Now) {
			run.wrong.add("case %s: at %s there is already %s", c.id, now.Now, e)
		}
	}
	return timeline, nil
}

// sum says what the run was.
func (run *crash) sum(t *testing.T, kills map[string]int, drove time.Duration) {
	t.Helper()
	var intents, again, left, unheard int
	for _, c := range run.cases {
		written := decisions(c.timeline)
		for _, i := range c.intents {
			intents++
			_, answered := i.answer()
			switch {
			case !answered:
				left++
				unheard += len(written[i.key])
			case len(i.replies) > 1:
				again++
			}
		}
	}
	t.Logf("%d cases, %d decisions by %d clients in %.0f s; killed %v; %d calls got no answer; %d decisions were sent again until they were answered, "+
		"%d were left unanswered, of which %d had taken effect; %d were refused; %d rungs were seen to come by themselves",
		len(run.cases), intents, crashClients, drove.Seconds(), kills, run.lost.Load(), again, left, unheard, run.refused.Load(), run.fired.Load())
}
