package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// byMember finds the item of a list whose member has a value.
func byMember(t *testing.T, list []map[string]any, member, value string) map[string]any {
	t.Helper()
	for _, item := range list {
		if item[member] == value {
			return item
		}
	}
	t.Fatalf("no %s %q in %v", member, value, list)
	return nil
}

func objects(v any) []map[string]any {
	var out []map[string]any
	for _, item := range v.([]any) {
		out = append(out, item.(map[string]any))
	}
	return out
}

// Everybody is shown what they may start, and the form that starts it: what they may fill in, with what is filled in already.
func TestWhatOneMayStartIsListedWithItsForm(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na")
	review := byMember(t, owner.get("/processes").items(), "id", "lead-review")
	require.Equal(t, map[string]any{"type": "lead", "title": "Lead"}, review["record"])
	require.Equal(t, []any{1.0, true}, []any{review["version"], review["one_open_per_record"]})
	form := objects(review["form"])
	var asked []any
	for _, f := range form {
		asked = append(asked, f["field"])
		require.Equal(t, "edit", f["access"])
	}
	require.Equal(t, []any{"company", "contact", "phone", "source", "need"}, asked, "nobody fills in a status or an owner at a start")
	filled := map[string]any{}
	for _, f := range form {
		if f["required"] == true {
			filled[f["field"].(string)] = "+86 519 5550 0001"
		}
	}
	owner.post("/cases", map[string]any{"process": "lead-review", "with": filled}).ok()
}

// A process that asks for a form of its own gets that, and what the record can't do without.
func TestAFormOfItsOwn(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.as("deng.rui").post("/definitions", map[string]any{"files": []map[string]any{{"path": "short.yaml", "content": `process: sample-short
title: {zh: 简表, en: Short}
record: lead
number: "SH{0000}"
subject: "{record.company}"
start: {by: [role:sales], form: {need: required, company: optional}}
steps:
  - end: done
`}}}).ok()
	short := byMember(t, b.as("li.na").get("/processes").items(), "id", "sample-short")
	var is [][]any
	for _, f := range objects(short["form"]) {
		is = append(is, []any{f["field"], f["required"]})
	}
	require.Equal(t, [][]any{{"need", true}, {"company", true}, {"contact", true}, {"phone", true}}, is)
}

// A process that asks for nothing of its own gets every field that people may fill in, with the defaults of a new record.
func TestAProcessThatAsksForNothing(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.as("deng.rui").post("/definitions", map[string]any{"files": []map[string]any{{"path": "plain.yaml", "content": `process: sample-plain
title: {zh: 简单, en: Plain}
record: lead
number: "PL{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - end: done
`}}}).ok()
	form := objects(byMember(t, b.as("li.na").get("/processes").items(), "id", "sample-plain")["form"])
	require.Equal(t, "li.na", byMember(t, form, "field", "owner")["value"], "the default of a new record")
	status := byMember(t, form, "field", "status")
	require.Equal(t, "open", status["value"])
	require.Equal(t, false, byMember(t, objects(status["of"]), "value", "customer")["writable"], "only the review makes a customer of a lead")
	require.Equal(t, true, byMember(t, objects(status["of"]), "value", "lost")["writable"])
	for _, f := range form {
		require.NotEqual(t, "credit_limit", f["field"], "only the review sets it")
	}
}

func TestWhatNobodyMayStartIsNotListed(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	ids := func(p person) (ids []any) {
		for _, item := range p.get("/processes").items() {
			ids = append(ids, item["id"])
		}
		return ids
	}
	require.NotContains(t, ids(b.as("feng.lei")), "lead-review", "quality starts no review of a lead")
	require.NotContains(t, ids(b.as("li.na")), "quote-follow-up", "a sent quote starts it")
	require.Contains(t, ids(b.as("deng.rui")), "quote-follow-up", "where nobody is named, an administrator may")
	for _, id := range ids(b.as("feng.lei")) {
		b.as("feng.lei").post("/cases", map[string]any{"process": id, "with": map[string]any{}}).refused(process.CodeFieldRequired)
	}
	b.nobody().get("/processes").refused(codeUnauthenticated)
}

// A page can be made of a record type without knowing it: every field with its type, choices and columns, and whether people fill it in.
func TestRecordTypesSayHowToFillThemIn(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na")
	types := owner.get("/record-types").items()
	quote := byMember(t, types, "type", "quote")
	require.Equal(t, []any{"create"}, quote["actions"], "a sent quote starts its follow-up by itself")
	require.Empty(t, byMember(t, types, "type", "customer")["actions"], "a customer comes by the three gates")
	fields := objects(quote["fields"])
	require.Equal(t, "customer", byMember(t, fields, "field", "customer")["to"])
	require.Equal(t, false, byMember(t, fields, "field", "amount")["writable"], "it is computed")
	lines := objects(byMember(t, fields, "field", "lines")["columns"])
	require.Equal(t, "money", byMember(t, lines, "field", "price")["type"])
	photos := byMember(t, objects(byMember(t, types, "type", "complaint")["fields"]), "field", "photos")
	require.Equal(t, []any{true, []any{"image"}, 20971520.0}, []any{photos["many"], photos["accept"], photos["at_most"]})
	for _, f := range objects(byMember(t, types, "type", "complaint")["fields"]) {
		require.NotEqual(t, "cause", f["field"], "it is hidden from sales")
	}
	byMember(t, objects(byMember(t, b.as("feng.lei").get("/record-types").items(), "type", "complaint")["fields"]), "field", "cause")
	company := byMember(t, objects(byMember(t, owner.in("zh").get("/record-types").items(), "type", "customer")["fields"]), "field", "company")
	require.Equal(t, []any{"公司", true}, []any{company["title"], company["required"]})
	first := owner.get("/record-types?limit=1").ok()
	rest := owner.get("/record-types?cursor=" + first["next"].(string)).items()
	require.Len(t, rest, len(types)-1)
}
