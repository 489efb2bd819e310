package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Library is what is published at one revision, compiled. It never changes.
type Library struct {
	Processes map[string]*process.Process
	Types     map[string]*process.RecordType
	Tables    map[string]*process.TableSpec
	Calendars map[string]*process.Calendar
	Rights    *process.Rights // nil: no document of rights is published

	company  *process.Calendar
	revision int64
	versions map[string]int // of processes, by digest

	mu     sync.Mutex
	pinned map[string]*process.Process // older versions that cases run by, by the digests of all they are made of
}

// Calendar finds a calendar by name; "" is the company's.
func (l *Library) Calendar(name string) (*process.Calendar, bool) {
	if name == "" {
		return l.company, l.company != nil
	}
	c, ok := l.Calendars[name]
	return c, ok
}

// Holidays gives the published holidays of a country's year, in the form that [process.ParseHolidays] reads.
type Holidays func(country string, year int) ([]byte, error)

// libraries keeps the newest library that was asked for. Every transaction reads the revision itself, so nothing is decided from an old one.
type libraries struct {
	mu  sync.Mutex
	lib *Library
}

// Library gives what is published now.
func (e *Engine) Library(ctx context.Context) (*Library, error) {
	p, err := e.db.Present(ctx)
	if err != nil {
		return nil, err
	}
	return e.current(ctx, e.db, p.Revision)
}

// LibraryAt gives what is published at a revision that was read, or at a later one.
func (e *Engine) LibraryAt(ctx context.Context, revision int64) (*Library, error) {
	return e.current(ctx, e.db, revision)
}

// definitions is what compiling reads.
type definitions interface {
	CurrentDefinitions(ctx context.Context) ([]store.DefinitionRow, int64, error)
	ProcessDefinition(ctx context.Context, digest string) (store.DefinitionRow, error)
	TableDefinitions(ctx context.Context, tables store.Pins) ([]store.DefinitionRow, error)
}

// current gives the library of at least a revision.
func (e *Engine) current(ctx context.Context, q definitions, revision int64) (*Library, error) {
	e.library.mu.Lock()
	defer e.library.mu.Unlock()
	if l := e.library.lib; l != nil && l.revision >= revision {
		return l, nil
	}
	rows, revision, err := q.CurrentDefinitions(ctx)
	if err != nil {
		return nil, err
	}
	lib, problems := e.compile(rows)
	for _, p := range problems {
		if !p.Warning {
			logger().Error("a published definition isn't understood by this software", "problem", p.String("en"))
		}
	}
	lib.revision = revision
	e.library.lib = lib
	return lib, nil
}

// compile loads definitions together.
func (e *Engine) compile(rows []store.DefinitionRow) (*Library, []process.Problem) {
	var files []process.File
	for _, r := range rows {
		files = append(files, process.File{Path: r.Path, Content: r.Source})
	}
	loaded, problems := process.Load(files, nil, nil)
	lib := &Library{Processes: loaded.Processes, Types: loaded.Types, Tables: loaded.Tables, Calendars: map[string]*process.Calendar{}, versions: map[string]int{}, pinned: map[string]*process.Process{}}
	lib.Rights = rightsOf(rows, loaded, problems)
	versions := map[string]int{}
	for _, r := range rows {
		versions[r.Kind+":"+r.ID] = r.Version
		if r.Kind == kindProcess {
			lib.versions[r.Digest] = r.Version
		}
	}
	for _, name := range slices.Sorted(maps.Keys(loaded.Calendars)) {
		c, err := e.calendar(*loaded.Calendars[name], versions["calendar:"+name])
		if err != nil {
			logger().Error("a published calendar can't be used", "calendar", name, "error", err)
			continue
		}
		lib.Calendars[name] = c
	}
	lib.company = e.companyCalendar(lib.Calendars, rows)
	return lib, problems
}

// rightsOf gives the published document of rights. Of one that this software doesn't understand – a newer one has published it – nothing is known, so it gives
// nobody anything.
func rightsOf(rows []store.DefinitionRow, loaded *process.Library, problems []process.Problem) *process.Rights {
	i := slices.IndexFunc(rows, func(r store.DefinitionRow) bool { return r.Kind == kindRights })
	if i < 0 {
		return nil
	}
	wrong := slices.ContainsFunc(problems, func(p process.Problem) bool { return !p.Warning && p.File == rows[i].Path })
	if wrong || loaded.Rights == nil {
		return process.NoRights()
	}
	return loaded.Rights
}

// companyCalendar is the one that is named so, else the one that was published first; of several at once the first by name. So a calendar that somebody adds
// for one team changes nobody else's limits.
func (e *Engine) companyCalendar(list map[string]*process.Calendar, rows []store.DefinitionRow) *process.Calendar {
	if c, ok := list[e.calendarName]; ok {
		return c
	}
	var company *process.Calendar
	var since time.Time
	for _, r := range rows { // by name
		c, usable := list[r.ID]
		if r.Kind == kindCalendar && usable && (company == nil || r.FirstAt.Before(since)) {
			company, since = c, r.FirstAt
		}
	}
	return company
}

// calendar builds a calendar with the holidays it names. A year that isn't published leaves its days to the weekly pattern.
func (e *Engine) calendar(spec process.CalendarSpec, version int) (*process.Calendar, error) {
	holidays, err := e.holidaysOf(spec)
	if err != nil {
		return nil, err
	}
	c, wrong := process.NewCalendar(spec, holidays)
	if len(wrong) > 0 {
		return nil, wrong[0]
	}
	return c.WithVersion(version), nil
}

func (e *Engine) holidaysOf(spec process.CalendarSpec) ([]process.Holiday, error) {
	var all []process.Holiday
	if spec.Holidays.From == "" {
		return nil, nil
	}
	for _, year := range spec.Holidays.Years {
		data, err := e.holidays(spec.Holidays.From, year)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("holidays of %s %d: %w", spec.Holidays.From, year, err)
		}
		days, err := process.ParseHolidays(data)
		if err != nil {
			return nil, err
		}
		all = append(all, days...)
	}
	return all, nil
}

// lostError says that a case's definition can't be had any more.
type lostError struct{ reason process.Text }

func (l *lostError) Error() string { return "engine: " + l.reason.EN }

// maxPinned bounds the older versions kept compiled.
const maxPinned = 200

// pinned gives the version of a process that a case runs by; of one that revokes another case, the chain that follows from that one's version. A definition that is gone, or that this software doesn't understand, is a [*lostError].
func (e *Engine) pinned(ctx context.Context, q definitions, lib *Library, c store.CaseRow) (*process.Process, error) {
	p, err := e.version(ctx, q, lib, store.RunningVersion{Process: c.Process, Digest: c.Digest, Tables: c.Tables})
	if err != nil || c.Revokes == nil {
		return p, err
	}
	if p = p.Revocation(); p == nil {
		return nil, lost("流程定义里没有 `revoke`", "the definition of the process has no `revoke`")
	}
	return p, nil
}

// version gives a version of a process, bound to the decision tables that were its own then.
func (e *Engine) version(ctx context.Context, q definitions, lib *Library, v store.RunningVersion) (*process.Process, error) {
	if p := lib.Processes[v.Process]; p != nil && p.Digest == v.Digest && maps.Equal(pinsOf(p), v.Tables.V) {
		return p, nil
	}
	lib.mu.Lock()
	defer lib.mu.Unlock()
	key := fmt.Sprint(v.Digest, v.Tables.V) // maps are printed in the order of their keys
	if p := lib.pinned[key]; p != nil {
		return p, nil
	}
	row, err := q.ProcessDefinition(ctx, v.Digest)
	if errors.Is(err, store.ErrNotFound) {
		return nil, lost("流程定义已不存在："+v.Digest, "the definition of the process is gone: "+v.Digest)
	}
	if err != nil {
		return nil, err
	}
	var tables []store.DefinitionRow
	if len(v.Tables.V) > 0 {
		if tables, err = q.TableDefinitions(ctx, v.Tables.V); err != nil {
			return nil, err
		}
	}
	p, err := compileOld(row, tables, lib)
	if err != nil {
		return nil, err
	}
	if len(lib.pinned) >= maxPinned {
		clear(lib.pinned)
	}
	lib.pinned[key] = p
	return p, nil
}

// pinsOf are the published tables that a process asks, as a case is pinned to them.
func pinsOf(p *process.Process) store.Pins {
	pins := store.Pins{}
	for id, t := range p.Tables {
		if t.Source != "" { // else it stands in its step
			pins[id] = t.Digest
		}
	}
	return pins
}

// compileOld loads an older version of a process with the tables it had, against the record types of today, which have only been added to, and the
// processes of today, since a call starts the version of the day.
func compileOld(row store.DefinitionRow, tables []store.DefinitionRow, lib *Library) (*process.Process, error) {
	base := process.NewLibrary()
	base.Types, base.Tables, base.Processes, base.Past = lib.Types, lib.Tables, lib.Processes, true
	files := []process.File{{Path: row.Path, Content: row.Source}}
	for _, t := range tables {
		files = append(files, process.File{Path: t.Path, Content: t.Source})
	}
	loaded, problems := process.Load(files, base, nil)
	for _, p := range problems {
		if !p.Warning {
			return nil, lost("流程定义无法读取："+p.String("zh"), "the definition of the process can't be read: "+p.String("en"))
		}
	}
	p := loaded.Processes[row.ID]
	if p == nil {
		return nil, lost("流程定义中没有 "+row.ID, "the definition doesn't hold "+row.ID)
	}
	return p, nil
}

func lost(zh, en string) *lostError { return &lostError{process.Text{ZH: zh, EN: en}} }

// unknownProcess stands in for a definition that is lost, so that its case can be shown and held.
func unknownProcess(c store.CaseRow, lib *Library) *process.Process {
	p := &process.Process{ID: c.Process, Title: process.Same(c.Process), Record: c.RecordType, Type: &process.RecordType{ID: c.RecordType}, Steps: &process.List{}}
	if lib != nil && lib.Types[c.RecordType] != nil {
		p.Type = lib.Types[c.RecordType]
	}
	return p
}

// isLost says whether a process stands in for a definition that is lost.
func isLost(p *process.Process) bool { return len(p.Steps.Steps) == 0 }

// zoneOf is the company's time zone.
func zoneOf(c process.Calendars) *time.Location {
	if company, ok := c.Calendar(""); ok {
		return company.Location()
	}
	return time.UTC
}

// Process gives the compiled form of one version of a process, of any that was ever published. [store.ErrNotFound]: none has this digest.
func (e *Engine) Process(ctx context.Context, digest string) (*process.Process, error) {
	row, err := e.db.ProcessDefinition(ctx, digest)
	if err != nil {
		return nil, err
	}
	lib, err := e.Library(ctx)
	if err != nil {
		return nil, err
	}
	if p := lib.Processes[row.ID]; p != nil && p.Digest == digest {
		return p, nil
	}
	return e.version(ctx, e.db, lib, store.RunningVersion{Process: row.ID, Digest: digest})
}
