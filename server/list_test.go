package server

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// all reads a list page by page; between pages, meanwhile happens.
func all(p person, path string, meanwhile func(page int)) []string {
	p.Helper()
	var ids []string
	next := ""
	for page := 0; ; page++ {
		a := p.get(path + "&limit=3&cursor=" + url.QueryEscape(next))
		items := a.items()
		require.LessOrEqual(p, len(items), 3)
		for _, item := range items {
			ids = append(ids, item["id"].(string))
		}
		cursor, more := a.body["next"].(string)
		if !more {
			return ids
		}
		require.Len(p, items, 3, "only the last page may be short")
		next = cursor
		meanwhile(page)
	}
}

// What comes in while somebody turns pages neither repeats nor hides a row.
func TestPagesHoldWhileRowsComeIn(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager := b.as("li.na"), b.as("chen.jie")
	for i := range 8 {
		owner.startCase(fmt.Sprintf("1%03d", i))
	}
	for _, c := range []struct {
		who  person
		path string
	}{{owner, "/records/lead?q=Xu"}, {owner, "/cases?process=lead-review"}, {manager, "/tasks?box=todo"}, {owner, "/tasks?box=started"}} {
		before := all(c.who, c.path, func(int) {})
		seen := all(c.who, c.path, func(page int) {
			if page < 2 {
				owner.startCase(fmt.Sprintf("2%03d%d", page, len(before)))
			}
		})
		counts := map[string]int{}
		for _, id := range seen {
			counts[id]++
			require.Equal(t, 1, counts[id], "%s shows %s twice", c.path, id)
		}
		for _, id := range before {
			require.Equal(t, 1, counts[id], "%s hides %s", c.path, id)
		}
	}
}

func TestACursorIsGoodForItsListOnly(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na")
	for i := range 3 {
		owner.startCase(fmt.Sprintf("1%03d", i))
	}
	next := owner.get("/cases?limit=2").ok()["next"].(string)
	require.Len(t, owner.get("/cases?limit=2&cursor="+next).items(), 1)
	owner.get("/records/lead?cursor="+next).field(process.CodeFieldInvalid, "cursor")
	owner.get("/tasks?cursor="+next).field(process.CodeFieldInvalid, "cursor")
}

// What a cursor holds is nobody's to write, and is looked at all the same.
func TestAForgedCursorIsRefused(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na")
	id := owner.startCase("0001")["id"].(string)
	for path, list := range map[string]string{"/notifications": "notifications", "/cases/" + id + "/timeline": "timeline", "/roles": "roles"} {
		for _, inside := range []string{`{"l":"%s","id":"\u0000"}`, `{"l":"%s","id":""}`, `{"l":"%s"}`, "{\"l\":\"%s\",\"id\":\"\xff\"}", `{"l":"%s","id":5}`, `{"l":"%s","id":"1","at":"0"}`} {
			forged := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, inside, list))
			owner.get(path+"?cursor="+forged).field(process.CodeFieldInvalid, "cursor")
		}
	}
	for _, number := range []string{"x", "-1", "9223372036854775808", "2026-10-01"} {
		forged := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"l":"notifications","id":"%s"}`, number))
		owner.get("/notifications?cursor="+forged).field(process.CodeFieldInvalid, "cursor")
	}
}

// The box is sorted by what is due first, and filtered by what was asked.
func TestBoxesSortAndFilter(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager := b.as("li.na"), b.as("chen.jie")
	first := owner.startCase("0001")
	later := time.Now()
	require.NoError(t, b.db.SetClock(t.Context(), later, began.AddDate(0, 0, 2), 1))
	second := owner.startCase("0002")
	todo := manager.get("/tasks").items()
	require.Equal(t, []any{openTask(first), openTask(second)}, []any{todo[0]["id"], todo[1]["id"]})
	require.Equal(t, true, todo[0]["overdue"])
	one := func(query string) []map[string]any { return manager.get("/tasks?" + query).items() }
	require.Len(t, one("overdue=true"), 1)
	require.Len(t, one("overdue=false"), 1)
	require.Len(t, one("due_before="+url.QueryEscape(began.AddDate(0, 0, 1).Add(10*time.Hour).Format(time.RFC3339))), 1)
	require.Len(t, one("record="+first["record"].(map[string]any)["id"].(string)), 1)
	require.Len(t, one("q="+url.QueryEscape(second["number"].(string))), 1)
	require.Len(t, one("q=%25"), 0, "a percent sign is a character")
	require.Len(t, one("process=lead-review"), 2)
	require.Empty(t, one("process=other"))
	manager.post("/tasks/"+openTask(first)+"/approve", nil).ok()
	manager.post("/tasks/"+openTask(second)+"/approve", nil).ok()
	done := one("box=done")
	require.Equal(t, openTask(second), done[0]["id"], "what was done last comes first")
	require.Len(t, one("box=done&overdue=true"), 1)
	require.Equal(t, "2026-", one("box=done")[0]["decided_at"].(string)[:5])
	require.Regexp(t, `\+08:00$`, one("box=done")[0]["decided_at"])
}

// Fields are found by what they hold, whatever their type.
func TestRecordsAreFoundByTheirFields(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na")
	fields := lead("0001")
	fields["expected_amount"] = map[string]any{"amount": 120000, "currency": "CNY"}
	owner.post("/records/lead", map[string]any{"fields": fields}).ok()
	owner.post("/records/lead", map[string]any{"fields": lead("0002")}).ok()
	for query, n := range map[string]int{
		"expected_amount=120000": 1, "expected_amount=5": 0, "owner=li.na": 2, "owner=sun.peng": 0, "source=exhibition": 2, "source=call": 0,
		"source=exhibition&q=0002": 1, "q=" + url.QueryEscape("天汇"): 2,
	} {
		require.Len(t, owner.get("/records/lead?"+query).items(), n, query)
	}
	made := owner.get("/records/lead?q=0001").items()[0]
	require.Equal(t, []any{"change", "start:lead-review"}, made["actions"])
	require.Equal(t, map[string]any{"amount": 120000.0, "currency": "CNY"}, made["fields"].(map[string]any)["expected_amount"])
}
