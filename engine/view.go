package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Viewer turns rows into what people see. It is made for one page or one answer: it takes the business time once and remembers whom it has looked up.
// After using it, ask [Viewer.Err].
type Viewer struct {
	Now       time.Time // business time
	Scale     float64
	Directory *store.Directory

	ctx     context.Context // of the one page that it is for
	e       *Engine
	present store.Present
	lib     *Library
	user    string // who looks; "": nobody, to whom nothing is offered
	admin   bool
	urges   map[string][]store.UrgeRow // by case: see [Viewer.Urges]

	revoking map[string]bool // cases that are being revoked, see [Viewer.Revocations]; nil: nobody looked
}

// Viewer makes a viewer of the present.
func (e *Engine) Viewer(ctx context.Context) (*Viewer, error) {
	p, err := e.db.Present(ctx)
	if err != nil {
		return nil, err
	}
	lib, err := e.current(ctx, e.db, p.Revision)
	if err != nil {
		return nil, err
	}
	return &Viewer{Now: p.At(e.now()), Scale: p.Speed(), Directory: e.db.Directory(ctx), ctx: ctx, e: e, present: p, lib: lib}, nil
}

// Err is the first error of whatever the viewer looked up; what it showed since is not to be used.
func (v *Viewer) Err() error { return v.Directory.Err() }

// Case shows a case.
func (v *Viewer) Case(c store.CaseRow, r store.RecordRow) (CaseView, error) {
	cv, err := v.of(c, r)
	if err != nil {
		return CaseView{}, err
	}
	return cv.caseView(), v.Err()
}

// Task shows a task whole: with its form and the digest of what the form shows, but without what [Viewer.Supply] adds.
func (v *Viewer) Task(t store.TaskRow, c store.CaseRow, r store.RecordRow) (TaskView, error) {
	cv, err := v.of(c, r)
	if err != nil {
		return TaskView{}, err
	}
	view := cv.task(t)
	view.Brief = cv.brief()
	return view, v.Err()
}

// TaskRow shows a task as a row of a list: without its form and digest.
func (v *Viewer) TaskRow(t store.TaskRow, c store.CaseRow, r store.RecordRow) (TaskView, error) {
	cv, err := v.of(c, r)
	if err != nil {
		return TaskView{}, err
	}
	view := cv.taskRow(t)
	view.Brief = cv.brief()
	return view, v.Err()
}

// Record shows a record.
func (v *Viewer) Record(r store.RecordRow) (RecordView, error) {
	typ := v.lib.Types[r.Type]
	if typ == nil {
		return RecordView{}, fmt.Errorf("engine: record type %s is not published", r.Type)
	}
	return recordView(typ, r)
}

// Today is the company's day: "2026-10-01".
func (v *Viewer) Today() string { return dayOf(v.Now, v.lib) }

// Library is what is published now.
func (v *Viewer) Library() *Library { return v.lib }

// Location is the company's time zone.
func (v *Viewer) Location() *time.Location { return zoneOf(v.lib) }

func (v *Viewer) of(c store.CaseRow, r store.RecordRow) (caseViewer, error) {
	st, err := decodeState(c.State)
	if err != nil {
		return caseViewer{}, err
	}
	p, err := v.process(c)
	if err != nil {
		return caseViewer{}, err
	}
	rec, err := restoreRecord(p.Type, r)
	if err != nil {
		return caseViewer{}, err
	}
	return caseViewer{p: p, row: c, st: st, record: rec, dir: v.Directory, now: v.Now, cals: v.lib, published: v.lib, user: v.user, admin: v.admin, urges: v.urges[c.ID],
		unrevoked: v.revoking != nil && !v.revoking[c.ID]}, nil
}

// process is the version that a case runs by, or what stands in for one that is lost.
func (v *Viewer) process(c store.CaseRow) (*process.Process, error) {
	p, err := v.e.pinned(v.ctx, v.e.db, v.lib, c)
	if errors.As(err, new(*lostError)) {
		return unknownProcess(c, v.lib), nil
	}
	return p, err
}

// caseViewer shows one case and its tasks.
type caseViewer struct {
	p      *process.Process
	row    store.CaseRow
	st     process.State
	record process.Record
	dir    process.Directory
	cals   process.Calendars

	published *Library // what is published now; nil: nobody looked

	now   time.Time
	user  string // who looks, so that what is offered is theirs
	admin bool
	urges []store.UrgeRow // of the case, the latest first; nil: nobody has read them

	unrevoked bool // nobody has asked for it to be revoked; false: or nobody has looked
}

// view shows the case as the event leaves it.
func (a *advance) view(row store.CaseRow, st process.State) caseViewer {
	return caseViewer{p: a.in.Process, row: row, st: st, record: a.in.Record, dir: a.dir, cals: a.in.Calendars, published: a.lib, now: a.at, user: a.Caller, admin: a.Admin}
}

func (v caseViewer) reference() process.Reference {
	return process.Reference{Type: v.record.Type, ID: v.record.ID, Title: titleOf(v.p.Type, v.record)}
}

func (v caseViewer) caseView() CaseView {
	view := CaseView{
		ID: v.row.ID, Number: v.row.Number, Subject: v.row.Subject, Shows: v.shows(), Process: v.row.Process, Title: v.p.Title, Version: v.row.Version,
		Record: v.reference(), Initiator: v.row.Initiator, Status: v.row.Status, Outcome: str(v.row.Outcome),
		StartedAt: v.row.StartedAt, EndedAt: v.row.EndedAt, Steps: v.st.Steps, Open: v.open(), Waits: v.waits(), Clocks: v.clocks(),
	}
	view.Actions, view.Admin = v.caseActions()
	view.Beside = v.besideActions()
	if v.row.Held != nil {
		view.Held = &v.row.Held.V
	}
	if view.Steps == nil {
		view.Steps = []process.StepRun{}
	}
	return view
}

// open are the tasks that wait for somebody; of a case on hold, the administrator's.
func (v caseViewer) open() []OpenView {
	open := []OpenView{}
	if h := v.st.Held; h != nil {
		open = append(open, OpenView{Task: h.Task, Step: h.Step, Title: heldTitle, Who: v.members([]process.Principal{process.Administrators}, nil)})
	}
	for _, o := range v.st.Open {
		for _, s := range o.Seats {
			if s.Vote == nil && len(v.st.WaitsFor(s.Task)) == 0 { // who waits for an opinion has it again when that is in
				open = append(open, OpenView{Task: s.Task, Step: o.Step, Item: o.Item, Title: v.titleOfStep(o.Step), Who: v.who(o, s), DueAt: s.Due})
			}
		}
	}
	return open
}

// waits are the open steps for which nobody has a task. A stage waits for its own steps, and they stand for themselves.
func (v caseViewer) waits() []WaitView {
	var waits []WaitView
	for _, o := range v.st.Open {
		s := v.p.Step(o.Step)
		if s == nil || len(o.Seats) > 0 || len(o.Turn) > 0 {
			continue
		}
		if _, stage := s.Do.(process.Stage); !stage {
			waits = append(waits, WaitView{Step: o.Step, Item: o.Item, Title: s.Title, DueAt: o.Due})
		}
	}
	return waits
}

func (v caseViewer) titleOfStep(id string) process.Text {
	if s := v.p.Step(id); s != nil {
		return s.Title
	}
	return process.Same(id)
}

// who has a seat's task: its assignee, or all who may fill it.
func (v caseViewer) who(o process.Open, s process.Seat) []string {
	kept := s.Excluded
	switch {
	case s.Assignee != "":
		return []string{s.Assignee}
	case len(o.Seats)+len(o.Turn) > 1:
		kept = process.Kept(process.Input{Process: v.p, State: v.st, Record: v.record, Directory: v.dir, Calendars: v.cals}, s.Task)
	}
	return v.members(s.Candidates, kept)
}

func (v caseViewer) members(candidates []process.Principal, excluded []string) []string {
	ids := []string{}
	for _, c := range candidates {
		ids = append(ids, v.dir.Members(c)...)
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return slices.Contains(excluded, id) })
}

// maxHolders bounds the holders' ids on Temporal's page, which is a summary and no list.
const maxHolders = 20

// holders are the ids of all who have an open task of the case.
func (v caseViewer) holders() []string {
	ids := []string{}
	for _, o := range v.open() {
		ids = append(ids, o.Who...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(len(ids), maxHolders)]
}

// taskRow shows a task without its form.
func (v caseViewer) taskRow(t store.TaskRow) TaskView {
	view := TaskView{
		ID: t.ID, Case: t.CaseID, Number: v.row.Number, Subject: v.row.Subject, Shows: v.shows(), Summary: v.summary(), Process: v.row.Process, Of: v.p.Title,
		Step: t.Step, Item: str(t.Item), Round: t.Round, Kind: t.Kind, Title: t.Title.V, Record: v.reference(), Status: t.Status,
		Assignee: str(t.Assignee), Candidates: []string{}, Why: t.Why.V, OpenedAt: t.OpenedAt, DueAt: t.DueAt, DueBecause: v.dueBecause(t),
		Overdue: v.overdue(t), Form: []FormField{}, Outcomes: []string{},
		Outcome: str(t.Outcome), DecidedBy: str(t.DecidedBy), DecidedAt: t.DecidedAt, Comment: str(t.Comment), Actions: []string{},
	}
	if t.Status == store.TaskOpen {
		view.Candidates = v.candidates(t)
		if t.Kind != store.KindCopy {
			view.Outcomes = v.outcomes(t)
		}
	}
	view.Actions = v.offered(t)
	if s := v.p.Step(t.Step); s != nil {
		view.Hides = s.Form.Hide
		if t.Kind != store.KindCopy {
			view.Signed, view.ByItself = s.Form.Signature, s.Form.NoBulk
		}
	}
	return view
}

func (v caseViewer) candidates(t store.TaskRow) []string {
	list := make([]process.Principal, len(t.Candidates))
	for i, c := range t.Candidates {
		list[i] = process.Principal(c)
	}
	return v.members(list, t.Excluded)
}

func (v caseViewer) summary() process.Fields {
	out := process.Fields{}
	for _, name := range v.p.Summary {
		if value, ok := v.record.Fields[name]; ok {
			out[name] = value
		}
	}
	return out
}

// task shows a task with its form. A closed task shows the present content too; what was decided on stands in its digest.
func (v caseViewer) task(t store.TaskRow) TaskView {
	view := v.taskRow(t)
	s := v.p.Step(t.Step)
	if s == nil || t.Kind == "held" {
		return view
	}
	view.Form = v.form(s, str(t.Item), t.Status == store.TaskOpen && t.Kind != store.KindCopy)
	view.Seen = v.p.Seen(s, str(t.Item), v.record.Fields)
	return view
}

// form are the fields a step shows and edits, in the order of the record type, then the columns of an item's line.
func (v caseViewer) form(s *process.Step, item string, open bool) []FormField {
	form := []FormField{}
	edits := v.edits(s)
	field := func(f process.Field) {
		i := slices.IndexFunc(edits, func(e process.Edit) bool { return e.Field == f.Name })
		shown := s.Form.Show == nil || slices.Contains(s.Form.Show, f.Name)
		if slices.Contains(s.Form.Hide, f.Name) || !shown && i < 0 {
			return
		}
		one := FormField{Field: f.Name, Title: f.Title, Type: f.Type, Of: f.Of, Access: "read", Value: v.p.FormValue(s, item, f.Name, v.record.Fields), Declared: &f}
		if i >= 0 && open {
			one.Access, one.Required = "edit", edits[i].Required
		}
		form = append(form, one)
	}
	for _, f := range v.p.Type.Fields {
		if v.p.FormField(s, f.Name) == v.p.Type.Field(f.Name) { // else a column of the item's line goes by its name here
			field(f)
		}
	}
	of := len(form)
	for _, name := range columns(v.p, s, edits) {
		field(*v.p.FormField(s, name))
	}
	for i := of; i < len(form); i++ {
		form[i].Within = v.p.LinesOf(s, form[i].Field)
	}
	return form
}

// edits are the fields that may be filled in at a step: those of its form, and what one of its outcomes requires.
func (v caseViewer) edits(s *process.Step) []process.Edit {
	edits := slices.Clone(s.Form.Edit)
	for _, outcome := range slices.Sorted(maps.Keys(s.Ways)) {
		way := s.Ways[outcome]
		if way == nil {
			continue
		}
		for _, name := range way.Require {
			if !slices.ContainsFunc(edits, func(e process.Edit) bool { return e.Field == name }) {
				edits = append(edits, process.Edit{Field: name})
			}
		}
	}
	return edits
}

// columns are the columns of an item's line that a step names.
func columns(p *process.Process, s *process.Step, edits []process.Edit) []string {
	var names []string
	add := func(name string) {
		f := p.FormField(s, name)
		if f != nil && f != p.Type.Field(name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, e := range edits {
		add(e.Field)
	}
	for _, name := range s.Form.Show {
		add(name)
	}
	return names
}

// outcomes are what `complete` may be given.
func (v caseViewer) outcomes(t store.TaskRow) []string {
	s := v.p.Step(t.Step)
	out := []string{}
	if s == nil {
		return out
	}
	if _, work := s.Do.(process.Work); !work {
		return out
	}
	for name, way := range s.Ways {
		if way != nil {
			out = append(out, name)
		}
	}
	if len(out) == 0 {
		out = append(out, process.Done)
	}
	slices.Sort(out)
	return out
}

// seat finds the seat of a task in an open step; nil when it is open no more.
func (v caseViewer) seat(task string) *process.Seat {
	for i := range v.st.Open {
		for j := range v.st.Open[i].Seats {
			if s := &v.st.Open[i].Seats[j]; s.Task == task {
				return s
			}
		}
	}
	return nil
}

// clocks are the case's clocks that have begun.
func (v caseViewer) clocks() []ClockView {
	out := []ClockView{}
	for _, run := range v.st.Clocks {
		view := ClockView{ID: run.ID, Title: process.Same(run.ID), Target: run.Due, Status: "running"}
		for _, c := range v.p.Clocks {
			if c.ID == run.ID {
				view.Title = c.Title
			}
		}
		switch {
		case run.Done:
			view.Status = "done"
		case run.Stop != nil || v.st.Status == process.Suspended:
			view.Status, view.Target = "stopped", nil
		}
		if c, ok := v.cals.Calendar(run.Calendar); ok {
			view.Used = run.UsedMinutes(c, v.now)
		}
		out = append(out, view)
	}
	return out
}

// overdue says whether a task is late: an open one by now, a closed one by when it was closed.
func (v caseViewer) overdue(t store.TaskRow) bool {
	if t.DueAt == nil {
		return false
	}
	if t.DecidedAt != nil {
		return t.DecidedAt.After(*t.DueAt)
	}
	if seat := v.seat(t.ID); v.st.Status == process.Suspended || seat != nil && seat.Stop != nil {
		return false // its clock stands still
	}
	return v.now.After(*t.DueAt)
}
