package worker

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/crmflow/crmflow/activities"
	"github.com/crmflow/crmflow/activities/notify"
	"github.com/crmflow/crmflow/store"
)

const (
	mailBatch  = 100
	mailAgain  = 3 * time.Minute    // until mail whose worker died is tried again: longer than a batch takes
	mailTime   = 2 * time.Minute    // of one batch
	mailWithin = 3 * 24 * time.Hour // after which a message isn't worth sending
	firstRetry = 10 * time.Second   // of one letter that the mail server didn't take
	lastRetry  = time.Hour
	linksKept  = 90 * 24 * time.Hour // how long after its end it is remembered what was tried with a link
)

// mail sends what waits to be sent. It has nothing to do with decisions: they write a row, and the row waits as long as it must.
func (r *runner) mail(ctx context.Context) error {
	for {
		now := time.Now()
		taken, err := r.DB.TakeMail(ctx, now, now.Add(mailAgain), mailBatch)
		if err != nil || len(taken) == 0 {
			return err
		}
		var ids []int64
		for _, m := range taken {
			if m.Mail != store.MailDropped {
				ids = append(ids, m.ID)
			}
		}
		slices.Sort(ids) // as they were told
		if err := r.sendMail(ctx, ids); err != nil {
			return err
		}
	}
}

// sendMail sends a batch, over one connection that is made when the first letter is to go. What isn't attempted is given back.
func (r *runner) sendMail(ctx context.Context, ids []int64) error {
	ctx, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	p := post{runner: r, letters: activities.Letters{Engine: r.Engine, DB: r.DB, URL: r.URL}}
	defer p.close()
	for i, id := range ids {
		if err := p.one(ctx, id); err != nil {
			back, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTime)
			defer cancel()
			rest := ids[i:]
			if errors.As(err, new(*unsent)) { // it was attempted, and has its next moment
				rest = ids[i+1:]
			}
			return errors.Join(err, r.DB.GiveBackMail(back, rest, time.Now()))
		}
	}
	return nil
}

// unsent says that a letter didn't arrive for a reason that isn't its own; the letter was put off.
type unsent struct{ error }

// post is one connection to a mail server, and what goes over it.
type post struct {
	*runner
	letters activities.Letters
	session notify.Session // nil: not open yet
}

func (p *post) close() {
	if p.session != nil {
		_ = p.session.Close() // what was sent has arrived
	}
}

// one sends one message, if it is still to be sent at all.
func (p *post) one(ctx context.Context, id int64) error {
	row, err := p.DB.Mail(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return p.DB.EndMail(ctx, id, store.MailDropped)
	}
	if err != nil {
		return err
	}
	now := time.Now()
	if now.Sub(row.Since) > mailWithin {
		return p.failed(ctx, row)
	}
	if p.session == nil {
		if err := p.open(ctx); err != nil {
			return err
		}
	}
	letter, wanted, err := p.letters.Letter(ctx, row, now)
	if err != nil {
		return err
	}
	if !wanted {
		return p.DB.EndMail(ctx, id, store.MailDropped)
	}
	return p.sent(ctx, row, p.session.Send(ctx, letter))
}

// open connects to the mail server, and notes since when that doesn't work.
func (p *post) open(ctx context.Context) error {
	session, err := p.Mail.Open(ctx)
	if err != nil {
		return errors.Join(err, p.DB.ChannelFails(ctx, store.ChannelEmail, time.Now(), err.Error()))
	}
	p.session = session
	return nil
}

// sent notes what became of a letter.
func (p *post) sent(ctx context.Context, row store.MailRow, err error) error {
	if err == nil {
		return errors.Join(p.DB.EndMail(ctx, row.ID, store.MailSent), p.DB.ChannelWorks(ctx, store.ChannelEmail))
	}
	refused, ofLetter := errors.AsType[*notify.Refused](err)
	if ofLetter && refused.Final {
		slog.Error("worker: a letter was refused for good", "notification", row.ID, "error", err)
		return p.failed(ctx, row)
	}
	pause := min(firstRetry<<min(row.Tries, 10), lastRetry)
	if failed := p.DB.RetryMail(ctx, row.ID, time.Now().Add(pause)); failed != nil {
		return failed
	}
	if ofLetter {
		return nil
	}
	return &unsent{errors.Join(err, p.DB.ChannelFails(ctx, store.ChannelEmail, time.Now(), err.Error()))}
}

// failed notes that a message won't arrive. Whoever has an account finds it on the page; for somebody outside who stands in hears of it, and administrators do.
func (p *post) failed(ctx context.Context, row store.MailRow) error {
	if row.Mail != store.MailOutside || row.Task == nil {
		return p.DB.EndMail(ctx, row.ID, store.MailFailed)
	}
	if err := p.Engine.Undelivered(ctx, *row.Task, row.To); err != nil { // it stands in the list of what is stuck in any case, and holds up no other letter
		slog.Error("worker: nobody was told that a letter can't be delivered", "notification", row.ID, "error", err)
	}
	return p.DB.EndMail(ctx, row.ID, store.MailUndelivered)
}

// channels says which channels there are. Without mail what waits for it stays in the page.
func (r *runner) channels(ctx context.Context) error {
	if err := r.DB.AnnounceChannel(ctx, store.ChannelEmail, r.Mail != nil); err != nil {
		return err
	}
	now := time.Now()
	for {
		links, err := r.DB.DeleteOldActLinks(ctx, now.Add(-linksKept), cleanBatch)
		if err != nil {
			return err
		}
		var mail int64
		if r.Mail == nil {
			if mail, err = r.DB.ForgetMail(ctx, now, cleanBatch); err != nil {
				return err
			}
		}
		if max(links, mail) < cleanBatch {
			return nil
		}
	}
}

// Catcher keeps mail in the database instead of sending it: nothing leaves a development machine.
type Catcher struct{ DB *store.DB }

// Open has nothing to connect to.
func (c Catcher) Open(context.Context) (notify.Session, error) { return c, nil }

// Close has nothing to leave.
func (c Catcher) Close() error { return nil }

// Send keeps a letter.
func (c Catcher) Send(ctx context.Context, l notify.Letter) error {
	return c.DB.CatchMail(ctx, store.CaughtMail{Notification: l.Notification, Address: l.Address, At: time.Now(), Subject: l.Subject, Text: l.Text, HTML: l.HTML})
}
