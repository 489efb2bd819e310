package server

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/engine"
)

// raceClients is how many send something at the same moment, half of them to another server of the same database.
const raceClients = 24

// raceHeats is how often a race is run.
func raceHeats() int {
	if os.Getenv("CRMFLOW_TEST_SIZE") == "soak" {
		return 200
	}
	return 8
}

// race is what people do at the same moment to a case that stands somewhere. Each client does one of the acts, under a key of its own; an act is done by several
// clients where there are fewer acts than clients.
type race struct {
	name    string
	process string
	cases   int       // of a heat; 0: one
	stand   []raceAct // done to each case beforehand, one after another
	acts    []raceAct
	winners [2]int // how many of all clients have an effect on a case: at least, at most; 0 at most: the acts may be done again and again
}

// raceAct is what somebody does. The path and the body may name the case as {case}, and its tasks as {step/person}, or as {step} where it has one.
type raceAct struct {
	by, path string
	body     map[string]any
	bulk     string // the act, where it is done to the tasks that path names, of all cases in one request
	apart    bool   // its effect stands in the timeline of another case
}

// does is an act; more are names and values of the body.
func does(by, path string, more ...any) raceAct {
	a := raceAct{by: by, path: path, body: map[string]any{}}
	for i := 0; i < len(more); i += 2 {
		a.body[more[i].(string)] = more[i+1]
	}
	return a
}

func (a raceAct) String() string {
	body, _ := json.Marshal(a.body)
	return fmt.Sprint(a.by, " ", a.bulk, a.path, " ", string(body))
}

// told is what one client was told about one case.
type told struct {
	act    string // what they did
	note   string // the comment that they left
	client int
	ok     bool
	said   string // what the answer says, but for what differs from case to case
}

// heat are cases that stand where a race begins.
type heat struct {
	*races
	race  *race
	cases []heatCase
}

// heatCase is one of them.
type heatCase struct {
	id, record string
	tasks      map[string]string // step/person → its task
}

// races are a server, with a second one beside it, and the people who race.
type races struct {
	*bundle
	draw   *rand.Rand
	people map[string]person
	second *bundle // another server of the same database
}

// newRaces is a server with the chains to race in.
func newRaces(t *testing.T) *races {
	t.Helper()
	b := newBundle(t)
	beside := New(Options{DB: b.db, Engine: engine.New(b.db, engine.Options{Holidays: definitions.Holidays}), Dev: true, Version: "test", Files: keep(t), Rate: -1})
	r := &races{bundle: b, draw: rand.New(rand.NewPCG(rand.Uint64(), 0)), people: map[string]person{},
		second: &bundle{T: t, s: beside, db: b.db, http: httptest.NewServer(beside)}}
	t.Cleanup(r.second.http.Close)
	for _, s := range []*httptest.Server{b.http, r.second.http} {
		s.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = 2 * raceClients
	}
	b.s.people, b.s.strangers = newBuckets(time.Now, -1), newBuckets(time.Now, -1)
	company, err := definitions.LoadCompany()
	require.NoError(t, err)
	for _, u := range company.Users {
		r.people[u.ID] = b.as(u.ID)
	}
	for _, version := range raceChains {
		b.as("deng.rui").post("/definitions", files(version...)).ok()
	}
	b.as("deng.rui").post("/groups", map[string]any{"id": "racers", "name": "Racers", "members": racers()}).ok()
	return r
}

// racers are two dozen people.
func racers() (ids []string) {
	company, _ := definitions.LoadCompany()
	for _, u := range company.Users {
		if u.ID != "li.na" && u.ID != "deng.rui" {
			ids = append(ids, u.ID)
		}
	}
	return ids[:raceClients]
}

// at is somebody's n-th device: every second one is at the other server.
func (r *races) at(who string, n int) person {
	p := r.people[who]
	if n%2 == 1 {
		p.bundle = r.second
	}
	return p
}

// run runs races one after another.
func (r *races) run(t *testing.T, list []race) {
	t.Helper()
	for i := range list {
		t.Run(list[i].name, func(t *testing.T) {
			r.of(t)
			r.one(&list[i])
		})
	}
	r.of(t)
}

// of lets failures be those of a test.
func (r *races) of(t *testing.T) { r.T, r.second.T = t, t }

// one runs a race as often as it is to be run.
func (r *races) one(of *race) {
	began := time.Now()
	alone := &alone{race: of, races: r, ran: map[string]*outcome{}, probes: map[string]*heat{}}
	orders := map[string]int{}
	for range raceHeats() {
		h := r.begin(of, max(1, of.cases))
		answers := h.atOnce()
		for n := range h.cases {
			orders[alone.judge(h, n, answers[n])]++
		}
	}
	r.Logf("%d heats of %d clients in %.1f s, %d orders of events", raceHeats(), raceClients, time.Since(began).Seconds(), len(orders))
}

// begin brings new cases to where a race begins.
func (r *races) begin(of *race, n int) *heat {
	r.Helper()
	h := &heat{races: r, race: of}
	for range n {
		started := r.people["li.na"].post("/cases", map[string]any{"process": of.process, "with": map[string]any{"title": of.name}}).ok()
		c := heatCase{id: started["id"].(string), record: started["record"].(map[string]any)["id"].(string), tasks: map[string]string{}}
		c.open(started)
		h.cases = append(h.cases, c)
	}
	for _, a := range of.stand {
		for n := range h.cases {
			one := &heat{races: r, race: of, cases: h.cases[n : n+1]}
			got := one.send(0, a, "before")
			require.True(r, got[0].ok, "%s: %s: %s", of.name, a, got[0].said)
			h.cases[n].open(r.people["deng.rui"].get("/cases/" + h.cases[n].id).ok())
		}
	}
	return h
}

// open learns the tasks that a case has open now.
func (c heatCase) open(body map[string]any) {
	for _, o := range body["open"].([]any) {
		o := o.(map[string]any)
		step, task := o["step"].(string), o["task"].(string)
		c.tasks[step] = task
		for _, who := range o["who"].([]any) {
			c.tasks[step+"/"+who.(string)] = task
		}
	}
}

// atOnce lets all clients act at the same moment, and gives what they were told, case by case.
func (h *heat) atOnce() [][]told {
	acts := make([]raceAct, raceClients)
	for i := range acts {
		acts[i] = h.race.acts[i%len(h.race.acts)]
	}
	h.draw.Shuffle(len(acts), func(i, j int) { acts[i], acts[j] = acts[j], acts[i] })
	got := make([][]told, len(acts))
	var all sync.WaitGroup
	ready := make(chan struct{})
	for i, a := range acts {
		all.Go(func() {
			<-ready
			got[i] = h.send(i, a, fmt.Sprintf("client %02d", i))
		})
	}
	close(ready)
	all.Wait()
	byCase := make([][]told, len(h.cases))
	for _, answers := range got {
		for n := range answers {
			byCase[n] = append(byCase[n], answers[n])
		}
	}
	return byCase
}

// send does an act, and gives what is said about each case.
func (h *heat) send(client int, a raceAct, note string) []told {
	h.Helper()
	body := map[string]any{"comment": note}
	for name, value := range a.body {
		body[name] = value
	}
	path := a.path
	if a.bulk != "" {
		path, body["act"] = "/tasks/bulk", a.bulk
		var tasks []map[string]any
		for _, c := range h.cases {
			tasks = append(tasks, map[string]any{"id": c.named(a.path)})
		}
		if client%2 == 1 {
			slices.Reverse(tasks) // two who begin at opposite ends
		}
		body["tasks"] = tasks
	}
	text, err := json.Marshal(body)
	require.NoError(h, err)
	answer := h.at(a.by, client).post(h.cases[0].named(path), h.cases[0].named(string(text)))
	require.Less(h, answer.status, 500, "%s: %s: %s", h.race.name, a, answer.raw)
	one := told{act: a.String(), note: note, client: client}
	if a.bulk == "" {
		one.ok, one.said = answer.status < 300, h.cases[0].saying(answer.status, answer.body)
		return []told{one}
	}
	return h.rows(one, answer)
}

// rows is what is said about each row of a bulk act, in the order of the cases.
func (h *heat) rows(one told, answer answer) []told {
	items := answer.items()
	if one.client%2 == 1 {
		slices.Reverse(items)
	}
	var all []told
	for n, item := range items {
		status := int(item["status"].(float64))
		one.ok, one.said = status < 300, h.cases[n].saying(status, item)
		all = append(all, one)
	}
	return all
}

// named puts in the case and its tasks where they are named.
func (c heatCase) named(text string) string {
	text = strings.ReplaceAll(text, "{case}", c.id)
	for name, task := range c.tasks {
		text = strings.ReplaceAll(text, "{"+name+"}", task)
	}
	return text
}
