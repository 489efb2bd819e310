package process

import (
	"regexp"
	"slices"
)

// defaultLadder gives a step that has none of its own the ladder of the process; where nobody holds the step, as far as that tells.
func (c *chainLoader) defaultLadder(s *Step) {
	wait, _ := s.Do.(Wait)
	switch {
	case s.Time.Late != nil:
	case s.Who != nil:
		s.Time.Late = c.late
	case s.Time.Due != nil:
		s.Time.Late = tells(c.late)
	case wait.Within != nil:
		s.Time.Late = slices.DeleteFunc(tells(c.late), func(r Rung) bool { return slices.ContainsFunc(r.Tell, By.meansHolder) })
	}
}

// needsNoHolder refuses a ladder of a wait that names who has the task: nobody has.
func (c *chainLoader) needsNoHolder(late []Rung) {
	for _, r := range late {
		if i := slices.IndexFunc(r.Tell, By.meansHolder); i >= 0 {
			c.problemAt(r.Tell[i].At.Line, r.Tell[i].At.Column, "没有人在办理这个等待：请写明通知谁", "nobody holds a wait: say whom to tell")
		}
	}
}

// meansHolder says whether an entry names who has a task, or somebody by them.
func (b By) meansHolder() bool {
	return b.Kind == ByHolder || b.Kind == ByAssignee || b.Kind == ByManagerOf && (b.Of == string(ByHolder) || b.Of == string(ByAssignee))
}

// stops reads may_stop_clock.
func (c *chainLoader) stops(n *node) []StopReason {
	var out []StopReason
	for _, v := range c.list(n) {
		var r StopReason
		c.object(v, Text{ZH: "`may_stop_clock` 的一项", EN: "an entry of `may_stop_clock`"}, keys{
			"reason":  func(v *node) { r.Reason, _ = c.identifier(v) },
			"title":   func(v *node) { r.Title = c.title(v) },
			"at_most": func(v *node) { r.AtMost = c.limit(v) },
		})
		switch {
		case v.kind != nodeMap:
		case v.get("reason") == nil:
			c.problem(v, "为什么可以停止计时？请写 `reason`", "why may the clock be stopped? Say `reason`")
		case slices.ContainsFunc(out, func(other StopReason) bool { return other.Reason == r.Reason }):
			c.problem(v, "原因 `%s` 写了两次", "the reason `%s` is there twice", r.Reason)
		}
		out = append(out, r)
	}
	return out
}

// clocks reads the case clocks.
func (c *chainLoader) clocks(n *node) {
	for _, v := range c.list(n) {
		clock := c.caseClock(v)
		if clock == nil {
			continue
		}
		if slices.ContainsFunc(c.p.Clocks, func(other *Clock) bool { return other.ID == clock.ID }) {
			c.problem(v.get("id"), "计时 `%s` 重复", "the clock `%s` is there twice", clock.ID)
			continue
		}
		c.p.Clocks = append(c.p.Clocks, clock)
	}
}

func (c *chainLoader) caseClock(n *node) *Clock {
	k := &Clock{At: c.position(n)}
	ok := c.object(n, Text{ZH: "计时", EN: "a clock"}, keys{
		"id":    func(v *node) { k.ID, _ = c.identifier(v) },
		"title": func(v *node) { k.Title = c.title(v) },
		"from":  func(v *node) { k.From = c.anchor(v, anchorStart, anchorOpened, anchorDone) },
		"to":    func(v *node) { k.To = c.anchor(v, anchorDone) },
		"within": func(v *node) {
			if v.kind == nodeMap {
				c.problem(v, "计时的 `within` 是一段时间，如 `10 working days`；这里不能用决策表", "`within` of a clock is a length of time, as `10 working days`; a table can't stand here")
				return
			}
			if l := c.limit(v); l != nil {
				k.Within = *l
			}
		},
		"stops_while": func(v *node) {
			words := c.words(v)
			k.StopsWhile = names(words)
			c.after(func() { c.stoppable(words) })
		},
		"late": func(v *node) { k.Late = c.ladderOf(v, stageActs) },
	})
	if !ok {
		return nil
	}
	for _, key := range []string{"id", "from", "to", "within"} {
		if n.get(key) == nil {
			c.problem(n, "计时缺少 `%s`", "the clock has no `%s`", key)
			ok = false
		}
	}
	if k.Title.Empty() {
		k.Title = Same(k.ID)
	}
	if !ok || k.ID == "" {
		return nil
	}
	c.after(func() { k.covers = c.covers(k) })
	return k
}

// stoppable warns of reasons for which no step can be stopped.
func (c *chainLoader) stoppable(words []named) {
	var known []string
	for _, s := range c.p.all() {
		for _, r := range s.Time.Stops {
			known = append(known, r.Reason)
		}
	}
	for _, w := range words {
		if !slices.Contains(known, w.name) && !c.unread {
			c.warn(w.at, "没有哪一步可以因 `%s` 停止计时（`may_stop_clock`）", "no step may stop for `%s` (`may_stop_clock`)", clip(w.name))
		}
	}
}

var anchorText = regexp.MustCompile(`^(opened|done) ?\( ?([^()\s]+) ?\)$`)

// anchor reads `start`, `opened(step)` or `done(step)`.
func (c *chainLoader) anchor(n *node, events ...string) Anchor {
	text, ok := c.string(n)
	if !ok {
		return Anchor{}
	}
	var a Anchor
	if text == anchorStart {
		a.Event = text
	} else if m := anchorText.FindStringSubmatch(text); m != nil {
		a = Anchor{Event: m[1], Step: m[2]}
	}
	if !slices.Contains(events, a.Event) {
		written := map[string]string{anchorStart: "`start`", anchorOpened: "`opened(step)`", anchorDone: "`done(step)`"}
		var may string
		for i, e := range events {
			if i > 0 {
				may += ", "
			}
			may += written[e]
		}
		c.problem(n, "`%s` 不是计时的起止点：应写成 %s", "`%s` is no end of a clock; write %s", clip(text), may)
		return Anchor{}
	}
	if a.Step != "" {
		c.after(func() { c.anchorStep(n, a.Step) })
	}
	return a
}

func (c *chainLoader) anchorStep(n *node, id string) {
	if c.p.byID[id] == nil && !c.lost[id] {
		c.unknown(&node{line: n.line, column: n.column, text: id}, c.stepIDs(), Text{ZH: "没有这个步骤", EN: "no such step:"})
	}
}
