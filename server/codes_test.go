package server

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

const signed = `process: sample-signed
title: {zh: 签名, en: Signed}
record: lead
number: "SI{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - id: one
    approve: {zh: 一, en: One}
    by: {user: chen.jie}
    signature: required
    return_to: [any]
  - end: done
`

// refusals are ways to each code.
func refusals(b *bundle) map[process.Code]func() answer {
	admin, owner, manager := b.as("deng.rui"), b.as("li.na"), b.as("chen.jie")
	admin.post("/definitions", map[string]any{"files": []map[string]any{{"path": "signed.yaml", "content": signed}}}).ok()
	started := owner.startCase("0001")
	id, task := started["id"].(string), openTask(started)
	record := started["record"].(map[string]any)
	at := "/records/lead/" + record["id"].(string)
	act := func(who person, do string, body any) func() answer {
		return func() answer { return who.post("/tasks/"+task+"/"+do, body) }
	}
	fields := func(f map[string]any) func() answer {
		return func() answer { return owner.post("/records/lead", map[string]any{"fields": f}) }
	}
	withSigned := func(do string, body any) func() answer {
		return func() answer {
			one := openTask(owner.post("/cases", map[string]any{"process": "sample-signed", "with": lead(strconv.Itoa(7000 + len(do)))}).ok())
			return manager.post("/tasks/"+one+"/"+do, body)
		}
	}
	return map[process.Code]func() answer{
		codeUnauthenticated:        func() answer { return b.nobody().get("/tasks") },
		process.CodeForbidden:      func() answer { return owner.post("/users", map[string]any{"user": "x", "name": "X"}) },
		process.CodeNotYourTask:    act(b.as("sun.peng"), "approve", nil),
		process.CodeNotFound:       func() answer { return owner.get("/cases/none") },
		process.CodeContentChanged: act(manager, "approve", map[string]any{"seen": "sha256:" + strings.Repeat("0", 64)}),
		process.CodeAlreadyOpen: func() answer {
			return owner.post("/cases", map[string]any{"process": "lead-review", "record": map[string]any{"type": "lead", "id": record["id"]}})
		},
		process.CodeRecordLocked: func() answer { return owner.patch(at, map[string]any{"fields": map[string]any{"need": "pumps"}}) },
		process.CodeVersionConflict: func() answer {
			return owner.send(http.MethodPatch, at, map[string]any{"fields": map[string]any{}}, http.Header{"If-Match": {`"99"`}})
		},
		codeTooLarge: func() answer {
			return owner.post("/records/lead", `{"fields": {"need": "`+strings.Repeat("x", bodyLimit)+`"}}`)
		},
		process.CodeFieldRequired:     fields(map[string]any{"company": "X"}),
		process.CodeFieldNotWritable:  fields(map[string]any{"company": "X", "contact": "X", "phone": "+86 519 5550 0007", "credit_limit": map[string]any{"amount": 1, "currency": "CNY"}}),
		process.CodeFieldInvalid:      fields(map[string]any{"no_such_field": 1}),
		process.CodeCommentRequired:   act(manager, "reject", nil),
		process.CodeSignatureRequired: withSigned("approve", nil),
		process.CodeStepNotPassed:     withSigned("return", map[string]any{"to": "nowhere", "comment": "x"}),
		process.CodeUnknownOutcome:    act(manager, "complete", map[string]any{"outcome": "done"}),
		process.CodeKeyReused: func() answer {
			owner.keyed("one", "/records/lead", map[string]any{"fields": lead("0008")}).ok()
			return owner.keyed("one", "/records/lead", map[string]any{"fields": lead("0009")})
		},
		process.CodeInvalid: func() answer {
			return admin.post("/definitions", map[string]any{"files": []map[string]any{{"path": "bad.yaml", "content": "process: bad\nsteps: 5\n"}}})
		},
		process.CodeCaseSuspended: func() answer {
			admin.post("/cases/"+id+"/suspend", map[string]any{"reason": "audit"}).ok()
			defer func() { admin.post("/cases/"+id+"/resume", map[string]any{"reason": "audit"}).ok() }()
			return manager.post("/tasks/"+task+"/approve", nil)
		},
		process.CodeTaskClosed: func() answer {
			one := openTask(owner.startCase("0002"))
			manager.post("/tasks/"+one+"/approve", nil).ok()
			return manager.post("/tasks/"+one+"/approve", nil)
		},
		process.CodeCaseEnded: func() answer {
			c := owner.startCase("0003")
			owner.post("/cases/"+c["id"].(string)+"/withdraw", nil).ok()
			return owner.post("/cases/"+c["id"].(string)+"/withdraw", nil)
		},
		process.CodeTooMany: func() answer {
			for range failuresAllowed {
				b.nobody().post("/session", signIn("he.jing", "wrong"))
			}
			return b.nobody().post("/session", signIn("he.jing", "wrong"))
		},
		codeUnavailable: func() answer { return withoutDatabase(b.T).get("/tasks") },
		codeInternal: func() answer {
			b.s.page(base+"/test/broken", anyone, func(*gin.Context) { panic("pq: relation secret does not exist") })
			return b.nobody().get("/test/broken")
		},
	}
}

// withoutDatabase is somebody at a server whose database is away.
func withoutDatabase(t *testing.T) person {
	t.Helper()
	db, err := store.Open("postgres://crmflow@127.0.0.1:1/crmflow?sslmode=disable", store.Pool{})
	require.NoError(t, err)
	b := &bundle{T: t, db: db, s: New(Options{DB: db, Engine: engine.New(db, engine.Options{})})}
	b.http = httptest.NewServer(b.s)
	t.Cleanup(b.http.Close)
	return person{bundle: b, token: "any", lang: "en"}
}

// Every code that outside checks know can happen, with its status and its members, and none tells a cause.
func TestEveryCodeCanHappen(t *testing.T) {
	t.Parallel()
	tb := readTable(t)
	ways := refusals(newBundle(t))
	for code, want := range tb.codes {
		way := ways[code]
		require.NotNil(t, way, "nothing here provokes %s", code)
		is := way()
		require.Equal(t, string(code), is.body["code"], "%s", is.raw)
		require.Equal(t, want.status, is.status, code)
		for _, member := range append([]string{"title", "status"}, want.members...) {
			require.NotEmpty(t, is.body[member], "%s has no %s: %s", code, member, is.raw)
		}
		require.NotContains(t, string(is.raw), "pq:")
		if code == codeUnavailable || code == process.CodeTooMany {
			require.NotEmpty(t, is.header.Get("Retry-After"), code)
		}
	}
}

// Whatever is called while PostgreSQL is away: it is said to be, when to come back, and that the outcome is unknown; never why.
func TestEveryCallWithoutADatabase(t *testing.T) {
	t.Parallel()
	p := withoutDatabase(t)
	for path, item := range p.s.api.OpenAPI().Paths {
		for method := range operations(item) {
			if !strings.HasPrefix(path, base) {
				continue
			}
			at := strings.NewReplacer("{id}", "x", "{type}", "lead", "{process}", "lead-review", "{n}", "1").Replace(strings.TrimPrefix(path, base))
			a := p.send(method, at, nil, nil)
			require.NotContains(t, string(a.raw), "127.0.0.1", "%s %s", method, path)
			if path == base+"/session" && method == http.MethodPost { // nobody is asked who it is: the body comes first
				a = p.post("/session", signIn("li.na", "x"))
			}
			require.Equal(t, http.StatusServiceUnavailable, a.status, "%s %s: %s", method, path, a.raw)
			require.NotEmpty(t, a.header.Get("Retry-After"), "%s %s", method, path)
		}
	}
}

// A database that is there and broken is an internal error with nothing of its cause.
func TestABrokenDatabaseIsNotExplained(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na")
	c := owner.startCase("0001")
	_, err := b.db.Exec(t.Context(), `ALTER TABLE tasks RENAME COLUMN why TO gone`)
	require.NoError(t, err)
	for _, a := range []answer{owner.get("/tasks"), owner.get("/tasks/" + openTask(c)), owner.post("/cases", map[string]any{"process": "lead-review", "with": lead("2")})} {
		a.refused(codeInternal)
		require.NotEmpty(t, a.body["request_id"])
		for _, secret := range []string{"pq", "column", "why", "SELECT", "goroutine", ".go"} {
			require.NotContains(t, string(a.raw), secret)
		}
	}
}
