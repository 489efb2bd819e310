package engine

import (
	"fmt"
	"time"

	"github.com/crmflow/crmflow/process"
	"github.com/crmflow/crmflow/store"
)

// Called says what people call what a case names by id – steps, fields, outcomes, clocks, items – and where its steps stand in the chain.
// Whoever reads a case aloud, or draws it, asks for it; lists and the answers to decisions go without.
type Called struct {
	caseViewer
	lib *Library
}

// Called gives the words of a case.
func (v *Viewer) Called(c store.CaseRow, r store.RecordRow) (Called, error) {
	cv, err := v.of(c, r)
	return Called{caseViewer: cv, lib: v.lib}, err
}

// CalledIn gives the words of a case that isn't there yet, of a process that is published.
func (v *Viewer) CalledIn(process string) Called {
	return Called{caseViewer: caseViewer{p: v.lib.Processes[process], dir: v.Directory, now: v.Now, cals: v.lib}, lib: v.lib}
}

// Covered leaves of the record's own words those that somebody may see.
func (c Called) Covered(sight process.Sight) Called {
	c.record.Fields = sight.Fields(c.record.Fields)
	return c
}

// Step is the title of a step; its id where the chain doesn't know it any more.
func (c Called) Step(id string) process.Text {
	title := c.titleOfStep(id)
	return process.Text{ZH: c.p.Worded(title.In("zh"), "zh"), EN: c.p.Worded(title.In("en"), "en")}
}

// Places are the steps of the chain itself, none of those inside another one: wherever a case stands, it can be led to each of them.
func (c Called) Places() []*process.Step { return c.p.Steps.Steps }

// StepOf finds a step of the chain; nil where there is none.
func (c Called) StepOf(id string) *process.Step { return c.p.Step(id) }

// Field is the label of a field at a step, or of a field along references ("member.points"); its name where the record type doesn't know it.
func (c Called) Field(step, name string) process.Text {
	if s := c.p.Step(step); s != nil {
		if f := c.p.FormField(s, name); f != nil {
			return f.Label()
		}
	}
	if f := c.p.Type.Field(name); f != nil {
		return f.Label()
	}
	return process.Same(name)
}

// Outcome is what the chain calls an outcome of a step, or a reason for which its clock stops; else the word that all chains share, or the id.
func (c Called) Outcome(step, id string) process.Text {
	s := c.p.Step(step)
	if s == nil {
		return c.reason(id)
	}
	if way := s.Ways[id]; way != nil && !way.Title.Empty() {
		return way.Title
	}
	for _, stop := range s.Time.Stops {
		if stop.Reason == id && !stop.Title.Empty() {
			return stop.Title
		}
	}
	return outcomeText(id)
}

// reason words the reason for which a clock of the case stands still: it is that of a step.
func (c Called) reason(id string) process.Text {
	for _, o := range c.st.Open {
		if s := c.p.Step(o.Step); s != nil {
			for _, stop := range s.Time.Stops {
				if stop.Reason == id && !stop.Title.Empty() {
					return stop.Title
				}
			}
		}
	}
	return outcomeText(id)
}

// Condition words the source of a condition.
func (c Called) Condition(source string) process.Text {
	return process.Text{ZH: c.p.Condition(source, "zh"), EN: c.p.Condition(source, "en")}
}

// Clock is the title of a clock of the case.
func (c Called) Clock(id string) process.Text {
	for _, clock := range c.p.Clocks {
		if clock.ID == id {
			return clock.Title
		}
	}
	return process.Same(id)
}

// Process is the title of a published process.
func (c Called) Process(id string) process.Text {
	if p := c.lib.Processes[id]; p != nil {
		return p.Title
	}
	return process.Same(id)
}

// Type is the title of a record type.
func (c Called) Type(id string) process.Text {
	if t := c.lib.Types[id]; t != nil && !t.Title.Empty() {
		return t.Title
	}
	return process.Same(id)
}

// Item is what people call the item that a step runs for. Where the directory knows it, it is a principal, and the text is its id.
func (c Called) Item(step, item string) (process.Text, process.Principal) {
	key := process.ItemKey(item)
	if s := c.p.Step(step); s != nil {
		return c.key(s.ItemField(), key)
	}
	return process.Same(key), ""
}

// ItemOf is the same of a key of the list that an each runs for.
func (c Called) ItemOf(each, key string) (process.Text, process.Principal) {
	if s := c.p.Step(each); s != nil {
		return c.key(s.Items(), key)
	}
	return process.Same(key), ""
}

func (c Called) key(of *process.Field, key string) (process.Text, process.Principal) {
	if of == nil {
		return process.Same(key), ""
	}
	switch of.Type {
	case "department":
		return process.Same(key), process.Principal("department:" + key)
	case "person":
		return process.Same(key), process.User(key)
	case "reference":
		return process.Same(c.referred(key)), ""
	}
	return process.Same(key), ""
}

// referred is the title of a record that the case's record points at; its id where it doesn't.
func (c Called) referred(id string) string {
	for _, v := range c.record.Fields {
		for _, one := range values(v) {
			if ref, ok := one.(process.Reference); ok && ref.ID == id && ref.Title != "" {
				return ref.Title
			}
		}
	}
	return id
}

// ClockLeft says how many minutes a clock of the case has left, working ones unless its limit is of the wall clock; negative: it is late by so many.
// And why: what it is counted from, or for what it stands still.
func (c Called) ClockLeft(id string) (minutes int, because process.Text) {
	for _, run := range c.st.Clocks {
		if run.ID != id || run.DueFrom == nil {
			continue
		}
		if cal, ok := c.cals.Calendar(run.Calendar); ok {
			minutes = run.LeftMinutes(cal, c.now)
		}
		if run.Stop != nil && !run.Done && run.Stop.Reason != "" {
			since := momentWords(run.Stop.At.In(zoneOf(c.cals)))
			return minutes, process.Text{ZH: "自" + since.ZH + "起停表：" + c.reason(run.Stop.Reason).In("zh"), EN: "stopped since " + since.EN + ": " + c.reason(run.Stop.Reason).In("en")}
		}
		limit := process.Same(run.Within)
		for _, clock := range c.p.Clocks {
			if clock.ID == id {
				limit = process.Text{ZH: clock.Within.Say("zh"), EN: clock.Within.Say("en")}
			}
		}
		from := momentWords(run.DueFrom.In(zoneOf(c.cals)))
		return minutes, process.Text{ZH: limit.In("zh") + "，自" + from.ZH + "起", EN: limit.In("en") + " from " + from.EN}
	}
	return 0, process.Text{}
}

// momentWords says a moment without its year.
func momentWords(at time.Time) process.Text {
	return process.Text{ZH: fmt.Sprintf(" %d月%d日 %s ", at.Month(), at.Day(), at.Format("15:04")), EN: at.Format("2 January 15:04")}
}
