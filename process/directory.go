package process

// Directory answers who is who, live: people, rights and roles are never pinned with a case.
type Directory interface {
	// Person finds someone by id, active or not.
	Person(id string) (Person, bool)
	// Department finds a department by id.
	Department(id string) (Department, bool)
	// Members gives the active people of a principal, sorted by id; nobody for an unknown one.
	Members(p Principal) []string
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
	Parent   string
	Calendar string
}

// Calendars finds a calendar by name; "" is the company's.
type Calendars interface {
	Calendar(name string) (*Calendar, bool)
}
