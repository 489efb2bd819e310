package engine

import (
	"slices"
	"strings"

	"github.com/crmflow/crmflow/process"
)

// Needs gives what of a process this software understands, checks and plays in scenarios, and can't carry out yet: each word that needs more than it has, at its
// place. A process that needs any of it isn't published. The reason for the line stands in docs/decisions/0010.
func Needs(p *process.Process) []process.Problem {
	n := &needs{p: p}
	for _, by := range everybody(p) {
		n.by(by)
	}
	return n.found
}

type needs struct {
	p     *process.Process
	found []process.Problem
}

// lacks says that a word isn't carried out yet.
func (n *needs) lacks(at process.Position, word, zh, en string) {
	n.found = append(n.found, process.Problem{Position: at, Message: process.Text{
		ZH: "`" + word + "` 能读懂，也能用 `definitions test` 测试，但本版本的服务器还不能运行：" + zh,
		EN: "`" + word + "` is understood and tested by `definitions test`, but this version's server can't run it yet: " + en,
	}})
}

func (n *needs) by(by process.By) {
	switch {
	case by.Kind == process.ByOutside:
		n.lacks(by.At, "outside", "还没有给外部人员的确认页面", "there is no page on which people without an account answer")
	}
}

// everybody gives every `by` of a process, wherever it stands.
func everybody(p *process.Process) []process.By {
	var all []process.By
	add := func(list ...process.By) {
		for _, by := range list {
			all = append(all, by)
			all = append(all, by.From...)
			if by.StandsIn != nil {
				all = append(all, *by.StandsIn)
			}
		}
	}
	one := func(by *process.By) {
		if by != nil {
			add(*by)
		}
	}
	late := func(ladder []process.Rung) {
		for _, rung := range ladder {
			add(rung.Tell...)
			add(rung.Add...)
			one(rung.Transfer)
		}
	}
	copies := func(list []process.Copy) {
		for _, c := range list {
			add(c.To...)
		}
	}
	one(p.Start.As)
	copies(p.Copy)
	if p.Revoke != nil {
		add(p.Revoke.By...)
		add(p.Revoke.ApprovedBy...)
	}
	for _, c := range p.Clocks {
		late(c.Late)
	}
	for _, s := range p.AllSteps() {
		late(s.Time.Late)
		copies(s.Copy)
		if told, ok := s.Do.(process.Notify); ok {
			add(told.To...)
		}
		if s.Who == nil {
			continue
		}
		add(s.Who.Seats...)
		one(s.Who.IfNone.To)
		one(s.Who.IfInitiator.To)
		if s.Who.Votes != nil {
			add(s.Who.Votes.Veto...)
			for _, w := range s.Who.Votes.Weights {
				add(w.Who)
			}
		}
	}
	return all
}

// cannotRun are the words of the files that are published that this software can't carry out.
func (p *publication) cannotRun(loaded *process.Library) []process.Problem {
	var found []process.Problem
	for _, d := range p.new {
		if chain := loaded.Processes[d.ID]; d.Kind == kindProcess && chain != nil {
			found = append(found, p.shown(append(Needs(chain), p.e.UnknownSystems(chain)...))...)
		}
	}
	return found
}

// shown gives problems, each once, with the lines they stand on.
func (p *publication) shown(problems []process.Problem) []process.Problem {
	var out []process.Problem
	for _, problem := range problems {
		if slices.ContainsFunc(out, func(o process.Problem) bool { return o.Position == problem.Position && o.Message == problem.Message }) {
			continue // the ladder of the head stands at every step
		}
		for _, f := range p.files {
			lines := strings.Split(strings.TrimPrefix(f.Content, "\uFEFF"), "\n")
			if f.Path == problem.File && problem.Line >= 1 && problem.Line <= len(lines) {
				problem.Source = strings.TrimSuffix(lines[problem.Line-1], "\r")
			}
		}
		out = append(out, problem)
	}
	return out
}
