package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// LeaveCommand is somebody who leaves, and to whom what is theirs goes.
type LeaveCommand struct {
	User    string
	To      string
	Instead map[string]string // what → who takes over that instead of To
	Reason  string
}

// Handed are the kinds of what can go to somebody else than the rest: open tasks and whatever is asked later; records; running cases that they started;
// roles with groups and the position; departments and people to lead; absences for which they stand in.
var Handed = []string{"tasks", "records", "initiator", "roles", "departments", "absences"}

// to is who takes over a kind of what there is.
func (c LeaveCommand) to(what string) string {
	if who := c.Instead[what]; who != "" {
		return who
	}
	return c.To
}

// HandoverItem is what of one kind is somebody's, and to whom it goes; nobody: it is only listed, or lapses.
type HandoverItem struct {
	What  string   `json:"what"`
	Count int      `json:"count"`
	To    string   `json:"to"`
	Names []string `json:"names"` // ids, where there are few
}

// HandoverView is a handover as administrators see it. One that was only looked at has no id.
type HandoverView struct {
	ID      string         `json:"id"`
	User    string         `json:"user"`
	Reason  string         `json:"reason"`
	By      string         `json:"by"`
	At      time.Time      `json:"at"`
	EndedAt *time.Time     `json:"ended_at"`
	Items   []HandoverItem `json:"items"` // when it was asked for; of [Engine.HandoverOf]: what is still theirs
	Cases   int            `json:"cases"` // that were moved
	Records int            `json:"records"`
	Failed  int            `json:"failed"` // cases and records that could not be moved
}

// PreviewLeave says what somebody who leaves would hand over, and to whom. Nothing is changed. Refusals are those of [Engine.Leave], but for the reason.
func (e *Engine) PreviewLeave(ctx context.Context, c LeaveCommand) (HandoverView, error) {
	var view HandoverView
	err := e.db.Tx(ctx, func(tx *store.Tx) error {
		l := leaving{request: request{tx: tx, real: e.now()}, ctx: ctx, e: e, LeaveCommand: c}
		if err := l.look(); err != nil {
			return err
		}
		view = HandoverView{User: c.User, At: l.at, Items: l.items}
		return nil
	})
	return view, err
}

// Leave records that somebody has left and who is asked in their place, at once and for every later question; what the directory holds moves with it. A
// worker moves the rest. Repeated, it moves what is theirs since. Refusals: not_found, field_invalid (a successor who isn't there, the last administrator),
// comment_required.
func (e *Engine) Leave(ctx context.Context, r Request, c LeaveCommand) (HandoverView, error) {
	view, err := answered(ctx, e, r, func(req request) (HandoverView, error) {
		l := leaving{request: req, ctx: ctx, e: e, LeaveCommand: c}
		view, err := l.leave()
		if err != nil {
			return view, err
		}
		return view, req.keep(ctx, view)
	})
	if err == nil {
		err = e.BeginAbsences(ctx)
	}
	return view, err
}

// leaving is one departure, inside its transaction.
type leaving struct {
	request
	LeaveCommand
	ctx   context.Context
	e     *Engine
	lib   *Library
	at    time.Time
	items []HandoverItem
}

func (l *leaving) leave() (HandoverView, error) {
	if strings.TrimSpace(l.Reason) == "" {
		return HandoverView{}, process.Refuse(process.CodeCommentRequired, "请填写离职交接的原因", "give a reason for the handover")
	}
	if err := l.tx.ChangingAbsences(l.ctx); err != nil {
		return HandoverView{}, err
	}
	if err := l.look(); err != nil {
		return HandoverView{}, err
	}
	row := store.Handover{ID: newID(l.real), User: l.User, Tasks: l.to("tasks"), Records: l.to("records"), Initiator: l.to("initiator"),
		Reason: plain(l.Reason), MadeBy: l.Caller, At: l.at}
	if err := l.tx.AddHandover(l.ctx, row); err != nil {
		return HandoverView{}, err
	}
	if err := l.directory(); err != nil {
		return HandoverView{}, err
	}
	return HandoverView{ID: row.ID, User: row.User, Reason: row.Reason, By: row.MadeBy, At: row.At, Items: l.items}, l.absences()
}

// look finds out what is there to be handed over, and refuses who can't leave or can't take over.
func (l *leaving) look() error {
	present, err := l.tx.Present(l.ctx)
	if err != nil {
		return err
	}
	l.at = present.At(l.real)
	if l.lib, err = l.e.current(l.ctx, l.tx, present.Revision); err != nil {
		return err
	}
	if err := l.sound(); err != nil {
		return err
	}
	found, err := l.tx.Belongings(l.ctx, l.User, dayOf(l.at, l.lib))
	for _, b := range found {
		l.items = append(l.items, HandoverItem{What: b.What, Count: b.Count, To: l.taker(b.What), Names: append([]string{}, b.Names...)})
	}
	return err
}

// taker is who takes over a kind of what was found.
func (l *leaving) taker(what string) string {
	switch what {
	case "assignments":
		return l.to("tasks")
	case "groups", "positions":
		return l.to("roles")
	case "people":
		return l.to("departments")
	case "definitions": // they go on to name who has left; whoever is asked in their place is asked
		return ""
	}
	return l.to(what)
}

func (l *leaving) sound() error {
	if _, err := l.tx.User(l.ctx, l.User); errors.Is(err, store.ErrNotFound) {
		return process.Refuse(process.CodeNotFound, "没有这个人", "there is no such person")
	} else if err != nil {
		return err
	}
	dir := l.tx.Directory(l.ctx)
	for what, who := range l.Instead {
		if !slices.Contains(Handed, what) {
			return leaveRefused("instead."+what, "没有这一类交接内容", "there is nothing of this kind to hand over")
		}
		if err := l.takes(dir, "instead."+what, who); err != nil {
			return err
		}
	}
	return l.takes(dir, "to", l.To)
}

// takes refuses a successor who can't be one.
func (l *leaving) takes(dir *store.Directory, field, who string) error {
	p, there := dir.Person(who)
	switch {
	case dir.Err() != nil:
		return dir.Err()
	case who == l.User:
		return leaveRefused(field, "不能交接给离职者本人", "whoever leaves can't take over from themselves")
	case !there || !p.Active:
		return leaveRefused(field, "没有这个人，或已离职", "there is no such person, or they have left")
	}
	return nil
}

func leaveRefused(field, zh, en string) error {
	return fieldsRefused(process.CodeFieldInvalid, []process.FieldError{{Field: field, Message: process.Text{ZH: zh, EN: en}}})
}

// directory moves what the directory holds. The last administrator can't leave.
func (l *leaving) directory() error {
	before, err := l.tx.Administrators(l.ctx)
	if err != nil {
		return err
	}
	if err := l.tx.HandOverDirectory(l.ctx, l.User, store.Directed{Roles: l.to("roles"), Departments: l.to("departments")}); err != nil {
		return err
	}
	after, err := l.tx.Administrators(l.ctx)
	if err == nil && before > 0 && after == 0 {
		return leaveRefused("user", "至少要有一名在职的管理员：请先指定另一名管理员", "at least one active administrator has to stay: make somebody else one first")
	}
	return err
}

// absences lets the successor stand in where the leaver would have, unless they would stand in for themselves or in a circle: then nobody does. The leaver's
// own absences are over, since somebody is asked in their place anyway.
func (l *leaving) absences() error {
	day := dayOf(l.at, l.lib)
	list, err := l.tx.StandsIn(l.ctx, l.User, day)
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.User == l.User {
			a.Cancelled = true
		} else if a.StandIn = opt(l.to("absences")); str(a.StandIn) == a.User {
			a.StandIn = nil
		}
		others, err := l.tx.ComingAbsences(l.ctx, a.From)
		if err != nil {
			return err
		}
		if circle(a, others) {
			a.StandIn = nil
		}
		if err := l.tx.SetAbsence(l.ctx, a); err != nil {
			return err
		}
	}
	return nil
}
