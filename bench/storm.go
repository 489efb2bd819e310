package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// storm is a side of the comparison of `bench timers`: something that has clocks, many of them due at one moment.
type storm interface {
	// arm makes n clocks that are due at the moment, and returns when all of them wait.
	arm(ctx context.Context, n int, due moment) error
	// left is how many of the moment's n clocks haven't taken effect.
	left(ctx context.Context, n int, due moment) (int, error)
	// effects says what has taken effect of the moment's n clocks.
	effects(ctx context.Context, n int, due moment) (effects, error)
	// clear ends what the storm has left open.
	clear(ctx context.Context) error
}

// moment is when a storm comes, by the machine's clock and in business time.
type moment struct{ real, business time.Time }

// effects is what became of a storm's clocks.
type effects struct {
	lateness []time.Duration // of the first effect of each clock, sorted
	lost     int             // clocks without any
	doubled  int             // effects beyond the first of a clock
	early    int             // effects before the moment
}

// effect is one effect of one clock.
type effect struct {
	Clock string    `db:"clock"`
	At    time.Time `db:"at"`
}

// count makes a summary of all the effects of n clocks, the earliest of each clock first.
func count(all []effect, n int, due time.Time) effects {
	var e effects
	seen := map[string]bool{}
	slices.SortFunc(all, func(a, b effect) int { return a.At.Compare(b.At) })
	for _, one := range all {
		if one.At.Before(due) {
			e.early++
		}
		if seen[one.Clock] {
			e.doubled++
			continue
		}
		seen[one.Clock] = true
		e.lateness = append(e.lateness, one.At.Sub(due))
	}
	e.lost = n - len(seen)
	return e
}

const (
	clockProcess = "bench-clock"
	armers       = 16 // clients that make clocks
)

// crmflowStorm is crmflow's side: cases with one approval each, whose limit is over at the moment.
type crmflowStorm struct {
	product *product
	cases   []*openCase // of the storm that is armed
}

// measureMoments lets the timeline say when each of its rows was really written, which it doesn't keep: an entry's own time is its nominal one. The
// floor's rows carry the same clock's time.
var measureMoments = []string{
	`ALTER TABLE timeline ADD COLUMN IF NOT EXISTS bench_real timestamptz`,
	`ALTER TABLE timeline ALTER COLUMN bench_real SET DEFAULT clock_timestamp()`,
}

// forgetMoments leaves the table as it was.
const forgetMoments = `ALTER TABLE timeline DROP COLUMN IF EXISTS bench_real`

func newCrmflowStorm(ctx context.Context, p *product) (*crmflowStorm, error) {
	return &crmflowStorm{product: p}, execAll(ctx, p.db, measureMoments)
}

func (s *crmflowStorm) arm(ctx context.Context, n int, due moment) error {
	s.cases = make([]*openCase, n)
	begin := func(ctx context.Context, item int, _ func()) (err error) {
		s.cases[item], err = s.start(ctx, due.business)
		return err
	}
	if _, err := drive(ctx, armers, limit{n, settleTimeout}, begin); err != nil {
		return err
	}
	return s.product.settle(ctx)
}

// start opens one case.
func (s *crmflowStorm) start(ctx context.Context, at time.Time) (*openCase, error) {
	p := s.product
	with := map[string]any{"name": "Bench " + p.api.keys.key(), "at": at.Format(time.RFC3339)}
	var a answer
	if err := p.api.as(p.tokens[starter]).post(ctx, "/cases", map[string]any{"process": clockProcess, "with": with}, &a); err != nil {
		return nil, err
	}
	about := a.about()
	if len(about.Open) != 1 {
		return nil, fmt.Errorf("case %s has %d open tasks, not one", about.ID, len(about.Open))
	}
	return &openCase{id: about.ID, task: about.Open[0].Task}, nil
}

func (s *crmflowStorm) left(ctx context.Context, _ int, due moment) (left int, err error) {
	err = s.product.db.Get(ctx, &left, `SELECT count(*) FROM moments WHERE at <= $1`, due.business)
	return left, err
}

func (s *crmflowStorm) effects(ctx context.Context, n int, due moment) (effects, error) {
	var all []effect
	err := s.product.db.Select(ctx, &all, `SELECT l.case_id AS clock, l.bench_real AS at FROM timeline l JOIN cases c ON c.id = l.case_id
		WHERE c.process = $1 AND l.event = 'late' AND l.at = $2`, clockProcess, due.business)
	if err != nil {
		return effects{}, err
	}
	e := count(all, n, due.real)
	var told int
	err = s.product.db.Get(ctx, &told, `SELECT count(*) FROM notifications m JOIN cases c ON c.id = m.case_id WHERE c.process = $1 AND m.about = 'late' AND m.at = $2`, clockProcess, due.business)
	e.doubled += max(0, told-n) // the message is part of the effect
	e.lost += max(0, n-e.lost-told)
	return e, err
}

// clear approves the cases, so that they don't count among what is open in the next round.
func (s *crmflowStorm) clear(ctx context.Context) error {
	p, cases := s.product, s.cases
	s.cases = nil
	_, err := drive(ctx, armers, limit{len(cases), settleTimeout}, func(ctx context.Context, item int, _ func()) error {
		if cases[item] == nil {
			return nil
		}
		return p.api.as(p.tokens[benchSteps[0].by]).post(ctx, "/tasks/"+cases[item].task+"/approve", map[string]string{"comment": benchComment}, nil)
	})
	if err != nil {
		return err
	}
	return p.settle(ctx)
}
