package bench

import (
	"context"
	"fmt"
	"time"
)

// decisionsPerCase is how many decisions a case has, on either side. The last one ends it.
const decisionsPerCase = 3

// system is a side of the comparison: something that has cases, each with three decisions in a row.
type system interface {
	// start opens a case and gives what decide needs to know of it.
	start(ctx context.Context) (*openCase, error)
	// decide gives the next decision of a case.
	decide(ctx context.Context, c *openCase) error
	// settle returns when nothing is left to do behind the answers given so far.
	settle(ctx context.Context) error
}

// openCase is one case as its clients know it.
type openCase struct {
	id   string // the case's, or the workflow's
	task string // the open task; not every system has one
	made int    // decisions so far
}

// size bounds the phases of a course.
type size struct {
	cases int           // at most, per phase
	phase time.Duration // at most, per phase
}

// course is one measurement of a system: what is asked of it apart, then together.
type course struct {
	starts    phase
	decisions phase // on cases that stay open
	ends      phase // last decisions
	whole     phase // start and three decisions, by one client one after the other
	used      usage // what the machine spent on the decisions, until they were settled
}

// phase is a sample and how long it took until it was settled, its own time included.
type phase struct {
	sample
	settled time.Duration
}

// settledRate is operations per second, counted until nothing was left to do behind them.
func (p phase) settledRate() float64 { return perSecond(len(p.laps), p.settled) }

// take measures one course. What is left of one phase is waited for before the next begins.
func take(ctx context.Context, s system, clients int, by size, meter *meter) (course, error) {
	var c course
	var err error
	open := make([]*openCase, by.cases)
	if c.starts, err = measure(ctx, s, clients, limit{by.cases, by.phase}, starting(s, open)); err != nil {
		return c, fmt.Errorf("starting cases: %w", err)
	}
	before := meter.read()
	c.decisions, err = measure(ctx, s, clients, limit{c.starts.items, by.phase}, deciding(s, open, decisionsPerCase-1))
	if err != nil {
		return c, fmt.Errorf("deciding on open cases: %w", err)
	}
	c.used = meter.read().since(before)
	c.ends, err = measure(ctx, s, clients, limit{c.decisions.items, by.phase}, deciding(s, open, 1))
	if err != nil {
		return c, fmt.Errorf("ending cases: %w", err)
	}
	if c.whole, err = measure(ctx, s, clients, limit{by.cases, by.phase}, wholeCases(s)); err != nil {
		return c, fmt.Errorf("whole cases: %w", err)
	}
	return c, nil
}

// measure runs one phase and waits until it is settled.
func measure(ctx context.Context, s system, clients int, to limit, do work) (phase, error) {
	begin := time.Now()
	one, err := drive(ctx, clients, to, do)
	if err != nil {
		return phase{}, err
	}
	if err := s.settle(ctx); err != nil {
		return phase{}, fmt.Errorf("waiting for the rest: %w", err)
	}
	return phase{sample: one, settled: time.Since(begin)}, nil
}

// starting opens a case per item.
func starting(s system, open []*openCase) work {
	return func(ctx context.Context, item int, lap func()) error {
		c, err := s.start(ctx)
		if err != nil {
			return err
		}
		lap()
		open[item] = c
		return nil
	}
}

// deciding gives some decisions on each case; each counts.
func deciding(s system, open []*openCase, times int) work {
	return func(ctx context.Context, item int, lap func()) error {
		for range times {
			if err := s.decide(ctx, open[item]); err != nil {
				return err
			}
			lap()
		}
		return nil
	}
}

// wholeCases takes a case per item from its start to its end; the case counts as one.
func wholeCases(s system) work {
	return func(ctx context.Context, _ int, lap func()) error {
		c, err := s.start(ctx)
		if err != nil {
			return err
		}
		for range decisionsPerCase {
			if err := s.decide(ctx, c); err != nil {
				return err
			}
		}
		lap()
		return nil
	}
}
