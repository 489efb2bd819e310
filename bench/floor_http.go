package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/crmflow/crmflow/store"
)

// shape is what a decision of crmflow looks like from outside; the floor behind HTTP takes the same.
type shape struct {
	lookups    int // statements before the transaction
	statements int // of the transaction, BEGIN and COMMIT left out
	state      int // bytes of a case's state
	answer     int // bytes of the answer
}

// httpFloor is bare PostgreSQL behind HTTP: a sign-in look-up and one transaction, with nothing decided.
// It serves from this process, with the server's own pool.
type httpFloor struct {
	db      *store.DB
	shape   shape
	token   string
	url     string
	http    *http.Client
	server  *http.Server
	state   string // a document of the state's size
	answer  string // and of the answer's
	inTx    []statement
	started time.Time
}

// startHTTPFloor makes the floor's tables and begins to serve. The token is a person's who may sign in.
func startHTTPFloor(ctx context.Context, db *store.DB, as shape, token string) (*httpFloor, error) {
	if err := execAll(ctx, db, httpFloorTables); err != nil {
		return nil, fmt.Errorf("the floor's tables: %w", err)
	}
	f := &httpFloor{db: db, shape: as, token: token, http: newHTTPClient(), state: document(as.state), answer: document(as.answer),
		inTx: transactionOf(as.statements), started: time.Now()}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.POST("/decide", f.handle)
	f.url = "http://" + l.Addr().String() + "/decide"
	f.server = &http.Server{Handler: router, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = f.server.Serve(l) }() // ends with close
	return f, nil
}

// close stops serving.
func (f *httpFloor) close() { _ = f.server.Close() }

// decision is what a click sends.
type decision struct {
	Row     int    `json:"row"`
	Key     string `json:"key"`
	Comment string `json:"comment"`
}

// take measures decisions at a number of clients.
func (f *httpFloor) take(ctx context.Context, clients int, to limit) (sample, error) {
	run := fmt.Sprint(time.Since(f.started).Nanoseconds(), "-")
	return drive(ctx, clients, to, func(ctx context.Context, item int, lap func()) error {
		if err := f.decide(ctx, decision{Row: item % floorRows, Key: fmt.Sprint(run, item), Comment: benchComment}); err != nil {
			return err
		}
		lap()
		return nil
	})
}

// decide is a client's side.
func (f *httpFloor) decide(ctx context.Context, d decision) error {
	body, err := json.Marshal(d)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, f.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+f.token)
	answer, err := f.http.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the floor behind HTTP answers %s: %s", answer.Status, text)
	}
	return json.Unmarshal(text, new(any))
}

// handle is the server's side.
func (f *httpFloor) handle(c *gin.Context) {
	var d decision
	if err := c.ShouldBindJSON(&d); err != nil {
		c.String(http.StatusBadRequest, err.Error())
		return
	}
	if err := f.commit(c.Request.Context(), c.GetHeader("Authorization"), d); err != nil {
		c.String(http.StatusInternalServerError, err.Error())
		return
	}
	c.Data(http.StatusOK, "application/json", []byte(f.answer))
}

// commit does the look-ups and the transaction.
func (f *httpFloor) commit(ctx context.Context, bearer string, d decision) error {
	token := strings.TrimPrefix(bearer, "Bearer ")
	for range f.shape.lookups {
		if _, err := f.db.Caller(ctx, token); err != nil {
			return err
		}
	}
	return f.db.Tx(ctx, func(tx *store.Tx) error {
		for i, s := range f.inTx {
			if err := s.run(ctx, tx, f.arguments(s, d)); err != nil {
				return fmt.Errorf("statement %d: %w", i+1, err)
			}
		}
		return nil
	})
}

// statement is one of the transaction. A read has a row to be read into.
type statement struct {
	sql    string
	params []string // what $1, $2, … stand for
	reads  bool
}

func (s statement) run(ctx context.Context, tx *store.Tx, args []any) error {
	if s.reads {
		var text string
		return tx.Get(ctx, &text, s.sql, args...)
	}
	_, err := tx.Exec(ctx, s.sql, args...)
	return err
}

// arguments gives a statement's parameters their values.
func (f *httpFloor) arguments(s statement, d decision) []any {
	values := map[string]any{"row": d.Row, "key": d.Key, "state": f.state, "answer": f.answer}
	args := make([]any, len(s.params))
	for i, name := range s.params {
		args[i] = values[name]
	}
	return args
}

var parameter = regexp.MustCompile(`\{[a-z]+\}`)

// numbered turns {name} into $1, $2, …, each name one number.
func numbered(sql string, reads bool) statement {
	s := statement{reads: reads}
	s.sql = parameter.ReplaceAllStringFunc(sql, func(found string) string {
		name := found[1 : len(found)-1]
		if !slices.Contains(s.params, name) {
			s.params = append(s.params, name)
		}
		return fmt.Sprint("$", slices.Index(s.params, name)+1)
	})
	return s
}

// What a decision does, whatever decides it: it claims its key, reads, writes its rows, and keeps its answer.
const (
	httpFloorKey    = `INSERT INTO bench.http_keys (key, row_id) VALUES ({key}, {row})`
	httpFloorAnswer = `UPDATE bench.http_keys SET answer = {answer} WHERE key = {key}`
)

var httpFloorReads = []string{
	`SELECT c.state::text || r.fields::text FROM bench.http_cases c JOIN bench.http_records r USING (id) WHERE c.id = {row} FOR UPDATE`,
	`SELECT string_agg(id || language, ',') FROM users WHERE id LIKE 'bench.%' AND {row}::int >= 0`,
	`SELECT coalesce(max(id), '') FROM bench.http_tasks WHERE case_id = {row} AND status = 'open'`,
	`SELECT coalesce(string_agg(path, ','), '') FROM definitions d JOIN definitions_current USING (kind, id, version) WHERE d.kind = 'process' AND {row}::int >= 0`,
	`SELECT fields::text FROM bench.http_records WHERE id = {row}`,
}

var httpFloorWrites = []string{
	`UPDATE bench.http_cases SET seq = seq + 2, stage = 'second', state = {state} WHERE id = {row}`,
	`UPDATE bench.http_tasks SET status = 'closed', outcome = 'approved', decided_at = now() WHERE case_id = {row} AND status = 'open'`,
	`DELETE FROM bench.http_inbox WHERE case_id = {row}`,
	`INSERT INTO bench.http_inbox (principal, box, at, task_id, case_id, process) VALUES ('user:bench.two', 'todo', now(), {key}, {row}, 'bench'), ('user:bench.starter', 'started', now(), {key}, {row}, 'bench')`,
	`INSERT INTO bench.http_tasks (id, case_id, status, assignee, why) VALUES ({key}, {row}, 'open', 'bench.two', '{"zh": "流程指定", "en": "named by the process"}')`,
	`INSERT INTO bench.http_timeline (id, case_id, event, by, comment) VALUES ({key}::text || '-1', {row}, 'decided', 'bench.one', '` + benchComment + `')`,
	`INSERT INTO bench.http_timeline (id, case_id, event, by, comment) VALUES ({key}::text || '-2', {row}, 'opened', 'bench.two', NULL)`,
	`INSERT INTO bench.http_notifications (key, to_user, case_id, text) VALUES ({key}, 'bench.two', {row}, '{"zh": "请审批", "en": "please review"}')`,
	`INSERT INTO bench.http_people (principal, case_id) VALUES ('user:' || {key}, {row}) ON CONFLICT DO NOTHING`,
	`INSERT INTO bench.http_outbox (key, payload) VALUES ({row}, '{"case": "bench", "seq": 4, "stage": "second", "holders": ["bench.two"]}')
		ON CONFLICT (key) DO UPDATE SET payload = excluded.payload`,
}

// transactionOf gives so many statements, which write the same rows however many they are: each write alone where there is
// room, and reads for the rest; else all writes in one statement, as crmflow does it.
func transactionOf(n int) []statement {
	writes := append(slices.Clone(httpFloorWrites), httpFloorAnswer)
	if n < len(writes)+2 {
		writes = []string{folded(writes)}
	}
	out := []statement{numbered(httpFloorKey, false)}
	for i := range max(1, n-1-len(writes)) {
		out = append(out, numbered(httpFloorReads[i%len(httpFloorReads)], true))
	}
	for _, sql := range writes {
		out = append(out, numbered(sql, false))
	}
	return out
}

// folded makes one statement of several writes.
func folded(writes []string) string {
	last := len(writes) - 1
	parts := make([]string, last)
	for i, sql := range writes[:last] {
		parts[i] = fmt.Sprintf("w%d AS (%s)", i, sql)
	}
	return "WITH " + strings.Join(parts, ", ") + " " + writes[last]
}

var httpFloorTables = []string{
	`CREATE SCHEMA IF NOT EXISTS bench`,
	`CREATE TABLE IF NOT EXISTS bench.http_keys (key text PRIMARY KEY, row_id integer NOT NULL, answer jsonb)`,
	`CREATE TABLE IF NOT EXISTS bench.http_cases (id integer PRIMARY KEY, seq integer NOT NULL, stage text NOT NULL, state jsonb NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS bench.http_records (id integer PRIMARY KEY, fields jsonb NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS bench.http_tasks (id text PRIMARY KEY, case_id integer NOT NULL, status text NOT NULL, assignee text, why jsonb NOT NULL, outcome text, decided_at timestamptz)`,
	`CREATE INDEX IF NOT EXISTS http_tasks_done ON bench.http_tasks (assignee, decided_at DESC, id) WHERE status = 'closed'`,
	`CREATE INDEX IF NOT EXISTS http_tasks_done_outcome ON bench.http_tasks (assignee, outcome, decided_at DESC, id) WHERE status = 'closed'`,
	`CREATE INDEX IF NOT EXISTS http_tasks_case ON bench.http_tasks (case_id)`,
	`CREATE TABLE IF NOT EXISTS bench.http_inbox (principal text NOT NULL, box text NOT NULL, at timestamptz NOT NULL, task_id text NOT NULL, case_id integer NOT NULL, process text NOT NULL,
		PRIMARY KEY (case_id, task_id, principal, box))`,
	`CREATE INDEX IF NOT EXISTS http_inbox_at ON bench.http_inbox (principal, box, at, task_id)`,
	`CREATE INDEX IF NOT EXISTS http_inbox_process ON bench.http_inbox (principal, box, process, at, task_id)`,
	`CREATE TABLE IF NOT EXISTS bench.http_timeline (id text, case_id integer, event text NOT NULL, by text, comment text, PRIMARY KEY (case_id, id))`,
	`CREATE TABLE IF NOT EXISTS bench.http_notifications (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL UNIQUE, to_user text NOT NULL, case_id integer NOT NULL, text jsonb NOT NULL)`,
	`CREATE TABLE IF NOT EXISTS bench.http_people (principal text, case_id integer, PRIMARY KEY (principal, case_id))`,
	`CREATE TABLE IF NOT EXISTS bench.http_outbox (key integer PRIMARY KEY, payload jsonb NOT NULL)`,
	fmt.Sprintf(`INSERT INTO bench.http_cases SELECT n, 0, 'first', '{}' FROM generate_series(0, %d) n ON CONFLICT DO NOTHING`, floorRows-1),
	fmt.Sprintf(`INSERT INTO bench.http_records SELECT n, '{"name": "Bench", "amount": {"amount": 120000, "currency": "CNY"}}' FROM generate_series(0, %d) n ON CONFLICT DO NOTHING`, floorRows-1),
}

// document is a JSON document of about so many bytes.
func document(bytes int) string {
	const entry = `{"step":"first","status":"open","round":1,"at":"2026-01-05T09:00:00+08:00"},`
	n := max(1, bytes/len(entry))
	return `{"steps":[` + strings.TrimSuffix(strings.Repeat(entry, n), ",") + `]}`
}

// newHTTPClient keeps a connection for each client, as a gateway in front of the server does.
func newHTTPClient() *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConns: 512, MaxIdleConnsPerHost: 512, DisableCompression: true}}
}
