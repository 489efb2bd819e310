package process

// Table is a decision table, bound to the chain that asks it: its inputs are typed against the chain's record.
type Table struct {
	ID      string
	Title   Text
	Inputs  []TableInput
	Outputs []Field // name and type of each; a duration is a field of type "duration", whose value is a [Limit]
	Hit     string  // unique, first
	Rows    []TableRow
	Source  string // the document as it was written
	Digest  string // "sha256:…" of Source
}

// TableInput is one column that is looked at.
type TableInput struct {
	Name  string
	Value *Expr
}

// TableRow is one rule.
type TableRow struct {
	When []*Expr // by input; nil: any
	Then []*Expr // by output
	At   Position
}
