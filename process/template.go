package process

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Template is a text with places to fill in: "{initiator} · {record.customer}".
type Template struct {
	Source string
	Fields []string // fields of the record it shows, as they are or as they were, sorted
	parts  []part
	en     *Template // what it says in English, where that is written apart
}

// part is a piece of text, or a place: then show is set.
type part struct {
	text string
	show func(env Env, lang string) string
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// Render fills in the places. It never fails: an empty field is nothing, people and references show by name, money as "500,000.00 CNY".
func (t *Template) Render(env Env) Text {
	return Text{ZH: t.render(env, "zh"), EN: t.english().render(env, "en")}
}

// Written is the text as it was written, in both languages.
func (t *Template) Written() Text { return Text{ZH: t.Source, EN: t.english().Source} }

func (t *Template) english() *Template {
	if t.en != nil {
		return t.en
	}
	return t
}

func (t *Template) render(env Env, lang string) string {
	var b strings.Builder
	for _, p := range t.parts {
		if p.show != nil {
			b.WriteString(p.show(env, lang))
			continue
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// templates reads a text with places, or one for each language: {zh, en}.
func (c *chainLoader) templates(v *node) *Template {
	if v.kind != nodeMap {
		return c.template(v)
	}
	var zh, en *Template
	c.object(v, Text{ZH: "文字", EN: "a text"}, keys{
		"zh": func(v *node) { zh = c.template(v) },
		"en": func(v *node) { en = c.template(v) },
	})
	switch {
	case len(v.pairs) == 0:
		c.problem(v, "这里不能为空", "this is empty")
	case zh == nil || en == nil:
		return cmp.Or(zh, en)
	default:
		zh.en = en
		zh.Fields = append(zh.Fields, en.Fields...)
		slices.Sort(zh.Fields)
		zh.Fields = slices.Compact(zh.Fields)
	}
	return zh
}

// template reads a text with places.
func (c *chainLoader) template(v *node) *Template {
	s, ok := c.string(v)
	if !ok {
		return nil
	}
	t := &Template{Source: s}
	at := 0
	for _, m := range placeholder.FindAllStringIndex(s, -1) {
		t.literal(s[at:m[0]])
		t.place(c, v, s[m[0]+1:m[1]-1], len([]rune(s[:m[0]]))+1)
		at = m[1]
	}
	t.literal(s[at:])
	if rest := placeholder.ReplaceAllString(s, ""); strings.ContainsAny(rest, "{}") {
		c.problem(v, "大括号没有成对", "the braces don't match")
	}
	slices.Sort(t.Fields)
	t.Fields = slices.Compact(t.Fields)
	return t
}

func (t *Template) literal(s string) {
	if s != "" {
		t.parts = append(t.parts, part{text: s})
	}
}

// place reads what stands between braces; offset is where, in characters of the text.
func (t *Template) place(c *chainLoader, v *node, name string, offset int) {
	at := &node{line: v.line, column: v.column, text: name}
	if v.inline {
		at.column += v.offset + offset
	}
	switch {
	case name == "initiator":
		t.show(func(env Env, lang string) string { return env.person(env.Initiator, lang) })
	case name == "today":
		t.show(func(env Env, _ string) string { return env.today() })
	case c.p.Type != nil:
		t.named(c, at, strings.Split(name, "."))
	}
}

func (t *Template) show(f func(Env, string) string) { t.parts = append(t.parts, part{show: f}) }

// named shows what a path names: record.x.y, before.x, $x, decided.x.
func (t *Template) named(c *chainLoader, at *node, names []string) {
	if item, ok := strings.CutPrefix(names[0], "$"); ok {
		names[0] = itemPrefix + item
	} else if strings.HasPrefix(names[0], "_") || len(names) == 1 || !slices.Contains(c.vocabulary().roots(), names[0]) {
		words := []string{"initiator", "today", "record.…", "before.…", "decided.…", "$…"}
		c.unknown(at, words, Text{ZH: "这里不能填", EN: "nothing to fill in for"})
		return
	}
	p, wrong := c.vocabulary().path(names)
	switch {
	case wrong != nil:
		at.text = strings.Replace(names[wrong.index], itemPrefix, "$", 1)
		at.column += utf8.RuneCountInString(strings.Replace(strings.Join(names[:wrong.index], ".")+".", itemPrefix, "$", 1))
		if wrong.index == 0 {
			at.column--
		}
		c.wrongWord(at, wrong)
	case p.list != nil:
		c.problem(at, "`%s` 有很多个，不能填在文字里", "`%s` is many values: they can't be filled in", at.text)
	default:
		c.asItIsNow(at, names)
		t.show(func(env Env, lang string) string { return env.filled(p.field, p.get(env, nil), lang) })
		if p.stored != "" {
			t.Fields = append(t.Fields, p.stored)
		}
		if names[0] == "before" {
			t.Fields = append(t.Fields, names[1])
		}
	}
}

func (e Env) person(id, lang string) string {
	if e.Names == nil || id == "" {
		return id
	}
	if name := e.Names(id).In(lang); name != "" {
		return name
	}
	return id
}

// filled writes a value of a field for people: a choice by its title and a department by its name, which Show leaves as they are written.
func (e Env) filled(f *Field, v any, lang string) string {
	switch v := v.(type) {
	case string:
		switch {
		case e.ids:
		case f.Type == typeDepartment && e.Departments != nil:
			if name := e.Departments(v).In(lang); name != "" {
				return name
			}
		case len(f.Of) > 0:
			return f.Choice(v).In(lang)
		}
	case []any:
		var all []string
		for _, x := range v {
			all = append(all, e.filled(f, x, lang))
		}
		return strings.Join(all, Text{ZH: "、", EN: ", "}.In(lang))
	}
	return e.Show(f, v, lang)
}

// Show writes a value of a field for people.
func (e Env) Show(f *Field, v any, lang string) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return e.showText(f, v, lang)
	case float64:
		s := strconv.FormatFloat(v, 'f', -1, 64)
		if f.Type == typePercent {
			s += "%"
		}
		return s
	case bool:
		return map[bool]Text{true: {ZH: "是", EN: "yes"}, false: {ZH: "否", EN: "no"}}[v].In(lang)
	case Money:
		return v.String()
	case Reference:
		if v.Title != "" {
			return v.Title
		}
		return v.ID
	case FileRef:
		return v.Name
	case Limit:
		return v.Say(lang)
	case []any:
		var all []string
		for _, x := range v {
			all = append(all, e.Show(f, x, lang))
		}
		return strings.Join(all, Text{ZH: "、", EN: ", "}.In(lang))
	case []map[string]any:
		return Text{ZH: strconv.Itoa(len(v)) + " 行", EN: strconv.Itoa(len(v)) + " lines"}.In(lang)
	}
	return ""
}

func (e Env) showText(f *Field, s, lang string) string {
	switch f.Type {
	case typePerson:
		return e.person(s, lang)
	case typeDatetime:
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return s
		}
		if e.Zone != nil {
			at = at.In(e.Zone)
		}
		return at.Format("2006-01-02 15:04")
	}
	return s
}
