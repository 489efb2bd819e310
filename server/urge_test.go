package server

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// at moves the business clock.
func (b *bundle) at(moment string) {
	b.Helper()
	t, err := time.ParseInLocation("2006-01-02 15:04", moment, companyZone)
	require.NoError(b, err)
	require.NoError(b, b.db.SetClock(b.Context(), time.Now(), t, 1))
}

// Who waits for a case may have its holders told: once in two working hours, three times a day, only in working time. `actions` says when.
func TestUrgingTellsTheHolderAsOftenAsTheLimitsAllow(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager := b.as("li.na"), b.as("chen.jie")
	c := owner.startCase("0001")
	id, task := c["id"].(string), openTask(c)
	require.Contains(t, c["actions"], "urge", "the answer to a start offers it, too")
	kase := func() any { return owner.get("/cases/" + id).ok()["actions"] }
	row := func() any { return owner.get("/tasks?box=started").items()[0]["actions"] }

	b.at("2026-09-28 10:00")
	require.Contains(t, kase(), "urge")
	require.Equal(t, []any{"urge"}, row())
	done := owner.keyed("k", "/cases/"+id+"/urge", map[string]any{"comment": "they are waiting"})
	require.Equal(t, id, done.ok()["id"])
	require.NotContains(t, done.body["actions"], "urge")
	require.Equal(t, done.raw, owner.keyed("k", "/cases/"+id+"/urge", map[string]any{"comment": "they are waiting"}).raw)
	require.Equal(t, []string{"Li Na urges you: Review the first contact (they are waiting) · 常州天汇泵业有限公司 0001"}, manager.toldOf("urged"))
	entry := manager.entriesOf(id, "urged")
	require.Len(t, entry, 1)
	require.Equal(t, []any{"li.na", task, "first-contact", "they are waiting", []any{"chen.jie"}},
		[]any{entry[0]["by"], entry[0]["task"], entry[0]["step"], entry[0]["comment"], entry[0]["data"].(map[string]any)["to"]})

	refused := func(again string) {
		t.Helper()
		require.NotContains(t, kase(), "urge")
		require.NotContains(t, row(), "urge")
		for _, path := range []string{"/cases/" + id + "/urge", "/tasks/" + task + "/urge"} {
			a := owner.post(path, nil)
			require.Equal(t, again, a.refused(process.CodeTooMany)["again_at"])
			wait, err := strconv.Atoi(a.header.Get("Retry-After"))
			require.NoError(t, err)
			from, err := time.Parse(time.RFC3339, again)
			require.NoError(t, err)
			now, err := time.Parse(time.RFC3339, owner.get("/clock").ok()["now"].(string))
			require.NoError(t, err)
			require.InDelta(t, from.Sub(now).Seconds(), wait, 30)
		}
	}
	b.at("2026-09-28 11:00")
	refused("2026-09-28T13:00:00+08:00")
	b.at("2026-09-28 13:00")
	owner.post("/tasks/"+task+"/urge", nil).ok()
	b.at("2026-09-28 15:00")
	owner.post("/tasks/"+task+"/urge", nil).ok()
	b.at("2026-09-28 17:30")
	refused("2026-09-29T09:00:00+08:00")
	b.at("2026-09-29 20:00")
	refused("2026-09-30T09:00:00+08:00")
	b.at("2026-09-30 19:00")
	refused("2026-10-08T09:00:00+08:00")
	b.at("2026-10-08 09:00")
	owner.post("/cases/"+id+"/urge", nil).ok()
	require.Len(t, manager.toldOf("urged"), 4)
	require.Len(t, manager.entriesOf(id, "urged"), 4)
}

func TestWhoMayUrgeAndAboutWhat(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager, director, admin := b.as("li.na"), b.as("chen.jie"), b.as("zhou.min"), b.as("deng.rui")
	c := owner.startCase("0001")
	id, task := c["id"].(string), openTask(c)
	path := "/tasks/" + task + "/urge"
	director.post(path, nil).refused(process.CodeForbidden) // sees it, and waits for nothing
	require.NotContains(t, director.get("/cases/" + id).ok()["actions"], "urge")
	b.as("sun.peng").post(path, nil).refused(process.CodeNotFound)
	b.nobody().post(path, nil).refused(codeUnauthenticated)
	manager.post(path, nil).refused(process.CodeForbidden) // their own task
	require.NotContains(t, manager.get("/tasks/" + task).ok()["actions"], "urge")
	owner.post("/tasks/none/urge", nil).refused(process.CodeNotFound)

	admin.post("/cases/"+id+"/suspend", map[string]any{"reason": "audit"}).ok()
	owner.post(path, nil).refused(process.CodeCaseSuspended)
	admin.post("/cases/"+id+"/resume", map[string]any{"reason": "done"}).ok()
	admin.post(path, map[string]any{"comment": "from the office"}).ok()
	require.NotContains(t, owner.get("/cases/" + id).ok()["actions"], "urge", "whoever urged, they were told")

	manager.post("/tasks/"+task+"/transfer", map[string]any{"to": "liang.hong", "comment": "she knows"}).ok()
	owner.post(path, nil).ok() // somebody else has it now
	require.Len(t, b.as("liang.hong").toldOf("urged"), 1)
	b.as("liang.hong").post("/tasks/"+task+"/approve", nil).ok()
	closed := owner.post(path, nil).refused(process.CodeTaskClosed)
	require.Equal(t, "liang.hong", closed["decided_by"])
	owner.post("/cases/"+id+"/urge", nil).refused(process.CodeForbidden) // the next step is hers
	b.as("liang.hong").post("/cases/"+id+"/urge", nil).ok()              // who decided something in it waits, too
	require.Len(t, owner.toldOf("urged"), 1)
	owner.post("/cases/"+id+"/withdraw", nil).ok()
	owner.post("/cases/"+id+"/urge", nil).refused(process.CodeCaseEnded)
	require.NotContains(t, owner.get("/cases/" + id).ok()["actions"], "urge")
}

// Of a seat that several may fill all are told; a copy asks for nothing.
func TestUrgingASeatAndACopy(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	copies(b, b.as("deng.rui"))
	owner := b.as("sun.peng")
	copied := b.as("liang.hong").get("/tasks?box=copied").items()[0]["id"].(string)
	owner.post("/tasks/"+copied+"/urge", nil).refused(process.CodeForbidden)
	claims(b, b.as("deng.rui"))
	task := owner.get("/tasks?box=claimable").items()[0]
	owner.post("/tasks/"+task["id"].(string)+"/urge", nil).ok()
	require.Empty(t, owner.toldOf("urged"))
	require.Len(t, b.as("li.na").toldOf("urged"), 1)
}

// Of many at once one is heard; the others are told from when on it is possible again.
func TestOfManyWhoUrgeAtOnceOneIsHeard(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager, admin := b.as("li.na"), b.as("chen.jie"), b.as("deng.rui")
	b.at("2026-09-28 10:00")
	for round := range 5 {
		c := owner.startCase("01" + strconv.Itoa(10+round))
		id, task := c["id"].(string), openTask(c)
		answers := make([]answer, 24)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() {
				answers[i] = []person{owner, admin}[i%2].post([]string{"/cases/" + id, "/tasks/" + task}[i/2%2]+"/urge", nil)
			})
		}
		all.Wait()
		heard := 0
		for _, a := range answers {
			if a.status == http.StatusOK {
				heard++
				continue
			}
			a.refused(process.CodeTooMany)
		}
		require.Equal(t, 1, heard)
		require.Len(t, manager.entriesOf(id, "urged"), 1)
		require.Len(t, manager.toldOf("urged"), round+1)
	}
}
