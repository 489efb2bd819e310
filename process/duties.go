package process

import (
	"maps"
	"slices"
	"strings"
)

// excluded are the people whom separation of duties keeps from a step: everybody who decided the steps it must not share a person with, in their
// last round and in the one that runs. Inside an item it is who did them for this item; outside of it, who did them for any.
func (m *machine) excluded(at place, s *Step) []string {
	var ids []string
	for _, id := range s.Who.NotSameAs {
		if step := m.p.Step(id); step != nil {
			ids = append(ids, m.decidersOf(step, sharedItem(step, s, m.item(at.scope)))...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// decidersOf are the people who decided a step for an item and those inside it; "" for all.
func (m *machine) decidersOf(s *Step, item string) []string {
	keys := append(slices.Collect(maps.Keys(m.st.Actors)), slices.Collect(maps.Keys(m.st.Deciders))...)
	for _, o := range m.st.Open {
		keys = append(keys, keyOf(o.Step, o.Item))
	}
	var ids []string
	for _, key := range keys {
		step, of, _ := strings.Cut(key, "@")
		if step == s.ID && (item == "" || of == item || strings.HasPrefix(of, item+"/")) {
			ids = append(ids, m.decidersAt(key)...)
		}
	}
	return ids
}

// decidersAt are those of one key. A case that began before deciders were kept knows the last of them only.
func (m *machine) decidersAt(key string) []string {
	ids := slices.Clone(m.st.Deciders[key])
	if ids == nil && m.st.Actors[key] != "" {
		ids = append(ids, m.st.Actors[key])
	}
	for _, o := range m.st.Open {
		if keyOf(o.Step, o.Item) == key {
			ids = append(ids, votersOf(&o)...)
		}
	}
	return ids
}

// votersOf are the people who have answered in a round. An answer for somebody outside is theirs, and of whoever gave it.
func votersOf(o *Open) []string {
	var ids []string
	for _, seat := range o.Seats {
		if seat.Vote == nil || seat.Vote.By == "" {
			continue
		}
		ids = append(ids, seat.Vote.By)
		if whose := seat.whose(seat.Vote.By); whose != seat.Vote.By {
			ids = append(ids, whose)
		}
	}
	return ids
}

// keepDeciders remembers who decided a round that has closed: everybody who answered where a not_same_as asks for it, and for every step that it was
// the last on its way.
func (m *machine) keepDeciders(o *Open) {
	m.scope(o.Scope).Last = keyOf(o.Step, o.Item)
	if !m.p.separated(o.Step) {
		return
	}
	if m.st.Deciders == nil {
		m.st.Deciders = map[string][]string{}
	}
	m.st.Deciders[keyOf(o.Step, o.Item)] = votersOf(o)
}

// separated says whether some step must not share a person with this one.
func (p *Process) separated(step string) bool { return p.known != nil && p.known.separated[step] }

// lastOf is the step that people decided last on the way to a scope.
func (m *machine) lastOf(scope int) string {
	if scope == 0 {
		return ""
	}
	return m.scope(scope).Last
}
