package process

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Types of fields.
const (
	typeText       = "text"
	typePhone      = "phone"
	typeEmail      = "email"
	typeChoice     = "choice"
	typePerson     = "person"
	typeDepartment = "department"
	typeNumber     = "number"
	typePercent    = "percent"
	typeMoney      = "money"
	typeDate       = "date"
	typeDatetime   = "datetime"
	typeYesNo      = "yes_no"
	typeReference  = "reference"
	typeFile       = "file"
	typeLines      = "lines"
	typeDuration   = "duration" // only of an output of a decision table: a [Limit]
)

// fieldTypes are all of them, in the order the guide lists them.
var fieldTypes = []string{
	typeText, typePhone, typeEmail, typeChoice, typePerson, typeDepartment, typeNumber, typePercent, typeMoney, typeDate, typeDatetime,
	typeYesNo, typeReference, typeFile, typeLines,
}

// Words of the expression language that can't be names of fields.
var reservedWords = []string{"in", "true", "false", "null"}

const maxFields = 200

// declareRecord reads a record type by itself, so that others can refer to it.
func (l *loader) declareRecord(d *loading) {
	t := &RecordType{ID: d.ID, Title: Same(d.ID), Source: d.Source, Digest: d.Digest}
	d.typ = t
	l.object(d.root, Text{ZH: "记录", EN: "a record type"}, keys{
		"record":          func(*node) {},
		"language":        l.languageNumber,
		"title":           func(v *node) { t.Title = l.title(v) },
		"number":          func(v *node) { t.Number = l.numberPattern(v) },
		"fields":          func(v *node) { t.Fields = l.recordFields(v, fieldTypes) },
		"unique":          func(v *node) { t.Unique = names(l.words(v)) },
		"similar":         func(v *node) { t.Similar = names(l.words(v)) },
		"changed_only_by": func(*node) {}, // in resolveRecord
		"emits":           func(*node) {}, // in resolveRecord
	})
	t.index()
	if len(t.Fields) == 0 && d.root.get("fields") == nil {
		l.problem(d.root, "记录没有字段（`fields`）", "the record type has no `fields`")
	}
	if d.ID != "" && !d.skip {
		l.lib.Types[d.ID] = t
	}
}

// resolveRecord checks what a record type says about its own fields, other types and processes.
func (l *loader) resolveRecord(d *loading) {
	t := d.typ
	for _, key := range []string{"unique", "similar"} {
		if v := d.root.get(key); v != nil {
			l.ownFields(t, l.texts(v))
		}
	}
	if v := d.root.get("changed_only_by"); v != nil {
		l.changedOnlyBy(t, v)
	}
	if v := d.root.get("fields"); v != nil {
		l.references(v)
		l.computed(t, v)
	}
	if v := d.root.get("emits"); v != nil {
		l.emits(t, v)
	}
}

// texts gives the texts of a list that was read, and complained about, before.
func (l *loader) texts(n *node) []named {
	items := n.items
	if n.kind == nodeText {
		items = []*node{n}
	}
	var out []named
	for _, v := range items {
		if v.kind == nodeText {
			out = append(out, named{v.text, v})
		}
	}
	return out
}

// ownFields checks names of fields; every record also has its number.
func (l *loader) ownFields(t *RecordType, list []named) {
	for _, w := range list {
		if t.Field(w.name) == nil && w.name != "number" {
			l.unknown(w.at, t.names(), Text{ZH: "没有这个字段", EN: "no such field:"})
		}
	}
}

// references checks that the types fields refer to exist.
func (l *loader) references(fields *node) {
	for _, p := range fields.pairs {
		to := p.value.get("to")
		if to != nil && to.kind == nodeText && l.recordType(to.text) == nil {
			l.unknown(to, l.typeNames(), Text{ZH: "没有这种记录", EN: "no such record type:"})
		}
		if of := p.value.get("of"); of != nil && of.kind == nodeMap {
			l.references(of)
		}
	}
}

// changedOnlyBy reads {field: [processes], field.value: [processes]}.
func (l *loader) changedOnlyBy(t *RecordType, n *node) {
	if n.kind != nodeMap {
		l.problem(n, "`changed_only_by` 应写成 {字段: [流程]}", "`changed_only_by` is written as {field: [processes]}")
		return
	}
	for _, p := range n.pairs {
		name, value, _ := strings.Cut(p.key.text, ".")
		f := t.Field(name)
		switch {
		case f == nil:
			l.unknown(p.key, t.names(), Text{ZH: "没有这个字段", EN: "no such field:"})
		case value != "" && !slices.Contains(f.Of, value):
			l.problem(p.key, "`%s` 不是 `%s` 的选项（%s）", "`%s` is not a choice of `%s` (%s)", value, name, quoted(f.Of))
		}
		owned := Owned{Field: name, Value: value}
		for _, w := range l.words(p.value) {
			owned.Processes = append(owned.Processes, w.name)
			l.processExists(w)
		}
		t.ChangedOnlyBy = append(t.ChangedOnlyBy, owned)
	}
}

// processExists warns only: the process may be published later than the record it is about.
func (l *loader) processExists(w named) {
	for _, d := range l.lib.Documents {
		if d.Kind == "process" && d.ID == w.name {
			return
		}
	}
	if l.base.Processes[w.name] == nil {
		l.warn(w.at, "还没有流程 `%s`：在它发布之前谁也不能修改这个字段", "there is no process `%s` yet: until it is published nobody can change this field", w.name)
	}
}

// recordFields reads {name: {type: …}}.
func (l *loader) recordFields(n *node, types []string) []Field {
	if n.kind != nodeMap || len(n.pairs) == 0 {
		l.problem(n, "字段应写成 {名称: {type: …}}", "fields are written as {name: {type: …}}")
		return nil
	}
	var out []Field
	for i, p := range n.pairs {
		if i == maxFields {
			l.problem(p.key, "字段太多（最多 %d 个）", "too many fields (at most %d)", maxFields)
			break
		}
		name := p.key.text
		if !fieldPattern.MatchString(name) || len(name) > maxID || slices.Contains(reservedWords, name) {
			l.problem(p.key, "`%s` 不能作字段名：只能用小写字母、数字和下划线，以字母开头", "`%s` can't be the name of a field: small letters, digits and underscores, a letter first", clip(name))
			continue
		}
		f := Field{Name: name, At: l.position(p.key)}
		l.recordField(&f, p.value, types)
		out = append(out, f)
	}
	return out
}

// recordField reads one field. What a key means depends on the type, which may stand after it.
func (l *loader) recordField(f *Field, n *node, types []string) {
	if v := n.get("type"); v != nil {
		f.Type = l.oneOf(v, types)
	} else if n.kind == nodeMap {
		l.problem(n, "字段 `%s` 没有写 `type`", "the field `%s` has no `type`", f.Name)
	}
	known := keys{
		"type":     func(*node) {},
		"title":    func(v *node) { f.Title = l.title(v) },
		"required": func(v *node) { f.Required = l.yes(v) },
		"many":     func(v *node) { f.Many = l.yes(v) },
		"default":  func(*node) {}, // last: it is checked against the rest
		"is":       func(*node) {}, // in resolveRecord
	}
	maps.Copy(known, l.fieldKeys(f))
	if !l.object(n, Text{ZH: "字段", EN: "a field"}, known) {
		return
	}
	l.complete(f, n)
	if v := n.get("default"); v != nil {
		f.Default = l.fieldDefault(f, v)
	}
}

// fieldKeys are the keys that only some types have.
func (l *loader) fieldKeys(f *Field) keys {
	choices := func(v *node) { l.choices(f, v) }
	switch f.Type {
	case typeText:
		return keys{"long": func(v *node) { f.Long = l.yes(v) }}
	case typeChoice, typeDepartment:
		return keys{"of": choices}
	case typeReference:
		return keys{"to": func(v *node) { f.To, _ = l.string(v) }}
	case typeFile:
		return keys{"accept": func(v *node) { f.Accept = l.accept(v) }, "at_most": func(v *node) { f.MaxSize = l.size(v) }}
	case typeNumber, typePercent, typeMoney:
		return keys{"at_least": func(v *node) { f.AtLeast = l.floor(f, v) }}
	case typeLines:
		columns := slices.DeleteFunc(slices.Clone(fieldTypes), func(t string) bool { return t == typeLines })
		return keys{
			"of":  func(v *node) { f.Lines = l.recordFields(v, columns) },
			"key": func(v *node) { f.Key, _ = l.string(v) },
		}
	}
	return nil
}

// choices reads [name, …], or {name: title} of a choice.
func (l *loader) choices(f *Field, n *node) {
	if n.kind != nodeMap || f.Type != typeChoice {
		f.Of = names(l.words(n))
		return
	}
	f.Titles = map[string]Text{}
	for _, p := range n.pairs {
		f.Of = append(f.Of, p.key.text)
		f.Titles[p.key.text] = l.title(p.value)
	}
}

// complete checks what a field's type asks for.
func (l *loader) complete(f *Field, n *node) {
	switch {
	case f.Type == typeChoice && n.get("of") == nil:
		l.problem(n, "`%s` 没有写选项（`of`）", "`%s` has no choices (`of`)", f.Name)
	case f.Type == typeReference && n.get("to") == nil:
		l.problem(n, "`%s` 没有写指向哪种记录（`to`）", "`%s` doesn't say to which record type (`to`)", f.Name)
	case f.Type == typeLines && n.get("of") == nil:
		l.problem(n, "`%s` 没有写各列（`of`）", "`%s` has no columns (`of`)", f.Name)
	case f.Type == typeLines && f.Many:
		l.problem(n.get("many"), "`lines` 本身就是多行，不用 `many`", "`lines` are many already")
	}
	if f.Key != "" && !slices.ContainsFunc(f.Lines, func(c Field) bool { return c.Name == f.Key }) {
		l.problem(cmp.Or(n.get("key"), n), "`key` 应是其中一列", "`key` is one of the columns")
	}
}

// fieldDefault reads `default`: `creator` of a person, `today` of a date, else a value of the field.
func (l *loader) fieldDefault(f *Field, v *node) any {
	if v.kind == nodeText && (f.Type == typePerson && v.text == "creator" || f.Type == typeDate && v.text == "today") && !f.Many {
		return v.text
	}
	value, wrong := f.literal(v)
	if wrong != nil {
		l.wrongValue(f, v, wrong)
		return nil
	}
	return value
}

// floor reads `at_least`.
func (l *loader) floor(f *Field, v *node) any {
	one := Field{Name: "at_least", Type: f.Type}
	value, wrong := one.literal(v)
	if wrong != nil {
		l.wrongValue(&one, v, wrong)
		return nil
	}
	return value
}
