package server

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// once carries out a change of the directory in one transaction: the same caller's same key has one effect and one answer, as the engine does it for cases.
func once[T any](ctx context.Context, s *Server, r engine.Request, do func(*store.Tx) (T, error)) (answer T, err error) {
	var key *store.RequestKey
	if r.Key != "" {
		hash := sha256.Sum256(r.Body)
		key = &store.RequestKey{Caller: r.Caller, Key: r.Key, Hash: hash[:]}
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		answer = *new(T)
		kept, err := s.kept(ctx, tx, key)
		if err != nil {
			return err
		}
		if kept != nil {
			return json.Unmarshal(kept, &answer)
		}
		if answer, err = do(tx); err != nil {
			return err
		}
		written, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		return tx.SaveAnswer(ctx, key, written)
	})
	return answer, err
}

// kept gives what an earlier request left under the key; nil when this one is the first, or has no key.
func (s *Server) kept(ctx context.Context, tx *store.Tx, key *store.RequestKey) (json.RawMessage, error) {
	if key == nil {
		return nil, nil
	}
	kept, err := tx.TakeKey(ctx, *key, s.Now())
	if err != nil || kept == nil {
		return nil, err
	}
	if !slices.Equal(kept.Hash, key.Hash) {
		return nil, process.Refuse(process.CodeKeyReused, "这个幂等键已经用于另一个请求。", "The key was used for another request.")
	}
	return kept.Answer, nil
}
