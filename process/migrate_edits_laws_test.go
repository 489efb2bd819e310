package process

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// anyEdits are one or two of the table's edits, at once; "" where they can't be made together.
func anyEdits(r *rapid.T, table migrations) string {
	chain := table.Chain
	for range rapid.IntRange(1, 2).Draw(r, "edits") {
		e := table.Edits[rapid.IntRange(0, len(table.Edits)-1).Draw(r, "edit")]
		for _, from := range slices.Sorted(maps.Keys(e.Change)) {
			if strings.Count(chain, from) != 1 {
				return ""
			}
			chain = strings.Replace(chain, from, e.Change[from], 1)
		}
	}
	if lib, problems := Load([]File{{Path: "a.yaml", Content: chain}, {Path: "b.yaml", Content: job}, {Path: "c.yaml", Content: stock}}, nil, nil); Failed(problems) || lib.Processes["deal"] == nil {
		return ""
	}
	return chain
}

// anything is what may happen to a case: an answer, a return, an answer taken back, somebody added, or time that goes by.
func (c *trial) anything(r *rapid.T) Event {
	var answers, votes []Event
	for _, o := range c.in.State.Open {
		for _, seat := range o.Seats {
			if seat.Vote != nil {
				votes = append(votes, Event{Kind: EventTakeBack, By: seat.Vote.By, Task: seat.Task})
				continue
			}
			by := (&machine{in: c.in}).holders(&seat)[0]
			kind := EventApprove
			if s := c.in.Process.Step(o.Step); s.Kind == "task" {
				kind = EventComplete
			}
			answers = append(answers, Event{Kind: kind, By: by, Task: seat.Task, Fields: Fields{}}, Event{Kind: kind, By: by, Task: seat.Task, Fields: Fields{}, Comment: "so be it"},
				Event{Kind: EventReturn, By: by, Task: seat.Task, Comment: "again"}, Event{Kind: EventAdd, By: by, Task: seat.Task, People: []string{"guo.yan"}, Where: "beside"})
		}
	}
	for _, round := range c.in.State.Rounds {
		for _, seat := range round.Open.Seats {
			if seat.Vote != nil {
				votes = append(votes, Event{Kind: EventTakeBack, By: seat.Vote.By, Task: seat.Task})
			}
		}
	}
	if len(votes) > 0 && rapid.IntRange(0, 2).Draw(r, "back") == 0 {
		return rapid.SampledFrom(votes).Draw(r, "taken back")
	}
	if len(answers) == 0 || rapid.IntRange(0, 5).Draw(r, "time") == 0 {
		return Event{Kind: EventTick}
	}
	if rapid.IntRange(0, 4).Draw(r, "plain") > 0 {
		return answers[4*rapid.IntRange(0, len(answers)/4-1).Draw(r, "whose")+rapid.IntRange(0, 1).Draw(r, "comment")]
	}
	return rapid.SampledFrom(answers).Draw(r, "answer")
}

// Whatever edits of the table, and whatever has happened: a migration that is called safe leaves the case where one stands that has run by the new version from its
// start, and everything does the same to both from then on. One that needs a word comes to its end with it; one that stays is refused, and changes nothing.
func TestMigrationByAnyEditsOfTheTable(t *testing.T) {
	t.Parallel()
	table := readMigrations(t)
	seen, back := map[string]int{}, 0
	rapid.Check(t, func(r *rapid.T) {
		chain := anyEdits(r, table)
		if chain == "" {
			return
		}
		c, err := standing(t, table.Chain, nil)
		require.NoError(t, err)
		twin, err := standing(t, chain, nil)
		require.NoError(t, err)
		reopened := false // a round that had led on by one version and not by the other: what was void since has used up ids
		for range rapid.IntRange(0, 10).Draw(r, "events") {
			c.now = c.now.Add(time.Duration(rapid.IntRange(1, 40).Draw(r, "hours")) * time.Hour)
			twin.now = c.now
			ev := c.anything(r)
			over := ev.Kind == EventTakeBack && !slices.ContainsFunc(c.in.State.Open, func(o Open) bool { return o.seat(ev.Task) != nil })
			err, _ := c.try(ev), twin.try(ev) // what one refuses the other may take, which the verdict knows
			reopened = reopened || over && err == nil
		}
		if c.in.State.Status == Ended {
			return
		}
		verdict := c.judged(twin.in.Process, nil)
		seen[verdict.Verdict]++
		if slices.ContainsFunc(c.all, func(e Entry) bool { return e.Event == "taken_back" }) {
			back++
		}
		switch verdict.Verdict {
		case VerdictSafe:
			if !reopened {
				goesOnAlike(t, c, twin)
			}
		case VerdictMapping:
			goesOnAsMapped(t, c, twin.in.Process, verdict)
		case VerdictStays:
			refusedTo(t, c, twin.in.Process, nil, CodeFieldInvalid)
		}
	})
	t.Log(seen, back, "taken back")
	require.True(t, t.Failed() || seen[VerdictSafe] > 0 && seen[VerdictMapping] > 0 && back > 0, seen)
}

// Nobody has answered any more, and yet by the other version the first refusal would have been the last.
func TestMigrationKnowsWhatWasTakenBack(t *testing.T) {
	t.Parallel()
	table := readMigrations(t)
	for _, answered := range [][]string{{}, {"sun.wei"}, {"he.jing"}, {"sun.wei", "he.jing"}, {"he.jing", "sun.wei"}} {
		c, err := standing(t, strings.Replace(table.Chain, "mode: all,", "mode: all_opinions,", 1), places["review"])
		require.NoError(t, err)
		for _, who := range answered {
			task := c.task("review", who)
			c.must(c.act(who, EventReject, "review", saying("no")))
			c.must(c.try(Event{Kind: EventTakeBack, By: who, Task: task}))
		}
		next, err := standing(t, table.Chain, nil)
		require.NoError(t, err)
		want := VerdictMapping
		if len(answered) == 0 {
			want = VerdictSafe
		}
		require.Equal(t, want, c.judged(next.in.Process, nil).Verdict, answered)
	}
}
