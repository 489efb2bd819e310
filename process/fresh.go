package process

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// maxFresh bounds how many decisions are kept to be taken back; of more, the oldest stand.
const maxFresh = 20

// Fresh is a decision that closed its step and led on, as long as nobody has opened what it led to: its round can be opened again, and everything is as it
// was before. Or, with Turns, it is a round that is open still. It stands beside the state, as what was foreseen does: the release before knows nothing of it,
// and loses nothing but that.
type Fresh struct {
	Round Open     `json:"round"`          // as it was decided; with Turns nothing but which it is
	Was   Part     `json:"was"`            // what of the state has changed with it, as it was
	Led   Led      `json:"led"`            // what has come of it
	Is    string   `json:"is"`             // digest of all this, as the decision left it
	Read  []string `json:"read,omitempty"` // who has opened a task that it led to; two are as good as more

	Turns *Turns `json:"turns,omitempty"`
}

// Part is a part of a state.
type Part struct {
	Scopes  []Scope        `json:"scopes,omitempty"`
	Stages  []Open         `json:"stages,omitempty"` // that were over with it
	Steps   []StepRun      `json:"steps,omitempty"`
	Clocks  []ClockRun     `json:"clocks,omitempty"`
	Rounds  []Round        `json:"rounds,omitempty"`
	Backs   []Back         `json:"backs,omitempty"`
	Entered map[string]int `json:"entered,omitempty"`

	Outcomes map[string]string   `json:"outcomes,omitempty"`
	Deciders map[string][]string `json:"deciders,omitempty"`
}

// Led names what wasn't there before.
type Led struct {
	Open    []Spot   `json:"open"`
	Scopes  []int    `json:"scopes,omitempty"`
	Steps   []string `json:"steps,omitempty"` // keys as of [State.Actors]
	Clocks  []string `json:"clocks,omitempty"`
	Entered []string `json:"entered,omitempty"`
	Backs   []Back   `json:"backs,omitempty"`

	Outcomes []string `json:"outcomes,omitempty"`
	Deciders []string `json:"deciders,omitempty"`
}

// Spot is a round of a step in a run of its list.
type Spot struct {
	Scope int    `json:"scope"`
	Step  string `json:"step"`
	Round int    `json:"round"`
}

func spotOf(o Open) Spot { return Spot{o.Scope, o.Step, o.Round} }

func (s Spot) holds(o Open) bool { return spotOf(o) == s }

// closing is a round that has just been decided, and what the case was like before anything followed.
type closing struct {
	round   Open
	was     State
	effects int
}

// noteClosing remembers how the case stands before a decided round is left.
func (m *machine) noteClosing(o *Open) {
	if m.in.foresight != nil {
		return
	}
	c := closing{round: *o, was: m.st.clone(), effects: len(m.effects)}
	c.round.cloneSeats()
	m.closings = append(m.closings, c)
}

// keepFresh keeps what was decided while the case came to stand still: when one round alone was closed, it has opened a step, and nothing was applied that a
// taking back would have to undo.
func (m *machine) keepFresh() {
	closings := m.closings
	m.closings = nil
	if len(closings) != 1 || m.st.Status != Running || m.st.Held != nil || len(m.queue) > 0 {
		return
	}
	c := closings[0]
	f := Fresh{Round: c.round}
	if m.applied(&c) || !m.ledTo(&c, &f) {
		return
	}
	f.Is = m.standsAs(&f)
	m.fresh = append(m.fresh, f)
	m.fresh = m.fresh[max(0, len(m.fresh)-maxFresh):]
}

// applied says whether something followed that stays: a message, a copy, a field set, a record made, a call, a way used up.
func (m *machine) applied(c *closing) bool {
	if !maps.Equal(c.was.Uses, m.st.Uses) || len(c.was.Passed) != len(m.st.Passed) {
		return true
	}
	return slices.ContainsFunc(m.effects[c.effects:], func(e Effect) bool {
		switch e := e.(type) {
		case OpenTask, ChangeTask, CloseTask:
			return false
		case Tell:
			return e.About != "opened" && e.About != Returned
		case Log:
			return e.Entry.Event == "changed" || e.Entry.Event == "undone" || e.Entry.Event == "failed"
		}
		return true
	})
}

// ledTo finds out what has changed with a decision; false when other tasks were closed by it, or nothing was opened.
func (m *machine) ledTo(c *closing, f *Fresh) bool {
	was, now := &c.was, &m.st
	decided := spotOf(c.round)
	for _, o := range was.Open {
		at := spotOf(o)
		i := slices.IndexFunc(now.Open, at.holds)
		_, stage := m.p.Step(o.Step).Do.(Stage)
		switch {
		case at == decided:
		case i < 0 && stage:
			f.Was.Stages = append(f.Was.Stages, o)
		case i < 0 || !slices.EqualFunc(o.Seats, now.Open[i].Seats, func(a, b Seat) bool { return a.Task == b.Task }):
			return false
		}
	}
	for _, o := range now.Open {
		at := spotOf(o)
		if !slices.ContainsFunc(was.Open, at.holds) {
			f.Led.Open = append(f.Led.Open, at)
		}
	}
	f.Was.Scopes, f.Led.Scopes = changedOnes(was.Scopes, now.Scopes, func(s Scope) int { return s.ID }, asItWas)
	f.Was.Steps, f.Led.Steps = changedOnes(was.Steps, now.Steps, func(r StepRun) string { return keyOf(r.Step, r.Item) }, asItWas)
	f.Was.Clocks, f.Led.Clocks = changedOnes(was.Clocks, now.Clocks, func(r ClockRun) string { return r.ID }, sameClock)
	f.Was.Backs, f.Led.Backs = changedOnes(was.Backs, now.Backs, func(b Back) Back { return b }, asItWas)
	for _, r := range was.Rounds {
		if !slices.ContainsFunc(now.Rounds, spotOf(r.Open).keeps) {
			f.Was.Rounds = append(f.Was.Rounds, r)
		}
	}
	m.enteredSince(was, f)
	f.Was.Outcomes, f.Led.Outcomes = changedKeys(was.Outcomes, now.Outcomes, func(a, b string) bool { return a == b })
	f.Was.Deciders, f.Led.Deciders = changedKeys(was.Deciders, now.Deciders, slices.Equal[[]string])
	return len(f.Led.Open) > 0
}

func (s Spot) keeps(r Round) bool { return s.holds(r.Open) }

// changedOnes are the entries that are otherwise now, or gone, as they were, and the keys of those that weren't there.
func changedOnes[T any, K comparable](was, now []T, key func(T) K, alike func(a, b T) bool) (changed []T, fresh []K) {
	before, after := map[K]T{}, map[K]T{}
	for _, one := range now {
		after[key(one)] = one
	}
	for _, one := range was {
		before[key(one)] = one
		if is, there := after[key(one)]; !there || !alike(is, one) {
			changed = append(changed, one)
		}
	}
	for _, one := range now {
		if _, there := before[key(one)]; !there {
			fresh = append(fresh, key(one))
		}
	}
	return changed, fresh
}

func asItWas[T comparable](a, b T) bool { return a == b }

// sameClock compares clocks as they are written down: the same moment may be of another zone.
func sameClock(a, b ClockRun) bool {
	was, err := json.Marshal(a)
	mustJSON(err)
	is, err := json.Marshal(b)
	mustJSON(err)
	return string(was) == string(is)
}

func (m *machine) enteredSince(was *State, f *Fresh) {
	for key, n := range was.Entered {
		if m.st.Entered[key] != n {
			if f.Was.Entered == nil {
				f.Was.Entered = map[string]int{}
			}
			f.Was.Entered[key] = n
		}
	}
	for key := range m.st.Entered {
		if _, there := was.Entered[key]; !there {
			f.Led.Entered = append(f.Led.Entered, key)
		}
	}
	slices.Sort(f.Led.Entered)
}

// standsAs is a digest of what a decision has changed and opened, as it is now: as long as it is the same, nothing has come of that. Who has the tasks, and when
// they are due, doesn't count.
func (m *machine) standsAs(f *Fresh) string {
	type seat struct {
		Task           string
		Voted, Claimed bool
		Stopped        bool
	}
	var look struct {
		Scopes []Scope
		Steps  []*StepRun
		Open   [][]seat
		Turn   []int
	}
	for _, sc := range m.st.Scopes {
		if slices.Contains(f.Led.Scopes, sc.ID) || slices.ContainsFunc(f.Was.Scopes, func(was Scope) bool { return was.ID == sc.ID }) {
			look.Scopes = append(look.Scopes, sc)
		}
	}
	for i := range m.st.Steps {
		run := &m.st.Steps[i]
		key := keyOf(run.Step, run.Item)
		if slices.Contains(f.Led.Steps, key) || slices.ContainsFunc(f.Was.Steps, func(was StepRun) bool { return keyOf(was.Step, was.Item) == key }) {
			look.Steps = append(look.Steps, run)
		}
	}
	for _, at := range f.Led.Open {
		seats, turn := []seat(nil), -1
		if i := slices.IndexFunc(m.st.Open, at.holds); i >= 0 {
			turn = len(m.st.Open[i].Turn)
			for _, s := range m.st.Open[i].Seats {
				seats = append(seats, seat{s.Task, s.Vote != nil, s.Claim && s.Assignee != "", s.Stop != nil})
			}
		}
		look.Open, look.Turn = append(look.Open, seats), append(look.Turn, turn)
	}
	raw, err := json.Marshal(look)
	mustJSON(err)
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:12])
}

// openedBy says whether a task is one that a decision led to.
func (m *machine) openedBy(f *Fresh, task string) bool {
	return slices.ContainsFunc(m.st.Open, func(o Open) bool {
		return slices.ContainsFunc(f.Led.Open, func(at Spot) bool { return at.holds(o) }) && o.seat(task) != nil
	})
}

// settleFresh lets go of the decisions that stand for good: somebody has acted on what they led to, or it is there no more.
func (m *machine) settleFresh() {
	if m.st.Status != Running || m.ev.Kind == EventMigrate {
		m.fresh = nil
		return
	}
	for i := range m.fresh {
		if f := &m.fresh[i]; f.Turns != nil {
			m.settleTurns(f)
		}
	}
	m.fresh = slices.DeleteFunc(m.fresh, func(f Fresh) bool {
		if f.Turns != nil {
			return len(f.Turns.Asked)+len(f.Turns.Gone) == 0
		}
		return m.openedBy(&f, m.ev.Task) || m.standsAs(&f) != f.Is
	})
}

// reopenFresh makes a case what it was before a decision that nobody has looked beyond. The tasks that it led to are void.
func (m *machine) reopenFresh(kept int) *Open {
	f := m.fresh[kept]
	m.fresh = slices.Delete(m.fresh, kept, kept+1)
	st := &m.st
	for _, at := range f.Led.Open {
		i := slices.IndexFunc(st.Open, at.holds)
		m.void(st.Open[i])
		st.Open = slices.Delete(st.Open, i, i+1)
	}
	f.Was.Clocks = slices.Clone(f.Was.Clocks)
	since := f.Round.decidedAt(m.ev.Task, true)
	m.clocksAsBefore(&f, since)
	st.Scopes = asBefore(st.Scopes, f.Was.Scopes, f.Led.Scopes, func(s Scope) int { return s.ID })
	st.Steps = asBefore(st.Steps, f.Was.Steps, f.Led.Steps, func(r StepRun) string { return keyOf(r.Step, r.Item) })
	st.Backs = asBefore(st.Backs, f.Was.Backs, f.Led.Backs, func(b Back) Back { return b })
	st.Rounds = append(st.Rounds, f.Was.Rounds...)
	for _, key := range f.Led.Entered {
		delete(st.Entered, key)
	}
	for key, n := range f.Was.Entered {
		st.Entered[key] = n
	}
	for _, stage := range f.Was.Stages {
		m.goesOn(armed{open: &stage, timer: &stage.Timer}, since)
		st.Open = append(st.Open, stage)
	}
	o := m.openAgain(f.Round)
	st.Outcomes = keysAsBefore(st.Outcomes, f.Was.Outcomes, f.Led.Outcomes)
	st.Deciders = keysAsBefore(st.Deciders, f.Was.Deciders, f.Led.Deciders)
	return o
}

// changedKeys gives the entries of a map that were otherwise, as they were, and the keys that weren't there.
func changedKeys[V any](was, now map[string]V, alike func(a, b V) bool) (changed map[string]V, fresh []string) {
	for key, v := range was {
		if is, there := now[key]; !there || !alike(v, is) {
			if changed == nil {
				changed = map[string]V{}
			}
			changed[key] = v
		}
	}
	for key := range now {
		if _, there := was[key]; !there {
			fresh = append(fresh, key)
		}
	}
	slices.Sort(fresh)
	return changed, fresh
}

// keysAsBefore undoes what [changedKeys] has found.
func keysAsBefore[V any](now, was map[string]V, fresh []string) map[string]V {
	for _, key := range fresh {
		delete(now, key)
	}
	for key, v := range was {
		if now == nil {
			now = map[string]V{}
		}
		now[key] = v
	}
	if len(now) == 0 {
		return nil
	}
	return now
}

// asBefore puts changed entries back as they were, and takes out those that weren't there.
func asBefore[T any, K comparable](now, was []T, fresh []K, key func(T) K) []T {
	now = slices.DeleteFunc(now, func(one T) bool { return slices.Contains(fresh, key(one)) })
	for _, before := range was {
		if i := slices.IndexFunc(now, func(one T) bool { return key(one) == key(before) }); i >= 0 {
			now[i] = before
		} else {
			now = append(now, before)
		}
	}
	return now
}

// clocksAsBefore lets the case clocks run, or not, as they did.
func (m *machine) clocksAsBefore(f *Fresh, since time.Time) {
	for _, id := range f.Led.Clocks {
		m.clockLog("clock_stopped", m.p.clock(id), m.clockRun(id), "taken back")
	}
	for i := range f.Was.Clocks {
		run := &f.Was.Clocks[i]
		m.goesOn(armed{clock: run, timer: &run.Timer}, since)
		if now := m.clockRun(run.ID); now != nil && now.Done != run.Done {
			m.clockLog(map[bool]string{true: "clock_stopped", false: "clock_started"}[run.Done], m.p.clock(run.ID), run, "taken back")
		}
	}
	m.st.Clocks = asBefore(m.st.Clocks, f.Was.Clocks, f.Led.Clocks, func(r ClockRun) string { return r.ID })
}
