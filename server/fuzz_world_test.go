package server

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/stretchr/testify/require"
)

// fuzzWorld is a server with a life behind it, the contract that is committed, and the ids that are there.
type fuzzWorld struct {
	*bundle
	ops     []fuzzOp
	schemas map[string]map[string]any
	ids     map[string][]string // by what they are of: "cases", "tasks", "users", …; of records by type
	actors  []*actor
	cursors map[string]string      // one that each list gave
	seeds   map[string][]seed      // well-formed requests, by operation
	reached map[string]bool        // operations that were answered with success
	answers map[string]map[int]int // by operation and status
	holders map[string]string      // who has a task
}

// fuzzOp is an operation as openapi.json describes it.
type fuzzOp struct {
	id, method, path string
	parameters       []map[string]any
	body             map[string]any // its schema; nil: none
}

// seed is a request that was answered with success.
type seed struct {
	path, query, kind string
	body              []byte
}

// actor is somebody of a role, or nobody.
type actor struct{ user, token string }

func newFuzzWorld(b *bundle) *fuzzWorld {
	w := &fuzzWorld{bundle: b, schemas: map[string]map[string]any{}, seeds: map[string][]seed{}, cursors: map[string]string{}, reached: map[string]bool{}, answers: map[string]map[int]int{}, holders: map[string]string{}}
	w.readContract()
	b.http.Config.Handler = w.watched()
	everyCall(b)
	b.saw = nil
	roles := map[string]bool{}
	for _, u := range b.as("deng.rui").get("/users?limit=200").items() {
		for _, r := range u["roles"].([]any) {
			if !roles[r.(string)] {
				roles[r.(string)] = true
				w.actors = append(w.actors, &actor{user: u["id"].(string)})
			}
		}
	}
	w.actors = append(w.actors, &actor{})
	b.s.people, b.s.strangers = newBuckets(b.s.Now, -1), newBuckets(b.s.Now, -1)
	return w
}

// readContract reads the operations of the committed openapi.json.
func (w *fuzzWorld) readContract() {
	var doc struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct{ Schemas map[string]map[string]any }
	}
	text, err := os.ReadFile("../openapi.json")
	require.NoError(w, err)
	require.NoError(w, json.Unmarshal(text, &doc))
	w.schemas = doc.Components.Schemas
	for path, item := range doc.Paths {
		for method, about := range item {
			var op struct {
				OperationID string
				Parameters  []map[string]any
				RequestBody struct {
					Content map[string]struct{ Schema map[string]any }
				}
			}
			require.NoError(w, json.Unmarshal(about, &op), path)
			one := fuzzOp{id: op.OperationID, method: strings.ToUpper(method), path: path, parameters: op.Parameters}
			if content, ok := op.RequestBody.Content["application/json"]; ok {
				one.body = content.Schema
			}
			w.ops = append(w.ops, one)
		}
	}
	slices.SortFunc(w.ops, func(a, b fuzzOp) int { return strings.Compare(a.id, b.id) })
}

// watched keeps every request that is answered with success as a seed.
func (w *fuzzWorld) watched() http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if r.URL.Path == streamPath {
			w.s.ServeHTTP(out, r)
			return
		}
		rec := httptest.NewRecorder()
		w.s.ServeHTTP(rec, r)
		if _, op := w.s.operation(r.Method, r.URL.Path); op != nil && rec.Code < 300 {
			w.reached[op.OperationID] = true
			w.seeds[op.OperationID] = append(w.seeds[op.OperationID], seed{r.URL.Path, r.URL.RawQuery, r.Header.Get("Content-Type"), body})
		}
		for name, values := range rec.Header() {
			out.Header()[name] = values
		}
		out.WriteHeader(rec.Code)
		_, _ = out.Write(rec.Body.Bytes())
	})
}

// learn reads which ids there are.
func (w *fuzzWorld) learn() {
	w.ids = map[string][]string{}
	for kind, query := range map[string]string{
		"cases": `SELECT id FROM cases ORDER BY started_at DESC, id LIMIT 200`, "tasks": `SELECT id FROM tasks ORDER BY (status = 'open') DESC, opened_at DESC, id LIMIT 200`,
		"users": `SELECT id FROM users WHERE id <> 'by.stander'`, "departments": `SELECT id FROM departments LIMIT 100`, "roles": `SELECT id FROM roles LIMIT 100`, "groups": `SELECT id FROM groups LIMIT 100`,
		"absences": `SELECT id FROM absences LIMIT 100`, "definitions": `SELECT DISTINCT id FROM definitions`, "calendars": `SELECT id FROM definitions_current WHERE kind = 'calendar'`,
		"lead": `SELECT id FROM records WHERE type = 'lead' LIMIT 100`, "customer": `SELECT id FROM records WHERE type = 'customer' LIMIT 100`, "quote": `SELECT id FROM records WHERE type = 'quote' LIMIT 100`,
		"webhooks": `SELECT id FROM webhooks LIMIT 100`, "complaint": `SELECT id FROM records WHERE type = 'complaint' LIMIT 100`, "notifications": `SELECT id::text FROM notifications ORDER BY id DESC LIMIT 100`,
	} {
		var ids []string
		require.NoError(w, w.db.Select(w.Context(), &ids, query))
		w.ids[kind] = ids
	}
	var open []struct{ ID, Assignee string }
	require.NoError(w, w.db.Select(w.Context(), &open, `SELECT id, coalesce(assignee, split_part(candidates[1], 'user:', 2)) AS assignee FROM tasks WHERE status = 'open' ORDER BY opened_at DESC LIMIT 200`))
	clear(w.holders)
	for _, t := range open {
		if t.Assignee != "by.stander" {
			w.holders[t.ID] = t.Assignee
		}
	}
}

// idsFor are ids that a member of a body may be meant to hold.
func (w *fuzzWorld) idsFor(member string) []string {
	switch member {
	case "user", "to", "owner", "people", "picks", "stand_in", "manager", "head", "users", "members":
		return w.ids["users"]
	case "process", "processes":
		return w.ids["definitions"]
	case "department", "parent":
		return w.ids["departments"]
	case "roles":
		return w.ids["roles"]
	case "ids":
		return w.ids["notifications"]
	case "id", "record", "customer":
		return slices.Concat(w.ids["lead"], w.ids["customer"], w.ids["complaint"], w.ids["quote"])
	case "type":
		return []string{"lead", "customer", "quote", "complaint"}
	}
	return nil
}

// request makes one: a seed of the operation with something changed, or one from the contract alone.
func (w *fuzzWorld) request(c chance, op fuzzOp) *http.Request {
	target := w.path(c, op)
	if query := w.query(c, op); query != "" {
		target += "?" + query
	}
	body, kind := w.body(c, op)
	r := httptest.NewRequest(op.method, "/", strings.NewReader(body))
	if u, err := url.Parse(target); err == nil { // else it is one that no server would be asked for
		r.URL = u
	}
	r.RequestURI = target
	if body != "" {
		r.Header.Set("Content-Type", kind)
	}
	if c.of(10) {
		r.Header.Set(pick(c, []string{"Idempotency-Key", "If-Match", "Accept-Language", "Accept", "Authorization", "Cookie", "Content-Encoding", "X-Forwarded-For", "Content-Length", "Last-Event-ID"}),
			pick(c, append([]string{`"1"`, "gzip", "Bearer ", "application/xml", "crmflow_session=\"; x", strings.Repeat("q=1,", 5000)}, hostileTexts...)))
	}
	return r
}

func (w *fuzzWorld) path(c chance, op fuzzOp) string {
	parts := strings.Split(op.path, "/")
	kind := ""
	for i, part := range parts {
		if !strings.HasPrefix(part, "{") {
			kind = part
			continue
		}
		switch {
		case c.of(12):
			parts[i] = url.PathEscape(c.text())
		case part == "{type}":
			parts[i] = pick(c, []string{"lead", "customer", "quote", "complaint"})
		case part == "{n}":
			parts[i] = "1"
		default:
			if i > 0 && len(w.ids[parts[i-1]]) > 0 { // a record's, behind its type
				kind = parts[i-1]
			}
			ids := w.ids[kind]
			if len(ids) == 0 || c.of(5) {
				ids = slices.Concat(w.ids["cases"], w.ids["tasks"], w.ids["users"])
			}
			parts[i] = url.PathEscape(pick(c, ids))
		}
	}
	return strings.Join(parts, "/")
}

func (w *fuzzWorld) query(c chance, op fuzzOp) string {
	if seeds := w.seeds[op.id]; len(seeds) > 0 && c.of(50) {
		return pick(c, seeds).query
	}
	values := url.Values{}
	for _, p := range op.parameters {
		if p["in"] != "query" || c.of(60) && p["required"] != true {
			continue
		}
		name := p["name"].(string)
		value := strings.Trim(written(c.ofSchema(w, p["schema"].(map[string]any), name, 5)), `"`)
		switch {
		case name == "cursor" && w.cursors[op.id] != "" && c.of(80):
			value = c.forged(w.cursors[op.id])
		case name == "limit" && c.of(60):
			value = "1"
		case c.of(25):
			value = c.text()
		}
		values.Add(name, value)
		if c.of(5) {
			values.Add(name, c.text())
		}
	}
	if c.of(5) {
		values.Add(c.text(), c.text())
	}
	return values.Encode()
}

func (w *fuzzWorld) body(c chance, op fuzzOp) (body, kind string) {
	kind = "application/json"
	var v any
	seeds := w.seeds[op.id]
	switch {
	case op.method == http.MethodGet || op.method == http.MethodDelete:
		return "", ""
	case len(seeds) > 0 && c.of(75):
		s := pick(c, seeds)
		if json.Unmarshal(s.body, &v) != nil { // a file, or nothing
			return string(s.body), s.kind
		}
	case op.body != nil:
		v = c.ofSchema(w, op.body, "", 0)
	}
	for range c.IntN(3) {
		v = c.changed(w, v, "")
	}
	body = written(v)
	switch n := c.IntN(100); {
	case n < 3:
		return body[:c.IntN(len(body)+1)], kind
	case n < 5:
		return body + pick(c, []string{"}", "\x00", "{}", "\ufeff", " \n"}), kind
	case n < 7:
		return "\ufeff" + body, kind
	case n < 11:
		return body, pick(c, []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/cbor", "\x00", strings.Repeat("x", 10000)})
	}
	return body, kind
}

// chanceOf makes the choices of one seed.
func chanceOf(n uint64) chance { return chance{rand.New(rand.NewPCG(n, 0))} }
