package server

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// meetOutside reads the task of a link for whom it asks outside: what the step shows, and nothing that only people with an account may know.
func (s *Server) meetOutside(ctx context.Context, o *opened) error {
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return err
	}
	row, err := s.db.TaskInCase(ctx, o.Task)
	if errors.Is(err, store.ErrNotFound) {
		return linkClosed
	}
	if err != nil {
		return err
	}
	view, err := viewer.Confirm(o.User, row.Task, row.Case, row.Record)
	if err != nil {
		return err
	}
	view.Why = process.Text{}
	o.task, o.others, o.reader.zone = view.TaskView, view.Others, viewer.Location()
	if over, known := linksOver[view.Over]; known {
		return over
	}
	switch {
	case o.Used != nil: // though it has answered nothing: another one was sent instead
		return linkReplaced
	case view.Paused:
		return linkPaused
	case !o.Expires.After(s.Now()):
		return linkExpired
	case len(view.Ways) == 0:
		return linkClosed
	case view.Seen != o.Seen:
		return linkChanged
	}
	o.shown, err = s.shownForm(ctx, o.reader, viewer.Location(), o.task)
	return err
}

// What a link says to somebody outside whose task is over: kindly, and nothing of the company's people or of what they decide.
var (
	linkReplaced = deadOutside("used", "此邮件已由新的邮件代替", "A newer letter replaces this one", "请使用最新邮件中的链接。", "Please use the link in the newest letter that you have.")
	linksOver    = map[engine.Over]*deadLink{
		engine.OverAnew:     linkReplaced,
		engine.OverAnswered: deadOutside("used", "您已经答复过了，谢谢", "You have answered already. Thank you", "您不需要再做什么。", "There is nothing more for you to do."),
		engine.OverFor: deadOutside("closed", "已有人代您答复", "This was answered in your name", "您不需要再做什么。如果您没有同意由别人答复，请联系给您发信的公司。",
			"There is nothing more for you to do. If you haven't agreed to that, please contact the company that wrote to you."),
		engine.OverWithdrawn: deadOutside("closed", "发信的公司已撤回此事项", "The company that wrote to you has withdrawn this", "不再需要您的答复，您不需要再做什么。",
			"Your answer isn't needed any more: there is nothing for you to do."),
		engine.OverEnded: deadOutside("closed", "此事项已结束", "This is over", "不再需要您的答复，您不需要再做什么。", "Your answer isn't needed any more: there is nothing for you to do."),
		engine.OverElse: deadOutside("closed", "现在不需要您答复", "Your answer isn't needed now", "您不需要再做什么；如果以后还需要，您会收到新的邮件。",
			"There is nothing for you to do. If your answer is needed later, you will get a new letter."),
	}
)

func deadOutside(why, zh, en, whatZH, whatEN string) *deadLink {
	return &deadLink{why, http.StatusGone, process.Text{ZH: zh, EN: en}, process.Text{ZH: whatZH, EN: whatEN}}
}

// asNow is what a link says that came too late: what has become of its task meanwhile, where that is known to somebody outside.
func (s *Server) asNow(ctx context.Context, o *opened, late *deadLink) error {
	if !o.outside {
		return late
	}
	err := s.meetOutside(ctx, o)
	if _, dead := errors.AsType[*deadLink](err); dead {
		return err
	}
	return errors.Join(late, err)
}

// again says whether a link that decides nothing may bring a new letter: who has no account has nowhere else to go.
func (o *opened) again(why error) bool {
	return o.outside && (errors.Is(why, linkChanged) || errors.Is(why, linkExpired))
}

// writeAgain sends a new letter where that is what the page's button asks for.
func (s *Server) writeAgain(c *gin.Context, o *opened, why error) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, linkForm)
	if err := c.Request.ParseForm(); err != nil || c.Request.PostForm.Get("act") != "again" {
		return why
	}
	err := s.engine.WriteAgain(c.Request.Context(), o.ActLink)
	refusal, refused := errors.AsType[*process.Refusal](err)
	switch {
	case errors.Is(err, engine.ErrLinkUsed):
		return linkReplaced
	case refused && refusal.Code == process.CodeCaseSuspended:
		return linkPaused
	case refused:
		return s.asNow(c.Request.Context(), o, linkClosed)
	case err != nil:
		return err
	}
	return s.linkPage(c, http.StatusOK, o, linkPage{Title: o.reader.text(process.Text{ZH: "新邮件已发出", EN: "A new letter is on its way"}),
		Problem: o.reader.text(process.Text{ZH: "请在邮箱中查看，以前的链接不再有效。", EN: "Please look into your mail box: links sent before no longer work."})})
}

var outsideNow = process.Text{ZH: "没有作出任何决定。如有疑问，请联系给您发信的公司。", EN: "Nothing was decided. If you have a question, please contact the company that wrote to you."}

// whatNow is what somebody can do about a link that decides nothing.
func (o *opened) whatNow(d *deadLink) string {
	if o.outside && d.what == inPage {
		return o.reader.text(outsideNow)
	}
	return o.reader.text(d.what)
}

// button is an answer that a link's page offers; what stands on it says its consequence.
type button struct {
	Value, Title string
	No           bool
	needs        string // what it is called where it is said that it needs a reason; empty: it needs none
	command      engine.ActCommand
}

var actWords = map[string]process.Text{
	string(process.EventApprove): {ZH: "同意", EN: "Approve"}, string(process.EventReject): {ZH: "拒绝", EN: "Reject"},
	string(process.EventReturn): {ZH: "退回", EN: "Return"}, process.Done: {ZH: "完成", EN: "Done"},
}

var doneWords = map[process.EventKind]process.Text{
	process.EventApprove: {ZH: "您已同意。", EN: "You have approved."}, process.EventReject: {ZH: "您已拒绝。", EN: "You have rejected."},
	process.EventReturn: {ZH: "您已退回。", EN: "You have returned it."}, process.EventComplete: {ZH: "您的答复已收到。", EN: "Your answer was received."},
}

// buttons are the answers that a link gives: approve and reject for whoever may do the rest on the page, and all that need no form for somebody outside.
func (o *opened) buttons() []button {
	var out []button
	for _, w := range o.task.Ways {
		if !o.outside && w.Act != string(process.EventApprove) && w.Act != string(process.EventReject) {
			continue
		}
		one := o.reader.button(w)
		if !slices.ContainsFunc(out, func(b button) bool { return b.Value == one.Value }) {
			out = append(out, one)
		}
	}
	return out
}

// button is one way out of a task.
func (v *visit) button(w engine.WayView) button {
	b := button{Value: w.Act, Title: v.text(actWords[w.Act]), No: w.Act == string(process.EventReject) || w.Act == string(process.EventReturn),
		command: engine.ActCommand{Act: process.EventKind(w.Act), To: w.To}}
	switch process.EventKind(w.Act) {
	case process.EventReject:
		b.Title = v.rejectWord([]engine.WayView{w})
	case process.EventReturn:
		b.Value, b.Title = w.Act+":"+w.To, v.returnWord(w)
	case process.EventComplete:
		b.Value, b.command.Outcome, b.Title = w.Act+":"+w.Outcome, w.Outcome, v.outcomeWord(w)+v.leadsWord(w)
	}
	if w.Comment {
		b.needs = v.text(actWords[w.Act])
		if w.Act == string(process.EventComplete) {
			b.needs = v.outcomeWord(w)
		}
	}
	return b
}

func (v *visit) outcomeWord(w engine.WayView) string {
	if title := v.text(w.Title); title != "" {
		return title
	}
	if word, known := actWords[w.Outcome]; known {
		return v.text(word)
	}
	return w.Outcome
}

// leadsWord is what follows from an outcome, where that isn't simply what comes next.
func (v *visit) leadsWord(w engine.WayView) string {
	switch {
	case w.End != "":
		return v.text(process.Text{ZH: "（流程结束）", EN: " (ends the case)"})
	case !w.Goes.Empty():
		return v.text(process.Text{ZH: "（转到“" + w.Goes.In("zh") + "”）", EN: " (goes to “" + w.Goes.In("en") + "”)"})
	}
	return ""
}

// returnWord says where a return goes, and what follows it.
func (v *visit) returnWord(w engine.WayView) string {
	then := process.Text{ZH: "改后重走", EN: "then all again"}
	if w.Resume == "back" {
		then = process.Text{ZH: "改后直接回到我", EN: "then straight back to me"}
	}
	if w.Goes.Empty() {
		return v.text(process.Text{ZH: "退回（" + then.ZH + "）", EN: "Return (" + then.EN + ")"})
	}
	return v.text(process.Text{ZH: "退回到“" + w.Goes.In("zh") + "”，" + then.ZH, EN: "Return to “" + w.Goes.In("en") + "”, " + then.EN})
}

// commentWord says which answers need a reason.
func (o *opened) commentWord() string {
	var needs []string
	for _, b := range o.buttons() {
		if b.needs != "" && !slices.Contains(needs, b.needs) {
			needs = append(needs, b.needs)
		}
	}
	if len(needs) == 0 {
		return o.reader.text(process.Text{ZH: "意见", EN: "Comment"})
	}
	return o.reader.text(process.Text{ZH: "意见（" + strings.Join(needs, "、") + "时必填）", EN: "Comment (needed to " + strings.ToLower(strings.Join(needs, ", ")) + ")"})
}

// command is the act of a button that the page offers.
func (o *opened) command(value string) (engine.ActCommand, bool) {
	for _, b := range o.buttons() {
		if b.Value == value {
			return b.command, true
		}
	}
	return engine.ActCommand{}, false
}

// decided says what a decision led to.
func (o *opened) decided(act process.EventKind, c engine.CaseView) []string {
	v := o.reader
	lines := []string{v.text(doneWords[act])}
	if c.Status == process.Ended {
		return append(lines, v.text(process.Text{ZH: "流程已结束。", EN: "The case has ended."}))
	}
	if o.outside { // what comes next is the company's affair
		return lines
	}
	var next []string
	for _, o := range c.Open {
		next = append(next, v.text(o.Title))
	}
	slices.Sort(next)
	if next = slices.Compact(next); len(next) > 0 {
		lines = append(lines, v.text(process.Text{ZH: "下一步：", EN: "Next: "})+strings.Join(next, v.text(process.Text{ZH: "、", EN: ", "})))
	}
	return lines
}
