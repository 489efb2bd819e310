package server

import (
	"context"
	"net/http"
	"time"

	"github.com/crmflow/crmflow/process"
)

// previewBody is what a case is going to do, as far as that can be said.
type previewBody struct {
	Steps []previewStepBody `json:"steps"`
}

type previewStepBody struct {
	Step    string              `json:"step"`
	Item    *string             `json:"item"`
	Title   string              `json:"title"`
	Who     []previewPersonBody `json:"who" doc:"Nobody: it asks nobody, or is passed over"`
	If      *string             `json:"if" doc:"The condition under which it comes to this"`
	Because *string             `json:"because" doc:"Why it is passed over, why not the other branch, or what it depends on"`
	DueAt   *time.Time          `json:"due_at" doc:"As if everybody before answered at once"`
	Certain bool                `json:"certain" doc:"false: one of several alternatives, or it depends on what nobody has filled in yet"`
}

type previewPersonBody struct {
	User    *string `json:"user" doc:"null: a field says who, and is still to be filled in"`
	Because string  `json:"because"`
}

func (v *visit) preview(steps []process.PreviewStep) *struct{ Body previewBody } {
	body := previewBody{Steps: []previewStepBody{}}
	for _, s := range steps {
		step := previewStepBody{
			Step: s.Step, Item: orNil(s.Item), Title: v.text(s.Title), Who: []previewPersonBody{},
			If: orNil(s.If), Because: orNil(v.text(s.Because)), DueAt: v.atOrNil(s.DueAt), Certain: s.Certain,
		}
		for _, p := range s.Who {
			step.Who = append(step.Who, previewPersonBody{User: orNil(p.User), Because: v.text(p.Because)})
		}
		body.Steps = append(body.Steps, step)
	}
	return &struct{ Body previewBody }{body}
}

func (s *Server) previewStart(ctx context.Context, v *visit, in *struct {
	Keyed
	Body startBody
}) (*struct{ Body previewBody }, error) {
	command, err := s.startCommand(ctx, v, in.Body)
	if err != nil {
		return nil, err
	}
	steps, err := s.engine.PreviewStart(ctx, v.request(http.MethodPost, "/cases/preview", in.Keyed), command)
	if err != nil {
		return nil, err
	}
	if command.Record != nil {
		sight, err := s.sight(ctx, v, command.Record.Type, command.Record.ID)
		if err != nil {
			return nil, err
		}
		coverPreview(sight, steps)
	}
	return v.preview(steps), nil
}

func (s *Server) previewCase(ctx context.Context, v *visit, in *IDInput) (*struct{ Body previewBody }, error) {
	row, err := s.db.Case(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return nil, err
	}
	steps, err := viewer.Preview(row.Case, row.Record)
	if err != nil {
		return nil, err
	}
	sight, err := s.caseSight(ctx, v, row)
	if err != nil {
		return nil, err
	}
	coverPreview(sight, steps)
	return v.preview(steps), nil
}
