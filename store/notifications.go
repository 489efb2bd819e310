package store

import (
	"time"

	"github.com/crmflow/crmflow/process"
)

// NotificationRow is one thing one person is told. Key makes one event tell one person once.
type NotificationRow struct {
	ID     int64              `db:"id" json:"-"`
	To     string             `db:"to_user" json:"to_user"`
	At     time.Time          `db:"at" json:"at"`
	About  string             `db:"about" json:"about"`
	CaseID string             `db:"case_id" json:"case_id"`
	Task   *string            `db:"task" json:"task"`
	Step   *string            `db:"step" json:"step"`
	Text   JSON[process.Text] `db:"text" json:"text"`
	ReadAt *time.Time         `db:"read_at" json:"-"`
	Key    string             `db:"key" json:"key"`

	Address string `db:"-" json:"address,omitempty"` // where somebody without an account is written to; read for the letter itself, and forgotten when that was sent or given up
}

var notificationColumns = columns{"id", "to_user", "at", "about", "case_id", "task", "step", "text", "read_at", "key"}

// NotificationColumns is a SELECT list for [NotificationRow], of the table aliased n.
var NotificationColumns = notificationColumns.of("n")

// Who has no address has no mail that waits: most of a decision's rows would be written twice, else.
const insertNotifications = `INSERT INTO notifications (to_user, at, about, case_id, task, step, text, key, address, mail)
	SELECT n.*, CASE WHEN n.address <> '' THEN '` + MailOutside + `' WHEN EXISTS (SELECT 1 FROM users u WHERE u.id = n.to_user AND u.email <> '') THEN '` + MailWaiting + `' ELSE '` + mailOver + `' END
	FROM json_to_recordset($14) AS n (to_user text, at timestamptz, about text, case_id text, task text, step text, text json, key text, address text)
	ON CONFLICT (key) DO NOTHING`
