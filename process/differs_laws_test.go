package process

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// foretoldChain writes a chain all of whose inputs are known at the start.
type foretoldChain struct {
	r *rapid.T
	n int
}

func (w *foretoldChain) pick(label string, of ...string) string {
	return rapid.SampledFrom(of).Draw(w.r, label)
}

func (w *foretoldChain) list(indent string, depth int) string {
	var b strings.Builder
	for range rapid.IntRange(1, 3).Draw(w.r, "steps") {
		b.WriteString(w.step(indent, depth))
	}
	return b.String()
}

func (w *foretoldChain) step(in string, depth int) string {
	w.n++
	id, kinds := fmt.Sprintf("s%d", w.n), []string{"ask", "ask", "ask", "wait"}
	if depth > 0 {
		kinds = append(kinds, "stage", "parallel", "choose", "each")
	}
	kind := w.pick("kind", kinds...)
	head := fmt.Sprintf("%s- id: %s\n", in, id)
	if rapid.IntRange(0, 2).Draw(w.r, "conditional") == 0 {
		head += fmt.Sprintf("%s  if: record.size > %d\n", in, rapid.IntRange(1, 4).Draw(w.r, "more than"))
	}
	inner := in + "      "
	switch kind {
	case "wait":
		return head + in + "  wait: " + w.pick("wait", "2 working days", "start of working day 3", "{until: record.ends}") + "\n"
	case "stage":
		return head + in + "  stage: G\n" + in + "  due: 5 working days\n" + in + "  steps:\n" + w.list(in+"    ", depth-1)
	case "parallel":
		body := head + in + "  parallel:\n"
		for i := range 2 {
			body += fmt.Sprintf("%s    - id: %s%c\n%s      title: B\n%s      steps:\n%s", in, id, 'a'+i, in, in, w.list(inner+"    ", depth-1))
		}
		return body
	case "choose":
		return head + in + "  choose:\n" + fmt.Sprintf("%s    - when: record.size > %d\n%s      steps:\n%s", in, rapid.IntRange(1, 4).Draw(w.r, "more than"), in, w.list(inner+"    ", depth-1)) +
			in + "    - otherwise: true\n" + in + "      steps:\n" + w.list(inner+"    ", depth-1)
	case "each":
		return head + in + "  each: record.parts\n" + in + "  as: " + "x" + id + "\n" + in + "  steps:\n" + w.list(in+"    ", depth-1)
	}
	return head + in + "  " + w.pick("ask", "approve: A", "task: T") + "\n" + in + "  by: " + w.pick("who", "{user: sun.wei}", "{manager_of: initiator}", "initiator", "{role: finance}", "{department: quality}",
		"{field: buyer}\n"+in+"  if_none: skip", "{managers_of: initiator, up_to: top}\n"+in+"  mode: in_turn", "[{role: finance}, {user: sun.wei, if: record.size > 2}]\n"+in+"  mode: all",
		"[{user: xu.lei}, {field: buyer}]\n"+in+"  mode: in_turn", "{head_of: quality}\n"+in+"  if_initiator: skip") + "\n" +
		in + "  due: " + w.pick("due", "1 working day", "3 working days", "4 working hours", "2 days", "record.ends", "2 working days before record.ends") + "\n"
}

const plainly = `record: plain
title: {zh: 事, en: Plain}
fields:
  name:  {type: text, required: true}
  size:  {type: number}
  ends:  {type: date}
  buyer: {type: person}
  parts: {type: text, many: true}
  owner: {type: person, default: creator}
`

const endsOn = "2026-12-10"

// foretoldCase is a case of such a chain, whose first task is the initiator's.
func foretoldCase(t *testing.T, r *rapid.T) *trial {
	w := &foretoldChain{r: r}
	chain := "process: small\ntitle: Small\nrecord: plain\nstart: {by: [role:sales]}\nsteps:\n  - {id: begin, task: Begin, by: initiator}\n" + w.list("  ", 2)
	fields := Fields{"name": "one", "owner": "li.na", "size": float64(rapid.IntRange(1, 4).Draw(r, "size")), "ends": endsOn, "buyer": "chen.bo", "parts": []any{"a", "b"}}
	c := begin(t, fields, plainly, chain)
	c.in.Absences = away{}
	return c
}

// meanwhile changes one thing between the start and the first decision.
func (c *trial) meanwhile(r *rapid.T) {
	people := []string{"sun.wei", "wang.fang", "guo.yan", "he.jing", "zhao.qiang", "xu.lei", "chen.bo", "zhou.min"}
	who := rapid.SampledFrom(people).Draw(r, "whom")
	switch rapid.SampledFrom([]string{"left", "absent", "manager", "head", "size", "buyer", "ends", "parts", "calendar"}).Draw(r, "change") {
	case "left":
		c.company.leave(who)
	case "absent":
		c.in.Absences = away{who: rapid.SampledFrom([]string{"zhou.min", "xu.lei", "admin"}).Draw(r, "stands in")}
	case "manager":
		p := c.company.people["li.na"]
		p.Manager = who
		c.company.people["li.na"] = p
	case "head":
		d := c.company.departments["quality"]
		d.Head = who
		c.company.departments["quality"] = d
	case "size":
		c.in.Record.Fields["size"] = float64(rapid.IntRange(1, 5).Draw(r, "other size"))
	case "buyer":
		c.in.Record.Fields["buyer"] = who
	case "ends":
		c.in.Record.Fields["ends"] = rapid.SampledFrom([]string{"2026-11-20", "2026-12-11", "2026-12-24"}).Draw(r, "other end")
	case "parts":
		c.in.Record.Fields["parts"] = rapid.SampledFrom([][]any{{}, {"a"}, {"b", "c"}, {"a", "b", "c"}}).Draw(r, "other parts")
	case "calendar":
		c.publish(Holiday{rapid.SampledFrom([]string{"2026-11-24", "2026-11-25", "2026-12-08"}).Draw(r, "holiday"), "off", true})
	}
}

// rows are what is foreseen of each step, as one text each.
func (c *trial) rows(ev Event) map[string]ForeseenWay {
	c.t.Helper()
	ev.At = c.now
	f, err := Foresee(c.in, ev)
	require.NoError(c.t, err)
	require.False(c.t, f.Astray)
	rows := map[string]ForeseenWay{}
	for _, row := range f.Steps {
		require.Len(c.t, row.Ways, 1)
		require.True(c.t, row.Sure)
		rows[keyOf(row.Step, row.Item)] = row.Ways[0]
	}
	return rows
}

func (w ForeseenWay) asksSomebody() bool { return !w.Passed && w.Branch == "" }

// rowText is what people see of a row.
func rowText(w ForeseenWay) string {
	w.At, w.Within = nil, ""
	if w.Due != nil {
		w.Due = new(w.Due.UTC())
	}
	return fmt.Sprint(w.Passed, w.Branch, w.Who, w.Due)
}

func (c *trial) holds(e *Expr) bool {
	if e == nil {
		return true
	}
	ok, err := e.Bool(newMachine(c.in, Event{}).env(0))
	return err == nil && ok
}

// openedThen is a step that comes later, or earlier, because something before it does, as if it came when it was foreseen: that alone is no difference.
func (c *trial) openedThen(before, now ForeseenWay) ForeseenWay {
	if before.Within != now.Within || now.Within == "" {
		return now
	}
	m := &machine{in: c.in, p: c.in.Process}
	now.Due = new(m.calendar("").reach(*before.At, parseTarget(now.Within)).Due)
	return now
}

// changedRows are the steps whose rows differ between two previews, each said at the outermost step that differs. What is open already is what it is.
func (c *trial) changedRows(before, after map[string]ForeseenWay) []string {
	p := c.in.Process
	place := func(key string) (*Step, string) {
		id, item, _ := strings.Cut(key, "@")
		return p.Step(id), item
	}
	inside := func(rows map[string]ForeseenWay, outer string) (in []ForeseenWay) {
		holder, of := place(outer)
		for key, row := range rows {
			s, item := place(key)
			if g, ok := holder.Do.(group); ok && inItem(item, of) && slices.ContainsFunc(g.lists(), func(l *List) bool { return s.list.within(l.Path) }) {
				in = append(in, row)
			}
		}
		return in
	}
	asks := func(rows map[string]ForeseenWay, outer string) bool {
		return slices.ContainsFunc(inside(rows, outer), ForeseenWay.asksSomebody)
	}
	changed := map[string]bool{}
	for key := range before {
		now, there := after[key]
		if there && now.At != nil && before[key].At != nil && !now.At.Equal(*before[key].At) {
			now = c.openedThen(before[key], now)
		}
		s, _ := place(key)
		if k, wait := s.Do.(Wait); wait && k.Until != nil && now.Passed && before[key].Due != nil && c.in.Record.Fields["ends"] == endsOn && c.holds(s.If) { // its moment is past only because what is before it takes longer
			continue
		}
		changed[key] = there && rowText(before[key]) != rowText(now) || !there && before[key].Passed && asks(after, key)
	}
	for key, now := range after {
		if _, there := before[key]; !there && now.Passed {
			changed[key] = asks(before, key)
		}
	}
	explained := func(key string) bool {
		s, item := place(key)
		for l := s.list; l.holder != nil; l = l.enclosing() {
			if changed[keyOf(l.holder.ID, sharedItem(l.holder, s, item))] {
				return true
			}
		}
		return false
	}
	depth := func(key string) (n int) {
		s, _ := place(key)
		for l := s.list; l != nil; l = l.enclosing() {
			n++
		}
		return n
	}
	only := func(a, b map[string]ForeseenWay) {
		for _, key := range slices.SortedFunc(maps.Keys(a), func(x, y string) int { return depth(x) - depth(y) }) {
			s, _ := place(key)
			_, stage := s.Do.(Stage)
			if _, there := b[key]; there || !a[key].asksSomebody() || stage && inside(b, key) != nil { // a stage in which nothing is left to do is no difference of its own
				continue
			}
			changed[key] = !explained(key)
		}
	}
	only(before, after)
	only(after, before)
	out := []string{}
	for key, differs := range changed {
		if differs && key != "begin" {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// What a preview says happens, with the same people, calendar and answers: the same steps are opened, for the same people, due at the same moments.
func TestLawAPreviewFollowedByExecution(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		c := foretoldCase(t, r)
		foreseen := c.rows(startByLiNa)
		c.foretold()
		really := map[string]ForeseenWay{}
		for n := 0; ; n++ {
			for i := range c.in.State.Open {
				o := &c.in.State.Open[i]
				if key := keyOf(o.Step, o.Item); really[key].Due == nil && really[key].Who == nil {
					way := *(&machine{in: c.in, p: c.in.Process, at: c.now}).opened(o)
					really[key] = way
				}
			}
			if c.in.State.Status != Running {
				break
			}
			c.agree()
		}
		for key, way := range foreseen {
			if way.asksSomebody() {
				require.Equal(r, rowText(way), rowText(really[key]), key)
				delete(really, key)
			}
		}
		require.Empty(r, really, "nothing else")
		require.Empty(r, c.different())
	})
}

// With one change in between, exactly the steps whose rows in the preview have changed are said to differ.
func TestLawOneChangeInBetween(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		c := foretoldCase(t, r)
		before := c.rows(startByLiNa)
		c.foretold()
		c.meanwhile(r)
		after := c.rows(Event{Kind: EventTick})
		want := c.changedRows(before, after)
		c.finish()
		got := []string{}
		for _, e := range c.entries("differs") {
			got = append(got, keyOf(e.Step, e.Item))
		}
		slices.Sort(got)
		require.Equal(r, want, got, "%v\n%s", c.different(), c.in.Process.Source)
	})
}
