package server

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/store"
)

// stream is an open stream of somebody.
type stream struct {
	*testing.T
	events chan string // "inbox {}"; closed when the stream ends
	close  func()
}

// listen opens a stream at a server and waits for its hello.
func (p person) listen(url string) *stream {
	p.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(p.Context()))
	p.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+streamPath, nil)
	require.NoError(p, err)
	r.Header.Set("Authorization", "Bearer "+p.token)
	response, err := http.DefaultClient.Do(r) //nolint:bodyclose // closed where it is read
	require.NoError(p, err)
	require.Equal(p, 200, response.StatusCode)
	require.Equal(p, "text/event-stream", response.Header.Get("Content-Type"))
	s := &stream{T: p.T, events: make(chan string, 100), close: cancel}
	go func() {
		defer close(s.events)
		defer response.Body.Close()
		event := ""
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				event = name
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				s.events <- event + " " + data
			}
		}
	}()
	s.hears("hello {}")
	return s
}

// hears waits until the stream has said all of these, and gives what else it said.
func (s *stream) hears(want ...string) (others []string) {
	s.Helper()
	deadline := time.After(20 * time.Second)
	missing := map[string]bool{}
	for _, w := range want {
		missing[w] = true
	}
	for len(missing) > 0 {
		select {
		case e, open := <-s.events:
			require.True(s, open, "the stream ended without %v", missing)
			if !missing[e] {
				others = append(others, e)
			}
			delete(missing, e)
		case <-deadline:
			s.Fatalf("never heard %v", missing)
		}
	}
	return others
}

// ends waits until the stream ends, and gives what it said meanwhile.
func (s *stream) ends() (said []string) {
	s.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case e, open := <-s.events:
			if !open {
				return said
			}
			said = append(said, e)
		case <-deadline:
			s.Fatal("the stream doesn't end")
		}
	}
}

// another is one more server over the same database.
func (b *bundle) another() *httptest.Server {
	s := New(Options{DB: b.db, Engine: engine.New(b.db, engine.Options{Holidays: definitions.Holidays})})
	h := httptest.NewServer(s)
	b.Cleanup(func() { s.feed.close(); h.Close() })
	return h
}

func (b *bundle) listens(p person) *stream {
	b.Cleanup(b.s.feed.close) // before the server closes, which waits for its streams
	return p.listen(b.http.URL)
}

// Whoever takes part in a case hears that it moved, at whichever server they listen and wherever it was decided; nobody else hears anything.
func TestADecisionIsHeardAtEveryServerByWhoTakesPart(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager, other := b.as("li.na"), b.as("chen.jie"), b.as("sun.peng")
	there := b.another().URL
	ownerHears, managerHears, otherHears := b.listens(owner), manager.listen(there), other.listen(there)
	c := owner.startCase("0001")
	moved := `case {"id":"` + c["id"].(string) + `"}`
	managerHears.hears("inbox {}", moved)
	ownerHears.hears("inbox {}", moved)
	manager.post("/tasks/"+openTask(c)+"/approve", nil).ok()
	managerHears.hears("inbox {}", moved)
	ownerHears.hears("inbox {}", moved)
	others := b.as("sun.peng").startCase("0002") // something of their own, so that what came before would have come, too
	require.Empty(t, otherHears.hears(`case {"id":"`+others["id"].(string)+`"}`, "inbox {}"), "they hear of their own case only")
}

// One who may fill a seat by a role hears of it as the one who is named does.
func TestWhoeverMayFillASeatHears(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.as("deng.rui").post("/definitions", map[string]any{"files": []map[string]any{{"path": "claim.yaml", "content": claimed}}}).ok()
	one, two := b.as("sun.peng"), b.as("li.na")
	heard := b.listens(two)
	c := one.post("/cases", map[string]any{"process": "sample-claim", "with": lead("0003")}).ok()
	heard.hears("inbox {}", `case {"id":"`+c["id"].(string)+`"}`)
	one.post("/tasks/"+openTask(c)+"/claim", nil).ok()
	heard.hears("inbox {}")
}

// Who gave an opinion long ago, or owns the record, takes part; who was only told does not.
func TestWhoTookPartOnceStillHears(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager, asked := b.as("li.na"), b.as("chen.jie"), b.as("zhou.min")
	c := owner.startCase("0001")
	manager.post("/tasks/"+openTask(c)+"/add-approver", map[string]any{"people": []string{"zhou.min"}, "where": "before", "comment": "what do you think?"}).ok()
	opinion := asked.get("/tasks").items()[0]["id"].(string)
	asked.post("/tasks/"+opinion+"/approve", nil).ok()
	heard := b.listens(asked)
	manager.post("/tasks/"+manager.get("/tasks").items()[0]["id"].(string)+"/approve", nil).ok()
	require.Empty(t, heard.hears(`case {"id":"`+c["id"].(string)+`"}`), "it moved, and nothing changed in their boxes")
}

// A page open elsewhere learns that one has read one's notifications.
func TestReadingIsHeardOnOnesOtherPages(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	heard := b.listens(b.as("chen.jie"))
	require.Equal(t, 204, b.as("chen.jie").post("/notifications/read", nil).status)
	heard.hears("inbox {}")
}

// A transaction that began early and commits late is heard of when it commits, though later ones were heard of before.
func TestALateCommitIsNotSkipped(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	heard := b.listens(b.as("li.na"))
	const insert = `WITH part AS (INSERT INTO case_people (case_id, principal) VALUES ($1, 'user:li.na')) INSERT INTO news (case_id, boxes) VALUES ($1, '{}')`
	write := func(id string) {
		_, err := b.db.Exec(t.Context(), insert, id)
		require.NoError(t, err)
	}
	written, commit, committed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		committed <- b.db.Tx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), insert, "late")
			close(written)
			<-commit
			return err
		})
	}()
	<-written
	write("early")
	heard.hears(`case {"id":"early"}`)
	write("next")
	require.Empty(t, heard.hears(`case {"id":"next"}`), "nothing is said twice")
	close(commit)
	require.NoError(t, <-committed)
	require.Empty(t, heard.hears(`case {"id":"late"}`))
}

// The stream is the session's: who signs out, leaves or changes the password hears no more.
func TestAStreamEndsWithItsSession(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	out, leaver := b.as("li.na"), b.as("sun.peng")
	outHears, leaverHears := b.listens(out), b.listens(leaver)
	require.Equal(t, 204, out.send(http.MethodDelete, "/session", nil, nil).status)
	outHears.ends()
	b.as("deng.rui").patch("/users/sun.peng", map[string]any{"active": false}).ok()
	leaverHears.ends()
	b.nobody().get("/stream").refused(codeUnauthenticated)
}

// The oldest of too many streams of one person ends; other people's stay.
func TestSomebodysOldestStreamEnds(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	manager := b.as("chen.jie")
	other := b.listens(b.as("li.na"))
	first := b.listens(manager)
	for range streamsOfPerson {
		b.listens(manager)
	}
	require.Empty(t, first.ends())
	b.as("li.na").startCase("0001")
	other.hears("inbox {}")
}

// The deadlines of a connection, which every other request has, don't end a stream.
func TestAStreamOutlivesTheDeadlinesOfItsConnection(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	h := httptest.NewUnstartedServer(b.s)
	h.Config.ReadTimeout, h.Config.WriteTimeout = 500*time.Millisecond, 500*time.Millisecond
	h.Start()
	t.Cleanup(h.Close)
	t.Cleanup(b.s.feed.close)
	heard := b.as("li.na").listen(h.URL)
	for began := time.Now(); time.Since(began) < 2*time.Second; {
		require.NoError(t, b.db.Tell(t.Context(), "li.na"))
		heard.hears("inbox {}")
	}
}

// A server that stops doesn't wait for its streams.
func TestStreamsEndWhenTheServerStops(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	heard := b.listens(b.as("li.na"))
	b.s.feed.close()
	heard.ends()
	b.as("li.na").get("/stream").refused(codeUnavailable)
}

// What servers have read is swept; what they have not, stays.
func TestNewsIsSwept(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	ctx := t.Context()
	begin, err := b.db.SeenNow(ctx)
	require.NoError(t, err)
	require.NoError(t, b.db.Tell(ctx, "li.na"))
	middle, err := b.db.SweepNews(ctx, begin)
	require.NoError(t, err)
	news, _, err := b.db.NewsSince(ctx, begin)
	require.NoError(t, err)
	require.Len(t, news, 1, "it came after that moment")
	_, err = b.db.SweepNews(ctx, middle)
	require.NoError(t, err)
	news, _, err = b.db.NewsSince(ctx, begin)
	require.NoError(t, err)
	require.Empty(t, news)
}
