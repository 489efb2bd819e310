package server

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const namesChoices = `record: leave
title: {zh: 请假单, en: Leave}
fields:
  kind:  {type: choice, of: {sick: {zh: 病假, en: Sick leave}}}
  unit:  {type: department}
  owner: {type: person, default: creator}
---
process: leave
title: {zh: 请假, en: Leave}
record: leave
number: "QJ{0000}"
subject: "{record.kind} · {record.unit}"
start: {by: [role:sales]}
steps:
  - {id: look, approve: Look, by: {user: chen.jie}}
`

// What a case is called in lists says choices and departments by name, as messages do.
func TestASubjectCallsThingsByName(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.as("deng.rui").post("/definitions", files(namesChoices)).ok()
	c := b.as("li.na").post("/cases", map[string]any{"process": "leave", "with": map[string]any{"kind": "sick", "unit": "sales"}}).ok()
	require.Equal(t, "病假 · 销售部", c["subject"])
	require.Equal(t, "病假 · 销售部", b.as("chen.jie").get("/tasks?box=todo&process=leave").items()[0]["subject"])
}
