package server

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

const copying = `process: sample-copy
title: {zh: 抄送示例, en: With copies}
record: lead
number: "CO{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
copy: [{to: {user: zhou.min}, at: start}]
steps:
  - id: look
    approve: {zh: 看一看, en: Have a look}
    by: {user: chen.jie}
    copy: [{to: {user: liang.hong}, at: here}]
  - end: done
`

// copies lets people have copies, and read them.
func copies(b *bundle, admin person) {
	admin.post("/definitions", map[string]any{"files": []map[string]any{{"path": "copy.yaml", "content": copying}}}).ok()
	b.as("sun.peng").post("/cases", map[string]any{"process": "sample-copy", "with": lead("0030")}).ok()
	mine := b.as("zhou.min").get("/tasks?box=copied").items()
	require.Len(b, mine, 1)
	b.as("zhou.min").post("/tasks/"+mine[0]["id"].(string)+"/read", nil).ok()
	require.Len(b, b.as("zhou.min").get("/tasks/counts").ok()["boxes"], 5)
}

// box is the count of one of somebody's boxes.
func (p person) box(name string) map[string]any {
	p.Helper()
	for _, one := range p.get("/tasks/counts").ok()["boxes"].([]any) {
		if one := one.(map[string]any); one["box"] == name {
			return one
		}
	}
	require.Fail(p, "no such box", name)
	return nil
}

// A copy is there to be read: it stands in the copied box of whoever it is for, read or not, and nowhere else.
func TestACopyIsReadAndHoldsNothingUp(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin, initiator, director, quality, manager := b.as("deng.rui"), b.as("sun.peng"), b.as("zhou.min"), b.as("liang.hong"), b.as("chen.jie")
	admin.post("/definitions", map[string]any{"files": []map[string]any{{"path": "copy.yaml", "content": copying}}}).ok()
	c := initiator.post("/cases", map[string]any{"process": "sample-copy", "with": lead("0001")}).ok()
	id := c["id"].(string)
	require.Len(t, c["open"], 1, "copies are none of the case's open tasks")

	for _, who := range []person{director, quality} {
		copied := who.get("/tasks?box=copied").items()
		require.Len(t, copied, 1)
		one := copied[0]
		require.Equal(t, []any{"copy", "open", who.user, []any{"read"}, []any{}, false}, []any{one["kind"], one["status"], one["assignee"], one["actions"], one["outcomes"], one["overdue"]})
		require.Empty(t, who.get("/tasks?box=todo&process=sample-copy").items())
		require.Equal(t, map[string]any{"box": "copied", "count": 1.0, "more": false, "overdue": 0.0}, who.box("copied"))
		require.Equal(t, one["id"], who.get("/tasks/" + one["id"].(string)).ok()["id"])
		require.Equal(t, id, who.get("/cases/" + id).ok()["id"], "who has a copy may see the case")
		told := who.get("/notifications").items()[0]
		require.Equal(t, []any{"copied", one["id"]}, []any{told["about"], told["task"]})
	}
	require.Equal(t, "Have a look", quality.get("/tasks?box=copied").items()[0]["title"])
	require.Len(t, initiator.get("/tasks?box=started").items(), 1, "the started box holds work, no copies")

	task := director.get("/tasks?box=copied").items()[0]["id"].(string)
	quality.post("/tasks/"+task+"/read", nil).refused(process.CodeNotYourTask)
	quality.post("/tasks/"+openTask(c)+"/read", nil).refused(process.CodeNotYourTask)
	require.Equal(t, "open", manager.post("/tasks/"+openTask(c)+"/read", nil).ok()["task"].(map[string]any)["status"], "a task is opened, and still to be done")
	director.post("/tasks/none/read", nil).refused(process.CodeNotFound)
	director.post("/tasks/"+task+"/approve", nil)
	require.Equal(t, "open", director.get("/tasks/" + task).ok()["status"], "there is nothing to decide about a copy")

	read := director.keyed("k", "/tasks/"+task+"/read", nil).ok()
	again := director.keyed("k", "/tasks/"+task+"/read", nil).ok()
	require.Equal(t, read, again)
	once := read["task"].(map[string]any)
	require.Equal(t, []any{"closed", "read", "zhou.min"}, []any{once["status"], once["outcome"], once["decided_by"]})
	require.Len(t, read["case"].(map[string]any)["open"], 1)
	later := director.post("/tasks/"+task+"/read", nil).ok()["task"].(map[string]any)
	require.Equal(t, once["decided_at"], later["decided_at"], "it is read once")
	require.Equal(t, 0.0, director.box("copied")["count"])
	require.Equal(t, "closed", director.get("/tasks?box=copied").items()[0]["status"], "what was read stays in the box")
	require.Empty(t, director.get("/tasks?box=done").items(), "reading is no decision")
	require.Empty(t, director.get("/tasks?box=copied&overdue=true").items())
	require.Len(t, director.get("/tasks?box=copied&overdue=false").items(), 1)
	require.Len(t, director.get("/tasks?box=copied&q="+url.QueryEscape("天汇")).items(), 1)

	manager.post("/tasks/"+openTask(c)+"/approve", nil).ok()
	require.Equal(t, "done", manager.get("/cases/" + id).ok()["outcome"], "a copy that nobody has read doesn't hold the case")
	require.Len(t, quality.get("/tasks?box=copied").items(), 1)
}

func TestBoxesAreCounted(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager := b.as("li.na"), b.as("chen.jie")
	late := owner.startCase("0001")
	require.NoError(t, b.db.SetClock(t.Context(), time.Now(), began.AddDate(0, 0, 2), 1))
	owner.startCase("0002")
	require.Equal(t, map[string]any{"box": "todo", "count": 2.0, "more": false, "overdue": 1.0}, manager.box("todo"))
	mine := func(tasks, cases, late float64) map[string]any {
		return map[string]any{"box": "started", "count": tasks, "more": false, "overdue": late, "cases": map[string]any{"count": cases, "more": false, "overdue": late}}
	}
	require.Equal(t, mine(2, 2, 1), owner.box("started"))
	require.Equal(t, 0.0, owner.box("todo")["count"])
	manager.post("/tasks/"+openTask(late)+"/approve", nil).ok()
	require.Equal(t, map[string]any{"box": "done", "count": 1.0, "more": false, "overdue": 1.0}, manager.box("done"))
	require.Equal(t, 0.0, manager.box("todo")["overdue"])
}

// What is typed is found wherever it stands: in the number, the subject, or any text of the record; whatever its case and width.
func TestTextIsFoundAnywhere(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager := b.as("li.na"), b.as("chen.jie")
	fields := lead("7788")
	fields["contact"], fields["need"] = "欧阳 Ｗei", "两台 100% 卧式泵"
	c := owner.post("/cases", map[string]any{"process": "lead-review", "with": fields}).ok()
	owner.startCase("0002")
	for typed, n := range map[string]int{
		c["number"].(string): 1, "天汇": 2, "欧阳": 1, "欧阳 wei": 1, "阳 wei": 0, "WEI 欧": 1, "ｗＥi": 1, "7788": 1, "788": 1, "55507788": 1, "欧": 1, "阳": 0, "100%": 1, "%": 0, "10_": 0,
		"欧阳 Xu": 0, "天汇 7788": 1, "nobody": 0, "Min": 1,
	} {
		q := "q=" + url.QueryEscape(typed)
		asked := n
		if typed == "55507788" {
			asked = 0 // of the phone, which is masked for the manager
		}
		require.Len(t, manager.get("/tasks?"+q).items(), asked, "tasks with %q", typed)
		require.Len(t, owner.get("/tasks?box=started&"+q).items(), n, "started with %q", typed)
		require.Len(t, owner.get("/cases?"+q).items(), n, "cases with %q", typed)
		if typed != c["number"].(string) {
			require.Len(t, owner.get("/records/lead?"+q).items(), n, "records with %q", typed)
		}
	}
	require.Len(t, owner.get("/tasks?box=started&q="+url.QueryEscape("天汇")+"&record="+c["record"].(map[string]any)["id"].(string)).items(), 1)
	manager.post("/tasks/"+openTask(c)+"/approve", nil).ok()
	require.Len(t, manager.get("/tasks?box=done&q="+url.QueryEscape("欧阳")).items(), 1)
	for typed, id := range map[string]string{"na li.n": "li.na", "娜": "", "李": "li.na", "LI.NA": "li.na"} {
		var found []string
		for _, u := range owner.get("/users?q=" + url.QueryEscape(typed)).items() {
			found = append(found, fmt.Sprint(u["id"]))
		}
		if id == "" {
			require.Empty(t, found, "%q: one character begins a name", typed)
			continue
		}
		require.Contains(t, found, id, typed)
	}
}
