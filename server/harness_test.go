package server

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/storetest"
)

var update = flag.Bool("update", false, "rewrite what is committed: openapi.json, testdata/rules.txt")

func TestMain(m *testing.M) {
	flag.Parse()
	if !testing.Verbose() {
		slog.SetDefault(slog.New(slog.DiscardHandler))
	}
	os.Exit(m.Run())
}

// cheap is the hash of "crmflow-demo" at next to no cost, so that sign-ins in tests are fast.
const cheap = "$argon2id$v=19$m=64,t=1,p=1$YWJjZGVmZ2hpamtsbW5vcA$F2oPW4K9SEQ3KEsxmtdKCKxVQhoWUlp8HUcuAJ8clwk"

// bundle is a server over a database of its own, with the sample company in it.
type bundle struct {
	*testing.T
	s     *Server
	db    *store.DB
	http  *httptest.Server
	clock atomic.Pointer[time.Time] // real time; nil: the machine's
	saw   func(method, path string, status int, body []byte)
}

// began is the business time of every test: a Monday, 09:00 in Shanghai.
var began = time.Date(2026, 9, 28, 9, 0, 0, 0, companyZone)

func newBundle(t *testing.T) *bundle {
	t.Helper()
	b := emptyBundle(t)
	b.company()
	var files []process.File
	for _, d := range definitions.Documents() {
		files = append(files, process.File{Path: d.Path, Content: d.Content})
	}
	_, found, err := b.s.engine.Publish(t.Context(), engine.Request{Caller: "deng.rui", Admin: true}, files)
	require.NoError(t, err)
	require.False(t, process.Failed(found), "%v", found)
	return b
}

// emptyBundle is a server over an empty database.
func emptyBundle(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{T: t, db: storetest.FromEnv(t)}
	now := func() time.Time {
		if c := b.clock.Load(); c != nil {
			return *c
		}
		return time.Now()
	}
	e := engine.New(b.db, engine.Options{Now: now, Holidays: definitions.Holidays})
	b.s = New(Options{DB: b.db, Engine: e, Dev: true, Version: "test", Now: now, Files: keep(t), FilesAtMost: 1 << 20})
	b.http = httptest.NewServer(b.s)
	t.Cleanup(b.http.Close)
	require.NoError(t, b.db.SetClock(t.Context(), time.Now(), began, 1))
	return b
}

// company writes the sample company.
func (b *bundle) company() {
	company, err := definitions.LoadCompany()
	require.NoError(b, err)
	text := func(t definitions.Text) store.JSON[process.Text] { return store.Of(process.Text{ZH: t.ZH, EN: t.EN}) }
	require.NoError(b, b.db.Tx(b.Context(), func(tx *store.Tx) error {
		ctx := b.Context()
		for _, d := range company.Departments {
			if err := tx.AddDepartment(ctx, store.Department{ID: d.ID, Name: text(d.Name), Head: d.Head, Parent: d.Parent}); err != nil {
				return err
			}
		}
		for _, r := range company.Roles {
			if err := tx.AddCircle(ctx, store.Roles, store.Circle{ID: r.ID, Name: text(r.Name)}); err != nil {
				return err
			}
		}
		for _, u := range company.Users {
			if err := tx.AddUser(ctx, store.User{ID: u.ID, Name: text(u.Name), Title: text(u.Title), Department: u.Department, Manager: u.Manager,
				Position: u.Position, Email: u.Email, Language: u.Language, Active: true, Roles: u.Roles, Password: cheap}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// person is somebody who calls the server.
type person struct {
	*bundle
	user, token, lang string
}

// as gives a person, signed in.
func (b *bundle) as(user string) person {
	b.Helper()
	token, _, err := b.db.NewSession(b.Context(), user, store.SessionBearer, time.Hour)
	require.NoError(b, err)
	return person{bundle: b, user: user, token: token, lang: "en"}
}

// nobody is not signed in.
func (b *bundle) nobody() person { return person{bundle: b, lang: "en"} }

// answer is what came back.
type answer struct {
	*testing.T
	status int
	header http.Header
	raw    []byte
	body   map[string]any
}

func (p person) get(path string) answer             { return p.send(http.MethodGet, path, nil, nil) }
func (p person) post(path string, body any) answer  { return p.send(http.MethodPost, path, body, nil) }
func (p person) patch(path string, body any) answer { return p.send(http.MethodPatch, path, body, nil) }
func (p person) in(lang string) person              { p.lang = lang; return p }
func (p person) keyed(key, path string, b any) answer {
	return p.send(http.MethodPost, path, b, http.Header{"Idempotency-Key": {key}})
}

// send makes one call of the API. A body of bytes or a string is sent as it is.
func (p person) send(method, path string, body any, header http.Header) answer {
	p.Helper()
	var sent io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		sent = bytes.NewReader(b)
	case string:
		sent = strings.NewReader(b)
	default:
		raw, err := json.Marshal(body)
		require.NoError(p, err)
		sent = bytes.NewReader(raw)
	}
	if !strings.HasPrefix(path, "//") {
		path = base + path
	}
	r, err := http.NewRequestWithContext(context.WithoutCancel(p.Context()), method, p.http.URL+strings.Replace(path, "//", "/", 1), sent)
	require.NoError(p, err)
	for name, values := range header {
		r.Header[name] = values
	}
	if body != nil && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	r.Header.Set("Accept-Language", p.lang)
	return p.do(r)
}

func (p person) do(r *http.Request) answer {
	p.Helper()
	response, err := p.http.Client().Do(r)
	require.NoError(p, err)
	defer response.Body.Close()
	a := answer{T: p.T, status: response.StatusCode, header: response.Header}
	a.raw, err = io.ReadAll(response.Body)
	require.NoError(p, err)
	_ = json.Unmarshal(a.raw, &a.body) // a page is none
	if p.saw != nil {
		p.saw(r.Method, r.URL.Path, a.status, a.raw)
	}
	return a
}

// ok gives the body of a success.
func (a answer) ok() map[string]any {
	a.Helper()
	require.Less(a, a.status, 300, "%d %s", a.status, a.raw)
	return a.body
}

// refused asserts a problem: its code, and the status the table gives it.
func (a answer) refused(code process.Code) map[string]any {
	a.Helper()
	require.Equal(a, string(code), a.body["code"], "%d %s", a.status, a.raw)
	require.Equal(a, problems[code].status, a.status)
	require.Equal(a, "application/problem+json", a.header.Get("Content-Type"))
	return a.body
}

// field asserts a problem with one field.
func (a answer) field(code process.Code, name string) {
	a.Helper()
	a.refused(code)
	var fields []string
	for _, e := range a.body["errors"].([]any) {
		fields = append(fields, e.(map[string]any)["field"].(string))
	}
	require.Contains(a, fields, name, "%s", a.raw)
}

// items gives the items of a list.
func (a answer) items() []map[string]any {
	a.Helper()
	var out []map[string]any
	for _, item := range a.ok()["items"].([]any) {
		out = append(out, item.(map[string]any))
	}
	return out
}

// lead is the fields of a new lead; n makes its phone its own.
func lead(n string) map[string]any {
	return map[string]any{"company": "常州天汇泵业有限公司 " + n, "contact": "Xu Min", "phone": "+86 519 5550 " + n, "source": "exhibition"}
}

// startCase starts a review of a new lead.
func (p person) startCase(n string) map[string]any {
	p.Helper()
	return p.post("/cases", map[string]any{"process": "lead-review", "with": lead(n)}).ok()
}

// openTask is the id of a case's first open task.
func openTask(c map[string]any) string {
	return c["open"].([]any)[0].(map[string]any)["task"].(string)
}
