package process

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// own is what the expressions in a record type's document may name.
func (l *loader) own(t *RecordType) vocabulary { return vocabulary{loader: l, record: t} }

// computed reads the `is` of fields, and puts them into an order in which each comes after those it looks at.
func (l *loader) computed(t *RecordType, fields *node) {
	at := map[string]*node{}
	for _, p := range fields.pairs {
		f := t.Field(p.key.text)
		if is := p.value.get("is"); is != nil && f != nil {
			l.onlyComputed(p.value)
			f.Is, at[f.Name] = l.own(t).compile(is, f), is
		}
		if of := p.value.get("of"); of != nil {
			l.noComputedColumns(of)
		}
	}
	for i := range t.Fields {
		if !l.order(t, &t.Fields[i], nil, at) {
			return
		}
	}
}

// onlyComputed refuses what means nothing for a field that nobody writes.
func (l *loader) onlyComputed(field *node) {
	for _, key := range []string{"required", "default", "at_least"} {
		if v := field.get(key); v != nil {
			l.problem(v, "计算字段（`is`）不用 `%s`：它的值由表达式得出", "a computed field (`is`) has no `%s`: its value is what the expression gives", key)
		}
	}
}

func (l *loader) noComputedColumns(of *node) {
	for _, p := range of.pairs {
		if is := p.value.get("is"); is != nil {
			l.problem(is, "只有记录自己的字段可以计算（`is`），多行里的列不可以", "only a field of the record itself can be computed (`is`), not a column of lines")
		}
	}
}

// order puts a computed field behind those it looks at. It gives false when they go round in a circle.
func (l *loader) order(t *RecordType, f *Field, path []string, at map[string]*node) bool {
	if f.Is == nil || slices.Contains(t.computed, f) {
		return true
	}
	if i := slices.Index(path, f.Name); i >= 0 {
		circle := strings.Join(append(path[i:], f.Name), " → ")
		l.problem(at[f.Name], "计算字段互相依赖：%s", "computed fields depend on each other: %s", circle)
		return false
	}
	for _, name := range f.Is.Fields {
		if other := t.Field(name); other != nil && !l.order(t, other, append(path, f.Name), at) {
			return false
		}
	}
	t.computed = append(t.computed, f)
	return true
}

// emits reads {name: condition}.
func (l *loader) emits(t *RecordType, n *node) {
	if n.kind != nodeMap || len(n.pairs) == 0 {
		l.problem(n, "`emits` 应写成 {事件: 条件}", "`emits` is written as {event: condition}")
		return
	}
	for _, p := range n.pairs {
		name, ok := l.identifier(p.key)
		when := l.own(t).condition(p.value)
		if ok && when != nil {
			t.Emits = append(t.Emits, Emit{Name: name, When: when, At: l.position(p.key)})
		}
	}
}

// What a file field may take: sorts of files, or endings such as `.dwg`.
var (
	fileSorts  = []string{"image", "audio", "video", "pdf", "document", "spreadsheet"}
	fileEnding = regexp.MustCompile(`^\.[a-z0-9]{1,10}$`)
	fileSize   = regexp.MustCompile(`^([0-9]{1,4}) (KB|MB|GB)$`)
)

func (l *loader) accept(v *node) []string {
	list := l.words(v)
	for _, w := range list {
		if !fileEnding.MatchString(w.name) && !slices.Contains(fileSorts, w.name) {
			l.unknown(w.at, fileSorts, Text{ZH: "不知道这是哪种文件（也可以写后缀，如 `.dwg`）", EN: "unknown sort of file (an ending such as `.dwg` is possible too):"})
		}
	}
	return names(list)
}

// size reads "20 MB" as bytes.
func (l *loader) size(v *node) int64 {
	s, ok := l.string(v)
	if !ok {
		return 0
	}
	m := fileSize.FindStringSubmatch(s)
	if m == nil {
		l.problem(v, "`%s` 不是文件大小：可写 500 KB、20 MB、1 GB", "`%s` is no size of a file: write 500 KB, 20 MB or 1 GB", clip(s))
		return 0
	}
	n, _ := strconv.ParseInt(m[1], 10, 64)
	return n * map[string]int64{"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}[m[2]]
}
