package server

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

func absenceOf(fields ...any) map[string]any {
	body := map[string]any{}
	for i := 0; i < len(fields); i += 2 {
		body[fields[i].(string)] = fields[i+1]
	}
	return body
}

// Whoever is away from today on has their open tasks handed to the one who stands in, and new ones go there too; what is done then is done for them.
func TestWhoStandsInHasTheTasksOfWhoIsAway(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager, standIn := b.as("li.na"), b.as("chen.jie"), b.as("huang.zhiwei")
	open := owner.startCase("0001")
	noted := manager.post("/absences", absenceOf("from", "2026-09-28", "to", "2026-09-30", "stand_in", "huang.zhiwei"))
	require.Equal(t, 201, noted.status, "%s", noted.raw)
	require.Equal(t, "chen.jie", noted.body["user"])
	task := owner.get("/cases/" + open["id"].(string)).ok()["open"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"huang.zhiwei"}, task["who"], "an open task changes hands")
	require.Equal(t, open["open"].([]any)[0].(map[string]any)["due_at"], task["due_at"], "and its due moment stands")

	require.Equal(t, "chen.jie", standIn.get("/absences?stand_in=me").items()[0]["user"])
	require.Empty(t, manager.get("/absences?stand_in=me").items())
	fresh := owner.startCase("0002")
	require.Equal(t, []any{"huang.zhiwei"}, fresh["open"].([]any)[0].(map[string]any)["who"])
	seen := standIn.get("/tasks/" + openTask(fresh)).ok()
	require.Contains(t, seen["why"], "stands in for Chen Jie")
	standIn.post("/tasks/"+openTask(fresh)+"/approve", nil).ok()
	decided := map[string]any{}
	for _, e := range owner.get("/cases/" + fresh["id"].(string) + "/timeline").items() {
		if e["event"] == "decided" {
			decided = e
		}
	}
	require.Equal(t, "huang.zhiwei", decided["by"])
	require.Equal(t, "chen.jie", decided["for"], "both names stand in the timeline")

	manager.patch("/absences/"+noted.body["id"].(string), absenceOf("cancelled", true)).ok()
	require.Equal(t, []any{"chen.jie"}, owner.startCase("0003")["open"].([]any)[0].(map[string]any)["who"])
	require.Empty(t, owner.get("/absences?user=chen.jie").items())
}

// An absence that lies ahead changes nothing until its first day; then a look by the worker hands the open tasks on, and its last day ends it.
func TestAnAbsenceCountsOnItsDays(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, manager := b.as("li.na"), b.as("chen.jie")
	manager.post("/absences", absenceOf("from", "2026-09-29", "to", "2026-09-29", "stand_in", "huang.zhiwei")).ok()
	open := owner.startCase("0001")
	require.Equal(t, []any{"chen.jie"}, open["open"].([]any)[0].(map[string]any)["who"])
	tomorrow := time.Now().Add(24 * time.Hour)
	b.clock.Store(&tomorrow)
	owner = b.as("li.na") // the session has expired meanwhile
	require.NoError(t, b.s.engine.BeginAbsences(t.Context()))
	require.NoError(t, b.s.engine.BeginAbsences(t.Context()), "and it begins once")
	who := func(id any) any {
		return owner.get("/cases/" + id.(string)).ok()["open"].([]any)[0].(map[string]any)["who"]
	}
	require.Equal(t, []any{"huang.zhiwei"}, who(open["id"]))
	after := tomorrow.Add(24 * time.Hour)
	b.clock.Store(&after)
	owner = b.as("li.na")
	require.Equal(t, []any{"chen.jie"}, owner.startCase("0002")["open"].([]any)[0].(map[string]any)["who"])
}

func TestAbsencesThatAreRefused(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	li, chen, admin := b.as("li.na"), b.as("chen.jie"), b.as("deng.rui")
	li.post("/absences", absenceOf("user", "chen.jie", "from", "2026-10-01")).refused(process.CodeForbidden)
	for field, body := range map[string]map[string]any{
		"from":      absenceOf("from", "1 October"),
		"to":        absenceOf("from", "2026-10-02", "to", "2026-10-01"),
		"stand_in":  absenceOf("from", "2026-10-01", "stand_in", "li.na"),
		"processes": absenceOf("from", "2026-10-01", "processes", []string{"no-such"}),
	} {
		a := li.post("/absences", body)
		a.refused(process.CodeFieldInvalid)
		require.Equal(t, field, a.body["errors"].([]any)[0].(map[string]any)["field"])
	}
	li.post("/absences", absenceOf("from", "2026-10-01", "stand_in", "no.one")).refused(process.CodeFieldInvalid)
	li.post("/absences", absenceOf()).refused(process.CodeFieldInvalid)
	admin.post("/absences", absenceOf("user", "no.one", "from", "2026-10-01")).refused(process.CodeFieldInvalid)
	require.Empty(t, li.get("/absences").items())

	mine := li.keyed("k", "/absences", absenceOf("from", "2026-10-01", "to", "2026-10-05", "stand_in", "chen.jie")).ok()
	require.Equal(t, mine["id"], li.keyed("k", "/absences", absenceOf("from", "2026-10-01", "to", "2026-10-05", "stand_in", "chen.jie")).ok()["id"])
	require.Len(t, li.get("/absences?user=me").items(), 1)
	chen.post("/absences", absenceOf("from", "2026-10-05", "stand_in", "li.na")).refused(process.CodeFieldInvalid)
	chen.post("/absences", absenceOf("from", "2026-10-06", "stand_in", "li.na")).ok()
	b.as("sun.peng").patch("/absences/"+mine["id"].(string), absenceOf("to", "2026-10-02")).refused(process.CodeForbidden)
	li.patch("/absences/"+mine["id"].(string), absenceOf("to", "2026-10-06")).refused(process.CodeFieldInvalid)
	require.Equal(t, "2026-10-02", admin.patch("/absences/"+mine["id"].(string), absenceOf("to", "2026-10-02")).ok()["to"])
	li.patch("/absences/no-such", absenceOf("to", "2026-10-02")).refused(process.CodeNotFound)
}

// Only in cases of the processes named; a chain of people who stand in is followed to who is there.
func TestAbsencesPerProcessAndInChains(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner, chen, huang := b.as("li.na"), b.as("chen.jie"), b.as("huang.zhiwei")
	chen.post("/absences", absenceOf("from", "2026-09-28", "stand_in", "huang.zhiwei", "processes", []string{"complaint"})).ok()
	require.Equal(t, []any{"chen.jie"}, owner.startCase("0001")["open"].([]any)[0].(map[string]any)["who"])
	chen.post("/absences", absenceOf("from", "2026-09-28", "stand_in", "huang.zhiwei", "processes", []string{"lead-review"})).ok()
	huang.post("/absences", absenceOf("from", "2026-09-28", "stand_in", "zhou.min")).ok()
	require.Equal(t, []any{"zhou.min"}, owner.startCase("0002")["open"].([]any)[0].(map[string]any)["who"])
}

// What PostgreSQL would refuse is refused before: a year that it doesn't know, and somebody who isn't there, cancelled or not.
func TestAnAbsenceThatCantBeKeptIsRefused(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	owner := b.as("li.na")
	owner.post("/absences", map[string]any{"from": "0000-01-01"}).field(process.CodeFieldInvalid, "from")
	made := owner.post("/absences", map[string]any{"from": "2026-10-01"}).ok()
	at := "/absences/" + made["id"].(string)
	owner.patch(at, map[string]any{"to": "0000-02-30"}).field(process.CodeFieldInvalid, "to")
	owner.patch(at, map[string]any{"cancelled": true, "stand_in": "nobody.there"}).field(process.CodeFieldInvalid, "stand_in")
	require.Equal(t, false, owner.get("/absences?user=me").items()[0]["cancelled"])
}
