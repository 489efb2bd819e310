package scenario

import (
	"errors"

	"github.com/crmflow/crmflow/process"
)

// look lets somebody open a task of theirs: what led to it can't be taken back any more.
func (d *doLine) look(w *world, s spot) *failure {
	fresh, err := process.Look(w.input(s.of), s.task, d.as)
	if refused, ok := errors.AsType[*process.Refusal](err); ok {
		w.refusal = &refusal{d.node, refused}
		return nil
	}
	s.of.fresh = fresh
	return nil
}
