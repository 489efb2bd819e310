package server

import (
	"context"
	"net/http"
	"time"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

// previewBody is what a case is going to do, as far as that can be said.
type previewBody struct {
	Steps []previewStepBody `json:"steps"`
}

type previewStepBody struct {
	Step    string              `json:"step"`
	Item    *string             `json:"item"`
	Who     []previewPersonBody `json:"who" doc:"Nobody: it asks nobody, or is passed over"`
	If      *string             `json:"if" doc:"The condition under which it comes to this"`
	When    *string             `json:"when" doc:"The same condition, worded for people"`
	Because *string             `json:"because" doc:"Why it is passed over, why not the other branch, or what it depends on"`
	DueAt   *time.Time          `json:"due_at" doc:"As if everybody before answered at once"`
	Certain bool                `json:"certain" doc:"false: one of several alternatives, or it depends on what nobody has filled in yet"`
	Drawn
}

type previewPersonBody struct {
	User    *string `json:"user" doc:"null: a field says who, and is still to be filled in"`
	Because string  `json:"because"`
}

func (s *Server) preview(ctx context.Context, v *visit, called engine.Called, steps []process.PreviewStep) (*struct{ Body previewBody }, error) {
	body := previewBody{Steps: make([]previewStepBody, len(steps))}
	drawing := make([]toDraw, len(steps))
	for i, seen := range steps {
		step := &body.Steps[i]
		*step = previewStepBody{
			Step: seen.Step, Item: orNil(seen.Item), Who: []previewPersonBody{},
			If: orNil(seen.If), Because: orNil(v.text(seen.Because)), DueAt: v.atOrNil(seen.DueAt), Certain: seen.Certain,
		}
		if seen.If != "" {
			step.When = orNil(v.text(called.Condition(seen.If)))
		}
		for _, p := range seen.Who {
			step.Who = append(step.Who, previewPersonBody{User: orNil(p.User), Because: v.text(p.Because)})
		}
		drawing[i] = toDraw{step.Step, step.Item, &step.Drawn}
	}
	return &struct{ Body previewBody }{body}, s.drawSteps(ctx, v, called, drawing)
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
	viewer, err := s.engine.Viewer(ctx)
	if err != nil {
		return nil, err
	}
	return s.preview(ctx, v, viewer.CalledIn(in.Body.Process), steps)
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
	called, err := viewer.Called(row.Case, row.Record)
	if err != nil {
		return nil, err
	}
	return s.preview(ctx, v, called.Covered(sight), steps)
}
