package server

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// jury is a chain of two branches, each of which looks at a field of its own, and a form behind them.
const jury = `process: jury
title: {zh: 会审, en: Jury}
record: lead
number: "JU{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - id: fork
    parallel:
      - {id: left, title: Left, steps: [{id: needed, approve: Needed, by: {user: sun.peng}, reapprove_if_changed: [need]}, {id: filed, task: Filed, by: initiator}]}
      - {id: right, title: Right, steps: [{id: known, approve: Known, by: {user: sun.peng}, reapprove_if_changed: [contact]}]}
    join: all
  - {id: work, task: Work, by: initiator, edit: {need: optional}}
  - {id: last, task: Last, by: initiator}
  - end: done
`

func TestWhoIsAskedAgainInABranchSeesWhatHasChanged(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.publish("jury.yaml", jury)
	liNa := b.as("li.na")
	c := liNa.post("/cases", map[string]any{"process": "jury", "with": lead("7")}).ok()
	id := c["id"].(string)
	now := func() map[string]any { return b.as("deng.rui").get("/cases/" + id).ok() }
	b.as("sun.peng").post("/tasks/"+task(t, now(), "needed")+"/approve", nil).ok()
	b.as("sun.peng").post("/tasks/"+task(t, now(), "known")+"/approve", nil).ok()
	liNa.post("/tasks/"+task(t, now(), "filed")+"/complete", nil).ok()
	liNa.post("/tasks/"+task(t, now(), "work")+"/complete", map[string]any{"fields": map[string]any{"need": "two more"}}).ok()

	require.Equal(t, []string{"needed"}, steps(now()), "the other's answer stands")
	opened := b.entries(id, "opened")
	var again map[string]any
	for _, e := range opened {
		if data, _ := e["data"].(map[string]any); e["step"] == "needed" && data["changed"] != nil {
			again = data["changed"].(map[string]any)
		}
	}
	require.Contains(t, again, "need")
	require.Equal(t, "two more", again["need"].(map[string]any)["to"])

	b.as("sun.peng").post("/tasks/"+task(t, now(), "needed")+"/approve", nil).ok()
	require.Equal(t, []string{"last"}, steps(now()))
}

// couple is a chain that two cases of one record may run at once: a form, then two who look at what is in it.
const couple = `process: couple
title: {zh: 两次, en: Couple}
record: lead
number: "CO{0000}"
subject: "{record.company}"
start: {by: [role:sales]}
steps:
  - {id: fill, task: Fill, by: initiator, edit: {need: optional}}
  - {id: look, approve: Look, by: [{user: sun.peng}, {user: chen.jie}], mode: all, reapprove_if_changed: [need]}
  - end: approved
`

func TestWhatAnotherCaseOfTheRecordChangesIsAskedAgain(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.publish("couple.yaml", couple)
	liNa := b.as("li.na")
	one := liNa.post("/cases", map[string]any{"process": "couple", "with": lead("8")}).ok()
	record := one["record"].(map[string]any)["id"].(string)
	now := func(id any) map[string]any { return b.as("deng.rui").get("/cases/" + id.(string)).ok() }
	look := func(who string) string {
		for _, o := range now(one["id"])["open"].([]any) {
			if open := o.(map[string]any); slices.Contains(open["who"].([]any), any(who)) {
				return open["task"].(string)
			}
		}
		require.Fail(t, who+" is asked nothing")
		return ""
	}
	liNa.post("/tasks/"+task(t, now(one["id"]), "fill")+"/complete", nil).ok()
	b.as("sun.peng").post("/tasks/"+look("sun.peng")+"/approve", nil).ok()

	two := liNa.post("/cases", map[string]any{"process": "couple", "record": map[string]any{"type": "lead", "id": record}}).ok()
	liNa.post("/tasks/"+task(t, now(two["id"]), "fill")+"/complete", map[string]any{"fields": map[string]any{"need": "two more"}}).ok()

	require.Len(t, b.entries(one["id"].(string), "voided"), 1, "at once, whoever acts next")
	b.as("chen.jie").post("/tasks/"+look("chen.jie")+"/approve", nil).ok()
	require.Equal(t, []string{"look"}, steps(now(one["id"])))
	b.as("sun.peng").post("/tasks/"+look("sun.peng")+"/approve", nil).ok()
	require.Equal(t, "approved", now(one["id"])["outcome"])
}
