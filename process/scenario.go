package process

// Written reads a value as people write it in a file: what the same value would be as JSON, with the literals of the language (15%, 50万 CNY,
// yes). The result is of the canonical type, see [Field]; nil is an empty field.
func (f *Field) Written(v any) (any, []FieldError) { return f.decode(f.spelled(v), true) }

// spelled puts values in the place of literals.
func (f *Field) spelled(v any) any {
	switch v := v.(type) {
	case string:
		return f.writtenText(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = f.spelled(v[i])
		}
		return out
	case map[string]any:
		if f.Type != typeLines {
			return v
		}
		out := make(map[string]any, len(v))
		for name, x := range v {
			out[name] = x
			if c := f.column(name); c != nil {
				out[name] = c.spelled(x)
			}
		}
		return out
	}
	return v
}

// Column finds a column of lines by name; nil when there is none, or the field holds no lines.
func (f *Field) Column(name string) *Field { return f.column(name) }

// Nearest finds the word that a mistyped one was most likely meant to be; "" when none is near.
func Nearest(word string, words []string) string { return nearest(word, words) }

// StepIDs are the ids of all the steps of the chain, in the order they are written.
func (p *Process) StepIDs() []string {
	var ids []string
	for _, s := range p.all() {
		ids = append(ids, s.ID)
	}
	return ids
}
