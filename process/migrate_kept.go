package process

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// kept looks at what the case remembers of its steps.
func (j *judge) kept() {
	st := &j.m.st
	for _, s := range j.old.all() {
		to := j.pairs.step(s.ID)
		if to == nil || !j.reached(s.ID) || j.openOnly(s) && !j.voted(s.ID) {
			continue
		}
		title := s.called()
		if j.next.asked[to.ID] && !j.old.asked[s.ID] {
			j.stay("新版本要看“"+title.In("zh")+"”的结果，但该事项没有记下", "the new version asks how “"+title.In("en")+"” ended, and this case hasn't kept it")
		}
		if j.next.separated(to.ID) && !j.old.separated(s.ID) {
			j.over("新版本不许“"+title.In("zh")+"”的办理人再办后面的步骤，但该事项没有记下他们是谁", "the new version keeps those who did “"+title.In("en")+"” from a later step, and this case hasn't kept who they all are")
		}
	}
	for _, p := range st.Passed {
		if s := j.old.Step(p.Step); s != nil && j.pairs.step(p.Step) == nil && s.Undo != nil {
			j.stay("新版本没有“"+s.called().In("zh")+"”，退回时就无法撤销它做过的事", "without “"+s.called().In("en")+"” in the new version, what it has done couldn't be undone")
		}
	}
	for _, b := range st.Backs {
		if from := j.old.Step(b.From); b.Behind && from != nil && (j.pairs.step(b.From) == nil || j.pairs.step(b.To) == nil) {
			j.stay("已作废的审批重新办完后要从“"+from.called().In("zh")+"”之后继续，但新版本没有这一步", "what is void is asked again, and the new version lacks the steps to go on from then, such as “"+from.called().In("en")+"”")
		}
	}
	for _, l := range st.Later {
		if s := j.old.Step(l.Step); s != nil && j.pairs.step(l.Step) == nil {
			j.over("已为“"+s.called().In("zh")+"”加的人不再被询问", "the people added to “"+s.called().In("en")+"” won't be asked")
		}
	}
	j.foreseen()
	j.roundsKept()
}

// foreseen looks at what was decided by what lay ahead: who wasn't asked because they are asked later, and whom somebody had to pick.
func (j *judge) foreseen() {
	for _, s := range j.old.all() {
		to := j.pairs.step(s.ID)
		if to != nil && j.reached(s.ID) && s.Who != nil && s.Who.SameAgain == SameKeepLast && whomAll(sureAfter(s)) != whomAll(sureAfter(to)) {
			j.over("“"+s.called().In("zh")+"”按之后还要问谁来决定问谁，而新版本之后问的人不同", "whom “"+s.called().In("en")+"” asked depended on who is asked later, and the new version asks others later")
		}
	}
	picked := func(p *Process) string {
		return whomAll(slices.DeleteFunc(slices.Clone(p.all()), func(s *Step) bool { return s.pickRule() == nil }))
	}
	if picked(j.old) != picked(j.next) {
		j.over("新版本要选人的步骤不同，而选人的时候可能已经过去", "in the new version people are picked for other steps, and the time to pick them may be over")
	}
}

// whomAll is the shape of whom steps ask, and when.
func whomAll(steps []*Step) string {
	out := ""
	for _, s := range steps {
		out += doing(s.ID, s.Kind, s.Who, s.If)
	}
	return out
}

func (j *judge) voted(step string) bool {
	return slices.ContainsFunc(j.m.st.Open, func(o Open) bool { return o.Step == step && o.voted() })
}

func (o *Open) voted() bool { return len(votersOf(o)) > 0 || o.takenBack() }

// takenBack says whether somebody had voted and took it back, or joined later: it is noted when they were asked, or their task has a later number than it
// would have beside the others, which are numbered as one when they are asked.
func (o *Open) takenBack() bool {
	for i := range o.Seats {
		if o.Seats[i].Asked != nil || i > 0 && numberOfTask(o.Seats[i].Task) != numberOfTask(o.Seats[i-1].Task)+1 {
			return true
		}
	}
	return false
}

// numberOfTask is the number of a task in its case: 6 of "c1.6".
func numberOfTask(id string) int {
	n, _ := strconv.Atoi(id[strings.LastIndexByte(id, '.')+1:])
	return n
}

// roundsKept: a decided round can be taken back as long as its step, its limits and its place are what they were.
func (j *judge) roundsKept() {
	for _, r := range j.m.st.Rounds {
		s, to := j.old.Step(r.Open.Step), j.pairs.step(r.Open.Step)
		same := to != nil && j.old.timeShape(s) == j.next.timeShape(to) && j.old.pastShape(s) == j.next.pastShape(to) && j.placeStays(r.Open.Scope, r.Scopes)
		j.rounds = append(j.rounds, same)
		if !same {
			j.over("“"+s.called().In("zh")+"”的决定不能再收回", "the decision at “"+s.called().In("en")+"” can't be taken back any more")
		}
	}
}

// judgeClocks looks at the case clocks.
func (j *judge) judgeClocks() {
	for _, c := range j.next.Clocks {
		i := slices.IndexFunc(j.old.Clocks, func(o *Clock) bool { return o.ID == c.ID })
		run := j.m.clockRun(c.ID)
		switch {
		case i < 0:
			j.clockAdded(c)
		case doing(j.old.Clocks[i]) == doing(c) && j.old.Calendar == j.next.Calendar && j.anchorsPaired(c):
		case run == nil:
			j.clockAdded(c)
		default:
			j.clockChanged(j.old.Clocks[i], c, run)
		}
	}
}

// anchorsPaired says whether a clock hangs on the same steps in both versions, as far as the case was at them.
func (j *judge) anchorsPaired(c *Clock) bool {
	same := func(a Anchor) bool { return !j.reached(a.Step) || j.pairs.steps[a.Step] == a.Step }
	return same(c.From) && same(c.To)
}

// clockAdded starts a clock that the case's version doesn't have, from when it would have begun. What it would have told by now, or what stopped it, nobody makes up for.
func (j *judge) clockAdded(c *Clock) {
	from := j.begun(c.From)
	if from == nil && !j.wasAt(c.From) {
		return
	}
	if from != nil && !j.wasAt(c.To) && !j.mayHaveStopped(c) && j.neverStood(*from) {
		run := &ClockRun{ID: c.ID}
		j.asOf(j.next, *from, func() {
			j.m.startTimer(armed{clock: run, timer: &run.Timer}, j.next.Calendar, target{limit: c.Within})
		})
		if j.allAhead(run.Timer) {
			j.clocks[c.ID] = &run.Timer
			return
		}
	}
	j.over("新加的时钟“"+c.Title.In("zh")+"”不对该事项计时", "the new clock “"+c.Title.In("en")+"” doesn't run for this case")
}

// wasAt says whether the case has been where an anchor is.
func (j *judge) wasAt(a Anchor) bool {
	if a.Event == anchorStart {
		return true
	}
	for _, r := range j.m.st.Steps {
		if j.pairs.steps[r.Step] == a.Step && (a.Event == anchorOpened || r.Status != "open" || r.Round > 1) {
			return true
		}
	}
	return false
}

// begun is when the case came to an anchor, as far as it is known.
func (j *judge) begun(a Anchor) *time.Time {
	if a.Event == anchorStart {
		return &j.m.st.StartedAt
	}
	for _, o := range j.m.st.Open {
		if j.pairs.steps[o.Step] == a.Step && a.Event == anchorOpened && o.Item == "" && j.openOnly(j.old.Step(o.Step)) {
			return &o.At
		}
	}
	return nil
}

// mayHaveStopped says whether somebody can have stopped the clock in the past.
func (j *judge) mayHaveStopped(c *Clock) bool {
	return slices.ContainsFunc(j.old.all(), func(s *Step) bool {
		return j.reached(s.ID) && slices.ContainsFunc(s.Time.Stops, func(r StopReason) bool { return slices.Contains(c.StopsWhile, r.Reason) })
	})
}

func (j *judge) clockChanged(was, c *Clock, run *ClockRun) {
	before, after := was.steering(), c.steering()
	fresh := &ClockRun{ID: c.ID}
	pristine := &ClockRun{ID: c.ID}
	if run.DueFrom != nil {
		j.asOf(j.old, *run.DueFrom, func() {
			j.m.startTimer(armed{clock: pristine, timer: &pristine.Timer}, j.old.Calendar, target{limit: was.Within})
		})
		j.asOf(j.next, *run.DueFrom, func() {
			j.m.startTimer(armed{clock: fresh, timer: &fresh.Timer}, j.next.Calendar, target{limit: c.Within})
		})
	}
	if doing(before) == doing(after) && j.anchorsPaired(c) && !run.Done && sameTimer(run.Timer, pristine.Timer) && j.allAhead(fresh.Timer) {
		j.clocks[c.ID] = &fresh.Timer
		return
	}
	j.over("时钟“"+c.Title.In("zh")+"”已在计时，而新版本改了它", "the clock “"+c.Title.In("en")+"” runs already, and the new version changes it")
	j.clocks[c.ID] = j.goneOn(run, fresh.Timer, c)
}

// goneOn is a clock that goes on by another ladder, and where it has never stood still, another limit: what would have come by now is over.
func (j *judge) goneOn(run *ClockRun, fresh Timer, c *Clock) *Timer {
	t := run.Timer
	if run.Done || t.Due == nil {
		return &t
	}
	since := j.now
	if t.Stop == nil && t.Rest == nil {
		t = fresh
	} else if t.Stop != nil {
		since = t.Stop.At
	}
	t.Alarms = nil
	cal := j.m.calendarOfTimer(&t)
	for n, rung := range c.Late {
		if at := t.rung(cal, rung); at.After(since) {
			t.Alarms = append(t.Alarms, Alarm{At: at, Kind: alarmRung, N: n})
		}
	}
	t.rearm(cal, plan{late: c.Late}, since)
	return &t
}

// steering is what of a clock says when it runs.
func (c *Clock) steering() Clock { return Clock{From: c.From, To: c.To, StopsWhile: c.StopsWhile} }

// allAhead says whether nothing of a timer would have come by now.
func (j *judge) allAhead(t Timer) bool {
	return !slices.ContainsFunc(t.Alarms, func(a Alarm) bool { return !a.At.After(j.now) })
}

// sameTimer says whether two timers that have never stood still do the same from now on.
func sameTimer(a, b Timer) bool {
	same := func(x, y *time.Time) bool { return x == nil && y == nil || x != nil && y != nil && x.Equal(*y) }
	return same(a.Due, b.Due) && same(a.DueFrom, b.DueFrom) && a.Within == b.Within && a.Calendar == b.Calendar && a.Stop == nil && a.Rest == nil &&
		slices.EqualFunc(a.Alarms, b.Alarms, func(x, y Alarm) bool { return x.At.Equal(y.At) && x.Kind == y.Kind && x.N == y.N })
}
