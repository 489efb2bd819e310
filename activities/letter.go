package activities

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/crmflow/crmflow/activities/notify"
	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// LinkDays is for how many days of real time a link decides.
const LinkDays = 7

// Letters makes letters of notifications.
type Letters struct {
	Engine *engine.Engine
	DB     *store.DB
	URL    string // where people reach the page
}

// Letter words a notification for whom it is, as things are now. wanted is false for one that nobody has to be told any more, or wants to be.
func (l *Letters) Letter(ctx context.Context, row store.MailRow, now time.Time) (letter notify.Letter, wanted bool, err error) {
	if !stillWanted(row) {
		return letter, false, nil
	}
	if _, outside := process.OutsideName(row.To); outside {
		return l.question(ctx, row, now)
	}
	text, err := l.seen(ctx, row)
	if err != nil {
		return letter, false, err
	}
	c := notify.Content{What: text.In(row.Language), Number: row.Number, Days: LinkDays, Settings: l.URL + "/settings", Link: l.URL + "/cases/" + row.CaseID}
	if row.Task != nil {
		if err := l.ofTask(ctx, row, now, &c); err != nil {
			return letter, false, err
		}
	}
	letter, err = notify.Write(notify.Letter{Key: row.Key, Notification: row.ID, Address: row.Address}, c, row.Language)
	return letter, err == nil, err
}

// asking are the messages that ask their reader to do something: they are of no use once somebody else has the task.
var asking = []string{"opened", "assigned", "returned", "reminded"}

// pressing are the messages of which nothing is left when the case has ended.
var pressing = []string{"reminded", "late", "handed_up", "held"}

// stillWanted looks at a message at the last moment.
func stillWanted(row store.MailRow) bool {
	switch {
	case !row.Waits(), !row.Active, row.Off, row.Address == "":
		return false
	case row.ReadAt != nil, row.TaskStatus != nil && *row.TaskStatus != store.TaskOpen:
		return false
	case row.Holder != nil && *row.Holder != row.To && slices.Contains(asking, row.About):
		_, outside := process.OutsideName(row.To) // the holder stands in for them
		return outside
	}
	return row.CaseStatus != process.Ended || !slices.Contains(pressing, row.About)
}

// ofTask says of the task of a letter when it is due, and how to go on: by a link of its own, where its reader may agree to it.
func (l *Letters) ofTask(ctx context.Context, row store.MailRow, now time.Time, c *notify.Content) error {
	c.Link = l.URL + "/tasks/" + *row.Task
	t, err := l.DB.TaskInCase(ctx, *row.Task)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	viewer, err := l.Engine.Viewer(ctx)
	if err != nil {
		return err
	}
	view, err := viewer.As(row.To, false).Task(t.Task, t.Case, t.Record)
	if err != nil {
		return err
	}
	if view.DueAt != nil {
		c.Due = view.DueAt.In(viewer.Location()).Format("2006-01-02 15:04")
	}
	if !slices.Contains(view.Actions, string(process.EventApprove)) {
		return nil
	}
	token, err := l.DB.NewActLink(ctx, store.ActLink{User: row.To, Task: view.ID, Seen: view.Seen, Expires: now.Add(LinkDays * 24 * time.Hour)})
	c.Link, c.Decides = l.URL+"/act/"+token, true
	return err
}

// seen is what of a message may stand in a letter: all of it, where its reader sees the whole record; else what stands before the subject of the case.
// The page may say more: it knows the forms that were the reader's, too.
func (l *Letters) seen(ctx context.Context, row store.MailRow) (process.Text, error) {
	text := row.Text.V
	principals, err := l.DB.PrincipalsOf(ctx, row.To)
	if err != nil || slices.Contains(principals, process.Administrators) {
		return text, err
	}
	library, err := l.Engine.Library(ctx)
	if err != nil {
		return text, err
	}
	who := make([]string, len(principals))
	for i, p := range principals {
		who[i] = string(p)
	}
	access := library.Rights.Of(who)
	if !access.Decides(row.RecordType) {
		return text, nil
	}
	found, err := l.DB.Standings(ctx, store.Viewer{User: row.To, Principals: who, Access: access}, []string{row.RecordID})
	if err != nil {
		return text, err
	}
	sight := access.Record(row.RecordType, found[row.RecordID].Standing)
	return covered(library, sight, row), nil
}

// covered leaves out of a message what its reader may not see.
func covered(library *engine.Library, sight process.Sight, row store.MailRow) process.Text {
	text := row.Text.V
	if sight.See && sight.Whole() {
		return text
	}
	if row.About == "notify" { // the chain's own words may show any field
		if p := library.Processes[row.Process]; p != nil {
			return p.Title
		}
		return process.Same(row.Process)
	}
	if sight.See && row.Shows != nil && sight.Plain(row.Shows...) {
		return text
	}
	return process.Text{ZH: beforeSubject(text.ZH), EN: beforeSubject(text.EN)}
}

// beforeSubject is what of a message stands before the subject of its case: process.Tell puts a middle dot between them.
func beforeSubject(text string) string {
	before, _, _ := strings.Cut(text, " · ")
	return before
}
