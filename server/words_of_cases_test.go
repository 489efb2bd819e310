package server

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// stepIn finds a step of a case, of an item or of none.
func stepIn(t *testing.T, of map[string]any, step, item string) map[string]any {
	t.Helper()
	for _, one := range of["steps"].([]any) {
		s := one.(map[string]any)
		if got, _ := s["item"].(string); s["step"] == step && got == item {
			return s
		}
	}
	require.Fail(t, "no such step", "%s %s", step, item)
	return nil
}

// complained lets a complaint come to both departments.
func complained(b *bundle) (id string, sales person) {
	sales = b.as("li.na")
	lab := b.as("feng.lei")
	id = sales.post("/cases", map[string]any{"process": "complaint", "with": map[string]any{
		"customer": sales.customer("海川机械"), "product": "P-100", "defect": "裂纹"}}).ok()["id"].(string)
	sales.does(id, "register", "complete", nil)
	lab.does(id, "inspect", "claim", nil)
	lab.does(id, "inspect", "complete", lab.responsible("purchasing", "production"))
	return id, sales
}

// Whoever draws a case is told what its steps and items are called, in their language, and which step holds which.
func TestACaseSaysWhatItsStepsAreCalledAndWhereTheyStand(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	id, sales := complained(b)
	drawn := sales.in("zh").get("/cases/" + id).ok()
	require.Equal(t, "检测并判定责任部门", stepIn(t, drawn, "inspect", "")["title"])
	require.Equal(t, "task", stepIn(t, drawn, "inspect", "")["kind"])
	require.Equal(t, []any{"each", "逐项：责任部门"}, []any{stepIn(t, drawn, "find", "")["kind"], stepIn(t, drawn, "find", "")["title"]})
	cause := stepIn(t, drawn, "cause", "purchasing")
	require.Equal(t, []any{"find", "采购部", "open"}, []any{cause["inside"], cause["item_title"], cause["status"]})
	require.Equal(t, "Find the cause and the responsible department", stepIn(t, sales.get("/cases/"+id).ok(), "inspect", "")["title"])
	require.Equal(t, "Purchasing", stepIn(t, sales.get("/cases/"+id).ok(), "cause", "purchasing")["item_title"])

	clock := drawn["clocks"].([]any)[0].(map[string]any)
	require.InDelta(t, 11*8*60, clock["left_minutes"].(float64)+clock["used_minutes"].(float64), 1, "ten working days and the rest of today, in whole minutes")
	require.Contains(t, clock["because"], "10 个工作日")
	for _, listed := range sales.get("/cases").items() {
		require.NotContains(t, listed["steps"].([]any)[0].(map[string]any), "title", "lists go without")
	}
}

// A clock that stands still says for what.
func TestAStoppedClockSaysWhy(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sales, lab := b.as("li.na"), b.as("feng.lei")
	id := sales.post("/cases", map[string]any{"process": "complaint", "with": map[string]any{
		"customer": sales.customer("海川机械"), "product": "P-100", "defect": "裂纹"}}).ok()["id"].(string)
	sales.does(id, "register", "complete", nil)
	lab.does(id, "inspect", "claim", nil)
	lab.does(id, "inspect", "stop-clock", map[string]any{"reason": "waiting_for_customer", "comment": "samples"})
	require.Contains(t, sales.clock(id)["because"], "stopped since 28 September 09:0")
	require.Contains(t, sales.clock(id)["because"], "Waiting for the customer")
}

// Every entry of a timeline can be read aloud: what it names by id it gives a name.
func TestATimelineCanBeReadAloud(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	id, sales := complained(b)
	buyer := b.as("zhu.lin")
	buyer.does(id, "cause purchasing", "claim", nil)
	buyer.does(id, "cause purchasing", "complete", found("another batch"))
	var seen = map[string]bool{}
	for _, e := range sales.in("zh").get("/cases/" + id + "/timeline").items() {
		names, _ := e["names"].(map[string]any)
		for _, who := range []string{"by", "for"} {
			if id, ok := e[who].(string); ok {
				require.NotEmpty(t, names[id], "%v", e)
			}
		}
		if e["step"] != nil {
			require.NotEmpty(t, e["title"], "%v", e)
		}
		data := e["data"].(map[string]any)
		if list, ok := data["candidates"].([]any); ok {
			for _, principal := range list {
				require.NotEmpty(t, names[principal.(string)], "%v", e)
			}
		}
		if e["event"] == "opened" && data["items"] != nil {
			require.Equal(t, map[string]any{"purchasing": "采购部", "production": "生产部"}, e["words"])
			seen["items"] = true
		}
		if e["event"] == "decided" && e["by"] == "zhu.lin" {
			require.Equal(t, []any{"朱琳", "采购部"}, []any{names["zhu.lin"], e["item_title"]})
			seen["item"] = true
		}
		if e["event"] == "opened" && e["step"] == "inspect" {
			require.Equal(t, "质量部", names["department:quality"])
			seen["candidates"] = true
		}
		if e["event"] == "clock_started" {
			require.Equal(t, "客户答复时限", e["words"].(map[string]any)["answer"])
			seen["clock"] = true
		}
	}
	require.Len(t, seen, 4)
}

// A returned approval says to which step it went, by its title; a step that isn't needed says under which condition it would be.
func TestATimelineNamesStepsAndConditions(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.as("zhou.min").post("/definitions", files(`process: sample-worded
title: Worded
record: customer
number: "WO{0000}"
start: {by: [role:sales]}
steps:
  - {id: much, approve: Much, by: {role: finance}, if: record.credit_limit > 100 CNY}
  - {id: look, approve: Look, by: {manager_of: initiator}, on: {returned: {go: resubmit}}}
resubmit: {edit: {company: required}}
`)).ok()
	li, manager := b.as("li.na"), b.as("chen.jie")
	id := li.post("/cases", map[string]any{"process": "sample-worded", "with": map[string]any{"company": "海川", "contact": "Xu", "phone": "13800030001"}}).ok()["id"].(string)
	manager.does(id, "look", "return", map[string]any{"comment": "which plant?"})
	var passed, returned map[string]any
	for _, e := range li.in("zh").get("/cases/" + id + "/timeline").items() {
		switch {
		case e["outcome"] == "passed_over":
			passed = e
		case e["event"] == "returned":
			returned = e
		}
	}
	require.Equal(t, "授信额度 > 100 CNY", passed["words"].(map[string]any)["record.credit_limit > 100 CNY"])
	require.NotEmpty(t, returned["words"].(map[string]any)["resubmit"])
}

// A preview words its conditions: fields by what they are called.
func TestAPreviewWordsItsConditions(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.as("zhou.min").post("/definitions", files(`process: sample-foreseen
title: Foreseen
record: customer
number: "FO{0000}"
start: {by: [role:sales]}
steps:
  - {id: fill, task: Fill in, by: initiator, edit: {payment_terms: optional}}
  - {id: much, approve: Much, by: {role: finance}, if: record.payment_terms == "cash"}
`)).ok()
	ask := map[string]any{"process": "sample-foreseen", "with": map[string]any{"company": "海川", "contact": "Xu", "phone": "13800030001"}}
	steps := foreseen(t, b.as("li.na").in("zh").post("/cases/preview", ask).ok())
	require.Equal(t, `付款条件 == "cash"`, steps["much"]["when"])
	require.Equal(t, "取决于 付款条件", steps["much"]["because"])
	require.Equal(t, "approve", steps["much"]["kind"])
}

// Names of given people, however many there are in the company; those who don't exist aren't among them.
func TestNamesOfGivenPeople(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	li := b.as("li.na")
	var names []any
	for _, u := range li.in("zh").get("/users?id=wang.jianguo&id=li.na&id=nobody").items() {
		names = append(names, u["name"])
	}
	require.Equal(t, []any{"李娜", "王建国"}, names)
}

// What a change of a record would be refused for is said beforehand.
func TestARecordSaysWhichFieldsAreLockedAndWhy(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	li, manager := b.as("li.na"), b.as("chen.jie")
	locked := func(of map[string]any) map[string]string {
		why := map[string]string{}
		list, _ := of["locked"].([]any)
		for _, f := range list {
			f := f.(map[string]any)
			why[f["field"].(string)] = f["because"].(string)
		}
		return why
	}
	made := li.post("/records/lead", map[string]any{"fields": lead("0007")}).ok()
	path := "/records/lead/" + made["id"].(string)
	require.Equal(t, map[string]string{"credit_limit": "only these processes may change it: New-customer review"}, locked(li.get(path).ok()))
	c := li.post("/cases", map[string]any{"process": "lead-review", "record": map[string]any{"type": "lead", "id": made["id"]}}).ok()
	why := locked(li.get(path).ok())
	require.Contains(t, why["company"], c["number"], "the first contact is decided on it")
	li.send("PATCH", path, map[string]any{"fields": map[string]any{"company": "other"}}, nil).refused("record_locked")
	manager.post("/tasks/"+openTask(c)+"/approve", nil).ok()
	require.NotContains(t, locked(li.get(path).ok()), "company")
}
