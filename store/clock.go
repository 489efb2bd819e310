package store

import (
	"context"
	"time"
)

// Clock ties business time to the machine's. Without an anchor both are the same.
type Clock struct {
	Real     *time.Time `db:"anchor_real"`
	Business *time.Time `db:"anchor_business"`
	Scale    *float64   `db:"scale"`
}

// At is business time at a moment of the machine's clock, to the microsecond as PostgreSQL keeps it.
func (c Clock) At(real time.Time) time.Time {
	if c.Real == nil {
		return real.UTC().Truncate(time.Microsecond)
	}
	passed := float64(real.Sub(*c.Real)) * *c.Scale
	return c.Business.Add(time.Duration(passed)).UTC().Truncate(time.Microsecond)
}

// RealOf is when the machine's clock will show a business moment. It is rounded up, so that the moment has come by then.
func (c Clock) RealOf(business time.Time) time.Time {
	if c.Real == nil {
		return business.UTC()
	}
	passed := float64(business.Sub(*c.Business)) / *c.Scale
	return c.Real.Add(time.Duration(passed) + time.Millisecond).UTC()
}

// Speed is how much faster than the machine's clock business time runs.
func (c Clock) Speed() float64 {
	if c.Scale == nil {
		return 1
	}
	return *c.Scale
}

// Present is what every event reads beside its case: the clock, and which publication, list of absences and directory it has to know.
type Present struct {
	Clock
	Revision int64 `db:"revision"`
	Absences int64 `db:"absences"`
	// Directory is which directory of people, departments, roles and groups is the present one: another value after each change of any.
	Directory string `db:"directory"`
}

const (
	presentColumns = `clock.anchor_real, clock.anchor_business, clock.scale, library.revision, library.absences, library.directory`
	presentJoin    = `CROSS JOIN library LEFT JOIN clock ON true`
)

// Present reads the clock and the revision of what is published.
func (q querier) Present(ctx context.Context) (Present, error) {
	var p Present
	return p, q.Get(ctx, &p, `SELECT `+presentColumns+` FROM library LEFT JOIN clock ON true`)
}

// SetClock anchors business time anew. Keeping it from going back is the caller's.
func (db *DB) SetClock(ctx context.Context, real, business time.Time, scale float64) error {
	_, err := db.Exec(ctx, `INSERT INTO clock (anchor_real, anchor_business, scale) VALUES ($1, $2, $3)
		ON CONFLICT (one) DO UPDATE SET anchor_real = excluded.anchor_real, anchor_business = excluded.anchor_business, scale = excluded.scale`,
		real, business, scale)
	return err
}
