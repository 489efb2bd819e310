package process

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// chainWriter writes random chains that nest everything into everything. Only tasks go back, so that people stand in every loop.
type chainWriter struct {
	t     *rapid.T
	n     int
	depth int
	ids   []string // steps that may be gone to from here
}

func (w *chainWriter) list() string {
	outer := len(w.ids)
	var steps []string
	for range rapid.IntRange(1, 3).Draw(w.t, "steps") {
		steps = append(steps, w.step())
	}
	w.ids = w.ids[:outer]
	return "[" + strings.Join(steps, ", ") + "]"
}

func (w *chainWriter) step() string {
	w.n++
	id := fmt.Sprintf("s%d", w.n)
	w.ids = append(w.ids, id)
	kinds := []string{"task", "task", "wait", "pause"}
	if w.depth < 3 {
		kinds = append(kinds, "parallel", "each", "stage", "choose")
	}
	kind := rapid.SampledFrom(kinds).Draw(w.t, "kind")
	w.depth++
	defer func() { w.depth-- }()
	switch kind {
	case "wait":
		return fmt.Sprintf("{id: %s, wait: {on: quest.paid}}", id)
	case "pause":
		return fmt.Sprintf("{id: %s, wait: 2 working hours}", id)
	case "stage":
		return fmt.Sprintf("{id: %s, stage: S, steps: %s}", id, w.list())
	case "choose":
		return fmt.Sprintf("{id: %s, choose: [{when: record.size > 3, steps: %s}, {otherwise: true, steps: %s}]}", id, w.list(), w.list())
	case "each":
		return fmt.Sprintf("{id: %s, each: record.parts, as: x%d, steps: %s}", id, len(w.ids), w.list())
	case "parallel":
		join := rapid.SampledFrom([]string{JoinAll, JoinFirst}).Draw(w.t, "join")
		return fmt.Sprintf("{id: %s, join: %s, parallel: [{id: a, steps: %s}, {id: b, steps: %s}]}", id, join, w.list(), w.list())
	}
	back := rapid.SampledFrom(w.ids).Draw(w.t, "back")
	return fmt.Sprintf("{id: %s, task: T, by: initiator, outcomes: {ok: {}, back: {go: %s}, more: {steps: [{task: M, by: initiator}]}}}", id, back)
}

// world keeps what the engine would keep: the open tasks.
type world struct {
	*trial
	tasks map[string]bool
}

func (w *world) took() {
	for _, e := range w.effects {
		switch e := e.(type) {
		case OpenTask:
			w.tasks[e.Task.ID] = true
		case CloseTask:
			delete(w.tasks, e.ID)
		}
	}
	w.effects = nil
}

// random is one thing that may happen next.
func (w *world) random(t *rapid.T) Event {
	var acts []Event
	for _, o := range w.in.State.Open {
		for _, seat := range o.Seats {
			for _, outcome := range w.in.Process.Step(o.Step).outcomes() {
				acts = append(acts, Event{Kind: EventComplete, By: "li.na", Task: seat.Task, Outcome: outcome})
			}
		}
	}
	acts = append(acts, Event{Kind: EventHappened, Name: "quest.paid"}, Event{Kind: EventTick})
	ev := rapid.SampledFrom(acts).Draw(t, "event")
	if ev.Kind == EventTick && w.wakeAt != nil && w.wakeAt.After(w.now) {
		w.now = *w.wakeAt
	}
	return ev
}

func TestRandomNestedChainsKeepTheirShape(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		writer := &chainWriter{t: rt}
		doc := chainAboutQuest("", "  "+strings.ReplaceAll(writer.list(), ", {id", ",\n  {id"))
		items := rapid.SampledFrom([][]any{nil, parts("buy"), parts("buy", "make")}).Draw(rt, "items")
		size := rapid.SampledFrom([]float64{1, 9}).Draw(rt, "size")
		w := &world{trial: begin(t, questFields(Fields{"parts": items, "size": size}), quest, doc), tasks: map[string]bool{}}
		w.start("li.na")
		w.took()
		w.shape(rt)
		for range 25 {
			require.NoError(rt, w.try(w.random(rt)))
			w.took()
			w.shape(rt)
		}
	})
}

// shape checks what must be so after every event.
func (w *world) shape(t *rapid.T) {
	st := w.in.State
	raw, err := json.Marshal(st)
	require.NoError(t, err)
	var back State
	require.NoError(t, json.Unmarshal(raw, &back))
	again, err := json.Marshal(back)
	require.NoError(t, err)
	require.Equal(t, string(raw), string(again))

	var open []string
	for _, o := range st.Open {
		for _, seat := range o.Seats {
			open = append(open, seat.Task)
		}
	}
	require.ElementsMatch(t, open, slices.Collect(keysOf(w.tasks)), "no task of an abandoned part is open, and none is lost")
	if st.Status == Ended {
		require.Empty(t, st.Open)
		require.Empty(t, st.Scopes)
		return
	}
	m := &machine{in: w.in, p: w.in.Process, st: st}
	running := map[string]bool{}
	for _, sc := range st.Scopes {
		running[keyOf(sc.At, sc.Item)] = m.children(sc.ID) > 0 || m.openAt(sc.ID, sc.At) != nil
		require.True(t, sc.Parent == 0 || slices.ContainsFunc(st.Scopes, func(o Scope) bool { return o.ID == sc.Parent }))
		require.True(t, running[keyOf(sc.At, sc.Item)], "every branch stands at something that waits")
		if o := m.openAt(sc.ID, sc.At); o != nil {
			_, stage := m.p.Step(sc.At).Do.(Stage)
			require.Equal(t, stage, m.children(sc.ID) > 0)
		}
	}
	for _, o := range st.Open {
		require.Equal(t, o.Step, m.scope(o.Scope).At, "nothing is open where no branch stands")
	}
	require.Empty(t, st.Queue)
}

func keysOf(m map[string]bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}
