package server

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// customerFor makes a customer to quote to, and gives the reference.
func customerFor(b *bundle, phone string) map[string]any {
	made := b.as("deng.rui").post("/records/customer", map[string]any{"fields": map[string]any{"company": "海川机械 " + phone, "contact": "Xu Min", "phone": "+86 519 5551 " + phone}}).ok()
	return map[string]any{"type": "customer", "id": made["id"]}
}

// quoteSent is a quote of the seller's that is followed up.
func quoteSent(seller person, customer map[string]any) map[string]any {
	made := seller.post("/records/quote", map[string]any{"fields": map[string]any{"customer": customer, "valid_until": "2027-03-31"}}).ok()
	return seller.patch("/records/quote/"+made["id"].(string), map[string]any{"fields": map[string]any{"status": "sent"}}).ok()
}

func portalComplaint(id string, customer map[string]any) map[string]any {
	return map[string]any{"id": id, "type": "portal.complaint", "data": map[string]any{"page": 3}, "record": map[string]any{"type": "complaint",
		"fields": map[string]any{"customer": customer, "product": "P-100", "defect": "苯超标", "owner": "li.na"}}}
}

// events starts a complaint from the customers' portal, and ends a follow-up by the order that the ERP took.
func events(b *bundle, owner person) {
	portal := b.as("pan.yu")
	customer := customerFor(b, "0001")
	told := portal.post("/events", portalComplaint("portal-1", customer))
	require.Equal(b, http.StatusAccepted, told.status, "%s", told.raw)
	started := told.body["cases"].([]any)[0].(map[string]any)
	require.Equal(b, "started", started["effect"])
	require.Equal(b, false, told.body["pending"])
	require.Equal(b, started["number"], owner.get("/cases/" + started["id"].(string)).ok()["number"], "the owner sees her case")

	quote := quoteSent(owner, customer)
	order := map[string]any{"id": "erp-4711", "type": "quote.accepted", "record": map[string]any{"type": "quote", "number": quote["number"]}}
	ended := portal.post("/events", order).ok()
	require.Equal(b, "moved", ended["cases"].([]any)[0].(map[string]any)["effect"])
	kase := owner.get("/cases?process=quote-follow-up").items()[0]
	require.Equal(b, "accepted", kase["outcome"])
}

func TestAnEventHasOneEffectHoweverOftenItIsSent(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	portal, customer := b.as("pan.yu"), customerFor(b, "0002")
	first := portal.post("/events", portalComplaint("1", customer))
	again := portal.post("/events", portalComplaint("1", customer))
	require.JSONEq(t, string(first.raw), string(again.raw))
	require.Equal(t, http.StatusAccepted, again.status)
	keyed := portal.keyed("k", "/events", portalComplaint("1", customer))
	require.JSONEq(t, string(first.raw), string(keyed.raw))
	require.JSONEq(t, string(first.raw), string(portal.keyed("k", "/events", portalComplaint("1", customer)).raw))
	portal.keyed("k", "/events", portalComplaint("2", customer)).refused(process.CodeKeyReused)
	require.Len(t, b.as("deng.rui").get("/records/complaint").items(), 1)

	changed := portalComplaint("1", customer)
	changed["data"] = map[string]any{"page": 4}
	portal.post("/events", changed).refused(process.CodeKeyReused)
	b.as("deng.rui").post("/events", portalComplaint("1", customer)).ok() // another sender's own
	require.Len(t, b.as("deng.rui").get("/records/complaint").items(), 2)
}

func TestAnEventIsRefusedByWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	portal, customer := b.as("pan.yu"), customerFor(b, "0003")
	with := func(change func(event, record map[string]any)) answer {
		e := portalComplaint("1", customer)
		change(e, e["record"].(map[string]any))
		return portal.post("/events", e)
	}
	with(func(e, _ map[string]any) { delete(e, "id") }).field(process.CodeFieldRequired, "id")
	with(func(e, _ map[string]any) { e["type"] = "Portal Complaint" }).field(process.CodeFieldInvalid, "type")
	with(func(e, _ map[string]any) { e["type"] = "portal.greeting" }).field(process.CodeFieldInvalid, "type")
	with(func(e, _ map[string]any) { delete(e, "record") }).field(process.CodeFieldRequired, "record")
	with(func(e, _ map[string]any) { e["data"] = "text" }).field(process.CodeFieldInvalid, "data")
	with(func(e, _ map[string]any) { e["data"] = map[string]any{"x": "\x00"} }).refused(process.CodeFieldInvalid)
	with(func(e, _ map[string]any) { e["date"] = "2026-09-28" }).field(process.CodeFieldInvalid, "date")
	with(func(_, r map[string]any) { delete(r, "fields") }).field(process.CodeFieldRequired, "record")
	with(func(_, r map[string]any) { r["id"] = "x" }).field(process.CodeFieldInvalid, "record")
	with(func(_, r map[string]any) { delete(r["fields"].(map[string]any), "defect") }).field(process.CodeFieldRequired, "defect")
	with(func(_, r map[string]any) { r["fields"].(map[string]any)["owner"] = "nobody" }).field(process.CodeFieldInvalid, "owner")
	with(func(_, r map[string]any) { r["type"], r["fields"] = "invoice", map[string]any{} }).refused(process.CodeNotFound)
	with(func(_, r map[string]any) { delete(r, "fields"); r["number"] = "C2026-99999" }).refused(process.CodeNotFound)
	with(func(e, _ map[string]any) { e["data"] = map[string]any{"x": strings.Repeat("x", bodyLimit)} }).refused(codeTooLarge)
	require.Empty(t, b.as("deng.rui").get("/records/complaint").items(), "nothing was made")
	require.Len(t, with(func(_, _ map[string]any) {}).ok()["cases"], 1, "and the id is still free")
}

func TestOnlyIntegratorsTellWhatHappenedOutside(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	event := portalComplaint("1", customerFor(b, "0004"))
	b.nobody().post("/events", event).refused(codeUnauthenticated)
	for _, user := range []string{"li.na", "zhou.min", "zhao.qiang"} {
		b.as(user).post("/events", event).refused(process.CodeForbidden)
	}
	require.Contains(t, b.as("li.na").in("zh").post("/events", event).refused(process.CodeForbidden)["detail"], "integrator")
	b.as("deng.rui").post("/events", event).ok()
	b.as("pan.yu").post("/events", event).ok()
}
