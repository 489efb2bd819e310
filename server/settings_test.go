package server

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

func TestOnesOwnLanguage(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na").in("")
	require.Equal(t, "李娜", owner.patch("/session", map[string]any{"language": "zh"}).ok()["name"])
	require.Equal(t, "Li Na", owner.patch("/session", map[string]any{"language": "en"}).ok()["name"], "answered in it at once")
	require.Equal(t, "en", owner.patch("/session", map[string]any{}).ok()["language"], "what is left out stays")
	owner.patch("/session", map[string]any{"language": "fr"}).field(process.CodeFieldInvalid, "language")
	owner.patch("/session", map[string]any{"roles": []string{"administrator"}}).refused(process.CodeFieldInvalid)
}

// Who changes their password stays signed in where they are, and nowhere else.
func TestOnesOwnPassword(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	here, elsewhere := b.as("li.na"), b.as("li.na")
	change := map[string]any{"current": "crmflow-demo", "new": "a longer secret"}
	require.Equal(t, http.StatusNoContent, here.post("/session/password", change).status)
	here.get("/session").ok()
	elsewhere.get("/session").refused(codeUnauthenticated)
	require.Equal(t, http.StatusNoContent, here.post("/session/password", change).status, "sent twice, it was done")
	b.nobody().post("/session", signIn("li.na", "crmflow-demo")).refused(codeUnauthenticated)
	b.nobody().post("/session", signIn("li.na", "a longer secret")).ok()
	here.post("/session/password", map[string]any{"current": "a longer secret", "new": "short"}).field(process.CodeFieldInvalid, "new")
}

// A browser left open is not enough to find out the password: guesses are throttled as they are at the door.
func TestTheOwnPasswordIsNotGuessed(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na")
	guess := map[string]any{"current": "guess", "new": "another guess"}
	for range failuresAllowed {
		owner.post("/session/password", guess).field(process.CodeFieldInvalid, "current")
	}
	owner.post("/session/password", guess).refused(process.CodeTooMany)
	b.as("sun.peng").post("/session/password", map[string]any{"current": "crmflow-demo", "new": "a longer secret"})
}
