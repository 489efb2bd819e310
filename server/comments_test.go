package server

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// entriesOf are a case's entries of one event.
func (p person) entriesOf(id, event string) []map[string]any {
	p.Helper()
	return slices.DeleteFunc(p.get("/cases/"+id+"/timeline").items(), func(e map[string]any) bool { return e["event"] != event })
}

// toldOf are the texts that somebody was told of one sort.
func (p person) toldOf(about string) []string {
	p.Helper()
	var texts []string
	for _, m := range p.get("/notifications?limit=200").items() {
		if m["about"] == about {
			texts = append(texts, m["text"].(string))
		}
	}
	return texts
}

// A comment stands in the timeline, moves nothing, and tells whom it mentions, once.
func TestACommentStandsInTheTimelineAndTellsWhomItMentions(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager, director := b.as("li.na"), b.as("chen.jie"), b.as("zhou.min")
	c := owner.startCase("0001")
	id := c["id"].(string)
	before := manager.get("/cases/" + id).ok()
	require.Contains(t, before["actions"], "comments")

	said := map[string]any{"comment": "They want it by May.\nCan we?", "mention": []string{"zhou.min", "chen.jie", "zhou.min", "li.na"}}
	made := owner.keyed("k", "/cases/"+id+"/comments", said)
	require.Equal(t, http.StatusCreated, made.status, "%s", made.raw)
	require.Equal(t, made.raw, owner.keyed("k", "/cases/"+id+"/comments", said).raw, "the same comment sent twice is one")
	entries := manager.entriesOf(id, "commented")
	require.Len(t, entries, 1)
	require.Equal(t, entries[0], made.body, "it is answered as the timeline shows it")
	require.Equal(t, []any{"li.na", "They want it by May.\nCan we?", []any{"chen.jie", "li.na", "zhou.min"}}, []any{made.body["by"], made.body["comment"], made.body["data"].(map[string]any)["mention"]})
	require.Equal(t, "Zhou Min", made.body["names"].(map[string]any)["zhou.min"])

	for _, who := range []person{manager, director} {
		require.Equal(t, []string{"Li Na mentioned you in a comment: They want it by May. Can we? · 常州天汇泵业有限公司 0001"}, who.toldOf("commented"))
	}
	require.Empty(t, owner.toldOf("commented"), "nobody is told what they wrote themselves")
	require.Equal(t, before, manager.get("/cases/"+id).ok(), "it moves nothing")
	manager.post("/tasks/"+openTask(c)+"/approve", nil).ok()
}

func TestACommentIsTakenWhateverBecameOfTheCase(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager, admin := b.as("li.na"), b.as("chen.jie"), b.as("deng.rui")
	c := owner.startCase("0001")
	id := c["id"].(string)
	admin.post("/cases/"+id+"/suspend", map[string]any{"reason": "audit"}).ok()
	manager.post("/cases/"+id+"/comments", map[string]any{"comment": "why?"}).ok()
	admin.post("/cases/"+id+"/resume", map[string]any{"reason": "done"}).ok()
	manager.post("/tasks/"+openTask(c)+"/reject", map[string]any{"comment": "no"}).ok()
	require.Contains(t, owner.get("/cases/" + id).ok()["actions"], "comments")
	owner.post("/cases/"+id+"/comments", map[string]any{"comment": "a pity"}).ok()
	require.Len(t, owner.entriesOf(id, "commented"), 2)
	require.Equal(t, "rejected", owner.get("/cases/" + id).ok()["outcome"])
}

func TestCommentsThatAreRefusedChangeNothing(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager, stranger := b.as("li.na"), b.as("chen.jie"), b.as("sun.peng")
	id := owner.startCase("0001")["id"].(string)
	path := "/cases/" + id + "/comments"
	owner.post(path, map[string]any{}).refused(process.CodeCommentRequired)
	owner.post(path, map[string]any{"comment": " \n"}).refused(process.CodeCommentRequired)
	owner.post(path, map[string]any{"comment": strings.Repeat("x", 10_001)}).refused(process.CodeFieldInvalid)
	owner.post(path, map[string]any{"comment": "@", "mention": []string{"nobody.here"}}).field(process.CodeFieldInvalid, "mention")
	owner.post(path, map[string]any{"comment": "@", "mention": []string{"sun.peng"}}).field(process.CodeFieldInvalid, "mention")
	stranger.post(path, map[string]any{"comment": "let me in"}).refused(process.CodeNotFound)
	owner.post("/cases/none/comments", map[string]any{"comment": "x"}).refused(process.CodeNotFound)
	theirs := manager.upload("a.pdf", pdf).ok()["id"]
	for _, file := range []any{theirs, "none"} {
		owner.post(path, map[string]any{"comment": "x", "files": []map[string]any{{"id": file}}}).field(process.CodeFieldInvalid, "files")
	}
	require.Empty(t, owner.entriesOf(id, "commented"))
	require.Empty(t, stranger.toldOf("commented"))
}

// A file in a comment is seen by whoever sees the case, and by nobody else.
func TestAFileOfACommentIsVisibleAsTheCaseIs(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager, stranger := b.as("li.na"), b.as("chen.jie"), b.as("sun.peng")
	id := owner.startCase("0001")["id"].(string)
	file := owner.upload("terms.pdf", pdf).ok()
	path := "/files/" + file["id"].(string)
	manager.get(path).refused(process.CodeNotFound)
	made := owner.post("/cases/"+id+"/comments", map[string]any{"files": []map[string]any{{"id": file["id"]}, {"id": file["id"]}}}).ok()
	require.Equal(t, []any{map[string]any{"id": file["id"], "name": "terms.pdf", "size": file["size"], "sha256": file["sha256"]}}, made["data"].(map[string]any)["files"])
	require.Equal(t, pdf, string(manager.get(path).raw))
	stranger.get(path).refused(process.CodeNotFound)
	other := stranger.startCase("0002")["id"].(string)
	stranger.post("/cases/"+other+"/comments", map[string]any{"files": []map[string]any{{"id": file["id"]}}}).field(process.CodeFieldInvalid, "files")
	stranger.get(path).refused(process.CodeNotFound)
}

// Whatever happens beside them, each comment is there once, in the order of their numbers, and the case goes on.
func TestNoCommentOfManyAtOnceIsLost(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager := b.as("li.na"), b.as("chen.jie")
	c := owner.startCase("0001")
	id := c["id"].(string)
	var all sync.WaitGroup
	statuses := make([]int, 24)
	for i := range statuses {
		all.Go(func() {
			if i == 12 {
				statuses[i] = manager.post("/tasks/"+openTask(c)+"/approve", nil).status
				return
			}
			statuses[i] = []person{owner, manager}[i%2].post("/cases/"+id+"/comments", map[string]any{"comment": fmt.Sprint("no. ", i)}).status
		})
	}
	all.Wait()
	said := map[any]bool{}
	for _, e := range owner.entriesOf(id, "commented") {
		said[e["comment"]] = true
	}
	require.Len(t, said, 23)
	for i, status := range statuses {
		require.Less(t, status, 300, i)
	}
	for i, e := range owner.get("/cases/" + id + "/timeline").items() {
		require.Equal(t, float64(i+1), e["seq"])
	}
	require.Equal(t, "negotiate", owner.get("/cases/" + id).ok()["open"].([]any)[0].(map[string]any)["step"])
}
