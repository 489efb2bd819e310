package scenario

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmflow/crmflow/process"
)

// tasksNow lists tasks as they are; none given: all that are open.
func (w *world) tasksNow(some []*task) []process.Text {
	if len(some) == 0 {
		for _, c := range w.cases {
			for _, t := range c.order {
				if !t.closed {
					some = append(some, t)
				}
			}
		}
	}
	var out []process.Text
	for _, t := range some {
		out = append(out, w.taskWords(t))
	}
	if len(out) == 0 {
		for _, c := range w.cases {
			out = append(out, statusWords(c))
		}
		out = append(out, say("没有打开的任务", "no task is open"))
	}
	return out
}

// taskWords says of a task whose it is and when it is due.
func (w *world) taskWords(t *task) process.Text {
	name := t.Step
	if name == "" {
		name = t.Kind
	}
	if t.Item != "" {
		name += "@" + t.Item
	}
	who := say("%s", "%s", principals(t.Candidates))
	switch {
	case t.closed && t.by != "":
		return say("%s：%s 已由 %s 办结，结果 %s", "%s: %s closed by %s as %s", name, t.Title, t.by, t.outcome)
	case t.closed:
		return say("%s：%s 已关闭（%s）", "%s: %s closed (%s)", name, t.Title, t.outcome)
	case t.Assignee != "":
		who = process.Same(t.Assignee)
	case t.Claim:
		who = join("", who, say("（可领取）", " (claimable)"))
	}
	out := say("%s：%s 在 %s 手上", "%s: %s is with %s", name, t.Title, who)
	if t.For != "" {
		out = join("", out, say("，代 %s", ", for %s", t.For))
	}
	if t.Due != nil {
		out = join("", out, say("，%s 到期", ", due %s", w.local(*t.Due)))
	}
	if t.Stopped != nil {
		out = join("", out, say("，计时已停（%s）", ", its clock is stopped (%s)", t.Stopped.Reason))
	}
	return out
}

func principals(list []process.Principal) string {
	var out []string
	for _, p := range process.Named(list) {
		out = append(out, strings.TrimPrefix(string(p), "user:"))
	}
	return strings.Join(out, ", ")
}

// messagesNow lists what was told: the new messages, and what somebody was told before.
func (w *world) messagesNow(id string) []process.Text {
	var out []process.Text
	for i, m := range w.messages {
		if i >= w.since {
			out = append(out, join("", process.Same(w.local(m.At)+"  "+strings.Join(m.To, ", ")+"  "), messageWords(m)))
		}
	}
	if len(out) == 0 {
		out = append(out, say("没有人收到消息", "nobody was told anything"))
	}
	for i := min(w.since, len(w.messages)) - 1; i >= 0; i-- {
		if m := w.messages[i]; slices.Contains(m.To, id) {
			return append(out, join("", say("%s 上一次收到消息是 %s：", "%s was told before, at %s: ", id, w.local(m.At)), messageWords(m)))
		}
	}
	return out
}

func messageWords(m message) process.Text {
	about := m.About
	if m.Step != "" {
		about += " " + m.Step
	}
	return say("[%s] %s", "[%s] %s", about, m.Text)
}

func statusWords(c *running) process.Text {
	switch status := statusOf(c); status {
	case process.Ended:
		return say("事项 %s 已结束，结果 %s", "the case %s has ended as %s", c.number, c.state.Outcome)
	case "held":
		return say("事项 %s 停住了：%s", "the case %s is held: %s", c.number, c.state.Held.Reason)
	case process.Suspended:
		return say("事项 %s 已暂停", "the case %s is suspended", c.number)
	}
	return say("事项 %s 在进行中", "the case %s is running", c.number)
}

func (w *world) clockWords(run process.ClockRun) process.Text {
	out := say("时钟 %s 在走", "the clock %s is running", run.ID)
	switch {
	case run.Done:
		out = say("时钟 %s 已走完", "the clock %s is done", run.ID)
	case run.Stop != nil:
		out = say("时钟 %s 已停（%s）", "the clock %s is stopped (%s)", run.ID, run.Stop.Reason)
	case w.clockIs(run, "late"):
		out = say("时钟 %s 已超期", "the clock %s is late", run.ID)
	}
	if run.Due != nil {
		out = join("", out, say("，%s 到期", ", due %s", w.local(*run.Due)))
	}
	return out
}

func refusalWords(r *process.Refusal) process.Text {
	return say("%s：%s", "%s: %s", string(r.Code), r.Message)
}

// shown is a value of a record as people read it.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "–"
	case string:
		return v
	case process.Money:
		return v.String()
	case process.Reference:
		return v.Title
	case process.FileRef:
		return v.Name
	case []any:
		var parts []string
		for _, one := range v {
			parts = append(parts, shown(one))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case []map[string]any:
		text, err := json.Marshal(v)
		if err == nil {
			return string(text)
		}
	}
	return fmt.Sprint(v)
}

// What happened, in words. What isn't named here is shown as it is called.
var happenings = map[string]process.Text{
	"started": {ZH: "发起", EN: "started"}, "opened": {ZH: "打开", EN: "opened"}, "decided": {ZH: "办结", EN: "decided"}, "returned": {ZH: "退回", EN: "returned"},
	"claimed": {ZH: "领取", EN: "claimed"}, "released": {ZH: "放回", EN: "released"}, "assigned": {ZH: "指派", EN: "assigned"}, "transferred": {ZH: "转交", EN: "transferred"},
	"handed_up": {ZH: "逾期上交", EN: "handed up"}, "late": {ZH: "逾期", EN: "late"}, "told": {ZH: "通知", EN: "told"}, "reminded": {ZH: "提醒", EN: "reminded"},
	"voided": {ZH: "作废", EN: "voided"}, "ended": {ZH: "结束", EN: "ended"}, "failed": {ZH: "停住", EN: "held"}, "resumed": {ZH: "恢复", EN: "resumed"},
	"notified": {ZH: "发出通知", EN: "notified"}, "change": {ZH: "外界改变", EN: "the world changed:"}, "urge": {ZH: "催办", EN: "urged"}, "comment": {ZH: "评论", EN: "commented"},
	"revoke": {ZH: "申请撤销", EN: "revocation asked"}, "copy": {ZH: "抄送", EN: "copied"}, "read": {ZH: "已阅", EN: "read"}, "withdrawn": {ZH: "撤回", EN: "withdrawn"}, "cancelled": {ZH: "取消", EN: "cancelled"},
	"suspended": {ZH: "暂停", EN: "suspended"}, "added": {ZH: "加签", EN: "approver added"}, "removed": {ZH: "减签", EN: "approver removed"},
	"taken_back": {ZH: "收回", EN: "taken back"}, "waiting": {ZH: "等待", EN: "waits"}, "answered": {ZH: "收到回答", EN: "answered"}, "called": {ZH: "子流程", EN: "sub-case"},
	"changed": {ZH: "写入记录", EN: "wrote to the record"}, "chosen": {ZH: "选定分支", EN: "chose"}, "clock_started": {ZH: "时钟开始", EN: "clock started"},
	"clock_stopped": {ZH: "时钟停下", EN: "clock stopped"}, "happened": {ZH: "发生", EN: "happened"}, "jumped": {ZH: "跳转", EN: "jumped"},
	"recomputed": {ZH: "重新计算期限", EN: "counted anew"}, "revoked": {ZH: "撤销", EN: "revoked"}, "undone": {ZH: "还原", EN: "undone"},
}

// entryWords is one line of the timeline.
func (w *world) entryWords(e entry) process.Text {
	what := happenings[e.Event]
	if e.Event == "failed" && (e.Data["system"] != nil || e.Data["call"] != nil) { // nothing is held by that alone
		what = say("失败", "failed")
	}
	if what.Empty() {
		what = process.Same(strings.ReplaceAll(e.Event, "_", " "))
	}
	out := join("", process.Same(w.local(e.At)+"  "), what)
	add := func(zh, en string, args ...any) { out = join("", out, say(zh, en, args...)) }
	step := e.Step
	if e.Item != "" {
		step += "@" + e.Item
	}
	if e.of != nil && e.of.process != w.scenario.process {
		step = strings.TrimSuffix(e.of.process.ID+"/"+step, "/")
	}
	if step != "" {
		add(" %s", " %s", step)
	}
	if e.Outcome != "" {
		add("：%s", ": %s", e.Outcome)
	}
	w.whoWords(e, add)
	if e.Comment != "" {
		add("（%s）", " (%s)", e.Comment)
	}
	if reason := reasonOf(e); !reason.Empty() && e.Reason != e.Comment {
		add(" — %s", " — %s", reason)
	}
	if due := e.dueAt(); due != nil {
		add("，%s 到期", ", due %s", w.local(*due))
	}
	return out
}

// whoWords says who did it, and who has it.
func (w *world) whoWords(e entry, add func(zh, en string, args ...any)) {
	if e.By != "" {
		add("，%s", " by %s", e.By)
	}
	switch to := e.Data["to"].(type) {
	case nil:
	case time.Time:
		add(" → %s", " → %s", w.local(to))
		return
	default:
		add(" → %s", " → %s", people(to))
		return
	}
	switch candidates, _ := e.Data["candidates"].([]process.Principal); {
	case e.For != "" && e.By == "":
		add("，由 %s 办理", " for %s", e.For)
	case e.For != "" && e.For != e.By:
		add("（代 %s）", " for %s", e.For)
	case len(candidates) > 0:
		add("，由 %s 办理", " for %s", principals(candidates))
	}
}

func people(v any) string {
	if ids, ok := v.([]string); ok {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprint(v)
}

// reasonOf is why something happened, where the entry says so. The machine puts the Chinese beside it.
func reasonOf(e entry) process.Text {
	zh, _ := e.Data["zh"].(string)
	return process.Text{ZH: zh, EN: e.Reason}
}
