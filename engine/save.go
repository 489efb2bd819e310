package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// change collects what an event's effects do to the rows.
type change struct {
	*advance
	row     store.CaseRow
	tasks   map[string]*store.TaskRow // whole rows: opened, or changed
	order   []string                  // of tasks, as they were first touched
	closed  []store.TaskClose
	entries []store.TimelineRow
	told    []store.NotificationRow
	keys    map[string]bool // of told
	own     map[string]any  // changes of the case's own record
	created []process.CreateRecord
	others  []process.ChangeOther
	records []written // as they are written
	errands []errand  // what it asks of other cases

	boxes []string // principals whose boxes it changes
}

// save writes a result and gives the answer and what the workflow must hear; no signal when nothing has happened.
func (a *advance) save(res process.Result) (Answer, *Signal, error) {
	c := &change{advance: a, row: a.row, tasks: map[string]*store.TaskRow{}, keys: map[string]bool{}, own: map[string]any{}}
	for _, effect := range res.Effects {
		c.take(effect)
	}
	if a.mayBeNothing() && len(res.Effects) == 0 && sameButTime(a.in.State, res.State) && sameMoment(a.row.WakeAt, micro(res.WakeAt)) {
		return Answer{}, nil, nil // nothing was due, it is on hold already, or it takes no notice
	}
	if err := c.writeRecords(); err != nil {
		return Answer{}, nil, err
	}
	if err := c.sendErrands(); err != nil {
		return Answer{}, nil, err
	}
	if err := c.writeRequests(res); err != nil {
		return Answer{}, nil, err
	}
	if err := c.settle(res); err != nil {
		return Answer{}, nil, err
	}
	view := a.view(c.row, res.State)
	answer, err := c.answer(view)
	if err != nil {
		return Answer{}, nil, err
	}
	c.boxes = c.touches(res.State)
	signal := c.signal(view)
	if a.heard { // the workflow that asked hears it as the answer
		return answer, nil, c.writeCase(answer, nil)
	}
	return answer, &signal, c.writeCase(answer, &signal)
}

// mayBeNothing says whether an event is one that may change nothing: nobody waits for its answer.
func (a *advance) mayBeNothing() bool {
	switch a.event.Kind {
	case process.EventTick, process.EventHappened, process.EventPeople, process.EventHandover, process.EventRecompute, process.EventCalled, process.EventLeft, process.EventAnswered:
		return true
	}
	return a.hold != nil
}

func sameMoment(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}

// sameButTime says whether two states differ in nothing but when they were last touched.
func sameButTime(a, b process.State) bool {
	a.LastAt, b.LastAt = time.Time{}, time.Time{}
	was, errA := json.Marshal(a)
	is, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(was, is)
}

func (c *change) take(effect process.Effect) {
	c.calls(effect)
	switch e := effect.(type) {
	case process.OpenTask:
		c.put(c.taskRow(e.Task))
	case process.ChangeTask:
		c.put(c.taskRow(e.Task))
	case process.CloseTask:
		c.close(e)
	case process.Log:
		c.log(e.Entry)
	case process.Tell:
		c.tell(e)
	case process.ChangeRecord:
		for name, v := range e.Fields {
			c.own[name] = v
		}
	case process.CreateRecord:
		c.created = append(c.created, e)
	case process.ChangeOther:
		c.others = append(c.others, e)
	case process.CopyTo:
		c.copyTo(e)
	case process.EndCase:
		c.row.Outcome = opt(e.Outcome)
		if c.row.EndedAt == nil { // one that is revoked ended when it ended
			c.row.EndedAt = &e.At
		}
	}
}

func (c *change) put(t store.TaskRow) {
	if _, ok := c.tasks[t.ID]; !ok {
		c.order = append(c.order, t.ID)
	}
	c.tasks[t.ID] = &t
}

// close closes a task's row: in place when this event has touched it already, since one statement touches a row once.
func (c *change) close(e process.CloseTask) {
	if t, ok := c.tasks[e.ID]; ok {
		t.Status, t.Outcome, t.DecidedBy, t.DecidedAt, t.Comment = store.TaskClosed, opt(e.Outcome), opt(e.By), &e.At, opt(e.Comment)
		return
	}
	c.closed = append(c.closed, store.TaskClose{ID: e.ID, Outcome: e.Outcome, By: opt(e.By), At: e.At, Comment: opt(e.Comment)})
}

func (c *change) taskRow(t process.Task) store.TaskRow {
	return store.TaskRow{
		ID: t.ID, CaseID: c.row.ID, Step: t.Step, Item: opt(t.Item), Round: t.Round, Kind: t.Kind, Title: store.Of(t.Title),
		Status: store.TaskOpen, Assignee: opt(t.Assignee), Candidates: principals(t.Candidates), Excluded: t.Excluded,
		Claim: t.Claim, Vacant: t.Vacant, Why: store.Of(t.Why), OpenedAt: t.OpenedAt, DueAt: t.Due, DueFrom: t.DueFrom,
		Calendar: opt(t.Calendar), Provisional: t.Provisional, Process: opt(c.row.Process), Waits: t.Waits,
	}
}

func principals(list []process.Principal) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = string(p)
	}
	return out
}

func (c *change) log(e process.Entry) {
	c.row.Seq++
	var data json.RawMessage
	if len(e.Data) > 0 {
		data, _ = json.Marshal(e.Data) // fields of records, which came from JSON
	}
	c.entries = append(c.entries, store.TimelineRow{
		CaseID: c.row.ID, Seq: c.row.Seq, At: e.At, Event: e.Event, Step: opt(e.Step), Item: opt(e.Item), Task: opt(e.Task),
		By: opt(e.By), For: opt(e.For), Outcome: opt(e.Outcome), Comment: opt(e.Comment), Reason: opt(e.Reason), Data: data,
	})
}

// addressOf is where whoever is told is written to, where that is somebody outside; empty for everybody else, and about a task that is over again already.
func (c *change) addressOf(task, id string) (address string, outside bool) {
	if _, outside = process.OutsideName(id); !outside {
		return "", false
	}
	for _, st := range []process.State{c.result.State, c.in.State} {
		if o := st.Outsider(task); o != nil && o.ID() == id {
			return o.Email, true
		}
	}
	return "", true
}

// tell writes one notification per person. The key makes one event tell one person once about one thing.
func (c *change) tell(e process.Tell) {
	for _, id := range e.To {
		key := fmt.Sprintf("%s/%d/%s/%s/%s", c.row.ID, c.row.Seq, e.About, e.Task, id)
		address, outside := c.addressOf(e.Task, id)
		if c.keys[key] || outside && address == "" {
			continue
		}
		c.keys[key] = true
		c.told = append(c.told, store.NotificationRow{To: id, At: e.At, About: e.About, CaseID: c.row.ID, Task: opt(e.Task), Step: opt(e.Step),
			Text: store.Of(e.Text), Key: key, Address: address})
	}
}

// settle writes the next state into the case's row with the copies that lists read.
func (c *change) settle(res process.Result) error {
	if c.row.Seq == c.advance.row.Seq {
		c.row.Seq++ // the state changed without an entry; its number must say so to whoever compares numbers
	}
	state, err := json.Marshal(res.State)
	if err != nil {
		return fmt.Errorf("engine: state: %w", err)
	}
	if len(state) > maxState && c.hold == nil {
		return &stuck{c.row.ID, process.Text{
			ZH: fmt.Sprintf("流程状态超过 %d KB，无法继续", maxState>>10), EN: fmt.Sprintf("the state of the case is larger than %d KB", maxState>>10)}}
	}
	c.row.State, c.row.Status, c.row.Stage, c.row.WakeAt = state, res.State.Status, stage(res.State), micro(res.WakeAt)
	c.row.Initiator = res.State.Initiator
	c.row.Fresh = encodeFresh(res.Fresh)
	if !isLost(c.in.Process) {
		c.row.Subject = c.subject()
	}
	c.row.Held = nil
	if res.State.Held != nil {
		reason := store.Of(res.State.Held.Reason)
		c.row.Held = &reason
	}
	return nil
}

// subject is what the case is called in lists, which speak the company's language; a process that gives none is called by its title.
func (c *change) subject() string {
	if c.in.Process.Subject == nil {
		return c.in.Process.Title.In("zh")
	}
	initiator, of := c.row.Initiator, ""
	if r := c.in.State.Revokes; r != nil {
		initiator, of = r.Initiator, "撤销 "+r.Number+"："
	}
	return of + c.in.Process.Subject.Render(process.Env{
		Record: c.in.Record, Initiator: initiator, Now: c.at, Zone: zoneOf(c.lib), Names: c.nameOf, Records: c.refs, Departments: c.departmentOf,
	}).In("zh")
}

func (c *change) nameOf(id string) process.Text {
	if name, outside := process.OutsideName(id); outside {
		return name
	}
	if p, ok := c.dir.Person(id); ok && !p.Name.Empty() {
		return p.Name
	}
	return process.Same(id)
}

func (c *change) departmentOf(id string) process.Text {
	if d, ok := c.dir.Department(id); ok && !d.Name.Empty() {
		return d.Name
	}
	return process.Same(id)
}

// micro is a moment as precisely as PostgreSQL keeps it.
func micro(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	m := t.UTC().Truncate(time.Microsecond)
	return &m
}

// stage names the open steps.
func stage(st process.State) string {
	if st.Held != nil {
		return "held"
	}
	var steps []string
	for _, o := range st.Open {
		if !slices.Contains(steps, o.Step) {
			steps = append(steps, o.Step)
		}
	}
	return strings.Join(steps, ",")
}

// signal says what the workflow must hear. It is urgent when waiting would make it late: a start, an end, a moment earlier than the one it may have armed.
func (c *change) signal(v caseViewer) Signal {
	before := c.advance.row.WakeAt
	earlier := c.row.WakeAt != nil && (before == nil || c.row.WakeAt.Before(*before))
	s := signalOf(c.row, v.holders(), c.present)
	s.Starts, s.Urgent = c.isNew, c.isNew || s.Ended || earlier
	return s
}

// WorkflowID is the id of the workflow of a case: what people read on Temporal's page. Ids of processes hold no slash, so it is unique.
func WorkflowID(process, number string) string { return process + "/" + number }

// signalOf is a case's newest state as its workflow hears of it.
func signalOf(row store.CaseRow, holders []string, p store.Present) Signal {
	s := Signal{CaseID: row.ID, Workflow: WorkflowID(row.Process, row.Number), Seq: row.Seq, Stage: row.Stage, Holders: holders,
		WakeAt: row.WakeAt, Ended: row.Status == process.Ended, Outcome: str(row.Outcome)}
	if row.WakeAt != nil {
		real := p.RealOf(*row.WakeAt)
		s.WakeReal = &real
	}
	return s
}

// How long the server that committed has to deliver news by itself before a worker does. What isn't urgent waits there for newer news.
const (
	urgentGrace = 2 * time.Second
	CalmGrace   = 30 * time.Second
)

func (c *change) writeCase(answer Answer, s *Signal) error {
	w := store.CaseWrite{Case: c.row, New: c.isNew, Closed: c.closed, Timeline: c.entries, Notifications: c.told, Boxes: c.boxes, Key: c.key}
	for _, id := range c.order {
		w.Tasks = append(w.Tasks, *c.tasks[id])
	}
	var err error
	if w.Foreseen, err = c.foreseen(); err != nil {
		return err
	}
	if s != nil {
		if w.Outbox, err = c.outbox(*s); err != nil {
			return err
		}
	}
	if c.key != nil {
		if w.Answer, err = json.Marshal(answer); err != nil {
			return fmt.Errorf("engine: answer: %w", err)
		}
	}
	if !c.isNew && c.row.Initiator != c.advance.row.Initiator { // lists and boxes read it from the row
		if err := c.tx.SetInitiator(c.ctx, c.row.ID, c.row.Initiator); err != nil {
			return err
		}
	}
	return c.tx.SaveCase(c.ctx, w)
}

func (c *change) outbox(s Signal) (*store.OutboxRow, error) {
	payload, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("engine: signal: %w", err)
	}
	grace := CalmGrace
	if s.Urgent {
		grace = urgentGrace
	}
	return &store.OutboxRow{Topic: store.TopicCase, Key: s.CaseID, Seq: s.Seq, Urgent: s.Urgent, Starts: s.Starts, Payload: payload,
		Created: c.real, Due: c.real.Add(grace)}, nil
}

// answer is what the click gets: the task acted on, as it is now, and the case.
func (c *change) answer(v caseViewer) (Answer, error) {
	answer := Answer{Case: v.caseView(), Migration: c.verdict}
	if c.event.Task == "" {
		return answer, c.dir.Err()
	}
	t, ok := c.acted()
	if ok {
		view := v.taskRow(t)
		answer.Task = &view
	}
	return answer, c.dir.Err()
}

// acted is the row of the task acted on, made from the state that it was acted on in.
func (c *change) acted() (store.TaskRow, bool) {
	if t, ok := c.tasks[c.event.Task]; ok {
		return *t, true
	}
	t, ok := c.rowOfSeat(c.event.Task)
	for _, e := range c.closed {
		if e.ID == t.ID {
			at := e.At
			t.Status, t.Outcome, t.DecidedBy, t.DecidedAt, t.Comment = store.TaskClosed, opt(e.Outcome), e.By, &at, e.Comment
		}
	}
	return t, ok
}

func (c *change) rowOfSeat(id string) (store.TaskRow, bool) {
	for _, o := range c.in.State.Open {
		for _, s := range o.Seats {
			if s.Task != id {
				continue
			}
			step := c.in.Process.Step(o.Step)
			return c.taskRow(process.Task{ID: id, Step: o.Step, Item: o.Item, Round: o.Round, Kind: step.Kind, Title: step.Title, Assignee: s.Assignee,
				Candidates: s.Candidates, Excluded: process.Kept(c.in, id), Claim: s.Claim, Vacant: s.Vacant, Why: s.Why, OpenedAt: o.At, Due: s.Due,
				DueFrom: s.DueFrom, Calendar: s.Calendar, Provisional: s.Provisional}), true
		}
	}
	return store.TaskRow{}, false
}
