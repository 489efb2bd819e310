package process

import (
	"maps"
	"slices"
	"strings"
)

// Words of the built-in rule beside those of documents.
const (
	SeeMade  = "made"  // records that one has made oneself
	SeeAbove = "above" // whose owner one stands above, in the line of managers
)

// BuiltIn is the rule for record types that no grant mentions: who sees a record in full, and who changes it.
func BuiltIn() RecordRights {
	return RecordRights{See: []string{SeeMine, SeeMade, SeeMyCases, SeeAbove}, Change: []string{SeeMine}}
}

// Access is what the rights come to for one person. The zero value is that of everybody where no document is published.
type Access struct {
	BuiltIn *RecordRights // nil: the one of [BuiltIn]
	rights  *Rights
	own     []Grant
}

// Of gives what the rights come to for who is one of these principals. Without a document the built-in rule holds for everything.
func (r *Rights) Of(principals []string) Access {
	a := Access{rights: r}
	if r == nil {
		return a
	}
	for _, g := range r.Grants {
		if slices.Contains(principals, string(g.Who)) {
			a.own = append(a.own, g)
		}
	}
	return a
}

// NoRights is a document that gives nobody anything: it decides about every type and every process.
func NoRights() *Rights { return &Rights{everything: true} }

// None says whether there is no document.
func (a Access) None() bool { return a.rights == nil }

// Types are the record types that the document decides, whoever its grants are for. Sorted.
func (a Access) Types() []string {
	return a.mentioned(func(g Grant) []string { return slices.Collect(maps.Keys(g.Records)) })
}

// Processes are the processes that the document decides. Sorted.
func (a Access) Processes() []string {
	return a.mentioned(func(g Grant) []string { return slices.Collect(maps.Keys(g.Processes)) })
}

func (a Access) mentioned(names func(Grant) []string) []string {
	out := []string{}
	if a.rights != nil {
		for _, g := range a.rights.Grants {
			out = append(out, names(g)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Decides says whether the document decides about a record type. Then nobody may what no grant of theirs lets them.
func (a Access) Decides(typ string) bool {
	return a.names(func(g Grant) bool { _, named := g.Records[typ]; return named })
}

// DecidesCases says the same of a process. Where it doesn't, whoever sees the record sees the case.
func (a Access) DecidesCases(process string) bool {
	return a.names(func(g Grant) bool { _, named := g.Processes[process]; return named })
}

// names says whether a grant of the document does, or the document closes everything. It is asked for every row of a list.
func (a Access) names(by func(Grant) bool) bool {
	return a.closed() || a.rights != nil && slices.ContainsFunc(a.rights.Grants, by)
}

func (a Access) closed() bool { return a.rights != nil && a.rights.everything }

// Records are the rights on records of a type that are the person's.
func (a Access) Records(typ string) []RecordRights {
	if !a.Decides(typ) {
		if a.BuiltIn != nil {
			return []RecordRights{*a.BuiltIn}
		}
		return []RecordRights{BuiltIn()}
	}
	var out []RecordRights
	for _, g := range a.own {
		if r, ok := g.Records[typ]; ok {
			out = append(out, r)
		}
	}
	return out
}

// Words are the words of rights that decide anything for the person: those of their grants, and of the built-in rule.
func (a Access) Words() []string {
	rules := a.Records("")
	for _, g := range a.own {
		rules = slices.AppendSeq(rules, maps.Values(g.Records))
	}
	var words []string
	for _, r := range rules {
		words = append(append(words, r.See...), r.Change...)
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// Creates says whether the person may make records of a type that the document decides.
func (a Access) Creates(typ string) bool {
	return slices.ContainsFunc(a.Records(typ), func(r RecordRights) bool { return r.Create })
}

// Starts says whether a grant lets the person start a process, whoever its chain names.
func (a Access) Starts(process string) bool {
	return slices.ContainsFunc(a.own, func(g Grant) bool { return g.Processes[process].Start })
}

// Cases are the words that let the person see cases of a process that the document decides, beside those that they take part in.
func (a Access) Cases(process string) []string {
	var words []string
	for _, g := range a.own {
		words = append(words, g.Processes[process].See...)
	}
	return inOrder(words)
}

// SeesCase says whether a grant lets the person see a case of a process that the document decides, by how they stand to its record.
func (a Access) SeesCase(process string, s Standing) bool { return s.is(a.Cases(process)) }

// SeeWords are the words that let the person see records of a type in which these fields, all of them, are shown as they are. Several fields may each be
// shown by another grant: ask for one at a time.
func (a Access) SeeWords(typ, field string) []string {
	var words []string
	for _, r := range a.Records(typ) {
		if field == "" || r.leaves(field) {
			words = append(words, r.See...)
		}
	}
	return inOrder(words)
}

// leaves says whether a right shows a field as it is.
func (r RecordRights) leaves(field string) bool {
	_, masked := r.Mask[field]
	return !masked && !slices.Contains(r.Hide, field)
}

// Covered are the fields of a type that some grant of the person's hides or masks. Sorted.
func (a Access) Covered(typ string) []string {
	var out []string
	for _, r := range a.Records(typ) {
		out = append(append(out, r.Hide...), slices.Collect(maps.Keys(r.Mask))...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// words in the order in which they are looked at: what costs least comes first.
var wordOrder = []string{SeeAll, SeeMine, SeeMade, SeeDepartment, SeeBelow, SeeMyCases, SeeAbove}

func inOrder(words []string) []string {
	var out []string
	for _, w := range wordOrder {
		if slices.Contains(words, w) {
			out = append(out, w)
		}
	}
	if slices.Contains(out, SeeAll) {
		return []string{SeeAll}
	}
	return out
}

// Standing says how a person stands to a record.
type Standing struct {
	Mine       bool `db:"mine"`
	Made       bool `db:"made"`
	MyCases    bool `db:"my_cases"`
	Department bool `db:"department"`
	Below      bool `db:"below"`
	Above      bool `db:"above"` // the person stands above the owner
}

// is says whether one of the words holds.
func (s Standing) is(words []string) bool {
	holds := map[string]bool{SeeMine: s.Mine, SeeMade: s.Made, SeeMyCases: s.MyCases, SeeDepartment: s.Department, SeeBelow: s.Below, SeeAbove: s.Above, SeeAll: true}
	return slices.ContainsFunc(words, func(w string) bool { return holds[w] })
}

// Record decides about one record: whether the person sees and changes it, and how much of its fields. Grants add up, and of a field counts the most
// generous of those that let the person see this record: shown beats masked, masked beats hidden.
func (a Access) Record(typ string, s Standing) Sight {
	var sight Sight
	var seeing []RecordRights
	for _, r := range a.Records(typ) {
		if s.is(r.See) {
			sight.See = true
			seeing = append(seeing, r)
		}
		sight.Change = sight.Change || s.is(r.Change)
	}
	sight.Change = sight.Change && sight.See
	if sight.See {
		sight.rest, sight.covered = true, cover(seeing)
	}
	return sight
}

// Form is how much of a record somebody sees who takes part in a case on it and whom no grant lets see the record: the fields that they were shown to be
// asked, less what all their grants on the type hide. It lets them see these fields and nothing else of the record.
func (a Access) Form(typ string, fields []string) Sight {
	var saying []RecordRights
	for _, r := range a.Records(typ) {
		if len(r.See)+len(r.Hide)+len(r.Mask) > 0 {
			saying = append(saying, r)
		}
	}
	if !a.Decides(typ) {
		saying = nil
	}
	sight := Sight{only: map[string]bool{}, covered: cover(saying)}
	for _, name := range fields {
		sight.only[name] = true
	}
	return sight
}

// cover says which fields are hidden (the empty mask) or masked by all of several rights. Of several masks the one that shows most counts, then the first.
func cover(list []RecordRights) map[string]string {
	out := map[string]string{}
	for i, r := range list {
		for _, name := range append(slices.Clone(r.Hide), slices.Collect(maps.Keys(r.Mask))...) {
			if i == 0 {
				out[name] = r.Mask[name]
			}
		}
		maps.DeleteFunc(out, func(name, _ string) bool { return r.leaves(name) })
		for name := range out {
			if shownBy(r.Mask[name]) > shownBy(out[name]) {
				out[name] = r.Mask[name]
			}
		}
	}
	return out
}

// shownBy counts the characters that a mask shows, and is -1 for the empty one, which hides.
func shownBy(mask string) int {
	if mask == "" {
		return -1
	}
	return len([]rune(mask)) - strings.Count(mask, "*")
}

// Sight is how much of one record a person sees. The zero value sees nothing.
type Sight struct {
	See, Change bool
	rest        bool              // fields that neither list names are shown
	only        map[string]bool   // else these are
	covered     map[string]string // of them these are masked, or hidden where the mask is empty
}

// Everything is the sight of an administrator.
func Everything() Sight { return Sight{See: true, Change: true, rest: true} }

// Without hides fields, whatever else lets them be seen.
func (s Sight) Without(fields ...string) Sight {
	if len(fields) == 0 {
		return s
	}
	s.covered = maps.Clone(s.covered)
	if s.covered == nil {
		s.covered = map[string]string{}
	}
	for _, name := range fields {
		s.covered[name] = ""
	}
	return s
}

// Whole says whether every field is shown as it is.
func (s Sight) Whole() bool { return s.rest && len(s.covered) == 0 }

// Plain says whether all of these fields are shown as they are.
func (s Sight) Plain(fields ...string) bool {
	for _, name := range fields {
		if _, covered := s.covered[name]; covered || !s.rest && !s.only[name] {
			return false
		}
	}
	return true
}

// Field gives the value of a field as the person sees it; false when it isn't shown to them.
func (s Sight) Field(name string, value any) (any, bool) {
	mask, covered := s.covered[name]
	switch {
	case !s.rest && !s.only[name]:
		return nil, false
	case !covered:
		return value, true
	case mask == "":
		return nil, false
	}
	return masked(mask, value)
}

// Covers says whether a field is hidden or masked, where it would be seen else.
func (s Sight) Covers(field string) bool {
	_, covered := s.covered[field]
	return covered
}

// Column says whether a column of an item's line is shown: where the lines are, or where the column itself was on a form.
func (s Sight) Column(lines, column string) bool {
	return !s.Covers(lines) && (s.rest || s.only[lines] || s.only[column])
}

// Fields gives those fields that are shown, as they are seen.
func (s Sight) Fields(all Fields) Fields {
	out := Fields{}
	for name, value := range all {
		if seen, shown := s.Field(name, value); shown {
			out[name] = seen
		}
	}
	return out
}

// masked masks a text, or each of several. An empty value is shown as empty; what is no text isn't shown.
func masked(mask string, value any) (any, bool) {
	switch v := value.(type) {
	case nil:
		return nil, true
	case string:
		return Mask(mask, v), true
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			seen, shown := masked(mask, one)
			if !shown {
				return nil, false
			}
			out[i] = seen
		}
		return out, true
	}
	return nil, false
}

// Mask covers a text by a pattern, in which `*` stands for a character that isn't shown and every other character for the one that stands at its place. A
// longer text shows as many characters at its beginning, and as many at its end, as the pattern does before its first and behind its last `*`, and nothing
// between; a shorter one shows nothing. So never more is shown than the pattern shows.
func Mask(pattern, text string) string {
	how, what := []rune(pattern), []rune(text)
	first, last := slices.Index(how, '*'), len(how)-1
	for last >= 0 && how[last] != '*' {
		last--
	}
	tail := len(how) - 1 - last
	for i := range what {
		var shown bool
		switch {
		case len(what) == len(how):
			shown = how[i] != '*'
		case len(what) > len(how):
			shown = i < first || i >= len(what)-tail
		}
		if !shown {
			what[i] = '*'
		}
	}
	return string(what)
}

// StandingOf says how a person stands to a record of an owner, as the directory is now. takesPart is whether they take part in a case on it.
func StandingOf(dir Directory, who, owner, maker string, takesPart bool) Standing {
	s := Standing{Mine: who == owner && owner != "", Made: who == maker, MyCases: takesPart}
	me, known := dir.Person(who)
	other, owned := dir.Person(owner)
	if !known || !owned {
		return s
	}
	s.Department = me.Department != "" && me.Department == other.Department
	s.Below = me.Department != "" && inDepartment(dir, other.Department, me.Department)
	seen := map[string]bool{owner: true}
	for above := (people{dir}).above(owner); above != "" && !seen[above]; above = (people{dir}).above(above) {
		if seen[above] = true; above == who {
			s.Above = true
		}
	}
	return s
}

// inDepartment says whether a department is another one, or stands below it.
func inDepartment(dir Directory, department, above string) bool {
	for seen := map[string]bool{}; department != "" && !seen[department]; {
		if seen[department] = true; department == above {
			return true
		}
		d, _ := dir.Department(department)
		department = d.Parent
	}
	return false
}
