package process

// asksInitiator says whether an entry of `by` means the initiator, or somebody found by way of the initiator.
func asksInitiator(b By) bool {
	switch b.Kind {
	case ByInitiator:
		return true
	case ByManagerOf, ByManagersOf, ByPickedBy:
		return b.Of == string(ByInitiator)
	}
	return b.StandsIn != nil && asksInitiator(*b.StandsIn)
}

// checkInitiator: a chain that only events or a rhythm start has no initiator unless it says who counts as one.
func (c *chainLoader) checkInitiator() {
	start := c.p.Start
	if len(start.By) > 0 || start.As != nil || len(start.On) == 0 && start.Every == "" {
		return
	}
	for _, s := range c.p.all() {
		for _, b := range s.everybody() {
			if asksInitiator(b) {
				c.problemAt(b.At.Line, b.At.Column, "没有人发起这个流程，哪来的发起人？请在 `start` 写 `as`，如 `as: {field: owner}`",
					"nobody starts this process, so who is its initiator? Say `as` in `start`, as `as: {field: owner}`")
				return
			}
		}
	}
}

// everybody are all the entries that name people at a step.
func (s *Step) everybody() []By {
	var out []By
	one := func(b *By) {
		if b != nil {
			out = append(out, *b)
		}
	}
	if s.Who != nil {
		out = append(out, s.Who.Seats...)
		one(s.Who.IfNone.To)
		one(s.Who.IfInitiator.To)
	}
	if k, ok := s.Do.(Notify); ok {
		out = append(out, k.To...)
	}
	for _, r := range s.Time.Late {
		out = append(append(out, r.Tell...), r.Add...)
		one(r.Transfer)
	}
	for _, cp := range s.Copy {
		out = append(out, cp.To...)
	}
	return out
}
