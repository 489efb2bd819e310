// Package engine turns one event into one transaction: it locks, loads, asks process.Apply, and writes.
// The server and the activities call it alike; it knows neither HTTP nor Temporal.
package engine

import (
	"time"

	"github.com/crmflow/crmflow/process"
)

// Request is who asks, and under which key. The same caller's same key has one effect and one answer, for 24 hours of real time.
type Request struct {
	Caller string // a user id
	Admin  bool   // has the role administrator
	Key    string // Idempotency-Key; empty: not repeatable
	Body   []byte // what was sent (method, path and body): the same key with another one is refused with key_reused
	Link   []byte // hash of the link by which it was asked; nil: by none. The transaction uses it up, and one that was used is refused with [ErrLinkUsed]
}

// StartCommand starts a case, on a record that exists or on one that is made with it.
type StartCommand struct {
	Process string
	Record  *process.Reference // or
	With    map[string]any     // fields of a new record
	Picks   []string           // whom the initiator picks for the first step that lets them
}

// ActCommand is an act on a task, as sent.
type ActCommand struct {
	Task    string
	Act     process.EventKind
	Outcome string
	Comment string
	Reason  string // stop_clock: one of the step's reasons
	Fields  map[string]any
	To      string
	People  []string // add_approver, remove_approver
	Picks   []string // whom the act picks for a later step
	Items   []string // return with `only: chosen`
	Where   string   // add_approver: before, after, beside
	Mode    string   // add_approver of several: first, all, in_turn
	Step    string   // add_approver, remove_approver at a step not reached yet
	Sign    string   // digest of the signature
	// SignFile is the image of the signature: an upload of the caller's. Its digest is the signature's.
	SignFile string
	Seen     string
}

// CaseCommand is an act on a case as a whole, as sent.
type CaseCommand struct {
	Case    string
	Act     process.EventKind
	Comment string   // the reason
	To      string   // jump: a step
	Items   []string // jump to an `each`: only these
}

// Answer is what the click gets: what happened, what is next, who has it. It is stored under the request's key, so it holds no moment of its own and no language.
type Answer struct {
	Task *TaskView `json:"task,omitempty"` // acts on a task
	Case CaseView  `json:"case"`

	Migration *process.Verdict `json:"migration,omitempty"` // of a migration: the verdict
}

// CaseView is a case as people see it.
type CaseView struct {
	ID        string            `json:"id"`
	Number    string            `json:"number"`
	Subject   string            `json:"subject"`
	Shows     []string          `json:"shows"` // the fields that the subject shows; nil: nobody knows which
	Process   string            `json:"process"`
	Title     process.Text      `json:"title"` // of the process
	Version   int               `json:"version"`
	Record    process.Reference `json:"record"`
	Initiator string            `json:"initiator"`
	Status    string            `json:"status"`
	Outcome   string            `json:"outcome,omitempty"`
	Held      *process.Text     `json:"held,omitempty"`
	StartedAt time.Time         `json:"started_at"`
	EndedAt   *time.Time        `json:"ended_at,omitempty"`
	Steps     []process.StepRun `json:"steps"`
	Open      []OpenView        `json:"open"`
	Waits     []WaitView        `json:"waits,omitempty"`
	Clocks    []ClockView       `json:"clocks"`
	Actions   []string          `json:"actions"`                  // what the initiator may do with the case now
	Admin     []string          `json:"admin_actions"`            // and an administrator
	Beside    []string          `json:"beside_actions,omitempty"` // and whoever looks, beside the machine: comment, urge, copy; none where nobody in particular does
}

// ClockView is a clock of a case. Used is in working minutes, or elapsed ones where the clock's limit is of the wall clock.
type ClockView struct {
	ID     string       `json:"id"`
	Title  process.Text `json:"title"`
	Target *time.Time   `json:"target,omitempty"` // nil while nobody can say it: the clock stands still
	Status string       `json:"status"`           // running, stopped, done
	Used   int          `json:"used_minutes"`
}

// OpenView is one open task of a case.
type OpenView struct {
	Task  string       `json:"task"`
	Step  string       `json:"step"`
	Item  string       `json:"item,omitempty"`
	Title process.Text `json:"title"`
	Who   []string     `json:"who"` // user ids: the assignee, or all who may fill the seat
	DueAt *time.Time   `json:"due_at,omitempty"`
}

// WaitView is an open step of a case for which nobody has a task: it waits for a moment, an event, another case or another system.
type WaitView struct {
	Step  string       `json:"step"`
	Item  string       `json:"item,omitempty"`
	Title process.Text `json:"title"`
	DueAt *time.Time   `json:"due_at,omitempty"`
}

// TaskView is a task as people see it, before the server leaves out what the reader may not see.
type TaskView struct {
	ID         string            `json:"id"`
	Case       string            `json:"case"`
	Number     string            `json:"number"`
	Subject    string            `json:"subject"`
	Shows      []string          `json:"shows"` // the fields that the subject shows; nil: nobody knows which
	Summary    process.Fields    `json:"summary"`
	Process    string            `json:"process"`
	Of         process.Text      `json:"of"` // the title of the process
	Step       string            `json:"step"`
	Item       string            `json:"item,omitempty"`
	Round      int               `json:"round"`
	Kind       string            `json:"kind"`
	Title      process.Text      `json:"title"`
	Record     process.Reference `json:"record"`
	Status     string            `json:"status"` // open, closed
	Assignee   string            `json:"assignee,omitempty"`
	Candidates []string          `json:"candidates"` // user ids
	Why        process.Text      `json:"why"`
	OpenedAt   time.Time         `json:"opened_at"`
	DueAt      *time.Time        `json:"due_at,omitempty"`
	DueBecause process.Text      `json:"due_because"`
	Overdue    bool              `json:"overdue"`
	Form       []FormField       `json:"form"`
	Outcomes   []string          `json:"outcomes"` // what complete may be given
	Seen       string            `json:"seen"`
	Outcome    string            `json:"outcome,omitempty"`
	DecidedBy  string            `json:"decided_by,omitempty"`
	DecidedAt  *time.Time        `json:"decided_at,omitempty"`
	Comment    string            `json:"comment,omitempty"`
	Actions    []string          `json:"actions"`             // what whoever looks may do now; none where nobody in particular does
	Signed     bool              `json:"signed,omitempty"`    // its step asks for a signature
	ByItself   bool              `json:"by_itself,omitempty"` // it is never decided together with others
	Hides      []string          `json:"hides,omitempty"`     // the fields that its step hides

	Brief []*process.Field `json:"-"` // the fields of the summary, in order
	Ways  []WayView        `json:"-"` // how they may answer it, where [Viewer.Ways] was asked
	Stops []StopView       `json:"-"`
}

// FormField is one field of a task's form.
type FormField struct {
	Field    string       `json:"field"`
	Title    process.Text `json:"title"`
	Type     string       `json:"type"`
	Of       []string     `json:"of,omitempty"`
	Access   string       `json:"access"` // read, edit
	Required bool         `json:"required"`
	Value    any          `json:"value,omitempty"`
	Within   string       `json:"within,omitempty"`   // a column of an item's line: the lines that it stands in
	Supplied bool         `json:"supplied,omitempty"` // the system fills it in, see [Viewer.Supply]

	Declared *process.Field `json:"-"` // as the record type has it, or the lines whose column it is
}

// Signal is what a case's workflow must hear after a commit. It carries ids, step names and moments, no personal data.
type Signal struct {
	CaseID   string     `json:"case"`
	Workflow string     `json:"workflow"` // workflow id: process and case number
	Seq      int        `json:"seq"`
	Stage    string     `json:"stage"`
	Holders  []string   `json:"holders"`
	WakeAt   *time.Time `json:"wake_at,omitempty"`   // business time, to be read
	WakeReal *time.Time `json:"wake_real,omitempty"` // the machine's time, to be waited for
	Ended    bool       `json:"ended"`
	Outcome  string     `json:"outcome,omitempty"`
	Urgent   bool       `json:"urgent"` // start, end, or an earlier moment than the workflow knows
	Starts   bool       `json:"starts"`
}
