package server

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

func (s *Server) similarRoutes() {
	add(s, route{method: http.MethodGet, path: "/records/{type}/similar", rule: createsRecord, id: "similar-records",
		summary: "Records that have a given value already, or one written much like it, with their owners; fields declared unique or similar are query parameters", anyQuery: true}, s.similarRecords)
}

// similarBody is a record that is much like what somebody is about to make, or to approve.
type similarBody struct {
	Record  referenceBody `json:"record" doc:"Its title is empty where the caller may not see the record"`
	Owner   *string       `json:"owner" doc:"Whose it is: everybody is told who would make it once more"`
	Because []string      `json:"because" doc:"The fields that are the same or much alike"`
	Exact   bool          `json:"exact" doc:"It has a value that must be unique, so another record with it is refused"`
}

// similarInput are values of a type's fields.
type similarInput struct {
	TypeInput

	fields map[string][]string
}

// Resolve keeps the parameters: they name fields.
func (in *similarInput) Resolve(ctx huma.Context) []error {
	url := ctx.URL()
	in.fields = url.Query()
	return nil
}

// similarList is a list that has no pages.
type similarList struct {
	Items []similarBody `json:"items"`
}

func (s *Server) similarRecords(ctx context.Context, v *visit, in *similarInput) (*struct{ Body similarList }, error) {
	typ, err := s.recordType(ctx, in.Type)
	if err != nil {
		return nil, err
	}
	given, err := comparedValues(typ, v.access.Covered(typ.ID), in.fields)
	if err != nil {
		return nil, err
	}
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return nil, err
	}
	list, err := viewer.Similar(typ, given, "")
	if err != nil {
		return nil, err
	}
	items, err := s.similar(ctx, v, list)
	return &struct{ Body similarList }{similarList{items}}, err
}

// comparedValues reads the values that are looked for. What is hidden from the caller, or masked, can't be: that would be a way to guess it.
func comparedValues(typ *process.RecordType, covered []string, sought map[string][]string) (process.Fields, error) {
	given := process.Fields{}
	for _, name := range slices.Sorted(maps.Keys(sought)) {
		f := typ.Field(name)
		if f == nil || slices.Contains(covered, name) || !slices.Contains(typ.Unique, name) && !slices.Contains(typ.Similar, name) {
			return nil, fieldInvalid(name, "这类记录没有按此字段比较（unique、similar）", "isn't compared in records of this type (unique, similar)")
		}
		if len(sought[name]) != 1 {
			return nil, fieldInvalid(name, "只能有一个值", "takes one value")
		}
		given[name] = sought[name][0]
		if f.Type == "reference" {
			given[name] = process.Reference{Type: f.To, ID: sought[name][0]}
		}
	}
	if len(given) == 0 {
		return nil, fieldInvalid("query", "请给出要比较的字段，如 ?company=…", "name a field to compare, as ?company=…")
	}
	return given, nil
}

// similar words similar records: of one that the caller may not see they are told that it is there, and whose it is.
func (s *Server) similar(ctx context.Context, v *visit, list []engine.SimilarView) ([]similarBody, error) {
	items := make([]similarBody, len(list))
	if len(list) == 0 {
		return items, nil
	}
	ids := make([]string, len(list))
	for i, one := range list {
		ids[i] = one.Record.ID
	}
	sights, err := s.sights(ctx, v, ids)
	for i, one := range list {
		items[i] = similarBody{Record: pointer(one.Record), Owner: orNil(one.Owner), Because: one.Because, Exact: one.Exact}
		items[i].Record.Title = ""
		if sight := sights[one.Record.ID].Sight; sight.Whole() {
			items[i].Record.Title = one.Record.Title
		} else if sight.See {
			items[i].Record.Title = v.coverTitle(sight, one.Record)
		}
	}
	return items, err
}

// similarOf words the records that are similar to that of a task's case, where it is the first approval; nil elsewhere.
func (s *Server) similarOf(ctx context.Context, v *visit, viewer *engine.Viewer, t engine.TaskView, row store.TaskInCase) (*[]similarBody, error) {
	list, err := viewer.SimilarOf(t, row.Case, row.Record)
	if err != nil || list == nil {
		return nil, err
	}
	items, err := s.similar(ctx, v, list)
	return &items, err
}
