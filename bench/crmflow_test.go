package bench

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/dev"
)

func TestFollow_TheAnswerMustNameWhatIsNext(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		made   int
		answer string
		task   string // "": refused
	}{
		"first task":    {0, `{"id": "c", "status": "running", "open": [{"task": "t1", "step": "first", "who": ["bench.one"]}]}`, "t1"},
		"next task":     {1, `{"task": {}, "case": {"id": "c", "status": "running", "open": [{"task": "t2", "step": "second", "who": ["bench.two"]}]}}`, "t2"},
		"still the old": {1, `{"case": {"id": "c", "open": [{"task": "t1", "step": "first", "who": ["bench.one"]}]}}`, ""},
		"with another":  {1, `{"case": {"id": "c", "open": [{"task": "t2", "step": "second", "who": ["bench.one"]}]}}`, ""},
		"nothing":       {2, `{"case": {"id": "c", "status": "running", "open": []}}`, ""},
		"not ended":     {3, `{"case": {"id": "c", "status": "running", "open": []}}`, ""},
		"rejected":      {3, `{"case": {"id": "c", "status": "ended", "outcome": "rejected", "open": []}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var a answer
			require.NoError(t, json.Unmarshal([]byte(c.answer), &a))
			open := &openCase{id: "c", made: c.made}
			err := open.follow(a.about())
			require.Equal(t, c.task == "", err != nil, "%v", err)
			require.Equal(t, c.task, open.task)
		})
	}
	require.NoError(t, (&openCase{id: "c", made: 3}).follow(caseAnswer{Status: "ended", Outcome: "approved"}))
}

func TestAdministrator_IsFoundByRole(t *testing.T) {
	t.Parallel()
	got, err := administrator([]dev.User{{User: "li.na", Roles: []string{"sales"}}, {User: "deng.rui", Roles: []string{"it", "administrator"}}})
	require.NoError(t, err)
	require.Equal(t, "deng.rui", got.User)
	_, err = administrator(nil)
	require.Error(t, err)
}

func TestAPI_SendsKeysAndTokensAndSaysWhatWasRefused(t *testing.T) {
	t.Parallel()
	var seen []*http.Request
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		seen = append(seen, r)
		switch r.URL.Path {
		case "/api/v1/session":
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "s"})
		case "/api/v1/tokens":
			_, _ = w.Write([]byte(`{"token": "bearer-1"}`))
		default:
			w.WriteHeader(http.StatusConflict)
			_, _ = w.Write([]byte(`{"code": "task_closed"}`))
		}
	}))
	defer srv.Close()
	a := api{url: srv.URL, http: newHTTPClient(), keys: &keys{run: "x"}}
	token, err := a.signIn(t.Context(), "li.na", "secret")
	require.NoError(t, err)
	require.Equal(t, "bearer-1", token)
	cookie, err := seen[1].Cookie("session")
	require.NoError(t, err)
	require.Equal(t, "s", cookie.Value)

	err = a.as(token).post(t.Context(), "/tasks/t/approve", map[string]string{}, nil)
	require.ErrorContains(t, err, `POST /api/v1/tasks/t/approve answers 409: {"code": "task_closed"}`)
	require.Equal(t, "Bearer bearer-1", seen[2].Header.Get("Authorization"))
	require.NotEmpty(t, seen[2].Header.Get("Idempotency-Key"))
	require.NotEqual(t, seen[1].Header.Get("Idempotency-Key"), seen[2].Header.Get("Idempotency-Key"))
}
