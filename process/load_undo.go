package process

import "slices"

// undoKinds are the kinds whose effect may say what becomes of it. An approval and a task have one where their ways `set` something.
var undoKinds = []string{"approve", "task", "set", "create", "notify", "decide", "call", "request"}

// undoSteps are the kinds that an undo may consist of: none of them asks or waits for anybody.
var undoSteps = []string{"set", "create", "notify", "call", "request"}

// undo reads what becomes of a step's effect when the case goes back past it, is rejected, withdrawn, cancelled or revoked. It is written
//
//	undo: restore            the fields that the step set get back what was in them
//	undo: [steps]            these are done instead; or a single step without the list
//	undo: {steps: [steps]}   the same
//
// The steps of an undo are of the kinds in [undoSteps]. They run to their end at once, and nobody waits for what they call, so nothing follows from them:
// they have no `then`, `on`, `into`, `failed`, `aside`, `copy` or `undo`.
func (c *chainLoader) undo(s *Step, v *node) {
	u := &Undo{At: c.position(v)}
	s.Undo = u
	if v.kind == nodeText {
		u.Restore = c.oneOf(v, []string{"restore"}) == "restore"
		c.after(func() { c.restores(s, v) })
		return
	}
	list := v
	if v.kind == nodeMap && v.get("steps") != nil {
		c.object(v, Text{ZH: "`undo`", EN: "`undo`"}, keys{"steps": func(v *node) { list = v }})
	}
	if list.kind == nodeMap {
		list = &node{kind: nodeList, line: v.line, column: v.column, items: []*node{v}}
	}
	if list.kind != nodeList {
		c.problem(v, "`undo` 应写成 `restore` 或步骤的列表", "`undo` is written as `restore` or as a list of steps")
		return
	}
	u.Steps = c.steps(list, s.list.Path+"."+s.ID+".undo", s)
	for _, step := range u.Steps.Steps {
		c.undoStep(step)
	}
	if s.Who != nil {
		c.after(func() { c.setsSomething(s, v) })
	}
}

// undoStep checks one step of an undo.
func (c *chainLoader) undoStep(s *Step) {
	at := &node{line: s.At.Line, column: s.At.Column}
	request, _ := s.Do.(Request)
	follows := s.Then != nil || len(s.Ways) > 0 || request.Failed != nil || len(request.Into) > 0
	if call, ok := s.Do.(Call); ok {
		call.Wait = false
		s.Do = call
	}
	switch {
	case !slices.Contains(undoSteps, s.Kind):
		c.problem(at, "`undo` 里的步骤不能等人：可以是 %s", "a step of `undo` waits for nobody: it is one of %s", quoted(undoSteps))
	case follows || s.Aside || s.Undo != nil || len(s.Copy) > 0:
		c.problem(at, "`undo` 里的步骤之后不再有别的：不用 `then`、`on`、`into`、`failed`、`aside`、`copy` 和 `undo`",
			"nothing follows from a step of `undo`: it has no `then`, `on`, `into`, `failed`, `aside`, `copy` or `undo`")
	}
}

// restores checks that there is something to put back, and that it is this record's.
func (c *chainLoader) restores(s *Step, v *node) {
	set, ok := s.Do.(Set)
	assigns := slices.Clone(set.Fields)
	if s.Who != nil {
		c.setsSomething(s, v)
		for _, w := range s.ways() {
			assigns = append(assigns, w.way.Set...)
		}
	}
	switch {
	case !ok && s.Who == nil:
		c.problem(v, "`undo: restore` 只用于 `set`：请写明撤销的步骤，如 `undo: [{set: …}]`",
			"`undo: restore` goes with `set`: say which steps undo this one, as `undo: [{set: …}]`")
	case slices.ContainsFunc(assigns, elsewhere):
		c.problem(v, "`undo: restore` 只能恢复本记录的字段：请写明撤销的步骤",
			"`undo: restore` puts back fields of this record only: say which steps undo the rest")
	}
}

// setsSomething: a decision by itself has no effect to undo.
func (c *chainLoader) setsSomething(s *Step, v *node) {
	for _, w := range s.ways() {
		if len(w.way.Set) > 0 {
			return
		}
	}
	c.problem(v, "步骤 `%s` 没有 `set`，没有可撤销的内容", "the step `%s` sets nothing, so there is nothing to undo", s.ID)
}
