package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/dev"
	"github.com/crmflow/crmflow/engine"
	chain "github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
	"github.com/crmflow/crmflow/store/crowd"
)

// InboxOptions is what `crmflow bench inbox` was asked for.
type InboxOptions struct {
	Options
	Open   int // open tasks; default 1,000,000
	Done   int // finished ones; default 10,000,000
	People int // default 10,000
	Looks  int // how often each is measured; default 40
}

func (o InboxOptions) withDefaults() (InboxOptions, error) {
	set(&o.Open, 1_000_000)
	set(&o.Done, 10_000_000)
	set(&o.People, 10_000)
	set(&o.Looks, 40)
	if o.Open < 1000 || o.Done < 0 || o.People < 100 {
		return o, errors.New("at least 1,000 open tasks and 100 people are needed, or nobody's box holds anything")
	}
	var err error
	o.Options, err = o.Options.withDefaults()
	return o, err
}

// RunInbox fills a PostgreSQL of its own with the tasks of a large company, and measures the first page and the counts of every box.
func RunInbox(ctx context.Context, o InboxOptions, stdout io.Writer) (InboxReport, error) {
	o, err := o.withDefaults()
	if err != nil {
		return InboxReport{}, fmt.Errorf("bench: %w", err)
	}
	var r InboxReport
	err = o.onPostgres(ctx, func(db *store.DB) error {
		b := &inboxBench{InboxOptions: o, db: db, size: crowd.Size{Open: o.Open, Done: o.Done, People: o.People}, now: time.Now().UTC().Truncate(time.Second)}
		r, err = b.report(ctx)
		return err
	})
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	return r, write(stdout, r, o.JSON)
}

// onPostgres runs something on a PostgreSQL that is there for it alone. Only reading is measured, so that it needn't survive a crash.
func (o InboxOptions) onPostgres(ctx context.Context, do func(*store.DB) error) error {
	data, remove, err := workDir(o.Data)
	if err != nil {
		return err
	}
	defer remove()
	p := dev.NewPostgres(filepath.Join(data, "postgres"), filepath.Join(data, "log"))
	p.NoFsync = true
	if err := p.Start(ctx); err != nil {
		return err
	}
	defer p.Stop()
	filling, err := store.Open(p.DSN(dev.Database), store.Pool{Timeout: 2 * time.Hour})
	if err != nil {
		return err
	}
	defer func() { _ = filling.Close() }()
	if err := filling.Migrate(ctx); err != nil {
		return err
	}
	return do(filling)
}

// inboxBench is one run.
type inboxBench struct {
	InboxOptions
	db   *store.DB
	size crowd.Size
	now  time.Time // business time
	run  []crowd.Process
	http *inboxHTTP
}

// lookers are for whom is measured: anybody, another each time; someone in 200 groups; someone who has one in fifty of all tasks.
var lookers = []struct{ who, title string }{{"", "anybody"}, {crowd.Many, "someone in 200 groups"}, {crowd.Busy, "someone with one in fifty of all tasks"}}

// warming is how many looks aren't counted: a connection plans a statement when it first meets it.
const warming = 4

func (b *inboxBench) report(ctx context.Context) (InboxReport, error) {
	r := InboxReport{Machine: thisMachine(ctx), Commit: b.Commit, Open: b.Open, Done: b.Done, People: b.People, Each: b.Looks, Notes: []string{}}
	if err := b.db.Get(ctx, &r.Machine.Postgres, `SHOW server_version`); err != nil {
		return r, err
	}
	begin := time.Now()
	if err := b.fill(ctx); err != nil {
		return r, err
	}
	r.FillS = round(time.Since(begin).Seconds())
	if err := b.db.Get(ctx, &r.Bytes, `SELECT pg_database_size(current_database())`); err != nil {
		return r, err
	}
	defer b.http.close()
	for _, looker := range lookers {
		fmt.Fprintf(b.Progress, "measuring %s\n", looker.title)
		if err := b.look(ctx, looker.who, looker.title, &r); err != nil {
			return r, err
		}
	}
	r.judge()
	return r, nil
}

// fill publishes the shipped definitions, and makes the company whose cases run by them.
func (b *inboxBench) fill(ctx context.Context) error {
	e := engine.New(b.db, engine.Options{Holidays: definitions.Holidays})
	if err := b.db.SetClock(ctx, time.Now(), b.now, 1); err != nil {
		return err
	}
	var files []chain.File
	for _, d := range definitions.Documents() {
		files = append(files, chain.File{Path: d.Path, Content: d.Content})
	}
	if _, problems, err := e.Publish(ctx, engine.Request{Caller: "bench", Admin: true}, files); err != nil || chain.Failed(problems) {
		return fmt.Errorf("publishing the shipped definitions: %w %v", err, problems)
	}
	var err error
	if b.run, err = b.processes(ctx, e); err != nil {
		return err
	}
	if err := crowd.Fill(ctx, b.db, b.size, b.now, b.run, func(what string) { fmt.Fprintf(b.Progress, "making %s\n", what) }); err != nil {
		return err
	}
	b.http, err = serveInbox(b.db, e)
	return err
}

// processes are the published ones that ask no table, whose cases need no more than their own definition.
func (b *inboxBench) processes(ctx context.Context, e *engine.Engine) ([]crowd.Process, error) {
	library, err := e.Library(ctx)
	if err != nil {
		return nil, err
	}
	var rows []crowd.Process
	err = b.db.Select(ctx, &rows, `SELECT id, digest, version, '' AS record FROM definitions_current WHERE kind = 'process' ORDER BY id`)
	rows = slices.DeleteFunc(rows, func(p crowd.Process) bool { return len(library.Processes[p.ID].Tables) > 0 })
	for i := range rows {
		rows[i].Record = library.Processes[rows[i].ID].Record
	}
	return rows, err
}

// inboxQuery is one way to look into a box.
type inboxQuery struct {
	name string
	goal float64 // ms, at p95
	ask  func(i int) store.TaskFilter
}

const (
	goalBox  = 50.0
	goalText = 300.0
)

// queries are the ways to look into a box: unfiltered, with filters of equality, and for text.
func (b *inboxBench) queries() []inboxQuery {
	yes, no, tomorrow := true, false, b.now.AddDate(0, 0, 1)
	of := func(f store.TaskFilter) func(int) store.TaskFilter { return func(int) store.TaskFilter { return f } }
	return []inboxQuery{
		{"all of it", goalBox, of(store.TaskFilter{})},
		{"process", goalBox, of(store.TaskFilter{Process: b.run[0].ID})},
		{"process, one case in 1,000", goalBox, of(store.TaskFilter{Process: b.run[len(b.run)-1].ID})},
		{"record", goalBox, func(i int) store.TaskFilter { return store.TaskFilter{Record: crowd.Record(i * 7919 % b.Open)} }},
		{"overdue", goalBox, of(store.TaskFilter{Late: &yes})},
		{"not overdue", goalBox, of(store.TaskFilter{Late: &no})},
		{"due before tomorrow", goalBox, of(store.TaskFilter{DueBefore: &tomorrow})},
		{"text: a name that two have", goalText, of(store.TaskFilter{Query: crowd.Twice})},
		{"text: a name that one in twenty has", goalText, of(store.TaskFilter{Query: crowd.Common})},
		{"text: a name that nobody has", goalText, of(store.TaskFilter{Query: crowd.Nobody})},
		{"text: last digits of a phone", goalText, func(i int) store.TaskFilter { return store.TaskFilter{Query: crowd.LastDigits(i)} }},
	}
}
