package server

import (
	"cmp"

	"github.com/crmflow/crmflow/engine"
	"github.com/crmflow/crmflow/process"
)

// wayBody is a way out of a task: an answer that the caller may give, and what follows from it.
type wayBody struct {
	Act     string   `json:"act" doc:"approve, reject, return, complete"`
	Outcome string   `json:"outcome" doc:"complete: what to send as outcome"`
	Title   string   `json:"title" doc:"What the outcome is called; empty: its own word"`
	Comment bool     `json:"comment" doc:"It needs a comment"`
	Require []string `json:"require" doc:"Fields that must be filled in for it"`
	End     *string  `json:"end" doc:"The case ends with this outcome; null: it goes on, or others are still to answer"`
	Goes    *string  `json:"goes" doc:"Title of the step that it leads to; null: to what comes next"`
	Back    bool     `json:"back" doc:"The case was at that step before"`
	To      *string  `json:"to" doc:"return: what to send as to; null: nothing"`
	Who     []string `json:"who" doc:"return: who gets it, as far as that is known: user ids"`
	Resume  *string  `json:"resume" doc:"return: again (every step after it runs again), back (straight back to who returned it)"`
	Items   []string `json:"items" doc:"Which of these go back must be said in items"`

	Signature bool       `json:"signature" doc:"It needs a signature"`
	Picks     *picksBody `json:"picks,omitempty" doc:"Whom it picks for a later step, in picks; without it nobody"`
}

// stopBody is a reason for which a task's clock may be stopped.
type stopBody struct {
	Reason string `json:"reason"`
	Title  string `json:"title"`
}

func (v *visit) ways(ways []engine.WayView) []wayBody {
	out := make([]wayBody, len(ways))
	for i, w := range ways {
		out[i] = wayBody{
			Act: actPath(process.EventKind(w.Act)), Outcome: w.Outcome, Title: v.text(w.Title), Comment: w.Comment, Require: append([]string{}, w.Require...), End: orNil(w.End),
			Goes: orNil(v.text(w.Goes)), Back: w.Back, To: orNil(w.To), Who: append([]string{}, w.Who...), Resume: orNil(w.Resume), Items: append([]string{}, w.Items...),
			Signature: w.Sign, Picks: v.picks(w.Picks),
		}
	}
	return out
}

func (v *visit) stops(stops []engine.StopView) []stopBody {
	out := make([]stopBody, len(stops))
	for i, s := range stops {
		out[i] = stopBody{Reason: s.Reason, Title: cmp.Or(v.text(s.Title), s.Reason)}
	}
	return out
}

// brief are the fields of what the caller sees in a summary, in the order of the process.
func (v *visit) brief(t engine.TaskView) []FieldShape {
	out := []FieldShape{}
	for _, f := range t.Brief {
		if _, shown := t.Summary[f.Name]; shown {
			out = append(out, v.shape(f, f.Of, f.Of))
		}
	}
	return out
}
