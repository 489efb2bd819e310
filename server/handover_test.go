package server

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// naming is a chain that names li.na, also further on.
const naming = `process: naming
title: {zh: 点名, en: Naming}
record: lead
number: "NA{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - {id: first, approve: First, by: {user: chen.jie}}
  - {id: named, approve: Named, by: {user: li.na}, due: 2 working days}
  - {id: last, task: Last, by: initiator}
  - end: done
`

// theirs is what a handover lists, by kind.
func theirs(a answer) map[string]int {
	a.Helper()
	out := map[string]int{}
	for _, item := range a.ok()["items"].([]any) {
		if i := item.(map[string]any); i["count"].(float64) > 0 {
			out[i["what"].(string)] = int(i["count"].(float64))
		}
	}
	return out
}

// moveAll does what a worker does.
func (b *bundle) moveAll() {
	b.Helper()
	for more := true; more; {
		var err error
		more, err = b.s.engine.HandOver(b.Context())
		require.NoError(b, err)
	}
}

// li.na has something of everything: tasks, a turn to come, cases, records, a group, people and a department to lead, somebody to stand in for.
func liNaHasALot(b *bundle) {
	b.Helper()
	admin, owner, manager := b.as("deng.rui"), b.as("li.na"), b.as("chen.jie")
	b.publish("naming.yaml", naming)
	returned := owner.startCase("0001")
	manager.post("/tasks/"+openTask(returned)+"/return", map[string]any{"comment": "thin"}).ok()
	owner.startCase("0002")
	named := b.as("emma.clark").post("/cases", map[string]any{"process": "naming", "with": lead("0003")}).ok()
	manager.post("/tasks/"+openTask(named)+"/approve", nil).ok()
	coming := b.as("emma.clark").post("/cases", map[string]any{"process": "naming", "with": lead("0004")}).ok()
	manager.post("/tasks/"+openTask(coming)+"/add-approver", map[string]any{"people": []string{"li.na"}, "where": "after", "comment": "her view too"}).ok()
	admin.post("/groups", map[string]any{"id": "board", "name": "Board", "members": []string{"li.na", "sun.peng"}}).ok()
	admin.patch("/users/he.yue", map[string]any{"manager": "li.na"}).ok()
	admin.patch("/users/sun.peng", map[string]any{"manager": "he.yue", "position": ""}).ok()
	admin.patch("/departments/sales-south", map[string]any{"head": "li.na"}).ok()
	admin.post("/absences", map[string]any{"user": "emma.clark", "from": "2026-10-10", "stand_in": "li.na"}).ok()
	admin.post("/absences", map[string]any{"user": "sun.peng", "from": "2026-11-10", "to": "2026-11-11", "stand_in": "li.na"}).ok()
	owner.post("/absences", map[string]any{"from": "2026-12-10", "stand_in": "zheng.kai"}).ok()
}

// Semantics 15.
func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.as("deng.rui")
	liNaHasALot(b)
	leaver := b.as("li.na")
	all := map[string]int{"tasks": 2, "assignments": 1, "initiator": 2, "records": 2, "roles": 1, "groups": 1, "positions": 1, "departments": 1, "people": 1, "absences": 3, "definitions": 1}
	body := map[string]any{"to": "sun.peng", "comment": "leaves at the end of the month"}

	preview := admin.post("/users/li.na/handover?preview=true", map[string]any{"to": "sun.peng"})
	require.Equal(t, all, theirs(preview))
	require.Equal(t, []any{nil, "preview"}, []any{preview.body["id"], preview.body["status"]})
	require.Equal(t, "li.na", leaver.get("/session").ok()["id"], "a preview changes nothing")
	require.Len(t, leaver.get("/tasks?box=todo").items(), 2)
	admin.get("/users/li.na/handover").refused(process.CodeNotFound)

	done := admin.keyed("k", "/users/li.na/handover", body)
	require.Equal(t, all, theirs(done))
	require.Equal(t, "running", done.body["status"])
	leaver.get("/session").refused(codeUnauthenticated)
	asked := b.as("emma.clark").post("/cases", map[string]any{"process": "naming", "with": lead("0005")}).ok()
	next := b.as("chen.jie").post("/tasks/"+openTask(asked)+"/approve", nil).ok()["case"].(map[string]any)["open"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"sun.peng"}, next["who"], "at once, before anything has been moved")

	b.moveAll()
	now := admin.get("/users/li.na/handover")
	require.Equal(t, map[string]int{"definitions": 1}, theirs(now), "nothing is left behind but what a text says")
	require.Equal(t, []any{"done", 0.0}, []any{now.body["status"], now.body["failed"]})
	require.Equal(t, map[string]any{"cases": 4.0, "records": 2.0}, now.body["moved"])
	require.Equal(t, done.ok(), admin.keyed("k", "/users/li.na/handover", body).ok(), "the same request has one effect")

	successor := b.as("sun.peng")
	require.Len(t, successor.get("/tasks?box=todo").items(), 3)
	require.Len(t, successor.get("/records/lead?owner=sun.peng").items(), 2)
	require.Len(t, successor.get("/cases?initiator=me").items(), 2)
	me := successor.get("/users?id=sun.peng").items()[0]
	require.Equal(t, []any{"chen.jie", "sales-representative"}, []any{b.manager("sun.peng"), me["position"]})
	require.Equal(t, "sun.peng", b.manager("he.yue"))
	standIns := map[string]any{}
	for _, a := range admin.get("/absences").items() {
		standIns[a["user"].(string)] = a["stand_in"]
	}
	require.Equal(t, map[string]any{"emma.clark": "sun.peng", "sun.peng": nil}, standIns, "nobody stands in for themselves")
}

// manager is whom somebody has as a manager.
func (b *bundle) manager(user string) string {
	b.Helper()
	manager, _ := b.as("deng.rui").get("/users?id=" + user).items()[0]["manager"].(string)
	return manager
}

// Each kind may go to somebody else, and what comes back later moves by another handover.
func TestAHandoverGoesToNamedSuccessorsAndAgain(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.as("deng.rui")
	liNaHasALot(b)
	body := map[string]any{"to": "sun.peng", "instead": map[string]string{"records": "emma.clark", "initiator": "zheng.kai"}, "comment": "leaves"}
	admin.post("/users/li.na/handover", body).ok()
	b.moveAll()
	require.Len(t, b.as("emma.clark").get("/records/lead?owner=emma.clark").items(), 4)
	require.Len(t, b.as("zheng.kai").get("/cases?initiator=me").items(), 2)
	require.Len(t, b.as("sun.peng").get("/tasks?box=todo").items(), 2)

	admin.post("/users/sun.peng/handover", map[string]any{"to": "wu.xiaoling", "comment": "leaves too"}).ok()
	b.moveAll()
	require.Len(t, b.as("wu.xiaoling").get("/tasks?box=todo").items(), 2)
	c := b.as("emma.clark").post("/cases", map[string]any{"process": "naming", "with": lead("0009")}).ok()
	open := b.as("chen.jie").post("/tasks/"+openTask(c)+"/approve", nil).ok()["case"].(map[string]any)["open"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"wu.xiaoling"}, open["who"], "who took a place hands that on as well")

	admin.patch("/users/li.na", map[string]any{"active": true}).ok()
	d := b.as("emma.clark").post("/cases", map[string]any{"process": "naming", "with": lead("0010")}).ok()
	open = b.as("chen.jie").post("/tasks/"+openTask(d)+"/approve", nil).ok()["case"].(map[string]any)["open"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"li.na"}, open["who"], "who comes back is asked again")
	again := admin.post("/users/li.na/handover", map[string]any{"to": "wu.xiaoling", "comment": "leaves again"})
	require.Equal(t, 1, theirs(again)["tasks"])
	b.moveAll()
	require.Equal(t, map[string]int{"definitions": 1}, theirs(admin.get("/users/li.na/handover")))
}

func TestAHandoverIsRefused(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.as("deng.rui")
	good := map[string]any{"to": "sun.peng", "comment": "leaves"}
	b.as("zhou.min").post("/users/li.na/handover", good).refused(process.CodeForbidden)
	b.as("zhou.min").post("/users/li.na/handover?preview=true", good).refused(process.CodeForbidden)
	b.as("zhou.min").get("/users/li.na/handover").refused(process.CodeForbidden)
	admin.post("/users/nobody.here/handover", good).refused(process.CodeNotFound)
	admin.post("/users/li.na/handover", map[string]any{"to": "sun.peng", "comment": " "}).refused(process.CodeCommentRequired)
	for _, to := range []string{"li.na", "nobody.here"} {
		admin.post("/users/li.na/handover", map[string]any{"to": to, "comment": "x"}).field(process.CodeFieldInvalid, "to")
	}
	for what, to := range map[string]string{"records": "li.na", "sorrows": "sun.peng"} {
		admin.post("/users/li.na/handover", map[string]any{"to": "sun.peng", "instead": map[string]string{what: to}, "comment": "x"}).field(process.CodeFieldInvalid, "instead."+what)
	}
	admin.post("/users/deng.rui/handover", good).field(process.CodeFieldInvalid, "user")
	require.Equal(t, "li.na", b.as("li.na").get("/session").ok()["id"], "what is refused changes nothing")

	admin.patch("/users/pan.yu", map[string]any{"roles": []string{"integrator", "administrator"}}).ok()
	other := b.as("pan.yu")
	other.post("/users/deng.rui/handover", good).ok()
	b.moveAll()
	require.NotContains(t, b.as("sun.peng").get("/session").ok()["roles"], "administrator", "that is given by name")
	other.post("/users/pan.yu/handover", good).field(process.CodeFieldInvalid, "user")
}

// However many work at it, and wherever they are stopped, each case moves once.
func TestAHandoverMovesEachCaseOnce(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	const n = 40
	var cases []string
	for i := range n {
		cases = append(cases, b.as("li.na").startCase(fmt.Sprint(2000 + i))["id"].(string))
	}
	admin := b.as("deng.rui")
	admin.post("/users/chen.jie/handover", map[string]any{"to": "zhou.min", "comment": "leaves"}).ok()
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for more := true; more; {
				var err error
				if more, err = b.s.engine.HandOver(b.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	now := admin.get("/users/chen.jie/handover").ok()
	require.Equal(t, []any{"done", 0.0, float64(n)}, []any{now["status"], now["failed"], now["moved"].(map[string]any)["cases"]})
	for _, id := range cases {
		moved := 0
		for _, e := range admin.get("/cases/" + id + "/timeline").items() {
			if e["event"] == "transferred" {
				moved++
				require.Equal(t, []any{"deng.rui", "chen.jie", "leaves"}, []any{e["by"], e["for"], e["reason"]})
			}
		}
		require.Equal(t, 1, moved, id)
	}
}
