package process

import (
	"regexp"
	"slices"
	"time"
)

// load reads a moment (`start of working day 3`, `2 working days`), {until: …}, or {on: event, within: …, late: …}.
func (k Wait) load(c *chainLoader, s *Step, what *node) keys {
	s.Ways = map[string]*Way{}
	known := keys{"outcomes": func(v *node) { c.waitOutcomes(s, v) }}
	if what.kind != nodeMap {
		if momentText.MatchString(what.text) {
			c.problem(what, "等到某天或某时写成 {until: %s}", "a wait for a day or a moment is written {until: %s}", clip(what.text))
			s.Do = k
			return known
		}
		k.Limit = c.limit(what)
		if k.Limit != nil {
			s.Title = Text{ZH: "等到" + k.Limit.Say("zh"), EN: "Wait: " + k.Limit.Say("en")}
			if k.Limit.IsSpan() {
				s.Title.ZH = "等待 " + k.Limit.Say("zh")
			}
		}
		s.Do = k
		return known
	}
	var within *node
	forms := 0
	ok := c.object(what, Text{ZH: "`wait`", EN: "`wait`"}, keys{
		"until": func(v *node) {
			forms++
			k.Until = c.dateOrMoment(v)
			s.Title = Text{ZH: "等到 " + clip(v.text), EN: "Wait until " + clip(v.text)}
		},
		"on": func(v *node) {
			forms++
			k.On = c.eventName(v)
			s.Title = Text{ZH: "等待 " + k.On, EN: "Wait for " + k.On}
		},
		"within": func(v *node) { within, k.Within = v, c.limit(v) },
		"late": func(v *node) {
			s.Time.Late = c.ladderOf(v, waitActs)
			c.needsNoHolder(s.Time.Late)
		},
	})
	s.Do = k
	if !ok {
		return known
	}
	if forms != 1 {
		c.problem(what, "`wait` 写 `until` 或 `on` 之一", "`wait` has either `until` or `on`")
	}
	late := what.get("late")
	switch {
	case within != nil && k.Until != nil:
		c.problem(within, "`within` 和 `on` 一起用", "`within` goes with `on`")
	case late != nil && within == nil:
		c.problem(late, "没有 `within`，`late` 不起作用", "without `within`, `late` means nothing")
	}
	c.after(func() {
		if within != nil && k.On != "" && len(s.Time.Late) == 0 {
			c.warn(within, "时间到了什么也不会发生：请写 `late`", "nothing happens when the time is up: say `late`")
		}
	})
	return known
}

// waitOutcomes reads what follows when a rung of the wait's ladder has given up waiting. When the event comes the outcome is `done`.
func (c *chainLoader) waitOutcomes(s *Step, v *node) {
	c.ways(s, v, "outcomes", nil)
	c.after(func() {
		given := []string{Done}
		for _, r := range s.Time.Late {
			if r.Outcome != "" {
				given = append(given, r.Outcome)
			}
		}
		for _, p := range v.pairs {
			if s.Ways[p.key.text] != nil && !slices.Contains(given, p.key.text) {
				c.unknown(p.key, given, Text{ZH: "等待没有这个结果", EN: "the wait never ends as"})
			}
		}
	})
}

// localMoment is how people write a moment: on the clock of the process's calendar.
const localMoment = "2006-01-02 15:04"

// dayText is what looks like a date or a moment.
var dayText = regexp.MustCompile(`^\d{4}-\d\d?-\d\d?(?:[T ][\d:]*)?$`)

// dateOrMoment reads a date or a moment as it is, or an expression that gives one.
func (c *chainLoader) dateOrMoment(v *node) *Expr {
	if _, err := time.Parse(localMoment, v.text); err == nil && v.kind == nodeText {
		return &Expr{Source: v.text, At: c.position(v), literal: true, constant: v.text}
	}
	if v.kind == nodeText {
		for _, f := range []Field{{Type: typeDate}, {Type: typeDatetime}} {
			if value, wrong := f.literal(v); wrong == nil && !exprRoot.MatchString(v.text) {
				return &Expr{Source: v.text, At: c.position(v), literal: true, constant: value}
			}
		}
	}
	if v.kind == nodeText && dayText.MatchString(v.text) {
		c.problem(v, "`%s` 不是日期或时间；写成 2026-12-31 或 2026-12-31 15:00", "`%s` is no date and no time; write 2026-12-31 or 2026-12-31 15:00", clip(v.text))
		return nil
	}
	return c.moment(v)
}
