package process

import (
	"maps"
	"time"
)

// StateFormat is the format number this software writes. A state of a newer format is refused, never guessed at.
const StateFormat = 1

// Status of a case.
const (
	Running   = "running"
	Suspended = "suspended"
	Ended     = "ended"
)

// State is everything a running case must remember: live rounds and last decisions only. What is past stands in the event log.
type State struct {
	Format    int               `json:"format"`
	Case      string            `json:"case"` // opaque id; task ids begin with it
	Status    string            `json:"status"`
	Outcome   string            `json:"outcome,omitempty"`
	Held      *Held             `json:"held,omitempty"`
	Initiator string            `json:"initiator"`
	StartedAt time.Time         `json:"started_at"`
	LastAt    time.Time         `json:"last_at"`
	Calendar  string            `json:"calendar,omitempty"`
	Tasks     int               `json:"tasks"`            // how many task ids were given out
	Scopes    []Scope           `json:"scopes,omitempty"` // a tree, parents first; Scopes[0] is the chain itself
	NextScope int               `json:"next_scope"`
	Open      []Open            `json:"open,omitempty"`   // steps that wait for people, oldest first
	Steps     []StepRun         `json:"steps,omitempty"`  // in the order they were first reached
	Uses      map[string]int    `json:"uses,omitempty"`   // how often a way with at_most was taken: "step.outcome"
	Actors    map[string]string `json:"actors,omitempty"` // who gave the last decision of each step
}

// Scope is one run of a list of steps: the chain itself, the steps of an outcome, later a branch or an item.
type Scope struct {
	ID     int    `json:"id"`
	Parent int    `json:"parent,omitempty"` // 0: none
	List   string `json:"list"`
	At     string `json:"at"` // the step where it stands
	Item   string `json:"item,omitempty"`
}

// StepRun says how far a step has come, for whoever looks at the case.
type StepRun struct {
	Step   string `json:"step"`
	Item   string `json:"item,omitempty"`
	Status string `json:"status"` // open, done, returned, passed_over, left
	Round  int    `json:"round"`
}

// Open is a step that waits for people.
type Open struct {
	Scope int       `json:"scope"`
	Step  string    `json:"step"`
	Item  string    `json:"item,omitempty"`
	Round int       `json:"round"`
	At    time.Time `json:"at"`
	Seats []Seat    `json:"seats"`
}

// Seat is one place at a step, filled by one person.
type Seat struct {
	Task        string      `json:"task"`               // its task's id
	Assignee    string      `json:"assignee,omitempty"` // empty: any one of Candidates may fill it
	Candidates  []Principal `json:"candidates,omitempty"`
	Claim       bool        `json:"claim,omitempty"`    // must be claimed before it can be done
	Excluded    []string    `json:"excluded,omitempty"` // people who may not fill it (not_same_as)
	Vacant      bool        `json:"vacant,omitempty"`   // nobody was found: an administrator assigns
	Why         Text        `json:"why"`
	Due         *time.Time  `json:"due,omitempty"`
	DueFrom     *time.Time  `json:"due_from,omitempty"` // what Due was counted from
	Calendar    string      `json:"calendar,omitempty"` // name the due moment was counted by
	Provisional bool        `json:"provisional,omitempty"`
	Alarms      []Alarm     `json:"alarms,omitempty"` // in the order they come
	HandedUp    int         `json:"handed_up,omitempty"`
	Vote        *Vote       `json:"vote,omitempty"`
}

// Alarm is a moment armed for a seat.
type Alarm struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"` // remind, rung
	N    int       `json:"n"`    // which entry of remind or late
}

// Vote is a seat's answer.
type Vote struct {
	By      string    `json:"by"`
	Outcome string    `json:"outcome"`
	At      time.Time `json:"at"`
	Seen    string    `json:"seen,omitempty"` // digest of what was shown
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
	for i := range s.Open {
		s.Open[i].Seats = append([]Seat(nil), s.Open[i].Seats...)
		for j := range s.Open[i].Seats {
			seat := &s.Open[i].Seats[j]
			seat.Alarms = append([]Alarm(nil), seat.Alarms...)
		}
	}
	s.Uses = maps.Clone(s.Uses)
	s.Actors = maps.Clone(s.Actors)
	if s.Held != nil {
		held := *s.Held
		s.Held = &held
	}
	return s
}
