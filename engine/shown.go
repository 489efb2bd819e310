package engine

import (
	"slices"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Shown are the fields of the record that the forms of some steps of a case show or let people edit, with the columns of items' lines. Of a case whose
// definition is lost there are none.
func (v *Viewer) Shown(c store.CaseRow, steps []string) ([]string, error) {
	p, err := v.process(c)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, id := range steps {
		s := p.Step(id)
		if s == nil {
			continue
		}
		for _, f := range (caseViewer{p: p}).form(s, "", false) {
			names = append(names, f.Field)
		}
	}
	return names, nil
}

// Asked are the fields that the start of a case asks of whoever starts it.
func (v *Viewer) Asked(c store.CaseRow) ([]string, error) {
	p, err := v.process(c)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range p.Start.Form {
		names = append(names, e.Field)
	}
	return names, nil
}

// TitleField is the field that a record is called by: the first of its type's required texts. A type without any calls its records by their numbers: "".
func TitleField(typ *process.RecordType) string {
	if i := slices.IndexFunc(typ.Fields, func(f process.Field) bool { return f.Type == "text" && f.Required }); i >= 0 {
		return typ.Fields[i].Name
	}
	return ""
}

// shows are the fields that the case's subject shows; nil where nobody knows, since its definition is lost.
func (v caseViewer) shows() []string {
	if isLost(v.p) {
		return v.row.Shows
	}
	return subjectShows(v.p)
}
