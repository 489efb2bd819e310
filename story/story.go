// Package story gives the sample company its past and its present. Its people do through the engine what people do, one event after the other, on a
// clock that runs through the last fourteen months: so every row is what production writes, and only the time is made up. The same seed and the same
// business time give the same story.
package story

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/crmflow/crmflow/definitions"
	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// How much there is to tell.
const (
	Finished = leadLives + quoteLives + complaintLives // cases that have ended
	Months   = 14                                      // that they began in

	leadLives      = 105
	quoteLives     = 110
	complaintLives = 85
	customers      = 40 // that were there before
)

// seed makes the same story each time.
const seed = 20261123

// Cast is who lives through it.
type Cast struct {
	Company definitions.Company
	Leads   []definitions.Lead
	Engine  func(*store.DB, engine.Options) *engine.Engine // makes the engine that everything goes through
}

// Told is what came of it.
type Told struct {
	Ended   int      // cases that have ended
	Open    int      // cases that go on
	Refused []string // what somebody wanted to do and the engine refused: none, when the story fits the definitions
}

// Tell writes the whole story in one transaction into a database that has people, definitions and a clock, and nothing that happened yet. Broken off
// in the middle, nothing of it stands there.
func Tell(ctx context.Context, db *store.DB, cast Cast) (Told, error) {
	var told Told
	err := db.Whole(ctx, func(db *store.DB) error {
		w, err := newWorld(ctx, db, cast)
		if err != nil {
			return err
		}
		for _, begin := range []func() error{w.trade, w.past, w.present} {
			if err := begin(); err != nil {
				return err
			}
		}
		told, err = w.run()
		return err
	})
	return told, err
}

// world is the company while its story is told. It is one goroutine's, and goes through nothing in an order that could differ.
type world struct {
	ctx      context.Context
	db       *store.DB
	engine   *engine.Engine
	cast     Cast
	clock    store.Clock
	calendar *process.Calendar
	days     []time.Time // working dates: today's, or the next one, then those before it
	sellers  []string
	admin    string
	clients  []client
	rnd      *rand.Rand // of what concerns no single case

	now      time.Time // business time in the story
	until    time.Time // the present
	agenda   agenda
	lives    map[string]*life // by case id
	all      []*life
	born     *life // whose case is about to begin
	heard    []engine.Signal
	answer   engine.Answer   // of the last act
	viewer   *engine.Viewer  // of nobody: it knows everybody's names after a while
	arrived  []store.Arrived // news of ended cases: no workflow needs to hear it
	refused  []string
	phones   int
	uploaded map[string]bool     // files, by id
	leads    []process.Reference // that the company ships with
}

// client is a customer of the company's.
type client struct {
	ref   process.Reference
	owner string
}

func newWorld(ctx context.Context, db *store.DB, cast Cast) (*world, error) {
	w := &world{ctx: ctx, db: db, cast: cast, lives: map[string]*life{}, uploaded: map[string]bool{}, leads: make([]process.Reference, len(cast.Leads)), rnd: rand.New(rand.NewPCG(seed, 0))}
	w.engine = cast.Engine(db, engine.Options{Now: w.machine, AfterCommit: func(s engine.Signal) { w.heard = append(w.heard, s) }})
	present, err := db.Present(ctx)
	if err != nil {
		return nil, err
	}
	library, err := w.engine.Library(ctx)
	if err != nil {
		return nil, err
	}
	calendar, ok := library.Calendar("")
	if !ok {
		return nil, errors.New("story: there is no calendar")
	}
	w.clock, w.calendar, w.until = present.Clock, calendar, present.At(time.Now())
	w.now = w.until
	if w.viewer, err = w.engine.Viewer(ctx); err != nil {
		return nil, err
	}
	for _, u := range cast.Company.Users {
		if slices.Contains(u.Roles, "sales") {
			w.sellers = append(w.sellers, u.ID)
		}
		if slices.Contains(u.Roles, "administrator") {
			w.admin = u.ID
		}
	}
	w.readDays()
	return w, nil
}

// machine is the machine's clock at the story's moment, a hair later so that a moment that is due has come.
func (w *world) machine() time.Time {
	if w.clock.Real == nil {
		return w.now
	}
	passed := float64(w.now.Sub(*w.clock.Business)) / w.clock.Speed()
	return w.clock.Real.Add(time.Duration(passed) + time.Microsecond)
}

// readDays lists the working dates.
func (w *world) readDays() {
	day := w.local(w.until)
	day = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, w.calendar.Location())
	for !w.works(day) {
		day = day.AddDate(0, 0, 1)
	}
	for first := w.until.AddDate(0, -Months, 0); day.After(first); day = day.AddDate(0, 0, -1) {
		if w.works(day) {
			w.days = append(w.days, day)
		}
	}
}

func (w *world) works(day time.Time) bool { return w.calendar.Between(day, day.AddDate(0, 0, 1)) > 0 }

func (w *world) local(t time.Time) time.Time { return t.In(w.calendar.Location()) }

// day is a time of the n-th working day before today's.
func (w *world) day(n int, clock string) time.Time {
	at, _ := time.Parse("15:04", clock) // written in this package
	return w.days[n].Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute)
}

// worked is the moment so many working minutes into the n-th working day before today's.
func (w *world) worked(n, minutes int) time.Time {
	return w.calendar.Add(w.days[n], time.Duration(minutes)*time.Minute)
}

// date is the date of a moment, as a field holds it.
func (w *world) date(t time.Time) string { return w.local(t).Format(time.DateOnly) }

// run lets everything happen, in order, up to the present.
func (w *world) run() (Told, error) {
	for {
		next, ok := w.agenda.next(w.until)
		if !ok {
			break
		}
		w.now = next.at
		if err := next.do(); err != nil {
			return Told{}, fmt.Errorf("story: %s: %w", w.date(w.now), err)
		}
		if err := w.settle(); err != nil {
			return Told{}, err
		}
	}
	w.now = w.until
	return w.end()
}

// end closes what of the past is still open, since it was to be past, and forgets the news that nobody needs to hear.
func (w *world) end() (Told, error) {
	told := Told{}
	for _, l := range w.all {
		if l.habit != nil && !l.over {
			if done, err := w.do(l, move{withdraw: true}); !done {
				return told, errors.Join(err, fmt.Errorf("story: %s can't be closed", l.id))
			}
			if err := w.settle(); err != nil {
				return told, err
			}
		}
		if l.over {
			told.Ended++
		} else {
			told.Open++
		}
	}
	told.Refused = w.refused
	return told, w.db.DeleteOutbox(w.ctx, store.TopicCase, w.arrived)
}
