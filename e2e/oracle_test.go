package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// seedOf gives the test's seed and says how to repeat it.
func seedOf(t *testing.T) uint64 {
	t.Helper()
	seed := uint64(time.Now().UnixNano()) % 1_000_000
	if given := os.Getenv("CRMFLOW_TEST_SEED"); given != "" {
		n, err := strconv.ParseUint(given, 10, 64)
		if err != nil {
			t.Fatalf("CRMFLOW_TEST_SEED: %v", err)
		}
		seed = n
	}
	t.Logf("seed %d; CRMFLOW_TEST_SEED=%d repeats it", seed, seed)
	return seed
}

// chance is a source of chance of its own for each part of a test, so that one part's draws don't move another's.
func chance(seed uint64, part int) *rand.Rand { return rand.New(rand.NewPCG(seed, uint64(part))) }

// outcomes of the acts.
var outcomeOf = map[string]string{"approve": "approved", "reject": "rejected", "return": "returned"}

// intent is one decision as its client means it: one key, however often it is sent. The key is its comment too, by which the timeline knows it again.
type intent struct {
	key, task, act, outcome string
	who                     client
	step                    string         // of the task
	more                    map[string]any // of the body: fields, items, a reason
	hangUp                  time.Duration  // the first time it is sent, the connection is cut after this; 0: not
	replies                 []reply        // in order
}

func newIntent(key string, who client, task, act string) *intent {
	return &intent{key: key, who: who, task: task, act: act, outcome: outcomeOf[act]}
}

// completing is an intent to complete a task with an outcome.
func completing(key string, who client, task, outcome string) *intent {
	return &intent{key: key, who: who, task: task, act: "complete", outcome: outcome}
}

func (i *intent) body() map[string]any {
	body := map[string]any{"comment": i.key}
	maps.Copy(body, i.more)
	if i.act == "complete" && i.outcome != "" {
		body["outcome"] = i.outcome
	}
	return body
}

// send sends it once more.
func (i *intent) send() reply {
	who := i.who
	if i.hangUp > 0 && len(i.replies) == 0 {
		who.http = &http.Client{Timeout: i.hangUp, Transport: who.http.Transport}
	}
	r := who.post(i.key, "/tasks/"+i.task+"/"+i.act, i.body())
	i.replies = append(i.replies, r)
	return r
}

// settle sends it until it is answered.
func (i *intent) settle(within time.Duration) error {
	return eventually(within, i.String()+" is answered", func() (bool, error) {
		r := i.send()
		if r.answered() {
			return true, nil
		}
		return false, errors.New(r.String())
	})
}

// answer is the first one; ok is false while there is none.
func (i *intent) answer() (r reply, ok bool) {
	for _, r := range i.replies {
		if r.answered() {
			return r, true
		}
	}
	return reply{}, false
}

// won says whether its client was told that it took effect.
func (i *intent) won() bool {
	r, ok := i.answer()
	return ok && r.ok()
}

func (i *intent) String() string { return i.who.user + " " + i.act + " " + i.task + " (" + i.key + ")" }

// decisions counts how often each key stands in a timeline as a decision that was made by somebody.
func decisions(timeline []entry) map[string][]entry {
	found := map[string][]entry{}
	for _, e := range timeline {
		if (e.Event == "decided" || e.Event == "returned") && e.By != "" {
			found[e.Comment] = append(found[e.Comment], e)
		}
	}
	return found
}

// compare holds what a client was told of one intent against the timeline: told yes, exactly once, as meant; told no, never; told nothing, at most once.
func (i *intent) compare(in []entry) error {
	r, answered := i.answer()
	switch {
	case answered && r.ok() && len(in) != 1:
		return fmt.Errorf("%s was answered %d and stands %d times in the timeline", i, r.status, len(in))
	case answered && !r.ok() && len(in) != 0:
		return fmt.Errorf("%s was refused (%s) and stands in the timeline: %s", i, r, in[0])
	case len(in) > 1:
		return fmt.Errorf("%s was never answered and stands %d times in the timeline", i, len(in))
	}
	for _, e := range in {
		if e.Task != i.task || e.By != i.who.user || i.outcome != "" && e.Outcome != i.outcome {
			return fmt.Errorf("%s stands in the timeline as something else: %s", i, e)
		}
	}
	return nil
}

// sameAnswer is an error when two answers to one request differ.
func sameAnswer(a, b reply) error {
	if a.status != b.status || !sameJSON(a.body, b.body) {
		return fmt.Errorf("two answers to one request:\n  %s\n  %s", a, b)
	}
	return nil
}

// sameToBoth is sameAnswer for two releases: the newer one's answers may say and offer more, at any depth, and never something else.
func sameToBoth(a, b reply) error {
	var x, y any
	if a.status != b.status || json.Unmarshal(a.body, &x) != nil || json.Unmarshal(b.body, &y) != nil || !agree(x, y) {
		return fmt.Errorf("two releases answer one request differently:\n  %s\n  %s", a, b)
	}
	return nil
}

// agree says whether two values are the same in all members that both have.
func agree(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		for name, in := range x {
			other, both := y[name]
			if both && name == "actions" {
				both = !among(in, other) && !among(other, in)
			}
			if both && !agree(in, other) {
				return false
			}
		}
		return ok
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !agree(x[i], y[i]) {
				return false
			}
		}
		return true
	default:
		return reflect.DeepEqual(a, b)
	}
}

// among says whether everything that one list offers is offered by the other, too: a newer release can do more.
func among(a, b any) bool {
	x, _ := a.([]any)
	y, _ := b.([]any)
	return !slices.ContainsFunc(x, func(one any) bool { return !slices.Contains(y, one) })
}

func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// findings collects what is wrong, from many goroutines.
type findings struct {
	mu   sync.Mutex
	list []string
}

func (f *findings) add(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, fmt.Sprintf(format, args...))
}

// check adds an error, if it is one.
func (f *findings) check(what string, err error) bool {
	if err != nil {
		f.add("%s: %v", what, err)
	}
	return err == nil
}

// report fails the test with the first of them.
func (f *findings) report(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.list) > 0 {
		t.Errorf("%d findings, the first of them:\n- %s", len(f.list), strings.Join(f.list[:min(len(f.list), 15)], "\n- "))
	}
}

// atOnce runs n functions that all begin at the same moment, and waits for all.
func atOnce(n int, do func(i int)) {
	var ready, all sync.WaitGroup
	begin := make(chan struct{})
	ready.Add(n)
	for i := range n {
		all.Go(func() {
			ready.Done()
			<-begin
			do(i)
		})
	}
	ready.Wait()
	close(begin)
	all.Wait()
}
