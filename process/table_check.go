package process

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
)

// maxLooks bounds the search for gaps and for rows that are never used, all together; what would take more isn't judged.
const maxLooks = 100_000

// atom is a part of what an input can be that no row tells apart any further; value is an example.
type atom struct {
	value any
	other bool  // any text that no row names: the value is none
	below bool  // numbers and amounts below 0
	rows  set64 // those that take it
}

// set64 is a set of rows.
type set64 []uint64

func (s set64) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }
func (s set64) add(i int)      { s[i/64] |= 1 << (i % 64) }

func (s set64) and(o set64) set64 {
	out := make(set64, len(s))
	for i := range s {
		out[i] = s[i] & o[i]
	}
	return out
}

func (s set64) or(o set64) {
	for i := range s {
		s[i] |= o[i]
	}
}

func (s set64) empty() bool { return !slices.ContainsFunc(s, func(w uint64) bool { return w != 0 }) }

func (s set64) key(n int) string {
	out := []byte{byte(n)}
	for _, w := range s {
		out = binary.LittleEndian.AppendUint64(out, w)
	}
	return string(out)
}

// tableCheck looks for overlaps, gaps and rows that are never reached.
type tableCheck struct {
	*loader
	t     *Table
	atoms [][]atom // by input; the last of each is no value
	looks int
	seen  map[string]bool
}

func (l *loader) checkTable(t *Table, at *node) {
	k := &tableCheck{loader: l, t: t}
	for i := range t.Inputs {
		k.atoms = append(k.atoms, k.taken(i, append(t.atoms(i), atom{})))
	}
	if t.Hit == HitUnique {
		k.overlaps()
	} else {
		k.unreachable()
	}
	k.gaps(at)
}

// taken notes for each atom of an input which rows take it.
func (k *tableCheck) taken(i int, atoms []atom) []atom {
	for n := range atoms {
		a := &atoms[n]
		a.rows = k.noRows()
		for r := range k.t.Rows {
			if m := k.t.Rows[r].When[i]; m == nil || !a.other && m.holds(a.value) {
				a.rows.add(r)
			}
		}
	}
	return atoms
}

func (k *tableCheck) noRows() set64 { return make(set64, len(k.t.Rows)/64+1) }

// rowsTo are the first n rows.
func (k *tableCheck) rowsTo(n int) set64 {
	out := k.noRows()
	for i := range n {
		out.add(i)
	}
	return out
}

// atoms cuts what an input can be into parts.
func (t *Table) atoms(i int) []atom {
	f := t.Inputs[i].Field
	if f.Type == typeYesNo {
		return []atom{{value: true}, {value: false}}
	}
	if len(f.Of) > 0 {
		return valueAtoms(f.Of)
	}
	if _, ordered := measured[f.Type]; ordered {
		return t.spanAtoms(i)
	}
	var named []string
	for _, r := range t.Rows {
		if r.When[i] == nil {
			continue
		}
		for _, v := range r.When[i].values {
			named = append(named, fmt.Sprint(v))
		}
	}
	return append(valueAtoms(slices.Compact(slices.Sorted(slices.Values(named)))), atom{other: true})
}

func valueAtoms(values []string) []atom {
	var out []atom
	for _, v := range values {
		out = append(out, atom{value: v})
	}
	return out
}

// spanAtoms cuts the line at every place where a row begins or ends, for each currency that is named.
func (t *Table) spanAtoms(i int) []atom {
	f := t.Inputs[i].Field
	cuts := map[string][]cut{}
	for _, r := range t.Rows {
		if r.When[i] == nil {
			continue
		}
		for _, s := range r.When[i].spans {
			cuts[s.unit] = append(cuts[s.unit], s.lo, s.hi)
		}
	}
	if len(cuts) == 0 {
		return []atom{{other: true}}
	}
	var out []atom
	for _, unit := range sortedNames(cuts) {
		all := append(cuts[unit], lowest, highest)
		if f.Type != typeDate && f.Type != typeDatetime {
			all = append(all, cut{})
		}
		if floor, _, ok := measure(f.AtLeast); ok {
			all = append(all, cut{at: floor})
		}
		slices.SortFunc(all, compareCuts)
		all = slices.Compact(all)
		for n := range len(all) - 1 {
			if at, ok := example(f, all[n], all[n+1]); ok {
				below := f.Type != typeDate && f.Type != typeDatetime && at < 0
				out = append(out, atom{value: unmeasure(f, at, unit), below: below})
			}
		}
	}
	return out
}

func compareCuts(a, b cut) int {
	if c := cmp.Compare(a.at, b.at); c != 0 {
		return c
	}
	switch {
	case a.after == b.after:
		return 0
	case b.after:
		return -1
	}
	return 1
}

// example is a value between two cuts that the field can have.
func example(f *Field, lo, hi cut) (float64, bool) {
	at := 0.0
	switch {
	case lo == lowest && hi == highest:
	case lo == lowest:
		at = hi.at - 1
	case !lo.after:
		at = lo.at
	case hi == highest:
		at = lo.at + 1
	default:
		at = shortBetween(lo.at, hi.at)
	}
	floor, _, has := measure(f.AtLeast)
	return at, !has || at >= floor
}

// shortBetween is a number between two others with as few decimals as will do.
func shortBetween(lo, hi float64) float64 {
	middle := (lo + hi) / 2
	for scale := 1.0; scale < 1e9; scale *= 10 {
		if at := math.Round(middle*scale) / scale; at > lo && at < hi {
			return at
		}
	}
	return middle
}

// overlaps reports two rows of which both can apply.
func (k *tableCheck) overlaps() {
	with := make([]set64, len(k.t.Rows)) // by row, those that share something with it in every input
	for i := range with {
		with[i] = k.rowsTo(i)
	}
	for _, atoms := range k.atoms {
		shared := make([]set64, len(with))
		for i := range shared {
			shared[i] = k.noRows()
			for _, a := range atoms {
				if a.rows.has(i) {
					shared[i].or(a.rows)
				}
			}
			with[i] = with[i].and(shared[i])
		}
	}
	for j := range with {
		for i := range j {
			if with[j].has(i) {
				k.overlap(&k.t.Rows[i], &k.t.Rows[j], k.together(i, j))
				break
			}
		}
	}
}

// together finds inputs to which two rows both apply.
func (k *tableCheck) together(i, j int) []atom {
	var out []atom
	for _, atoms := range k.atoms {
		at := slices.IndexFunc(atoms, func(a atom) bool { return a.rows.has(i) && a.rows.has(j) })
		out = append(out, atoms[at])
	}
	return out
}

// overlap is certain where every input that one of the rows looks at is a field of its own.
func (k *tableCheck) overlap(first, second *TableRow, example []atom) {
	at := &node{line: second.At.Line, column: second.At.Column}
	zh, en := "这一行和第 %d 行同时适用：%s；只能有一行（或写 `hit: first`）", "this row and that of line %d both apply: %s; only one may (or say `hit: first`)"
	if k.independent(first, second) {
		k.problem(at, zh, en, first.At.Line, k.show(example))
		return
	}
	k.warn(at, zh, en, first.At.Line, k.show(example))
}

// independent says whether the inputs that rows look at are different fields of the record, so that every combination is possible.
func (k *tableCheck) independent(rows ...*TableRow) bool {
	var fields []string
	for i, in := range k.t.Inputs {
		if !slices.ContainsFunc(rows, func(r *TableRow) bool { return r.When[i] != nil }) {
			continue
		}
		if !strings.HasPrefix(in.Value.Source, "record.") || len(in.Value.Fields) != 1 || in.Value.Source != "record."+in.Value.Fields[0] || in.Field.Is != nil {
			return false
		}
		fields = append(fields, in.Value.Fields[0])
	}
	slices.Sort(fields)
	return len(slices.Compact(slices.Clone(fields))) == len(fields)
}

// unreachable reports rows of which every case is taken by rows above.
func (k *tableCheck) unreachable() {
	for i := 1; i < len(k.t.Rows); i++ {
		within := make([][]atom, len(k.atoms))
		for n := range k.atoms {
			within[n] = slices.DeleteFunc(slices.Clone(k.atoms[n]), func(a atom) bool { return !a.rows.has(i) })
		}
		if free, ok := k.uncovered(k.rowsTo(i), within); ok && free == nil {
			row := k.t.Rows[i]
			k.problem(&node{line: row.At.Line, column: row.At.Column}, "上面的行已经包含了这一行，它永远不会用到", "the rows above take everything that this one takes: it is never used")
		}
	}
}

// gaps reports what no row applies to. For choices, yes and no, numbers and amounts it is an error; for texts that no row names, amounts below 0 and
// fields that may be empty it is worth a look.
func (k *tableCheck) gaps(at *node) {
	all := k.rowsTo(len(k.t.Rows))
	if free, ok := k.uncovered(all, k.usual()); free != nil || !ok {
		switch {
		case !ok:
		case k.independent(pointers(k.t.Rows)...):
			k.problem(at, "没有一行适用于 %s", "no row for %s", k.show(free))
		default:
			k.warn(at, "没有一行适用于 %s", "no row for %s", k.show(free))
		}
		return
	}
	if free, ok := k.uncovered(all, k.possible()); ok && free != nil {
		k.warn(at, "没有一行适用于 %s：那时流程会停住", "no row for %s: then the case is held", k.show(free))
	}
}

func pointers(rows []TableRow) []*TableRow {
	var out []*TableRow
	for i := range rows {
		out = append(out, &rows[i])
	}
	return out
}

// usual are the atoms that every table should provide for.
func (k *tableCheck) usual() [][]atom {
	var out [][]atom
	for _, atoms := range k.atoms {
		filled := atoms[:len(atoms)-1]
		if len(filled) > 1 {
			filled = slices.DeleteFunc(slices.Clone(filled), func(a atom) bool { return a.other || a.below })
		}
		out = append(out, filled)
	}
	return out
}

// possible are all the atoms; a field that is required or has a default isn't expected to be empty.
func (k *tableCheck) possible() [][]atom {
	var out [][]atom
	for i, atoms := range k.atoms {
		if f := k.t.Inputs[i].Field; f.Required || f.Default != nil || f.Is != nil {
			atoms = atoms[:len(atoms)-1]
		}
		out = append(out, atoms)
	}
	return out
}

// uncovered finds a combination of atoms that none of some rows takes; nil when there is none. ok is false when the search was given up.
func (k *tableCheck) uncovered(rows set64, within [][]atom) (free []atom, ok bool) {
	k.seen = map[string]bool{}
	free = k.search(rows, within, nil)
	return free, k.looks <= maxLooks
}

// search goes through the inputs one by one with the rows that still apply. What was looked at before with the same rows needn't be again.
func (k *tableCheck) search(left set64, within [][]atom, chosen []atom) []atom {
	n := len(chosen)
	if k.looks++; k.looks > maxLooks {
		return nil
	}
	if n == len(within) {
		if left.empty() {
			return append([]atom{}, chosen...)
		}
		return nil
	}
	key := left.key(n)
	if k.seen[key] {
		return nil
	}
	k.seen[key] = true
	for _, a := range within[n] {
		if free := k.search(left.and(a.rows), within, append(slices.Clip(chosen), a)); free != nil {
			return free
		}
	}
	return nil
}

// show writes a combination as an example: "severity: D, amount: 100,000.00 CNY".
func (k *tableCheck) show(example []atom) Text {
	said := func(lang string) string {
		var out []string
		for i, a := range example {
			in := k.t.Inputs[i]
			shown := Env{}.Show(in.Field, a.value, lang)
			switch {
			case a.other && len(k.atoms[i]) == 2:
				shown = Text{ZH: "任何值", EN: "anything"}.In(lang)
			case a.other:
				shown = Text{ZH: "其他值", EN: "any other"}.In(lang)
			case a.value == nil:
				shown = Text{ZH: "空", EN: "empty"}.In(lang)
			}
			out = append(out, in.Name+": "+shown)
		}
		return strings.Join(out, ", ")
	}
	return Text{ZH: said("zh"), EN: said("en")}
}
