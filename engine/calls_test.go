package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// A project asks for a check, which asks for a look: three cases deep. A visit is about the project's own record, a note is not waited for.
const projects = `record: project
title: Project
number: "P{0000}"
fields:
  name: {type: text, required: true}
  result: {type: text}
  owner: {type: person, default: creator}
---
record: ticket
title: Ticket
number: "T{0000}"
fields:
  name: {type: text, required: true}
  state: {type: text}
  owner: {type: person, default: creator}
unique: [name]
---
process: project
title: Project
record: project
number: "PR{0000}"
subject: "{record.name}"
start: {by: [role:sales]}
steps:
  - {id: begin, task: Begin, by: initiator}
  - id: both
    join: first
    parallel:
      - id: a
        steps:
          - id: check
            call: check
            with: {name: record.name, state: "new"}
            on: {refused: {set: {result: refused}, go: mend}}
          - {id: mend, aside: true, task: Mend, by: initiator, then: {go: check}}
      - id: b
        steps: [{id: other, approve: Other, by: {user: zhou.min}, on: {returned: {go: begin}}}]
  - {id: last, approve: Last, by: {manager_of: initiator}, on: {returned: {go: begin}}}
  - end: approved
---
process: check
title: Check
record: ticket
number: "CH{0000}"
start: {by: [role:sales]}
steps:
  - {id: mark, set: {state: "checking"}, undo: restore}
  - {id: look, call: look, with: {name: 'record.name + "/look"'}, on: {bad: {end: refused}}}
  - {id: sign, approve: Sign, by: {manager_of: initiator}, on: {rejected: {end: refused}}}
---
process: look
title: Look
record: ticket
number: "LO{0000}"
start: {by: [role:sales]}
steps:
  - {id: mark, set: {state: "looking"}, undo: restore}
  - {id: see, task: See, by: {user: xu.lei}, outcomes: {good: {}, bad: {end: bad}}}
---
process: tour
title: Tour
record: project
number: "TO{0000}"
start: {by: [role:sales]}
steps:
  - {id: visit, call: visit}
  - {id: memo, call: memo, with: {name: record.name}, wait: false}
  - end: done
---
process: visit
title: Visit
record: project
number: "VI{0000}"
start: {by: [role:sales]}
one_open_per_record: true
steps:
  - {id: go, task: Go, by: initiator}
---
process: memo
title: Memo
record: ticket
number: "ME{0000}"
start: {by: [role:sales]}
steps:
  - {id: write, task: Write, by: initiator}
`

func newProjects(t *testing.T) *world {
	t.Helper()
	w := newCompany(t)
	_, problems := w.publish([]process.File{{Path: "projects.yaml", Content: projects}})
	require.False(t, process.Failed(problems), "%v", problems)
	return w
}

// begins starts a process about a project of that name.
func (w *world) begins(process, name string) Answer {
	w.t.Helper()
	a, err := w.Start(w.ctx, by("li.na"), StartCommand{Process: process, With: map[string]any{"name": name}})
	require.NoError(w.t, err)
	return a
}

// checked is a project that waits for its check, which waits for its look.
func (w *world) checked(name string) (project, check, look Answer) {
	w.t.Helper()
	project = w.must(w.begins("project", name), "li.na", ActCommand{Act: process.EventComplete})
	check = w.child(project)
	return project, check, w.child(check)
}

// now is a case as it stands.
func (w *world) see(id string) Answer {
	w.t.Helper()
	both, err := w.db.CaseWithRecord(w.ctx, id)
	require.NoError(w.t, err)
	v, err := w.Viewer(w.ctx)
	require.NoError(w.t, err)
	view, err := v.Case(both.Case, both.Record)
	require.NoError(w.t, err)
	return Answer{Case: view}
}

func (w *world) again(a Answer) Answer {
	w.t.Helper()
	return w.see(a.Case.ID)
}

// children are the cases that a case has called, oldest first.
func (w *world) children(a Answer) []Answer {
	w.t.Helper()
	kin, err := w.db.Children(w.ctx, store.Viewer{All: true}, a.Case.ID)
	require.NoError(w.t, err)
	var list []Answer
	for _, k := range kin {
		list = append(list, w.see(k.ID))
	}
	return list
}

// child is the case that a case has called last.
func (w *world) child(a Answer) Answer {
	w.t.Helper()
	list := w.children(a)
	require.NotEmpty(w.t, list)
	return list[len(list)-1]
}

// waiting are the open tasks of a case, by step.
func waiting(a Answer) string {
	var steps []string
	for _, o := range a.Case.Open {
		steps = append(steps, o.Step)
	}
	return strings.Join(steps, " ")
}

// acts does something with the open task of a step.
func (w *world) acts(a Answer, step, user string, c ActCommand) Answer {
	w.t.Helper()
	for _, o := range w.again(a).Case.Open {
		if o.Step == step {
			c.Task = o.Task
		}
	}
	next, err := w.Act(w.ctx, by(user), c)
	require.NoError(w.t, err)
	return next
}

// runErrands does what a worker does, until nothing is due; what is put off until later is left.
func (w *world) runErrands() {
	w.t.Helper()
	for range 50 {
		rows, err := w.db.TakeOutbox(w.ctx, store.TopicCall, w.now().Add(callRetry/2), w.now().Add(callRetry/4), 100)
		require.NoError(w.t, err)
		for _, row := range rows {
			require.NoError(w.t, w.Deliver(w.ctx, row))
		}
		if len(rows) == 0 {
			return
		}
	}
	w.t.Fatal("the outbox never gets empty")
}

func (w *world) errandsLeft() int {
	w.t.Helper()
	n, err := w.db.CountOutbox(w.ctx, store.TopicCall)
	require.NoError(w.t, err)
	return n
}

func TestACallIsACaseOfItsOwnAndItsEndLeadsOn(t *testing.T) {
	t.Parallel()
	w := newProjects(t)
	project, check, look := w.checked("one")
	require.Equal(t, "other", waiting(w.again(project)))
	row := w.row(check)
	require.Equal(t, project.Case.ID, *row.Parent)
	require.Equal(t, "check", *row.CallStep)
	require.Equal(t, "li.na", check.Case.Initiator)
	rec := w.recordOf(check)
	require.Equal(t, "ticket", rec.Type)
	require.Equal(t, "one", rec.Fields["name"])
	require.Equal(t, "li.na", rec.Owner, "what the call doesn't fill in has its default")
	require.Equal(t, "one/look", w.recordOf(look).Fields["name"])

	w.acts(look, "see", "xu.lei", ActCommand{Act: process.EventComplete, Outcome: "good"})
	require.Equal(t, "sign", waiting(w.again(check)))
	w.acts(check, "sign", "wang.fang", ActCommand{Act: process.EventApprove})
	require.Equal(t, "last", waiting(w.again(project)), "the first branch joins")
	ended := w.acts(project, "last", "wang.fang", ActCommand{Act: process.EventApprove})
	require.Equal(t, "approved", ended.Case.Outcome)
	require.Equal(t, "approved", w.again(check).Case.Outcome)
	require.Zero(t, w.errandsLeft())
}

func TestTheOutcomeOfACallLeadsItsWayAndItIsCalledAgain(t *testing.T) {
	t.Parallel()
	w := newProjects(t)
	project, check, look := w.checked("one")
	w.acts(look, "see", "xu.lei", ActCommand{Act: process.EventComplete, Outcome: "bad"})
	require.Equal(t, "refused", w.again(check).Case.Outcome)
	project = w.again(project)
	require.Equal(t, "other mend", waiting(project))
	require.Equal(t, "refused", w.recordOf(project).Fields["result"])

	// the second ticket would have the first one's name: the call can't be carried out, and nothing is lost
	project = w.acts(project, "mend", "li.na", ActCommand{Act: process.EventComplete})
	project = w.again(project)
	require.NotNil(t, project.Case.Held)
	require.Contains(t, project.Case.Held.EN, "the process check can't be started")
	require.Contains(t, project.Case.Held.EN, "has the same name already")
	require.Len(t, w.children(project), 1)
	_, err := w.db.Exec(w.ctx, `DELETE FROM record_unique WHERE type = 'ticket'`)
	require.NoError(t, err)
	_, err = w.Resume(w.ctx, admin(), project.Case.ID, "the old tickets don't count")
	require.NoError(t, err)
	require.Nil(t, w.again(project).Case.Held)
	require.Len(t, w.children(project), 2)
	require.Zero(t, w.errandsLeft())
}

func TestACallAboutTheSameRecordAndOneThatNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	w := newProjects(t)
	tour := w.begins("tour", "one")
	visit := w.child(tour)
	require.Equal(t, tour.Case.Record.ID, visit.Case.Record.ID)
	w.acts(visit, "go", "li.na", ActCommand{Act: process.EventComplete})
	require.Equal(t, "done", w.again(tour).Case.Outcome)
	memo := w.child(tour)
	require.Equal(t, "memo", memo.Case.Process)
	require.Equal(t, "running", memo.Case.Status, "it lives on by itself")
	w.acts(memo, "write", "li.na", ActCommand{Act: process.EventComplete})
	require.Equal(t, "done", w.again(memo).Case.Outcome)
	require.Zero(t, w.errandsLeft())
}

func TestWithdrawingAndCancellingPassDown(t *testing.T) {
	t.Parallel()
	w := newProjects(t)
	for outcome, end := range map[string]func(Answer) error{
		"withdrawn": func(a Answer) error {
			_, err := w.ActOnCase(w.ctx, by("li.na"), CaseCommand{Case: a.Case.ID, Act: process.EventWithdraw})
			return err
		},
		"cancelled": func(a Answer) error {
			_, err := w.ActOnCase(w.ctx, admin(), CaseCommand{Case: a.Case.ID, Act: process.EventCancel, Comment: "stop"})
			return err
		},
	} {
		project, check, look := w.checked(outcome)
		_, err := w.ActOnCase(w.ctx, admin(), CaseCommand{Case: check.Case.ID, Act: process.EventSuspend, Comment: "for a while"})
		require.NoError(t, err)
		require.NoError(t, end(project))
		for _, a := range []Answer{project, check, look} {
			a = w.again(a)
			require.Equal(t, outcome, a.Case.Outcome)
			require.Empty(t, a.Case.Open)
		}
		require.Equal(t, "new", w.recordOf(check).Fields["state"], "what it has done is undone")
		require.Nil(t, w.recordOf(look).Fields["state"])
		require.Zero(t, w.errandsLeft())
	}
}

func TestWhoeverGoesPastACallEndsIt(t *testing.T) {
	t.Parallel()
	w := newProjects(t)
	for name, pass := range map[string]func(Answer){
		"the other branch is first": func(a Answer) { w.acts(a, "other", "zhou.min", ActCommand{Act: process.EventApprove}) },
		"an administrator jumps": func(a Answer) {
			_, err := w.ActOnCase(w.ctx, admin(), CaseCommand{Case: a.Case.ID, Act: process.EventJump, To: "last", Comment: "no time"})
			require.NoError(t, err)
		},
	} {
		project, check, look := w.checked(name)
		pass(project)
		require.Equal(t, "last", waiting(w.again(project)))
		for _, a := range []Answer{check, look} {
			require.Equal(t, "voided", w.again(a).Case.Outcome)
		}
		require.Equal(t, "new", w.recordOf(check).Fields["state"])

		project = w.acts(project, "last", "wang.fang", ActCommand{Act: process.EventReturn, Comment: "once more"})
		require.Equal(t, "begin", waiting(project))
		require.Equal(t, "running", project.Case.Status)
	}
	project, check, look := w.checked("back")
	project = w.acts(project, "other", "zhou.min", ActCommand{Act: process.EventReturn, Comment: "not yet"})
	require.Equal(t, "begin", waiting(project))
	require.Equal(t, "voided", w.again(check).Case.Outcome)
	require.Equal(t, "voided", w.again(look).Case.Outcome)
	require.Zero(t, w.errandsLeft())
}

// The check ends by itself at the moment in which its project is withdrawn: one of both wins, nobody waits for the other for ever.
func TestAnEndAndAWithdrawalAtTheSameMoment(t *testing.T) {
	t.Parallel()
	w := newProjects(t)
	seen := map[string]int{}
	for i := range 40 {
		project, check, look := w.checked(fmt.Sprint("race ", i))
		w.acts(look, "see", "xu.lei", ActCommand{Act: process.EventComplete, Outcome: "good"})
		sign := w.again(check).Case.Open[0].Task
		_, errs := together(2, func(i int) (Answer, error) {
			if i == 0 {
				return w.Act(w.ctx, by("wang.fang"), ActCommand{Task: sign, Act: process.EventApprove})
			}
			return w.ActOnCase(w.ctx, by("li.na"), CaseCommand{Case: project.Case.ID, Act: process.EventWithdraw})
		})
		require.NoError(t, errs[1])
		w.runErrands()
		require.Equal(t, "withdrawn", w.again(project).Case.Outcome)
		outcome := w.again(check).Case.Outcome
		if errs[0] == nil {
			require.Equal(t, "approved", outcome)
		} else {
			require.Contains(t, []process.Code{process.CodeTaskClosed, process.CodeCaseEnded}, code(t, errs[0]))
			require.Equal(t, "withdrawn", outcome)
		}
		seen[outcome]++
		var ends int
		require.NoError(t, w.db.Get(w.ctx, &ends, `SELECT count(*) FROM timeline WHERE case_id = $1 AND event = 'ended'`, check.Case.ID))
		require.Equal(t, 1, ends)
		require.Zero(t, w.errandsLeft())
	}
	t.Logf("who won: %v", seen)
}

// A server that died after its commit has carried nothing out: the worker does it, once, however often it is told.
func TestWhatACallSetsOffSurvivesTheServer(t *testing.T) {
	t.Parallel()
	w := newProjects(t)
	dying := worldOn(t, w.db)
	dying.ctx = diedAfterCommit(w.ctx)
	twice := func() {
		rows, err := w.db.TakeOutbox(w.ctx, store.TopicCall, time.Now().Add(time.Hour), time.Now(), 10)
		require.NoError(t, err)
		require.NotEmpty(t, rows)
		_, errs := together(4, func(int) (any, error) {
			for _, row := range append(rows, rows...) {
				if err := w.Deliver(dying.ctx, row); err != nil {
					return nil, err
				}
			}
			return nil, nil
		})
		for _, err := range errs {
			require.NoError(t, err)
		}
	}
	project := dying.must(dying.begins("project", "one"), "li.na", ActCommand{Act: process.EventComplete})
	require.Empty(t, w.children(project))
	twice()
	require.Len(t, w.children(project), 1)
	check := w.child(project)
	require.Empty(t, w.children(check))
	twice()
	look := w.child(check)
	dying.acts(look, "see", "xu.lei", ActCommand{Act: process.EventComplete, Outcome: "bad"})
	require.Equal(t, "", waiting(w.again(check)))
	twice()
	require.Equal(t, "refused", w.again(check).Case.Outcome)
	twice()
	require.Equal(t, "other mend", waiting(w.again(project)))
	require.Zero(t, w.errandsLeft())

	var called int
	require.NoError(t, w.db.Get(w.ctx, &called, `SELECT count(*) FROM timeline WHERE case_id = $1 AND event = 'called'`, project.Case.ID))
	require.Equal(t, 1, called)
}

// A call that is left before anybody could start its case never starts it, whatever comes first.
func TestACallThatIsLeftBeforeItCouldBeginNeverBegins(t *testing.T) {
	t.Parallel()
	w := newProjects(t)
	dying := worldOn(t, w.db)
	dying.ctx = diedAfterCommit(w.ctx)
	for _, first := range []string{errandStart, errandEnd} {
		project := dying.must(dying.begins("project", first), "li.na", ActCommand{Act: process.EventComplete})
		_, err := dying.ActOnCase(dying.ctx, by("li.na"), CaseCommand{Case: project.Case.ID, Act: process.EventWithdraw})
		require.NoError(t, err)
		rows, err := w.db.TakeOutbox(w.ctx, store.TopicCall, time.Now().Add(time.Hour), time.Now(), 10)
		require.NoError(t, err)
		require.Len(t, rows, 2)
		if !strings.HasSuffix(rows[0].Key, first) {
			rows[0], rows[1] = rows[1], rows[0]
		}
		for _, row := range rows {
			require.NoError(t, w.Deliver(w.ctx, row))
		}
		require.Empty(t, w.children(project))
		require.Zero(t, w.errandsLeft())
	}
}

func TestASuspendedParentHearsTheEnd(t *testing.T) {
	t.Parallel()
	w := newProjects(t)
	project, check, look := w.checked("one")
	_, err := w.ActOnCase(w.ctx, admin(), CaseCommand{Case: project.Case.ID, Act: process.EventSuspend, Comment: "wait"})
	require.NoError(t, err)
	w.acts(look, "see", "xu.lei", ActCommand{Act: process.EventComplete, Outcome: "bad"})
	require.Equal(t, "refused", w.again(check).Case.Outcome)
	require.Equal(t, "other", waiting(w.again(project)))
	_, err = w.Resume(w.ctx, admin(), project.Case.ID, "go on")
	require.NoError(t, err)
	require.Equal(t, "other mend", waiting(w.again(project)))
}

// unpublish takes a process away, as nobody can: it stands for one that this software can't read.
func (w *world) unpublish(id string) (publish func()) {
	w.t.Helper()
	kind := func(from, to string) {
		_, err := w.db.Exec(w.ctx, `UPDATE definitions_current SET kind = $2 WHERE kind = $1 AND id = $3`, from, to, id)
		require.NoError(w.t, err)
		_, err = w.db.Exec(w.ctx, `UPDATE library SET revision = revision + 1`)
		require.NoError(w.t, err)
	}
	kind("process", "gone")
	return func() { kind("gone", "process") }
}

func TestACallThatCantBeCarriedOutHoldsItsCase(t *testing.T) {
	t.Parallel()
	w := newProjects(t)
	dying := worldOn(t, w.db)
	dying.ctx = diedAfterCommit(w.ctx)
	project := dying.must(dying.begins("project", "one"), "li.na", ActCommand{Act: process.EventComplete})
	publish := w.unpublish("check")
	w.runErrands()
	project = w.again(project)
	require.Equal(t, "the process check can't be started: this process isn't published", project.Case.Held.EN)
	require.Equal(t, []string{"admin"}, project.Case.Open[0].Who)
	require.Empty(t, w.children(project))
	publish()
	_, err := w.Resume(w.ctx, admin(), project.Case.ID, "published")
	require.NoError(t, err)
	require.Nil(t, w.again(project).Case.Held)
	require.Equal(t, "look", w.row(w.child(project)).Stage)

	visited := w.begins("visit", "two")
	tour, err := w.Start(w.ctx, by("li.na"), StartCommand{Process: "tour", Record: &process.Reference{ID: visited.Case.Record.ID}})
	require.NoError(t, err)
	require.Contains(t, w.again(tour).Case.Held.EN, "a case is open on this record already: "+visited.Case.Number)
	_, err = w.ActOnCase(w.ctx, by("li.na"), CaseCommand{Case: tour.Case.ID, Act: process.EventWithdraw})
	require.NoError(t, err)
	var undone int
	require.NoError(t, w.db.Get(w.ctx, &undone, `SELECT count(*) FROM timeline WHERE case_id = $1 AND event = 'undone'`, tour.Case.ID))
	require.Zero(t, undone, "nothing was started that could stay")
	require.Zero(t, w.errandsLeft())
}

// Nobody waits for it, so nobody is held: the administrators are told, once, and it is tried until it begins.
func TestACallThatNobodyWaitsForIsTriedUntilItBegins(t *testing.T) {
	t.Parallel()
	w := newProjects(t)
	dying := worldOn(t, w.db)
	dying.ctx = diedAfterCommit(w.ctx)
	tour := w.begins("tour", "one")
	dying.acts(w.child(tour), "go", "li.na", ActCommand{Act: process.EventComplete})
	rows, err := w.db.TakeOutbox(w.ctx, store.TopicCall, time.Now().Add(time.Hour), time.Now(), 10)
	require.NoError(t, err)
	require.NoError(t, dying.Deliver(dying.ctx, rows[0]))
	require.Equal(t, "done", w.again(tour).Case.Outcome)
	publish := w.unpublish("memo")
	for range 3 {
		w.pass(2 * callRetry)
		w.runErrands()
	}
	var told int
	require.NoError(t, w.db.Get(w.ctx, &told, `SELECT count(*) FROM notifications WHERE case_id = $1 AND about = 'held'`, tour.Case.ID))
	require.Equal(t, 1, told)
	require.Equal(t, 1, w.errandsLeft())
	publish()
	w.pass(2 * callRetry)
	w.runErrands()
	require.Equal(t, "memo", w.child(tour).Case.Process)
	require.Zero(t, w.errandsLeft())
}

// A case runs by its own version though the process that it calls has been changed so that they could not be published together any more.
func TestAnOldVersionCallsTheProcessOfTheDay(t *testing.T) {
	t.Parallel()
	w := newProjects(t)
	tour := w.begins("tour", "one")
	visit := w.child(tour)
	changed := strings.NewReplacer("process: tour\ntitle: Tour", "process: tour\ntitle: A tour", "call: visit}", "task: Visit, by: initiator}",
		"  - {id: write, task: Write, by: initiator}", "  - {id: write, task: Write, by: initiator}\n  - {id: tour, call: tour, with: {name: record.name}}",
		"call: memo, with: {name: record.name}, wait: false}", "task: Memo, by: initiator}").Replace(projects)
	_, problems := w.publish([]process.File{{Path: "projects.yaml", Content: changed}})
	require.False(t, process.Failed(problems), "%v", problems)
	w.acts(visit, "go", "li.na", ActCommand{Act: process.EventComplete})
	require.Equal(t, "done", w.again(tour).Case.Outcome)
	memo := w.child(tour)
	w.acts(memo, "write", "li.na", ActCommand{Act: process.EventComplete})
	next := w.child(memo)
	require.Equal(t, "tour", next.Case.Process)
	require.Equal(t, 2, next.Case.Version)
	require.Equal(t, "visit", waiting(next))
}

func TestCallsAreOnlySoDeep(t *testing.T) {
	t.Parallel()
	w := newCompany(t)
	docs := "record: thing\ntitle: Thing\nfields:\n  name: {type: text, required: true}\n"
	for i := range maxCallDepth + 2 {
		step := fmt.Sprintf("{id: down, call: deep%d}", i+1)
		if i == maxCallDepth+1 {
			step = "{id: work, task: Work, by: initiator}"
		}
		docs += fmt.Sprintf("---\nprocess: deep%d\ntitle: Deep\nrecord: thing\nnumber: \"D%dx{0000}\"\nstart: {by: [role:sales]}\nsteps:\n  - %s\n", i, i, step)
	}
	_, problems := w.publish([]process.File{{Path: "deep.yaml", Content: docs}})
	require.False(t, process.Failed(problems), "%v", problems)
	a := w.begins("deep0", "one")
	top := a
	w.runErrands()
	for range maxCallDepth {
		require.Nil(t, a.Case.Held)
		a = w.child(a)
	}
	require.Contains(t, a.Case.Held.EN, "8 deep already")
	require.Empty(t, w.children(a))
	_, err := w.ActOnCase(w.ctx, by("li.na"), CaseCommand{Case: top.Case.ID, Act: process.EventWithdraw})
	require.NoError(t, err)
	w.runErrands()
	require.Equal(t, "withdrawn", w.again(a).Case.Outcome)
	require.Zero(t, w.errandsLeft())
}
