package server

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// How much may be published at once: the files' own text, and the body that carries them with JSON's escapes.
const (
	filesLimit     = 10 << 20
	filesBodyLimit = 12 << 20
)

func (s *Server) definitionRoutes() {
	add(s, route{method: http.MethodPost, path: "/definitions", rule: processOwners, id: "publish-definitions", summary: "Publish definitions, all or nothing", limit: filesBodyLimit}, s.publish)
	add(s, route{method: http.MethodPost, path: "/definitions/check", rule: signedIn, id: "check-definitions", summary: "Check definitions without publishing; every way through in words", limit: filesBodyLimit}, s.check)
	add(s, route{method: http.MethodGet, path: "/definitions", rule: signedIn, id: "list-definitions", summary: "The definitions that new cases take"}, s.listDefinitions)
	add(s, route{method: http.MethodGet, path: "/definitions/{process}/versions/{n}", rule: signedIn, id: "get-definition", summary: "A version of a definition with its source"}, s.getDefinition)
}

// filesBody is definition files as sent.
type filesBody struct {
	Files []process.File `json:"files" minItems:"1" maxItems:"1000"`
}

// tooLarge refuses files that are over the limit together.
func (b filesBody) tooLarge() error {
	size := 0
	for _, f := range b.Files {
		size += len(f.Path) + len(f.Content)
	}
	if size > filesLimit {
		return process.Refuse(codeTooLarge, "文件合计不能超过 10 MB。", "The files together may not be over 10 MB.")
	}
	return nil
}

// publishedBody is one definition as it stands after publishing.
type publishedBody struct {
	Kind    string `json:"kind" doc:"process, record, calendar, table, rights"`
	ID      string `json:"id"`
	Version int    `json:"version"`
	Digest  string `json:"digest"`
}

// publishedList is what was published, with what is worth a look.
type publishedList struct {
	Items    []publishedBody `json:"items"`
	Warnings []ProblemError  `json:"warnings"`
}

func (s *Server) publish(ctx context.Context, v *visit, in *struct {
	Keyed
	Body filesBody
}) (*struct{ Body publishedList }, error) {
	if err := in.Body.tooLarge(); err != nil {
		return nil, err
	}
	published, found, err := s.engine.Publish(ctx, v.request(http.MethodPost, "/definitions", in.Keyed), in.Body.Files)
	if err != nil {
		return nil, err
	}
	if process.Failed(found) {
		return nil, invalid(found)
	}
	body := publishedList{Items: make([]publishedBody, len(published)), Warnings: located(v, found, true)}
	for i, p := range published {
		body.Items[i] = publishedBody(p)
	}
	return &struct{ Body publishedList }{body}, nil
}

// checkedBody is one definition that was checked.
type checkedBody struct {
	Kind string   `json:"kind"`
	ID   string   `json:"id"`
	Ways []string `json:"ways" doc:"Of a process: every way through, in words"`
}

// checkedList is what was checked, with what is worth a look.
type checkedList struct {
	Items    []checkedBody  `json:"items"`
	Warnings []ProblemError `json:"warnings"`
}

func (s *Server) check(ctx context.Context, v *visit, in *struct {
	Keyed
	Body filesBody
}) (*struct{ Body checkedList }, error) {
	if err := in.Body.tooLarge(); err != nil {
		return nil, err
	}
	library, found, _, err := s.load(ctx, in.Body.Files)
	if err != nil {
		return nil, err
	}
	if process.Failed(found) {
		return nil, invalid(found)
	}
	body := checkedList{Items: []checkedBody{}, Warnings: located(v, found, true)}
	for _, d := range library.Documents {
		checked := checkedBody{Kind: d.Kind, ID: d.ID, Ways: []string{}}
		if p := library.Processes[d.ID]; d.Kind == "process" && p != nil {
			checked.Ways = p.WaysThrough(v.lang())
			needs := s.engine.UnknownSystems(p)
			for i := range needs {
				needs[i].Warning = true // the definition is right: it is this server that can't run it
			}
			body.Warnings = append(body.Warnings, located(v, needs, true)...)
		}
		body.Items = append(body.Items, checked)
	}
	return &struct{ Body checkedList }{body}, nil
}

// load reads files as they would stand among what is published, for the people that there are.
func (s *Server) load(ctx context.Context, files []process.File) (*process.Library, []process.Problem, store.Names, error) {
	rows, _, err := s.db.CurrentDefinitions(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	current := make([]process.File, len(rows))
	for i, r := range rows {
		current[i] = process.File{Path: r.Path, Content: r.Source}
	}
	base, _ := process.Load(current, nil, nil)
	names, err := s.db.Names(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	library, found := process.Load(files, base, names)
	return library, found, names, nil
}

// DefinitionBody is one version of a definition.
type DefinitionBody struct {
	Kind        string    `json:"kind" doc:"process, record, calendar, table, rights"`
	ID          string    `json:"id"`
	Title       string    `json:"title"`
	Version     int       `json:"version"`
	Current     bool      `json:"current" doc:"Whether new cases take it"`
	Digest      string    `json:"digest"`
	Path        string    `json:"path"`
	PublishedBy *string   `json:"published_by"`
	PublishedAt time.Time `json:"published_at"`
}

func (v *visit) definition(d store.DefinitionRow, current bool, library *engine.Library) DefinitionBody {
	body := DefinitionBody{
		Kind: d.Kind, ID: d.ID, Title: d.ID, Version: d.Version, Current: current, Digest: d.Digest, Path: d.Path, PublishedBy: d.PublishedBy, PublishedAt: v.at(d.PublishedAt),
	}
	if p := library.Processes[d.ID]; d.Kind == "process" && p != nil {
		body.Title = v.text(p.Title)
	}
	if t := library.Types[d.ID]; d.Kind == "record" && t != nil {
		body.Title = v.text(t.Title)
	}
	if t := library.Tables[d.ID]; d.Kind == "table" && t != nil {
		body.Title = v.text(t.Title)
	}
	if d.Kind == "rights" {
		body.Title = v.text(process.Text{ZH: "权限", EN: "Rights"})
	}
	return body
}

func (s *Server) listDefinitions(ctx context.Context, v *visit, in *PageInput) (*struct{ Body list[DefinitionBody] }, error) {
	library, err := s.engine.Library(ctx)
	if err != nil {
		return nil, err
	}
	rows, _, err := s.db.CurrentDefinitions(ctx)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]store.DefinitionRow, len(rows))
	for _, r := range rows {
		byName[r.Kind+"/"+r.ID] = r
	}
	word := func(name string) DefinitionBody { return v.definition(byName[name], true, library) }
	return listOfNames("definitions", slices.Sorted(maps.Keys(byName)), *in, word)
}

// definitionSource is one version of a definition, with its text and every way through it.
type definitionSource struct {
	DefinitionBody
	Source string   `json:"source"`
	Ways   []string `json:"ways" doc:"Of a process: every way through, in words"`
	Say    []string `json:"say" doc:"Of a process, and of the rights: read aloud, in the caller's language, a line each; steps inside a step stand indented below it"`
}

func (s *Server) getDefinition(ctx context.Context, v *visit, in *struct {
	Process string `path:"process" maxLength:"64"`
	Version int    `path:"n" minimum:"1" maximum:"2147483647"`
	Kind    string `query:"kind" default:"process" enum:"process,record,calendar,table,rights" doc:"record, calendar, table and rights: a definition of that kind instead"`
}) (*struct{ Body definitionSource }, error) {
	row, err := s.db.DefinitionVersion(ctx, in.Kind, in.Process, in.Version)
	if err != nil {
		return nil, err
	}
	library, err := s.engine.Library(ctx)
	if err != nil {
		return nil, err
	}
	body := definitionSource{DefinitionBody: v.definition(row.DefinitionRow, row.Current, library), Source: row.Source, Ways: []string{}, Say: []string{}}
	if in.Kind == "process" || in.Kind == "rights" {
		loaded, _, names, err := s.load(ctx, []process.File{{Path: row.Path, Content: row.Source}})
		if err != nil {
			return nil, err
		}
		if p := loaded.Processes[row.ID]; p != nil {
			body.Ways, body.Say = p.WaysThrough(v.lang()), p.Say(v.lang(), names)
		}
		if loaded.Rights != nil {
			body.Say = loaded.Rights.Say(v.lang(), names, library.Types, library.Processes)
		}
	}
	return &struct{ Body definitionSource }{body}, nil
}
