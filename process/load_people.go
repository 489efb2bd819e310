package process

import (
	"maps"
	"slices"
	"strings"
)

// people are the keys of every step that asks somebody.
func (c *chainLoader) people(s *Step) keys {
	s.Who = &Who{IfNone: Nobody{Do: "hold"}, IfInitiator: Nobody{Do: "ask"}}
	var mode, by *node
	c.after(func() { c.checkSeats(s, by, mode) })
	known := keys{
		"by":           func(v *node) { by, s.Who.Seats = v, c.seats(v, false) },
		"mode":         func(v *node) { mode, s.Who.Mode = v, c.mode(v) },
		"if_none":      func(v *node) { s.Who.IfNone = c.nobody(v, "hold", "skip", "reject") },
		"if_initiator": func(v *node) { s.Who.IfInitiator = c.nobody(v, "ask", "skip") },
		"not_same_as":  func(v *node) { s.Who.NotSameAs = c.otherSteps(s, v) },
	}
	maps.Copy(known, c.form(s))
	maps.Copy(known, c.times(s))
	return known
}

// laterModes are the modes that this version hasn't.
var laterModes = []string{"all_opinions", "in_turn", "votes"}

// mode reads `first` or `all`; `votes` is written as a map.
func (c *chainLoader) mode(n *node) string {
	if n.kind == nodeMap {
		c.object(n, Text{ZH: "`mode`", EN: "`mode`"}, keys{}, "votes")
		return ""
	}
	return c.oneOf(n, []string{ModeFirst, ModeAll}, laterModes...)
}

// checkSeats: two seats or more need a mode; with one it means nothing.
func (c *chainLoader) checkSeats(s *Step, by, mode *node) {
	at := &node{line: s.At.Line, column: s.At.Column}
	seats := s.Who.Seats
	if by == nil {
		c.problem(at, "步骤 `%s` 没有写由谁处理（`by`）", "the step `%s` doesn't say who does it (`by`)", s.ID)
		return
	}
	several := len(seats) > 1 || slices.ContainsFunc(seats, func(b By) bool { return b.Every })
	switch {
	case several && mode == nil:
		c.problem(by, "有两个或更多的人要处理：请写 `mode: first`（或签）或 `mode: all`（会签）",
			"two seats or more: say `mode: first` (the first answer decides) or `mode: all` (all must agree)")
	case !several && mode != nil && len(seats) == 1:
		c.warn(mode, "只有一个人处理，`mode` 不起作用", "there is only one seat, so `mode` means nothing")
	case several && s.Who.Mode == ModeAll && len(s.Form.Edit) > 0:
		c.problem(mode, "会签时几个人会同时修改同一字段：`edit` 和 `mode: all` 不能同时用",
			"with `mode: all` several people would edit the same fields: a step has `edit` or `mode: all`, not both")
	}
}

// nobody reads what a step does when it finds nobody, or only the initiator: a word, or {to: …}.
func (c *chainLoader) nobody(n *node, words ...string) Nobody {
	if n.kind != nodeMap {
		word, ok := c.string(n)
		if ok && !slices.Contains(words, word) {
			c.unknown(n, append(words, "{to: …}"), nil, Text{ZH: "不能这样写", EN: "not possible here:"})
		}
		return Nobody{Do: word}
	}
	out := Nobody{Do: "to"}
	c.object(n, Text{ZH: "这里", EN: "this"}, keys{"to": func(v *node) {
		if b, ok := c.by(v, false); ok {
			out.To = &b
		}
	}})
	if out.To == nil && n.get("to") == nil {
		c.problem(n, "应写成 {to: …}", "this is written as {to: …}")
	}
	return out
}

// otherSteps reads ids of steps that ask people.
func (c *chainLoader) otherSteps(s *Step, n *node) []string {
	list := c.words(n)
	c.after(func() {
		for _, w := range list {
			c.asks(w.at, w.name)
			if w.name == s.ID {
				c.problem(w.at, "步骤 `%s` 指的是它自己", "the step `%s` names itself", s.ID)
			}
		}
	})
	return names(list)
}

// asks checks that an id is that of a step which asks people.
func (c *chainLoader) asks(n *node, id string) {
	switch s := c.p.byID[id]; {
	case c.lost[id]:
	case s == nil:
		c.unknown(n, c.stepIDs(), nil, Text{ZH: "没有这个步骤", EN: "no such step:"})
	case s.Who == nil:
		c.problem(n, "步骤 `%s` 不由人处理", "nobody is asked at the step `%s`", id)
	}
}

// stepIDs are the ids that the owner gave, for suggestions.
func (c *chainLoader) stepIDs() []string {
	return slices.Compact(slices.Sorted(slices.Values(c.written)))
}

// seats reads `by`, `to` or `tell`: one entry or a list. With a task in hand, `holder` and `assignee` mean something.
func (c *chainLoader) seats(n *node, task bool) []By {
	var out []By
	for _, item := range c.list(n) {
		if b, ok := c.by(item, task); ok {
			out = append(out, b)
		}
	}
	return out
}

// Forms of `by` that this version hasn't.
var laterForms = []string{"managers_of", "in_charge_of", "picked_by", "outside", "cel", "for", "up_to", "order", "from", "count", "stands_in"}

// by reads one entry.
func (c *chainLoader) by(n *node, task bool) (By, bool) {
	b := By{At: c.position(n)}
	if n.kind != nodeMap {
		return c.byWord(n, task)
	}
	forms := 0
	form := func(kind ByKind, read func(*By, *node)) func(*node) {
		return func(v *node) {
			forms++
			b.Kind = kind
			if s, ok := c.string(v); ok && !c.variable(v, s) {
				b.Of = s
				read(&b, v)
			}
		}
	}
	ok := c.object(n, Text{ZH: "`by`", EN: "`by`"}, keys{
		"manager_of": form(ByManagerOf, func(b *By, v *node) { c.personOf(v, b.Of, task) }),
		"head_of":    form(ByHeadOf, func(b *By, v *node) { c.exists(v, Principal("department:"+b.Of)) }),
		"role":       form(ByRole, c.member),
		"department": form(ByDepartment, c.member),
		"group":      form(ByGroup, c.member),
		"position":   form(ByPosition, c.member),
		"user":       form(ByUser, c.member),
		"field":      form(ByField, func(b *By, v *node) { c.personField(v, b.Of) }),
		"actor_of":   form(ByActorOf, func(b *By, v *node) { c.after(func() { c.asks(v, b.Of) }) }),
		"if":         func(v *node) { b.If = c.condition(v) },
		"everyone":   func(v *node) { b.Every = c.yes(v) },
	}, laterForms...)
	if !ok {
		return b, false
	}
	if forms > 1 {
		c.problem(n, "一个人选只能有一种写法；几个人请写成列表", "one entry names people in one way; for several write a list")
	}
	if b.Every && !slices.Contains([]ByKind{ByRole, ByDepartment, ByGroup, ByPosition}, b.Kind) {
		c.problem(n, "`everyone` 只用于角色、部门、小组和岗位", "`everyone` goes with a role, a department, a group or a position")
	}
	return b, forms == 1 && b.Of != ""
}

func (c *chainLoader) member(b *By, v *node) {
	if strings.Contains(b.Of, ":") {
		c.problem(v, "这里只写名称，不带 `%s:`", "write the name alone, without `%s:`", strings.SplitN(b.Of, ":", 2)[0])
		return
	}
	c.exists(v, Principal(string(b.Kind)+":"+b.Of))
}

// variable says whether a text is `$x` of an `each`, which this version hasn't.
func (c *chainLoader) variable(n *node, s string) bool {
	if strings.HasPrefix(s, "$") {
		c.notYet(n, s)
		return true
	}
	return false
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
	c.unknown(n, words, nil, Text{ZH: "不知道这是谁", EN: "unknown person:"})
	return By{}, false
}

// personOf checks whose manager is meant.
func (c *chainLoader) personOf(n *node, of string, task bool) {
	words := []string{"initiator", "owner"}
	if task {
		words = append(words, "holder", "assignee")
	}
	if slices.Contains(words, of) {
		return
	}
	if t := c.p.Type; t != nil {
		if f := t.Field(of); f != nil && f.Type == "person" && !f.Many {
			return
		}
		for _, f := range t.Fields {
			if f.Type == "person" && !f.Many && !slices.Contains(words, f.Name) {
				words = append(words, f.Name)
			}
		}
	}
	c.unknown(n, words, nil, Text{ZH: "不知道是谁的主管", EN: "whose manager? Unknown person:"})
}

// personField checks that a field holds one person.
func (c *chainLoader) personField(n *node, name string) {
	f := c.field(n, name)
	if f != nil && (f.Type != "person" || f.Many) {
		c.problem(n, "字段 `%s` 不是一个人", "the field `%s` doesn't hold one person", name)
	}
}
