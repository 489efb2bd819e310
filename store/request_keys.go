package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// RequestKey is a request as its sender names it. The same caller's same key within [KeyLife] is the same request.
type RequestKey struct {
	Caller string
	Key    string
	Hash   []byte // of what was sent
}

// KeyLife is how long, in real time, an answer is kept under its key.
const KeyLife = 24 * time.Hour

// KeptAnswer is what stands under a key.
type KeptAnswer struct {
	Hash   []byte          `db:"body_hash"`
	Answer json.RawMessage `db:"answer"`
}

// An expired key is taken over. A concurrent request with the same key makes this wait until it is known whether that one has had its effect.
const takeKey = `INSERT INTO request_keys AS k (caller, key, body_hash, created_real) VALUES ($1, $2, $3, $4)
	ON CONFLICT (caller, key) DO UPDATE SET body_hash = excluded.body_hash, answer = NULL, created_real = excluded.created_real
	WHERE k.created_real <= $5`

// TakeKey makes a key this transaction's own, and gives nil; or gives what an earlier request left under it.
func (tx *Tx) TakeKey(ctx context.Context, k RequestKey, now time.Time) (*KeptAnswer, error) {
	n, err := tx.Exec(ctx, takeKey, k.Caller, k.Key, k.Hash, now, now.Add(-KeyLife))
	if err != nil || n == 1 {
		return nil, err
	}
	var kept KeptAnswer
	err = tx.Get(ctx, &kept, `SELECT body_hash, coalesce(answer, 'null') AS answer FROM request_keys WHERE caller = $1 AND key = $2`, k.Caller, k.Key)
	if errors.Is(err, ErrNotFound) { // cleaned up between the two: the key is free again
		return nil, errAgain
	}
	return &kept, err
}

const saveAnswer = `UPDATE request_keys SET answer = $24 WHERE caller = $22 AND key = $23`

// answer are the arguments of saveAnswer; null when the request can't be repeated.
func (k *RequestKey) answer(answer json.RawMessage) []any {
	if k == nil {
		return make([]any, 3)
	}
	return []any{k.Caller, k.Key, string(answer)}
}

// SaveAnswer keeps the answer of a request that changes no case.
func (tx *Tx) SaveAnswer(ctx context.Context, k *RequestKey, answer json.RawMessage) error {
	if k == nil {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE request_keys SET answer = $3 WHERE caller = $1 AND key = $2`, k.Caller, k.Key, string(answer))
	return err
}

// DeleteOldKeys forgets answers kept for longer than [KeyLife]; it gives how many.
func (db *DB) DeleteOldKeys(ctx context.Context, now time.Time, limit int) (int64, error) {
	return db.Exec(ctx, `DELETE FROM request_keys k USING (SELECT caller, key FROM request_keys WHERE created_real <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED) o
		WHERE k.caller = o.caller AND k.key = o.key`, now.Add(-KeyLife), limit)
}

// DeleteOldSessions forgets sessions and tokens that have expired; it gives how many.
func (db *DB) DeleteOldSessions(ctx context.Context, now time.Time, limit int) (int64, error) {
	return db.Exec(ctx, `DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions WHERE expires_real <= $1 LIMIT $2)`, now, limit)
}
