package engine

import (
	"context"
	"errors"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Urged is the event of somebody who was urged, in a timeline, and the sort of what they are told.
const Urged = "urged"

// UrgeCommand urges those who have a task, or all whom a case waits for, as sent.
type UrgeCommand struct {
	Case    string // or
	Task    string
	Comment string
}

// Urge tells people that a case waits for them, as often as the limits allow. Of many who urge at once one is heard. Refusals: not_found; forbidden (the
// caller doesn't wait for it, nobody else has anything to do); case_ended, case_suspended, task_closed; too_many, with the moment from which on it may be.
func (e *Engine) Urge(ctx context.Context, r Request, c UrgeCommand) (Answer, error) {
	lock := lockCaseByID(ctx, c.Case)
	if c.Task != "" {
		lock = func(tx *store.Tx) (store.LockedCase, error) { return tx.LockCaseOfTask(ctx, c.Task) }
	}
	return noted(ctx, e, r, lock, func(n *change) (Answer, error) {
		rows, err := n.tx.Urges(ctx, []string{n.row.ID})
		if err != nil {
			return Answer{}, err
		}
		n.event.Task = c.Task
		told, refusal := process.Urge(n.in, process.Urging{By: r.Caller, Admin: r.Admin, Task: c.Task, At: n.at, Earlier: earlierOf(rows)})
		if refusal != nil {
			return Answer{}, n.notUrged(refusal)
		}
		var more []store.UrgeRow
		for _, u := range told {
			more = append(more, n.urge(u, plain(c.Comment))...)
		}
		if err := n.tx.AddUrges(ctx, more); err != nil {
			return Answer{}, err
		}
		view := n.view(n.row, n.in.State)
		view.urges = append(more, rows...)
		return n.answer(view)
	})
}

// urge tells the people of one task.
func (c *change) urge(u process.Urged, comment string) []store.UrgeRow {
	name, why := c.nameOf(c.Caller), process.Text{}
	if begins := excerpt(comment); begins != "" {
		why = process.Text{ZH: "（" + begins + "）", EN: " (" + begins + ")"}
	}
	c.log(process.Entry{At: c.at, Event: Urged, Step: u.Step, Item: u.Item, Task: u.Task, By: c.Caller, Comment: comment, Data: map[string]any{"to": u.To}})
	c.tell(process.Tell{To: u.To, About: Urged, Task: u.Task, Step: u.Step, At: c.at, Text: c.aboutCase(process.Text{
		ZH: name.In("zh") + "催您办理：" + u.Title.In("zh") + why.ZH, EN: name.In("en") + " urges you: " + u.Title.In("en") + why.EN})})
	rows := make([]store.UrgeRow, len(u.To))
	for i, id := range u.To {
		rows[i] = store.UrgeRow{Case: c.row.ID, Task: u.Task, To: id, At: c.at, By: c.Caller}
	}
	return rows
}

// notUrged completes a refusal with what only the database remembers, and the clock: how a task was closed, and how long it is until it may be again.
func (c *change) notUrged(r *process.Refusal) error {
	if !r.Again.IsZero() {
		r.Wait = c.present.RealOf(r.Again).Sub(c.real)
		return r
	}
	err := c.explain(r)
	if closed, ok := errors.AsType[*process.Refusal](err); ok && closed.Code == process.CodeTaskClosed && closed.Decided == nil {
		return process.Refuse(process.CodeForbidden, "这个任务不需要办理，不能催", "this task asks for nothing: there is nothing to urge about") // a copy
	}
	return err
}

// earlierOf finds in rows, the latest first, when somebody was urged about a task.
func earlierOf(rows []store.UrgeRow) func(task, user string) []time.Time {
	return func(task, user string) []time.Time {
		var at []time.Time
		for _, r := range rows {
			if r.Task == task && r.To == user {
				at = append(at, r.At)
			}
		}
		return at
	}
}

// Urges reads at once what of some cases the viewer must know to say whether people may be urged now.
func (v *Viewer) Urges(cases ...string) error {
	rows, err := v.e.db.Urges(v.ctx, cases)
	if err != nil {
		return err
	}
	v.urges = map[string][]store.UrgeRow{}
	for _, id := range cases {
		v.urges[id] = []store.UrgeRow{}
	}
	for _, r := range rows {
		v.urges[r.Case] = append(v.urges[r.Case], r)
	}
	return nil
}

// mayUrge says whether whoever looks may urge about a task, or (task "") about the case, now. Where nobody has read who was urged already – in the answer
// to an act – only what the act has just opened is known not to have been.
func (v caseViewer) mayUrge(task string) bool {
	if v.user == "" || v.row.Status != process.Running || isLost(v.p) {
		return false
	}
	in := process.Input{Process: v.p, State: v.st, Record: v.record, Directory: v.dir, Calendars: v.cals}
	if v.urges == nil {
		in.State = justOpened(v.st, v.now)
	}
	_, refusal := process.Urge(in, process.Urging{By: v.user, Admin: v.admin, Task: task, At: v.now, Earlier: earlierOf(v.urges)})
	return refusal == nil
}

// justOpened is a state with those open steps alone that were opened at a moment.
func justOpened(st process.State, at time.Time) process.State {
	var open []process.Open
	for _, o := range st.Open {
		if o.At.Equal(at) {
			open = append(open, o)
		}
	}
	st.Open = open
	return st
}
