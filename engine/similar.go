package engine

import (
	"cmp"
	"math"
	"slices"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// SimilarView is a record that has much in common with given values: a unique value that it has already, or one that is written much like its own.
type SimilarView struct {
	Record  process.Reference
	Owner   string
	Because []string // the fields, as the type declares them
	Exact   bool     // one of them is unique

	score float64
}

// maxSimilar is how many similar records are shown.
const maxSimilar = 20

// Similar finds the records of a type that have a unique value among the given ones, or one like those declared `similar`: the closest first. Whether whoever
// looks may see them isn't asked here: that there is one, and whose it is, everybody is told who is about to make it once more.
func (v *Viewer) Similar(typ *process.RecordType, given process.Fields, except string) ([]SimilarView, error) {
	found := map[string]*SimilarView{}
	if err := v.sameUnique(typ, given, found); err != nil {
		return nil, err
	}
	candidates, err := v.candidates(typ, given)
	if err != nil {
		return nil, err
	}
	for id := range found {
		candidates = append(candidates, id)
	}
	rows, err := v.e.db.RecordsOf(v.ctx, typ.ID, candidates)
	if err != nil {
		return nil, err
	}
	list := []SimilarView{}
	for _, row := range rows {
		one := found[row.ID]
		if one == nil {
			one = &SimilarView{}
		}
		rec, err := restoreRecord(typ, row)
		if err != nil {
			return nil, err
		}
		one.compare(typ, given, rec.Fields)
		if row.ID != except && len(one.Because) > 0 {
			one.Record, one.Owner = process.Reference{Type: typ.ID, ID: row.ID, Title: titleOf(typ, rec)}, rec.Owner
			list = append(list, *one)
		}
	}
	slices.SortFunc(list, closestFirst)
	return list[:min(len(list), maxSimilar)], nil
}

func closestFirst(a, b SimilarView) int {
	switch {
	case a.Exact && !b.Exact:
		return -1
	case b.Exact && !a.Exact:
		return 1
	}
	return cmp.Or(cmp.Compare(len(b.Because), len(a.Because)), cmp.Compare(b.score, a.score), cmp.Compare(b.Record.ID, a.Record.ID))
}

// sameUnique finds the records that have a unique value.
func (v *Viewer) sameUnique(typ *process.RecordType, given process.Fields, found map[string]*SimilarView) error {
	var sought []store.UniqueRow
	for _, name := range typ.Unique {
		if f := typ.Field(name); f != nil {
			if value := f.Normal(given[name]); value != "" {
				sought = append(sought, store.UniqueRow{Type: typ.ID, Field: name, Value: value})
			}
		}
	}
	if len(sought) == 0 {
		return nil
	}
	rows, err := v.e.db.UniqueOf(v.ctx, sought)
	for _, row := range rows {
		if found[row.RecordID] == nil {
			found[row.RecordID] = &SimilarView{Exact: true}
		}
		found[row.RecordID].Because = append(found[row.RecordID].Because, row.Field)
	}
	return err
}

// candidates are the records that are worth a look: those that share most with a given value, of those whose value isn't far too short or too long.
func (v *Viewer) candidates(typ *process.RecordType, given process.Fields) ([]string, error) {
	var ids []string
	for _, name := range typ.Similar {
		f := typ.Field(name)
		if f == nil {
			continue
		}
		g := gramsOf(typ, f, "", given[name])
		if len(g.Grams) == 0 {
			continue
		}
		least, most := sizes(len(g.Grams))
		more, err := v.e.db.Alike(v.ctx, g, least, most)
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// sizes are of how many pairs a value can be made that is similar to one made of n: 2·both/(n+m) is at most 2·min(n,m)/(n+m).
func sizes(n int) (least, most int) {
	const s = process.Similar
	return int(math.Ceil(float64(n) * s / (2 - s))), int(float64(n) * (2 - s) / s)
}

// compare adds the fields that are written much alike.
func (s *SimilarView) compare(typ *process.RecordType, given, its process.Fields) {
	for _, name := range typ.Similar {
		f := typ.Field(name)
		if f == nil || slices.Contains(s.Because, name) {
			continue
		}
		if score := process.Alike(f.Grams(given[name]), f.Grams(its[name])); score >= process.Similar {
			s.Because, s.score = append(s.Because, name), s.score+score
		}
	}
}

// SimilarOf finds the records that are similar to that of a case, where a task is the case's first approval and open: whoever is asked first must know what
// else there is, and whose. Otherwise there are none.
func (v *Viewer) SimilarOf(t TaskView, c store.CaseRow, r store.RecordRow) ([]SimilarView, error) {
	cv, err := v.of(c, r)
	if err != nil || t.Status != store.TaskOpen || !cv.firstApproval(t.Step) {
		return nil, err
	}
	typ := cv.p.Type
	if len(typ.Unique) == 0 && len(typ.Similar) == 0 {
		return nil, nil
	}
	return v.Similar(typ, cv.record.Fields, r.ID)
}

// firstApproval says whether a step is an approval and the case has come to no other one before.
func (v caseViewer) firstApproval(step string) bool {
	for _, run := range v.st.Steps { // in the order they were first reached
		if s := v.p.Step(run.Step); s != nil && s.Kind == kindApprove && run.Status != statusPassedOver {
			return run.Step == step
		}
	}
	return false
}

// How the machine calls an approval, and a step that the case went by.
const (
	kindApprove      = "approve"
	statusPassedOver = "passed_over"
)
