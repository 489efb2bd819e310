package process

import "errors"

// enter asks the table. What it gives is `decided.…` from then on, inside an `each` for that item.
func (k Decide) enter(m *machine, scope int, s *Step) {
	out, row, err := k.Table.Decide(m.env(scope))
	if wrong, ok := errors.AsType[*TableError](err); ok {
		m.hold(scope, s, wrong.Why)
		return
	}
	item := m.item(scope)
	m.keepOutputs(item, out)
	m.log(Entry{Event: "decided", Step: s.ID, Item: item, Data: map[string]any{"table": k.Table.ID, "line": row.At.Line, "outputs": out}})
	m.pass(scope, s, Done)
}
