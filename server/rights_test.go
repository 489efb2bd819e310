package server

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/crmflow/crmflow/process"
)

// testdata/rights/rights.csv says who may what in a small world. It is written by hand, and read by people.
func TestWhoMayWhatAsTheTableSays(t *testing.T) {
	t.Parallel()
	w := newRightsWorld(t)
	for _, c := range w.rows {
		if got := w.observe(c); got != c.expected {
			t.Errorf("%s: %q, and not %q", c, got, c.expected)
		}
	}
}

// Whichever rule is turned round – each word of each grant, what it hides and masks, who may make, change and start, and each word of the built-in rule –
// some line of the table says so.
func TestEveryRuleIsHeldByTheTable(t *testing.T) {
	t.Parallel()
	w := newRightsWorld(t)
	library, err := w.s.engine.Library(t.Context())
	require.NoError(t, err)
	fresh := func() *process.Rights {
		loaded, found := process.Load([]process.File{{Path: "world.yaml", Content: readRightsWorld(t)}}, nil, nil)
		require.False(t, process.Failed(found))
		return loaded.Rights
	}
	caught := func() bool {
		return slices.ContainsFunc(w.rows, func(c cell) bool { return w.observe(c) != c.expected })
	}
	require.False(t, caught(), "the table is wrong as it is")
	n := 0
	for _, f := range flipsOf(fresh(), library.Types) {
		library.Rights = fresh()
		f.turn(library.Rights)
		require.True(t, caught(), "no line says: %s", f.name)
		n++
	}
	library.Rights = fresh()
	for name, rule := range builtInFlips() {
		w.s.builtIn = rule
		require.True(t, caught(), "no line says: the built-in rule %s", name)
		n++
	}
	w.s.builtIn = process.BuiltIn()
	for name, by := range revokeFlips(library.Processes["review"]) {
		rule := library.Processes["review"].Revoke
		was := rule.By
		rule.By = by
		require.True(t, caught(), "no line says: who may revoke, %s", name)
		rule.By = was
		n++
	}
	require.False(t, caught())
	t.Logf("%d rules turned round", n)
	require.Greater(t, n, 80)
}

// flip turns one rule of a document round.
type flip struct {
	name string
	turn func(*process.Rights)
}

// The words of rights, and for each those that it holds already.
var (
	seeWords    = []string{process.SeeMine, process.SeeMyCases, process.SeeDepartment, process.SeeBelow, process.SeeAll}
	changeWords = []string{process.SeeMine, process.SeeDepartment, process.SeeBelow, process.SeeAll}
	holds       = map[string][]string{
		process.SeeAll:        {process.SeeMine, process.SeeMyCases, process.SeeDepartment, process.SeeBelow},
		process.SeeBelow:      {process.SeeMine, process.SeeDepartment},
		process.SeeDepartment: {process.SeeMine},
	}
)

// turned gives each list that differs by one word: one that is left out, or one that is added and isn't held by another already.
func turned(words, all []string) map[string][]string {
	out := map[string][]string{}
	for _, word := range all {
		held := slices.ContainsFunc(words, func(w string) bool { return slices.Contains(holds[w], word) })
		switch i := slices.Index(words, word); {
		case i >= 0:
			out["without "+word] = slices.Delete(slices.Clone(words), i, i+1)
		case !held:
			out["with "+word] = append(slices.Clone(words), word)
		}
	}
	return out
}

// flipsOf are all the rules of a document, each turned round. A word of `change` is only added where its records are seen; `my_cases` of processes says
// nothing that taking part doesn't.
func flipsOf(rights *process.Rights, types map[string]*process.RecordType) []flip {
	var out []flip
	for i, g := range rights.Grants {
		for _, typ := range slices.Sorted(maps.Keys(g.Records)) {
			out = append(out, recordFlips(i, string(g.Who)+" "+typ, typ, g.Records[typ], types[typ])...)
		}
		for _, id := range slices.Sorted(maps.Keys(g.Processes)) {
			set := func(name string, change func(*process.CaseRights)) {
				out = append(out, flip{string(g.Who) + " " + id + " " + name, func(r *process.Rights) {
					right := r.Grants[i].Processes[id]
					change(&right)
					r.Grants[i].Processes[id] = right
				}})
			}
			set("start", func(r *process.CaseRights) { r.Start = !r.Start })
			for name, see := range turned(g.Processes[id].See, []string{process.SeeMine, process.SeeDepartment, process.SeeBelow, process.SeeAll}) {
				set("see "+name, func(r *process.CaseRights) { r.See = see })
			}
		}
	}
	return out
}

func recordFlips(i int, whose, typ string, right process.RecordRights, t *process.RecordType) []flip {
	var out []flip
	set := func(name string, change func(*process.RecordRights)) {
		out = append(out, flip{whose + " " + name, func(r *process.Rights) {
			right := r.Grants[i].Records[typ]
			change(&right)
			r.Grants[i].Records[typ] = right
		}})
	}
	for name, see := range turned(right.See, seeWords) {
		set("see "+name, func(r *process.RecordRights) { r.See = see })
	}
	for name, change := range turned(right.Change, changeWords) {
		if added := len(change) > len(right.Change); added && !covers(right.See, change[len(change)-1]) {
			continue
		}
		set("change "+name, func(r *process.RecordRights) { r.Change = change })
	}
	set("create", func(r *process.RecordRights) { r.Create = !r.Create })
	for _, f := range t.Fields {
		pattern, masked := right.Mask[f.Name]
		switch hide := slices.Index(right.Hide, f.Name); {
		case masked:
			set("without the mask of "+f.Name, func(r *process.RecordRights) { r.Mask = nil })
			set("with another mask of "+f.Name, func(r *process.RecordRights) { r.Mask = map[string]string{f.Name: "*" + pattern[1:]} })
		case hide >= 0:
			set("without hiding "+f.Name, func(r *process.RecordRights) { r.Hide = slices.Delete(slices.Clone(r.Hide), hide, hide+1) })
		default:
			set("hiding "+f.Name, func(r *process.RecordRights) { r.Hide = append(slices.Clone(r.Hide), f.Name) })
		}
	}
	return out
}

// revokeFlips turn round who may revoke an approved case: nobody, or whoever decided as well.
func revokeFlips(p *process.Process) map[string][]process.By {
	out := map[string][]process.By{"without the initiator": {}}
	for _, step := range []string{"look", "check"} {
		out["with who is asked at "+step] = slices.Concat(p.Revoke.By, p.Step(step).Who.Seats)
	}
	return out
}

func covers(words []string, word string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return w == word || slices.Contains(holds[w], word) })
}

func builtInFlips() map[string]process.RecordRights {
	out := map[string]process.RecordRights{}
	for name, see := range turned(process.BuiltIn().See, append(seeWords, process.SeeMade, process.SeeAbove)) {
		rule := process.BuiltIn()
		rule.See = see
		out["see "+name] = rule
	}
	for name, change := range turned(process.BuiltIn().Change, []string{process.SeeMine, process.SeeMade, process.SeeAbove, process.SeeMyCases, process.SeeAll}) {
		rule := process.BuiltIn()
		rule.Change = change
		out["change "+name] = rule
	}
	return out
}
