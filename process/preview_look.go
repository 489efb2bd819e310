package process

import (
	"slices"
	"strings"
	"time"
)

// look notes what an event has brought: the steps passed over, the branches taken, and the steps that were opened. It gives false when the way ends here.
func (f *foresight) look(before State, res Result) bool {
	for _, e := range res.Effects {
		if log, ok := e.(Log); ok {
			f.noted(log.Entry)
		}
	}
	for _, o := range f.in.State.Open {
		if !slices.ContainsFunc(before.Open, func(old Open) bool { return sameOpen(old, o) }) && !f.opened(o) {
			return false
		}
	}
	if held := f.in.State.Held; held != nil {
		f.stands(held)
		return false
	}
	return f.in.State.Status == Running && len(f.steps) < maxPreviewSteps
}

func sameOpen(a, b Open) bool { return a.Scope == b.Scope && a.Step == b.Step && a.Round == b.Round }

// noted looks at one entry of the timeline.
func (f *foresight) noted(e Entry) {
	s := f.in.Process.Step(e.Step)
	switch {
	case s == nil:
	case e.Event == "changed":
		f.spread(s)
	case s.Kind == "decide":
		f.decides(s)
	case e.Event == "chosen":
		f.chosen(s, e)
	case e.Event == "decided" && e.Task == "" && !f.passed[keyOf(e.Step, e.Item)] && !begun(s, e): // a stage or a wait that ends was opened before
		f.passedOver(s, e)
	}
}

// begun says whether an entry is about a stage that is over as soon as it has begun: nothing in it asked anybody.
func begun(s *Step, e Entry) bool {
	_, stage := s.Do.(Stage)
	return stage && e.Outcome == Done
}

// chosen notes which branch is taken, and why none of those before it.
func (f *foresight) chosen(s *Step, e Entry) {
	step := PreviewStep{Step: s.ID, Item: e.Item, Title: s.Title, If: e.Reason}
	var because []Text
	for _, j := range f.judged {
		if j.step == s.ID && j.item == e.Item {
			because = append(because, j.because)
		}
	}
	step.Because = joinTexts(because)
	f.add(step).taken = true
}

// decides makes what a table gives unknown where it looks at what nobody knows.
func (f *foresight) decides(s *Step) {
	if k, ok := s.Do.(Decide); ok && len(f.unknownOf(k.Table.fields())) > 0 {
		for _, out := range k.Table.Outputs {
			f.unknown["decided."+out.Name] = true
		}
	}
}

// spread makes fields unknown that were set from unknown ones.
func (f *foresight) spread(s *Step) {
	var assigns []Assign
	if set, ok := s.Do.(Set); ok {
		assigns = append(assigns, set.Fields...)
	}
	for _, w := range s.ways() {
		assigns = append(assigns, w.way.Set...)
	}
	for _, a := range assigns {
		if len(a.Along) == 0 && len(f.dependsOn(a.Value)) > 0 {
			f.unknown[a.Field] = true
		}
	}
}

// passedOver notes a step that nobody is asked at, and why.
func (f *foresight) passedOver(s *Step, e Entry) {
	zh, _ := e.Data["zh"].(string)
	step := PreviewStep{Step: s.ID, Item: e.Item, Title: s.Title, Because: Text{ZH: zh, EN: e.Reason}}
	for _, j := range f.judged {
		if j.step == s.ID && j.item == e.Item && j.expr == s.If && !j.holds {
			step.If, step.Because = j.expr.Source, j.because
		}
	}
	var depends []string
	if each, ok := s.Do.(Each); ok {
		if depends = f.dependsOn(each.Over); len(depends) > 0 {
			step.Because = f.dependsText(depends)
		}
	}
	f.add(step).perhaps = len(depends) > 0
}

// opened notes a step that waits for people, for a moment, or for something else; false when this way was there before.
func (f *foresight) opened(o Open) bool {
	s := f.in.Process.Step(o.Step)
	key := keyOf(o.Step, o.Item)
	if f.passed[key] {
		return false
	}
	f.passed[key] = true
	step := PreviewStep{Step: s.ID, Item: o.Item, Title: s.Title, DueAt: f.due(s, o)}
	var because []Text
	for _, j := range f.judged {
		if j.step != s.ID || j.item != o.Item {
			continue
		}
		if j.expr == s.If {
			step.If = j.expr.Source
			because = append(because, j.because)
			continue
		}
		because = append(because, f.seatJudged(s, j)...)
	}
	for _, seats := range [][]Seat{o.Seats, o.Turn} {
		for i := range seats {
			step.Who = append(step.Who, f.people(&seats[i])...)
		}
	}
	step.Because = joinTexts(because)
	depends := f.among(s)
	if len(depends) > 0 {
		step.Because = f.dependsText(depends)
	}
	added := f.add(step)
	added.open, added.perhaps = &o, len(depends) > 0
	return true
}

// seatJudged says which seat a condition took away from a step.
func (f *foresight) seatJudged(s *Step, j judged) []Text {
	if s.Who == nil || j.holds {
		return nil
	}
	for _, by := range s.Who.Seats {
		if by.If == j.expr {
			return []Text{{ZH: "不问" + f.called("zh", s, by) + "：" + j.because.ZH, EN: f.called("en", s, by) + " isn't asked: " + j.because.EN}}
		}
	}
	return nil
}

func (f *foresight) called(lang string, s *Step, by By) string {
	return newTeller(f.in.Process, lang, nil).named(s, by)
}

// due is when an open step ends: its own moment, or that of its people. Nil where it depends on what nobody knows yet.
func (f *foresight) due(s *Step, o Open) *time.Time {
	if f.limitUnknown(s) {
		return nil
	}
	if wait, ok := s.Do.(Wait); ok && len(f.dependsOn(wait.Until)) > 0 {
		return nil
	}
	due := o.Due
	for _, seat := range o.Seats {
		if seat.Vote == nil && seat.Due != nil && (due == nil || seat.Due.Before(*due)) {
			due = seat.Due
		}
	}
	if due == nil && len(o.Alarms) > 0 && o.Alarms[0].Kind == alarmUntil {
		due = &o.Alarms[0].At
	}
	return due
}

// limitUnknown says whether the limit of a step depends on what nobody knows yet.
func (f *foresight) limitUnknown(s *Step) bool {
	due := s.Time.Due
	if due == nil {
		return false
	}
	return len(f.dependsOn(due.Moment)) > 0 || len(f.unknownOf(f.in.Process.Tables[due.Table].fields())) > 0
}

// people are those who may fill a seat, each with the reason.
func (f *foresight) people(seat *Seat) []PreviewPerson {
	if seat.Vote != nil {
		return nil
	}
	var out []PreviewPerson
	for _, id := range (&machine{in: f.in}).holders(seat) {
		p := PreviewPerson{User: id, Because: seat.Why}
		if field, ok := stranger(id); ok {
			p = PreviewPerson{Because: f.dependsText([]string{field})}
		}
		out = append(out, p)
	}
	return out
}

// stands notes that the case is held, and why. No branch for an answer of the script means that there is no such way.
func (f *foresight) stands(held *Held) {
	s := f.in.Process.Step(held.Step)
	if s == nil {
		return
	}
	forced := func(j judged) bool { return j.step == s.ID && len(j.depends) > 0 }
	if _, choose := s.Do.(Choose); choose && slices.ContainsFunc(f.judged, forced) {
		f.lost = true
	}
	f.add(PreviewStep{Step: s.ID, Title: s.Title, Because: held.Reason}).stands = true
}

// among says whether a step stands inside an `each` whose list nobody knows yet.
func (f *foresight) among(s *Step) []string {
	var depends []string
	for _, each := range s.eaches() {
		depends = append(depends, f.dependsOn(each.Over)...)
	}
	return depends
}

// add keeps a step with the forks that led to it. What was said of a seat that is passed over belongs to its step.
func (f *foresight) add(step PreviewStep) *foreseen {
	for _, j := range f.judged {
		if j.step == step.Step && j.item == step.Item {
			step.Fields = append(step.Fields, j.expr.Fields...)
		}
	}
	step.Because = f.withPassedSeats(&step)
	f.steps = append(f.steps, foreseen{PreviewStep: step, forks: slices.Clone(f.forks)})
	return &f.steps[len(f.steps)-1]
}

// withPassedSeats takes the last note back where it is about the same step, and gives both reasons.
func (f *foresight) withPassedSeats(step *PreviewStep) Text {
	last := len(f.steps) - 1
	if last < 0 || f.steps[last].Step != step.Step || f.steps[last].Item != step.Item || len(f.steps[last].Who) > 0 || f.steps[last].DueAt != nil {
		return step.Because
	}
	because := f.steps[last].Because
	step.Fields = append(step.Fields, f.steps[last].Fields...)
	f.steps = f.steps[:last]
	if step.Because.Empty() {
		return because
	}
	return joinTexts([]Text{because, step.Because})
}

func joinTexts(list []Text) Text {
	var zh, en []string
	for _, t := range list {
		zh, en = append(zh, t.ZH), append(en, t.EN)
	}
	return Text{ZH: strings.Join(zh, "；"), EN: strings.Join(en, "; ")}
}
