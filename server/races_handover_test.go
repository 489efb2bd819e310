package server

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/store"
)

// raceNaming asks he.yue, who leaves, at its first step or at its second.
const raceNaming = `steps:
  - {id: first, approve: {zh: 一审, en: First}, by: {user: chen.jie}, if: 'record.note != "at once"'}
  - {id: named, approve: {zh: 点名, en: Named}, by: {user: he.yue}}
  - {id: last, approve: {zh: 终审, en: Last}, by: {user: zhou.min}}
  - end: approved
`

// leave is one departure in the middle of everything.
type leave struct {
	*races
	comment string
	open    []heatCase // with who leaves
	opening []heatCase // will ask them
	decided []answer   // by who leaves, of the open ones in turn
	agreed  []answer   // of the opening ones
	started []answer   // that ask who leaves at once, by another
	own     []answer   // by who leaves
	asked   []answer   // for the handover
}

// Semantics 15: somebody leaves while they decide, while cases begin that ask them and others get to the step that does, and while two workers move what is
// theirs. Whatever comes first: nothing is left with them, nothing is done twice, and everybody is told the truth.
func TestRacesOfAHandover(t *testing.T) {
	t.Parallel()
	r := newRaces(t)
	r.publish("naming.yaml", strings.Replace(raceChain("naming", raceNaming), "role:sales", "role:sales, user:he.yue", 1))
	won := 0
	for n := range raceHeats() {
		l := &leave{races: r, comment: fmt.Sprint("leaves for the ", n, ". time")}
		l.prepare()
		l.atOnce()
		won += l.check()
		r.people["deng.rui"].patch("/users/he.yue", map[string]any{"active": true}).ok()
	}
	t.Logf("%d departures; of %d tasks who left decided %d", raceHeats(), 3*raceHeats(), won)
}

func (l *leave) begin(note string) heatCase {
	c := l.people["li.na"].post("/cases", map[string]any{"process": "naming", "with": map[string]any{"title": l.comment, "note": note}}).ok()
	h := heatCase{id: c["id"].(string), tasks: map[string]string{}}
	h.open(c)
	return h
}

func (l *leave) prepare() {
	l.people["he.yue"] = l.as("he.yue") // the last one was ended with the last departure
	for range 3 {
		l.open = append(l.open, l.begin("at once"))
	}
	for range 5 {
		l.opening = append(l.opening, l.begin("later"))
	}
	l.decided, l.agreed = make([]answer, 2*len(l.open)), make([]answer, len(l.opening))
	l.started, l.own, l.asked = make([]answer, 7), make([]answer, 2), make([]answer, 2)
}

// atOnce lets everything happen at the same moment.
func (l *leave) atOnce() {
	var acts []func(int)
	body := map[string]any{"comment": l.comment}
	for i := range l.decided {
		acts = append(acts, func(n int) {
			l.decided[i] = l.at("he.yue", n).post("/tasks/"+l.open[i%len(l.open)].tasks["named"]+"/approve", body)
		})
	}
	for i, c := range l.opening {
		acts = append(acts, func(n int) { l.agreed[i] = l.at("chen.jie", n).post("/tasks/"+c.tasks["first"]+"/approve", body) })
	}
	start := map[string]any{"process": "naming", "with": map[string]any{"title": l.comment, "note": "at once"}}
	for i := range l.started {
		acts = append(acts, func(n int) { l.started[i] = l.at("li.na", n).post("/cases", start) })
	}
	for i := range l.own {
		acts = append(acts, func(n int) { l.own[i] = l.at("he.yue", n).post("/cases", start) })
	}
	for i := range l.asked {
		acts = append(acts, func(n int) {
			l.asked[i] = l.at("deng.rui", n).post("/users/he.yue/handover", map[string]any{"to": "zheng.kai", "comment": l.comment})
			l.move(n)
		})
	}
	l.draw.Shuffle(len(acts), func(i, j int) { acts[i], acts[j] = acts[j], acts[i] })
	var all sync.WaitGroup
	ready := make(chan struct{})
	for n, act := range acts {
		all.Go(func() {
			<-ready
			act(n)
		})
	}
	close(ready)
	all.Wait()
}

// move does what a worker does, beside another one.
func (l *leave) move(n int) {
	e := l.s.engine
	if n%2 == 1 {
		e = l.second.s.engine
	}
	for more := true; more; {
		var err error
		if more, err = e.HandOver(l.Context()); err != nil {
			l.Errorf("moving what is theirs: %v", err)
			return
		}
	}
}

// check holds everything against each other, and gives how many tasks who left has decided.
func (l *leave) check() (won int) {
	admin := l.people["deng.rui"]
	for _, a := range l.asked {
		a.ok()
	}
	is := admin.get("/users/he.yue/handover")
	require.Equal(l, map[string]int{"definitions": 1}, theirs(is), "nothing is left behind but what a text says")
	require.Equal(l, []any{"done", 0.0}, []any{is.body["status"], is.body["failed"]})
	for i, c := range l.open {
		first, second := l.decided[i], l.decided[i+len(l.open)]
		if second.status < 300 {
			first, second = second, first
		}
		l.refused(second, first.status < 300)
		if first.status < 300 {
			won++
			l.stands(c.id, "last", "zhou.min", "li.na")
			continue
		}
		l.refused(first, false)
		l.stands(c.id, "named", "zheng.kai", "li.na")
	}
	for i, c := range l.opening {
		l.agreed[i].ok()
		l.stands(c.id, "named", "zheng.kai", "li.na")
	}
	for _, a := range l.started {
		l.stands(a.ok()["id"].(string), "named", "zheng.kai", "li.na")
	}
	for _, a := range l.own {
		if a.status < 300 {
			l.stands(a.ok()["id"].(string), "named", "zheng.kai", "zheng.kai")
			continue
		}
		require.Contains(l, []int{http.StatusUnauthorized, http.StatusForbidden}, a.status, "%s", a.raw)
	}
	return won
}

// refused holds why who leaves didn't decide: they had, with their other device, or they aren't there any more.
func (l *leave) refused(a answer, before bool) {
	if a.body["code"] == "task_closed" {
		require.True(l, before, "%s", a.raw)
		require.Equal(l, []any{"he.yue", "approved"}, []any{a.body["decided_by"], a.body["outcome"]})
		return
	}
	if a.body["code"] == "forbidden" {
		require.Contains(l, a.body["detail"], "has left")
		return
	}
	require.Contains(l, []any{"unauthenticated", "not_your_task"}, a.body["code"], "%d %s", a.status, a.raw)
}

// stands checks where a case is, with whom, who counts as having started it, and that it was moved once at most.
func (l *leave) stands(id, step, who, initiator string) {
	admin := l.people["deng.rui"]
	c := admin.get("/cases/" + id).ok()
	open := openIn(c)
	require.Len(l, open, 1)
	rows := admin.get("/cases/" + id + "/timeline?limit=200").items()
	require.Equal(l, []any{step, []any{who}, initiator}, []any{open[0]["step"], open[0]["who"], c["initiator"]}, "%v", rows)
	var tasks, moved []string
	for _, row := range rows {
		event := row["event"].(string)
		require.NotEqual(l, "failed", event, "%v", rows)
		if event == "opened" {
			require.NotContains(l, tasks, row["task"], "opened twice: %v", rows)
			tasks = append(tasks, row["task"].(string))
		}
		if event != "decided" && event != "opened" && row["reason"] == l.comment {
			moved = append(moved, fmt.Sprint(event, " ", row["task"]))
		}
	}
	slices.Sort(moved)
	require.Equal(l, slices.Compact(slices.Clone(moved)), moved, "moved twice: %v", rows)
}

// A decision that was under way when somebody left opens a task of theirs after all. The job waits for it before it looks.
func TestAHandoverWaitsForWhatRuns(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.publish("naming.yaml", naming)
	admin, manager := b.as("deng.rui"), b.as("chen.jie")
	c := b.as("emma.clark").post("/cases", map[string]any{"process": "naming", "with": lead("0001")}).ok()
	until := func(what string) {
		t.Helper()
		for n, deadline := 0, time.Now().Add(4*time.Second); n == 0; time.Sleep(time.Millisecond) {
			require.True(t, time.Now().Before(deadline), "it never came about: %s", what)
			require.NoError(t, b.db.Get(t.Context(), &n, `SELECT count(*) FROM pg_stat_activity
				WHERE datname = current_database() AND query NOT LIKE '%count(%' AND `+what))
		}
	}
	var all sync.WaitGroup
	require.NoError(t, b.db.Tx(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(t.Context(), `LOCK TABLE inbox IN SHARE MODE`); err != nil { // nobody's box can be written
			return err
		}
		all.Go(func() { manager.post("/tasks/"+openTask(c)+"/approve", nil).ok() })
		until(`wait_event_type = 'Lock'`)
		admin.post("/users/li.na/handover", map[string]any{"to": "sun.peng", "comment": "leaves"}).ok()
		all.Go(b.moveAll)
		until(`query LIKE '%client backend%'`)
		return nil
	}))
	all.Wait()
	is := admin.get("/users/li.na/handover")
	require.Equal(t, map[string]int{"definitions": 1}, theirs(is))
	require.Equal(t, "done", is.body["status"])
	open := openIn(admin.get("/cases/" + c["id"].(string)).ok())
	require.Equal(t, []any{"sun.peng"}, open[0]["who"])
}
