package server

import "github.com/crmflow/crmflow/engine"

// picksBody is a choice of people that an act, or the start of a case, makes for a later step.
type picksBody struct {
	Step  string    `json:"step"`
	Title string    `json:"title" doc:"Of the step"`
	From  *[]string `json:"from,omitempty" doc:"User ids of those who may be picked; without it anybody, or it depends on what is filled in"`
	Min   int       `json:"min" doc:"How many at least"`
	Max   int       `json:"max" doc:"How many at most"`
}

func (v *visit) picks(p *engine.PicksView) *picksBody {
	if p == nil {
		return nil
	}
	body := &picksBody{Step: p.Step, Title: v.text(p.Title), Min: p.Min, Max: p.Max}
	if p.From != nil {
		body.From = &p.From
	}
	return body
}
