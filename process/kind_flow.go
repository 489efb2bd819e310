package process

// Decide asks a decision table; its outputs are `decided.…` from then on.
type Decide struct{ Table *Table }

// Call starts another process as a case with this one as its parent.
type Call struct {
	Process string
	With    []Assign // fields of the other case's record
	Wait    bool
}

// Request calls a configured system.
type Request struct {
	To     string // the system
	Method string // get, post
	Path   *Template
	Body   []Assign // by name
	Into   []Into
	Failed *Way // Hold, or a way to go
}

// Into puts a part of an answer into a field: `body.customer.no`.
type Into struct {
	Field string
	From  string
	At    Position
}
