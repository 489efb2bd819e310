package process

import (
	"regexp"
	"slices"
	"time"
)

// PreviewStep is a step that a case is going to reach, or to pass over, and what is known about that beforehand.
type PreviewStep struct {
	Step    string          `json:"step"`
	Item    string          `json:"item,omitempty"`
	Title   Text            `json:"title"`
	Who     []PreviewPerson `json:"who,omitempty"`    // nobody: it asks nobody, or is passed over
	If      string          `json:"if,omitempty"`     // the condition under which it comes to this
	Because Text            `json:"because"`          // why it is passed over, why not the other branch, what it depends on; may be empty
	DueAt   *time.Time      `json:"due_at,omitempty"` // as if everybody before answered at once
	Certain bool            `json:"certain"`          // false: one of several alternatives, or it depends on what nobody has filled in yet
	Fields  []string        `json:"-"`                // the fields that the conditions looked at, whose values stand in Because
}

// PreviewPerson is somebody who will be asked, and why they are. User is empty where a field decides that is still to be filled in.
type PreviewPerson struct {
	User    string `json:"user"`
	Because Text   `json:"because"`
}

// Bounds of a preview.
const (
	maxPreviewSteps = 200 // of one way through the chain
	maxPreviewWays  = 64  // that are looked at, where conditions depend on what nobody knows yet
)

// Preview says who will be asked, why, and by when, once an event has happened: the start of a case that isn't there yet, or a tick ([EventTick])
// for what comes next in a running one. It is execution itself: [Apply] on a copy of the state, where everybody agrees at once (a task ends with
// the first of its outcomes that goes on, else with the first one written), awaited events happen at once, and time passes only in waits.
//
// A condition on a field that is empty now, and that a step on the way lets people fill in, isn't known: both alternatives are gone through and
// listed, each with its condition and with certain: false. A way that comes back to a step it has passed ends there. An error is that of the
// event itself, as from Apply; nothing is ever changed.
func Preview(in Input, ev Event) ([]PreviewStep, error) {
	ways, _, err := lookAhead(in, ev)
	if err != nil {
		return nil, err
	}
	return alternatives(ways), nil
}

// lookAhead goes through the ways that the chain may take; all says whether there are no others.
func lookAhead(in Input, ev Event) (ways []*foresight, all bool, err error) {
	in.Foreseen = nil
	scripts := [][]bool{nil}
	for len(scripts) > 0 && len(ways) < maxPreviewWays {
		f := &foresight{in: in, script: scripts[0], unknown: map[string]bool{}, passed: map[string]bool{}}
		scripts = scripts[1:]
		if err := f.run(ev); err != nil {
			return nil, false, err
		}
		ways = append(ways, f)
		for i := len(f.script); i < len(f.forks); i++ {
			scripts = append(scripts, f.turned(i))
		}
	}
	return ways, len(scripts) == 0, nil
}

// foresight is one way through the chain that a preview looks at.
type foresight struct {
	in      Input
	script  []bool          // the answers, in order, to conditions that nobody can know yet; true behind its end
	forks   []fork          // those conditions, as they were asked
	unknown map[string]bool // fields that somebody fills in on the way, and that are empty now
	passed  map[string]bool // "step@item" that this way has been at
	judged  []judged        // the conditions of the event that is being applied
	steps   []foreseen
	lost    bool // an answer of the script made the way impossible: no branch applied
}

// fork is a condition that depends on what nobody knows yet, and what this way takes it to be.
type fork struct {
	source  string
	item    string
	holds   bool
	depends []string
}

// judged is a condition that was looked at, and what came of it.
type judged struct {
	step    string
	item    string
	expr    *Expr
	holds   bool
	depends []string
	because Text
}

// foreseen is a step on a way, with the forks that led there.
type foreseen struct {
	PreviewStep
	forks   []fork
	perhaps bool  // for an item of a list that nobody knows yet
	open    *Open // what was opened; nil: it is passed over, taken, or the case stands there
	taken   bool  // a branch is
	stands  bool  // the case does
}

// turned is the script of the way that takes the i-th fork the other way.
func (f *foresight) turned(i int) []bool {
	var script []bool
	for _, fork := range f.forks[:i] {
		script = append(script, fork.holds)
	}
	return append(script, !f.forks[i].holds)
}

// run applies the event, and then lets everybody agree until the case ends, stands, or comes round.
func (f *foresight) run(ev Event) error {
	f.in.foresight = f
	f.in.Directory = strangers{f.in.Directory}
	if ev.Kind == EventStart && len(ev.Picks) == 0 {
		f.picks(nil, nil)
	}
	var before State
	res, err := f.apply(ev)
	if err != nil {
		return err
	}
	for f.look(before, res) {
		before = f.in.State
		next, ok := f.next()
		if !ok {
			return nil
		}
		if res, err = f.apply(next); err != nil {
			return nil
		}
	}
	return nil
}

// apply runs one event on this way's own copy of the case.
func (f *foresight) apply(ev Event) (Result, error) {
	f.judged = nil
	res, err := Apply(f.in, ev)
	if err != nil {
		return res, err
	}
	f.in.State = res.State
	for _, e := range res.Effects {
		if change, ok := e.(ChangeRecord); ok {
			f.in.Record.Fields = f.in.Record.Fields.With(change.Fields)
		}
	}
	return res, nil
}

// holds answers a condition while a preview runs: as it is where that is known, else as the script says.
func (f *foresight) holds(m *machine, scope int, s *Step, e *Expr) (ok bool, err error) {
	j := judged{step: s.ID, item: m.item(scope), expr: e, depends: f.dependsOn(e)}
	if len(j.depends) > 0 {
		j.holds = f.fork(j)
		j.because = f.dependsText(j.depends)
	} else {
		if j.holds, err = e.Bool(m.env(scope)); err != nil {
			return false, err
		}
		j.because = m.judgement(e, j.holds)
	}
	f.judged = append(f.judged, j)
	return j.holds, nil
}

// fork takes a condition one way; the same condition about the same item is never taken both ways.
func (f *foresight) fork(j judged) bool {
	for _, old := range f.forks {
		if old.source == j.expr.Source && old.item == j.item {
			return old.holds
		}
	}
	holds := len(f.forks) >= len(f.script) || f.script[len(f.forks)]
	f.forks = append(f.forks, fork{source: j.expr.Source, item: j.item, holds: holds, depends: j.depends})
	return holds
}

// dependsOn are the fields of an expression that nobody has filled in yet and somebody on the way will. Sorted.
func (f *foresight) dependsOn(e *Expr) []string {
	var out []string
	if e == nil {
		return nil
	}
	out = f.unknownOf(e.Fields)
	for _, name := range decidedOutput.FindAllString(e.Source, -1) {
		out = append(out, f.unknownOf([]string{name})...)
	}
	return out
}

// decidedOutput is what a decision table has given, in a condition; such an output is unknown while an input of its table is.
var decidedOutput = regexp.MustCompile(`\bdecided\.\w+`)

func (f *foresight) unknownOf(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !f.unknown[name] })
}

// judgement says why a condition holds, or doesn't, with what it looked at.
func (m *machine) judgement(e *Expr, holds bool) Text {
	zh, en := "不成立", "doesn't hold"
	if holds {
		zh, en = "成立", "holds"
	}
	var seenZH, seenEN string
	for _, name := range e.Fields {
		field := m.p.Type.Field(name)
		if field == nil {
			continue
		}
		show := func(lang string) string { return m.env(0).filled(field, m.record.Fields[name], lang) }
		seenZH += "，" + field.Label().In("zh") + "：" + orNothing(show("zh"), "空")
		seenEN += ", " + field.Label().In("en") + ": " + orNothing(show("en"), "empty")
	}
	return Text{ZH: m.p.Condition(e.Source, "zh") + " " + zh + seenZH, EN: m.p.Condition(e.Source, "en") + " " + en + seenEN}
}

func orNothing(s, nothing string) string {
	if s == "" {
		return nothing
	}
	return s
}

// dependsText names the fields in people's words.
func (f *foresight) dependsText(fields []string) Text {
	zh, en := make([]string, len(fields)), make([]string, len(fields))
	for i, name := range fields {
		label := Same(name)
		if field := f.in.Process.Type.Field(name); field != nil {
			label = field.Label()
		}
		zh[i], en[i] = label.In("zh"), label.In("en")
	}
	return Text{ZH: "取决于 " + joined(zh, "、"), EN: "depends on " + joined(en, ", ")}
}

func joined(words []string, comma string) string {
	out := ""
	for i, w := range slices.Compact(slices.Sorted(slices.Values(words))) {
		if i > 0 {
			out += comma
		}
		out += w
	}
	return out
}
