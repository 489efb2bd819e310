package process

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// times are the keys of a step's limit and what happens around it.
func (c *chainLoader) times(s *Step) keys {
	known := c.timesOf(s, rungActs)
	known["may_stop_clock"] = func(v *node) { s.Time.Stops = c.stops(v) }
	return known
}

// timesOf are those of a step whose ladder does only some things, such as a stage's.
func (c *chainLoader) timesOf(s *Step, acts []string) keys {
	var due bool
	return keys{
		"due": func(v *node) {
			due = true
			c.due(s, v)
		},
		"remind": func(v *node) {
			s.Time.Remind = c.reminders(v)
			c.after(func() {
				c.needsDue(v, due, "remind")
				c.remindsInTime(s, v)
			})
		},
		"late": func(v *node) {
			s.Time.Late = c.ladderOf(v, acts)
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

// due reads when a step must be done: a limit, a table that gives one, so long before a day or moment, or a day or moment.
func (c *chainLoader) due(s *Step, v *node) {
	if v.kind == nodeMap {
		c.dueTable(s, v)
		return
	}
	text, ok := c.limitText(v)
	if !ok {
		return
	}
	due := &Due{Source: text}
	span, what, err := ParseBefore(text)
	switch {
	case err == nil && what != "":
		due.Before, due.Moment = &span, c.dateOrMoment(v.part(text, what))
		ok = due.Moment != nil
	case momentText.MatchString(text):
		due.Moment = c.dateOrMoment(v)
		ok = due.Moment != nil
	default:
		due.Limit = c.parseLimit(v, text)
		ok = due.Limit != nil
	}
	if ok {
		s.Time.Due = due
	}
}

// dueTable reads {table: complaint-limit}.
func (c *chainLoader) dueTable(s *Step, v *node) {
	c.object(v, Text{ZH: "时限", EN: "a limit"}, keys{"table": func(t *node) {
		if id := c.tableLimit(t); id != "" {
			s.Time.Due = &Due{Table: id, Source: "{table: " + id + "}"}
		}
	}})
	if len(v.pairs) == 0 {
		c.problem(v, "时限应写成 `2 working days` 或 {table: …}", "a limit is written as `2 working days` or {table: …}")
	}
}

// momentText is what an expression for a day or moment begins with, and no limit does.
var momentText = regexp.MustCompile(`^\(*(record|before|decided)\.|^\(*(today|now)\b|^\$|^\d{4}-\d\d-\d\d`)

// part is the last piece of a text as a node of its own, at its place.
func (n *node) part(text, piece string) *node {
	p := *n
	p.text = piece
	p.offset += utf8.RuneCountInString(text) - utf8.RuneCountInString(piece)
	return &p
}

// limit reads "2 working days".
func (c *chainLoader) limit(v *node) *Limit {
	text, ok := c.limitText(v)
	if !ok {
		return nil
	}
	return c.parseLimit(v, text)
}

// limitText reads the text of a limit; a bare number lacks its unit.
func (c *chainLoader) limitText(v *node) (string, bool) {
	if v.kind == nodeNumber {
		s := "s"
		if v.text == "1" {
			s = ""
		}
		c.problem(v, "%s 多久？请写单位，如 `%[1]s working day%[2]s`、`%[1]s working hour%[2]s`", "%s of what? Write the unit: `%[1]s working day%[2]s`, `%[1]s working hour%[2]s`", v.text, s)
		return "", false
	}
	return c.string(v)
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

// What a rung may do: of a task everything, of a wait only what needs no holder, of a stage and of a case clock only tell.
var (
	rungActs  = []string{"tell", "hand_up", "transfer", "outcome", "add"}
	waitActs  = []string{"tell", "outcome"}
	stageActs = []string{"tell"}
)

// ladder reads `late`.
func (c *chainLoader) ladder(n *node) []Rung { return c.ladderOf(n, rungActs) }

// ladderOf reads `late` of what lets a rung do only some things.
func (c *chainLoader) ladderOf(n *node, acts []string) []Rung {
	out := []Rung{}
	for _, v := range c.list(n) {
		out = append(out, c.rung(v, acts))
	}
	return out
}

func (c *chainLoader) rung(n *node, allowed []string) Rung {
	r := Rung{At: c.position(n)}
	ok := c.object(n, Text{ZH: "`late` 的一项", EN: "an entry of `late`"}, keys{
		"at":      func(v *node) { r.Percent = c.percent(v) },
		"after":   func(v *node) { r.After = c.span(v) },
		"tell":    func(v *node) { r.Tell = c.seats(v, true) },
		"add":     func(v *node) { r.Add = c.seats(v, true) },
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
	})
	if !ok {
		return r
	}
	if (n.get("at") == nil) == (n.get("after") == nil) {
		c.problem(n, "每一项写 `at` 或 `after` 之一", "each entry has either `at` or `after`")
	}
	c.rungActs(n, allowed)
	return r
}

// rungActs checks what a rung does: something, only what is possible here, and no two things that each move the task.
func (c *chainLoader) rungActs(n *node, allowed []string) {
	acts := 0
	var moves []string
	for _, act := range rungActs {
		v := n.get(act)
		if v == nil {
			continue
		}
		acts++
		if !slices.Contains(allowed, act) {
			c.problem(v, "这里没有任务可言：`%s` 不能用，可以用 %s", "there is no task here: `%s` isn't possible, only %s", act, quoted(allowed))
		} else if act != "tell" && (act != "add" || n.get("outcome") != nil) {
			moves = append(moves, act)
		}
		if len(moves) == 2 {
			c.problem(v, "`%s` 和 `%s` 只能写一个", "only one of `%s` and `%s` is possible", moves[0], act)
		}
	}
	if acts == 0 {
		c.problem(n, "到时做什么？请写 %s", "and then? Say one of %s", quoted(allowed))
	}
}

// tells is a ladder as far as it only tells, for what has no holder.
func tells(late []Rung) []Rung {
	var out []Rung
	for _, r := range late {
		if len(r.Tell) > 0 {
			out = append(out, Rung{Percent: r.Percent, After: r.After, Tell: r.Tell, At: r.At})
		}
	}
	return out
}

// rungOutcome checks that every step with this rung has the outcome.
func (c *chainLoader) rungOutcome(v *node, r Rung) {
	for _, s := range c.p.all() {
		for _, own := range s.Time.Late {
			if own.At == r.At && own.Outcome != "" && s.Who != nil && s.Ways[r.Outcome] == nil {
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
