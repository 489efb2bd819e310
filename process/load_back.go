package process

import "slices"

// Places that a return may name with `return_to`.
const (
	toInitiator = "initiator"
	toPrevious  = "previous"
	toAny       = "any"
)

// Acts that `may` allows. A task has no return.
const (
	mayReturn   = "return"
	mayTransfer = "transfer"
	mayAdd      = "add"
	mayCopy     = "copy"
)

// Allows says whether a step lets its people do something beside deciding: return, transfer, add, copy. Without `may` all of it.
func (f Form) Allows(act string) bool { return f.May == nil || slices.Contains(f.May, act) }

// backKeys are the keys about what people of a step may do, and where a return leads.
func (c *chainLoader) backKeys(s *Step) keys {
	known := keys{
		"signature": func(v *node) { s.Form.Signature = c.oneOf(v, []string{"required"}) == "required" },
		"may":       func(v *node) { c.may(s, v) },
	}
	if s.Kind != "approve" {
		return known
	}
	known["return_to"] = func(v *node) { c.returnTo(s, v) }
	known["resume"] = func(v *node) {
		s.Form.Resume = c.oneOf(v, []string{"again", "back"})
		c.after(func() { c.needsReturn(s, v, "resume") })
	}
	return known
}

// may reads which acts a step offers. An approval that doesn't allow `return` has no such button.
func (c *chainLoader) may(s *Step, v *node) {
	acts := []string{mayTransfer, mayAdd, mayCopy}
	if s.Kind == "approve" {
		acts = append([]string{mayReturn}, acts...)
	}
	s.Form.May = []string{}
	if v.kind == nodeList && len(v.items) == 0 {
		c.after(func() { c.noReturn(s, v) })
		return
	}
	for _, w := range c.words(v) {
		if slices.Contains(acts, w.name) {
			s.Form.May = append(s.Form.May, w.name)
			continue
		}
		c.unknown(w.at, acts, Text{ZH: "`may` 没有这一项", EN: "`may` has no"})
	}
	c.after(func() { c.noReturn(s, v) })
}

// noReturn takes the button away where `may` leaves it out.
func (c *chainLoader) noReturn(s *Step, v *node) {
	if s.Kind != "approve" || s.Form.Allows(mayReturn) {
		return
	}
	if w := s.Ways[Returned]; w != nil && w.At != s.At {
		c.problem(v, "`may` 不含 `return`，但 `on.returned` 写了退回到哪里", "`may` leaves out `return`, but `on.returned` says where a return goes")
	}
	s.Ways[Returned] = nil
}

// returnTo reads where a return may go instead of where `on.returned` says.
func (c *chainLoader) returnTo(s *Step, v *node) {
	places := []string{toInitiator, toPrevious, toAny}
	for _, w := range c.words(v) {
		if !slices.Contains(places, w.name) {
			c.unknown(w.at, places, Text{ZH: "`return_to` 没有这一项", EN: "`return_to` has no"})
			continue
		}
		s.Form.ReturnTo = append(s.Form.ReturnTo, w.name)
	}
	c.after(func() { c.needsReturn(s, v, "return_to") })
}

// needsReturn: where a return goes that names no place must be said, by `on.returned` or by a `resubmit`.
func (c *chainLoader) needsReturn(s *Step, v *node, key string) {
	if s.Ways[Returned] == nil || !s.Form.Allows(mayReturn) {
		c.problem(v, "步骤 `%s` 不能退回，`%s` 不起作用：请写 `on: {returned: {go: …}}`",
			"the step `%s` can't be returned, so `%s` means nothing: say `on: {returned: {go: …}}`", s.ID, key)
	}
}

// revoke reads how an approved case may be undone.
func (c *chainLoader) revoke(v *node) {
	r := &Revoke{At: c.position(v)}
	ok := c.object(v, Text{ZH: "`revoke`", EN: "`revoke`"}, keys{
		"by":          func(v *node) { r.By = c.seats(v, false) },
		"within":      func(v *node) { r.Within = c.revokeLimit(v) },
		"approved_by": func(v *node) { r.ApprovedBy = c.seats(v, false) },
	})
	if !ok {
		return
	}
	c.p.Revoke = r
	if v.get("by") == nil {
		c.problem(v, "`revoke` 没有写谁可以撤销（`by`）", "`revoke` doesn't say who may ask for it (`by`)")
	}
	c.after(func() {
		if !c.endsAs(Approved) {
			c.problem(v, "`revoke` 撤销以 `approved` 结束的流程，这个流程不会这样结束", "`revoke` undoes a case that ended as `approved`; no way of this chain ends so")
		}
	})
}

// revokeLimit reads a limit that is counted from the end of the case, so it has a length.
func (c *chainLoader) revokeLimit(v *node) *Limit {
	limit := c.limit(v)
	if limit != nil && !limit.IsSpan() {
		c.problem(v, "`within` 需要一段时间，如 `5 working days`", "`within` takes a length of time, as `5 working days`")
		return nil
	}
	return limit
}

// endsAs says whether some way through the chain ends the case with an outcome.
func (c *chainLoader) endsAs(outcome string) bool {
	named := func(w outcomeWay) bool { return w.way.End == outcome }
	return c.p.normalOutcome() == outcome || slices.ContainsFunc(c.p.all(), func(s *Step) bool {
		end, ok := s.Do.(End)
		return ok && end.Outcome == outcome || slices.ContainsFunc(s.ways(), named)
	})
}

// Moments of a copy.
const (
	copyStart    = "start"
	copyEnd      = "end"
	copyHere     = "here"
	copyApproved = "approved"
)

// copies reads {to, at}, or a list of them.
func (c *chainLoader) copies(v *node, moments []string) []Copy {
	var out []Copy
	for _, item := range c.list(v) {
		var one Copy
		if item.kind != nodeMap {
			c.problem(item, "`copy` 应写成 {to: …, at: …}", "`copy` is written as {to: …, at: …}")
			continue
		}
		c.object(item, Text{ZH: "`copy`", EN: "`copy`"}, keys{
			"to": func(v *node) { one.To = c.seats(v, false) },
			"at": func(v *node) { one.At = c.oneOf(v, moments) },
		})
		for _, key := range []string{"to", "at"} {
			if item.get(key) == nil {
				c.problem(item, "`copy` 缺少 `%s`：应写成 {to: …, at: …}", "`copy` has no `%s`: it is written as {to: …, at: …}", key)
			}
		}
		out = append(out, one)
	}
	return out
}

// stepCopies reads a step's copies. Only an approval can be approved.
func (c *chainLoader) stepCopies(s *Step, v *node) {
	moments := []string{copyHere}
	if s.Kind == "approve" {
		moments = append(moments, copyApproved)
	}
	s.Copy = c.copies(v, moments)
}
