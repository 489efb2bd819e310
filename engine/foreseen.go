package engine

import (
	"encoding/json"
	"fmt"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// maxForeseen is how much is kept of what was foreseen of a case; where it would be more, nothing is.
const maxForeseen = 16 << 10

// foretell keeps what a preview says of a case that is about to start, to notice later what turns out otherwise. It reads what the start itself has read, and
// whom the later steps ask. What can't be foreseen isn't compared; it never keeps a case from starting.
func (a *advance) foretell() {
	defer func() {
		if p := recover(); p != nil {
			logger().Error("a case could not be foreseen", "case", a.row.ID, "process", a.in.Process.ID, "panic", p)
		}
	}()
	if foreseen, err := process.Foresee(a.in, a.event); err == nil {
		a.foretold = foreseen
	}
}

// foreseen is what has become of it in this event; nil: nothing. It goes with the end of the case.
func (c *change) foreseen() (*store.Foreseen, error) {
	now := c.result.Foreseen
	switch {
	case c.result.State.Status == process.Ended:
		now = nil
	case c.isNew:
		now = c.foretold
	}
	if now == c.in.Foreseen {
		return nil, nil
	}
	if now == nil {
		return &store.Foreseen{}, nil
	}
	what, err := json.Marshal(now)
	if err != nil {
		return nil, fmt.Errorf("engine: foreseen: %w", err)
	}
	if len(what) > maxForeseen {
		return &store.Foreseen{}, nil
	}
	return &store.Foreseen{What: what}, nil
}

// decodeForeseen reads what was kept; what this software can't read was kept by another, and is compared with nothing.
func decodeForeseen(kept []byte) *process.Foreseen {
	var f process.Foreseen
	if len(kept) == 0 || json.Unmarshal(kept, &f) != nil {
		return nil
	}
	return &f
}
