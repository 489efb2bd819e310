package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

const visits = `process: visit
title: {zh: 每日回访, en: Visit}
record: lead
number: "VI{0000}"
start: {every: working day, for: record.status == "open" && record.need == "visit", as: {manager_of: owner}}
steps:
  - id: call
    task: Call them
    by: {field: owner}
  - end: done
`

// newVisits is a company at Monday 2026-11-23, 09:00, that visits every working day.
func newVisits(t *testing.T, from, to string) *world {
	t.Helper()
	w := newCompany(t)
	w.publishes(strings.Replace(visits, from, to, 1))
	return w
}

func (w *world) publishes(content string) {
	w.t.Helper()
	_, problems := w.publish([]process.File{{Path: "visit.yaml", Content: content}})
	require.False(w.t, process.Failed(problems), "%v", problems)
}

// leads makes leads of li.na's that are to be visited.
func (w *world) leads(n int) []RecordView {
	w.t.Helper()
	list := make([]RecordView, n)
	for i := range list {
		fields := lead()
		fields["need"] = "visit"
		var err error
		list[i], err = w.CreateRecord(w.ctx, by("li.na"), "lead", fields)
		require.NoError(w.t, err)
	}
	return list
}

// beats lets the rhythm work until there is nothing more to do at once, and gives when to come again.
func (w *world) beats() Beat {
	w.t.Helper()
	for range 1000 {
		b, err := w.Occur(w.ctx, "visit")
		require.NoError(w.t, err)
		if !b.More {
			return b
		}
	}
	require.Fail(w.t, "it comes to no end")
	return Beat{}
}

func (w *world) occurrences() []store.OccurrenceRow {
	w.t.Helper()
	var rows []store.OccurrenceRow
	require.NoError(w.t, w.db.Select(w.ctx, &rows, `SELECT process, at, missed, began_at, ended_at, upto, started, passed_over, refused FROM occurrences ORDER BY at`))
	return rows
}

// business is a moment of the business clock, which begins at 09:00.
func (w *world) business(day, clock string) time.Time {
	w.t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, time.FixedZone("", 8*3600))
	require.NoError(w.t, err)
	return at
}

func TestARhythmStartsOneCasePerRecord(t *testing.T) {
	t.Parallel()
	w := newVisits(t, "", "")
	list := w.leads(23)
	other, err := w.CreateRecord(w.ctx, by("li.na"), "lead", lead())
	require.NoError(t, err)
	b := w.beats()
	require.True(t, b.WakeAt.Equal(w.business("2026-11-24", "09:00")), "it was published today: the next opening is tomorrow's, not %s", b.WakeAt)
	require.WithinDuration(t, w.now().Add(24*time.Hour), *b.WakeReal, time.Hour)
	require.Empty(t, w.occurrences())

	w.pass(24 * time.Hour)
	b = w.beats()
	require.True(t, b.WakeAt.Equal(w.business("2026-11-25", "09:00")), "%s", b.WakeAt)
	for _, l := range list {
		cases := w.casesOn(l.ID)
		require.Len(t, cases, 1)
		require.Equal(t, "wang.fang", cases[0].Initiator, "as: {manager_of: owner}")
	}
	require.Empty(t, w.casesOn(other.ID))
	o := w.occurrences()
	require.Len(t, o, 1)
	require.Equal(t, []int{23, 0, 0, 0}, []int{o[0].Started, o[0].PassedOver, o[0].Refused, o[0].Missed})
	require.NotNil(t, o[0].EndedAt)
	var reason string
	require.NoError(t, w.db.Get(w.ctx, &reason, `SELECT reason FROM timeline WHERE case_id = $1 AND event = 'started'`, w.casesOn(list[0].ID)[0].ID))
	require.Equal(t, "every working day", reason)
}

// No second case begins on a record whose last is open still; those that have ended get another one.
func TestARhythmPassesOverWhoHasAnOpenCase(t *testing.T) {
	t.Parallel()
	w := newVisits(t, "", "")
	list := w.leads(3)
	w.pass(24 * time.Hour)
	w.beats()
	ended := w.casesOn(list[1].ID)[0]
	var task string
	require.NoError(t, w.db.Get(w.ctx, &task, `SELECT id FROM tasks WHERE case_id = $1`, ended.ID))
	_, err := w.Act(w.ctx, by("li.na"), ActCommand{Task: task, Act: process.EventComplete})
	require.NoError(t, err)
	w.pass(24 * time.Hour)
	w.beats()
	require.Len(t, w.casesOn(list[0].ID), 1)
	require.Len(t, w.casesOn(list[1].ID), 2)
	o := w.occurrences()
	require.Len(t, o, 2)
	require.Equal(t, []int{1, 2}, []int{o[1].Started, o[1].PassedOver})
}

// Occurrences that passed while nothing worked are made up for once, by the newest.
func TestARhythmMakesUpOnceForWhatItMissed(t *testing.T) {
	t.Parallel()
	w := newVisits(t, "    task: Call them\n    by: {field: owner}\n", "    notify: Called\n    to: [{field: owner}]\n")
	l := w.leads(1)[0]
	w.pass(4*24*time.Hour + 3*time.Hour) // Friday, 12:00
	require.True(t, w.beats().WakeAt.Equal(w.business("2026-11-30", "09:00")), "the weekend has no occurrence")
	o := w.occurrences()
	require.Len(t, o, 1)
	require.True(t, o[0].At.Equal(w.business("2026-11-27", "09:00")))
	require.Equal(t, 3, o[0].Missed)
	require.Len(t, w.casesOn(l.ID), 1, "though the case has ended at once")
	w.beats()
	require.Len(t, w.casesOn(l.ID), 1)
}

// Whoever works, and however many at once: every record has one case per occurrence, though the cases end at once.
func TestAnOccurrenceIsCarriedOutOnceByMany(t *testing.T) {
	t.Parallel()
	w := newVisits(t, "    task: Call them\n    by: {field: owner}\n", "    notify: Called\n    to: [{field: owner}]\n")
	list := w.leads(31)
	for range 2 {
		w.pass(24 * time.Hour)
		_, errs := together(4, func(int) (Beat, error) {
			for {
				b, err := w.Occur(w.ctx, "visit")
				if err != nil || !b.More {
					return b, err
				}
			}
		})
		for _, err := range errs {
			require.NoError(t, err)
		}
	}
	for _, l := range list {
		require.Len(t, w.casesOn(l.ID), 2)
	}
	o := w.occurrences()
	require.Len(t, o, 2)
	require.Equal(t, []int{31, 31}, []int{o[0].Started, o[1].Started})
}

// A case that makes more records of its own kind doesn't feed the occurrence that has started it.
func TestAnOccurrenceDoesNotServeWhatItMakes(t *testing.T) {
	t.Parallel()
	w := newVisits(t, "  - id: call\n    task: Call them\n    by: {field: owner}\n", "  - create: {lead: {company: record.company, phone: record.phone + \"1\", need: record.need, owner: record.owner}}\n")
	w.leads(1)
	w.pass(24 * time.Hour)
	w.beats()
	require.Equal(t, 1, w.occurrences()[0].Started)
	w.pass(24 * time.Hour)
	w.beats()
	require.Equal(t, 2, w.occurrences()[1].Started+w.occurrences()[1].PassedOver)
}

// A record for which no case can be started holds up no other.
func TestARhythmGoesOnAfterAStartThatIsRefused(t *testing.T) {
	t.Parallel()
	w := newVisits(t, "", "")
	list := w.leads(3)
	apply := w.apply
	w.apply = func(in process.Input, ev process.Event) (process.Result, error) {
		if in.Record.ID == list[1].ID {
			panic("poisoned")
		}
		return apply(in, ev)
	}
	w.pass(24 * time.Hour)
	w.beats()
	o := w.occurrences()
	require.Equal(t, []int{2, 1}, []int{o[0].Started, o[0].Refused})
	require.NotNil(t, o[0].EndedAt)
	require.Empty(t, w.casesOn(list[1].ID))
	require.Len(t, w.casesOn(list[2].ID), 1)
}

// Rhythms follow publication: another version goes on, another rhythm begins anew, and a version without one ends it.
func TestRhythmsFollowPublication(t *testing.T) {
	t.Parallel()
	w := newVisits(t, "", "")
	w.leads(1)
	begun := func() []store.ScheduleRow {
		rows, err := w.db.Schedules(w.ctx)
		require.NoError(t, err)
		return rows
	}
	first := begun()
	require.Equal(t, "working day", first[0].Every)
	w.pass(24 * time.Hour)
	w.publishes(strings.Replace(visits, "Call them", "Call", 1))
	require.Equal(t, first, begun(), "the rhythm is the same: what has come due is")
	w.publishes(strings.Replace(visits, "working day", "week", 1))
	require.Equal(t, "week", begun()[0].Every)
	require.True(t, w.beats().WakeAt.Equal(w.business("2026-11-30", "09:00")), "no occurrence of the old rhythm is made up for")
	require.Empty(t, w.occurrences())

	w.pass(6 * 24 * time.Hour)
	b, err := w.Occur(w.ctx, "visit")
	require.NoError(t, err)
	require.False(t, b.More)
	w.publishes(strings.Replace(visits, "every: working day, for: record.status == \"open\" && record.need == \"visit\", as: {manager_of: owner}", "by: [role:sales]", 1))
	require.Empty(t, begun()[0].Every, "it has ended")
	b, err = w.Occur(w.ctx, "visit")
	require.NoError(t, err)
	require.True(t, b.Gone)
}

// A database in which an older software has published knows no rhythm: looking at them finds out, and finds out which are late.
func TestLookingAtTheRhythmsBringsThemIntoLine(t *testing.T) {
	t.Parallel()
	w := newVisits(t, "", "")
	_, err := w.db.Exec(w.ctx, `DELETE FROM schedules`)
	require.NoError(t, err)
	_, err = w.db.Exec(w.ctx, `INSERT INTO schedules (process, every, since) VALUES ('review', 'month', now()), ('gone', 'month', now())`)
	require.NoError(t, err)
	look := func() []Schedule {
		list, err := w.Schedules(w.ctx, 5*time.Second)
		require.NoError(t, err)
		return list
	}
	require.Equal(t, []Schedule{{Process: "visit"}}, look())
	untold, err := w.db.UntoldSchedules(w.ctx)
	require.NoError(t, err)
	require.Len(t, untold, 3, "two have ended, one begins")
	for _, row := range untold {
		require.NoError(t, w.db.ScheduleTold(w.ctx, row))
	}
	left, err := w.db.Schedules(w.ctx)
	require.NoError(t, err)
	require.Equal(t, untold[2:], left, "what has ended is forgotten")
	require.Equal(t, []Schedule{{Process: "visit"}}, look())
	w.pass(24*time.Hour + time.Minute)
	require.Equal(t, []Schedule{{Process: "visit", Late: true}}, look())
	w.leads(1)
	w.beats()
	require.Equal(t, []Schedule{{Process: "visit"}}, look())
}
