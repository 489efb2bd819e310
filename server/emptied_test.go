package server

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const watched = `process: watched
title: {zh: 值守, en: Watched}
record: lead
number: "WA{0000}"
start: {by: [role:sales]}
steps:
  - {id: look, approve: {zh: 看, en: Look}, by: {role: watch}, if_none: {to: {user: zhou.min}}}
  - {id: twice, approve: {zh: 两人看, en: Two look}, by: [{role: watch}, {role: watch}], mode: all}
  - end: approved
`

// A role that has nobody any more, or only those who have answered, leaves no task with nobody: when a worker looks at the case, the rule of the step decides.
func TestATaskOfARoleThatWasEmptiedIsGivenToSomebody(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin, yue := b.as("deng.rui"), b.as("he.yue")
	holders := func(users ...string) {
		admin.patch("/roles/watch", map[string]any{"users": append([]string{}, users...)}).ok()
	}
	admin.post("/roles", map[string]any{"id": "watch", "name": "Watch", "users": []string{"he.yue", "song.jia"}}).ok()
	b.publish("watched.yaml", watched)
	start := func(n string) string {
		return b.as("li.na").post("/cases", map[string]any{"process": "watched", "with": lead(n)}).ok()["id"].(string)
	}
	one, two := start("0001"), start("0002")
	yue.does(two, "look", "approve", nil)
	asked := func(id string) (who []any) {
		for _, o := range admin.get("/cases/" + id).ok()["open"].([]any) {
			who = append(who, o.(map[string]any)["who"].([]any)...)
		}
		return who
	}
	events := func(id string) int { return len(admin.get("/cases/" + id + "/timeline").items()) }
	lookAgain := func() { require.NoError(t, b.s.engine.AskAnew(t.Context(), []string{one, two})) }

	yue.does(two, "twice", "approve", nil)
	before := events(one) + events(two)
	lookAgain()
	require.Equal(t, before, events(one)+events(two), "there is somebody for each")

	holders("he.yue")
	box := func() int { return len(yue.get("/tasks?box=todo&process=watched&q=0002").items()) }
	require.Zero(t, box(), "he.yue has answered")
	lookAgain()
	require.Equal(t, 1, box(), "whoever is left may answer for both")
	require.Equal(t, "approved", yue.does(two, "twice", "approve", nil)["outcome"])

	holders()
	require.Empty(t, asked(one))
	lookAgain()
	require.Equal(t, []any{"zhou.min"}, asked(one), "as if_none says")
	before = events(one)
	lookAgain()
	require.Equal(t, before, events(one))
}
