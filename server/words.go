package server

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"github.com/crmflow/crmflow/process"
)

// words is a text as it may be sent: one string for all languages, or {zh, en}.
type words struct{ process.Text }

// UnmarshalJSON reads either form.
func (w *words) UnmarshalJSON(data []byte) error {
	var same string
	if json.Unmarshal(data, &same) == nil {
		w.Text = process.Same(same)
		return nil
	}
	return json.Unmarshal(data, &w.Text)
}

// Schema describes both forms.
func (words) Schema(huma.Registry) *huma.Schema {
	longest := 200
	text := func() *huma.Schema { return &huma.Schema{Type: huma.TypeString, MaxLength: &longest} }
	return &huma.Schema{
		Description: "One text for all languages, or one in each",
		OneOf: []*huma.Schema{text(), {
			Type: huma.TypeObject, AdditionalProperties: false, Properties: map[string]*huma.Schema{"zh": text(), "en": text()},
		}},
	}
}

// orNil makes an empty text the JSON null.
func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// set overwrites a value when a new one was sent.
func set[T any](into *T, sent *T) {
	if sent != nil {
		*into = *sent
	}
}
