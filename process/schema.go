package process

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Schema gives the JSON Schema (draft 2020-12) of definition files, for editors: it completes keys, shows what they mean, and marks what
// doesn't exist. It knows shapes only; [Load] alone says whether a definition is right.
func Schema() []byte {
	defs := map[string]any{}
	for name, s := range scalars {
		defs[name] = s
	}
	for _, o := range objects {
		defs[o.name] = o.schema()
	}
	var kinds []any
	for _, o := range objects {
		if o.step != "" {
			kinds = append(kinds, defined(o.name))
		}
	}
	defs["step"] = map[string]any{"oneOf": kinds}
	var documents []any
	for _, name := range documentNames {
		documents = append(documents, defined(name))
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://crmflow.dev/definitions.schema.json",
		"title": "crmflow definitions", "oneOf": documents, "$defs": defs,
	}); err != nil {
		panic("process: the schema can't be written: " + err.Error()) // it is made of maps, lists and texts
	}
	return out.Bytes()
}

// object is a map of the language: its words, and those that must not be missing.
type object struct {
	name  string // in the schema
	what  string // as the loader calls it in problems; empty where the loader reads it key by key
	step  string // the kind of step it is
	need  []string
	words []word
}

// word is a key of a map, the shape of its value, and what it means.
type word struct{ key, shape, says string }

func (o object) schema() map[string]any {
	properties := map[string]any{}
	for _, w := range o.words {
		s := shape(w.shape)
		if w.says != "" {
			s["description"] = w.says
		}
		properties[w.key] = s
	}
	out := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(o.need) > 0 {
		out["required"] = o.need
	}
	return out
}

// shape reads how a table of words describes a value:
//
//	text, by        a scalar or an object by its name
//	'hold'          this word
//	[by]            a list, or a single one
//	{access}        a map from any key
//	a | b           either
func shape(s string) map[string]any {
	if parts := strings.Split(s, " | "); len(parts) > 1 {
		var either []any
		for _, p := range parts {
			either = append(either, shape(p))
		}
		return map[string]any{"anyOf": either}
	}
	inner := func() map[string]any { return shape(s[1 : len(s)-1]) }
	switch {
	case strings.HasPrefix(s, "["):
		return map[string]any{"anyOf": []any{map[string]any{"type": "array", "items": inner()}, inner()}}
	case strings.HasPrefix(s, "{"):
		return map[string]any{"type": "object", "additionalProperties": inner()}
	case strings.HasPrefix(s, "'"):
		return map[string]any{"const": s[1 : len(s)-1]}
	}
	return defined(s)
}

func defined(name string) map[string]any { return map[string]any{"$ref": "#/$defs/" + name} }

// scalars are the shapes that aren't maps.
var scalars = map[string]any{
	"text":    map[string]any{"type": "string", "minLength": 1},
	"id":      map[string]any{"type": "string", "pattern": idPattern.String(), "maxLength": maxID},
	"yes":     map[string]any{"anyOf": []any{map[string]any{"type": "boolean"}, map[string]any{"enum": []any{"yes", "no"}}}},
	"count":   map[string]any{"type": "integer", "minimum": 1},
	"version": map[string]any{"const": languageVersion},
	"any":     map[string]any{},
	"cel":     map[string]any{"type": []any{"string", "boolean", "number"}, "description": "CEL: record.credit_limit > 50万 CNY"},
	"limit":   map[string]any{"type": "string", "description": "2 working days, 4 working hours, 30 minutes, end of today, start of working day 3", "pattern": `(?i)^\s*(\d+\s+(working\s+)?(day|hour|minute)s?|end\s+of\s+today|start\s+of\s+working\s+day\s+\d+)\s*$`},
	"before":  map[string]any{"type": "string", "description": "4 working hours before", "pattern": `(?i)^\s*\d+\s+(working\s+)?(day|hour|minute)s?\s+before`},
	"share":   map[string]any{"anyOf": []any{map[string]any{"const": "due"}, map[string]any{"type": "string", "pattern": `^\d{1,3}%$`}}},
	"need":    map[string]any{"anyOf": []any{map[string]any{"type": "integer", "minimum": 1}, map[string]any{"type": "string", "pattern": `^(\d+/\d+|\d{1,3}%)$`}}},
	"access":  map[string]any{"enum": []any{"required", "optional"}},
	"anchor":  map[string]any{"type": "string", "pattern": `^(start|(opened|done)\(.+\))$`},
	"steps":   map[string]any{"type": "array", "minItems": 1, "items": defined("step")},
	"shifts":  map[string]any{"anyOf": []any{map[string]any{"type": "array", "items": map[string]any{"type": "string"}}, map[string]any{"type": "string"}, map[string]any{"type": "null"}, map[string]any{"const": false}}},
}

// documentNames are the objects that a file may hold.
var documentNames = []string{"process", "record", "calendar", "table", "rights", "scenario"}

// stepObject makes the object of a kind of step: its own words, and those of every step.
func stepObject(kind, title, says string, more ...[]word) object {
	o := object{name: "step-" + kind, what: "a step", step: kind, need: []string{kind}, words: []word{{kind, title, says}}}
	o.words = append(o.words, everyStep...)
	for _, words := range more {
		o.words = append(o.words, words...)
	}
	return o
}
