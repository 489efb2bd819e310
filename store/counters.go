package store

import (
	"context"
	"maps"
	"slices"
)

// Count takes numbers, counted from 1 within each scope: need says how many of each, and the result is the last one taken. The scopes stay locked
// until the transaction ends, so numbers have no gaps; they are taken in one order, so two transactions don't wait for each other.
func (tx *Tx) Count(ctx context.Context, need map[string]int) (map[string]int, error) {
	scopes := slices.Sorted(maps.Keys(need))
	if len(scopes) == 0 {
		return map[string]int{}, nil
	}
	numbers := make([]int64, len(scopes))
	for i, s := range scopes {
		numbers[i] = int64(need[s])
	}
	var rows []struct {
		Scope string `db:"scope"`
		Last  int    `db:"last"`
	}
	err := tx.Select(ctx, &rows, `INSERT INTO counters AS c (scope, last) SELECT * FROM unnest($1::text[], $2::int[])
		ON CONFLICT (scope) DO UPDATE SET last = c.last + excluded.last RETURNING scope, last`, scopes, numbers)
	last := make(map[string]int, len(rows))
	for _, r := range rows {
		last[r.Scope] = r.Last
	}
	return last, err
}
