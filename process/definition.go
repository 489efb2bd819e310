package process

import "strings"

// Position is a place in a definition file, counted from 1.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// Process is a chain as its owner wrote it, loaded and checked. It is immutable once loaded.
type Process struct {
	ID               string
	Title            Text
	Record           string // the record type it is about
	Number           string // pattern of the case number, e.g. "KH{yyyyMM}{0000}"
	Subject          *Template
	Summary          []string // fields every row and message shows
	StartBy          []Principal
	OneOpenPerRecord bool
	Resubmit         *Resubmit
	Calendar         string // empty: the company's
	Steps            *List

	Type  *RecordType            // Record, resolved
	Types map[string]*RecordType // every record type the chain touches, by id

	Source string // the document as it was written
	Digest string // "sha256:…" of Source

	byID map[string]*Step
}

// Resubmit is the step that `go: resubmit` opens for the initiator; its ID is [ResubmitStep].
type Resubmit = Step

// ResubmitStep is the id of the step that `go: resubmit` opens. No step of a chain may have it.
const ResubmitStep = "resubmit"

// List is a run of steps in the order they are written.
type List struct {
	Path  string // where it stands: "steps", "steps.review.on.approved.steps"
	Steps []*Step
}

// Step is one step of a chain: what all kinds share, and in Do what its kind adds.
type Step struct {
	ID    string // as written, or "{kind}-{n}" where the owner gave none
	Title Text
	At    Position
	Kind  string // "approve", "task", …: the key that carries the title
	Do    Kind   // what only this kind has
	If    *Expr  // nil: always
	Aside bool   // reached only by `go`

	Who  *Who // nil for steps that ask nobody
	Form Form
	Time Time
	Ways map[string]*Way // by outcome; for approve also the defaults, so that a nil entry means: no such button
	Then *Way            // `then:` of steps without outcomes

	list  *List // where it stands
	index int
}

// Form is what the people of a step see and may change.
type Form struct {
	Show            []string // nil: the whole record
	Hide            []string
	Edit            []Edit
	CommentRequired []string // outcomes that need a comment
	Reapprove       []string // reapprove_if_changed
	NoBulk          bool
}

// Edit is one field that a step may change.
type Edit struct {
	Field    string
	Required bool
}

// Time is a step's limit and what happens around it.
type Time struct {
	Due    *Limit  // nil: no limit
	Remind []Limit // before the due moment
	Late   []Rung  // the ladder; the process's own where the step has none
}

// Rung is one entry of a late ladder: a moment and what is done then.
type Rung struct {
	Percent  int    // 100 for `at: due`; 80 for `at: 80%`; used when After is nil
	After    *Limit // counted from the due moment
	Tell     []By
	HandUp   bool
	Transfer *By
	Outcome  string // the system decides, and it is printed so
	At       Position
}

// Way is what follows an outcome.
type Way struct {
	End     string // ends the case with this outcome
	Go      string // a step of the same or an enclosing list, or ResubmitStep
	Steps   *List  // done, then the chain goes on
	Require []string
	Set     []Assign
	AtMost  int  // 0: any number of times
	Else    *Way // `then:` once AtMost is used up
	At      Position
}

// Assign gives a field a value.
type Assign struct {
	Field string
	Value *Expr
	At    Position
}

// Modes of a step with two seats or more.
const (
	ModeFirst = "first" // 或签: the first answer decides, either way
	ModeAll   = "all"   // 会签: all must agree, one refusal closes
)

// Who says who is asked: the seats, how many must answer, and what happens when there is nobody.
type Who struct {
	Seats       []By
	Mode        string // "" with one seat
	Claim       bool
	IfNone      Nobody
	IfInitiator Nobody
	NotSameAs   []string
}

// Nobody is what a step does when it finds nobody, or only the initiator: Do is "hold", "ask", "skip", "reject" or "to".
type Nobody struct {
	Do string
	To *By
}

// By is one entry of `by`: a seat filled by one person, or by any one of several.
type By struct {
	Kind  ByKind
	Of    string // the id, the field, the step, or whose manager: "initiator", "owner", "assignee", "holder"
	If    *Expr  // nil: always
	Every bool   // everyone: true – each member is a seat
	At    Position
}

// ByKind names a form of `by`.
type ByKind string

// The forms of `by`.
const (
	ByInitiator  ByKind = "initiator"
	ByHolder     ByKind = "holder" // in `tell`: who has the task now
	ByAssignee   ByKind = "assignee"
	ByManagerOf  ByKind = "manager_of" // Of: initiator, owner, assignee, holder, or a person field
	ByHeadOf     ByKind = "head_of"    // Of: a department
	ByRole       ByKind = "role"
	ByDepartment ByKind = "department"
	ByGroup      ByKind = "group"
	ByPosition   ByKind = "position"
	ByUser       ByKind = "user"
	ByField      ByKind = "field"    // Of: a person field of the record
	ByActorOf    ByKind = "actor_of" // Of: a step already decided
)

// Principal is one person ("user:li.na") or a set of people ("role:sales", "department:quality", "group:board", "position:buyer").
type Principal string

// User is the principal that is this one person.
func User(id string) Principal { return Principal("user:" + id) }

// Split gives the sort ("user", "role", …) and the id.
func (p Principal) Split() (sort, id string) {
	sort, id, _ = strings.Cut(string(p), ":")
	return sort, id
}

// Step finds a step by its id; nil when there is none. [ResubmitStep] is found when the chain has one.
func (p *Process) Step(id string) *Step { return p.byID[id] }

// Next gives the step after s in its list that is not aside, or nil at the end of the list.
func (s *Step) Next() *Step {
	if s.list == nil {
		return nil
	}
	return s.list.from(s.index + 1)
}

// First gives the first step of the list that is not aside, or nil.
func (l *List) First() *Step { return l.from(0) }

func (l *List) from(i int) *Step {
	for ; i < len(l.Steps); i++ {
		if !l.Steps[i].Aside {
			return l.Steps[i]
		}
	}
	return nil
}
