package process

import (
	"slices"
	"strings"
)

// vocabulary is what the expressions and templates of one place may name.
type vocabulary struct {
	*loader
	record *RecordType
	chain  *chainLoader // nil in the document of a record type: there only its own fields, with or without `record.`, and what they point at
}

func (c *chainLoader) vocabulary() vocabulary { return vocabulary{c.loader, c.p.Type, c} }

// roots are the words that something can stand behind, for suggestions.
func (w vocabulary) roots() []string {
	if w.chain == nil {
		return []string{"record"}
	}
	return []string{"record", "before", "decided"}
}

// access finds a value; item is what an aggregate has come to.
type access func(env Env, item any) any

func theItem(_ Env, item any) any { return item }

// path is a value that is named, such as record.customer.name.
type path struct {
	field  *Field // what get gives
	get    access
	list   *Field // the list it goes through; nil: none
	all    access // the list; then get is for one of its items
	upTo   int    // how many of the names name the list
	stored string // the field of the case's own record that it begins with; "": it doesn't
}

// wrongWord says which word of a path is wrong, and why: with words it is none of them. Without a reason that is said elsewhere already.
type wrongWord struct {
	index int
	what  Text
	words []string
}

// path follows names as far as they go.
func (w vocabulary) path(names []string) (path, *wrongWord) {
	root := names[0]
	if item, ok := strings.CutPrefix(root, itemPrefix); ok {
		return w.itemPath(item, names)
	}
	switch {
	case root == "record" && len(names) > 1:
		return w.recordPath(names, 1)
	case root == "before" && len(names) > 1 && w.chain != nil:
		return w.beforePath(names)
	case root == "decided" && len(names) > 1 && w.chain != nil:
		return w.decidedPath(names)
	case w.chain == nil && w.record.Field(root) != nil:
		return w.recordPath(names, 0)
	}
	return path{}, &wrongWord{what: Text{ZH: "表达式里没有这个词", EN: "an expression has no word"}, words: w.roots()}
}

// recordPath follows a path whose field of the record is names[i].
func (w vocabulary) recordPath(names []string, i int) (path, *wrongWord) {
	f, stored, get := variable(w.record, names[i])
	if f == nil || !stored && w.chain == nil {
		return path{}, w.noField(w.record, i)
	}
	p := path{}
	if stored {
		p.stored = names[i]
	}
	return p, w.follow(&p, f, func(env Env, _ any) any { return get(env.Record) }, names, i+1)
}

// beforePath notes that the field must be kept from the start of the case.
func (w vocabulary) beforePath(names []string) (path, *wrongWord) {
	name := names[1]
	f := w.record.Field(name)
	if f == nil {
		return path{}, w.noField(w.record, 1)
	}
	if !slices.Contains(w.chain.p.before, name) {
		w.chain.p.before = append(w.chain.p.before, name)
		slices.Sort(w.chain.p.before)
	}
	p := path{}
	return p, w.follow(&p, f, func(env Env, _ any) any { return env.Before[name] }, names, 2)
}

func (w vocabulary) decidedPath(names []string) (path, *wrongWord) {
	name := names[1]
	f := w.chain.p.outputs[name]
	if f == nil {
		what := Text{ZH: "流程里没有决策表给出这个结果", EN: "no decision table of this process gives"}
		if len(w.chain.p.outputs) == 0 {
			what = say("流程里没有决策表给出 `%s`", "no decision table of this process gives `%s`", clip(name))
		}
		return path{}, &wrongWord{index: 1, what: what, words: sortedNames(w.chain.p.outputs)}
	}
	p := path{}
	return p, w.follow(&p, f, func(env Env, _ any) any {
		if env.Decided == nil {
			return nil
		}
		return env.Decided(name)
	}, names, 2)
}

func (w vocabulary) itemPath(name string, names []string) (path, *wrongWord) {
	var known []string
	for i := range w.items() {
		item := w.items()[len(w.items())-1-i]
		if item.name != name {
			known = append(known, "$"+item.name)
			continue
		}
		if item.field == nil { // what the `each` goes through couldn't be read
			return path{}, &wrongWord{}
		}
		p := path{}
		return p, w.follow(&p, item.field, func(env Env, _ any) any {
			if env.Item == nil {
				return nil
			}
			return env.Item(name)
		}, names, 1)
	}
	if len(known) == 0 {
		return path{}, &wrongWord{what: Text{ZH: "`$" + name + "` 只能写在 `each` 的步骤里", EN: "`$" + name + "` means something only inside an `each` that says `as: " + name + "`"}}
	}
	return path{}, &wrongWord{what: Text{ZH: "外层没有叫这个名字的 `each`", EN: "no `each` around this has an item"}, words: known}
}

func (w vocabulary) items() []itemType {
	if w.chain == nil {
		return nil
	}
	return w.chain.items
}

func (w vocabulary) noField(t *RecordType, index int) *wrongWord {
	return &wrongWord{index: index, what: Text{ZH: "`" + t.ID + "` 没有这个字段", EN: "`" + t.ID + "` has no field"}, words: t.names()}
}

// follow goes on from a field along names[i:]: to the columns of lines, and to what references point at. The item of an `each` over lines is one
// line, so it is no list.
func (w vocabulary) follow(p *path, f *Field, get access, names []string, i int) *wrongWord {
	oneLine := f.Type == typeLines && strings.HasPrefix(names[0], itemPrefix)
	for ; i < len(names); i++ {
		if (f.Type == typeLines || f.Many) && !oneLine {
			if p.list != nil {
				return &wrongWord{index: i, what: Text{ZH: "列表里的列表不能这样取", EN: "a list inside a list can't be reached like this"}}
			}
			p.list, p.all, p.upTo, get = f, get, i, theItem
		}
		oneLine = false
		next, on, wrong := w.step(f, get, names[i], i)
		if wrong != nil {
			return wrong
		}
		f, get = next, on
	}
	p.field, p.get = f, get
	return nil
}

// step goes from a line to a column, or along a reference.
func (w vocabulary) step(f *Field, get access, name string, i int) (*Field, access, *wrongWord) {
	switch f.Type {
	case typeLines:
		column := f.column(name)
		if column == nil {
			what := Text{ZH: "`" + f.Name + "` 没有这一列", EN: "`" + f.Name + "` has no column"}
			return nil, nil, &wrongWord{index: i, what: what, words: (&RecordType{Fields: f.Lines}).names()}
		}
		return column, func(env Env, item any) any {
			line, _ := get(env, item).(map[string]any)
			return line[name]
		}, nil
	case typeReference:
		t := w.recordType(f.To)
		if t == nil { // said at the field already
			t = &RecordType{ID: f.To}
		}
		next, _, of := variable(t, name)
		if next == nil {
			return nil, nil, w.noField(t, i)
		}
		if w.chain != nil {
			w.chain.p.Types[t.ID] = t
		}
		return next, func(env Env, item any) any {
			r, ok := env.at(get(env, item))
			if !ok {
				return nil
			}
			return of(r)
		}, nil
	}
	return nil, nil, &wrongWord{index: i, what: Text{
		ZH: "`" + f.Name + "` 不是引用，后面不能再写 `." + name + "`", EN: "`" + f.Name + "` is no reference: nothing can be behind it, like `." + name + "`",
	}}
}

// at gives the record that a reference points at.
func (e Env) at(v any) (Record, bool) {
	r, ok := v.(Reference)
	if !ok || e.Records == nil {
		return Record{}, false
	}
	return e.Records.Record(r)
}

// spread makes a path that ends in a list one that goes through it.
func (p path) spread(names []string) path {
	if p.list != nil || p.field == nil || p.field.Type != typeLines && !p.field.Many {
		return p
	}
	p.list, p.all, p.upTo, p.get = p.field, p.get, len(names), theItem
	p.field = p.list.one()
	return p
}

// one is the field of a single entry; that of lines is lines still.
func (f *Field) one() *Field {
	one := *f
	one.Many = false
	return &one
}

// builtin is what every record has where no field is called so.
var builtin = map[string]struct {
	kind string
	get  func(Record) any
}{
	"id":     {typeText, func(r Record) any { return r.ID }},
	"number": {typeText, func(r Record) any { return r.Number }},
	"owner":  {typePerson, func(r Record) any { return r.Owner }},
}

// variable finds what `record.name` means: a stored field, or what every record has; nil for neither.
func variable(t *RecordType, name string) (f *Field, stored bool, get func(Record) any) {
	if f := t.Field(name); f != nil {
		return f, true, func(r Record) any { return r.Fields[name] }
	}
	if b, ok := builtin[name]; ok {
		return &Field{Name: name, Type: b.kind}, false, b.get
	}
	return nil, false, nil
}

func sortedNames[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
