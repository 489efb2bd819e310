package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// RevokeCommand asks for an approved case to be revoked, as sent.
type RevokeCommand struct {
	Case    string
	Comment string
}

// Revoke starts the case that revokes an approved one: it asks whom the chain's `approved_by` names, or ends at once where nobody must agree. Its approval
// undoes the other case, in the transaction after its own. Refusals: not_found; forbidden (the caller isn't one of `by`, the time is over); already_open (the case
// still runs, or is being revoked); case_ended (it ended otherwise).
func (e *Engine) Revoke(ctx context.Context, r Request, c RevokeCommand) (Answer, error) {
	answer, err := e.advance(ctx, r, func(a *advance) error { return a.revoke(c) })
	if u, ok := errors.AsType[*store.UniqueError](err); ok && u.Constraint == store.ConstraintRevokedOnce {
		return answer, fmt.Errorf("engine: somebody else has just asked for it: %w", store.ErrUnavailable)
	}
	return answer, err
}

// revoke makes the case. It locks what is published, the case that is to be revoked with its record, and the counters. Nobody else knows the new case yet, so
// the locks of two cases are never waited for in a circle.
func (a *advance) revoke(c RevokeCommand) error {
	if err := a.ground(); err != nil {
		return err
	}
	l, err := a.tx.LockCase(a.ctx, c.Case)
	if errors.Is(err, store.ErrNotFound) {
		return process.Refuse(process.CodeNotFound, "没有这个事项", "there is no such case")
	}
	if err != nil {
		return err
	}
	of, err := a.approved(l)
	if err != nil {
		return err
	}
	if err := a.notRevokedYet(c.Case); err != nil {
		return err
	}
	a.record, a.in.Record, a.in.Process = l.Record, of.Record, of.Process.Revocation()
	a.event = process.Event{Kind: process.EventStart, By: a.Caller, Admin: a.Admin, Comment: plain(c.Comment)}
	if err := a.newCase(a.Caller); err != nil {
		return err
	}
	a.row.Version, a.row.Tables, a.row.Revokes = l.Case.Version, l.Case.Tables, &l.Case.ID
	a.in.State = process.NewRevocation(a.row.ID, a.Caller, of.State, l.Case.Number, a.event.Comment)
	return a.number()
}

// approved is the case that is to be revoked, where the caller may ask for that now.
func (a *advance) approved(l store.LockedCase) (process.Input, error) {
	of := a.in
	var err error
	if of.State, err = decodeState(l.Case.State); err != nil {
		return of, err
	}
	of.Process, err = a.e.pinned(a.ctx, a.tx, a.lib, l.Case)
	if gone, ok := errors.AsType[*lostError](err); ok {
		return of, process.Refuse(process.CodeCaseSuspended, gone.reason.ZH, gone.reason.EN)
	}
	if err != nil {
		return of, err
	}
	if of.Record, err = restoreRecord(of.Process.Type, l.Record); err != nil {
		return of, err
	}
	ended := a.at
	if l.Case.EndedAt != nil {
		ended = *l.Case.EndedAt
	}
	refusal := process.MayRevoke(of, a.Caller, a.at, ended)
	if err := errors.Join(a.dir.Err(), a.refs.Err()); err != nil {
		return of, err
	}
	if refusal != nil {
		return of, refusal
	}
	return of, nil
}

func (a *advance) notRevokedYet(id string) error {
	number, err := a.tx.RevocationOf(a.ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return process.Refuse(process.CodeAlreadyOpen, "已有人申请撤销该事项："+number, "somebody has asked for this case to be revoked already: "+number)
}

// revokes lets an approved revocation reach the case that it revokes: what it asks for stands in the outbox from its own transaction on.
func (c *change) revokes(e process.EndCase) {
	if c.row.Revokes == nil || e.Outcome != process.Approved {
		return
	}
	c.errands = append(c.errands, errand{Do: errandUndo, Parent: *c.row.Revokes, Call: c.row.ID, By: c.row.Initiator, Comment: c.in.State.Revokes.Reason})
}

// undo revokes a case, once.
func (a *advance) undo(x errand) error {
	l, err := a.tx.LockCase(a.ctx, x.Parent)
	if err != nil {
		return orNothing(err)
	}
	if err := a.carried(x); err != nil {
		return err
	}
	a.event = process.Event{Kind: process.EventUndo, By: x.By, Comment: x.Comment}
	return a.meet(l)
}

// Revocations reads at once what of some cases the viewer must know to say whether they may be revoked now.
func (v *Viewer) Revocations(cases ...string) error {
	ids, err := v.e.db.Revoking(v.ctx, cases)
	v.revoking = map[string]bool{}
	for _, id := range ids {
		v.revoking[id] = true
	}
	return err
}

// mayRevoke says whether whoever looks may ask for the case to be revoked. Where nobody has read whether that was asked already, nothing is offered.
func (v caseViewer) mayRevoke() bool {
	if v.p.Revoke == nil || !v.unrevoked || str(v.row.Outcome) != process.Approved || v.row.EndedAt == nil {
		return false
	}
	in := process.Input{Process: v.p, State: v.st, Record: v.record, Directory: v.dir, Calendars: v.cals}
	return process.MayRevoke(in, v.user, v.now, *v.row.EndedAt) == nil
}
