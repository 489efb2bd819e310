package process

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// judge looks at a case with the eyes of another version of its process.
//
// A migration is safe when the case stands now where it would stand if it had run by the other version from its start, with the same events. What nobody can
// know that of – what the case has been through is no more, or is new – needs somebody's word: a mapping of the steps where it stands.
type judge struct {
	m        *machine
	old      *Process
	next     *Process
	pairs    *pairing
	now      time.Time // until when the clocks have run
	stays    []Text
	because  []Text
	needs    map[string][]string // by step: where it may go on
	byHand   bool                // something that is over differs: each place needs a word
	openings []opening
	clocks   map[string]*Timer // of the other version's: how they run from now on
	rounds   []bool            // which decided rounds can still be taken back
}

// opening is what becomes of an open step, or of the one that a held case tries again.
type opening struct {
	open  *Open // nil: of a held case
	scope int   // where it goes on
	step  *Step // it is entered anew here; nil: it stays open as it is
	to    *Step // the step that stands for it
	aim   target
	timed bool // its limit is another from its opening on
}

func (m *machine) judgeMigration() (*judge, *Refusal) {
	if m.st.Status == Ended {
		return nil, ended()
	}
	next := m.in.Next.Process
	if refusal := m.checkMap(next); refusal != nil {
		return nil, refusal
	}
	j := &judge{m: m, old: m.p, next: next, pairs: pairVersions(m.p, next, m.ev.Map), now: m.at, needs: map[string][]string{}, clocks: map[string]*Timer{}}
	if m.st.Suspended != nil {
		j.now = *m.st.Suspended
	}
	j.whole()
	j.past()
	j.judgeClocks()
	if refusal := j.places(); refusal != nil {
		return nil, refusal
	}
	return j, nil
}

// verdict sums up.
func (j *judge) verdict() Verdict {
	v := Verdict{Verdict: VerdictSafe, Because: append(slices.Clone(j.stays), j.because...), Needs: []MapEntry{}}
	if v.Because == nil {
		v.Because = []Text{}
	}
	for _, step := range j.standsAt() {
		if to, ok := j.needs[step]; ok && j.m.ev.Map[step] == "" {
			v.Needs = append(v.Needs, MapEntry{Step: step, To: to})
		}
	}
	switch {
	case len(j.stays) > 0:
		v.Verdict, v.Needs = VerdictStays, []MapEntry{}
	case len(j.because) > 0:
		v.Verdict = VerdictMapping
	}
	v.Titles = j.titlesOf(v.Needs)
	return v
}

// titlesOf says what people call the steps of a mapping.
func (j *judge) titlesOf(needs []MapEntry) Titles {
	if len(needs) == 0 {
		return Titles{}
	}
	t := Titles{Old: map[string]Text{}, New: map[string]Text{}}
	for _, n := range needs {
		t.Old[n.Step] = j.old.Step(n.Step).called()
		for _, to := range n.To {
			t.New[to] = j.next.Step(to).called()
		}
	}
	return t
}

// standsAt are the steps where the case stands, in the order in which they opened, each once.
func (j *judge) standsAt() []string {
	var out []string
	for _, o := range j.m.st.Open {
		out = append(out, o.Step)
	}
	if h := j.m.st.Held; h != nil && h.Step != "" {
		out = append(out, h.Step)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (j *judge) stay(zh, en string) { j.stays = append(j.stays, Text{ZH: zh, EN: en}) }

// over notes that something is over that the other version has otherwise.
func (j *judge) over(zh, en string) {
	j.because, j.byHand = append(j.because, Text{ZH: zh, EN: en}), true
}

// called is what people call a step.
func (s *Step) called() Text {
	if s.Title.Empty() {
		return Same(s.ID)
	}
	return s.Title
}

func titles(steps []*Step) (zh, en string) {
	var zhs, ens []string
	for _, s := range steps {
		zhs, ens = append(zhs, "“"+s.called().In("zh")+"”"), append(ens, "“"+s.called().In("en")+"”")
	}
	return strings.Join(zhs, "、"), strings.Join(ens, ", ")
}

// whole looks at what concerns the case as a whole.
func (j *judge) whole() {
	if j.old.Record != j.next.Record {
		j.stay("新版本处理的是另一种记录："+j.next.Record, "the new version is about another type of record: "+j.next.Record)
	}
	for _, name := range j.next.before {
		if !slices.Contains(j.old.before, name) {
			j.stay("新版本要用到发起时的“"+name+"”，但该事项没有记下它", "the new version asks what "+name+" was at the start, and this case hasn't kept it")
		}
	}
	for _, e := range j.m.queue {
		if j.pairs.step(e.step.ID) == nil {
			j.stay("该事项正要进入“"+e.step.called().In("zh")+"”，新版本没有它", "the case is about to enter “"+e.step.called().In("en")+"”, which the new version doesn't have")
		}
	}
	j.until()
	if j.next.asksAgain() && !j.old.asksAgain() && slices.ContainsFunc(j.m.st.Steps, func(r StepRun) bool { return r.Status == "done" && isApproval(j.old.Step(r.Step)) }) {
		j.over("新版本要看谁已经同意过，但该事项没有记下", "the new version asks who has agreed before, and this case hasn't kept it")
	}
}

func (j *judge) until() {
	if doing(j.old.Until) == doing(j.next.Until) {
		return
	}
	j.over("`until` 改了：更换之前发生的不再追溯", "`until` differs: what happened before the migration isn't looked at again")
	j.asOf(j.next, j.m.at, func() {
		if u, at := j.m.untilNext(); u != nil && !at.After(j.m.at) {
			j.stay("按新版本该事项会立即结束（"+u.End+"）", "by the new version the case would end at once ("+u.End+")")
		}
	})
}

// asOf does something by a version and at a moment.
func (j *judge) asOf(p *Process, at time.Time, do func()) {
	m := j.m
	wasP, wasAt := m.p, m.at
	m.p, m.at = p, at
	do()
	m.p, m.at = wasP, wasAt
}

// past looks at the steps that the case has been through.
func (j *judge) past() {
	var gone, changed, moved []*Step
	for _, s := range j.old.all() {
		to := j.pairs.step(s.ID)
		switch {
		case !j.reached(s.ID):
		case to == nil:
			if !j.openOnly(s) {
				gone = append(gone, s)
			}
		case j.movedBehind(s, to):
			moved = append(moved, s)
		case !j.openOnly(s) && j.old.pastShape(s) != j.next.pastShape(to):
			changed = append(changed, s)
		}
	}
	j.overSteps(gone, "已经经过、而新版本没有的步骤：", "the case has been through what the new version doesn't have: ")
	j.overSteps(changed, "已经经过、而新版本改了的步骤：", "the case has been through what the new version changes: ")
	j.overSteps(moved, "已经经过、而新版本换了位置的步骤：", "the case has been through what stands elsewhere in the new version: ")
	j.overSteps(j.addedBehind(), "新版本在该事项已经过的地方加了步骤，不再补办：", "the new version has steps behind the place where the case stands, which it won't be asked: ")
	j.kept()
}

func (j *judge) overSteps(steps []*Step, zh, en string) {
	if len(steps) > 0 {
		inZH, inEN := titles(steps)
		j.over(zh+inZH, en+inEN)
	}
}

// reached says whether the case has ever been at a step, or is about to enter it: what lies before that it won't be asked any more.
func (j *judge) reached(id string) bool {
	return slices.ContainsFunc(j.m.st.Steps, func(r StepRun) bool { return r.Step == id }) || slices.ContainsFunc(j.m.queue, func(e entry) bool { return e.step.ID == id })
}

// openOnly says whether a step is open, wherever the case was at it, for the first time.
func (j *judge) openOnly(s *Step) bool {
	return !slices.ContainsFunc(j.m.st.Steps, func(r StepRun) bool {
		return r.Step == s.ID && (r.Round > 1 || r.Status != "open" || !slices.ContainsFunc(j.m.st.Open, func(o Open) bool { return o.Step == r.Step && o.Item == r.Item }))
	})
}

// movedBehind says whether a step that the case was at stands in another list, or before or behind another one than it did.
func (j *judge) movedBehind(s, to *Step) bool {
	if s.list == nil || to.list == nil {
		return (s.list == nil) != (to.list == nil)
	}
	if j.pairs.lists[s.list.Path] != to.list.Path {
		return true
	}
	for _, other := range s.list.Steps {
		there := j.pairs.step(other.ID)
		if there != nil && there.list == to.list && j.reached(other.ID) && cmp.Compare(other.index, s.index) != cmp.Compare(there.index, to.index) {
			return true
		}
	}
	return false
}

// addedBehind are the steps of the other version that the case would have come through, and that it didn't come through by its own.
func (j *judge) addedBehind() []*Step {
	there := map[string]bool{}
	for _, s := range j.onTheWay(j.old, func(s *Step) bool { return j.reached(s.ID) }, func(l *List) bool { return j.runs(l.Path) }) {
		there[j.pairs.steps[s.ID]] = true
	}
	runs, was := map[string]bool{}, map[string]bool{}
	for old, path := range j.pairs.lists {
		runs[path] = j.runs(old)
	}
	for _, s := range j.old.all() {
		was[j.pairs.steps[s.ID]] = j.reached(s.ID)
	}
	way := j.onTheWay(j.next, func(s *Step) bool { return was[s.ID] }, func(l *List) bool { return runs[l.Path] })
	return slices.DeleteFunc(way, func(s *Step) bool { return there[s.ID] || was[s.ID] })
}

func (j *judge) runs(path string) bool {
	return slices.ContainsFunc(j.m.st.Scopes, func(sc Scope) bool { return sc.List == path })
}

// onTheWay are the steps of a version, other than those beside the way, that stand before a step where the case was; all of a list that is over.
func (j *judge) onTheWay(p *Process, was func(*Step) bool, runs func(*List) bool) []*Step {
	var out []*Step
	seen := map[*List]bool{}
	for _, s := range p.all() {
		list := s.list
		if list == nil || seen[list] {
			continue
		}
		seen[list] = true
		last := -1
		for i, s := range list.Steps {
			if was(s) {
				last = i
			}
		}
		if last >= 0 && !runs(list) {
			last = len(list.Steps) - 1
		}
		for _, s := range list.Steps[:last+1] {
			if !s.Aside {
				out = append(out, s)
			}
		}
	}
	return out
}
