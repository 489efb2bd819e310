package process

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// StateFormat is the newest format that this software understands. A state of a newer one is refused, never guessed at; one of format 1 is read as it is.
// Each case is written in the oldest format that says what it may do, so that the software before this one goes on with all cases that it can carry out.
const StateFormat = FormatScoped

// Formats of states since the second release.
const (
	FormatPlain  = 2
	FormatCalls  = 3 // of cases that call others, are called, or ask systems: an older software would lose what they ask for
	FormatLinked = 4 // of cases that can be revoked, and of those that revoke them: an older software would let them end and nothing follow
	FormatScoped = 5 // of chains that ask by the scope of a role, by who is in charge, by what a field names, or outside: an older software would find nobody, or forget whom a seat asks
)

// Status of a case.
const (
	Running   = "running"
	Suspended = "suspended"
	Ended     = "ended"
)

// State is everything a running case must remember: live rounds and last decisions only. What is past stands in the event log.
type State struct {
	Format    int                 `json:"format"`
	Case      string              `json:"case"` // opaque id; task ids begin with it
	Status    string              `json:"status"`
	Outcome   string              `json:"outcome,omitempty"`
	Held      *Held               `json:"held,omitempty"`
	Initiator string              `json:"initiator"`
	StartedAt time.Time           `json:"started_at"`
	LastAt    time.Time           `json:"last_at"`
	Suspended *time.Time          `json:"suspended,omitempty"` // since when
	Calendar  string              `json:"calendar,omitempty"`
	Tasks     int                 `json:"tasks"`            // how many task ids were given out
	Calls     int                 `json:"calls,omitempty"`  // how many calls and requests were made
	Scopes    []Scope             `json:"scopes,omitempty"` // a tree, parents first; Scopes[0] is the chain itself
	NextScope int                 `json:"next_scope"`
	Open      []Open              `json:"open,omitempty"`     // steps that wait, oldest first
	Queue     []Pending           `json:"queue,omitempty"`    // steps that the chain has yet to arrive at, while the case is held or suspended
	Steps     []StepRun           `json:"steps,omitempty"`    // in the order they were first reached
	Clocks    []ClockRun          `json:"clocks,omitempty"`   // of those clocks that have begun
	Uses      map[string]int      `json:"uses,omitempty"`     // how often a way with at_most was taken: "step.outcome"
	Actors    map[string]string   `json:"actors,omitempty"`   // who gave the last decision of each step; "step@item" inside an each, and "step" for the last of any
	Outcomes  map[string]string   `json:"outcomes,omitempty"` // the last outcome of each decided step that an expression asks for; keys as Actors
	Before    json.RawMessage     `json:"before,omitempty"`   // the record's fields at the start that `before.…` asks for
	Decided   json.RawMessage     `json:"decided,omitempty"`  // outputs of decision tables, by name
	Picks     map[string][]string `json:"picks,omitempty"`    // whom somebody picked, by the step where they are asked
	Deciders  map[string][]string `json:"deciders,omitempty"` // everybody who decided the last round of a step that a not_same_as names; keys as Actors
	Agreed    []Approval          `json:"agreed,omitempty"`   // who agreed to what, where a step asks about the same person again; oldest first
	Passed    []Passed            `json:"passed,omitempty"`   // effects that an undo would have to deal with, oldest first
	Backs     []Back              `json:"backs,omitempty"`    // returns that lead straight back
	Later     []Later             `json:"later,omitempty"`    // people added to steps not reached yet
	Rounds    []Round             `json:"rounds,omitempty"`   // decided rounds whose branch waits for others: a vote can still be taken back
	Entries   int                 `json:"entries,omitempty"`  // how many steps were entered
	Entered   map[string]int      `json:"entered,omitempty"`  // the ordinal of each step's last entry, as far as it still counts; keys as Actors
	Revokes   *Revokes            `json:"revokes,omitempty"`  // the case that this one is to revoke; nil: none

	Signed map[string]json.RawMessage `json:"signed,omitempty"` // of approvals that are void: what was in the fields that have changed since; keys as Actors
}

// standsStill says whether nobody can act on a case for now.
func (s *State) standsStill() bool { return s.Status == Suspended || s.Held != nil }

// Scope is one run of a list of steps: the chain itself, the steps of an outcome, a branch, a stage, an item. A scope has children only below the
// step where it stands; when the last of them is gone, it goes on.
type Scope struct {
	ID     int    `json:"id"`
	Parent int    `json:"parent,omitempty"` // 0: none
	List   string `json:"list"`
	At     string `json:"at"`             // the step where it stands
	Item   string `json:"item,omitempty"` // of the innermost `each` around it: the keys of the items from outside in, joined by "/"
	Last   string `json:"last,omitempty"` // the step that people decided last on the way here; a key as of Actors
}

// Approval is one person's agreement at a step, and what they saw.
type Approval struct {
	Step  string `json:"step"`
	Item  string `json:"item,omitempty"`
	Round int    `json:"round"`
	By    string `json:"by"`
	Seen  string `json:"seen"` // digest of what the step depends on, with their own changes
	All   string `json:"all"`  // digest of the whole record
}

// Pending is a step that the chain has yet to arrive at.
type Pending struct {
	Scope int      `json:"scope"`
	Step  string   `json:"step"`
	Items []string `json:"items,omitempty"` // of an `each`: only these; none: all
	Again bool     `json:"again,omitempty"` // entered in its old place: what was passed since stands
	Who   string   `json:"who,omitempty"`   // who returned the case from here
}

// StepRun says how far a step has come, for whoever looks at the case.
type StepRun struct {
	Step   string `json:"step"`
	Item   string `json:"item,omitempty"`
	Status string `json:"status"` // open, done, returned, passed_over, left, voided (its approval, or one in it, no longer holds: it is asked again)
	Round  int    `json:"round"`
}

// Open is a step that waits: for people (Seats), for a moment or an event (its Timer, On), for another case or a system (Call).
// A stage is open as long as its steps run.
type Open struct {
	Scope   int             `json:"scope"`
	Step    string          `json:"step"`
	Item    string          `json:"item,omitempty"`
	Round   int             `json:"round"`
	At      time.Time       `json:"at"`
	Seats   []Seat          `json:"seats,omitempty"`
	Turn    []Seat          `json:"turn,omitempty"`    // who is asked later: in_turn, added after somebody
	Base    int             `json:"base,omitempty"`    // votes: the weight of the step's own seats when it opened, and of those who have agreed before
	Counted []Counted       `json:"counted,omitempty"` // votes: who has agreed before and isn't asked again (same_again)
	On      string          `json:"on,omitempty"`      // the event it waits for
	Call    string          `json:"call,omitempty"`    // the sub-case or request it waits for
	Matter  json.RawMessage `json:"matter,omitempty"`  // reapprove_if_changed: what stood in those fields when people approved here
	Timer
}

// Counted is somebody whose earlier agreement counts in a vote.
type Counted struct {
	By     string `json:"by"`
	Weight int    `json:"weight"`
}

// Timer is a limit that runs: of a seat, a wait, a stage or a clock.
type Timer struct {
	Due         *time.Time `json:"due,omitempty"`
	DueFrom     *time.Time `json:"due_from,omitempty"` // when the limit began
	Within      string     `json:"within,omitempty"`   // the limit as it was fixed then: "2 working days", "10 working days before 2026-12-31"
	Calendar    string     `json:"calendar,omitempty"` // name the due moment was counted by
	Provisional bool       `json:"provisional,omitempty"`
	Alarms      []Alarm    `json:"alarms,omitempty"` // in the order they come
	Stop        *Stop      `json:"stop,omitempty"`   // it stands still
	Rest        *Rest      `json:"rest,omitempty"`   // it stood still: Due is counted from here
}

// Rest is what was left of a timer when it went on after it had stood still, and what of it was used. Both are working time, or elapsed time
// when its limit is of the wall clock. Nothing left: it was late already, and Due stands.
type Rest struct {
	At   time.Time     `json:"at"`
	Used time.Duration `json:"used"`
	Left time.Duration `json:"left"`
}

// Stop is a timer that stands still: what is left of it is fixed, and counted on from the restart.
type Stop struct {
	Reason string        `json:"reason,omitempty"`
	At     time.Time     `json:"at"`
	Until  *time.Time    `json:"until,omitempty"` // then it goes on by itself
	Used   time.Duration `json:"used,omitempty"`  // as in [Rest]
	Left   time.Duration `json:"left,omitempty"`
}

// ClockRun is a case clock: running between its anchors, or standing still. What it has used, [Timer.UsedMinutes] says.
type ClockRun struct {
	ID   string `json:"id"`
	Done bool   `json:"done,omitempty"` // its end was reached: it stands still until it is opened again
	Timer
}

// Seat is one place at a step, filled by one person.
type Seat struct {
	Task       string      `json:"task"`               // its task's id
	Assignee   string      `json:"assignee,omitempty"` // empty: any one of Candidates may fill it
	Candidates []Principal `json:"candidates,omitempty"`
	Claim      bool        `json:"claim,omitempty"`    // must be claimed before it can be done
	Excluded   []string    `json:"excluded,omitempty"` // people who may not fill it (not_same_as)
	Vacant     bool        `json:"vacant,omitempty"`   // nobody was found: an administrator assigns
	Why        Text        `json:"why"`
	HandedUp   int         `json:"handed_up,omitempty"`
	Had        []string    `json:"had,omitempty"` // who had it before; it is handed up to none of them
	Vote       *Vote       `json:"vote,omitempty"`
	Added      *Added      `json:"added,omitempty"`   // somebody added it
	For        string      `json:"for,omitempty"`     // Assignee stands in for this person
	Rule       int         `json:"rule,omitempty"`    // which entry of `by` it comes from, from 1; 0: none
	Asked      *time.Time  `json:"asked,omitempty"`   // when, if later than its step was opened, or if it is asked again because an answer was taken back
	Weight     int         `json:"weight,omitempty"`  // votes: how much its vote counts; 0 is 1
	Veto       bool        `json:"veto,omitempty"`    // votes: its refusal alone rejects
	Outside    *Outside    `json:"outside,omitempty"` // somebody without an account, who may answer, too: Assignee or Candidates stand in for them
	Timer
}

// Added says how a seat came to be added.
type Added struct {
	By    string `json:"by"`              // who added it
	Where string `json:"where"`           // before, after, beside
	Seat  string `json:"seat,omitempty"`  // the task it was added at; empty: added before the step was reached
	Mode  string `json:"mode,omitempty"`  // among several added together
	Group int    `json:"group"`           // the same for those added together
	Waits bool   `json:"waits,omitempty"` // after, in_turn: not asked yet, so it stands in Turn
	Moved bool   `json:"moved,omitempty"` // handed on already, which may be done once
}

// Later are people added to a step not reached yet. They are asked, beside its own, whenever it opens.
type Later struct {
	Step   string   `json:"step"`
	Item   string   `json:"item,omitempty"` // only for this item and those below it
	By     string   `json:"by"`
	People []string `json:"people"`
	Mode   string   `json:"mode,omitempty"`
}

// Round is a decided round of a step with which its branch came to its end, while others of the join still run and nothing else followed.
type Round struct {
	Open   Open    `json:"open"`
	Scopes []Scope `json:"scopes"`          // those that ended with it, parents first
	Backs  []Back  `json:"backs,omitempty"` // straight ways back that were gone with it
}

// Alarm is a moment armed for a timer.
type Alarm struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"` // remind, rung, until (a wait is over)
	N    int       `json:"n"`    // which entry of remind or late
}

// Vote is a seat's answer.
type Vote struct {
	By      string    `json:"by"`
	Outcome string    `json:"outcome"`
	At      time.Time `json:"at"`
	Seen    string    `json:"seen,omitempty"` // digest of what was shown
}

// Passed is an effect that was carried out and may have to be undone.
type Passed struct {
	Step string          `json:"step"`
	Item string          `json:"item,omitempty"`
	Seq  int             `json:"seq"`           // the ordinal of the entry that made it
	Was  json.RawMessage `json:"was,omitempty"` // undo: restore – the fields before
}

// Back is a return with `resume: back`: when To is done again, the chain goes straight to From.
type Back struct {
	To   string `json:"to"`
	From string `json:"from"`
	Item string `json:"item,omitempty"`
	Who  string `json:"who,omitempty"` // who returned it

	Behind bool `json:"behind,omitempty"` // To was asked again because what it had approved was changed: the chain goes on behind From
}

// Held says why a case can't go on by itself.
type Held struct {
	Reason Text   `json:"reason"`
	Task   string `json:"task"`            // the administrator's task
	Scope  int    `json:"scope,omitempty"` // the effect step to try again …
	Step   string `json:"step,omitempty"`  // … empty: nothing to try, only go on
}

// clone copies the state deeply, so that Apply never changes the one it was given.
func (s State) clone() State {
	s.Scopes = append([]Scope(nil), s.Scopes...)
	s.Steps = append([]StepRun(nil), s.Steps...)
	s.Open = append([]Open(nil), s.Open...)
	s.Queue = slices.Clone(s.Queue)
	for i := range s.Open {
		o := &s.Open[i]
		o.Alarms = slices.Clone(o.Alarms)
		o.cloneSeats()
	}
	s.Clocks = slices.Clone(s.Clocks)
	for i := range s.Clocks {
		s.Clocks[i].Alarms = slices.Clone(s.Clocks[i].Alarms)
	}
	s.Uses = maps.Clone(s.Uses)
	s.Actors = maps.Clone(s.Actors)
	s.Outcomes = maps.Clone(s.Outcomes)
	s.Picks, s.Deciders, s.Entered = maps.Clone(s.Picks), maps.Clone(s.Deciders), maps.Clone(s.Entered)
	s.Agreed, s.Signed = slices.Clone(s.Agreed), maps.Clone(s.Signed)
	s.Passed, s.Backs = slices.Clone(s.Passed), slices.Clone(s.Backs)
	s.Later, s.Rounds = slices.Clone(s.Later), slices.Clone(s.Rounds)
	if s.Held != nil {
		held := *s.Held
		s.Held = &held
	}
	return s
}

func (o *Open) cloneSeats() {
	o.Seats, o.Turn, o.Counted = slices.Clone(o.Seats), slices.Clone(o.Turn), slices.Clone(o.Counted)
	for j := range o.Seats {
		o.Seats[j].Alarms = slices.Clone(o.Seats[j].Alarms)
	}
}
