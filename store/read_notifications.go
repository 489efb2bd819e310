package store

import (
	"context"
	"strconv"
	"time"

	"github.com/lib/pq"
)

// Message is a notification with what is needed to know of the case it is about.
type Message struct {
	NotificationRow
	Number     string         `db:"number"`
	Process    string         `db:"process"`
	Digest     string         `db:"digest"` // of the process's definition
	RecordType string         `db:"record_type"`
	RecordID   string         `db:"record_id"`
	Shows      pq.StringArray `db:"subject_shows"` // the fields that the subject shows, which stands in the text; nil: nobody knows which
}

// Messages lists what one person was told, or everybody when to is empty; the newest first.
func (db *DB) Messages(ctx context.Context, to string, p Page) ([]Message, *Place, error) {
	var rows []Message
	err := db.Select(ctx, &rows, `SELECT `+NotificationColumns+`, c.number, c.process, c.digest, c.record_type, c.record_id, c.subject_shows
		FROM notifications n JOIN cases c ON c.id = n.case_id
		WHERE ($1 = '' OR n.to_user = $1) AND ($2::text IS NULL OR n.id < $2::bigint) ORDER BY n.id DESC LIMIT $3`, to, p.id(), p.Limit+1)
	rows, next := cut(rows, p.Limit, func(m Message) Place { return Place{ID: strconv.FormatInt(m.ID, 10)} })
	return rows, next, err
}

// MailedTo lists the notifications of which a development stack kept mail to an address, and those of somebody whose id it is; the newest first.
func (db *DB) MailedTo(ctx context.Context, address string, p Page) ([]Message, *Place, error) {
	var rows []Message
	err := db.Select(ctx, &rows, `SELECT `+NotificationColumns+`, c.number, c.process, c.digest, c.record_type, c.record_id, c.subject_shows
		FROM notifications n JOIN cases c ON c.id = n.case_id
		WHERE (n.to_user = $1 OR n.id IN (SELECT notification FROM caught_mail WHERE lower(address) = lower($1))) AND ($2::text IS NULL OR n.id < $2::bigint)
		ORDER BY n.id DESC LIMIT $3`, address, p.id(), p.Limit+1)
	rows, next := cut(rows, p.Limit, func(m Message) Place { return Place{ID: strconv.FormatInt(m.ID, 10)} })
	return rows, next, err
}

// ReadMessages marks a person's own notifications as read at a business moment; without ids all of them. Marking twice keeps the first moment.
func (db *DB) ReadMessages(ctx context.Context, user string, ids []int64, at time.Time) error {
	_, err := db.Exec(ctx, `UPDATE notifications SET read_at = $3 WHERE to_user = $1 AND read_at IS NULL AND (cardinality($2::bigint[]) = 0 OR id = ANY ($2))`,
		user, pq.Array(append([]int64{}, ids...)), at)
	return err
}
