package engine

import (
	"cmp"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// WayView is a way out of a task, for its button: the act, in the chain's words, with its consequence.
type WayView struct {
	Act     string
	Outcome string
	Title   process.Text // of the outcome; empty: its own word
	Comment bool         // it needs words
	Require []string     // fields that must be filled in
	End     string       // the case ends as this
	Goes    process.Text // the title of the step that it leads to; empty: to what comes next
	Back    bool         // the case was there before
	To      string       // return: what to send as `to`
	Who     []string     // return: who gets it
	Resume  string       // return: again, back
	Items   []string     // which of these go back must be said
	Sign    bool         // it needs a signature
	Picks   *PicksView   // whom it picks for a later step
}

// StopView is a reason to stop a task's clock for.
type StopView struct {
	Reason string
	Title  process.Text // empty: its own word
}

// reviseTitle is what the step is called that a return opens for the initiator.
var reviseTitle = process.Text{ZH: "修改后重新提交", EN: "Revise and submit again"}

// Ways adds to a task how whoever looks may answer it, and why its clock may be stopped.
func (v *Viewer) Ways(t *TaskView, c store.CaseRow, r store.RecordRow) error {
	cv, err := v.of(c, r)
	if err != nil {
		return err
	}
	s := cv.p.Step(t.Step)
	if s == nil || t.Kind == "held" || t.Status != store.TaskOpen {
		return nil
	}
	for _, stop := range s.Time.Stops {
		t.Stops = append(t.Stops, StopView{Reason: stop.Reason, Title: stop.Title})
	}
	in := process.Input{Process: cv.p, State: cv.st, Record: cv.record, Directory: cv.dir, Calendars: cv.cals}
	for _, w := range process.OpenWays(in, t.ID, v.user, v.admin) {
		t.Ways = append(t.Ways, cv.way(w))
	}
	return v.Err()
}

// way is a way out of a task in the chain's words.
func (v caseViewer) way(w process.OpenWay) WayView {
	view := WayView{Act: string(w.Act), Outcome: w.Outcome, Title: w.Title, Comment: w.Comment, Require: w.Require, End: w.End, Back: w.Back, To: w.To, Resume: w.Resume, Items: w.Items,
		Sign: w.Sign, Picks: picksView(v.p, w.Picks)}
	if w.Goes != nil {
		view.Goes = process.Text{ZH: v.p.Worded(cmp.Or(w.Goes.Title.ZH, reviseTitle.ZH), "zh"), EN: v.p.Worded(cmp.Or(w.Goes.Title.EN, reviseTitle.EN), "en")}
	}
	if w.Who != "" {
		view.Who = []string{w.Who}
	}
	return view
}

// brief are the fields of the summary, in the order of the process.
func (v caseViewer) brief() []*process.Field {
	var out []*process.Field
	for _, name := range v.p.Summary {
		if f := v.p.Type.Field(name); f != nil {
			out = append(out, f)
		}
	}
	return out
}
