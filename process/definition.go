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
	Start            Start
	OneOpenPerRecord bool
	Until            []Until
	Clocks           []*Clock
	Resubmit         *Resubmit
	Revoke           *Revoke
	Copy             []Copy
	Calendar         string // empty: the company's
	Steps            *List

	Type   *RecordType            // Record, resolved
	Types  map[string]*RecordType // every record type the chain touches, by id
	Tables map[string]*Table      // every decision table the chain asks, by id

	Source string // the document as it was written
	Digest string // "sha256:…" of Source

	format     int      // 0: of one that wasn't loaded
	asksAnew   bool     // in a way that formats before [FormatScoped] don't know
	revocation *Process // see [Process.Revocation]
	byID       map[string]*Step
	asked      map[string]bool // steps that some `outcome_of` asks for

	before  []string          // fields that some `before.` asks for, sorted
	outputs map[string]*Field // outputs of the decision tables that the chain asks, by name
	known   *known            // nil while the chain is being read
}

// Start says what opens a case.
type Start struct {
	By    []Principal // who may press the button
	On    []string    // events that open a case about their record
	As    *By         // who counts as the initiator when nobody pressed a button; nil: the record's owner
	Every string      // a rhythm, as "month" or "10 working days"; empty: none
	For   *Expr       // with Every: the records of the process's type that get a case
	Form  []Edit      // fields the starter fills in; nil: those of the record type
	At    Position
}

// Until ends the case wherever it stands: when an event about its record happens, or at a moment.
type Until struct {
	On  string // an event; empty: At is set
	At  *Expr  // a date (its end, in the process's calendar zone) or a moment; empty while the field is
	End string
	Pos Position
}

// Clock is a limit on a stretch of the whole case.
type Clock struct {
	ID         string
	Title      Text
	From, To   Anchor
	Within     Limit
	StopsWhile []string // reasons
	Late       []Rung
	At         Position

	covers map[string]bool // the steps from which its end lies ahead: going back to one opens it again
}

// Anchor is where a clock begins or ends: "start", or a step being opened or done.
type Anchor struct {
	Event string // start, opened, done
	Step  string
}

// StopReason is one reason for which a step's people may stop its clock.
type StopReason struct {
	Reason string
	Title  Text   // what people call it; empty: its own word
	AtMost *Limit // then it starts again by itself; nil: no bound
}

// Copy lets people know who needn't act.
type Copy struct {
	To []By
	At string // of a process: start, end, approved; of a step: here, approved
}

// Revoke says how an approved case is undone: by a linked case.
type Revoke struct {
	By         []By
	Within     *Limit // counted from the end; nil: for ever
	ApprovedBy []By   // empty: at once
	At         Position
}

// Resubmit is the step that `go: resubmit` opens for the initiator; its ID is [ResubmitStep].
type Resubmit = Step

// ResubmitStep is the id of the step that `go: resubmit` opens. No step of a chain may have it.
const ResubmitStep = "resubmit"

// List is a run of steps in the order they are written.
type List struct {
	Path  string // where it stands: "steps", "steps.review.on.approved.steps"
	Steps []*Step

	holder *Step // the step that holds it, by an outcome or as a group; nil: the chain itself
}

// enclosing is the list around this one; nil around the chain itself.
func (l *List) enclosing() *List {
	if l.holder == nil {
		return nil
	}
	return l.holder.list
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
	Copy  []Copy
	Undo  *Undo // what happens to the step's effect when the case goes back past it, or is withdrawn; nil: nothing can be done

	Who  *Who // nil for steps that ask nobody
	Form Form
	Time Time
	Ways map[string]*Way // by outcome; for approve also the defaults, so that a nil entry means: no such button
	Then *Way            // `then:` of steps without outcomes

	list  *List // where it stands
	index int

	known *knownStep // nil while the chain is being read
}

// Undo is what the chain does about an effect that it has passed and that shall not stand.
type Undo struct {
	Restore bool  // `undo: restore`: a `set` puts back what was there before
	Steps   *List // `undo: [steps]`: only steps that ask nobody
	At      Position
}

// Form is what the people of a step see and may change.
type Form struct {
	Show            []string // nil: the whole record
	Hide            []string
	Edit            []Edit
	CommentRequired []string // outcomes that need a comment
	Reapprove       []string // reapprove_if_changed
	NoBulk          bool
	Signature       bool
	May             []string // return, transfer, add, copy; nil: all of them
	ReturnTo        []string // initiator, previous, any; nil: only where `on.returned` says
	Resume          string   // after a return: "again" (default) or "back" to whoever returned it
}

// Edit is one field that a step may change. Inside an `each` with `into` it is a column of the item's line.
type Edit struct {
	Field    string
	Required bool
}

// Time is a step's limit and what happens around it.
type Time struct {
	Due    *Due         // nil: no limit
	Remind []Limit      // before the due moment
	Late   []Rung       // the ladder; the process's own where the step has none
	Stops  []StopReason // may_stop_clock
}

// Due is when a step must be done: exactly one of its forms is set.
type Due struct {
	Limit  *Limit // 2 working days, end of today
	Table  string // {table: complaint-limit}: a table whose only output is a duration
	Moment *Expr  // a date (its end) or a moment; with Before, that long before it
	Before *Limit // 10 working days before record.ends_on
	Source string // as written
}

// Say is the limit for people: its words where it is a plain limit, else as it was written.
func (d *Due) Say(lang string) string {
	if d.Limit != nil {
		return d.Limit.Say(lang)
	}
	return d.Source
}

// Rung is one entry of a late ladder: a moment and what is done then.
type Rung struct {
	Percent  int    // 100 for `at: due`; 80 for `at: 80%`; used when After is nil
	After    *Limit // counted from the due moment
	Tell     []By
	Add      []By // approvers beside the holder
	HandUp   bool
	Transfer *By
	Outcome  string // the system decides, and it is printed so
	At       Position
}

// Way is what follows an outcome.
type Way struct {
	Title   Text   // what people call the outcome; empty: its own word
	End     string // ends the case with this outcome
	Go      string // a step of the same or an enclosing list, or ResubmitStep
	Only    bool   // only: chosen – an `each` is entered again for the items that the act names
	Steps   *List  // done, then the chain goes on
	Hold    bool   // failed: hold – an administrator looks at it
	Require []string
	Set     []Assign
	AtMost  int  // 0: any number of times
	Else    *Way // `then:` once AtMost is used up
	At      Position
}

// Assign gives a field a value.
type Assign struct {
	Field  string   // of the case's record, of the item's line, or of the record that Along leads to
	Along  []string // reference fields from the case's record to the one that is changed; nil: the case's own
	Change string   // "+" or "-": Value is added to, or taken from, what is there; "": it takes its place
	Value  *Expr
	At     Position
}

// Modes of a step with two seats or more.
const (
	ModeFirst       = "first"        // 或签: the first answer decides, either way
	ModeAll         = "all"          // 会签: all must agree, one refusal closes at once
	ModeAllOpinions = "all_opinions" // every opinion is waited for; one refusal rejects
	ModeInTurn      = "in_turn"      // 依次: one after the other; a refusal closes
	ModeVotes       = "votes"        // 票签
)

// Votes is how a step in [ModeVotes] is decided.
type Votes struct {
	Need    Need
	Weights []Weight
	Veto    []By   // whose refusal alone rejects
	Tie     string // the outcome when neither side can reach Need any more: approved or rejected (default)
}

// Need is how much agreement decides: Count of weight, or Num/Den of all the weight there is.
type Need struct {
	Count    int // 0: a share
	Num, Den int // 2/3; 60% is 60/100
}

// Weight is how much the vote of some people counts; everybody else's counts 1.
type Weight struct {
	Who By
	N   int
}

// What to do about somebody who has approved an earlier step already.
const (
	SameAsk            = "ask"
	SameSkipIfApproved = "skip_if_approved" // anywhere before
	SameSkipIfAdjacent = "skip_if_adjacent" // at the step just before
	SameKeepLast       = "keep_last"        // asked only at the last of their steps
)

// Who says who is asked: the seats, how many must answer, and what happens when there is nobody.
type Who struct {
	Seats       []By
	Mode        string // "" with one seat
	Votes       *Votes // with ModeVotes
	Claim       bool
	IfNone      Nobody
	IfInitiator Nobody
	NotSameAs   []string
	SameAgain   string // "": ask
}

// Nobody is what a step does when it finds nobody, or only the initiator: Do is "hold", "ask", "skip", "reject" or "to".
type Nobody struct {
	Do string
	To *By
}

// By is one entry of `by`: a seat filled by one person, or by any one of several.
type By struct {
	Kind     ByKind
	Of       string // the id, the field, the step, "$x", or whose manager: "initiator", "owner", "assignee", "holder"
	For      *Expr  // role: the scope it must be held for, e.g. record.region
	UpTo     *UpTo  // managers_of
	Down     bool   // managers_of, order: down – the highest first
	From     []By   // picked_by: whom they may pick; nil: anybody
	Min, Max int    // picked_by: how many
	StandsIn *By    // outside: who acts for somebody without an account
	Email    *Expr  // outside: where they are written to; nil: nowhere, unless what names them holds an address
	Cel      *Expr  // cel, and outside: whom
	If       *Expr  // nil: always
	Every    bool   // everyone: true – each member is a seat
	Column   *Expr  // what Of is where it is written as `$x.column` or `record.field`
	At       Position

	many  bool   // a field or an expression that may give several people
	scope *Field // of For, where it is a field; nil: an expression
}

// UpTo is where a row of managers ends: at the first who has Role, after Level of them, or (both empty) at the top.
type UpTo struct {
	Role  string
	Level int
}

// ByKind names a form of `by`.
type ByKind string

// The forms of `by`.
const (
	ByInitiator  ByKind = "initiator"
	ByHolder     ByKind = "holder" // in `tell`: who has the task now
	ByAssignee   ByKind = "assignee"
	ByManagerOf  ByKind = "manager_of"   // Of: initiator, owner, assignee, holder, or a person field
	ByManagersOf ByKind = "managers_of"  // a row of managers, each a seat
	ByHeadOf     ByKind = "head_of"      // Of: a department
	ByInChargeOf ByKind = "in_charge_of" // Of: a department – the executive who answers for it (分管领导)
	ByRole       ByKind = "role"
	ByDepartment ByKind = "department"
	ByGroup      ByKind = "group"
	ByPosition   ByKind = "position"
	ByUser       ByKind = "user"
	ByField      ByKind = "field"     // Of: a person field of the record, one or many
	ByActorOf    ByKind = "actor_of"  // Of: a step already decided
	ByPickedBy   ByKind = "picked_by" // Of: initiator, previous
	ByOutside    ByKind = "outside"   // somebody without an account, for whom StandsIn acts
	ByCel        ByKind = "cel"       // an expression that gives a person or several
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

// FormField finds what a step may show or edit by name: a column of the item's line inside an `each` with `into`, else a field of the record.
func (p *Process) FormField(s *Step, name string) *Field {
	if col := p.column(s, name); col.field != nil {
		return col.field
	}
	return p.Type.Field(name)
}

func (l *List) from(i int) *Step {
	for ; i < len(l.Steps); i++ {
		if !l.Steps[i].Aside {
			return l.Steps[i]
		}
	}
	return nil
}
