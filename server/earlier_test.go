package server

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

const submitted = `process: sample-offer
title: {zh: 报价审批, en: Offer}
record: lead
number: "OF{0000}"
start: {by: [role:sales]}
steps:
  - {id: look, approve: {zh: 主管看, en: The manager looks}, by: {manager_of: initiator}}
  - {id: price, approve: {zh: 质量看, en: Quality looks}, by: {user: feng.lei}, show: [company]}
  - end: approved
`

// opinionsIn are what an answer says of earlier cases: number, outcome, and who decided what with which words.
func opinionsIn(answer map[string]any) []string {
	var out []string
	list, _ := answer["earlier"].([]any)
	for _, c := range list {
		c := c.(map[string]any)
		line := fmt.Sprint(c["number"], " ", c["outcome"])
		for _, e := range c["entries"].([]any) {
			e := e.(map[string]any)
			line += fmt.Sprint("; ", e["event"], " ", e["title"], " ", e["by"], " ", e["outcome"], " ", e["comment"])
		}
		out = append(out, line)
	}
	return out
}

// Rejected or withdrawn and submitted again is a new case with a new number, linked both ways; who decides now reads what was said before.
func TestSubmittedAgainIsANewCaseThatShowsTheEarlierOpinions(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.as("deng.rui").post("/definitions", files(submitted)).ok()
	owner, manager, quality := b.as("li.na"), b.as("chen.jie"), b.as("feng.lei")
	first := owner.post("/cases", map[string]any{"process": "sample-offer", "with": lead("8001")}).ok()
	require.Empty(t, opinionsIn(owner.get("/cases/"+first["id"].(string)).ok()))
	record := map[string]any{"type": "lead", "id": first["record"].(map[string]any)["id"]}
	again := func() map[string]any {
		return owner.post("/cases", map[string]any{"process": "sample-offer", "record": record}).ok()
	}
	manager.post("/tasks/"+openTask(first)+"/reject", map[string]any{"comment": "too dear"}).ok()

	second := again()
	require.Equal(t, "OF0002", second["number"])
	require.Equal(t, []string{"resubmitted_as OF0002 running <nil>"}, linksIn(owner.get("/cases/"+first["id"].(string)).ok()))
	require.Equal(t, []string{"resubmits OF0001 ended rejected"}, linksIn(owner.get("/cases/"+second["id"].(string)).ok()))
	said := []string{"OF0001 rejected; decided The manager looks chen.jie rejected too dear"}
	require.Equal(t, said, opinionsIn(manager.get("/tasks/"+openTask(second)).ok()))
	require.Equal(t, said, opinionsIn(owner.get("/cases/"+second["id"].(string)).ok()))
	owner.post("/cases/"+second["id"].(string)+"/withdraw", map[string]any{"reason": "wrong price"}).ok()

	third := again()
	require.Equal(t, []string{"resubmits OF0002 ended withdrawn"}, linksIn(owner.get("/cases/"+third["id"].(string)).ok()))
	manager.post("/tasks/"+openTask(third)+"/approve", nil).ok()
	task := openTask(owner.get("/cases/" + third["id"].(string)).ok())
	said = append([]string{"OF0002 withdrawn; withdrawn <nil> li.na <nil> wrong price"}, said...)
	seen := quality.get("/tasks/" + task).ok()
	require.Equal(t, said, opinionsIn(seen), "the last first")
	for _, c := range seen["earlier"].([]any) {
		for _, e := range c.(map[string]any)["entries"].([]any) {
			require.Empty(t, e.(map[string]any)["data"], "of the record, as it was, nothing is told")
		}
	}
	quality.get("/cases/" + first["id"].(string)).refused(process.CodeNotFound)
	require.Empty(t, linksIn(quality.get("/cases/"+third["id"].(string)).ok()), "what one may not see isn't linked")
	quality.post("/tasks/"+task+"/approve", nil).ok()

	fourth := again()
	require.Empty(t, linksIn(owner.get("/cases/"+fourth["id"].(string)).ok()), "what was approved isn't submitted again")
	fifth := again()
	require.Empty(t, linksIn(owner.get("/cases/"+fifth["id"].(string)).ok()), "nor is what still runs")
	other := owner.post("/cases", map[string]any{"process": "sample-offer", "with": lead("8002")}).ok()
	require.Empty(t, linksIn(owner.get("/cases/"+other["id"].(string)).ok()), "another record is another matter")
	require.Empty(t, opinionsIn(owner.get("/cases/"+other["id"].(string)).ok()))
}

// Of many that begin at once on a record one submits the rejected case again.
func TestOneCaseSubmitsAnotherAgain(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.as("deng.rui").post("/definitions", files(submitted)).ok()
	owner, manager := b.as("li.na"), b.as("chen.jie")
	first := owner.post("/cases", map[string]any{"process": "sample-offer", "with": lead("8001")}).ok()
	manager.post("/tasks/"+openTask(first)+"/reject", map[string]any{"comment": "no"}).ok()
	record := map[string]any{"type": "lead", "id": first["record"].(map[string]any)["id"]}
	var wait sync.WaitGroup
	for range 12 {
		wait.Go(func() { owner.post("/cases", map[string]any{"process": "sample-offer", "record": record}) })
	}
	wait.Wait()
	require.Len(t, linksIn(owner.get("/cases/"+first["id"].(string)).ok()), 1)
}
