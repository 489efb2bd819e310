package process

// checkLoops finds loops in which nobody is asked and nothing waits: such a case would run for ever. Where people might be passed over, or a
// moment be past, it is only a warning.
func (c *chainLoader) checkLoops() {
	if at, ok := c.loop(c.flow(silentLegs).edges); ok {
		c.problemAt(at.Line, at.Column, "循环里没有人处理，也不等待，流程会无休止地转", "a loop in which nobody is asked and nothing waits: the case would run for ever")
		return
	}
	if at, ok := c.loop(c.flow(perhapsSilentLegs).edges); ok {
		c.warn(&node{line: at.Line, column: at.Column}, "如果循环里的步骤都被跳过，或等待的时间已过，流程会无休止地转",
			"if every step of this loop is passed over, or what it waits for is past, the case would run for ever")
	}
}

// silentLegs are the ways that are taken without asking anybody and without waiting. An `each` counts as having items.
func silentLegs(f *flow, s *Step) []leg {
	if s.Who != nil || s.waits() {
		return nil
	}
	if each, ok := s.Do.(Each); ok {
		return []leg{{to: each.Steps.First(), at: s.At}}
	}
	return everyLeg(f, s)
}

// waits says whether a step that asks nobody waits, as far as can be known.
func (s *Step) waits() bool {
	switch k := s.Do.(type) {
	case Wait, Request:
		return true
	case Call:
		return k.Wait
	}
	return false
}

// perhapsSilentLegs are those that may be taken without asking anybody: where people may be passed over, a date may be past, a list empty,
// and a system that answers at once asked again and again.
func perhapsSilentLegs(f *flow, s *Step) []leg {
	switch k := s.Do.(type) {
	case Wait:
		if k.Until != nil || k.Limit != nil && *k.Limit == (Limit{n: 1, unit: startOfWorkingDay}) {
			return everyLeg(f, s)
		}
		return f.passedOver(s)
	case Call:
		if k.Wait {
			return f.passedOver(s)
		}
	}
	if s.Who == nil {
		return everyLeg(f, s)
	}
	if s.If != nil || s.Who.IfNone.Do == "skip" || s.Who.IfInitiator.Do == "skip" {
		return []leg{f.next(s, s.At)}
	}
	return nil
}

// passedOver is the leg past a step that has a condition.
func (f *flow) passedOver(s *Step) []leg {
	if s.If == nil {
		return nil
	}
	return []leg{f.next(s, s.At)}
}

// loop finds a closed way and gives where its last leg is written.
func (c *chainLoader) loop(edges func(*Step) []edge) (Position, bool) {
	const open, done = 1, 2
	state := map[*Step]int{}
	var found *edge
	var walk func(*Step)
	walk = func(s *Step) {
		state[s] = open
		for _, e := range edges(s) {
			switch {
			case found != nil:
				return
			case state[e.to] == open:
				found = &e
			case state[e.to] == 0:
				walk(e.to)
			}
		}
		state[s] = done
	}
	for _, s := range c.p.all() {
		if state[s] == 0 && found == nil {
			walk(s)
		}
	}
	if found == nil {
		return Position{}, false
	}
	return found.at, true
}
