package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WaitingOptions is what `crmflow bench waiting` was asked for.
type WaitingOptions struct {
	Options
	N     int     // waiting cases that are started at a steady rate; default 10000
	Rate  float64 // how many are started a second; default 20, as the queue that rhythms start cases by
	Crowd int     // waiting cases that are started before them, as fast as they settle
	Fill  int     // cases that fill the caches beforehand; default 1500, as a worker keeps 1,000 workflows
}

// RunWaiting brings up a stack, starts waiting cases at a steady rate while others decide, and reports what that costs them and what memory it takes.
func RunWaiting(ctx context.Context, o WaitingOptions, stdout io.Writer) (WaitingReport, error) {
	set(&o.N, 10_000)
	set(&o.Rate, 20)
	set(&o.Fill, 1500)
	var r WaitingReport
	err := o.onStack(ctx, func(b *bench) (err error) {
		r, err = (&waiting{bench: b, o: o}).report(ctx)
		return err
	})
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	return r, write(stdout, r, o.JSON)
}

// waiting is one run of `crmflow bench waiting`.
type waiting struct {
	*bench
	o      WaitingOptions
	storm  *crmflowStorm
	circle *circle
}

// aYear is when the clocks of the waiting cases are due.
const aYear = 365 * 24 * time.Hour

func (w *waiting) report(ctx context.Context) (WaitingReport, error) {
	r := WaitingReport{Machine: thisMachine(ctx), Commit: w.Commit, Cases: w.o.Crowd + w.o.N, Steady: w.o.N, StartsS: w.o.Rate, Notes: []string{}}
	if err := w.describe(ctx, &r.Machine); err != nil {
		return r, err
	}
	var err error
	w.storm = &crmflowStorm{product: w.product}
	if w.circle, err = newCircle(ctx, w.product, judgedClients); err != nil {
		return r, err
	}
	fmt.Fprintf(w.Progress, "filling the caches with %d cases\n", w.o.Fill)
	if err := w.storm.arm(ctx, w.o.Fill, moment{business: time.Now().Add(aYear)}); err != nil {
		return r, err
	}
	if r.Before, err = w.memory(ctx); err != nil {
		return r, err
	}
	if err := w.gather(ctx); err != nil {
		return r, err
	}
	capacity, err := w.capacity(ctx, w.circle)
	if err != nil {
		return r, err
	}
	r.DecisionsS = round(capacity / 4)
	fmt.Fprintf(w.Progress, "starting %d cases, %g a second, while others make %.0f decisions a second\n", w.o.N, w.o.Rate, r.DecisionsS)
	decisions, err := w.fillUp(ctx, r.DecisionsS)
	if err != nil {
		return r, err
	}
	if err := w.product.settle(ctx); err != nil {
		return r, err
	}
	if r.After, err = w.memory(ctx); err != nil {
		return r, err
	}
	r.sumUp(decisions)
	return r, nil
}

// crowdAtOnce is how many of the crowd are started before they have to settle, so that nothing piles up behind them.
const crowdAtOnce = 1000

// gather starts the crowd.
func (w *waiting) gather(ctx context.Context) error {
	for left := w.o.Crowd; left > 0; left -= crowdAtOnce {
		fmt.Fprintf(w.Progress, "%d cases wait, %d to come\n", w.o.Crowd-left, left)
		if err := w.storm.arm(ctx, min(left, crowdAtOnce), moment{business: time.Now().Add(aYear)}); err != nil {
			return err
		}
	}
	return nil
}

// fillUp starts the cases at their steady rate, and gives how long the decisions of others took meanwhile, sorted.
func (w *waiting) fillUp(ctx context.Context, rate float64) ([]time.Duration, error) {
	at := time.Now().Add(aYear)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop, done := make(chan struct{}), make(chan struct{})
	var beats []beat
	var failed error
	go func() {
		defer close(done)
		if beats, failed = paced(ctx, judgedClients, rate, stop, w.circle.decide); failed != nil {
			cancel(failed)
		}
	}()
	begin := time.Now()
	_, err := drive(ctx, armers, limit{w.o.N, aYear}, func(ctx context.Context, item int, _ func()) error {
		pause(ctx, time.Until(begin.Add(time.Duration(float64(item)/w.o.Rate*float64(time.Second)))))
		_, err := w.storm.start(ctx, at)
		return err
	})
	close(stop)
	<-done
	laps := make([]time.Duration, len(beats))
	for i, b := range beats {
		laps[i] = b.took
	}
	slices.Sort(laps)
	return laps, errors.Join(failed, err)
}

const (
	memoryLooks = 10
	memoryEvery = 500 * time.Millisecond
)

// memory is what each part holds while nothing happens: the least of several looks, since garbage comes and goes.
func (w *waiting) memory(ctx context.Context) (map[string]int64, error) {
	least := map[string]int64{}
	for range memoryLooks {
		for name, held := range w.meter.resident() {
			if before, known := least[name]; !known || held < before {
				least[name] = held
			}
		}
		pause(ctx, memoryEvery)
	}
	return least, ctx.Err()
}

// resident is how much memory each part holds, in bytes; empty where there is no /proc. Of PostgreSQL it says nothing: its processes share theirs.
func (m *meter) resident() map[string]int64 {
	out := map[string]int64{}
	for name, pids := range m.pids {
		for _, pid := range pids {
			fields := strings.Fields(read(fmt.Sprintf("/proc/%d/statm", pid)))
			if len(fields) < 2 || name == "postgres" {
				continue
			}
			pages, _ := strconv.ParseInt(fields[1], 10, 64)
			out[name] += pages * int64(os.Getpagesize())
		}
	}
	return out
}

// WaitingReport is what `crmflow bench waiting` found.
type WaitingReport struct {
	Machine      Machine            `json:"machine"`
	Commit       string             `json:"commit"`
	Cases        int                `json:"cases"`    // that wait
	Steady       int                `json:"steady"`   // so many of them, the last, were started at a steady rate
	StartsS      float64            `json:"starts_s"` // how fast
	DecisionsS   float64            `json:"decisions_s"`
	DecisionsP50 float64            `json:"decisions_p50_ms"` // of others, meanwhile
	DecisionsP95 float64            `json:"decisions_p95_ms"`
	Before       map[string]int64   `json:"bytes_before"` // held by each part, its caches full
	After        map[string]int64   `json:"bytes_after"`
	PerCase      map[string]float64 `json:"bytes_per_case"`
	Goals        []Goal             `json:"goals"`
	Verdict      string             `json:"verdict"`
	Notes        []string           `json:"notes"`
}

const (
	goalOthers  = 100.0 // ms, p95 of the decisions of others
	goalPerCase = 2048  // bytes that a waiting case may seem to take in server or worker: what garbage makes uncertain with 10,000 of them
)

func (r *WaitingReport) sumUp(decisions []time.Duration) {
	r.DecisionsP50, r.DecisionsP95 = round(millis(percentile(decisions, 50))), round(millis(percentile(decisions, 95)))
	r.PerCase = map[string]float64{}
	for name, after := range r.After {
		r.PerCase[name] = round(float64(after-r.Before[name]) / float64(r.Cases))
	}
	r.Goals = []Goal{{What: "p95 of the decisions of others, ms", Value: r.DecisionsP95, Goal: fmt.Sprintf("< %g ms", goalOthers), Met: len(decisions) > 0 && r.DecisionsP95 < goalOthers}}
	for _, name := range []string{"server", "worker"} {
		if per, measured := r.PerCase[name]; measured {
			r.Goals = append(r.Goals, Goal{What: "bytes per waiting case in the " + name, Value: per, Goal: fmt.Sprintf("< %d", goalPerCase), Met: per < goalPerCase})
		}
	}
	if len(r.After) == 0 {
		r.Notes = append(r.Notes, "memory is left out: this system has no /proc")
	}
	r.Verdict = verdictMet
	if slices.ContainsFunc(r.Goals, func(g Goal) bool { return !g.Met }) {
		r.Verdict = verdictMissed
	}
}

// Table is the report for a person, in Markdown.
func (r WaitingReport) Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Machine: %s. Commit %s. %d cases that wait, the last %d of them started %s a second, while others made %s decisions/s: p50 %s ms, p95 %s ms.\n\n",
		r.Machine, r.Commit, r.Cases, r.Steady, number(r.StartsS), number(r.DecisionsS), number(r.DecisionsP50), number(r.DecisionsP95))
	rows := [][]string{{"memory held, MB", "before", "after", "bytes per case"}}
	for _, name := range slices.Sorted(maps.Keys(r.After)) {
		rows = append(rows, []string{name, megabytes(r.Before[name]), megabytes(r.After[name]), number(r.PerCase[name])})
	}
	b.WriteString(markdown(rows) + "\n" + goalTable(r.Goals))
	fmt.Fprintf(&b, "\nVerdict: %s.\n", r.Verdict)
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "Note: %s.\n", note)
	}
	return b.String()
}

func megabytes(n int64) string { return number(float64(n) / (1 << 20)) }
