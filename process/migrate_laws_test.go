package process

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// rewrites are edits of a random chain at a step of the chain itself: it is given with the text before it, its own, and that behind.
var rewrites = []func(l *lot, before, step, behind string) string{
	func(_ *lot, before, step, behind string) string {
		return before + strings.Replace(step, "approve: S", "approve: Other S", 1) + behind
	},
	func(_ *lot, before, step, behind string) string {
		return before + "  - {id: extra, approve: Extra, by: {user: p1}}\n" + step + behind
	},
	func(_ *lot, before, step, behind string) string {
		return before + step + behind + "  - {id: extra, task: Extra, by: initiator}\n"
	},
	func(_ *lot, before, _, behind string) string { return before + behind },
	func(_ *lot, before, step, behind string) string {
		return before + regexp.MustCompile(`due: [^\n]*`).ReplaceAllString(step, "due: 3 working days") + behind
	},
	func(l *lot, before, step, behind string) string {
		modes := []string{"first", "all", "all_opinions", "in_turn"}
		return before + regexp.MustCompile(`mode: \w+\n`).ReplaceAllString(step, "mode: "+modes[l.dice(len(modes))]+"\n") + behind
	},
	func(_ *lot, before, step, behind string) string {
		return strings.Replace(before, "steps:\n", "clocks: [{id: late, from: start, to: done(s1), within: 9 working days, late: [{at: due, tell: [initiator]}]}]\nsteps:\n", 1) + step + behind
	},
	func(_ *lot, before, step, behind string) string {
		return before + strings.Replace(step, ": optional", ": required", 1) + behind
	},
	func(_ *lot, before, step, behind string) string { // what this case hasn't kept
		return before + step + behind + "  - {id: extra, task: Extra, by: initiator, if: before.size > 3}\n"
	},
	func(_ *lot, before, step, behind string) string {
		return before + strings.Replace(step, "task: S", "approve: S", 1) + behind
	},
}

// rewritten is another version of a random chain; nil where an edit makes no chain of it.
func rewritten(l *lot, chain string) *Process {
	starts := regexp.MustCompile(`(?m)^  - id: s\d+\n`).FindAllStringIndex(chain, -1)
	n := l.dice(len(starts))
	from, to := starts[n][0], len(chain)
	if n+1 < len(starts) {
		to = starts[n+1][0]
	}
	text := rewrites[l.dice(len(rewrites))](l, chain[:from], chain[from:to], chain[to:])
	lib, problems := Load([]File{{Path: "chain.yaml", Content: text}}, jobDocuments(), nil)
	if Failed(problems) || text == chain {
		return nil
	}
	return lib.Processes["job-chain"]
}

// twins is a case of a random chain, and one to which the same happens by another version.
type twins struct {
	*life
	other    Input
	seen     map[string]int
	reopened bool // a round that had led on by one version and perhaps not by the other: what was void since has used up ids, or can't be undone
}

// happen lets the same happen to both.
func (w *twins) happen(m may) {
	if m.first != nil {
		before := w.in.Record.Fields.With(nil)
		m.first()
		m.first = nil
		w.other.Record.Fields = w.other.Record.Fields.With(changedFields(before, w.in.Record.Fields)) // somebody has mended the record
	}
	ev := m.ev
	ev.At = w.now
	w.other.Records = w.in.Records
	for i := range w.other.Fresh { // whoever has opened a task, has
		if i < len(w.in.Fresh) {
			w.other.Fresh[i].readAs(w.in.Fresh[i])
		}
	}
	asked := func(o Open) bool { return o.seat(ev.Task) != nil }
	over := ev.Kind == EventTakeBack && (!slices.ContainsFunc(w.in.State.Open, asked) || !slices.ContainsFunc(w.other.State.Open, asked))
	_, refused := Apply(w.in, ev)
	w.reopened = w.reopened || over && refused == nil
	if res, err := Apply(w.other, ev); err == nil {
		w.reopened = w.reopened || over
		w.other.State, w.other.Fresh = res.State, res.Fresh
		for _, e := range res.Effects {
			if change, ok := e.(ChangeRecord); ok {
				w.other.Record.Fields = w.other.Record.Fields.With(change.Fields)
			}
		}
	}
	w.life.happen(m)
}

// judged: where the verdict is safe the case goes over to exactly what the other one is. Else, mapped to the first choice or refused, nothing comes to harm.
func (w *twins) judged() {
	in := w.in
	in.Next = &Version{Process: w.other.Process, From: 1, To: 2}
	ev := Event{Kind: EventMigrate, By: "admin", Admin: true, Comment: "new", At: w.now}
	v, err := in.Verdict(ev)
	if err != nil {
		return
	}
	w.seen[v.Verdict]++
	ev.Map = map[string]string{}
	for _, need := range v.Needs {
		ev.Map[need.Step] = need.To[0]
	}
	res, err := Apply(in, ev)
	var refusal *Refusal
	switch {
	case v.Verdict == VerdictStays:
		if !errors.As(err, &refusal) {
			w.fail("it stays, and goes: %v", err)
		}
		return
	case err != nil:
		w.fail("%v: %v", v, err)
	case v.Verdict == VerdictMapping:
		w.goesOn(in, res)
		return
	}
	if w.reopened {
		w.goesOn(in, res)
		return
	}
	twin, err := Apply(w.other, Event{Kind: EventTick, At: w.now})
	res.State.Format = twin.State.Format                          // of a case that once could call others, no older software is sure
	called := strings.ReplaceAll(raw(twin.State), "Other S", "S") // why somebody is asked was said in the words of then
	if err != nil || called != strings.ReplaceAll(raw(res.State), "Other S", "S") || raw(twin.WakeAt) != raw(res.WakeAt) {
		w.fail("safe, but (%v)\n%s\n%s\n%s", err, raw(twin.State), raw(res.State), w.other.Process.Source)
	}
}

// goesOn: whatever comes due, and whoever answers, the machine knows its way.
func (w *twins) goesOn(in Input, res Result) {
	in.Process, in.State = in.Next.Process, res.State
	for i := range 6 {
		ev := Event{Kind: EventTick, At: w.now.AddDate(0, 0, 3*i)}
		if open := in.State.Open; len(open) > 0 && len(open[0].Seats) > 0 && i%2 == 1 {
			ev = Event{Kind: EventApprove, By: "p0", Admin: true, Comment: "x", Task: open[0].Seats[0].Task, At: ev.At}
			if in.Process.Step(open[0].Step).Kind == "task" {
				ev.Kind, ev.Outcome = EventComplete, in.Process.Step(open[0].Step).outcomes()[0]
			}
		}
		if res, err := Apply(in, ev); err == nil {
			in.State = res.State
		}
		for _, sc := range in.State.Scopes {
			if sc.At != "" && in.Process.Step(sc.At) == nil { // "": it is about to enter its first step
				w.fail("it stands at %s", sc.At)
			}
		}
	}
}

// Whatever chain, edit, people and events: a migration that is called safe is, and every other does no harm.
func TestMigrationOfAnyChain(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		l := live(drawn(rt), []string{situations[drawn(rt).dice(len(situations))]})
		next := rewritten(l.rt, l.chain)
		if next == nil {
			return
		}
		w := &twins{life: l, other: l.in, seen: seen}
		w.other.Process = next
		w.other.Record.Fields = l.in.Record.Fields.With(nil)
		w.happen(may{ev: Event{Kind: EventStart, By: "p0"}})
		for range 12 {
			if l.in.State.Status == Ended {
				return
			}
			w.judged()
			w.happen(l.next())
		}
	})
	for _, verdict := range []string{VerdictSafe, VerdictMapping, VerdictStays} {
		if seen[verdict] == 0 && !t.Failed() {
			t.Errorf("nothing was %s: %s", verdict, fmt.Sprint(seen))
		}
	}
	t.Log(seen)
}
