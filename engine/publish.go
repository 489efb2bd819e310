package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Kinds of definitions.
const (
	kindProcess  = "process"
	kindRecord   = "record"
	kindCalendar = "calendar"
	kindRights   = "rights"
)

// Publish makes definitions the ones that new cases take, all or none. They are loaded together with everything published before, so that nothing that
// stands is broken by what comes. Content that is the same as a published version is that version. With problems of which [process.Failed] says that they
// stop it, nothing is published and the error is nil; warnings are given beside what was published.
func (e *Engine) Publish(ctx context.Context, r Request, files []process.File) ([]Published, []process.Problem, error) {
	var problems []process.Problem
	list, err := answered(ctx, e, r, func(req request) ([]Published, error) {
		p := &publication{request: req, ctx: ctx, e: e, files: files}
		list, err := p.run()
		problems = p.problems
		return list, err
	})
	if errors.Is(err, errNotPublished) {
		return nil, problems, nil
	}
	return list, problems, err
}

// errNotPublished rolls back a publication that has problems.
var errNotPublished = errors.New("engine: not published")

// publication is one publishing, inside its transaction.
type publication struct {
	request
	ctx      context.Context
	e        *Engine
	files    []process.File
	now      *Library              // what is published
	rows     []store.DefinitionRow // what will be current
	new      []store.DefinitionRow // of these, what the files hold
	next     *Library
	at       time.Time // business time
	problems []process.Problem
}

func (p *publication) run() ([]Published, error) {
	for _, step := range []func() error{p.lock, p.read, p.load, p.understood, p.additions, p.save, p.views, p.schedules} {
		if err := step(); err != nil {
			return nil, err
		}
		if process.Failed(p.problems) {
			return nil, errNotPublished
		}
	}
	list := make([]Published, len(p.new))
	for i, d := range p.new {
		list[i] = Published{Kind: d.Kind, ID: d.ID, Version: d.Version, Digest: d.Digest}
	}
	return list, p.keep(p.ctx, list)
}

func (p *publication) lock() error { return p.tx.LockLibrary(p.ctx) }

// read finds what is published and gives every document of the files its version.
func (p *publication) read() error {
	present, err := p.tx.Present(p.ctx)
	if err != nil {
		return err
	}
	if p.now, err = p.e.current(p.ctx, p.tx, present.Revision); err != nil {
		return err
	}
	if p.rows, _, err = p.tx.CurrentDefinitions(p.ctx); err != nil {
		return err
	}
	p.at = present.At(p.real)
	for _, f := range p.files {
		loaded, _ := process.Load([]process.File{f}, nil, nil) // its problems are found when all are loaded together
		for _, d := range loaded.Documents {
			p.new = append(p.new, store.DefinitionRow{Kind: d.Kind, ID: d.ID, Digest: d.Digest, Path: f.Path, Source: d.Source, PublishedBy: opt(p.Caller), PublishedAt: p.at})
		}
	}
	return p.number()
}

// number gives each document the version that has its content, or the next one.
func (p *publication) number() error {
	var ids []string
	for _, d := range p.new {
		ids = append(ids, d.ID)
	}
	versions, err := p.tx.DefinitionVersions(p.ctx, ids)
	if err != nil {
		return err
	}
	for i := range p.new {
		d := &p.new[i]
		d.Version = 1
		for _, v := range versions {
			if v.Kind != d.Kind || v.ID != d.ID {
				continue
			}
			if v.Digest == d.Digest {
				d.Version = v.Version
				break
			}
			d.Version = v.Version + 1 // they come in order
		}
		p.place(*d)
	}
	return nil
}

// place puts a document among what will be current.
func (p *publication) place(d store.DefinitionRow) {
	i := slices.IndexFunc(p.rows, func(o store.DefinitionRow) bool { return o.Kind == d.Kind && o.ID == d.ID })
	if i < 0 {
		p.rows = append(p.rows, d)
		return
	}
	p.rows[i] = d
}

// load loads everything that will be current. The files are loaded as they were sent, so that problems stand at their places.
func (p *publication) load() error {
	names, err := p.tx.Names(p.ctx)
	if err != nil {
		return err
	}
	all := slices.Clone(p.files)
	for _, d := range p.rows {
		if !slices.ContainsFunc(p.new, func(n store.DefinitionRow) bool { return n.Kind == d.Kind && n.ID == d.ID }) {
			all = append(all, process.File{Path: d.Path, Content: d.Source})
		}
	}
	loaded, problems := process.Load(all, nil, names)
	for _, problem := range problems {
		if !problem.Warning || slices.ContainsFunc(p.files, func(f process.File) bool { return f.Path == problem.File }) {
			p.problems = append(p.problems, problem)
		}
	}
	for _, spec := range loaded.Calendars {
		if _, err := p.e.holidaysOf(*spec); err != nil {
			p.object(kindCalendar, spec.Name, "没有这些年份的节假日数据："+err.Error(), err.Error())
		}
	}
	p.next = &Library{Processes: loaded.Processes, Types: loaded.Types}
	p.problems = append(p.problems, p.unknownSystems(loaded)...)
	return nil
}

// object adds a problem of a whole document.
func (p *publication) object(kind, id, zh, en string) {
	at := process.Position{Line: 1, Column: 1}
	for _, d := range p.new {
		if d.Kind == kind && d.ID == id {
			at.File = d.Path
		}
	}
	p.problems = append(p.problems, process.Problem{Position: at, Message: process.Text{ZH: zh, EN: en}})
}

// additions checks that record types which open cases use are only added to, and has fields compared that weren't.
func (p *publication) additions() error {
	used, err := p.used()
	if err != nil {
		return err
	}
	for _, d := range p.new {
		before, after := p.now.Types[d.ID], p.next.Types[d.ID]
		if d.Kind != kindRecord || before == nil || after == nil {
			continue
		}
		if used[d.ID] {
			for _, name := range removed(before.Fields, after.Fields) {
				p.object(kindRecord, d.ID,
					fmt.Sprintf("有进行中的事项使用 %s，字段 %s 不能删除或改变，只能增加", d.ID, name),
					fmt.Sprintf("open cases use %s: its field %s can't be removed or changed, only added to", d.ID, name))
			}
		}
		if err := p.keys(before, after); err != nil {
			return err
		}
	}
	return nil
}

// used are the record types that the processes of open cases look at.
func (p *publication) used() (map[string]bool, error) {
	running, err := p.tx.RunningVersions(p.ctx)
	if err != nil {
		return nil, err
	}
	used := map[string]bool{}
	for _, v := range running {
		chain, err := p.e.version(p.ctx, p.tx, p.now, v)
		if errors.As(err, new(*lostError)) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for id := range chain.Types {
			used[id] = true
		}
		used[chain.Record] = true
	}
	return used, nil
}

// removed are the fields, and columns, that a later type doesn't have as they were.
func removed(before, after []process.Field) []string {
	var names []string
	for _, b := range before {
		i := slices.IndexFunc(after, func(a process.Field) bool { return a.Name == b.Name })
		if i < 0 {
			names = append(names, b.Name)
			continue
		}
		a := after[i]
		lessChoices := slices.ContainsFunc(b.Of, func(c string) bool { return !slices.Contains(a.Of, c) })
		if a.Type != b.Type || a.Many != b.Many || a.To != b.To || a.Key != b.Key || lessChoices {
			names = append(names, b.Name)
		}
		for _, column := range removed(b.Lines, a.Lines) {
			names = append(names, b.Name+"."+column)
		}
	}
	return names
}

// save writes what is new, unless everything is current already.
func (p *publication) save() error {
	var changed []store.DefinitionRow
	current, _, err := p.tx.CurrentDefinitions(p.ctx)
	if err != nil {
		return err
	}
	for _, d := range p.new {
		if !slices.ContainsFunc(current, func(c store.DefinitionRow) bool { return c.Kind == d.Kind && c.ID == d.ID && c.Digest == d.Digest }) {
			changed = append(changed, d)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if err := p.recount(changed); err != nil {
		return err
	}
	return p.tx.SaveDefinitions(p.ctx, changed)
}

// schedules lets rhythms begin and end with the versions that say so.
func (p *publication) schedules() error { return reschedule(p.ctx, p.tx, p.next.Processes, p.at) }
