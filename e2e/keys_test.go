package e2e_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// five sends an intent five times at once, at two servers, and gives the answer that all five must have.
func (a *arena) five(t *testing.T, i *intent) reply {
	t.Helper()
	replies := make([]reply, 5)
	atOnce(len(replies), func(n int) {
		who := i.who
		if n%2 == 1 {
			who = who.at(a.second)
		}
		replies[n] = who.post(i.key, "/tasks/"+i.task+"/"+i.act, i.body())
	})
	require.True(t, replies[0].ok(), "%s: %s", i, replies[0])
	for _, r := range replies[1:] {
		require.NoError(t, sameAnswer(replies[0], r))
	}
	return replies[0]
}

func requireOnce(t *testing.T, reader client, caseID string, i *intent) {
	t.Helper()
	timeline, err := reader.timeline(caseID)
	require.NoError(t, err)
	require.Len(t, decisions(timeline)[i.key], 1, "%s\n%s", i, say(timeline))
}

// The same decision five times at once, then again after the case ended, from two servers: one effect, equal answers.
func TestKeyTheSameDecisionHasOneEffectAndOneAnswer(t *testing.T) {
	t.Parallel()
	a := raceArena(t)
	for range size(10, 100) {
		c := running(t, a.people[0], "e2e-race", "keys")
		first := newIntent("first-"+c.ID, a.people[4], c.Open[0].Task, "approve")
		answer := a.five(t, first)
		requireOnce(t, a.admin, c.ID, first)
		is, err := answer.caseOf()
		require.NoError(t, err)
		last := completing("last-"+c.ID, a.people[5], is.Open[0].Task, "enough")
		end := a.five(t, last)
		ended, err := end.caseOf()
		require.NoError(t, err)
		require.Equal(t, "ended raced", ended.Status+" "+ended.Outcome)
		require.NoError(t, sameAnswer(answer, a.five(t, first)), "after the case ended")
		require.NoError(t, sameAnswer(end, a.five(t, last)), "after the case ended")
		requireOnce(t, a.admin, c.ID, first)
		requireOnce(t, a.admin, c.ID, last)
	}
	t.Log("each decision was sent five times at once at two servers, and five times after the end")
}

// A case is started once, however often the start is sent.
func TestKeyTheSameStartMakesOneCase(t *testing.T) {
	t.Parallel()
	a := raceArena(t)
	seed := seedOf(t)
	for n := range size(10, 100) {
		title := fmt.Sprint("once-", seed, "-", n)
		replies := make([]reply, 5)
		atOnce(len(replies), func(i int) {
			who := a.people[0]
			if i%2 == 1 {
				who = who.at(a.second)
			}
			replies[i] = who.post("begin-"+title, "/cases", map[string]any{"process": "e2e-race", "with": map[string]string{"title": title}})
		})
		for _, r := range replies {
			require.True(t, r.ok(), "%s", r)
			require.NoError(t, sameAnswer(replies[0], r))
		}
		slips, err := pages[struct{ ID string }](a.admin, "/records/e2e-slip?q="+title)
		require.NoError(t, err)
		require.Len(t, slips, 1)
	}
}

// A key belongs to its person and to what they sent with it.
func TestKeyOtherBodyIsRefusedAndOtherPersonIsSeparate(t *testing.T) {
	t.Parallel()
	a := raceArena(t)
	c := running(t, a.people[0], "e2e-race", "bound")
	mine := newIntent("bound-"+c.ID, a.people[4], c.Open[0].Task, "approve")
	answer := a.five(t, mine)
	is, err := answer.caseOf()
	require.NoError(t, err)

	for what, r := range map[string]reply{
		"another comment": mine.who.post(mine.key, "/tasks/"+mine.task+"/approve", map[string]string{"comment": "another"}),
		"another act":     mine.who.post(mine.key, "/tasks/"+mine.task+"/reject", mine.body()),
		"another task":    mine.who.post(mine.key, "/tasks/"+is.Open[0].Task+"/approve", mine.body()),
		"a start":         mine.who.at(a.second).post(mine.key, "/cases", map[string]any{"process": "e2e-race", "with": map[string]string{"title": mine.key}}),
	} {
		require.Equal(t, http.StatusUnprocessableEntity, r.status, "%s under the same key: %s", what, r)
		require.Equal(t, "key_reused", r.problem().Code, "%s under the same key: %s", what, r)
	}

	theirs := completing(mine.key, a.people[5], is.Open[0].Task, "again")
	a.five(t, theirs)
	r := a.people[6].post(mine.key, "/tasks/"+mine.task+"/approve", mine.body())
	require.Equal(t, "task_closed", r.problem().Code, "the third person's key is a decision of its own, on a task that is closed: %s", r)
	require.Equal(t, mine.who.user, r.problem().DecidedBy)
	require.NoError(t, sameAnswer(answer, a.five(t, mine)))
	timeline, err := a.admin.timeline(c.ID)
	require.NoError(t, err)
	require.Len(t, decisions(timeline)[mine.key], 2, "one of each person:\n%s", say(timeline))
}
