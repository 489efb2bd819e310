package server

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// The pages load nothing from elsewhere, run no script of others, and speak the visitor's language.
func TestPages(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	zh, en := b.nobody().in("zh-CN"), b.nobody()
	require.Contains(t, string(zh.get("//about").raw), "业务时间")
	home := en.get("//about")
	for _, want := range []string{"Business time", "2026-09-28 09:00", `href="/docs"`, "not configured", "test"} {
		require.Contains(t, string(home.raw), want)
	}
	elsewhere := regexp.MustCompile(`(?:src|href)="https?://`)
	for _, path := range []string{"//about", "//docs", "//assets/page.css", "//assets/docs.js"} {
		a := en.get(path)
		require.Equal(t, 200, a.status, path)
		require.NotRegexp(t, elsewhere, string(a.raw), path)
		require.NotContains(t, string(a.raw), "style=", path)
		require.Contains(t, a.header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
		require.Equal(t, "nosniff", a.header.Get("X-Content-Type-Options"))
		require.NotEmpty(t, a.header.Get("X-Request-Id"))
	}
	require.Equal(t, "3.1.0", en.get("//openapi.json").ok()["openapi"])
}

func TestWhatOperatorsAsk(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	ready := b.nobody().get("//readyz").ok()
	require.Equal(t, []any{"ok", "up", "not configured"}, []any{ready["status"], ready["database"], ready["temporal"]})
	require.Equal(t, "ok", b.nobody().get("//healthz").ok()["status"])
	b.as("li.na").get("/cases/none")
	metrics := string(b.nobody().get("//metrics").raw)
	require.Contains(t, metrics, `crmflow_http_request_seconds_count{method="GET",route="/api/v1/cases/:id",status="404"} 1`)
	require.Contains(t, metrics, "go_goroutines")
	require.NotContains(t, metrics, "li.na")
}

// A server that is started before its database is migrated isn't asked to decide anything.
func TestAServerIsReadyOnceItsTablesAre(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	var newest int64
	require.NoError(t, b.db.Get(t.Context(), &newest, `DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version) RETURNING version_id`))
	behind := b.nobody().get("//readyz")
	require.Equal(t, 503, behind.status)
	require.Equal(t, []any{"unavailable", stateBehind}, []any{behind.body["status"], behind.body["database"]})
	var again int64
	require.NoError(t, b.db.Get(t.Context(), &again, `INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, true) RETURNING version_id`, newest))
	require.Equal(t, "up", b.nobody().get("//readyz").ok()["database"])
}
