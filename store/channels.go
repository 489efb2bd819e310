package store

import (
	"context"
	"time"
)

// ChannelEmail is the channel that reaches people by mail.
const ChannelEmail = "email"

// Channel is how a channel is, as a worker found it last, and what one person wants of it.
type Channel struct {
	Configured bool       `db:"configured"`
	Failing    *time.Time `db:"failing_since"` // real time; nil: it works
	Why        *string    `db:"why"`
	Off        bool       `db:"off"`
	Waiting    int        `db:"waiting"` // messages; counted up to a thousand
}

// Channel reads how a channel is, and whether a person has turned it off.
func (db *DB) Channel(ctx context.Context, id, user string) (Channel, error) {
	var c Channel
	return c, db.Get(ctx, &c, `SELECT coalesce(c.configured, false) AS configured, c.failing_since, c.why,
			EXISTS (SELECT 1 FROM channels_off o WHERE o.channel = $1 AND o.user_id = $2) AS off,
			(SELECT count(*) FROM (SELECT 1 FROM notifications WHERE `+mailWaits+` LIMIT 1000) w) AS waiting
		FROM (VALUES ($1::text)) AS asked (id) LEFT JOIN channels c ON c.id = asked.id`, id, user)
}

// TurnChannel turns a channel on or off for a person.
func (db *DB) TurnChannel(ctx context.Context, id, user string, on bool) error {
	query := `INSERT INTO channels_off (channel, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`
	if on {
		query = `DELETE FROM channels_off WHERE channel = $1 AND user_id = $2`
	}
	_, err := db.Exec(ctx, query, id, user)
	return err
}

// AnnounceChannel says whether a channel is configured.
func (db *DB) AnnounceChannel(ctx context.Context, id string, configured bool) error {
	_, err := db.Exec(ctx, `INSERT INTO channels AS c (id, configured) VALUES ($1, $2)
		ON CONFLICT (id) DO UPDATE SET configured = excluded.configured, failing_since = NULL, why = NULL WHERE c.configured <> excluded.configured`, id, configured)
	return err
}

// ChannelFails notes that a channel doesn't work, since when, and why.
func (db *DB) ChannelFails(ctx context.Context, id string, now time.Time, why string) error {
	_, err := db.Exec(ctx, `INSERT INTO channels AS c (id, configured, failing_since, why) VALUES ($1, true, $2, $3)
		ON CONFLICT (id) DO UPDATE SET failing_since = coalesce(c.failing_since, excluded.failing_since), why = excluded.why`, id, now, why)
	return err
}

// ChannelWorks notes that a channel works.
func (db *DB) ChannelWorks(ctx context.Context, id string) error {
	_, err := db.Exec(ctx, `UPDATE channels SET failing_since = NULL, why = NULL WHERE id = $1 AND failing_since IS NOT NULL`, id)
	return err
}
