package worker

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// A request follows only so much of what it has set off: the rest of a chain of calls is the worker's. Every case has its workflow.
func TestCallsGoDownAndTheirAnswersComeUp(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	const deepest = 8
	var docs []string
	for i := range deepest + 1 {
		steps := fmt.Sprintf("  - {id: down, call: deep%d}\n", i+1)
		if i == deepest {
			steps = "  - set: {company: \"seen\"}\n"
		}
		docs = append(docs, fmt.Sprintf("process: deep%d\ntitle: Deep\nrecord: lead\nnumber: \"D%d-{0000}\"\nstart: {by: [role:sales]}\nsteps:\n%s", i, i, steps))
	}
	_, problems, err := s.engine.Publish(s.ctx, engine.Request{Caller: "admin"}, []process.File{{Path: "deep.yaml", Content: strings.Join(docs, "---\n")}})
	require.NoError(t, err)
	require.False(t, process.Failed(problems), "%v", problems)
	a, err := s.engine.Start(s.ctx, engine.Request{Caller: "li.na"}, engine.StartCommand{Process: "deep0", With: map[string]any{"company": "海川"}})
	require.NoError(t, err)
	require.Equal(t, "running", a.Case.Status)
	s.work(Config{})
	require.Equal(t, "done", s.outcome(a))
	var cases, ended int
	require.NoError(t, s.db.Get(s.ctx, &cases, `SELECT count(*) FROM cases`))
	require.NoError(t, s.db.Get(s.ctx, &ended, `SELECT count(*) FROM timeline WHERE event = 'ended' AND outcome = 'done'`))
	require.Equal(t, deepest+1, cases)
	require.Equal(t, deepest+1, ended)
	left, err := s.db.CountOutbox(s.ctx, store.TopicCall)
	require.NoError(t, err)
	require.Zero(t, left)
	s.emptyOutbox()
}
