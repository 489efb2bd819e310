package bench

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/crowd"
	"github.com/crmflow/crmflow/store/storetest"
)

// A small company is filled and looked at in every way that a large one is.
func TestInbox_LooksIntoEveryBoxOfEverySortOfPerson(t *testing.T) {
	t.Parallel()
	o, err := InboxOptions{Open: 1000, Done: 2000, People: 100, Looks: 1, Options: Options{Progress: io.Discard}}.withDefaults()
	require.NoError(t, err)
	b := &inboxBench{InboxOptions: o, db: storetest.Patient(t, storetest.FromEnv(t)), size: crowd.Size{Open: o.Open, Done: o.Done, People: o.People}, now: time.Now()}
	r, err := b.report(t.Context())
	require.NoError(t, err)
	seen := map[[3]string]bool{}
	for _, l := range r.Looks {
		seen[[3]string{l.Who, l.Box, l.Query}] = true
		require.Positive(t, l.P95)
	}
	queries := len(b.queries()) + 1 // and over HTTP
	require.Len(t, seen, len(lookers)*(len(store.Boxes)*queries+2))
	var out bytes.Buffer
	require.NoError(t, write(&out, r, true))
	require.True(t, json.Valid(out.Bytes()))
}

func TestInboxReport_SaysPlainlyWhatIsTooSlow(t *testing.T) {
	t.Parallel()
	var r InboxReport
	for _, title := range []string{lookers[0].title, lookers[1].title} {
		r.add(title, store.BoxTodo, "all of it", goalBox, []time.Duration{time.Millisecond, 40 * time.Millisecond})
	}
	r.add(lookers[0].title, store.BoxDone, "text", goalText, []time.Duration{200 * time.Millisecond})
	r.judge()
	require.Equal(t, verdictMet, r.Verdict)
	require.Equal(t, []float64{40, 200}, []float64{r.Goals[0].Value, r.Goals[1].Value})
	require.Contains(t, r.Table(), "1.00 / 40.0")

	r = InboxReport{}
	r.add(lookers[0].title, store.BoxTodo, "all of it", goalBox, []time.Duration{51 * time.Millisecond})
	r.judge()
	require.Equal(t, verdictMissed, r.Verdict, "a goal that nothing was held against isn't met, and one that was passed isn't either")
	require.Equal(t, []bool{false, false}, []bool{r.Goals[0].Met, r.Goals[1].Met})
	require.Contains(t, r.Table(), "Note: anybody, todo, all of it: p95 51.0 ms, more than 50 ms.")
}
