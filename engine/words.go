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
	"read":           {ZH: "已阅", EN: "read"},
}

func outcomeText(outcome string) process.Text {
	if t, ok := outcomeWords[outcome]; ok {
		return t
	}
	return process.Same(outcome)
}

// calendarText words by which calendar something was counted: the company's own needs no name, another has only its id.
func calendarText(cals process.Calendars, id string) process.Text {
	if company, ok := cals.Calendar(""); ok && company.Name() == id {
		return process.Text{ZH: "按公司工作日历", EN: "by the company's calendar"}
	}
	return process.Text{ZH: "按工作日历“" + id + "”", EN: "by the calendar “" + id + "”"}
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
		by := calendarText(v.cals, *t.Calendar)
		because.ZH += "，" + by.ZH
		because.EN += ", " + by.EN
	}
	if t.Provisional {
		because.ZH += "（暂定：该年节假日尚未公布）"
		because.EN += " (provisional: the holidays of that year are not published yet)"
	}
	return because
}
