package worker

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// maxHistory is how many events a finished complaint may leave in Temporal, though each of its decisions was heard before the next.
const maxHistory = 100

// trade makes the shipped complaint, its departments and a customer.
func (s *stack) trade() (customer string) {
	s.t.Helper()
	for _, q := range []string{
		`INSERT INTO departments (id, name, head) VALUES ('quality', '{}', 'xu.lei'), ('purchasing', '{}', 'zhu.lin'), ('production', '{}', 'guo.yong')`,
		`INSERT INTO users (id, name, department) VALUES ('xu.lei', '{}', 'quality'), ('zhu.lin', '{}', 'purchasing'), ('guo.yong', '{}', 'production')`,
		`INSERT INTO roles (id, name) VALUES ('service', '{}')`,
	} {
		_, err := s.db.Exec(s.ctx, q)
		require.NoError(s.t, err)
	}
	files := []process.File{{Path: "customer.yaml", Content: "record: customer\ntitle: \"{company}\"\nfields:\n  company: {type: text, required: true}\n"}}
	for _, d := range definitions.Documents() {
		if d.Path == "records/complaint.yaml" || strings.HasPrefix(d.Path, "complaint/") {
			files = append(files, process.File{Path: d.Path, Content: d.Content})
		}
	}
	_, problems, err := s.engine.Publish(s.ctx, engine.Request{Caller: "admin"}, files)
	require.NoError(s.t, err)
	require.False(s.t, process.Failed(problems), "%v", problems)
	made, err := s.engine.CreateRecord(s.ctx, engine.Request{Caller: "li.na"}, "customer", map[string]any{"company": "海川机械"})
	require.NoError(s.t, err)
	return made.ID
}

// does lets somebody act at a step, and waits until the case's workflow has heard of it.
func (s *stack) does(a engine.Answer, user, step, item string, c engine.ActCommand) engine.Answer {
	s.t.Helper()
	i := slices.IndexFunc(a.Case.Open, func(o engine.OpenView) bool { return o.Step == step && o.Item == item })
	require.GreaterOrEqual(s.t, i, 0, "%s %s in %v", step, item, a.Case.Open)
	c.Task = a.Case.Open[i].Task
	next, err := s.engine.Act(s.ctx, engine.Request{Caller: user}, c)
	require.NoError(s.t, err)
	s.emptyOutbox()
	return next
}

func TestAFinishedComplaintLeavesAShortHistory(t *testing.T) {
	t.Parallel()
	s := newStack(t)
	customer := s.trade()
	s.work(Config{})
	a, err := s.engine.Start(s.ctx, engine.Request{Caller: "li.na"}, engine.StartCommand{Process: "complaint", With: map[string]any{
		"customer": map[string]any{"type": "customer", "id": customer}, "product": "P-100", "defect": "裂纹"}})
	require.NoError(t, err)
	s.emptyOutbox()
	require.NoError(t, s.db.Tx(s.ctx, func(tx *store.Tx) error {
		return tx.PutFile(s.ctx, store.FileRow{ID: "f1", Name: "report.pdf", Size: 10, SHA256: strings.Repeat("a", 64), Type: "application/pdf", Blob: "f1", UploadedBy: "xu.lei"})
	}))
	claim, found := engine.ActCommand{Act: process.EventClaim}, engine.ActCommand{Act: process.EventComplete, Outcome: "found", Fields: map[string]any{"finding": "F", "measure": "M"}}
	for _, act := range []struct {
		user, step, item string
		do               engine.ActCommand
	}{
		{"li.na", "register", "", engine.ActCommand{Act: process.EventComplete}},
		{"xu.lei", "inspect", "", claim},
		{"xu.lei", "inspect", "", engine.ActCommand{Act: process.EventComplete, Outcome: "founded", Fields: map[string]any{"cause": "C", "responsible": []any{"purchasing", "production"},
			"report": map[string]any{"id": "f1"}}}},
		{"zhu.lin", "cause", "purchasing", claim},
		{"zhu.lin", "cause", "purchasing", engine.ActCommand{Act: process.EventStopClock, Reason: "waiting_for_supplier", Comment: "the sample is on its way"}},
		{"guo.yong", "cause", "production", claim},
		{"guo.yong", "cause", "production", found},
		{"zhu.lin", "cause", "purchasing", engine.ActCommand{Act: process.EventStartClock}},
		{"zhu.lin", "cause", "purchasing", found},
		{"xu.lei", "confirm", "", engine.ActCommand{Act: process.EventReturn, Items: []string{"purchasing"}, Comment: "no proof"}},
		{"zhu.lin", "cause", "purchasing", claim},
		{"zhu.lin", "cause", "purchasing", found},
		{"xu.lei", "confirm", "", engine.ActCommand{Act: process.EventApprove}},
		{"li.na", "answer", "", engine.ActCommand{Act: process.EventComplete, Outcome: "closed", Fields: map[string]any{"answer": "replaced"}}},
	} {
		a = s.does(a, act.user, act.step, act.item, act.do)
	}
	require.Equal(t, "closed", s.outcome(a))
	d, err := s.temporal.DescribeWorkflowExecution(s.ctx, id(a), "")
	require.NoError(t, err)
	t.Logf("%d events", d.GetWorkflowExecutionInfo().GetHistoryLength())
	require.Less(t, d.GetWorkflowExecutionInfo().GetHistoryLength(), int64(maxHistory))
}
