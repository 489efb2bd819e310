package engine

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// recorded puts the state that a release wrote at the same place into a case that has come there now.
func (w *world) recorded(a Answer, name string) Answer {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata/states/v0.1.0", name+".json"))
	require.NoError(w.t, err)
	var head struct {
		Format int
		Case   string
	}
	require.NoError(w.t, json.Unmarshal(b, &head))
	require.Equal(w.t, 1, head.Format)
	_, err = w.db.Exec(w.ctx, `UPDATE cases SET state = $2::json, tables = DEFAULT WHERE id = $1`, a.Case.ID, strings.ReplaceAll(string(b), head.Case, a.Case.ID))
	require.NoError(w.t, err)
	return a
}

// Cases that began with v0.1.0 go on: its states, as its engine wrote them, are read, decided on, and written in the present format.
func TestStatesOfV010GoOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		there func(w *world) Answer
		on    func(w *world, a Answer) Answer
	}{
		"look": {(*world).start, func(w *world, a Answer) Answer {
			return w.must(a, "wang.fang", ActCommand{Act: process.EventApprove})
		}},
		"resubmit": {func(w *world) Answer {
			return w.must(w.start(), "wang.fang", ActCommand{Act: process.EventReturn, Comment: "thin"})
		}, func(w *world, a Answer) Answer {
			return w.must(a, "li.na", ActCommand{Act: process.EventComplete, Fields: map[string]any{"need": "more"}})
		}},
		"inspect": {func(w *world) Answer {
			return w.must(w.atInspect(), "xu.lei", ActCommand{Act: process.EventClaim})
		}, func(w *world, a Answer) Answer {
			return w.must(a, "xu.lei", ActCommand{Act: process.EventComplete, Outcome: "good"})
		}},
		"agree": {func(w *world) Answer {
			a := w.atAgree()
			return w.must(a, "sun.wei", ActCommand{Act: process.EventApprove, Task: a.Case.Open[0].Task})
		}, func(w *world, a Answer) Answer {
			return w.must(a, "zhou.min", ActCommand{Act: process.EventReturn, Comment: "look again"})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a := w.recorded(c.there(w), name)
			_, err := w.Tick(w.ctx, a.Case.ID)
			require.NoError(t, err)
			now := c.on(w, a)
			require.NotEqual(t, a.Case.Open, now.Case.Open)
			st, err := decodeState(w.row(now).State)
			require.NoError(t, err)
			require.Equal(t, process.FormatPlain, st.Format)
			require.Equal(t, process.Running, now.Case.Status)
		})
	}
}

// A ladder that v0.1.0 armed, and had climbed half, goes on where it stood.
func TestALadderOfV010GoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.must(w.atInspect(), "xu.lei", ActCommand{Act: process.EventClaim})
	a = w.recorded(a, "inspect")
	_, err := w.db.Exec(w.ctx, `UPDATE cases SET wake_at = started_at WHERE id = $1`, a.Case.ID)
	require.NoError(t, err)
	w.pass(4 * 24 * time.Hour)
	_, err = w.Tick(w.ctx, a.Case.ID)
	require.NoError(t, err)
	both, err := w.db.CaseWithRecord(w.ctx, a.Case.ID)
	require.NoError(t, err)
	v, err := w.Viewer(w.ctx)
	require.NoError(t, err)
	now, err := v.Case(both.Case, both.Record)
	require.NoError(t, err)
	require.Equal(t, []string{"zhao.qiang"}, now.Open[0].Who, "handed up to the head of quality")
	require.NotNil(t, now.Open[0].DueAt, "with a limit of its own")
	require.True(t, now.Open[0].DueAt.After(both.At(w.now()).Add(-24*time.Hour)), "%s", now.Open[0].DueAt)
}
