package server

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

func (s *Server) recordRoutes() {
	add(s, route{method: http.MethodPost, path: "/records/{type}", rule: createsRecord, id: "create-record", summary: "Make a record", status: http.StatusCreated}, s.createRecord)
	add(s, route{method: http.MethodGet, path: "/records/{type}", rule: listsVisible, id: "list-records", summary: "Records of a type; any field may be given as a query parameter", anyQuery: true}, s.listRecords)
	add(s, route{method: http.MethodGet, path: "/records/{type}/{id}", rule: seesRecord, id: "get-record", summary: "A record"}, s.getRecord)
	add(s, route{method: http.MethodPatch, path: "/records/{type}/{id}", rule: changesRecord, id: "change-record", summary: "Change fields of a record"}, s.changeRecord)
	add(s, route{method: http.MethodGet, path: "/records/{type}/{id}/history", rule: seesRecord, id: "get-record-history", summary: "Who changed what, newest first"}, s.recordHistory)
}

// recordBody is a record.
type recordBody struct {
	ID        string         `json:"id"`
	Type      string         `json:"type"`
	Number    *string        `json:"number"`
	Title     string         `json:"title" doc:"What people call it"`
	Version   int            `json:"version" doc:"The ETag"`
	Owner     *string        `json:"owner"`
	Fields    map[string]any `json:"fields"`
	CreatedBy string         `json:"created_by"`
	CreatedAt time.Time      `json:"created_at"`
	ChangedAt time.Time      `json:"changed_at"`
	Actions   []string       `json:"actions" doc:"What the caller may do: change, start:{process}"`
	Locked    []lockedBody   `json:"locked,omitempty" doc:"Of one record, when it is read: the fields that nobody may change now, and why"`
}

// lockedBody is a field that nobody may change now.
type lockedBody struct {
	Field   string `json:"field"`
	Because string `json:"because"`
}

// referenceBody points at a record.
type referenceBody struct {
	Type  string `json:"type"`
	ID    string `json:"id"`
	Title string `json:"title"`
}

func (v *visit) record(r engine.RecordView, change bool, startable []string) recordBody {
	body := recordBody{
		ID: r.ID, Type: r.Type, Number: orNil(r.Number), Title: r.Title, Version: r.Version, Owner: orNil(r.Owner), Fields: map[string]any(r.Fields),
		CreatedBy: r.CreatedBy, CreatedAt: v.at(r.CreatedAt), ChangedAt: v.at(r.ChangedAt), Actions: []string{},
	}
	if change {
		body.Actions = append(body.Actions, "change")
	}
	for _, process := range startable {
		body.Actions = append(body.Actions, "start:"+process)
	}
	return body
}

// startable gives the processes on a record type that the caller may start.
func (s *Server) startable(ctx context.Context, v *visit, typ string) ([]string, error) {
	library, err := s.engine.LibraryAt(ctx, v.who.Revision)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, p := range library.Processes {
		if p.Record == typ && v.mayStart(p) {
			ids = append(ids, p.ID)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// recordType finds a record type.
func (s *Server) recordType(ctx context.Context, id string) (*process.RecordType, error) {
	library, err := s.engine.Library(ctx)
	if err != nil {
		return nil, err
	}
	if t, ok := library.Types[id]; ok {
		return t, nil
	}
	return nil, notFound()
}

// TypeInput is the record type in an address.
type TypeInput struct {
	Type string `path:"type" maxLength:"64"`
}

// RecordInput is the record in an address.
type RecordInput struct {
	TypeInput
	IDInput
}

// fieldsBody is the fields of a record as sent.
type fieldsBody struct {
	Fields map[string]any `json:"fields" doc:"By field name; null empties a field"`
}

type recordOutput struct {
	Location string `header:"Location"`
	ETag     string `header:"ETag"`
	Body     recordBody
}

func (s *Server) recordAnswer(ctx context.Context, v *visit, r engine.RecordView) (*recordOutput, error) {
	startable, err := s.startable(ctx, v, r.Type)
	if err != nil {
		return nil, err
	}
	sight, err := s.sight(ctx, v, r.Type, r.ID)
	if err != nil {
		return nil, err
	}
	v.coverRecord(sight, &r)
	return &recordOutput{ETag: `"` + strconv.Itoa(r.Version) + `"`, Body: v.record(r, sight.Change, startable)}, nil
}

func (s *Server) createRecord(ctx context.Context, v *visit, in *struct {
	TypeInput
	Keyed
	Body fieldsBody
}) (*recordOutput, error) {
	made, err := s.engine.CreateRecord(ctx, v.request(http.MethodPost, "/records/"+in.Type, in.Keyed), in.Type, in.Body.Fields)
	if err != nil {
		return nil, err
	}
	out, err := s.recordAnswer(ctx, v, made)
	if err == nil {
		out.Location = base + "/records/" + made.Type + "/" + made.ID
	}
	return out, err
}

func (s *Server) getRecord(ctx context.Context, v *visit, in *RecordInput) (*recordOutput, error) {
	row, err := s.db.Record(ctx, in.Type, in.ID)
	if err != nil {
		return nil, err
	}
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return nil, err
	}
	view, err := viewer.Record(row)
	if err != nil {
		return nil, err
	}
	out, err := s.recordAnswer(ctx, v, view)
	if err != nil {
		return nil, err
	}
	sight, err := s.sight(ctx, v, in.Type, in.ID)
	if err != nil {
		return nil, err
	}
	locked, err := viewer.Locked(row)
	for _, f := range locked {
		if _, shown := sight.Field(f.Field, ""); shown {
			out.Body.Locked = append(out.Body.Locked, lockedBody{f.Field, v.text(f.Message)})
		}
	}
	return out, err
}

func (s *Server) changeRecord(ctx context.Context, v *visit, in *struct {
	RecordInput
	IfMatch string `header:"If-Match" maxLength:"40" doc:"The version that is to be changed; another one meanwhile is a version_conflict"`
	Body    fieldsBody
}) (*recordOutput, error) {
	version, err := versionOf(in.IfMatch)
	if err != nil {
		return nil, err
	}
	if err := s.writable(ctx, v, in.Type, in.ID, in.Body.Fields); err != nil {
		return nil, err
	}
	request := engine.Request{Caller: v.user(), Admin: v.admin()}
	changed, err := s.engine.ChangeRecord(ctx, request, in.Type, in.ID, in.Body.Fields, version)
	if err != nil {
		return nil, err
	}
	delete(v.seen, in.ID) // it may have another owner now
	return s.recordAnswer(ctx, v, changed)
}

// versionOf reads If-Match: a version, or 0 for any.
func versionOf(header string) (int, error) {
	if header == "" || header == "*" {
		return 0, nil
	}
	version, err := strconv.Atoi(strings.Trim(strings.TrimPrefix(header, "W/"), `"`))
	if err != nil || version < 1 {
		return 0, fieldInvalid("If-Match", "应为记录的 ETag", "must be a record's ETag")
	}
	return version, nil
}

// recordsInput is the query of a list of records: the page, a word, and any of the type's fields.
type recordsInput struct {
	TypeInput
	PageInput
	Query string `query:"q" maxLength:"100" doc:"Words, or parts of them, of anything in the record"`

	fields map[string][]string
}

// Resolve keeps the parameters that are none of ours: they name fields.
func (in *recordsInput) Resolve(ctx huma.Context) []error {
	url := ctx.URL()
	in.fields = url.Query()
	for _, ours := range []string{"limit", "cursor", "q"} {
		delete(in.fields, ours)
	}
	return nil
}

func (s *Server) listRecords(ctx context.Context, v *visit, in *recordsInput) (*struct{ Body list[recordBody] }, error) {
	typ, err := s.recordType(ctx, in.Type)
	if err != nil {
		return nil, err
	}
	filter := store.RecordFilter{Type: typ.ID, Query: in.Query}
	if filter.Fields, err = fieldFilter(typ, in.fields); err != nil {
		return nil, err
	}
	page, err := in.page("records." + typ.ID)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.db.Records(ctx, v.viewer(), filter, page)
	if err != nil {
		return nil, err
	}
	return s.recordList(ctx, v, typ.ID, rows, next)
}

func (s *Server) recordList(ctx context.Context, v *visit, typ string, rows []store.RecordRow, next *store.Place) (*struct{ Body list[recordBody] }, error) {
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return nil, err
	}
	startable, err := s.startable(ctx, v, typ)
	if err != nil {
		return nil, err
	}
	sights, err := s.listedSights(ctx, v, rows)
	if err != nil {
		return nil, err
	}
	views := make([]engine.RecordView, len(rows))
	for i, row := range rows {
		if views[i], err = viewer.Record(row); err != nil {
			return nil, err
		}
		v.coverRecord(sights[row.ID], &views[i])
	}
	word := func(r engine.RecordView) recordBody { return v.record(r, sights[r.ID].Change, startable) }
	return &struct{ Body list[recordBody] }{listOf("records."+typ, views, next, word)}, nil
}

// fieldFilter makes what the fields of the records sought contain.
func fieldFilter(typ *process.RecordType, sought map[string][]string) (map[string]any, error) {
	contains := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(sought)) {
		f := typ.Field(name)
		if f == nil {
			return nil, fieldInvalid(name, "没有这个字段", "is no field of this type")
		}
		if len(sought[name]) != 1 {
			return nil, fieldInvalid(name, "只能有一个值", "takes one value")
		}
		value, err := soughtValue(f, sought[name][0])
		if err != nil {
			return nil, err
		}
		contains[name] = value
	}
	return contains, nil
}

// soughtValue is a value as a filter writes it, as a field holds it: a reference by its id, money by its amount.
func soughtValue(f *process.Field, written string) (any, error) {
	var value any = written
	var err error
	switch f.Type {
	case "number", "percent":
		value, err = strconv.ParseFloat(written, 64)
	case "yes_no":
		value, err = strconv.ParseBool(written)
	case "money":
		var amount int64
		amount, err = strconv.ParseInt(written, 10, 64)
		value = map[string]any{"amount": amount}
	case "reference", "file":
		value = map[string]any{"id": written}
	case "lines":
		err = fmt.Errorf("lines")
	}
	if err != nil {
		return nil, fieldInvalid(f.Name, "不能按这个值筛选", "can't be filtered by this value")
	}
	if f.Many {
		return []any{value}, nil
	}
	return value, nil
}

// changeBody is one change of a record.
type changeBody struct {
	Version int                    `json:"version"`
	At      time.Time              `json:"at"`
	By      *string                `json:"by" doc:"null: the system"`
	Case    *string                `json:"case" doc:"The case that changed it"`
	Changes map[string]store.Moved `json:"changes" doc:"By field: what it was and what it became"`
}

func (s *Server) recordHistory(ctx context.Context, v *visit, in *struct {
	RecordInput
	PageInput
}) (*struct{ Body list[changeBody] }, error) {
	page, err := in.numbered("history", 32)
	if err != nil {
		return nil, err
	}
	sight, err := s.sight(ctx, v, in.Type, in.ID)
	if err != nil {
		return nil, err
	}
	rows, next, err := s.db.RecordHistory(ctx, in.ID, page)
	if err != nil {
		return nil, err
	}
	return &struct{ Body list[changeBody] }{listOf("history", rows, next, func(c store.RecordChange) changeBody {
		return changeBody{Version: c.Version, At: v.at(c.At), By: orNil(c.By), Case: orNil(c.Case), Changes: coverChanges(sight, c.Changes.V)}
	})}, nil
}
