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
	"sync/atomic"
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
	seq     atomic.Int64 // the last entry's
}

// startHTTPFloor makes the floor's tables and begins to serve. The token is a person's who may sign in.
func startHTTPFloor(ctx context.Context, db *store.DB, as shape, token string) (*httpFloor, error) {
	if err := execAll(ctx, db, httpFloorTables(document(as.state))); err != nil {
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
	seq     int64  // its first entry's
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
	d.seq = f.seq.Add(2)
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
	values := map[string]any{"row": fmt.Sprint("case", d.Row), "key": d.Key, "state": f.state, "answer": f.answer, "seq": d.seq}
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
	httpFloorKey    = `INSERT INTO bench.http_request_keys (caller, key, body_hash, created_real) VALUES ('bench.one', {key}, sha256(convert_to({key}::text, 'UTF8')), now())`
	httpFloorAnswer = `UPDATE bench.http_request_keys SET answer = {answer} WHERE caller = 'bench.one' AND key = {key}`
)

var httpFloorReads = []string{
	`SELECT c.state::text || r.fields::text FROM bench.http_cases c JOIN bench.http_records r ON r.id = c.record_id WHERE c.id = {row} FOR UPDATE`,
	`SELECT string_agg(id || language, ',') FROM users WHERE id IN ('bench.one', 'bench.two') AND {row}::text <> ''`,
	`SELECT coalesce(max(id), '') FROM bench.http_tasks WHERE case_id = {row} AND status = 'open'`,
	`SELECT coalesce(string_agg(path, ','), '') FROM definitions d JOIN definitions_current USING (kind, id, version) WHERE d.kind = 'process' AND {row}::text <> ''`,
	`SELECT fields::text FROM bench.http_records WHERE id = {row}`,
}

// The rows that a decision writes, one statement for each table and kind of row.
var httpFloorWrites = []string{
	`UPDATE bench.http_cases SET seq = seq + 2, stage = 'second', state = {state}, wake_at = now() WHERE id = {row}`,
	`INSERT INTO bench.http_moments (case_id, at) VALUES ({row}, now()) ON CONFLICT (case_id) DO UPDATE SET at = excluded.at`,
	`UPDATE bench.http_tasks SET status = 'closed', outcome = 'approved', decided_by = 'bench.one', decided_at = now(), comment = '` + benchComment + `' WHERE case_id = {row} AND status = 'open'`,
	`DELETE FROM bench.http_inbox WHERE case_id = {row}`,
	`INSERT INTO bench.http_inbox (principal, box, at, task_id, case_id, process, excluded, opened) VALUES ('user:bench.two', 'todo', now(), {key}, {row}, 'bench', '{}', now()), ('user:bench.starter', 'started', now(), {key}, {row}, 'bench', '{}', now())`,
	`INSERT INTO bench.http_tasks (id, case_id, step, round, kind, title, status, assignee, why, opened_at, due_at, due_from, calendar, process)
		VALUES ({key}, {row}, 'second', 1, 'approve', '{"zh": "二级审批", "en": "Second approval"}', 'open', 'bench.two', '{"zh": "流程指定", "en": "named by the process"}', now(), now(), now(), 'cn', 'bench')`,
	`INSERT INTO bench.http_timeline (case_id, seq, at, event, step, task, by, outcome, comment) VALUES ({row}, {seq}, now(), 'decided', 'first', {key}, 'bench.one', 'approved', '` + benchComment + `')`,
	`INSERT INTO bench.http_timeline (case_id, seq, at, event, step, task, data) VALUES ({row}, {seq}::int + 1, now(), 'opened', 'second', {key}, '{"who": ["bench.two"]}')`,
	`INSERT INTO bench.http_notifications (key, to_user, at, about, case_id, task, step, text) VALUES ({key}, 'bench.two', now(), 'task', {row}, {key}, 'second', '{"zh": "请审批", "en": "please review"}')`,
	`INSERT INTO bench.http_case_people (principal, case_id) VALUES ('user:' || {key}, {row}) ON CONFLICT DO NOTHING`,
	`INSERT INTO bench.http_outbox (topic, key, seq, urgent, starts, payload, created_real, due_real) VALUES ('case', {row}, {seq}, false, false, '{"case": "bench", "seq": 4, "stage": "second", "holders": ["bench.two"]}', now(), now())
		ON CONFLICT (topic, key) DO UPDATE SET seq = excluded.seq, payload = excluded.payload`,
	`INSERT INTO bench.http_news (case_id, boxes) VALUES ({row}, '{user:bench.one,user:bench.two,user:bench.starter}')`,
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

// The floor's tables have the columns and the indexes of the product's: what these cost is no part of deciding. What PostgreSQL computes by itself – triggers,
// foreign keys, generated columns – is left out. The state is one of the size that will be written: else the first decisions would move every case to another page.
func httpFloorTables(state string) []string {
	return []string{
		`CREATE SCHEMA IF NOT EXISTS bench`,
		likeProduct("request_keys", "", ""), likeProduct("cases", "", " WITH (fillfactor = 70)"), likeProduct("records", "", ""), likeProduct("moments", "", ""), likeProduct("tasks", "", ""),
		likeProduct("inbox", "", ""), likeProduct("timeline", "", ""), likeProduct("notifications", "", ""), likeProduct("case_people", "", ""), likeProduct("outbox", "", ""), likeProduct("news", "UNLOGGED", ""),
		fmt.Sprintf(`INSERT INTO bench.http_cases (id, process, version, digest, number, subject, record_type, record_id, initiator, status, stage, seq, state, exclusive, started_at, text)
		SELECT 'case' || n, 'bench', 1, 'sha256:bench', 'B' || n, 'Bench ' || n, 'bench-item', 'case' || n, 'bench.starter', 'running', 'first', 0, '%s', false, now(), ' b' || n || ' bench ' || n
		FROM generate_series(0, %d) n ON CONFLICT DO NOTHING`, state, floorRows-1),
		fmt.Sprintf(`INSERT INTO bench.http_records (id, type, number, version, fields, search, created_by, created_at, changed_at, text)
		SELECT 'case' || n, 'bench-item', 'B' || n, 1, '{"name": "Bench", "amount": {"amount": 120000, "currency": "CNY"}}', 'bench', 'bench.starter', now(), now(), ' bench'
		FROM generate_series(0, %d) n ON CONFLICT DO NOTHING`, floorRows-1),
		fmt.Sprintf(`INSERT INTO bench.http_moments (case_id, at) SELECT 'case' || n, now() FROM generate_series(0, %d) n ON CONFLICT DO NOTHING`, floorRows-1),
		fmt.Sprintf(`INSERT INTO bench.http_tasks (id, case_id, step, round, kind, title, status, assignee, why, opened_at, process)
			SELECT 'task' || n, 'case' || n, 'first', 1, 'approve', '{}', 'open', 'bench.one', '{}', now(), 'bench' FROM generate_series(0, %d) n ON CONFLICT DO NOTHING`, floorRows-1),
		fmt.Sprintf(`INSERT INTO bench.http_inbox (principal, box, at, task_id, case_id, process, excluded, opened)
			SELECT p, box, now(), 'task' || n, 'case' || n, 'bench', '{}', now() FROM generate_series(0, %d) n, (VALUES ('user:bench.one', 'todo'), ('user:bench.starter', 'started')) b (p, box) ON CONFLICT DO NOTHING`, floorRows-1),
	}
}

// likeProduct makes a table of the floor after one of the product's.
func likeProduct(table, sort, with string) string {
	return fmt.Sprintf(`CREATE %s TABLE IF NOT EXISTS bench.http_%s (LIKE public.%s INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES)%s`, sort, table, table, with)
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
