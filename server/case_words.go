package server

import (
	"context"
	"slices"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

// Drawn is what a step needs to be drawn and read: its title, and where it stands.
type Drawn struct {
	Title     string  `json:"title,omitempty" doc:"Of the step; in lists of cases it is left out"`
	Kind      string  `json:"kind,omitempty" doc:"approve, task, notify, each …; in lists of cases it is left out"`
	ItemTitle *string `json:"item_title,omitempty" doc:"What people call the item"`
	Inside    *string `json:"inside,omitempty" doc:"The step that holds it, such as a stage or an each"`
	Branch    *string `json:"branch,omitempty" doc:"The branch of a parallel that it stands in"`
}

// toDraw is a step, of an item where it runs for several, and where what it needs is written.
type toDraw struct {
	step string
	item *string
	into *Drawn
}

// drawSteps says of each step what it is called and where it stands.
func (s *Server) drawSteps(ctx context.Context, v *visit, called engine.Called, steps []toDraw) error {
	var asked []string
	items := make([]process.Principal, len(steps))
	for i, at := range steps {
		*at.into = v.drawn(called, at.step)
		if at.item == nil {
			continue
		}
		var title process.Text
		title, items[i] = called.Item(at.step, *at.item)
		at.into.ItemTitle = orNil(v.text(title))
		asked = append(asked, string(items[i]))
	}
	names, err := s.db.NamesOf(ctx, asked)
	for i, at := range steps {
		if name, ok := names[string(items[i])]; ok {
			at.into.ItemTitle = orNil(v.text(name))
		}
	}
	return err
}

func (v *visit) drawn(called engine.Called, id string) Drawn {
	step := called.StepOf(id)
	if step == nil {
		return Drawn{Title: v.text(called.Step(id))}
	}
	d := Drawn{Title: v.text(called.Step(id)), Kind: step.Kind, Branch: orNil(v.text(step.Branch()))}
	if holder := step.Inside(); holder != nil {
		d.Inside = &holder.ID
	}
	return d
}

// drawCase gives one case the words and the places of its steps, and its clocks the time they have left.
func (s *Server) drawCase(ctx context.Context, v *visit, called engine.Called, body *caseBody) error {
	steps := make([]toDraw, len(body.Steps))
	for i := range body.Steps {
		steps[i] = toDraw{body.Steps[i].Step, body.Steps[i].Item, &body.Steps[i].Drawn}
	}
	for i := range body.Clocks {
		left, because := called.ClockLeft(body.Clocks[i].ID)
		body.Clocks[i].LeftMinutes, body.Clocks[i].Because = &left, orNil(v.text(because))
	}
	if body.Parent != nil {
		body.Parent.Title = v.text(called.Process(body.Parent.Process))
	}
	if body.Children != nil {
		for i := range *body.Children {
			child := &(*body.Children)[i]
			child.Title = v.text(called.Process(child.Process))
		}
	}
	if body.Outcome != nil {
		body.OutcomeTitle = orNil(v.text(called.Outcome("", *body.Outcome)))
	}
	if slices.Contains(body.Actions, string(process.EventJump)) {
		places := []placeBody{}
		for _, step := range called.Places() {
			places = append(places, placeBody{step.ID, v.text(called.Step(step.ID))})
		}
		body.Places = &places
	}
	return s.drawSteps(ctx, v, called, steps)
}
