package process

// Directory answers who is who, live: people, rights and roles are never pinned with a case.
type Directory interface {
	// Person finds someone by id, active or not.
	Person(id string) (Person, bool)
	// Department finds a department by id.
	Department(id string) (Department, bool)
	// Members gives the active people of a principal, sorted by id; nobody for an unknown one. "role:finance@east" are those who hold
	// the role for east, "role:finance@*" those who hold it for everything, "role:finance" all who hold it at all.
	Members(p Principal) []string
	// Called is what people call a principal; empty where it isn't known, and for a name that says nothing.
	Called(p Principal) Text
}

// Absences says who is away and who stands in for them.
type Absences interface {
	// StandIn gives who stands in for somebody on a day ("2006-01-02") in cases of a process. away is false when they are there themselves;
	// an empty id says that nobody stands in. It is one link: chains and circles are the caller's to follow.
	StandIn(id, process, day string) (standIn string, away bool)
}

// Person is someone of the company.
type Person struct {
	ID         string
	Name       Text
	Department string
	Manager    string // as recorded; empty: the head of the department, or of the nearest one above
	Calendar   string // empty: the department's
	Language   string
	Active     bool
}

// Department is a part of the company. Parent is empty at the top.
type Department struct {
	ID       string
	Name     Text
	Head     string
	InCharge string // the executive who answers for it (分管领导); empty: that of the department above
	Parent   string
	Calendar string
}

// Records finds the records that references point at.
type Records interface {
	// Record gives a record by type and id.
	Record(ref Reference) (Record, bool)
}

// Calendars finds a calendar by name; "" is the company's.
type Calendars interface {
	Calendar(name string) (*Calendar, bool)
}
