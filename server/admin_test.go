package server

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// yard is a chain with a bit of everything that an administrator may have to step into.
const yard = `process: yard
title: {zh: 场地, en: Yard}
record: lead
number: "YA{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - {id: mark, set: {need: "marked"}, undo: restore}
  - id: fork
    parallel:
      - {id: left, title: Left, steps: [{id: l1, task: L1, by: initiator, due: 1 working day}, {id: l2, task: L2, by: initiator}]}
      - {id: right, title: Right, steps: [{id: r1, task: R1, by: initiator}]}
    join: all
  - {id: after, approve: After, by: {manager_of: initiator}, due: 1 working day}
  - {id: last, task: Last, by: {role: auditor}}
  - end: done
`

// newYard is a company that runs the chain; nobody is an auditor. Its clock stands until it is moved.
func newYard(t *testing.T) *bundle {
	t.Helper()
	b := newBundle(t)
	real := time.Now()
	b.clock.Store(&real)
	admin := b.as("deng.rui")
	admin.post("/roles", map[string]any{"id": "auditor", "name": "Auditor"}).ok()
	b.publish("yard.yaml", yard)
	return b
}

func (b *bundle) publish(path, content string) {
	b.Helper()
	b.as("deng.rui").post("/definitions", map[string]any{"files": []map[string]any{{"path": path, "content": content}}}).ok()
}

// pass moves the machine's clock, and business time with it.
func (b *bundle) pass(d time.Duration) {
	now := b.clock.Load().Add(d)
	b.clock.Store(&now)
}

func (b *bundle) inYard(n string) map[string]any {
	b.Helper()
	return b.as("li.na").post("/cases", map[string]any{"process": "yard", "with": lead(n)}).ok()
}

// task is the open task of a step.
func task(t *testing.T, c map[string]any, step string) string {
	t.Helper()
	for _, o := range c["open"].([]any) {
		if open := o.(map[string]any); open["step"] == step {
			return open["task"].(string)
		}
	}
	require.Fail(t, "no open task of "+step, "%v", c["open"])
	return ""
}

// steps are the steps of a case's open tasks.
func steps(c map[string]any) []string {
	open := []string{}
	for _, o := range c["open"].([]any) {
		open = append(open, o.(map[string]any)["step"].(string))
	}
	slices.Sort(open)
	return open
}

// actions of a case or a task.
func actions(body map[string]any) []string {
	out := []string{}
	for _, a := range body["actions"].([]any) {
		out = append(out, a.(string))
	}
	return out
}

// entries of one event in a case's timeline.
func (b *bundle) entries(c, event string) []map[string]any {
	b.Helper()
	return slices.DeleteFunc(b.as("deng.rui").get("/cases/"+c+"/timeline").items(), func(e map[string]any) bool { return e["event"] != event })
}

// administered are an administrator's acts: on which address, what brings a case to where it is possible, and the entry that it leaves.
var administered = []struct {
	name  string
	at    func(*testing.T, map[string]any) string
	body  map[string]any
	begin string // an act that comes before it
	entry string
}{
	{name: "suspend", entry: "suspended"},
	{name: "resume", begin: "suspend", entry: "resumed"},
	{name: "jump", body: map[string]any{"to": "after"}, entry: "jumped"},
	{name: "cancel", entry: "ended"},
	{name: "assign", body: map[string]any{"to": "sun.peng"}, entry: "assigned",
		at: func(t *testing.T, c map[string]any) string {
			t.Helper()
			return "/tasks/" + task(t, c, "l1") + "/assign"
		}},
}

// Each act needs the right and a reason, takes effect once under its key, and stands in the timeline with the reason; what is refused changes nothing.
func TestAnAdministratorsActs(t *testing.T) {
	t.Parallel()
	b := newYard(t)
	admin, owner := b.as("deng.rui"), b.as("li.na")
	for i, act := range administered {
		c := b.inYard("010" + string(rune('0'+i)))
		id := c["id"].(string)
		path := "/cases/" + id + "/" + act.name
		if act.at != nil {
			path = act.at(t, c)
		}
		if act.begin != "" {
			admin.post("/cases/"+id+"/"+act.begin, map[string]any{"reason": "first"}).ok()
		}
		body := func(reason string) map[string]any {
			all := map[string]any{"reason": reason}
			for name, v := range act.body {
				all[name] = v
			}
			return all
		}
		seen := func() string {
			return string(admin.get("/cases/"+id).raw) + string(admin.get("/cases/"+id+"/timeline").raw)
		}
		before := seen()
		owner.keyed("k-"+act.name, path, body("please")).refused(process.CodeForbidden)
		b.as("sun.peng").post(path, body("please")).refused(process.CodeForbidden)
		b.nobody().post(path, body("please")).refused(codeUnauthenticated)
		admin.keyed("n-"+act.name, path, body(" ")).refused(process.CodeCommentRequired)
		require.Equal(t, before, seen(), "%s: what is refused changes nothing", act.name)

		first := admin.keyed("k-"+act.name, path, body("an audit"))
		first.ok()
		require.Equal(t, string(first.raw), string(admin.keyed("k-"+act.name, path, body("an audit")).raw), "%s: the same answer", act.name)
		admin.keyed("k-"+act.name, path, body("something else")).refused(process.CodeKeyReused)
		found := b.entries(id, act.entry)
		require.Len(t, found, 1, act.name)
		require.Equal(t, []any{"an audit", "deng.rui"}, []any{found[0]["reason"], found[0]["by"]}, act.name)
	}
}

func TestASuspendedCaseTakesNoActAndLosesNoTime(t *testing.T) {
	t.Parallel()
	b := newYard(t)
	admin, owner := b.as("deng.rui"), b.as("li.na")
	c := b.inYard("0201")
	id, left, right := c["id"].(string), task(t, c, "l1"), task(t, c, "r1")
	due := owner.get("/tasks/" + left).ok()["due_at"]
	require.Equal(t, "2026-09-29T18:00:00+08:00", due)
	admin.post("/cases/"+id+"/suspend", map[string]any{"reason": "a strike"}).ok()
	for _, act := range []string{"complete", "transfer", "stop-clock"} {
		owner.post("/tasks/"+right+"/"+act, map[string]any{"to": "sun.peng", "comment": "x"}).refused(process.CodeCaseSuspended)
	}
	admin.post("/tasks/"+right+"/assign", map[string]any{"to": "sun.peng", "comment": "x"}).refused(process.CodeCaseSuspended)
	admin.post("/cases/"+id+"/jump", map[string]any{"to": "after", "reason": "x"}).refused(process.CodeCaseSuspended)
	owner.post("/cases/"+id+"/withdraw", nil).refused(process.CodeCaseSuspended)
	require.Empty(t, actions(owner.get("/tasks/"+right).ok()))
	require.Empty(t, actions(admin.get("/tasks/"+right).ok()))
	require.Equal(t, []string{"comments", "copy"}, actions(owner.get("/cases/"+id).ok()))
	require.Equal(t, []string{"resume", "cancel", "comments", "copy"}, actions(admin.get("/cases/"+id).ok()))
	b.pass(24 * time.Hour) // one working day
	require.Equal(t, false, owner.get("/tasks/" + left).ok()["overdue"])
	admin.post("/cases/"+id+"/resume", map[string]any{"reason": "it is over"}).ok()
	require.Equal(t, "2026-09-30T18:00:00+08:00", owner.get("/tasks/" + left).ok()["due_at"], "one working day stood still")

	b.pass(48 * time.Hour) // it is late now
	admin.post("/cases/"+id+"/suspend", map[string]any{"reason": "again"}).ok()
	require.Len(t, b.entries(id, "late"), 0, "nothing is told of a limit without a ladder")
	b.pass(24 * time.Hour)
	admin.post("/cases/"+id+"/resume", map[string]any{"reason": "it is over"}).ok()
	late := owner.get("/tasks/" + left).ok()
	require.Equal(t, []any{"2026-09-30T18:00:00+08:00", true}, []any{late["due_at"], late["overdue"]}, "what was late stays late")
	owner.post("/tasks/"+right+"/complete", nil).ok()
}

func TestAJumpOutOfBranches(t *testing.T) {
	t.Parallel()
	b := newYard(t)
	admin := b.as("deng.rui")
	id := b.inYard("0301")["id"].(string)
	jump := func(to string) answer {
		return admin.post("/cases/"+id+"/jump", map[string]any{"to": to, "reason": "the customer waits"})
	}
	jump("nowhere").field(process.CodeFieldInvalid, "to")
	c := jump("l2").ok()
	require.Equal(t, []string{"l2", "r1"}, steps(c), "within a branch the others stay")
	require.Equal(t, []string{"after"}, steps(jump("after").ok()))
	require.Len(t, b.entries(id, "voided"), 3)
	jump("r1").field(process.CodeStepNotPassed, "to")
	admin.post("/cases/"+id+"/jump", map[string]any{"to": "fork", "items": []string{"left"}, "reason": "x"}).field(process.CodeFieldInvalid, "items")
	require.Equal(t, []string{"l1", "r1"}, steps(jump("fork").ok()), "the join starts afresh")
}

func TestCancellingRunsTheUndo(t *testing.T) {
	t.Parallel()
	b := newYard(t)
	c := b.inYard("0401")
	record := "/records/lead/" + c["record"].(map[string]any)["id"].(string)
	need := func() any { return b.as("li.na").get(record).ok()["fields"].(map[string]any)["need"] }
	require.Equal(t, "marked", need())
	ended := b.as("deng.rui").post("/cases/"+c["id"].(string)+"/cancel", map[string]any{"reason": "opened twice"}).ok()
	require.Equal(t, []any{"ended", "cancelled"}, []any{ended["status"], ended["outcome"]})
	require.Nil(t, need())
	require.Len(t, b.entries(c["id"].(string), "undone"), 1)
	require.Equal(t, []string{"comments", "copy"}, actions(ended))
	b.as("deng.rui").post("/cases/"+c["id"].(string)+"/cancel", map[string]any{"reason": "again"}).refused(process.CodeCaseEnded)
}

// stuck are the things that don't go on by themselves, of one case.
func (b *bundle) stuck(c string) []map[string]any {
	b.Helper()
	return slices.DeleteFunc(b.as("deng.rui").get("/stuck?limit=200").items(), func(s map[string]any) bool {
		about, known := s["case"].(map[string]any)
		return !known || about["id"] != c
	})
}

func TestASeatWithoutAnybodyIsListedUntilSomebodyIsAssigned(t *testing.T) {
	t.Parallel()
	b := newYard(t)
	admin, owner, manager := b.as("deng.rui"), b.as("li.na"), b.as("chen.jie")
	c := b.inYard("0501")
	id := c["id"].(string)
	admin.post("/cases/"+id+"/jump", map[string]any{"to": "after", "reason": "hurry"}).ok()
	c = manager.post("/tasks/"+task(t, owner.get("/cases/"+id).ok(), "after")+"/approve", nil).ok()["case"].(map[string]any)
	vacant := task(t, c, "last")
	listed := b.stuck(id)
	require.Len(t, listed, 1)
	require.Equal(t, []any{"vacant", vacant, "last"}, []any{listed[0]["what"], listed[0]["task"], listed[0]["step"]})
	require.NotEmpty(t, listed[0]["why"])
	require.Contains(t, listed[0]["do"], "assign")
	require.Equal(t, []string{"complete", "transfer", "remove-approver", "assign"}, actions(admin.get("/tasks/"+vacant).ok()))
	require.Equal(t, []string{"urge"}, actions(owner.get("/tasks/"+vacant).ok()), "administrators may be urged to find somebody")
	owner.post("/tasks/"+vacant+"/complete", nil).refused(process.CodeNotYourTask)
	admin.post("/tasks/"+vacant+"/assign", map[string]any{"to": "nobody.here", "reason": "x"}).field(process.CodeFieldInvalid, "to")
	admin.post("/tasks/"+vacant+"/assign", map[string]any{"to": "liang.hong", "reason": "there is no auditor yet"}).ok()
	require.Empty(t, b.stuck(id))
	ended := b.as("liang.hong").post("/tasks/"+vacant+"/complete", nil).ok()["case"].(map[string]any)
	require.Equal(t, "done", ended["outcome"])
}

// Somebody who is made inactive without a handover leaves tasks that nobody can do: they are listed until somebody has them.
func TestTasksOfSomebodyWhoHasLeftAreListedUntilSomebodyHasThem(t *testing.T) {
	t.Parallel()
	b := newYard(t)
	admin := b.as("deng.rui")
	c := b.inYard("0511")
	id := c["id"].(string)
	holder := c["open"].([]any)[0].(map[string]any)["who"].([]any)[0].(string)
	require.Empty(t, b.stuck(id))
	admin.patch("/users/"+holder, map[string]any{"active": false}).ok()
	listed := b.stuck(id)
	require.Len(t, listed, 2, "both branches are theirs")
	for _, one := range listed {
		require.Equal(t, "vacant", one["what"])
		require.Contains(t, one["why"], "has left")
		admin.post("/tasks/"+one["task"].(string)+"/assign", map[string]any{"to": "liang.hong", "reason": "it has to go on"}).ok()
	}
	require.Empty(t, b.stuck(id))
}

const account = `record: account
title: {zh: 账户, en: Account}
fields:
  company: {type: text, required: true}
unique: [company]
`

const twin = `process: twin
title: {zh: 双胞胎, en: Twin}
record: lead
number: "TW{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - {id: make, create: {account: {company: record.company}}}
  - {id: then, task: Then, by: initiator}
  - end: done
`

// heldCase is a case that can't make its account, since there is one of the same company.
func (b *bundle) heldCase(n string) map[string]any {
	b.Helper()
	b.publish("account.yaml", account)
	b.publish("twin.yaml", twin)
	b.as("deng.rui").post("/records/account", map[string]any{"fields": map[string]any{"company": lead(n)["company"]}}).ok()
	return b.as("li.na").post("/cases", map[string]any{"process": "twin", "with": lead(n)}).ok()
}

func (b *bundle) accounts() int { return len(b.as("deng.rui").get("/records/account").items()) }

func TestAHeldCaseIsListedMendedAndTriedAgain(t *testing.T) {
	t.Parallel()
	b := newYard(t)
	admin, owner := b.as("deng.rui"), b.as("li.na")
	c := b.heldCase("0601")
	id := c["id"].(string)
	require.NotNil(t, c["held"])
	listed := b.stuck(id)
	require.Len(t, listed, 1)
	require.Equal(t, []any{"held", c["held"]}, []any{listed[0]["what"], listed[0]["why"]})
	require.Equal(t, c["number"], listed[0]["case"].(map[string]any)["number"])
	require.Contains(t, listed[0]["do"], "resume")
	require.Equal(t, []string{"suspend", "jump", "resume", "cancel", "comments", "copy"}, actions(admin.get("/cases/"+id).ok()))
	require.Empty(t, actions(admin.get("/tasks/"+listed[0]["task"].(string)).ok()), "it is the case that is resumed")
	require.Contains(t, admin.get("/cases/" + id).ok()["places"], map[string]any{"step": "then", "title": "Then"}, "where it can be led to")
	require.NotContains(t, owner.get("/cases/"+id).ok(), "places")

	again := admin.post("/cases/"+id+"/resume", map[string]any{"reason": "let us see"}).ok()
	require.NotNil(t, again["held"], "the cause isn't gone")
	require.Len(t, b.entries(id, "failed"), 2)
	admin.post("/cases/"+id+"/suspend", map[string]any{"reason": "first things first"}).ok()
	require.NotNil(t, admin.post("/cases/"+id+"/resume", map[string]any{"reason": "from the suspension"}).ok()["held"])

	owner.patch("/records/lead/"+c["record"].(map[string]any)["id"].(string), map[string]any{"fields": map[string]any{"company": "Another one"}}).ok()
	mended := admin.keyed("mended", "/cases/"+id+"/resume", map[string]any{"reason": "the lead had the wrong company"}).ok()
	require.Nil(t, mended["held"])
	require.Equal(t, []string{"then"}, steps(mended))
	require.Empty(t, b.stuck(id))
	require.Equal(t, 2, b.accounts())
	admin.keyed("mended", "/cases/"+id+"/resume", map[string]any{"reason": "the lead had the wrong company"}).ok()
	require.Equal(t, 2, b.accounts(), "once")
	admin.post("/cases/"+id+"/resume", map[string]any{"reason": "x"}).refused(process.CodeFieldInvalid)
}

// Where the cause can't be removed, a jump leads around the step, which then isn't done.
func TestAHeldCaseIsLedAroundWhatItCannotDo(t *testing.T) {
	t.Parallel()
	b := newYard(t)
	id := b.heldCase("0602")["id"].(string)
	out := b.as("deng.rui").post("/cases/"+id+"/jump", map[string]any{"to": "then", "reason": "it is the same company"}).ok()
	require.Nil(t, out["held"])
	require.Equal(t, []string{"then"}, steps(out))
	require.Empty(t, b.stuck(id))
	require.Equal(t, 1, b.accounts())
	ended := b.as("li.na").post("/tasks/"+task(t, out, "then")+"/complete", nil).ok()["case"].(map[string]any)
	require.Equal(t, "done", ended["outcome"])
}

func TestWhatIsLateAndWhatIsUntoldIsListed(t *testing.T) {
	t.Parallel()
	b := newYard(t)
	c := b.as("li.na").startCase("0701")
	id := c["id"].(string)
	require.Empty(t, b.stuck(id), "news has just been written")
	b.pass(10 * 24 * time.Hour) // neither worker nor Temporal runs here
	found := map[any]map[string]any{}
	for _, s := range b.stuck(id) {
		found[s["what"]] = s
	}
	require.Len(t, found, 2)
	require.Equal(t, "2026-09-28T09:00:00+08:00", found["untold"]["since"].(string)[:len("2026-09-28T09:00")]+":00+08:00")
	require.Contains(t, found["untold"]["why"], "Temporal")
	require.Contains(t, found["late"]["why"], "moment")

	var all []any
	for path := "/stuck?limit=1"; path != ""; {
		page := b.as("deng.rui").get(path).ok()
		all = append(all, page["items"].([]any)...)
		path = ""
		if next, more := page["next"].(string); more {
			path = "/stuck?limit=1&cursor=" + next
		}
	}
	require.Equal(t, b.as("deng.rui").get("/stuck").ok()["items"], all, "page by page it is the same")
	b.as("li.na").get("/stuck").refused(process.CodeForbidden)
	_, err := b.db.Exec(t.Context(), `INSERT INTO requests (call, case_id, step, system, method, path, reads, status, created_real)
		VALUES ($1 || '.c1', $1, 'ask', 'erp', 'POST', '/orders', false, 'waiting', $2)`, id, time.Now())
	require.NoError(t, err)
	require.Len(t, slices.DeleteFunc(b.stuck(id), func(s map[string]any) bool { return s["step"] != "ask" }), 1, "a call that nothing has taken up")
	metrics := string(b.nobody().get("//metrics").raw)
	for _, line := range []string{`crmflow_stuck{what="late"} 1`, `crmflow_stuck{what="untold"} 2`, `crmflow_stuck{what="held"} 0`, `crmflow_stuck{what="vacant"} 0`} {
		require.Contains(t, metrics, line)
	}
	require.Contains(t, string(b.nobody().get("//about").raw), "<dd>3</dd>")
}

func TestWhoMayTakeADecisionBackIsOfferedIt(t *testing.T) {
	t.Parallel()
	b := newYard(t)
	owner := b.as("li.na")
	c := b.inYard("0801")
	right := task(t, c, "r1")
	done := owner.post("/tasks/"+right+"/complete", nil).ok()
	require.Equal(t, []string{"take-back"}, actions(done["task"].(map[string]any)), "the left branch runs on, so nothing has followed")
	require.Equal(t, []string{"take-back"}, actions(owner.get("/tasks/"+right).ok()))
	require.Empty(t, actions(b.as("deng.rui").get("/tasks/"+right).ok()))
	require.Equal(t, []string{"l1", "r1"}, steps(owner.post("/tasks/"+right+"/take-back", nil).ok()["case"].(map[string]any)))
	require.Empty(t, actions(owner.get("/tasks/"+right).ok()))
}
