package scenario

import (
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process"
)

// company is who works where: a [process.Directory] in memory. It isn't changed once cases run by it; a case that changes it has its own copy.
type company struct {
	people      map[string]*person
	departments map[string]process.Department
	groups      map[string][]string // members, by group
	names       map[string]process.Text
	members     map[process.Principal][]string // answered before
}

// person is someone of the company with what they are and do.
type person struct {
	process.Person
	Title    process.Text
	Position string
	Roles    []string // "finance", or "finance@east" for those who hold it for one scope only
}

func newCompany() *company {
	return &company{people: map[string]*person{}, departments: map[string]process.Department{}, groups: map[string][]string{},
		names: map[string]process.Text{}, members: map[process.Principal][]string{}}
}

// clone is a copy that may be changed.
func (c *company) clone() *company {
	out := newCompany()
	for id, p := range c.people {
		same := *p
		same.Roles = slices.Clone(p.Roles)
		out.people[id] = &same
	}
	for id, d := range c.departments {
		out.departments[id] = d
	}
	for id, members := range c.groups {
		out.groups[id] = slices.Clone(members)
	}
	out.names = c.names
	return out
}

// Person finds someone by id.
func (c *company) Person(id string) (process.Person, bool) {
	p, ok := c.people[id]
	if !ok {
		return process.Person{}, false
	}
	return p.Person, true
}

// Department finds a department by id.
func (c *company) Department(id string) (process.Department, bool) {
	d, ok := c.departments[id]
	return d, ok
}

// Members gives the active people of a principal, sorted.
func (c *company) Members(p process.Principal) []string {
	if ids, ok := c.members[p]; ok {
		return slices.Clone(ids)
	}
	var ids []string
	for id, someone := range c.people {
		if someone.Active && c.belongs(someone, p) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	c.members[p] = ids
	return slices.Clone(ids)
}

// Called is what the company calls a role.
func (c *company) Called(p process.Principal) process.Text {
	role, _, _ := strings.Cut(string(p), "@")
	return c.names[role]
}

// changed forgets what was answered before.
func (c *company) changed() { c.members = map[process.Principal][]string{} }

func (c *company) belongs(p *person, to process.Principal) bool {
	sort, id := to.Split()
	switch sort {
	case "user":
		return p.ID == id
	case "role":
		return slices.ContainsFunc(p.Roles, func(held string) bool { return holds(held, id) })
	case "department":
		return p.Department == id
	case "group":
		return slices.Contains(c.groups[id], p.ID)
	case "position":
		return p.Position == id
	}
	return false
}

// holds says whether a role that somebody holds is one that is asked for: "finance" asks for all who hold it at all, "finance@east" for those who hold it
// for east, "finance@*" for those who hold it for everything.
func holds(held, asked string) bool {
	return slices.Contains(process.RolePrincipals(held), process.Principal("role:"+asked))
}

// administrator says whether somebody is one.
func (c *company) administrator(id string) bool {
	return id != "" && slices.Contains(c.Members(process.Administrators), id)
}

// exists says whether a person or a set of people is there at all.
func (c *company) exists(p process.Principal) bool {
	sort, id := p.Split()
	switch {
	case id == "":
		return c.people[string(p)] != nil
	case sort == "user":
		return c.people[id] != nil
	case sort == "department":
		_, ok := c.departments[id]
		return ok
	}
	role, _, _ := strings.Cut(string(p), "@")
	if _, ok := c.names[role]; ok {
		return true
	}
	return len(c.Members(p)) > 0
}
