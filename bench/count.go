package bench

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/server"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/workflows"
)

// PerDecision is what one decision on an open case costs.
type PerDecision struct {
	Transactions  int                `json:"transactions"`   // of PostgreSQL, until the answer
	Statements    int                `json:"statements"`     // round trips to PostgreSQL until the answer: sign-in, BEGIN and COMMIT included
	HistoryEvents float64            `json:"history_events"` // of Temporal, a third of a whole case's whose decisions come one by one
	CPUms         map[string]float64 `json:"cpu_ms"`         // processor time of each part until settled, at the most clients; empty without /proc
}

// countedCases is how many cases are counted; the first ones fill caches.
const countedCases = 5

// counted is what a decision asks of PostgreSQL.
type counted struct {
	transactions int
	lookups      int // statements outside of transactions
	statements   int // of the transactions, BEGIN and COMMIT left out
}

func (c counted) all() int { return c.lookups + c.statements + 2*c.transactions }

// countDecisions sends decisions on open cases through a server of this process, which counts what each asks of PostgreSQL,
// and gives the largest count of those with caches filled.
func countDecisions(ctx context.Context, p *product) (counted, error) {
	defer slog.SetLogLoggerLevel(slog.SetLogLoggerLevel(slog.LevelWarn)) // the handler is no server to keep a log of
	handler := server.New(server.Options{DB: p.db, Engine: engine.New(p.db, engine.Options{Holidays: definitions.Holidays})})
	var all []counted
	for range countedCases {
		c, err := p.start(ctx)
		if err != nil {
			return counted{}, err
		}
		for range decisionsPerCase - 1 {
			one, err := countOne(ctx, handler, p, c)
			if err != nil {
				return counted{}, err
			}
			all = append(all, one)
		}
		if err := p.decide(ctx, c); err != nil {
			return counted{}, err
		}
	}
	return slices.MaxFunc(all[decisionsPerCase:], func(a, b counted) int { return cmp.Compare(a.all(), b.all()) }), nil
}

// countOne gives one decision through the handler.
func countOne(ctx context.Context, handler http.Handler, p *product, c *openCase) (counted, error) {
	ctx, counter := store.CountStatements(ctx)
	r, err := p.decideRequest(ctx, c)
	if err != nil {
		return counted{}, err
	}
	r.RemoteAddr = "127.0.0.1:1"
	w := &written{header: http.Header{}, status: http.StatusOK}
	handler.ServeHTTP(w, r)
	var a answer
	if err := readAnswer(r, w.status, w.body.Bytes(), &a); err != nil {
		return counted{}, err
	}
	c.made++
	return tally(counter.Texts()), c.follow(a.about())
}

// tally sorts statements into those inside of transactions and those outside.
func tally(texts []string) counted {
	var c counted
	inside := false
	for _, text := range texts {
		switch text {
		case "BEGIN":
			c.transactions++
			inside = true
		case "COMMIT", "ROLLBACK":
			inside = false
		default:
			if inside {
				c.statements++
			} else {
				c.lookups++
			}
		}
	}
	return c
}

// written keeps what a handler answers.
type written struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *written) Header() http.Header            { return w.header }
func (w *written) Write(text []byte) (int, error) { return w.body.Write(text) }
func (w *written) WriteHeader(status int)         { w.status = status }

// countShape is what the floor behind HTTP has to imitate.
func countShape(ctx context.Context, p *product, c counted) (shape, error) {
	as := shape{lookups: c.lookups, statements: c.statements}
	err := p.db.Get(ctx, &as.state, `SELECT coalesce(avg(length(state::text)), 0)::int FROM cases WHERE process = $1`, benchProcess)
	if err != nil {
		return as, err
	}
	err = p.db.Get(ctx, &as.answer, `SELECT coalesce(avg(length(answer::text)), 0)::int FROM request_keys WHERE caller = $1`, benchSteps[0].by)
	return as, err
}

// countEvents is the mean length of a case's history in Temporal when its decisions come one by one, each heard before
// the next: news of decisions in quick succession is merged.
func countEvents(ctx context.Context, p *product) (float64, error) {
	since := time.Now()
	open := make([]*openCase, countedCases)
	each := func(do func(i int) error) error {
		for i := range open {
			if err := do(i); err != nil {
				return err
			}
		}
		return p.settle(ctx)
	}
	err := each(func(i int) (err error) {
		open[i], err = p.start(ctx)
		return err
	})
	for range decisionsPerCase {
		if err != nil {
			return 0, err
		}
		err = each(func(i int) error { return p.decide(ctx, open[i]) })
	}
	if err != nil {
		return 0, err
	}
	return meanHistory(ctx, p, since)
}

// meanHistory is the mean length of the histories of cases that started since and have ended.
func meanHistory(ctx context.Context, p *product, since time.Time) (float64, error) {
	answer, err := p.client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		PageSize: 500, Query: fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Completed' AND StartTime >= '%s'",
			workflows.CaseWorkflow, since.UTC().Format(time.RFC3339Nano)),
	})
	if err != nil {
		return 0, err
	}
	total := 0.0
	for _, w := range answer.GetExecutions() {
		total += float64(w.GetHistoryLength())
	}
	return total / float64(max(1, len(answer.GetExecutions()))), nil
}

// footprint is how much of the disk tables and indexes take, in bytes.
type footprint struct{ crmflow, temporal int64 }

func readFootprint(ctx context.Context, db *store.DB) (footprint, error) {
	const sum = `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND n.nspname = ANY($1::text[])`
	var f footprint
	if err := db.Get(ctx, &f.crmflow, sum, `{public}`); err != nil {
		return f, err
	}
	return f, db.Get(ctx, &f.temporal, sum, `{temporal,temporal_visibility}`)
}
