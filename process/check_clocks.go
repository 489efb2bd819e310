package process

import "strconv"

// covers are the steps from which a clock's end lies ahead: those written between its anchors, but not beside its end.
func (c *chainLoader) covers(k *Clock) map[string]bool {
	to := c.p.byID[k.To.Step]
	if to == nil {
		return nil
	}
	out := map[string]bool{}
	began := k.From.Event == anchorStart
	for _, s := range c.p.all() {
		if s.ID == k.From.Step && k.From.Event == anchorOpened {
			began = true
		}
		if began && liesAhead(s, to) {
			out[s.ID] = true
		}
		if s.ID == k.From.Step {
			began = true
		}
	}
	return out
}

// liesAhead says whether a step is another one, holds it, or comes before it in the list that they share.
func liesAhead(s, to *Step) bool {
	for at := to; at != nil && at.list != nil; at = at.list.holder {
		for up := s; up != nil && up.list != nil; up = up.list.holder {
			if up.list == at.list {
				return up.index < at.index || up == at && s == up
			}
		}
	}
	return false
}

// A stretch adds up the limits of the steps between the anchors of a clock, on the longest normal way: without going back, and without what is
// aside. It counts in working minutes of days of eight hours and weeks of five days, since which calendar will count isn't known.
type stretch struct {
	clock    *Clock
	on, over bool
	minutes  int
}

const (
	checkDay  = 8 * 60
	checkWeek = 5 * checkDay
)

// checkMinutes is about how much working time a limit takes.
func (l Limit) checkMinutes() int {
	switch l.unit {
	case workingDays, startOfWorkingDay:
		return l.n * checkDay
	case endOfToday:
		return checkDay
	case wallDays:
		return l.n * checkWeek / 7
	case workingHours, workingMinutes:
		return int(l.length().Minutes())
	}
	return int(l.length().Minutes()) * checkWeek / (7 * minutesOfDay)
}

// checkClocks warns of clocks that the limits of their own steps can exceed.
func (c *chainLoader) checkClocks() {
	for _, k := range c.p.Clocks {
		w := stretch{clock: k, on: k.From.Event == anchorStart}
		w.list(c.p.Steps)
		if within := k.Within.checkMinutes(); w.over && w.minutes > within {
			c.warn(&node{line: k.At.Line, column: k.At.Column}, "各步骤的时限合计可达 %s 个工作日，计时 `%s` 只允许 %s 个工作日",
				"the limits of the steps add up to %s working days; the clock `%s` allows %s", inDays(w.minutes), k.ID, inDays(within))
		}
	}
}

func inDays(minutes int) string {
	return strconv.FormatFloat(float64(minutes*10/checkDay)/10, 'f', -1, 64)
}

func (w *stretch) list(l *List) {
	for _, s := range l.Steps {
		if w.over {
			return
		}
		if !s.Aside {
			w.step(s)
		}
	}
}

func (w *stretch) step(s *Step) {
	here := func(a Anchor, event string) bool { return a.Event == event && a.Step == s.ID }
	w.on = w.on || here(w.clock.From, anchorOpened)
	before := *w
	if w.on {
		w.minutes += s.limitMinutes()
	}
	if g, ok := s.Do.(group); ok {
		w.longest(g.lists())
		if w.on && before.on && !w.over && s.Time.Due != nil && s.Time.Due.Limit != nil { // a stage's own limit is what it promises
			w.minutes = before.minutes + s.Time.Due.Limit.checkMinutes()
		}
	}
	if here(w.clock.To, anchorDone) {
		w.over = w.on
		return
	}
	w.on = w.on || here(w.clock.From, anchorDone)
	var follows []*List
	for _, o := range s.ways() {
		if o.way.Steps != nil {
			follows = append(follows, o.way.Steps)
		}
	}
	w.longest(follows)
}

// longest goes the one of several lists that takes the longest, or the one that holds an anchor.
func (w *stretch) longest(lists []*List) {
	best := *w
	for _, l := range lists {
		try := *w
		try.list(l)
		if try.over || !best.over && (try.on && !best.on || try.minutes > best.minutes) {
			best = try
		}
		if best.over {
			break
		}
	}
	*w = best
}

// limitMinutes is about how long a step that holds no others may take.
func (s *Step) limitMinutes() int {
	if _, ok := s.Do.(group); ok {
		return 0
	}
	wait, _ := s.Do.(Wait)
	for _, l := range []*Limit{wait.Limit, wait.Within} {
		if l != nil {
			return l.checkMinutes()
		}
	}
	if s.Time.Due == nil || s.Time.Due.Limit == nil {
		return 0
	}
	return s.Time.Due.Limit.checkMinutes()
}

// remindsInTime warns of a reminder that would come before its step opens, and never does for that.
func (c *chainLoader) remindsInTime(s *Step, n *node) {
	due := s.Time.Due
	if due == nil || due.Limit == nil || len(s.Time.Remind) != len(n.entries()) {
		return
	}
	for i, v := range n.entries() {
		if r := s.Time.Remind[i]; due.Limit.outlastedBy(r) {
			c.warn(v, "时限是 %s，提前 %s提醒时步骤还没有开始：不会提醒", "the limit is %s: %s before it the step isn't open yet, so nobody is reminded",
				sayBoth(*due.Limit), sayBoth(r))
		}
	}
}

// entries are those of a list, or the one that is written without brackets.
func (n *node) entries() []*node {
	if n.kind == nodeList {
		return n.items
	}
	return []*node{n}
}

func sayBoth(l Limit) Text { return Text{ZH: l.Say("zh"), EN: l.Say("en")} }

// outlastedBy says whether a span before the end of a limit certainly lies before its beginning.
func (l Limit) outlastedBy(span Limit) bool {
	working := func(x Limit) bool { return x.unit == workingHours || x.unit == workingMinutes }
	elapsed := func(x Limit) bool { return x.unit == wallHours || x.unit == wallMinutes }
	switch {
	case span.unit == workingDays:
		return l.unit == workingDays && span.n > l.n || l.unit == endOfToday
	case working(span) && working(l), elapsed(span) && elapsed(l):
		return span.length() >= l.length()
	case span.unit == wallDays:
		return l.unit == wallDays && span.n >= l.n
	}
	return false
}
