package server

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

func (s *Server) offerRoutes() {
	add(s, route{method: http.MethodGet, path: "/processes", rule: listsVisible, id: "list-processes", summary: "What one may start, with the form that starts it"}, s.listProcesses)
	add(s, route{method: http.MethodGet, path: "/record-types", rule: listsVisible, id: "list-record-types", summary: "The types of records that one may see or make, with their fields"}, s.listRecordTypes)
}

// processBody is a process that the caller may start.
type processBody struct {
	ID               string          `json:"id"`
	Title            string          `json:"title"`
	Version          int             `json:"version" doc:"The one that new cases take"`
	Record           typeBody        `json:"record" doc:"What it is about"`
	Form             []formFieldBody `json:"form" doc:"What is filled in to start it with a new record"`
	OneOpenPerRecord bool            `json:"one_open_per_record"`
	Picks            *picksBody      `json:"picks,omitempty" doc:"Whom the start picks for a later step, in picks; without it nobody"`
}

// typeBody names a record type.
type typeBody struct {
	Type  string `json:"type"`
	Title string `json:"title"`
}

func (s *Server) listProcesses(ctx context.Context, v *visit, in *PageInput) (*struct{ Body list[processBody] }, error) {
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return nil, err
	}
	library := viewer.Library()
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(library.Processes)), func(id string) bool { return !v.starts(library.Processes[id]) })
	word := func(id string) processBody {
		p := library.Processes[id]
		return processBody{ID: p.ID, Title: v.text(p.Title), Version: library.Version(p), Record: typeBody{p.Record, v.text(p.Type.Title)},
			Form: v.form(engine.StartForm(p, v.user(), viewer.Today())), OneOpenPerRecord: p.OneOpenPerRecord,
			Picks: v.picks(viewer.StartPicks(p))}
	}
	out, err := listOfNames("processes", ids, *in, word)
	if err == nil {
		err = viewer.Err()
	}
	return out, err
}

// starts says whether the caller may start a process; one that names nobody, an administrator.
func (v *visit) starts(p *process.Process) bool {
	return v.mayStart(p) || len(p.Start.By) == 0 && v.admin()
}

// recordTypeBody is a type of records.
type recordTypeBody struct {
	Type    string          `json:"type"`
	Title   string          `json:"title"`
	Fields  []typeFieldBody `json:"fields"`
	Actions []string        `json:"actions" doc:"What the caller may do: create"`
}

// typeFieldBody is a field of a record type.
type typeFieldBody struct {
	FieldShape
	Columns  []FieldShape `json:"columns,omitempty" doc:"Of lines"`
	Writable bool         `json:"writable" doc:"false: computed, or kept by a process"`
	Compared bool         `json:"compared" doc:"Records with the same value, or one much alike, are found by it: it is unique, or similar"`
}

func (s *Server) listRecordTypes(ctx context.Context, v *visit, in *PageInput) (*struct{ Body list[recordTypeBody] }, error) {
	library, err := s.engine.LibraryAt(ctx, v.who.Revision)
	if err != nil {
		return nil, err
	}
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(library.Types)), func(id string) bool { return !v.widest(id).See && !v.creates(library, id) })
	word := func(id string) recordTypeBody {
		typ, sight := library.Types[id], v.widest(id)
		body := recordTypeBody{Type: id, Title: v.text(typ.Title), Fields: []typeFieldBody{}, Actions: []string{}}
		for i := range typ.Fields {
			f := &typ.Fields[i]
			if _, shown := sight.Field(f.Name, "x"); !shown && sight.See {
				continue
			}
			body.Fields = append(body.Fields, typeFieldBody{FieldShape: v.shape(f, f.Of, engine.Choices(typ, f)), Columns: v.columns(f), Writable: engine.Writable(typ, f),
				Compared: slices.Contains(typ.Unique, f.Name) || slices.Contains(typ.Similar, f.Name)})
		}
		if v.creates(library, id) {
			body.Actions = append(body.Actions, "create")
		}
		return body
	}
	return listOfNames("record-types", ids, *in, word)
}

// widest is the most that the caller may see of any record of a type.
func (v *visit) widest(typ string) process.Sight {
	if v.admin() {
		return process.Everything()
	}
	return v.access.Record(typ, process.Standing{Mine: true, Made: true, MyCases: true, Department: true, Below: true, Above: true})
}

// creates says whether the caller may make a record of a type. Where the document of rights decides about the type: whom a grant lets. Else whoever may start a
// process on it; where the record itself starts one, by what it emits, and nobody is named who may press a button, everyone.
func (v *visit) creates(library *engine.Library, typ string) bool {
	switch {
	case v.admin():
		return true
	case v.access.Decides(typ):
		return v.access.Creates(typ)
	case library.StartsItself(typ):
		return true
	}
	for _, p := range library.Processes {
		if p.Record == typ && v.starts(p) {
			return true
		}
	}
	return false
}
