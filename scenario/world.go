package scenario

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/crmflow/crmflow/process"
)

// world is what one case of a scenario plays in: people, records, cases and messages in memory, and a clock that only the scenario moves.
type world struct {
	scenario *Scenario
	setting  *Setting
	company  *company
	ownCopy  bool // company was changed, so it is a copy
	cals     map[string]*process.Calendar
	specs    map[string]process.CalendarSpec // calendars that were changed, as they are now
	absences []*absence
	now      time.Time
	cases    []*running
	main     *running // the case that `start` has begun last
	record   *record  // what it is about
	records  []*record
	counters map[string]int
	entries  []entry
	messages []message
	since    int        // messages from here on are new: since the last line that let something happen
	refusal  *refusal   // of the line before, not expected yet
	pending  []occasion // what the last event has set off
	requests []*request
	copies   []*copied
	foresees bool // starts are previewed, so that what turns out otherwise is seen; that takes longer than all the rest
}

// running is one case.
type running struct {
	id       string
	number   string
	process  *process.Process
	earlier  *process.Process  // by which it ran before it was taken to another version; nil: none
	next     *process.Process  // to which it is just being taken
	foreseen *process.Foreseen // what the preview of its start said
	state    process.State
	record   *record
	wakeAt   *time.Time
	fresh    []process.Fresh
	endedAt  time.Time
	parent   *running // of a sub-case
	call     string
	waited   bool    // the parent waits for its end
	revoking *doLine // by which somebody has asked for it to be undone
	tasks    map[string]*task
	order    []*task
}

// task is a task as it was last seen.
type task struct {
	process.Task
	closed  bool
	outcome string
	by      string
}

// entry is one line of the timeline.
type entry struct {
	process.Entry
	of *running
}

// message is what somebody was told.
type message struct {
	process.Tell
	of *running
}

// refusal is a clear no to a line, which the next line must expect.
type refusal struct {
	node *node
	*process.Refusal
}

// occasion is an event that another one has set off.
type occasion struct {
	of    *running
	event process.Event
	begin func() *failure // a case that begins
}

// request is a call of a system that nobody has answered yet.
type request struct {
	of   *running
	call process.CallSystem
}

// failure is why a case fails: where, and what is wrong.
type failure struct {
	node    *node
	message process.Text
	instead []process.Text // what there is in its place
}

func fail(n *node, zh, en string, args ...any) *failure {
	return &failure{node: n, message: say(zh, en, args...)}
}

func newWorld(c *Case) *world {
	s := c.scenario
	return &world{scenario: s, setting: s.setting, company: s.company, cals: s.setting.calendars, now: c.at, counters: map[string]int{},
		specs: map[string]process.CalendarSpec{}, foresees: slices.ContainsFunc(c.lines, expectsEverything)}
}

// Calendar finds a calendar by name; "" is the company's.
func (w *world) Calendar(name string) (*process.Calendar, bool) {
	if name == "" {
		name = w.scenario.calendar
	}
	c, ok := w.cals[name]
	return c, ok
}

// calendar is that of the scenario's process.
func (w *world) calendar() *process.Calendar {
	if c, ok := w.Calendar(w.scenario.process.Calendar); ok {
		return c
	}
	c, _ := w.Calendar("")
	return c
}

// StandIn says who stands in for somebody on a day; what was said last counts.
func (w *world) StandIn(id, processID, day string) (standIn string, away bool) {
	for _, a := range slices.Backward(w.absences) {
		if a.of == id && (a.process == "" || a.process == processID) && a.from <= day && (a.to == "" || day <= a.to) {
			return a.by, true
		}
	}
	return "", false
}

// Record finds a record that a reference points at.
func (w *world) Record(ref process.Reference) (process.Record, bool) {
	for _, r := range w.records {
		if r.Type == ref.Type && r.ID == ref.ID {
			return r.Record, true
		}
	}
	return process.Record{}, false
}

// happens begins a line that lets something happen: what people were told before is old from now on.
func (w *world) happens() { w.since = len(w.messages) }

// maxBroken bounds how often an event is tried with one more effect known to be refused.
const maxBroken = 10

// apply lets an event happen to a case, and everything that it sets off. A refusal changes nothing and is kept for the next line.
func (w *world) apply(n *node, c *running, ev process.Event) *failure {
	refused, f := w.event(n, c, ev)
	if f != nil {
		return f
	}
	if refused != nil {
		w.refusal = &refusal{n, refused}
		return nil
	}
	return w.settle(n)
}

// maxOccasions bounds what one line may set off, over all cases.
const maxOccasions = 2000

// settle lets happen what the last event has set off, until nothing more follows.
func (w *world) settle(n *node) *failure {
	for range maxOccasions {
		if len(w.pending) == 0 {
			return nil
		}
		next := w.pending[0]
		w.pending = w.pending[1:]
		if next.begin != nil {
			if f := next.begin(); f != nil {
				return f
			}
			continue
		}
		if next.of.state.Status == process.Ended {
			continue
		}
		// What a case has no use for it refuses, which is nothing to the one that let it happen.
		if _, f := w.event(n, next.of, next.event); f != nil {
			return f
		}
	}
	return fail(n, "一件事引发了没完没了的后续：流程之间互相触发", "one thing sets off others without end: the chains set off each other")
}

// event applies one event to one case, and once more for each effect that the world refuses.
func (w *world) event(n *node, c *running, ev process.Event) (*process.Refusal, *failure) {
	ev.At = w.now
	in := w.input(c)
	if ev.Kind == process.EventStart && w.foresees {
		in.Foreseen, _ = process.Foresee(in, ev) // what can't be foreseen can't start either, which is said below
	}
	for range maxBroken {
		res, err := process.Apply(in, ev)
		if err != nil {
			return w.refused(n, c, err)
		}
		broken := w.broken(c, res.Effects)
		if len(broken) == 0 {
			return nil, w.keep(n, c, res)
		}
		if why, own := broken[""]; own {
			return process.Refuse(process.CodeFieldInvalid, why.ZH, why.EN), nil
		}
		maps.Copy(in.Broken, broken)
	}
	return nil, fail(n, "这件事的结果一再被拒绝", "what follows from this is refused again and again")
}

// input is what an event of a case meets.
func (w *world) input(c *running) process.Input {
	in := process.Input{Process: c.process, State: c.state, Record: c.record.Record, Directory: w.company, Calendars: w, Absences: w, Records: w,
		Broken: map[string]process.Text{}, Foreseen: c.foreseen, Fresh: c.fresh}
	if c.next != nil {
		in.Next = &process.Version{Process: c.next, From: 1, To: 2}
	}
	return in
}

func (w *world) refused(n *node, c *running, err error) (*process.Refusal, *failure) {
	if refusal, ok := errors.AsType[*process.Refusal](err); ok {
		return refusal, nil
	}
	if stuck, ok := errors.AsType[*process.Stuck](err); ok {
		return nil, fail(n, "流程 %s 走不下去：%s", "%s can't go on: %s", c.process.ID, stuck.Reason)
	}
	return nil, fail(n, "流程 %s 走不下去：%s", "%s can't go on: %s", c.process.ID, err.Error())
}

// keep carries out the effects of an event.
func (w *world) keep(n *node, c *running, res process.Result) *failure {
	c.state, c.wakeAt, c.foreseen, c.fresh = res.State, res.WakeAt, res.Foreseen, res.Fresh
	for _, e := range res.Effects {
		if f := w.carryOut(n, c, e); f != nil {
			return f
		}
	}
	return nil
}

func (w *world) carryOut(n *node, c *running, effect process.Effect) *failure {
	switch e := effect.(type) {
	case process.OpenTask:
		t := &task{Task: e.Task}
		c.tasks[e.Task.ID] = t
		c.order = append(c.order, t)
	case process.ChangeTask:
		if t := c.tasks[e.Task.ID]; t != nil {
			t.Task = e.Task
		}
	case process.CloseTask:
		if t := c.tasks[e.ID]; t != nil {
			t.closed, t.outcome, t.by = true, e.Outcome, e.By
		}
	case process.Log:
		w.entries = append(w.entries, entry{e.Entry, c})
	case process.Tell:
		w.messages = append(w.messages, message{e, c})
	case process.CopyTo:
		w.copy(c, process.Tell{To: e.To, Step: e.Step, Text: e.Text, At: e.At})
	case process.ChangeRecord:
		w.write(c, c.record, e.Fields)
	case process.ChangeOther:
		if r := w.find(e.Record); r != nil {
			w.write(c, r, e.Fields)
		}
	case process.CreateRecord:
		w.create(c, e)
	case process.CallCase:
		w.call(n, c, e)
	case process.EndCall:
		w.endCall(c, e)
	case process.CallSystem:
		w.requests = append(w.requests, &request{c, e})
	case process.EndCase:
		c.endedAt = e.At
		w.callerHears(c, e.Outcome)
	default:
		return fail(n, "情景还不懂这种结果：%s", "scenarios don't know this effect: %s", fmt.Sprintf("%T", e))
	}
	return nil
}

// callerHears tells the case that waits for this one how it has ended.
func (w *world) callerHears(c *running, outcome string) {
	if c.parent != nil && c.waited {
		w.pending = append(w.pending, occasion{of: c.parent, event: process.Event{Kind: process.EventCalled, Call: c.call, Outcome: outcome}})
	}
}

// open makes a case that is about a record; its first event is the caller's to apply.
func (w *world) open(p *process.Process, r *record, initiator string) *running {
	id := "c" + strconv.Itoa(len(w.cases)+1)
	return &running{id: id, process: p, record: r, state: process.NewState(id, initiator), tasks: map[string]*task{}, number: w.number("case/"+p.ID, p.Number)}
}

// number gives the next number of a pattern, counted within what the pattern says; "" where there is none.
func (w *world) number(of, pattern string) string {
	if pattern == "" {
		return ""
	}
	at := w.now.In(w.calendar().Location())
	scope := of + "/" + process.NumberScope(pattern, at)
	w.counters[scope]++
	return process.FormatNumber(pattern, at, w.counters[scope])
}

// local is a moment as the scenario writes it.
func (w *world) local(t time.Time) string {
	t = t.In(w.scenario.zone)
	if t.Second() != 0 {
		return t.Format("2006-01-02 15:04:05")
	}
	return t.Format("2006-01-02 15:04")
}
