package scenario

import (
	"slices"

	"github.com/crmflow/crmflow/process"
)

// company reads a company in the shape of the shipped company.json. Departments, users, roles and groups are lists of {id: …}, or maps by id; a
// role or group may be given as the list of its members.
func (r *reader) company(n *node) *company {
	c := newCompany()
	r.object(n, process.Text{ZH: "公司", EN: "a company"}, keys{
		"name":        func(v *node) { r.text(v) },
		"zone":        func(v *node) { r.word(v) },
		"departments": func(v *node) { r.entries(v, func(id string, v *node) { r.department(c, id, v) }) },
		"users":       func(v *node) { r.entries(v, func(id string, v *node) { r.user(c, id, v) }) },
		"roles": func(v *node) {
			r.entries(v, func(id string, v *node) {
				for _, member := range r.circle(c, "role:"+id, v) {
					if p := c.someone(member); !slices.Contains(p.Roles, id) {
						p.Roles = append(p.Roles, id)
					}
				}
			})
		},
		"groups": func(v *node) {
			r.entries(v, func(id string, v *node) { c.groups[id] = append(c.groups[id], r.circle(c, "group:"+id, v)...) })
		},
	})
	return c
}

// someone finds a person of a company, or makes them.
func (c *company) someone(id string) *person {
	p := c.people[id]
	if p == nil {
		p = &person{Person: process.Person{ID: id, Name: process.Same(id), Active: true, Language: "zh"}}
		c.people[id] = p
	}
	return p
}

// entries reads a list of {id: …} or of ids, or a map by id. The value is nil where there is only the id.
func (r *reader) entries(n *node, each func(id string, v *node)) {
	switch n.kind {
	case nodeMap:
		for _, p := range n.pairs {
			each(p.key.text, p.value)
		}
	case nodeNull:
	default:
		for _, v := range r.list(n) {
			r.entry(v, each)
		}
	}
}

func (r *reader) entry(v *node, each func(id string, v *node)) {
	if v.kind != nodeMap {
		if id := r.word(v); id != "" {
			each(id, nil)
		}
		return
	}
	id := v.get("id")
	if id == nil {
		r.problem(v, "这里缺少 `id`", "`id` is missing here")
		return
	}
	if id := r.word(id); id != "" {
		each(id, v)
	}
}

func (r *reader) department(c *company, id string, n *node) {
	d := process.Department{ID: id, Name: process.Same(id)}
	if n != nil && n.kind != nodeNull {
		r.object(n, process.Text{ZH: "部门", EN: "a department"}, keys{
			"id":        func(*node) {},
			"name":      func(v *node) { d.Name = r.text(v) },
			"head":      func(v *node) { d.Head = r.optional(v) },
			"in_charge": func(v *node) { d.InCharge = r.optional(v) },
			"parent":    func(v *node) { d.Parent = r.optional(v) },
			"calendar":  func(v *node) { d.Calendar = r.optional(v) },
		})
	}
	c.departments[id] = d
}

// optional reads a word that may be empty.
func (r *reader) optional(n *node) string {
	if n.kind == nodeNull || n.kind == nodeText && n.text == "" {
		return ""
	}
	return r.word(n)
}

func (r *reader) user(c *company, id string, n *node) {
	p := c.someone(id)
	named := p.Roles // by the roles themselves
	if n != nil && n.kind != nodeNull {
		r.object(n, process.Text{ZH: "人员", EN: "a person"}, r.personKeys(p))
	}
	for _, role := range named {
		if !slices.Contains(p.Roles, role) {
			p.Roles = append(p.Roles, role)
		}
	}
}

// personKeys are what can be said of a person.
func (r *reader) personKeys(p *person) keys {
	return keys{
		"id":         func(*node) {},
		"name":       func(v *node) { p.Name = r.text(v) },
		"title":      func(v *node) { p.Title = r.text(v) },
		"department": func(v *node) { p.Department = r.optional(v) },
		"manager":    func(v *node) { p.Manager = r.optional(v) },
		"position":   func(v *node) { p.Position = r.optional(v) },
		"calendar":   func(v *node) { p.Calendar = r.optional(v) },
		"language":   func(v *node) { p.Language = r.optional(v) },
		"email":      func(v *node) { r.optional(v) },
		"active":     func(v *node) { p.Active = r.truth(v) },
		"roles": func(v *node) {
			p.Roles = nil
			if v.kind != nodeNull {
				p.Roles = r.words(v)
			}
		},
	}
}

// circle reads a role or a group, and gives the members that are named with it.
func (r *reader) circle(c *company, principal string, n *node) (members []string) {
	c.names[principal] = process.Same(principal)
	switch {
	case n == nil || n.kind == nodeNull:
	case n.kind != nodeMap:
		members = r.words(n)
	default:
		r.object(n, process.Text{ZH: "角色或用户组", EN: "a role or a group"}, keys{
			"id":      func(*node) {},
			"name":    func(v *node) { c.names[principal] = r.text(v) },
			"members": func(v *node) { members = r.words(v) },
		})
	}
	return members
}
