package process

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
)

// maxLevels is the most levels of managers that an entry may go up.
const maxLevels = 50

// several says whether an entry of `by` may be more than one seat.
func (b By) several() bool {
	switch b.Kind {
	case ByManagersOf:
		return b.UpTo == nil || b.UpTo.Level != 1
	case ByPickedBy:
		return b.Max > 1
	}
	return b.Every || b.many
}

// seats reads `to` or `tell`: one entry or a list. With a task in hand, `holder` and `assignee` mean something.
func (c *chainLoader) seats(n *node, task bool) []By {
	var out []By
	for _, item := range c.list(n) {
		b, ok := c.by(item, task)
		if !ok {
			continue
		}
		if b.Kind == ByPickedBy || b.Kind == ByOutside {
			c.problem(item, "`%s` 只用于步骤的 `by`", "`%s` goes with the `by` of a step only", b.Kind)
			continue
		}
		out = append(out, b)
	}
	return out
}

// seatsOf reads the `by` of a step.
func (c *chainLoader) seatsOf(s *Step, n *node) []By {
	var out []By
	picks := 0
	for _, item := range c.list(n) {
		b, ok := c.by(item, false)
		if !ok {
			continue
		}
		if b.Kind == ByPickedBy {
			if picks++; picks > 1 {
				c.problem(item, "一个步骤只能有一处 `picked_by`；要选几个人请写 `count`", "a step has one `picked_by`; for several people say `count`")
				continue
			}
			c.after(func() { c.picker(s, b, item) })
		}
		out = append(out, b)
	}
	return out
}

// oneSeat reads an entry that is one seat.
func (c *chainLoader) oneSeat(n *node, task bool) *By {
	if n.kind == nodeList {
		c.problem(n, "这里只能写一个人选", "one entry is expected here, not a list")
		return nil
	}
	b, ok := c.by(n, task)
	switch {
	case !ok:
		return nil
	case b.Kind == ByPickedBy || b.Kind == ByOutside:
		c.problem(n, "`%s` 只用于步骤的 `by`", "`%s` goes with the `by` of a step only", b.Kind)
		return nil
	case b.several():
		c.problem(n, "这里只能是一个人，或其中任何一人都可以的一组人", "this is one person, or a set of whom any one will do")
		return nil
	}
	return &b
}

// by reads one entry.
func (c *chainLoader) by(n *node, task bool) (By, bool) {
	if n.kind != nodeMap {
		return c.byWord(n, task)
	}
	r := &byReader{chainLoader: c, By: By{At: c.position(n)}, node: n, task: task}
	if !c.object(n, Text{ZH: "`by`", EN: "`by`"}, r.keys()) {
		return r.By, false
	}
	if r.forms > 1 {
		c.problem(n, "一个人选只能有一种写法；几个人请写成列表", "one entry names people in one way; for several write a list")
	}
	r.belonging()
	r.complete()
	c.p.asksAnew = c.p.asksAnew || r.For != nil || r.Kind == ByInChargeOf
	return r.By, r.forms == 1 && r.named
}

// byWord reads `initiator`, and `holder` and `assignee` where there is a task.
func (c *chainLoader) byWord(n *node, task bool) (By, bool) {
	s, ok := c.string(n)
	if !ok {
		return By{}, false
	}
	words := []string{string(ByInitiator)}
	if task {
		words = append(words, string(ByHolder), string(ByAssignee))
	}
	if slices.Contains(words, s) {
		return By{Kind: ByKind(s), At: c.position(n)}, true
	}
	if sort, id, cut := strings.Cut(s, ":"); cut && slices.Contains(principalSorts, sort) {
		c.problem(n, "请写成 {%s: %s}", "write {%s: %s}", sort, id)
		return By{}, false
	}
	if nearest(s, words) == "" && s != string(ByHolder) && s != string(ByAssignee) {
		c.problem(n, "不知道这是谁：`%s`（可以是 %s；某个人写作 {user: %[1]s}，某个角色写作 {role: %[1]s}）", "unknown person: `%s` (one of %s; a person is written {user: %[1]s}, a role {role: %[1]s})", clip(s), quoted(words))
		return By{}, false
	}
	c.unknown(n, words, Text{ZH: "不知道这是谁", EN: "unknown person:"})
	return By{}, false
}

// byReader reads one entry written as a map.
type byReader struct {
	*chainLoader
	By
	node  *node
	task  bool
	forms int
	named bool // whom it names could be read
}

func (r *byReader) keys() keys {
	return keys{
		"manager_of":   r.form(ByManagerOf, typePerson, r.below),
		"managers_of":  r.form(ByManagersOf, typePerson, r.below),
		"head_of":      r.form(ByHeadOf, typeDepartment, func(v *node) { r.exists(v, Principal("department:"+r.Of)) }),
		"in_charge_of": r.form(ByInChargeOf, typeDepartment, func(v *node) { r.exists(v, Principal("department:"+r.Of)) }),
		"role":         r.form(ByRole, typeText, r.member),
		"department":   r.form(ByDepartment, typeDepartment, r.member),
		"group":        r.form(ByGroup, typeText, r.member),
		"position":     r.form(ByPosition, typeText, r.member),
		"user":         r.form(ByUser, typePerson, r.member),
		"field":        r.form(ByField, "", func(v *node) { r.many = r.personField(v, r.Of) }),
		"actor_of":     r.form(ByActorOf, "", func(v *node) { r.after(func() { r.asks(v, v.text) }) }),
		"picked_by":    r.form(ByPickedBy, "", r.pickedBy),
		"outside":      r.expression(ByOutside, r.outside),
		"cel":          r.expression(ByCel, r.celPeople),
		"if":           func(v *node) { r.If = r.condition(v) },
		"everyone":     func(v *node) { r.Every = r.yes(v) },
		"for":          func(v *node) { r.For = r.heldFor(v) },
		"up_to":        func(v *node) { r.UpTo = r.upTo(v) },
		"order":        func(v *node) { r.Down = r.oneOf(v, []string{"up", "down"}) == "down" },
		"from":         func(v *node) { r.From = r.pickable(v) },
		"count":        func(v *node) { r.Min, r.Max = r.pickCount(v) },
		"stands_in":    func(v *node) { r.StandsIn = r.standsIn(v) },
		"email":        func(v *node) { r.Email = r.email(v) },
	}
}

// form reads a form that names somebody by a text: an id, a word, or `$x` of an `each` whose items are of the type wanted; "" when none can stand there.
func (r *byReader) form(kind ByKind, want string, read func(*node)) func(*node) {
	return func(v *node) {
		r.forms++
		r.Kind = kind
		s, ok := r.string(v)
		if !ok {
			return
		}
		r.Of, r.named = s, true
		if name, variable := strings.CutPrefix(s, "$"); variable {
			if strings.Contains(name, ".") && want != "" {
				r.Column = r.columnOf(v, want)
				r.named = r.Column != nil
				return
			}
			r.itemOf(v, name, want)
			return
		}
		if want != "" && r.namesField(s) {
			r.fieldOf(v, want)
			return
		}
		read(v)
	}
}

// namesField says whether a text is written like a value of the case: record.unit.
func (r *byReader) namesField(s string) bool {
	root, _, more := strings.Cut(s, ".")
	return more && slices.Contains(r.vocabulary().roots(), root)
}

// fieldOf reads `record.unit`, which must be of the type wanted. A chain that was published when such a text was a name like any other still is one.
func (r *byReader) fieldOf(v *node, want string) {
	before := len(r.problems)
	r.Column = r.columnOf(v, want)
	if r.Column == nil && r.base.Past {
		r.problems = r.problems[:before]
	}
	r.p.asksAnew = r.p.asksAnew || r.Column != nil
}

// expression reads a form that names somebody by an expression.
func (r *byReader) expression(kind ByKind, read func(*node) *Expr) func(*node) {
	return func(v *node) {
		r.forms++
		r.Kind = kind
		r.Cel = read(v)
		r.named = r.Cel != nil
	}
}

// celPeople reads an expression that gives one person or a list of them.
func (r *byReader) celPeople(v *node) *Expr {
	e := r.celPerson(v)
	if e != nil {
		r.compileTo(v, func(_ *compiler, got *cel.Type) bool {
			r.many = got.Kind() == types.ListKind
			return true
		})
	}
	return e
}

// itemTypes are the types of items that can stand where a person, a department or another id is wanted.
var itemTypes = map[string][]string{
	typePerson: {typePerson}, typeDepartment: {typeDepartment}, typeText: {typeText, typeChoice},
}

// itemOf checks `$x`: that some `each` around names its items so, and that they are of the type wanted.
func (c *chainLoader) itemOf(n *node, name, want string) {
	var words []string
	for i := len(c.items) - 1; i >= 0; i-- {
		item := c.items[i]
		if item.name != name {
			words = append(words, "$"+item.name)
			continue
		}
		switch f := item.field; {
		case want == "":
			c.problem(n, "这里要写名称，不能用 `$%s`", "a name is expected here, not `$%s`", name)
		case f != nil && !slices.Contains(itemTypes[want], f.Type):
			c.problem(n, "`$%s` 是%s，这里需要%s", "`$%s` is %s; %s is expected here", name, fieldWord(f.Type), fieldWord(want))
		}
		return
	}
	c.unknown(n, words, Text{ZH: "外层没有 `each` 给出", EN: "no `each` around here gives"})
}

// columnOf reads `$x.column` or `record.field`, which must be of the type wanted.
func (c *chainLoader) columnOf(v *node, want string) *Expr {
	return c.compileTo(v, func(x *compiler, _ *cel.Type) bool {
		f := x.fieldIn(x.ast.NativeRep().Expr())
		switch {
		case f == nil:
			x.fail(0, "这里写 `$x.列` 或 `record.字段`，不能是表达式", "`$x.column` or `record.field` is expected here, not an expression")
		case f.Many:
			x.fail(0, "`%s` 有几个值，这里需要一个；请用 `each` 逐项问", "`%s` holds several values and one is expected here: ask for each of them with `each`", v.text)
		case !slices.Contains(itemTypes[want], f.Type):
			x.fail(0, "`%s` 是%s，这里需要%s", "`%s` is %s; %s is expected here", v.text, fieldWord(f.Type), fieldWord(want))
		default:
			return true
		}
		return false
	})
}

// fieldWord is what a type of items is called.
func fieldWord(t string) Text {
	words := map[string]Text{
		typePerson: {ZH: "人员", EN: "a person"}, typeDepartment: {ZH: "部门", EN: "a department"}, typeText: {ZH: "文字", EN: "a text"},
		typeLines: {ZH: "一行", EN: "a line"}, typeReference: {ZH: "记录的引用", EN: "a reference"}, typeChoice: {ZH: "选项", EN: "a choice"},
	}
	if w, ok := words[t]; ok {
		return w
	}
	return typeWord(celType(&Field{Type: t}).String())
}

func (r *byReader) member(v *node) {
	if strings.Contains(r.Of, ":") {
		r.problem(v, "这里只写名称，不带 `%s:`", "write the name alone, without `%s:`", strings.SplitN(r.Of, ":", 2)[0])
		r.named = false
		return
	}
	r.exists(v, Principal(string(r.Kind)+":"+r.Of))
}

// below checks whose managers are meant.
func (r *byReader) below(v *node) {
	words := []string{"initiator", "owner"}
	if r.task {
		words = append(words, "holder", "assignee")
	}
	if slices.Contains(words, r.Of) {
		return
	}
	if t := r.p.Type; t != nil {
		if f := t.Field(r.Of); f != nil && f.Type == typePerson && !f.Many {
			return
		}
		for _, f := range t.Fields {
			if f.Type == typePerson && !f.Many && !slices.Contains(words, f.Name) {
				words = append(words, f.Name)
			}
		}
	}
	r.unknown(v, words, Text{ZH: "不知道是谁的主管", EN: "whose manager? Unknown person:"})
}

// personField checks that a field holds people, and says whether it may hold several.
func (c *chainLoader) personField(n *node, name string) (many bool) {
	if c.p.Type != nil && c.p.Type.Field(name) == nil && name == "owner" {
		return false // every record has one
	}
	f := c.field(n, name)
	if f != nil && f.Type != typePerson {
		c.problem(n, "字段 `%s` 不是人员", "the field `%s` doesn't hold people", name)
	}
	return f != nil && f.Many
}

// upTo reads {role: director}, {level: 3} or `top`.
func (c *chainLoader) upTo(v *node) *UpTo {
	if v.kind != nodeMap {
		c.oneOf(v, []string{"top", "{role: …}", "{level: …}"})
		return &UpTo{}
	}
	up := &UpTo{}
	c.object(v, Text{ZH: "`up_to`", EN: "`up_to`"}, keys{
		"role": func(v *node) {
			up.Role, _ = c.string(v)
			c.exists(v, Principal("role:"+up.Role))
		},
		"level": func(v *node) { up.Level = c.count(v, 1, maxLevels) },
	})
	if len(v.pairs) != 1 {
		c.problem(v, "`up_to` 写 `role`、`level` 之一，或 `top`", "`up_to` has either `role` or `level`, or is `top`")
	}
	return up
}

// standsIn reads who acts for somebody without an account.
func (r *byReader) standsIn(v *node) *By {
	b, ok := r.by(v, r.task)
	if !ok {
		return nil
	}
	if b.Kind == ByPickedBy || b.Kind == ByOutside {
		r.problem(v, "`%s` 不能代人办理", "`%s` can't stand in for anybody", b.Kind)
		return nil
	}
	if b.several() {
		r.problem(v, "代办人只能是一个人，或其中任何一人都可以的一组人", "who stands in is one person, or a set of whom any one will do")
		return nil
	}
	return &b
}

// formOf says which form a key belongs to.
var formOf = map[string]ByKind{
	"for": ByRole, "up_to": ByManagersOf, "order": ByManagersOf, "from": ByPickedBy, "count": ByPickedBy, "stands_in": ByOutside, "email": ByOutside,
}

// setKinds are the forms that name a set of people.
var setKinds = []ByKind{ByRole, ByDepartment, ByGroup, ByPosition}

// belonging checks that each key stands with the form that it belongs to.
func (r *byReader) belonging() {
	for _, p := range r.node.pairs {
		if kind, ok := formOf[p.key.text]; ok && r.Kind != kind {
			r.problem(p.key, "`%s` 只和 `%s` 一起用", "`%s` goes with `%s`", p.key.text, kind)
		}
	}
	if r.Every && !slices.Contains(setKinds, r.Kind) {
		r.problem(r.node, "`everyone` 只用于角色、部门、小组和岗位", "`everyone` goes with a role, a department, a group or a position")
	}
}

// complete checks that nothing is missing that a form needs.
func (r *byReader) complete() {
	switch {
	case r.task && (r.Kind == ByPickedBy || r.Kind == ByOutside):
		r.problem(r.node, "`%s` 只用于步骤的 `by`", "`%s` goes with the `by` of a step only", r.Kind)
		r.named = false
	case r.Kind == ByManagersOf && r.node.get("up_to") == nil:
		r.problem(r.node, "逐级到哪里为止？请写 `up_to: {role: …}`、`{level: 3}` 或 `top`", "up to where? Say `up_to: {role: …}`, `{level: 3}` or `top`")
		r.named = false
	case r.Kind == ByOutside && r.node.get("stands_in") == nil:
		r.problem(r.node, "外部人员没有账号，谁代为办理？请写 `stands_in`", "somebody outside has no account: who acts for them? Say `stands_in`")
		r.named = false
	case r.Kind == ByOutside && r.StandsIn == nil:
		r.named = false
	}
}
