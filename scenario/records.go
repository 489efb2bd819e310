package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crmflow/crmflow/process"
)

// record is one record of the world, with its type.
type record struct {
	process.Record
	typ   *process.RecordType
	first process.Fields // what it was when it came to be
	made  bool           // by a chain
}

// title is what people would call the record: its first text that must be filled in, else its number or id.
func (r *record) title() string {
	if f := titleField(r.typ); f != nil {
		if s, ok := r.Fields[f.Name].(string); ok {
			return s
		}
	}
	if r.Number != "" {
		return r.Number
	}
	return r.ID
}

// titleField is the field that a record is called by: the first required text, else the first text.
func titleField(t *process.RecordType) *process.Field {
	var found *process.Field
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Type != "text" || f.Many {
			continue
		}
		if f.Required {
			return f
		}
		if found == nil {
			found = f
		}
	}
	return found
}

func (w *world) find(ref process.Reference) *record {
	for _, r := range w.records {
		if r.Type == ref.Type && r.ID == ref.ID {
			return r
		}
	}
	return nil
}

// add puts a new record into the world.
func (w *world) add(t *process.RecordType, fields process.Fields) *record {
	owner, _ := fields["owner"].(string)
	r := &record{typ: t, Record: process.Record{Type: t.ID, ID: "r" + strconv.Itoa(len(w.records)+1), Owner: owner}}
	r.Fields = t.Compute(fields, w)
	r.first = r.Fields
	r.Number = w.number("record/"+t.ID, t.Number)
	w.records = append(w.records, r)
	return r
}

func (w *world) today() string { return w.now.In(w.scenario.zone).Format(time.DateOnly) }

// create carries out a step that makes a record.
func (w *world) create(c *running, e process.CreateRecord) {
	t := w.setting.Types[e.Type]
	if t == nil {
		t = c.process.Types[e.Type]
	}
	r := w.add(t, t.Defaults(c.state.Initiator, w.today()).With(e.Fields))
	r.made = true
	for _, name := range t.Happened(nil, r.Fields, w) {
		w.happened(c, r, name)
	}
}

// write changes fields of a record, and lets the events happen that this sets off. by is the case that writes; nil: nobody's.
func (w *world) write(by *running, r *record, change process.Fields) {
	was := r.Fields
	r.Fields = r.typ.Compute(was.With(change), w)
	if owner, ok := change["owner"]; ok {
		r.Owner, _ = owner.(string)
	}
	for _, name := range r.typ.Happened(was, r.Fields, w) {
		w.happened(by, r, name)
	}
	for _, c := range w.cases { // a moment that a case waits for may be another one now
		if c != by && c.record == r && c.state.Status != process.Ended {
			w.pending = append(w.pending, occasion{of: c, event: process.Event{Kind: process.EventTick}})
		}
	}
}

// happened lets an event about a record reach the cases about it. A chain that starts by it starts.
func (w *world) happened(by *running, r *record, name string) {
	for _, c := range w.cases {
		if c.record == r && c.state.Status != process.Ended {
			w.pending = append(w.pending, occasion{of: c, event: process.Event{Kind: process.EventHappened, Name: name, Caused: c == by}})
		}
	}
	if p := w.scenario.process; slices.Contains(p.Start.On, name) && r.typ.ID == p.Record && !w.openOn(p, r) {
		w.pending = append(w.pending, occasion{begin: func() *failure { return w.beginByEvent(nil, r, name) }})
	}
}

// openOn says whether a case of a process is open on a record already.
func (w *world) openOn(p *process.Process, r *record) bool {
	return slices.ContainsFunc(w.cases, func(c *running) bool {
		return c.process == p && c.record == r && c.state.Status != process.Ended
	})
}

// broken finds the steps whose effect the world refuses: a value that must be unique and isn't. "" stands for the case's own record.
func (w *world) broken(c *running, effects []process.Effect) map[string]process.Text {
	out := map[string]process.Text{}
	note := func(step string, why *process.Text) {
		if why != nil {
			out[step] = *why
		}
	}
	for _, e := range effects {
		switch e := e.(type) {
		case process.CreateRecord:
			note(e.Step, w.taken(w.setting.Types[e.Type], nil, e.Fields))
		case process.ChangeRecord:
			note("", w.taken(c.record.typ, c.record, e.Fields))
		case process.ChangeOther:
			if r := w.find(e.Record); r != nil {
				note(e.Step, w.taken(r.typ, r, e.Fields))
			}
		}
	}
	return out
}

// taken says which other record of the type has a value that must be unique.
func (w *world) taken(t *process.RecordType, self *record, fields process.Fields) *process.Text {
	if t == nil {
		return nil
	}
	for _, name := range t.Unique {
		v, given := fields[name]
		if !given || v == nil {
			continue
		}
		for _, other := range w.records {
			if other.typ.ID == t.ID && other != self && same(other.Fields[name], v) {
				why := say("`%s` 的值 %s 已被 %s 使用", "the %s %s is that of %s already", name, fmt.Sprint(v), other.title())
				return &why
			}
		}
	}
	return nil
}

func same(a, b any) bool {
	return process.Digest(process.Fields{"x": a}, []string{"x"}) == process.Digest(process.Fields{"x": b}, []string{"x"})
}

// fieldsFrom reads fields as the scenario writes them. A dotted name is left to whoever follows references.
func (w *world) fieldsFrom(find func(string) *process.Field, pairs []pair) (process.Fields, *process.Refusal) {
	out := process.Fields{}
	conv := converter{zone: w.scenario.zone, reference: w.reference}
	for _, p := range pairs {
		f := find(p.key.text)
		if f == nil {
			return nil, process.Refuse(process.CodeFieldInvalid, "没有这个字段："+p.key.text, "there is no field "+p.key.text)
		}
		raw, why := conv.value(f, p.value)
		if why != nil {
			return nil, process.Refuse(process.CodeFieldInvalid, why.ZH, why.EN)
		}
		v, wrong := f.Written(raw)
		if len(wrong) > 0 {
			return nil, &process.Refusal{Code: process.CodeFieldInvalid, Message: wrong[0].Message, Fields: wrong}
		}
		out[p.key.text] = v
	}
	return out, nil
}

// reference finds the record that a text stands for, by its title, number or id, or makes one that is called so. A map is a new record with these
// fields.
func (w *world) reference(f *process.Field, n *node) (any, *process.Text) {
	t := w.setting.Types[f.To]
	if t == nil {
		return map[string]any{"type": f.To, "id": n.text, "title": n.text}, nil
	}
	if n.kind == nodeMap && n.get("id") == nil {
		fields, refused := w.fieldsFrom(t.Field, n.pairs)
		if refused != nil {
			return nil, &refused.Message
		}
		return pointer(w.add(t, t.Defaults("", w.today()).With(fields))), nil
	}
	if n.kind == nodeMap {
		return plain(n), nil
	}
	if r := w.called(f.To, n.text); r != nil {
		return pointer(r), nil
	}
	fields := t.Defaults("", w.today())
	if title := titleField(t); title != nil {
		fields[title.Name] = n.text
	}
	return pointer(w.add(t, fields)), nil
}

// called finds a record by its title, number or id; "" as type is any.
func (w *world) called(typ, name string) *record {
	for _, r := range slices.Backward(w.records) {
		if (typ == "" || r.Type == typ) && (r.title() == name || r.Number == name || r.ID == name) {
			return r
		}
	}
	return nil
}

func pointer(r *record) map[string]any {
	return map[string]any{"type": r.Type, "id": r.ID, "title": r.title()}
}

// along follows references from a record: customer.name is the field name of the record that customer points at.
func (w *world) along(r *record, path string) (*record, *process.Field, *process.Text) {
	names := strings.Split(path, ".")
	for _, name := range names[:len(names)-1] {
		ref, _ := r.Fields[name].(process.Reference)
		next := w.find(ref)
		if next == nil {
			why := say("`%s` 没有指向任何记录", "`%s` points at no record", name)
			return nil, nil, &why
		}
		r = next
	}
	f := r.typ.Field(names[len(names)-1])
	if f == nil {
		why := say("没有字段 `%s`", "there is no field `%s`", path)
		return nil, nil, &why
	}
	return r, f, nil
}

// protected names the fields of a change that only some processes may write.
func protected(t *process.RecordType, fields, defaults process.Fields) *process.Refusal {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		for _, o := range t.ChangedOnlyBy {
			v := fields[name]
			if o.Field != name || same(v, defaults[name]) || o.Value != "" && v != o.Value {
				continue
			}
			by := strings.Join(o.Processes, ", ")
			return process.Refuse(process.CodeFieldNotWritable, name+"：只能通过流程修改："+by, name+": only these processes may change it: "+by)
		}
	}
	return nil
}
