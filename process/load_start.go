package process

import "strings"

// start reads what opens a case: people, events, a rhythm.
func (c *chainLoader) start(v *node) {
	start := &c.p.Start
	start.At = c.position(v)
	c.object(v, Text{ZH: "`start`", EN: "`start`"}, keys{
		"by": func(v *node) {
			for _, item := range c.list(v) {
				if s, ok := c.principal(item); ok {
					start.By = append(start.By, s)
				}
			}
		},
		"on": func(v *node) {
			for _, w := range c.words(v) {
				if name := c.eventName(w.at); name != "" {
					start.On = append(start.On, name)
				}
			}
		},
		"as":    func(v *node) { start.As = c.startAs(v) },
		"every": func(v *node) { start.Every = c.rhythm(v) },
		"for":   func(v *node) { start.For = c.condition(v) },
		"form":  func(v *node) { start.Form = c.startForm(v) },
	})
	every, which := v.get("every"), v.get("for")
	switch {
	case every != nil && which == nil:
		c.problem(every, "为哪些记录发起？请写 `for`，如 `for: record.status == \"open\"`", "a case for which records? Say `for`, as `for: record.status == \"open\"`")
	case every == nil && which != nil:
		c.problem(which, "`for` 要和 `every` 一起用", "`for` goes with `every`")
	}
	if as := v.get("as"); as != nil && v.get("on") == nil && every == nil {
		c.problem(as, "`as` 用于由事件或按周期发起的流程", "`as` goes with `on` or `every`: whoever presses the button is the initiator")
	}
}

// startAs reads who counts as the initiator when nobody pressed a button.
func (c *chainLoader) startAs(v *node) *By {
	b := c.oneSeat(v, false)
	if b == nil {
		return nil
	}
	if asksInitiator(*b) {
		c.problem(v, "没有人按按钮时才用 `as`：这里不能再指发起人", "`as` says who is the initiator: it can't refer to the initiator")
		return nil
	}
	return b
}

// rhythm reads `month`, `monday` or `10 working days`.
func (c *chainLoader) rhythm(v *node) string {
	text, ok := c.string(v)
	if !ok {
		return ""
	}
	word := strings.ToLower(strings.Join(strings.Fields(text), " "))
	r, ok := ParseRhythm(word)
	if !ok {
		c.problem(v, "`%s` 不是周期；可写 month、monday 或 10 working days", "`%s` is no rhythm; write month, monday or 10 working days", clip(text))
		return ""
	}
	return r.String()
}

// startForm reads the fields that the starter fills in.
func (c *chainLoader) startForm(v *node) []Edit {
	s := &Step{}
	c.edit(s, v)
	return s.Form.Edit
}
