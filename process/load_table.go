package process

import (
	"slices"

	"cel.dev/cel-go/cel"
)

// TableSpec is a decision table as it was written. Each chain that asks it binds it to its own record.
type TableSpec struct {
	ID      string
	Title   Text
	Outputs []Field
	Source  string // the document as it was written
	Digest  string // "sha256:…" of Source

	sound  bool // nothing was wrong with it by itself
	hit    string
	inputs []pair
	rows   []rowSpec
	at     *node // where its rows begin
	file   string
	lines  []string
}

// rowSpec is a row of which `when` isn't typed yet.
type rowSpec struct {
	when map[string]*node
	then []*Expr
	at   *node
}

// Limits of one table.
const (
	maxRows   = 500
	maxInputs = 50
)

// outputTypes are what a table may give.
var outputTypes = []string{
	typeDuration, typeText, typeNumber, typePercent, typeMoney, typeDate, typeDatetime, typeYesNo, typePerson, typeDepartment, typeChoice,
}

// declareTable reads a table by itself.
func (l *loader) declareTable(d *loading) {
	spec := l.tableSpec(d.root, d.ID, "table")
	spec.Source, spec.Digest = d.Source, d.Digest
	if d.ID != "" && !d.skip {
		l.lib.Tables[d.ID] = spec
	}
}

// tableSpec reads everything of a table but what must know the types of its inputs. First is the key that carries its id; "" inside a step.
func (l *loader) tableSpec(n *node, id, first string) *TableSpec {
	spec := &TableSpec{ID: id, Title: Same(id), hit: HitUnique, at: n, file: l.file, lines: l.lines}
	said := len(l.problems)
	defer func() { spec.sound = len(l.problems) == said }()
	known := keys{
		"title":  func(v *node) { spec.Title = l.title(v) },
		"input":  func(v *node) { spec.inputs = l.tableInputs(v) },
		"output": func(v *node) { spec.Outputs = l.tableOutputs(v) },
		"hit":    func(v *node) { spec.hit = l.oneOf(v, []string{HitUnique, HitFirst}) },
		"rows":   func(*node) {}, // last: they need the inputs and outputs
	}
	if first != "" {
		known[first], known["language"] = func(*node) {}, l.languageNumber
	}
	if !l.object(n, Text{ZH: "决策表", EN: "a decision table"}, known) {
		return spec
	}
	for _, key := range []string{"input", "output", "rows"} {
		if n.get(key) == nil {
			l.problem(n, "决策表没有写 `%s`", "the decision table has no `%s`", key)
		}
	}
	if v := n.get("rows"); v != nil {
		spec.at = v
		l.tableRows(spec, v)
	}
	return spec
}

func (l *loader) tableInputs(n *node) []pair {
	if n.kind != nodeMap || len(n.pairs) == 0 {
		l.problem(n, "`input` 应写成 {名称: 表达式}", "`input` is written as {name: expression}")
		return nil
	}
	if len(n.pairs) > maxInputs {
		l.problem(n, "决策表的输入太多（最多 %d 个）", "too many inputs (at most %d)", maxInputs)
		return nil
	}
	return n.pairs
}

// tableOutputs reads {name: type} or {name: {type: choice, of: […]}}.
func (l *loader) tableOutputs(n *node) []Field {
	if n.kind != nodeMap || len(n.pairs) == 0 {
		l.problem(n, "`output` 应写成 {名称: 类型}", "`output` is written as {name: type}")
		return nil
	}
	var out []Field
	for _, p := range n.pairs {
		if !fieldPattern.MatchString(p.key.text) {
			l.problem(p.key, "`%s` 不能作名称：只能用小写字母、数字和下划线，以字母开头", "`%s` can't be a name: small letters, digits and underscores, a letter first", clip(p.key.text))
			continue
		}
		out = append(out, l.tableOutput(p))
	}
	return out
}

func (l *loader) tableOutput(p pair) Field {
	f := Field{Name: p.key.text, At: l.position(p.key)}
	if p.value.kind != nodeMap {
		f.Type = l.oneOf(p.value, outputTypes)
		if f.Type == typeChoice {
			l.problem(p.value, "选项要写明：{type: choice, of: […]}", "a choice says of what: {type: choice, of: […]}")
		}
		return f
	}
	l.recordField(&f, p.value, outputTypes)
	for _, key := range []string{"required", "default", "is", "at_least"} {
		if v := p.value.get(key); v != nil {
			l.problem(v, "决策表的结果不用 `%s`", "an output of a table has no `%s`", key)
		}
	}
	return f
}

func (l *loader) tableRows(spec *TableSpec, n *node) {
	if n.kind != nodeList || len(n.items) == 0 {
		l.problem(n, "`rows` 应写成 [{when: {…}, then: {…}}, …]", "`rows` is written as [{when: {…}, then: {…}}, …]")
		return
	}
	for i, item := range n.items {
		if i == maxRows {
			l.problem(item, "决策表的行太多（最多 %d 行）", "too many rows (at most %d)", maxRows)
			return
		}
		row := rowSpec{when: map[string]*node{}, then: make([]*Expr, len(spec.Outputs)), at: item}
		given := map[string]bool{}
		l.object(item, Text{ZH: "决策表的一行", EN: "a row"}, keys{
			"when": func(v *node) { l.tableWhen(spec, &row, v) },
			"then": func(v *node) { l.tableThen(spec, &row, v, given) },
		})
		for _, f := range spec.Outputs {
			if item.kind == nodeMap && !given[f.Name] {
				l.problem(item, "这一行没有给出 `%s`", "the row doesn't say `%s`", f.Name)
			}
		}
		spec.rows = append(spec.rows, row)
	}
}

func (l *loader) tableWhen(spec *TableSpec, row *rowSpec, n *node) {
	known := keys{}
	for _, in := range spec.inputs {
		known[in.key.text] = func(v *node) { row.when[in.key.text] = v }
	}
	l.object(n, Text{ZH: "`when`", EN: "`when`"}, known)
}

func (l *loader) tableThen(spec *TableSpec, row *rowSpec, n *node, given map[string]bool) {
	known := keys{}
	for i := range spec.Outputs {
		f := &spec.Outputs[i]
		known[f.Name] = func(v *node) {
			given[f.Name] = true
			row.then[i] = &Expr{Source: sourceOf(v), At: l.position(v), literal: true, constant: l.outputValue(f, v)}
		}
	}
	l.object(n, Text{ZH: "`then`", EN: "`then`"}, known)
}

// outputValue reads one cell of `then`.
func (l *loader) outputValue(f *Field, v *node) any {
	if f.Type == typeDuration {
		if limit := (&chainLoader{loader: l}).limit(v); limit != nil {
			return *limit
		}
		return nil
	}
	value, wrong := f.literal(v)
	if wrong != nil {
		l.wrongValue(f, v, wrong)
		return nil
	}
	if id, ok := value.(string); ok && f.Type == typePerson {
		(&chainLoader{loader: l}).exists(v, User(id))
	}
	return value
}

// findTable finds the table that a node means: a document by its id, or one written in place.
func (c *chainLoader) findTable(v *node, id string) *TableSpec {
	if v.kind == nodeMap {
		if c.inPlace[v] == nil {
			c.inPlace[v] = c.tableSpec(v, id, "")
		}
		return c.inPlace[v]
	}
	name, ok := c.string(v)
	if !ok {
		return nil
	}
	spec := c.lib.Tables[name]
	if spec == nil {
		spec = c.base.Tables[name]
	}
	if spec == nil {
		c.unknown(v, sortedNames(merged(c.base.Tables, c.lib.Tables)), Text{ZH: "没有这张决策表", EN: "no such decision table:"})
	}
	return spec
}

// table binds a table to the chain: the id of a document, or a table written in place, which is then called id. It gives nil after a problem.
func (c *chainLoader) table(v *node, id string) *Table {
	spec := c.findTable(v, id)
	switch {
	case spec == nil || c.p.Type == nil:
		return nil
	case v.kind == nodeMap:
		return c.bind(spec)
	}
	if c.p.Tables[spec.ID] == nil {
		c.p.Tables[spec.ID] = c.bind(spec)
	}
	return c.p.Tables[spec.ID]
}

// tableLimit reads the table of a limit, `{table: complaint-limit}`: one of its outputs is a duration. It gives the table's id, "" after a problem.
func (c *chainLoader) tableLimit(v *node) string {
	if v.kind == nodeMap {
		c.problem(v, "这里写决策表的名称", "name a decision table here")
		return ""
	}
	t := c.table(v, "")
	if t == nil {
		return ""
	}
	if n := t.durations(); n != 1 {
		c.problem(v, "决策表 `%s` 应给出一个时限（duration），现在有 %d 个", "the table `%s` should give one duration; it gives %d", t.ID, n)
		return ""
	}
	return t.ID
}

// bind types a table against the chain's record. Problems stand in the table's own file.
func (c *chainLoader) bind(spec *TableSpec) *Table {
	l := &loader{loadSet: c.loadSet, file: spec.file, lines: spec.lines}
	t := &Table{ID: spec.ID, Title: spec.Title, Outputs: spec.Outputs, Hit: spec.hit, Source: spec.Source, Digest: spec.Digest}
	sound := len(spec.inputs) > 0 && len(spec.Outputs) > 0
	for _, p := range spec.inputs {
		in := c.tableInput(l, p)
		sound = sound && in.Field != nil
		t.Inputs = append(t.Inputs, in)
	}
	if !sound {
		return t
	}
	before := len(c.problems)
	for _, r := range spec.rows {
		row := TableRow{Then: r.then, At: l.position(r.at)}
		for _, in := range t.Inputs {
			var m *Match
			if v := r.when[in.Name]; v != nil {
				m = l.match(in.Field, v)
			}
			row.When = append(row.When, m)
		}
		t.Rows = append(t.Rows, row)
	}
	if len(c.problems) == before && spec.sound {
		l.checkTable(t, spec.at)
	}
	return t
}

// tableInput compiles what a table looks at, and finds out what it is.
func (c *chainLoader) tableInput(l *loader, p pair) TableInput {
	w := c.vocabulary()
	w.loader = l
	in := TableInput{Name: p.key.text}
	in.Value = w.compileTo(p.value, func(x *compiler, got *cel.Type) bool {
		in.Field = x.single(got)
		if in.Field == nil {
			x.fail(0, "决策表看的是单个的值，这里得到的是%s", "a table looks at single values; this is %s", typeWord(got.String()))
		}
		return in.Field != nil
	})
	return in
}

// decideOutputs finds the tables that the steps of a chain ask, before anything is read that may name their outputs.
func (c *chainLoader) decideOutputs(n *node) {
	for _, item := range n.items {
		if v := item.get("decide"); v != nil && item.kind == nodeMap {
			c.addOutputs(v)
		}
		c.decideOutputs(item)
	}
	for _, p := range n.pairs {
		c.decideOutputs(p.value)
	}
}

func (c *chainLoader) addOutputs(v *node) {
	if v.kind != nodeMap && v.kind != nodeText {
		return
	}
	spec := c.findTable(v, "decide")
	if spec == nil {
		return
	}
	for i := range spec.Outputs {
		f := &spec.Outputs[i]
		other := c.p.outputs[f.Name]
		if other != nil && (other.Type != f.Type || other.Many != f.Many || !slices.Equal(other.Of, f.Of)) {
			c.problem(v, "两张决策表都给出 `%s`，但类型不同", "two tables give `%s`, but of different types", f.Name)
			continue
		}
		c.p.outputs[f.Name] = f
	}
}
