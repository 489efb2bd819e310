package engine

import (
	"fmt"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

var heldTitle = process.Text{ZH: "流程停住了，需要管理员处理", EN: "The case can't go on: an administrator must look"}

// outcomeWords are the outcomes that every chain shares; a chain's own outcome is its own word.
var outcomeWords = map[string]process.Text{
	process.Approved: {ZH: "同意", EN: "approved"},
	process.Rejected: {ZH: "拒绝", EN: "rejected"},
	process.Returned: {ZH: "退回", EN: "returned"},
	process.Done:     {ZH: "完成", EN: "done"},
	"voided":         {ZH: "不再需要", EN: "not needed any more"},
	"resumed":        {ZH: "已恢复", EN: "resumed"},
}

func outcomeText(outcome string) process.Text {
	if t, ok := outcomeWords[outcome]; ok {
		return t
	}
	return process.Same(outcome)
}

// dueBecause says in words what a task's due moment was counted from: the limit, since when, and by which calendar.
func (v caseViewer) dueBecause(t store.TaskRow) process.Text {
	s := v.p.Step(t.Step)
	if t.DueAt == nil || t.DueFrom == nil || s == nil || s.Time.Due == nil {
		return process.Text{}
	}
	from := t.DueFrom.In(zoneOf(v.cals))
	if c, ok := v.cals.Calendar(str(t.Calendar)); ok {
		from = from.In(c.Location())
	}
	because := process.Text{
		ZH: fmt.Sprintf("%s，自 %d月%d日 %s 起", s.Time.Due.Say("zh"), from.Month(), from.Day(), from.Format("15:04")),
		EN: fmt.Sprintf("%s from %s", s.Time.Due.Say("en"), from.Format("2 January 15:04")),
	}
	if t.Calendar != nil {
		because.ZH += "，按日历 " + *t.Calendar
		because.EN += ", by the calendar " + *t.Calendar
	}
	if t.Provisional {
		because.ZH += "（暂定：该年节假日尚未公布）"
		because.EN += " (provisional: the holidays of that year are not published yet)"
	}
	return because
}
