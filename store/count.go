package store

import (
	"context"
	"sync"
)

// Counter counts what one piece of work asks of the database: transactions begun, and statements sent – each a round trip, BEGIN and COMMIT included.
type Counter struct {
	mu           sync.Mutex
	transactions int
	statements   []string
}

type counterKey struct{}

// CountStatements gives a context under which every statement is counted, for tests and the benchmark.
func CountStatements(ctx context.Context) (context.Context, *Counter) {
	c := &Counter{}
	return context.WithValue(ctx, counterKey{}, c), c
}

// Transactions is how many transactions were begun.
func (c *Counter) Transactions() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.transactions
}

// Statements is how many statements were sent.
func (c *Counter) Statements() int { return len(c.Texts()) }

// Texts are the statements in the order they were sent.
func (c *Counter) Texts() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.statements...)
}

func counterOf(ctx context.Context) *Counter {
	c, _ := ctx.Value(counterKey{}).(*Counter)
	return c
}

func (c *Counter) transaction() {
	if c == nil {
		return
	}
	c.mu.Lock()
	c.transactions++
	c.mu.Unlock()
	c.statement("BEGIN")
}

func (c *Counter) statement(query string) {
	if c == nil {
		return
	}
	c.mu.Lock()
	c.statements = append(c.statements, query)
	c.mu.Unlock()
}
