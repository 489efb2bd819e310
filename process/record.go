package process

// RecordType is a sort of thing the company keeps: lead, quote, complaint … with its fields.
type RecordType struct {
	ID            string
	Title         Text
	Number        string // pattern of the record's number; empty: none
	Fields        []Field
	Unique        []string
	Similar       []string
	ChangedOnlyBy []Owned
	Emits         []Emit // events that a change of a record causes
	Source        string // the document as it was written
	Digest        string // "sha256:…" of Source

	byName   map[string]*Field
	computed []*Field // those with Is, each after those it looks at
}

// Owned is a field, or one value of it, that only some processes may write.
type Owned struct {
	Field     string
	Value     string // empty: the whole field
	Processes []string
}

// Field is one field of a record type. Its value is, by Type:
//
//	text, phone, email, choice, person, department   string
//	number                                           float64
//	percent                                          float64, 15 for 15 %
//	money                                            Money
//	date                                             string "2006-01-02"
//	datetime                                         string, RFC 3339
//	yes_no                                           bool
//	reference                                        Reference
//	file                                             FileRef
//	lines                                            []map[string]any
//	many: true                                       []any of the above
type Field struct {
	Name     string
	Title    Text
	Type     string
	Of       []string        // choices
	Titles   map[string]Text // of choices; one that isn't there is called by its name
	To       string          // reference: the record type
	Many     bool
	Long     bool
	Required bool
	Default  any      // a value, or "creator" for a person, or "today" for a date
	Lines    []Field  // lines: the columns
	Key      string   // lines: the column that identifies a line
	Is       *Expr    // computed from the other fields and what they point at; written by nobody
	AtLeast  any      // number, percent, money: the floor, a value of the field; nil: none
	Accept   []string // file: sorts ("image") and endings (".dwg") that are taken; nil: all
	MaxSize  int64    // file: bytes; 0: no bound of its own
	At       Position
}

// Money is an amount in minor units (分) of an ISO 4217 currency.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// Reference points at another record.
type Reference struct {
	Type  string `json:"type"`
	ID    string `json:"id"`
	Title string `json:"title,omitempty"`
}

// FileRef points at a stored file.
type FileRef struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Fields is what a record holds, by field name. A missing key is an empty field; nil is never stored.
type Fields map[string]any

// Field finds a field by name; nil when there is none.
func (t *RecordType) Field(name string) *Field { return t.byName[name] }

// column finds a column of lines; nil when there is none.
func (f *Field) column(name string) *Field {
	if f == nil {
		return nil
	}
	for i := range f.Lines {
		if f.Lines[i].Name == name {
			return &f.Lines[i]
		}
	}
	return nil
}

// Label is what people call the field.
func (f *Field) Label() Text {
	if f.Title.Empty() {
		return Same(f.Name)
	}
	return f.Title
}

// Choice is what people call one of the field's choices.
func (f *Field) Choice(name string) Text {
	if title := f.Titles[name]; !title.Empty() {
		return title
	}
	return Same(name)
}

func (t *RecordType) names() []string {
	out := make([]string, 0, len(t.Fields))
	for _, f := range t.Fields {
		out = append(out, f.Name)
	}
	return out
}

// index makes fields findable by name.
func (t *RecordType) index() {
	t.byName = make(map[string]*Field, len(t.Fields))
	for i := range t.Fields {
		t.byName[t.Fields[i].Name] = &t.Fields[i]
	}
}

// Record is a record as a case sees it.
type Record struct {
	Type   string
	ID     string
	Number string
	Owner  string
	Fields Fields
}
