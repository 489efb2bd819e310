package process

import "time"

// Event is one thing that happens to a case. Its time is taken once, by whoever calls Apply, and is never before the case's last.
type Event struct {
	Kind    EventKind
	At      time.Time
	By      string   // who did it: a user id; empty for the system
	Admin   bool     // By has the right of an administrator, who may act on any task, with a reason
	Task    string   // acts on a task name it
	Outcome string   // complete: which outcome, default the step's only one. EventCalled: the sub-case's
	Comment string   // also the reason of an administrator's act
	Reason  string   // stop_clock: one of the step's reasons
	To      string   // assign, transfer: a person; return, jump: a step, or "initiator"
	People  []string // add, remove: people
	Picks   []string // who shall be asked at the step that lets this act pick
	Items   []string // return with `only: chosen`: the items that go back
	Where   string   // add: before, after, beside
	Mode    string   // add of several: first, all, in_turn
	Step    string   // add to a step not reached yet; EventAnswered: the step that asked, which may have been left
	Sign    string   // digest of the signature
	Signed  string   // the file that holds its image; empty: it is kept elsewhere
	Fields  Fields   // what the form filled in, already of the canonical types of [Process.FormField]
	Seen    string   // digest of what the actor saw; empty: the present content counts
	Name    string   // EventHappened: the event's name
	Caused  bool     // EventHappened: this case wrote what made it happen, so it takes no notice
	Call    string   // EventCalled, EventAnswered: which call or request
	Answer  any      // EventAnswered: the body, as JSON values
	Failed  Text     // EventAnswered: why there is no answer. EventCalled: why the sub-case couldn't begin; of one that nobody waits for, Step called it. Empty: it went well
	From    string   // EventHandover: who has left
	// Initiator is, of an EventHandover, who counts as having started the case from now on where From did; empty: nobody else
	Initiator string
	Tries     int // EventAnswered: how often it was called for that; 0: nobody counted

	Map map[string]string // EventMigrate: where the case goes on, by the steps where it stands; those that have another id now, by their old ones
}

// EventKind names what happened.
type EventKind string

// The events of a case. Acts carry the verb of the API, with an underscore for its hyphen.
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

	EventTransfer   EventKind = "transfer"
	EventAdd        EventKind = "add_approver"
	EventRemove     EventKind = "remove_approver"
	EventTakeBack   EventKind = "take_back"
	EventStopClock  EventKind = "stop_clock"
	EventStartClock EventKind = "start_clock"

	EventWithdraw EventKind = "withdraw" // by the initiator while it runs
	EventCancel   EventKind = "cancel"   // by an administrator
	EventSuspend  EventKind = "suspend"
	EventResume   EventKind = "resume" // an administrator lets a suspended case go on, or a held one try again
	EventJump     EventKind = "jump"
	EventMigrate  EventKind = "migrate" // by an administrator: the case goes on by another version, in Input.Next
	EventUndo     EventKind = "undo"    // runs the undo list of an approved case: what a revoking case does at its end

	EventHappened  EventKind = "happened"  // something happened to the record: `until`, `wait: {on}`
	EventCalled    EventKind = "called"    // a sub-case ended
	EventLeft      EventKind = "left"      // of a sub-case: its caller waits for it no more; Outcome is how it ends
	EventAnswered  EventKind = "answered"  // a request was answered, or failed
	EventRecompute EventKind = "recompute" // a calendar has changed: open moments are counted anew, once
	EventHandover  EventKind = "handover"  // somebody has left: what is still theirs goes to To
	EventPeople    EventKind = "people"    // somebody became absent or left: what is with them is looked at again
)
