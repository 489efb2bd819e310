package server

import (
	"context"
	"slices"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

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
		v.coverTask(sights[t.Case], t)
	}
	return nil
}

// coverTask leaves in a task what its step doesn't hide and the caller may see.
func (v *visit) coverTask(sight process.Sight, t *engine.TaskView) {
	sight = sight.Without(t.Hides...)
	if sight.Whole() {
		return
	}
	t.Summary = sight.Fields(t.Summary)
	t.Form = v.coverForm(sight, *t)
	t.Record.Title = v.coverTitle(sight, t.Record)
	if !subjectPlain(sight, t.Shows) {
		t.Subject = v.text(t.Of)
	}
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
		v.coverCase(sights[c.ID], c)
	}
	return nil
}

func (v *visit) coverCase(sight process.Sight, c *engine.CaseView) {
	if sight.Whole() {
		return
	}
	c.Record.Title = v.coverTitle(sight, c.Record)
	if !subjectPlain(sight, c.Shows) {
		c.Subject = v.text(c.Title)
	}
}

// coverAnswer leaves in the answer to an act what the caller may see.
func (s *Server) coverAnswer(ctx context.Context, v *visit, a *engine.Answer) error {
	sights, err := s.caseSights(ctx, v, []about{{a.Case.ID, a.Case.Record}})
	if err != nil {
		return err
	}
	if a.Task != nil {
		v.coverTask(sights[a.Case.ID], a.Task)
	}
	v.coverCase(sights[a.Case.ID], &a.Case)
	return nil
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

// pointers points at each of a list.
func pointers[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
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
