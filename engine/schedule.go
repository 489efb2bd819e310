package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Beat is what a process's schedule must know: whether there is more to do at once, or when to come again.
type Beat struct {
	Gone     bool       `json:"gone"` // the process starts nothing by a rhythm any more
	More     bool       `json:"more"`
	WakeAt   *time.Time `json:"wake_at,omitempty"`   // business time, to be read
	WakeReal *time.Time `json:"wake_real,omitempty"` // the machine's time, to be waited for
}

// Schedule is the rhythm of one process, and whether it is late.
type Schedule struct {
	Process string
	Late    bool // an occurrence was due some time ago, and nobody has carried it out, or not to its end
}

// Schedules brings the rhythms into line with what is published, and says how each stands. late is how long an occurrence may wait, in real time.
func (e *Engine) Schedules(ctx context.Context, late time.Duration) ([]Schedule, error) {
	var list []Schedule
	err := e.db.Tx(ctx, func(tx *store.Tx) error {
		list = nil
		s, err := e.scheduling(ctx, tx)
		if err != nil {
			return err
		}
		rows, err := tx.Schedules(ctx)
		if err != nil {
			return err
		}
		before := s.present.At(e.now().Add(-late))
		for _, row := range rows {
			if row.Every == "" {
				continue // it has ended
			}
			_, err := tx.OpenOccurrence(ctx, row.Process)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			next, ok := s.next(row, row.Since)
			list = append(list, Schedule{Process: row.Process, Late: err == nil || ok && !next.After(before)})
		}
		return nil
	})
	return list, err
}

// scheduling is one look at the rhythms, inside its transaction.
type scheduling struct {
	tx      *store.Tx
	ctx     context.Context
	present store.Present
	lib     *Library
	at      time.Time // business time
}

// scheduling keeps what is published as it is, and brings the rhythms into line with it.
func (e *Engine) scheduling(ctx context.Context, tx *store.Tx) (*scheduling, error) {
	present, err := tx.ShareLibrary(ctx)
	if err != nil {
		return nil, err
	}
	lib, err := e.current(ctx, tx, present.Revision)
	if err != nil {
		return nil, err
	}
	s := &scheduling{tx: tx, ctx: ctx, present: present, lib: lib, at: present.At(e.now())}
	return s, reschedule(ctx, tx, lib.Processes, s.at)
}

// reschedule brings the rhythms into line with the processes that are published: what began goes on, another rhythm begins now, and one that is gone ends.
func reschedule(ctx context.Context, tx *store.Tx, published map[string]*process.Process, at time.Time) error {
	rows, err := tx.Schedules(ctx)
	if err != nil {
		return err
	}
	now := map[string]string{}
	for _, row := range rows {
		now[row.Process] = row.Every
		if p := published[row.Process]; row.Every != "" && (p == nil || p.Start.Every == "") {
			if err := tx.EndSchedule(ctx, row.Process, at); err != nil {
				return err
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(published)) {
		every := published[id].Start.Every
		if every == "" || every == now[id] {
			continue
		}
		if err := tx.SetSchedule(ctx, store.ScheduleRow{Process: id, Every: every, Since: at}); err != nil {
			return err
		}
	}
	return nil
}

// next is the first occurrence of a rhythm after a moment; false while nobody can say: there is no calendar.
func (s *scheduling) next(row store.ScheduleRow, after time.Time) (time.Time, bool) {
	rhythm, ok := process.ParseRhythm(row.Every)
	p := s.lib.Processes[row.Process]
	if !ok || p == nil {
		return time.Time{}, false
	}
	calendar, ok := s.lib.Calendar(p.Calendar)
	if !ok {
		return time.Time{}, false
	}
	return rhythm.Next(calendar, after), true
}

// BulkStarts is how many cases one call of [Engine.Occur] starts at most, for whoever throttles the calls.
const BulkStarts = 10

// maxMissed is for how many occurrences that have passed one stands at most.
const maxMissed = 100_000

// Occur carries out a piece of the occurrence of a process's rhythm that is due: each occurrence once, one case per record that its `for` holds for, none
// where a case is open still. What has been done stands in the database, so it may be called from anywhere, at any time, and again.
func (e *Engine) Occur(ctx context.Context, id string) (Beat, error) {
	var beat Beat
	var open *store.OccurrenceRow
	look := func() error {
		return e.db.Tx(ctx, func(tx *store.Tx) error {
			var err error
			beat, open, err = e.due(ctx, tx, id)
			return err
		})
	}
	if err := look(); err != nil || open == nil {
		return beat, err
	}
	through, err := e.goThrough(ctx, *open)
	if err != nil || !through {
		return Beat{More: true}, err
	}
	if err := look(); err != nil {
		return Beat{}, err
	}
	beat.More = open != nil
	return beat, nil
}

// due finds the occurrence that isn't through yet, or opens the one whose moment has come. The newest stands for all that have passed meanwhile: nobody is
// served by three cases at once because a machine was off for three days.
func (e *Engine) due(ctx context.Context, tx *store.Tx, id string) (Beat, *store.OccurrenceRow, error) {
	s, err := e.scheduling(ctx, tx)
	if err != nil {
		return Beat{}, nil, err
	}
	row, err := tx.LockSchedule(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && row.Every == "" {
		return Beat{Gone: true}, nil, nil
	}
	if err != nil {
		return Beat{}, nil, err
	}
	if open, err := tx.OpenOccurrence(ctx, id); !errors.Is(err, store.ErrNotFound) {
		return Beat{}, &open, err
	}
	at, ok := s.next(row, row.Since)
	if !ok {
		return Beat{}, nil, nil
	}
	if at.After(s.at) {
		real := s.present.RealOf(at)
		return Beat{WakeAt: &at, WakeReal: &real}, nil, nil
	}
	open := store.OccurrenceRow{Process: id, At: at, BeganAt: s.at}
	for ; open.Missed < maxMissed; open.Missed++ {
		later, _ := s.next(row, open.At)
		if later.After(s.at) {
			break
		}
		open.At = later
	}
	return Beat{}, &open, tx.Occurs(ctx, open)
}
