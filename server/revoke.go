package server

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

func (s *Server) revokeRoutes() {
	add(s, route{method: http.MethodPost, path: "/cases/{id}/revoke", rule: engineDecides, id: "revoke-case", status: http.StatusCreated,
		summary: "Ask for an approved case to be undone: whom its chain names. It makes a linked case, which is approved at once where nobody must agree"}, s.revokeCase)
}

// revokeBody asks for a case to be revoked.
type revokeBody struct {
	Comment string `json:"comment,omitempty" maxLength:"2000" doc:"Why; whoever must agree reads it"`
	Reason  string `json:"reason,omitempty" maxLength:"2000" doc:"Another word for comment"`
}

// revokedBody is what came of it.
type revokedBody struct {
	Case caseBody `json:"case" doc:"The linked case that revokes"`
}

type revokeInput struct {
	IDInput
	Keyed
	Body *revokeBody
}

type revokeOutput struct {
	Location string `header:"Location"`
	Body     revokedBody
}

func (s *Server) revokeCase(ctx context.Context, v *visit, in *revokeInput) (*revokeOutput, error) {
	command := engine.RevokeCommand{Case: in.ID}
	if in.Body != nil {
		command.Comment = cmp.Or(in.Body.Comment, in.Body.Reason)
	}
	answer, err := s.engine.Revoke(ctx, v.request(http.MethodPost, "/cases/"+in.ID+"/revoke", in.Keyed), command)
	if err == nil {
		err = s.coverAnswer(ctx, v, &answer)
	}
	if err != nil {
		return nil, s.unseen(ctx, v, in.ID, err)
	}
	return &revokeOutput{Location: base + "/cases/" + answer.Case.ID, Body: revokedBody{v.kase(answer.Case)}}, nil
}

// unseen lets what somebody may not see not be there: whom the chain names may revoke a case that they don't see, nobody else learns of it.
func (s *Server) unseen(ctx context.Context, v *visit, id string, err error) error {
	r, refused := errors.AsType[*process.Refusal](err)
	if !refused || r.Code != process.CodeForbidden {
		return err
	}
	seen, wrong := s.db.SeesCase(ctx, v.viewer(), id)
	switch {
	case wrong != nil:
		return wrong
	case !seen:
		return notFound()
	}
	return err
}

// linkBody is a case that stands for another one.
type linkBody struct {
	Case    string  `json:"case"`
	Number  string  `json:"number"`
	Kind    string  `json:"kind" enum:"revokes,revoked_by,resubmits,resubmitted_as" doc:"What the case that is looked at is to this one"`
	Status  string  `json:"status" enum:"running,suspended,ended"`
	Outcome *string `json:"outcome"`
}

// linksOf are the cases that a case is linked with, as far as the caller may see them.
func (s *Server) linksOf(ctx context.Context, v *visit, id string) (*[]linkBody, error) {
	links, err := s.db.Links(ctx, v.viewer(), id)
	list := make([]linkBody, len(links))
	for i, l := range links {
		list[i] = linkBody{Case: l.Case, Number: l.Number, Kind: l.Kind, Status: l.Status, Outcome: l.Outcome}
	}
	return &list, err
}

// linkedByRevoking lets the entry that says that a case was revoked name the case that did it, and the start of that one what it is to revoke; so too the start of a
// case by which another one was submitted again.
func (s *Server) linkedByRevoking(ctx context.Context, v *visit, id string, entries []entryBody) error {
	if !slices.ContainsFunc(entries, func(e entryBody) bool { return e.Event == "revoked" || e.Event == "started" }) {
		return nil
	}
	links, err := s.db.Links(ctx, v.viewer(), id)
	for _, l := range links {
		for _, e := range entries {
			if e.Event == "started" && (l.Kind == store.LinkRevokes || l.Kind == store.LinkResubmits) ||
				e.Event == "revoked" && l.Kind == store.LinkRevokedBy && textOf(l.Outcome) == process.Approved {
				e.Data["link"] = map[string]any{"case": l.Case, "number": l.Number, "kind": l.Kind}
			}
		}
	}
	return err
}
