package worker

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/systems"
)

// heard is a message as a receiver gets it.
type heard struct {
	header http.Header
	raw    []byte
	body   map[string]any
}

func (h heard) id() string { return h.header.Get("webhook-id") }

// ofCase says of which case and entry it is.
func (h heard) ofCase() (id string, seq int) {
	return h.body["case"].(map[string]any)["id"].(string), int(h.body["entry"].(map[string]any)["seq"].(float64))
}

// receiver takes messages as a test wants.
type receiver struct {
	t    *testing.T
	http *httptest.Server
	mu   sync.Mutex
	took []heard
	all  []heard                                                           // with those that it didn't take
	says func(n int, h heard, w http.ResponseWriter, r *http.Request) bool // how the nth message is answered; true: it was, and not by 2xx
}

func newReceiver(t *testing.T, says func(n int, h heard, w http.ResponseWriter, r *http.Request) bool) *receiver {
	t.Helper()
	r := &receiver{t: t, says: says}
	r.http = httptest.NewServer(r)
	t.Cleanup(r.http.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	raw, _ := io.ReadAll(q.Body)
	h := heard{header: q.Header.Clone(), raw: raw}
	_ = json.Unmarshal(raw, &h.body)
	r.mu.Lock()
	r.all = append(r.all, h)
	n := len(r.all)
	r.mu.Unlock()
	if r.says != nil && r.says(n, h, w, q) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.took = append(r.took, h)
}

func (r *receiver) taken() []heard {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]heard{}, r.took...)
}

func (r *receiver) heard() []heard {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]heard{}, r.all...)
}

var hookSecret = []byte("0123456789abcdef0123456789abcdef")

// listens makes a webhook that leads to a receiver.
func (s *stack) listens(id, url string, change ...func(*store.Webhook)) {
	s.t.Helper()
	w := store.Webhook{ID: id, URL: url, Events: []string{}, Processes: []string{}, Secret: hookSecret, Active: true, MadeBy: "wang.fang", Made: time.Now()}
	for _, c := range change {
		c(&w)
	}
	require.NoError(s.t, s.db.Tx(s.ctx, func(tx *store.Tx) error { return tx.AddWebhook(s.ctx, w) }))
}

// tells runs a worker that sends messages, also to this machine.
func (s *stack) tells() {
	s.t.Helper()
	s.work(Config{Drain: mailSoon, Hooks: systems.NewPoster([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})})
}

// due lets what waits for its next attempt be tried now.
func (s *stack) due() {
	s.t.Helper()
	for _, q := range []string{`UPDATE webhook_deliveries SET due_real = made_real WHERE status = 'waiting'`, `UPDATE webhooks SET again_real = NULL`} {
		_, err := s.db.Exec(s.ctx, q)
		require.NoError(s.t, err)
	}
}

func (s *stack) webhook(id string) store.Webhook {
	s.t.Helper()
	w, err := s.db.Webhook(s.ctx, id)
	require.NoError(s.t, err)
	return w
}

// deliveries counts what a webhook was to hear by what became of it.
func (s *stack) deliveries(webhook string) map[string]int {
	s.t.Helper()
	var rows []string
	require.NoError(s.t, s.db.Select(s.ctx, &rows, `SELECT status FROM webhook_deliveries WHERE webhook = $1`, webhook))
	n := map[string]int{}
	for _, r := range rows {
		n[r]++
	}
	return n
}

// entries are the sequence numbers of a case's timeline, of some events or of all.
func (s *stack) entries(a engine.Answer, events ...string) []int {
	s.t.Helper()
	var seqs []int
	require.NoError(s.t, s.db.Select(s.ctx, &seqs, `SELECT seq FROM timeline WHERE case_id = $1 AND (cardinality($2::text[]) = 0 OR event = ANY ($2)) ORDER BY seq`, a.Case.ID, append([]string{}, events...)))
	return seqs
}

// seqsOf are the sequence numbers of a case's entries in the order in which they came.
func seqsOf(a engine.Answer, list []heard) []int {
	var seqs []int
	for _, h := range list {
		if id, seq := h.ofCase(); id == a.Case.ID {
			seqs = append(seqs, seq)
		}
	}
	return seqs
}

// Each entry comes once to each webhook that asked for it, in the order of its case, signed, without a word of anybody's. Several workers change nothing.
func TestAWebhookHearsEveryEntryOnceAndInOrder(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	before := s.start()
	everything, some, other := newReceiver(t, nil), newReceiver(t, nil), newReceiver(t, nil)
	s.listens("every", everything.http.URL+"/all?key=1")
	s.listens("some", some.http.URL, func(w *store.Webhook) { w.Events, w.Processes = []string{"decided", "ended"}, []string{"review"} })
	s.listens("other", other.http.URL, func(w *store.Webhook) { w.Processes = []string{"another"} })
	for range 2 {
		s.tells()
	}
	var cases []engine.Answer
	for range 10 {
		a := s.start()
		next, err := s.engine.Act(s.ctx, engine.Request{Caller: "wang.fang"}, engine.ActCommand{Task: a.Case.Open[0].Task, Act: process.EventApprove, Comment: "secret words"})
		require.NoError(t, err)
		s.approve(next)
		cases = append(cases, a)
	}
	s.until("everything was heard", func() bool {
		n := 0
		for _, a := range cases {
			n += len(s.entries(a))
		}
		return len(everything.taken()) >= n && len(some.taken()) >= 3*len(cases)
	})
	for _, a := range cases {
		require.Equal(t, s.entries(a), seqsOf(a, everything.heard()))
		require.Equal(t, s.entries(a, "decided", "ended"), seqsOf(a, some.heard()))
	}
	require.Empty(t, seqsOf(before, everything.heard()), "what happened before isn't told")
	require.Empty(t, other.heard())
	for _, h := range everything.heard() {
		mac := hmac.New(sha256.New, hookSecret)
		mac.Write([]byte(h.id() + "." + h.header.Get("webhook-timestamp") + "." + string(h.raw)))
		require.Equal(t, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)), h.header.Get("webhook-signature"))
		require.Equal(t, h.id(), h.body["id"])
		require.NotContains(t, string(h.raw), "secret words")
		require.NotContains(t, string(h.raw), "海川")
	}
	last := some.taken()[len(some.taken())-1].body
	require.Equal(t, "ended", last["type"])
	require.Equal(t, []any{"review", "ended", "approved"}, []any{last["case"].(map[string]any)["process"], last["case"].(map[string]any)["status"], last["case"].(map[string]any)["outcome"]})
	require.Equal(t, "lead", last["record"].(map[string]any)["type"])
	s.until("it is noted", func() bool { return s.deliveries("every")[store.DeliveryWaiting] == 0 })
}

// A receiver that takes its time delays neither the others nor anybody's decision.
func TestASlowReceiverDelaysNobody(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	answer := make(chan struct{})
	slow := newReceiver(t, func(_ int, _ heard, _ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-answer:
		case <-r.Context().Done():
		}
		return false
	})
	t.Cleanup(sync.OnceFunc(func() { close(answer) }))
	quick := newReceiver(t, nil)
	s.listens("a-slow", slow.http.URL)
	s.listens("b-quick", quick.http.URL)
	s.tells()
	first := s.start()
	s.until("the slow one has a message", func() bool { return len(slow.heard()) > 0 })
	for range 8 {
		require.Equal(t, "approved", s.approve(s.approve(s.start())).Case.Outcome)
	}
	ended := s.approve(s.approve(first))
	s.until("the quick one has heard it all", func() bool { return len(seqsOf(ended, quick.taken())) == len(s.entries(ended)) })
	require.Empty(t, slow.taken())
}

// What a receiver doesn't take comes again under the same id, before anything else of its case; other cases go on.
func TestAMessageThatIsNotTakenComesAgain(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	one := s.start()
	picky := newReceiver(t, nil)
	s.listens("picky", picky.http.URL)
	refused := 0
	picky.says = func(_ int, h heard, w http.ResponseWriter, _ *http.Request) bool {
		id, _ := h.ofCase()
		picky.mu.Lock()
		defer picky.mu.Unlock()
		if id != one.Case.ID || refused == 2 {
			return false
		}
		refused++
		w.WriteHeader(http.StatusInternalServerError)
		return true
	}
	s.tells()
	s.approve(s.approve(one))
	two := s.start()
	s.until("the other case was heard", func() bool { return len(seqsOf(two, picky.taken())) == len(s.entries(two)) })
	s.until("the first attempt is noted", func() bool { return s.deliveries("picky")[store.DeliveryWaiting] > 0 && s.tries("picky", one) == 1 })
	require.Len(t, seqsOf(one, picky.heard()), 1, "nothing of a case overtakes")
	s.due()
	s.until("the second attempt is noted", func() bool { return s.tries("picky", one) == 2 })
	s.due()
	entries := s.entries(one)[len(s.entries(one))-len(seqsAfter(s, one)):]
	s.until("all was heard", func() bool { return len(seqsOf(one, picky.taken())) == len(entries) })
	require.Equal(t, append([]int{entries[0], entries[0]}, entries...), seqsOf(one, picky.heard()))
	require.Equal(t, entries, seqsOf(one, picky.taken()))
	require.Zero(t, s.webhook("picky").Fails)
}

// seqsAfter are the entries of a case that a webhook was to hear.
func seqsAfter(s *stack, a engine.Answer) []int {
	s.t.Helper()
	var seqs []int
	require.NoError(s.t, s.db.Select(s.ctx, &seqs, `SELECT seq FROM webhook_deliveries WHERE case_id = $1 ORDER BY seq`, a.Case.ID))
	return seqs
}

// tries are the attempts at the first entry of a case.
func (s *stack) tries(webhook string, a engine.Answer) (n int) {
	s.t.Helper()
	var rows []int
	require.NoError(s.t, s.db.Select(s.ctx, &rows, `SELECT tries FROM webhook_deliveries WHERE webhook = $1 AND case_id = $2 ORDER BY seq LIMIT 1`, webhook, a.Case.ID))
	if len(rows) == 0 {
		return 0
	}
	return rows[0]
}

// A receiver that asks to be left alone is left alone, by all of its messages.
func TestAReceiverThatIsBusyIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	busy := newReceiver(t, func(n int, _ heard, w http.ResponseWriter, _ *http.Request) bool {
		if n > 1 {
			return false
		}
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	})
	s.listens("busy", busy.http.URL, func(w *store.Webhook) { w.Events = []string{"started"} })
	s.tells()
	s.start()
	s.until("it has asked", func() bool { return s.webhook("busy").Again != nil })
	require.WithinDuration(t, time.Now().Add(time.Hour), *s.webhook("busy").Again, time.Minute)
	s.start()
	s.until("the next one waits", func() bool { return s.deliveries("busy")[store.DeliveryWaiting] == 2 })
	require.Len(t, busy.heard(), 1)
	s.due()
	s.until("both were taken", func() bool { return len(busy.taken()) == 2 })
}

// A webhook that never works is called failing, with why; then one message at a time knocks. After three days it is switched off, and administrators are told. Switched on
// again it begins afresh.
func TestAWebhookThatFailsForDaysIsSwitchedOff(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	_, err := s.db.Exec(s.ctx, `INSERT INTO user_roles (role, user_id) VALUES ('administrator', 'wang.fang')`)
	require.NoError(t, err)
	broken := newReceiver(t, nil)
	var mended bool
	broken.says = func(_ int, _ heard, w http.ResponseWriter, _ *http.Request) bool {
		broken.mu.Lock()
		defer broken.mu.Unlock()
		if !mended {
			w.WriteHeader(http.StatusBadGateway)
		}
		return !mended
	}
	s.listens("broken", broken.http.URL+"/secret-path", func(w *store.Webhook) { w.Events = []string{"started"} })
	for range store.FailsInARow {
		s.start()
	}
	s.tells()
	s.until("it is failing", func() bool { return s.webhook("broken").Failing() })
	w := s.webhook("broken")
	require.Equal(t, "the receiver answered 502 Bad Gateway", w.Why.V.EN)
	s.until("it is left alone", func() bool { return s.webhook("broken").Again != nil })
	knocked := len(broken.heard())
	s.due()
	s.until("one knocks", func() bool { return s.webhook("broken").Fails == w.Fails+1 && s.webhook("broken").Again != nil })
	require.Len(t, broken.heard(), knocked+1)

	_, err = s.db.Exec(s.ctx, `UPDATE webhooks SET failing_since = failing_since - interval '73 hours'`)
	require.NoError(t, err)
	s.due()
	s.until("it was switched off", func() bool { return !s.webhook("broken").Active })
	var texts []string
	s.until("administrators are told", func() bool {
		texts = nil
		require.NoError(t, s.db.Select(s.ctx, &texts, `SELECT text ->> 'en' FROM notifications WHERE about = 'webhook' AND to_user = 'wang.fang'`))
		return len(texts) == 1
	})
	require.Contains(t, texts[0], "was switched off: nothing has arrived for three days")
	require.NotContains(t, texts[0], "secret-path")
	lost := s.start()
	broken.mu.Lock()
	mended = true
	broken.mu.Unlock()
	require.NoError(t, s.db.Tx(s.ctx, func(tx *store.Tx) error {
		w := s.webhook("broken")
		w.Active = true
		_, err := tx.ChangeWebhook(s.ctx, w, time.Now())
		return err
	}))
	s.until("what waited was taken", func() bool { return len(broken.taken()) == store.FailsInARow })
	next := s.start()
	s.until("so is what is new", func() bool { return len(seqsOf(next, broken.taken())) == 1 })
	require.Empty(t, seqsOf(lost, broken.heard()), "while it is off nothing is noted for it")
}

// A receiver that says it wants no more is asked no more.
func TestAReceiverThatIsGoneIsSwitchedOffAtOnce(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	_, err := s.db.Exec(s.ctx, `INSERT INTO user_roles (role, user_id) VALUES ('administrator', 'wang.fang')`)
	require.NoError(t, err)
	gone := newReceiver(t, func(_ int, _ heard, w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusGone)
		return true
	})
	s.listens("gone", gone.http.URL, func(w *store.Webhook) { w.Events = []string{"started"} })
	s.tells()
	s.start()
	s.until("it was switched off", func() bool { return !s.webhook("gone").Active })
	s.until("administrators are told", func() bool {
		var n int
		require.NoError(t, s.db.Get(s.ctx, &n, `SELECT count(*) FROM notifications WHERE about = 'webhook'`))
		return n == 1
	})
	s.start()
	require.Len(t, gone.heard(), 1)
}

// A redirect is followed nowhere, and what is inside is reached only where the operator allows it.
func TestAWebhookLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	inside := newReceiver(t, nil)
	outside := newReceiver(t, func(_ int, _ heard, w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, inside.http.URL, http.StatusTemporaryRedirect)
		return true
	})
	s.listens("outside", outside.http.URL, func(w *store.Webhook) { w.Events = []string{"started"} })
	s.tells()
	s.start()
	s.until("it has failed", func() bool { return s.webhook("outside").Fails == 1 })
	require.Equal(t, "the receiver answered 307 Temporary Redirect; redirects aren't followed", s.webhook("outside").Why.V.EN)

	other := newStack(t)
	named := strings.Replace(inside.http.URL, "127.0.0.1", "localhost", 1)
	other.listens("inside", named, func(w *store.Webhook) { w.Events = []string{"started"} })
	other.work(Config{Drain: mailSoon, Hooks: systems.NewPoster(nil)})
	other.start()
	other.until("it has failed", func() bool { return other.webhook("inside").Fails == 1 })
	require.Regexp(t, `^the address (127\.0\.0\.1|::1) isn't allowed: it is a loopback address$`, other.webhook("inside").Why.V.EN)
	require.Empty(t, inside.heard())
}

// What is deleted hears nothing more, of what it was to hear either.
func TestADeletedWebhookHearsNothing(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	deleted, stays := newReceiver(t, nil), newReceiver(t, nil)
	s.listens("deleted", deleted.http.URL)
	s.listens("stays", stays.http.URL)
	a := s.start()
	s.collects("deleted", 1000, len(s.entries(a)))
	require.NoError(t, s.db.DeleteWebhook(s.ctx, "deleted"))
	s.tells()
	b := s.approve(a)
	s.until("the other one has heard it", func() bool { return len(seqsOf(b, stays.taken())) == len(s.entries(b)) })
	require.Empty(t, deleted.heard())
	_, err := s.db.DeleteOldDeliveries(s.ctx, time.Now().Add(time.Hour), 1000)
	require.NoError(t, err)
	require.Empty(t, s.deliveries("deleted"), "and is forgotten")
}

// A worker that dies between sending and noting it: another one sends the same again, under the same id.
func TestAWorkerDiesBetweenSendingAndNotingIt(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	r := newReceiver(t, nil)
	s.listens("one", r.http.URL, func(w *store.Webhook) { w.Events = []string{"started", "decided"} })
	a := s.start()
	s.collects("one", 1000, 1)
	now := time.Now()
	taken, err := s.db.TakeDeliveries(s.ctx, "one", now, now.Add(hookAgain), hookBatch)
	require.NoError(t, err)
	require.Len(t, taken, 1)
	dying := newHooks(&runner{Config: Config{DB: s.db, Engine: s.engine, Hooks: systems.NewPoster([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})}.withDefaults()})
	receipt, err := dying.post(s.ctx, s.webhook("one"), taken[0])
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, receipt.Status)

	s.approve(a)
	again, err := s.db.TakeDeliveries(s.ctx, "one", time.Now().Add(hookAgain/2), now.Add(hookAgain), hookBatch)
	require.NoError(t, err)
	require.Empty(t, again, "nothing overtakes what may be on its way")
	s.due()
	s.tells()
	s.until("it came again, and the next", func() bool { return len(r.taken()) == 3 })
	all := r.heard()
	require.Equal(t, all[0].id(), all[1].id())
	require.Equal(t, all[0].body, all[1].body)
	require.Equal(t, "decided", all[2].body["type"])
}
