package store

import (
	"context"
	"crypto/rand"
	"time"
)

// ActLink is a link by which a person may decide a task, once. The token in it is kept only as a hash.
type ActLink struct {
	Hash    []byte     `db:"token_hash"`
	User    string     `db:"user_id"` // or the id of somebody outside
	Task    string     `db:"task"`
	Seen    string     `db:"seen"` // digest of what the task showed
	Expires time.Time  `db:"expires_real"`
	Used    *time.Time `db:"used_real"`

	Language string `db:"language"` // its person's; empty: nobody knows
	Active   bool   `db:"active"`   // they haven't left; who is outside can't
}

// NewActLink makes a link and gives its token in clear, once.
func (db *DB) NewActLink(ctx context.Context, l ActLink) (token string, err error) {
	token = rand.Text() + rand.Text()
	_, err = db.Exec(ctx, `INSERT INTO act_links (token_hash, user_id, task, seen, expires_real) VALUES ($1, $2, $3, $4, $5)`,
		hashToken(token), l.User, l.Task, l.Seen, l.Expires)
	return token, err
}

// ActLink reads the link of a token; [ErrNotFound] when there is none.
func (db *DB) ActLink(ctx context.Context, token string) (ActLink, error) {
	var l ActLink
	return l, db.Get(ctx, &l, `SELECT l.token_hash, l.user_id, l.task, l.seen, l.expires_real, l.used_real, coalesce(u.language, '') AS language, coalesce(u.active, true) AS active
		FROM act_links l LEFT JOIN users u ON u.id = l.user_id WHERE l.token_hash = $1`, hashToken(token))
}

// SpendActLink uses a link up, within the transaction of its decision; [ErrNotFound] when it was used already, or has expired.
func (tx *Tx) SpendActLink(ctx context.Context, hash []byte, now time.Time) error {
	n, err := tx.Exec(ctx, `UPDATE act_links SET used_real = $2 WHERE token_hash = $1 AND used_real IS NULL AND expires_real > $2`, hash, now)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}

// ReplaceActLink uses a link up for which another one is sent, expired or not; [ErrNotFound] when it was used already.
func (tx *Tx) ReplaceActLink(ctx context.Context, hash []byte, now time.Time) error {
	n, err := tx.Exec(ctx, `UPDATE act_links SET used_real = $2 WHERE token_hash = $1 AND used_real IS NULL`, hash, now)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}

// ActLinkRefused notes that something was tried with a link and came to nothing.
func (db *DB) ActLinkRefused(ctx context.Context, hash []byte, why string, now time.Time) error {
	_, err := db.Exec(ctx, `INSERT INTO act_link_refusals AS r (token_hash, why, first_real, last_real) VALUES ($1, $2, $3, $3)
		ON CONFLICT (token_hash, why) DO UPDATE SET times = r.times + 1, last_real = excluded.last_real`, hash, why, now)
	return err
}

// DeleteOldActLinks forgets links that expired before a moment, with what was tried with them; a batch at a time.
func (db *DB) DeleteOldActLinks(ctx context.Context, before time.Time, limit int) (int64, error) {
	return db.Exec(ctx, `DELETE FROM act_links WHERE token_hash IN (SELECT token_hash FROM act_links WHERE expires_real < $1 ORDER BY expires_real LIMIT $2)`, before, limit)
}
