package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const erpSecret = "Bearer e2e-secret-of-the-erp"

// The worker dies by a kill while a system takes its time to answer: the next one sends the same key, and the case moves once. The secret that the call
// carries is found nowhere else.
func TestRequestOutlivesItsWorker(t *testing.T) {
	t.Parallel()
	needStack(t)
	calls := make(chan *http.Request, 10)
	release := make(chan struct{})
	erp := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls <- r
		select {
		case <-r.Context().Done():
		case <-release:
			_, _ = fmt.Fprint(w, `{"title": "as the system calls it"}`)
		}
	}))
	t.Cleanup(erp.Close)
	file := filepath.Join(t.TempDir(), "systems.yaml")
	require.NoError(t, os.WriteFile(file, []byte(fmt.Sprintf(
		"systems: {e2e-erp: {url: %q, timeout: 60s, allow_private: true, headers: {authorization: \"env:E2E_ERP\"}}}", erp.URL)), 0o600))
	s := startWith(t, options{name: t.Name(), args: []string{"--empty"}, env: []string{"CRMFLOW_SYSTEMS=" + file, "E2E_ERP=" + erpSecret}})
	admin, err := s.administrator()
	require.NoError(t, err)
	people := hire(t, s, admin, [2]string{"e2e.sender"})
	publish(t, admin, definitions(t, "e2e-slip", "e2e-always", "e2e-request"))

	c, err := people["e2e.sender"].post("ask", "/cases", map[string]any{"process": "e2e-request", "with": map[string]any{"title": t.Name()}}).caseOf()
	require.NoError(t, err)
	first := <-calls
	_, err = s.kill("worker")
	require.NoError(t, err)
	second := <-calls
	close(release)
	require.NoError(t, eventually(recovered, "the case has ended", func() (bool, error) {
		is, err := admin.caseNow(c.ID)
		return is.Outcome == "approved", err
	}))
	require.Equal(t, first.Header.Get("Idempotency-Key"), second.Header.Get("Idempotency-Key"))
	require.NotEmpty(t, first.Header.Get("Idempotency-Key"))
	require.Equal(t, erpSecret, second.Header.Get("Authorization"))
	timeline, err := admin.timeline(c.ID)
	require.NoError(t, err)
	answered := 0
	for _, e := range timeline {
		if e.Event == "answered" {
			answered++
		}
	}
	require.Equal(t, 1, answered, "%s", say(timeline))
	require.NoError(t, erpSecretIsNowhere(s))
}

// erpSecretIsNowhere looks for the secret in everything that the stack has logged.
func erpSecretIsNowhere(s *stack) error {
	logs, err := filepath.Glob(filepath.Join(s.data, "log", "*.log"))
	if err != nil || len(logs) == 0 {
		return errors.Join(err, errors.New("no logs"))
	}
	for _, log := range append(logs, s.log) {
		text, err := os.ReadFile(log)
		if err != nil {
			return err
		}
		if strings.Contains(string(text), erpSecret) {
			return fmt.Errorf("%s holds the secret", log)
		}
	}
	return nil
}
