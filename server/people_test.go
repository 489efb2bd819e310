package server

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// Each refusal says at which field; nothing is changed by it. Imports come in any order: a head, an executive or a manager may come later; a department, a role or a parent may not.
func TestTheDirectoryRefusesWhatPointsNowhere(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.as("deng.rui")
	person := func(more map[string]any) map[string]any {
		body := map[string]any{"user": "new.one", "name": "新人"}
		for name, value := range more {
			body[name] = value
		}
		return body
	}
	admin.post("/users", map[string]any{}).field(process.CodeFieldRequired, "user")
	admin.post("/users", map[string]any{"id": "x"}).field(process.CodeFieldRequired, "name")
	admin.post("/users", person(map[string]any{"department": "none"})).field(process.CodeFieldInvalid, "department")
	admin.post("/users", person(map[string]any{"roles": []string{"sales", "none"}})).field(process.CodeFieldInvalid, "roles")
	admin.post("/users", person(map[string]any{"manager": "new.one"})).field(process.CodeFieldInvalid, "manager")
	for _, role := range []string{"none@north", "sales@", "sales@ ", "sales@*", "sales@" + strings.Repeat("x", 101), "@north", ""} {
		admin.post("/users", person(map[string]any{"roles": []string{role}})).field(process.CodeFieldInvalid, "roles")
	}
	for _, email := range []string{"li.na", "li na@example.com", "@example.com", "li.na@", "Li <li@example.com>", "a@b@c"} {
		admin.post("/users", person(map[string]any{"email": email})).field(process.CodeFieldInvalid, "email")
	}
	admin.post("/users", person(map[string]any{"calendar": "none"})).field(process.CodeFieldInvalid, "calendar")
	admin.post("/users", person(map[string]any{"password": "short"})).field(process.CodeFieldInvalid, "password")
	admin.post("/users", person(map[string]any{"language": "de"})).field(process.CodeFieldInvalid, "language")
	admin.post("/users", person(map[string]any{"id": "other"})).field(process.CodeFieldInvalid, "id")
	admin.post("/users", person(map[string]any{"user": "no spaces"})).field(process.CodeFieldInvalid, "user")
	admin.post("/users", person(nil)).ok()
	admin.post("/users", person(nil)).refused(codeAlreadyExists)
	admin.post("/departments", map[string]any{"id": "lab", "name": "Lab", "parent": "none"}).field(process.CodeFieldInvalid, "parent")
	admin.post("/departments", map[string]any{"id": "lab", "name": "Lab", "calendar": "none"}).field(process.CodeFieldInvalid, "calendar")
	admin.post("/departments", map[string]any{"id": "lab", "name": "Lab", "head": "comes.later", "in_charge": "comes.later"}).ok()
	admin.patch("/users/new.one", map[string]any{"email": "none"}).field(process.CodeFieldInvalid, "email")
	admin.patch("/users/new.one", map[string]any{"department": "none", "title": "Boss"}).field(process.CodeFieldInvalid, "department")
	kept := admin.get("/users?id=new.one").items()[0]
	require.Equal(t, []any{nil, nil, nil, ""}, []any{kept["email"], kept["manager"], kept["department"], kept["title"]}, "a refusal changes nothing")
	admin.patch("/users/new.one", map[string]any{"email": "李@例子.cn", "manager": "li.na"}).ok()
	admin.post("/departments", map[string]any{"id": "lab", "name": "Lab"}).refused(codeAlreadyExists)
	admin.post("/roles", map[string]any{"id": "r", "name": "R", "users": []string{"none"}}).field(process.CodeFieldInvalid, "users")
	admin.post("/roles", map[string]any{"id": "r", "name": "R", "for": map[string]any{"north": []string{"none"}}}).field(process.CodeFieldInvalid, "for")
	admin.post("/roles", map[string]any{"id": "r", "name": "R", "for": map[string]any{" ": []string{"li.na"}}}).field(process.CodeFieldInvalid, "for")
	admin.patch("/roles/sales", map[string]any{"users": []string{"none"}}).field(process.CodeFieldInvalid, "users")
	admin.patch("/groups/board", map[string]any{"members": []string{}}).refused(process.CodeNotFound)
	admin.post("/groups", map[string]any{"id": "g", "name": "G", "members": []string{"none"}}).field(process.CodeFieldInvalid, "members")
	admin.post("/roles", map[string]any{"id": "sales", "name": "Again"}).refused(codeAlreadyExists)
}

// A password is written, and never read again.
func TestPasswordsAreNeverShown(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.as("deng.rui")
	body := map[string]any{"user": "new.one", "name": map[string]string{"zh": "新人", "en": "New One"}, "password": "a secret thing"}
	made := admin.keyed("k", "/users", body)
	made.ok()
	for _, raw := range [][]byte{made.raw, admin.keyed("k", "/users", body).raw, admin.get("/users").raw, admin.get("/session").raw} {
		require.NotContains(t, string(raw), "secret")
		require.NotContains(t, string(raw), "argon2")
		require.NotContains(t, strings.ToLower(string(raw)), "password")
	}
	var kept string
	require.NoError(t, b.db.Get(t.Context(), &kept, `SELECT answer::text FROM request_keys WHERE key = 'k'`))
	require.NotContains(t, kept, "argon2")
	require.Equal(t, "新人", admin.in("zh").get("/users?q=new").items()[0]["name"])
	require.Equal(t, "New One", admin.get("/users?q=new").items()[0]["name"])
}

// The same key has one effect and one answer; with another request it is refused; another caller's key is another key.
func TestKeysOfTheDirectory(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.as("deng.rui")
	group := map[string]any{"id": "board", "name": "Board"}
	first := admin.keyed("one", "/groups", group)
	require.Equal(t, first.ok(), admin.keyed("one", "/groups", group).ok())
	admin.keyed("one", "/groups", map[string]any{"id": "other", "name": "Board"}).refused(process.CodeKeyReused)
	admin.keyed("one", "/roles", group).refused(process.CodeKeyReused)
	admin.keyed("two", "/groups", group).refused(codeAlreadyExists)
	admin.keyed("two", "/groups", map[string]any{"id": "later", "name": "Later"}).ok()
}

// The engine's calls take keys alike: a decision sent twice is one decision.
func TestKeysOfDecisions(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager := b.as("li.na"), b.as("chen.jie")
	body := map[string]any{"process": "lead-review", "with": lead("0001")}
	first := owner.keyed("s", "/cases", body).ok()
	require.Equal(t, first["id"], owner.keyed("s", "/cases", body).ok()["id"])
	require.Len(t, owner.get("/cases").items(), 1)
	path := "/tasks/" + openTask(first) + "/approve"
	decided := manager.keyed("d", path, nil).ok()
	require.Equal(t, decided, manager.keyed("d", path, nil).ok())
	manager.keyed("d", path, map[string]any{"comment": "x"}).refused(process.CodeKeyReused)
	closed := manager.post(path, nil).refused(process.CodeTaskClosed)
	require.Equal(t, []any{"chen.jie", "approved"}, []any{closed["decided_by"], closed["outcome"]})
	require.Regexp(t, `\+08:00$`, closed["decided_at"])
	record := map[string]any{"fields": lead("0009")}
	require.Equal(t, owner.keyed("r", "/records/lead", record).ok()["id"], owner.keyed("r", "/records/lead", record).ok()["id"])
}
