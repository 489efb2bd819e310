package engine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	shipped "github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// newTrade is a company with the shipped complaint and quote follow-up, and a customer of li.na's.
func newTrade(t *testing.T) (*world, process.Reference) {
	t.Helper()
	w := newCompany(t)
	for _, q := range []string{
		`INSERT INTO departments (id, name, head, parent) VALUES ('purchasing', '{"zh":"采购部","en":"Purchasing"}', 'ma.xiao', 'top'),
			('production', '{"zh":"生产部","en":"Production"}', 'hu.bin', 'top')`,
		`INSERT INTO users (id, name, department) VALUES ('ma.xiao', '{"zh":"马骁","en":"Ma Xiao"}', 'purchasing'), ('zhu.lin', '{"zh":"朱琳","en":"Zhu Lin"}', 'purchasing'),
			('hu.bin', '{"zh":"胡斌","en":"Hu Bin"}', 'production'), ('guo.yong', '{"zh":"郭勇","en":"Guo Yong"}', 'production')`,
		`INSERT INTO roles (id, name) VALUES ('service', '{}')`,
	} {
		_, err := w.db.Exec(w.ctx, q)
		require.NoError(t, err)
	}
	_, problems := w.publish(shippedFiles("records/complaint.yaml", "records/quote.yaml", "complaint/", "quote-follow-up/"))
	require.False(t, process.Failed(problems), "%v", problems)
	made, err := w.CreateRecord(w.ctx, by("li.na"), "customer", map[string]any{"company": "海川机械", "owner": "li.na"})
	require.NoError(t, err)
	return w, process.Reference{Type: "customer", ID: made.ID}
}

// shippedFiles are the shipped definitions whose paths begin so.
func shippedFiles(prefixes ...string) []process.File {
	var files []process.File
	for _, d := range shipped.Documents() {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(d.Path, p) }) {
			files = append(files, process.File{Path: d.Path, Content: d.Content})
		}
	}
	return files
}

// at finds the open task of a step, and of an item where one is given.
func at(t *testing.T, a Answer, step, item string) OpenView {
	t.Helper()
	for _, o := range a.Case.Open {
		if o.Step == step && (item == "" || o.Item == item) {
			return o
		}
	}
	require.Failf(t, "no such task", "%s %s in %v", step, item, a.Case.Open)
	return OpenView{}
}

// does lets somebody act at a step.
func (w *world) does(a Answer, user, step, item string, c ActCommand) Answer {
	w.t.Helper()
	c.Task = at(w.t.(*testing.T), a, step, item).Task
	next, err := w.Act(w.ctx, by(user), c)
	require.NoError(w.t, err)
	return next
}

// report is a file that xu.lei has uploaded.
func (w *world) report() map[string]any {
	id := newID(w.now())
	require.NoError(w.t, w.db.Tx(w.ctx, func(tx *store.Tx) error {
		return tx.PutFile(w.ctx, store.FileRow{ID: id, Name: "report.pdf", Size: 10, SHA256: strings.Repeat("a", 64), Type: "application/pdf", Blob: id, UploadedBy: "xu.lei"})
	}))
	return map[string]any{"id": id}
}

// complain brings a complaint to where both departments look for the cause.
func (w *world) complain(customer process.Reference) Answer {
	w.t.Helper()
	a, err := w.Start(w.ctx, by("li.na"), StartCommand{Process: "complaint", With: map[string]any{
		"customer": map[string]any{"type": "customer", "id": customer.ID}, "product": "P-100", "defect": "裂纹"}})
	require.NoError(w.t, err)
	require.Equal(w.t, "海川机械 · P-100", a.Case.Subject)
	a = w.does(a, "li.na", "register", "", ActCommand{Act: process.EventComplete})
	a = w.does(a, "xu.lei", "inspect", "", ActCommand{Act: process.EventClaim})
	return w.does(a, "xu.lei", "inspect", "", ActCommand{Act: process.EventComplete, Outcome: "founded", Fields: map[string]any{
		"cause": "铸件裂纹", "responsible": []any{"purchasing", "production"}, "report": w.report()}})
}

func (w *world) finds(a Answer, user, department, finding string) Answer {
	w.t.Helper()
	a = w.does(a, user, "cause", department, ActCommand{Act: process.EventClaim})
	return w.does(a, user, "cause", department, ActCommand{Act: process.EventComplete, Outcome: "found", Fields: map[string]any{"finding": finding, "measure": "M"}})
}

func (w *world) recordOf(a Answer) RecordView {
	w.t.Helper()
	both, err := w.db.CaseWithRecord(w.ctx, a.Case.ID)
	require.NoError(w.t, err)
	v, err := w.Viewer(w.ctx)
	require.NoError(w.t, err)
	rec, err := v.Record(both.Record)
	require.NoError(w.t, err)
	return rec
}

func TestAComplaintGoesThroughBothDepartmentsToItsEnd(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	a := w.complain(customer)
	require.Len(t, a.Case.Open, 2)
	require.Equal(t, []string{"ma.xiao", "zhu.lin"}, at(t, a, "cause", "purchasing").Who)
	a = w.finds(a, "guo.yong", "production", "未复检")
	a = w.finds(a, "zhu.lin", "purchasing", "换料")
	require.Equal(t, []map[string]any{{"department": "production", "finding": "未复检", "measure": "M"}, {"department": "purchasing", "finding": "换料", "measure": "M"}},
		w.recordOf(a).Fields["findings"])

	confirm := at(t, a, "confirm", "")
	require.Equal(t, []string{"xu.lei"}, confirm.Who)
	a = w.does(a, "xu.lei", "confirm", "", ActCommand{Act: process.EventReturn, Items: []string{"purchasing"}, Comment: "没有证据"})
	require.Len(t, a.Case.Open, 1, "only the chosen department looks again")
	a = w.finds(a, "zhu.lin", "purchasing", "供应商换料")
	a = w.does(a, "xu.lei", "confirm", "", ActCommand{Act: process.EventApprove})

	require.Equal(t, "running", a.Case.Clocks[0].Status)
	require.NotNil(t, a.Case.Clocks[0].Target)
	a = w.does(a, "li.na", "answer", "", ActCommand{Act: process.EventComplete, Outcome: "closed", Fields: map[string]any{"answer": "已换货"}})
	require.Equal(t, process.Ended, a.Case.Status)
	require.Equal(t, "closed", a.Case.Outcome)
	require.Equal(t, "done", a.Case.Clocks[0].Status)
	require.Len(t, w.recordOf(a).Fields["findings"], 2)
}

// A form inside an `each` holds the columns of its own item's line, and nothing of another's.
func TestAFormOfAnItemHoldsItsOwnLine(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	a := w.finds(w.complain(customer), "guo.yong", "production", "未复检")
	task := at(t, a, "cause", "purchasing").Task
	v, err := w.Viewer(w.ctx)
	require.NoError(t, err)
	row, err := w.db.TaskInCase(w.ctx, task)
	require.NoError(t, err)
	view, err := v.Task(row.Task, row.Case, row.Record)
	require.NoError(t, err)
	fields := map[string]FormField{}
	for _, f := range view.Form {
		require.NotContains(t, fields, f.Field)
		fields[f.Field] = f
	}
	require.Equal(t, "edit", fields["finding"].Access)
	require.Nil(t, fields["finding"].Value)
	require.Equal(t, "read", fields["defect"].Access)
	_, err = w.Act(w.ctx, by("zhu.lin"), ActCommand{Task: task, Act: process.EventClaim})
	require.NoError(t, err)
	_, err = w.Act(w.ctx, by("zhu.lin"), ActCommand{Task: task, Act: process.EventComplete, Outcome: "found", Seen: view.Seen, Fields: map[string]any{"finding": 7, "measure": "M"}})
	require.Equal(t, process.CodeFieldInvalid, code(t, err))
	_, err = w.Act(w.ctx, by("zhu.lin"), ActCommand{Task: task, Act: process.EventComplete, Outcome: "found", Seen: view.Seen, Fields: map[string]any{"finding": "F", "measure": "M"}})
	require.NoError(t, err)
}

// Who fills in the form of an item that somebody else has finished meanwhile is told by whom, and not that the form has no such fields.
func TestAFormOfAFinishedItemIsRefusedAsFinished(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	a := w.complain(customer)
	task := at(t, a, "cause", "production").Task
	w.finds(a, "guo.yong", "production", "未复检")
	_, err := w.Act(w.ctx, by("guo.yong"), ActCommand{Task: task, Act: process.EventComplete, Outcome: "found", Fields: map[string]any{"finding": "F", "measure": "M"}})
	require.Equal(t, process.CodeTaskClosed, code(t, err))
	require.Equal(t, "guo.yong", refused(err).Decided.By)
}

func TestAStoppedClockIsNobodysLateness(t *testing.T) {
	t.Parallel()
	w, customer := newTrade(t)
	a := w.complain(customer)
	a = w.does(a, "zhu.lin", "cause", "purchasing", ActCommand{Act: process.EventClaim})
	a = w.does(a, "zhu.lin", "cause", "purchasing", ActCommand{Act: process.EventStopClock, Reason: "waiting_for_supplier", Comment: "样品在路上"})
	require.Equal(t, []string{"complete", "release", "transfer", "start_clock"}, a.Task.Actions)
	require.Equal(t, "stopped", a.Case.Clocks[0].Status)
	w.pass(10 * 24 * time.Hour)
	_, err := w.Tick(w.ctx, a.Case.ID)
	require.NoError(t, err)
	v, err := w.Viewer(w.ctx)
	require.NoError(t, err)
	row, err := w.db.TaskInCase(w.ctx, a.Task.ID)
	require.NoError(t, err)
	view, err := v.Task(row.Task, row.Case, row.Record)
	require.NoError(t, err)
	require.False(t, view.Overdue)
	a = w.does(a, "zhu.lin", "cause", "purchasing", ActCommand{Act: process.EventStartClock})
	require.Equal(t, "running", a.Case.Clocks[0].Status)
	require.False(t, a.Task.Overdue)
}

func TestATransferAnAddedApproverAndADecisionTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	_, err := w.act(a, "wang.fang", ActCommand{Act: process.EventTransfer, To: "sun.wei"})
	require.Equal(t, process.CodeCommentRequired, code(t, err))
	a = w.must(a, "wang.fang", ActCommand{Act: process.EventTransfer, To: "sun.wei", Comment: "away"})
	require.Equal(t, []string{"sun.wei"}, a.Case.Open[0].Who)
	a = w.must(a, "sun.wei", ActCommand{Act: process.EventAdd, People: []string{"zhou.min", "zhao.qiang"}, Where: "before", Mode: "all", Comment: "you know them"})
	mine := func(user string) string {
		for _, o := range a.Case.Open {
			if slices.Equal(o.Who, []string{user}) {
				return o.Task
			}
		}
		require.Fail(t, "no task", user)
		return ""
	}
	task := mine("zhou.min")
	a = w.must(a, "zhou.min", ActCommand{Act: process.EventApprove, Task: task})
	a = w.must(a, "zhou.min", ActCommand{Act: process.EventTakeBack, Task: task})
	require.NotEmpty(t, mine("zhou.min"))
	a = w.must(a, "sun.wei", ActCommand{Act: process.EventRemove, Task: mine("zhou.min"), People: []string{"zhou.min", "zhao.qiang"}, Comment: "settled"})
	require.Equal(t, "look", a.Case.Open[0].Step)
	a = w.must(a, "sun.wei", ActCommand{Act: process.EventApprove, Task: mine("sun.wei")})
	require.Equal(t, "inspect", a.Case.Open[0].Step)
}

func TestACaseIsSuspendedResumedLedElsewhereAndWithdrawn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	on := func(r Request, act process.EventKind, reason, to string) (Answer, error) {
		return w.ActOnCase(w.ctx, r, CaseCommand{Case: a.Case.ID, Act: act, Comment: reason, To: to})
	}
	_, err := on(by("li.na"), process.EventSuspend, "x", "")
	require.Equal(t, process.CodeForbidden, code(t, err))
	b, err := on(admin(), process.EventSuspend, "audit", "")
	require.NoError(t, err)
	require.Equal(t, process.Suspended, b.Case.Status)
	require.Equal(t, []string{"resume", "cancel"}, b.Case.Admin)
	_, err = w.act(a, "wang.fang", ActCommand{Act: process.EventApprove})
	require.Equal(t, process.CodeCaseSuspended, code(t, err))
	_, err = on(admin(), process.EventResume, "done", "")
	require.NoError(t, err)
	b, err = on(admin(), process.EventJump, "skip it", "agree")
	require.NoError(t, err)
	require.Equal(t, "agree", b.Case.Open[0].Step)
	require.Equal(t, []string{"withdraw"}, b.Case.Actions)
	_, err = on(by("wang.fang"), process.EventWithdraw, "", "")
	require.Equal(t, process.CodeForbidden, code(t, err))
	b, err = on(by("li.na"), process.EventWithdraw, "", "")
	require.NoError(t, err)
	require.Equal(t, process.Withdrawn, b.Case.Outcome)
	require.True(t, w.last().Ended)
	_, err = on(admin(), process.EventCancel, "again", "")
	require.Equal(t, process.CodeCaseEnded, code(t, err))
}
