package server

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// Whatever is answered tells a browser to guess no types, to show it in no other site's frame, to send nothing of where one was, and to keep nothing.
func TestEveryAnswerIsGuarded(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na")
	for _, a := range []answer{
		owner.get("/session"), owner.get("/cases/none"), owner.get("/nothing"), b.nobody().get("/tasks"), owner.post("/cases", "{"), owner.send(http.MethodPut, "/tasks", nil, nil),
		owner.get("//healthz"), owner.get("//docs"), b.nobody().post("/session", signIn("li.na", "wrong")),
	} {
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			require.Equal(t, want, a.header.Get(name), "%d %s", a.status, a.raw)
		}
		require.Contains(t, a.header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
		require.NotContains(t, a.header.Get("Content-Security-Policy"), "unsafe")
		require.Contains(t, a.header.Get("Cache-Control"), "no-")
		require.NotEmpty(t, a.header.Get("X-Request-Id"))
		require.Empty(t, a.header.Get("Strict-Transport-Security"), "this connection has no TLS")
		require.Empty(t, a.header.Get("Access-Control-Allow-Origin"))
		require.Empty(t, a.header.Get("Server"))
	}
}

// Only a page of ours, or a program, changes anything: by where the browser says that the request comes from, or by its origin.
func TestOnlyOurOwnPagesChangeAnything(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	in := b.nobody().post("/session", signIn("li.na", "crmflow-demo")).cookies()
	change := func(method, path string, header http.Header) answer {
		header = header.Clone()
		header["Cookie"] = in["Cookie"]
		return b.nobody().send(method, path, map[string]any{"language": "en"}, header)
	}
	own := b.http.URL
	for _, foreign := range []http.Header{
		{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.example"}}, {"Origin": {"null"}}, {"Origin": {own + "0"}}, {"Origin": {own}, "Sec-Fetch-Site": {"cross-site"}},
	} {
		change(http.MethodPatch, "/session", foreign).refused(process.CodeForbidden)
		change(http.MethodDelete, "/session", foreign).refused(process.CodeForbidden)
		change(http.MethodPost, "/tokens", foreign).refused(process.CodeForbidden)
		b.nobody().send(http.MethodPost, "/session", signIn("li.na", "crmflow-demo"), foreign).refused(process.CodeForbidden)
		change(http.MethodGet, "/session", foreign).ok()
	}
	for _, ours := range []http.Header{{"Sec-Fetch-Site": {"same-origin"}}, {"Sec-Fetch-Site": {"none"}}, {"Origin": {own}}, {}} {
		change(http.MethodPatch, "/session", ours).ok()
	}
}
