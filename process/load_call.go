package process

import (
	"maps"
	"slices"
)

// load reads a call of another process. About a record of the same type and without `with` it is about this case's record; else it makes one.
func (k Call) load(c *chainLoader, s *Step, process *node) keys {
	k.Wait = true
	s.Do = k
	s.Ways = map[string]*Way{}
	id, ok := c.string(process)
	if !ok {
		return keys{"with": func(*node) {}, "wait": func(*node) {}, "on": func(*node) {}}
	}
	k.Process = id
	s.Do = k
	s.Title = Text{ZH: "流程：" + clip(id), EN: "Process: " + clip(id)}
	called := c.declaredProcess(id)
	if called == nil {
		c.unknown(process, c.processNames(), Text{ZH: "没有这个流程", EN: "no such process:"})
	}
	c.after(func() { c.checkCall(s, process, called) })
	return keys{
		"wait": func(v *node) {
			k.Wait = c.yes(v)
			s.Do = k
		},
		"with": func(v *node) {
			if called != nil {
				k.With = c.assigns(v, c.recordType(called.record))
				s.Do = k
			}
		},
		"on": func(v *node) {
			if called != nil {
				c.ways(s, v, "on", nil)
			}
			if called != nil && !c.base.Past {
				c.knownEnds(v, called)
			}
		},
	}
}

// knownEnds finds outcomes that the called process never ends with.
func (c *chainLoader) knownEnds(v *node, called *declared) {
	for _, p := range v.pairs {
		if idPattern.MatchString(p.key.text) && !slices.Contains(called.ends, p.key.text) {
			c.unknown(p.key, called.ends, Text{ZH: "被调用的流程没有这个结果", EN: "the called process never ends as"})
		}
	}
}

// checkCall looks at a call once it is read: what a new record needs, whether anybody waits for the outcome, and whether it comes back to itself.
func (c *chainLoader) checkCall(s *Step, at *node, called *declared) {
	k := s.Do.(Call)
	if c.base.Past {
		return
	}
	if !k.Wait && len(s.Ways) > 0 {
		c.problem(at, "`wait: false` 时不等结果，`on` 不起作用", "with `wait: false` nobody waits for the outcome, so `on` means nothing")
	}
	if called == nil {
		return
	}
	if t := c.recordType(called.record); t != nil && (t != c.p.Type || len(k.With) > 0) {
		c.requiredGiven(at, t, k.With)
	}
	if way := c.callsBack(k.Process); way != nil {
		c.problem(at, "流程调用回到自己：%s", "the process calls itself: %s", chainOfCalls(append([]string{c.p.ID}, way...)))
	}
}

func (c *chainLoader) processNames() []string {
	return slices.Compact(slices.Sorted(maps.Keys(merged(c.declaredOf(c.base), c.declared))))
}
