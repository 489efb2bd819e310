package engine

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// ConfirmView is a task as somebody without an account meets it: what the step shows and nothing else of the record, and the answers that need no more than
// a button and words.
type ConfirmView struct {
	TaskView
	Others bool // there are answers that only who stands in for them can give
	Paused bool // the case is suspended, or can't go on just now
	Over   Over // why nothing is asked of them by this task any more; empty: it is
}

// Over is why a task asks nothing more of somebody without an account. It says no more than they may know: nothing of the company's people, nor of what they decide.
type Over string

// What has become of such a task.
const (
	OverAnswered  Over = "answered"  // they have answered it
	OverFor       Over = "for"       // who stands in has answered in their name
	OverAnew      Over = "anew"      // they are asked the same by another task: the link is in a newer letter
	OverWithdrawn Over = "withdrawn" // the company has taken the whole case back
	OverEnded     Over = "ended"     // the case has ended
	OverElse      Over = "else"      // the chain has gone on, or back, without their answer
)

// over finds out what has become of a task that asked somebody outside.
func (v caseViewer) over(user string, t store.TaskRow) Over {
	if o := v.st.Outsider(t.ID); o != nil && o.ID() == user && v.st.Status != process.Ended {
		return ""
	}
	for _, o := range v.st.Open {
		anew := func(s process.Seat) bool { return s.Vote == nil && s.Outside != nil && s.Outside.ID() == user }
		if o.Step == t.Step && o.Item == str(t.Item) && slices.ContainsFunc(o.Seats, anew) {
			return OverAnew
		}
	}
	switch by := str(t.DecidedBy); {
	case by == user:
		return OverAnswered
	case by != "" && str(t.Outcome) != "voided":
		return OverFor
	case v.st.Outcome == "withdrawn" || v.st.Outcome == "cancelled":
		return OverWithdrawn
	case v.st.Status == process.Ended:
		return OverEnded
	}
	return OverElse
}

// Confirm shows a task to whom it asks outside. Its subject is empty where it shows more of the record than the step does; without ways nothing is asked of them.
func (v *Viewer) Confirm(user string, t store.TaskRow, c store.CaseRow, r store.RecordRow) (ConfirmView, error) {
	cv, err := v.of(c, r)
	if err != nil {
		return ConfirmView{}, err
	}
	view := ConfirmView{TaskView: cv.task(t), Paused: cv.st.Status == process.Suspended || cv.st.Held != nil}
	view.Over = cv.over(user, t)
	s := cv.p.Step(t.Step)
	if s == nil {
		return view, v.Err()
	}
	shown := func(name string) bool { return slices.Contains(s.Form.Show, name) }
	view.Form = slices.DeleteFunc(view.Form, func(f FormField) bool { return !shown(f.Field) })
	if view.Shows == nil || slices.ContainsFunc(view.Shows, func(name string) bool { return !shown(name) || slices.Contains(s.Form.Hide, name) }) {
		view.Subject = ""
	}
	var ways []process.OpenWay
	in := process.Input{Process: cv.p, State: cv.st, Record: cv.record, Directory: cv.dir, Calendars: cv.cals}
	ways, view.Others = process.OutsideWays(in, t.ID, user)
	for _, w := range ways {
		view.Ways = append(view.Ways, cv.way(w))
	}
	return view, v.Err()
}

// Undelivered tells who stands in for somebody without an account that a letter to them couldn't be delivered, so that they ask otherwise, or have the address put
// right: once for each task. Nobody is told of a task that is over, or asks somebody else by now.
func (e *Engine) Undelivered(ctx context.Context, task, user string) error {
	lock := func(tx *store.Tx) (store.LockedCase, error) { return tx.LockCaseOfTask(ctx, task) }
	_, err := noted(ctx, e, Request{}, lock, func(c *change) (struct{}, error) {
		o := c.in.State.Outsider(task)
		if o == nil || o.ID() != user || c.in.State.Status == process.Ended {
			return struct{}{}, nil
		}
		step, _ := c.stepOf(task)
		text := c.aboutCase(process.Text{ZH: "给外部人员的信无法送达：请用别的方式询问，或改正邮箱", EN: "a letter to somebody outside can't be delivered: ask them otherwise, or correct their address"})
		for _, id := range process.StandIns(c.in, task) {
			c.told = append(c.told, store.NotificationRow{To: id, At: c.at, About: "undelivered", CaseID: c.row.ID, Task: &task, Step: opt(step), Text: store.Of(text),
				Key: "undelivered/" + task + "/" + id})
		}
		return struct{}{}, nil
	})
	return err
}

// WriteAgain lets somebody without an account have a new letter instead of one whose link has expired, or is about what their task showed before. It goes where
// they are written to, whoever asks; the old link is used up by it, so that it brings one letter. [ErrLinkUsed]: it was used already. A refusal of
// [process.CodeTaskClosed]: nothing is asked of them any more; of [process.CodeCaseSuspended]: not now.
func (e *Engine) WriteAgain(ctx context.Context, link store.ActLink) error {
	lock := func(tx *store.Tx) (store.LockedCase, error) { return tx.LockCaseOfTask(ctx, link.Task) }
	_, err := noted(ctx, e, Request{Caller: link.User}, lock, func(c *change) (struct{}, error) {
		o := c.in.State.Outsider(link.Task)
		if o == nil || o.ID() != link.User || o.Email == "" || c.in.State.Status == process.Ended {
			return struct{}{}, process.Refuse(process.CodeTaskClosed, "此任务已不需要您办理", "this task doesn't wait for you any more")
		}
		if c.in.State.Status == process.Suspended || c.in.State.Held != nil {
			return struct{}{}, process.Refuse(process.CodeCaseSuspended, "流程暂停，现在不能办理", "the case is paused: nothing can be answered now")
		}
		err := c.tx.ReplaceActLink(ctx, link.Hash, c.real)
		if errors.Is(err, store.ErrNotFound) {
			return struct{}{}, ErrLinkUsed
		}
		step, _ := c.stepOf(link.Task)
		c.told = append(c.told, store.NotificationRow{To: link.User, At: c.at, About: "again", CaseID: c.row.ID, Task: &link.Task, Step: opt(step),
			Text: store.Of(c.aboutCase(process.Text{ZH: "重新发信", EN: "written to again"})), Key: "again/" + hex.EncodeToString(link.Hash), Address: o.Email})
		return struct{}{}, err
	})
	return err
}
