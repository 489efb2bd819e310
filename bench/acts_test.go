package bench

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/engine"
	chain "github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/storetest"
)

// A few tasks are handed over from one to the next, decided at once, and previews are asked for, as with a thousand.
func TestActs_HandsOverDecidesAndAsks(t *testing.T) {
	t.Parallel()
	o, err := ActsOptions{N: 6, Bulk: 3, Asks: 2, Options: Options{Rounds: 2, Progress: io.Discard}}.withDefaults()
	require.NoError(t, err)
	a := actsInside(t, o)
	r, err := a.report(t.Context())
	require.NoError(t, err)
	require.Len(t, r.HandoverS, 2)
	require.Len(t, r.BulkS, 2)
	require.Positive(t, r.PreviewP95)
	require.Equal(t, verdictMissed, r.Verdict, "six tasks show nothing about a thousand")
	var out bytes.Buffer
	require.NoError(t, write(&out, r, true))
	require.True(t, json.Valid(out.Bytes()))
}

// actsInside is a run on a server of this process, with what a worker does beside it.
func actsInside(t *testing.T, o ActsOptions) *acts {
	t.Helper()
	db := storetest.FromEnv(t)
	e := engine.New(db, engine.Options{Holidays: definitions.Holidays})
	require.NoError(t, db.SetClock(t.Context(), time.Now(), time.Date(2026, 9, 28, 9, 0, 0, 0, time.UTC), 1))
	require.NoError(t, db.Tx(t.Context(), func(tx *store.Tx) error {
		for role, user := range map[string]string{"administrator": "ada", "sales": "saul"} {
			name := store.Of(chain.Text{ZH: user, EN: user})
			if err := tx.AddCircle(t.Context(), store.Roles, store.Circle{ID: role, Name: name}); err != nil {
				return err
			}
			if err := tx.AddUser(t.Context(), store.User{ID: user, Name: name, Title: name, Active: true, Language: "en", Roles: []string{role}}); err != nil {
				return err
			}
		}
		return nil
	}))
	var files []chain.File
	for _, d := range definitions.Documents() {
		files = append(files, chain.File{Path: d.Path, Content: d.Content})
	}
	_, found, err := e.Publish(t.Context(), engine.Request{Caller: "ada", Admin: true}, files)
	require.NoError(t, err)
	require.False(t, chain.Failed(found), "%v", found)
	served, err := serveInbox(db, e)
	require.NoError(t, err)
	t.Cleanup(served.close)
	a := &acts{ActsOptions: o, api: api{url: served.url, http: served.client, keys: &keys{run: "acts"}}}
	for user, as := range map[string]*api{"ada": &a.admin, "saul": &a.clerk} {
		token, _, err := db.NewSession(t.Context(), user, store.SessionBearer, time.Hour)
		require.NoError(t, err)
		*as = a.api.as(token)
	}
	moving(t, e)
	return a
}

// moving moves what is with people who have left, until the test is over.
func moving(t *testing.T, e *engine.Engine) {
	t.Helper()
	stopped, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-stopped:
				return
			case <-time.After(5 * time.Millisecond):
			}
			if _, err := e.HandOver(t.Context()); err != nil && t.Context().Err() == nil {
				t.Errorf("handing over: %v", err)
				return
			}
		}
	}()
	t.Cleanup(func() { close(stopped); <-ended })
}

func TestActsReport_HoldsTheWorstAgainstItsGoal(t *testing.T) {
	t.Parallel()
	r := ActsReport{Tasks: 1000, Bulk: 100, HandoverS: []float64{8, 29}, BulkS: []float64{1.5, 2}, PreviewP50: 4, PreviewP95: 19, Notes: []string{}}
	r.judge()
	require.Equal(t, verdictMet, r.Verdict)
	require.Contains(t, r.Table(), "| handover, until nothing is left | 8.00, 29.0 |")

	r.HandoverS[0] = 31
	r.judge()
	require.Equal(t, verdictMissed, r.Verdict)
	require.Equal(t, []bool{false, true, true}, []bool{r.Goals[0].Met, r.Goals[1].Met, r.Goals[2].Met})

	r = ActsReport{}
	r.judge()
	require.Equal(t, []bool{false, false, false}, []bool{r.Goals[0].Met, r.Goals[1].Met, r.Goals[2].Met}, "nothing measured is nothing met")
}
