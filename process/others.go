package process

// others is what the machine sees of other records: as they were given, with what this event has changed in them already.
type others struct {
	m       *machine
	changed map[Reference]Fields // by reference without its title
}

// Record gives a record as it is after what this event has done so far; the case's own is that of the machine.
func (o *others) Record(ref Reference) (Record, bool) {
	if o.own(ref) {
		return o.m.record, true
	}
	if o.m.in.Records == nil {
		return Record{}, false
	}
	ref.Title = ""
	r, ok := o.m.in.Records.Record(ref)
	if f, changed := o.changed[ref]; ok && changed {
		r.Fields = f
		if owner, is := f["owner"].(string); is {
			r.Owner = owner
		}
	}
	return r, ok
}

func (o *others) own(ref Reference) bool {
	return ref.Type == o.m.record.Type && ref.ID == o.m.record.ID && ref.ID != ""
}

// write changes a field of another record, with the fields that are computed from it.
func (o *others) write(s *Step, ref Reference, t *RecordType, field string, v any) {
	ref.Title = ""
	r, _ := o.Record(ref)
	after := t.Compute(r.Fields.With(Fields{field: v}), o)
	change, was := changedFields(r.Fields, after), map[string]any{}
	if len(change) == 0 {
		return
	}
	for name := range change {
		was[name] = r.Fields[name]
	}
	o.changed[ref] = after
	o.m.effect(ChangeOther{Record: ref, Fields: change, Was: was, Step: s.ID})
}
