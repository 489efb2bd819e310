package process

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// life is the random life of one case: a chain, a company that changes, the events, and what an engine would keep of the effects.
type life struct {
	rt      *lot
	hard    []string // situations that are looked for
	chain   string
	in      Input
	company *company
	gone    away
	cals    *calendars
	stocks  stocks
	parts   []string    // the company's departments
	roles   []Principal // its roles
	now     time.Time
	wakeAt  *time.Time
	told    []string // the events so far, for whoever reads a failure

	tasks  map[string]Task // the open ones
	shut   map[string]bool // tasks that were closed
	calls  map[string]bool // sub-cases that run
	asked  map[string]bool // requests without an answer
	epochs map[string]int  // how often each limit began
	fired  map[string]bool // moments that have taken effect
	ended  int             // how often the end was announced
	behind bool            // the case was held, so that moments may have been missed
	seen   map[string]bool // the situations that have occurred
}

type stocks map[string]Fields

func (s stocks) Record(ref Reference) (Record, bool) {
	f, ok := s[ref.ID]
	return Record{Type: ref.Type, ID: ref.ID, Fields: f}, ok
}

// calendars is the company's only calendar, until it is changed.
type calendars struct{ now *Calendar }

func (c *calendars) Calendar(string) (*Calendar, bool) { return c.now, true }

// offices are calendars that differ in their hours and days off.
var offices = sync.OnceValue(func() []*Calendar {
	var out []*Calendar
	for _, spec := range []CalendarSpec{
		{Name: "office", Zone: "Asia/Shanghai", Week: map[string][]string{"mon-fri": {"09:00-12:00", "13:00-18:00"}}},
		{Name: "office", Zone: "Asia/Shanghai", Week: map[string][]string{"mon-fri": {"10:00-15:00"}}, Days: map[string][]string{"2026-11-24": {}, "2026-11-28": {"09:00-12:00"}}},
	} {
		c, errs := NewCalendar(spec, nil)
		if len(errs) > 0 {
			panic(errs[0])
		}
		out = append(out, c)
	}
	return out
})

// jobDocuments are what every random chain is loaded with.
var jobDocuments = sync.OnceValue(func() *Library {
	lib, problems := Load([]File{{Path: "job", Content: job}, {Path: "stock", Content: stock}, {Path: "helper", Content: helper}, {Path: "urgency", Content: urgency}}, nil, nil)
	if Failed(problems) {
		panic(render(problems, "en"))
	}
	return lib
})

// newLife is a case of a process in a random company of these departments and roles.
func newLife(rt *lot, hard, departments []string, roles []Principal) *life {
	l := &life{rt: rt, hard: hard, parts: departments, roles: roles, now: time.Date(2026, 11, 23, 9, 0, 0, 0, offices()[0].Location()), cals: &calendars{offices()[0]},
		tasks: map[string]Task{}, shut: map[string]bool{}, calls: map[string]bool{}, asked: map[string]bool{}, epochs: map[string]int{}, fired: map[string]bool{}, seen: map[string]bool{}}
	l.people()
	l.stocks = stocks{"s1": Fields{"name": "steel", "left": float64(rt.dice(12))}}
	if l.wants("held") {
		l.stocks["s1"]["left"] = 0.0
	}
	l.in = Input{Directory: l.company, Calendars: l.cals, Absences: l.gone, Records: l.stocks, State: NewState("c1", "p0")}
	return l
}

// live draws a chain and a company in which the situations are likely.
func live(rt *lot, hard []string) *life {
	chain := (&jobWriter{t: rt, hard: hard}).chain()
	lib, problems := Load([]File{{Path: "chain.yaml", Content: chain}}, jobDocuments(), nil)
	if Failed(problems) {
		rt.fatal("%s\n%s", chain, render(problems, "en"))
	}
	l := newLife(rt, hard, []string{"a", "b", "c"}, []Principal{"role:x"})
	l.chain, l.in.Process, l.in.Record = chain, lib.Processes["job-chain"], l.record()
	return l
}

func (l *life) wants(what string) bool { return slices.Contains(l.hard, what) }

func (l *life) pick(of ...string) string { return of[l.rt.dice(len(of))] }

func (l *life) chance(percent int) bool { return l.rt.chance(percent) }

func (l *life) person() string { return l.pick("p0", "p1", "p2", "p3", "p4", "p5") }

// people are six in three departments, some of them without a manager, away or gone.
func (l *life) people() {
	c := &company{people: map[string]Person{}, departments: map[string]Department{}, members: map[Principal][]string{}}
	l.company, l.gone = c, away{}
	for _, d := range l.parts {
		c.departments[d] = Department{ID: d, Head: l.pick("", l.person(), l.person()), InCharge: l.pick("", l.person(), l.person()), Parent: l.pick("", l.parts[0], l.parts[1])}
	}
	for i := range 6 {
		id := fmt.Sprintf("p%d", i)
		var roles []Principal
		for _, role := range l.roles {
			if i == 0 || l.chance(50) {
				roles = append(roles, role)
			}
		}
		manager := l.pick("", l.person(), l.person(), l.person())
		if l.wants("hand up") {
			manager = fmt.Sprintf("p%d", (i+1)%6)
		}
		c.add(id, l.parts[i%len(l.parts)], manager, roles...)
		if l.chance(10) || l.wants("substitute") && i > 0 && l.chance(60) {
			l.gone[id] = l.pick("", "p0", l.person(), l.person())
		}
	}
	for _, id := range []string{"p1", "p2", "p3", "p4", "p5"} {
		if l.chance(6) {
			c.leave(id)
		}
	}
	c.add("admin", "top", "", "role:administrator")
}

func (l *life) record() Record {
	f := Fields{"name": "job", "owner": l.person(), "stock": Reference{Type: "stock", ID: "s1"}}
	set := func(percent int, name string, v any) {
		if l.wants("nested each") || l.wants("chosen") || l.chance(percent) {
			f[name] = v
		}
	}
	set(60, "size", float64(l.rt.dice(8)))
	set(60, "level", "a")
	set(70, "ends", l.pick("2026-11-25", "2026-11-27", "2026-12-15"))
	set(80, "parts", []any{"bolt", "nut"}[:1+l.rt.dice(2)])
	set(80, "areas", []any{"a", "b", "c"}[:1+l.rt.dice(2)])
	set(80, "lines", []map[string]any{{"part": "bolt", "amount": 3.0}, {"part": "gear"}}[:1+l.rt.dice(2)])
	set(60, "team", []any{"p1", "p2", "p3"}[:1+l.rt.dice(3)])
	set(60, "buyer", l.person())
	return Record{Type: "job", ID: "r1", Owner: f["owner"].(string), Fields: f}
}

// onward is the weight from which something leads the case on.
const onward = 20

// may is something that can happen next. Wanted is the situation that it may bring about.
type may struct {
	ev     Event
	weight int
	wanted string // several with "|" between them
	first  func() // what changes in the world before
}

// ending are the situations with which a life ends: what else is looked for comes first, mostly.
var ending = []string{"until", "withdraw in fork", "at most", "revoke"}

// looksFor are the situations that are looked for now.
func (l *life) looksFor() []string {
	all := slices.DeleteFunc(slices.Clone(l.hard), func(what string) bool { return l.seen[what] })
	if first := slices.DeleteFunc(slices.Clone(all), func(what string) bool { return slices.Contains(ending, what) }); len(first) > 0 && !l.chance(12) {
		return first
	}
	return all
}

// next draws what happens next: often something that leads to a situation that is looked for.
func (l *life) next() may {
	all, looked := l.possible(), l.looksFor()
	var wanted []may
	for _, m := range all {
		for what := range strings.SplitSeq(m.wanted, "|") {
			if slices.Contains(looked, what) {
				wanted = append(wanted, m)
			}
		}
	}
	switch on := slices.DeleteFunc(slices.Clone(all), func(m may) bool { return m.weight < onward }); {
	case len(wanted) > 0 && l.chance(75):
		all = wanted
	case len(on) > 0 && l.chance(60):
		all = on
	}
	total := 0
	for _, m := range all {
		total += m.weight
	}
	at := l.rt.dice(total)
	for _, m := range all {
		if at -= m.weight; at < 0 {
			return m
		}
	}
	return all[0]
}

func (l *life) machine() *machine {
	return &machine{in: l.in, p: l.in.Process, st: l.in.State, record: l.in.Record, at: l.now}
}

// possible is everything that may happen now, whether the machine will allow it or not.
func (l *life) possible() []may {
	st := &l.in.State
	var out []may
	for i := range st.Open {
		o := &st.Open[i]
		for j := range o.Seats {
			if seat := &o.Seats[j]; seat.Vote == nil {
				out = append(out, l.acts(o, seat)...)
			} else {
				out = append(out, may{ev: Event{Kind: EventTakeBack, By: seat.Vote.By, Task: seat.Task}, weight: 3, wanted: "take back"})
			}
		}
	}
	for _, r := range st.Rounds {
		for _, seat := range r.Open.Seats {
			if seat.Vote != nil {
				out = append(out, may{ev: Event{Kind: EventTakeBack, By: seat.Vote.By, Task: seat.Task}, weight: 5, wanted: "kept round"})
			}
		}
	}
	for _, f := range l.in.Fresh {
		for _, seat := range f.Round.Seats {
			if seat.Vote != nil {
				out = append(out, may{ev: Event{Kind: EventTakeBack, By: seat.Vote.By, Task: seat.Task}, weight: 5, wanted: "take back"})
			}
		}
		var led []string
		for _, at := range f.Led.Open {
			if i := slices.IndexFunc(st.Open, at.holds); i >= 0 && len(st.Open[i].Seats) > 0 {
				led = append(led, st.Open[i].Seats[0].Task)
			}
		}
		if f.Turns != nil {
			for _, a := range f.Turns.Asked {
				led = append(led, a.Task)
			}
		}
		for _, task := range led {
			out = append(out, may{ev: Event{Kind: EventTick}, weight: 2, first: func() { l.opens(task, l.person()) }})
		}
	}
	for _, call := range slices.Sorted(maps.Keys(l.calls)) {
		out = append(out, may{ev: Event{Kind: EventCalled, Call: call, Outcome: l.pick("helped", "helped", "helped", "withdrawn", "cancelled")}, weight: onward, wanted: "sub-case"},
			may{ev: Event{Kind: EventCalled, Call: call, Failed: notThereYet}, weight: 4, wanted: "sub-case"})
	}
	for _, call := range slices.Sorted(maps.Keys(l.asked)) {
		out = append(out,
			may{ev: Event{Kind: EventAnswered, Call: call, Answer: map[string]any{"no": "N7"}}, weight: onward, wanted: "request"},
			may{ev: Event{Kind: EventAnswered, Call: call, Failed: Same("no route")}, weight: 4, wanted: "request"})
	}
	return append(out, l.aboutCase()...)
}

// acts are what may be done with an open task, mostly by who has it.
func (l *life) acts(o *Open, seat *Seat) []may {
	s := l.in.Process.Step(o.Step)
	by := l.whoActs(seat)
	base := Event{By: by, Task: seat.Task, Admin: by == "admin", Comment: "because"}
	var out []may
	one := func(weight int, wanted string, change func(*Event)) {
		ev := base
		change(&ev)
		out = append(out, may{ev: ev, weight: weight, wanted: wanted})
	}
	if seat.Vacant {
		one(30, "", func(e *Event) { e.Kind, e.By, e.Admin, e.To = EventAssign, "admin", true, l.person() })
	}
	weights := map[string]int{"ok": 30, Done: 30, Rejected: 2, "stop": 1}
	for _, outcome := range s.outcomes() {
		weight := weights[outcome]
		if weight == 0 {
			weight = 5
		}
		switch {
		case !isApproval(s):
			wanted := map[string]string{"back": "at most"}[outcome]
			if outcome == "ok" {
				wanted = "reapprove"
			}
			one(weight, wanted, func(e *Event) { e.Kind, e.Outcome, e.Fields = EventComplete, outcome, l.fill(s, outcome) })
		case outcome == Approved:
			one(30, "in turn", func(e *Event) { e.Kind = EventApprove })
		case outcome == Rejected:
			one(2, "", func(e *Event) { e.Kind = EventReject })
		default:
			out = append(out, l.returns(o, s, base)...)
		}
	}
	return append(append(out, l.handings(o, s, seat, base)...), l.stops(o, s, seat, base)...)
}

// whoActs is mostly somebody who may.
func (l *life) whoActs(seat *Seat) string {
	m := l.machine()
	able := m.holders(seat)
	switch {
	case l.chance(8):
		return l.person()
	case len(able) == 0 || seat.Vacant || l.chance(8):
		return "admin"
	}
	return able[l.rt.dice(len(able))]
}

// returns are the ways back from an approval.
func (l *life) returns(o *Open, s *Step, base Event) []may {
	m := l.machine()
	var out []may
	one := func(weight int, wanted, to string, items []string) {
		ev := base
		ev.Kind, ev.To, ev.Items = EventReturn, to, items
		out = append(out, may{ev: ev, weight: weight, wanted: wanted})
	}
	usual := "in a round"
	if len(o.Seats) == 1 {
		usual = "undo|clock"
	}
	if w := s.Ways[Returned]; w != nil && w.Only {
		one(4, "chosen", "", l.someItems(w.Go))
	} else {
		one(4, usual, "", nil)
	}
	if l.wants("straight back") && s.Form.Resume == "back" {
		usual = "straight back"
	}
	for _, target := range m.placesBefore(o.Scope, s) {
		switch {
		case m.p.listWith(target).Path != m.scope(m.scopeOf(o.Scope, target)).List:
			one(1, "into a group|"+usual, target.ID, nil)
		case m.scopeOf(o.Scope, target) != o.Scope:
			one(1, "out of a fork", target.ID, nil)
		case forkBetween(target, s):
			one(1, "past a fork|"+usual, target.ID, nil)
		default:
			one(1, usual, target.ID, nil)
		}
	}
	if l.chance(10) {
		all := l.in.Process.all()
		one(1, "", all[l.rt.dice(len(all))].ID, nil)
	}
	return out
}

// forkBetween says whether the way back from a step to another of its list leads past branches.
func forkBetween(target, s *Step) bool {
	if target.list == nil || target.list != s.list || target.index >= s.index {
		return false
	}
	for _, between := range s.list.Steps[target.index:s.index] {
		switch between.Do.(type) {
		case Parallel, Each:
			return between != target
		}
	}
	return false
}

func (l *life) someItems(each string) []string {
	v, err := l.in.Process.Step(each).Do.(Each).Over.Value(l.machineEnv())
	if err != nil {
		return nil
	}
	keys := l.in.Process.Step(each).Do.(Each).keys(v)
	if len(keys) > 1 && l.chance(80) {
		keys = keys[:1]
	}
	return keys
}

func (l *life) machineEnv() Env { return Env{Record: l.in.Record, Now: l.now, Records: l.stocks} }

// handings are what changes who has a task.
func (l *life) handings(o *Open, s *Step, seat *Seat, base Event) []may {
	var out []may
	one := func(weight int, wanted string, kind EventKind, change func(*Event)) {
		ev := base
		ev.Kind = kind
		change(&ev)
		out = append(out, may{ev: ev, weight: weight, wanted: wanted})
	}
	if seat.Claim {
		one(10, "claim", EventClaim, func(*Event) {})
		one(2, "", EventRelease, func(*Event) {})
	}
	one(2, "transfer", EventTransfer, func(e *Event) { e.To = l.person() })
	one(1, "", EventAssign, func(e *Event) { e.By, e.Admin, e.To = "admin", true, l.person() })
	if !isApproval(s) {
		return out
	}
	one(3, "add", EventAdd, func(e *Event) {
		e.People, e.Where, e.Mode = []string{l.person(), l.person()}[:1+l.rt.dice(2)], l.pick("", "before", "after", "beside"), l.pick("", "first", "all", "in_turn")
		if l.chance(15) {
			all := l.in.Process.all()
			e.Step, e.Where = all[l.rt.dice(len(all))].ID, ""
		}
	})
	wanted := ""
	if len(o.Seats)+len(o.Turn) == 1 {
		wanted = "remove"
	}
	one(2, wanted, EventRemove, func(e *Event) {
		if e.By, e.Admin = "admin", true; l.chance(30) {
			e.People = []string{l.person()}
		}
	})
	return out
}

func (l *life) stops(o *Open, s *Step, seat *Seat, base Event) []may {
	var out []may
	wanted := ""
	if len(s.Time.Stops) > 0 && o.Scope > 1 {
		wanted = "stop in a stage"
	}
	if len(s.Time.Stops) > 0 {
		ev := base
		ev.Kind, ev.Reason = EventStopClock, s.Time.Stops[0].Reason
		out = append(out, may{ev: ev, weight: 5, wanted: wanted})
	}
	if seat.Stop != nil {
		ev := base
		ev.Kind = EventStartClock
		out = append(out, may{ev: ev, weight: 5})
	}
	return out
}

// value is something that a field takes.
func (l *life) value(name string, f *Field) any {
	one := func() any {
		switch f.Type {
		case typeNumber:
			return float64(l.rt.dice(9))
		case typeChoice, typeDepartment:
			of := f.Of
			if of == nil {
				of = l.parts
			}
			return of[l.rt.dice(len(of))]
		case typePerson:
			return l.person()
		case typeDate:
			return l.pick("2026-11-24", "2026-12-01", "2027-01-10")
		case typeMoney:
			return Money{Amount: int64(l.rt.dice(9)) * 10_000_000, Currency: "CNY"}
		case typeFile:
			return FileRef{ID: "f1", Name: "a.jpg", Size: 9, SHA256: "00"}
		case typeReference:
			return Reference{Type: f.To, ID: "s1"}
		}
		if name == "parts" {
			return l.pick("bolt", "nut", "gear")
		}
		return l.pick("v", "w", "x")
	}
	if !f.Many {
		return one()
	}
	var all []any
	for range 1 + l.rt.dice(3) {
		if v := one(); f.Type == typeFile || !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return all
}

// fill fills in a form: what is required nearly always, the rest sometimes.
func (l *life) fill(s *Step, outcome string) Fields {
	f := Fields{}
	edits := slices.Clone(s.Form.Edit)
	for _, name := range s.Ways[outcome].Require {
		edits = append(edits, Edit{Field: name, Required: true})
	}
	for _, e := range edits {
		if e.Required && !l.chance(95) || !e.Required && !l.chance(60) {
			continue
		}
		f[e.Field] = l.value(e.Field, l.in.Process.FormField(s, e.Field))
	}
	if len(f) == 0 {
		return nil
	}
	return f
}

// aboutCase is what happens to the case as a whole, and to the world around it.
func (l *life) aboutCase() []may {
	st := &l.in.State
	all := l.in.Process.all()
	out := []may{
		{ev: Event{Kind: EventTick}, weight: onward / 2, wanted: "hand up", first: func() { l.pass("armed", "armed", "hours", "days") }},
		{ev: Event{Kind: EventTick}, weight: 1, wanted: "alarms", first: func() { l.pass("days") }},
		{ev: Event{Kind: EventHappened, Name: "job.paid"}, weight: 8, wanted: "event"},
		{ev: Event{Kind: EventHappened, Name: l.pick("job.stopped", "quote.accepted")}, weight: 1},
		{ev: Event{Kind: EventWithdraw, By: l.pick(st.Initiator, st.Initiator, l.person()), Comment: "not needed"}, weight: 1},
		{ev: Event{Kind: EventSuspend, By: "admin", Admin: l.chance(90), Comment: "wait"}, weight: 1, wanted: "suspend"},
		{ev: Event{Kind: EventJump, By: "admin", Admin: true, Comment: "there", To: all[l.rt.dice(len(all))].ID}, weight: 1},
		{ev: Event{Kind: EventPeople}, weight: 4, first: l.peopleChange},
		{ev: Event{Kind: EventRecompute, By: "admin", Comment: "new calendar"}, weight: 2, first: func() { l.cals.now = offices()[l.rt.dice(2)] }},
		{ev: Event{Kind: EventCalled, Call: l.pick("c1.c1", "c1.c2"), Outcome: "helped"}, weight: 1},
	}
	if len(st.Scopes) > 2 {
		out = append(out, may{ev: Event{Kind: EventWithdraw, By: st.Initiator}, weight: 1, wanted: "withdraw in fork"})
	}
	if slices.ContainsFunc(st.Open, func(o Open) bool { return len(o.Seats) > 1 }) {
		out = append(out, may{ev: Event{Kind: EventHappened, Name: "job.stopped"}, weight: 1, wanted: "until"})
	}
	if st.Status == Suspended || st.Held != nil {
		out = append(out, may{ev: Event{Kind: EventResume, By: "admin", Admin: true, Comment: "go on"}, weight: 60, wanted: "held", first: l.mend})
	}
	if st.Status == Ended {
		out = append(out, may{ev: Event{Kind: EventUndo, By: st.Initiator}, weight: 20, wanted: "revoke"})
	}
	if l.chance(5) {
		out = append(out, may{ev: Event{Kind: EventCancel, By: "admin", Admin: true, Comment: "over"}, weight: 1},
			may{ev: Event{Kind: EventLeft, Outcome: l.pick(Withdrawn, Cancelled, "voided")}, weight: 1})
	}
	return out
}

// pass lets time go by: to the next moment that is armed, far past several, or just some.
func (l *life) pass(how ...string) {
	switch l.pick(how...) {
	case "armed":
		if l.wakeAt != nil && l.wakeAt.After(l.now) {
			l.now = *l.wakeAt
		}
	case "hours":
		l.now = l.now.Add(time.Duration(1+l.rt.dice(300)) * time.Minute)
	default:
		l.now = l.now.AddDate(0, 0, 1+l.rt.dice(4))
	}
}

func (l *life) peopleChange() {
	who := l.pick("p1", "p2", "p3", "p4", "p5")
	switch l.pick("away", "away", "back", "leave") {
	case "away":
		l.gone[who] = l.pick("", "p0", l.person())
	case "back":
		delete(l.gone, who)
	default:
		if l.chance(40) {
			l.company.leave(who)
		}
	}
}

// mend does what an administrator does before a held case tries again, or not.
func (l *life) mend() {
	if l.chance(70) {
		l.stocks["s1"] = Fields{"name": "steel", "left": 50.0}
		if l.in.Record.Fields["ends"] == nil {
			l.in.Record.Fields["ends"] = "2026-12-01"
		}
	}
}

// say is an event as somebody reads it.
func say1(ev Event) string {
	parts := []string{ev.At.Format("01-02 15:04"), string(ev.Kind)}
	for _, p := range []struct{ name, v string }{{"by", ev.By}, {"task", ev.Task}, {"outcome", ev.Outcome}, {"to", ev.To}, {"where", ev.Where}, {"mode", ev.Mode}, {"step", ev.Step},
		{"name", ev.Name}, {"call", ev.Call}, {"failed", ev.Failed.EN}, {"reason", ev.Reason}, {"people", strings.Join(ev.People, "+")}, {"items", strings.Join(ev.Items, "+")}} {
		if p.v != "" {
			parts = append(parts, p.name+"="+p.v)
		}
	}
	if ev.Fields != nil {
		parts = append(parts, fmt.Sprint(ev.Fields))
	}
	return strings.Join(parts, " ")
}

// fail shows the chain, the company and the events.
func (l *life) fail(format string, args ...any) {
	var who []string
	for _, id := range slices.Sorted(maps.Keys(l.company.people)) {
		p := l.company.people[id]
		who = append(who, fmt.Sprintf("%s(in %s, under %q, active %v)", id, p.Department, p.Manager, p.Active))
	}
	l.rt.fatal("%s\n\n%s\n%s\naway %v, role:x %v, departments %v, stock %v, record %v\n\n%s\n\nopen %s", fmt.Sprintf(format, args...), l.chain, strings.Join(who, " "), l.gone,
		l.company.members["role:x"], l.company.departments, l.stocks["s1"], l.in.Record.Fields, strings.Join(l.told, "\n"), raw(l.in.State))
}
