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

// Act does something with a task: approve, reject, return, complete, claim, release, assign, transfer and so on. The case it belongs to is found by the task.
// Errors are a [*process.Refusal], with nothing changed; [store.ErrUnavailable]: outcome unknown, repeat with the same key; or internal.
func (e *Engine) Act(ctx context.Context, r Request, c ActCommand) (Answer, error) {
	return e.actOnTask(ctx, r, c, nil)
}

// actOnTask carries out an act; may says whether it may be done in this way, nil: it may.
func (e *Engine) actOnTask(ctx context.Context, r Request, c ActCommand, may func(*advance, string) error) (Answer, error) {
	return e.advance(ctx, r, func(a *advance) error {
		if err := a.lockTask(c.Task); err != nil {
			return err
		}
		if err := a.spendLink(); err != nil {
			return err
		}
		if may != nil {
			if err := may(a, c.Task); err != nil {
				return err
			}
		}
		a.event = process.Event{Kind: c.Act, By: r.Caller, Admin: r.Admin, Task: c.Task, Outcome: c.Outcome, Comment: plain(c.Comment), Reason: c.Reason,
			To: c.To, People: c.People, Picks: c.Picks, Items: c.Items, Where: c.Where, Mode: c.Mode, Step: c.Step, Sign: c.Sign, Seen: c.Seen}
		if err := a.sign(c); err != nil {
			return err
		}
		if len(c.Fields) == 0 {
			return nil
		}
		return a.fillIn(c)
	})
}

// ErrLinkUsed says that a link has decided already, or has expired.
var ErrLinkUsed = errors.New("engine: the link was used, or has expired")

// spendLink uses up the link that an act came by, together with what the act does.
func (a *advance) spendLink() error {
	if a.Link == nil {
		return nil
	}
	err := a.tx.SpendActLink(a.ctx, a.Link, a.real)
	if errors.Is(err, store.ErrNotFound) {
		return ErrLinkUsed
	}
	return err
}

// fillIn reads what the form of the task's step was filled in with. A task that isn't open has no form: the machine says what became of it.
func (a *advance) fillIn(c ActCommand) error {
	p := a.in.Process
	step, open := a.stepOf(c.Task)
	if !open {
		return nil
	}
	f := formOf(p.Type, a.record.ID)
	if s := p.Step(step); s != nil {
		f.read = func(raw map[string]any) (process.Fields, []process.FieldError) { return p.DecodeForm(s, raw) }
		f.find = func(name string) *process.Field { return p.FormField(s, name) }
	}
	fields, err := a.decode(a.ctx, a.lib, a.dir, c.Fields, f)
	a.event.Fields = fields
	return err
}

// stepOf is the step of an open task.
func (a *advance) stepOf(task string) (step string, open bool) {
	for _, o := range a.in.State.Open {
		if slices.ContainsFunc(o.Seats, func(s process.Seat) bool { return s.Task == task }) {
			return o.Step, true
		}
	}
	return "", false
}

// Resume lets a suspended case go on, and a held one try again what it couldn't do. Only an administrator may, with a reason.
func (e *Engine) Resume(ctx context.Context, r Request, caseID, reason string) (Answer, error) {
	return e.ActOnCase(ctx, r, CaseCommand{Case: caseID, Act: process.EventResume, Comment: reason})
}

// ActOnCase does something with a case as a whole: withdraw, by who started it; cancel, suspend, resume, jump, by an administrator with a reason.
// Errors are as those of [Engine.Act].
func (e *Engine) ActOnCase(ctx context.Context, r Request, c CaseCommand) (Answer, error) {
	return e.advance(ctx, r, func(a *advance) error {
		l, err := a.tx.LockCase(ctx, c.Case)
		if errors.Is(err, store.ErrNotFound) {
			return process.Refuse(process.CodeNotFound, "没有这个事项", "there is no such case")
		}
		if err != nil {
			return err
		}
		a.event = process.Event{Kind: c.Act, By: r.Caller, Admin: r.Admin, Comment: plain(c.Comment), To: c.To, Items: c.Items}
		return a.stillLost(a.meet(l))
	})
}

// stillLost refuses an event of a case that is held already because its definition is lost: holding it once more would say nothing new.
func (a *advance) stillLost(err error) error {
	s, ok := errors.AsType[*stuck](err)
	if !ok || a.in.State.Held == nil {
		return err
	}
	return process.Refuse(process.CodeCaseSuspended, "原因尚未排除："+s.reason.In("zh"), "the cause isn't gone yet: "+s.reason.In("en"))
}

func (a *advance) lockTask(task string) error {
	l, err := a.tx.LockCaseOfTask(a.ctx, task)
	if errors.Is(err, store.ErrNotFound) {
		return process.Refuse(process.CodeNotFound, "没有这个任务", "there is no such task")
	}
	if err != nil {
		return err
	}
	return a.stillLost(a.meet(l))
}

// Tick lets every moment of a case that has come take effect, and says when to come again. With nothing due it only reads, and writes nothing.
// A case that doesn't exist is [store.ErrNotFound].
func (e *Engine) Tick(ctx context.Context, caseID string) (Wake, error) {
	return e.tick(ctx, caseID, true)
}

// CatchUp does what [Engine.Tick] does for a case whose workflow has missed its moment, or can't keep up. The workflow hears of it as it hears of a decision.
func (e *Engine) CatchUp(ctx context.Context, caseID string) error {
	_, err := e.tick(ctx, caseID, false)
	return err
}

// tick lets take effect what is due; heard: the case's workflow asks, so that the answer tells it.
func (e *Engine) tick(ctx context.Context, caseID string, heard bool) (Wake, error) {
	if wake, due, err := e.peek(ctx, caseID); err != nil || !due {
		return wake, err
	}
	_, err := e.advance(ctx, Request{}, func(a *advance) error {
		l, err := a.tx.LockCase(ctx, caseID)
		if err != nil {
			return err
		}
		a.event, a.heard = process.Event{Kind: process.EventTick}, heard
		return a.meet(l)
	})
	if err != nil && refused(err) == nil { // refused: the case is on hold now, and has no moment
		return Wake{}, err
	}
	wake, _, err := e.peek(ctx, caseID)
	return wake, err
}

// peek reads what a case's workflow needs to know, and whether a moment of the case has come.
func (e *Engine) peek(ctx context.Context, caseID string) (wake Wake, due bool, err error) {
	c, err := e.db.CaseNow(ctx, caseID)
	if err != nil {
		return wake, false, err
	}
	signal, err := e.signalOf(ctx, c)
	if err != nil {
		return wake, false, err
	}
	wake = Wake{Seq: signal.Seq, Stage: signal.Stage, Holders: signal.Holders, WakeAt: signal.WakeAt, WakeReal: signal.WakeReal, Ended: signal.Ended, Outcome: signal.Outcome}
	due = c.Case.WakeAt != nil && !c.At(e.now()).Before(*c.Case.WakeAt)
	return wake, due, nil
}

// SignalOf is what the workflow of a case must know now, made anew from the case's row: for a case whose workflow is missing, or asleep.
func (e *Engine) SignalOf(ctx context.Context, caseID string) (Signal, error) {
	c, err := e.db.CaseNow(ctx, caseID)
	if err != nil {
		return Signal{}, err
	}
	s, err := e.signalOf(ctx, c)
	s.Starts, s.Urgent = !s.Ended, true
	return s, err
}

func (e *Engine) signalOf(ctx context.Context, c store.CaseNow) (Signal, error) {
	st, err := decodeState(c.Case.State)
	if err != nil {
		return Signal{}, err
	}
	dir := e.db.Directory(ctx)
	v := caseViewer{p: unknownProcess(c.Case, nil), row: c.Case, st: st, dir: dir}
	return signalOf(c.Case, v.holders(), c.Present), dir.Err()
}

// Business gives the business time at a moment of the machine's clock, for whoever has no transaction.
func (e *Engine) Business(ctx context.Context, real time.Time) (time.Time, error) {
	p, err := e.db.Present(ctx)
	return p.At(real), err
}

// plain takes out of a comment what PostgreSQL can't keep.
func plain(s string) string { return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "�") }
