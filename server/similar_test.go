package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

func TestSimilarRecordsAreShownWithTheirOwners(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	one, other := b.as("li.na"), b.as("sun.peng")
	first := one.post("/records/lead", map[string]any{"fields": map[string]any{"company": "常州天汇泵业有限公司", "contact": "Xu Min", "phone": "+86 138 0000 1234"}}).ok()
	one.post("/records/lead", map[string]any{"fields": map[string]any{"company": "宁波海川机械股份有限公司", "contact": "Xu Min", "phone": "0519-5550 0002"}}).ok()

	found := other.get("/records/lead/similar?company=%E5%B8%B8%E5%B7%9E%E5%A4%A9%E6%B1%87%E6%B3%B5%E4%B8%9A&phone=13800001234").items() // 常州天汇泵业
	require.Len(t, found, 1)
	require.Equal(t, []any{"li.na", true, []any{"phone", "company"}}, []any{found[0]["owner"], found[0]["exact"], found[0]["because"]})
	require.Equal(t, map[string]any{"type": "lead", "id": first["id"], "title": ""}, found[0]["record"], "it is there and it is hers: more isn't said to who may not see it")
	require.Equal(t, "常州天汇泵业有限公司", one.get("/records/lead/similar?phone=13800001234").items()[0]["record"].(map[string]any)["title"])
	written := other.get("/records/lead/similar?company=%EF%BC%A8aichuan%E6%B5%B7%E5%B7%9D%E6%9C%BA%E6%A2%B0").items() // Ｈaichuan海川机械
	require.Empty(t, written)
	written = other.get("/records/lead/similar?company=%E6%B5%B7%E5%B7%9D%E6%9C%BA%E6%A2%B0%E6%9C%89%E9%99%90%E5%85%AC%E5%8F%B8").items() // 海川机械有限公司
	require.Len(t, written, 1)
	require.False(t, written[0]["exact"].(bool))

	other.post("/records/lead", map[string]any{"fields": map[string]any{"company": "X", "contact": "X", "phone": "138-0000-1234"}}).field(process.CodeFieldInvalid, "phone")
	other.get("/records/lead/similar?contact=X").field(process.CodeFieldInvalid, "contact")
	other.get("/records/lead/similar").refused(process.CodeFieldInvalid)
	b.as("liang.hong").get("/records/lead/similar?phone=13800001234").refused(process.CodeForbidden)
}

func TestTheFirstApprovalShowsSimilarRecords(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.as("sun.peng").post("/records/lead", map[string]any{"fields": map[string]any{"company": "常州天汇泵业集团有限公司", "contact": "X", "phone": "13800009999"}}).ok()
	c := b.as("li.na").startCase("0001")
	gate := b.as("chen.jie")
	task := gate.get("/tasks/" + openTask(c)).ok()
	require.Len(t, task["similar"], 1)
	require.Equal(t, "sun.peng", task["similar"].([]any)[0].(map[string]any)["owner"])
	gate.post("/tasks/"+openTask(c)+"/approve", nil).ok()
	require.NotContains(t, gate.get("/tasks/"+openTask(c)).ok(), "similar", "it is decided")
	sales := b.as("li.na")
	sales.does(c["id"].(string), "negotiate", "complete", map[string]any{"fields": map[string]any{"need": "pumps", "products": "P-100", "expected_amount": map[string]any{"amount": 100, "currency": "CNY"}}})
	require.NotContains(t, gate.get("/tasks/"+gate.open(c["id"].(string))["negotiation-report"]).ok(), "similar", "only at the first gate")
}
