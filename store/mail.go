package store

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// What becomes of a notification in a person's mail.
const (
	MailWaiting     = "waiting"
	MailOutside     = "outside" // waiting, too: a letter to somebody without an account, whom the release before would drop
	MailSent        = "sent"
	MailDropped     = "dropped"     // what it says is over, was read on the page, or isn't wanted by mail
	MailFailed      = "failed"      // refused for good, or tried for too long
	MailUndelivered = "undelivered" // a failed letter to somebody without an account, who finds it nowhere else
	mailOver        = "over"        // told before there was mail, or never meant to leave
)

// mailWaits says that a notification waits to be sent; as the index has it.
const mailWaits = `mail IN ('` + MailWaiting + `', '` + MailOutside + `')`

// MailRow is a notification that is to be sent, with what decides at the last moment whether it still is.
type MailRow struct {
	Message
	Mail       string     `db:"mail"`
	Tries      int        `db:"mail_tries"`
	Since      time.Time  `db:"mail_since_real"`
	Address    string     `db:"email"`
	Language   string     `db:"language"`
	Active     bool       `db:"active"` // who is outside has no account that could be closed
	Off        bool       `db:"off"`
	CaseStatus string     `db:"case_status"`
	TaskStatus *string    `db:"task_status"` // nil: it is about no task
	Holder     *string    `db:"holder"`      // who has the task now; nil: nobody in particular
	DueAt      *time.Time `db:"due_at"`
}

// Waits says whether it is still to be sent.
func (r MailRow) Waits() bool { return r.Mail == MailWaiting || r.Mail == MailOutside }

// TakenMail is a notification that was taken to be sent.
type TakenMail struct {
	ID   int64  `db:"id"`
	Mail string `db:"mail"` // MailDropped: it needn't be
}

// TakeMail gives notifications that are due to be sent, and puts their next attempt off, so that others leave them alone meanwhile. Those that nobody can be
// sent, or has to be any more, by what the tables say at a glance, are dropped in the same statement: of most companies' messages that is most of them.
func (db *DB) TakeMail(ctx context.Context, now, again time.Time, limit int) ([]TakenMail, error) {
	var list []TakenMail
	return list, db.Select(ctx, &list, `UPDATE notifications n SET mail_due_real = $2, mail = CASE WHEN b.wanted THEN n.mail ELSE '`+MailDropped+`' END, address = CASE WHEN b.wanted THEN n.address END
		FROM (SELECT w.id, coalesce(w.address <> '', u.active AND u.email <> '', false) AND w.read_at IS NULL AND coalesce(t.status = 'open', true)
				AND NOT EXISTS (SELECT 1 FROM channels_off o WHERE o.user_id = w.to_user AND o.channel = '`+ChannelEmail+`') AS wanted
			FROM notifications w LEFT JOIN users u ON u.id = w.to_user LEFT JOIN tasks t ON t.id = w.task
			WHERE w.`+mailWaits+` AND w.mail_due_real <= $1 ORDER BY w.mail_due_real LIMIT $3 FOR UPDATE OF w SKIP LOCKED) b
		WHERE n.id = b.id RETURNING n.id, n.mail`, now, again, limit)
}

// Mail reads a notification that is to be sent as things are now.
func (db *DB) Mail(ctx context.Context, id int64) (MailRow, error) {
	var row MailRow
	return row, db.Get(ctx, &row, `SELECT `+NotificationColumns+`, c.number, c.process, c.digest, c.record_type, c.record_id, c.subject_shows,
			n.mail, n.mail_tries, n.mail_since_real, coalesce(n.address, u.email, '') AS email, coalesce(u.language, '') AS language, coalesce(u.active, n.address IS NOT NULL) AS active, o.user_id IS NOT NULL AS off, c.status AS case_status,
			t.status AS task_status, t.assignee AS holder, t.due_at
		FROM notifications n JOIN cases c ON c.id = n.case_id LEFT JOIN users u ON u.id = n.to_user
			LEFT JOIN channels_off o ON o.user_id = u.id AND o.channel = '`+ChannelEmail+`' LEFT JOIN tasks t ON t.id = n.task
		WHERE n.id = $1`, id)
}

// EndMail notes what has become of a notification that was waiting. The address of somebody outside is kept no longer than it is needed.
func (db *DB) EndMail(ctx context.Context, id int64, as string) error {
	_, err := db.Exec(ctx, `UPDATE notifications SET mail = $2, address = NULL WHERE id = $1 AND `+mailWaits, id, as)
	return err
}

// RetryMail puts a notification off after an attempt that came to nothing.
func (db *DB) RetryMail(ctx context.Context, id int64, due time.Time) error {
	_, err := db.Exec(ctx, `UPDATE notifications SET mail_tries = mail_tries + 1, mail_due_real = $2 WHERE id = $1 AND `+mailWaits, id, due)
	return err
}

// GiveBackMail gives back what was taken and wasn't attempted.
func (db *DB) GiveBackMail(ctx context.Context, ids []int64, now time.Time) error {
	_, err := db.Exec(ctx, `UPDATE notifications SET mail_due_real = $2 WHERE id = ANY ($1) AND `+mailWaits, pq.Array(append([]int64{}, ids...)), now)
	return err
}

// ForgetMail lets what waits to be sent stay in the page, where it was told before a moment; a batch at a time.
func (db *DB) ForgetMail(ctx context.Context, before time.Time, limit int) (int64, error) {
	return db.Exec(ctx, `UPDATE notifications n SET mail = '`+mailOver+`', address = NULL
		FROM (SELECT id FROM notifications WHERE `+mailWaits+` AND mail_since_real < $1 ORDER BY mail_due_real LIMIT $2 FOR UPDATE SKIP LOCKED) b
		WHERE n.id = b.id`, before, limit)
}

// CaughtMail is mail that a development stack kept.
type CaughtMail struct {
	Notification int64     `db:"notification"`
	Address      string    `db:"address"`
	At           time.Time `db:"at_real"`
	Subject      string    `db:"subject"`
	Text         string    `db:"text"`
	HTML         string    `db:"html"`
}

// CatchMail keeps mail instead of sending it.
func (db *DB) CatchMail(ctx context.Context, m CaughtMail) error {
	_, err := db.Exec(ctx, `INSERT INTO caught_mail (notification, address, at_real, subject, text, html) VALUES ($1, $2, $3, $4, $5, $6)`,
		m.Notification, m.Address, m.At, m.Subject, m.Text, m.HTML)
	return err
}

// CaughtMailOf gives the mail that was kept of some notifications, by notification, in order.
func (db *DB) CaughtMailOf(ctx context.Context, notifications []int64) (map[int64][]CaughtMail, error) {
	var rows []CaughtMail
	err := db.Select(ctx, &rows, `SELECT notification, address, at_real, subject, text, html FROM caught_mail WHERE notification = ANY ($1) ORDER BY id`,
		pq.Array(append([]int64{}, notifications...)))
	found := map[int64][]CaughtMail{}
	for _, r := range rows {
		found[r.Notification] = append(found[r.Notification], r)
	}
	return found, err
}
