package scenario

import (
	"cmp"
	"slices"

	"github.com/crmflow/crmflow/process"
)

// handover is somebody who leaves, and who takes over from them: everything, or (instead) one kind of what there is.
type handover struct {
	of, to  string
	instead map[string]string
}

// What can go to somebody else than the rest.
var handedOver = []string{"tasks", "records", "initiator", "roles", "departments", "absences"}

func (h handover) taker(what string) string { return cmp.Or(h.instead[what], h.to) }

func (r *caseReader) handover(n *node) *handover {
	h := &handover{instead: map[string]string{}}
	r.object(n, process.Text{ZH: "`handover`", EN: "`handover`"}, keys{
		"of": func(v *node) { h.of = r.person(v) },
		"to": func(v *node) { h.to = r.person(v) },
		"instead": func(v *node) {
			known := keys{}
			for _, what := range handedOver {
				known[what] = func(v *node) { h.instead[what] = r.person(v) }
			}
			r.object(v, process.Text{ZH: "`instead`", EN: "`instead`"}, known)
		},
	})
	switch {
	case n.kind != nodeMap:
	case h.of == "" && n.get("of") == nil || h.to == "" && n.get("to") == nil:
		r.problem(n, "`handover` 要写谁离职（`of`）、交接给谁（`to`）", "`handover` says who leaves (`of`), and who takes over (`to`)")
	case h.of == h.to:
		r.problem(n.get("to"), "不能交接给离职者本人", "whoever leaves can't take over from themselves")
	}
	return h
}

// play lets them leave: what the directory holds moves at once, then what is open, and what they own.
func (h *handover) play(w *world, n *node) *failure {
	if p, ok := w.company.Person(h.to); !ok || !p.Active {
		return fail(n, "%s 已离职，不能接手", "%s has left, and takes over nothing", h.to)
	}
	w.owned().leave(h)
	w.note("handover", h.of)
	for i, a := range w.absences {
		if a.by == h.of {
			other := *a
			if other.by = h.taker("absences"); other.by == a.of {
				other.by = ""
			}
			w.absences = slices.Clone(w.absences)
			w.absences[i] = &other
		}
	}
	w.everywhere(process.Event{Kind: process.EventHandover, From: h.of, To: h.taker("tasks"), Initiator: h.taker("initiator"), Comment: "left"})
	if f := w.settle(n); f != nil {
		return f
	}
	for _, r := range slices.Clone(w.records) {
		if r.Owner == h.of && r.typ.Field("owner") != nil {
			w.write(nil, r, process.Fields{"owner": h.taker("records")})
		}
	}
	return nil
}

// owned is the company as this case's own, to change it.
func (w *world) owned() *company {
	if !w.ownCopy {
		w.company, w.ownCopy = w.company.clone(), true
	}
	return w.company
}

// leave lets somebody leave. Their roles but the administrator's, groups and position, and whom they lead, go to successors; one from below moves up into
// their place.
func (c *company) leave(h *handover) {
	leaver, to, head := c.people[h.of], c.someone(h.taker("roles")), h.taker("departments")
	for _, role := range leaver.Roles {
		if role != "administrator" && !slices.Contains(to.Roles, role) {
			to.Roles = append(to.Roles, role)
		}
	}
	to.Position = cmp.Or(to.Position, leaver.Position)
	for id, members := range c.groups {
		if i := slices.Index(members, h.of); i >= 0 && slices.Contains(members, to.ID) {
			c.groups[id] = slices.Delete(members, i, i+1)
		} else if i >= 0 {
			members[i] = to.ID
		}
	}
	for id, d := range c.departments {
		if d.Head == h.of {
			d.Head = head
		}
		if d.InCharge == h.of {
			d.InCharge = head
		}
		c.departments[id] = d
	}
	if c.below(head, h.of) {
		c.people[head].Manager = leaver.Manager
	}
	for _, p := range c.people {
		if p.Manager == h.of {
			p.Manager = head
		}
	}
	leaver.Active, leaver.Roles, leaver.Position = false, nil, ""
	c.changed()
}

// below says whether somebody stands below another one, however far.
func (c *company) below(id, above string) bool {
	for range c.people {
		p := c.people[id]
		if p == nil || p.Manager == "" {
			return false
		}
		if id = p.Manager; id == above {
			return true
		}
	}
	return false
}
