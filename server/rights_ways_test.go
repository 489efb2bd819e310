package server

import (
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

// The rights of the guide are published as they stand there, and are kept to.
func TestTheRightsOfTheGuide(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	guide, err := os.ReadFile("../docs/language.md")
	require.NoError(t, err)
	block := regexp.MustCompile("(?s)```yaml\n(rights:\n.*?)```").FindStringSubmatch(string(guide))
	require.NotEmpty(t, block)
	published := b.as("zhou.min").post("/definitions", map[string]any{"files": []map[string]any{{"path": "rights.yaml", "content": block[1]}}}).ok()
	item := published["items"].([]any)[0].(map[string]any)
	require.Equal(t, "rights", item["kind"])
	require.Equal(t, 2.0, item["version"], "the sample company's were the first")
	definition := b.as("li.na").get("/definitions/rights/versions/2?kind=rights").ok()
	require.Equal(t, block[1], definition["source"])
	require.Equal(t, true, definition["current"])
	require.Contains(t, definition["say"].([]any), "the role “Sales”")

	c := b.as("li.na").startCase("0001")
	record := "/records/lead/" + c["record"].(map[string]any)["id"].(string)
	phone := func(user string) any { return b.as(user).get(record).ok()["fields"].(map[string]any)["phone"] }
	require.Equal(t, "+86 519 5550 0001", phone("li.na"))
	require.Equal(t, "+86**********0001", phone("chen.jie"), "longer than the pattern: three characters at its beginning, four at its end")
	require.Equal(t, "+86 519 5550 0001", phone("deng.rui"))
	for _, user := range []string{"sun.peng", "huang.zhiwei", "zhou.min", "wang.jianguo", "liang.hong"} {
		b.as(user).get(record).refused(process.CodeNotFound)
	}
	own := b.as("chen.jie").post("/records/lead", map[string]any{"fields": lead("0002")}).ok()
	require.Equal(t, "+86 519 5550 0002", own["fields"].(map[string]any)["phone"], "her own in full")
	b.as("zhou.min").post("/records/lead", map[string]any{"fields": lead("0003")}).refused(process.CodeForbidden)
	form := b.as("chen.jie").get("/tasks/" + openTask(c)).ok()["form"].([]any)
	require.Equal(t, "+86**********0001", form[2].(map[string]any)["value"])

	customer := b.as("deng.rui").post("/records/customer", map[string]any{"fields": map[string]any{"company": "海川机械", "contact": "x", "phone": "+86 519 5550 0199"}}).ok()
	complaint := b.as("li.na").post("/records/complaint", map[string]any{"fields": map[string]any{
		"customer": map[string]any{"type": "customer", "id": customer["id"]}, "product": "P-100", "defect": "leaks", "cause": "the seal"}}).ok()
	require.NotContains(t, complaint["fields"], "cause")
	path := "/records/complaint/" + complaint["id"].(string)
	require.Equal(t, "the seal", b.as("qian.wei").get(path).ok()["fields"].(map[string]any)["cause"])
	b.as("cao.ming").get(path).refused(process.CodeNotFound)
	b.as("li.na").patch(path, map[string]any{"fields": map[string]any{"cause": "mine"}}).field(process.CodeFieldNotWritable, "cause")
	b.as("li.na").patch(path, map[string]any{"fields": map[string]any{"product": "P-200"}}).ok()
	b.as("qian.wei").patch(path, map[string]any{"fields": map[string]any{"product": "P-300"}}).refused(process.CodeForbidden)
}

// A new document counts from the next request on, on every server of the database.
func TestRightsCountFromTheNextRequestOn(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	made := b.as("li.na").post("/records/lead", map[string]any{"fields": lead("0001")}).ok()
	path := "/records/lead/" + made["id"].(string)
	other := &bundle{T: t, db: b.db}
	other.s = New(Options{DB: b.db, Engine: engine.New(b.db, engine.Options{Holidays: definitions.Holidays}), Version: "test"})
	other.http = httptest.NewServer(other.s)
	t.Cleanup(other.http.Close)
	qian, elsewhere := b.as("qian.wei"), other.as("qian.wei")
	publish := func(see string) {
		b.as("zhou.min").post("/definitions", map[string]any{"files": []map[string]any{{"path": "rights.yaml",
			"content": "rights:\n  department:quality:\n    records: {lead: {see: " + see + "}}\n"}}}).ok()
	}
	for range 2 {
		publish("all")
		qian.get(path).ok()
		elsewhere.get(path).ok()
		publish("mine")
		qian.get(path).refused(process.CodeNotFound)
		elsewhere.get(path).refused(process.CodeNotFound)
		b.as("li.na").get(path).refused(process.CodeNotFound)
	}
}

// What one may not see is answered exactly as what isn't there, whatever is done with it.
func TestWhatOneMayNotSeeIsAnsweredAsWhatIsNotThere(t *testing.T) {
	t.Parallel()
	w := newRightsWorld(t)
	fay, pia := w.as("fay"), w.as("pia")
	lead, kase, task := w.path("anna's lead"), w.casePath("anna's lead"), w.taskPath("anna's lead")
	nothing := func(path string) string { return path[:len(path)-24] + strings.Repeat("0", 24) }
	for _, p := range []person{fay, pia} {
		for _, path := range []string{lead, lead + "/history"} {
			none := strings.Replace(path, lead, nothing(lead), 1)
			require.Equal(t, string(p.get(none).raw), string(p.get(path).raw))
		}
		fields := map[string]any{"fields": map[string]any{"phone": "1", "nonsense": 1}}
		require.Equal(t, string(p.patch(nothing(lead), fields).raw), string(p.patch(lead, fields).raw))
		start := func(path string) map[string]any {
			return map[string]any{"process": "review", "record": map[string]any{"type": "lead", "id": path[len(path)-24:]}}
		}
		require.Equal(t, string(p.post("/cases", start(nothing(lead))).raw), string(p.post("/cases", start(lead)).raw))
	}
	for _, path := range []string{kase, kase + "/timeline", kase + "/preview", kase + "/requests", task} {
		at := strings.Index(path, "s/") + 2
		none := path[:at] + strings.Repeat("0", 24) + path[at+24:]
		require.Equal(t, string(pia.get(none).raw), string(pia.get(path).raw), path)
	}
	require.Equal(t, string(pia.post(kase+"/withdraw", nil).raw), string(pia.post("/cases/"+strings.Repeat("0", 24)+"/withdraw", nil).raw))
}

// Refusals, events and what an operator lists say no more than those who read them may see.
func TestTextsSayNoMore(t *testing.T) {
	t.Parallel()
	w := newRightsWorld(t)
	taken := w.as("nat").post("/records/lead", map[string]any{"fields": map[string]any{"company": "New", "phone": phoneOf("anna")}})
	taken.field(process.CodeFieldInvalid, "phone")
	require.Contains(t, string(taken.raw), "of anna has the same phone already", "whose it is must be said, or two people go to one customer")
	require.NotContains(t, string(taken.raw), "Company of anna")

	event := w.as("ivan").post("/events", map[string]any{"id": "1", "type": "portal.lead", "record": map[string]any{"type": "lead", "number": w.records["anna's lead"]["number"]}})
	event.ok()
	require.NotContains(t, string(event.raw), "Company of anna")
	for _, who := range []string{"anna", "ivan", "dora"} {
		w.as(who).get("/stuck").refused(process.CodeForbidden)
	}

	require.NotContains(t, string(w.as("pia").get("/dev/messages?to=ben").raw), "Company of", "messages are as their readers see them")
	require.Contains(t, string(w.as("pia").get("/dev/messages?to=fay").raw), "Look at the budget · Company of anna")

	approve := w.as("fay").post(w.taskPath("anna's lead")+"/approve", nil)
	body := approve.ok()
	require.Equal(t, "Company of anna", body["case"].(map[string]any)["subject"], "her step showed it")
	require.NotContains(t, string(approve.raw), phoneOf("anna"))
	withdrawn := w.as("anna").post(w.casePath("anna's lead")+"/withdraw", map[string]any{"reason": "x"}).ok()
	require.Equal(t, "Company of anna", withdrawn["subject"])
}

// The digest of what a task shows is the same for everybody who sees it, however little.
func TestSeenIsTakenBeforeAnythingIsCovered(t *testing.T) {
	t.Parallel()
	w := newRightsWorld(t)
	task := w.taskPath("anna's lead")
	seen := w.as("fay").get(task).ok()["seen"]
	for _, who := range []string{"anna", "mia", "kim", "ben", "adam"} {
		require.Equal(t, seen, w.as(who).get(task).ok()["seen"], who)
	}
	w.as("fay").post(task+"/approve", map[string]any{"seen": seen}).ok()
}

// A request that is repeated under its key is covered by the rights of the day.
func TestARepeatedRequestIsCoveredAnew(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	body := map[string]any{"fields": lead("0001")}
	require.Contains(t, string(b.as("li.na").keyed("k1", "/records/lead", body).raw), "5550 0001")
	b.as("zhou.min").post("/definitions", map[string]any{"files": []map[string]any{{"path": "rights.yaml",
		"content": "rights:\n  role:sales:\n    records: {lead: {see: mine, create: true, hide: [phone]}}\n"}}}).ok()
	again := b.as("li.na").keyed("k1", "/records/lead", body)
	require.NotContains(t, string(again.raw), "5550 0001")
	require.Contains(t, again.ok()["fields"], "company")
}
