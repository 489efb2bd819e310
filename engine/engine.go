package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Options of an [Engine]. The zero value is usable.
type Options struct {
	// AfterCommit is called after each commit that the case's workflow must hear of. It must not block.
	AfterCommit func(Signal)
	// Now is the machine's clock; nil means time.Now.
	Now func() time.Time
	// Holidays finds the published holidays that calendars name; nil means that there are none.
	Holidays Holidays
	// Systems are the systems that chains may call, as far as this process knows; nil: it doesn't know.
	Systems []string
	// Calendar names the company's calendar; empty: the one that was published first.
	Calendar string
}

// Wake is what a case's workflow needs to know after a tick.
type Wake struct {
	Seq      int        `json:"seq"`
	Stage    string     `json:"stage"`
	Holders  []string   `json:"holders"`
	WakeAt   *time.Time `json:"wake_at,omitempty"`   // business time, to be read
	WakeReal *time.Time `json:"wake_real,omitempty"` // the machine's time, to be waited for; nil: nothing armed
	Ended    bool       `json:"ended"`
	Outcome  string     `json:"outcome,omitempty"`
}

// RecordView is a record as people see it, before the server leaves out what the reader may not see.
type RecordView struct {
	ID        string         `json:"id"`
	Type      string         `json:"type"`
	Number    string         `json:"number"`
	Title     string         `json:"title"`
	Version   int            `json:"version"` // the ETag
	Owner     string         `json:"owner"`
	Fields    process.Fields `json:"fields"`
	CreatedBy string         `json:"created_by"`
	CreatedAt time.Time      `json:"created_at"`
	ChangedAt time.Time      `json:"changed_at"`
}

// Published is one definition as it was published, or as it stood already when its content is unchanged.
type Published struct {
	Kind    string `json:"kind"` // process, record, calendar, table, rights
	ID      string `json:"id"`
	Version int    `json:"version"`
	Digest  string `json:"digest"`
}

// Engine turns events into transactions. It is safe for concurrent use, and any number of them may work on one database.
type Engine struct {
	db           *store.DB
	now          func() time.Time
	afterCommit  func(Signal)
	holidays     Holidays
	calendarName string
	systems      []string
	library      libraries
	absences     absences
	apply        func(process.Input, process.Event) (process.Result, error) // process.Apply; another one in tests
}

// New makes an engine on a database.
func New(db *store.DB, o Options) *Engine {
	e := &Engine{db: db, now: o.Now, afterCommit: o.AfterCommit, holidays: o.Holidays, calendarName: o.Calendar, systems: o.Systems, apply: process.Apply}
	if e.holidays == nil {
		e.holidays = func(country string, year int) ([]byte, error) {
			return nil, fmt.Errorf("no holidays of %s %d", country, year)
		}
	}
	if e.now == nil {
		e.now = time.Now
	}
	if e.afterCommit == nil {
		e.afterCommit = func(Signal) {}
	}
	return e
}

// Now gives business time and how much faster than the machine's clock it runs.
func (e *Engine) Now(ctx context.Context) (time.Time, float64, error) {
	p, err := e.db.Present(ctx)
	return p.At(e.now()), p.Speed(), err
}
