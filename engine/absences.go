package engine

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// away is who is away or has left and who stands in, as it stood at one count of changes. It never changes.
type away struct {
	count int64
	left  map[string]string          // who has left, and who is asked in their place
	of    map[string][]store.Absence // the newest first
}

// StandIn gives who stands in for somebody on a day in cases of a process.
func (w *away) StandIn(id, chain, day string) (string, bool) {
	if to, left := w.left[id]; left {
		return to, true
	}
	for _, a := range w.of[id] {
		if a.From <= day && (a.To == nil || day <= *a.To) && (len(a.Processes) == 0 || slices.Contains(a.Processes, chain)) {
			return str(a.StandIn), true
		}
	}
	return "", false
}

// absences keeps the newest list that was asked for. Every transaction reads the count of changes itself, so nothing is decided from an old one.
type absences struct {
	mu   sync.Mutex
	list *away
}

// absenceReader is a transaction, or the database where nothing is written.
type absenceReader interface {
	ComingAbsences(ctx context.Context, day string) ([]store.Absence, error)
	Leavers(ctx context.Context) ([]store.Leaver, error)
}

// whoIsAway gives the absences that count at a moment; nil when there are none.
func (e *Engine) whoIsAway(ctx context.Context, q absenceReader, p store.Present, lib *Library, at time.Time) (process.Absences, error) {
	e.absences.mu.Lock()
	known := e.absences.list
	e.absences.mu.Unlock()
	if known == nil || known.count != p.Absences {
		rows, err := q.ComingAbsences(ctx, dayOf(at, lib))
		if err != nil {
			return nil, err
		}
		left, err := q.Leavers(ctx)
		if err != nil {
			return nil, err
		}
		known = &away{count: p.Absences, left: map[string]string{}, of: map[string][]store.Absence{}}
		for _, l := range left {
			known.left[l.User] = l.To
		}
		for _, a := range rows {
			known.of[a.User] = append(known.of[a.User], a)
		}
		e.absences.mu.Lock()
		e.absences.list = known
		e.absences.mu.Unlock()
	}
	if len(known.of) == 0 && len(known.left) == 0 {
		return nil, nil
	}
	return known, nil
}

// dayOf is a moment's day in the company.
func dayOf(at time.Time, lib *Library) string { return at.In(zoneOf(lib)).Format(time.DateOnly) }

// SetAbsence notes that somebody is away, or notes it anew: an absence without an id is a new one. Refused are days that end before they begin, somebody who
// stands in for themselves or isn't there, and a circle of people who would stand in for each other.
func (e *Engine) SetAbsence(ctx context.Context, r Request, a store.Absence) (store.Absence, error) {
	answer, err := answered(ctx, e, r, func(req request) (store.Absence, error) {
		if err := req.tx.ChangingAbsences(ctx); err != nil {
			return a, err
		}
		if err := sound(ctx, req.tx, a); err != nil {
			return a, err
		}
		if a.ID == "" {
			a.ID, a.MadeBy = newID(req.real), r.Caller
		}
		if err := req.tx.SetAbsence(ctx, a); err != nil {
			return a, err
		}
		return a, req.keep(ctx, a)
	})
	if err == nil {
		err = e.BeginAbsences(ctx)
	}
	return answer, err
}

func sound(ctx context.Context, tx *store.Tx, a store.Absence) error {
	if _, err := time.Parse(time.DateOnly, a.From); err != nil {
		return absenceRefused("from", "日期应写成 2026-10-01", "a day is written as 2026-10-01")
	}
	if a.To != nil {
		if _, err := time.Parse(time.DateOnly, *a.To); err != nil {
			return absenceRefused("to", "日期应写成 2026-10-01", "a day is written as 2026-10-01")
		}
		if *a.To < a.From {
			return absenceRefused("to", "结束日期早于开始日期", "it ends before it begins")
		}
	}
	if a.StandIn == nil || a.Cancelled {
		return nil
	}
	dir := tx.Directory(ctx)
	standIn, there := dir.Person(*a.StandIn)
	if dir.Err() != nil {
		return dir.Err()
	}
	if !there || !standIn.Active {
		return absenceRefused("stand_in", "没有这个人，或已离职", "there is no such person, or they have left")
	}
	others, err := tx.ComingAbsences(ctx, a.From)
	if err == nil && circle(a, others) {
		return absenceRefused("stand_in", "代理关系成了一个圈：这段时间里没有人真正在", "the people who stand in would form a circle: nobody of them would be there")
	}
	return err
}

func absenceRefused(field, zh, en string) error {
	return fieldsRefused(process.CodeFieldInvalid, []process.FieldError{{Field: field, Message: process.Text{ZH: zh, EN: en}}})
}

// circle says whether following who stands in for whom, on days and in processes that the absences share, leads back to where it began.
func circle(a store.Absence, others []store.Absence) bool {
	seen := map[string]bool{a.ID: true}
	var leads func(link store.Absence) bool
	leads = func(link store.Absence) bool {
		if str(link.StandIn) == a.User {
			return true
		}
		for _, next := range others {
			if next.User == str(link.StandIn) && !seen[next.ID] && overlap(a, next) {
				seen[next.ID] = true
				if leads(next) {
					return true
				}
			}
		}
		return false
	}
	return leads(a)
}

// overlap says whether two absences share a day and a process.
func overlap(a, b store.Absence) bool {
	days := (a.To == nil || b.From <= *a.To) && (b.To == nil || a.From <= *b.To)
	chains := len(a.Processes) == 0 || len(b.Processes) == 0 || slices.ContainsFunc(a.Processes, func(id string) bool { return slices.Contains(b.Processes, id) })
	return days && chains
}

// absencesAtOnce bounds how many absences begin in one transaction.
const absencesAtOnce = 100

// BeginAbsences lets the cases that ask people whose absence has begun look again at who has their tasks. A worker does it again and again.
func (e *Engine) BeginAbsences(ctx context.Context) error {
	lib, err := e.Library(ctx)
	if err != nil {
		return err
	}
	now, err := e.Business(ctx, e.now())
	if err != nil {
		return err
	}
	for {
		o := occasions{ctx: ctx, e: e, lib: lib}
		begun := 0
		err := e.db.Tx(ctx, func(tx *store.Tx) error {
			o.request, o.list, o.rows = request{tx: tx, real: e.now()}, nil, nil
			users, err := tx.BeginAbsences(ctx, dayOf(now, lib), absencesAtOnce)
			if err != nil {
				return err
			}
			begun = len(users)
			for _, user := range users {
				if err := o.people(user); err != nil {
					return err
				}
			}
			return o.save()
		})
		if err != nil {
			return err
		}
		e.follow(ctx, o.list)
		if begun < absencesAtOnce {
			return nil
		}
	}
}

// AskAnew lets those of some cases look again at whom they ask in which a task is open to nobody any more: the last one of a role has lost it, a group was
// emptied, or only those are left who must not answer. However the directory has come to be so, no task stays with nobody.
func (e *Engine) AskAnew(ctx context.Context, cases []string) error {
	open, err := e.db.OpenToSets(ctx, cases)
	if err != nil {
		return err
	}
	lib, err := e.Library(ctx)
	if err != nil {
		return err
	}
	emptied, err := e.emptied(ctx, open)
	if err != nil || len(emptied) == 0 {
		return err
	}
	o := occasions{ctx: ctx, e: e, lib: lib}
	err = e.db.Tx(ctx, func(tx *store.Tx) error {
		o.request, o.list, o.rows = request{tx: tx, real: e.now()}, nil, nil
		for _, id := range emptied {
			o.lookAgain(id)
		}
		return o.save()
	})
	if err == nil {
		e.follow(ctx, o.list)
	}
	return err
}

// emptied are the cases in which a task is open to nobody, each once.
func (e *Engine) emptied(ctx context.Context, open []store.OpenTo) ([]string, error) {
	var asked []process.Principal
	for _, t := range open {
		asked = append(asked, principalsOf(t)...)
	}
	dir := e.db.Directory(ctx)
	dir.Load(nil, asked)
	var cases []string
	for _, t := range open {
		anyone := slices.ContainsFunc(principalsOf(t), func(p process.Principal) bool {
			return slices.ContainsFunc(dir.Members(p), func(id string) bool { return !slices.Contains(t.Excluded, id) })
		})
		if !anyone {
			cases = append(cases, t.Case)
		}
	}
	return slices.Compact(cases), dir.Err() // in order of the cases
}

func principalsOf(t store.OpenTo) []process.Principal {
	list := make([]process.Principal, len(t.Candidates))
	for i, p := range t.Candidates {
		list[i] = process.Principal(p)
	}
	return list
}

// people notes that the cases which ask somebody must look again at who has their tasks.
func (o *occasions) people(user string) error {
	cases, err := o.tx.CasesAsking(o.ctx, user)
	for _, id := range cases {
		o.lookAgain(id)
	}
	return err
}

// lookAgain notes that a case must look again at who has its tasks.
func (o *occasions) lookAgain(id string) {
	o.put(occasion{Case: id, People: true}, id+"/people/"+newID(o.real), 0)
}
