package reference

import (
	"slices"
	"strings"
)

// change voids the approvals that looked at the content, where an answer changes it: of open rounds, and of those that are over and still count.
func (p *play) change(act Act) {
	if !act.Changes {
		return
	}
	for _, o := range p.open(p.root) {
		for _, s := range o.line {
			if o.step.Watches && s.vote == "approved" {
				p.saw["asked again at once"] = true
				s.vote, s.by = "", ""
			}
		}
	}
	p.eachStep(p.chain.Steps, func(s *Step) {
		for key, m := range p.marks {
			if id, item, _ := strings.Cut(key, "@"); id == s.ID && s.Watches && m.status == "done" && p.counts(m) {
				m.status = "voided"
				p.final(s, item)
			}
		}
	})
}

func (p *play) eachStep(steps []*Step, do func(*Step)) {
	for _, s := range steps {
		do(s)
		for _, list := range s.Lists {
			p.eachStep(list, do)
		}
	}
}

// counts says whether all that is around a step is still what it was when the step was asked.
func (p *play) counts(m *mark) bool {
	for holder, times := range m.around {
		if holder.afresh != times || holder.status == "left" || holder.status == "passed_over" {
			return false
		}
	}
	return true
}

// final says of a round that is void that none of its answers is taken back.
func (p *play) final(s *Step, item string) {
	is := func(o *round) bool { return o.step == s && o.run.item == item }
	p.fresh = slices.DeleteFunc(p.fresh, is)
	for _, o := range p.kept(p.root) {
		if is(o) {
			for r := o.run; r != nil && r.last == o || r == o.run; r = r.in {
				r.last = nil
			}
		}
	}
}

// lose says of what was approved in a list that the chain doesn't go on with it.
func (p *play) lose(list []*Step, outer string) {
	p.eachStep(list, func(s *Step) {
		for key, m := range p.marks {
			if id, item, _ := strings.Cut(key, "@"); id == s.ID && s.Watches && inside(item, outer) && (m.status == "done" || m.status == "voided") {
				p.beforeMark(key)
				m.status = "left"
			}
		}
	})
}

// void are the runs of a step's lists in which an approval is void, each named by the place of the list among them and the item.
func (p *play) void(s *Step, outer string) []*run {
	var out []*run
	for _, list := range s.Lists {
		var items []string
		p.eachStep(list, func(inner *Step) {
			for key, m := range p.marks {
				id, item, _ := strings.Cut(key, "@")
				if id != inner.ID || !inner.Watches || m.status != "voided" || !inside(item, outer) || !p.counts(m) {
					continue
				}
				of := outer
				if s.Kind == Each {
					first, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(item, outer), "/"), "/")
					of = strings.TrimPrefix(outer+"/"+first, "/")
				}
				if !slices.Contains(items, of) {
					items = append(items, of)
				}
			}
		})
		slices.Sort(items)
		for _, item := range items {
			out = append(out, &run{list: list, item: item, at: len(list) - 1, then: len(list)})
		}
	}
	return out
}

// askAgain lets a run ask again the first of its steps that is void, or that holds something void, before it goes on at a place.
func (p *play) askAgain(r *run, then int) bool {
	for at, s := range r.list {
		m := p.marks[place(s.ID, r.item)]
		if m == nil {
			continue
		}
		if s.Watches && m.status == "voided" {
			p.saw["asked again"] = true
			r.then = then
			p.goTo(r, at, nil)
			return true
		}
		if lists := p.void(s, r.item); len(lists) > 0 {
			p.before(r, place(s.ID, r.item))
			r.at, r.then, m.status = at, then, "voided"
			p.askIn(r, lists)
			return true
		}
	}
	return false
}

// askIn lets runs of the lists of a step ask again what is void in them, beside each other.
func (p *play) askIn(r *run, lists []*run) {
	p.saw["asked again inside"] = true
	p.closing = nil
	r.below = lists
	for _, child := range lists {
		child.in = r
		p.askAgain(child, child.then)
	}
}
