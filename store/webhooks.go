package store

import (
	"context"
	"time"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// FailsInARow is how many attempts in a row come to nothing before a webhook is called failing. From then on one message at a time knocks.
const FailsInARow = 5

// Webhook is an address that wants to hear what happens in cases.
type Webhook struct {
	ID        string             `db:"id"`
	URL       string             `db:"url"`
	Events    pq.StringArray     `db:"events"`    // of the timeline; empty: all
	Processes pq.StringArray     `db:"processes"` // empty: all
	Secret    []byte             `db:"secret"`    // messages are signed with it
	Active    bool               `db:"active"`
	MadeBy    string             `db:"made_by"`
	Made      time.Time          `db:"made_real"`
	Fails     int                `db:"fails"`         // attempts in a row that came to nothing
	Since     *time.Time         `db:"failing_since"` // the first of them
	Why       JSON[process.Text] `db:"why"`           // what the last of them came to
	Again     *time.Time         `db:"again_real"`    // nothing is sent before; nil: at once
}

var webhookColumns = columns{"id", "url", "events", "processes", "secret", "active", "made_by", "made_real", "fails", "failing_since", "why", "again_real"}.of("w")

// Failing says whether nothing has arrived for so long that somebody should look.
func (w Webhook) Failing() bool { return w.Fails >= FailsInARow }

// Paused says whether nothing is to be sent at a moment.
func (w Webhook) Paused(now time.Time) bool { return !w.Active || w.Again != nil && w.Again.After(now) }

// Webhooks lists them, the oldest first.
func (db *DB) Webhooks(ctx context.Context, p Page) ([]Webhook, *Place, error) {
	var rows []Webhook
	var after *time.Time
	if p.After != nil {
		after = p.After.At
	}
	err := db.Select(ctx, &rows, `SELECT `+webhookColumns+` FROM webhooks w
		WHERE $1::text IS NULL OR (w.made_real, w.id) > ($2::timestamptz, $1) ORDER BY w.made_real, w.id`+p.limit(), p.id(), after)
	rows, next := cut(rows, p.Limit, func(w Webhook) Place { return Place{At: &w.Made, ID: w.ID} })
	return rows, next, err
}

// Webhook reads one.
func (db *DB) Webhook(ctx context.Context, id string) (Webhook, error) {
	var w Webhook
	return w, db.Get(ctx, &w, `SELECT `+webhookColumns+` FROM webhooks w WHERE w.id = $1`, id)
}

// LockWebhook reads one that is to be changed.
func (tx *Tx) LockWebhook(ctx context.Context, id string) (Webhook, error) {
	var w Webhook
	return w, tx.Get(ctx, &w, `SELECT `+webhookColumns+` FROM webhooks w WHERE w.id = $1 FOR UPDATE`, id)
}

// CountWebhooks is how many there are. Whoever asks within a transaction keeps others from adding one until its end.
func (tx *Tx) CountWebhooks(ctx context.Context) (int, error) {
	if _, err := tx.Exec(ctx, `LOCK TABLE webhooks IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return 0, err
	}
	var n int
	return n, tx.Get(ctx, &n, `SELECT count(*) FROM webhooks`)
}

// AddWebhook writes a new one. It hears what later transactions write.
func (tx *Tx) AddWebhook(ctx context.Context, w Webhook) error {
	_, err := tx.Exec(ctx, `INSERT INTO webhooks (id, url, events, processes, secret, active, made_by, made_real) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		w.ID, w.URL, w.Events, w.Processes, w.Secret, w.Active, w.MadeBy, w.Made)
	return err
}

// ChangeWebhook writes a webhook anew, and lets it begin afresh: what it has failed at is tried again now. One that was off hears what happens from now on.
// [ErrNotFound]: there is none.
func (tx *Tx) ChangeWebhook(ctx context.Context, w Webhook, now time.Time) (Webhook, error) {
	var changed Webhook
	err := tx.Get(ctx, &changed, `UPDATE webhooks w SET url = $2, events = $3, processes = $4, active = $5, fails = 0, failing_since = NULL, why = NULL, again_real = NULL,
		since = CASE WHEN $5 AND NOT active THEN pg_current_xact_id() ELSE since END WHERE id = $1 RETURNING `+webhookColumns, w.ID, w.URL, w.Events, w.Processes, w.Active)
	if err != nil {
		return changed, err
	}
	_, err = tx.Exec(ctx, `UPDATE webhook_deliveries SET due_real = $2 WHERE webhook = $1 AND status = 'waiting' AND tries > 0`, w.ID, now)
	return changed, err
}

// DeleteWebhook forgets one. What it was still to hear is swept later.
func (db *DB) DeleteWebhook(ctx context.Context, id string) error {
	n, err := db.Exec(ctx, `DELETE FROM webhooks WHERE id = $1`, id)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// WebhookWorks notes that an attempt came to something, where one before it hadn't.
func (db *DB) WebhookWorks(ctx context.Context, id string) error {
	_, err := db.Exec(ctx, `UPDATE webhooks SET fails = 0, failing_since = NULL, why = NULL, again_real = NULL WHERE id = $1 AND fails > 0`, id)
	return err
}

// WebhookFails notes an attempt that came to nothing, and gives the webhook as it is then; [ErrNotFound]: it was deleted meanwhile.
func (db *DB) WebhookFails(ctx context.Context, id string, now time.Time, why process.Text) (Webhook, error) {
	var w Webhook
	return w, db.Get(ctx, &w, `UPDATE webhooks w SET fails = fails + 1, failing_since = coalesce(failing_since, $2), why = $3 WHERE id = $1 RETURNING `+webhookColumns, id, now, Of(why))
}

// PauseWebhook lets nothing be sent before a moment.
func (db *DB) PauseWebhook(ctx context.Context, id string, again time.Time) error {
	_, err := db.Exec(ctx, `UPDATE webhooks SET again_real = greatest(again_real, $2) WHERE id = $1 AND active`, id, again)
	return err
}

// TurnOffWebhook switches one off that doesn't work, and tells the administrators once, beside the case whose entry it didn't take. It gives whom.
func (db *DB) TurnOffWebhook(ctx context.Context, id, caseID string, real, at time.Time, text process.Text) ([]string, error) {
	var told []string
	return told, db.Select(ctx, &told, `WITH off AS (UPDATE webhooks SET active = false WHERE id = $1 AND active RETURNING id),
		told AS (INSERT INTO notifications (to_user, at, about, case_id, text, key)
			SELECT u.id, $4::timestamptz, 'webhook', $2::text, $5::json, 'webhook/' || off.id || '/' || extract(epoch FROM $3::timestamptz) || '/' || u.id
			FROM off, users u JOIN user_roles r ON r.user_id = u.id AND r.role = 'administrator' WHERE u.active ON CONFLICT (key) DO NOTHING RETURNING to_user)
		SELECT to_user FROM told`, id, caseID, real, at, Of(text))
}
