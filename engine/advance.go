package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// maxState is how large a state may be. A larger one could not be read and written at every click.
const maxState = 64 << 10

// ErrNewerFormat says that a newer software has written this state. This one must not touch it; repeat with the newer one.
var ErrNewerFormat = fmt.Errorf("engine: the state was written by a newer software: %w", store.ErrUnavailable)

// advance is one event of one case, inside its transaction.
type advance struct {
	request
	ctx      context.Context
	e        *Engine
	present  store.Present
	lib      *Library
	isNew    bool
	row      store.CaseRow
	record   store.RecordRow
	dir      *store.Directory
	in       process.Input
	at       time.Time // the event's time, taken once
	event    process.Event
	made     bool                // the record comes into being with the case
	writes   []store.RecordWrite // of the last save, for whoever must explain why it was refused
	asked    []string            // the steps that asked for them; "" for the case's own record
	foretold *process.Foreseen   // of a case that starts
	result   process.Result
	loaded   bool          // the people were read
	hold     *process.Text // instead of an event: the case is put on hold, and this is why
	refs     *references   // what references point at
	idle     bool          // there is nothing to run: what was taken from the outbox is all
	heard    bool          // the workflow itself asks, and hears the answer
	sets     []occasion    // what the event sets off in other cases, once it is committed

	verdict *process.Verdict // of a migration
	left    *process.Process // of one that was carried out: the version that the case ran by before

	delivery *delivery // the event was taken from the outbox; nil: it wasn't
}

// opener finds or makes the case of an event, locks it, and says what the event is.
type opener func(a *advance) error

// brokenEffect is a record that could not be written because another has one of its unique values.
type brokenEffect struct {
	steps map[string]process.Text // step that asked for it → why not
	form  *process.Refusal        // the value came from the actor's own form
}

func (b *brokenEffect) Error() string { return "engine: a unique value is taken" }

// stuck is a case that can't carry out an event; it is put on hold.
type stuck struct {
	caseID string
	reason process.Text
}

func (s *stuck) Error() string { return "engine: stuck: " + s.reason.EN }

// errMoved: people have changed while the event ran, so that it knew some from before and some from after it.
var errMoved = errors.New("engine: the directory has changed meanwhile")

// maxBroken bounds how often an event is tried with one more effect known to be refused, or with the directory that has come meanwhile.
const maxBroken = 10

// advance runs one event in one transaction, and once more for each effect that the world refused or when people have changed under it.
func (e *Engine) advance(ctx context.Context, r Request, open opener) (Answer, error) {
	broken := map[string]process.Text{}
	var locked []process.Reference
	for range maxBroken {
		answer, signal, sets, err := e.attempt(ctx, r, open, broken, locked)
		if old, ok := errors.AsType[*seenOld](err); ok {
			locked = old.records
			continue
		}
		if errors.Is(err, errMoved) {
			continue
		}
		if b, ok := errors.AsType[*brokenEffect](err); ok {
			if b.form != nil {
				return Answer{}, b.form
			}
			for step, why := range b.steps {
				broken[step] = why
			}
			continue
		}
		if s, ok := errors.AsType[*stuck](err); ok {
			return Answer{}, e.hold(ctx, s)
		}
		if err == nil && signal != nil {
			e.afterCommit(*signal)
		}
		if err == nil {
			e.follow(ctx, sets)
		}
		return answer, err
	}
	return Answer{}, fmt.Errorf("engine: one event was begun %d times in vain: %w", maxBroken, store.ErrUnavailable)
}

func (e *Engine) attempt(ctx context.Context, r Request, open opener, broken map[string]process.Text, locked []process.Reference) (Answer, *Signal, []occasion, error) {
	var signal *Signal
	var sets []occasion
	var a *advance
	answer, err := answered(ctx, e, r, func(req request) (Answer, error) {
		signal, sets = nil, nil
		a = &advance{request: req, ctx: ctx, e: e}
		a.in.Broken = broken
		err := open(a)
		if err != nil {
			return Answer{}, err
		}
		if a.idle {
			return Answer{}, a.delivered(Answer{})
		}
		if err := a.refs.lock(a.tx, locked); err != nil {
			return Answer{}, err
		}
		if a.result, err = a.run(); err != nil {
			return Answer{}, err
		}
		if err = a.movedOver(); err != nil {
			return Answer{}, err
		}
		var answer Answer
		answer, signal, err = a.save(a.result)
		sets = a.sets
		if err == nil {
			err = a.delivered(answer)
		}
		return answer, err
	})
	if u, ok := errors.AsType[*store.UniqueError](err); ok && a != nil {
		err = a.taken(u)
	}
	return answer, signal, sets, err
}

// meet takes what was locked: it decodes the state and the record, finds the definition, and takes the event's time.
func (a *advance) meet(l store.LockedCase) error {
	if err := a.takeLocked(l); err != nil {
		return err
	}
	return a.prepare()
}

// takeLocked takes the case as it was locked, and the event's time, which is never before the last one's.
func (a *advance) takeLocked(l store.LockedCase) error {
	a.present, a.row, a.record = l.Present, l.Case, l.Record
	state, err := decodeState(l.Case.State)
	if err != nil {
		return err
	}
	a.in.State, a.in.Foreseen, a.in.Fresh = state, decodeForeseen(l.Foreseen), decodeFresh(l.Case.Fresh)
	a.at = later(a.present.At(a.real), state.LastAt)
	return nil
}

// prepare finds the definition and reads, in one statement, the people that the event is likely to ask for.
func (a *advance) prepare() error {
	var err error
	if a.lib, err = a.e.current(a.ctx, a.tx, a.present.Revision); err != nil {
		return err
	}
	if err := a.surround(); err != nil {
		return err
	}
	a.in.Process, err = a.e.pinned(a.ctx, a.tx, a.lib, a.row)
	if l, ok := errors.AsType[*lostError](err); ok {
		if a.hold == nil && a.event.Kind != process.EventCancel {
			return &stuck{a.row.ID, l.reason}
		}
		a.in.Process, err = unknownProcess(a.row, a.lib), nil // holding and cancelling need none
	}
	if err != nil {
		return err
	}
	a.in.Record, err = restoreRecord(a.in.Process.Type, a.record)
	return err
}

// surround gives the event what it meets beside the case.
func (a *advance) surround() error {
	a.dir, a.refs = a.tx.DirectoryAt(a.ctx, a.present), newReferences(a.ctx, a.tx, a.lib)
	a.in.Calendars, a.in.Directory, a.in.Records = a.lib, a.dir, a.refs
	var err error
	a.in.Absences, err = a.e.whoIsAway(a.ctx, a.tx, a.present, a.lib, a.at)
	return err
}

// run applies the event. What the machine can't carry out, and a panic of it, makes the case stuck.
func (a *advance) run() (process.Result, error) {
	a.event.At = a.at
	a.load()
	res, err := a.safely()
	if a.dir.Err() != nil { // whatever was concluded was concluded from half a directory
		return res, a.dir.Err()
	}
	if a.dir.Moved() {
		return res, errMoved
	}
	if a.refs.Err() != nil {
		return res, a.refs.Err()
	}
	if s, ok := errors.AsType[*process.Stuck](err); ok {
		return res, &stuck{a.row.ID, s.Reason}
	}
	if r := refused(err); r != nil {
		return res, a.explain(r)
	}
	return res, err
}

func (a *advance) safely() (res process.Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			logger().Error("the machine panicked", "case", a.row.ID, "event", a.event.Kind, "panic", p, "stack", string(debug.Stack()))
			err = &process.Stuck{Reason: process.Text{ZH: "程序内部错误，已记入日志", EN: "an internal error; it is in the log"}}
		}
	}()
	if a.hold != nil {
		return process.Hold(a.in, a.at, *a.hold), nil
	}
	if isLost(a.in.Process) {
		return process.Abandon(a.in, a.event)
	}
	return a.e.apply(a.in, a.event)
}

// load reads, in one statement, the people that the event is likely to ask for. Whoever else is asked for costs a statement of their own.
func (a *advance) load() {
	if a.loaded {
		return
	}
	a.loaded = true
	a.dir.Load(a.likely(), nil)
}

// likely are the people whom an event of this case asks about: who has it, who did something, and whom the event and the record name.
func (a *advance) likely() []string {
	st := a.in.State
	ids := []string{st.Initiator, a.event.By, a.event.To, a.in.Record.Owner}
	for _, id := range st.Actors {
		ids = append(ids, id)
	}
	for _, o := range st.Open {
		for _, s := range o.Seats {
			ids = append(ids, s.Assignee)
		}
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// explain completes a refusal with what only the database remembers: how a task that isn't in the state any more was closed.
func (a *advance) explain(r *process.Refusal) error {
	if a.event.Task == "" || r.Decided != nil || r.Code != process.CodeTaskClosed && r.Code != process.CodeNotFound && r.Code != process.CodeCaseEnded {
		return r
	}
	t, err := a.tx.Task(a.ctx, a.event.Task)
	if err != nil {
		return err
	}
	if t, err = a.endedBy(t); err != nil {
		return err
	}
	closed := closedTask(r, t, a.dir, zoneOf(a.lib))
	if a.event.Kind == process.EventTakeBack { // that it is closed they know
		closed.Message = r.Message
	}
	return closed
}

// endedBy names in a task that nobody answered whoever ended it, and by what: the vote that closed the step, a return, a withdrawal.
func (a *advance) endedBy(t store.TaskRow) (store.TaskRow, error) {
	if t.Status != store.TaskClosed || t.DecidedBy != nil {
		return t, nil
	}
	c, err := a.tx.ClosedBy(a.ctx, t.CaseID, t.ID)
	if errors.Is(err, store.ErrNotFound) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	t.DecidedBy = &c.By
	if c.Outcome != nil {
		t.Outcome = c.Outcome
	}
	return t, nil
}

// closedTask says who decided a closed task and when; a task that is still open leaves the refusal as it is.
func closedTask(r *process.Refusal, t store.TaskRow, dir process.Directory, zone *time.Location) *process.Refusal {
	if t.Status != store.TaskClosed {
		return r
	}
	d := process.Decided{By: str(t.DecidedBy), Outcome: str(t.Outcome)}
	when := ""
	if t.DecidedAt != nil {
		at := t.DecidedAt.In(zone)
		d.At, when = at.Format(time.RFC3339), at.Format("2006-01-02 15:04")
	}
	who := process.Text{ZH: "系统", EN: "the system"}
	if name, outside := process.OutsideName(d.By); outside {
		who = name
	} else if p, ok := dir.Person(d.By); ok {
		who = p.Name
	}
	return &process.Refusal{Code: process.CodeTaskClosed, Decided: &d, Message: process.Text{
		ZH: fmt.Sprintf("该任务已由%s于 %s 结束（%s）", who.In("zh"), when, outcomeText(d.Outcome).In("zh")),
		EN: fmt.Sprintf("this task was closed by %s at %s (%s)", who.In("en"), when, outcomeText(d.Outcome).In("en")),
	}}
}

// hold puts a case that can't go on by itself on hold, in a transaction of its own, and refuses the event that found it so.
func (e *Engine) hold(ctx context.Context, s *stuck) error {
	_, signal, _, err := e.attempt(ctx, Request{}, func(a *advance) error {
		a.hold = &s.reason
		l, err := a.tx.LockCase(ctx, s.caseID)
		if err != nil {
			return err
		}
		return a.meet(l)
	}, nil, nil)
	if errors.Is(err, store.ErrNotFound) { // it has only just been going to begin
		return process.Refuse(process.CodeCaseSuspended, "流程无法发起："+s.reason.In("zh"), "the case can't be started: "+s.reason.In("en"))
	}
	if err != nil {
		return err
	}
	if signal != nil {
		e.afterCommit(*signal)
	}
	return process.Refuse(process.CodeCaseSuspended, "流程停住了，已通知管理员："+s.reason.In("zh"), "the case can't go on; an administrator was told: "+s.reason.In("en"))
}

// decodeState reads a state strictly: an unknown word means that a newer software wrote it.
func decodeState(b []byte) (process.State, error) {
	var st process.State
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	err := d.Decode(&st)
	if err != nil {
		st.Format = formatOf(b) // its words may be unknown because it is newer
	}
	if st.Format > process.StateFormat {
		return process.State{}, ErrNewerFormat
	}
	if err != nil {
		return process.State{}, fmt.Errorf("engine: state: %w", err)
	}
	return st, nil
}

// formatOf is the format of a state that can't be read otherwise; 0: not even that.
func formatOf(b []byte) int {
	var head struct{ Format int }
	_ = json.Unmarshal(b, &head)
	return head.Format
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func str(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// opt is nil for an empty string: such a column is null.
func opt(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
