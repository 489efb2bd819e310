package server

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

func signIn(user, password string) map[string]string {
	return map[string]string{"user": user, "password": password}
}

// The session's cookie is out of reach of scripts and of other sites' forms, and good for the calls that follow.
func TestSignInSetsACookieThatWorks(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	in := b.nobody().post("/session", signIn("li.na", "crmflow-demo"))
	in.ok()
	cookie := in.header.Get("Set-Cookie")
	for _, want := range []string{cookieName + "=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		require.Contains(t, cookie, want)
	}
	require.NotContains(t, cookie, "Secure", "this connection has no TLS")
	held, _, _ := strings.Cut(cookie, ";")
	require.Equal(t, "li.na", b.nobody().send(http.MethodGet, "/session", nil, http.Header{"Cookie": {held}}).ok()["user"])
	out := b.nobody().send(http.MethodDelete, "/session", nil, http.Header{"Cookie": {held}})
	require.Equal(t, 204, out.status)
	require.Contains(t, out.header.Get("Set-Cookie"), "Max-Age=0")
	b.nobody().send(http.MethodGet, "/session", nil, http.Header{"Cookie": {held}}).refused(codeUnauthenticated)
	tls := b.nobody().send(http.MethodPost, "/session", signIn("li.na", "crmflow-demo"), http.Header{"X-Forwarded-Proto": {"https"}})
	require.Contains(t, tls.header.Get("Set-Cookie"), "Secure")
}

// A wrong password and a person who doesn't exist look alike. A guesser has to wait; the person elsewhere signs in, and after the wait so does the guesser.
func TestWrongPasswordsAreThrottledPerPersonAndAddress(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.nobody().post("/session", signIn("no.body", "x")).refused(codeUnauthenticated)
	for range failuresAllowed {
		b.nobody().post("/session", signIn("li.na", "wrong")).refused(codeUnauthenticated)
	}
	wait := b.nobody().post("/session", signIn("li.na", "crmflow-demo"))
	wait.refused(codeTooMany)
	require.NotEmpty(t, wait.header.Get("Retry-After"))
	b.nobody().post("/session", signIn("sun.peng", "crmflow-demo")).ok()
	require.Zero(t, b.s.throttle.wait("li.na", "192.0.2.7"), "li.na elsewhere isn't locked out")
	later := time.Now().Add(failureWindow + time.Minute)
	b.clock.Store(&later)
	b.nobody().post("/session", signIn("li.na", "crmflow-demo")).ok()
}

func TestThrottleStaysSmall(t *testing.T) {
	t.Parallel()
	th := newThrottle(time.Now)
	for i := range failuresKept + 100 {
		th.failed("user", string(rune(i)))
	}
	require.LessOrEqual(t, len(th.seen), failuresKept)
}

// Who leaves is out at once: the sessions end, the password is no use.
func TestWhoLeavesIsOutAtOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	leaver, admin := b.as("sun.peng"), b.as("deng.rui")
	leaver.get("/session").ok()
	admin.patch("/users/sun.peng", map[string]any{"active": false}).ok()
	leaver.get("/session").refused(codeUnauthenticated)
	b.nobody().post("/session", signIn("sun.peng", "crmflow-demo")).refused(codeUnauthenticated)
	admin.patch("/users/sun.peng", map[string]any{"active": true, "password": "a new password"}).ok()
	b.nobody().post("/session", signIn("sun.peng", "crmflow-demo")).refused(codeUnauthenticated)
	b.nobody().post("/session", signIn("sun.peng", "a new password")).ok()
}

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.as("deng.rui")
	role := admin.get("/roles").items()
	require.NotEmpty(t, role)
	admin.patch("/roles/administrator", map[string]any{"users": []string{}}).field(process.CodeFieldInvalid, "roles")
	require.Contains(t, admin.get("/session").ok()["roles"], "administrator")
}

// Another site's page can't act for whoever is signed in here.
func TestRequestsFromOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na")
	foreign := http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}
	owner.send(http.MethodPost, "/cases", map[string]any{"process": "lead-review", "with": lead("1")}, foreign).refused(process.CodeForbidden)
	require.Empty(t, owner.get("/cases").items())
	same := http.Header{"Sec-Fetch-Site": {"same-origin"}}
	owner.send(http.MethodPost, "/cases", map[string]any{"process": "lead-review", "with": lead("1")}, same).ok()
}

func TestPasswordsAreKeptAsArgon2id(t *testing.T) {
	t.Parallel()
	hash := HashPassword("correct horse")
	require.True(t, strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$"), hash)
	require.True(t, fits(hash, "correct horse"))
	require.False(t, fits(hash, "correct horsE"))
	for _, broken := range []string{"", "x", "$argon2id$v=19$m=19456,t=2,p=1$", "$argon2id$v=19$m=99999999,t=2,p=1$YWJj$YWJj", "$argon2id$v=19$m=64,t=0,p=1$YWJj$YWJj", "$argon2id$v=19$m=64,t=1,p=1$YWJj$"} {
		require.False(t, fits(broken, "x"), broken)
	}
}
