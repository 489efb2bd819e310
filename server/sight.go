package server

import (
	"context"
	"slices"
	"strings"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// sight gives how much of one record the caller sees, and whether they may change it; it sees nothing of one that isn't there. Asked again within a request
// it costs nothing.
func (s *Server) sight(ctx context.Context, v *visit, typ, id string) (process.Sight, error) {
	if sight, known := v.seen[id]; known {
		return sight, nil
	}
	found, err := s.sights(ctx, v, []string{id})
	if err != nil {
		return process.Sight{}, err
	}
	sight, there := found[id]
	if !there || sight.typ != "" && sight.typ != typ {
		return process.Sight{}, nil
	}
	if v.seen == nil {
		v.seen = map[string]process.Sight{}
	}
	v.seen[id] = sight.Sight
	return sight.Sight, nil
}

// sightOf is a sight of a record of a type; "" for an administrator's, of whatever it is.
type sightOf struct {
	process.Sight
	typ string
}

// sights gives how much of several records the caller sees, by id, in one statement.
func (s *Server) sights(ctx context.Context, v *visit, ids []string) (map[string]sightOf, error) {
	out := make(map[string]sightOf, len(ids))
	if v.admin() {
		for _, id := range ids {
			out[id] = sightOf{Sight: process.Everything()}
		}
		return out, nil
	}
	if len(ids) == 0 {
		return out, nil
	}
	found, err := s.db.Standings(ctx, v.viewer(), ids)
	for id, r := range found {
		out[id] = sightOf{v.access.Record(r.Type, r.Standing), r.Type}
	}
	return out, err
}

// about is a case, or a task of one, and the record that it is about.
type about struct {
	Case   string
	Record process.Reference
}

// caseSights gives how much of their records the caller sees in cases that they may see, by case: what the rights let them see of the record; whom they let
// see nothing of it sees, taking part, what the forms that were theirs show.
func (s *Server) caseSights(ctx context.Context, v *visit, list []about) (map[string]process.Sight, error) {
	out := make(map[string]process.Sight, len(list))
	var ids, unseen []string
	for _, a := range list {
		out[a.Case] = process.Everything()
		if !v.admin() && v.access.Decides(a.Record.Type) {
			ids = append(ids, a.Record.ID)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	records, err := s.sights(ctx, v, ids)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if !v.access.Decides(a.Record.Type) {
			continue
		}
		out[a.Case] = records[a.Record.ID].Sight
		if !out[a.Case].See {
			unseen = append(unseen, a.Case)
		}
	}
	return out, s.formSights(ctx, v, unseen, out)
}

// formSights finds what the caller was shown in cases that they take part in, on records that no grant lets them see.
func (s *Server) formSights(ctx context.Context, v *visit, cases []string, out map[string]process.Sight) error {
	if len(cases) == 0 {
		return nil
	}
	rows, err := s.db.PartIn(ctx, v.viewer(), cases)
	if err != nil || len(rows) == 0 {
		return err
	}
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		names, err := viewer.Shown(r.Case, r.Record, r.Steps)
		if err != nil {
			return err
		}
		if r.Case.Initiator == v.user() {
			asked, err := viewer.Asked(r.Case, r.Record)
			if err != nil {
				return err
			}
			names = append(names, asked...)
		}
		out[r.Case.ID] = v.access.Form(r.Case.RecordType, names)
	}
	return nil
}

// coverTasks leaves in tasks what the caller may see.
func (s *Server) coverTasks(ctx context.Context, v *visit, tasks ...*engine.TaskView) error {
	list := make([]about, len(tasks))
	for i, t := range tasks {
		list[i] = about{t.Case, t.Record}
	}
	sights, err := s.caseSights(ctx, v, list)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		sight := sights[t.Case]
		if sight.Whole() {
			continue
		}
		t.Summary = sight.Fields(t.Summary)
		t.Form = v.coverForm(sight, *t)
		t.Record.Title = v.coverTitle(sight, t.Record)
		if !subjectPlain(sight, t.Shows) {
			t.Subject = v.text(t.Of)
		}
	}
	return nil
}

// coverForm leaves in a task's form what the caller may see. What is theirs to fill in is shown as it is: it could not be filled in else.
func (v *visit) coverForm(sight process.Sight, t engine.TaskView) []engine.FormField {
	theirs := t.Assignee == v.user() || slices.Contains(t.Candidates, v.user())
	form := []engine.FormField{}
	for _, f := range t.Form {
		shown := true
		switch {
		case theirs && f.Access == "edit":
		case f.Within != "":
			shown = sight.Column(f.Within, f.Field)
		case f.Supplied:
			f.Value, shown = coverSupplied(sight, f.Value), theirs || sight.See
		default:
			f.Value, shown = sight.Field(f.Field, f.Value)
		}
		if shown {
			form = append(form, f)
		}
	}
	return form
}

// coverSupplied leaves out of the lines that the system fills in what the caller doesn't see as it is in the record itself.
func coverSupplied(sight process.Sight, value any) any {
	lines, ok := value.([]map[string]any)
	if !ok {
		return value
	}
	out := make([]map[string]any, len(lines))
	for i, line := range lines {
		out[i] = map[string]any{}
		for name, cell := range line {
			if !sight.Covers(name) {
				out[i][name] = cell
			}
		}
	}
	return out
}

// coverCases leaves in cases what the caller may see.
func (s *Server) coverCases(ctx context.Context, v *visit, cases ...*engine.CaseView) error {
	list := make([]about, len(cases))
	for i, c := range cases {
		list[i] = about{c.ID, c.Record}
	}
	sights, err := s.caseSights(ctx, v, list)
	if err != nil {
		return err
	}
	for _, c := range cases {
		sight := sights[c.ID]
		if sight.Whole() {
			continue
		}
		c.Record.Title = v.coverTitle(sight, c.Record)
		if !subjectPlain(sight, c.Shows) {
			c.Subject = v.text(c.Title)
		}
	}
	return nil
}

// coverAnswer leaves in the answer to an act what the caller may see.
func (s *Server) coverAnswer(ctx context.Context, v *visit, a *engine.Answer) error {
	if a.Task != nil {
		if err := s.coverTasks(ctx, v, a.Task); err != nil {
			return err
		}
	}
	return s.coverCases(ctx, v, &a.Case)
}

// subjectPlain says whether a subject may be read: every field that it shows is seen as it is. Where nobody knows which they are, all must be.
func subjectPlain(sight process.Sight, shows []string) bool {
	if shows == nil {
		return sight.Whole()
	}
	return sight.Plain(shows...)
}

// coverTitle is what a record is called for somebody who doesn't see all of it: masked as the field that it is called by, else by the title of its type.
func (v *visit) coverTitle(sight process.Sight, r process.Reference) string {
	typ := v.types[r.Type]
	if typ == nil {
		return ""
	}
	field := engine.TitleField(typ)
	if field == "" && sight.See {
		return r.Title // its number
	}
	if seen, shown := sight.Field(field, r.Title); field != "" && shown {
		text, _ := seen.(string)
		return text
	}
	return v.text(typ.Title)
}

// coverRecord leaves in a record what the caller may see.
func (v *visit) coverRecord(sight process.Sight, r *engine.RecordView) {
	if sight.Whole() {
		return
	}
	r.Title = v.coverTitle(sight, process.Reference{Type: r.Type, ID: r.ID, Title: r.Title})
	r.Fields = sight.Fields(r.Fields)
	if !sight.Plain("owner") {
		r.Owner = ""
	}
	if !sight.See {
		r.Number = ""
	}
}

// caseSight gives how much of its record the caller sees in one case.
func (s *Server) caseSight(ctx context.Context, v *visit, row store.CaseOnRecord) (process.Sight, error) {
	sights, err := s.caseSights(ctx, v, []about{{row.Case.ID, process.Reference{Type: row.Record.Type, ID: row.Record.ID}}})
	return sights[row.Case.ID], err
}

// listedSights gives how much the caller sees of the records of a list, which they may see. Of types that no grant speaks of that is everything.
func (s *Server) listedSights(ctx context.Context, v *visit, rows []store.RecordRow) (map[string]process.Sight, error) {
	out := make(map[string]process.Sight, len(rows))
	var ids []string
	for _, r := range rows {
		out[r.ID] = process.Everything()
		if v.admin() {
			continue
		}
		if v.access.Decides(r.Type) {
			ids = append(ids, r.ID)
			continue
		}
		standing := process.Standing{Mine: r.Owner != nil && *r.Owner == v.user(), Made: r.CreatedBy == v.user()}
		sight := out[r.ID]
		sight.Change = v.access.Record(r.Type, standing).Change
		out[r.ID] = sight
	}
	found, err := s.sights(ctx, v, ids)
	for id, sight := range found {
		out[id] = sight.Sight
	}
	return out, err
}

// pointers points at each of a list.
func pointers[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// coverTimeline leaves in entries of a case's timeline those values of fields that the caller may see.
func (s *Server) coverTimeline(ctx context.Context, v *visit, id string, entries []entryBody) error {
	if v.admin() || v.access.None() {
		return nil
	}
	row, err := s.db.Case(ctx, id)
	if err != nil {
		return err
	}
	sight, err := s.caseSight(ctx, v, row)
	if err != nil {
		return err
	}
	c := covering{access: v.access, types: v.types, typ: v.types[row.Record.Type], sight: sight}
	if c.typ == nil {
		return nil // nothing is published any more that has a field
	}
	for i := range entries {
		c.entry(&entries[i])
	}
	return nil
}

// covering leaves in what happened to a case those values of fields that the caller may see.
type covering struct {
	access process.Access
	types  map[string]*process.RecordType
	typ    *process.RecordType // of the case's record
	sight  process.Sight
}

func (c covering) entry(e *entryBody) {
	if e.Event == "changed" {
		c.values(e.Data)
	}
	for _, name := range []string{"changed", "restored"} {
		if values, ok := e.Data[name].(map[string]any); ok {
			c.values(values)
		}
	}
}

// values leaves of values by field, or of what they were and became, those that are shown.
func (c covering) values(values map[string]any) {
	for name, value := range values {
		if name == "created" && c.typ.Field(name) == nil {
			continue // the type of a record that was made
		}
		seen, shown := c.value(name, value)
		if !shown {
			delete(values, name)
			continue
		}
		values[name] = seen
	}
}

func (c covering) value(name string, value any) (any, bool) {
	if first, rest, along := strings.Cut(name, "."); along {
		return value, c.sight.Plain(first) && !c.elsewhere(first, rest)
	}
	if c.typ.Field(name) == nil {
		return value, c.column(name)
	}
	moved, ok := value.(map[string]any)
	if _, from := moved["from"]; !ok || !from {
		return c.sight.Field(name, value)
	}
	out := map[string]any{}
	for key, one := range moved {
		seen, shown := c.sight.Field(name, one)
		if !shown {
			return nil, false
		}
		out[key] = seen
	}
	return out, true
}

// column says whether a column of some lines is shown.
func (c covering) column(name string) bool {
	for _, f := range c.typ.Fields {
		if slices.ContainsFunc(f.Lines, func(col process.Field) bool { return col.Name == name }) && !c.sight.Column(f.Name, name) {
			return false
		}
	}
	return true
}

// elsewhere says whether a field that is reached along references is one of a record whose type the document of rights decides about.
func (c covering) elsewhere(first, rest string) bool {
	f := c.typ.Field(first)
	for f != nil && f.To != "" {
		if c.access.Decides(f.To) {
			return true
		}
		to := c.types[f.To]
		if to == nil {
			return true
		}
		first, rest, _ = strings.Cut(rest, ".")
		f = to.Field(first)
	}
	return false
}

// coverChanges leaves in a change of a record what the caller may see.
func coverChanges(sight process.Sight, changes map[string]store.Moved) map[string]store.Moved {
	if sight.Whole() {
		return changes
	}
	out := map[string]store.Moved{}
	for name, moved := range changes {
		from, shown := sight.Field(name, moved.From)
		to, also := sight.Field(name, moved.To)
		if shown && also {
			out[name] = store.Moved{From: from, To: to}
		}
	}
	return out
}

// coverPreview takes out of a preview the conditions that look at fields which the caller doesn't see as they are, and what came of them.
func coverPreview(sight process.Sight, steps []process.PreviewStep) {
	for i := range steps {
		if !sight.Plain(steps[i].Fields...) {
			steps[i].If, steps[i].Because = "", process.Text{}
		}
	}
}

// writable refuses a change of fields that the caller doesn't see as they are.
func (s *Server) writable(ctx context.Context, v *visit, typ, id string, fields map[string]any) error {
	sight, err := s.sight(ctx, v, typ, id)
	if err != nil || sight.Whole() || v.types[typ] == nil {
		return err
	}
	var wrong []process.FieldError
	for _, f := range v.types[typ].Fields {
		if _, sent := fields[f.Name]; sent && !sight.Plain(f.Name) {
			wrong = append(wrong, process.FieldError{Field: f.Name, Message: process.Text{
				ZH: "您看不到“" + f.Label().In("zh") + "”的完整内容，因此不能修改", EN: "you don't see " + f.Label().In("en") + " in full, so you can't change it"}})
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return &process.Refusal{Code: process.CodeFieldNotWritable, Fields: wrong, Message: process.Text{ZH: "请检查标出的内容。", EN: "Please check what is marked."}}
}
