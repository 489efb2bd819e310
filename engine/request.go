package engine

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// request is one request inside its transaction.
type request struct {
	Request
	tx   *store.Tx
	real time.Time         // the machine's time
	key  *store.RequestKey // nil: not repeatable
}

// answered runs do in one transaction under the request's key: a request that was answered before gets the same answer and do isn't run.
// do keeps its answer under the key itself, in the transaction's last statement where it can.
func answered[T any](ctx context.Context, e *Engine, r Request, do func(request) (T, error)) (T, error) {
	var answer T
	err := e.db.Tx(ctx, func(tx *store.Tx) error {
		var zero T
		answer = zero
		req := request{Request: r, tx: tx, real: e.now()}
		kept, err := req.takeKey(ctx)
		if err != nil {
			return err
		}
		if kept != nil {
			return json.Unmarshal(kept, &answer)
		}
		answer, err = do(req)
		return err
	})
	return answer, err
}

// takeKey claims the request's key, or gives the answer it had. The same key with another body is refused.
func (r *request) takeKey(ctx context.Context) (json.RawMessage, error) {
	if r.Key == "" {
		return nil, nil
	}
	hash := sha256.Sum256(r.Body)
	key := store.RequestKey{Caller: r.Caller, Key: r.Key, Hash: hash[:]}
	kept, err := r.tx.TakeKey(ctx, key, r.real)
	switch {
	case err != nil:
		return nil, err
	case kept == nil:
		r.key = &key
		return nil, nil
	case string(kept.Hash) != string(key.Hash):
		return nil, process.Refuse(process.CodeKeyReused, "这个 Idempotency-Key 已用于另一个请求，请换一个", "this Idempotency-Key was used for another request: take a new one")
	}
	return kept.Answer, nil
}

// keep stores the answer of a request that changes no case.
func (r *request) keep(ctx context.Context, answer any) error {
	if r.key == nil {
		return nil
	}
	b, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("engine: answer: %w", err)
	}
	return r.tx.SaveAnswer(ctx, r.key, b)
}

// refused gives the refusal in an error, or nil.
func refused(err error) *process.Refusal {
	r, _ := errors.AsType[*process.Refusal](err)
	return r
}

func logger() *slog.Logger { return slog.Default().With("part", "engine") }
