package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"
)

// The company of the machine's tests: li.na and chen.bo sell under wang.fang, who is under the sales director sun.wei,
// who is under the general manager zhou.min; finance are two; quality has a head and an inspector.
type company struct {
	people      map[string]Person
	departments map[string]Department
	members     map[Principal][]string
	called      map[Principal]Text // nil: nothing has a name
}

func newCompany() *company {
	c := &company{people: map[string]Person{}, departments: map[string]Department{
		"sales":   {ID: "sales", Head: "sun.wei", Parent: "top"},
		"finance": {ID: "finance", Head: "he.jing", Parent: "top"},
		"quality": {ID: "quality", Head: "zhao.qiang", Parent: "top"},
		"top":     {ID: "top", Head: "zhou.min"},
	}, members: map[Principal][]string{}}
	c.add("zhou.min", "top", "")
	c.add("sun.wei", "sales", "zhou.min", "role:sales-director")
	c.add("wang.fang", "sales", "sun.wei", "role:sales", "role:sales-manager")
	c.add("li.na", "sales", "wang.fang", "role:sales")
	c.add("chen.bo", "sales", "wang.fang", "role:sales")
	c.add("he.jing", "finance", "", "role:finance")
	c.add("guo.yan", "finance", "", "role:finance")
	c.add("zhao.qiang", "quality", "")
	c.add("xu.lei", "quality", "")
	c.add("admin", "top", "", "role:administrator")
	return c
}

func (c *company) add(id, department, manager string, roles ...Principal) {
	c.people[id] = Person{ID: id, Name: Same(id), Department: department, Manager: manager, Active: true}
	for _, p := range append(roles, Principal("department:"+department)) {
		c.members[p] = append(c.members[p], id)
		slices.Sort(c.members[p])
	}
}

func (c *company) leave(id string) {
	p := c.people[id]
	p.Active = false
	c.people[id] = p
	for principal, ids := range c.members {
		c.members[principal] = slices.DeleteFunc(slices.Clone(ids), func(other string) bool { return other == id })
	}
}

func (c *company) Person(id string) (Person, bool)         { p, ok := c.people[id]; return p, ok }
func (c *company) Department(id string) (Department, bool) { d, ok := c.departments[id]; return d, ok }
func (c *company) Members(p Principal) []string            { return c.members[p] }
func (c *company) Called(p Principal) Text                 { return c.called[p] }

// oneCalendar is the company's only calendar, whatever it is called.
type oneCalendar struct{ only *Calendar }

func (c oneCalendar) Calendar(string) (*Calendar, bool) { return c.only, true }

// trial is a case under test, driven event by event.
type trial struct {
	t       *testing.T
	in      Input
	company *company
	now     time.Time
	effects []Effect // of the last event
	all     []Entry
	tells   []Tell
	wakeAt  *time.Time
}

// begin loads the documents and prepares a case about a record with these fields, at Monday 2026-11-23 09:00.
func begin(t *testing.T, fields Fields, documents ...string) *trial {
	t.Helper()
	return beginOne(t, fields, "", documents...)
}

// beginOne is begin for one process of several.
func beginOne(t *testing.T, fields Fields, process string, documents ...string) *trial {
	t.Helper()
	var files []File
	for i, d := range documents {
		files = append(files, File{Path: fmt.Sprintf("doc%d.yaml", i), Content: d})
	}
	lib, problems := Load(files, nil, nil)
	for _, p := range problems {
		require.True(t, p.Warning, p.String("en"))
	}
	p := lib.Processes[process]
	if process == "" {
		require.Len(t, lib.Processes, 1)
		for _, p = range lib.Processes {
		}
	}
	zone, err := time.LoadLocation("Asia/Shanghai")
	require.NoError(t, err)
	cal, errs := NewCalendar(CalendarSpec{Name: "cn-office", Zone: "Asia/Shanghai", Week: map[string][]string{"mon-fri": {"09:00-12:00", "13:00-18:00"}}}, nil)
	require.Empty(t, errs)
	c := &trial{t: t, company: newCompany(), now: time.Date(2026, 11, 23, 9, 0, 0, 0, zone)}
	owner, _ := fields["owner"].(string)
	c.in = Input{Process: p, State: NewState("c1", "li.na"), Record: Record{Type: p.Record, ID: "r1", Owner: owner, Fields: fields},
		Directory: c.company, Calendars: oneCalendar{cal}}
	return c
}

// try applies an event and keeps the result; a refusal changes nothing. Whatever comes of it, the state that was given stays as it was.
func (c *trial) try(ev Event) error {
	c.t.Helper()
	ev.At = c.now
	before, _ := json.Marshal([]any{c.in.State, c.in.Fresh})
	res, err := Apply(c.in, ev)
	after, _ := json.Marshal([]any{c.in.State, c.in.Fresh})
	require.Equal(c.t, string(before), string(after), "the state that was given")
	if err != nil {
		return err
	}
	c.keep(res)
	return nil
}

func (c *trial) keep(res Result) {
	c.in.State, c.in.Foreseen, c.in.Fresh, c.effects, c.wakeAt = res.State, res.Foreseen, res.Fresh, res.Effects, res.WakeAt
	for _, e := range res.Effects {
		switch e := e.(type) {
		case Log:
			c.all = append(c.all, e.Entry)
		case Tell:
			c.tells = append(c.tells, e)
		case ChangeRecord:
			for k, v := range e.Fields {
				if v == nil {
					delete(c.in.Record.Fields, k)
				} else {
					c.in.Record.Fields[k] = v
				}
			}
		}
	}
}

func (c *trial) start(by string) {
	c.t.Helper()
	require.NoError(c.t, c.try(Event{Kind: EventStart, By: by}))
}

// task finds the open task of a step, of a person where that is said.
func (c *trial) task(step string, who ...string) string {
	c.t.Helper()
	for _, o := range c.in.State.Open {
		for _, seat := range o.Seats {
			if o.Step == step && seat.Vote == nil && (len(who) == 0 || seat.Assignee == who[0]) {
				return seat.Task
			}
		}
	}
	c.t.Fatalf("no open task of %s for %v; open: %v", step, who, c.open())
	return ""
}

// act lets somebody act on the open task of a step that is theirs, or else on any of that step.
func (c *trial) act(by string, kind EventKind, step string, more ...func(*Event)) error {
	c.t.Helper()
	task := ""
	for _, o := range c.in.State.Open {
		for _, seat := range o.Seats {
			theirs := slices.Contains((&machine{in: c.in}).waitedFor(&o, &seat), by)
			if o.Step == step && seat.Vote == nil && (task == "" || theirs) {
				task = seat.Task
			}
		}
	}
	if task == "" {
		c.t.Fatalf("no open task of %s; open: %v", step, c.open())
	}
	ev := Event{Kind: kind, By: by, Task: task, Admin: by == "admin"}
	for _, f := range more {
		f(&ev)
	}
	return c.try(ev)
}

func (c *trial) must(err error) {
	c.t.Helper()
	require.NoError(c.t, err)
}

func saying(comment string) func(*Event) { return func(e *Event) { e.Comment = comment } }
func filling(f Fields) func(*Event)      { return func(e *Event) { e.Fields = f } }
func choosing(o string) func(*Event)     { return func(e *Event) { e.Outcome = o } }
func to(who string) func(*Event)         { return func(e *Event) { e.To = who } }

// open says "step:who" of every open seat; several who may fill a seat stand with "|" between them.
func (c *trial) open() []string {
	open := []string{}
	for _, o := range c.in.State.Open {
		for _, seat := range o.Seats {
			if seat.Vote != nil {
				continue
			}
			m := machine{in: c.in}
			open = append(open, o.Step+":"+strings.Join(m.holders(&seat), "|"))
		}
	}
	return open
}

// pass lets business time go by to a moment, ticking only there.
func (c *trial) pass(to string) {
	c.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", to, c.now.Location())
	require.NoError(c.t, err)
	c.now = at
	require.NoError(c.t, c.try(Event{Kind: EventTick}))
}

func (c *trial) due(step string) string {
	c.t.Helper()
	for _, o := range c.in.State.Open {
		for _, seat := range o.Seats {
			if o.Step == step && seat.Vote == nil && seat.Due != nil {
				return seat.Due.In(c.now.Location()).Format("2006-01-02 15:04")
			}
		}
	}
	return ""
}

// entries are the timeline's "event step" from index n on.
func (c *trial) entries(event string) []Entry {
	var found []Entry
	for _, e := range c.all {
		if e.Event == event {
			found = append(found, e)
		}
	}
	return found
}

func (c *trial) told(who, about string) int {
	n := 0
	for _, tell := range c.tells {
		if tell.About == about && slices.Contains(tell.To, who) {
			n++
		}
	}
	return n
}

func refused(t *testing.T, err error, code Code) *Refusal {
	t.Helper()
	var r *Refusal
	require.True(t, errors.As(err, &r), "want a refusal %s, got %v", code, err)
	require.Equal(t, code, r.Code, r.Message.EN)
	require.NotEmpty(t, r.Message.ZH)
	return r
}
