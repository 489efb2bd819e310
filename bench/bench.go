package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/crmflow/crmflow/dev"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/workflows"
)

// Options is what `crmflow bench` was asked for. The zero value measures with the defaults.
type Options struct {
	Data       string        // directory of the stack; "": a temporary one, removed at the end
	Rounds     int           // default 5
	JSON       bool          // write the report as JSON instead of tables
	Clients    []int         // numbers of clients to compare at; default 1 and 16
	Cases      int           // crmflow's cases per phase at most, at 16 clients; default 2000
	Phase      time.Duration // how long one phase may take at most, until the last answer; default 4 s
	Executable string        // crmflow itself, run as `dev`; default: the running program
	Dir        string        // where it runs; default: here
	Commit     string        // what the program was built from; default "unknown"
	Progress   io.Writer     // one line per step; nil: none

	company bool // the stack has the sample company; else it is empty
}

func (o Options) withDefaults() (Options, error) {
	if o.Rounds < 0 || o.Cases < 0 || o.Phase < 0 || slices.ContainsFunc(o.Clients, func(n int) bool { return n < 1 }) {
		return o, errors.New("rounds, clients, cases and the length of a phase must be positive")
	}
	set(&o.Rounds, 5)
	set(&o.Cases, 2000)
	set(&o.Phase, 4*time.Second)
	if len(o.Clients) == 0 {
		o.Clients = []int{1, judgedClients}
	}
	set(&o.Commit, "unknown")
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	if o.Executable != "" {
		return o, nil
	}
	var err error
	o.Executable, err = os.Executable()
	return o, err
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Run brings up a stack, measures, stops it and writes the report to stdout. The error says what kept it from a
// report, or from stopping cleanly; a goal that was missed is no error.
func Run(ctx context.Context, o Options, stdout io.Writer) (Report, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Report{}, fmt.Errorf("bench: %w", err)
	}
	report, err := onStack(ctx, o)
	if err != nil {
		return report, fmt.Errorf("bench: %w", err)
	}
	return report, write(stdout, report, o.JSON)
}

// onStack measures on a stack of its own.
func onStack(ctx context.Context, o Options) (report Report, err error) {
	err = withStack(ctx, o, func(status dev.Status) error {
		b, err := setUp(ctx, o, status)
		if err != nil {
			return err
		}
		defer b.close()
		report, err = b.report(ctx)
		return err
	})
	return report, err
}

// withStack runs something on a stack that is there for it alone.
func withStack(ctx context.Context, o Options, do func(dev.Status) error) (err error) {
	data, remove, err := workDir(o.Data)
	if err != nil {
		return err
	}
	defer remove()
	var said bytes.Buffer // only of interest when it doesn't start
	fmt.Fprintf(o.Progress, "starting PostgreSQL, Temporal, worker and server in %s\n", data)
	s, err := startStack(ctx, o, data, &said)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, said.String())
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	return do(s.Status)
}

// bench is one run on one stack.
type bench struct {
	Options
	db       *store.DB
	client   client.Client
	meter    *meter
	product  *product
	temporal *temporalFloor
	http     *httpFloor
	counted  counted
	turns    map[int][]turn // by clients
}

// setUp connects to the stack, makes what is measured and warms it up.
func setUp(ctx context.Context, o Options, status dev.Status) (b *bench, err error) {
	b, err = connect(ctx, o, status)
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if err != nil {
		return b, err
	}
	if b.temporal, err = startTemporalFloor(ctx, b.client, b.db, b.product.api.keys.run); err != nil {
		return b, err
	}
	return b, b.warmUp(ctx)
}

// connect reaches the parts of a stack and makes the benchmark's people and processes. It is to be closed, also with an error.
func connect(ctx context.Context, o Options, status dev.Status) (b *bench, err error) {
	b = &bench{Options: o, meter: newMeter(status.Processes), turns: map[int][]turn{}}
	run := strings.ToLower(rand.Text()[:8])
	if b.db, err = store.Open(status.Database, store.Pool{}); err != nil { // the zero pool is the server's default
		return b, err
	}
	b.client, err = client.DialContext(ctx, client.Options{
		HostPort: status.Temporal, Namespace: dev.Namespace, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)), ConnectionOptions: workflows.Connection(),
	})
	if err != nil {
		return b, fmt.Errorf("reaching Temporal: %w", err)
	}
	b.product, err = newProduct(ctx, status, b.client, b.db, run)
	return b, err
}

// close ends what this process runs; the stack goes on.
func (b *bench) close() {
	if b.http != nil {
		b.http.close()
	}
	if b.temporal != nil {
		b.temporal.close()
	}
	if b.client != nil {
		b.client.Close()
	}
	if b.db != nil {
		_ = b.db.Close()
	}
}

// warmUp takes a small course of each side, and counts what a decision asks for so that the floor can ask for as much.
func (b *bench) warmUp(ctx context.Context) error {
	fmt.Fprintln(b.Progress, "warming up")
	most := slices.Max(b.Clients)
	small := size{cases: max(1, b.Cases/20), phase: b.Phase}
	for _, side := range []system{b.temporal, b.product} {
		if _, err := take(ctx, side, most, small, nil); err != nil {
			return err
		}
	}
	var err error
	if b.counted, err = countDecisions(ctx, b.product); err != nil {
		return err
	}
	as, err := countShape(ctx, b.product, b.counted)
	if err != nil {
		return err
	}
	if b.http, err = startHTTPFloor(ctx, b.db, as, b.product.tokens[benchSteps[0].by]); err != nil {
		return err
	}
	if _, err = b.http.take(ctx, most, limit{small.cases, small.phase}); err != nil {
		return err
	}
	return b.product.settle(ctx)
}

// report takes all rounds.
func (b *bench) report(ctx context.Context) (Report, error) {
	r := Report{Machine: thisMachine(ctx), Commit: b.Commit, Rounds: b.Rounds, Goals: []Goal{}, Notes: []string{}}
	if err := b.describe(ctx, &r.Machine); err != nil {
		return r, err
	}
	for round := 1; round <= b.Rounds; round++ {
		for _, n := range b.Clients {
			t, err := b.turn(ctx, n, round%2 == 1)
			if err != nil {
				return r, fmt.Errorf("round %d, %d clients: %w", round, n, err)
			}
			b.turns[n] = append(b.turns[n], t)
			fmt.Fprintf(b.Progress, "round %d of %d, %d clients: decisions/s on open cases: bare Temporal %.0f, bare PostgreSQL %.0f, crmflow %.0f\n",
				round, b.Rounds, n, t.floor.decisions.rate(), t.http.rate(), t.crmflow.decisions.rate())
		}
	}
	return r, b.sumUp(ctx, &r)
}

// describe adds what only the stack knows.
func (b *bench) describe(ctx context.Context, m *Machine) error {
	if err := b.db.Get(ctx, &m.Postgres, `SHOW server_version`); err != nil {
		return err
	}
	info, err := b.client.WorkflowService().GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{})
	m.Temporal = info.GetServerVersion()
	return err
}

// turn measures each side once; in every second round crmflow comes first.
func (b *bench) turn(ctx context.Context, clients int, floorFirst bool) (t turn, err error) {
	floors := func() error { return b.floors(ctx, clients, &t) }
	product := func() error { return b.crmflow(ctx, clients, &t) }
	sides := []func() error{floors, product}
	if !floorFirst {
		slices.Reverse(sides)
	}
	for _, side := range sides {
		if err := side(); err != nil {
			return t, err
		}
	}
	return t, nil
}

func (b *bench) floors(ctx context.Context, clients int, t *turn) (err error) {
	if t.floor, err = take(ctx, b.temporal, clients, b.size(clients, true), nil); err != nil {
		return fmt.Errorf("bare Temporal: %w", err)
	}
	decisions := limit{b.size(clients, false).cases * (decisionsPerCase - 1), b.Phase}
	if t.http, err = b.http.take(ctx, clients, decisions); err != nil {
		return fmt.Errorf("bare PostgreSQL behind HTTP: %w", err)
	}
	return nil
}

func (b *bench) crmflow(ctx context.Context, clients int, t *turn) error {
	before, err := readFootprint(ctx, b.db)
	if err != nil {
		return err
	}
	if t.crmflow, err = take(ctx, b.product, clients, b.size(clients, false), b.meter); err != nil {
		return fmt.Errorf("crmflow: %w", err)
	}
	after, err := readFootprint(ctx, b.db)
	t.grown = footprint{after.crmflow - before.crmflow, after.temporal - before.temporal}
	t.cases = t.crmflow.starts.items + t.crmflow.whole.items
	return err
}

// size is how much one course may take: fewer cases with few clients, and on bare Temporal, which takes longer for each.
func (b *bench) size(clients int, bare bool) size {
	n := b.Cases
	if clients < judgedClients {
		n = n * (clients + 4) / (judgedClients + 4)
	}
	if bare {
		n /= 4
	}
	return size{cases: max(n, 1), phase: b.Phase}
}

// sumUp makes the report of all turns.
func (b *bench) sumUp(ctx context.Context, r *Report) error {
	for _, n := range b.Clients {
		r.Clients = append(r.Clients, compare(n, b.turns[n]))
	}
	events, err := countEvents(ctx, b.product)
	if err != nil {
		return err
	}
	most := b.turns[slices.Max(b.Clients)]
	r.HistoryEventsPerCase = round(events)
	r.PerDecision = PerDecision{
		Transactions: b.counted.transactions, Statements: b.counted.all(),
		HistoryEvents: round(events / decisionsPerCase), CPUms: cpuPerDecision(most),
	}
	r.BytesPerCase, r.TemporalBytesPerCase = bytesPerCase(most)
	if len(r.PerDecision.CPUms) == 0 {
		r.Notes = append(r.Notes, "cpu_ms is left out: this system has no /proc")
	}
	r.judge()
	return nil
}

// write writes a report for a program or for a person.
func write(to io.Writer, r interface{ Table() string }, asJSON bool) error {
	if !asJSON {
		_, err := io.WriteString(to, r.Table())
		return err
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	_, err = to.Write(append(text, '\n'))
	return err
}
