package reference

import (
	"slices"
	"strings"
)

// do plays an act; false when it is refused, and nothing has happened.
func (p *play) do(act Act) bool {
	if act.Do == "withdraw" {
		if act.By != p.chain.Initiator {
			return false
		}
		p.saw["withdraw"] = true
		p.end("withdrawn")
		return true
	}
	o, s := p.find(act, p.open(p.root))
	if act.Do == "take back" {
		return p.takeBack(act, o, s)
	}
	if o == nil {
		return false
	}
	if act.Do == "read" {
		return p.read(act, o, s)
	}
	done := p.doWith(act, o, s)
	if done {
		o.touched, s.led, s.heard = true, false, false
	}
	return done
}

// doWith is an act on a task.
func (p *play) doWith(act Act, o *round, s *seat) bool {
	if act.Do == "remove" {
		return p.remove(act, o, s)
	}
	if s.since == 0 || s.vote != "" || !act.Admin && (s.vacant || s.who != act.By) {
		return false
	}
	switch act.Do {
	case "add":
		return p.add(act, o, s)
	case "transfer", "assign":
		return p.give(act, o, s)
	}
	return p.answer(act, o, s)
}

// find is the seat an act is about, among these rounds: one without an answer, but for who takes theirs back.
func (p *play) find(act Act, rounds []*round) (*round, *seat) {
	for _, o := range rounds {
		if o.step.ID != act.Step || o.run.item != act.Item {
			continue
		}
		nth := 0
		for _, s := range o.line {
			if s.since == 0 || s.who != act.Whom || (act.Do == "take back") != (s.vote != "") {
				continue
			}
			if nth == act.Nth {
				return o, s
			}
			nth++
		}
	}
	return nil, nil
}

// answer is a decision.
func (p *play) answer(act Act, o *round, s *seat) bool {
	if (act.Do == "complete") != (o.step.Kind == Task) || len(o.waitsFor(s)) > 0 {
		return false
	}
	if act.Changes && (!o.step.Edits || s.group != nil) {
		return false
	}
	if act.Do == "return" {
		return s.group == nil && p.goesBack(act, o, s)
	}
	p.change(act)
	waited := slices.DeleteFunc(slices.Clone(o.line), func(s *seat) bool { return len(o.waitsFor(s)) == 0 })
	s.vote, s.by = map[string]string{"approve": "approved", "reject": "rejected", "complete": "done"}[act.Do], act.By
	gone, open := p.goOn(o)
	if !open {
		return true
	}
	o.gone = append(o.gone, gone...)
	for _, other := range o.line {
		other.led = other.led || other.since == p.now+1
		if other.vote == "" && slices.Contains(waited, other) && len(o.waitsFor(other)) == 0 {
			other.heard, other.readers = true, nil
		}
	}
	return true
}

// goesBack is a return: to where the step says, or to a step passed.
func (p *play) goesBack(act Act, o *round, s *seat) bool {
	to, items := act.To, act.Items
	switch named := to != "" && to != o.step.Back; {
	case !named:
		to = o.step.Back
		if o.step.Chosen && len(items) == 0 {
			return false
		}
	case !o.step.Anywhere:
		return false
	}
	if !o.step.Chosen || to != o.step.Back {
		items = nil
	}
	r, at := p.root, -1
	var inside []int
	if to != Initiator {
		if r, at, inside = p.whereIs(o.run, to); r == nil || to != o.step.Back && !p.passed(r, at) {
			return false
		}
	}
	p.change(act)
	s.vote, s.by = "returned", act.By
	p.leads(o)
	p.beforeMark(place(o.step.ID, o.run.item))
	p.mark(o.step.ID, o.run.item).status = "returned"
	p.noteReturn(o, r, at, items, inside)
	if len(p.open(r)) > 1 {
		p.stands()
	}
	p.goBack(r, at, items, inside)
	return true
}

// whereIs finds a step in a run's list, or in those around it; or inside a stage or a choice of them that is over, by its place in there.
func (p *play) whereIs(r *run, id string) (_ *run, at int, inside []int) {
	for ; r != nil; r = r.in {
		for i, s := range r.list {
			if s.ID == id {
				return r, i, nil
			}
			if in := p.inGroup(s, r.item, id); in != nil && i < r.at {
				return r, i, in
			}
		}
	}
	return nil, 0, nil
}

// inGroup finds a step that was done in a stage or a choice that is over, or in one in there.
func (p *play) inGroup(s *Step, item, id string) []int {
	if m := p.marks[place(s.ID, item)]; s.Kind != Stage && s.Kind != Choose || m == nil || m.status != "done" {
		return nil
	}
	for i, inner := range s.only() {
		if inner.ID == id && p.done(inner, item) {
			return []int{i}
		}
		if in := p.inGroup(inner, item, id); in != nil {
			return append([]int{i}, in...)
		}
	}
	return nil
}

// passed says whether a step of a list around was done before the place where its run stands.
func (p *play) passed(r *run, at int) bool { return at < r.at && p.done(r.list[at], r.item) }

// done says whether somebody has done a step, or one in it.
func (p *play) done(s *Step, item string) bool {
	if m := p.marks[place(s.ID, item)]; m == nil || m.status != "done" {
		return false
	}
	somebody := len(s.Lists) == 0
	for _, list := range s.Lists {
		p.eachStep(list, func(inner *Step) {
			for key, m := range p.marks {
				id, of, _ := strings.Cut(key, "@")
				somebody = somebody || id == inner.ID && len(inner.Lists) == 0 && (m.status == "done" || m.status == "voided") && inside(of, item)
			}
		})
	}
	return somebody
}

func (p *play) noteReturn(o *round, r *run, at int, items []string, inside []int) {
	if len(o.line) > 1 {
		p.saw["return in a round"] = true
	}
	if inside != nil {
		p.saw["return into a group"] = true
	}
	if r != o.run && slices.ContainsFunc(o.runsUpTo(r), func(around *run) bool { k := around.step().Kind; return k == Parallel || k == Each }) {
		p.saw["return out of a fork"] = true
	}
	for i := max(at, 0); i < r.at; i++ {
		if s := r.list[i]; (s.Kind == Parallel || s.Kind == Each) && p.mark(s.ID, r.item).status == "done" {
			p.saw["return past a fork"] = true
		}
	}
	if items != nil {
		p.saw["chosen items"] = true
	}
}

// runsUpTo are the runs around a round's, up to one.
func (o *round) runsUpTo(r *run) []*run {
	var out []*run
	for at := o.run; at != r; {
		at = at.in
		out = append(out, at)
	}
	return out
}

// takeBack takes one's own answer back while nobody who was asked because of it has opened their task or done anything with it, and nothing else followed.
func (p *play) takeBack(act Act, o *round, s *seat) bool {
	open := o != nil
	if !open {
		o, s = p.find(act, p.kept(p.root))
	}
	stepsBack := o == nil
	if stepsBack {
		o, s = p.find(act, slices.DeleteFunc(slices.Clone(p.fresh), func(o *round) bool { return !p.untouched(o, act.By) }))
	}
	if o == nil || s.vote == "" || s.by != act.By || s.where == "before" && !slices.Contains(o.line, s.at) || o.wasReturned(s) {
		return false
	}
	asked, heard := o.ledTo(s)
	if !open && len(asked)+len(heard) > 0 || !standBy(asked, act.By, false) || !standBy(heard, act.By, true) {
		return false
	}
	vote, line := s.vote, o.line
	s.vote = ""
	if open {
		o.line = slices.Concat(o.line, o.gone)
	}
	_, decided := o.outcome()
	useless := open && o.needless(s)
	if o.line = line; decided && !open || useless { // by others
		s.vote = vote
		return false
	}
	p.saw["take back"] = true
	s.by = ""
	o.touched = true
	if !open {
		o.gone = o.letGo() // somebody else has answered for their group
	}
	switch {
	case open:
		p.turnBack(o, asked, heard)
		return true
	case stepsBack:
		p.saw["step back"] = true
		p.stepBack(o)
		return true
	}
	p.saw["take back in a branch"] = true
	o.run.asked = o
	for r := o.run; r.over; r = r.in {
		r.over, r.last = false, nil
		m := p.mark(r.step().ID, r.item)
		if m.status = "open"; r.then > 0 && len(r.step().Lists) > 0 {
			m.status = "voided"
		}
		if r.in.over {
			r.in.below = []*run{r}
		}
	}
	return true
}

// ledTo are those who, without a seat's answer, wouldn't have been asked later, and those who would wait for opinions.
func (o *round) ledTo(s *seat) (asked, heard []*seat) {
	waited := map[*seat]int{}
	for _, other := range o.line {
		waited[other] = len(o.waitsFor(other))
	}
	vote := s.vote
	s.vote = ""
	defer func() { s.vote = vote }()
	for _, other := range o.line {
		if other == s || other.since == 0 {
			continue
		}
		before := func(a, b *seat) bool {
			return a.since > 0 && (a.since < b.since || a.since == b.since && slices.Index(o.line, a) < slices.Index(o.line, b))
		}
		then := o.turnAfter(other, func(a *seat) bool { return before(a, other) })
		switch {
		case before(s, other) && !then:
			asked = append(asked, other)
		case waited[other] == 0 && len(o.waitsFor(other)) > 0:
			heard = append(heard, other)
		}
	}
	return asked, heard
}

// standBy says whether all of these have come to their tasks by an answer, and nobody but one has opened them since or done anything with them.
func standBy(all []*seat, but string, heard bool) bool {
	return !slices.ContainsFunc(all, func(s *seat) bool {
		return !s.led && (!heard || !s.heard) || slices.ContainsFunc(s.readers, func(id string) bool { return id != but })
	})
}

// turnBack makes a round what it was before an answer: these are asked later, these wait again, and so does the round for whoever was let go.
func (p *play) turnBack(o *round, asked, heard []*seat) {
	p.saw["turn back"] = p.saw["turn back"] || len(asked)+len(heard) > 0
	for _, s := range asked {
		s.since, s.led, s.heard, s.readers = 0, false, false, nil
	}
	for _, s := range heard {
		s.led, s.heard, s.readers = false, false, nil
	}
	var still []*seat
	for _, s := range o.gone {
		if !s.vacant && o.has(s.who, s) {
			still = append(still, s)
			continue
		}
		s.led, s.heard, s.readers = false, false, nil
		if s.since > 0 {
			s.since = p.now + 1
		}
		o.line = append(o.line, s)
	}
	o.gone = append(still, o.letGo()...)
}

// add asks more people, each of whom has no seat here yet.
func (p *play) add(act Act, o *round, s *seat) bool {
	if o.step.Kind != Approve {
		return false
	}
	g := &group{mode: act.Mode}
	if len(act.People) == 1 || g.mode == "" {
		g.mode = "all"
	}
	where, at := act.Where, s
	if where == "beside" && s.group != nil {
		where, at = s.where, s.at // beside somebody who was added is where that one is asked
	}
	var more []*seat
	for _, id := range act.People {
		there := p.seatFor(id)
		if there.vacant || o.has(there.who, nil) || slices.ContainsFunc(more, func(s *seat) bool { return s.who == there.who }) {
			return false
		}
		there.at, there.where, there.group, there.adder = at, where, g, act.By
		more = append(more, there)
	}
	p.saw["add in an open round"] = true
	o.line = append(o.line, more...)
	p.askWhoseTurn(o)
	return true
}

// has says whether somebody has, or had, a seat other than this one.
func (o *round) has(id string, but *seat) bool {
	return slices.ContainsFunc(o.line, func(s *seat) bool { return s != but && (s.who == id && !s.vacant || s.by == id) })
}

// give gives a seat to somebody, or to who stands in for them.
func (p *play) give(act Act, o *round, s *seat) bool {
	to := p.there(act.To)
	switch {
	case act.Do == "assign" && !act.Admin, to == "", o.has(to, s):
		return false
	case act.To != to && to == s.who:
		return false
	case act.Do == "transfer" && (act.To == s.who || s.moved && !act.Admin):
		return false
	}
	s.who, s.standsFor, s.vacant = to, "", false
	if to != act.To {
		s.standsFor = act.To
		p.saw["substitute"] = true
	}
	s.moved = s.moved || act.Do == "transfer" && s.group != nil && !act.Admin
	return true
}

// remove takes people out who haven't answered: an administrator anybody, others whom they added.
func (p *play) remove(act Act, o *round, s *seat) bool {
	going := []*seat{s}
	if len(act.People) > 0 {
		going = nil
		for _, id := range act.People {
			one := o.seatOf(id)
			if one == nil {
				return false
			}
			going = append(going, one)
		}
	}
	for _, s := range going {
		if s.vote != "" || !act.Admin && (s.group == nil || s.adder != act.By) {
			return false
		}
	}
	o.line = slices.DeleteFunc(o.line, func(s *seat) bool { return slices.Contains(going, s) })
	o.letGo()
	if len(o.voices()) > 0 {
		p.goOn(o)
		return true
	}
	p.saw["remove the last"] = true
	if o.step.Nobody == "skip" {
		p.leaveStep(o.run, "passed_over")
		return true
	}
	instead := &seat{vacant: true}
	if o.step.Nobody != "hold" {
		instead = p.seatFor(o.step.Nobody)
	}
	o.line, o.base = append(o.line, instead), 1
	p.askWhoseTurn(o)
	return true
}
