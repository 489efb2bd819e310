package process

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// times are the keys of a step's limit and what happens around it.
func (c *chainLoader) times(s *Step) keys {
	var due bool
	return keys{
		"due": func(v *node) {
			due = true
			c.due(s, v)
		},
		"remind": func(v *node) {
			s.Time.Remind = c.reminders(v)
			c.after(func() { c.needsDue(v, due, "remind") })
		},
		"late": func(v *node) {
			s.Time.Late = c.ladder(v)
			c.after(func() {
				c.needsDue(v, due, "late")
			})
		},
	}
}

func (c *chainLoader) needsDue(v *node, due bool, key string) {
	if !due {
		c.problem(v, "没有 `due`，`%s` 不起作用", "without `due`, `%s` means nothing", key)
	}
}

func (c *chainLoader) due(s *Step, v *node) {
	if v.kind == nodeMap {
		c.object(v, Text{ZH: "时限", EN: "a limit"}, keys{}, "table")
		return
	}
	if limit := c.limit(v); limit != nil {
		s.Time.Due = &Due{Limit: limit, Source: v.text}
	}
}

// Limits of the language that this version hasn't.
var laterLimit = regexp.MustCompile(`\b(before|after) record\.`)

// limit reads "2 working days".
func (c *chainLoader) limit(v *node) *Limit {
	text, ok := c.string(v)
	if !ok {
		return nil
	}
	if laterLimit.MatchString(text) || strings.HasPrefix(text, "record.") {
		c.notYet(v, "due: "+text)
		return nil
	}
	return c.parseLimit(v, text)
}

// span reads a limit that has a length.
func (c *chainLoader) span(v *node) *Limit {
	limit := c.limit(v)
	if limit != nil && !limit.IsSpan() {
		c.problem(v, "`after` 需要一段时间，如 `1 working day`", "`after` takes a length of time, as `1 working day`")
	}
	return limit
}

func (c *chainLoader) parseLimit(v *node, text string) *Limit {
	limit, err := ParseLimit(text)
	if err != nil {
		c.badLimit(v, err)
		return nil
	}
	return &limit
}

func (c *chainLoader) badLimit(v *node, err error) {
	why := Same(err.Error())
	if e, ok := errors.AsType[*LimitError](err); ok {
		why = Text{ZH: e.ZH, EN: e.EN}
	}
	c.problem(v, "%s", "%s", why)
}

// reminders reads [4 working hours before].
func (c *chainLoader) reminders(n *node) []Limit {
	var out []Limit
	for _, v := range c.list(n) {
		text, ok := c.string(v)
		if !ok {
			continue
		}
		limit, what, err := ParseBefore(text)
		switch {
		case err != nil:
			c.badLimit(v, err)
		case what != "":
			c.problem(v, "提醒总是在到期之前：去掉 `%s`", "a reminder comes before the due moment: leave out `%s`", clip(what))
		default:
			out = append(out, limit)
		}
	}
	return out
}

// ladder reads `late`.
func (c *chainLoader) ladder(n *node) []Rung {
	var out []Rung
	if n.kind == nodeMap {
		c.problem(n, "`late` 应是列表：[{at: due, tell: [holder]}, …]", "`late` is a list: [{at: due, tell: [holder]}, …]")
		return nil
	}
	for _, v := range c.list(n) {
		out = append(out, c.rung(v))
	}
	return out
}

func (c *chainLoader) rung(n *node) Rung {
	r := Rung{At: c.position(n)}
	ok := c.object(n, Text{ZH: "`late` 的一项", EN: "an entry of `late`"}, keys{
		"at":      func(v *node) { r.Percent = c.percent(v) },
		"after":   func(v *node) { r.After = c.span(v) },
		"tell":    func(v *node) { r.Tell = c.seats(v, true) },
		"hand_up": func(v *node) { r.HandUp = c.yes(v) },
		"transfer": func(v *node) {
			if b, ok := c.by(v, true); ok {
				r.Transfer = &b
			}
		},
		"outcome": func(v *node) {
			r.Outcome, _ = c.string(v)
			c.after(func() { c.rungOutcome(v, r) })
		},
	}, "add")
	if !ok {
		return r
	}
	if (n.get("at") == nil) == (n.get("after") == nil) {
		c.problem(n, "每一项写 `at` 或 `after` 之一", "each entry has either `at` or `after`")
	}
	acts := 0
	for _, key := range []string{"tell", "hand_up", "transfer", "outcome", "add"} {
		if n.get(key) != nil {
			acts++
		}
	}
	if acts == 0 {
		c.problem(n, "到时做什么？请写 `tell`、`hand_up`、`transfer` 或 `outcome`", "and then? Say `tell`, `hand_up`, `transfer` or `outcome`")
	}
	return r
}

// rungOutcome checks that every step with this rung has the outcome.
func (c *chainLoader) rungOutcome(v *node, r Rung) {
	for _, s := range c.p.all() {
		for _, own := range s.Time.Late {
			if own.At == r.At && s.Ways[r.Outcome] == nil {
				c.problem(v, "步骤 `%s` 没有结果 `%s`", "the step `%s` has no outcome `%s`", s.ID, clip(r.Outcome))
				return
			}
		}
	}
}

// percent reads `due` or `80%`.
func (c *chainLoader) percent(v *node) int {
	text, ok := c.string(v)
	if !ok || text == "due" {
		return 100
	}
	n, err := strconv.Atoi(strings.TrimSuffix(text, "%"))
	if err != nil || !strings.HasSuffix(text, "%") || n < 1 || n > 100 {
		c.problem(v, "`at` 应是 `due` 或 1%% 到 100%% 的百分比", "`at` is `due`, or a percentage from 1%% to 100%%")
		return 100
	}
	return n
}
