package engine

import (
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// seenOld says that another record has changed between what the machine saw in it and its lock: the event is tried again from the start, with the
// records it changes locked before it looks at them.
type seenOld struct{ records []process.Reference }

func (s *seenOld) Error() string { return "engine: another record has changed meanwhile" }

// other is a record along a reference that an event changes, locked.
type other struct {
	typ           *process.RecordType
	row           store.RecordRow
	before, after process.Fields
	step          string // that asked for it last
}

// changeOthers writes what the event's effects do to other records. They are locked in the order of their ids, after the case and its own record.
func (c *change) changeOthers() error {
	locked := map[process.Reference]*other{}
	for _, ref := range c.otherRecords() {
		o, err := c.lockOther(ref)
		if err != nil {
			return err
		}
		locked[ref] = o
	}
	for _, e := range c.others {
		o := locked[bare(e.Record)]
		if len(difference(o.after, e.Was)) > 0 {
			return &seenOld{c.otherRecords()}
		}
		o.after, o.step = o.after.With(e.Fields), e.Step
	}
	for _, ref := range c.otherRecords() {
		o := locked[ref]
		if len(moves(o.before, o.after)) == 0 {
			continue
		}
		if err := c.writeOne(o.typ, o.row, o.before, o.after, o.step); err != nil {
			return err
		}
	}
	return nil
}

func bare(r process.Reference) process.Reference { return process.Reference{Type: r.Type, ID: r.ID} }

// otherRecords are the records that the effects change, each once, by id.
func (c *change) otherRecords() []process.Reference {
	var refs []process.Reference
	for _, e := range c.others {
		if ref := bare(e.Record); !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	slices.SortFunc(refs, func(a, b process.Reference) int { return strings.Compare(a.ID, b.ID) })
	return refs
}

func (c *change) lockOther(ref process.Reference) (*other, error) {
	typ := c.in.Process.Types[ref.Type]
	l, err := c.tx.LockRecord(c.ctx, ref.Type, ref.ID)
	if err != nil {
		return nil, err
	}
	rec, err := restoreRecord(typ, l.Record)
	if err != nil {
		return nil, err
	}
	return &other{typ: typ, row: l.Record, before: rec.Fields, after: rec.Fields}, nil
}
