package reference

import (
	"slices"
	"strings"
)

// round is a step that asks people.
type round struct {
	run  *run
	step *Step
	line []*seat // in the order in which they came to it
	base int     // how many of its own it had when it opened

	gone    []*seat  // whom nobody waited for any more because of an answer
	touched bool     // something was done with it
	readers []string // who has opened a task of it
	next    []*round // once decided: the rounds that were opened because of it
	back    []func() // and what makes everything as it was
}

// seat is one person's place. Those added before or after one hang at it; those added beside stand by themselves.
type seat struct {
	who, standsFor string
	vacant         bool
	vote, by       string
	since          int   // with which act it was asked, from 1; 0: not yet
	at             *seat // whom it was added before or after
	where          string
	group          *group
	adder          string
	moved          bool

	led     bool     // it was asked because of an answer, and nothing was done with it since
	heard   bool     // or it had waited for an opinion
	readers []string // who has opened it since
}

// group are people who were added together.
type group struct{ mode string }

func (s *seat) name() string {
	switch {
	case s.vacant:
		return "nobody"
	case s.standsFor != "":
		return s.who + " for " + s.standsFor
	}
	return s.who
}

// there is who stands in for somebody now, or they themselves; "" for nobody.
func (p *play) there(id string) string {
	for seen := map[string]bool{}; id != ""; {
		next, away := p.chain.Away[id]
		if !away {
			return id
		}
		if seen[id] {
			return ""
		}
		seen[id], id = true, next
	}
	return ""
}

// seatFor is the seat of somebody, or of who stands in for them; vacant when nobody does.
func (p *play) seatFor(id string) *seat {
	who := p.there(id)
	if who == "" {
		return &seat{vacant: true}
	}
	s := &seat{who: who}
	if who != id {
		s.standsFor = id
		p.saw["substitute"] = true
	}
	return s
}

// ask opens a step for its people; each is asked once.
func (p *play) ask(r *run, s *Step) {
	o := &round{run: r, step: s}
	for _, id := range s.Who {
		if p.there(id) == "" {
			if s.Nobody == "skip" {
				continue
			}
			if s.Nobody != "hold" {
				id = s.Nobody
			}
		}
		if seat := p.seatFor(id); seat.vacant || o.seatOf(seat.who) == nil {
			o.line = append(o.line, seat)
		}
	}
	if len(o.line) == 0 {
		p.leaveStep(r, "passed_over")
		return
	}
	r.asked, o.base = o, len(o.line)
	if p.led != nil {
		p.led.next = append(p.led.next, o)
	}
	p.askWhoseTurn(o)
}

// seatOf is somebody's seat; one without an answer comes first.
func (o *round) seatOf(who string) *seat {
	var found *seat
	for _, s := range o.line {
		if s.who == who && !s.vacant && (found == nil || found.vote != "") {
			found = s
		}
	}
	return found
}

// askWhoseTurn asks everybody whose turn has come.
func (p *play) askWhoseTurn(o *round) {
	for _, s := range o.line {
		if s.since == 0 && o.turn(s) {
			s.since = p.now + 1
			if strings.Contains(o.run.item, "/") {
				p.saw["nested each"] = true
			}
		}
	}
}

// turn says whether a seat may be asked, by what those asked so far have answered.
func (o *round) turn(s *seat) bool {
	return o.turnAfter(s, func(other *seat) bool { return other.since > 0 })
}

func (o *round) turnAfter(s *seat, asked func(*seat) bool) bool {
	if s.group == nil {
		return o.step.Mode != "in_turn" || !slices.ContainsFunc(o.voices(), func(v []*seat) bool {
			return v[0] != s && asked(v[0]) && len(o.can(v)) > 1
		})
	}
	if s.where == "after" && s.at.vote != "approved" {
		return false
	}
	return s.group.mode != "in_turn" || !slices.ContainsFunc(o.line, func(other *seat) bool {
		return other != s && other.group == s.group && asked(other) && len(o.canOne(other)) > 1
	})
}

// voices are the answers of which the step's is made: a seat each, but people added beside of whom the first answers for all are one.
func (o *round) voices() [][]*seat {
	var out [][]*seat
	for _, s := range o.line {
		if s.where != "" && s.where != "beside" {
			continue
		}
		i := slices.IndexFunc(out, func(v []*seat) bool { return s.group != nil && s.group.mode == "first" && v[0].group == s.group })
		if i < 0 {
			out = append(out, []*seat{s})
		} else {
			out[i] = append(out[i], s)
		}
	}
	return out
}

// groups are those added before, or after, a seat.
func (o *round) groups(at *seat, where string) [][]*seat {
	var out [][]*seat
	for _, s := range o.line {
		if s.at != at || s.where != where {
			continue
		}
		i := slices.IndexFunc(out, func(g []*seat) bool { return g[0].group == s.group })
		if i < 0 {
			out = append(out, []*seat{s})
		} else {
			out[i] = append(out[i], s)
		}
	}
	return out
}

// canOne is what a seat's answer can still be: who agreed may yet be refused by those asked after them.
func (o *round) canOne(s *seat) []string {
	switch s.vote {
	case "":
		return []string{"approved", "rejected"}
	case "rejected":
		return []string{"rejected"}
	case "done":
		return []string{"done"}
	}
	can := []string{"approved"}
	for _, g := range o.groups(s, "after") {
		switch answers := o.can(g); {
		case len(answers) > 1:
			can = answers
		case answers[0] == "rejected":
			return answers
		}
	}
	return can
}

// can is what the answer of people together can still be: that of the first of them, or all must agree.
func (o *round) can(g []*seat) []string {
	first := g[0].group != nil && g[0].group.mode == "first"
	can := []string{"approved"}
	for _, s := range g {
		switch answers := o.canOne(s); {
		case first && len(answers) == 1, len(answers) == 1 && answers[0] == "rejected", len(g) == 1:
			return answers
		case len(answers) > 1:
			can = answers
		}
	}
	return can
}

// waitsFor are those who must answer before a seat may.
func (o *round) waitsFor(s *seat) []*seat {
	var out []*seat
	for _, g := range o.groups(s, "before") {
		open := slices.DeleteFunc(slices.Clone(g), func(s *seat) bool { return len(o.canOne(s)) == 1 })
		if g[0].group.mode == "first" && len(open) < len(g) {
			continue
		}
		out = append(out, open...)
	}
	return out
}

// outcome tries every way in which the open answers can still be given; decided when all of them end alike.
func (o *round) outcome() (outcome string, decided bool) {
	var sure []string
	open := 0
	for _, v := range o.voices() {
		if can := o.can(v); len(can) > 1 {
			open++
		} else {
			sure = append(sure, can[0])
		}
	}
	switch {
	case o.step.Kind == Task:
		return "done", open == 0
	case o.step.Mode == "first" && len(sure) > 0:
		return sure[0], true
	case open > 0 && (o.step.Mode == "first" || o.step.Mode == "all_opinions"):
		return "", false
	}
	outcomes := map[string]bool{}
	for way := range 1 << open {
		agree, refuse := count(sure, "approved"), count(sure, "rejected")
		for i := range open {
			if way&(1<<i) != 0 {
				agree++
			} else {
				refuse++
			}
		}
		outcomes[o.counted(agree, refuse)] = true
	}
	for outcome = range outcomes {
		return outcome, len(outcomes) == 1
	}
	return "", false
}

func count(answers []string, what string) int {
	n := 0
	for _, a := range answers {
		if a == what {
			n++
		}
	}
	return n
}

func (o *round) counted(agree, refuse int) string {
	switch {
	case o.step.Mode != "votes" && refuse > 0:
		return "rejected"
	case o.step.Mode != "votes" || agree*o.step.Of >= o.step.Need*o.base:
		return "approved"
	case refuse*o.step.Of >= o.step.Need*o.base:
		return "rejected"
	}
	return o.step.Tie
}

// goOn closes a step that is decided; else it lets go of whoever nobody waits for, whom it gives, and asks whose turn it is.
func (p *play) goOn(o *round) (gone []*seat, open bool) {
	if outcome, decided := o.outcome(); decided {
		for _, s := range o.line {
			s.led, s.heard = false, false
		}
		o.gone = nil
		p.decided(o, outcome)
		return nil, false
	}
	gone = o.letGo()
	p.askWhoseTurn(o)
	return gone, true
}

func (p *play) decided(o *round, outcome string) {
	if outcome == "rejected" {
		p.mark(o.step.ID, o.run.item).status = "done"
		p.end("rejected")
		return
	}
	p.closing = o
	p.leads(o)
	if o.run.at < 0 {
		p.closing = nil
	}
	p.leaveStep(o.run, "done")
	p.closing = nil
}

// letGo takes out of a round whoever nobody waits for, and those added at them.
func (o *round) letGo() (gone []*seat) {
	for {
		i := slices.IndexFunc(o.line, func(s *seat) bool { return s.vote == "" && o.needless(s) })
		if i < 0 {
			return gone
		}
		s := o.line[i]
		late := o.unconfirmed(s)
		gone = append(gone, s)
		o.line = slices.Delete(o.line, i, i+1)
		for _, at := range late { // somebody else has answered for its group before it was confirmed
			i := slices.Index(o.line, at)
			o.line = append(slices.Delete(o.line, i, i+1), at)
		}
	}
}

// unconfirmed are those who have answered and for whom nobody waits any more before a seat has confirmed it, or one after which that was added.
func (o *round) unconfirmed(s *seat) (late []*seat) {
	for s.where == "after" && slices.Contains(o.line, s.at) && s.at.vote != "" && len(o.canOne(s.at)) > 1 && o.needless(s.at) {
		s = s.at
		late = append(late, s)
	}
	return late
}

func (o *round) needless(s *seat) bool {
	if s.group == nil {
		return false
	}
	together := slices.DeleteFunc(slices.Clone(o.line), func(other *seat) bool { return other.group != s.group })
	answered := s.group.mode == "first" && len(o.can(together)) == 1
	if s.where == "beside" {
		return answered
	}
	gone := !slices.Contains(o.line, s.at) || o.needless(s.at) && len(o.canOne(s.at)) > 1
	if s.where == "after" {
		return gone || answered || s.at.vote != "" && len(o.canOne(s.at)) == 1
	}
	return gone || answered || s.at.vote != ""
}
