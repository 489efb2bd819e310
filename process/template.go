package process

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Template is a text with places to fill in: "{initiator} · {record.customer}".
type Template struct {
	Source string
	Fields []string // fields of the record it shows, sorted
	parts  []part
}

// part is a piece of text, or a place: then show is set.
type part struct {
	text string
	show func(env Env, lang string) string
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// Render fills in the places. It never fails: an empty field is nothing, people and references show by name, money as "500,000.00 CNY".
func (t *Template) Render(env Env) Text {
	return Text{ZH: t.render(env, "zh"), EN: t.render(env, "en")}
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
	root, field, _ := strings.Cut(name, ".")
	switch {
	case name == "initiator":
		t.show(func(env Env, lang string) string { return env.person(env.Initiator, lang) })
	case name == "today":
		t.show(func(env Env, _ string) string { return env.today() })
	case root != "record" && root != "before" || field == "":
		c.unknown(at, []string{"initiator", "today", "record.…", "before.…"}, nil, Text{ZH: "这里不能填", EN: "nothing to fill in for"})
	case c.p.Type != nil:
		t.field(c, at, root, field)
	}
}

func (t *Template) show(f func(Env, string) string) { t.parts = append(t.parts, part{show: f}) }

func (t *Template) field(c *chainLoader, at *node, root, name string) {
	for _, v := range exprVariables(c.p.Type) {
		if v.name != name || root == "before" && !v.stored {
			continue
		}
		if root == "before" {
			t.show(func(env Env, lang string) string { return env.Show(&v.field, env.Before[name], lang) })
			return
		}
		t.show(func(env Env, lang string) string { return env.Show(&v.field, v.get(env.Record), lang) })
		if v.stored {
			t.Fields = append(t.Fields, name)
		}
		return
	}
	if strings.Contains(name, ".") {
		c.notYet(at, at.text)
		return
	}
	at.column += len(root) + 1
	at.text = name
	c.unknown(at, c.p.Type.names(), nil, Text{ZH: "`" + c.p.Type.ID + "` 没有这个字段", EN: "`" + c.p.Type.ID + "` has no field"})
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
