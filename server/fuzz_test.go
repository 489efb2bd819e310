package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/store"
)

// How many hostile requests are sent: about a minute's worth on two cores.
const (
	hostileRequests     = 12_000
	hostileRequestsSoak = 100_000
)

// Whatever anybody sends to any route, they are answered or refused, nothing breaks, and what was right before is right afterwards.
func TestHostileRequests(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	w := newFuzzWorld(b)
	stander := bystander(b)
	before := w.amounts()
	n := hostileRequests
	if os.Getenv("CRMFLOW_TEST_SIZE") == "soak" {
		n = hostileRequestsSoak
	}
	first := uint64(20260928)
	if given, err := strconv.ParseUint(os.Getenv("CRMFLOW_TEST_SEED"), 10, 64); err == nil {
		first = given
	}
	c := chanceOf(first)
	for i := range n {
		if i%50 == 0 {
			w.freshen(stander, i)
			w.learn()
		}
		op := w.ops[i%len(w.ops)]
		w.try(c, op)
	}
	for _, op := range w.ops {
		t.Log(op.id, w.answers[op.id])
		require.True(t, w.reached[op.id] || op.id == "stream", "%s never answered with success", op.id)
	}
	stander.get("/session").ok()
	for what, is := range w.amounts() {
		require.GreaterOrEqual(t, is, before[what], "%s only grow", what)
	}
	w.sound()
}

// bystander is somebody whom no request names.
func bystander(b *bundle) person {
	b.as("deng.rui").post("/users", map[string]any{"user": "by.stander", "name": "By Stander", "department": "sales", "roles": []string{"sales"}}).ok()
	return b.as("by.stander")
}

// freshen starts a few cases, so that there is always something to act on. What a hostile administrator has published may refuse it.
func (w *fuzzWorld) freshen(p person, n int) {
	p.post("/cases", map[string]any{"process": "lead-review", "with": lead(strconv.Itoa(10_000 + n))})
	p.post("/cases", map[string]any{"process": "sample-claim", "with": lead(strconv.Itoa(500_000 + n))})
	if customers := w.ids["customer"]; len(customers) > 0 {
		p.post("/cases", map[string]any{"process": "complaint", "with": map[string]any{"customer": map[string]any{"type": "customer", "id": customers[0]}, "product": "P-100", "defect": "crack"}})
	}
}

// sender is who sends a request: often whoever has the task that it is about, or an administrator; else somebody of any role, or nobody.
func (w *fuzzWorld) sender(c chance, r *http.Request) *actor {
	if id, ok := strings.CutPrefix(r.URL.Path, base+"/tasks/"); ok && c.of(60) {
		id, _, _ = strings.Cut(id, "/")
		if holder := w.holders[id]; holder != "" {
			return w.actor(holder)
		}
	}
	if c.of(30) {
		return w.actor("deng.rui")
	}
	return pick(c, w.actors)
}

// actor is one of the actors by name.
func (w *fuzzWorld) actor(user string) *actor {
	i := slices.IndexFunc(w.actors, func(a *actor) bool { return a.user == user })
	if i < 0 {
		w.actors = append(w.actors, &actor{user: user})
		i = len(w.actors) - 1
	}
	return w.actors[i]
}

// answered notes how an operation was answered.
func (w *fuzzWorld) answered(op fuzzOp, status int) {
	if w.answers[op.id] == nil {
		w.answers[op.id] = map[int]int{}
	}
	w.answers[op.id][status]++
	w.reached[op.id] = w.reached[op.id] || status < 300
}

// try sends one request as one of the actors and looks at the answer.
func (w *fuzzWorld) try(c chance, op fuzzOp) {
	w.Helper()
	r := w.request(c, op)
	who := w.sender(c, r)
	if who.user != "" && r.Header.Get("Authorization") == "" && r.Header.Get("Cookie") == "" {
		if who.token == "" {
			who.token = w.revive(who.user)
		}
		r.Header.Set("Authorization", "Bearer "+who.token)
	}
	body := ""
	if r.Body != nil {
		body = r.Header.Get("Content-Type") + " " + bodyOf(r)
	}
	began := time.Now()
	rec := httptest.NewRecorder()
	w.s.ServeHTTP(rec, r)
	if took := time.Since(began); took > 5*time.Second {
		w.Logf("%s took %s", op.id, took)
	}
	said := rec.Body.String()
	told := func() string {
		return who.user + ": " + r.Method + " " + clipped(r.RequestURI) + " " + clipped(body) + "\n→ " + clipped(said)
	}
	w.answered(op, rec.Code)
	var page struct{ Next string }
	if rec.Code == http.StatusOK && json.Unmarshal(rec.Body.Bytes(), &page) == nil && page.Next != "" {
		w.cursors[op.id] = page.Next
	}
	if rec.Code == http.StatusUnauthorized {
		who.token = "" // signed out, changed, or gone
	}
	if rec.Code >= 500 && !strings.HasPrefix(op.path, "/readyz") {
		w.Errorf("%d of %s\n%s", rec.Code, op.id, told())
	}
	if !utf8.ValidString(said) && strings.Contains(rec.Header().Get("Content-Type"), "json") {
		w.Errorf("no text\n%s", told())
	}
	if kind := rec.Header().Get("Content-Type"); rec.Code >= 400 && (kind != "application/problem+json" || !json.Valid(rec.Body.Bytes())) {
		w.Errorf("%d is no problem but %s\n%s", rec.Code, kind, told())
	}
}

func clipped(s string) string {
	if len(s) > 600 {
		return s[:600] + "…"
	}
	return s
}

// bodyOf reads a request's body and puts it back.
func bodyOf(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return string(body)
}

// revive gives somebody back what a hostile administrator may have taken, and a token.
func (w *fuzzWorld) revive(user string) string {
	ctx := w.Context()
	_, err := w.db.Exec(ctx, `UPDATE users SET active = true WHERE id = $1`, user)
	require.NoError(w, err)
	token, _, err := w.db.NewSession(ctx, user, store.SessionBearer, time.Hour)
	require.NoError(w, err)
	return token
}

// amounts is how many there are of what nothing deletes.
func (w *fuzzWorld) amounts() map[string]int {
	amounts := map[string]int{}
	for _, table := range []string{"records", "record_history", "cases", "tasks", "timeline", "notifications", "definitions", "users", "departments", "absences"} {
		var n int
		require.NoError(w, w.db.Get(w.Context(), &n, `SELECT count(*) FROM `+table))
		amounts[table] = n
	}
	return amounts
}

// unsound are things that are never so, each as a statement that finds them.
var unsound = map[string]string{
	"an open task of a case that has ended":        `SELECT t.id FROM tasks t JOIN cases c ON c.id = t.case_id WHERE t.status = 'open' AND t.kind <> 'copy' AND c.status = 'ended'`,
	"a task of no case":                            `SELECT t.id FROM tasks t LEFT JOIN cases c ON c.id = t.case_id WHERE c.id IS NULL`,
	"a closed task without its moment":             `SELECT id FROM tasks WHERE status = 'closed' AND decided_at IS NULL`,
	"an entry after its case's last":               `SELECT l.case_id FROM timeline l JOIN cases c ON c.id = l.case_id WHERE l.seq > c.seq`,
	"an entry before the one that it follows":      `SELECT case_id FROM (SELECT case_id, at, lag(at) OVER (PARTITION BY case_id ORDER BY seq) AS before FROM timeline) l WHERE at < before`,
	"a case without a beginning":                   `SELECT id FROM cases c WHERE NOT EXISTS (SELECT 1 FROM timeline l WHERE l.case_id = c.id AND l.seq = 1 AND l.event = 'started')`,
	"a case that ended without saying so":          `SELECT id FROM cases c WHERE status = 'ended' AND (outcome IS NULL OR ended_at IS NULL OR NOT EXISTS (SELECT 1 FROM timeline l WHERE l.case_id = c.id AND l.event = 'ended'))`,
	"a case that has ended and waits for a moment": `SELECT c.id FROM cases c JOIN moments m ON m.case_id = c.id WHERE c.status = 'ended'`,
	"two open cases where one is allowed":          `SELECT min(id) FROM cases WHERE exclusive AND status <> 'ended' GROUP BY process, record_id HAVING count(*) > 1`,
	"a record whose history isn't its versions":    `SELECT r.id FROM records r WHERE version <> (SELECT count(*) FROM record_history h WHERE h.record_id = r.id)`,
	"a unique value that its record doesn't have":  `SELECT u.record_id FROM record_unique u JOIN records r ON r.id = u.record_id WHERE u.field <> 'number' AND coalesce(r.fields ->> u.field, '') = ''`,
	"a record's owner beside the record's owner":   `SELECT id FROM records WHERE owner IS DISTINCT FROM fields ->> 'owner'`,
	"a notification of nobody":                     `SELECT n.id::text FROM notifications n LEFT JOIN users u ON u.id = n.to_user WHERE u.id IS NULL`,
	"a session of somebody who has left":           `SELECT u.id FROM sessions s JOIN users u ON u.id = s.user_id WHERE NOT u.active`,
	"a company without an administrator":           `SELECT 'nobody' WHERE NOT EXISTS (SELECT 1 FROM user_roles r JOIN users u ON u.id = r.user_id WHERE r.role = 'administrator' AND u.active AND u.password IS NOT NULL)`,
}

// sound asserts what is always so: in the rows, and in how every case, task and record reads.
func (w *fuzzWorld) sound() {
	w.Helper()
	ctx := w.Context()
	for what, query := range unsound {
		var found []string
		require.NoError(w, w.db.Select(ctx, &found, query), what)
		require.Empty(w, found, what)
	}
	viewer, err := w.s.engine.Viewer(ctx)
	require.NoError(w, err)
	var cases []string
	require.NoError(w, w.db.Select(ctx, &cases, `SELECT id FROM cases ORDER BY id`))
	for _, id := range cases {
		row, err := w.db.Case(ctx, id)
		require.NoError(w, err)
		view, err := viewer.Case(row.Case, row.Record)
		require.NoError(w, err, "case %s reads", id)
		var inState, inRows []string
		for _, o := range view.Open {
			inState = append(inState, o.Task)
		}
		require.NoError(w, w.db.Select(ctx, &inRows, `SELECT id FROM tasks WHERE case_id = $1 AND status = 'open' AND kind <> 'copy' ORDER BY id`, id))
		slices.Sort(inState)
		require.Equal(w, inRows, append([]string(nil), inState...), "case %s: the open tasks are those of its state", id)
	}
	for _, typ := range []string{"lead", "customer", "quote", "complaint"} {
		all(w.as("deng.rui"), "/records/"+typ+"?", func(int) {})
	}
}
