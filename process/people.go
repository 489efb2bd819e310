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
