package activities

import (
	"context"
	"errors"
	"time"

	"github.com/crmflow/crmflow/activities/notify"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// question words what somebody without an account is asked, with a link of their own to answer by. It isn't wanted where nothing is asked of them any more.
// The letter says of the record what the page would show, and less: the subject, where the step shows all of it.
func (l *Letters) question(ctx context.Context, row store.MailRow, now time.Time) (letter notify.Letter, wanted bool, err error) {
	if row.Task == nil {
		return letter, false, nil
	}
	t, err := l.DB.TaskInCase(ctx, *row.Task)
	if errors.Is(err, store.ErrNotFound) {
		return letter, false, nil
	}
	if err != nil {
		return letter, false, err
	}
	viewer, err := l.Engine.Viewer(ctx)
	if err != nil {
		return letter, false, err
	}
	view, err := viewer.Confirm(row.To, t.Task, t.Case, t.Record)
	if err != nil || len(view.Ways) == 0 {
		return letter, false, err
	}
	q := notify.Question{Name: process.OutsideCalled(row.To), About: row.About, What: view.Title, Number: view.Number, Days: LinkDays}
	if view.Subject != "" {
		q.What = process.Text{ZH: view.Title.In("zh") + " · " + view.Subject, EN: view.Title.In("en") + " · " + view.Subject}
	}
	if view.DueAt != nil {
		q.Due = view.DueAt.In(viewer.Location()).Format("2006-01-02 15:04")
	}
	token, err := l.DB.NewActLink(ctx, store.ActLink{User: row.To, Task: view.ID, Seen: view.Seen, Expires: now.Add(LinkDays * 24 * time.Hour)})
	if err != nil {
		return letter, false, err
	}
	q.Link = l.URL + "/act/" + token
	letter, err = notify.Ask(notify.Letter{Key: row.Key, Notification: row.ID, Address: row.Address}, q)
	return letter, err == nil, err
}
