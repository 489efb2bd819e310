package process

import "time"

// Effect is one thing that follows from an event and that the engine carries out in the event's own transaction.
type Effect interface{ effect() }

// OpenTask puts a task into people's inboxes.
type OpenTask struct{ Task Task }

// ChangeTask replaces who has an open task and when it is due.
type ChangeTask struct{ Task Task }

// CloseTask takes a task out of the inboxes. Outcome is "voided" where it was never decided.
type CloseTask struct {
	ID      string
	Outcome string
	By      string // empty: the system
	At      time.Time
	Comment string
}

// Task is one seat's work as people meet it.
type Task struct {
	ID          string
	Step        string
	Item        string
	Round       int
	Kind        string // approve, task, held
	For         string // Assignee stands in for this person
	Added       *Added
	Stopped     *Stop
	Waits       bool // for an opinion that somebody gives first
	Title       Text
	Assignee    string
	Candidates  []Principal
	Excluded    []string
	Claim       bool
	Vacant      bool
	Why         Text
	OpenedAt    time.Time
	Due         *time.Time
	DueFrom     *time.Time
	Calendar    string
	Provisional bool
}

// Log is one entry of the timeline.
type Log struct{ Entry Entry }

// Entry says what happened, for the timeline. Seq is given by the engine, in order.
type Entry struct {
	Seq     int            `json:"seq"`
	At      time.Time      `json:"at"`
	Event   string         `json:"event"`
	Step    string         `json:"step,omitempty"`
	Item    string         `json:"item,omitempty"`
	Task    string         `json:"task,omitempty"`
	By      string         `json:"by,omitempty"`
	For     string         `json:"for,omitempty"`
	Outcome string         `json:"outcome,omitempty"`
	Comment string         `json:"comment,omitempty"`
	Reason  string         `json:"reason,omitempty"`
	Data    map[string]any `json:"data,omitempty"`
}

// Tell lets people know. To may be empty when a rule named nobody; then nothing is sent.
type Tell struct {
	To    []string // user ids
	About string   // opened, reminded, late, handed_up, returned, ended, notify, held, assigned
	Task  string   // empty: about the case
	Step  string
	Text  Text
	At    time.Time
}

// ChangeRecord writes fields of the case's own record; a nil value empties the field.
type ChangeRecord struct{ Fields map[string]any }

// CreateRecord makes a new record. Step is the step that asked for it: when the record is refused (a unique field), the case is held there.
type CreateRecord struct {
	Type   string
	Fields Fields
	Step   string
}

// ChangeOther writes fields of another record, along a reference. Was holds what the machine saw in them: when that has changed meanwhile,
// the event is tried again from the start.
type ChangeOther struct {
	Record Reference
	Fields map[string]any
	Was    map[string]any
	Step   string
}

// CallCase starts another process as a sub-case. With Wait its end comes back as [EventCalled] with the same Call.
type CallCase struct {
	Call    string
	Process string
	With    Fields // of the record that it makes; nil: it is about this case's record, where that is of the same type
	Wait    bool
	Step    string
}

// EndCall ends a sub-case that nobody waits for any more: withdrawn, cancelled or voided with its parent's step.
type EndCall struct {
	Call    string
	Outcome string
}

// CallSystem calls a configured system. Its answer comes back as [EventAnswered] with the same Call.
type CallSystem struct {
	Call   string
	To     string
	Method string
	Path   string
	Body   map[string]any
	Step   string
}

// CopyTo puts the case, or a step's part of it, into people's copied box.
type CopyTo struct {
	To   []string
	Step string // empty: the case
	Text Text
	At   time.Time
}

// EndCase closes the case with its outcome.
type EndCase struct {
	Outcome string
	At      time.Time
}

func (OpenTask) effect()     {}
func (ChangeTask) effect()   {}
func (CloseTask) effect()    {}
func (Log) effect()          {}
func (Tell) effect()         {}
func (ChangeRecord) effect() {}
func (CreateRecord) effect() {}
func (EndCase) effect()      {}
func (ChangeOther) effect()  {}
func (CallCase) effect()     {}
func (EndCall) effect()      {}
func (CallSystem) effect()   {}
func (CopyTo) effect()       {}
