package engine

import (
	"context"

	"github.com/crmflow/crmflow/process"
)

// ActInBulk does with a task what is done with several at once. A step with `bulk: no` refuses it: whoever decides there opens the task by itself.
// What a step's form or signature lacks, the act itself refuses.
func (e *Engine) ActInBulk(ctx context.Context, r Request, c ActCommand) (Answer, error) {
	return e.actOnTask(ctx, r, c, (*advance).allowsBulk)
}

// allowsBulk refuses a task of a step that is decided one by one. A task that isn't open is the machine's to explain.
func (a *advance) allowsBulk(task string) error {
	step, open := a.stepOf(task)
	if !open {
		return nil
	}
	if s := a.in.Process.Step(step); s != nil && s.Form.NoBulk {
		return process.Refuse(process.CodeForbidden, "此步骤不能批量办理，请打开任务逐个办理", "this step can't be done in bulk: open the task and decide it by itself")
	}
	return nil
}
