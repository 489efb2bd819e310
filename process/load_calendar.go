package process

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func (l *loader) loadCalendar(d *loading) {
	spec := &CalendarSpec{Name: d.ID}
	ok := l.object(d.root, Text{ZH: "日历", EN: "a calendar"}, keys{
		"calendar": func(*node) {},
		"language": l.languageNumber,
		"title":    func(v *node) { l.title(v) },
		"zone":     func(v *node) { spec.Zone, _ = l.string(v) },
		"week":     func(v *node) { spec.Week = l.shifts(v) },
		"weeks": func(v *node) {
			for _, w := range l.list(v) {
				spec.Weeks = append(spec.Weeks, l.shifts(w))
			}
		},
		"alternate_from": func(v *node) { spec.AlternateFrom, _ = l.string(v) },
		"holidays":       func(v *node) { l.holidays(spec, v) },
		"days":           func(v *node) { spec.Days = l.shifts(v) },
	})
	if ok && d.ID != "" && !d.skip {
		l.judge(d.root, spec)
		l.lib.Calendars[d.ID] = spec
	}
}

// judge lets the calendar itself say what is wrong with it.
func (l *loader) judge(root *node, spec *CalendarSpec) {
	if _, wrong := NewCalendar(*spec, nil); len(wrong) > 0 {
		for _, e := range wrong {
			l.problem(root.find(e.Path), "%s", "%s", Text{ZH: e.ZH, EN: e.EN})
		}
	}
}

// shifts reads {mon-fri: ["09:00-12:00", …]}; none is written `[]`, `no` or nothing at all.
func (l *loader) shifts(n *node) map[string][]string {
	out := map[string][]string{}
	if n.kind != nodeMap {
		l.problem(n, "应写成 {mon-fri: [\"09:00-12:00\"]}", "this is written as {mon-fri: [\"09:00-12:00\"]}")
		return out
	}
	for _, p := range n.pairs {
		day := []string{}
		if p.value.kind == nodeText && p.value.text != "no" || p.value.kind == nodeList && len(p.value.items) > 0 {
			for _, w := range l.list(p.value) {
				if s, ok := l.string(w); ok {
					day = append(day, s)
				}
			}
		}
		out[p.key.text] = day
	}
	return out
}

func (l *loader) holidays(spec *CalendarSpec, v *node) {
	l.object(v, Text{ZH: "`holidays`", EN: "`holidays`"}, keys{
		"from": func(v *node) {
			from, ok := l.string(v)
			if ok && !slices.Contains(HolidaySets, from) {
				l.problem(v, "没有 `%s` 的节假日；可以写 %s", "there are no holidays of `%s`; write one of %s", clip(from), quoted(HolidaySets))
				return
			}
			spec.Holidays.From = from
		},
		"years": func(v *node) {
			for _, y := range l.list(v) {
				if year := l.count(y, 1900, 2200); year > 0 {
					spec.Holidays.Years = append(spec.Holidays.Years, year)
				}
			}
		},
	})
}

var pathStep = regexp.MustCompile(`^\[(\d+)\]|^\.?([^.\[\]]+)`)

// find follows a path such as week.mon-fri[1] as far as it goes.
func (n *node) find(path string) *node {
	for path != "" {
		m := pathStep.FindStringSubmatch(path)
		if m == nil {
			return n
		}
		path = strings.TrimPrefix(path, m[0])
		next := n.get(m[2])
		if i, err := strconv.Atoi(m[1]); err == nil && i < len(n.items) {
			next = n.items[i]
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}
