package reference

import "slices"

// before writes down, of a decision that leads on, how a run and a mark are before they change: so they are again when it is taken back.
func (p *play) before(r *run, key string) {
	if p.led == nil {
		return
	}
	was := *r
	p.led.back = append(p.led.back, func() { *r = was })
	p.beforeMark(key)
}

func (p *play) beforeMark(key string) {
	m, there := p.marks[key]
	switch {
	case p.led == nil:
	case there:
		was := *m
		p.led.back = append(p.led.back, func() { *p.marks[key] = was })
	default:
		p.led.back = append(p.led.back, func() { delete(p.marks, key) })
	}
}

// leads begins to write down what a decision leads to.
func (p *play) leads(o *round) {
	o.back, o.next = nil, nil
	p.led, p.fresh = o, append(p.fresh, o)
}

// stands says of a decision that it can't be taken back whoever has opened what.
func (p *play) stands() {
	if p.led != nil {
		p.led.back, p.led.next = nil, nil
		p.led = nil
	}
}

// closes says that rounds are closed by a decision: one that was open before it makes it stand.
func (p *play) closes(rounds []*round) {
	for _, o := range rounds {
		if p.led != nil && !slices.Contains(p.led.next, o) {
			p.stands()
		}
		if p.led != nil {
			p.led.next = slices.DeleteFunc(p.led.next, func(next *round) bool { return next == o })
		}
	}
}

// untouched says whether nobody but one has opened any of the rounds that a decision led to, and nothing was done with them.
func (p *play) untouched(o *round, but string) bool {
	if len(o.next) == 0 {
		return false
	}
	live := p.open(p.root)
	for _, next := range o.next {
		if next.touched || !slices.Contains(live, next) || slices.ContainsFunc(next.readers, func(id string) bool { return id != but }) {
			return false
		}
	}
	return true
}

// stepBack makes everything as it was before a decision.
func (p *play) stepBack(o *round) {
	for _, back := range slices.Backward(o.back) {
		back()
	}
	o.back, o.next = nil, nil
	p.fresh = slices.DeleteFunc(p.fresh, func(other *round) bool { return other == o })
}

// read is somebody opening their task; one for which nobody was found is an administrator's.
func (p *play) read(act Act, o *round, s *seat) bool {
	if s.vacant != act.Admin || !s.vacant && s.who != act.By {
		return false
	}
	o.readers, s.readers = append(o.readers, act.By), append(s.readers, act.By)
	return true
}

// wasReturned says whether somebody else has returned a round: that acts at once, so nothing but it can be taken back.
func (o *round) wasReturned(but *seat) bool {
	return slices.ContainsFunc(o.line, func(s *seat) bool { return s != but && s.vote == "returned" })
}
