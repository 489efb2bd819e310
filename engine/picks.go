package engine

import "github.com/crmflow/crmflow/process"

// maxPickable is how many people a choice names; of more, anybody may be tried, and the machine says who can't be picked.
const maxPickable = 200

// PicksView is a choice of people that an act, or the start of a case, makes for a later step.
type PicksView struct {
	Step     string
	Title    process.Text
	From     []string // user ids; nil: anybody, or nobody can say yet
	Min, Max int
}

func picksView(p *process.Process, picks *process.Picks) *PicksView {
	if picks == nil {
		return nil
	}
	view := &PicksView{Step: picks.Step.ID, Title: process.Text{ZH: p.Worded(picks.Step.Title.ZH, "zh"), EN: p.Worded(picks.Step.Title.EN, "en")}, From: picks.From, Min: picks.Min, Max: picks.Max}
	if len(view.From) > maxPickable {
		view.From = nil
	}
	return view
}

// StartPicks is what starting a case of a process picks; nil when it picks nobody.
func (v *Viewer) StartPicks(p *process.Process) *PicksView {
	return picksView(p, process.StartPicks(p, v.Directory))
}
