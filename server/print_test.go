package server

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// sheetOf is a case on paper.
func (p person) sheetOf(id, query string) string {
	p.Helper()
	a := p.get("/cases/" + id + "/print" + query)
	require.Equal(p, http.StatusOK, a.status, "%s", a.raw)
	require.Equal(p, "text/html; charset=utf-8", a.header.Get("Content-Type"))
	return string(a.raw)
}

// signing is a chain that asks for a signature.
const signing = `process: signing
title: {zh: 签字, en: Signing}
record: lead
number: "SI{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - {id: look, approve: {zh: 看一看, en: Have a look}, by: {user: chen.jie}}
  - {id: sign, approve: {zh: 签字, en: Sign it}, by: {user: zhou.min}, signature: required}
  - end: done
`

func TestACaseOnPaper(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.publish("signing.yaml", signing)
	fields := lead("0001")
	fields["company"], fields["need"] = `<script>alert("x")</script> & 泵业`, "first line\nsecond"
	c := b.as("li.na").post("/cases", map[string]any{"process": "signing", "with": fields}).ok()
	id := c["id"].(string)
	require.Contains(t, b.as("li.na").sheetOf(id, ""), "Nobody has given an opinion yet.")
	b.as("chen.jie").post("/tasks/"+openTask(c)+"/approve", map[string]any{"comment": "价格 <合理>"}).ok()
	signature := "sha256:" + strings.Repeat("ab", 32)
	b.as("zhou.min").post("/tasks/"+openTask(b.as("zhou.min").get("/cases/"+id).ok())+"/approve", map[string]any{"signature": signature}).ok()

	en := b.as("li.na").sheetOf(id, "")
	for _, part := range []string{`lang="en"`, "SI0001", "Signing", "Li Na", "2026-09-28 09:0", "Ended: ", "Have a look", "Chen Jie", "价格 &lt;合理&gt;", "Sign it", "Zhou Min", "Signed " + signature, "first line\nsecond"} {
		require.Contains(t, en, part)
	}
	require.NotContains(t, en, "<script")
	require.Contains(t, en, "&lt;script&gt;")
	zh := b.as("li.na").sheetOf(id, "?lang=zh")
	for _, part := range []string{`lang="zh"`, "编号 SI0001", "签字", "李娜", "看一看", "陈洁", "已签名 " + signature, "已结束"} {
		require.Contains(t, zh, part)
	}
	b.as("li.na").get("/cases/" + id + "/print?lang=fr").refused(process.CodeFieldInvalid)
	b.as("sun.peng").get("/cases/" + id + "/print").refused(process.CodeNotFound)
}

// The page's own style is the only thing that its policy lets a browser use.
func TestThePolicyOfASheetAllowsItsStyleAndNothingElse(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	a := b.as("li.na").get("/cases/" + b.as("li.na").startCase("0001")["id"].(string) + "/print")
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindSubmatch(a.raw)
	require.NotNil(t, style)
	sum := sha256.Sum256(style[1])
	policy := a.header.Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	require.NotContains(t, policy, "unsafe")
	require.NotContains(t, string(a.raw), " style=")
}

// Amounts stand there in figures and in words, files by name, lines as a table.
func TestAmountsOnPaperAreInWords(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.publish("deal.yaml", "record: deal\ntitle: {zh: 合同, en: Deal}\nfields:\n  name: {type: text, required: true}\n  total: {type: money, title: {zh: 总额, en: Total}}\n  kind: {type: choice, of: {big: {zh: 大单, en: A big one}}}\n  parts:\n    type: lines\n    title: {zh: 明细, en: Parts}\n    of: {what: {type: text}, price: {type: money}}\n  owner: {type: person, default: creator}\n")
	b.publish("deals.yaml", "process: deals\ntitle: {zh: 合同审批, en: Deals}\nrecord: deal\nstart: {by: [role:sales]}\nsteps:\n  - {id: look, approve: Look, by: {user: chen.jie}}\n  - end: done\n")
	c := b.as("li.na").post("/cases", map[string]any{"process": "deals", "with": map[string]any{"name": "one", "total": map[string]any{"amount": 12_000_000, "currency": "CNY"}, "kind": "big",
		"parts": []map[string]any{{"what": "pump", "price": map[string]any{"amount": 1_640_902, "currency": "CNY"}}}}}).ok()
	zh := b.as("li.na").sheetOf(c["id"].(string), "?lang=zh")
	for _, part := range []string{"总额", "120,000.00 CNY\n（大写）壹拾贰万元整", "大单", "明细", "pump", "壹万陆仟肆佰零玖元零贰分"} {
		require.Contains(t, zh, part)
	}
	require.Contains(t, b.as("li.na").sheetOf(c["id"].(string), "?lang=en"), "In words: 壹拾贰万元整")
}
