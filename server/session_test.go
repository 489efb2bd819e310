package server

import (
	"net/http"
	"strings"
	"testing"

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
}

// Over TLS the cookie is one that no other host, and no unencrypted page, can set; and one that was set without is not believed.
func TestOverTLSTheCookieIsBoundToTheHost(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	tls := http.Header{"X-Forwarded-Proto": {"https"}}
	in := b.nobody().send(http.MethodPost, "/session", signIn("li.na", "crmflow-demo"), tls)
	cookie := in.header.Get("Set-Cookie")
	for _, want := range []string{securePrefix + cookieName + "=", "Secure", "Path=/", "HttpOnly", "SameSite=Lax"} {
		require.Contains(t, cookie, want)
	}
	require.NotContains(t, cookie, "Domain")
	require.Contains(t, in.header.Values("Set-Cookie")[1], "Secure")
	require.NotEmpty(t, in.header.Get("Strict-Transport-Security"))
	held, _, _ := strings.Cut(cookie, ";")
	get := func(cookie string) answer {
		return b.nobody().send(http.MethodGet, "/session", nil, http.Header{"X-Forwarded-Proto": {"https"}, "Cookie": {cookie}})
	}
	get(held).ok()
	get(strings.TrimPrefix(held, securePrefix)).refused(codeUnauthenticated)
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
