package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/dev"
	"github.com/crmflow/crmflow/server"
	"github.com/crmflow/crmflow/store/storetest"
)

// The commands that ask a running server: what publishing would change, publishing it, what is published, and it read aloud with the company's own names.
func TestDefinitionsOfARunningServer(t *testing.T) {
	t.Parallel()
	company, err := definitions.LoadCompany()
	require.NoError(t, err)
	db := storetest.FromEnv(t)
	require.NoError(t, setClock(t.Context(), db, dev.Options{At: "2026-09-28 09:00"}, company.Zone))
	s := newSample(db, company)
	require.NoError(t, s.people(t.Context(), definitions.Password))
	require.NoError(t, s.publish(t.Context(), false))
	http := httptest.NewServer(server.New(server.Options{DB: db, Engine: s.engine}))
	defer http.Close()
	ask := func(args ...string) (int, string, string) {
		return crmflow(append(append([]string{"definitions"}, args...), "--url", http.URL, "--user", s.admin, "--password", definitions.Password, "--lang", "en")...)
	}
	path := filepath.Join(t.TempDir(), "lead-review.yaml")
	shipped, err := os.ReadFile("definitions/lead-review/lead-review.yaml")
	require.NoError(t, err)
	write := func(text string) { require.NoError(t, os.WriteFile(path, []byte(text), 0o600)) }

	write(string(shipped))
	code, out, said := ask("diff", path)
	require.Zero(t, code, out+said)
	require.Equal(t, "process lead-review, version 1: the same\n", out)

	changed := strings.Replace(string(shipped), "Review the first contact", "Look at the first contact", 1)
	write(changed)
	code, out, _ = ask("diff", path)
	require.Equal(t, 1, code)
	require.Contains(t, out, "--- process lead-review, version 1\n+++ process lead-review, these files\n")
	require.Contains(t, out, "\n-    approve: {zh: 初次接触审核, en: Review the first contact}\n+    approve: {zh: 初次接触审核, en: Look at the first contact}\n")
	code, out, _ = ask("list")
	require.Zero(t, code)
	require.Regexp(t, `(?m)^process +lead-review +1 `, out, "a comparison publishes nothing")

	code, out, said = ask("publish", path)
	require.Zero(t, code, out+said)
	require.Contains(t, out, "process lead-review  version 2  sha256:")
	code, out, _ = ask("diff", path)
	require.Zero(t, code, out)
	code, out, _ = ask("show", "lead-review")
	require.Zero(t, code)
	require.Equal(t, changed, out)
	code, out, _ = ask("show", "lead-review", "--version", "1")
	require.Zero(t, code)
	require.Equal(t, string(shipped), out)

	code, out, _ = ask("say", "lead-review")
	require.Zero(t, code)
	require.Contains(t, out, "Look at the first contact")
	require.Contains(t, out, "the role “Sales director”")

	write("process: lead-review\nrecord: lead\nsteps: [{aprove: X}]\n")
	code, out, _ = ask("diff", path)
	require.Equal(t, 1, code)
	require.Contains(t, out, "lead-review.yaml:3:10: unknown step kind `aprove`")
	for _, of := range []string{"show", "say"} {
		code, _, said = ask(of, "no-such-process")
		require.Equal(t, 1, code)
		require.Contains(t, said, "no process no-such-process is published")
	}
	write("process: visit\ntitle: Visit\nrecord: lead\nstart: {by: [role:sales]}\nsteps:\n  - end: done\n")
	code, out, _ = ask("diff", path)
	require.Equal(t, 1, code)
	require.Contains(t, out, "--- process visit, not published\n+++ process visit, these files\n")
}
