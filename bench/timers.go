package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/crmflow/crmflow/dev"
)

// TimersOptions is what `crmflow bench timers` was asked for.
type TimersOptions struct {
	Options
	N int // clocks due in one second; default 2000
}

// RunTimers brings up a stack, lets storms of clocks come on either side in turns while decisions run at half of capacity, stops the stack and writes
// the report to stdout. The error says what kept it from a report; a goal that was missed is no error.
func RunTimers(ctx context.Context, o TimersOptions, stdout io.Writer) (TimersReport, error) {
	var r TimersReport
	set(&o.N, 2000)
	err := o.onStack(ctx, func(base *bench) (err error) {
		t := &timers{bench: base, n: o.N}
		defer func() { err = errors.Join(err, t.close(context.WithoutCancel(ctx))) }()
		if err := t.setUp(ctx); err != nil {
			return err
		}
		r, err = t.report(ctx)
		return err
	})
	if err != nil {
		return r, fmt.Errorf("bench: %w", err)
	}
	return r, write(stdout, r, o.JSON)
}

// timers is one run of `crmflow bench timers`.
type timers struct {
	*bench
	n       int
	lead    time.Duration // from making the clocks until they are due
	circle  *circle
	floor   *floorStorm
	crmflow *crmflowStorm
	rate    float64 // decisions a second while a storm is on: half of capacity
	rounds  []stormRound
}

// stormRound is one storm on each side.
type stormRound struct{ floor, crmflow rush }

// leadPerClock is how long it may take to make one clock, and what it needs besides.
const (
	leadPerClock = 30 * time.Millisecond
	leadAtLeast  = 8 * time.Second
)

func (t *timers) setUp(ctx context.Context) (err error) {
	t.lead = leadAtLeast + time.Duration(t.n)*leadPerClock
	if t.circle, err = newCircle(ctx, t.product, judgedClients); err != nil {
		return err
	}
	if t.floor, err = startFloorStorm(ctx, t.client, t.db, t.product.api.keys.run); err != nil {
		return err
	}
	if t.crmflow, err = newCrmflowStorm(ctx, t.product); err != nil {
		return err
	}
	capacity, err := t.capacity(ctx, t.circle)
	t.rate = capacity / 2
	return err
}

func (t *timers) close(ctx context.Context) error {
	if t.floor != nil {
		t.floor.close()
	}
	_, err := t.db.Exec(ctx, forgetMoments)
	return err
}

// errTooSoon says that the moment came before all clocks waited for it.
var errTooSoon = errors.New("the moment came before all clocks were armed")

// longestLead bounds how far a moment is put off for a machine that is slow at making clocks.
const longestLead = 20 * time.Minute

// storm lets one storm come. Where the machine was too slow to arm it, it tries again with more time.
func (t *timers) storm(ctx context.Context, s storm) (rush, error) {
	for {
		r, err := t.rush(ctx, s)
		if !errors.Is(err, errTooSoon) || t.lead > longestLead {
			return r, err
		}
		t.lead *= 2
		fmt.Fprintf(t.Progress, "arming took too long; once more, with %s for it\n", t.lead)
	}
}

// rush is one storm on one side, with decisions on crmflow's open cases meanwhile.
type rush struct {
	effects
	decisions []time.Duration // of those that were due while the storm was on, sorted
	on        time.Duration   // from the moment until everything had taken effect
}

const (
	loadBefore = 2 * time.Second // decisions run already when the storm comes
	loadAfter  = time.Second     // and at least so long
	lookEvery  = 100 * time.Millisecond

	// stormTimeout is how long the clocks of one moment may take: bare Temporal took two minutes for 2,000 of them on two cores.
	stormTimeout = 10 * time.Minute
)

func (t *timers) rush(ctx context.Context, s storm) (r rush, err error) {
	due, err := t.moment(ctx, t.lead)
	if err != nil {
		return r, err
	}
	if armed, err := t.armed(ctx, s, due); err != nil || !armed {
		return r, errors.Join(err, s.clear(ctx))
	}
	beats, err := t.loaded(ctx, due, func() error {
		err := t.over(ctx, s, due)
		r.on = time.Since(due.real)
		pause(ctx, loadAfter-r.on)
		return err
	})
	if err != nil {
		return r, err
	}
	r.on = max(r.on, loadAfter)
	for _, b := range beats {
		if !b.due.Before(due.real) && b.due.Before(due.real.Add(r.on)) {
			r.decisions = append(r.decisions, b.took)
		}
	}
	slices.Sort(r.decisions)
	if r.effects, err = s.effects(ctx, t.n, due); err != nil {
		return r, err
	}
	return r, s.clear(ctx)
}

// armed makes the clocks; what isn't armed when the decisions must begin comes too soon.
func (t *timers) armed(ctx context.Context, s storm, due moment) (bool, error) {
	ctx, cancel := context.WithDeadline(ctx, due.real.Add(-loadBefore))
	defer cancel()
	err := s.arm(ctx, t.n, due)
	if ctx.Err() == context.DeadlineExceeded {
		return false, errTooSoon
	}
	return err == nil, err
}

// moment is the first whole second of business time that is at least so far away.
func (t *timers) moment(ctx context.Context, away time.Duration) (moment, error) {
	present, err := t.db.Present(ctx)
	if err != nil {
		return moment{}, err
	}
	now := time.Now()
	business := present.At(now.Add(away)).Truncate(time.Second).Add(time.Second)
	return moment{real: now.Add(business.Sub(present.At(now))).UTC().Truncate(time.Microsecond), business: business}, nil
}

// loaded runs decisions from before the moment until what is given has returned.
func (t *timers) loaded(ctx context.Context, due moment, storm func() error) ([]beat, error) {
	pause(ctx, time.Until(due.real)-loadBefore)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop, done := make(chan struct{}), make(chan struct{})
	var beats []beat
	var failed error
	go func() {
		defer close(done)
		if beats, failed = paced(ctx, judgedClients, t.rate, stop, t.circle.decide); failed != nil {
			cancel(failed)
		}
	}()
	pause(ctx, time.Until(due.real))
	err := storm()
	close(stop)
	<-done
	return beats, errors.Join(failed, err)
}

// over waits until every clock has taken effect.
func (t *timers) over(ctx context.Context, s storm, due moment) error {
	ctx, cancel := context.WithTimeout(ctx, stormTimeout)
	defer cancel()
	for {
		left, err := s.left(ctx, t.n, due)
		if err != nil || left <= 0 {
			return err
		}
		pause(ctx, lookEvery)
		if ctx.Err() != nil {
			return fmt.Errorf("%d of %d clocks haven't taken effect: %w", left, t.n, ctx.Err())
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// report takes all rounds.
func (t *timers) report(ctx context.Context) (TimersReport, error) {
	r := TimersReport{Machine: thisMachine(ctx), Commit: t.Commit, Rounds: t.Rounds, Clocks: t.n, DecisionsS: round(t.rate), Notes: []string{}}
	if err := t.describe(ctx, &r.Machine); err != nil {
		return r, err
	}
	for n := 1; n <= t.Rounds; n++ {
		var one stormRound
		sides := []func() error{
			func() (err error) { one.floor, err = t.storm(ctx, t.floor); return err },
			func() (err error) { one.crmflow, err = t.storm(ctx, t.crmflow); return err },
		}
		if n%2 == 0 {
			slices.Reverse(sides)
		}
		for _, side := range sides {
			if err := side(); err != nil {
				return r, fmt.Errorf("round %d: %w", n, err)
			}
		}
		t.rounds = append(t.rounds, one)
		fmt.Fprintf(t.Progress, "round %d of %d: late by p95 (ms): bare Temporal %.0f, crmflow %.0f; decisions meanwhile, p95: %.0f ms\n", n, t.Rounds,
			millis(percentile(one.floor.lateness, 95)), millis(percentile(one.crmflow.lateness, 95)), millis(percentile(one.crmflow.decisions, 95)))
	}
	r.sumUp(t.rounds)
	return r, nil
}

// onStack runs a measurement on a stack of its own.
func (o Options) onStack(ctx context.Context, measure func(*bench) error) (err error) {
	o, err = o.withDefaults()
	if err != nil {
		return err
	}
	return withStack(ctx, o, func(status dev.Status) error {
		b, err := connect(ctx, o, status)
		defer b.close()
		if err != nil {
			return err
		}
		return measure(b)
	})
}
