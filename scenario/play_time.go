package scenario

import (
	"time"

	"github.com/crmflow/crmflow/process"
)

// maxTicks bounds the moments that one `pass` goes through.
const maxTicks = 100_000

// play lets time pass: every moment on the way comes, in order and at its own time, and whoever goes away on the way is away from then on.
func (p *passLine) play(w *world) *failure {
	w.happens()
	to, f := p.target(w)
	if f != nil {
		return f
	}
	if to.Before(w.now) {
		return fail(p.node, "时间不能倒退：现在是 %s", "time doesn't go back: it is %s", w.local(w.now))
	}
	for range maxTicks {
		c := w.next()
		away := w.nextAway()
		switch {
		case away != nil && !away.After(to) && (c == nil || !c.wakeAt.Before(*away)):
			w.now = *away
			w.everywhere(process.Event{Kind: process.EventPeople})
		case c == nil || c.wakeAt.After(to):
			w.now = to
			return nil
		default:
			if c.wakeAt.After(w.now) {
				w.now = *c.wakeAt
			}
			if _, f := w.event(p.node, c, process.Event{Kind: process.EventTick}); f != nil {
				return f
			}
		}
		if f := w.settle(p.node); f != nil {
			return f
		}
	}
	return fail(p.node, "这段时间里到时的事情太多", "too many moments come in this time")
}

// target is the moment until which time passes. A limit is counted as one that begins now, midnight being the end of a day; a date is its end.
func (p *passLine) target(w *world) (time.Time, *failure) {
	switch {
	case p.due:
		due, ok := w.nextDue()
		if !ok {
			return due, fail(p.node, "没有任何任务有期限", "nothing is due any more")
		}
		return due, nil
	case !p.limit.IsZero():
		return w.calendar().After(w.now, p.limit).Due, nil
	case p.until.date:
		return p.until.at.AddDate(0, 0, 1), nil
	}
	return p.until.at, nil
}

// next is the case whose moment comes first; of equal ones the older case.
func (w *world) next() (first *running) {
	for _, c := range w.cases {
		if c.wakeAt != nil && (first == nil || c.wakeAt.Before(*first.wakeAt)) {
			first = c
		}
	}
	return first
}

// nextAway is when the next absence begins that hasn't begun yet: at midnight in the company, as a server notices it. In each case what is due at that moment
// comes first all the same.
func (w *world) nextAway() (first *time.Time) {
	company, _ := w.Calendar("")
	for _, a := range w.absences {
		at, err := time.ParseInLocation(time.DateOnly, a.from, company.Location())
		if err == nil && at.After(w.now) && (first == nil || at.Before(*first)) {
			first = &at
		}
	}
	return first
}

// nextDue is the first due moment to come, of whatever is open: a task, a stage, a wait.
func (w *world) nextDue() (first time.Time, ok bool) {
	consider := func(at *time.Time) {
		if at != nil && at.After(w.now) && (!ok || at.Before(first)) {
			first, ok = *at, true
		}
	}
	for _, c := range w.cases {
		for _, o := range c.state.Open {
			consider(o.Due)
			for _, seat := range o.Seats {
				if seat.Vote == nil {
					consider(seat.Due)
				}
			}
			if len(o.Seats) == 0 && o.Due == nil && len(o.Alarms) > 0 {
				consider(&o.Alarms[0].At)
			}
		}
	}
	return first, ok
}

// play changes the world.
func (c *changeLine) play(w *world) *failure {
	w.happens()
	if c.fields != nil {
		if f := c.record(w); f != nil {
			return f
		}
	}
	if c.person != nil || c.absence != nil {
		c.people(w)
	}
	if c.handover != nil {
		if f := c.handover.play(w, c.node); f != nil {
			return f
		}
	}
	if c.spec != nil {
		if f := c.days(w); f != nil {
			return f
		}
	}
	return w.settle(c.node)
}

// record changes the scenario's record, or one that it leads to.
func (c *changeLine) record(w *world) *failure {
	if w.record == nil {
		return fail(c.node, "还没有记录可改", "there is no record yet to change")
	}
	for _, p := range c.fields {
		r, f, why := w.along(w.record, p.key.text)
		if why != nil {
			return fail(p.key, "%s", "%s", *why)
		}
		fields, refused := w.fieldsFrom(func(string) *process.Field { return f }, []pair{p})
		if refused != nil {
			return fail(p.value, "%s", "%s", refused.Message)
		}
		w.note("record", p.key.text)
		w.write(nil, r, process.Fields{f.Name: fields[p.key.text]})
	}
	return nil
}

// note puts a change of the world into the timeline.
func (w *world) note(what, which string) {
	w.entries = append(w.entries, entry{process.Entry{At: w.now, Event: "change", Step: what, Reason: which}, nil})
}

// people changes somebody, or notes an absence, and lets every open case look at whom it asks.
func (c *changeLine) people(w *world) {
	var whom []string
	if c.person != nil {
		id := c.person.get("id").text
		r := w.scenario.reader
		r.object(c.person, process.Text{ZH: "人员", EN: "a person"}, r.personKeys(w.owned().someone(id)))
		w.company.changed()
		w.note("person", id)
		whom = append(whom, id)
	}
	if c.absence != nil {
		w.absences = append(w.absences, c.absence)
		w.note("absence", c.absence.of)
		whom = append(whom, c.absence.of)
	}
	w.everywhere(process.Event{Kind: process.EventPeople, People: whom})
}

// days changes a calendar, and lets every open case count its moments anew.
func (c *changeLine) days(w *world) *failure {
	spec, ok := w.specs[c.calendar]
	if !ok {
		written := w.setting.Calendars[c.calendar]
		if written == nil {
			return fail(c.node, "没有日历 %s", "there is no calendar %s", c.calendar)
		}
		spec = *written
	}
	spec = c.spec(spec)
	built, err := w.setting.calendar(spec)
	if err != nil {
		return fail(c.node, "日历无法使用：%s", "the calendar can't be used: %s", err.Error())
	}
	cals := map[string]*process.Calendar{}
	for name, other := range w.cals {
		cals[name] = other
	}
	cals[c.calendar], w.specs[c.calendar] = built, spec
	w.cals = cals
	w.note("calendar", c.calendar)
	w.everywhere(process.Event{Kind: process.EventRecompute, Comment: c.calendar})
	return nil
}

// everywhere lets an event happen to all open cases.
func (w *world) everywhere(ev process.Event) {
	for _, c := range w.cases {
		if c.state.Status != process.Ended {
			w.pending = append(w.pending, occasion{of: c, event: ev})
		}
	}
}
