package store

import (
	"context"
	"encoding/json"
	"time"
)

// TopicCase is the topic of what a case's workflow must hear.
const TopicCase = "case"

// TopicRecord is the topic of what happened to records and must reach the cases about them, and those that it starts.
const TopicRecord = "record"

// OutboxRow is what must still reach the outside. A later one of the same key replaces it; what was urgent, or a start, stays so until it arrived.
type OutboxRow struct {
	Topic   string          `db:"topic" json:"topic"`
	Key     string          `db:"key" json:"key"`
	Seq     int             `db:"seq" json:"seq"`
	Urgent  bool            `db:"urgent" json:"urgent"`
	Starts  bool            `db:"starts" json:"starts"`
	Payload json.RawMessage `db:"payload" json:"payload"`
	Created time.Time       `db:"created_real" json:"created_real"`
	Due     time.Time       `db:"due_real" json:"due_real"` // when the worker may take it; until then the server that wrote it tries
}

const upsertOutbox = `INSERT INTO outbox AS o (topic, key, seq, urgent, starts, payload, created_real, due_real)
	SELECT $15, $1, $16::integer, $17::boolean, $18::boolean, $19::json, $20::timestamptz, $21::timestamptz WHERE $15::text IS NOT NULL
	ON CONFLICT (topic, key) DO UPDATE SET seq = excluded.seq, urgent = o.urgent OR excluded.urgent, starts = o.starts OR excluded.starts,
		payload = excluded.payload, due_real = least(o.due_real, excluded.due_real)`

// args are the row's arguments in [Tx.SaveCase], where its key is the case's id; all null when there is nothing to send.
func (r *OutboxRow) args() []any {
	if r == nil {
		return make([]any, 7)
	}
	return []any{r.Topic, r.Seq, r.Urgent, r.Starts, string(r.Payload), r.Created, r.Due}
}

// TakeOutbox gives rows that are due and puts their next attempt off, so that a row that is being sent is left alone by others. No lock
// outlives the call: a decision never waits for Temporal.
func (db *DB) TakeOutbox(ctx context.Context, topic string, now, again time.Time, limit int) ([]OutboxRow, error) {
	var rows []OutboxRow
	return rows, db.Select(ctx, &rows, `UPDATE outbox o SET due_real = $3
		FROM (SELECT topic, key FROM outbox WHERE due_real <= $2 AND topic = $1 ORDER BY due_real LIMIT $4 FOR UPDATE SKIP LOCKED) b
		WHERE o.topic = b.topic AND o.key = b.key
		RETURNING o.topic, o.key, o.seq, o.urgent, o.starts, o.payload, o.created_real, o.due_real`, topic, now, again, limit)
}

// Arrived says up to which seq a key has been heard.
type Arrived struct {
	Key string
	Seq int
}

// DeleteOutbox forgets what has arrived; a row that was replaced by a later one stays.
func (db *DB) DeleteOutbox(ctx context.Context, topic string, list []Arrived) error {
	keys, seqs := make([]string, len(list)), make([]int64, len(list))
	for i, a := range list {
		keys[i], seqs[i] = a.Key, int64(a.Seq)
	}
	_, err := db.Exec(ctx, `DELETE FROM outbox o USING unnest($2::text[], $3::int[]) AS a (key, seq)
		WHERE o.topic = $1 AND o.key = a.key AND o.seq <= a.seq`, topic, keys, seqs)
	return err
}

// CountOutbox is how many rows of a topic have not arrived.
func (db *DB) CountOutbox(ctx context.Context, topic string) (int, error) {
	var n int
	return n, db.Get(ctx, &n, `SELECT count(*) FROM outbox WHERE topic = $1`, topic)
}
