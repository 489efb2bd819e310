package server

import (
	"bytes"
	"cmp"
	"context"
	"html/template"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

var linkTemplate = template.Must(template.ParseFS(assets, "assets/act.html"))

// deadLink is why a link decides nothing. It is always said by a page that shows nothing of the case.
type deadLink struct {
	why         string // in the audit
	status      int
	title, what process.Text
}

func (d *deadLink) Error() string { return "link: " + d.why }

var inPage = process.Text{ZH: "请登录 crmflow 查看您的待办。", EN: "Please sign in to crmflow to see what waits for you."}

func dead(why string, status int, zh, en string) *deadLink {
	return &deadLink{why, status, process.Text{ZH: zh, EN: en}, inPage}
}

// What can be wrong with a link.
var (
	linkUnknown    = dead("unknown", http.StatusNotFound, "链接无效", "This link isn't valid")
	linkPaused     = dead("paused", http.StatusConflict, "流程暂停，现在不能办理", "The case is paused: nothing can be answered now")
	linkUsed       = dead("used", http.StatusGone, "此链接已经用过", "This link was used already")
	linkExpired    = dead("expired", http.StatusGone, "此链接已过期", "This link has expired")
	linkForwarded  = dead("forwarded", http.StatusForbidden, "此链接不是发给您的", "This link isn't for you")
	linkClosed     = dead("closed", http.StatusGone, "此任务已不需要您办理", "This task doesn't wait for you any more")
	linkChanged    = dead("changed", http.StatusConflict, "内容在邮件发出后有变化，请重新查看后再办理", "The content has changed since the message was sent: please look at it again")
	linkPrefetched = dead("prefetched", http.StatusForbidden, "请打开链接查看", "Please open the link to see it")
	linkIncomplete = dead("incomplete", http.StatusBadRequest, "没有收到您的决定，请重新打开链接", "Your decision didn't arrive: please open the link again")
)

// linkAgain is what is said when nobody knows how it went.
var linkAgain = process.Text{ZH: "请稍后再打开此链接。", EN: "Please open this link again a little later."}

// linkPage is what the page shows beside the task.
type linkPage struct {
	Open    bool   // the task is shown, and may be decided
	Comment string // what was written already
	Title   string // of a page that shows no task
	Problem string
	Done    []string // what the decision led to
	Again   bool     // it offers a new letter
}

// shownField is a field of the form as it is read.
type shownField struct {
	Title, Value string
	Lines        [][]shownField
}

var linkWords = map[string]process.Text{
	"number": {ZH: "编号", EN: "Number"},
	"due":    {ZH: "时限", EN: "Due"},
	"why":    {ZH: "为什么是您", EN: "Why you"},
	"others": {ZH: "需要填写内容的其他答复，请联系给您发信的公司办理。", EN: "Other answers need something filled in: please contact the company that wrote to you."},
	"again":  {ZH: "给我发一封新邮件", EN: "Send me a new letter"},
	"inbox":  {ZH: "打开待办", EN: "Open the inbox"},
	"task":   {ZH: "在 crmflow 中打开：附件、退回、加签、转交", EN: "Open in crmflow: files, return, add an approver, transfer"},
	"once":   {ZH: "点击按钮后才会生效，只能办理一次。", EN: "Nothing happens until you press a button. It decides once."},
}

// linkPage answers with the page.
func (s *Server) linkPage(c *gin.Context, status int, o *opened, p linkPage) error {
	due := ""
	if at := o.reader.atOrNil(o.task.DueAt); at != nil {
		due = at.Format("2006-01-02 15:04")
	}
	var out bytes.Buffer
	err := linkTemplate.Execute(&out, map[string]any{
		"Lang": o.reader.lang(), "Words": o.reader.words(linkWords), "Page": p, "Task": o.task, "Title": o.reader.text(o.task.Title), "Why": o.reader.text(o.task.Why),
		"Due": due, "Shown": o.shown, "Seen": o.Seen, "Buttons": o.buttons(), "Comment": o.commentWord(), "Outside": o.outside, "Others": o.others,
	})
	if err != nil {
		return err
	}
	c.Data(status, "text/html; charset=utf-8", out.Bytes())
	return nil
}

// rejectWord is what stands on the button that refuses: its consequence; empty where the task knows no refusal.
func (v *visit) rejectWord(ways []engine.WayView) string {
	for _, w := range ways {
		if w.Act != string(process.EventReject) {
			continue
		}
		switch {
		case w.End != "":
			return v.text(process.Text{ZH: "拒绝（流程结束）", EN: "Reject (ends the case)"})
		case !w.Goes.Empty():
			return v.text(process.Text{ZH: "拒绝（转到“" + w.Goes.In("zh") + "”）", EN: "Reject (goes to “" + w.Goes.In("en") + "”)"})
		}
		return v.text(process.Text{ZH: "拒绝", EN: "Reject"})
	}
	return ""
}

// shownForm words what a task's form shows.
func (s *Server) shownForm(ctx context.Context, v *visit, zone *time.Location, t engine.TaskView) ([]shownField, error) {
	dir := s.db.Directory(ctx)
	env := process.Env{Zone: zone, Names: func(id string) process.Text {
		if p, known := dir.Person(id); known && !p.Name.Empty() {
			return p.Name
		}
		return process.Same(id)
	}}
	var out []shownField
	for _, f := range t.Form {
		if one := v.shownField(env, f.Declared, f.Title, f.Value); one.Value != "" {
			out = append(out, one)
		}
	}
	return out, dir.Err()
}

func (v *visit) shownField(env process.Env, f *process.Field, title process.Text, value any) shownField {
	one := shownField{Title: cmp.Or(v.text(title), f.Name), Value: v.shownValue(env, f, value)}
	lines, _ := value.([]map[string]any)
	for _, line := range lines {
		var cells []shownField
		for i := range f.Lines {
			column := &f.Lines[i]
			if cell := v.shownField(env, column, column.Label(), line[column.Name]); cell.Value != "" {
				cells = append(cells, cell)
			}
		}
		one.Lines = append(one.Lines, cells)
	}
	return one
}

// shownValue is a value as people write it; choices by their titles.
func (v *visit) shownValue(env process.Env, f *process.Field, value any) string {
	if len(f.Of) == 0 {
		return env.Show(f, value, v.lang())
	}
	switch value := value.(type) {
	case string:
		return v.text(f.Choice(value))
	case []any:
		var all []string
		for _, one := range value {
			all = append(all, v.shownValue(env, f, one))
		}
		return strings.Join(all, v.text(process.Text{ZH: "、", EN: ", "}))
	}
	return env.Show(f, value, v.lang())
}
