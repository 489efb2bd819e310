package engine

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

func TestARecordIsMadeChangedAndRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec, err := w.CreateRecord(w.ctx, by("li.na"), "lead", lead())
	require.NoError(t, err)
	require.Equal(t, 1, rec.Version)
	require.Equal(t, "li.na", rec.Owner)
	require.Equal(t, "open", rec.Fields["status"])
	require.Regexp(t, `^L202611-\d{4}$`, rec.Number)
	changed, err := w.ChangeRecord(w.ctx, Request{Caller: "li.na"}, "lead", rec.ID, map[string]any{"owner": "chen.bo", "need": nil}, 1)
	require.NoError(t, err)
	require.Equal(t, 2, changed.Version)
	require.Equal(t, "chen.bo", changed.Owner)
	require.NotContains(t, changed.Fields, "need")
	_, err = w.ChangeRecord(w.ctx, Request{Caller: "li.na"}, "lead", rec.ID, map[string]any{"need": "x"}, 1)
	require.Equal(t, process.CodeVersionConflict, code(t, err))
	same, err := w.ChangeRecord(w.ctx, Request{Caller: "li.na"}, "lead", rec.ID, map[string]any{"owner": "chen.bo"}, 0)
	require.NoError(t, err)
	require.Equal(t, 2, same.Version)
	var raw []byte
	require.NoError(t, w.db.Get(w.ctx, &raw, `SELECT changes FROM record_history WHERE record_id = $1 AND version = 2`, rec.ID))
	var moved map[string]map[string]any
	require.NoError(t, json.Unmarshal(raw, &moved))
	require.Equal(t, map[string]map[string]any{"owner": {"from": "li.na", "to": "chen.bo"}, "need": {"from": "a pump", "to": nil}}, moved)
}

func TestWhatARecordRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := lead()
	rec, err := w.CreateRecord(w.ctx, by("li.na"), "lead", first)
	require.NoError(t, err)
	same := lead()
	same["phone"] = first["phone"]
	for _, c := range []struct {
		name   string
		fields map[string]any
		code   process.Code
	}{
		{"an unknown field", map[string]any{"company": "x", "phone": "13800000001", "colour": "red"}, process.CodeFieldInvalid},
		{"a wrong type", map[string]any{"company": 7, "phone": "13800000001"}, process.CodeFieldInvalid},
		{"nobody", map[string]any{"company": "x", "phone": "13800000001", "owner": "nobody"}, process.CodeFieldInvalid},
		{"a missing field", map[string]any{"company": "x"}, process.CodeFieldRequired},
		{"a process's own field", map[string]any{"company": "x", "phone": "13800000001", "credit": map[string]any{"amount": 1, "currency": "CNY"}}, process.CodeFieldNotWritable},
		{"a process's own value", map[string]any{"company": "x", "phone": "13800000001", "status": "customer"}, process.CodeFieldNotWritable},
		{"a value that another has", same, process.CodeFieldInvalid},
		{"a character that can't be kept", map[string]any{"company": "x\x00", "phone": "13800000001"}, process.CodeFieldInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.CreateRecord(w.ctx, by("li.na"), "lead", c.fields)
			require.Equal(t, c.code, code(t, err))
		})
	}
	_, err = w.CreateRecord(w.ctx, by("li.na"), "lead", same)
	require.Contains(t, refused(err).Message.EN, rec.Number)
	_, err = w.CreateRecord(w.ctx, by("li.na"), "customer", map[string]any{"company": "y " + phone(), "lead": map[string]any{"type": "lead", "id": "gone"}})
	require.Equal(t, process.CodeFieldInvalid, code(t, err))
	made, err := w.CreateRecord(w.ctx, by("li.na"), "customer", map[string]any{"company": "y " + phone(), "lead": map[string]any{"type": "lead", "id": rec.ID, "title": "forged"}})
	require.NoError(t, err)
	require.Equal(t, first["company"], made.Fields["lead"].(process.Reference).Title)
	_, err = w.CreateRecord(w.ctx, by("li.na"), "ship", map[string]any{})
	require.Equal(t, process.CodeNotFound, code(t, err))
}

// Nobody walks around the gates: what a process keeps to itself can't be changed from outside, whatever the case is doing.
func TestAChangeCannotPassTheGates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	for name, v := range map[string]any{"status": "customer", "credit": map[string]any{"amount": 1, "currency": "CNY"}} {
		_, err := w.ChangeRecord(w.ctx, Request{Caller: "admin", Admin: true}, "lead", a.Case.Record.ID, map[string]any{name: v}, 0)
		require.Equal(t, process.CodeFieldNotWritable, code(t, err))
	}
}

func TestWhatIsUnderApprovalIsLocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.start()
	change := func(name string, v any) error {
		_, err := w.ChangeRecord(w.ctx, Request{Caller: "li.na"}, "lead", a.Case.Record.ID, map[string]any{name: v}, 0)
		return err
	}
	err := change("need", "another")
	require.Equal(t, process.CodeRecordLocked, code(t, err))
	require.Contains(t, refused(err).Message.EN, a.Case.Number)
	require.NoError(t, change("owner", "chen.bo")) // the step doesn't show it
	a = w.must(a, "wang.fang", ActCommand{Act: process.EventApprove})
	require.NoError(t, change("need", "another")) // a task is no approval
	a = w.must(a, "xu.lei", ActCommand{Act: process.EventClaim})
	a = w.must(a, "xu.lei", ActCommand{Act: process.EventComplete, Outcome: "good"})
	require.Equal(t, process.CodeRecordLocked, code(t, change("need", "one more")))
	w.must(a, "sun.wei", ActCommand{Task: a.Case.Open[0].Task, Act: process.EventReject, Comment: "no"})
	require.NoError(t, change("need", "one more"))
}

func TestADecisionOnContentThatChangedIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.atInspect()
	v, err := w.Viewer(w.ctx)
	require.NoError(t, err)
	row, err := w.db.TaskInCase(w.ctx, a.Case.Open[0].Task)
	require.NoError(t, err)
	seen, err := v.Task(row.Task, row.Case, row.Record)
	require.NoError(t, err)
	require.NotEmpty(t, seen.Form)
	require.Contains(t, seen.DueBecause.EN, "2 working days from")
	require.Contains(t, seen.DueBecause.ZH, "按公司工作日历")
	_, err = w.ChangeRecord(w.ctx, Request{Caller: "li.na"}, "lead", a.Case.Record.ID, map[string]any{"need": "changed"}, 0)
	require.NoError(t, err)
	a = w.must(a, "xu.lei", ActCommand{Act: process.EventClaim})
	_, err = w.act(a, "xu.lei", ActCommand{Act: process.EventComplete, Outcome: "good", Seen: seen.Seen})
	require.Equal(t, process.CodeContentChanged, code(t, err))
}

func TestWhoMayStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.Start(w.ctx, by("xu.lei"), StartCommand{Process: "review", With: lead()})
	require.Equal(t, process.CodeForbidden, code(t, err))
	_, err = w.Start(w.ctx, by("li.na"), StartCommand{Process: "none", With: lead()})
	require.Equal(t, process.CodeNotFound, code(t, err))
	_, err = w.Start(w.ctx, by("li.na"), StartCommand{Process: "review", With: map[string]any{"company": "x"}})
	require.Equal(t, process.CodeFieldRequired, code(t, err))
	a := w.start()
	_, err = w.act(a, "chen.bo", ActCommand{Act: process.EventApprove})
	require.Equal(t, process.CodeNotYourTask, code(t, err))
	require.Contains(t, refused(err).Message.ZH, "王芳")
	_, err = w.Act(w.ctx, by("li.na"), ActCommand{Task: "none", Act: process.EventApprove})
	require.Equal(t, process.CodeNotFound, code(t, err))
}
