package process

import (
	"regexp"
	"strings"

	"cel.dev/cel-go/cel"
)

// Methods of a request.
const (
	MethodGet  = "get"
	MethodPost = "post"
)

var intoPattern = regexp.MustCompile(`^body(\.[A-Za-z_][A-Za-z0-9_-]*)*$`)

// load reads {to, get|post, body, into, failed}.
func (k Request) load(c *chainLoader, s *Step, what *node) keys {
	s.Do = k
	method := func(name string) func(*node) {
		return func(v *node) {
			if k.Method != "" {
				c.problem(v, "`get` 和 `post` 只能写一个", "a request is either `get` or `post`")
			}
			k.Method, k.Path = name, c.requestPath(v)
		}
	}
	ok := c.object(what, Text{ZH: "`request`", EN: "`request`"}, keys{
		"to":       func(v *node) { k.To, _ = c.identifier(v) },
		MethodGet:  method(MethodGet),
		MethodPost: method(MethodPost),
		"body":     func(v *node) { k.Body = c.body(v) },
		"into":     func(v *node) { k.Into = c.answerInto(s, v) },
		"failed":   func(v *node) { k.Failed = c.failed(s, v) },
	})
	s.Do = k
	if !ok {
		return nil
	}
	s.Title = Text{ZH: "请求系统 " + k.To, EN: "Request to " + k.To}
	if what.get("to") == nil {
		c.problem(what, "向哪个系统请求？请写 `to`", "a request to which system? Say `to`")
	}
	if k.Method == "" {
		c.problem(what, "请写 `get: 路径` 或 `post: 路径`", "say `get: path` or `post: path`")
	}
	if v := what.get("body"); v != nil && k.Method == MethodGet {
		c.problem(v, "`get` 没有 `body`", "a `get` has no `body`")
	}
	return nil
}

// requestPath reads a path of the system, with places to fill in.
func (c *chainLoader) requestPath(v *node) *Template {
	t := c.template(v)
	if t != nil && !strings.HasPrefix(v.text, "/") {
		c.problem(v, "路径以 `/` 开头；系统的地址由管理员配置", "a path begins with `/`; where the system is the administrator has set up")
	}
	return t
}

// body reads {name: value}: numbers and the like are what they are, a text is an expression where it begins like one.
func (c *chainLoader) body(n *node) []Assign {
	if n.kind != nodeMap || len(n.pairs) == 0 {
		c.problem(n, "`body` 应写成 {名称: 值}", "`body` is written as {name: value}")
		return nil
	}
	var out []Assign
	for _, p := range n.pairs {
		if e := c.anything(p.value); e != nil {
			out = append(out, Assign{Field: p.key.text, Value: e, At: c.position(p.key)})
		}
	}
	return out
}

// failed reads `hold`, or a way.
func (c *chainLoader) failed(s *Step, v *node) *Way {
	if v.kind == nodeText {
		if v.text != "hold" {
			c.problem(v, "`failed` 写 `hold` 或 {go: …}、{end: …}、{steps: […]}", "`failed` is `hold`, or {go: …}, {end: …} or {steps: […]}")
		}
		return &Way{Hold: true, At: c.position(v)}
	}
	return c.way(s, v, "failed")
}

// answerInto reads {field: body.x}.
func (c *chainLoader) answerInto(s *Step, n *node) []Into {
	if n.kind != nodeMap || len(n.pairs) == 0 {
		c.problem(n, "`into` 应写成 {字段: body.…}", "`into` is written as {field: body.…}")
		return nil
	}
	var out []Into
	for _, p := range n.pairs {
		f := c.formField(s, p.key, p.key.text)
		from, ok := c.string(p.value)
		if !ok || f == nil {
			continue
		}
		if !intoPattern.MatchString(from) {
			c.problem(p.value, "回答中的值写成 `body.…`", "a value of the answer is written as `body.…`")
			continue
		}
		c.mayWrite(p.key, c.p.Type, c.p.Type.Field(p.key.text), nil)
		out = append(out, Into{Field: p.key.text, From: from, At: c.position(p.key)})
	}
	return out
}

// anything reads a value of whatever type: an expression where a text begins like one, else what is written.
func (c *chainLoader) anything(v *node) *Expr {
	literal := &Expr{Source: v.text, At: c.position(v), literal: true}
	switch {
	case v.kind == nodeNumber:
		literal.constant = v.number
	case v.kind == nodeBool:
		literal.constant = v.truth
	case v.kind == nodeText && (exprRoot.MatchString(v.text) || exprJoined.MatchString(v.text)):
		return c.compileTo(v, func(*compiler, *cel.Type) bool { return true })
	case v.kind == nodeText:
		c.asWritten(v)
		literal.constant = v.text
	default:
		c.problem(v, "这里写一个值，如 `record.number`", "a value is expected here, as `record.number`")
		return nil
	}
	return literal
}
