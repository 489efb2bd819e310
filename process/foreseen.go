package process

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Foreseen is what a preview said when a case started, kept to notice what turns out otherwise. It stands beside the state and not in it: without it a
// case runs on just the same.
type Foreseen struct {
	Steps  []ForeseenStep             `json:"steps"`
	Fields map[string]json.RawMessage `json:"fields,omitempty"` // what stood in the fields that the chain looks at
	// Astray says that nobody knows any more what comes, because people have decided otherwise than was foreseen, or that nobody could see to the end of the
	// chain: a step that isn't foreseen is no difference then.
	Astray bool `json:"astray,omitempty"`
}

// ForeseenStep is what may become of one step.
type ForeseenStep struct {
	Step    string        `json:"step"`
	Item    string        `json:"item,omitempty"`
	Ways    []ForeseenWay `json:"ways"`
	Sure    bool          `json:"sure,omitempty"`    // it is reached whatever becomes of what nobody knows yet
	Perhaps bool          `json:"perhaps,omitempty"` // it stands for items that nobody knows yet
	Differs bool          `json:"differs,omitempty"` // it has turned out otherwise, which has been said
}

// ForeseenWay is one of the things that may become of a step: it is opened, or passed over, or one of its branches is taken.
type ForeseenWay struct {
	Who      []string   `json:"who,omitempty"`     // who is asked, sorted: the first of them
	More     int        `json:"more,omitempty"`    // how many there are beside them
	Unknown  bool       `json:"unknown,omitempty"` // some of whom nobody knows yet
	Passed   bool       `json:"passed,omitempty"`
	Branch   string     `json:"branch,omitempty"` // its condition
	At       *time.Time `json:"at,omitempty"`     // when it is opened, if everybody before answers at once
	Due      *time.Time `json:"due,omitempty"`
	Within   string     `json:"within,omitempty"`   // as in [Timer]
	Whenever bool       `json:"whenever,omitempty"` // its limit depends on what nobody knows yet

	calendars []string // that its seats are counted by; only of what there is
	why       Text     // why these people; likewise
}

// How much is kept of one way and of one field.
const (
	maxForeseenPeople = 20
	maxForeseenValue  = 200
)

// Foresee keeps what a preview of a case says at its start. It costs a [Preview]; its error is that of the event.
func Foresee(in Input, start Event) (*Foreseen, error) {
	ways, all, err := lookAhead(in, start)
	if err != nil {
		return nil, err
	}
	ways = possible(ways)
	f := &Foreseen{Steps: []ForeseenStep{}, Fields: map[string]json.RawMessage{}, Astray: !all}
	times := map[string]int{}
	for _, way := range ways {
		f.Astray = f.Astray || way.in.State.Status != Ended
		for _, s := range way.steps {
			times[keyOf(s.Step, s.Item)]++
			f.add(s, way)
		}
	}
	for i := range f.Steps {
		s := &f.Steps[i]
		s.Sure = times[keyOf(s.Step, s.Item)] == len(ways) && !s.Perhaps
	}
	for _, name := range in.Process.looksAt() {
		if v := in.Record.Fields[name]; !blank(v) {
			f.Fields[name] = kept(v)
		}
	}
	return f, nil
}

// kept is a value as it is remembered: a long one only so that another can be told from it.
func kept(v any) json.RawMessage {
	raw := encode(fingerprint(v))
	if len(raw) > maxForeseenValue {
		return encode(Digest(Fields{"": v}, []string{""}))
	}
	return raw
}

// long says whether only the digest of a value was kept.
func long(kept json.RawMessage) bool { return bytes.HasPrefix(kept, []byte(`"sha256:`)) }

// add notes what becomes of a step on a way.
func (f *Foreseen) add(s foreseen, way *foresight) {
	row := f.row(s.Step, s.Item)
	if row == nil {
		f.Steps = append(f.Steps, ForeseenStep{Step: s.Step, Item: s.Item})
		row = &f.Steps[len(f.Steps)-1]
	}
	unknown := way.peopleUnknown(way.in.Process.Step(s.Step))
	row.Perhaps = row.Perhaps || s.perhaps || unknown && s.open == nil
	w := ForeseenWay{Unknown: s.stands, Whenever: s.stands}
	switch {
	case s.taken:
		w.Branch = s.If
	case s.open != nil:
		w = way.opening(s)
	case !s.stands:
		w.Passed = true
	}
	w.Unknown = w.Unknown || unknown
	if !slices.ContainsFunc(row.Ways, func(other ForeseenWay) bool { return other.same(w) }) {
		row.Ways = append(row.Ways, w)
	}
}

// peopleUnknown says whether a field that nobody has filled in yet says whom a step asks.
func (f *foresight) peopleUnknown(s *Step) bool {
	return s.Who != nil && len(f.unknownOf(f.in.Process.namedBy(s.Who.Seats, false))) > 0
}

// opening is a step that is opened, as it is foreseen.
func (f *foresight) opening(s foreseen) ForeseenWay {
	w := ForeseenWay{At: &s.open.At, Due: s.DueAt, Within: limitOf(s.open)}
	w.Whenever = w.Due == nil && (s.open.Due != nil || f.limitUnknown(f.in.Process.Step(s.Step)))
	var who []string
	for _, p := range s.Who {
		w.Unknown = w.Unknown || p.User == ""
		who = append(who, p.User)
	}
	w.asks(who)
	return w
}

// asks notes who is asked.
func (w *ForeseenWay) asks(who []string) {
	slices.Sort(who)
	who = slices.Compact(who)
	if w.Unknown {
		who = slices.DeleteFunc(who, func(id string) bool { return id == "" })
	}
	w.More = max(0, len(who)-maxForeseenPeople)
	w.Who = who[:len(who)-w.More]
}

// limitOf is the limit of an open step, as it was fixed.
func limitOf(o *Open) string {
	for _, seats := range [][]Seat{o.Seats, o.Turn} {
		for _, seat := range seats {
			if seat.Within != "" {
				return seat.Within
			}
		}
	}
	return o.Within
}

func (w ForeseenWay) same(other ForeseenWay) bool {
	return w.sameKind(other) && w.samePeople(other) && w.Unknown == other.Unknown && w.Within == other.Within && w.Whenever == other.Whenever &&
		sameTime(w.At, other.At) && sameTime(w.Due, other.Due)
}

func (w ForeseenWay) sameKind(other ForeseenWay) bool {
	return w.Passed == other.Passed && w.Branch == other.Branch
}

func (w ForeseenWay) samePeople(other ForeseenWay) bool {
	return w.More == other.More && slices.Equal(w.Who, other.Who)
}

func sameTime(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

func (f *Foreseen) row(step, item string) *ForeseenStep {
	perhaps := -1
	for i := range f.Steps {
		row := &f.Steps[i]
		if row.Step == step && row.Item == item {
			return row
		}
		if row.Step == step && row.Perhaps {
			perhaps = i
		}
	}
	if perhaps >= 0 {
		return &f.Steps[perhaps]
	}
	return nil
}

// agreement is the outcome of a step that a preview takes.
func agreement(s *Step) string {
	switch s.Do.(type) {
	case Approve:
		return Approved
	case Work, Call:
		return cmp.Or(goingOn(s), Done)
	}
	return Done
}

// looksAt are the fields of the record that decide which way the chain goes, whom it asks and by when, sorted.
func (p *Process) looksAt() []string {
	var out []string
	for _, s := range p.all() {
		out = append(out, p.dependsOn(s)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// dependsOn are the fields that decide whether a step is opened, which of its branches is taken, whom it asks and by when.
func (p *Process) dependsOn(s *Step) []string {
	var out []string
	of := func(exprs ...*Expr) {
		for _, e := range exprs {
			if e != nil {
				out = append(out, e.Fields...)
			}
		}
	}
	of(s.If)
	var table *Table
	switch k := s.Do.(type) {
	case Choose:
		for _, b := range k.Branches {
			of(b.When)
		}
	case Each:
		of(k.Over)
	case Wait:
		of(k.Until)
	case Decide:
		table = k.Table
	}
	if due := s.Time.Due; due != nil {
		of(due.Moment)
		table = cmp.Or(p.Tables[due.Table], table)
	}
	out = append(out, table.fields()...)
	if s.Who != nil {
		out = append(out, p.namedBy(s.Who.Seats, true)...)
		for _, other := range []*By{s.Who.IfNone.To, s.Who.IfInitiator.To} {
			if other != nil {
				out = append(out, p.namedBy([]By{*other}, true)...)
			}
		}
	}
	return out
}

// fields are those of the record that a table looks at; no table looks at none.
func (t *Table) fields() []string {
	var out []string
	if t != nil {
		for _, in := range t.Inputs {
			out = append(out, in.Value.Fields...)
		}
	}
	return out
}

// namedBy are the fields that say who is asked, with or without those of conditions.
func (p *Process) namedBy(list []By, conditions bool) []string {
	var out []string
	for _, by := range list {
		for _, e := range []*Expr{by.If, by.For, by.Cel, by.Email, by.Column} {
			if e != nil && (conditions || e != by.If) {
				out = append(out, e.Fields...)
			}
		}
		switch by.Kind {
		case ByField, ByManagerOf, ByManagersOf:
			if p.Type.Field(by.Of) != nil {
				out = append(out, by.Of)
			}
		}
		if by.StandsIn != nil {
			out = append(out, p.namedBy([]By{*by.StandsIn}, conditions)...)
		}
	}
	return out
}

// Asks are the people and sets of people that the chain names as they are, each once: whom it is likely to ask, whoever starts it.
func (p *Process) Asks() []Principal {
	var out []Principal
	for _, s := range p.all() {
		if s.Who == nil {
			continue
		}
		for _, by := range s.Who.Seats {
			switch by.Kind {
			case ByUser, ByRole, ByDepartment, ByGroup, ByPosition:
				if by.For == nil && by.Column == nil && !strings.HasPrefix(by.Of, "$") {
					out = append(out, Principal(string(by.Kind)+":"+by.Of))
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
