package story

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// life is one case and what its people are like.
type life struct {
	id, initiator string
	owner         string // of its record
	record        process.Reference
	rnd           *rand.Rand
	pace          float64                             // below 1: everything goes faster, so that it is over by now
	habit         func(*life, engine.OpenView) []move // what whoever has a task does; nil: only what is on the agenda
	seen          map[string]bool                     // tasks, by holder, that somebody has made up their mind about
	count         map[string]int                      // how often something has happened to it
	open          []engine.OpenView
	wake          time.Time
	over          bool
	departments   []string // responsible for a complaint
}

// move is one thing somebody does about a task, so long after the thing before.
type move struct {
	after    time.Duration // working time
	by       string        // empty: one of those who have the task
	act      engine.ActCommand
	withdraw bool // instead of act: the initiator gives the case up
}

// newLife is the life of a case that begins on the n-th working day before today's, if it usually takes so many working days.
func (w *world) newLife(begins, takes int) *life {
	l := &life{rnd: rand.New(rand.NewPCG(seed, uint64(len(w.all)+1))), pace: min(1, float64(begins-2)/float64(takes)), seen: map[string]bool{}, count: map[string]int{}}
	w.all = append(w.all, l)
	return l
}

// chance is so many times in a hundred.
func (l *life) chance(percent int) bool { return l.rnd.IntN(100) < percent }

func (l *life) one(list []string) string { return list[l.rnd.IntN(len(list))] }

// minutes of working time between two numbers, at the life's pace.
func (l *life) minutes(from, to int) time.Duration {
	return time.Duration(l.pace*float64(from+l.rnd.IntN(to-from+1))) * time.Minute
}

const workday = 480 // minutes

// within is when somebody does a task that has so many working days: mostly in good time, sometimes late, now and then so late that it is handed up.
func (l *life) within(days int) time.Duration {
	switch r := l.rnd.IntN(100); {
	case r < 85:
		return l.minutes(20, max(60, days*workday*9/10))
	case r < 95:
		return time.Duration((days+1)*workday+l.rnd.IntN(360)) * time.Minute
	}
	return time.Duration((days+2)*workday+l.rnd.IntN(workday)) * time.Minute
}

// first says whether something happens for the first time in this life, with a chance.
func (l *life) first(what string, percent int) bool {
	if l.count[what] > 0 || !l.chance(percent) {
		return false
	}
	l.count[what]++
	return true
}

// settle looks at every case that something happened to: what ended is over, and whoever has something new to do makes up their mind.
func (w *world) settle() error {
	heard := w.heard
	w.heard = nil
	defer func() { w.answer = engine.Answer{} }()
	for _, s := range heard {
		l := w.lives[s.CaseID]
		if l == nil {
			if w.born == nil {
				return fmt.Errorf("story: nobody expected the case %s", s.Workflow)
			}
			l, w.born = w.born, nil
			w.lives[s.CaseID], l.id = l, s.CaseID
		}
		if s.Ended {
			w.arrived = append(w.arrived, store.Arrived{Key: s.CaseID, Seq: s.Seq})
		}
		view, err := w.look(s.CaseID)
		if err != nil {
			return err
		}
		w.goesOn(l, view, s.WakeAt)
	}
	return nil
}

// look gives a case as it stands: somebody has just acted on it and was answered, or it is read.
func (w *world) look(id string) (engine.CaseView, error) {
	if w.answer.Case.ID == id {
		return w.answer.Case, nil
	}
	both, err := w.db.CaseWithRecord(w.ctx, id)
	if err != nil {
		return engine.CaseView{}, err
	}
	return w.viewer.Case(both.Case, both.Record)
}

// goesOn puts down what will happen to a case next: its next moment, and what whoever has it will do.
func (w *world) goesOn(l *life, view engine.CaseView, wake *time.Time) {
	l.open, l.over, l.initiator, l.record = view.Open, view.Status == process.Ended, view.Initiator, view.Record
	if wake != nil && !wake.Equal(l.wake) {
		at := *wake
		l.wake = at
		w.agenda.add(at, func() error { return w.tick(l, at) })
	}
	for _, o := range l.open {
		if l.habit == nil || l.seen[hold(o)] || len(o.Who) == 0 {
			continue
		}
		l.seen[hold(o)] = true
		w.follow(l, o, l.habit(l, o))
	}
}

// hold is a task with whoever has it.
func hold(o engine.OpenView) string { return o.Task + "|" + strings.Join(o.Who, ",") }

// tick lets a moment of a case come, if it is still its next one.
func (w *world) tick(l *life, at time.Time) error {
	if l.over || !l.wake.Equal(at) {
		return nil
	}
	wake, err := w.engine.Tick(w.ctx, l.id)
	if err != nil {
		return err
	}
	l.wake = time.Time{}
	if wake.Ended {
		w.arrived = append(w.arrived, store.Arrived{Key: l.id, Seq: wake.Seq})
	}
	view, err := w.look(l.id)
	if err == nil {
		w.goesOn(l, view, wake.WakeAt)
	}
	return err
}

// follow puts the first of the moves down, and the others behind it; they are dropped once the task isn't with the same people any more.
func (w *world) follow(l *life, o engine.OpenView, moves []move) {
	if len(moves) == 0 {
		return
	}
	m := moves[0]
	w.agenda.add(w.calendar.Add(w.now, m.after), func() error {
		if !l.has(o) {
			return nil
		}
		if m.by == "" {
			m.by = o.Who[l.rnd.IntN(len(o.Who))]
		}
		m.act.Task = o.Task
		done, err := w.do(l, m)
		if done {
			w.follow(l, o, moves[1:])
		}
		return err
	})
}

func (l *life) has(o engine.OpenView) bool {
	for _, is := range l.open {
		if hold(is) == hold(o) {
			return !l.over
		}
	}
	return false
}

// do carries a move out. One that is refused is not done, and noted: the case then goes on by its limits.
func (w *world) do(l *life, m move) (bool, error) {
	if err := w.upload(m); err != nil {
		return false, err
	}
	var err error
	if m.withdraw {
		w.answer, err = w.engine.ActOnCase(w.ctx, engine.Request{Caller: l.initiator}, engine.CaseCommand{Case: l.id, Act: process.EventWithdraw, Comment: m.act.Comment})
	} else {
		w.answer, err = w.engine.Act(w.ctx, engine.Request{Caller: m.by}, m.act)
	}
	if r, ok := errors.AsType[*process.Refusal](err); ok {
		w.refused = append(w.refused, fmt.Sprintf("%s: %s %s by %s: %s", w.local(w.now).Format(time.DateTime), l.open, m.act.Act, m.by, r.Message.EN))
		return false, nil
	}
	return err == nil, err
}

// start begins a case by a button.
func (w *world) start(l *life, by string, c engine.StartCommand) error {
	w.born = l
	var err error
	w.answer, err = w.engine.Start(w.ctx, engine.Request{Caller: by}, c)
	return err
}
