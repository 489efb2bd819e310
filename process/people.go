package process

// Administrators are the people who look after what can't go on by itself.
const Administrators Principal = "role:administrator"

// people answers questions about who stands above whom. Inactive people are nobody.
type people struct{ Directory }

func (d people) active(id string) bool {
	p, ok := d.Person(id)
	return ok && p.Active
}

// managerOf gives the nearest active person above someone: their manager as recorded, else the head of their department or of the
// nearest one above it; "" at the top. An inactive manager is passed over upwards; a circle of managers is nobody.
func (d people) managerOf(id string) string {
	seen := map[string]bool{id: true}
	for above := d.above(id); above != "" && !seen[above]; above = d.above(above) {
		if d.active(above) {
			return above
		}
		seen[above] = true
	}
	return ""
}

// above is one step up from someone, active or not.
func (d people) above(id string) string {
	p, ok := d.Person(id)
	if !ok {
		return ""
	}
	if p.Manager != "" && p.Manager != id {
		return p.Manager
	}
	return d.headAbove(p.Department, id)
}

// headAbove is the head of a department, or of the nearest one above it, who is somebody else than the one who asks.
func (d people) headAbove(department, not string) string {
	for seen := map[string]bool{}; department != "" && !seen[department]; {
		seen[department] = true
		dep, ok := d.Department(department)
		if !ok {
			return ""
		}
		if dep.Head != "" && dep.Head != not {
			return dep.Head
		}
		department = dep.Parent
	}
	return ""
}

// row gives the active managers above somebody, the nearest first, each once, and never themselves: up to and with the first who has a role, that many of
// them, or all up to the top. Reached is false when nobody has the role.
func (d people) row(id string, upTo UpTo) (row []string, reached bool) {
	var holders []string
	if upTo.Role != "" {
		holders = d.Members(Principal("role:" + upTo.Role))
	}
	seen := map[string]bool{id: true}
	for above := d.above(id); above != "" && !seen[above]; above = d.above(above) {
		seen[above] = true
		if !d.active(above) {
			continue
		}
		row = append(row, above)
		if contains(holders, above) || len(row) == upTo.Level {
			return row, true
		}
	}
	return row, upTo.Role == ""
}

// inCharge is the active executive who answers for a department: its own, else that of the nearest department above; "" when there is none.
func (d people) inCharge(department string) string {
	for seen := map[string]bool{}; department != "" && !seen[department]; {
		seen[department] = true
		dep, ok := d.Department(department)
		if !ok {
			return ""
		}
		if d.active(dep.InCharge) {
			return dep.InCharge
		}
		department = dep.Parent
	}
	return ""
}

// aboveUnclaimed is who stands above a seat that nobody has taken: the head of the department it is open to, else of the candidates'.
func (d people) aboveUnclaimed(candidates []Principal) string {
	for _, c := range candidates {
		if sort, id := c.Split(); sort == "department" {
			return d.nearestActive(d.headAbove(id, ""))
		}
	}
	for _, c := range candidates {
		for _, member := range d.Members(c) {
			return d.managerOf(member)
		}
	}
	return ""
}

// nearestActive is the person, or whoever stands above when they are inactive.
func (d people) nearestActive(id string) string {
	if id == "" || d.active(id) {
		return id
	}
	return d.managerOf(id)
}
