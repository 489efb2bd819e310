package server

import (
	"context"
	"slices"
	"strings"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

// readable gives the entries of a timeline the words to read them aloud: the step's title, and what people call the people, fields, outcomes, clocks
// and processes that an entry names by id. It only looks at what an entry says: what was left out of it stays out.
func (s *Server) readable(ctx context.Context, v *visit, called engine.Called, entries []entryBody) error {
	var asked []string
	for i := range entries {
		e := &entries[i]
		e.Words, e.Names = map[string]string{}, map[string]string{}
		if e.Step != nil {
			e.Title = orNil(v.text(called.Step(*e.Step)))
		}
		v.word(called, e)
		asked = append(asked, e.principals()...)
		for _, named := range e.items(called) {
			asked = append(asked, string(named.principal))
		}
	}
	slices.Sort(asked)
	names, err := s.db.NamesOf(ctx, slices.Compact(asked))
	for i := range entries {
		e := &entries[i]
		for _, named := range e.items(called) {
			if name, ok := names[string(named.principal)]; ok {
				named.title = name
			}
			named.put(e, v.text(named.title))
		}
		for _, p := range e.principals() {
			id := strings.TrimPrefix(p, "user:")
			if name, ok := names[p]; ok {
				e.Names[id] = v.text(name)
			}
			if name, outside := process.OutsideName(id); outside {
				e.Names[id] = v.text(name)
			}
		}
	}
	return err
}

// namedItem is an item that an entry names, and where its name goes.
type namedItem struct {
	title     process.Text
	principal process.Principal
	put       func(e *entryBody, title string)
}

// items are the item that an entry is about, and those that begin with it.
func (e *entryBody) items(called engine.Called) []namedItem {
	if e.Step == nil {
		return nil
	}
	var out []namedItem
	if e.Item != nil {
		title, principal := called.Item(*e.Step, *e.Item)
		out = append(out, namedItem{title, principal, func(e *entryBody, title string) { e.ItemTitle = orNil(title) }})
	}
	for _, key := range textsOf(e.Data["items"]) {
		title, principal := called.ItemOf(*e.Step, key)
		out = append(out, namedItem{title, principal, func(e *entryBody, title string) { e.Words[key] = title }})
	}
	return out
}

// called gives the words of a case, as far as the caller may see its record.
func (s *Server) called(ctx context.Context, v *visit, id string) (engine.Called, error) {
	row, err := s.db.Case(ctx, id)
	if err != nil {
		return engine.Called{}, err
	}
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return engine.Called{}, err
	}
	called, err := viewer.Called(row.Case, row.Record)
	if err != nil {
		return called, err
	}
	sight, err := s.caseSight(ctx, v, row)
	return called.Covered(sight), err
}

// principals are the people, and sets of people, that an entry names.
func (e *entryBody) principals() []string {
	var out []string
	user := func(id string) {
		if id != "" {
			out = append(out, "user:"+id)
		}
	}
	for _, id := range []*string{e.By, e.For} {
		if id != nil {
			user(*id)
		}
	}
	for _, name := range []string{"to", "for", "people", "mention"} {
		for _, id := range textsOf(e.Data[name]) {
			user(id)
		}
	}
	return append(out, textsOf(e.Data["candidates"])...)
}

// textsOf are the texts of a value that is one, or a list of them.
func textsOf(value any) []string {
	switch value := value.(type) {
	case string:
		return []string{value}
	case []any:
		var out []string
		for _, one := range value {
			if s, ok := one.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// word gives an entry the words for the ids in it that name no people.
func (v *visit) word(called engine.Called, e *entryBody) {
	say := func(id string, t process.Text) {
		if words := v.text(t); words != "" && words != id {
			e.Words[id] = words
		}
	}
	step := ""
	if e.Step != nil {
		step = *e.Step
	}
	if e.Outcome != nil {
		say(*e.Outcome, called.Outcome(step, *e.Outcome))
	}
	if e.Reason != nil {
		v.reason(called, e, step, say)
	}
	for _, name := range e.fieldNames() {
		say(name, called.Field(step, name))
	}
	if to, ok := e.Data["to"].(string); ok && called.StepOf(to) != nil {
		say(to, called.Step(to))
	}
	for name, title := range map[string]func(string) process.Text{"clock": called.Clock, "process": called.Process, "created": called.Type} {
		if id, ok := e.Data[name].(string); ok {
			say(id, title(id))
		}
	}
}

// reason words a reason that isn't somebody's own: of a clock that stops, and a condition of the chain.
func (v *visit) reason(called engine.Called, e *entryBody, step string, say func(string, process.Text)) {
	switch {
	case e.Event == "clock_stopped", e.Event == "clock_started":
		say(*e.Reason, called.Outcome(step, *e.Reason))
	case e.Event == "chosen", e.Outcome != nil && *e.Outcome == "passed_over" && e.Data["zh"] == nil:
		say(*e.Reason, called.Condition(*e.Reason))
	}
}

// fieldNames are the fields that an entry names: filled in, set, changed since, put back.
func (e *entryBody) fieldNames() []string {
	out := textsOf(e.Data["fields"])
	for _, name := range []string{"changed", "restored"} {
		if changed, ok := e.Data[name].(map[string]any); ok {
			for field := range changed {
				out = append(out, field)
			}
		}
	}
	if e.Event == "changed" && e.Data["created"] == nil {
		for field := range e.Data {
			out = append(out, field)
		}
	}
	return out
}
