package process

import (
	"slices"
	"strings"
)

// until reads [{on: event, end: outcome}, {at: moment, end: outcome}].
func (c *chainLoader) until(n *node) {
	for _, v := range c.list(n) {
		u := Until{Pos: c.position(v)}
		ok := c.object(v, Text{ZH: "`until` 的一项", EN: "an entry of `until`"}, keys{
			"on":  func(v *node) { u.On = c.eventName(v) },
			"at":  func(v *node) { u.At = c.endMoment(v) },
			"end": func(v *node) { u.End, _ = c.identifier(v) },
		})
		if !ok {
			continue
		}
		if (v.get("on") == nil) == (v.get("at") == nil) {
			c.problem(v, "每一项写 `on` 或 `at` 之一", "each entry has either `on` or `at`")
		}
		if v.get("end") == nil {
			c.problem(v, "以什么结果结束？请写 `end`", "with which outcome does the case end? Say `end`")
		}
		c.p.Until = append(c.p.Until, u)
	}
}

// endMoment reads when cases end. So long before a day is something for a limit.
func (c *chainLoader) endMoment(v *node) *Expr {
	if _, what, err := ParseBefore(v.text); v.kind == nodeText && err == nil && what != "" {
		c.problem(v, "`at` 是一个日期或时刻，如 `record.valid_until`；“多久之前”只能用在 `due`", "`at` is a day or a moment, as `record.valid_until`; so long before one is for `due` only")
		return nil
	}
	return c.dateOrMoment(v)
}

// eventName reads the name of an event, as `quote.accepted`. One of the record's own that the record never emits is worth a look: it could only
// come from outside.
func (c *chainLoader) eventName(v *node) string {
	name, ok := c.identifier(v)
	if !ok {
		return ""
	}
	t := c.p.Type
	if t == nil || !strings.HasPrefix(name, t.ID+".") {
		return name
	}
	if !slices.ContainsFunc(t.Emits, func(e Emit) bool { return e.Name == name }) {
		c.warn(v, "`%s` 的 `emits` 里没有 `%s`：只能由外部系统发出", "`%s` doesn't emit `%s`: only another system could send it", t.ID, name)
	}
	return name
}
