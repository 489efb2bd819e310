package server

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

const calling = `record: errand
title: Errand
number: "E{0000}"
fields: {what: {type: text, required: true}, owner: {type: person, default: creator}}
---
process: sample-outer
title: Outer
record: lead
number: "OU{0000}"
start: {by: [role:sales]}
steps:
  - {id: ask, call: sample-inner, with: {what: record.company}, on: {refused: {end: refused}}}
---
process: sample-inner
title: Inner
record: errand
number: "IN{0000}"
start: {by: [role:sales]}
steps:
  - {id: look, approve: Look, by: {role: finance}, on: {rejected: {end: refused}}}
`

// Whoever looks at a case finds the one that called it, those that it has called, and both in the timeline – as far as they may see them.
func TestACaseShowsItsParentAndItsChildren(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.as("zhou.min").post("/definitions", files(calling)).ok()
	li := b.as("li.na")
	outer := li.post("/cases", map[string]any{"process": "sample-outer", "with": lead("7001")}).ok()
	id := outer["id"].(string)
	outer = li.get("/cases/" + id).ok()
	require.Nil(t, outer["parent"])
	children := outer["children"].([]any)
	require.Len(t, children, 1)
	child := children[0].(map[string]any)
	require.Equal(t, map[string]any{"id": child["id"], "number": "IN0001", "process": "sample-inner", "title": "Inner", "status": "running", "outcome": nil, "step": "ask"}, child)

	inner := li.get("/cases/" + child["id"].(string)).ok()
	require.Equal(t, map[string]any{"id": id, "number": "OU0001", "process": "sample-outer", "title": "Outer", "status": "running", "outcome": nil, "step": "ask"}, inner["parent"])
	require.Empty(t, inner["children"])
	require.Equal(t, "li.na", inner["initiator"])

	finance := inner["open"].([]any)[0].(map[string]any)["who"].([]any)[0].(string)
	decider := b.as(finance)
	seen := decider.get("/cases/" + child["id"].(string)).ok()
	require.Nil(t, seen["parent"], "who is asked in the child sees nothing of the lead")
	decider.get("/cases/" + id).refused(process.CodeNotFound)

	decider.post("/tasks/"+openTask(inner)+"/reject", map[string]any{"comment": "no"}).ok()
	require.Equal(t, "refused", li.get("/cases/" + id).ok()["outcome"])
	links := map[string]any{}
	for _, e := range li.get("/cases/" + id + "/timeline").items() {
		if n := e["data"].(map[string]any)["number"]; n != nil {
			links[e["event"].(string)] = n
		}
	}
	require.Equal(t, map[string]any{"waiting": "IN0001", "called": "IN0001"}, links)
	started := li.get("/cases/" + child["id"].(string) + "/timeline").items()[0]
	require.Equal(t, "started", started["event"])
	require.Equal(t, map[string]any{"case": id, "number": "OU0001"}, started["data"])
}
