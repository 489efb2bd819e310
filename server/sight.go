package server

import (
	"context"

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
		names, err := viewer.Shown(r.Case, r.Steps)
		if err != nil {
			return err
		}
		if r.Case.Initiator == v.user() {
			asked, err := viewer.Asked(r.Case)
			if err != nil {
				return err
			}
			names = append(names, asked...)
		}
		out[r.Case.ID] = v.access.Form(r.Case.RecordType, names)
	}
	return nil
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
