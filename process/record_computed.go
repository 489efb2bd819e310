package process

import "reflect"

// Emit is an event that a record causes: it happens when its condition becomes true.
type Emit struct {
	Name string
	When *Expr
	At   Position
}

// Compute gives the fields with those that the type computes (`is:`) brought up to date. A computed field is empty where its expression can't be
// evaluated: amounts of two currencies, a division by zero, a result that the field doesn't accept. Neither argument is changed; records may be nil.
func (t *RecordType) Compute(f Fields, records Records) Fields {
	if len(t.computed) == 0 {
		return f
	}
	out := f.With(nil)
	for _, field := range t.computed {
		v, err := field.Is.Value(Env{Record: Record{Type: t.ID, Fields: out}, Records: records})
		delete(out, field.Name)
		if err == nil && !blank(v) {
			out[field.Name] = v
		}
	}
	return out
}

// Happened names the events that a change of a record causes, in the order they are declared: those whose condition wasn't true before and is true
// now. Was is nil for a new record. A condition that can't be evaluated isn't true.
func (t *RecordType) Happened(was, is Fields, records Records) []string {
	var out []string
	holds := func(e Emit, f Fields) bool {
		ok, err := e.When.Bool(Env{Record: Record{Type: t.ID, Fields: f}, Records: records})
		return ok && err == nil
	}
	for _, e := range t.Emits {
		if holds(e, is) && (was == nil || !holds(e, was)) {
			out = append(out, e.Name)
		}
	}
	return out
}

// supplied are fields that the system itself fills in for records of some types when it shows them: `price_history` of a quote is what the same
// customer was offered before. A step may show or hide them; nobody writes them, and expressions don't know them.
var supplied = map[string][]Field{
	"quote": {{Name: "price_history", Title: Text{ZH: "历史报价", EN: "Price history"}, Type: typeLines}},
}

// Supplied are the fields that the system fills in when it shows a record of this type, save those that the type has itself.
func (t *RecordType) Supplied() []Field {
	var out []Field
	for _, f := range supplied[t.ID] {
		if t.Field(f.Name) == nil {
			out = append(out, f)
		}
	}
	return out
}

// changedFields are the fields that differ, with their value now; nil where they are empty now.
func changedFields(was, is Fields) Fields {
	out := Fields{}
	for name, v := range is {
		if !reflect.DeepEqual(v, was[name]) {
			out[name] = v
		}
	}
	for name := range was {
		if _, still := is[name]; !still {
			out[name] = nil
		}
	}
	return out
}

// belowFloor says what is wrong with a number or an amount that is less than the field's floor. A floor of 0 holds in every currency.
func (f *Field) belowFloor(v any) Text {
	switch floor := f.AtLeast.(type) {
	case float64:
		if x, ok := v.(float64); ok && x < floor {
			return say("不能低于 %s", "it can't be less than %s", Env{}.Show(f, floor, "en"))
		}
	case Money:
		x, ok := v.(Money)
		switch {
		case !ok:
		case x.Currency != floor.Currency && floor.Amount != 0:
			return say("应以 %s 计", "it must be in %s", floor.Currency)
		case x.Amount < floor.Amount:
			return say("不能低于 %s", "it can't be less than %s", floor.String())
		}
	}
	return okay
}
