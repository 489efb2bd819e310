package process

import "maps"

// approveOutcomes are the outcomes of an approval, in the order people read them.
var approveOutcomes = []string{Approved, Rejected, Returned}

func (Approve) load(c *chainLoader, s *Step, title *node) keys {
	s.Title = c.title(title)
	s.Ways = map[string]*Way{}
	s.Form.CommentRequired = []string{Rejected, Returned}
	c.after(func() { c.defaultWays(s) })
	known := c.people(s)
	maps.Copy(known, keys{
		"on": func(v *node) { c.ways(s, v, "on", approveOutcomes) },
		"reapprove_if_changed": func(v *node) {
			s.Form.Reapprove = c.formFields(s, v)
			c.p.asked[s.ID] = true // whether it approved is asked when such a field changes
		},
	})
	return known
}

// defaultWays fills what `on` leaves out: approved goes on, rejected ends the case, returned goes to the initiator where the process can be
// submitted again.
func (c *chainLoader) defaultWays(s *Step) {
	ways := map[string]*Way{Approved: {At: s.At}, Rejected: {End: Rejected, At: s.At}}
	if c.p.Resubmit != nil {
		ways[Returned] = &Way{Go: ResubmitStep, At: s.At}
	}
	for outcome, way := range ways {
		if _, given := s.Ways[outcome]; !given {
			s.Ways[outcome] = way
		}
	}
	if w, given := s.Ways[Approved]; given && w == nil {
		c.problemAt(s.At.Line, s.At.Column, "审批不能没有“同意”", "an approval can't be without `approved`")
		s.Ways[Approved] = &Way{At: s.At}
	}
}
