package server

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// testdata/rules.txt lists every route with its rule, so that a new one, or a looser one, is seen in review.
func TestRulesAreWhatIsCommitted(t *testing.T) {
	t.Parallel()
	s := New(Options{Dev: true})
	var lines []string
	for _, r := range s.rules {
		require.NotEmpty(t, r.rule, "%s %s has no rule", r.method, r.path)
		lines = append(lines, fmt.Sprintf("%-6s %-45s %s", r.method, r.path, r.rule))
	}
	slices.Sort(lines)
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile("testdata/rules.txt", []byte(got), 0o644))
	}
	committed, err := os.ReadFile("testdata/rules.txt")
	require.NoError(t, err)
	require.Equal(t, string(committed), got, "a rule changed: look at it, then run: go test ./server -run Rules -update")
	require.Equal(t, len(s.router.Routes()), len(s.rules), "a route was registered beside the helpers")
}

// A route that forgot its rule, or has one that isn't known, is closed to everybody.
func TestARouteWithoutARuleIsClosed(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	for i, r := range []rule{"", "whoever"} {
		add(b.s, route{method: "GET", path: fmt.Sprintf("/forgotten/%d", i), rule: r, id: fmt.Sprint("forgotten", i)}, b.s.signOut)
		b.as("deng.rui").get(fmt.Sprintf("/forgotten/%d", i)).refused(process.CodeForbidden)
		b.nobody().get(fmt.Sprintf("/forgotten/%d", i)).refused(codeUnauthenticated)
	}
}

// Until there are rights documents: the owner, whoever made it, whoever stands above the owner, whoever is or was asked in a case on it, administrators.
func TestWhoSeesARecordAndItsCase(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	c := b.as("li.na").startCase("0001")
	record := "/records/lead/" + c["record"].(map[string]any)["id"].(string)
	kase := "/cases/" + c["id"].(string)
	task := "/tasks/" + openTask(c)
	for _, p := range []struct {
		user string
		sees bool
		why  string
	}{
		{"li.na", true, "owner"}, {"chen.jie", true, "asked, and her manager"}, {"zhou.min", true, "above the manager"}, {"wang.jianguo", true, "at the top of the line"},
		{"deng.rui", true, "administrator"}, {"sun.peng", false, "a colleague"}, {"huang.zhiwei", false, "another region's manager"}, {"liang.hong", false, "finance, not asked yet"},
	} {
		who := b.as(p.user)
		for _, path := range []string{record, record + "/history", kase, kase + "/timeline", kase + "/requests", task} {
			if p.sees {
				require.Less(t, who.get(path).status, 300, "%s (%s) %s", p.user, p.why, path)
			} else {
				who.get(path).refused(process.CodeNotFound)
			}
		}
		require.Equal(t, p.sees, len(who.get("/records/lead").items()) == 1, "list of records: %s (%s)", p.user, p.why)
		require.Equal(t, p.sees, len(who.get("/cases").items()) == 1, "list of cases: %s (%s)", p.user, p.why)
	}
	b.as("deng.rui").post(task+"/assign", map[string]any{"to": "liang.hong", "comment": "x"}).ok()
	b.as("liang.hong").get(record).ok()
	b.as("liang.hong").post(task+"/approve", nil).ok()
	b.as("liang.hong").get(kase).ok()
	require.Len(t, b.as("liang.hong").get("/tasks?box=done").items(), 1)
	require.Len(t, b.as("li.na").get("/tasks?box=started").items(), 1)
	require.Equal(t, openTask(b.as("li.na").get(kase).ok()), b.as("li.na").get("/tasks?box=todo").items()[0]["id"], "the next step is hers")
}

// A department without a manager of its own people is under its head, and under the heads above.
func TestHeadsStandAboveWhoHasNoManager(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.as("deng.rui")
	admin.patch("/users/li.na", map[string]any{"manager": ""}).ok()
	admin.patch("/users/chen.jie", map[string]any{"manager": ""}).ok()
	made := b.as("li.na").post("/records/lead", map[string]any{"fields": lead("0001")}).ok()
	path := "/records/lead/" + made["id"].(string)
	for user, sees := range map[string]bool{"chen.jie": true, "zhou.min": true, "wang.jianguo": true, "huang.zhiwei": false, "sun.peng": false} {
		require.Equal(t, sees, b.as(user).get(path).status == 200, user)
	}
}

func TestWhoMayActAndChange(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	c := b.as("li.na").startCase("0001")
	task := "/tasks/" + openTask(c)
	record := "/records/lead/" + c["record"].(map[string]any)["id"].(string)
	b.as("sun.peng").post(task+"/approve", nil).refused(process.CodeNotYourTask)
	b.as("li.na").post(task+"/approve", nil).refused(process.CodeNotYourTask)
	b.as("li.na").post(task+"/assign", map[string]any{"to": "sun.peng", "comment": "x"}).refused(process.CodeForbidden)
	b.as("deng.rui").post(task+"/approve", nil).refused(process.CodeCommentRequired)
	fields := map[string]any{"fields": map[string]any{"need": "pumps"}}
	b.as("chen.jie").patch(record, fields).refused(process.CodeForbidden)
	b.as("sun.peng").patch(record, fields).refused(process.CodeNotFound)
	b.as("qian.wei").post("/records/lead", map[string]any{"fields": lead("0002")}).refused(process.CodeForbidden)
	b.as("qian.wei").post("/cases", map[string]any{"process": "lead-review", "with": lead("0002")}).refused(process.CodeForbidden)
	b.as("qian.wei").post("/cases", map[string]any{"process": "lead-review", "record": c["record"]}).refused(process.CodeFieldInvalid)
	b.as("li.na").post("/users", map[string]any{"user": "x", "name": "x"}).refused(process.CodeForbidden)
	b.as("li.na").post("/definitions", map[string]any{"files": []any{}}).refused(process.CodeForbidden)
	for _, path := range []string{"/tasks", "/cases", "/users", "/records/lead", "/notifications", "/definitions", "/dev/messages"} {
		b.nobody().get(path).refused(codeUnauthenticated)
	}
	require.Empty(t, b.as("wang.jianguo").get(task).ok()["actions"], "who may only look has no button")
	require.Contains(t, b.as("deng.rui").get(task).ok()["actions"], "assign")
}

// Nobody walks around the gates: a value that only a process may write isn't written by a PATCH.
func TestNobodyPatchesALeadIntoACustomer(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	made := b.as("li.na").post("/records/lead", map[string]any{"fields": lead("0001")}).ok()
	path := "/records/lead/" + made["id"].(string)
	b.as("li.na").patch(path, map[string]any{"fields": map[string]any{"status": "customer"}}).field(process.CodeFieldNotWritable, "status")
	b.as("deng.rui").patch(path, map[string]any{"fields": map[string]any{"status": "customer"}}).field(process.CodeFieldNotWritable, "status")
	b.as("li.na").patch(path, map[string]any{"fields": map[string]any{"status": "lost"}}).ok()
}
