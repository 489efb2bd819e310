package server

import (
	"net/http/httptest"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

var builtPage = fstest.MapFS{
	"README":             {Data: []byte("x")},
	"index.html":         {Data: []byte(`<!doctype html><html data-visitor="__VISITOR__"><meta property="csp-nonce" nonce="__NONCE__"><script type="module" nonce="__NONCE__" src="/assets/a-1.js"></script>`)},
	"manifest.json":      {Data: []byte(`{}`)},
	"icon.svg":           {Data: []byte(`<svg/>`)},
	"assets/a-1.js":      {Data: []byte("alert(1)")},
	"assets/a-1.js.gz":   {Data: []byte("gzipped")},
	"assets/a-1.js.br":   {Data: []byte("brotli")},
	"assets/style-2.css": {Data: []byte("p{}")},
}

// ask asks a server without a database for a page of its own.
func ask(t *testing.T, s *Server, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestEveryPageIsTheSameDocumentWithANonceOfItsOwn(t *testing.T) {
	t.Parallel()
	s := New(Options{Page: builtPage})
	nonces := map[string]bool{}
	for _, path := range []string{"/", "/sign-in", "/inbox/todo", "/tasks/1", "/cases/1", "/start", "/start/complaint", "/records/lead", "/records/lead/1", "/settings"} {
		w := ask(t, s, path)
		require.Equal(t, 200, w.Code, path)
		policy := w.Header().Get("Content-Security-Policy")
		nonce := regexp.MustCompile(`style-src 'self' 'nonce-([\w-]{22})';`).FindStringSubmatch(policy)
		require.Len(t, nonce, 2, policy)
		require.Contains(t, policy, "default-src 'none'; script-src 'self';")
		require.NotContains(t, policy, "unsafe")
		require.Contains(t, w.Body.String(), `<meta property="csp-nonce" nonce="`+nonce[1]+`"><script type="module" nonce="`+nonce[1]+`"`)
		require.Contains(t, w.Body.String(), `data-visitor="stranger"`)
		require.Contains(t, ask(t, s, path, "Cookie", cookieName+"=x").Body.String(), `data-visitor="known"`)
		require.NotContains(t, w.Body.String(), nonceWord)
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		nonces[nonce[1]] = true
	}
	require.Len(t, nonces, 10)
}

func TestFilesOfThePageAreKeptAndSentPacked(t *testing.T) {
	t.Parallel()
	s := New(Options{Page: builtPage})
	for accepted, want := range map[string][]string{
		"gzip, deflate, br, zstd": {"br", "brotli"}, "gzip": {"gzip", "gzipped"}, "br;q=0, gzip;q=0.5": {"gzip", "gzipped"}, "": {"", "alert(1)"}, "deflate": {"", "alert(1)"},
	} {
		w := ask(t, s, "/assets/a-1.js", "Accept-Encoding", accepted)
		require.Equal(t, append([]string{}, want...), []string{w.Header().Get("Content-Encoding"), w.Body.String()}, accepted)
		require.Equal(t, "text/javascript; charset=utf-8", w.Header().Get("Content-Type"))
		require.Equal(t, "public, max-age=31536000, immutable", w.Header().Get("Cache-Control"))
		require.Equal(t, "Accept-Encoding", w.Header().Get("Vary"))
		again := ask(t, s, "/assets/a-1.js", "Accept-Encoding", accepted, "If-None-Match", w.Header().Get("ETag"))
		require.Equal(t, []any{304, ""}, []any{again.Code, again.Body.String()})
	}
	require.Equal(t, "p{}", ask(t, s, "/assets/style-2.css", "Accept-Encoding", "br").Body.String(), "a file that isn't packed is sent as it is")
	require.Equal(t, "no-cache", ask(t, s, "/icon.svg").Header().Get("Cache-Control"), "its name says nothing about what is in it")
	for _, path := range []string{"/assets/none.js", "/assets/a-1.js.gz", "/manifest.json", "/index.html", "/README"} {
		require.Equal(t, 404, ask(t, s, path).Code, path)
	}
	require.Equal(t, 200, ask(t, s, "/assets/page.css").Code, "the plain pages have files too")
}

// An address that leads nowhere says so as whoever asks reads it: somebody at a browser by the page, a program by a problem.
func TestAnAddressThatLeadsNowhere(t *testing.T) {
	t.Parallel()
	s := New(Options{Page: builtPage})
	const browser = "text/html,application/xhtml+xml,*/*;q=0.8"
	w := ask(t, s, "/nowhere", "Accept", browser)
	require.Equal(t, []any{404, "text/html; charset=utf-8"}, []any{w.Code, w.Header().Get("Content-Type")})
	require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'; script-src 'self';")
	require.Contains(t, w.Body.String(), `src="/assets/a-1.js"`)
	for path, accept := range map[string]string{"/nowhere": "application/json", "/nothing": "", "/api/v1/nowhere": browser} {
		w := ask(t, s, path, "Accept", accept)
		require.Equal(t, []any{404, "application/problem+json"}, []any{w.Code, w.Header().Get("Content-Type")}, path)
	}
	icon := ask(t, s, "/favicon.ico")
	require.Equal(t, []any{301, "/icon.svg"}, []any{icon.Code, icon.Header().Get("Location")})
}

// Without Node there is no built page; the server says what runs, in its place.
func TestWithoutABuiltPageThereIsAPlainOne(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.s = New(Options{DB: b.db, Engine: b.s.engine, Page: fstest.MapFS{"README": {Data: []byte("x")}}})
	for _, path := range []string{"/", "/inbox/todo"} {
		w := ask(t, b.s, path, "Accept-Language", "en")
		require.Equal(t, 200, w.Code)
		require.Contains(t, w.Body.String(), "Business time")
		require.Contains(t, w.Body.String(), `href="/docs"`)
	}
}

// What a button says is what the machine does: where a return goes, which answer ends the case, what needs words.
func TestATaskSaysHowItMayBeAnswered(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager := b.as("li.na"), b.as("chen.jie")
	task := openTask(owner.startCase("0001"))
	seen := manager.get("/tasks/" + task).ok()
	ways := seen["ways"].([]any)
	require.Len(t, ways, 3)
	said := func(i int, name string) any { return ways[i].(map[string]any)[name] }
	require.Equal(t, []any{"approve", false, nil}, []any{said(0, "act"), said(0, "comment"), said(0, "end")})
	require.Equal(t, []any{"reject", true, "rejected"}, []any{said(1, "act"), said(1, "comment"), said(1, "end")})
	require.Equal(t, []any{"return", true, nil, []any{"li.na"}, "again"}, []any{said(2, "act"), said(2, "comment"), said(2, "end"), said(2, "who"), said(2, "resume")})
	require.Empty(t, owner.get("/tasks/" + task).ok()["ways"], "it is the manager's to answer")
	brief := seen["summary_fields"].([]any)
	require.Equal(t, "Contact", brief[0].(map[string]any)["title"])
	require.Contains(t, seen["summary"], brief[0].(map[string]any)["field"])
	listed := manager.get("/tasks").items()[0]
	require.NotEmpty(t, listed["summary_fields"])
	require.Empty(t, listed["ways"], "a list holds no buttons' words")
}
