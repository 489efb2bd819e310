package server

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// on lets business time be a moment of the company's, and every moment of a case that came meanwhile take effect, as the worker does.
func (b *bundle) on(moment, id string) {
	b.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", moment, companyZone)
	require.NoError(b, err)
	present, err := b.db.Present(b.Context())
	require.NoError(b, err)
	real := present.RealOf(at)
	b.clock.Store(&real)
	_, err = b.s.engine.Tick(b.Context(), id)
	require.NoError(b, err)
}

// open are the open tasks of a case: "step item" → task.
func (p person) open(id string) map[string]string {
	p.Helper()
	tasks := map[string]string{}
	for _, o := range p.get("/cases/" + id).ok()["open"].([]any) {
		o := o.(map[string]any)
		item, _ := o["item"].(string)
		tasks[strings.TrimSpace(o["step"].(string)+" "+item)] = o["task"].(string)
	}
	return tasks
}

// does an act on the open task of a case at a step, as sent, and gives the case.
func (p person) does(id, step, act string, body map[string]any) map[string]any {
	p.Helper()
	task := p.open(id)[step]
	require.NotEmpty(p, task, "%s isn't open", step)
	if body == nil {
		body = map[string]any{}
	}
	return p.post("/tasks/"+task+"/"+act, body).ok()["case"].(map[string]any)
}

// clock is the only clock of a case.
func (p person) clock(id string) map[string]any {
	p.Helper()
	clocks := p.get("/cases/" + id).ok()["clocks"].([]any)
	require.Len(p, clocks, 1)
	return clocks[0].(map[string]any)
}

// happened counts the entries of a case's timeline by event.
func (p person) happened(id string) map[string]int {
	p.Helper()
	n := map[string]int{}
	for _, e := range p.get("/cases/" + id + "/timeline").items() {
		n[e["event"].(string)]++
	}
	return n
}

// customer is a customer of a person's, taken over by an administrator.
func (p person) customer(company string) map[string]any {
	p.Helper()
	made := p.as("deng.rui").post("/records/customer", map[string]any{"fields": map[string]any{"company": company, "contact": "Xu Min", "phone": "13800030001", "owner": p.user}}).ok()
	return map[string]any{"type": "customer", "id": made["id"]}
}

func (p person) responsible(departments ...string) map[string]any {
	return map[string]any{"outcome": "founded", "fields": map[string]any{"cause": "a crack", "responsible": departments, "report": p.upload("report.pdf", pdf).ok()}}
}

func found(finding string) map[string]any {
	return map[string]any{"outcome": "found", "fields": map[string]any{"finding": finding, "measure": "M"}}
}

func TestAComplaintLivesThroughItsDepartments(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sales, lab, buyer, maker := b.as("li.na"), b.as("feng.lei"), b.as("zhu.lin"), b.as("guo.yong")
	id := sales.post("/cases", map[string]any{"process": "complaint", "with": map[string]any{
		"customer": sales.customer("海川机械"), "product": "P-100", "defect": "裂纹"}}).ok()["id"].(string)
	task := sales.get("/tasks/" + sales.open(id)["register"]).ok()
	require.Equal(t, "2026-09-28T18:00:00+08:00", task["due_at"])
	require.NotEmpty(t, task["due_because"])
	clock := sales.clock(id)
	require.Equal(t, []any{"answer", "Answer to the customer", "running", 0.0}, []any{clock["id"], clock["title"], clock["status"], clock["used_minutes"]})
	require.Equal(t, "2026-10-16T18:00:00+08:00", clock["target"], "ten working days, the National Day and the make-up Saturday counted")
	sales.does(id, "register", "complete", nil)

	require.Len(t, lab.get("/tasks?box=claimable&q=P-100").items(), 1)
	lab.does(id, "inspect", "claim", nil)
	inspect := lab.open(id)["inspect"]
	lab.post("/tasks/"+inspect+"/stop-clock", map[string]any{"reason": "weather", "comment": "samples"}).field(process.CodeFieldInvalid, "reason")
	lab.post("/tasks/"+inspect+"/stop-clock", nil).refused(process.CodeCommentRequired)
	lab.does(id, "inspect", "stop-clock", map[string]any{"reason": "waiting_for_customer", "comment": "samples are on their way"})
	require.Equal(t, "stopped", sales.clock(id)["status"])
	require.Nil(t, sales.clock(id)["target"])
	b.on("2026-10-10 17:59", id) // the make-up Saturday is the fifth working day
	require.Equal(t, "stopped", sales.clock(id)["status"])
	require.False(t, lab.get("/tasks/" + inspect).ok()["overdue"].(bool))
	b.on("2026-10-10 18:00", id)
	require.Equal(t, "running", sales.clock(id)["status"], "at most five working days: then it starts by itself")
	require.Zero(t, sales.clock(id)["used_minutes"])

	b.on("2026-10-13 09:00", id)
	lab.does(id, "inspect", "complete", lab.responsible("purchasing", "production"))
	require.Len(t, sales.open(id), 2, "both departments look for the cause")
	maker.does(id, "cause production", "claim", nil)
	maker.post("/tasks/"+maker.open(id)["cause production"]+"/complete", map[string]any{"outcome": "not_ours"}).field(process.CodeFieldRequired, "statement")
	maker.does(id, "cause production", "complete", map[string]any{"outcome": "not_ours", "fields": map[string]any{"statement": "as drawn"}})
	require.Equal(t, []string{"inspect"}, keys(sales.open(id)), "quality looks again, and the other department stops")

	lab.does(id, "inspect", "claim", nil)
	lab.does(id, "inspect", "complete", lab.responsible("purchasing", "production"))
	buyer.does(id, "cause purchasing", "claim", nil)
	buyer.does(id, "cause purchasing", "stop-clock", map[string]any{"comment": "they test again"})
	require.Equal(t, "stopped", sales.clock(id)["status"])
	buyer.does(id, "cause purchasing", "start-clock", nil)
	require.Equal(t, "running", sales.clock(id)["status"])
	buyer.does(id, "cause purchasing", "complete", found("another batch"))
	maker.does(id, "cause production", "complete", found("not checked"))
	lab.does(id, "confirm", "return", map[string]any{"items": []string{"purchasing"}, "comment": "no evidence"})
	require.Equal(t, []string{"cause purchasing"}, keys(sales.open(id)), "only what was chosen goes back")
	buyer.does(id, "cause purchasing", "complete", found("another batch, they admit"))
	lab.does(id, "confirm", "approve", nil)
	b.on("2026-10-13 10:30", id)
	require.EqualValues(t, 8*60+90, sales.clock(id)["used_minutes"], "Monday, and what of Tuesday has passed")
	ended := sales.does(id, "answer", "complete", map[string]any{"outcome": "closed", "fields": map[string]any{"answer": "exchanged"}})
	require.Equal(t, "closed", ended["outcome"])
	require.Equal(t, "done", sales.clock(id)["status"])
	n := sales.happened(id)
	require.Equal(t, 1, n["returned"])
	require.Equal(t, n["clock_stopped"], n["clock_started"])
	require.Zero(t, n["late"])
}

func keys(m map[string]string) []string {
	out := []string{}
	for k := range m {
		out = append(out, k)
	}
	return out
}

func TestAQuoteIsFollowedUpUntilTheRecordSaysItIsAccepted(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sales := b.as("li.na")
	customer := sales.customer("海川机械")
	quote := func(price int) string {
		return sales.post("/records/quote", map[string]any{"fields": map[string]any{"customer": customer, "valid_until": "2026-12-31", "lines": []map[string]any{
			{"product": "P-100", "quantity": 2, "price": map[string]any{"amount": price, "currency": "CNY"}}}}}).ok()["id"].(string)
	}
	quote(90_000)
	record := quote(80_000)
	set := func(status string) {
		sales.patch("/records/quote/"+record, map[string]any{"fields": map[string]any{"status": status}}).ok()
	}
	set("sent")
	begun := sales.get("/cases?record=" + record).items()
	require.Len(t, begun, 1)
	id := begun[0]["id"].(string)
	require.Empty(t, sales.open(id), "three working days go by first")
	b.on("2026-10-08 08:59", id)
	require.Empty(t, sales.open(id))
	b.on("2026-10-08 09:00", id)
	task := sales.get("/tasks/" + sales.open(id)["ask"]).ok()
	require.Equal(t, "2026-10-08T18:00:00+08:00", task["due_at"])
	require.NotEmpty(t, task["due_because"])
	for _, f := range task["form"].([]any) {
		if f := f.(map[string]any); f["field"] == "price_history" {
			require.Len(t, f["value"], 1, "what the same customer was offered before")
		}
	}

	ask := "/tasks/" + sales.open(id)["ask"] + "/complete"
	sales.post(ask, map[string]any{"outcome": "thinking"}).field(process.CodeFieldRequired, "next_on")
	sales.post(ask, map[string]any{"outcome": "thinking", "fields": map[string]any{"next_on": "2026-10-14"}}).ok()
	require.Empty(t, sales.open(id))
	b.on("2026-10-13 18:00", id)
	require.Empty(t, sales.open(id))
	b.on("2026-10-14 09:00", id)
	require.Equal(t, []string{"ask"}, keys(sales.open(id)))

	set("accepted")
	require.Empty(t, sales.open(id))
	is := sales.get("/cases/" + id).ok()
	require.Equal(t, "ended", is["status"])
	require.Equal(t, "accepted", is["outcome"])
	sales.post(ask, map[string]any{"outcome": "accepted"}).refused(process.CodeTaskClosed)
}

// The page of the API promises these names; the figures are those of the National Day of 2026.
func TestALimitIsExplainedToTheMinute(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	sales := b.as("li.na")
	said := sales.get("/calendars/cn-office/explain?from=2026-09-29T15:00:00%2B08:00&within=2+working+days").ok()
	require.Equal(t, map[string]any{
		"from": "2026-09-29T15:00:00+08:00", "within": "2 working days", "due": "2026-10-08T18:00:00+08:00", "calendar": "cn-office", "version": 1.0, "provisional": false,
		"intervals": []any{
			map[string]any{"from": "2026-09-30T09:00:00+08:00", "to": "2026-09-30T12:00:00+08:00", "minutes": 180.0},
			map[string]any{"from": "2026-09-30T13:00:00+08:00", "to": "2026-09-30T18:00:00+08:00", "minutes": 300.0},
			map[string]any{"from": "2026-10-08T09:00:00+08:00", "to": "2026-10-08T12:00:00+08:00", "minutes": 180.0},
			map[string]any{"from": "2026-10-08T13:00:00+08:00", "to": "2026-10-08T18:00:00+08:00", "minutes": 300.0},
		},
		"skipped": append([]any{map[string]any{"date": "2026-09-29", "reason": "the day it starts isn't counted"}}, holidays()...),
	}, said)
	chinese := sales.in("zh").get("/calendars/cn-office/explain?from=2026-09-29T15:00:00%2B08:00&within=2+working+days").ok()
	require.Equal(t, "起算当日不计", chinese["skipped"].([]any)[0].(map[string]any)["reason"])
	hours := sales.get("/calendars/cn-office/explain?from=2026-09-30T17:30:00%2B08:00&within=1+working+hour").ok()
	require.Equal(t, "2026-10-08T09:30:00+08:00", hours["due"])
	require.Len(t, hours["skipped"], 7)
	later := sales.get("/calendars/cn-office/explain?from=2027-09-29T15:00:00%2B08:00&within=2+working+days").ok()
	require.True(t, later["provisional"].(bool), "the holidays of 2027 aren't published")
}

func holidays() []any {
	var days []any
	for day := range 7 {
		days = append(days, map[string]any{"date": time.Date(2026, 10, 1+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), "reason": "国庆节"})
	}
	return days
}
