package process

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// next is what happens next when everybody agrees: the answer of an open seat, what a step waits for, or the end of a wait. False when
// nothing more can happen by itself.
func (f *foresight) next() (Event, bool) {
	open := f.in.State.Open
	for _, o := range open {
		for _, seat := range o.Seats {
			if seat.Vote == nil && !waitsItsTurn(seat) {
				return f.answer(o, seat), true
			}
		}
	}
	for _, o := range open {
		switch {
		case o.On != "":
			return f.event(Event{Kind: EventHappened, Name: o.On}), true
		case o.Call != "":
			return f.ended(o), true
		}
	}
	at := time.Time{}
	for _, o := range open {
		if len(o.Alarms) > 0 && (at.IsZero() || o.Alarms[0].At.Before(at)) {
			at = o.Alarms[0].At
		}
	}
	return Event{Kind: EventTick, At: at}, !at.IsZero()
}

func waitsItsTurn(seat Seat) bool { return seat.Added != nil && seat.Added.Waits }

func (f *foresight) event(ev Event) Event {
	ev.At = f.in.State.LastAt
	return ev
}

// ended is the good end of the call or request that a step waits for.
func (f *foresight) ended(o Open) Event {
	s := f.in.Process.Step(o.Step)
	if k, ok := s.Do.(Request); ok {
		return f.event(Event{Kind: EventAnswered, Call: o.Call, Answer: f.reply(s, k)})
	}
	return f.event(Event{Kind: EventCalled, Call: o.Call, Outcome: cmp.Or(goingOn(s), Done)})
}

// reply is an answer with something in every place that is taken out of it; nobody knows those fields from here on.
func (f *foresight) reply(s *Step, k Request) map[string]any {
	reply := map[string]any{}
	for _, in := range k.Into {
		f.unknown[f.owner(s, in.Field)] = true
		at, path := reply, strings.Split(in.From, ".")[1:]
		for len(path) > 1 {
			inner, ok := at[path[0]].(map[string]any)
			if !ok {
				inner = map[string]any{}
				at[path[0]] = inner
			}
			at, path = inner, path[1:]
		}
		if field := f.in.Process.FormField(s, in.Field); field != nil && len(path) == 1 {
			at[path[0]] = asJSON(f.something(field))
		}
	}
	return reply
}

// asJSON is a value as it would come from outside.
func asJSON(v any) any {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var out any
	if d.Decode(&out) != nil {
		return nil
	}
	return out
}

// answer is the agreement of whoever may fill a seat, with something in every field that must be filled in.
func (f *foresight) answer(o Open, seat Seat) Event {
	s := f.in.Process.Step(o.Step)
	ev := f.event(Event{Kind: EventApprove, Task: seat.Task, Outcome: Approved, Comment: "preview", Sign: "preview", Fields: Fields{}})
	if _, ok := s.Do.(Approve); !ok {
		ev.Kind, ev.Outcome = EventComplete, goingOn(s)
	}
	if who := (&machine{in: f.in}).holders(&seat); len(who) > 0 {
		ev.By = who[0]
	}
	ev.Admin = seat.Vacant
	f.picks(s, s.Ways[ev.Outcome])
	f.fill(s, o, ev)
	return ev
}

// picks lets somebody whom nobody knows yet be picked, where an act lets pick people for a later step.
func (f *foresight) picks(s *Step, way *Way) {
	target := f.in.Process.picksFor(s, way)
	if target == nil || f.in.State.Picks[target.ID] != nil {
		return
	}
	picks := maps.Clone(f.in.State.Picks)
	if picks == nil {
		picks = map[string][]string{}
	}
	for i := range target.pickRule().Min {
		picks[target.ID] = append(picks[target.ID], strangerOf("picks"+strings.Repeat("^", i)))
	}
	f.in.State.Picks = picks
}

// goingOn is the outcome that a preview takes: of those in the order they are written the first that goes on, else the first.
func goingOn(s *Step) string {
	names := slices.DeleteFunc(outcomesOf(s), func(name string) bool { return s.Ways[name] == nil })
	for _, name := range names {
		if w := s.Ways[name]; w.End == "" && w.Go == "" && !w.Hold {
			return name
		}
	}
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// fill puts something into the fields that the answer needs, and notes which fields nobody knows from here on.
func (f *foresight) fill(s *Step, o Open, ev Event) {
	need := map[string]bool{}
	for _, e := range s.Form.Edit {
		need[e.Field] = need[e.Field] || e.Required
	}
	if way := s.Ways[ev.Outcome]; way != nil {
		for _, name := range way.Require {
			need[name] = true
		}
	}
	for name, required := range need {
		field := f.in.Process.FormField(s, name)
		if field == nil || !blank(f.in.Process.formValue(s, o.Item, name, f.in.Record.Fields)) {
			continue
		}
		f.unknown[f.owner(s, name)] = true
		if required && slices.ContainsFunc(s.Form.Edit, func(e Edit) bool { return e.Field == name }) {
			ev.Fields[name] = f.something(field)
		}
	}
}

// owner is the field of the record that holds what a step calls by a name: that of the lines, for a column.
func (f *foresight) owner(s *Step, name string) string {
	if c := f.in.Process.column(s, name); c.field != nil {
		return c.into.Name
	}
	return name
}

// something is a value that a field accepts, where a value must be there for the chain to go on. People and departments that nobody knows yet
// are strangers, who carry the name of the field.
func (f *foresight) something(field *Field) any {
	one := f.oneThing(field)
	if !field.Many {
		return one
	}
	if len(field.Of) > 0 {
		var all []any
		for _, choice := range field.Of {
			all = append(all, choice)
		}
		return all
	}
	return []any{one}
}

func (f *foresight) oneThing(field *Field) any {
	switch field.Type {
	case typePerson, typeDepartment:
		if len(field.Of) > 0 {
			return field.Of[0]
		}
		return strangerOf(field.Name)
	case typeChoice:
		return field.Of[0]
	case typeNumber, typePercent:
		return 0.0
	case typeMoney:
		return Money{Currency: "CNY"}
	case typeDate:
		return f.in.State.LastAt.Format(time.DateOnly)
	case typeDatetime:
		return f.in.State.LastAt.Format(time.RFC3339)
	case typeYesNo:
		return true
	case typeReference:
		return Reference{Type: field.To, ID: strangerOf(field.Name)}
	case typeFile:
		return FileRef{ID: strangerOf(field.Name)}
	case typeLines:
		line := map[string]any{}
		if key := field.column(field.Key); key != nil {
			line[field.Key] = f.oneThing(key)
		}
		return []map[string]any{line}
	}
	return strangerOf(field.Name)
}

const strangerMark = "?"

func strangerOf(field string) string { return strangerMark + field }

// stranger gives the field that will say who somebody is; ok is false for people whom the directory knows.
func stranger(id string) (field string, ok bool) {
	field, ok = strings.CutPrefix(id, strangerMark)
	return strings.TrimRight(field, "^"), ok
}

// strangers is a directory that also has the people whom nobody knows yet: each active, with a manager just as unknown.
type strangers struct{ Directory }

func (d strangers) Person(id string) (Person, bool) {
	if _, ok := stranger(id); ok {
		return Person{ID: id, Name: Same(id), Manager: id + "^", Active: true}, true
	}
	return d.Directory.Person(id)
}

func (d strangers) Department(id string) (Department, bool) {
	if _, ok := stranger(id); ok {
		return Department{ID: id, Head: id, InCharge: id}, true
	}
	return d.Directory.Department(id)
}

func (d strangers) Members(p Principal) []string {
	if _, id := p.Split(); strings.HasPrefix(id, strangerMark) {
		return []string{id}
	}
	return d.Directory.Members(p)
}

func (d strangers) Called(p Principal) Text {
	if _, id := p.Split(); strings.HasPrefix(id, strangerMark) {
		return Text{}
	}
	return d.Directory.Called(p)
}
