package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
)

// 24 clients at two servers race for the open task of one case, again and again: approve, reject or return, or the outcomes of a task. One wins;
// everyone else is told who was faster and with what. What they and some readers were told must be explainable by one order of events.
func TestRaceOneWinnerAndEveryoneIsToldTheTruth(t *testing.T) {
	t.Parallel()
	a := raceArena(t)
	seed := seedOf(t)
	draw := chance(seed, 0)
	rounds := size(25, 200)
	var history []porcupine.Operation
	var intents []*intent
	var cases []caseView
	wrong := &findings{}
	began := time.Now()
	c := running(t, a.people[0], "e2e-race", fmt.Sprint("race-", seed))
	cases = append(cases, c)
	for round := range rounds {
		require.Len(t, c.Open, 1)
		field := a.field(draw, c.Open[0], fmt.Sprintf("race-%d-%d-%d", seed, began.UnixNano(), round))
		history = append(history, a.race(field, c.Open[0].Task, began)...)
		winner := judge(wrong, field)
		intents = append(intents, field...)
		if winner == nil {
			break
		}
		var err error
		c, err = winner.replies[0].caseOf()
		require.NoError(t, err)
		if c.Status == "ended" {
			c = running(t, a.people[0], "e2e-race", fmt.Sprint("race-", seed))
			cases = append(cases, c)
		}
	}
	took := time.Since(began)
	compareAll(t, wrong, a.admin, cases, intents)
	wrong.report(t)
	linear(t, history)
	t.Logf("%d rounds of %d clients on %d cases in %.1f s: one winner each", rounds, racers, len(cases), took.Seconds())
}

// field is one intent per racer, every second one at the other server.
func (a *arena) field(draw *rand.Rand, task openTask, key string) []*intent {
	var field []*intent
	acts := []string{"approve", "reject", "return"}
	for i, who := range a.people {
		if i%2 == 1 {
			who = who.at(a.second)
		}
		k := fmt.Sprint(key, "-", i)
		if task.Step == "ping" {
			field = append(field, newIntent(k, who, task.Task, acts[draw.IntN(len(acts))]))
		} else {
			field = append(field, completing(k, who, task.Task, []string{"again", "again", "enough"}[draw.IntN(3)]))
		}
	}
	return field
}

// race sends all at once, with some readers among them, and gives what happened as a history.
func (a *arena) race(field []*intent, task string, began time.Time) []porcupine.Operation {
	const readers = 4
	history := make([]porcupine.Operation, len(field)+readers)
	atOnce(len(history), func(i int) {
		if i < len(field) {
			history[i] = field[i].operation(i, began)
			return
		}
		reader := a.admin
		if i%2 == 1 {
			reader = reader.at(a.second)
		}
		history[i] = reading(reader, task, i, began)
	})
	return history
}

// judge finds the one winner of a race and holds the others' answers against it; nil when there isn't exactly one.
func judge(wrong *findings, field []*intent) *intent {
	var winner *intent
	for _, i := range field {
		if !i.won() {
			continue
		}
		if winner != nil {
			wrong.add("two winners: %s and %s", winner, i)
			return nil
		}
		winner = i
	}
	if winner == nil {
		wrong.add("no winner; the first was told %s", field[0].replies[0])
		return nil
	}
	for _, i := range field {
		if i == winner {
			continue
		}
		r := i.replies[0]
		p := r.problem()
		if r.status != http.StatusConflict || p.Code != "task_closed" || p.DecidedBy != winner.who.user || p.Outcome != winner.outcome || p.DecidedAt == "" {
			wrong.add("%s won with %s, and %s is told %s", winner, winner.outcome, i, r)
		}
	}
	return winner
}

// compareAll holds all that clients were told against the timelines.
func compareAll(t *testing.T, wrong *findings, reader client, cases []caseView, intents []*intent) {
	t.Helper()
	written := map[string][]entry{}
	for _, c := range cases {
		timeline, err := reader.timeline(c.ID)
		require.NoError(t, err)
		for key, entries := range decisions(timeline) {
			written[key] = append(written[key], entries...)
		}
	}
	for _, i := range intents {
		wrong.check("timeline", i.compare(written[i.key]))
		delete(written, i.key)
	}
	for key, entries := range written {
		wrong.add("nobody sent %q: %s", key, entries[0])
	}
}

// asked is an operation on a task: to decide it, or to look at it.
type asked struct {
	task, by, outcome string
	look              bool
}

// told is its answer: who decided, and how; an open task was decided by nobody.
type told struct {
	won         bool
	by, outcome string
	unknown     bool // no answer: it may have been decided, or not
}

// operation sends an intent and notes what it was told, and when.
func (i *intent) operation(id int, began time.Time) porcupine.Operation {
	call := time.Since(began)
	r := i.send()
	op := porcupine.Operation{ClientId: id, Input: asked{task: i.task, by: i.who.user, outcome: i.outcome}, Call: int64(call), Return: int64(time.Since(began))}
	switch {
	case r.ok():
		op.Output = told{won: true, by: i.who.user, outcome: i.outcome}
	case r.status == http.StatusConflict:
		op.Output = told{by: r.problem().DecidedBy, outcome: r.problem().Outcome}
	default:
		op.Output = told{unknown: true}
	}
	return op
}

// reading looks at a task.
func reading(who client, task string, id int, began time.Time) porcupine.Operation {
	call := time.Since(began)
	var is struct {
		DecidedBy string `json:"decided_by"`
		Outcome   string `json:"outcome"`
	}
	err := who.get("/tasks/" + task).into(&is)
	return porcupine.Operation{ClientId: id, Input: asked{task: task, look: true}, Call: int64(call), Return: int64(time.Since(began)),
		Output: told{by: is.DecidedBy, outcome: is.Outcome, unknown: err != nil}}
}

// taskModel is a task as everybody must see it: open, then decided once and for all.
var taskModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		tasks := map[string][]porcupine.Operation{}
		for _, op := range history {
			task := op.Input.(asked).task
			tasks[task] = append(tasks[task], op)
		}
		var parts [][]porcupine.Operation
		for _, part := range tasks {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return told{} },
	Step: func(state, input, output any) (bool, any) {
		is, in, out := state.(told), input.(asked), output.(told)
		switch {
		case out.unknown:
			return true, is
		case out.won:
			return is.by == "", told{by: in.by, outcome: in.outcome}
		case in.look:
			return is.by == out.by && is.outcome == out.outcome, is
		}
		return is.by != "" && is.by == out.by && is.outcome == out.outcome, is
	},
}

// linear checks that one order of events explains a history – and that the check would notice a lie in it.
func linear(t *testing.T, history []porcupine.Operation) {
	t.Helper()
	for _, op := range history {
		require.False(t, op.Output.(told).unknown, "nobody was killed, and yet there was no answer: %+v", op.Input)
	}
	some := excerpt(history)
	require.True(t, porcupine.CheckOperations(taskModel, some), "no order of events explains what the clients were told")
	n := slices.IndexFunc(some, func(op porcupine.Operation) bool { return !op.Output.(told).won && !op.Input.(asked).look })
	was := some[n].Output.(told)
	for _, lie := range []told{{won: true}, {by: was.by + "x", outcome: was.outcome}, {by: was.by, outcome: was.outcome + "x"}, {}} {
		swapped := slices.Clone(some)
		swapped[n].Output = lie
		require.False(t, porcupine.CheckOperations(taskModel, swapped), "a history with one answer swapped must be refused: %+v told %+v", some[n].Input, lie)
	}
}

// excerpt is, of each task, the winner, the readers and five of those who lost: few enough for every order to be tried.
func excerpt(history []porcupine.Operation) []porcupine.Operation {
	losers := map[string]int{}
	var some []porcupine.Operation
	for _, op := range history {
		in := op.Input.(asked)
		if !in.look && !op.Output.(told).won {
			if losers[in.task]++; losers[in.task] > 5 {
				continue
			}
		}
		some = append(some, op)
	}
	return some
}

// The two last voters of a step at the same moment: both are told the truth, and exactly one of them opens the next step.
func TestRaceTheLastTwoVotersCloseTheStepOnce(t *testing.T) {
	t.Parallel()
	a := raceArena(t)
	seed := seedOf(t)
	rounds := size(25, 200)
	for round := range rounds {
		c := running(t, a.people[5], "e2e-pair", fmt.Sprint("pair-", seed, "-", round))
		require.Len(t, c.Open, 2)
		voters := []*intent{
			newIntent(fmt.Sprint(c.ID, "-0"), a.people[0], c.Open[0].Task, "approve"),
			newIntent(fmt.Sprint(c.ID, "-1"), a.people[1].at(a.second), c.Open[1].Task, "approve"),
		}
		require.Equal(t, []string{racer(1)}, c.Open[0].Who)
		atOnce(2, func(i int) { voters[i].send() })
		var closers, waiters int
		for i, v := range voters {
			is, err := v.replies[0].caseOf()
			require.NoError(t, err, "%s", v)
			require.Len(t, is.Open, 1, "%s", v.replies[0])
			switch {
			case is.Open[0].Step == "after":
				closers++
			case is.Open[0].Task == c.Open[1-i].Task:
				waiters++
			}
		}
		require.Equal(t, []int{1, 1}, []int{closers, waiters}, "one closed the step, the other waits: %s\n%s", voters[0].replies[0], voters[1].replies[0])
		timeline, err := a.admin.timeline(c.ID)
		require.NoError(t, err)
		opened := 0
		for _, e := range timeline {
			if e.Event == "opened" && e.Step == "after" {
				opened++
			}
		}
		require.Equal(t, 1, opened, "%s", say(timeline))
	}
	t.Logf("%d steps closed by two voters at once", rounds)
}
