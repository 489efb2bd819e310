package store

import (
	"context"
	"strconv"
	"time"

	"github.com/crmflow/crmflow/process"
)

// What has become of a delivery.
const (
	DeliveryWaiting   = "waiting"
	DeliveryDelivered = "delivered"
	DeliveryFailed    = "failed" // tried for days
)

// Delivery is one entry that a webhook is to hear, with what is said of its case and record.
type Delivery struct {
	ID       int64              `db:"id"`
	Webhook  string             `db:"webhook"`
	Status   string             `db:"delivery"`
	Tries    int                `db:"tries"`
	Answered *int               `db:"answered"` // the HTTP status of the last attempt; nil: there was no answer
	Why      JSON[process.Text] `db:"trouble"`
	Made     time.Time          `db:"made_real"`
	Due      time.Time          `db:"due_real"`
	Tried    *time.Time         `db:"tried_real"`
	TimelineRow
	Number       string  `db:"number"`
	Process      string  `db:"process"`
	CaseStatus   string  `db:"case_status"`
	CaseOutcome  *string `db:"case_outcome"`
	RecordType   string  `db:"record_type"`
	RecordID     string  `db:"record_id"`
	RecordNumber *string `db:"record_number"`
}

// MessageID is the id of the message about an entry: the same at each attempt, and at each webhook.
func (d Delivery) MessageID() string { return d.CaseID + "-" + strconv.Itoa(d.Seq) }

var deliveryColumns = `d.id, d.webhook, d.status AS delivery, d.tries, d.answered, d.why AS trouble, d.made_real, d.due_real, d.tried_real, ` + timelineColumns.of("l") + `,
	c.number, c.process, c.status AS case_status, c.outcome AS case_outcome, c.record_type, c.record_id, r.number AS record_number`

const deliveryJoin = ` JOIN timeline l ON l.case_id = d.case_id AND l.seq = d.seq JOIN cases c ON c.id = d.case_id JOIN records r ON r.id = c.record_id`

// lookout is where the search of the timeline stands.
type lookout struct {
	After   string `db:"xact"`    // the last transaction that was looked at
	Before  string `db:"horizon"` // every transaction below it has ended
	Foreign bool   `db:"foreign"` // there are entries, or a mark, of a database that this one was restored from
}

// CollectDeliveries makes deliveries of what was committed since the last call, at most about limit entries, and says whether there is more. Several may
// call it at once; one does it. While no webhook is active it does nothing.
//
// Entries of transactions below the snapshot's horizon are looked at, in the order of the transactions, so none is skipped. A case's entries may still come
// in another order – who came later may have waited less for the case – so what stands before one in its case is taken with it.
func (db *DB) CollectDeliveries(ctx context.Context, now time.Time, limit int) (more bool, err error) {
	err = db.Tx(ctx, func(tx *Tx) error {
		more = false
		var at []lookout
		err := tx.Select(ctx, &at, `SELECT greatest(k.xact, (SELECT since FROM webhooks WHERE active ORDER BY since LIMIT 1))::text AS xact,
				pg_snapshot_xmin(pg_current_snapshot())::text AS horizon,
				k.xact >= pg_snapshot_xmax(pg_current_snapshot()) OR EXISTS (SELECT 1 FROM webhooks WHERE since >= pg_snapshot_xmax(pg_current_snapshot()))
					OR EXISTS (SELECT 1 FROM timeline WHERE xact > '0' AND xact >= pg_snapshot_xmax(pg_current_snapshot())) AS foreign
			FROM webhook_cursor k WHERE EXISTS (SELECT 1 FROM webhooks WHERE active) FOR UPDATE OF k SKIP LOCKED`)
		if err != nil || len(at) == 0 {
			return err
		}
		if at[0].Foreign {
			more = true
			return tx.settle(ctx, limit)
		}
		more, err = tx.collect(ctx, at[0], now, limit)
		return err
	})
	return more, err
}

// collect makes deliveries of the entries of the next transactions.
func (tx *Tx) collect(ctx context.Context, at lookout, now time.Time, limit int) (more bool, err error) {
	var upto string
	err = tx.Get(ctx, &upto, `SELECT coalesce((SELECT xact FROM timeline WHERE xact > '0' AND xact > $1::xid8 AND xact < $2::xid8 ORDER BY xact OFFSET $3 LIMIT 1)::text, '')`,
		at.After, at.Before, limit-1)
	if err != nil {
		return false, err
	}
	if more = upto != ""; !more {
		if err := tx.Get(ctx, &upto, `SELECT ($1::text::bigint - 1)::text`, at.Before); err != nil {
			return false, err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO webhook_deliveries (webhook, case_id, seq, made_real, due_real)
		SELECT w.id, l.case_id, l.seq, $3, $3
		FROM (SELECT case_id, max(seq) AS seq FROM timeline WHERE xact > '0' AND xact > $1::xid8 AND xact <= $2::xid8 GROUP BY case_id) m
			JOIN timeline l ON l.case_id = m.case_id AND l.seq <= m.seq AND l.xact > $1::xid8 JOIN cases c ON c.id = l.case_id
			JOIN webhooks w ON w.active AND l.xact > w.since AND (w.events = '{}' OR l.event = ANY (w.events)) AND (w.processes = '{}' OR c.process = ANY (w.processes))
		ORDER BY l.xact, l.case_id, l.seq ON CONFLICT (webhook, case_id, seq) DO NOTHING`, at.After, upto, now)
	if err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `UPDATE webhook_cursor SET xact = $1::xid8`, upto)
	return more, err
}

// settle makes a restored database's transactions count by its own numbers: what another one wrote is the past.
func (tx *Tx) settle(ctx context.Context, limit int) error {
	for _, query := range []string{
		`UPDATE timeline SET xact = '0' WHERE ctid = ANY (ARRAY (SELECT ctid FROM timeline WHERE xact > '0' AND xact >= pg_snapshot_xmax(pg_current_snapshot()) LIMIT ` + strconv.Itoa(limit) + `))`,
		`UPDATE webhook_cursor SET xact = ((pg_snapshot_xmin(pg_current_snapshot())::text)::bigint - 1)::text::xid8 WHERE xact >= pg_snapshot_xmax(pg_current_snapshot())`,
		`UPDATE webhooks SET since = '0' WHERE since >= pg_snapshot_xmax(pg_current_snapshot())`,
	} {
		if _, err := tx.Exec(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

// WebhooksDue are the active webhooks that something may have to be sent to.
func (db *DB) WebhooksDue(ctx context.Context, now time.Time) ([]string, error) {
	var ids []string
	return ids, db.Select(ctx, &ids, `SELECT w.id FROM webhooks w WHERE w.active AND (w.again_real IS NULL OR w.again_real <= $1)
		AND EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook = w.id AND d.status = 'waiting' AND d.due_real <= $1) ORDER BY w.id`, now)
}

// TakeDeliveries gives what is due to be sent to a webhook, of each case only the first that still waits, and puts their next attempt off, so that others leave
// them alone meanwhile.
func (db *DB) TakeDeliveries(ctx context.Context, webhook string, now, again time.Time, limit int) ([]Delivery, error) {
	var rows []Delivery
	return rows, db.Select(ctx, &rows, `WITH d AS (UPDATE webhook_deliveries t SET due_real = $3
			FROM (SELECT o.case_id, o.seq FROM webhook_deliveries o WHERE o.webhook = $1 AND o.status = 'waiting' AND o.due_real <= $2
				AND NOT EXISTS (SELECT 1 FROM webhook_deliveries e WHERE e.webhook = $1 AND e.status = 'waiting' AND e.case_id = o.case_id AND e.seq < o.seq)
				ORDER BY o.due_real, o.id LIMIT $4 FOR UPDATE SKIP LOCKED) b
			WHERE t.webhook = $1 AND t.case_id = b.case_id AND t.seq = b.seq RETURNING t.*)
		SELECT `+deliveryColumns+` FROM d`+deliveryJoin+` ORDER BY d.id`, webhook, now, again, limit)
}

// Delivered notes that a webhook has taken an entry.
func (db *DB) Delivered(ctx context.Context, d Delivery, now time.Time, answered int) error {
	_, err := db.Exec(ctx, `UPDATE webhook_deliveries SET status = 'delivered', tries = tries + 1, answered = $3, why = NULL, tried_real = $4
		WHERE webhook = $1 AND id = $2 AND status = 'waiting'`, d.Webhook, d.ID, answered, now)
	return err
}

// NotDelivered notes an attempt that came to nothing, when the next one is, and whether it was the last.
func (db *DB) NotDelivered(ctx context.Context, d Delivery, now, due time.Time, answered *int, why process.Text, givenUp bool) error {
	_, err := db.Exec(ctx, `UPDATE webhook_deliveries SET status = CASE WHEN $7 THEN 'failed' ELSE status END, tries = tries + 1, answered = $3, why = $4, tried_real = $5, due_real = $6
		WHERE webhook = $1 AND id = $2 AND status = 'waiting'`, d.Webhook, d.ID, answered, Of(why), now, due, givenUp)
	return err
}

// GiveBackDelivery gives back what was taken and wasn't attempted.
func (db *DB) GiveBackDelivery(ctx context.Context, d Delivery) error {
	_, err := db.Exec(ctx, `UPDATE webhook_deliveries SET due_real = $3 WHERE webhook = $1 AND id = $2 AND status = 'waiting'`, d.Webhook, d.ID, d.Made)
	return err
}

// Deliveries lists what a webhook was to hear, the newest first.
func (db *DB) Deliveries(ctx context.Context, webhook string, p Page) ([]Delivery, *Place, error) {
	var rows []Delivery
	err := db.Select(ctx, &rows, `SELECT `+deliveryColumns+` FROM webhook_deliveries d`+deliveryJoin+`
		WHERE d.webhook = $1 AND ($2::bigint IS NULL OR d.id < $2) ORDER BY d.id DESC`+p.limit(), webhook, p.id())
	rows, next := cut(rows, p.Limit, func(d Delivery) Place { return Place{ID: strconv.FormatInt(d.ID, 10)} })
	return rows, next, err
}

// DeleteOldDeliveries forgets what is older than a moment and isn't waiting at an active webhook; a batch at a time.
func (db *DB) DeleteOldDeliveries(ctx context.Context, before time.Time, limit int) (int64, error) {
	return db.Exec(ctx, `DELETE FROM webhook_deliveries d USING (SELECT o.webhook, o.case_id, o.seq FROM webhook_deliveries o
			WHERE o.made_real < $1 AND NOT (o.status = 'waiting' AND EXISTS (SELECT 1 FROM webhooks w WHERE w.id = o.webhook AND w.active))
			ORDER BY o.made_real LIMIT $2) b
		WHERE d.webhook = b.webhook AND d.case_id = b.case_id AND d.seq = b.seq`, before, limit)
}
