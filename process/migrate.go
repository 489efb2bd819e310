package process

import (
	"maps"
	"slices"
	"time"
)

// Verdicts about a migration.
const (
	VerdictSafe    = "safe"    // the case goes on as if it had run by the other version from its start
	VerdictMapping = "mapping" // it can go over, as soon as somebody has said where it goes on
	VerdictStays   = "stays"   // it can't: it goes on by its own version
)

// Version is another version of a case's process, for [EventMigrate].
type Version struct {
	Process  *Process
	From, To int // the numbers they were published under, for the timeline

	Ran time.Time // since when the case has run and wasn't suspended; zero: nobody knows
}

// Verdict says whether a case can go on by another version of its process, and why not as a matter of course.
type Verdict struct {
	Verdict string     `json:"verdict"`
	Because []Text     `json:"because"`
	Needs   []MapEntry `json:"needs"` // what the mapping still lacks; none: it can go over
	// Titles are what people call the steps that Needs names, by their ids: those where the case stands by its own version, the others by the new one.
	Titles Titles `json:"titles,omitzero"`
}

// Titles are the titles of steps of two versions of a process, by their ids.
type Titles struct {
	Old map[string]Text `json:"old,omitempty"`
	New map[string]Text `json:"new,omitempty"`
}

// MapEntry is a step where a case stands, and the steps of the other version where it may go on.
type MapEntry struct {
	Step string   `json:"step"`
	To   []string `json:"to"`
}

// Verdict judges what [EventMigrate] would do now, with in.Next and the event's Map; nothing is changed. The error is a [*Refusal] of a mapping that makes no
// sense, or a [*Stuck].
func (in Input) Verdict(ev Event) (v Verdict, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Stuck:
			v, err = Verdict{}, r
		default:
			panic(r)
		}
	}()
	m := newMachine(in, ev)
	m.passTime()
	j, refusal := m.judgeMigration()
	if refusal != nil {
		return Verdict{}, refusal
	}
	return j.verdict(), nil
}

// migrate lets an administrator take the case to another version of its process. From then on it is shown and run by that one.
func (m *machine) migrate() *Refusal {
	if refusal := m.byAdministrator("更换流程版本", "take a case to another version"); refusal != nil {
		return refusal
	}
	j, refusal := m.judgeMigration()
	if refusal != nil {
		return refusal
	}
	verdict := j.verdict()
	if refusal := verdict.refusal(); refusal != nil {
		return refusal
	}
	data := map[string]any{"from": m.in.Next.From, "to": m.in.Next.To, "verdict": verdict.Verdict}
	if len(m.ev.Map) > 0 {
		data["map"] = maps.Clone(m.ev.Map)
	}
	m.log(Entry{Event: "migrated", By: m.ev.By, Reason: m.ev.Comment, Data: data})
	j.apply()
	return nil
}

// refusal is why a case doesn't go over.
func (v Verdict) refusal() *Refusal {
	switch {
	case v.Verdict == VerdictStays:
		return fieldsRefused(CodeFieldInvalid, []FieldError{{Field: "to", Message: Text{
			ZH: "该事项只能继续使用原来的版本：" + allOf(v.Because, "zh", "；"), EN: "this case stays with its own version: " + allOf(v.Because, "en", "; ")}}})
	case len(v.Needs) > 0:
		var wrong []FieldError
		for _, n := range v.Needs {
			wrong = append(wrong, FieldError{Field: "map." + n.Step, Message: Text{
				ZH: "请说明“" + n.Step + "”在新版本中从哪一步继续（" + quoted(n.To) + "）：" + allOf(v.Because, "zh", "；"),
				EN: "say where in the new version the case goes on from " + n.Step + " (" + quoted(n.To) + "): " + allOf(v.Because, "en", "; ")}})
		}
		return fieldsRefused(CodeFieldRequired, wrong)
	}
	return nil
}

func allOf(texts []Text, lang, by string) string {
	out := ""
	for i, t := range texts {
		if i > 0 {
			out += by
		}
		out += t.In(lang)
	}
	return out
}

// checkMap refuses a mapping of steps that the case isn't at or behind, or to steps that the other version doesn't have, or of another kind.
func (m *machine) checkMap(next *Process) *Refusal {
	var wrong []FieldError
	refuse := func(step, zh, en string) {
		wrong = append(wrong, FieldError{Field: "map." + step, Message: Text{ZH: zh, EN: en}})
	}
	for _, id := range slices.Sorted(maps.Keys(m.ev.Map)) {
		s, to := m.p.Step(id), next.Step(m.ev.Map[id])
		switch {
		case s == nil || !slices.ContainsFunc(m.st.Steps, func(r StepRun) bool { return r.Step == id }):
			refuse(id, "该事项没有经过步骤“"+id+"”", "the case hasn't been at the step "+id)
		case to == nil:
			refuse(id, "新版本中没有步骤“"+m.ev.Map[id]+"”", "the new version has no step "+m.ev.Map[id])
		case to.Kind != s.Kind:
			refuse(id, "“"+id+"”和“"+to.ID+"”不是同一种步骤（"+s.Kind+"，"+to.Kind+"）", id+" and "+to.ID+" are steps of different kinds ("+s.Kind+", "+to.Kind+")")
		}
	}
	if len(wrong) > 0 {
		return fieldsRefused(CodeFieldInvalid, wrong)
	}
	return nil
}
