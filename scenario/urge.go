package scenario

import (
	"slices"
	"time"

	"github.com/crmflow/crmflow/process"
)

// urge tells the people that a case waits for, at a step or anywhere, as often as they may be told.
func (d *doLine) urge(w *world, c *running) *failure {
	tasks := []string{""}
	if d.target.step != "" {
		tasks = c.openTasks(d.target.step, d.item)
	}
	if len(tasks) == 0 {
		w.refusal = &refusal{d.node, process.Refuse(process.CodeTaskClosed, "步骤 "+d.target.step+" 没有等人办理的任务", "nothing is open at the step "+d.target.step)}
		return nil
	}
	var told []process.Urged
	var refused *process.Refusal
	for _, task := range tasks {
		urged, no := process.Urge(w.input(c), process.Urging{By: d.as, Admin: w.company.administrator(d.as), Task: task, At: w.now, Earlier: w.urged})
		told = append(told, urged...)
		if no != nil {
			refused = no
		}
	}
	if len(told) == 0 {
		w.refusal = &refusal{d.node, refused}
		return nil
	}
	w.entries = append(w.entries, entry{process.Entry{At: w.now, Event: "urge", Step: d.target.step, By: d.as, Comment: d.comment}, c})
	for _, u := range told {
		w.messages = append(w.messages, message{process.Tell{To: u.To, About: "urged", Task: u.Task, Step: u.Step, Text: process.Same(d.comment), At: w.now}, c})
	}
	return nil
}

// openTasks are the open tasks of a step.
func (c *running) openTasks(step, item string) []string {
	var out []string
	for _, t := range c.order {
		if !t.closed && t.Step == step && itemIs(t.Item, item) {
			out = append(out, t.ID)
		}
	}
	return out
}

// urged is when somebody was urged about a task, the latest first.
func (w *world) urged(task, user string) []time.Time {
	var out []time.Time
	for _, m := range slices.Backward(w.messages) {
		if m.About == "urged" && m.Task == task && slices.Contains(m.To, user) {
			out = append(out, m.At)
		}
	}
	return out
}
