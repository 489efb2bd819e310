package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// MigrateCommand takes a case to another version of its process.
type MigrateCommand struct {
	Case    string
	To      int               // the version; 0: the one that is published now
	Map     map[string]string // where it goes on, by the steps where it stands
	Comment string            // the reason
}

// Migrate takes a case to another version, in one transaction as every event. Only an administrator may, with a reason. A case that stays, and one for which the
// mapping lacks something, is refused: nothing has changed then. The answer holds the verdict.
func (e *Engine) Migrate(ctx context.Context, r Request, c MigrateCommand) (Answer, error) {
	digest, err := e.digestOf(ctx, c)
	if err != nil {
		return Answer{}, err
	}
	answer, err := e.advance(ctx, r, func(a *advance) error {
		if err := a.meetMigration(c, digest); err != nil {
			return err
		}
		return a.judge()
	})
	if u, ok := errors.AsType[*store.UniqueError](err); ok && u.Constraint == store.ConstraintOneOpen {
		return answer, onlyOne()
	}
	return answer, err
}

func onlyOne() error {
	return process.Refuse(process.CodeAlreadyOpen, "新版本规定一条记录只能有一个进行中的事项，而此记录还有别的",
		"the new version allows one open case per record, and this record has another")
}

// TryMigration says what [Engine.Migrate] would do: the verdict, and the case as it would be. It is a migration that is never committed, and needs no reason.
func (e *Engine) TryMigration(ctx context.Context, r Request, c MigrateCommand) (answer Answer, err error) {
	r.Key = "" // nothing is kept of it
	c.Comment = "a dry run"
	digest, err := e.digestOf(ctx, c)
	if err != nil {
		return Answer{}, err
	}
	err = e.db.Tx(ctx, func(tx *store.Tx) error {
		a := &advance{request: request{Request: r, tx: tx, real: e.now()}, ctx: ctx, e: e}
		if answer, err = a.tryMigration(c, digest); err != nil {
			return err
		}
		return errPreviewed
	})
	if !errors.Is(err, errPreviewed) {
		return Answer{}, err
	}
	return answer, nil
}

func (a *advance) tryMigration(c MigrateCommand, digest string) (Answer, error) {
	if err := a.meetMigration(c, digest); err != nil {
		return Answer{}, err
	}
	if err := a.judge(); err != nil {
		return Answer{}, err
	}
	if a.verdict.Verdict == process.VerdictStays || len(a.verdict.Needs) > 0 {
		return Answer{Case: a.view(a.row, a.in.State).caseView(), Migration: a.verdict}, a.dir.Err()
	}
	res, err := a.run()
	if err == nil {
		err = a.movedOver()
	}
	if u, ok := errors.AsType[*store.UniqueError](err); ok && u.Constraint == store.ConstraintOneOpen {
		err = onlyOne()
	}
	if s, ok := errors.AsType[*stuck](err); ok {
		return Answer{}, process.Refuse(process.CodeCaseSuspended, "流程会停住："+s.reason.In("zh"), "the case would be put on hold: "+s.reason.In("en"))
	}
	if err != nil {
		return Answer{}, err
	}
	after := &change{advance: a, row: a.row, tasks: map[string]*store.TaskRow{}, keys: map[string]bool{}, own: map[string]any{}}
	for _, effect := range res.Effects {
		after.take(effect)
	}
	if err := after.settle(res); err != nil {
		return Answer{}, err
	}
	return after.answer(a.view(after.row, res.State))
}

// digestOf finds the version; it never changes, so it is read beforehand. "" is the one that is published now.
func (e *Engine) digestOf(ctx context.Context, c MigrateCommand) (string, error) {
	if c.To == 0 {
		return "", nil
	}
	row, err := e.db.CaseNow(ctx, c.Case)
	if errors.Is(err, store.ErrNotFound) {
		return "", process.Refuse(process.CodeNotFound, "没有这个事项", "there is no such case")
	}
	if err != nil {
		return "", err
	}
	v, err := e.db.DefinitionVersion(ctx, kindProcess, row.Case.Process, c.To)
	if errors.Is(err, store.ErrNotFound) {
		return "", noVersion(fmt.Sprintf("流程 %s 没有版本 %d", row.Case.Process, c.To), fmt.Sprintf("the process %s has no version %d", row.Case.Process, c.To))
	}
	return v.Digest, err
}

func noVersion(zh, en string) error {
	return fieldsRefused(process.CodeFieldInvalid, []process.FieldError{{Field: "to", Message: process.Text{ZH: zh, EN: en}}})
}

// meetMigration locks what is published, then the case, and finds the version that it is to go over to.
func (a *advance) meetMigration(c MigrateCommand, digest string) error {
	if _, err := a.tx.ShareLibrary(a.ctx); err != nil { // what the version needs stays published
		return err
	}
	l, err := a.tx.LockCase(a.ctx, c.Case)
	if errors.Is(err, store.ErrNotFound) {
		return process.Refuse(process.CodeNotFound, "没有这个事项", "there is no such case")
	}
	if err != nil {
		return err
	}
	if err := a.stillLost(a.meet(l)); err != nil {
		return err
	}
	if a.row.Revokes != nil {
		return noVersion("撤销事项按它要撤销的事项的版本办理，不能换版本", "a case that revokes another runs by the version of that one, and goes over to no other")
	}
	a.event = process.Event{Kind: process.EventMigrate, At: a.at, By: a.Caller, Admin: a.Admin, Comment: plain(c.Comment), Map: c.Map}
	next, err := a.nextVersion(digest)
	if err != nil {
		return err
	}
	if next.Digest == a.row.Digest && maps.Equal(pinsOf(next), a.row.Tables.V) {
		return noVersion(fmt.Sprintf("该事项已经使用版本 %d", a.row.Version), fmt.Sprintf("this case runs by version %d already", a.row.Version))
	}
	a.in.Next = &process.Version{Process: next, From: a.row.Version, To: c.To}
	if a.in.State.Suspended == nil {
		if a.in.Next.Ran, err = a.tx.RunsSince(a.ctx, a.row.ID); err != nil {
			return err
		}
	}
	if c.To == 0 {
		a.in.Next.To = a.lib.versions[next.Digest]
	}
	return nil
}

func (a *advance) nextVersion(digest string) (*process.Process, error) {
	now := a.lib.Processes[a.row.Process]
	if digest == "" && now == nil {
		return nil, noVersion("流程已不存在："+a.row.Process, "there is no process "+a.row.Process+" any more")
	}
	if now != nil && (digest == "" || digest == now.Digest) {
		return now, nil
	}
	p, err := a.e.version(a.ctx, a.tx, a.lib, store.RunningVersion{Process: a.row.Process, Digest: digest})
	if l, ok := errors.AsType[*lostError](err); ok {
		return nil, noVersion(l.reason.ZH, l.reason.EN)
	}
	return p, err
}

// judge asks for the verdict, which is part of the answer.
func (a *advance) judge() error {
	a.load()
	v, err := a.in.Verdict(a.event)
	if lost := errors.Join(a.dir.Err(), a.refs.Err()); lost != nil {
		return lost
	}
	if s, ok := errors.AsType[*process.Stuck](err); ok {
		return &stuck{a.row.ID, s.Reason}
	}
	a.verdict = &v
	return err
}

// movedOver pins a case that has just been migrated to its new version: it is shown by that one from here on.
func (a *advance) movedOver() error {
	if a.event.Kind != process.EventMigrate || a.in.Next == nil {
		return nil
	}
	p := a.in.Next.Process
	a.left, a.in.Process = a.in.Process, p
	a.row.Version, a.row.Digest, a.row.Tables, a.row.Exclusive, a.row.Shows = a.in.Next.To, p.Digest, store.Of(pinsOf(p)), p.OneOpenPerRecord, subjectShows(p)
	return a.tx.PinCase(a.ctx, a.row)
}

// newer says whether another version than the case's own is published now.
func (v caseViewer) newer() bool {
	if v.published == nil || v.row.Revokes != nil {
		return false
	}
	now := v.published.Processes[v.row.Process]
	return now != nil && (now.Digest != v.row.Digest || !maps.Equal(pinsOf(now), v.row.Tables.V))
}
