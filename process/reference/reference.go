// Package reference says where a case stands after all that has been done to it, in the plainest way there is: it plays every act again from the start, on a
// tree that looks like the chain. The tests hold the machine against it. It imports nothing of ours, so that it can't share a mistake.
//
// It knows people who are named, those who stand in for them, steps that ask several in every mode, branches, items, stages and choices in each other, and every
// act on a task. It knows no time, no fields, no conditions but those that always choose the same, no effects, and of the ways of an outcome only those back, on and to the end.
package reference

import (
	"fmt"
	"slices"
	"strings"
)

// Kinds of steps.
const (
	Approve  = "approve"
	Task     = "task"
	Parallel = "parallel"
	Each     = "each"
	Stage    = "stage"
	Choose   = "choose"
)

// Initiator is, as a place to go back to, the form of whoever started the case; Form is that form's id.
const (
	Initiator = "initiator"
	Form      = "resubmit"
)

// Chain is what a case runs by.
type Chain struct {
	Steps     []*Step
	Initiator string
	Away      map[string]string // who isn't there, and who stands in for them; "": nobody
}

// Step is one step of a list.
type Step struct {
	ID   string
	Kind string

	Who      []string // approve, task: whom it asks
	Mode     string   // of several: first, all, all_opinions, in_turn, votes
	Need, Of int      // votes: this share of the step's own people
	Tie      string   // votes: the outcome where neither side has it
	Nobody   string   // when nobody is there: hold, skip, or a person
	Back     string   // where a return goes that names no place
	Chosen   bool     // Back is an each, and a return there says which items
	Anywhere bool     // a return may name any step passed
	Watches  bool     // approve: a change of the content voids it
	Edits    bool     // its form holds the content

	Lists [][]*Step // of a parallel's or a choice's branches; the one of an each or a stage
	Taken int       // of a choice: which branch, from 0; it may be empty
	First bool      // the first branch that ends closes the others
	Items []string  // of an each
}

// Act is something that somebody did. Whom names the seat of the step that it is about; empty: the one for which nobody was found.
type Act struct {
	Do         string // approve, reject, return, complete, add, remove, take back, transfer, assign, withdraw, read
	By         string
	Admin      bool
	Step, Item string
	Whom       string
	Nth        int      // take back: which of their seats that have answered, from 0: who has given an opinion may be asked instead of whoever wanted it
	To         string   // return: a step; transfer, assign: a person
	Items      []string // return: which
	People     []string // add, remove
	Where      string   // add: before, after, beside
	Mode       string   // add: first, all, in_turn
	Changes    bool     // an answer: it changes the content
}

// Picture is where a case stands.
type Picture struct {
	Refused bool   // the last act
	Outcome string // empty: it runs
	Steps   []string
	Tasks   []string
	Votes   []string
	Later   []string        // who of an open step is asked later
	Saw     map[string]bool // the hard situations that have come about
}

// After is where a case stands after all that was done.
func After(chain *Chain, acts []Act) Picture {
	p := &play{chain: chain, marks: map[string]*mark{}, saw: map[string]bool{}}
	p.root = &run{list: chain.Steps, at: -1}
	p.goTo(p.root, 0, nil)
	p.settle()
	ok := true
	for _, act := range acts {
		p.now++
		ok = p.outcome == "" && p.do(act)
		p.settle()
	}
	return p.picture(!ok)
}

// play is a case while its acts are played.
type play struct {
	chain   *Chain
	root    *run
	marks   map[string]*mark // by step and item
	todo    []func()         // steps that are about to be entered: branches go on beside each other, a step at a time
	outcome string
	now     int      // which act is played
	closing *round   // the round that was just decided, as long as nothing has followed from it
	led     *round   // the round that was just decided, until the case stands still: its step back is written down
	fresh   []*round // decided rounds, of which some can be taken back
	saw     map[string]bool
}

// mark says how far a step has come.
type mark struct {
	status string
	round  int
	afresh int           // how often it has begun with all that is in it
	around map[*mark]int // how often those around it had, when it was asked
}

// run is one run of a list of steps: the chain, a branch, an item, a stage.
type run struct {
	list  []*Step
	item  string // of the eaches around it, joined by "/"
	in    *run   // the run around it
	at    int    // where it stands; -1: at the form of the initiator, or before its first step
	then  int    // while what is void is asked again: the place at which it goes on; 0: it isn't
	asked *round // who is asked there
	below []*run // what runs there
	over  bool
	gone  bool   // it was left
	last  *round // once over: the round with which it ended, when nothing else followed from that
}

func (r *run) step() *Step {
	if r.at < 0 {
		return nil
	}
	return r.list[r.at]
}

func place(step, item string) string {
	if item == "" {
		return step
	}
	return step + "@" + item
}

func (p *play) mark(step, item string) *mark {
	key := place(step, item)
	if p.marks[key] == nil {
		p.marks[key] = &mark{}
	}
	return p.marks[key]
}

// goTo lets a run arrive at a step, once it is its turn.
func (p *play) goTo(r *run, at int, items []string) {
	p.closing = nil
	p.todo = append(p.todo, func() {
		if !r.gone {
			p.enter(r, at, items)
		}
	})
}

// settle lets every run go on until it waits for somebody.
func (p *play) settle() {
	for len(p.todo) > 0 && p.outcome == "" {
		next := p.todo[0]
		p.todo = p.todo[1:]
		next()
	}
	p.led = nil
}

// enter begins a new round of a step.
func (p *play) enter(r *run, at int, items []string) {
	id := Form
	if at >= 0 {
		id = r.list[at].ID
	}
	m := p.begin(r, at, id)
	if items == nil {
		m.afresh++
	}
	s := r.step()
	switch {
	case s == nil:
		p.ask(r, &Step{ID: Form, Kind: Task, Who: []string{p.chain.Initiator}, Nobody: "hold", Edits: true})
	case s.Kind == Approve || s.Kind == Task:
		p.ask(r, s)
	case s.Kind == Choose && len(s.only()) == 0:
		p.leaveStep(r, "done")
	default:
		p.enterLists(r, items)
	}
}

// enterLists begins what is inside a step: of an each with items only these.
func (p *play) enterLists(r *run, items []string) {
	s := r.step()
	begin := func(list []*Step, item string) {
		child := &run{list: list, item: item, in: r, at: -1}
		r.below = append(r.below, child)
		p.goTo(child, 0, nil)
	}
	switch s.Kind {
	case Each:
		for _, item := range s.Items {
			if items == nil || slices.Contains(items, item) {
				begin(s.Lists[0], strings.TrimPrefix(r.item+"/"+item, "/"))
			}
		}
	case Parallel:
		for _, list := range s.Lists {
			begin(list, r.item)
		}
	default:
		begin(s.only(), r.item)
	}
	if len(r.below) == 0 {
		p.leaveStep(r, "passed_over")
	}
}

// only is the list that runs of a stage or a choice.
func (s *Step) only() []*Step { return s.Lists[s.Taken] }

// begin begins a new round of a step.
func (p *play) begin(r *run, at int, id string) *mark {
	p.before(r, place(id, r.item))
	r.at, r.asked, r.below = at, nil, nil
	m := p.mark(id, r.item)
	m.status, m.round = "open", m.round+1
	m.around = map[*mark]int{}
	for out := r.in; out != nil; out = out.in {
		holder := p.mark(out.step().ID, out.item)
		m.around[holder] = holder.afresh
	}
	return m
}

// enterInside begins a new round of a stage, or of a choice, at a step in it: what was done before that stands.
func (p *play) enterInside(r *run, at int, inside []int) {
	if len(inside) == 0 {
		p.enter(r, at, nil)
		return
	}
	s := r.list[at]
	p.begin(r, at, s.ID)
	child := &run{list: s.only(), item: r.item, in: r, at: -1}
	r.below = []*run{child}
	p.enterInside(child, inside[0], inside[1:])
}

// leaveStep goes on behind the step where a run stands.
func (p *play) leaveStep(r *run, status string) {
	id := Form
	if s := r.step(); s != nil {
		id = s.ID
	}
	p.before(r, place(id, r.item))
	p.mark(id, r.item).status = status
	r.asked = nil
	then := r.then
	if then == 0 {
		then = r.at + 1
	}
	if p.askAgain(r, then) {
		return
	}
	if then < len(r.list) {
		r.then = 0
		p.goTo(r, then, nil)
		return
	}
	r.over, r.last = true, p.closing
	if r.in == nil {
		p.end(p.normal())
		return
	}
	p.join(r.in)
}

// join goes on behind a step with runs below it, once these are over.
func (p *play) join(r *run) {
	s := r.step()
	again := p.mark(s.ID, r.item).status == "voided"
	for _, child := range r.below {
		switch {
		case child.over:
		case !s.First || again:
			return
		default:
			p.closing = nil // others were closed
			p.closes(p.open(child))
			p.leave(child)
			p.lose(child.list, child.item)
		}
	}
	if lists := p.void(s, r.item); len(lists) > 0 {
		p.before(r, place(s.ID, r.item))
		p.askIn(r, lists)
		return
	}
	if s.Kind == Stage && !again {
		p.closing = nil // that a stage is over is known
	}
	p.leaveStep(r, "done")
}

// normal is how a case ends that has come through its list.
func (p *play) normal() string {
	if slices.ContainsFunc(p.chain.Steps, func(s *Step) bool { return s.Kind == Approve }) {
		return "approved"
	}
	return "done"
}

func (p *play) end(outcome string) {
	p.stands()
	p.outcome, p.todo = outcome, nil
	for _, m := range p.marks {
		if m.status == "open" {
			m.status = "left"
		}
	}
}

// leave ends a run and all below it.
func (p *play) leave(r *run) {
	p.before(r, p.standsAt(r))
	r.gone = true
	if !r.over {
		p.leavePlace(r)
	}
	for _, child := range r.below {
		p.leave(child)
	}
}

// leavePlace leaves the step where a run stands.
func (p *play) leavePlace(r *run) {
	m := p.marks[p.standsAt(r)]
	if m != nil && (m.status == "open" || m.status == "voided" && len(r.step().Lists) > 0) {
		m.status = "left"
	}
}

func (p *play) standsAt(r *run) string {
	switch s := r.step(); {
	case s != nil:
		return place(s.ID, r.item)
	case r == p.root:
		return Form
	}
	return ""
}

// goBack goes back to a step of a run's list: all from there on is over, and runs again. With items, of the each that it goes to only these; inside a stage
// or a choice, only from a step in it on.
func (p *play) goBack(r *run, at int, items []string, inside []int) {
	p.before(r, p.standsAt(r))
	for i, s := range r.list {
		switch {
		case i == at && inside != nil:
			p.beforeMark(place(s.ID, r.item))
			p.undoneFrom(s.only(), r.item, inside)
		case i == at:
			p.undone(s, r.item, items)
		case i > at:
			p.undone(s, r.item, nil)
		}
	}
	p.leavePlace(r)
	for _, child := range r.below {
		p.leave(child)
	}
	r.below, r.asked, r.then = nil, nil, 0
	if inside == nil {
		p.goTo(r, at, items)
		return
	}
	p.closing = nil
	p.todo = append(p.todo, func() {
		if !r.gone {
			p.enterInside(r, at, inside)
		}
	})
}

// undoneFrom says of a step in a list, and of all behind it, that it counts no more.
func (p *play) undoneFrom(list []*Step, item string, from []int) {
	for i, s := range list {
		switch {
		case i == from[0] && len(from) > 1:
			p.undoneFrom(s.only(), item, from[1:])
		case i >= from[0]:
			p.undone(s, item, nil)
		}
	}
}

// undone says of a step and all in it that it counts no more; with items, of what is in it only these.
func (p *play) undone(s *Step, outer string, items []string) {
	for key, m := range p.marks {
		if id, item, _ := strings.Cut(key, "@"); id == s.ID && (m.status == "done" || m.status == "voided") && inside(item, outer) {
			p.beforeMark(key)
			m.status = "left"
		}
	}
	for _, list := range s.Lists {
		for _, inner := range list {
			if items == nil {
				p.undone(inner, outer, nil)
			}
			for _, item := range items {
				p.undone(inner, strings.TrimPrefix(outer+"/"+item, "/"), nil)
			}
		}
	}
}

func inside(item, outer string) bool {
	return outer == "" || item == outer || strings.HasPrefix(item, outer+"/")
}

// picture draws where the case stands.
func (p *play) picture(refused bool) Picture {
	out := Picture{Refused: refused, Outcome: p.outcome, Saw: p.saw}
	for key, m := range p.marks {
		out.Steps = append(out.Steps, fmt.Sprintf("%s %s %d", key, m.status, m.round))
	}
	if p.outcome == "" {
		for _, o := range p.open(p.root) {
			p.drawRound(o, &out)
		}
	}
	for _, list := range [][]string{out.Steps, out.Tasks, out.Votes, out.Later} {
		slices.Sort(list)
	}
	return out
}

func (p *play) drawRound(o *round, out *Picture) {
	at := place(o.step.ID, o.run.item)
	for _, s := range o.line {
		switch {
		case s.since == 0:
			out.Later = append(out.Later, at+" "+s.who)
		case s.vote != "":
			out.Votes = append(out.Votes, at+" "+s.who+" "+s.vote+" by "+s.by)
		case len(o.waitsFor(s)) > 0:
			out.Tasks = append(out.Tasks, at+" "+s.name()+" waits")
		default:
			out.Tasks = append(out.Tasks, at+" "+s.name())
		}
	}
}

// open are the rounds that are open, of a run and all below it.
func (p *play) open(r *run) []*round {
	if r.over {
		return nil
	}
	var out []*round
	if r.asked != nil {
		out = append(out, r.asked)
	}
	for _, child := range r.below {
		out = append(out, p.open(child)...)
	}
	return out
}

// kept are the decided rounds with which a branch has ended that still waits for others.
func (p *play) kept(r *run) []*round {
	if r.over {
		if r.last != nil {
			return []*round{r.last}
		}
		return nil
	}
	var out []*round
	for _, child := range r.below {
		out = append(out, p.kept(child)...)
	}
	return out
}
