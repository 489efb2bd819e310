package server

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// A deal that was agreed to is revoked by who started it, or by finance, within two working days; the sales director must agree.
const revocable = `process: sample-deal
title: {zh: 成交, en: Deal}
record: lead
number: "DE{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
revoke: {by: [initiator, {role: finance}], within: 2 working days, approved_by: {role: sales-director}}
steps:
  - {id: mark, set: {need: agreed}, undo: restore}
  - {id: agree, approve: {zh: 同意成交, en: Agree to the deal}, by: {manager_of: initiator}, on: {approved: {set: {source: referral}}}, undo: restore}
  - {id: tell, notify: {zh: 已成交, en: A deal}, to: {role: finance}}
  - end: approved
`

// agreed is the id of a deal that owner has started and that p, their manager, has agreed to.
func (p person) agreed(owner person, phone string) string {
	c := owner.post("/cases", map[string]any{"process": "sample-deal", "with": lead(phone)}).ok()
	p.post("/tasks/"+openTask(c)+"/approve", nil).ok()
	return c["id"].(string)
}

// newDeals is a server with the deals, and the people who make them.
func newDeals(t *testing.T, document string) (b *bundle, owner, manager, director person) {
	b = newBundle(t)
	b.as("deng.rui").post("/definitions", files(document)).ok()
	return b, b.as("li.na"), b.as("chen.jie"), b.as("zhou.min")
}

// events are the entries of a case's timeline of some sorts, each with its step.
func (p person) events(id string, sorts ...string) []string {
	var out []string
	for _, e := range p.get("/cases/" + id + "/timeline").items() {
		for _, sort := range sorts {
			if e["event"] == sort {
				step, _ := e["step"].(string)
				out = append(out, strings.TrimSpace(sort+" "+step))
			}
		}
	}
	return out
}

func linksIn(c map[string]any) []string {
	var out []string
	for _, l := range c["links"].([]any) {
		l := l.(map[string]any)
		out = append(out, fmt.Sprint(l["kind"], " ", l["number"], " ", l["status"], " ", l["outcome"]))
	}
	return out
}

func TestAnApprovedCaseIsRevokedByALinkedCase(t *testing.T) {
	t.Parallel()
	b, owner, manager, director := newDeals(t, revocable)
	id := manager.agreed(owner, "8001")
	record := owner.get("/cases/" + id).ok()["record"].(map[string]any)
	at := "/records/lead/" + record["id"].(string)
	need := func() any { return b.as("deng.rui").get(at).ok()["fields"].(map[string]any)["need"] }
	before := owner.get("/cases/" + id).ok()
	require.Contains(t, before["actions"], "revoke")
	require.Empty(t, before["links"])
	require.Equal(t, "agreed", need())

	made := owner.post("/cases/"+id+"/revoke", map[string]any{"comment": "the customer backed out"})
	require.Equal(t, http.StatusCreated, made.status)
	linked := made.ok()["case"].(map[string]any)
	require.Equal(t, base+"/cases/"+linked["id"].(string), made.header.Get("Location"))
	require.Equal(t, []any{"DE0002", "running", "li.na", "sample-deal"}, []any{linked["number"], linked["status"], linked["initiator"], linked["process"]})
	require.Contains(t, linked["subject"], "撤销 DE0001：")
	require.Equal(t, []any{"zhou.min"}, linked["open"].([]any)[0].(map[string]any)["who"])
	require.Equal(t, "approved", owner.get("/cases/" + id).ok()["outcome"], "nothing has happened to it yet")
	require.NotContains(t, owner.get("/cases/" + id).ok()["actions"], "revoke")
	require.Equal(t, []string{"revoked_by DE0002 running <nil>"}, linksIn(owner.get("/cases/"+id).ok()))
	require.Equal(t, []string{"revokes DE0001 ended approved"}, linksIn(owner.get("/cases/"+linked["id"].(string)).ok()))
	owner.post("/cases/"+id+"/revoke", nil).refused(process.CodeAlreadyOpen)

	task := director.get("/tasks/" + openTask(linked)).ok()
	require.Equal(t, "Agree to revoking it", task["title"])
	director.post("/tasks/"+openTask(linked)+"/return", map[string]any{"comment": "x"}).refused(process.CodeUnknownOutcome)
	director.post("/tasks/"+openTask(linked)+"/reject", nil).refused(process.CodeCommentRequired)
	director.post("/tasks/"+openTask(linked)+"/approve", nil).ok()

	after := owner.get("/cases/" + id).ok()
	require.Equal(t, []any{"ended", "revoked", before["ended_at"]}, []any{after["status"], after["outcome"], after["ended_at"]})
	require.NotEqual(t, "agreed", need(), "what was there before is there again")
	require.Equal(t, []string{"revoked", "undone tell", "undone agree", "undone mark"}, owner.events(id, "revoked", "undone"), "the newest first, each once")
	require.Equal(t, []string{"revoked_by DE0002 ended approved"}, linksIn(after))
	require.NotContains(t, after["actions"], "revoke")
	owner.post("/cases/"+id+"/revoke", nil).refused(process.CodeCaseEnded)
	for _, e := range owner.get("/cases/" + id + "/timeline").items() {
		if e["event"] == "revoked" {
			require.Equal(t, []any{"li.na", "the customer backed out"}, []any{e["by"], e["comment"]})
			require.Equal(t, map[string]any{"case": linked["id"], "number": "DE0002", "kind": "revoked_by"}, e["data"].(map[string]any)["link"])
		}
	}
	require.Contains(t, string(owner.get("/cases/"+id+"/print?lang=zh").raw), "撤销")
	require.Contains(t, string(director.get("/cases/"+linked["id"].(string)+"/print?lang=en").raw), "Agree to revoking it")
	require.Equal(t, []string{"started", "opened revoke", "decided revoke", "ended"}, owner.events(linked["id"].(string), "started", "opened", "decided", "ended"))
}

// What isn't agreed to changes nothing: the case stands, whoever asked is told, and it may be asked again.
func TestARevocationThatIsRefusedOrWithdrawnChangesNothing(t *testing.T) {
	t.Parallel()
	_, owner, manager, director := newDeals(t, revocable)
	id := manager.agreed(owner, "8001")
	told := func() int { return len(owner.get("/notifications?limit=200").items()) }
	linked := owner.post("/cases/"+id+"/revoke", nil).ok()["case"].(map[string]any)
	before := told()
	director.post("/tasks/"+openTask(linked)+"/reject", map[string]any{"comment": "it stands"}).ok()
	require.Equal(t, before+1, told())
	stands := func() {
		c := owner.get("/cases/" + id).ok()
		require.Equal(t, []any{"ended", "approved"}, []any{c["status"], c["outcome"]})
		require.Contains(t, c["actions"], "revoke")
		require.Empty(t, owner.events(id, "revoked", "undone"))
	}
	stands()
	linked = owner.post("/cases/"+id+"/revoke", nil).ok()["case"].(map[string]any)
	manager.post("/cases/"+linked["id"].(string)+"/withdraw", nil).refused(process.CodeForbidden)
	owner.post("/cases/"+linked["id"].(string)+"/withdraw", nil).ok()
	stands()
	linked = owner.post("/cases/"+id+"/revoke", nil).ok()["case"].(map[string]any)
	director.post("/tasks/"+openTask(linked)+"/approve", nil).ok()
	require.Equal(t, "revoked", owner.get("/cases/" + id).ok()["outcome"])
	require.Equal(t, []string{"revoked_by DE0002 ended rejected", "revoked_by DE0003 ended withdrawn", "revoked_by DE0004 ended approved"}, linksIn(owner.get("/cases/"+id).ok()))
}

func TestWhoMayRevokeACase(t *testing.T) {
	t.Parallel()
	b, owner, manager, director := newDeals(t, revocable)
	running := owner.post("/cases", map[string]any{"process": "sample-deal", "with": lead("8001")}).ok()["id"].(string)
	withdraw := owner.post("/cases/"+running+"/revoke", nil)
	withdraw.refused(process.CodeAlreadyOpen)
	require.Contains(t, string(withdraw.raw), "withdraw it instead")
	manager.post("/cases/"+running+"/revoke", nil).refused(process.CodeForbidden)
	owner.post("/cases/"+running+"/withdraw", nil).ok()
	owner.post("/cases/"+running+"/revoke", nil).refused(process.CodeCaseEnded)

	id := manager.agreed(owner, "8002")
	manager.post("/cases/"+id+"/revoke", nil).refused(process.CodeForbidden)
	b.as("deng.rui").post("/cases/"+id+"/revoke", nil).refused(process.CodeForbidden)
	b.as("feng.lei").post("/cases/"+id+"/revoke", nil).refused(process.CodeNotFound)
	b.as("feng.lei").post("/cases/"+strings.Repeat("0", 24)+"/revoke", nil).refused(process.CodeNotFound)
	require.NotContains(t, manager.get("/cases/" + id).ok()["actions"], "revoke")
	finance := b.as("song.jia")
	linked := finance.post("/cases/"+id+"/revoke", nil).ok()["case"].(map[string]any)
	require.Equal(t, "song.jia", linked["initiator"])
	before := len(owner.get("/notifications?limit=200").items())
	director.post("/tasks/"+openTask(linked)+"/approve", nil).ok()
	require.Equal(t, before+1, len(owner.get("/notifications?limit=200").items()), "who started the case hears of it, whoever has asked")
	require.Equal(t, "revoked", owner.get("/cases/" + id).ok()["outcome"])

	// A chain without `revoke`, and a case that revokes.
	owner.post("/cases/"+owner.startCase("0009")["id"].(string)+"/revoke", nil).refused(process.CodeForbidden)
	finance.post("/cases/"+linked["id"].(string)+"/revoke", nil).refused(process.CodeForbidden)
	b.as("deng.rui").post("/cases/"+linked["id"].(string)+"/migrate", map[string]any{"dry_run": true}).refused(process.CodeFieldInvalid)
}

// The time counts from the end of the case, in working days. What was asked for within it may be agreed to after it.
func TestRevokingHasItsTime(t *testing.T) {
	t.Parallel()
	b, owner, manager, director := newDeals(t, revocable)
	late, asked := manager.agreed(owner, "8001"), manager.agreed(owner, "8002") // on Monday morning
	at := func(day, clock string) {
		moment, err := time.ParseInLocation("2006-01-02 15:04:05", "2026-09-"+day+" "+clock, companyZone)
		require.NoError(t, err)
		now := time.Now().Add(moment.Sub(began))
		b.clock.Store(&now)
	}
	at("30", "17:59:00")
	linked := owner.post("/cases/"+asked+"/revoke", nil).ok()["case"].(map[string]any)
	require.Contains(t, owner.get("/cases/" + late).ok()["actions"], "revoke")
	at("30", "18:00:30")
	require.NotContains(t, owner.get("/cases/" + late).ok()["actions"], "revoke")
	over := owner.post("/cases/"+late+"/revoke", nil)
	over.refused(process.CodeForbidden)
	require.Contains(t, string(over.raw), "the time for revoking is over")
	director.post("/tasks/"+openTask(linked)+"/approve", nil).ok()
	require.Equal(t, "revoked", owner.get("/cases/" + asked).ok()["outcome"])
	require.Equal(t, "approved", owner.get("/cases/" + late).ok()["outcome"])
}

// Where nobody must agree, the linked case is approved at once, and the other one is revoked when the answer is there.
func TestWhereNobodyMustAgreeARevocationIsDoneAtOnce(t *testing.T) {
	t.Parallel()
	_, owner, manager, _ := newDeals(t, strings.Replace(revocable, ", approved_by: {role: sales-director}", "", 1))
	id := manager.agreed(owner, "8001")
	linked := owner.post("/cases/"+id+"/revoke", map[string]any{"reason": "mistyped"}).ok()["case"].(map[string]any)
	require.Equal(t, []any{"ended", "approved"}, []any{linked["status"], linked["outcome"]})
	require.Equal(t, "revoked", owner.get("/cases/" + id).ok()["outcome"])
	require.Equal(t, []string{"revoked", "undone tell", "undone agree", "undone mark"}, owner.events(id, "revoked", "undone"))
	owner.post("/cases/"+id+"/revoke", nil).refused(process.CodeCaseEnded)
}

// However many ask at once, one linked case is made, and its approval undoes the other once; the same request again gives the same answer.
func TestOfManyRevocationsAtOnceThereIsOne(t *testing.T) {
	t.Parallel()
	_, owner, manager, director := newDeals(t, revocable)
	id := manager.agreed(owner, "8001")
	var wait sync.WaitGroup
	answers := make([]answer, 24)
	for i := range answers {
		wait.Go(func() { answers[i] = owner.post("/cases/"+id+"/revoke", nil) })
	}
	wait.Wait()
	var made []map[string]any
	for _, a := range answers {
		if a.status < 300 {
			made = append(made, a.ok()["case"].(map[string]any))
			continue
		}
		a.refused(process.CodeAlreadyOpen)
	}
	require.Len(t, made, 1)
	task := openTask(made[0])
	for i := range answers {
		wait.Go(func() { answers[i] = director.keyed(fmt.Sprint("k", i%3), "/tasks/"+task+"/approve", nil) })
	}
	wait.Wait()
	require.Equal(t, []string{"revoked", "undone tell", "undone agree", "undone mark"}, owner.events(id, "revoked", "undone"))

	id = manager.agreed(owner, "8002")
	first := owner.keyed("again", "/cases/"+id+"/revoke", nil).ok()["case"].(map[string]any)
	require.Equal(t, first["id"], owner.keyed("again", "/cases/"+id+"/revoke", nil).ok()["case"].(map[string]any)["id"])
}
