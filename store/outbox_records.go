package store

import (
	"context"
	"strings"
)

// AddOutbox puts rows into the outbox, beside the news of a case that [Tx.SaveCase] writes. Their keys are new.
func (tx *Tx) AddOutbox(ctx context.Context, rows []OutboxRow) error {
	if len(rows) == 0 {
		return nil
	}
	args, err := documents(rows)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO outbox (topic, key, seq, urgent, starts, payload, created_real, due_real)
		SELECT * FROM json_to_recordset($1) AS r (topic text, key text, seq integer, urgent boolean, starts boolean, payload json,
			created_real timestamptz, due_real timestamptz)`, args...)
	return err
}

// TakeOldest takes the oldest row whose key begins so out of the outbox, within the transaction that carries it out; [ErrNotFound] when there is none.
// The caller holds a lock on what it is about, so that nobody takes a later one meanwhile.
func (tx *Tx) TakeOldest(ctx context.Context, topic, prefix string) (OutboxRow, error) {
	var row OutboxRow
	escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(prefix)
	return row, tx.Get(ctx, &row, `DELETE FROM outbox o USING (SELECT topic, key FROM outbox WHERE topic = $1 AND key LIKE $2 ORDER BY seq, key LIMIT 1) b
		WHERE o.topic = b.topic AND o.key = b.key
		RETURNING o.topic, o.key, o.seq, o.urgent, o.starts, o.payload, o.created_real, o.due_real`, topic, escaped+"%")
}
