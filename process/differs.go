package process

import (
	"maps"
	"slices"
	"time"
)

// compare says in the timeline what has turned out otherwise than was foreseen, with the change that is the reason: one entry for each step, when the case
// first comes to it. What follows from an act that stands in the timeline itself – a rejection, a return, somebody added or given the task – is none, and
// so is one of the alternatives that were foreseen.
func (m *machine) compare() {
	if m.in.Foreseen == nil || m.ev.Kind == EventStart {
		return
	}
	if m.ev.Kind == EventMigrate { // what that changes, its verdict has said
		m.in.Foreseen = nil
		return
	}
	if m.strayed || strays[m.ev.Kind] {
		m.changeForeseen().Astray = true
	}
	for _, run := range m.st.Steps[min(len(m.in.State.Steps), len(m.st.Steps)):] {
		m.compareStep(run)
	}
	if m.st.Status == Ended {
		m.in.Foreseen = nil
	}
}

// strays are the acts after which the case isn't on the foreseen way any more.
var strays = map[EventKind]bool{EventReturn: true, EventTakeBack: true, EventJump: true, EventUndo: true}

// changeForeseen gives the machine what was foreseen as its own, to change it.
func (m *machine) changeForeseen() *Foreseen {
	if !m.foresawOwn {
		own := *m.in.Foreseen
		own.Steps = slices.Clone(own.Steps)
		m.in.Foreseen, m.foresawOwn = &own, true
	}
	return m.in.Foreseen
}

// difference is what has turned out otherwise at one step.
type difference struct {
	step       *Step
	item       string
	was, is    *ForeseenWay // nil: nothing of it
	who, limit bool         // who is asked; its limit
}

// compareStep compares a step that the case has come to for the first time.
func (m *machine) compareStep(run StepRun) {
	s := m.p.Step(run.Step)
	if s == nil {
		return
	}
	m.compareItems(s, run)
	row := m.in.Foreseen.row(run.Step, run.Item)
	is := m.became(s, run)
	if _, g := s.Do.(group); g && run.Status == "open" && is == nil && row != nil && !row.asks() {
		is = &ForeseenWay{} // it has begun
	}
	switch {
	case is == nil || row != nil && row.Perhaps:
	case row == nil:
		m.compareUnforeseen(s, run, is)
	default:
		d, differs := row.differs(m, s, is)
		led := m.in.Foreseen.Astray && !d.was.sameKind(*is) // whatever led away may have led here
		if differs && !led && !m.actedOtherwise(s, run.Item) {
			m.differs(d)
		}
	}
}

// compareUnforeseen looks at a step that wasn't foreseen: it is a difference when it asks somebody, or when a group is passed over whose steps were foreseen.
func (m *machine) compareUnforeseen(s *Step, run StepRun, is *ForeseenWay) {
	switch {
	case m.in.Foreseen.Astray || m.explained(s, run.Item):
	case is.Passed:
		if m.foreseenInside(s, run.Item, (*ForeseenStep).asks) {
			m.differs(difference{step: s, item: run.Item, is: is})
		}
	case is.Branch == "" && !m.foreseenInside(s, run.Item, func(*ForeseenStep) bool { return true }): // a stage in which nothing was to be done was none
		m.differs(difference{step: s, item: run.Item, is: is})
	}
}

// became is what has become of a step; nil where nothing that was foreseen could be compared with it.
func (m *machine) became(s *Step, run StepRun) *ForeseenWay {
	if i := slices.IndexFunc(m.st.Open, func(o Open) bool { return o.Step == run.Step && o.Item == run.Item }); i >= 0 {
		o := &m.st.Open[i]
		if slices.ContainsFunc(o.Seats, func(s Seat) bool { return s.HandedUp > 0 }) {
			return nil // nothing ran for so long that it was late before anybody was asked, and the timeline says so
		}
		return m.opened(o)
	}
	if run.Status == "passed_over" {
		return &ForeseenWay{Passed: true}
	}
	switch s.Do.(type) {
	case Choose:
		if chosen, ok := m.logged("chosen", run); ok {
			return &ForeseenWay{Branch: chosen.Reason}
		}
	case Wait: // its moment is past: because it is another one, or only because people took their time
		if len(m.changedOf(m.p.dependsOn(s))) > 0 {
			return &ForeseenWay{Passed: true}
		}
	}
	return nil
}

// logged finds the last entry about a step in this event.
func (m *machine) logged(event string, run StepRun) (Entry, bool) {
	for _, e := range slices.Backward(m.effects) {
		if log, ok := e.(Log); ok && log.Entry.Event == event && log.Entry.Step == run.Step && log.Entry.Item == run.Item {
			return log.Entry, true
		}
	}
	return Entry{}, false
}

// opened is a step that has been opened. Who was added doesn't count: that stands in the timeline.
func (m *machine) opened(o *Open) *ForeseenWay {
	w := &ForeseenWay{At: &o.At, Due: o.Due, Within: limitOf(o), calendars: []string{o.Calendar}}
	var who []string
	for _, seat := range slices.Concat(o.Seats, o.Turn) {
		if seat.Added != nil {
			continue
		}
		who = append(who, m.holders(&seat)...)
		w.why = seat.Why
		if seat.Due != nil && (w.Due == nil || seat.Due.Before(*w.Due)) {
			w.Due = seat.Due
		}
		if seat.Calendar != "" {
			w.calendars = append(w.calendars, seat.Calendar)
		}
	}
	w.asks(who)
	return w
}

// differs says what of a foreseen step has turned out otherwise.
func (row *ForeseenStep) differs(m *machine, s *Step, is *ForeseenWay) (difference, bool) {
	best := difference{step: s, item: row.Item, is: is}
	if len(row.Ways) == 0 {
		return best, false
	}
	for i := range row.Ways {
		was := &row.Ways[i]
		if !was.sameKind(*is) {
			continue
		}
		d := difference{step: s, item: row.Item, was: was, is: is, who: !was.Unknown && !was.samePeople(*is), limit: !m.sameLimit(was, is)}
		if !d.who && !d.limit {
			return d, false
		}
		if best.was == nil || best.who && !d.who {
			best = d
		}
	}
	if best.was == nil {
		best.was = &row.Ways[0]
	}
	return best, true
}

// sameLimit says whether a step's limit is the foreseen one: it would have been due at the same moment, had it been opened when it was foreseen to be.
func (m *machine) sameLimit(was, is *ForeseenWay) bool {
	switch {
	case was.Whenever:
		return true
	case was.Within != is.Within || (was.Due == nil) != (is.Due == nil):
		return false
	case was.Due == nil:
		return true
	case was.Within == "":
		return was.Due.Equal(*is.Due)
	}
	var due time.Time
	for _, name := range is.calendars {
		if at := m.calendar(name).reach(*was.At, parseTarget(was.Within)).Due; name != "" && (due.IsZero() || at.Before(due)) {
			due = at
		}
	}
	return was.Due.Equal(due)
}

// compareItems looks at an `each` that is entered for other items than was foreseen: what was foreseen for one that isn't there is a difference.
func (m *machine) compareItems(s *Step, run StepRun) {
	each, ok := s.Do.(Each)
	opened, begun := m.logged("opened", run)
	if !ok || !begun || m.in.Foreseen.Astray || m.explained(s, run.Item) {
		return
	}
	items, _ := opened.Data["items"].([]string)
	for i := range m.in.Foreseen.Steps {
		row := m.in.Foreseen.Steps[i]
		inner := m.p.Step(row.Step)
		if inner == nil || !row.Sure || !row.asks() || !inner.list.within(each.Steps.Path) || !inItem(row.Item, run.Item) {
			continue
		}
		there := func(key string) bool { return inItem(row.Item, itemPath(run.Item, key)) }
		if !slices.ContainsFunc(items, there) && !m.explained(inner, row.Item) {
			m.differs(difference{step: inner, item: row.Item, was: &row.Ways[0]})
		}
	}
}

// asks says whether a step was foreseen to be opened.
func (row *ForeseenStep) asks() bool {
	return slices.ContainsFunc(row.Ways, func(w ForeseenWay) bool { return !w.Passed && w.Branch == "" })
}

// foreseenInside says whether something like this was sure to become of a step inside a group.
func (m *machine) foreseenInside(s *Step, item string, like func(*ForeseenStep) bool) bool {
	g, ok := s.Do.(group)
	return ok && slices.ContainsFunc(m.in.Foreseen.Steps, func(row ForeseenStep) bool {
		inner := m.p.Step(row.Step)
		return inner != nil && row.Sure && like(&row) && inItem(row.Item, item) &&
			slices.ContainsFunc(g.lists(), func(l *List) bool { return inner.list.within(l.Path) })
	})
}

// explained says whether what has turned out otherwise at a step follows from what was said of a step around it, or only from which branch was the first.
func (m *machine) explained(s *Step, item string) bool {
	for l := s.list; l != nil && l.holder != nil; l = l.enclosing() {
		if p, ok := l.holder.Do.(Parallel); ok && p.Join == JoinFirst {
			return true
		}
		row := m.in.Foreseen.row(l.holder.ID, sharedItem(l.holder, s, item))
		if row != nil && (row.Differs || row.Perhaps) {
			return true
		}
	}
	return false
}

// differs says it, and that it was said.
func (m *machine) differs(d difference) {
	f := m.changeForeseen()
	i := slices.IndexFunc(f.Steps, func(row ForeseenStep) bool { return row.Step == d.step.ID && row.Item == d.item })
	if i < 0 {
		i = len(f.Steps)
		f.Steps = append(f.Steps, ForeseenStep{Step: d.step.ID, Item: d.item})
	}
	f.Steps[i].Differs = true
	data := map[string]any{}
	if told := d.told(d.was); told != nil {
		data["foreseen"] = told
	}
	if told := d.told(d.is); told != nil {
		data["now"] = told
	}
	people := d.people()
	if len(people) > 0 {
		data["people"] = people
	}
	change, why, changed := m.whyDiffers(d)
	data["change"], data["zh"] = change, why.ZH
	if len(changed) > 0 {
		data["changed"] = changed
	}
	m.log(Entry{Event: "differs", Step: d.step.ID, Item: d.item, Reason: why.EN, Data: data})
}

// told is one side of a difference.
func (d difference) told(w *ForeseenWay) map[string]any {
	switch {
	case w == nil:
		return nil
	case w.Passed:
		return map[string]any{"passed_over": true}
	case w.Branch != "":
		return map[string]any{"branch": w.Branch}
	}
	side := map[string]any{}
	whole := d.was == nil || d.is == nil || !d.was.sameKind(*d.is)
	if (d.who || whole) && len(w.Who) > 0 {
		side["who"] = w.Who
		if w.More > 0 {
			side["more"] = w.More
		}
	}
	if (d.limit || whole) && w.Due != nil {
		side["due_at"] = *w.Due
	}
	if len(side) == 0 {
		side["opened"] = true
	}
	return side
}

// people are those whom a difference names.
func (d difference) people() []string {
	all := map[string]bool{}
	for _, w := range []*ForeseenWay{d.was, d.is} {
		if told := d.told(w); told["who"] != nil {
			for _, id := range w.Who {
				all[id] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}
