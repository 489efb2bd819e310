package process

import (
	"fmt"
	"maps"
	"strings"
)

// Set changes the case's record, and those that its references point at.
type Set struct{ Fields []Assign }

func (k Set) enter(m *machine, scope int, s *Step) {
	if !m.assign(scope, s, k.Fields) {
		return
	}
	m.pass(scope, s, Done)
}

// assign writes fields in the order they are given, each seeing those before it, and says so in the timeline. Either all are written or none: when
// one can't be, it gives false and the case is held.
func (m *machine) assign(scope int, s *Step, assigns []Assign) bool {
	if m.broken(scope, s) {
		return false
	}
	if len(assigns) == 0 {
		return true
	}
	back := m.savepoint()
	m.noteSet(scope, s, assigns)
	data := map[string]any{}
	for _, a := range assigns {
		if why := m.assignOne(scope, s, a, data); !why.Empty() {
			back()
			m.hold(scope, s, why)
			return false
		}
	}
	if len(data) > 0 {
		m.log(Entry{Event: "changed", Step: s.ID, Item: m.item(scope), Data: data})
	}
	m.noteAssigned(scope, s, assigns)
	return true
}

// savepoint gives a way back to what the machine has written until now.
func (m *machine) savepoint() func() {
	record, changes, changed, effects := m.record, maps.Clone(m.changes), maps.Clone(m.others.changed), len(m.effects)
	record.Fields = record.Fields.With(nil)
	return func() {
		m.record, m.changes, m.others.changed, m.effects = record, changes, changed, m.effects[:effects]
	}
}

// assignOne writes one field; it says why when it can't.
func (m *machine) assignOne(scope int, s *Step, a Assign, data map[string]any) Text {
	v, err := a.Value.Value(m.env(scope))
	if err != nil {
		return exprFailed(a.Value, err)
	}
	if len(a.Along) > 0 {
		return m.assignAlong(s, a, v, data)
	}
	item := m.item(scope)
	after, why := a.after(m.p.FormField(s, a.Field), m.p.formValue(s, item, a.Field, m.record.Fields), v)
	if why.Empty() {
		m.put(s, item, a.Field, after)
		data[a.Field] = after
	}
	return why
}

// assignAlong writes a field of the record that references lead to.
func (m *machine) assignAlong(s *Step, a Assign, v any, data map[string]any) Text {
	ref, r, why := m.along(a.Along)
	if !why.Empty() {
		return why
	}
	t := m.p.Types[ref.Type]
	if t == nil || t.Field(a.Field) == nil {
		return say("`%s` 没有字段 `%s`", "`%s` has no field `%s`", ref.Type, a.Field)
	}
	after, why := a.after(t.Field(a.Field), r.Fields[a.Field], v)
	if !why.Empty() {
		return why
	}
	if m.others.own(ref) {
		m.write(a.Field, after)
	} else {
		m.others.write(s, ref, t, a.Field, after)
		m.compute()
	}
	data[strings.Join(a.Along, ".")+"."+a.Field] = after
	return okay
}

// along follows references from the case's record.
func (m *machine) along(fields []string) (ref Reference, r Record, why Text) {
	r = m.record
	for i, name := range fields {
		path := "record." + strings.Join(fields[:i+1], ".")
		var ok bool
		if ref, ok = r.Fields[name].(Reference); !ok {
			return ref, r, say("`%s` 没有填写，不知道要修改哪一条记录", "`%s` is empty: there is no record to change", path)
		}
		if r, ok = m.others.Record(ref); !ok {
			return ref, r, m.lost(path, ref)
		}
	}
	return ref, r, okay
}

// lost says that a record can't be found, by what people call it.
func (m *machine) lost(path string, ref Reference) Text {
	title := Same(ref.Type)
	if t := m.p.Types[ref.Type]; t != nil && !t.Title.Empty() {
		title = t.Title
	}
	if ref.Title == "" {
		return Text{ZH: "找不到 `" + path + "` 指向的" + title.In("zh"), EN: "the record (" + title.In("en") + ") that `" + path + "` points at can't be found"}
	}
	return Text{ZH: "找不到 `" + path + "` 指向的" + title.In("zh") + "“" + ref.Title + "”", EN: "the record “" + ref.Title + "” (" + title.In("en") + ") that `" + path + "` points at can't be found"}
}

// after is what a field holds after a change: the value, or what is there now with the value added or taken away. An empty field counts as nothing,
// and adding an empty value changes nothing.
func (a Assign) after(f *Field, now, v any) (any, Text) {
	if a.Change == "" {
		return v, okay
	}
	if blank(v) {
		return now, okay
	}
	ops := map[string]string{"+": opAdd, "-": opSub}
	amount := quantityOf(toCEL(f, v))
	held := quantity{unit: amount.unit}
	if !blank(now) {
		held = quantityOf(toCEL(f, now))
	}
	sum, err := calculate(ops[a.Change], held, amount)
	if err != nil {
		return nil, Text{ZH: f.Label().In("zh") + "：" + err.Error(), EN: f.Label().In("en") + ": " + err.Error()}
	}
	after := fromCEL(sum)
	if wrong := f.Accepts(after); wrong != nil {
		shown := Env{}.Show(f, after, "en")
		return nil, Text{ZH: fmt.Sprintf("%s（会变成 %s）", wrong.Message.ZH, shown), EN: fmt.Sprintf("%s (it would become %s)", wrong.Message.EN, shown)}
	}
	return after, okay
}
