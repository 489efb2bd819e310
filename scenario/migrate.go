package scenario

import (
	"maps"
	"slices"

	"github.com/crmflow/crmflow/process"
)

// otherVersion reads which process stands for another version of the scenario's: a changed copy of it beside the scenario, under a name of its own.
func (r *caseReader) otherVersion(n *node) *process.Process {
	id := r.word(n)
	p := r.s.setting.Processes[id]
	switch {
	case id == "":
	case p == nil:
		r.unknown(n, slices.Sorted(maps.Keys(r.s.setting.Processes)), process.Text{ZH: "没有这个流程", EN: "there is no process"})
	case p == r.s.process:
		r.problem(n, "`migrate` 要写另一个流程：改过的流程另存一份，换个名字", "`migrate` names another process: a changed copy of this one, under a name of its own")
	}
	return p
}

// places reads {step: step of the other version}.
func (r *caseReader) places(n *node) map[string]string {
	out := map[string]string{}
	r.eachKey(n, "{step: step}", func(step string, v *node) { out[step] = r.word(v) })
	return out
}

// migrate takes the case to another version of its process; it runs by that one from then on.
func (d *doLine) migrate(w *world, c *running) *failure {
	ev := d.event(w, process.EventMigrate)
	ev.Map, c.next = d.places, d.version
	refused, f := w.event(d.node, c, ev)
	c.next = nil
	switch {
	case f != nil:
		return f
	case refused != nil:
		w.refusal = &refusal{d.node, refused}
		return nil
	}
	if c.earlier == nil {
		c.earlier = c.process
	}
	c.process = d.version
	return w.settle(d.node)
}
