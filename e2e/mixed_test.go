package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
)

const (
	mixedCases   = 3
	mixedReaders = 4
	checkWithin  = 2 * time.Minute // of porcupine
)

// 24 clients at two servers do everything to a few cases at once: approve, reject, return, claim, release, transfer, withdraw, add approvers, and some
// send what another one sends under the same key. What all of them and the readers were told must be explainable by one order of events, each of which
// does what a small model says; and a history with one answer swapped must not be.
func TestRaceMixedActsAreLinearisable(t *testing.T) {
	t.Parallel()
	a := raceArena(t)
	seed := seedOf(t)
	run := &mixed{arena: a, draw: chance(seed, 0), began: time.Now(), seed: fmt.Sprintf("mixed-%d-%d", seed, time.Now().UnixNano()), codes: map[string]int{}}
	for range mixedCases {
		run.cases = append(run.cases, run.fresh(t))
	}
	const rounds = 200
	for round := range rounds {
		run.round(t, round)
	}
	t.Logf("%d rounds of %d clients in %.1f s: %v", rounds, racers, time.Since(run.began).Seconds(), run.codes)
	for _, what := range []string{"approve ok", "reject ok", "return ok", "claim ok", "release ok", "transfer ok", "withdraw ok", "complete ok", "add-approver ok", "look ok"} {
		require.Positive(t, run.codes[what], "it never happened: %s", what)
	}
	for _, part := range mixedModel.Partition(run.history) {
		if porcupine.CheckOperationsTimeout(mixedModel, part, checkWithin) != porcupine.Ok {
			t.Fatalf("no order of events explains what the clients were told:\n%s", firstWrong(part))
		}
	}
	run.lie(t)
}

// mixed is one such run.
type mixed struct {
	*arena
	draw    *rand.Rand
	seed    string
	began   time.Time
	made    int
	cases   []caseView
	history []porcupine.Operation
	codes   map[string]int
}

// fresh starts a case. Its history begins with its start.
func (run *mixed) fresh(t *testing.T) caseView {
	t.Helper()
	run.made++
	call := time.Since(run.began)
	c, err := begin(run.people[run.made%racers], "e2e-mixed", fmt.Sprint(run.seed, "-", run.made))
	require.NoError(t, err)
	run.history = append(run.history, porcupine.Operation{Call: int64(call), Return: int64(time.Since(run.began)),
		Input: mixedAct{act: "start", caseID: c.ID, by: run.people[run.made%racers].user}, Output: answerOf(c)})
	return c
}

// round lets everyone do something at once to what is open now.
func (run *mixed) round(t *testing.T, round int) {
	t.Helper()
	for n, c := range run.cases {
		is, err := run.admin.caseNow(c.ID)
		require.NoError(t, err)
		if run.cases[n] = is; is.Status == "ended" {
			run.cases[n] = run.fresh(t)
		}
	}
	acts := make([]mixedAct, racers+mixedReaders)
	for i := range acts {
		acts[i] = run.choose(i, fmt.Sprint(run.seed, "-", round, "-", i))
		if i >= 2 && i < racers && run.draw.IntN(8) == 0 {
			acts[i] = acts[i-2] // the same person's other device, the same key
		}
	}
	history := make([]porcupine.Operation, len(acts))
	said := make([]string, len(acts))
	atOnce(len(acts), func(i int) {
		history[i], said[i] = run.perform(i, acts[i])
	})
	run.history = append(run.history, history...)
	for _, s := range said {
		run.codes[s]++
	}
}

// mixedAct is what one client does.
type mixedAct struct {
	act, caseID, task, by, to, key string
	outcome                        string
	who                            client
}

func (run *mixed) choose(i int, key string) mixedAct {
	c := run.cases[i%mixedCases]
	a := mixedAct{act: "look", caseID: c.ID, key: key, who: run.admin}
	if i >= racers {
		return a
	}
	o := c.Open[run.draw.IntN(len(c.Open))]
	a.task, a.who = o.Task, run.people[i]
	if len(o.Who) == 1 && run.draw.IntN(3) > 0 { // mostly by who has it
		a.who = run.people[slices.IndexFunc(run.people, func(p client) bool { return p.user == o.Who[0] })]
	}
	if o.Step == "take" {
		a.act = []string{"claim", "claim", "release", "transfer", "complete"}[run.draw.IntN(5)]
		a.outcome = []string{"again", "ready"}[run.draw.IntN(2)]
	} else {
		a.act = []string{"transfer", "add-approver", "approve", "reject", "return", "claim"}[run.draw.IntN(6)]
		a.outcome = outcomeOf[a.act]
	}
	if run.draw.IntN(40) == 0 {
		a.act, a.who = "withdraw", run.people[slices.IndexFunc(run.people, func(p client) bool { return p.user == c.Initiator })]
	}
	a.by, a.to = a.who.user, racer(1+run.draw.IntN(racers))
	return a
}

// perform sends an act and notes what was answered, and when.
func (run *mixed) perform(i int, a mixedAct) (op porcupine.Operation, said string) {
	who := a.who
	if i%2 == 1 {
		who = who.at(run.second)
	}
	body := map[string]any{"comment": a.key}
	call := time.Since(run.began)
	var r reply
	switch a.act {
	case "look":
		r = who.get("/cases/" + a.caseID)
	case "withdraw":
		r = who.post(a.key, "/cases/"+a.caseID+"/withdraw", body)
	case "complete":
		body["outcome"] = a.outcome
	case "transfer":
		body["to"] = a.to
	case "add-approver":
		body["people"], body["where"] = []string{a.to}, "beside"
	}
	if r.status == 0 && r.err == nil {
		r = who.post(a.key, "/tasks/"+a.task+"/"+a.act, body)
	}
	op = porcupine.Operation{ClientId: i, Input: a, Call: int64(call), Return: int64(time.Since(run.began))}
	if c, err := r.caseOf(); err == nil {
		op.Output = answerOf(c)
		return op, a.act + " ok"
	}
	p := r.problem()
	op.Output = mixedAnswer{code: p.Code, by: p.DecidedBy, outcome: p.Outcome}
	if r.status < http.StatusBadRequest || r.status >= http.StatusInternalServerError {
		op.Output = mixedAnswer{code: r.String()}
	}
	return op, a.act + " " + p.Code
}

// firstWrong says up to where a history can be explained.
func firstWrong(part []porcupine.Operation) string {
	slices.SortFunc(part, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	var returned int64
	for n := range part {
		returned = max(returned, part[n].Return)
		if n+1 < len(part) && part[n+1].Call < returned {
			continue // others are on their way
		}
		if porcupine.CheckOperationsTimeout(mixedModel, part[:n+1], 10*time.Second) != porcupine.Ok {
			var lines []string
			for _, op := range part[max(0, n-30) : n+1] {
				in := op.Input.(mixedAct)
				lines = append(lines, fmt.Sprintf("%d–%d %s %s by %s to %s: %+v", op.Call/1000, op.Return/1000, in.act, in.task, in.by, in.to, op.Output))
			}
			return strings.Join(lines, "\n")
		}
	}
	return "undecided"
}

// decided says whether somebody decided a task. Of one that was closed by what was done elsewhere the model doesn't know by whom: a lie about that is none to it.
func (run *mixed) decided(task, by string) bool {
	return slices.ContainsFunc(run.history, func(op porcupine.Operation) bool {
		in := op.Input.(mixedAct)
		return in.task == task && in.by == by && op.Output.(mixedAnswer).code == "" && slices.Contains([]string{"approve", "complete", "reject", "return"}, in.act)
	})
}

// lie swaps one answer after another: each must be noticed. What only looked, and was refused, is left out but for the answer that is a lie, so that every order
// can be tried.
func (run *mixed) lie(t *testing.T) {
	t.Helper()
	lied := map[string]bool{}
	for n, op := range run.history {
		out, in := op.Output.(mixedAnswer), op.Input.(mixedAct)
		kind := in.act + " " + out.code
		if lied[kind] || in.act == "start" || out.code == "task_closed" && out.by != "" && !run.decided(in.task, out.by) {
			continue
		}
		swapped := op
		switch {
		case out.code == "":
			out.open += " " + in.caseID + ".9999=" + racer(1)
		case out.code == "task_closed" && out.by != "":
			out.by += "x"
		default:
			out.code = ""
		}
		swapped.Output = out
		var some []porcupine.Operation
		for m, other := range run.history {
			o := other.Input.(mixedAct)
			switch {
			case m == n:
				some = append(some, swapped)
			case o.caseID == in.caseID && o.key != in.key && o.act != "look" && other.Output.(mixedAnswer).code == "" && other.Call <= op.Return:
				some = append(some, other)
			}
		}
		lied[kind] = true
		require.Equal(t, porcupine.Illegal, porcupine.CheckOperationsTimeout(mixedModel, some, checkWithin), "a history with one answer swapped must be refused: %+v told %+v", in, out)
	}
	t.Logf("each of %d kinds of answers was swapped once, and noticed", len(lied))
}
