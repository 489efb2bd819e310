package process

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const timedThing = `record: timed
title: Timed
fields:
  name:    {type: text}
  ends_on: {type: date}
  at:      {type: datetime}
  parts:   {type: choice, of: [a, b, c], many: true}
  owner:   {type: person, default: creator}
`

// timed makes a case about a thing with dates, on Monday 2026-11-23 09:00, from the head and the steps of its process.
func timed(t *testing.T, fields Fields, head, steps string) *trial {
	t.Helper()
	doc := "process: timed\nrecord: timed\nstart: {by: [role:sales]}\n" + head + "steps:\n" + steps
	c := begin(t, Fields{"name": "one", "owner": "li.na"}.With(fields), timedThing, doc)
	c.start("li.na")
	return c
}

// publish uses another calendar, with the holidays given.
func (c *trial) publish(holidays ...Holiday) {
	spec := CalendarSpec{Name: "cn-office", Zone: "Asia/Shanghai", Week: map[string][]string{"mon-fri": {"09:00-12:00", "13:00-18:00"}}}
	for _, h := range holidays {
		spec.Holidays.From = "cn"
		if year := yearOf(h.Date); len(spec.Holidays.Years) == 0 || spec.Holidays.Years[len(spec.Holidays.Years)-1] != year {
			spec.Holidays.Years = append(spec.Holidays.Years, year)
		}
	}
	cal, errs := NewCalendar(spec, holidays)
	require.Empty(c.t, errs)
	c.in.Calendars = oneCalendar{cal}
}

func yearOf(date string) int {
	day, _ := parseDay(date)
	return yearOfDay(day)
}

func shownAt(c *trial, at time.Time) string {
	return at.In(c.now.Location()).Format("2006-01-02 15:04")
}

func TestADueDateInEveryForm(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		due, want string
		fields    Fields
	}{
		{"2 working days", "2026-11-25 18:00", nil},
		{"4 working hours", "2026-11-23 14:00", nil},
		{"30 minutes", "2026-11-23 09:30", nil},
		{"end of today", "2026-11-23 18:00", nil},
		{"start of working day 3", "2026-11-26 09:00", nil},
		{"record.ends_on", "2026-12-04 18:00", Fields{"ends_on": "2026-12-04"}},
		{"record.ends_on", "2026-12-07 18:00", Fields{"ends_on": "2026-12-05"}}, // a Saturday: the end of the next working day
		{"5 working days before record.ends_on", "2026-11-27 09:00", Fields{"ends_on": "2026-12-04"}},
		{"2 working hours before record.at", "2026-11-24 15:30", Fields{"at": "2026-11-24T17:30:00+08:00"}},
		{"record.at", "2026-11-24 22:15", Fields{"at": "2026-11-24T22:15:00+08:00"}},
		{"today", "2026-11-23 18:00", nil},
	} {
		c := timed(t, tc.fields, "", "  - {id: work, task: Work, by: initiator, due: "+tc.due+"}\n")
		require.Equal(t, tc.want, c.due("work"), tc.due)
		ledger, ok := c.in.State.Open[0].Seats[0].Explain((&machine{in: c.in}).calendar(""))
		require.True(t, ok)
		require.Equal(t, tc.want, shownAt(c, ledger.Due), "and can be explained")
		require.NotEmpty(t, ledger.Intervals)
	}
}

func TestADueMomentIsNeverInThePast(t *testing.T) {
	t.Parallel()
	for _, due := range []string{"record.ends_on", "10 working days before record.ends_on", "record.at"} {
		c := timed(t, Fields{"ends_on": "2026-11-20", "at": "2026-11-20T10:00:00+08:00"}, "", `
  - {id: work, task: Work, by: initiator, due: `+due+`, late: [{at: due, tell: [holder]}, {after: 1 working day, hand_up: true}]}
`)
		require.Equal(t, "2026-11-23 09:00", c.due("work"), "due at once, and not before the opening")
		require.Equal(t, c.now, *c.wakeAt)
		c.pass("2026-11-23 09:00")
		require.Equal(t, 1, c.told("li.na", "late"))
		c.pass("2027-06-30 18:00")
		require.Equal(t, []string{"work:wang.fang"}, c.open(), "a day that has passed opens no limit anew")
		require.Equal(t, "2026-11-23 09:00", c.due("work"))
		require.Nil(t, c.wakeAt)
	}
}

func TestADueDateThatNobodyFilledInIsNoLimitAndSaysSo(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "late: [{at: due, tell: [holder]}]\n", "  - {id: work, task: Work, by: initiator, due: 5 working days before record.ends_on}\n")
	require.Empty(t, c.due("work"))
	require.Equal(t, "5 working days before record.ends_on", c.entries("opened")[0].Data["no_limit"])
	require.Nil(t, c.wakeAt)
	c.in.Record.Fields["ends_on"] = "2026-12-04"
	c.pass("2026-12-07 18:00")
	require.Empty(t, c.due("work"), "a limit is fixed when the step opens")
}

func TestTheDueDateStandsWhoeverHasTheTask(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "", "  - {id: work, task: Work, by: {department: quality}, claim: true, due: 2 working days}\n")
	due := c.due("work")
	c.pass("2026-11-24 10:00")
	c.must(c.act("xu.lei", EventClaim, "work"))
	require.Equal(t, due, c.due("work"))
	c.must(c.act("xu.lei", EventTransfer, "work", to("zhou.min"), saying("hers")))
	require.Equal(t, due, c.due("work"))
	c.must(c.act("admin", EventAssign, "work", to("he.jing"), saying("help")))
	require.Equal(t, due, c.due("work"))
	require.Equal(t, "2026-11-23 09:00", shownAt(c, *c.in.State.Open[0].Seats[0].DueFrom))
}

func TestADueDateIsCountedByTheCalendarOfTheSeat(t *testing.T) {
	t.Parallel()
	c := timed(t, nil, "calendar: company\n", `
  - {id: mine, task: Mine, by: {user: xu.lei}, due: 1 working day, then: {go: theirs}}
  - {id: theirs, aside: true, task: Theirs, by: {department: quality}, due: 1 working day, then: {go: ours}}
  - {id: ours, aside: true, task: Ours, by: {user: sun.wei}, due: 1 working day}
`)
	c.in.Calendars = calendarsByName(t, "person", "20:00", "department", "19:00", "company", "17:00")
	p, d := c.company.people["xu.lei"], c.company.departments["quality"]
	p.Calendar, d.Calendar = "person", "department"
	c.company.people["xu.lei"], c.company.departments["quality"] = p, d
	c.in.State = NewState("c1", "li.na")
	c.start("li.na")
	require.Equal(t, "2026-11-24 20:00", c.due("mine"), "the person's")
	c.must(c.act("xu.lei", EventComplete, "mine"))
	require.Equal(t, "2026-11-24 19:00", c.due("theirs"), "else the department's")
	c.must(c.act("zhao.qiang", EventComplete, "theirs"))
	require.Equal(t, "2026-11-24 17:00", c.due("ours"), "else that of the process")
	require.Equal(t, "company", c.in.State.Open[0].Seats[0].Calendar)
}

type namedCalendars map[string]*Calendar

func (n namedCalendars) Calendar(name string) (*Calendar, bool) { c, ok := n[name]; return c, ok }

// calendarsByName are calendars that differ in when they close.
func calendarsByName(t *testing.T, namesAndCloses ...string) namedCalendars {
	t.Helper()
	out := namedCalendars{}
	for i := 0; i < len(namesAndCloses); i += 2 {
		c, errs := NewCalendar(CalendarSpec{Name: namesAndCloses[i], Zone: "Asia/Shanghai", Week: map[string][]string{"mon-fri": {"09:00-" + namesAndCloses[i+1]}}}, nil)
		require.Empty(t, errs)
		out[namesAndCloses[i]] = c
	}
	return out
}

func TestResubmitIsDueLikeAnyStep(t *testing.T) {
	t.Parallel()
	c := timed(t, Fields{"ends_on": "2026-12-04"}, "resubmit: {edit: {name: required}, due: 1 working day before record.ends_on}\n",
		"  - {id: ask, approve: Ask, by: {user: sun.wei}}\n")
	c.must(c.act("sun.wei", EventReturn, "ask", saying("again")))
	require.Equal(t, "2026-12-03 09:00", c.due(ResubmitStep))
}

func TestADueDateFromATable(t *testing.T) {
	t.Parallel()
	table := `table: limits
input: {name: record.name}
output: {limit: duration}
hit: unique
rows:
  - {when: {name: urgent}, then: {limit: 4 working hours}}
  - {when: {name: usual}, then: {limit: 2 working days}}
`
	doc := "process: timed\nrecord: timed\nstart: {by: [role:sales]}\nlate: [{at: due, hand_up: true}]\nsteps:\n  - {id: work, task: Work, by: initiator, due: {table: limits}}\n"
	for name, want := range map[string]string{"urgent": "2026-11-23 14:00", "usual": "2026-11-25 18:00"} {
		c := begin(t, Fields{"name": name, "owner": "li.na"}, timedThing, table, doc)
		c.start("li.na")
		require.Equal(t, want, c.due("work"))
		c.in.Record.Fields["name"] = "other" // the limit was fixed when the step opened
		c.pass(want)
		require.Equal(t, []string{"work:wang.fang"}, c.open())
	}
	c := begin(t, Fields{"name": "odd", "owner": "li.na"}, timedThing, table, doc)
	c.start("li.na")
	require.NotNil(t, c.in.State.Held, "no row applies")
	require.Empty(t, c.open())
}
