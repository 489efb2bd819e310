package e2e_test

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

//go:embed testdata/*.yaml
var files embed.FS

// definitions reads files of testdata for publishing.
func definitions(t *testing.T, names ...string) map[string]string {
	t.Helper()
	list := map[string]string{}
	for _, name := range names {
		content, err := files.ReadFile("testdata/" + name + ".yaml")
		require.NoError(t, err)
		list[name+".yaml"] = string(content)
	}
	return list
}

// racers is how many people race; some chains ask only the first few of them.
const (
	racers    = 24
	fewRacers = 16
)

// arena is the shared stack with its racers, a second server beside, and the chains they race in.
type arena struct {
	*stack
	admin  client
	people []client // racers
	second string   // url of the second server
}

var theArena struct {
	once  sync.Once
	arena *arena
}

// raceArena prepares the shared stack, once.
func raceArena(t *testing.T) *arena {
	t.Helper()
	s := sharedStack(t)
	theArena.once.Do(func() {
		a := &arena{stack: s}
		var err error
		a.admin, err = s.administrator()
		require.NoError(t, err)
		var wanted [][2]string
		var ids []string
		for i := range racers {
			ids = append(ids, racer(i+1))
			wanted = append(wanted, [2]string{ids[i], ""})
		}
		hired := hire(t, s, a.admin, wanted...)
		for _, id := range ids {
			a.people = append(a.people, hired[id])
		}
		for group, members := range map[string][]string{"e2e-racers": ids, "e2e-few": ids[:fewRacers]} {
			r := a.admin.post("group-"+group, "/groups", map[string]any{"id": group, "name": map[string]string{"zh": "竞争者", "en": "Racers"}, "members": members})
			require.True(t, r.ok(), "%s", r)
		}
		publish(t, a.admin, definitions(t, "e2e-slip", "e2e-race", "e2e-pair", "e2e-mixed"))
		a.second = secondServer(t, s)
		theArena.arena = a
	})
	require.NotNil(t, theArena.arena, "the arena could not be made; see the test that tried")
	return theArena.arena
}

func racer(n int) string { return fmt.Sprintf("e2e.racer-%02d", n) }

// secondServer starts another `crmflow server` on the stack's database and Temporal. It ends before the stack does.
func secondServer(t *testing.T, s *stack) (url string) {
	t.Helper()
	bin, err := program()
	require.NoError(t, err)
	addr := freePort(t)
	is := s.present()
	env := []string{
		"CRMFLOW_DATABASE_URL=" + is.Database, "CRMFLOW_TEMPORAL_ADDRESS=" + is.Temporal, "CRMFLOW_TEMPORAL_NAMESPACE=crmflow",
		"CRMFLOW_ADDR=" + addr, marker + s.data,
	}
	log := filepath.Join(scratch, "second-server.log")
	server, err := spawn(log, env, bin, "server")
	require.NoError(t, err)
	shared.before = append(shared.before, func() error { return server.interrupt(stopWithin) })
	err = eventually(readyWithin, "the second server is ready", func() (bool, error) {
		status, body, err := probe("http://" + addr + "/readyz")
		if server.ended() {
			return true, nil
		}
		return status == 200, fmt.Errorf("%d %s %w", status, body, err)
	})
	said, _ := os.ReadFile(log) // for the message
	require.NoError(t, err, "%s", said)
	require.False(t, server.ended(), "the second server ended: %v\n%s", server.err, said)
	return "http://" + addr
}

// begin starts a case with a slip of its own.
func begin(who client, process, title string) (caseView, error) {
	r := who.post("begin-"+title, "/cases", map[string]any{"process": process, "with": map[string]string{"title": title}})
	c, err := r.caseOf()
	if err == nil && (c.ID == "" || c.Status != "running" || len(c.Open) == 0) {
		err = errors.New("starting a case is answered without a running case: " + r.String())
	}
	return c, err
}

// running starts a case, for tests that need one.
func running(t *testing.T, who client, process, title string) caseView {
	t.Helper()
	c, err := begin(who, process, fmt.Sprint(title, "-", time.Now().UnixNano()))
	require.NoError(t, err)
	return c
}
