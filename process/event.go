package process

import "time"

// Event is one thing that happens to a case. Its time is taken once, by whoever calls Apply, and is never before the case's last.
type Event struct {
	Kind    EventKind
	At      time.Time
	By      string // who did it: a user id; empty for the system
	Admin   bool   // By has the right of an administrator, who may act on any task, with a reason
	Task    string // acts on a task name it
	Outcome string // complete: which outcome; default the step's only one
	Comment string
	To      string // assign, transfer: a person; return: a step
	Fields  Fields // what the form filled in, already of the fields' canonical types
	Seen    string // digest of what the actor saw; empty: the present content counts
}

// EventKind names what happened.
type EventKind string

// The events of a case. Acts on a task carry the verb of the API.
const (
	EventStart    EventKind = "start"
	EventTick     EventKind = "tick" // a moment may have come; nothing due is fine
	EventApprove  EventKind = "approve"
	EventReject   EventKind = "reject"
	EventReturn   EventKind = "return"
	EventComplete EventKind = "complete"
	EventClaim    EventKind = "claim"
	EventRelease  EventKind = "release"
	EventAssign   EventKind = "assign"
	EventResume   EventKind = "resume" // an administrator lets a held case try again
)
