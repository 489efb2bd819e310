package process

import (
	"maps"
	"slices"
	"strings"
)

// declared is what other processes need to know of a process before its chain is read.
type declared struct {
	record string
	calls  []string // processes it calls, sorted
	ends   []string // outcomes it may end with, sorted
}

// Outcomes that every case may end with.
var commonEnds = []string{Approved, Done, Rejected, "cancelled", "withdrawn"}

// declareProcess notes what a process is about, whom it calls and how it ends.
func (l *loader) declareProcess(d *loading) {
	if d.skip || d.ID == "" {
		return
	}
	out := &declared{ends: slices.Clone(commonEnds)}
	if v := d.root.get("record"); v != nil {
		out.record = v.text
	}
	for _, key := range []string{"steps", "until"} {
		if v := d.root.get(key); v != nil {
			out.scan(v)
		}
	}
	out.sort()
	if l.declared == nil {
		l.declared = map[string]*declared{}
	}
	l.declared[d.ID] = out
}

// scan looks for `call: process` and `end: outcome` however deep they stand.
func (d *declared) scan(n *node) {
	for _, p := range n.pairs {
		switch {
		case p.key.text == "call" && p.value.kind == nodeText:
			d.calls = append(d.calls, p.value.text)
		case p.key.text == "end" && p.value.kind == nodeText:
			d.ends = append(d.ends, p.value.text)
		}
		d.scan(p.value)
	}
	for _, v := range n.items {
		d.scan(v)
	}
}

func (d *declared) sort() {
	for _, list := range []*[]string{&d.calls, &d.ends} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

// declaration says the same of a process that is loaded already.
func (p *Process) declaration() *declared {
	out := &declared{record: p.Record, ends: slices.Clone(commonEnds)}
	for _, u := range p.Until {
		out.ends = append(out.ends, u.End)
	}
	for _, s := range p.all() {
		switch k := s.Do.(type) {
		case End:
			out.ends = append(out.ends, k.Outcome)
		case Call:
			out.calls = append(out.calls, k.Process)
		}
		for _, w := range s.ways() {
			if w.way.End != "" {
				out.ends = append(out.ends, w.way.End)
			}
		}
	}
	out.sort()
	return out
}

// declaredProcess finds a process of this load, else of the base.
func (s *loadSet) declaredProcess(id string) *declared {
	if d := s.declared[id]; d != nil {
		return d
	}
	if p := s.base.Processes[id]; p != nil {
		return p.declaration()
	}
	return nil
}

func (s *loadSet) declaredOf(lib *Library) map[string]*declared {
	out := map[string]*declared{}
	for id := range maps.Keys(lib.Processes) {
		out[id] = nil
	}
	return out
}

// callsBack finds a way from a process through its calls back to this one: the processes on it, from the called one to this one.
func (c *chainLoader) callsBack(called string) []string {
	tried := map[string]bool{}
	var walk func(id string) []string
	walk = func(id string) []string {
		if id == c.p.ID {
			return []string{id}
		}
		d := c.declaredProcess(id)
		if tried[id] || d == nil {
			return nil
		}
		tried[id] = true
		for _, next := range d.calls {
			if way := walk(next); way != nil {
				return append([]string{id}, way...)
			}
		}
		return nil
	}
	return walk(called)
}

func chainOfCalls(ids []string) string { return strings.Join(ids, " → ") }
