package server

import (
	"context"
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process"
)

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
			all := len(values)
			c.values(values)
			if e.Event == "differs" && len(values) < all { // its reason names the fields
				e.Reason = nil
				delete(e.Data, "zh")
			}
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
