package store

import (
	"context"
	"maps"
	"slices"

	"github.com/lib/pq"

	"github.com/crmflow/crmflow/process"
)

// Directory answers who is who from the database, live. It remembers what it has read, so it is made for one event or one page and thrown
// away. Its methods cannot fail in the middle of a pure function: the first error is kept, and [Directory.Err] must be asked before what
// was concluded is used.
type Directory struct {
	ctx         context.Context // of the one event or page that the directory is for
	q           querier
	people      map[string]*process.Person     // nil: looked for, and not there
	departments map[string]*process.Department // likewise
	members     map[process.Principal][]string
	called      map[process.Principal]process.Text // of those whose members were read
	names       Names                              // what exists; nil: not read yet
	known       *known                             // what earlier events have read; nil: everything is read anew
	is          string                             // which directory it is that known is asked for
	moved       bool                               // something was read of a newer one
	err         error
}

// Directory makes a directory that reads outside or inside a transaction.
func (q querier) Directory(ctx context.Context) *Directory {
	return &Directory{ctx: ctx, q: q, people: map[string]*process.Person{}, departments: map[string]*process.Department{}, members: map[process.Principal][]string{},
		called: map[process.Principal]process.Text{}}
}

// DirectoryAt is [querier.Directory] for an event that has read which directory is the present one: what another event has read of that one isn't read again.
func (tx *Tx) DirectoryAt(ctx context.Context, now Present) *Directory {
	d := tx.Directory(ctx)
	d.known, d.is = tx.known, now.Directory
	return d
}

// Err is the first error of any look-up; what the directory said since is not to be used.
func (d *Directory) Err() error { return d.err }

// Moved says that the directory has changed since the event read which one is the present one. What else the event has read, above all who is away or has left,
// may be older than what the directory said: it has to begin anew.
func (d *Directory) Moved() bool { return d.moved }

// Person finds someone by id, active or not.
func (d *Directory) Person(id string) (process.Person, bool) {
	if _, known := d.people[id]; !known && id != "" {
		d.Load([]string{id}, nil)
	}
	if p := d.people[id]; p != nil {
		return *p, true
	}
	return process.Person{}, false
}

// Department finds a department by id.
func (d *Directory) Department(id string) (process.Department, bool) {
	if _, known := d.departments[id]; !known && id != "" {
		d.departments[id] = nil
		var rows []departmentOf
		d.read(&rows, `SELECT `+standingDepartment.of("d")+` FROM departments d WHERE d.id = $1`, id)
		for _, r := range rows {
			r.keep(d)
		}
	}
	if dep := d.departments[id]; dep != nil {
		return *dep, true
	}
	return process.Department{}, false
}

// Members gives the active people of a principal, sorted by id.
func (d *Directory) Members(p process.Principal) []string {
	if list, known := d.members[p]; known {
		return list
	}
	sort, id := p.Split()
	if sort == "user" {
		if person, ok := d.Person(id); ok && person.Active {
			return []string{id}
		}
		return nil
	}
	d.loadMembers([]process.Principal{p})
	return d.members[p]
}

// loadMembers reads the members of principals, those of each sort in one statement.
func (d *Directory) loadMembers(principals []process.Principal) {
	ids := map[string][]string{}
	for _, p := range principals {
		sort, id := p.Split()
		if _, there := d.members[p]; there || readMembers[sort] == "" {
			continue
		}
		d.members[p] = nil
		if rows, there := d.knownMembers(p); there {
			d.keepMembers(p, rows)
		} else {
			ids[sort] = append(ids[sort], id)
		}
	}
	for _, sort := range slices.Sorted(maps.Keys(ids)) {
		d.readMembers(sort, ids[sort])
	}
}

// readMembers reads the members of principals of one sort.
func (d *Directory) readMembers(sort string, ids []string) {
	var rows []memberOf
	d.read(&rows, readMembers[sort], pq.StringArray(ids))
	of := map[string][]memberOf{}
	for _, r := range rows {
		of[r.Of] = append(of[r.Of], r)
		d.readOf(r.Directory)
	}
	for _, id := range ids {
		p := process.Principal(sort + ":" + id)
		d.keepMembers(p, of[id])
		if d.known != nil && len(of[id]) > 0 { // without a row nothing says of which directory that is
			d.known.keepMembers(d.is, p, of[id])
		}
	}
}

func (d *Directory) knownMembers(p process.Principal) ([]memberOf, bool) {
	if d.known == nil {
		return nil, false
	}
	return d.known.membersOf(d.is, p)
}

// keepMembers takes over the rows of a principal.
func (d *Directory) keepMembers(p process.Principal, rows []memberOf) {
	for _, r := range rows {
		r.departmentOf.keep(d)
		if r.Called != nil {
			d.called[p] = r.Called.V
		}
		if r.personOf.keep(d) {
			d.members[p] = append(d.members[p], *r.personOf.ID)
		}
	}
	slices.Sort(d.members[p])
	d.members[p] = slices.Compact(d.members[p]) // somebody may hold a role for several things
}

// Called is what a role or a group is called: read with its members, so it takes no statement of its own. Whatever else is asked
// for has no name here.
func (d *Directory) Called(p process.Principal) process.Text {
	d.loadMembers([]process.Principal{p})
	return d.called[p]
}

// Has says whether a principal exists: a person, active or not, or a department, role, group or position, with members or without.
func (d *Directory) Has(p process.Principal) bool {
	if d.names == nil && d.err == nil {
		d.names, d.err = d.q.Names(d.ctx)
	}
	return d.names.Has(p)
}

// Load reads, in one statement, these people, with their departments and whoever stands directly above each: their manager, and the head of
// their department. Those higher up are read when they are asked for, which they seldom are. The members of principals take a statement for each sort.
func (d *Directory) Load(people []string, principals []process.Principal) {
	d.loadMembers(principals)
	for _, p := range principals {
		if sort, id := p.Split(); sort == "user" {
			people = append(people, id)
		}
	}
	if len(people) == 0 {
		return
	}
	for _, id := range people {
		d.people[id] = nil
	}
	var rows []standing
	if d.known != nil {
		rows, people = d.known.standing(d.is, people)
	}
	if len(people) > 0 {
		var read []standing
		d.read(&read, readPeople, people)
		for _, r := range read {
			d.readOf(r.Directory)
		}
		if d.known != nil {
			d.known.keepStanding(d.is, read)
		}
		rows = append(rows, read...)
	}
	for _, r := range rows {
		r.P.keep(d)
		r.D.keep(d)
		r.M.keep(d)
		r.MD.keep(d)
		r.H.keep(d)
	}
}

// readOf notes of which directory a row was read.
func (d *Directory) readOf(directory string) { d.moved = d.moved || d.is != "" && directory != d.is }

// read runs a look-up unless one has failed before.
func (d *Directory) read(rows any, query string, args ...any) {
	if d.err == nil {
		d.err = d.q.Select(d.ctx, rows, query, args...)
	}
}

// personOf and departmentOf are rows of a left join: without an id there is none.
type personOf struct {
	ID         *string             `db:"id"`
	Name       *JSON[process.Text] `db:"name"`
	Department *string             `db:"department"`
	Manager    *string             `db:"manager"`
	Calendar   *string             `db:"calendar"`
	Language   *string             `db:"language"`
	Active     *bool               `db:"active"`
}

type departmentOf struct {
	ID       *string             `db:"id"`
	Name     *JSON[process.Text] `db:"name"`
	Head     *string             `db:"head"`
	InCharge *string             `db:"in_charge"`
	Parent   *string             `db:"parent"`
	Calendar *string             `db:"calendar"`
}

func (r personOf) keep(d *Directory) bool {
	if r.ID == nil {
		return false
	}
	d.people[*r.ID] = &process.Person{ID: *r.ID, Name: r.Name.V, Department: text(r.Department), Manager: text(r.Manager), Calendar: text(r.Calendar),
		Language: text(r.Language), Active: *r.Active}
	return true
}

func (r departmentOf) keep(d *Directory) {
	if r.ID != nil {
		d.departments[*r.ID] = &process.Department{ID: *r.ID, Name: r.Name.V, Head: text(r.Head), InCharge: text(r.InCharge), Parent: text(r.Parent), Calendar: text(r.Calendar)}
	}
}

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// standing is someone with their department, their manager and the manager's department, and the head of their department.
type standing struct {
	P  personOf     `db:"p"`
	D  departmentOf `db:"d"`
	M  personOf     `db:"m"`
	MD departmentOf `db:"md"`
	H  personOf     `db:"h"`

	Directory string `db:"directory"` // of which directory it was read
}

// memberOf is a member of something; of a department, with the department.
type memberOf struct {
	Of     string              `db:"of"`
	Called *JSON[process.Text] `db:"called"`
	personOf
	departmentOf `db:"d"`
	Directory    string `db:"directory"` // of which directory it was read
}

var (
	standingPerson     = columns{"id", "name", "department", "manager", "calendar", "language", "active"}
	standingDepartment = columns{"id", "name", "head", "in_charge", "parent", "calendar"}
)

var readPeople = `SELECT ` + standingPerson.in("p") + `, ` + standingDepartment.in("d") + `, ` + standingPerson.in("m") + `, ` +
	standingDepartment.in("md") + `, ` + standingPerson.in("h") + `, library.directory
	FROM unnest($1::text[]) AS asked (id) JOIN users p ON p.id = asked.id CROSS JOIN library
		LEFT JOIN departments d ON d.id = p.department
		LEFT JOIN users m ON m.id = p.manager
		LEFT JOIN departments md ON md.id = m.department
		LEFT JOIN users h ON h.id = d.head`

var readMembers = map[string]string{
	// "finance", "finance@north" for those who hold it for north, "finance@*" for those who hold it for everything
	"role": `SELECT a.of, r.name AS called, ` + standingPerson.of("p") + `, library.directory
		FROM library CROSS JOIN (SELECT of, split_part(of, '@', 1) AS role, substr(of, strpos(of, '@') + 1) AS scope, strpos(of, '@') > 0 AS scoped FROM unnest($1::text[]) of) a
			JOIN roles r ON r.id = a.role LEFT JOIN (` + holders + ` x JOIN users p ON p.id = x.user_id AND p.active) ON x.role = r.id AND (NOT a.scoped OR x.scope = a.scope)`,
	"group": `SELECT g.id AS of, g.name AS called, ` + standingPerson.of("p") + `, library.directory
		FROM library CROSS JOIN groups g LEFT JOIN (group_members x JOIN users p ON p.id = x.user_id AND p.active) ON x.group_id = g.id WHERE g.id = ANY ($1)`,
	"position": `SELECT p.position AS of, ` + standingPerson.of("p") + `, library.directory FROM library CROSS JOIN users p WHERE p.position = ANY ($1) AND p.active`,
	"department": `SELECT d.id AS of, ` + standingPerson.of("p") + `, ` + standingDepartment.in("d") + `, library.directory
		FROM library CROSS JOIN departments d LEFT JOIN users p ON p.department = d.id AND p.active WHERE d.id = ANY ($1)`,
}

// PrincipalsOf gives everything that someone is: "user:…", "role:…" (see [process.RolePrincipals]), "department:…", "group:…", "position:…". Nothing for who isn't active.
func (q querier) PrincipalsOf(ctx context.Context, user string) ([]process.Principal, error) {
	var list []process.Principal
	return list, q.Select(ctx, &list, `SELECT p FROM users u CROSS JOIN LATERAL (
			SELECT 'user:' || u.id AS p
			UNION ALL SELECT 'department:' || u.department WHERE u.department IS NOT NULL
			UNION ALL SELECT 'position:' || u.position WHERE u.position IS NOT NULL
			UNION ALL SELECT unnest(ARRAY['role:' || role, 'role:' || role || '@*']) FROM user_roles WHERE user_id = u.id
			UNION SELECT unnest(ARRAY['role:' || role, 'role:' || role || '@' || scope]) FROM scoped_roles WHERE user_id = u.id
			UNION ALL SELECT 'group:' || group_id FROM group_members WHERE user_id = u.id) x
		WHERE u.id = $1 AND u.active`, user)
}
