package server

import (
	"context"

	"github.com/crmflow/crmflow/store"
)

// kinBody is a case that another one called, or that called it.
type kinBody struct {
	ID      string  `json:"id"`
	Number  string  `json:"number"`
	Process string  `json:"process"`
	Title   string  `json:"title" doc:"Of the process"`
	Status  string  `json:"status" enum:"running,suspended,ended"`
	Outcome *string `json:"outcome"`
	Step    *string `json:"step" doc:"The step of the caller that called"`
}

func kin(k store.Kin) kinBody {
	return kinBody{ID: k.ID, Number: k.Number, Process: k.Process, Status: k.Status, Outcome: k.Outcome, Step: k.Step}
}

// withKin adds to a case the one that called it and those that it has called, as far as the caller may see them.
func (s *Server) withKin(ctx context.Context, v *visit, body caseBody) (caseBody, error) {
	parent, err := s.db.Parent(ctx, v.viewer(), body.ID)
	if err != nil {
		return body, err
	}
	if parent != nil {
		k := kin(*parent)
		body.Parent = &k
	}
	children, err := s.db.Children(ctx, v.viewer(), body.ID)
	list := make([]kinBody, len(children))
	for i, k := range children {
		list[i] = kin(k)
	}
	body.Children = &list
	return body, err
}

// linked lets the entries of a timeline that are about another case name it: a call the case that it started, the start the case that called.
func (s *Server) linked(ctx context.Context, v *visit, id string, entries []entryBody) error {
	var starts, calls []entryBody
	for _, e := range entries {
		if _, call := e.Data["call"].(string); call {
			calls = append(calls, e)
		}
		if e.Event == "started" {
			starts = append(starts, e)
		}
	}
	if len(starts) > 0 {
		parent, err := s.db.Parent(ctx, v.viewer(), id)
		if err != nil {
			return err
		}
		link(starts, func(entryBody) *store.Kin { return parent })
	}
	if err := s.linkedByRevoking(ctx, v, id, entries); err != nil || len(calls) == 0 {
		return err
	}
	children, err := s.db.Children(ctx, v.viewer(), id)
	of := map[any]*store.Kin{}
	for i := range children {
		of[*children[i].Call] = &children[i]
	}
	link(calls, func(e entryBody) *store.Kin { return of[e.Data["call"]] })
	return err
}

func link(entries []entryBody, of func(entryBody) *store.Kin) {
	for _, e := range entries {
		if k := of(e); k != nil {
			e.Data["case"], e.Data["number"] = k.ID, k.Number
		}
	}
}
