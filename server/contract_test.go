package server

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aymanbagabas/go-udiff"
	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// openapi.json is what other people's programs are built on: a change of it is seen in review, not found out.
func TestOpenAPIIsWhatIsCommitted(t *testing.T) {
	t.Parallel()
	spec, err := New(Options{Dev: true}).OpenAPI()
	require.NoError(t, err)
	const path = "../openapi.json"
	if *update {
		require.NoError(t, os.WriteFile(path, spec, 0o644))
	}
	committed, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Empty(t, udiff.Unified("committed", "now", string(committed), string(spec)), "the API changed: look at it, then run: go test ./server -run OpenAPI -update")
}

func TestOpenAPIHasNoSchemaLinksAndNamesEveryProblem(t *testing.T) {
	t.Parallel()
	s := New(Options{Dev: true})
	spec, err := s.OpenAPI()
	require.NoError(t, err)
	require.NotContains(t, string(spec), "$schema")
	for path, item := range s.api.OpenAPI().Paths {
		for _, op := range operations(item) {
			if op.Tags[0] != "operations" {
				require.Contains(t, op.Responses, "default", "%s %s", op.Method, path)
			}
		}
	}
}

// contract checks every answer against openapi.json and remembers which calls were made.
type contract struct {
	*testing.T
	s    *Server
	mu   sync.Mutex
	made map[string]bool
}

func watch(b *bundle) *contract {
	c := &contract{T: b.T, s: b.s, made: map[string]bool{}}
	b.saw = c.check
	return c
}

// operation finds what a request calls, and the path as the contract writes it; one without a parameter goes before one with.
func (s *Server) operation(method, path string) (pattern string, op *huma.Operation) {
	paths := s.api.OpenAPI().Paths
	if item := paths[path]; item != nil {
		return path, operationOf(item, method)
	}
	for at, item := range paths { // of several that fit the one with the fewest placeholders is called
		found := operationOf(item, method)
		if found != nil && fitsPath(at, path) && (op == nil || strings.Count(at, "{") < strings.Count(pattern, "{")) {
			pattern, op = at, found
		}
	}
	return pattern, op
}

// operationOf is a path's operation of a method; nil: it has none.
func operationOf(item *huma.PathItem, method string) *huma.Operation {
	return operations(item)[method]
}

func operations(item *huma.PathItem) map[string]*huma.Operation {
	all := map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}
	maps.DeleteFunc(all, func(_ string, op *huma.Operation) bool { return op == nil })
	return all
}

func fitsPath(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i, part := range want {
		if part != got[i] && !strings.HasPrefix(part, "{") {
			return false
		}
	}
	return true
}

func (c *contract) check(method, path string, status int, raw []byte) {
	_, op := c.s.operation(method, path)
	if op == nil {
		return
	}
	answer := op.Responses[strconv.Itoa(status)]
	if answer == nil {
		answer = op.Responses["default"]
	} else {
		c.mu.Lock()
		c.made[op.OperationID] = true
		c.mu.Unlock()
	}
	for kind, content := range answer.Content {
		if kind == "text/plain" || kind == "text/html" || kind == "text/event-stream" || kind == octets {
			continue
		}
		var body any
		require.NoError(c, json.Unmarshal(raw, &body), "%s %s: %s", method, path, raw)
		var result huma.ValidateResult
		huma.Validate(c.s.api.OpenAPI().Components.Schemas, content.Schema, huma.NewPathBuffer([]byte("body"), 0), huma.ModeReadFromServer, body, &result)
		require.Empty(c, result.Errors, "%s %s answers what the contract doesn't say: %s", method, path, raw)
		return
	}
	if len(answer.Content) == 0 {
		require.Empty(c, raw, "%s %s", method, path)
	}
}

// missing are the calls that were never made with success.
func (c *contract) missing() []string {
	var missing []string
	for _, item := range c.s.api.OpenAPI().Paths {
		for _, op := range operations(item) {
			if !c.made[op.OperationID] {
				missing = append(missing, op.OperationID)
			}
		}
	}
	sort.Strings(missing)
	return missing
}

// Every call of the API is made once, and answers as openapi.json says.
func TestEveryCallAnswersAsTheContractSays(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	c := watch(b)
	everyCall(b)
	require.Empty(t, c.missing(), "these calls were never made")
}

// everyCall makes every call of the API once, as people would.
func everyCall(b *bundle) {
	admin, owner, manager := b.as("deng.rui"), b.as("li.na"), b.as("chen.jie")
	sessions(b, owner)
	directory(admin)
	definitionsAndCalendars(admin)
	record := records(owner)
	contents(b, owner)
	cases(b, admin, owner, manager, record)
	events(b, owner)
	messages(owner, manager)
	migrations(b, admin, owner)
	webhooks(admin)
	offers(owner)
	for _, path := range []string{"/clock", "//healthz", "//readyz", "//metrics"} {
		require.Equal(b, 200, b.nobody().get(path).status, path)
	}
}

// offers is what one may start and make, one's own settings, and what one hears.
func offers(owner person) {
	owner.get("/processes").ok()
	owner.get("/record-types").ok()
	owner.patch("/session", map[string]any{"language": "en"}).ok()
	require.Equal(owner, 204, owner.post("/session/password", map[string]any{"current": "crmflow-demo", "new": "crmflow-demo"}).status)
	owner.listens(owner)
	if owner.saw != nil {
		owner.saw(http.MethodGet, streamPath, 200, nil)
	}
}

func sessions(b *bundle, owner person) {
	in := b.nobody().post("/session", map[string]string{"user": "li.na", "password": "crmflow-demo"})
	require.Equal(b, "li.na", in.ok()["user"])
	require.Equal(b, "Li Na", owner.get("/session").ok()["name"])
	token := owner.post("/tokens", nil).ok()
	program := person{bundle: b, token: token["token"].(string), lang: "en"}
	require.Equal(b, "li.na", program.get("/session").ok()["id"])
	require.Equal(b, 204, owner.send(http.MethodDelete, "/tokens/"+token["id"].(string), nil, nil).status)
	program.get("/session").refused(codeUnauthenticated)
	require.Equal(b, 204, b.as("li.na").send(http.MethodDelete, "/session", nil, nil).status)
}

func directory(admin person) {
	admin.post("/departments", map[string]any{"id": "export", "name": map[string]string{"zh": "外贸部", "en": "Export"}, "in_charge": "zhou.min", "parent": "sales"}).ok()
	admin.post("/users", map[string]any{"user": "new.one", "name": "New One", "department": "export", "roles": []string{"sales", "finance@steel"}, "password": "long enough"}).ok()
	changed := admin.patch("/users/new.one", map[string]any{"manager": "zhou.min", "title": "Head of export"}).ok()
	require.Equal(admin, "zhou.min", changed["manager"])
	require.Equal(admin, []any{"finance@steel", "sales"}, changed["roles"], "what a change leaves out stays")
	admin.patch("/departments/export", map[string]any{"head": "new.one", "in_charge": ""}).ok()
	admin.patch("/departments/export", map[string]any{"head": ""}).ok()
	admin.post("/roles", map[string]any{"id": "auditor", "name": "Auditor", "users": []string{"new.one"}, "for": map[string]any{"north": []string{"zhou.min"}}}).ok()
	require.Equal(admin, []any{}, admin.patch("/roles/auditor", map[string]any{"users": []string{}}).ok()["users"])
	admin.post("/groups", map[string]any{"id": "board", "name": "Board", "members": []string{"wang.jianguo", "zhou.min"}}).ok()
	admin.patch("/groups/board", map[string]any{"name": map[string]string{"zh": "董事会", "en": "Board"}}).ok()
	admin.post("/users", map[string]any{"user": "goes.soon", "name": "Goes Soon", "department": "export"}).ok()
	admin.post("/users/goes.soon/handover?preview=true", map[string]any{"to": "new.one"}).ok()
	admin.post("/users/goes.soon/handover", map[string]any{"to": "new.one", "comment": "has left"}).ok()
	admin.get("/users/goes.soon/handover").ok()
	away := admin.post("/absences", map[string]any{"user": "new.one", "from": "2026-10-01", "stand_in": "zhou.min"}).ok()
	require.Equal(admin, "2026-10-09", admin.patch("/absences/"+away["id"].(string), map[string]any{"to": "2026-10-09"}).ok()["to"])
	for _, path := range []string{"/users?q=new", "/departments", "/roles", "/groups", "/absences"} {
		require.NotEmpty(admin, admin.get(path).items(), path)
	}
}

func definitionsAndCalendars(admin person) {
	list := admin.get("/definitions").items()
	require.NotEmpty(admin, list)
	source := admin.get("/definitions/lead-review/versions/1").ok()
	require.NotEmpty(admin, source["ways"])
	files := map[string]any{"files": []map[string]any{{"path": "lead-review.yaml", "content": source["source"]}}}
	checked := admin.post("/definitions/check", files).ok()
	require.NotEmpty(admin, checked["items"].([]any)[0].(map[string]any)["ways"])
	again := admin.post("/definitions", files).ok()["items"].([]any)[0].(map[string]any)
	require.Equal(admin, float64(1), again["version"], "the same text is the same version")
	calendar := admin.get("/calendars").items()[0]["id"].(string)
	why := admin.get("/calendars/" + calendar + "/explain?from=2026-09-29T15:00:00%2B08:00&within=2+working+days").ok()
	require.Equal(admin, "2026-10-08T18:00:00+08:00", why["due"], "the National Day holiday lies between")
	require.NotEmpty(admin, why["skipped"])
}

func records(owner person) map[string]any {
	made := owner.post("/records/lead", map[string]any{"fields": lead("0001")})
	require.Equal(owner, 201, made.status, "%s", made.raw)
	require.Equal(owner, `"1"`, made.header.Get("ETag"))
	path := "/records/lead/" + made.body["id"].(string)
	require.Equal(owner, base+path, made.header.Get("Location"))
	changed := owner.send(http.MethodPatch, path, map[string]any{"fields": map[string]any{"need": "pumps"}}, http.Header{"If-Match": {`"1"`}})
	require.Equal(owner, `"2"`, changed.header.Get("ETag"), "%s", changed.raw)
	owner.send(http.MethodPatch, path, map[string]any{"fields": map[string]any{"need": "valves"}}, http.Header{"If-Match": {`"1"`}}).refused(process.CodeVersionConflict)
	require.Equal(owner, "pumps", owner.get(path).ok()["fields"].(map[string]any)["need"])
	require.Len(owner, owner.get("/records/lead?q=0001&status=open").items(), 1)
	require.Empty(owner, owner.get("/records/lead?status=lost").items())
	require.NotEmpty(owner, owner.get(path+"/history").items())
	return made.body
}

func cases(b *bundle, admin, owner, manager person, record map[string]any) {
	start := map[string]any{"process": "lead-review", "record": map[string]any{"type": "lead", "id": record["id"]}}
	require.NotEmpty(b, owner.post("/cases/preview", start).ok()["steps"])
	started := owner.post("/cases", start)
	require.Equal(b, 201, started.status, "%s", started.raw)
	id := started.body["id"].(string)
	require.Equal(b, "running", owner.get("/cases/" + id).ok()["status"])
	require.Equal(b, []any{}, started.body["clocks"])
	require.NotEmpty(b, owner.get("/cases/" + id + "/preview").ok()["steps"])
	require.Equal(b, 200, owner.get("/cases/"+id+"/print?lang=zh").status)
	require.Len(b, owner.get("/cases?process=lead-review&initiator=me&status=running&record="+record["id"].(string)).items(), 1)
	task := manager.get("/tasks?box=todo&process=lead-review").items()[0]
	require.Equal(b, "first-contact", task["step"])
	require.Contains(b, task["actions"], "approve")
	require.Equal(b, task["seen"], manager.get("/tasks/" + task["id"].(string)).ok()["seen"])
	manager.post("/tasks/"+task["id"].(string)+"/return", map[string]any{"comment": "thin", "seen": task["seen"]}).ok()
	resubmit := openTask(owner.get("/cases/" + id).ok())
	owner.post("/tasks/"+resubmit+"/complete", map[string]any{"fields": map[string]any{"need": "pumps"}}).ok()
	again := openTask(owner.get("/cases/" + id).ok())
	admin.post("/tasks/"+again+"/assign", map[string]any{"to": "zhou.min", "comment": "she knows them"}).ok()
	acted := b.as("zhou.min").post("/tasks/"+again+"/approve", nil).ok()
	require.Equal(b, "negotiate", acted["case"].(map[string]any)["open"].([]any)[0].(map[string]any)["step"])
	require.NotEmpty(b, owner.get("/cases/"+id+"/timeline").items())
	other := owner.startCase("0002")
	manager.post("/tasks/"+openTask(other)+"/reject", map[string]any{"comment": "no"}).ok()
	claims(b, admin)
	copies(b, admin)
	held(b, admin)
	around(b, admin, owner, manager)
	clocks(b, owner)
	asks(b, admin)
	beside(owner)
}

// beside is what people do beside the machine.
func beside(owner person) {
	c := owner.startCase("0010")
	owner.post("/cases/"+c["id"].(string)+"/comments", map[string]any{"comment": "soon?", "mention": []string{"chen.jie"}}).ok()
	owner.post("/cases/"+c["id"].(string)+"/urge", map[string]any{"comment": "please"}).ok()
	owner.post("/cases/"+c["id"].(string)+"/copy", map[string]any{"to": []string{"liang.hong"}, "comment": "for the credit limit"}).ok()
	owner.post("/tasks/"+openTask(owner.startCase("0011"))+"/urge", nil).ok()
}

const asking = `process: sample-asks
title: {zh: 询问, en: Ask}
record: lead
number: "AS{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - id: one
    request: {to: erp, get: "/companies/{record.company}", into: {need: body.need}}
  - id: two
    request: {to: erp, post: "/companies", body: {company: record.company}}
  - end: done
`

// asks looks at a call to another system that is being tried, page by page; what it sends isn't shown.
func asks(b *bundle, admin person) {
	published := admin.post("/definitions", map[string]any{"files": []map[string]any{{"path": "asks.yaml", "content": asking}}}).ok()
	require.Empty(b, published["warnings"], "this server doesn't know which systems there are")
	one := b.as("sun.peng")
	id := one.post("/cases", map[string]any{"process": "sample-asks", "with": lead("0009")}).ok()["id"].(string)
	ctx := b.Context()
	row, err := b.db.TryRequest(ctx, id+".c1", time.Now())
	require.NoError(b, err)
	require.NoError(b, b.db.KeepFailure(ctx, row.Call, process.Text{ZH: "系统回答 503", EN: "the system answered 503"}, false))
	seen := one.get("/cases/" + id + "/requests")
	is := seen.items()
	require.Len(b, is, 1)
	require.Equal(b, []any{"one", "erp", "get", "waiting", 1.0, "the system answered 503", nil}, []any{is[0]["step"], is[0]["system"], is[0]["method"], is[0]["status"], is[0]["attempts"], is[0]["why"], is[0]["over_at"]})
	require.NotContains(b, string(seen.raw), "companies")
	require.NoError(b, b.db.KeepAnswer(ctx, row.Call, []byte(`{"need": "pumps"}`)))
	require.NoError(b, b.s.engine.Answered(ctx, id, row.Call))
	first := one.get("/cases/" + id + "/requests?limit=1").ok()
	second := one.get("/cases/" + id + "/requests?limit=1&cursor=" + first["next"].(string)).ok()
	require.Equal(b, "two", second["items"].([]any)[0].(map[string]any)["step"])
	require.Nil(b, second["next"])
}

const claimed = `process: sample-claim
title: {zh: 领取, en: Claim}
record: lead
number: "CL{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - id: look
    task: {zh: 看一看, en: Have a look}
    by: {role: sales}
    claim: true
  - end: done
`

// claims takes a task out of several people's box and puts it back.
func claims(b *bundle, admin person) {
	admin.post("/definitions", map[string]any{"files": []map[string]any{{"path": "claim.yaml", "content": claimed}}}).ok()
	one := b.as("sun.peng")
	task := openTask(one.post("/cases", map[string]any{"process": "sample-claim", "with": lead("0003")}).ok())
	require.Len(b, one.get("/tasks?box=claimable").items(), 1)
	one.post("/tasks/"+task+"/claim", nil).ok()
	require.Empty(b, one.get("/tasks?box=claimable").items())
	require.Len(b, one.get("/tasks?box=todo&process=sample-claim").items(), 1)
	one.post("/tasks/"+task+"/release", nil).ok()
}

const holding = `process: sample-held
title: {zh: 停住, en: Held}
record: lead
number: "HE{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - create: {lead: {company: record.company, contact: record.contact, phone: record.phone}}
  - end: done
`

// held brings a case to where it can't go on, and lets it try again.
func held(b *bundle, admin person) {
	admin.post("/definitions", map[string]any{"files": []map[string]any{{"path": "held.yaml", "content": holding}}}).ok()
	one := b.as("sun.peng")
	record := one.post("/records/lead", map[string]any{"fields": lead("0004")}).ok()
	stuck := one.post("/cases", map[string]any{"process": "sample-held", "record": map[string]any{"type": "lead", "id": record["id"]}}).ok()
	require.NotNil(b, stuck["held"], "a second lead with the same phone is refused")
	id := stuck["id"].(string)
	require.Contains(b, admin.get("/cases/" + id).ok()["actions"], "resume")
	require.Len(b, admin.get("/cases?held=true").items(), 1)
	require.Equal(b, id, admin.get("/stuck").items()[0]["case"].(map[string]any)["id"])
	one.post("/cases/"+id+"/resume", map[string]any{"reason": "x"}).refused(process.CodeForbidden)
	admin.post("/cases/"+id+"/resume", map[string]any{"comment": "try again"}).ok()
}

// around is everything beside answering: handing over, adding and removing people, taking back, and what is done with the case as a whole.
func around(b *bundle, admin, owner, manager person) {
	c := owner.startCase("0005")
	task, id := openTask(c), c["id"].(string)
	require.Contains(b, manager.get("/tasks/" + task).ok()["actions"], "add-approver")
	manager.post("/tasks/"+task+"/transfer", map[string]any{"to": "zhou.min", "reason": "she knows them"}).ok()
	head := b.as("zhou.min")
	added := head.post("/tasks/"+task+"/add-approver", map[string]any{"people": []string{"wang.jianguo", "liang.hong"}, "where": "after", "mode": "all", "comment": "have a look"}).ok()
	require.Equal(b, task, added["task"].(map[string]any)["id"])
	head.post("/tasks/"+task+"/approve", nil).ok()
	b.as("liang.hong").post("/tasks/"+openTask(owner.get("/cases/"+id).ok())+"/read", nil)
	b.as("wang.jianguo").post("/tasks/"+openTask(owner.get("/cases/"+id).ok())+"/read", nil)
	head.post("/tasks/"+task+"/take-back", nil).refused(process.CodeTaskClosed)
	head.post("/tasks/"+task+"/remove-approver", map[string]any{"people": []string{"liang.hong"}, "comment": "one is enough"}).ok()

	other := owner.startCase("0006")
	task = openTask(other)
	manager.post("/tasks/"+task+"/add-approver", map[string]any{"to": "liang.hong", "comment": "beside me"}).ok() // api.md: "to" (a person)
	manager.post("/tasks/"+task+"/remove-approver", map[string]any{"to": "liang.hong", "comment": "no, somebody else"}).ok()
	manager.post("/tasks/"+task+"/add-approver", map[string]any{"people": []string{"zhou.min"}, "comment": "beside me"}).ok()
	require.Equal(b, []string{"200"}, outcomes(manager.post("/tasks/bulk", bulk("approve", "", task)).items()))
	manager.post("/tasks/"+task+"/take-back", nil).ok()

	for _, act := range []string{"suspend", "resume", "jump", "cancel"} {
		owner.post("/cases/"+id+"/"+act, map[string]any{"reason": "x"}).refused(process.CodeForbidden)
		admin.post("/cases/"+id+"/"+act, map[string]any{"to": "terms"}).refused(process.CodeCommentRequired)
		admin.post("/cases/"+id+"/"+act, map[string]any{"reason": "audit", "to": "terms"}).ok()
	}
	require.Contains(b, owner.get("/cases/" + other["id"].(string)).ok()["actions"], "withdraw")
	require.Equal(b, "withdrawn", owner.post("/cases/"+other["id"].(string)+"/withdraw", nil).ok()["outcome"])

	admin.post("/definitions", files(revocable)).ok()
	owner.post("/cases/"+manager.agreed(owner, "8001")+"/revoke", map[string]any{"comment": "the customer backed out"}).ok()
}

// clocks stops the clock of a complaint's task, and with it the case's.
func clocks(b *bundle, owner person) {
	customer := b.as("deng.rui").post("/records/customer", map[string]any{"fields": map[string]any{"company": "海川机械", "contact": "Xu Min", "phone": "+86 519 5550 0009"}}).ok()
	c := owner.post("/cases", map[string]any{"process": "complaint", "with": map[string]any{
		"customer": map[string]any{"type": "customer", "id": customer["id"]}, "product": "P-100", "defect": "crack"}}).ok()
	owner.post("/tasks/"+openTask(c)+"/complete", nil).ok()
	task, tester := openTask(owner.get("/cases/"+c["id"].(string)).ok()), b.as("feng.lei")
	tester.post("/tasks/"+task+"/claim", nil).ok()
	tester.post("/tasks/"+task+"/stop-clock", map[string]any{"reason": "bored", "comment": "x"}).field(process.CodeFieldInvalid, "reason")
	stopped := tester.post("/tasks/"+task+"/stop-clock", map[string]any{"reason": "waiting_for_customer"}).ok()
	require.Contains(b, stopped["task"].(map[string]any)["actions"], "start-clock")
	clock := owner.get("/cases/" + c["id"].(string)).ok()["clocks"].([]any)[0].(map[string]any)
	require.Equal(b, "stopped", clock["status"])
	tester.post("/tasks/"+task+"/start-clock", nil).ok()
	quotes(owner, customer)
}

// quotes are anybody's to make, since a sent one starts its follow-up by itself; a customer comes by the three gates.
func quotes(owner person, customer map[string]any) {
	owner.post("/records/customer", map[string]any{"fields": map[string]any{"company": "X", "contact": "X", "phone": "+86 519 5550 0010"}}).refused(process.CodeForbidden)
	quote := owner.post("/records/quote", map[string]any{"fields": map[string]any{"customer": map[string]any{"type": "customer", "id": customer["id"]}, "valid_until": "2027-03-31"}}).ok()
	owner.patch("/records/quote/"+quote["id"].(string), map[string]any{"fields": map[string]any{"status": "sent"}}).ok()
	followed := owner.get("/cases?process=quote-follow-up").items()
	require.Len(owner, followed, 1)
	require.Equal(owner, "li.na", followed[0]["initiator"])
}

func messages(owner, manager person) {
	told := manager.get("/notifications").items()
	require.NotEmpty(manager, told)
	require.Nil(manager, told[0]["read_at"])
	require.Equal(manager, 204, manager.post("/notifications/read", map[string]any{"ids": []any{told[0]["id"]}}).status)
	require.NotNil(manager, manager.get("/notifications").items()[0]["read_at"])
	require.Equal(manager, "email", manager.get("/channels").items()[1]["id"])
	manager.patch("/channels/email", map[string]any{"on": true}).ok()
	for _, m := range owner.get("/dev/messages?to=chen.jie").items() {
		require.Equal(owner, "chen.jie", m["to"])
	}
}
