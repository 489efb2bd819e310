package engine

import (
	"slices"

	"github.com/crmflow/crmflow/process"
)

// Version is the version of a process that new cases take.
func (l *Library) Version(p *process.Process) int { return l.versions[p.Digest] }

// Writable says whether people may fill in a field of a record type: it isn't computed, and no process keeps it to itself.
func Writable(typ *process.RecordType, f *process.Field) bool {
	return f.Is == nil && !slices.ContainsFunc(typ.ChangedOnlyBy, func(o process.Owned) bool { return o.Field == f.Name && o.Value == "" })
}

// Choices are those of a field that people may take: none that a process keeps to itself.
func Choices(typ *process.RecordType, f *process.Field) []string {
	return slices.DeleteFunc(slices.Clone(f.Of), func(choice string) bool {
		return slices.ContainsFunc(typ.ChangedOnlyBy, func(o process.Owned) bool { return o.Field == f.Name && o.Value == choice })
	})
}

// StartForm is what somebody fills in who starts a process with a new record, on a day ("2026-10-01"): what the process asks for, or every field that people may
// fill in. What the record type requires and gives no default for is always there: without it there is no record.
func StartForm(p *process.Process, by, day string) []FormField {
	form := []FormField{}
	defaults := p.Type.Defaults(by, day)
	put := func(f *process.Field, required bool) {
		form = append(form, FormField{
			Field: f.Name, Title: f.Title, Type: f.Type, Of: Choices(p.Type, f), Access: "edit", Required: required || f.Required, Value: defaults[f.Name], Declared: f,
		})
	}
	for _, e := range p.Start.Form {
		if f := p.Type.Field(e.Field); f != nil && Writable(p.Type, f) {
			put(f, e.Required)
		}
	}
	for i := range p.Type.Fields {
		f := &p.Type.Fields[i]
		asked := slices.ContainsFunc(p.Start.Form, func(e process.Edit) bool { return e.Field == f.Name })
		if !asked && Writable(p.Type, f) && (len(p.Start.Form) == 0 || f.Required && f.Default == nil) {
			put(f, false)
		}
	}
	return form
}
