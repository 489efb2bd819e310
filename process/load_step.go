package process

import (
	"fmt"
	"maps"
	"slices"
)

// stepKind loads one kind of step. Each is one file, load_*.go; title is the value of the key that names the kind.
type stepKind interface {
	Kind
	// load reads title and gives what else the step may hold. The kind itself is filled by the readers.
	load(c *chainLoader, s *Step, title *node) keys
}

// stepKinds finds the loader of a step by the key that carries its title.
var stepKinds map[string]stepKind

func init() {
	// Set here because the loaders refer back to the table through the steps of an outcome.
	stepKinds = map[string]stepKind{
		"approve": Approve{},
		"task":    Work{},
		"set":     Set{},
		"create":  Create{},
		"notify":  Notify{},
		"end":     End{},

		"stage":    Stage{},
		"choose":   Choose{},
		"parallel": Parallel{},
		"each":     Each{},
		"wait":     Wait{},
		"call":     Call{},
		"request":  Request{},
		"decide":   Decide{},
	}
}

// step reads one step; nil when its kind can't be told.
func (c *chainLoader) step(n *node, list *List) *Step {
	if n.kind != nodeMap || len(n.pairs) == 0 {
		c.unread = true
		c.problem(n, "一个步骤应写成 `- approve: …`、`- task: …` 等", "a step is written as `- approve: …`, `- task: …` and so on")
		return nil
	}
	kind, ok := c.kindOf(n)
	if !ok {
		c.unread = true
		if v := n.get("id"); v != nil {
			c.lost[v.text] = true
		}
		return nil
	}
	s := &Step{At: c.position(n), Kind: kind.key.text}
	c.name(s, n)
	s.list = list
	k := stepKinds[s.Kind]
	s.Do = k
	known := keys{
		s.Kind: func(*node) {},
		"id":   func(*node) {},
		"if":   func(v *node) { s.If = c.condition(v) },
		"aside": func(v *node) {
			s.Aside = c.yes(v)
		},
		"copy": func(v *node) { c.stepCopies(s, v) },
	}
	if slices.Contains(undoKinds, s.Kind) {
		known["undo"] = func(v *node) { c.undo(s, v) }
	}
	if !slices.Contains(titledKinds, s.Kind) {
		known["title"] = func(v *node) { s.Title = c.title(v) }
	}
	if s.Kind != "end" && s.Kind != "approve" {
		known["then"] = func(v *node) { s.Then = c.way(s, v, "then") }
	}
	maps.Copy(known, k.load(c, s, kind.value))
	c.stepKeys(n, s.Kind, known)
	return s
}

// kindOf finds the key that carries the title.
func (c *chainLoader) kindOf(n *node) (pair, bool) {
	var found []pair
	var strange *node
	for _, p := range n.pairs {
		switch {
		case p.key.text == "wait" && n.get("call") != nil: // call: …, wait: false
		case stepKinds[p.key.text] != nil:
			found = append(found, p)
		case !c.isStepKey(p.key.text):
			strange = cmpNode(strange, p.key)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], true
	case len(found) > 1:
		c.problem(found[1].key, "一个步骤只能有一种：`%s` 还是 `%s`？", "a step is of one kind: `%s` or `%s`?", found[0].key.text, found[1].key.text)
	case strange != nil:
		c.unknown(strange, slices.Sorted(maps.Keys(stepKinds)), Text{ZH: "未知的步骤种类", EN: "unknown step kind"})
	default:
		c.problem(n, "看不出这是哪种步骤：缺少 %s 之一", "what kind of step is this? One of %s is missing", quoted(slices.Sorted(maps.Keys(stepKinds))))
	}
	return pair{}, false
}

func cmpNode(first, second *node) *node {
	if first != nil {
		return first
	}
	return second
}

// Keys that steps of some kind have, by the kinds that have them, for a better answer than "unknown".
var kindsOfKey = map[string][]string{
	"id":                   allKinds,
	"if":                   allKinds,
	"aside":                allKinds,
	"copy":                 allKinds,
	"undo":                 undoKinds,
	"then":                 {"task", "notify", "wait", "decide", "choose", "parallel", "each", "stage", "call", "set", "create", "request"},
	"title":                {"wait", "decide", "choose", "parallel", "each", "call", "set", "create", "request", "end"},
	"steps":                {"each", "stage"},
	"join":                 {"parallel"},
	"as":                   {"each"},
	"into":                 {"each"},
	"with":                 {"call"},
	"by":                   askingKinds,
	"mode":                 askingKinds,
	"everyone":             askingKinds,
	"if_none":              askingKinds,
	"if_initiator":         askingKinds,
	"not_same_as":          askingKinds,
	"same_again":           {"approve"},
	"show":                 askingKinds,
	"edit":                 askingKinds,
	"hide":                 askingKinds,
	"comment":              askingKinds,
	"due":                  {"approve", "task", "stage"},
	"remind":               {"approve", "task", "stage"},
	"late":                 {"approve", "task", "stage"},
	"may_stop_clock":       askingKinds,
	"bulk":                 askingKinds,
	"signature":            askingKinds,
	"may":                  askingKinds,
	"return_to":            {"approve"},
	"resume":               {"approve"},
	"on":                   {"approve", "call"},
	"reapprove_if_changed": {"approve"},
	"outcomes":             {"task", "wait"},
	"claim":                {"task"},
	"to":                   {"notify"},
	"message":              {"notify"},
}

// allKinds are all kinds of steps.
var allKinds = []string{"approve", "task", "notify", "wait", "decide", "choose", "parallel", "each", "stage", "call", "set", "create", "request", "end"}

var askingKinds = []string{"approve", "task"}

// titledKinds are those whose own key carries the title.
var titledKinds = []string{"approve", "task", "notify", "stage"}

func (c *chainLoader) isStepKey(key string) bool {
	return kindsOfKey[key] != nil
}

// stepKeys reads the keys of a step, the steps inside it last; one that belongs to another kind is told apart from one that nobody knows.
func (c *chainLoader) stepKeys(n *node, kind string, known keys) {
	own := &node{kind: nodeMap, line: n.line, column: n.column}
	for _, p := range n.pairs {
		if p.key.text == "title" && slices.Contains(titledKinds, kind) {
			c.problem(p.key, "标题写在 `%s:` 后面", "the title stands after `%s:`", kind)
			continue
		}
		if known[p.key.text] == nil && kindsOfKey[p.key.text] != nil {
			c.problem(p.key, "`%s` 步骤不用 `%s`（它属于 %s）", "`%s` has no `%s`; that belongs to %s", kind, p.key.text, quoted(kindsOfKey[p.key.text]))
			continue
		}
		own.pairs = append(own.pairs, p)
	}
	if i := slices.IndexFunc(own.pairs, func(p pair) bool { return p.key.text == "steps" }); i >= 0 {
		inner := own.pairs[i]
		own.pairs = append(slices.Delete(own.pairs, i, i+1), inner)
	}
	c.object(own, Text{ZH: "步骤", EN: "a step"}, known)
}

// name gives the step its id and makes it known.
func (c *chainLoader) name(s *Step, n *node) {
	at := n
	if v := n.get("id"); v != nil {
		at = v
		if id, ok := c.identifier(v); ok {
			s.ID = id
			c.written = append(c.written, id)
		}
	}
	switch first := c.known[s.ID]; {
	case s.ID == ResubmitStep:
		c.problem(at, "`resubmit` 是保留的步骤名", "the id `resubmit` is reserved for the step that `go: resubmit` opens")
		s.ID = ""
	case first != nil:
		c.problem(at, "步骤 `%s` 重复（第 %d 行已有）", "the step id `%s` is used twice (first on line %d)", s.ID, first.line)
		s.ID = ""
	}
	if s.ID == "" {
		s.ID = c.generate(s.Kind)
	}
	c.known[s.ID] = at
	c.p.byID[s.ID] = s
}

func (c *chainLoader) generate(kind string) string {
	for {
		c.counted[kind]++
		id := fmt.Sprintf("%s-%d", kind, c.counted[kind])
		if c.known[id] == nil {
			return id
		}
	}
}
