package process

import (
	"slices"
	"time"
)

// leaveRound goes on after a decided round. Where its branch thereby comes to its end and only waits for others, nothing was opened and nothing
// applied: the round is kept, so that a vote can still be taken back.
func (m *machine) leaveRound(closed Open, s *Step, way *Way, outcome string) {
	var around []Scope
	for id := closed.Scope; id != 0; id = m.scope(id).Parent {
		around = append(around, *m.scope(id))
	}
	effects, queued, open := len(m.effects), len(m.queue), len(m.st.Open)
	backs := slices.Clone(m.st.Backs)
	m.follow(closed.Scope, s, way, outcome)
	if m.st.Status != Running || m.st.Held != nil || len(m.effects) > effects || len(m.queue) > queued || len(m.st.Open) < open {
		return // a step was entered, something applied, or a stage around it closed
	}
	var gone []Scope
	for _, sc := range around {
		if !slices.ContainsFunc(m.st.Scopes, func(other Scope) bool { return other.ID == sc.ID }) {
			gone = append([]Scope{sc}, gone...)
		}
	}
	if len(gone) > 0 && (way == nil || way.AtMost == 0) {
		backs = slices.DeleteFunc(backs, func(b Back) bool { return slices.Contains(m.st.Backs, b) })
		if len(backs) > 0 {
			m.st.Format = max(m.st.Format, FormatScoped)
		}
		m.st.Rounds = append(m.st.Rounds, Round{Open: closed, Scopes: gone, Backs: backs})
	}
}

// forgetRounds lets go of the kept rounds below a scope: what they waited for has come, or is left.
func (m *machine) forgetRounds(scope int) {
	m.st.Rounds = slices.DeleteFunc(m.st.Rounds, func(r Round) bool { return m.within(r.Scopes[0].Parent, scope) })
	if len(m.st.Rounds) == 0 {
		m.st.Rounds = nil
	}
}

// takenBack is an answer that is taken back, and where its round is.
type takenBack struct {
	o     *Open
	seat  *Seat
	kept  int // its place among the kept rounds
	fresh int // its place among the decisions that led on; -1 both: the round is open still
}

func (t takenBack) open() bool { return t.kept < 0 && t.fresh < 0 }

// takeBack takes one's own answer back while nothing that followed from it was opened or applied: the same round is open again without it.
func (m *machine) takeBack() *Refusal {
	t, refusal := m.mayTakeBack()
	if refusal != nil {
		return refusal
	}
	o := t.o
	m.log(Entry{Event: "taken_back", Step: o.Step, Item: o.Item, Task: t.seat.Task, By: m.ev.By, Outcome: t.seat.Vote.Outcome, Comment: m.ev.Comment})
	switch {
	case t.kept >= 0:
		o = m.reopenRound(t.kept)
	case t.fresh >= 0:
		o = m.reopenFresh(t.fresh)
	default:
		m.unask(o, m.p.Step(o.Step), t.seat)
	}
	m.unvote(o, m.p.Step(o.Step), !t.open())
	return nil
}

// mayTakeBack says whether the event's person may take an answer back.
func (m *machine) mayTakeBack() (t takenBack, no *Refusal) {
	if refusal := m.standing(); refusal != nil {
		return t, refusal
	}
	if t = m.answeredAt(m.ev.Task); t.o == nil {
		return t, Refuse(CodeTaskClosed, "下一步已经开始，不能再收回", "what comes next has begun: it can't be taken back any more")
	}
	refuse := func(zh, en string) *Refusal {
		r := Refuse(CodeTaskClosed, zh, en)
		r.Decided = t.seat.Vote.decided()
		return r
	}
	switch {
	case t.seat.Vote == nil:
		return t, Refuse(CodeUnknownOutcome, "还没有办理，没有可以收回的", "nothing was decided here yet, so there is nothing to take back")
	case t.seat.Vote.By != m.ev.By || m.ev.By == "":
		return t, Refuse(CodeNotYourTask, "只能收回自己的审批", "only one's own decision can be taken back")
	case !t.open() && t.o.ledOn(m.p.Step(t.o.Step), t.seat):
		return t, refuse("后面的人已经被询问，不能再收回", "others were asked because of it: it can't be taken back any more")
	case t.o.returnedBy(t.seat):
		return t, refuse("已被退回，只有退回的人可以收回", "it was returned since: only who did so can take that back")
	case m.decidedWithout(t):
		return t, refuse("没有您的意见，结果也是这样，不能再收回", "it is decided without your answer, so there is nothing to take back")
	}
	if zh, en := m.standsNow(t); zh != "" {
		return t, refuse(zh, en)
	}
	return t, nil
}

// standsNow says why what followed from an answer can't be undone; "" for both: it can.
func (m *machine) standsNow(t takenBack) (zh, en string) {
	switch {
	case t.open():
		return m.mayUnask(t)
	case t.fresh >= 0:
		if who := readBy(m.fresh[t.fresh].Read, m.ev.By); who != "" {
			return m.hasOpened(who)
		}
	}
	return "", ""
}

// answeredAt finds the round in which a task was answered: open, or closed with nothing that followed; nil when it is neither.
func (m *machine) answeredAt(task string) takenBack {
	t := takenBack{kept: -1, fresh: -1}
	if t.o, t.seat = m.seatOf(task); t.o != nil {
		return t
	}
	if i := slices.IndexFunc(m.st.Rounds, func(r Round) bool { return r.Open.seat(task) != nil && m.p.Step(r.Open.Step) != nil }); i >= 0 {
		t.kept, t.o = i, &m.st.Rounds[i].Open
	} else if i := slices.IndexFunc(m.fresh, func(f Fresh) bool { return f.Round.seat(task) != nil && m.standsAs(&f) == f.Is }); i >= 0 {
		t.fresh, t.o = i, &m.fresh[i].Round
	}
	if t.o != nil {
		t.seat = t.o.seat(task)
	}
	return t
}

// returnedBy says whether somebody else than at a seat has returned the case, which acts at once whatever the votes.
func (o *Open) returnedBy(but *Seat) bool {
	return slices.ContainsFunc(o.Seats, func(s Seat) bool { return s.Task != but.Task && s.Vote != nil && s.Vote.Outcome == Returned })
}

// decidedWithout says whether a round would be closed without a seat's answer, too, or in an open one nobody would wait for it any more.
func (m *machine) decidedWithout(t takenBack) bool {
	without := t.o.without(t.seat.Task)
	if t.open() {
		if turns := m.turnsOf(t.o); turns != nil {
			m.bringBack(&without, turns.Gone)
		}
		seat := without.seat(t.seat.Task)
		return seat == nil || without.needless(seat)
	}
	s := m.p.Step(without.Step)
	_, decided := s.Do.(asker).verdict(s, &without, Vote{})
	return decided
}

// reopenRound opens a kept round again, with the scopes that ended with it.
func (m *machine) reopenRound(kept int) *Open {
	r := m.st.Rounds[kept]
	m.st.Rounds = slices.Delete(m.st.Rounds, kept, kept+1)
	if len(m.st.Rounds) == 0 {
		m.st.Rounds = nil
	}
	m.st.Scopes = append(m.st.Scopes, r.Scopes...)
	m.st.Backs = append(m.st.Backs, r.Backs...)
	for _, sc := range r.Scopes {
		run := m.stepRun(sc.At, sc.Item)
		run.Status = "open"
		asked := func(b Back) bool { return b.Behind && b.To == sc.At && b.Item == sc.Item }
		if _, group := m.p.Step(sc.At).Do.(group); group && slices.ContainsFunc(r.Backs, asked) {
			run.Status = "voided"
		}
	}
	delete(m.st.Outcomes, r.Open.Step)
	delete(m.st.Outcomes, keyOf(r.Open.Step, r.Open.Item))
	return m.openAgain(r.Open)
}

// openAgain puts a decided round back among the open ones.
func (m *machine) openAgain(o Open) *Open {
	o.cloneSeats()
	m.laterWithoutWhoLeft(&o)
	m.st.Open = append(m.st.Open, o)
	return &m.st.Open[len(m.st.Open)-1]
}

// unvote takes an answer out of a round. Its seat, and those that were void because of it, get new tasks; their limits stand. Nobody is asked again for whose answer
// another one of their group has spoken.
func (m *machine) unvote(o *Open, s *Step, closed bool) {
	since := o.decidedAt(m.ev.Task, closed)
	o.seat(m.ev.Task).Vote = nil
	if closed {
		m.keepTurns(o, Turns{Gone: o.letGo()})
	}
	seat := o.seat(m.ev.Task)
	m.st.Agreed = slices.DeleteFunc(m.st.Agreed, func(a Approval) bool { return a.Step == o.Step && a.Item == o.Item && a.By == seat.whose(m.ev.By) })
	m.forgetActor(o)
	for i := range o.Seats {
		if other := &o.Seats[i]; other == seat || closed && other.Vote == nil {
			m.reopen(o, s, other, since)
		}
	}
	if !closed {
		m.showAdded(o, s, seat)
		m.waitAgain(o, s, since)
	}
}

// decidedAt is when the answer to a task was given, or since when its round is closed.
func (o *Open) decidedAt(task string, closed bool) time.Time {
	at := o.seat(task).Vote.At
	for _, seat := range o.Seats {
		if closed && seat.Vote != nil && seat.Vote.At.After(at) {
			at = seat.Vote.At
		}
	}
	return at
}

// reopen gives a seat a new task in place of the one that was closed at a moment. When it was asked is noted from now on, which marks a round that was answered before.
func (m *machine) reopen(o *Open, s *Step, seat *Seat, since time.Time) {
	m.newTask(o, seat)
	if seat.Asked == nil {
		at := o.At
		seat.Asked = &at
	}
	m.asksWhoIsThere(o, s, seat)
	a := armed{open: o, seat: seat, timer: &seat.Timer}
	if stop := seat.Stop; stop != nil && stop.Until != nil && !stop.Until.After(m.at) { // it has gone on by itself meanwhile
		now := m.at
		m.at = *stop.Until
		m.runOn(a)
		m.at = now
	}
	m.goesOn(a, since)
	m.effect(OpenTask{Task: m.task(s, o, seat)})
	m.log(Entry{Event: "opened", Step: s.ID, Item: o.Item, Task: seat.Task, For: seat.Assignee, Data: openedData(seat)})
	if to := slices.DeleteFunc(slices.Clone(m.waitedFor(o, seat)), func(id string) bool { return id == m.ev.By && seat.Assignee == id }); len(to) > 0 {
		m.tell(to, Tell{About: "opened", Task: seat.Task, Step: s.ID, Text: s.Title})
	}
}

// laterWithoutWhoLeft looks again at the people who are asked later in a round, where one of them has left. Who is only away stays, as in a round that was open.
func (m *machine) laterWithoutWhoLeft(o *Open) {
	if slices.ContainsFunc(o.Turn, func(s Seat) bool { return s.Assignee != "" && !(people{m.in.Directory}).active(s.Assignee) }) {
		m.refillTurn(o)
	}
}

// asksWhoIsThere gives a seat that is asked again to others, where its people have gone meanwhile.
func (m *machine) asksWhoIsThere(o *Open, s *Step, seat *Seat) {
	f := found{person: seat.Assignee, candidates: seat.Candidates, why: seat.Why}
	switch {
	case seat.Vacant:
	case !m.anyone(f, seat.Excluded):
		to := m.vacant(f, seat.Excluded)
		if f = m.dutiful(f, seat.Excluded); m.anyone(f, seat.Excluded) { // somebody is asked in their place
			to = Seat{Assignee: f.person, Candidates: f.candidates, Excluded: seat.Excluded, Claim: seat.Claim, Why: f.why, For: f.absent}
		}
		seat.takes(to)
	case seat.Assignee == "" && m.namesGone(seat.Candidates):
		if again := m.freshSeats(o, seat, s).seats; len(again) > 0 {
			seat.takes(again[0])
		}
	}
}

// namesGone says whether somebody who has left is among people named one by one.
func (m *machine) namesGone(candidates []Principal) bool {
	return slices.ContainsFunc(candidates, func(c Principal) bool {
		sort, id := c.Split()
		return sort == string(ByUser) && !(people{m.in.Directory}).active(id)
	})
}

// goesOn lets a timer that was closed at a moment go on: what it has missed comes at the next moment, each once, and its limit is that of the calendar as it is now,
// unless it was late when it was closed, or has run out either way.
func (m *machine) goesOn(a armed, since time.Time) {
	t := a.timer
	if t.Due != nil && t.Stop == nil && t.Within != "" && t.Due.After(since) {
		c := m.calendarOfTimer(t)
		if l := t.recount(c); l.Due.Equal(*t.Due) {
			t.Provisional = l.Provisional
		} else if l.Due.After(m.at) || t.Due.After(m.at) {
			if l.Due.Before(m.at) {
				l.Due = m.at
			}
			t.setDue(c, l)
			t.rearm(c, m.planOf(a), m.at)
		}
	}
	t.Alarms = slices.Clone(t.Alarms)
	for i := range t.Alarms {
		if alarm := &t.Alarms[i]; alarm.At.Before(m.at) {
			alarm.At = m.at
		}
	}
}

// newTask gives a seat another task's id. Who was added at the seat stays with it.
func (m *machine) newTask(o *Open, seat *Seat) {
	old := seat.Task
	seat.Task = m.newTaskID()
	for _, other := range m.seatsEver(o) {
		if other.Added != nil && other.Added.Seat == old {
			added := *other.Added
			added.Seat = seat.Task
			other.Added = &added
		}
	}
}

// showAdded lets the open tasks of those who were added at a seat say so, after it has got a new task.
func (m *machine) showAdded(o *Open, s *Step, at *Seat) {
	for i := range o.Seats {
		if seat := &o.Seats[i]; seat.Vote == nil && seat.Added != nil && seat.Added.Seat == at.Task {
			m.effect(ChangeTask{Task: m.task(s, o, seat)})
		}
	}
}

// forgetActor makes the latest of the answers left the last decision of a step.
func (m *machine) forgetActor(o *Open) {
	if last := o.last(); last != nil && last.By != "" {
		m.setActor(o.Step, o.Item, last.By)
		return
	}
	if m.st.Actors[o.Step] == m.ev.By {
		delete(m.st.Actors, o.Step)
	}
	delete(m.st.Actors, keyOf(o.Step, o.Item))
}

// last is the latest answer of a round that was no mere opinion; nil when there is none.
func (o *Open) last() *Vote {
	var last *Vote
	for i := range o.Seats {
		if seat := &o.Seats[i]; seat.Vote != nil && !seat.opinion() && (last == nil || seat.Vote.At.After(last.At)) {
			last = seat.Vote
		}
	}
	return last
}

// voteOf is the answer that closed a task, as far as the state remembers it: its own, or for one that was void the last of its round.
func (m *machine) voteOf(task string) *Vote {
	if _, seat := m.seatOf(task); seat != nil {
		return seat.Vote
	}
	for i := range m.st.Rounds {
		o := &m.st.Rounds[i].Open
		switch seat := o.seat(task); {
		case seat == nil:
		case seat.Vote != nil:
			return seat.Vote
		default:
			return o.last()
		}
	}
	return nil
}

func (v *Vote) decided() *Decided {
	return &Decided{By: v.By, At: v.At.Format(time.RFC3339), Outcome: v.Outcome}
}
