package process

// AllSteps gives every step of the chain, in the order they are written, then the one for revising, then those that undo: for whoever must know what
// a chain uses before it runs.
func (p *Process) AllSteps() []*Step {
	out := p.all()
	for _, s := range p.all() {
		if s.Undo != nil {
			out = append(out, stepsIn(s.Undo.Steps)...)
		}
	}
	return out
}

// FormValue is what a field of a step's form holds for an item of the `each`es around it: a column of the item's line, else a field of the record.
func (p *Process) FormValue(s *Step, item, name string, fields Fields) any {
	return p.formValue(s, item, name, fields)
}

// LinesOf is the lines field that a name on the form of a step is a column of; "" for a field of the record.
func (p *Process) LinesOf(s *Step, name string) string {
	if col := p.column(s, name); col.field != nil {
		return col.into.Name
	}
	return ""
}

// DecodeForm reads what a step's form was filled in with, as [RecordType.Decode] reads a record's fields: inside an `each` with `into` the names of
// the line's columns are those of its item.
func (p *Process) DecodeForm(s *Step, raw map[string]any) (Fields, []FieldError) {
	of, columns := map[string]any{}, Fields{}
	var wrong []FieldError
	for _, name := range sortedKeys(raw) {
		col := p.column(s, name)
		if col.field == nil {
			of[name] = raw[name]
			continue
		}
		v, bad := col.field.decode(raw[name], true)
		wrong = append(wrong, bad...)
		if len(bad) == 0 {
			columns[name] = v
		}
	}
	out, bad := p.Type.decode(of, true)
	for name, v := range columns {
		out[name] = v
	}
	return out, append(wrong, bad...)
}
