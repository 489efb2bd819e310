package scenario

import (
	"maps"
	"slices"

	"github.com/crmflow/crmflow/process"
)

// changeLine changes the world: the record, somebody of the company, who is away, who has left, a calendar.
type changeLine struct {
	node     *node
	fields   []pair
	person   *node
	absence  *absence
	handover *handover
	calendar string
	spec     func(process.CalendarSpec) process.CalendarSpec
}

// absence is somebody who is away, from one day to another, both included ("2006-01-02"; empty: without end).
type absence struct {
	of, by, process, from, to string
}

func (r *caseReader) change(n *node) line {
	c := &changeLine{node: n}
	r.object(n, process.Text{ZH: "`change`", EN: "`change`"}, keys{
		"record":   func(v *node) { c.fields = r.recordFields(v) },
		"person":   func(v *node) { r.changePerson(c, v) },
		"absence":  func(v *node) { c.absence = r.absence(v) },
		"handover": func(v *node) { c.handover = r.handover(v) },
		"calendar": func(v *node) { r.changeCalendar(c, v) },
	})
	return c
}

// changePerson checks what is said of a person now; it is read again when it comes about. Somebody new is brought in;
// nobody comes only to leave.
func (r *caseReader) changePerson(c *changeLine, n *node) {
	r.object(n, process.Text{ZH: "人员", EN: "a person"}, r.personKeys(&person{}))
	id := n.get("id")
	if id == nil {
		r.problem(n, "这里缺少 `id`", "`id` is missing here")
		return
	}
	if active := n.get("active"); active != nil && active.kind == nodeBool && !active.truth {
		r.person(id) // who leaves must be there
	}
	r.newcomers[r.word(id)] = true
	c.person = n
}

func (r *caseReader) absence(n *node) *absence {
	a := &absence{}
	day := func(to *string) func(*node) {
		return func(v *node) {
			if m, ok := r.moment(v, r.s.zone); ok {
				*to = m.at.Format("2006-01-02")
			}
		}
	}
	standIn := func(v *node) { a.by = r.person(v) }
	person := func(v *node) { a.of = r.person(v) }
	r.object(n, process.Text{ZH: "`absence`", EN: "`absence`"}, keys{
		"of": person, "person": person, "by": standIn, "substitute": standIn, "from": day(&a.from), "to": day(&a.to),
		"process": func(v *node) {
			a.process = r.oneOf(v, process.Text{ZH: "没有这个流程", EN: "there is no process"}, slices.Sorted(maps.Keys(r.s.setting.Processes))...)
		},
	})
	if a.of == "" {
		r.problem(n, "`absence` 没有写谁不在（`of`）", "`absence` doesn't say who is away (`of`)")
	}
	return a
}

// changeCalendar reads what a calendar says from now on. Days are added to those it has; everything else takes the place of what was there.
func (r *caseReader) changeCalendar(c *changeLine, n *node) {
	var changes []func(*process.CalendarSpec)
	change := func(f func(*process.CalendarSpec)) { changes = append(changes, f) }
	name := func(v *node) { r.calendarName(r.s.setting, v, &c.calendar) }
	r.object(n, process.Text{ZH: "日历", EN: "a calendar"}, keys{
		"id": name, "name": name, "calendar": name,
		"zone": func(v *node) { zone := r.word(v); change(func(s *process.CalendarSpec) { s.Zone = zone }) },
		"week": func(v *node) {
			week := r.shifts(v)
			change(func(s *process.CalendarSpec) { s.Week, s.Weeks, s.AlternateFrom = week, nil, "" })
		},
		"days": func(v *node) {
			days := r.shifts(v)
			change(func(s *process.CalendarSpec) {
				all := maps.Clone(s.Days)
				if all == nil {
					all = map[string][]string{}
				}
				maps.Copy(all, days)
				s.Days = all
			})
		},
		"holidays": func(v *node) { r.holidays(v, change) },
	})
	c.spec = func(s process.CalendarSpec) process.CalendarSpec {
		for _, f := range changes {
			f(&s)
		}
		return s
	}
	if c.calendar == "" {
		c.calendar = r.s.calendar
		if p := r.s.process.Calendar; p != "" {
			c.calendar = p
		}
	}
	if spec := r.s.setting.Calendars[c.calendar]; spec != nil {
		if _, wrong := process.NewCalendar(c.spec(*spec), nil); len(wrong) > 0 {
			r.problem(n, "%s", "%s", process.Text{ZH: wrong[0].ZH, EN: wrong[0].EN})
		}
	}
}

// shifts reads {mon-fri: ["09:00-12:00", …]}; a closed day is written `[]`, `no` or nothing at all.
func (r *reader) shifts(n *node) map[string][]string {
	out := map[string][]string{}
	if n.kind != nodeMap {
		r.problem(n, "应写成 {2026-12-31: [\"09:00-12:00\"]}", "this is written as {2026-12-31: [\"09:00-12:00\"]}")
	}
	for _, p := range n.pairs {
		out[p.key.text] = nil
		closed := p.value.kind == nodeNull || p.value.kind == nodeBool && !p.value.truth || p.value.text == "no"
		if !closed {
			out[p.key.text] = r.words(p.value)
		}
	}
	return out
}

func (r *caseReader) holidays(n *node, change func(func(*process.CalendarSpec))) {
	r.object(n, process.Text{ZH: "`holidays`", EN: "`holidays`"}, keys{
		"from": func(v *node) {
			from := r.word(v)
			change(func(s *process.CalendarSpec) { s.Holidays.From = from })
		},
		"years": func(v *node) {
			var years []int
			for _, y := range r.list(v) {
				if y.kind != nodeNumber || y.number != float64(int(y.number)) {
					r.problem(y, "应是年份", "a year is expected here")
				}
				years = append(years, int(y.number))
			}
			change(func(s *process.CalendarSpec) { s.Holidays.Years = years })
		},
	})
}
