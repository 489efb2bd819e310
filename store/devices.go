package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"
)

// DeviceLife is how long a browser is remembered, in real time.
const DeviceLife = 365 * 24 * time.Hour

// NewDevice remembers a browser in which a person has signed in, and gives its token in clear, once.
func (db *DB) NewDevice(ctx context.Context, user string) (token string, err error) {
	token = rand.Text()
	_, err = db.Exec(ctx, `INSERT INTO devices (token_hash, user_id, expires_real) VALUES ($1, $2, now() + $3 * interval '1 second')`,
		hashToken(token), user, DeviceLife.Seconds())
	return token, err
}

// PasswordFrom gives the hash of an active person's password, "" for anyone who can't sign in with one, and what the browser is known by in which this
// person has signed in before, "" where it isn't.
func (db *DB) PasswordFrom(ctx context.Context, user, device string) (hash, known string, err error) {
	var rows []struct {
		Hash  string `db:"hash"`
		Known bool   `db:"known"`
	}
	err = db.Select(ctx, &rows, `SELECT coalesce(password, '') AS hash,
			EXISTS (SELECT 1 FROM devices d WHERE d.token_hash = $2 AND d.user_id = u.id AND d.expires_real > now()) AS known
		FROM users u WHERE u.id = $1 AND u.active`, user, hashToken(device))
	if err != nil || len(rows) == 0 {
		return "", "", err
	}
	if rows[0].Known {
		known = hex.EncodeToString(hashToken(device))
	}
	return rows[0].Hash, known, nil
}

// DeleteOldDevices forgets browsers that haven't been used for long; it gives how many.
func (db *DB) DeleteOldDevices(ctx context.Context, now time.Time, limit int) (int64, error) {
	return db.Exec(ctx, `DELETE FROM devices WHERE token_hash IN (SELECT token_hash FROM devices WHERE expires_real <= $1 LIMIT $2)`, now, limit)
}
