package process

import (
	"fmt"
	"slices"
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
	Next   *Version // EventMigrate: the version that the case goes over to
	// Foreseen is what was foreseen of the case at its start, as the event before left it; nil: nothing that would be compared.
	Foreseen *Foreseen
	// Fresh are the decisions that nobody has looked beyond, as the event before, or [Look], left them.
	Fresh []Fresh

	foresight *foresight // a preview is going on; nil: this is no preview
}

// Result is the next state and what follows from it.
type Result struct {
	State   State
	Effects []Effect
	// WakeAt is the next moment the case must be woken at; nil when no moment is armed.
	WakeAt *time.Time
	// Foreseen is what there is to compare from here on: the same as in the input where nothing of it has changed, nil where nothing is left.
	Foreseen *Foreseen
	// Fresh are the decisions that can be taken back from here on although they led on.
	Fresh []Fresh
}

// Stuck is the error of an event that the machine can't carry out at all, such as one that sets off a thousand steps.
// Nothing was changed; the engine answers by [Hold].
type Stuck struct{ Reason Text }

func (s *Stuck) Error() string { return s.Reason.EN }

// NewState is the state of a case before its start event.
func NewState(caseID, initiator string) State {
	return State{Format: FormatPlain, Case: caseID, Status: Running, Initiator: initiator}
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
	m.passTime()
	m.changedElsewhere()
	if refusal := m.handle(); refusal != nil {
		return Result{}, refusal
	}
	m.run()
	if m.refused != nil {
		return Result{}, m.refused
	}
	m.keepFresh()
	m.askOutsideAnew()
	m.writeOutside()
	m.settleClocks()
	m.settleFresh()
	m.keepMatter()
	m.showBoxes()
	m.changedOutside()
	m.compare()
	m.st.LastAt = m.ev.At
	return m.result(), nil
}

// passTime lets the clock moments up to the event take effect. They are nobody's doing, least of all that of the event's person.
func (m *machine) passTime() {
	ev := m.ev
	m.ev = Event{Kind: EventTick, At: ev.At}
	m.runClocks(ev.At)
	m.ev, m.at = ev, ev.At
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
	in         Input
	p          *Process
	ev         Event
	at         time.Time // nominal time of what is being done
	st         State
	record     Record
	changes    map[string]any
	effects    []Effect
	queue      []entry
	entries    int
	chosen     []string // the items of the entry that is being entered; nil: all
	others     *others
	begun      Fields          // what before.… sees, once it was asked for
	outputs    Fields          // what decided.… sees, once it was asked for; keys as in State.Actors
	coming     entry           // the entry that is being entered
	back       *Way            // where a return goes that names a step
	undoing    bool            // effects are being undone: nothing is noted, and the chain stands still
	touched    map[string]any  // fields that were changed and whose approvals haven't been looked at yet, with what was in them
	told       map[string]bool // who has had a message about the case in this event
	strayed    bool            // an answer has led elsewhere than agreement does
	foresawOwn bool            // what was foreseen is a copy
	fresh      []Fresh         // as in [Input]
	closings   []closing       // rounds that were decided and from which the case has yet to go on

	refused *Refusal // what the event lacks, found out only where it leads
}

// entry is a step the chain is about to arrive at.
type entry struct {
	scope int
	step  *Step
	items []string // of an `each`: only these; nil: all
	again bool     // entered in its old place: what was passed since stands
	who   string   // whom a seat that they may fill is given to: they returned the case from here
}

func newMachine(in Input, ev Event) *machine {
	m := &machine{in: in, p: in.Process, ev: ev, st: in.State.clone(), changes: map[string]any{}, told: map[string]bool{}}
	if m.ev.At.Before(m.st.LastAt) {
		m.ev.At = m.st.LastAt
	}
	if m.st.Format == 1 {
		m.fromFormat1()
	}
	m.st.Format = max(m.st.Format, m.p.Format())
	m.freeHold()
	m.others = &others{m: m, changed: map[Reference]Fields{}}
	for _, p := range m.st.Queue {
		m.queue = append(m.queue, entry{scope: p.Scope, step: m.p.Step(p.Step), items: p.Items, again: p.Again, who: p.Who})
	}
	m.st.Queue = nil
	m.record = in.Record
	m.record.Fields = in.Record.Fields.With(nil)
	m.fresh = slices.DeleteFunc(slices.Clone(in.Fresh), func(f Fresh) bool { return !m.p.knows(f) })
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
		EventTransfer: (*machine).transfer,
		EventPeople:   (*machine).peopleChanged,
		EventHandover: (*machine).handOverCase,
		EventWithdraw: (*machine).withdraw,
		EventCancel:   (*machine).cancel,
		EventJump:     (*machine).jumpByHand,
		EventUndo:     (*machine).undoCase,
		EventHappened: (*machine).happened,
		EventCalled:   (*machine).called,
		EventLeft:     (*machine).callerLeft,
		EventAnswered: (*machine).answered,
		EventAdd:      (*machine).add,
		EventRemove:   (*machine).remove,
		EventTakeBack: (*machine).takeBack,

		EventStopClock:  (*machine).stopClock,
		EventStartClock: (*machine).startClock,
		EventSuspend:    (*machine).suspend,
		EventRecompute:  (*machine).calendarChanged,
		EventMigrate:    (*machine).migrate,
	}
}

// whoeverDidIt are the events that count whether or not whoever caused them has left since.
var whoeverDidIt = map[EventKind]bool{EventStart: true, EventHappened: true, EventHandover: true, EventUndo: true}

func (m *machine) handle() *Refusal {
	handler, ok := handlers[m.ev.Kind]
	if !ok {
		return Refuse(CodeUnknownOutcome, "没有这种操作："+string(m.ev.Kind), "there is no such act: "+string(m.ev.Kind))
	}
	if p, known := m.in.Directory.Person(m.ev.By); known && !p.Active && !whoeverDidIt[m.ev.Kind] {
		return Refuse(CodeForbidden, p.Name.In("zh")+" 已离职，不能操作", p.Name.In("en")+" has left and can't act any more")
	}
	if refusal := m.onlyAnswers(); refusal != nil {
		return refusal
	}
	if refusal := m.suspended(); refusal != nil {
		return refusal
	}
	return handler(m)
}

func (m *machine) result() Result {
	for _, e := range m.queue {
		m.st.Queue = append(m.st.Queue, Pending{Scope: e.scope, Step: e.step.ID, Items: e.items, Again: e.again, Who: e.who})
	}
	if len(m.changes) > 0 {
		m.effect(ChangeRecord{Fields: m.changes})
	}
	return Result{State: m.st, Effects: m.effects, WakeAt: m.wakeAt(), Foreseen: m.in.Foreseen, Fresh: m.fresh}
}

func (m *machine) effect(e Effect) {
	m.effects = append(m.effects, e)
	m.noteEffect(e)
}

// log adds an entry to the timeline at the present nominal time.
func (m *machine) log(e Entry) {
	e.At = m.at
	m.effect(Log{Entry: e})
}

// tell lets people know, each once per message; the inactive hear nothing. The case's subject stands behind the text.
func (m *machine) tell(to []string, t Tell) {
	seen := map[string]bool{}
	for _, id := range to {
		if m.hears(id) && !seen[id] {
			seen[id] = true
			m.told[id] = true
			t.To = append(t.To, id)
		}
	}
	if len(t.To) > 0 {
		t.At, t.Text = m.at, m.about(t.Text)
		m.effect(t)
	}
}

func (m *machine) hears(id string) bool {
	if _, outside := OutsideName(id); outside {
		return true
	}
	return people{m.in.Directory}.active(id)
}

// write changes a field of the record and those that are computed from it; nil empties it.
func (m *machine) write(field string, v any) {
	m.writeOne(field, v)
	m.compute()
}

// compute brings the computed fields of the record up to date.
func (m *machine) compute() {
	for name, v := range changedFields(m.record.Fields, m.p.Type.Compute(m.record.Fields, m.others)) {
		m.writeOne(name, v)
	}
}

func (m *machine) writeOne(field string, v any) {
	m.touch(field)
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

// count bounds the work of one event. Where it was exceeded is said by a step, or by a case clock.
func (m *machine) count(where string) {
	if m.entries++; m.entries > maxEntries {
		panic(&Stuck{Reason: Text{
			ZH: fmt.Sprintf("一次操作引发了超过 %d 个步骤：流程在“%s”处打转，请检查定义", maxEntries, where),
			EN: fmt.Sprintf("one event set off more than %d steps: the chain runs in a circle at `%s`; check its definition", maxEntries, where),
		}})
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
	if name, outside := OutsideName(id); outside {
		return name
	}
	if p, ok := m.in.Directory.Person(id); ok && !p.Name.Empty() {
		return p.Name
	}
	return Same(id)
}

// department is what people call a department.
func (m *machine) department(id string) Text {
	if d, ok := m.in.Directory.Department(id); ok && !d.Name.Empty() {
		return d.Name
	}
	return Same(id)
}
