package server

import (
	"slices"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

// FieldShape is what a field of a record type, of a form or of lines is, wherever one is filled in.
type FieldShape struct {
	Field    string       `json:"field"`
	Title    string       `json:"title"`
	Type     string       `json:"type"`
	Of       []choiceBody `json:"of,omitempty" doc:"The choices"`
	Many     bool         `json:"many" doc:"The value is a list"`
	Required bool         `json:"required"`
	Long     bool         `json:"long" doc:"text: more than a line"`
	To       string       `json:"to,omitempty" doc:"reference: the record type"`
	Accept   []string     `json:"accept,omitempty" doc:"file: sorts (image) and endings (.dwg) that are taken; without it all"`
	AtMost   int64        `json:"at_most,omitempty" doc:"file: bytes"`
}

// choiceBody is one choice of a field.
type choiceBody struct {
	Value    string `json:"value"`
	Title    string `json:"title"`
	Writable bool   `json:"writable" doc:"false: only a process takes it"`
}

// formFieldBody is one field of a form.
type formFieldBody struct {
	FieldShape
	Columns []FieldShape `json:"columns,omitempty" doc:"Of lines"`
	Access  string       `json:"access" enum:"read,edit"`
	Value   any          `json:"value"`
}

func (v *visit) formField(f engine.FormField) formFieldBody {
	body := formFieldBody{FieldShape: v.shape(f.Declared, f.Declared.Of, f.Of), Columns: v.columns(f.Declared), Access: f.Access, Value: f.Value}
	body.Required = f.Required
	return body
}

func (v *visit) form(fields []engine.FormField) []formFieldBody {
	form := make([]formFieldBody, len(fields))
	for i, f := range fields {
		form[i] = v.formField(f)
	}
	return form
}

// shape is a field with its choices, and which of them may be taken.
func (v *visit) shape(f *process.Field, choices, open []string) FieldShape {
	shape := FieldShape{
		Field: f.Name, Title: v.text(f.Label()), Type: f.Type, Many: f.Many, Required: f.Required, Long: f.Long, To: f.To, Accept: f.Accept, AtMost: f.MaxSize,
	}
	for _, choice := range choices {
		shape.Of = append(shape.Of, choiceBody{choice, v.text(f.Choice(choice)), slices.Contains(open, choice)})
	}
	return shape
}

func (v *visit) columns(lines *process.Field) []FieldShape {
	columns := make([]FieldShape, len(lines.Lines))
	for i := range lines.Lines {
		columns[i] = v.shape(&lines.Lines[i], lines.Lines[i].Of, lines.Lines[i].Of)
	}
	return columns
}
