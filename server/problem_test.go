package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// docs/problems.md is what integrators read: it has every code with its status, and no other.
func TestTheTableOfCodesIsTheDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/problems.md")
	require.NoError(t, err)
	documented := map[string]int{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\d+) \\|").FindAllStringSubmatch(string(page), -1) {
		documented[m[1]], _ = strconv.Atoi(m[2])
	}
	ours := map[string]int{}
	for code, kind := range problems {
		ours[string(code)] = kind.status
	}
	require.Equal(t, documented, ours)
}

func TestEveryProblemReadsInBothLanguages(t *testing.T) {
	t.Parallel()
	han := regexp.MustCompile(`\p{Han}`)
	for code, kind := range problems {
		require.Regexp(t, han, kind.title.ZH, code)
		require.NotRegexp(t, han, kind.title.EN, code)
		require.NotEmpty(t, kind.title.EN, code)
	}
	for _, f := range findings {
		require.Regexp(t, han, f.zh, f.begins)
	}
}

// The language of the request goes before that of the person; without either it is Chinese.
func TestLanguageIsTheRequestsElseThePersons(t *testing.T) {
	t.Parallel()
	english := &store.Caller{Language: "en"}
	for _, c := range []struct {
		header string
		who    *store.Caller
		want   string
	}{
		{"", nil, "zh"}, {"", english, "en"}, {"zh-CN", english, "zh"}, {"en-GB,zh;q=0.9", nil, "en"}, {"zh;q=0.2, en;q=0.8", nil, "en"},
		{"de, fr;q=0.5", nil, "zh"}, {"de, en;q=0.1", nil, "en"}, {"en;q=0", nil, "zh"}, {"*", english, "en"}, {";;,,q=", nil, "zh"},
	} {
		require.Equal(t, c.want, (&visit{accept: c.header, who: c.who}).lang(), c.header)
	}
}

// What the database said is for the log: a caller learns that it failed, whether to repeat, and what to look for.
func TestFailuresNeverTellTheirCause(t *testing.T) {
	t.Parallel()
	v := &visit{id: "abc", accept: "en"}
	ctx := context.WithValue(t.Context(), visitKey{}, v)
	lost := problemOf(ctx, fmt.Errorf("dial tcp 10.1.2.3: %w", store.ErrUnavailable))
	require.Equal(t, 503, lost.Status)
	require.Equal(t, "2", lost.GetHeaders().Get("Retry-After"))
	require.Contains(t, lost.Detail, "same key")
	broken := problemOf(ctx, errors.New("pq: relation secret does not exist"))
	require.Equal(t, 500, broken.Status)
	require.Equal(t, "abc", broken.RequestID)
	for _, p := range []*Problem{lost, broken} {
		require.NotContains(t, fmt.Sprint(*p), "10.1.2.3")
		require.NotContains(t, fmt.Sprint(*p), "secret")
	}
	unknown := problemOf(ctx, process.Refuse("no_such_code", "秘密", "secret"))
	require.Equal(t, 500, unknown.Status)
	require.Empty(t, unknown.Detail)
}

func TestAClosedTaskSaysWhoDecidedWhatAndWhen(t *testing.T) {
	t.Parallel()
	v := &visit{accept: "en", zone: companyZone}
	ctx := context.WithValue(t.Context(), visitKey{}, v)
	p := problemOf(ctx, &process.Refusal{Code: process.CodeTaskClosed, Decided: &process.Decided{By: "chen.jie", At: "2026-09-28T02:00:00Z", Outcome: "approved"}})
	require.Equal(t, [3]string{"chen.jie", "2026-09-28T10:00:00+08:00", "approved"}, [3]string{p.DecidedBy, p.DecidedAt, p.Outcome})
}

func TestAPanicIsAnInternalErrorAndTheServerLivesOn(t *testing.T) {
	t.Parallel()
	s := New(Options{})
	s.page("/test/panic", anyone, nil)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/test/panic", nil))
	require.Equal(t, 500, w.Code)
	require.Contains(t, w.Body.String(), `"code":"internal"`)
	require.NotContains(t, w.Body.String(), "nil pointer")
	w = httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	require.Equal(t, 200, w.Code)
}

// Without PostgreSQL every call that needs it says so, quickly, and what needs nothing goes on.
func TestWithoutADatabase(t *testing.T) {
	t.Parallel()
	db, err := store.Open("postgres://crmflow@127.0.0.1:1/crmflow?sslmode=disable", store.Pool{})
	require.NoError(t, err)
	b := &bundle{T: t, db: db, s: New(Options{DB: db, Engine: engine.New(db, engine.Options{})})}
	b.http = httptest.NewServer(b.s)
	t.Cleanup(b.http.Close)
	owner := person{bundle: b, token: "any", lang: "en"}
	for _, a := range []answer{owner.get("/tasks"), owner.get("/clock"), owner.keyed("k", "/cases", map[string]any{"process": "lead-review", "with": lead("1")})} {
		a.refused(codeUnavailable)
		require.NotEmpty(t, a.header.Get("Retry-After"))
		require.NotContains(t, string(a.raw), "127.0.0.1")
	}
	ready := owner.get("//readyz")
	require.Equal(t, 503, ready.status)
	require.Equal(t, "down", ready.body["database"])
	require.Equal(t, 200, owner.get("//healthz").status)
	require.Equal(t, 200, owner.get("//").status)
}

// What comes in is checked before anything is done, and each thing wrong is named.
func TestNonsenseIsRefusedByName(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, admin := b.as("li.na"), b.as("deng.rui")
	task := openTask(owner.startCase("0001"))
	act := "/tasks/" + task + "/approve"
	send := func(body, contentType string) answer {
		return owner.send(http.MethodPost, act, body, http.Header{"Content-Type": {contentType}})
	}
	send(`{"comment": `, "application/json").field(process.CodeFieldInvalid, "body")
	send(`comment=x`, "application/x-www-form-urlencoded").field(process.CodeFieldInvalid, "body")
	send(`{"comments": "x"}`, "application/json").field(process.CodeFieldInvalid, "comments")
	send(`{"comment": 5}`, "application/json").field(process.CodeFieldInvalid, "comment")
	send(`{"Comment": "x"}`, "application/json").refused(process.CodeFieldInvalid)
	send(`{"comment": "a\u0000b"}`, "application/json").field(process.CodeFieldInvalid, "body")
	send("{\"comment\": \"\xff\"}", "application/json").field(process.CodeFieldInvalid, "body")
	send(`{"items": "x"}`, "application/json").field(process.CodeFieldInvalid, "items")
	send(`{"where": "above"}`, "application/json").field(process.CodeFieldInvalid, "where")
	send(`{"comment": "`+strings.Repeat("x", bodyLimit)+`"}`, "application/json").refused(codeTooLarge)
	owner.post("/cases", map[string]any{"with": lead("2")}).field(process.CodeFieldRequired, "process")
	owner.post("/cases", map[string]any{"process": "lead-review"}).field(process.CodeFieldInvalid, "record")
	owner.post("/cases", "").refused(process.CodeFieldInvalid)
	owner.keyed(strings.Repeat("k", 201), act, nil).field(process.CodeFieldInvalid, "Idempotency-Key")
	for _, path := range []string{
		"/tasks?limit=0", "/tasks?limit=201", "/tasks?limit=x", "/tasks?cursor=nonsense", "/tasks?box=attic", "/tasks?overdue=perhaps", "/tasks?due_before=soon",
		"/tasks?tab=1", "/cases?status=odd", "/records/lead?no_such_field=1", "/records/lead?expected_amount=much", "/records/lead?status=open&status=lost",
		"/users?q=%ff", "/users?q=%00", "/calendars/cn-office/explain?within=soon&from=2026-01-01T00:00:00Z",
	} {
		owner.get(path).refused(process.CodeFieldInvalid)
	}
	owner.get("/calendars/cn-office/explain?within=1+day").field(process.CodeFieldRequired, "from")
	for _, path := range []string{"/records/spaceship", "/records/lead/none", "/cases/none", "/tasks/none", "/definitions/none/versions/1", "/calendars/none/explain?within=1+day&from=2026-01-01T00:00:00Z", "/nothing"} {
		owner.get(path).refused(process.CodeNotFound)
	}
	require.Equal(t, http.StatusMethodNotAllowed, owner.send(http.MethodPut, "/tasks", nil, nil).status)
	admin.patch("/users/nobody", map[string]any{"title": "x"}).refused(process.CodeNotFound)
	owner.post("/tasks/none/approve", nil).refused(process.CodeNotFound)
}

func TestProblemsAreInTheCallersLanguage(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na")
	zh := owner.in("zh").post("/cases", map[string]any{}).refused(process.CodeFieldRequired)
	en := owner.post("/cases", map[string]any{}).refused(process.CodeFieldRequired)
	require.Equal(t, "有必填项未填", zh["title"])
	require.Equal(t, "Something required is missing", en["title"])
	require.Equal(t, "必填", zh["errors"].([]any)[0].(map[string]any)["message"])
	require.Equal(t, "请先登录", b.nobody().in("").get("/tasks").refused(codeUnauthenticated)["title"])
	require.Equal(t, "Please sign in", b.nobody().get("/tasks").refused(codeUnauthenticated)["title"])
}
