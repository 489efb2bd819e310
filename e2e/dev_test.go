package e2e_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A first start, a second one and one after the power was cut: everything is found again, business time never goes back, and a key still has its answer.
func TestDevStartsAgainAndFindsEverything(t *testing.T) {
	t.Parallel()
	const at = "2026-09-29T15:00:00+08:00"
	s := startStack(t, "--at", at, "--time-scale", "60")
	began, err := time.Parse(time.RFC3339, at)
	require.NoError(t, err)
	requireStatus(t, s, began)

	admin, err := s.administrator()
	require.NoError(t, err)
	now := requireClock(t, admin, began, 60)
	require.Less(t, now.Sub(began), readyWithin*60)
	leads, err := pages[struct{ ID string }](admin, "/records/lead")
	require.NoError(t, err)
	require.NotEmpty(t, leads, "the sample company has leads")
	c, decision := s.firstDecision(t)

	for _, how := range []string{"Ctrl-C", "SIGKILL"} {
		now = requireClock(t, admin, now, 60)
		if how == "Ctrl-C" {
			require.NoError(t, s.stop())
		} else {
			s.cutPower(t)
		}
		again, err := launch(options{name: s.name, args: []string{"--time-scale", "60"}})
		require.NoError(t, err)
		s = again
		t.Cleanup(func() { require.NoError(t, again.stop()) })
		t.Logf("after %s: ready after %.1f s", how, s.took.Seconds())
		admin, decision.who = admin.at(s.url()), decision.who.at(s.url())
		now = requireClock(t, admin, now, 60)
		is, err := admin.caseNow(c.ID)
		require.NoError(t, err)
		require.Equal(t, c.Open[0].Task, is.Open[0].Task, "the case is where it was, and tokens are still good")
		first := decision.replies[0]
		require.NoError(t, sameAnswer(first, decision.send()), "the same key after a restart")
		requireOnce(t, admin, c.ID, decision)
	}
	s.requireRestarts(t, admin)
	s.requireTwiceAtOnce(t)
}

// requireStatus checks what dev.json says.
func requireStatus(t *testing.T, s *stack, began time.Time) {
	t.Helper()
	is := s.present()
	var names []string
	for _, p := range is.Processes {
		names = append(names, p.Name)
		require.Positive(t, p.PID)
	}
	require.ElementsMatch(t, parts, names)
	require.False(t, is.Now.Before(began), "%s", is.Now)
	require.EqualValues(t, 60, is.Scale)
	require.NotEmpty(t, is.Temporal)
	require.NotEmpty(t, is.Database)
	require.NotEmpty(t, is.Users)
	for _, u := range is.Users {
		require.NotEmpty(t, u.User+u.Password, "%+v", u)
		require.NotEmpty(t, u.Name, "%+v", u)
		require.NotNil(t, u.Roles, "%+v", u)
	}
}

// requireClock checks that business time is not before a moment, and how fast it runs.
func requireClock(t *testing.T, c client, after time.Time, scale float64) time.Time {
	t.Helper()
	now, err := c.clock()
	require.NoError(t, err)
	require.False(t, now.Now.Before(after), "business time went back from %s to %s", after, now.Now)
	require.InDelta(t, scale, now.Scale, 0)
	return now.Now
}

// firstDecision lets a salesperson start a review and their manager pass its first gate, with the sign-ins of dev.json.
func (s *stack) firstDecision(t *testing.T) (caseView, *intent) {
	t.Helper()
	as := func(user string) client {
		for _, u := range s.present().Users {
			if u.User == user {
				c, err := signIn(s.url(), u.User, u.Password)
				require.NoError(t, err)
				return c
			}
		}
		t.Fatalf("dev.json names no %s", user)
		return client{}
	}
	r := as("li.na").post("review", "/cases", map[string]any{"process": "lead-review",
		"with": map[string]string{"company": "常州天汇泵业有限公司", "contact": "Xu Min", "phone": "+86 519 5550 0199"}})
	c, err := r.caseOf()
	require.NoError(t, err)
	require.Len(t, c.Open, 1)
	i := newIntent("gate", as(c.Open[0].Who[0]), c.Open[0].Task, "approve")
	c, err = i.send().caseOf()
	require.NoError(t, err)
	require.Equal(t, "negotiate", c.Open[0].Step)
	return c, i
}

// cutPower kills crmflow dev itself: everything it runs goes with it.
func (s *stack) cutPower(t *testing.T) {
	t.Helper()
	child := s.child
	s.child = nil
	require.NoError(t, child.cmd.Process.Kill())
	<-child.done
	require.NoError(t, eventually(20*time.Second, "all of its processes ended with crmflow dev", func() (bool, error) {
		left := processesOf(s.data)
		return len(left) == 0, errors.New(strings.Join(left, "\n"))
	}))
}

// requireRestarts kills each part once: it is started again by itself, and that is said.
func (s *stack) requireRestarts(t *testing.T, admin client) {
	t.Helper()
	for _, name := range parts {
		pid, err := s.kill(name)
		require.NoError(t, err)
		killed := time.Now()
		require.NoError(t, eventually(readyWithin, name+" is back", func() (bool, error) {
			now, err := s.pid(name)
			return err == nil && now != pid && strings.Contains(s.said(), name+" is back"), err
		}))
		require.NoError(t, s.untilReady(readyWithin))
		_, err = admin.clock()
		require.NoError(t, err)
		t.Logf("%s, killed, is back after %.1f s", name, time.Since(killed).Seconds())
	}
}

// requireTwiceAtOnce starts a second crmflow dev: on the same directory it says where the first one answers; on another, with the same
// address and without a company, it takes the next port, and knows nobody but an administrator.
func (s *stack) requireTwiceAtOnce(t *testing.T) {
	t.Helper()
	bin, err := program()
	require.NoError(t, err)
	log := filepath.Join(scratch, s.name, "twice.log")
	twice, err := spawn(log, nil, bin, "dev", "--data", s.data, "--addr", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, eventually(20*time.Second, "a second one on the same directory ends", func() (bool, error) { return twice.ended(), nil }))
	said, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Error(t, twice.err)
	require.Contains(t, string(said), s.url())
	require.NoError(t, s.untilReady(time.Second), "the first one isn't disturbed")

	other := startWith(t, options{name: s.name + "/other", args: []string{"--empty", "--addr", strings.TrimPrefix(s.url(), "http://")}})
	require.NotEqual(t, s.url(), other.url())
	require.Contains(t, other.said(), other.url())
	require.Len(t, other.present().Users, 1, "--empty: only an administrator")
	_, err = other.administrator()
	require.NoError(t, err)
	for _, table := range []string{"cases", "records"} {
		n, err := other.count("SELECT count(*) FROM " + table)
		require.NoError(t, err)
		require.Zero(t, n, "--empty: no %s", table)
	}
}
