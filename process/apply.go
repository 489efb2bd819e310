package process

import (
	"fmt"
	"time"
)

// maxEntries bounds what one event may set off: step entries and clock moments together.
const maxEntries = 1000

// Input is what an event meets: the pinned definition, the state, the record, and who and when.
type Input struct {
	Process   *Process
	State     State
	Record    Record
	Directory Directory
	Calendars Calendars
	Absences  Absences // nil: nobody is ever away
	Records   Records  // what references point at; nil: nothing is known of other records
	// Broken says of steps that their effect was refused by the world (step id → why); such a step holds the case instead of being carried out.
	Broken map[string]Text
}

// Result is the next state and what follows from it.
type Result struct {
	State   State
	Effects []Effect
	// WakeAt is the next moment the case must be woken at; nil when no moment is armed.
	WakeAt *time.Time
}

// Stuck is the error of an event that the machine can't carry out at all, such as one that sets off a thousand steps.
// Nothing was changed; the engine answers by [Hold].
type Stuck struct{ Reason Text }

func (s *Stuck) Error() string { return s.Reason.EN }

// NewState is the state of a case before its start event.
func NewState(caseID, initiator string) State {
	return State{Format: StateFormat, Case: caseID, Status: Running, Initiator: initiator}
}

// Apply runs one event. Clock moments up to the event's time run first, in nominal order with nominal times, so that a late tick
// never changes an outcome. The error is a [*Refusal] or a [*Stuck]; with either, nothing has changed.
func Apply(in Input, ev Event) (res Result, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Stuck:
			res, err = Result{}, r
		default:
			panic(r)
		}
	}()
	m := newMachine(in, ev)
	m.runClocks(m.ev.At)
	m.at = m.ev.At
	if refusal := m.handle(); refusal != nil {
		return Result{}, refusal
	}
	m.run()
	m.st.LastAt = m.ev.At
	return m.result(), nil
}

// Hold puts a case that can't go on by itself on hold, with an administrator's task that says why. A case that has ended, or is held already, is left as it is.
func Hold(in Input, at time.Time, reason Text) Result {
	m := newMachine(in, Event{At: at})
	m.at = m.ev.At
	if m.st.Status == Running {
		m.hold(0, nil, reason)
	}
	return m.result()
}

// machine is one run of Apply: a working copy of the state and the record, and what is to be done next.
type machine struct {
	in      Input
	p       *Process
	ev      Event
	at      time.Time // nominal time of what is being done
	st      State
	record  Record
	changes map[string]any
	effects []Effect
	queue   []entry
	entries int
	chosen  []string        // the items of the entry that is being entered; nil: all
	told    map[string]bool // who has had a message about the case in this event
}

// entry is a step the chain is about to arrive at.
type entry struct {
	scope int
	step  *Step
	items []string // of an `each`: only these; nil: all
}

func newMachine(in Input, ev Event) *machine {
	m := &machine{in: in, p: in.Process, ev: ev, st: in.State.clone(), changes: map[string]any{}, told: map[string]bool{}}
	if m.ev.At.Before(m.st.LastAt) {
		m.ev.At = m.st.LastAt
	}
	m.st.Format = StateFormat
	m.record = in.Record
	m.record.Fields = make(Fields, len(in.Record.Fields))
	for k, v := range in.Record.Fields {
		m.record.Fields[k] = v
	}
	return m
}

// handlers are the events of a case, each a transition.
var handlers map[EventKind]func(*machine) *Refusal

func init() {
	handlers = map[EventKind]func(*machine) *Refusal{
		EventStart:    (*machine).start,
		EventTick:     func(*machine) *Refusal { return nil },
		EventApprove:  (*machine).decide,
		EventReject:   (*machine).decide,
		EventReturn:   (*machine).decide,
		EventComplete: (*machine).decide,
		EventClaim:    (*machine).claim,
		EventRelease:  (*machine).release,
		EventAssign:   (*machine).assignTask,
		EventResume:   (*machine).resume,
	}
}

func (m *machine) handle() *Refusal {
	handler, ok := handlers[m.ev.Kind]
	if !ok {
		return Refuse(CodeUnknownOutcome, "没有这种操作："+string(m.ev.Kind), "there is no such act: "+string(m.ev.Kind))
	}
	return handler(m)
}

func (m *machine) result() Result {
	if len(m.changes) > 0 {
		m.effect(ChangeRecord{Fields: m.changes})
	}
	return Result{State: m.st, Effects: m.effects, WakeAt: m.wakeAt()}
}

func (m *machine) effect(e Effect) { m.effects = append(m.effects, e) }

// log adds an entry to the timeline at the present nominal time.
func (m *machine) log(e Entry) {
	e.At = m.at
	m.effect(Log{Entry: e})
}

// tell lets people know, each once per message; the inactive hear nothing.
func (m *machine) tell(to []string, t Tell) {
	seen := map[string]bool{}
	for _, id := range to {
		if p, ok := m.in.Directory.Person(id); ok && p.Active && !seen[id] {
			seen[id] = true
			m.told[id] = true
			t.To = append(t.To, id)
		}
	}
	if len(t.To) > 0 {
		t.At = m.at
		m.effect(t)
	}
}

// write changes a field of the record; nil empties it.
func (m *machine) write(field string, v any) {
	m.changes[field] = v
	if v == nil {
		delete(m.record.Fields, field)
		return
	}
	m.record.Fields[field] = v
	if field == "owner" {
		m.record.Owner, _ = v.(string)
	}
}

// count bounds the work of one event.
func (m *machine) count() {
	if m.entries++; m.entries > maxEntries {
		panic(&Stuck{Reason: Text{
			ZH: fmt.Sprintf("一次操作引发了超过 %d 个步骤：流程在原地打转，请检查定义", maxEntries),
			EN: fmt.Sprintf("one event set off more than %d steps: the chain runs in a circle; check its definition", maxEntries),
		}})
	}
}

// env is what expressions and templates see now, in a scope (0: the case as a whole).
func (m *machine) env(scope int) Env {
	item := m.item(scope)
	return Env{
		Record: m.record, Initiator: m.st.Initiator, Now: m.at, Zone: m.zone(), Names: m.name,
		OutcomeOf: func(step string) string { return ofItem(m.st.Outcomes, step, item) },
	}
}

// zone is where the company's days begin. Without any calendar it is UTC, so that a case can still be held and say why.
func (m *machine) zone() *time.Location {
	if c, ok := m.in.Calendars.Calendar(""); ok {
		return c.Location()
	}
	return time.UTC
}

func (m *machine) name(id string) Text {
	if p, ok := m.in.Directory.Person(id); ok && !p.Name.Empty() {
		return p.Name
	}
	return Same(id)
}
