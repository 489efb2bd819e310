package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// recount notes that whatever is open and counts by a calendar that was published anew is to be recomputed. A calendar that wasn't there before has
// nothing that counts by it.
func (p *publication) recount(changed []store.DefinitionRow) error {
	for _, d := range changed {
		if _, before := p.now.Calendars[d.ID]; d.Kind != kindCalendar || !before {
			continue
		}
		if err := p.tx.AddRecount(p.ctx, store.Recount{Calendar: d.ID, Version: d.Version, By: d.PublishedBy}); err != nil {
			return err
		}
	}
	return nil
}

// Recompute looks at the next open cases that a published calendar may have changed, at most so many for each calendar. Each case is recomputed in a
// transaction of its own, which also notes how far it has come: so every publication reaches every case once, whoever is killed meanwhile.
func (e *Engine) Recompute(ctx context.Context, limit int) error {
	jobs, err := e.db.Recounts(ctx)
	if err != nil {
		return err
	}
	for _, job := range jobs {
		if err := e.recomputeSome(ctx, job, limit); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) recomputeSome(ctx context.Context, job store.Recount, limit int) error {
	cases, err := e.db.OpenCasesBy(ctx, job.Calendar, job.After, limit)
	if err != nil {
		return err
	}
	for _, c := range cases {
		if !c.Uses {
			continue
		}
		if err := e.recomputeCase(ctx, job, c.ID); err != nil {
			return err
		}
	}
	if len(cases) < limit {
		return e.db.EndRecount(ctx, job)
	}
	return e.db.AdvanceRecount(ctx, job, cases[limit-1].ID)
}

// recomputeCase counts the open limits of one case anew. A case that can't be looked at is held, or is already, and is left at that.
func (e *Engine) recomputeCase(ctx context.Context, job store.Recount, id string) error {
	_, err := e.advance(ctx, Request{}, func(a *advance) error {
		if next, err := a.tx.NextRecount(ctx, job, id); err != nil || !next {
			return cmp.Or(err, errNothing)
		}
		l, err := a.tx.LockCase(ctx, id)
		if err != nil {
			return err
		}
		a.event = process.Event{Kind: process.EventRecompute, By: str(job.By), Comment: fmt.Sprintf("calendar %s version %d published", job.Calendar, job.Version)}
		return a.meet(l)
	})
	if r := refused(err); r != nil {
		logger().Warn("a case can't be recomputed by a new calendar", "case", id, "calendar", job.Calendar, "why", r.Message.EN)
		return nil
	}
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}
